"""The methods on the account: balance, clock, languages, SIP logins, webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zadarma.calling import Calling, parsed, unreadable
from zadarma.fields import read_bool, read_plain_text
from zadarma.types import AccountTime, Balance, SipLogins, Webhooks


class AccountCalls(Calling):
    """Every method raises Unavailable, Refused or BadCredentials; ValueError or TypeError for what cannot be sent."""

    def balance(self) -> Balance:
        """The account's balance, in its currency. GET /v1/info/balance/"""
        path = "/v1/info/balance/"
        return parsed(Balance, self._get(path), path)

    def timezone(self) -> AccountTime:
        """The account's clock and the name of its zone. GET /v1/info/timezone/"""
        path = "/v1/info/timezone/"
        return parsed(AccountTime, self._get(path), path)

    def languages(self) -> list[str]:
        """Language codes that the API knows (`en`, `de`; Ukrainian is `ua`). GET /v1/info/lists/languages/"""
        path = "/v1/info/lists/languages/"
        codes = self._get(path).get("languages")
        if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
            raise unreadable("the answer has no list of languages", path)
        return codes

    def sip_logins(self) -> SipLogins:
        """The account's SIP logins, and how many more it may create. GET /v1/sip/"""
        path = "/v1/sip/"
        return parsed(SipLogins, self._get(path), path)

    def sip_online(self, sip: str) -> bool:
        """Whether a SIP login (its digits) is registered now. GET /v1/sip/<SIP>/status/"""
        path = "/v1/sip/{}/status/"
        return flag(self._get(path, segment=sip), "is_online", path)

    def webhooks(self) -> Webhooks:
        """Where the API reports events, and which kinds are on. GET /v1/pbx/webhooks/"""
        path = "/v1/pbx/webhooks/"
        return parsed(Webhooks, self._get(path), path)

    def set_webhook_url(self, url: str) -> str:
        """Set where events are reported (`url`); the URL as the API has it then. POST /v1/pbx/webhooks/url/"""
        path = "/v1/pbx/webhooks/url/"
        return parsed(Webhooks, self._change("POST", path, {"url": url}), path).url

    def delete_webhook_url(self) -> None:
        """Stop reporting. DELETE /v1/pbx/webhooks/url/"""
        self._change("DELETE", "/v1/pbx/webhooks/url/")

    def set_webhook_hooks(self, hooks: Mapping[str, bool]) -> dict[str, bool]:
        """Turn kinds of event on and off (`{"sms": True}`; kinds not named stay); the API's state of them after.

        POST /v1/pbx/webhooks/hooks/
        """
        path = "/v1/pbx/webhooks/hooks/"
        params = {name: "true" if on else "false" for name, on in hooks.items()}
        return parsed(Webhooks, self._change("POST", path, params), path).hooks


def flag(answer: dict[str, Any], name: str, path: str) -> bool:
    """The boolean `name` of an answer. Raises Unavailable when there is none."""
    try:
        return read_bool(answer.get(name))
    except ValueError:
        pass
    raise unreadable(f"the answer has no boolean '{name}'", path)


def text(answer: dict[str, Any], name: str, path: str) -> str:
    """The text `name` of an answer, null being empty. Raises Unavailable when it is missing or something else."""
    try:
        if name in answer:
            return read_plain_text(answer[name])
    except ValueError:
        pass
    raise unreadable(f"the answer has no text '{name}'", path)
