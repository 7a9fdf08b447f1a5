"""A caller of the API for these tests, with a signer of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import urlencode

import requests

from tests.support.simulator import SimulatorProcess


def authorization(path: str, params: dict[str, str], key: str, secret: str) -> str:
    """The ``Authorization`` header of a call."""
    query = urlencode(sorted(params.items())).replace("~", "%7E")
    text = f"{path}{query}{hashlib.md5(query.encode()).hexdigest()}"
    digest = hmac.new(secret.encode(), text.encode(), "sha1").hexdigest()
    return f"{key}:{base64.b64encode(digest.encode()).decode()}"


class Api:
    """Signed calls over one connection. ``last`` is the last response."""

    last: requests.Response

    def __init__(self, sim: SimulatorProcess, key: str | None = None, secret: str | None = None) -> None:
        self.sim = sim
        self.key, self.secret = key or sim.key, secret or sim.secret
        self.session = requests.Session()
        self.session.trust_env = False

    def send(
        self, method: str, path: str, /, *, files: Any = None, timeout: Any = 10.0, **params: Any
    ) -> requests.Response:
        """Send one call and return the response, whatever it is."""
        fields = {"format": "json", **{name: str(value) for name, value in params.items()}}
        headers = {"Authorization": authorization(path, fields, self.key, self.secret)}
        where: dict[str, Any] = {"params": fields} if method == "GET" else {"data": fields}
        self.last = self.session.request(
            method, self.sim.url + path, headers=headers, files=files, timeout=timeout, allow_redirects=False, **where
        )
        return self.last

    def ok(self, method: str, path: str, /, **params: Any) -> dict[str, Any]:
        """A call that must succeed: its body."""
        answer = self.send(method, path, **params)
        body: dict[str, Any] = answer.json()
        assert (answer.status_code, body["status"]) == (200, "success"), body
        return body

    def refused(self, method: str, path: str, status: int = 400, /, **params: Any) -> str:
        """A call that must be refused with this status: its message."""
        answer = self.send(method, path, **params)
        body = answer.json()
        assert (answer.status_code, body["status"]) == (status, "error"), body
        assert set(body) == {"status", "message"}
        return str(body["message"])

    # the calls that most tests make

    def order(self, direction_id: int | str, group: int = 0, **more: Any) -> dict[str, Any]:
        return self.ok("POST", "/v1/direct_numbers/order/", direction_id=direction_id, documents_group_id=group, **more)

    def numbers(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ok("GET", "/v1/direct_numbers/")["info"]
        return found

    def number(self, name: str) -> dict[str, Any]:
        """The row of the listing with this number."""
        return next(row for row in self.numbers() if row["number"] == name)

    def balance(self) -> float:
        return float(self.ok("GET", "/v1/info/balance/")["balance"])

    def available(self, direction_id: int | str, **more: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ok("GET", f"/v1/direct_numbers/available/{direction_id}/", **more)["numbers"]
        return found

    def create_group(self, **more: Any) -> int:
        """A group for a person in Berlin unless told otherwise: its id."""
        return int(self.ok("POST", "/v1/documents/groups/create/", **{**GROUP, **more})["group"]["id"])

    def upload(self, group_id: int, document_type: str = "passport", name: str = "scan.pdf") -> dict[str, Any]:
        files = {"file": (name, b"%PDF-1.4\r\n\x00\xff--", "application/pdf")}
        return self.ok("POST", "/v1/documents/upload/", files=files, group_id=group_id, document_type=document_type)


GROUP = {
    "email": "anna@example.com",
    "salutation": "MS",
    "first_name": "Anna",
    "last_name": "Schröder",
    "country": "DE",
    "city": "Berlin",
    "address": "Lindenallee 12, 10115",
    "zip_code": "10115",
    "street": "Lindenallee",
    "building_number": "12",
    "phone": "4930123456",
}
