"""Which function answers which path and verb. Paths are the manual's; a final slash may be left out."""

from __future__ import annotations

import re

from . import methods_account, methods_catalog, methods_documents, methods_numbers, methods_orders
from .calls import Method
from .messages import Refused

TABLE: tuple[tuple[str, str, Method], ...] = (
    ("GET", "/v1/info/balance", methods_account.balance),
    ("GET", "/v1/info/timezone", methods_account.timezone),
    ("GET", "/v1/info/lists/languages", methods_account.languages),
    ("GET", "/v1/sip", methods_account.sips),
    ("GET", "/v1/sip/<>/status", methods_account.sip_status),
    ("GET", "/v1/pbx/webhooks", methods_account.webhooks),
    ("POST", "/v1/pbx/webhooks/url", methods_account.set_webhook_url),
    ("DELETE", "/v1/pbx/webhooks/url", methods_account.delete_webhook_url),
    ("POST", "/v1/pbx/webhooks/hooks", methods_account.set_webhooks),
    ("GET", "/v1/direct_numbers/countries", methods_catalog.countries),
    ("GET", "/v1/direct_numbers/country", methods_catalog.country),
    ("GET", "/v1/direct_numbers/available/<>", methods_catalog.available),
    ("POST", "/v1/direct_numbers/order", methods_orders.order),
    ("POST", "/v1/direct_numbers/prolong", methods_orders.prolong),
    ("GET", "/v1/direct_numbers", methods_numbers.numbers),
    ("GET", "/v1/direct_numbers/number", methods_numbers.number),
    ("GET", "/v1/direct_numbers/autoprolongation", methods_numbers.autoprolongation),
    ("PUT", "/v1/direct_numbers/autoprolongation", methods_numbers.set_autoprolongation),
    ("PUT", "/v1/direct_numbers/set_caller_name", methods_numbers.set_caller_name),
    ("PUT", "/v1/direct_numbers/set_sip_id", methods_numbers.set_sip_id),
    ("PUT", "/v1/direct_numbers/receive_sms", methods_numbers.set_receive_sms),
    ("GET", "/v1/direct_numbers/incoming_channels", methods_orders.incoming_channels),
    ("PUT", "/v1/direct_numbers/incoming_channels", methods_orders.set_incoming_channels),
    ("GET", "/v1/direct_numbers/checking-wrongs", methods_documents.checking_wrongs),
    ("GET", "/v1/documents/groups/list", methods_documents.groups),
    ("GET", "/v1/documents/groups/get/<>", methods_documents.group),
    ("POST", "/v1/documents/groups/create", methods_documents.create_group),
    ("PUT", "/v1/documents/groups/update/<>", methods_documents.update_group),
    ("GET", "/v1/documents/groups/valid/<>", methods_documents.valid),
    ("POST", "/v1/documents/upload", methods_documents.upload),
    ("GET", "/v1/documents/files", methods_documents.files),
)

_ROUTES = tuple((verb, re.compile(path.replace("<>", "([^/]+)") + "/?"), function) for verb, path, function in TABLE)


def find(verb: str, path: str) -> tuple[Method, tuple[str, ...]]:
    """The method for a verb and path, and the words that stand in the path. Refused with 404 or 405."""
    is_known = False
    for route_verb, pattern, function in _ROUTES:
        match = pattern.fullmatch(path)
        if match is not None:
            if route_verb == verb:
                return function, match.groups()
            is_known = True
    if is_known:
        raise Refused("verb", 405, verb=verb)
    raise Refused("path", 404)
