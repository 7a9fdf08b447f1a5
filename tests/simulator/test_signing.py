"""Key and signature: what the official clients send is accepted, anything else is not."""

from __future__ import annotations

import pytest
import requests

from simulator import signing
from tests.simulator.api import Api
from tests.simulator.vendor import signature_vectors
from tests.support.simulator import SimulatorProcess


def test_every_vector_of_the_official_clients_is_accepted() -> None:
    vectors = signature_vectors()
    assert len(vectors) >= 22
    for vector in vectors:
        params = {name: str(value) for name, value in vector["params"].items()} | {"format": "json"}
        given = (vector["path"], list(params.items()), vector["secret"])
        assert signing.is_signed(vector["expected"], *given), vector["id"]
        assert not signing.is_signed(vector["expected"], vector["path"] + "x", *given[1:]), vector["id"]
        assert signing.canonical_query(params.items()) == vector["signed_query"], vector["id"]


def test_vectors_that_name_a_method_pass_over_http() -> None:
    """The very headers of the official clients, not of this project's signer, reach the method."""
    reached = 0
    vectors = signature_vectors()
    with SimulatorProcess(key=vectors[0]["key"], secret=vectors[0]["secret"]) as sim:
        for vector in vectors:
            where = {"params": vector["signed_query"]} if vector["http"] == "GET" else {"data": vector["signed_query"]}
            headers = {"Authorization": vector["expected"], "Content-Type": "application/x-www-form-urlencoded"}
            answer = requests.request(vector["http"], sim.url + vector["path"], headers=headers, timeout=10, **where)
            assert answer.status_code in (200, 400, 404), vector["id"]  # anything but 401
            reached += answer.status_code == 200
    assert reached >= 3


@pytest.mark.parametrize("path", ["/v1/info/balance/", "/v1/info/balance"])
def test_the_path_is_signed_as_requested(api: Api, path: str) -> None:
    assert api.ok("GET", path)["balance"] == 100


@pytest.mark.parametrize("value", ["a~b*c", "two words", "Zürich+ё", "100% & more = 1", "", "a\r\nb"])
def test_awkward_values_are_signed_and_understood(api: Api, value: str) -> None:
    if value:
        api.create_group(organization=value)
        assert api.ok("GET", "/v1/documents/groups/list/")["groups"][-1]["organization"] == value
    assert api.ok("GET", "/v1/info/balance/", extra=value)


@pytest.mark.parametrize(
    ("key", "secret"), [("test-key", "wrong"), ("nobody", "test-secret"), ("second-key", "test-secret")]
)
def test_a_wrong_key_or_secret_is_refused(sim: SimulatorProcess, key: str, secret: str) -> None:
    stranger = Api(sim, key, secret)
    assert stranger.refused("GET", "/v1/info/balance/", 401) == "Auth error"
    assert stranger.refused("POST", "/v1/direct_numbers/order/", 401, direction_id=13755, documents_group_id=0)
    assert sim.ledger() == []


def test_no_header_or_a_changed_parameter_is_refused(sim: SimulatorProcess, api: Api) -> None:
    assert requests.get(f"{sim.url}/v1/info/balance/", timeout=10).status_code == 401
    api.ok("GET", "/v1/direct_numbers/country/", country="DE")
    signed_for_germany = {"Authorization": api.last.request.headers["Authorization"]}
    url = f"{sim.url}/v1/direct_numbers/country/?country=AT&format=json"
    assert requests.get(url, headers=signed_for_germany, timeout=10).status_code == 401


def test_the_log_shows_the_key_and_never_secret_or_signature(sim: SimulatorProcess, api: Api) -> None:
    api.ok("GET", "/v1/info/balance/")
    entry = sim.requests("balance")[0]
    assert entry["key"] == "test-key"
    assert entry["status"] == 200
    assert entry["params"] == {"format": "json"}
    signature = str(api.last.request.headers["Authorization"]).partition(":")[2]
    assert signature not in str(sim.requests())
    assert "test-secret" not in str(sim.requests())
