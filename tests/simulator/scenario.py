"""Every method of the API, called at least once in a way that succeeds."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from tests.simulator.api import GROUP, Api
from tests.simulator.vendor import answer_schema


@dataclass(frozen=True)
class Seen:
    """One answer, with the path as the vendor's description writes it."""

    method: str
    path: str
    body: dict[str, Any]

    def deviations(self) -> set[str]:
        """How the body differs from the description, as ``METHOD path: place: what``."""
        found = set()
        for error in Draft7Validator(answer_schema(self.method, self.path)).iter_errors(self.body):
            place = ".".join("*" if isinstance(step, int) else str(step) for step in error.absolute_path)
            if error.validator == "additionalProperties":
                names = sorted(set(error.instance) - set(error.schema["properties"]))
                found |= {f"{self.method} {self.path}: {place}: has {name}" for name in names}
            else:
                found.add(f"{self.method} {self.path}: {place}: {error.validator}")
        return found


def every_method(api: Api) -> list[Seen]:
    """Call everything on the demonstration account."""
    seen: list[Seen] = []

    def call(method: str, path: str, template: str = "", **params: Any) -> dict[str, Any]:
        body = api.ok(method, path, **params)
        seen.append(Seen(method, (template or path).rstrip("/"), json.loads(api.last.text)))
        return body

    for path in ("info/balance", "info/timezone", "info/lists/languages", "pbx/webhooks", "direct_numbers/countries"):
        call("GET", f"/v1/{path}/")
    for login in call("GET", "/v1/sip/")["sips"]:
        call("GET", f"/v1/sip/{login['id']}/status/", "/v1/sip/{sip}/status")
    call("POST", "/v1/pbx/webhooks/url/", url="https://example.com/hook")
    call("POST", "/v1/pbx/webhooks/hooks/", sms="false", call_tracking="true")
    call("DELETE", "/v1/pbx/webhooks/url/")
    for language in ("en", "de", "pl"):
        for country in call("GET", "/v1/direct_numbers/countries/", language=language)["info"]:
            call("GET", "/v1/direct_numbers/country/", country=country["countryCodeIso"], language=language)
    available = "/v1/direct_numbers/available/{direction_id}"
    offer = call("GET", "/v1/direct_numbers/available/13755/", available)["numbers"][3]
    call("GET", "/v1/direct_numbers/available/ru495/", available, mask="7495")
    _numbers(call, str(offer["id"]))
    _documents(call)
    return seen


def _numbers(call: Any, number_id: str) -> None:
    ordered = call(
        "POST",
        "/v1/direct_numbers/order/",
        direction_id=13755,
        documents_group_id=0,
        number_id=number_id,
        receive_sms=1,
    )["number"]
    for row in call("GET", "/v1/direct_numbers/")["info"]:
        one = {"number": row["number"], "type": row["type"]}
        call("GET", "/v1/direct_numbers/number/", **one)
        call("GET", "/v1/direct_numbers/autoprolongation/", **one)
    one = {"number": ordered, "type": "common"}
    call("PUT", "/v1/direct_numbers/autoprolongation/", **one, value="off")
    call("PUT", "/v1/direct_numbers/set_caller_name/", **one, caller_name="Desk1")
    call("PUT", "/v1/direct_numbers/set_sip_id/", **one, sip_id="1234567890@myserver.com", test_mode="on")
    call("PUT", "/v1/direct_numbers/set_sip_id/", **one, sip_id=call("GET", "/v1/sip/")["sips"][0]["id"])
    call("PUT", "/v1/direct_numbers/receive_sms/", number=ordered, value="on", documents_group_id=0)
    call("POST", "/v1/direct_numbers/prolong/", number=ordered, months=2, user_id=5)
    call("GET", "/v1/direct_numbers/incoming_channels/", number=ordered)
    call("GET", "/v1/direct_numbers/incoming_channels/", direction_id=13755)
    call("PUT", "/v1/direct_numbers/incoming_channels/", number=ordered, channels=3)


def _documents(call: Any) -> None:
    created = call("POST", "/v1/documents/groups/create/", **GROUP, direction_id=3759)["group"]["id"]
    update = f"/v1/documents/groups/update/{created}/"
    call("PUT", update, "/v1/documents/groups/update/{groupid}", **{**GROUP, "city": "Potsdam"})
    files = {"file": ("passport.jpg", b"\xff\xd8 picture", "image/jpeg")}
    call("POST", "/v1/documents/upload/", files=files, group_id=created, document_type="passport", user_id=5)
    for group in call("GET", "/v1/documents/groups/list/", user_id=5)["groups"]:
        call("GET", f"/v1/documents/groups/get/{group['id']}/", "/v1/documents/groups/get/{id}")
        valid = f"/v1/documents/groups/valid/{group['id']}/"
        call("GET", valid, "/v1/documents/groups/valid/{id}", direction_id=3760)
        call("GET", "/v1/documents/files/", group_id=group["id"])
        call("GET", "/v1/direct_numbers/checking-wrongs/", group_id=group["id"])
    call("GET", "/v1/documents/files/")


def shape_of(value: Any) -> Any:
    """The keys and JSON types of an answer, values left out; a list is known by the shapes in it."""
    if isinstance(value, dict):
        return {name: shape_of(part) for name, part in value.items()}
    if isinstance(value, list):
        shapes = [shape_of(part) for part in value]
        return [shape for place, shape in enumerate(shapes) if shape not in shapes[:place]]
    if isinstance(value, str):
        return "date" if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", value) else "text"
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__
