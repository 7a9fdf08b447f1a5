"""Document groups, uploads, validity and what is found wrong."""

from __future__ import annotations

import pytest
import requests

from tests.simulator.api import GROUP, Api, authorization
from tests.support.simulator import SimulatorProcess

CREATE = ("POST", "/v1/documents/groups/create/")


def validity(api: Api, group: int, direction_id: int) -> tuple[bool, ...]:
    """Information, uploaded, verified, address."""
    body = api.ok("GET", f"/v1/documents/groups/valid/{group}/", direction_id=direction_id)
    names = ("is_information_match", "is_documents_uploaded", "is_documents_verified", "is_address_match")
    return tuple(body[name] == "true" for name in names)


def test_a_group_is_created_read_and_changed(sim: SimulatorProcess, api: Api) -> None:
    created = api.ok(*CREATE, **GROUP, middle_name="Maria")["group"]
    assert created["id"] == 1001
    assert {name: created[name] for name in GROUP} == GROUP
    assert (created["middle_name"], created["organization"], created["is_readonly"]) == ("Maria", None, False)
    changed = api.ok("PUT", "/v1/documents/groups/update/1001/", **{**GROUP, "city": "Köln"})["group"]
    assert (changed["city"], changed["middle_name"]) == ("Köln", "Maria")
    assert api.ok("GET", "/v1/documents/groups/get/1001/")["group"] == changed
    assert api.create_group() == 1002
    assert [(entry["kind"], entry["group_id"]) for entry in sim.ledger()] == [
        ("group_create", 1001),
        ("group_update", 1001),
        ("group_create", 1002),
    ]


def test_incomplete_or_invalid_groups_are_refused(sim: SimulatorProcess, api: Api) -> None:
    for name in GROUP:
        assert name in api.refused(*CREATE, **{key: value for key, value in GROUP.items() if key != name})
        api.refused(*CREATE, **{**GROUP, name: " "})
    for wrong in (
        {"salutation": "DR"},
        {"country": "Germany"},
        {"email": "nobody"},
        {"type_of_id": "LIBRARY_CARD"},
        {"issuing_date": "1.2.2020"},
        {"direction_id": 4102},  # wants an Austrian address
        {"direction_id": 3753},  # wants a company
        {"direction_id": 1},
    ):
        api.refused(*CREATE, **{**GROUP, **wrong})
    assert sim.ledger() == []


def test_the_main_group_is_read_only_and_unknown_ones_are_refused(api: Api) -> None:
    assert api.ok("GET", "/v1/documents/groups/get/0/")["group"]["is_readonly"] is True
    api.refused("PUT", "/v1/documents/groups/update/0/", **GROUP)
    api.refused("PUT", "/v1/documents/groups/update/44/", **GROUP)
    api.refused("GET", "/v1/documents/groups/get/44/")
    api.refused("GET", "/v1/documents/groups/get/main/")


def test_validity_follows_upload_verification_rejection_and_address(sim: SimulatorProcess, api: Api) -> None:
    group = api.create_group()
    assert validity(api, group, 13755) == (True, True, True, True)  # nothing wanted
    assert validity(api, group, 3760) == (True, False, False, True)  # passport and receipt, in Germany
    assert validity(api, group, 4102) == (True, False, False, False)  # in Austria
    assert validity(api, group, 3753) == (False, False, False, True)  # a company
    api.upload(group, "passport")
    assert validity(api, group, 3760) == (True, False, False, True)
    api.upload(group, "receipt")
    assert validity(api, group, 3760) == (True, True, False, True)
    sim.verify(group, "passport")
    assert validity(api, group, 3760) == (True, True, False, True)
    sim.verify(group, "receipt")
    assert validity(api, group, 3760) == (True, True, True, True)
    sim.reject(group, "receipt", "Older than three months")
    assert validity(api, group, 3760) == (True, False, False, True)
    sim.reject(group, "address", "There is no such street")
    assert validity(api, group, 3760) == (True, False, False, False)


