"""The journal's list and the evidence receipts: what a person reads of each operation, and what never stands there."""

import re
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers import features, renewals, routing
from direct_numbers.models import Number
from documents import groups, uploads
from documents.models import DocumentGroup
from people.models import User
from sync import operations, pace, telling
from sync.models import Connection, Operation
from tests import factories
from tests.support.journal import look_now
from tests.support.reading import text_of
from tests.support.scenes import draft, long_ago, number_of, place, read
from tests.support.simulator import SimulatorProcess

ORDER = "/v1/direct_numbers/order/"
PERSON = {
    "first_name": "Secretia",
    "last_name": "Hiddenberg",
    "country": "DE",
    "city": "Verborgen",
    "zip_code": "10115",
    "street": "Geheimgasse",
    "building_number": "31",
    "email": "secretia@hidden.example",
    "phone": "4915550001111",
    "salutation": "MS",
    "address": "Geheimgasse 31, 10115",
}
pytestmark = pytest.mark.django_db(transaction=True)


def receipt(browser: Client, operation: Operation) -> str:
    """The words of an operation's receipt."""
    answer = browser.get(reverse("operation", args=[operation.pk]))
    assert answer.status_code == 200
    return text_of(answer)


def listed(browser: Client, **filters: object) -> list[int]:
    """The operations that the list shows with these filters, in its order."""
    answer = browser.get(reverse("operation-list"), filters)
    assert answer.status_code == 200
    return [operation.pk for operation in answer.context["page"]]


def performed(operation: Operation) -> Operation:
    """Send it."""
    operations.perform(operation.pk)
    operation.refresh_from_db()
    return operation


# The list ------------------------------------------------------------------------------------------------------------


def test_filters_stand_in_the_address_and_narrow(browser_of_staff: Client, offline: Connection, staff: User) -> None:
    number = factories.NumberFactory(connection=offline, number="442012345678")
    other = factories.NumberFactory(connection=offline, number="4930555")
    batch = uuid.uuid4()
    old = factories.OperationFactory(connection=offline, object_id=number.pk, state="done", actor=staff)
    Operation.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=10))
    stuck = factories.OperationFactory(
        connection=offline, object_id=other.pk, kind="prolong", state="needs_person", batch=batch
    )
    planned = factories.OperationFactory(connection=offline, object_id=other.pk, kind="set_sip_id")
    order = factories.OrderFactory(connection=offline, wanted_number="442012349999")
    ordered = factories.OperationFactory(
        connection=offline, kind="order", object_type="order", object_id=order.pk, state="unknown"
    )
    everything = [ordered.pk, planned.pk, stuck.pk, old.pk]
    assert listed(browser_of_staff) == everything
    assert listed(browser_of_staff, q="+44 (20) 1234") == [ordered.pk, old.pk]
    assert listed(browser_of_staff, kind="prolong") == [stuck.pk]
    assert listed(browser_of_staff, state="open") == [ordered.pk, planned.pk, stuck.pk]
    assert listed(browser_of_staff, state="attention") == [ordered.pk, stuck.pk]
    assert listed(browser_of_staff, state="done") == [old.pk]
    assert listed(browser_of_staff, who="schedule") == [ordered.pk, planned.pk, stuck.pk]
    assert listed(browser_of_staff, who=staff.pk) == [old.pk]
    today = timezone.localdate()
    assert listed(browser_of_staff, since=today) == [ordered.pk, planned.pk, stuck.pk]
    assert listed(browser_of_staff, until=today - timedelta(days=1)) == [old.pk]
    assert listed(browser_of_staff, batch=batch) == [stuck.pk]
    assert listed(browser_of_staff, connection=offline.pk, kind="prolong", state="needs_person") == [stuck.pk]
    wrong = {"kind": "x", "state": "x", "who": "x", "since": "x", "batch": "x", "connection": "x", "page": "x"}
    assert listed(browser_of_staff, **wrong) == everything
    assert "No operation matches" in text_of(browser_of_staff.get(reverse("operation-list"), {"q": "000000"}))


