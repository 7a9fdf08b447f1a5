"""Second nets: what holds when a first guard is gone: a power cut, a restore, a clock, a change of hands."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.db.models import F
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from direct_numbers import assigning, following, order_evidence, orders, renewals
from direct_numbers.models import Number, Order
from documents.models import DocumentGroup
from people.models import Customer, User
from sync import kinds, operations, settling
from sync.kinds import Finding, Seen, Verdict
from sync.models import Connection, Operation
from tests.factories import OperationFactory
from tests.support.journal import look_now
from tests.support.reading import text_of
from tests.support.scenes import draft, forget_waiting, long_ago, number_of, place, read
from tests.support.simulator import SimulatorProcess
from zadarma import Client, Unavailable

ORDER = "/v1/direct_numbers/order/"
NOBODYS = 17705
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_commit_on_sqlite_survives_a_power_cut() -> None:
    if database.vendor != "sqlite":
        return
    with database.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone()[0] == 2  # FULL


def test_an_order_that_was_sent_and_forgotten_is_not_sent_again(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    order = draft(connection, staff, NOBODYS, chosen=None)
    operation = place(order, staff)
    simulator.order_outside(NOBODYS, documents_group_id="0")  # as it would have been sent before the backup
    operations.perform(operation.pk)
    operation.refresh_from_db()
    assert operation.state == "refused" and "has appeared in the account" in operation.error
    assert simulator.requests(ORDER, method="POST") == []


def test_an_order_settled_while_the_next_one_looks_makes_its_listing_no_less_complete(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (place(draft(connection, staff, chosen=chosen), staff) for chosen in (0, 1))
    numbers = Client.numbers

    def numbers_then_the_other_is_done(api: Client) -> Any:
        monkeypatch.undo()
        listing = numbers(api)
        operations.perform(first.pk)
        return listing

    monkeypatch.setattr(Client, "numbers", numbers_then_the_other_is_done)
    simulator.fault("reset_before", path=ORDER, method="POST", params={"number_id": second.params["number_id"]})
    operations.perform(second.pk)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("done", "unknown")
    long_ago(second)
    look_now(second)
    look_now(second)
    assert second.state == "not_done"  # two complete looks, and not a person for ever


MIXED = 13756  # lists numbers, and the operator assigns the first of them to who has chosen none


@pytest.mark.parametrize("net", ["first", "second", "third"])
def test_a_chosen_number_that_the_operator_gave_to_another_order_meanwhile_is_not_its_own(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch, net: str
) -> None:
    chosen, other = (draft(connection, staff, MIXED, chosen=chosen) for chosen in (0, None))
    operation, faster = place(chosen, staff), place(other, staff)
    claim = operations._claim

    def after_the_other(one: Operation) -> bool:
        monkeypatch.undo()
        operations.perform(faster.pk)
        faster.refresh_from_db()
        assert (faster.state, faster.answer["number"]) == ("done", operation.params["number"])
        if net != "first":  # the ones before it have a hole
            whole = replace(kinds.kind_named("order"), may_go=lambda one: True)
            monkeypatch.setitem(kinds._kinds, "order", whole)
        if net == "third":
            monkeypatch.setattr(order_evidence, "others_since", lambda one: Order.objects.none())
        simulator.fault("reset_before", path=ORDER, method="POST")
        return claim(one)

    monkeypatch.setattr(operations, "_claim", after_the_other)
    operations.perform(operation.pk)
    operation.refresh_from_db()
    if net == "first":
        assert (operation.state, operation.waits_for) == ("planned", "others")
        simulator.clear_faults()
        operations.perform(forget_waiting(operation).pk)
        operation.refresh_from_db()
        assert operation.state == "refused" and "no longer available" in operation.error
    elif net == "third":
        look_now(operation)
        assert operation.state == "unknown"  # its number explains another order: never both
    else:
        assert operation.state == "unknown"
        long_ago_but_after_the_look(operation)
        look_now(operation)
        look_now(operation)
        assert operation.state == "not_done"
        assert operation.evidence["looks"][-1]["why"] == "another order"
    assert Number.objects.filter(number=operation.params["number"]).count() == 1
    assert len(simulator.ledger("order")) == 1


def long_ago_but_after_the_look(operation: Operation) -> None:
    """All of it an hour ago: this order's look and sending, and the other's."""
    hour = timedelta(hours=1)
    evidence = operation.evidence
    evidence["before"]["at"] = (order_evidence.looked_at(operation) - hour).isoformat()  # type: ignore[operator]
    Operation.objects.filter(pk=operation.pk).update(evidence=evidence)
    Operation.objects.exclude(sent_at=None).update(sent_at=F("sent_at") - hour)


def test_a_number_that_was_known_before_and_is_paid_only_now_stops_no_order(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    known = simulator.order_outside(NOBODYS, documents_group_id="0")
    read(connection)
    Number.objects.filter(number=known).update(first_seen=timezone.now() - timedelta(days=3))
    operation = place(draft(connection, staff, NOBODYS, chosen=None), staff)
    operations.perform(operation.pk)  # its start is of this very minute: it was reserved, and has been paid
    operation.refresh_from_db()
    assert operation.state == "done"


def test_a_number_of_an_attempt_that_was_taken_for_not_done_stops_the_next(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    order = draft(connection, staff, NOBODYS, chosen=None)
    first = place(order, staff)
    simulator.fault("reset_after", path=ORDER, method="POST")
    operations.perform(first.pk)
    long_ago(first)
    Operation.objects.filter(pk=first.pk).update(state="not_done", created_at=timezone.now() - timedelta(hours=1))
    Order.objects.filter(pk=order.pk).update(state="refused")
    order.refresh_from_db()
    orders.reopen(order)
    order.refresh_from_db()
    second = place(order, staff)
    assert second.previous == first
    operations.perform(second.pk)
    second.refresh_from_db()
    assert second.state == "refused" and "has appeared in the account" in second.error
    assert len(simulator.ledger("order")) == 1


def test_an_order_that_is_sent_while_the_next_one_looks_makes_it_wait_not_end(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (place(draft(connection, staff, NOBODYS, chosen=None), staff) for _ in range(2))
    simulator.fault("reset_after", path=ORDER, method="POST")
    numbers = Client.numbers

    def numbers_after_the_other_was_sent(api: Client) -> Any:
        monkeypatch.undo()
        operations.perform(first.pk)
        return numbers(api)

    monkeypatch.setattr(Client, "numbers", numbers_after_the_other_was_sent)
    operations.perform(second.pk)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("unknown", "planned")
    assert second.waits_for == "others" and second.error == ""
    Operation.objects.filter(pk=first.pk).update(look_at=None)
    settling.settle(first.pk)
    operations.perform(forget_waiting(second).pk)
    assert set(Operation.objects.values_list("state", flat=True)) == {"done"}
    assert len(simulator.ledger("order")) == 2


def test_papers_given_away_while_the_order_waits_are_not_used(
    connection: Connection, simulator: SimulatorProcess, staff: User, customer: Customer, other_customer: Customer
) -> None:
    operation = place(draft(connection, staff, group="1001", customer=customer), staff)
    DocumentGroup.objects.filter(connection=connection, remote_id="1001").update(customer=other_customer)
    operations.perform(operation.pk)
    operation.refresh_from_db()
    assert operation.state == "refused"
    assert simulator.requests(ORDER, method="POST") == []


def test_what_was_looked_at_long_ago_is_looked_at_again(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = place(draft(connection, staff), staff)
    claim = operations._claim

    def after_a_long_sleep(one: Operation) -> bool:
        one.evidence["before"]["at"] = (timezone.now() - timedelta(hours=3)).isoformat()
        return claim(one)

    monkeypatch.setattr(operations, "_claim", after_a_long_sleep)
    operations.perform(operation.pk)
    operation.refresh_from_db()
    assert operation.state == "planned"
    assert simulator.requests(ORDER, method="POST") == []
    monkeypatch.undo()
    operations.perform(forget_waiting(operation).pk)
    operation.refresh_from_db()
    assert operation.state == "done"


def test_a_machine_asleep_between_claim_and_call_does_not_call(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = place(draft(connection, staff), staff)
    claim = operations._claim

    def then_sleep(one: Operation) -> bool:
        claimed = claim(one)
        one.sent_at = timezone.now() - timedelta(hours=1)
        return claimed

    monkeypatch.setattr(operations, "_claim", then_sleep)
    operations.perform(operation.pk)
    assert simulator.requests(ORDER, method="POST") == []


def test_an_account_paused_during_the_checks_is_not_used(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = place(draft(connection, staff), staff)
    claim = operations._claim

    def paused_meanwhile(one: Operation) -> bool:
        Connection.objects.update(state=Connection.State.PAUSED)
        return claim(one)

    monkeypatch.setattr(operations, "_claim", paused_meanwhile)
    operations.perform(operation.pk)
    operation.refresh_from_db()
    assert (operation.state, operation.waits_for) == ("planned", "account")
    assert simulator.requests(ORDER, method="POST") == []


def test_a_number_taken_for_gone_and_back_is_still_being_paid(
    connection: Connection, simulator: SimulatorProcess, staff: User
) -> None:
    number = number_of(connection)
    OperationFactory(
        connection=connection,
        kind="prolong",
        object_id=number.pk,
        state="unknown",
        exclusive_key=renewals.paid_key(number),
    )
    Number.objects.filter(pk=number.pk).update(gone_at=timezone.now())
    read(connection, "numbers")
    back = Number.objects.select_related("connection").get(number=number.number, gone_at=None)
    assert back.pk != number.pk
    (renewal,) = renewals.quote([back], 1)
    assert renewal.problem == "Another payment for this number is in doubt. It must be settled first."


def test_a_listing_of_less_than_half_needs_a_second_that_agrees(
    connection: Connection, simulator: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(connection, "numbers")
    all_of_them = Number.objects.filter(gone_at=None).count()
    listing = Client.numbers

    def cut_off(api: Client) -> Any:
        whole = listing(api)
        return type(whole)(whole.rows[: all_of_them // 3], [])

    monkeypatch.setattr(Client, "numbers", cut_off)
    read(connection, "numbers")
    assert Number.objects.filter(gone_at=None).count() == all_of_them
    read(connection, "numbers")
    assert Number.objects.filter(gone_at=None).count() == all_of_them // 3


def doubtful(connection: Connection, **given: Any) -> Operation:
    """An order in doubt since long."""
    operation = OperationFactory(connection=connection, kind="order", object_type="order", state="unknown", **given)
    long_ago(operation)
    operation.refresh_from_db()
    return Operation.objects.select_related("connection").get(pk=operation.pk)


def test_what_zadarma_confirmed_is_never_judged_not_done(offline: Connection) -> None:
    absent = Finding(Seen.ABSENT, {})
    look = {"seen": "absent", "is_complete": True}
    plain, confirmed = doubtful(offline, evidence={"looks": [look]}), doubtful(offline)
    confirmed.evidence = {"looks": [look], "answer": {"number": "442030000001"}}
    assert settling.judge(plain, absent, timezone.now()) is Verdict.NOT_DONE
    assert settling.judge(confirmed, absent, timezone.now()) is Verdict.UNDECIDED


def test_answers_that_cannot_be_read_lead_to_a_person(offline: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    operation = doubtful(offline)

    def unreadable(*_: object, **__: object) -> Verdict:
        raise Unavailable("the answer is not as promised", http_status=200)

    monkeypatch.setattr(settling, "_look", unreadable)
    for _ in range(20):
        Operation.objects.filter(pk=operation.pk).update(look_at=timezone.now())
        settling.settle(operation.pk)
    operation.refresh_from_db()
    assert operation.state == "needs_person"


@pytest.mark.parametrize(("minutes", "ends_as"), [(60, "unknown"), (60 * 26, "not_done")])
def test_after_a_day_without_a_look_a_persons_no_is_taken(
    offline: Connection, staff: User, asks_once: None, minutes: int, ends_as: str
) -> None:
    operation = doubtful(offline)
    long_ago(operation, minutes)
    operation.refresh_from_db()
    decide = {"candidate": "", "note": "Not in the payments.", "actor": staff}
    if ends_as == "unknown":
        with pytest.raises(Unavailable):
            settling.decide(operation, done=False, **decide)  # type: ignore[arg-type]
    else:
        settling.decide(operation, done=False, **decide)  # type: ignore[arg-type]
    with pytest.raises((Unavailable, settling.CannotDecide)):
        settling.decide(operation, done=True, **decide)  # type: ignore[arg-type]
    operation.refresh_from_db()
    assert operation.state == ends_as


def test_a_number_given_to_somebody_else_is_not_routed_for_the_order(
    connection: Connection,
    simulator: SimulatorProcess,
    staff: User,
    member: User,
    customer: Customer,
    other_customer: Customer,
    client: Browser,
) -> None:
    order = draft(connection, staff, group="1001", customer=customer)
    operations.perform(place(order, staff).pk)
    order.refresh_from_db()
    assert order.number is not None
    Number.objects.filter(pk=order.number.pk).update(status="on")
    order.routing, order.sip_id = "sip", "480011"
    order.save()
    assigning.assign(order.number, other_customer)
    assert following.follow_orders(connection.pk) == 0
    client.force_login(member)
    for url in (reverse("order", args=[order.public_id]), reverse("order-list")):
        shown = text_of(client.get(url))
        assert order.number.number[-4:] not in shown.replace(" ", "")
    assert "now belongs to somebody else" in text_of(client.get(reverse("order", args=[order.public_id])))


def test_customers_do_not_read_why_a_payment_was_refused(
    connection: Connection, staff: User, member: User, customer: Customer, client: Browser
) -> None:
    number = number_of(connection)
    assigning.assign(number, customer)
    told = "The balance is EUR 1.23; this costs EUR 5.00. Nothing was paid."
    OperationFactory(connection=connection, kind="prolong", object_id=number.pk, state="refused", error=told)
    page = reverse("number", args=[number.pk])
    client.force_login(member)
    assert "1.23" not in text_of(client.get(page))
    client.force_login(staff)
    assert "1.23" in text_of(client.get(page))
