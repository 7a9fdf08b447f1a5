"""The methods on virtual numbers: what is on offer, orders, and the account's own numbers."""

from __future__ import annotations

from typing import Any

from zadarma.account_calls import flag, text
from zadarma.calling import Calling, on_off, one_zero, parsed, parsed_list, parsed_listing, part
from zadarma.types import (
    AvailableNumber,
    CheckingWrongs,
    Country,
    Direction,
    Listing,
    Number,
    Ordered,
    Prolonged,
)


class NumberCalls(Calling):
    """Every method raises Unavailable, Refused or BadCredentials; ValueError or TypeError for what cannot be sent.

    `number` is digits; `number_type` is the `type` the number list gives it (`common`, `order`). `user_id` is a
    reseller's sub-user. Methods that change something send their request at most once.
    """

    def countries(self, language: str | None = None) -> list[Country]:
        """Countries with numbers on offer, named in `language`. GET /v1/direct_numbers/countries/"""
        path = "/v1/direct_numbers/countries/"
        return parsed_list(Country, self._get(path, {"language": language}).get("info"), path)

    def directions(
        self, country: str, language: str | None = None, direction_id: str | None = None
    ) -> Listing[Direction]:
        """The directions of `country` (ISO alpha-2), or the one with `direction_id`. GET /v1/direct_numbers/country/"""
        path = "/v1/direct_numbers/country/"
        params = {"country": country, "language": language, "direction_id": direction_id}
        return parsed_listing(Direction, self._get(path, params).get("info"), path)

    def available_numbers(self, direction_id: str, mask: str | None = None) -> list[AvailableNumber]:
        """Numbers that can be ordered now in a direction (its id, or the word `ru495`), those matching `mask` (digits).

        Empty where the operator assigns the number. GET /v1/direct_numbers/available/<DIRECTION_ID>/
        """
        path = "/v1/direct_numbers/available/{}/"
        return parsed_list(AvailableNumber, self._get(path, {"mask": mask}, segment=direction_id).get("numbers"), path)

    def order(
        self,
        *,
        direction_id: str,
        documents_group_id: str,
        number_id: str | None = None,
        purpose: str | None = None,
        receive_sms: bool | None = None,
        period: str | None = None,
        autorenew_period: str | None = None,
        user_id: str | None = None,
    ) -> Ordered:
        """Order a number: the one with `number_id` of `available_numbers`, otherwise one the operator assigns. Costs
        money.

        `documents_group_id` "0" is the account holder's own. `period` is prepaid: `month` or `3month`;
        `autorenew_period`: `month` or `year`, and changes the fee. POST /v1/direct_numbers/order/
        """
        path = "/v1/direct_numbers/order/"
        params = {
            "direction_id": direction_id,
            "documents_group_id": documents_group_id,
            "number_id": number_id,
            "purpose": purpose,
            "receive_sms": one_zero(receive_sms),
            "period": period,
            "autorenew_period": autorenew_period,
            "user_id": user_id,
        }
        return parsed(Ordered, self._change("POST", path, params), path)

    def prolong(self, *, number: str, months: int, user_id: str | None = None) -> Prolonged:
        """Pay a number for `months` more. Costs money. POST /v1/direct_numbers/prolong/

        The account's zone is asked for first where it is not known; if that fails, nothing was sent.
        """
        path = "/v1/direct_numbers/prolong/"
        zone = self._zone_before_change()
        answer = self._change("POST", path, {"number": number, "months": months, "user_id": user_id})
        return parsed(Prolonged, answer, path, zone)

    def numbers(self) -> Listing[Number]:
        """Every number of the account. GET /v1/direct_numbers/"""
        path = "/v1/direct_numbers/"
        zone = self._zone()
        return parsed_listing(Number, self._get(path).get("info"), path, zone)

    def number(self, number: str, number_type: str) -> Number:
        """One number of the account. GET /v1/direct_numbers/number/"""
        path = "/v1/direct_numbers/number/"
        zone = self._zone()
        answer = self._get(path, {"number": number, "type": number_type})
        return parsed(Number, part(answer, "info", path), path, zone)

    def autoprolongation(self, number: str, number_type: str) -> bool:
        """Whether a number renews itself. GET /v1/direct_numbers/autoprolongation/"""
        path = "/v1/direct_numbers/autoprolongation/"
        return flag(self._get(path, {"number": number, "type": number_type}), "autoprolongation", path)

    def set_autoprolongation(self, *, number: str, number_type: str, on: bool) -> bool:
        """Let a number renew itself or not; the API's state of it after. PUT /v1/direct_numbers/autoprolongation/"""
        path = "/v1/direct_numbers/autoprolongation/"
        params = {"number": number, "type": number_type, "value": on_off(on)}
        return flag(self._change("PUT", path, params), "autoprolongation", path)

    def set_caller_name(self, *, number: str, number_type: str, caller_name: str) -> str:
        """Set the name shown to those called (Latin letters and digits, up to 30; empty clears); the name after.

        PUT /v1/direct_numbers/set_caller_name/
        """
        path = "/v1/direct_numbers/set_caller_name/"
        params = {"number": number, "type": number_type, "caller_name": caller_name}
        return text(self._change("PUT", path, params), "caller_name", path)

    def set_sip_id(self, *, number: str, number_type: str, sip_id: str, test_mode: bool | None = None) -> str:
        """Route a number to a SIP login (digits) or a server (`1234567890@myserver.com`); the route after.

        PUT /v1/direct_numbers/set_sip_id/
        """
        path = "/v1/direct_numbers/set_sip_id/"
        params = {"number": number, "type": number_type, "sip_id": sip_id, "test_mode": on_off(test_mode)}
        return text(self._change("PUT", path, params), "sip_id", path)

    def set_receive_sms(
        self, *, number: str, on: bool, documents_group_id: str | None = None, user_id: str | None = None
    ) -> bool:
        """Let a number take SMS or not; the API's state of it after. PUT /v1/direct_numbers/receive_sms/"""
        path = "/v1/direct_numbers/receive_sms/"
        params = {"number": number, "value": on_off(on), "documents_group_id": documents_group_id, "user_id": user_id}
        return flag(self._change("PUT", path, params), "receive_sms", path)

    def incoming_channels(
        self,
        *,
        number: str | None = None,
        direction_id: str | None = None,
        currency: str | None = None,
        user_id: str | None = None,
    ) -> dict[str, Any]:
        """What the API says of more incoming channels for a number or a direction (one of them), costs in `currency`.

        Undocumented beyond its status: the answer as it came, without that. GET /v1/direct_numbers/incoming_channels/
        """
        params = {"number": number, "direction_id": direction_id, "currency": currency, "user_id": user_id}
        return _without_status(self._get("/v1/direct_numbers/incoming_channels/", params))

    def set_incoming_channels(
        self, *, number: str, channels: int, currency: str | None = None, user_id: str | None = None
    ) -> dict[str, Any]:
        """Set how many calls a number takes at once. May cost money. The answer as it came, without its status.

        PUT /v1/direct_numbers/incoming_channels/
        """
        params = {"number": number, "channels": str(channels), "currency": currency, "user_id": user_id}
        return _without_status(self._change("PUT", "/v1/direct_numbers/incoming_channels/", params))

    def checking_wrongs(self, group_id: str) -> CheckingWrongs:
        """What the operator's check found wrong with a document group. GET /v1/direct_numbers/checking-wrongs/"""
        path = "/v1/direct_numbers/checking-wrongs/"
        info = part(self._get(path, {"group_id": group_id}), "info", path)
        document, address = (info.get(name) or {} for name in ("wrong_document", "wrong_address"))
        document, address = (found if isinstance(found, dict) else {"message": found} for found in (document, address))
        wrongs = {
            "document_type": document.get("document_type"),
            "document_message": document.get("message"),
            "address_message": address.get("message"),
        }
        return parsed(CheckingWrongs, wrongs, path)


def _without_status(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "status"}