def test_of_a_number_of_an_order_and_of_a_group(browser_of_staff: Client, offline: Connection) -> None:
    number = factories.NumberFactory(connection=offline, number="442012345678")
    order = factories.OrderFactory(connection=offline, number=number, state="placed")
    group = factories.DocumentGroupFactory(connection=offline, remote_id="1001")
    make = factories.OperationFactory
    first = make(connection=offline, kind="order", object_type="order", object_id=order.pk, state="not_done")
    again = make(connection=offline, kind="order", object_type="order", object_id=order.pk, state="done")
    named = make(connection=offline, object_id=number.pk)
    grouped = make(connection=offline, kind="group_update", object_type="group", object_id=group.pk)
    make(connection=offline, object_id=number.pk + 1)
    assert listed(browser_of_staff, order=order.public_id) == [named.pk, again.pk, first.pk]
    assert listed(browser_of_staff, number=number.pk) == [named.pk, again.pk, first.pk]
    assert listed(browser_of_staff, group=group.pk) == [grouped.pk]
    page = browser_of_staff.get(reverse("operation-list"), {"number": number.pk})
    assert "What was done to +44 20 1234 5678" in text_of(page)
    assert reverse("number", args=[number.pk]) in page.content.decode()
    for nothing in ({"number": "987654"}, {"order": uuid.uuid4()}, {"group": "x"}, {"number": "9" * 30}):
        assert browser_of_staff.get(reverse("operation-list"), nothing).status_code == 404


def test_an_upload_belongs_to_its_group(browser_of_staff: Client, connection: Connection, staff: User) -> None:
    read(connection, "documents")
    group = DocumentGroup.objects.get(remote_id="1001")
    row = uploads.upload(group, "passport", "Secretia Hiddenberg.pdf", b"%PDF", "application/pdf", staff)
    operation = performed(Operation.objects.get(object_type="upload", object_id=row.pk))
    assert listed(browser_of_staff, group=group.pk) == [operation.pk]
    words = receipt(browser_of_staff, operation)
    assert "Upload document: Document group 1001" in words and "Passport or ID card" in words
    assert "Zadarma confirmed it." in words
    assert "Hiddenberg" not in words


def test_an_empty_journal_says_what_comes(browser_of_staff: Client, offline: Connection) -> None:
    assert "Nothing was asked of Zadarma yet" in text_of(browser_of_staff.get(reverse("operation-list")))
    number = factories.NumberFactory(connection=offline)
    words = text_of(browser_of_staff.get(reverse("operation-list"), {"number": number.pk}))
    assert "Nothing was done here yet" in words


def test_hidden_accounts_have_no_journal(browser_of_staff: Client, offline: Connection) -> None:
    operation = factories.OperationFactory(connection=offline)
    Connection.objects.update(is_hidden=True, is_default=False)
    assert listed(browser_of_staff) == []
    for name in ("operation", "operation-look", "operation-decide"):
        method = browser_of_staff.get if name == "operation" else browser_of_staff.post
        assert method(reverse(name, args=[operation.pk])).status_code == 404


# Receipts ------------------------------------------------------------------------------------------------------------