def test_uploads_are_listed_and_what_is_wrong_is_told(sim: SimulatorProcess, api: Api) -> None:
    group = api.create_group()
    wrongs = ("GET", "/v1/direct_numbers/checking-wrongs/")
    assert api.ok(*wrongs, group_id=group)["info"] == {"wrong_document": [], "wrong_address": []}
    answer = api.upload(group, "passport", "Reisepass Müller.pdf")
    assert answer["doc_name"] == "Reisepass Müller.pdf"
    assert "Müller" in answer["message"]
    (file,) = api.ok("GET", "/v1/documents/files/", group_id=group)["documents"]
    assert file == {"type": "passport", "is_verified": "false", "source": "upload", "name": "Reisepass Müller.pdf"}
    sim.reject(group, "passport", "Expired")
    sim.reject(group, "address", "No such house")
    assert api.ok(*wrongs, group_id=group)["info"] == {
        "wrong_document": {"document_type": "passport", "message": "Expired"},
        "wrong_address": {"message": "No such house"},
    }
    api.upload(group, "passport")
    sim.verify(group, "address")
    assert api.ok(*wrongs, group_id=group)["info"] == {"wrong_document": [], "wrong_address": []}
    assert [entry["document_type"] for entry in sim.ledger("upload")] == ["passport", "passport"]


def test_the_size_of_an_upload_arrives_whole(sim: SimulatorProcess, api: Api) -> None:
    content = bytes(range(256)) * 4096 + b"\r\n--not-the-boundary\r\n\r\n"
    files = {"file": ("big.bin", content, "application/octet-stream")}
    api.ok("POST", "/v1/documents/upload/", files=files, group_id=0, document_type="receipt")
    assert sim.ledger("upload")[0]["size"] == len(content)
    assert api.ok("GET", "/v1/documents/files/")["documents"][-1]["name"] == "big.bin"


def test_a_body_in_chunks_is_read_whole(sim: SimulatorProcess, api: Api) -> None:
    """A client that streams a file does not say its length beforehand."""
    path, fields = "/v1/documents/upload/", {"group_id": "0", "document_type": "receipt", "format": "json"}
    parts = [f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields.items()]
    parts.append(b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n')
    parts += [b"x" * 70_000, b"y" * 30_000, b"\r\n--b--\r\n"]
    headers = {
        "Authorization": authorization(path, fields, sim.key, sim.secret),
        "Content-Type": "multipart/form-data; boundary=b",
    }
    assert requests.post(sim.url + path, data=iter(parts), headers=headers, timeout=10).json()["doc_name"] == "a.pdf"
    assert sim.ledger("upload")[0]["size"] == 100_000
    assert api.balance() == 100


def test_uploads_that_are_refused(sim: SimulatorProcess, api: Api) -> None:
    path = ("POST", "/v1/documents/upload/")
    some = {"file": ("a.pdf", b"%PDF", "application/pdf")}
    api.refused(*path, files=some, group_id=0, document_type="diary")
    api.refused(*path, files=some, group_id=9, document_type="passport")
    api.refused(*path, files=some, document_type="passport")
    api.refused(*path, files={"file": ("a.pdf", b"")}, group_id=0, document_type="passport")
    api.refused(*path, files={"scan": ("a.pdf", b"x")}, group_id=0, document_type="passport")
    api.refused(*path, group_id=0, document_type="passport")
    assert sim.ledger() == []


def test_a_verdict_needs_a_document(sim: SimulatorProcess, api: Api) -> None:
    with pytest.raises(ValueError, match="document_type"):
        sim.verify(api.create_group(), "passport")
    with pytest.raises(ValueError, match="group_id"):
        sim.verify(4711, "passport")


def test_an_update_with_a_fitting_address_frees_a_rejected_one(sim: SimulatorProcess, api: Api) -> None:
    group = api.create_group()
    sim.reject(group, "address", "No such house")
    assert validity(api, group, 3759)[3] is False
    api.ok("PUT", f"/v1/documents/groups/update/{group}/", **{**GROUP, "building_number": "14"})
    assert validity(api, group, 3759)[3] is True
