"""The signature: the vectors the official clients agree on, and that what is sent is what was signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from email.parser import BytesParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.zadarma.conftest import KEY, SECRET
from tests.zadarma.servers import Seen, Server, answer
from zadarma import Client
from zadarma.signing import authorization, encode_query

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
GROUP = {"status": "success", "group": {"id": 7}}


def signed(seen: Seen, query: str) -> str:
    """The header that the API would compute for a request as it arrived."""
    digest = hmac.new(
        SECRET.encode(), (seen.path + query + hashlib.md5(query.encode()).hexdigest()).encode(), hashlib.sha1
    ).hexdigest()
    return f"{KEY}:{base64.b64encode(digest.encode()).decode()}"


def test_every_vector_of_the_official_clients(vendor: Path) -> None:
    vectors = json.loads((vendor / "signature_vectors.json").read_text())
    wrong = [
        vector["id"]
        for vector in vectors
        if encode_query(vector["params"]) != vector["signed_query"]
        or authorization(vector["path"], vector["params"], vector["key"], vector["secret"]) != vector["expected"]
    ]
    assert len(vectors) == 22
    assert wrong == []


@pytest.mark.parametrize(
    ("character", "encoded"), [("~", "%7E"), ("*", "%2A"), (" ", "+"), ("+", "%2B"), ("é", "%C3%A9")]
)
def test_characters_are_encoded_as_php_does(character: str, encoded: str) -> None:
    assert encode_query({"a": character}) == f"a={encoded}&format=json"


@pytest.mark.parametrize("value", [True, None, 1.5, ["a"]])
def test_only_text_and_whole_numbers_can_be_sent(value: object) -> None:
    with pytest.raises(TypeError, match="parameter a "):
        encode_query({"a": value})  # type: ignore[dict-item]


def test_text_that_utf8_cannot_hold_is_refused_without_showing_it() -> None:
    with pytest.raises(ValueError, match="parameter city is not valid Unicode") as failed:
        encode_query({"city": "secret place \ud800"})
    assert failed.value.__context__ is None


@pytest.fixture(scope="module")
def wire() -> Iterator[tuple[Client, Server]]:
    with Server(answer(GROUP | {"info": [], "numbers": []})) as server, Client(server.url, KEY, SECRET) as client:
        yield client, server


@settings(max_examples=120, deadline=None)
@given(city=TEXT, address=TEXT)
def test_what_is_sent_in_a_body_is_what_was_signed(wire: tuple[Client, Server], city: str, address: str) -> None:
    client, server = wire
    client.update_document_group("7", {"city": city, "address": address})
    seen = server.seen[-1]
    assert seen.headers["authorization"] == signed(seen, seen.query)
    assert seen.params == {"address": address, "city": city, "format": "json"}


@settings(max_examples=120, deadline=None)
@given(mask=TEXT)
def test_what_is_sent_in_a_query_is_what_was_signed(wire: tuple[Client, Server], mask: str) -> None:
    client, server = wire
    client.available_numbers("ru495", mask=mask)
    seen = server.seen[-1]
    assert seen.path == "/v1/direct_numbers/available/ru495/"
    assert seen.headers["authorization"] == signed(seen, seen.query)
    assert seen.params == {"format": "json", "mask": mask}


def test_an_upload_signs_its_fields_and_not_its_file(connect: Callable[..., Client]) -> None:
    with Server(answer({"status": "success", "message": "ok", "doc_name": "pass.jpg"})) as server:
        connect(server.url).upload_document(
            group_id="7",
            document_type="passport",
            content=b"\xff\xd8 picture \r\n--",
            filename='../Ausweis "Müller"\r\n.jpg',
            content_type="image/jpeg",
        )
    seen = server.seen[-1]
    message = BytesParser().parsebytes(
        b"Content-Type: " + seen.headers["content-type"].encode() + b"\r\n\r\n" + seen.body
    )
    parts = {part.get_param("name", header="content-disposition"): part for part in message.get_payload()}
    file = parts.pop("file")
    fields = {name: part.get_payload(decode=True).decode() for name, part in parts.items()}
    assert fields == {"document_type": "passport", "format": "json", "group_id": "7"}
    assert file.get_payload(decode=True) == b"\xff\xd8 picture \r\n--"
    assert file.get_filename() == "Ausweis_Muller_.jpg"
    assert file.get_content_type() == "image/jpeg"
    assert seen.headers["authorization"] == signed(seen, "document_type=passport&format=json&group_id=7")


@pytest.mark.parametrize("sent", ["../order", "1/2", "", "a?b", "ü"])
def test_an_id_in_a_path_cannot_lead_elsewhere(connect: Callable[..., Client], sent: str) -> None:
    with Server(answer(GROUP)) as server:
        with pytest.raises(ValueError, match="an id in a path"):
            connect(server.url).document_group(sent)
        assert server.count == 0