def test_the_receipt_of_an_order_in_doubt(
    browser_of_staff: Client, connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    order = draft(connection, staff)
    operation = place(order, staff, purpose="Hotline")
    simulator.fault("reset_before", path=ORDER, method="POST")
    performed(operation)
    words = receipt(browser_of_staff, operation)
    assert "Nobody knows yet whether it took effect. It is not sent a second time." in words
    assert re.search(r"The panel looks again at \d\d:\d\d\.", words)
    for said in (
        "London, United Kingdom",
        "Hotline",
        "1 month",
        "EUR 2.00 is held for it",
        "Balance before EUR 212.40",
    ):
        assert said in words
    assert "No usable answer arrived" in words and "the connection was lost" in words
    assert re.search(r"Sent at \d+ \w+ \d{4}, \d\d:\d\d:\d\d CES?T", words)
    look_now(operation)
    words = receipt(browser_of_staff, operation)
    assert "The number that was ordered is not in the account. Too early to conclude" in words
    long_ago(operation)
    look_now(operation)
    words = receipt(browser_of_staff, operation)
    assert "It did not take effect: the account showed no trace of it." in words
    assert "Two such looks at a complete list mean that it did not take effect." in words
    assert "Nothing is held for it any more." in words
    assert "Go to the order: correct it, or order again" in words


def test_a_crash_is_told_in_plain_words(browser_of_staff: Client, connection: Connection, staff: User) -> None:
    operation = place(draft(connection, staff), staff)
    now = timezone.now()
    Operation.objects.filter(pk=operation.pk).update(state="sent", sent_at=now, lease_until=now)
    assert "Zadarma has not answered yet." in receipt(browser_of_staff, operation)
    operations.sweep(now + pace.LEASE)
    words = receipt(browser_of_staff, operation)
    assert "the panel was stopped, or broke down, while it waited for it" in words


def test_the_receipt_of_a_payment_tells_what_was_paid(
    browser_of_staff: Client, connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    quote = renewals.quote([number], 3)
    (operation,) = renewals.prolong([number], 3, confirmed=renewals.totals(quote), batch=uuid.uuid4(), actor=staff)
    performed(operation)
    assert operation.state == "done"
    words = receipt(browser_of_staff, operation)
    assert "Payment for more months: +44 20 9926 0080" in words
    assert "To be paid further for 3 months" in words
    assert "Paid, as Zadarma says EUR 6.00" in words and "The balance fell by EUR 6.00" in words
    assert "was confirmed" not in words  # nothing differs
    Operation.objects.filter(pk=operation.pk).update(paid_amount=Decimal("7.5"), balance_after=Decimal("200"))
    words = receipt(browser_of_staff, operation)
    assert "Zadarma took EUR 7.50; EUR 6.00 was confirmed." in words
    assert "more than" not in words  # what was paid is known, so other charges of these moments mean nothing
    Operation.objects.filter(pk=operation.pk).update(paid_amount=None)
    words = receipt(browser_of_staff, operation)
    assert "The balance fell by EUR 12.40, more than the EUR 6.00 that was confirmed. Other charges" in words
    Operation.objects.filter(pk=operation.pk).update(balance_after=operation.balance_before)
    assert "less than the EUR 6.00 that was confirmed" in receipt(browser_of_staff, operation)


def test_no_personal_datum_and_no_secret_stands_in_a_receipt_or_the_list(
    browser_of_staff: Client, connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    group = groups.create_group(connection, None, PERSON, staff)
    operation = Operation.objects.get(object_type="group", object_id=group.pk)
    simulator.fault("reset_after", path="groups/create", method="POST")
    performed(operation)
    in_doubt = receipt(browser_of_staff, operation)
    look_now(operation)
    assert operation.state == "done"
    group.refresh_from_db()
    shown = [in_doubt, receipt(browser_of_staff, operation), text_of(browser_of_staff.get(reverse("operation-list")))]
    performed(groups.update_group(group, PERSON | {"city": "Hiddentown"}, staff))
    shown.append(receipt(browser_of_staff, Operation.objects.latest("pk")))
    for words in shown:
        assert not [value for name, value in PERSON.items() if len(value) > 3 and value in words]
        assert "Hiddentown" not in words and connection.api_secret not in words and connection.api_key not in words
    assert "Fields that were sent Salutation, First name, Last name, E-mail, Phone, Country, City" in shown[1]
    assert f"Document group {group.remote_id}" in shown[1]
    assert "1 new group with these data is in the account" in shown[1]


def test_the_receipts_of_settings_say_what_was_set(
    browser_of_staff: Client, connection: Connection, staff: User
) -> None:
    number = number_of(connection)
    routed = performed(routing.route(number, "1001@pbx.example.com", True, staff))
    words = receipt(browser_of_staff, routed)
    assert words.count("1001@pbx.example.com, test mode") == 2  # asked for, and answered
    assert "Money" not in words
    assert "Caller name Support1" in receipt(
        browser_of_staff, performed(routing.set_caller_name(number, "Support1", staff))
    )
    assert "Autorenewal off" in receipt(browser_of_staff, performed(routing.set_autorenewal(number, False, staff)))
    channels = performed(features.set_channels(number, 5, staff))
    words = receipt(browser_of_staff, channels)
    assert "The number shall take 5 calls at once" in words
    assert "no sum: Zadarma does not say what it costs" in words


def test_a_refusal_is_told_in_zadarmas_words_and_a_check_in_ours(browser_of_staff: Client, offline: Connection) -> None:
    refused = factories.OperationFactory(connection=offline, state="refused", error="Nope.", sent_at=timezone.now())
    assert "Zadarma refused it: “Nope”." in receipt(browser_of_staff, refused)
    stopped = factories.OperationFactory(connection=offline, object_id=2, state="refused", error="Too dear.")
    words = receipt(browser_of_staff, stopped)
    assert "It was not sent to Zadarma. The check before sending found: Too dear." in words
    assert "The panel did not send it" in words


def test_attempts_lead_to_each_other(browser_of_staff: Client, offline: Connection) -> None:
    first = factories.OperationFactory(connection=offline, state="not_done")
    second = factories.OperationFactory(connection=offline, previous=first)
    assert f"Tried again with receipt {second.pk} (planned)" in receipt(browser_of_staff, first)
    assert f"Another attempt at receipt {first.pk} (not done)" in receipt(browser_of_staff, second)


def test_what_was_found_but_explains_something_else_is_not_called_its_effect(
    browser_of_staff: Client, offline: Connection
) -> None:
    looks = [
        {
            "at": timezone.now().isoformat(),
            "seen": "present",
            "is_complete": True,
            "why": "",
            "facts": {"listed": 1, "unreadable": 0, "fits": [{"number": "4420111", "status": "on"}]},
            "candidates": [],
        }
    ]
    params = {"number": "", "direction_id": "1"}
    operation = factories.OperationFactory(
        connection=offline, kind="order", state="unknown", params=params, evidence={"looks": looks}
    )
    words = receipt(browser_of_staff, operation)
    assert "But it explains something else already, so it was not taken for this." in words


@pytest.mark.parametrize("word", ["several", "unsure", "unpaid", "older", "gone", "no date", "autorenewal", "moved"])
def test_every_reason_is_a_sentence(browser_of_staff: Client, offline: Connection, word: str) -> None:
    look = {"at": timezone.now().isoformat(), "seen": "conflict", "is_complete": True, "why": word, "candidates": []}
    operation = factories.OperationFactory(
        connection=offline, kind="prolong", state="needs_person", evidence={"looks": [{**look, "facts": {"stop": "x"}}]}
    )
    assert telling.why(word) in receipt(browser_of_staff, operation)
    assert telling.why(word) != word


def test_the_timeline_of_a_number_leads_staff_to_receipts_and_members_not(
    client: Client, browser_of_staff: Client, offline: Connection, staff: User, member: User
) -> None:
    number = factories.NumberFactory(connection=offline, customer=member.memberships.get().customer)
    Number.objects.update(first_seen=timezone.now() - timedelta(days=1))
    operation = factories.OperationFactory(connection=offline, object_id=number.pk, state="done", actor=staff)
    url = reverse("operation", args=[operation.pk])
    page = reverse("number", args=[number.pk])
    client.force_login(member)
    assert url not in client.get(page).content.decode()
    client.force_login(staff)
    assert url in client.get(page).content.decode()


@pytest.mark.parametrize("given", [{"until": "9999-12-31"}, {"since": "0001-01-01"}])
def test_days_beyond_every_calendar_are_left_aside(
    browser_of_staff: Client, offline: Connection, given: dict[str, str]
) -> None:
    factories.OperationFactory(connection=offline, kind="prolong")
    page = browser_of_staff.get(reverse("operation-list"), given)
    assert page.status_code == 200 and page.context["page"].paginator.count == 1
