"""Methods about the account itself: balance, time zone, SIP logins, webhooks."""

from __future__ import annotations

from urllib.parse import urlsplit

from . import shapes
from .calendar_months import stamp
from .calls import Answer, Call
from .catalog import LANGUAGES
from .messages import Refused
from .state import WEBHOOKS
from .world import as_json_number


def balance(call: Call) -> Answer:
    """GET /v1/info/balance/"""
    return {"balance": as_json_number(call.account.balance), "currency": call.account.currency}


def timezone(call: Call) -> Answer:
    """GET /v1/info/timezone/"""
    account = call.account
    return {
        "unixtime": int(call.now.timestamp()),
        "datetime": stamp(call.now, account.zone),
        "timezone": account.timezone,
    }


def languages(call: Call) -> Answer:
    """GET /v1/info/lists/languages/"""
    return {"languages": list(LANGUAGES)}


def sips(call: Call) -> Answer:
    """GET /v1/sip/"""
    rows = [
        {"id": shapes.sip_id(sip, call.is_production), "display_name": sip.display_name, "lines": sip.lines}
        for sip in call.account.sips
    ]
    return {"sips": rows, "left": call.account.sips_left}


def sip_status(call: Call) -> Answer:
    """GET /v1/sip/<SIP>/status/"""
    sip = call.account.sip(call.words[0])
    if sip is None:
        raise Refused("sip")
    return {"sip": shapes.sip_id(sip, call.is_production), "is_online": shapes.yes_no(sip.is_online)}


def webhooks(call: Call) -> Answer:
    """GET /v1/pbx/webhooks/"""
    return {"url": call.account.webhook_url, "hooks": shapes.webhooks(call)}


def set_webhook_url(call: Call) -> Answer:
    """POST /v1/pbx/webhooks/url/"""
    url = call.text("url")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Refused("invalid", name="url")
    return _keep_url(call, url)


def delete_webhook_url(call: Call) -> Answer:
    """DELETE /v1/pbx/webhooks/url/"""
    return _keep_url(call, "")


def _keep_url(call: Call, url: str) -> Answer:
    call.account.webhook_url = url
    call.record("webhook_url", url=url)
    return {"url": url}


def set_webhooks(call: Call) -> Answer:
    """POST /v1/pbx/webhooks/hooks/: those named are switched, the others stay."""
    wanted = {name: call.choice(name, ("true", "false")) == "true" for name in WEBHOOKS if name in call.params}
    call.account.webhooks.update(wanted)
    call.record("webhooks", hooks=wanted)
    return {"hooks": shapes.webhooks(call)}
