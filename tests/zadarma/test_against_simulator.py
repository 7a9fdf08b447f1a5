"""Each method over real HTTP against the simulator: its own signature check, its ledger of effects."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.support.simulator import SimulatorProcess
from zadarma import BadCredentials, Client, Refused, Unavailable
from zadarma.types import Direction, Number

PERSON = {
    "email": "o'neil+~*@example.com",
    "salutation": "MR",
    "first_name": "Seán ~ *",
    "last_name": "O'Neil & Söhne",
    "country": "DE",
    "city": "München",
    "address": "Brudden Straße 8, 76611 (100%)",
    "zip_code": "76611",
    "street": "Brudden Straße",
    "building_number": "8",
    "phone": "4900000000",
}


@pytest.fixture(scope="module")
def process() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(numbers=40) as running:
        yield running


@pytest.fixture
def simulator(process: SimulatorProcess) -> SimulatorProcess:
    process.reset()
    process.clear_faults()
    process.clear_requests()
    process.set_shape("production")
    return process


@pytest.fixture(params=["production", "description"])
def shaped(simulator: SimulatorProcess, request: pytest.FixtureRequest) -> Iterator[SimulatorProcess]:
    simulator.set_shape(request.param)
    yield simulator
    simulator.set_shape("production")


@pytest.fixture
def client(simulator: SimulatorProcess, connect: Callable[..., Client]) -> Client:
    return connect(simulator.url, key=simulator.key, secret=simulator.secret, zone=None, loopback_only=True)


def an_active(client: Client, **wanted: Any) -> Number:
    for row in client.numbers():
        if row.status == "on" and all(getattr(row, name) == value for name, value in wanted.items()):
            return row
    raise AssertionError(f"no active number with {wanted}")


def a_free_direction(client: Client, country: str = "GB") -> Direction:
    """A direction that asks for nothing and has numbers to choose from."""
    for row in client.directions(country):
        if not row.uploads and not row.specify and client.available_numbers(row.id):
            return row
    raise AssertionError("no direction without requirements")


# Reading, in both shapes


def test_the_account(shaped: SimulatorProcess, client: Client) -> None:
    balance, clock = client.balance(), client.timezone()
    assert (balance.amount, balance.currency) == (Decimal(100), "EUR")
    assert clock.zone.startswith("UTC")
    assert clock.unixtime > 1_600_000_000
    assert {"en", "de"} <= set(client.languages())
    logins = client.sip_logins()
    assert [login.display_name for login in logins.sips] == ["Reception", "Sales", "Support"]
    assert [client.sip_online(login.id) for login in logins.sips] == [True, False, True]
    assert logins.left is not None


def test_the_catalogue(shaped: SimulatorProcess, client: Client) -> None:
    german = {country.iso: country.name for country in client.countries("de")}
    english = {country.iso: country.name for country in client.countries("en")}
    assert (german["DE"], english["DE"]) == ("Deutschland", "Germany")
    listings = [client.directions(iso, "en") for iso in english]
    assert [listing.rejected for listing in listings if listing.rejected] == []
    rows = [row for listing in listings for row in listing]
    assert len(rows) >= 120
    assert any(row.uploads for row in rows)
    assert any(row.is_toll_free for row in rows)
    assert {row.receive_sms for row in rows} == {True, False}
    one = client.directions("GB", direction_id=a_free_direction(client).id)
    assert len(one) == 1


def test_requirements_name_their_document_types_in_production_only(simulator: SimulatorProcess, client: Client) -> None:
    wanted = next(row for row in client.directions("DE") if row.uploads)
    simulator.set_shape("description")
    described = next(row for row in client.directions("DE") if row.id == wanted.id)
    assert all(upload.document_type for upload in wanted.uploads)
    assert [(None, upload.text) for upload in wanted.uploads] == [
        (upload.document_type, upload.text) for upload in described.uploads
    ]


def test_numbers_on_offer(shaped: SimulatorProcess, client: Client) -> None:
    direction = a_free_direction(client)
    offered = client.available_numbers(direction.id)
    assert {number.direction_id for number in offered} == {direction.id}
    mask = offered[0].number[-4:]
    masked = client.available_numbers(direction.id, mask)
    assert offered[0].number in [number.number for number in masked]
    assert all(mask in number.number for number in masked)
    assert all(number.number.isdigit() for number in client.available_numbers("ru495"))


def test_the_numbers_of_the_account(shaped: SimulatorProcess, client: Client) -> None:
    listing = client.numbers()
    assert (len(listing), listing.rejected) == (40, [])
    assert {"on", "parking", "checking", "checking_upload"} <= {row.status for row in listing}
    for row in listing.rows[:10]:
        assert row.type is not None
        alone = client.number(row.number, row.type)
        same = (
            "status",
            "country",
            "name",
            "sip",
            "start_date",
            "stop_date",
            "stop_date_text",
            "monthly_fee",
            "channels",
        )
        assert [getattr(alone, name) for name in same] == [getattr(row, name) for name in same]
        assert alone.stop_date is not None
        assert alone.stop_date.utcoffset() is not None
        assert client.autoprolongation(row.number, row.type) is row.autorenew
    assert [request["params"]["format"] for request in shaped.requests("/number/")] == ["json"] * 10


def test_document_groups(shaped: SimulatorProcess, client: Client) -> None:
    listing = client.document_groups()
    assert listing.rejected == []
    main = client.document_group("0")
    assert main == listing.rows[0]
    assert (main.is_readonly, main.first_name, main.middle_name) == (True, "Erika", None)
    assert [(file.type, file.is_verified, file.name) for file in client.documents()] == [
        ("passport", True, "passport.jpg")
    ]
    wrongs = client.checking_wrongs("0")
    assert (wrongs.document_type, wrongs.document_message, wrongs.address_message) == (None, None, None)
    validity = client.document_group_validity("0", a_free_direction(client).id)
    assert (validity.is_information_match, validity.is_documents_verified) == (True, True)


def test_webhooks(shaped: SimulatorProcess, client: Client) -> None:
    assert client.webhooks().url == ""
    assert client.set_webhook_url("https://panel.example.org/hook?a=1&b=~") == "https://panel.example.org/hook?a=1&b=~"
    assert client.set_webhook_hooks({"sms": True, "call_tracking": False})["sms"] is True
    webhooks = client.webhooks()
    assert (webhooks.url, webhooks.hooks["sms"]) == ("https://panel.example.org/hook?a=1&b=~", True)
    client.delete_webhook_url()
    assert client.webhooks().url == ""


# Changing


def test_an_order_of_a_chosen_number(shaped: SimulatorProcess, client: Client) -> None:
    direction = a_free_direction(client)
    chosen = client.available_numbers(direction.id)[1]
    ordered = client.order(
        direction_id=direction.id, documents_group_id="0", number_id=chosen.id, autorenew_period="month", period="month"
    )
    assert ordered.number == chosen.number
    (entry,) = shaped.ledger("order")
    assert (entry["number"], entry["number_id"]) == (chosen.number, chosen.id)
    spent = Decimal(100) - client.balance().amount
    assert spent == direction.connect_fee + direction.monthly_fee
    assert chosen.number in [row.number for row in client.numbers()]


def test_prolonging(shaped: SimulatorProcess, client: Client) -> None:
    before = an_active(client, currency="EUR")
    assert before.monthly_fee is not None
    paid = client.prolong(number=before.number, months=2)
    after = client.number(before.number, "common")
    assert (paid.number, paid.stop_date, paid.currency) == (before.number, after.stop_date, "EUR")
    assert paid.stop_date > before.stop_date
    assert client.balance().amount == Decimal(100) - paid.amount
    assert len(shaped.ledger("prolong")) == 1


def test_routing_and_names_and_renewal(shaped: SimulatorProcess, client: Client) -> None:
    row = an_active(client, autorenew=True, type="common")
    login = client.sip_logins().sips[1].id
    number: dict[str, str] = {"number": row.number, "number_type": "common"}
    assert client.set_sip_id(**number, sip_id=login) == login
    assert client.number(row.number, "common").sip == login
    assert client.set_sip_id(**number, sip_id="1234567890@my-server.com", test_mode=True) == "1234567890@my-server.com"
    assert client.set_caller_name(**number, caller_name="Reception1") == "Reception1"
    assert client.set_autoprolongation(**number, on=False) is False
    after = client.number(row.number, "common")
    assert (after.sip, after.name, after.autorenew, after.is_on_test) == (
        "1234567890@my-server.com",
        "Reception1",
        False,
        True,
    )
    assert client.set_caller_name(**number, caller_name="") == ""
    assert client.number(row.number, "common").name is None


def test_sms_and_channels(shaped: SimulatorProcess, client: Client) -> None:
    shaped.set_shape("production")  # only production lists who may receive SMS
    row = an_active(client, receive_sms=True)
    assert client.set_receive_sms(number=row.number, on=False, documents_group_id="0") is False
    assert client.number(row.number, "common").receive_sms is False
    assert "status" not in client.incoming_channels(number=row.number, currency="EUR")
    assert client.incoming_channels(direction_id=row.direction_id) != {}
    client.set_incoming_channels(number=row.number, channels=5)
    assert client.number(row.number, "common").channels == 5


def test_a_document_group_from_creation_to_its_file(shaped: SimulatorProcess, client: Client) -> None:
    created = client.create_document_group(PERSON)
    assert {name: created.fields()[name] for name in PERSON} == PERSON
    assert (created.is_readonly, client.document_group(created.id)) == (False, created)
    changed = client.update_document_group(created.id, {**created.fields(), "city": "Zürich ~"})
    assert changed.city == "Zürich ~"

    uploaded = client.upload_document(
        group_id=created.id,
        document_type="passport",
        content=io.BytesIO(bytes(range(256)) * 400),
        filename="Ausweis Seán.jpg",
        content_type="image/jpeg",
    )
    assert uploaded.name == "Ausweis_Sean.jpg"
    (entry,) = shaped.ledger("upload")
    assert (entry["size"], entry["document_type"]) == (102_400, "passport")
    assert [(file.type, file.is_verified) for file in client.documents(created.id)] == [("passport", False)]

    shaped.reject(int(created.id), "passport", "The passport has expired.")
    shaped.reject(int(created.id), "address", "Invalid address")
    wrongs = client.checking_wrongs(created.id)
    assert (wrongs.document_type, wrongs.document_message) == ("passport", "The passport has expired.")
    assert wrongs.address_message == "Invalid address"


# Refusals


def test_a_wrong_secret(simulator: SimulatorProcess, connect: Callable[..., Client]) -> None:
    with pytest.raises(BadCredentials):
        connect(simulator.url, key=simulator.key, secret="another").order(direction_id="1", documents_group_id="0")
    assert (len(simulator.requests("/order/")), simulator.ledger()) == (1, [])


def test_a_refusal_in_the_api_s_words(simulator: SimulatorProcess, client: Client) -> None:
    with pytest.raises(Refused) as failed:
        client.order(direction_id="1", documents_group_id="4711")
    assert failed.value.message
    assert simulator.ledger() == []


def test_the_rate_limit(simulator: SimulatorProcess, client: Client) -> None:
    try:
        simulator.set_rate(2)
        client.languages()
        client.languages()
        with pytest.raises(Unavailable) as failed:
            client.set_webhook_hooks({"sms": True})
        with pytest.raises(Unavailable, match="rate limit"):
            client.languages()  # the allowance returns after the deadline
    finally:
        simulator.set_rate(100_000)
    assert (failed.value.rate_limited, failed.value.acted) == (True, False)
    assert failed.value.retry_after is not None
    assert 50 < failed.value.retry_after <= 62
    assert len(simulator.requests()) == 4


# Faults


@pytest.mark.parametrize(
    ("kind", "error", "acted", "took_effect"),
    [
        ("reset_before", Unavailable, None, False),
        ("reset_after", Unavailable, None, True),
        ("error", Unavailable, None, False),
        ("error_after", Unavailable, None, True),
        ("truncated", Unavailable, None, True),
        ("html", Unavailable, None, True),
        ("html_before", Unavailable, None, False),
        ("bad_json", Unavailable, None, True),
        ("rate", Unavailable, False, False),
        ("error_in_200", Refused, False, False),
    ],
)
def test_an_order_that_meets_a_fault_is_sent_once_and_never_misjudged(
    simulator: SimulatorProcess,
    client: Client,
    kind: str,
    error: type[Exception],
    acted: bool | None,
    took_effect: bool,
) -> None:
    direction = a_free_direction(client)
    simulator.fault(kind, path="/order/", method="POST", count=-1)
    with pytest.raises(error) as failed:
        client.order(direction_id=direction.id, documents_group_id="0")
    assert failed.value.may_have_reached is True  # type: ignore[attr-defined]
    assert failed.value.acted is acted  # type: ignore[attr-defined]
    assert len(simulator.requests("/order/")) == 1
    assert (len(simulator.ledger("order")) == 1) is took_effect


@pytest.mark.parametrize("kind", ["reset_before", "error", "truncated", "html", "bad_json"])
def test_a_listing_that_meets_a_fault_is_asked_again(simulator: SimulatorProcess, client: Client, kind: str) -> None:
    simulator.fault(kind, path="^/v1/direct_numbers/$", count=2)
    assert len(client.numbers()) == 40
    assert [request["fault"] for request in simulator.requests("/v1/direct_numbers/")] == [kind, kind, None]


def test_an_order_whose_answer_trickles_ends_at_its_deadline(
    simulator: SimulatorProcess, connect: Callable[..., Client]
) -> None:
    client = connect(simulator.url, key=simulator.key, secret=simulator.secret, change_deadline=0.5)
    direction = a_free_direction(client)
    simulator.fault("slow_body", path="/order/", seconds=0.05)
    with pytest.raises(Unavailable, match="deadline") as failed:
        client.order(direction_id=direction.id, documents_group_id="0")
    assert failed.value.acted is None
    assert len(simulator.ledger("order")) == 1


def test_an_order_that_is_answered_too_late_ends_at_its_deadline(
    simulator: SimulatorProcess, connect: Callable[..., Client]
) -> None:
    client = connect(simulator.url, key=simulator.key, secret=simulator.secret, change_deadline=0.5)
    direction = a_free_direction(client)
    simulator.fault("latency", path="/order/", seconds=1.5)
    with pytest.raises(Unavailable, match="deadline") as failed:
        client.order(direction_id=direction.id, documents_group_id="0")
    assert failed.value.may_have_reached is True
