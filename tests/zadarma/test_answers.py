"""Answers as production recorded them, as the vendor describes them, and as neither promises."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.zadarma.servers import Server, answer, success
from zadarma import Client, Unavailable
from zadarma.types import Direction, DocumentGroup, Number, RequiredUpload

Connect = Callable[..., Client]
Ask = Callable[[Client], Any]
ZONE = timezone(timedelta(hours=2))

ROW = {"number": "+442037691880", "status": "on"}
DIRECTION = {"id": "3753", "name": "Sofia", "connect_fee": 0, "monthly_fee": 15, "currency": "USD"}


@pytest.fixture
def ask(connect: Connect) -> Callable[..., Any]:
    """What a call gives for an answer."""

    def asked(call: Ask, payload: Any) -> Any:
        with Server(answer(payload)) as server:
            return call(connect(server.url))

    return asked


def numbers(client: Client) -> Any:
    return client.numbers()


def directions(client: Client) -> Any:
    return client.directions("DE")


# As recorded from production


def test_every_recorded_answer_can_be_read(vendor: Path, ask: Callable[..., Any]) -> None:
    calls: dict[str, Ask] = {
        "v1_balance.json": lambda client: client.balance(),
        "v1_direct_numbers.json": numbers,
        "v1_direct_numbers_countries.json": lambda client: client.countries(),
        "v1_direct_numbers_country_IL.json": lambda client: client.directions("IL"),
        "v1_direct_numbers_number.json": lambda client: client.number("123456789012", "common"),
        "v1_pbx_webhooks_url.json": lambda client: client.webhooks(),
        "v1_sip_list.json": lambda client: client.sip_logins(),
        "v1_sip_status_nnnn.json": lambda client: client.sip_online("123456"),
    }
    read = {}
    for file in sorted((vendor / "samples").iterdir()):
        body = file.read_bytes()
        if body.lstrip().startswith(b"["):  # only the `info` of its answer was recorded
            body = b'{"status": "success", "info": ' + body + b"}"
        read[file.name] = ask(calls[file.name], body)
    assert set(read) == set(calls)

    assert (read["v1_balance.json"].amount, read["v1_balance.json"].currency) == (Decimal("18.1636"), "EUR")
    assert len(read["v1_direct_numbers_countries.json"]) == 108
    assert read["v1_direct_numbers_countries.json"][0].model_dump() == {
        "dial_code": "355",
        "iso": "AL",
        "name": "Albania",
    }

    listing = read["v1_direct_numbers.json"]
    assert (len(listing), listing.rejected) == (2, [])
    assert listing.rows[0].model_dump() == {
        "number": "123456789012",
        "status": "on",
        "country": "Israel",
        "description": "Mobile",
        "name": None,
        "sip": "123456",
        "sip_name": "SIP",
        "start_date": datetime(2024, 4, 15, 15, 10, 31, tzinfo=ZONE),
        "start_date_text": "2024-04-15 15:10:31",
        "stop_date": datetime(2026, 4, 15, 15, 10, 30, tzinfo=ZONE),
        "stop_date_text": "2026-04-15 15:10:30",
        "monthly_fee": Decimal("1.8"),
        "currency": "EUR",
        "channels": 2,
        "minutes": None,
        "autorenew": True,
        "autorenew_period": "year",
        "is_on_test": False,
        "type": "common",
        "direction_id": "3044",
        "group_id": "0",
        "receive_sms": True,
    }
    assert (listing.rows[1].monthly_fee, listing.rows[1].name) == (Decimal(3), "US")
    assert read["v1_direct_numbers_number.json"].type is None

    offered = read["v1_direct_numbers_country_IL.json"]
    assert (len(offered), offered.rejected) == (9, [])
    assert offered.rows[1].upload == {"passport": "Passport or ID copy (both sides)"}
    assert offered.rows[1].specify == ("Your current address (city, street, number and postal code)",)
    assert [(row.id, row.connect_days) for row in offered if row.is_toll_free] == [("14989", 10)]
    assert [row.id for row in offered if row.receive_sms] == ["3061"]
    assert offered.rows[6].monthly_fee == Decimal("4.5")

    assert read["v1_pbx_webhooks_url.json"].hooks["document"] is True
    assert read["v1_pbx_webhooks_url.json"].url == "https://example.webhook.io"
    logins = read["v1_sip_list.json"]
    assert (logins.left, logins.sips[0].id, logins.sips[0].lines) == (5, "123456", 3)
    assert read["v1_sip_status_nnnn.json"] is False


# Money, dates, ids, booleans


@pytest.mark.parametrize("sent", ["18.1636", '"18.1636"'])
def test_amounts_are_exact(ask: Callable[..., Any], sent: str) -> None:
    body = f'{{"status": "success", "balance": {sent}, "currency": "EUR"}}'.encode()
    assert ask(lambda client: client.balance(), body).amount.as_tuple() == Decimal("18.1636").as_tuple()


@pytest.mark.parametrize("sent", ['"NaN"', '"Infinity"', "true", '"a lot"', "null", "[]"])
def test_what_is_no_amount_is_not_taken_for_one(ask: Callable[..., Any], sent: str) -> None:
    body = f'{{"status": "success", "balance": {sent}, "currency": "EUR"}}'.encode()
    with pytest.raises(Unavailable, match="balance: not an amount"):
        ask(lambda client: client.balance(), body)


@pytest.mark.parametrize("sent", ["", "0000-00-00 00:00:00", None, [], "31.12.2026"])
def test_a_date_that_is_none_keeps_its_text(ask: Callable[..., Any], sent: Any) -> None:
    (row,) = ask(numbers, {"status": "success", "info": [{**ROW, "stop_date": sent}]})
    assert (row.stop_date, row.stop_date_text) == (None, sent or "")


@pytest.mark.parametrize(
    ("sent", "read"),
    [("true", True), ("on", True), (1, True), ("1", True), (True, True)]
    + [("false", False), ("off", False), (0, False), ("0", False), (False, False), (None, None), ("", None)],
)
def test_booleans_in_every_dress(ask: Callable[..., Any], sent: Any, read: bool | None) -> None:
    (row,) = ask(numbers, {"status": "success", "info": [{**ROW, "autorenew": sent, "receive_sms": sent}]})
    assert (row.autorenew, row.receive_sms) == (read, read)


def test_numbers_and_ids_come_as_text_or_number(ask: Callable[..., Any]) -> None:
    sent = [
        {**ROW, "direction_id": "3044", "group_id": 0, "channels": "2", "sip": 123456},
        {**ROW, "number": 442037691881, "direction_id": 3044, "group_id": "0", "channels": 2, "sip": "00001"},
    ]
    first, second = ask(numbers, {"status": "success", "info": sent})
    assert (first.number, first.direction_id, first.group_id, first.channels, first.sip) == (
        "442037691880",
        "3044",
        "0",
        2,
        "123456",
    )
    assert (second.number, second.direction_id, second.group_id, second.channels, second.sip) == (
        "442037691881",
        "3044",
        "0",
        2,
        "00001",
    )


def test_unknown_words_and_fields_are_kept(ask: Callable[..., Any]) -> None:
    (row,) = ask(numbers, {"status": "success", "info": [{**ROW, "status": "dreaming", "type": "odd", "mood": [1.10]}]})
    assert (row.status, row.type, row.model_extra) == ("dreaming", "odd", {"mood": [Decimal("1.1")]})


def test_a_row_that_cannot_be_read_does_not_stop_the_others(ask: Callable[..., Any]) -> None:
    sent = [ROW, {**ROW, "number": "Anna's"}, "Anna", {**ROW, "monthly_fee": "free for Anna"}, {"status": "on"}, ROW]
    listing = ask(numbers, {"status": "success", "info": sent})
    assert [row.number for row in listing] == ["442037691880"] * 2
    assert [(row.index, row.reason.split(":")[0]) for row in listing.rejected] == [
        (1, "number"),
        (2, "row"),
        (3, "monthly_fee"),
        (4, "number"),
    ]
    assert "Anna" not in repr(listing.rejected)


@pytest.mark.parametrize("sent", [{}, None, "none", {"0": ROW}])
def test_a_listing_that_is_no_list_is_no_empty_account(ask: Callable[..., Any], sent: Any) -> None:
    with pytest.raises(Unavailable, match="no list"):
        ask(numbers, {"status": "success", "info": sent})


def test_an_empty_account_is_one(ask: Callable[..., Any]) -> None:
    assert len(ask(numbers, {"status": "success", "info": []})) == 0


# Directions


@pytest.mark.parametrize(
    ("restrictions", "uploads", "specify"),
    [
        (
            {"upload": {"passport": "A pass", "receipt": ["A bill", "of 2025"]}, "specify": ["Address"]},
            (("passport", "A pass"), ("receipt", "A bill of 2025")),
            ("Address",),
        ),
        ({"upload": ["A pass", None], "specify": "Address"}, ((None, "A pass"),), ("Address",)),
        ({"upload": [], "specify": []}, (), ()),
        ({"upload": None}, (), ()),
        ({}, (), ()),
        ([], (), ()),
        (None, (), ()),
    ],
)
def test_requirements_in_every_shape(ask: Callable[..., Any], restrictions: Any, uploads: Any, specify: Any) -> None:
    listing = ask(directions, {"status": "success", "info": [{**DIRECTION, "restrictions": restrictions}]})
    assert listing.rejected == []
    direction: Direction = listing.rows[0]
    assert direction.uploads == tuple(RequiredUpload(document_type=name, text=text) for name, text in uploads)
    assert direction.specify == specify
    assert direction.upload == {name: text for name, text in uploads if name}


def test_a_direction_without_optional_fields(ask: Callable[..., Any]) -> None:
    (row,) = ask(directions, {"status": "success", "info": [{**DIRECTION, "connect_time": "1 to 3", "is_toll": None}]})
    assert (row.receive_sms, row.is_toll_free, row.feature, row.connect_days, row.uploads) == (
        None,
        False,
        None,
        None,
        (),
    )
    assert (row.connect_fee, row.monthly_fee) == (Decimal(0), Decimal(15))


# The other answers


def test_the_check_of_a_group_with_nothing_wrong(ask: Callable[..., Any]) -> None:
    for info in ([], {}, {"wrong_document": [], "wrong_address": []}, {"wrong_document": None}):
        wrongs = ask(lambda client: client.checking_wrongs("7"), {"status": "success", "info": info})
        assert (wrongs.document_type, wrongs.document_message, wrongs.address_message) == (None, None, None)


def test_the_check_of_a_group_with_both_wrong(ask: Callable[..., Any]) -> None:
    info = {
        "wrong_document": {"document_type": "contract", "message": "Expired"},
        "wrong_address": {"message": "Where?"},
    }
    wrongs = ask(lambda client: client.checking_wrongs("7"), {"status": "success", "info": info})
    assert (wrongs.document_type, wrongs.document_message, wrongs.address_message) == ("contract", "Expired", "Where?")
    assert "Expired" not in repr(wrongs)


def test_prolonging_tells_until_when_and_for_how_much(ask: Callable[..., Any]) -> None:
    body = b"""{"status": "success", "number": "+442037691880", "stop_date": "2021-01-31 00:00:00",
        "total_paid": {"amount": 2.10, "currency": "USD"}}"""
    paid = ask(lambda client: client.prolong(number="442037691880", months=1), body)
    assert (paid.number, paid.stop_date, paid.stop_date_text) == (
        "442037691880",
        datetime(2021, 1, 31, tzinfo=ZONE),
        "2021-01-31 00:00:00",
    )
    assert (paid.amount, paid.currency) == (Decimal("2.10"), "USD")


def test_a_group_shows_no_person(ask: Callable[..., Any]) -> None:
    sent = {
        "id": 0,
        "first_name": "Johanna",
        "zip_code": 76611,
        "region": "",
        "nationality": None,
        "is_readonly": "true",
    }
    group: DocumentGroup = ask(lambda client: client.document_group("0"), {"status": "success", "group": sent})
    assert (group.id, group.is_readonly) == ("0", True)
    assert group.fields() == {"first_name": "Johanna", "zip_code": "76611"}
    assert repr(group) == "DocumentGroup(id='0')"
    assert "Johanna" not in str(group)


def test_a_hundred_thousand_numbers_in_one_answer(connect: Connect) -> None:
    row = {
        **ROW,
        "country": "United Kingdom",
        "description": "London",
        "number_name": "name " * 60,
        "start_date": "2024-04-15 15:10:31",
        "stop_date": "2026-04-15 15:10:30",
        "monthly_fee": 1.8,
    }
    body = json.dumps({"status": "success", "info": [row] * 100_000}).encode()
    assert len(body) > 45_000_000
    with Server(answer(body)) as server:
        listing = connect(server.url).numbers()
    assert (len(listing), listing.rejected) == (100_000, [])


def test_dates_cannot_be_read_without_a_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        Number.model_validate({**ROW, "stop_date": "2026-04-15 15:10:30"})


def test_a_flag_that_is_missing_after_a_change_is_not_guessed(connect: Connect) -> None:
    with (
        Server(success(number="1", receive_sms=None)) as server,
        pytest.raises(Unavailable, match="receive_sms") as failed,
    ):
        connect(server.url).set_receive_sms(number="1", on=True)
    assert failed.value.acted is None
