"""A prolongation whose answer was lost: the end date tells what became of it, or a person must."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers import renewal_evidence, renewals
from direct_numbers.models import Number
from people.models import User
from sync import holds, operations, settling
from sync.kinds import Seen, Verdict
from sync.models import Connection, Operation
from tests.support.journal import facts_of, look_now, perform_planned
from tests.support.prolonging import API, numbers_with, open_page, paid, plan, result_of
from tests.support.reading import text_of
from tests.support.scenes import long_ago
from tests.support.simulator import SimulatorProcess
from zadarma import types as api_types

pytestmark = pytest.mark.django_db(transaction=True)


def lost(
    client: Client, number: Number, simulator: SimulatorProcess, fault: str, months: int = 1, **more: Any
) -> Operation:
    """Pay `number` further and lose the answer."""
    (operation,) = plan(client, [number], months)
    simulator.fault(fault, path=API, **more)
    operations.perform(operation.pk)
    operation.refresh_from_db()
    assert operation.state == "unknown"
    return operation


def other_session(connection: Connection, number: Number, months: int) -> None:
    """Somebody pays in the Zadarma account itself."""
    with operations.gateway.client(connection, "operation", may_change=lambda: True) as api:
        api.prolong(number=number.number, months=months)


@pytest.mark.parametrize("fault", ["reset_after", "error_after", "truncated", "bad_json", "html"])
def test_an_answer_lost_after_the_effect_is_found_by_the_end_date(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, fault: str
) -> None:
    (number,) = numbers_with(connection, simulator)
    operation = lost(browser_of_staff, number, simulator, fault, 6)
    page = result_of(browser_of_staff, operation)
    assert "The panel looks at the end date until it is clear whether this was paid" in text_of(page)
    assert page.context["moving"] and page.context["again_url"] == ""
    look_now(operation)
    number.refresh_from_db()
    (entry,) = simulator.ledger("prolong")
    assert (operation.state, operation.paid_amount) == ("done", None)
    assert number.stop_text == entry["stop_date"]
    assert "Zadarma's answer did not arrive; the end date shows that it was paid." in text_of(
        result_of(browser_of_staff, operation)
    )
    assert len(simulator.requests(API)) == 1


def test_a_request_lost_before_the_effect_is_not_done_after_two_looks(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    (number,) = numbers_with(connection, simulator)
    operation = lost(browser_of_staff, number, simulator, "reset_before")
    look_now(operation)
    look_now(operation)
    assert operation.state == "unknown"  # it may still take effect
    assert "Another payment for this number is in doubt." in text_of(open_page(browser_of_staff, [number]))
    long_ago(operation)
    look_now(operation)
    assert (operation.state, facts_of(operation)["stop"]) == ("not_done", number.stop_text)
    page = result_of(browser_of_staff, operation)
    assert "Zadarma's answer did not arrive; the end date shows that nothing was paid." in text_of(page)
    assert holds.held(connection, "EUR") == 0
    (again,) = plan(browser_of_staff, [number])
    assert again.previous == operation
    perform_planned()
    assert len(paid(simulator)) == 1


def test_a_late_effect_is_found_by_a_later_look(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    (number,) = numbers_with(connection, simulator)
    operation = lost(browser_of_staff, number, simulator, "reset_then_effect", seconds=0.4)
    look_now(operation)
    while simulator.late_effects():
        pass
    look_now(operation)
    assert operation.state == "done"
    assert len(paid(simulator)) == len(simulator.requests(API)) == 1


def test_a_late_refusal_counts(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = numbers_with(connection, simulator)
    (operation,) = plan(browser_of_staff, [number])
    simulator.fault("error_in_200", path=API)
    keep = operations._keep

    def swept_meanwhile(write: Any) -> Any:
        operations.doubt(Operation.objects.get(pk=operation.pk), "the process that sent it ended")
        return keep(write)

    monkeypatch.setattr(operations, "_keep", swept_meanwhile)
    operations.perform(operation.pk)
    operation.refresh_from_db()
    assert operation.state == "refused" and operation.error
    assert paid(simulator) == []


def test_autorenewal_of_the_same_period_cannot_be_told_apart(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    (number,) = numbers_with(connection, simulator, days=3, autorenew=True)
    operation = lost(browser_of_staff, number, simulator, "reset_before")
    _days_pass(operation, simulator, 4)
    look_now(operation)
    assert operation.state == "needs_person"
    assert operation.evidence["looks"][-1]["why"] == "autorenewal"
    assert "A person must look at it." in text_of(result_of(browser_of_staff, operation))
    assert facts_of(operation)["balance"]  # for the person's eyes


@pytest.mark.parametrize(("fault", "state"), [("reset_before", "not_done"), ("reset_after", "done")])
def test_autorenewal_of_another_period_is_told_apart(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, fault: str, state: str
) -> None:
    (number,) = numbers_with(connection, simulator, days=3, autorenew=True)
    operation = lost(browser_of_staff, number, simulator, fault, 3)
    _days_pass(operation, simulator, 4)
    look_now(operation)
    look_now(operation)
    assert operation.state == state
    renewed = simulator.ledger("autorenew")
    assert len([entry for entry in renewed if entry["number"] == number.number]) == (fault == "reset_before")


def _days_pass(operation: Operation, simulator: SimulatorProcess, days: int) -> None:
    """At the stand-in time moves; here what was noted moves back, so that its date is as near."""
    simulator.move_time(days=days)
    long_ago(operation)
    evidence = Operation.objects.get(pk=operation.pk).evidence
    stop_at = datetime.fromisoformat(evidence["before"]["stop_at"]) - timedelta(days=days)
    evidence["before"]["stop_at"] = stop_at.isoformat()
    Operation.objects.filter(pk=operation.pk).update(evidence=evidence)
    operation.refresh_from_db()


def test_a_date_moved_by_something_else_goes_to_a_person_who_may_decide(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, staff: User
) -> None:
    (number,) = numbers_with(connection, simulator)
    operation = lost(browser_of_staff, number, simulator, "reset_before", 3)
    other_session(connection, number, 7)
    look_now(operation)
    assert operation.state == "unknown"  # early: something may still come
    long_ago(operation)
    look_now(operation)
    assert (operation.state, operation.evidence["looks"][-1]["why"]) == ("needs_person", "moved")
    verdict = settling.decide(operation, done=False, candidate="", note="Paid by hand.", actor=staff)
    operation.refresh_from_db()
    assert (verdict, operation.state, operation.decided_by) == (Verdict.NOT_DONE, "not_done", staff)
    assert "A person looked into it: nothing was paid." in text_of(result_of(browser_of_staff, operation))


def test_a_person_may_say_that_a_date_is_this_payments(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, staff: User
) -> None:
    (number,) = numbers_with(connection, simulator)
    operation = lost(browser_of_staff, number, simulator, "reset_after", 3)
    other_session(connection, number, 7)
    long_ago(operation)
    look_now(operation)
    assert operation.state == "needs_person"
    (offered,) = operation.evidence["looks"][-1]["candidates"]
    settling.decide(operation, done=True, candidate=offered["value"], note="", actor=staff)
    number.refresh_from_db()
    operation.refresh_from_db()
    assert (operation.state, number.stop_text) == ("done", offered["value"])
    assert "a person found it paid by the end date" in text_of(result_of(browser_of_staff, operation))


def test_a_number_that_is_gone_goes_to_a_person(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    (number,) = numbers_with(connection, simulator)
    operation = lost(browser_of_staff, number, simulator, "reset_after")
    simulator.remove_number(number.number)
    long_ago(operation)
    look_now(operation)
    assert (operation.state, operation.evidence["looks"][-1]["why"]) == ("needs_person", "gone")


def test_a_parked_number_is_found_saved(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    (number,) = numbers_with(connection, simulator, status="parking", stop_in=0)
    operation = lost(browser_of_staff, number, simulator, "reset_after")
    look_now(operation)
    assert operation.state == "done"


def test_while_one_is_in_doubt_its_number_can_not_be_paid_again(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    one, other = numbers_with(connection, simulator, 2)
    lost(browser_of_staff, one, simulator, "reset_after")
    page = open_page(browser_of_staff, [one, other])
    assert [row.number for row in page.context["payable"]] == [other]
    assert browser_of_staff.get(reverse("number-prolong", args=[one.pk])).context["payable"] == []


# The rule alone


def judged(
    then: str,
    now_stop: str,
    months: int,
    *,
    status: str = "on",
    autorenew: bool | None = False,
    period: str = "month",
    today: str = "2026-01-10 12:00:00",
) -> tuple[str, str]:
    """What a look shows: the date before, the date now."""
    before = {
        "stop": then,
        "stop_at": f"{then.replace(' ', 'T')}+00:00" if then else "",
        "status": status,
        "autorenew": autorenew,
        "period": period,
    }
    row = api_types.Number.model_validate(
        {"number": "442030000001", "status": "on", "stop_date": now_stop or None, "autorenew": autorenew},
        context={"zone": UTC},
    )
    moment = datetime.fromisoformat(f"{today.replace(' ', 'T')}+00:00")
    seen, why = renewal_evidence._judge(before, row, months, moment)
    return str(seen), why


PRESENT, ABSENT = (str(Seen.PRESENT), ""), (str(Seen.ABSENT), "")
MOVED, AUTORENEWAL, NO_DATE = ((str(Seen.CONFLICT), why) for why in ("moved", "autorenewal", "no date"))
JAN31 = "2026-01-31 23:59:59"
ON = {"autorenew": True}
PAST = {"autorenew": True, "today": "2026-02-02 12:00:00"}


@pytest.mark.parametrize(
    ("then", "stop", "months", "given", "wanted"),
    [
        (JAN31, JAN31, 1, {}, ABSENT),
        (JAN31, "2026-01-31 22:59:59", 1, {}, ABSENT),  # the account's zone moved by an hour
        (JAN31, "2026-02-28 23:59:59", 1, {}, PRESENT),  # the last day of a shorter month
        (JAN31, "2026-03-03 23:59:59", 1, {}, PRESENT),  # or counted on, as PHP does
        (JAN31, "2026-03-02 23:59:59", 1, {}, PRESENT),  # or thirty days
        (JAN31, "2026-03-05 23:59:59", 1, {}, MOVED),
        (JAN31, "2026-02-24 23:59:59", 1, {}, MOVED),
        (JAN31, "2029-01-31 23:59:59", 36, {}, PRESENT),
        (JAN31, "2028-12-31 23:59:59", 36, {}, MOVED),
        (JAN31, "2026-04-30 23:59:59", 1, {}, MOVED),
        # autorenewal is on, its date far
        (JAN31, "2026-02-28 23:59:59", 1, ON, PRESENT),
        (JAN31, "2026-02-28 23:59:59", 3, ON, MOVED),
        # autorenewal is on, its date has come
        (JAN31, "2026-02-28 23:59:59", 1, PAST, AUTORENEWAL),
        (JAN31, "2026-02-28 23:59:59", 3, PAST, ABSENT),
        (JAN31, "2026-03-31 23:59:59", 1, PAST, PRESENT),  # both
        (JAN31, "2026-04-30 23:59:59", 3, PAST, PRESENT),
        (JAN31, "2026-05-31 23:59:59", 3, PAST, PRESENT),  # both
        (JAN31, JAN31, 1, PAST, ABSENT),
        (JAN31, "2026-02-28 23:59:59", 1, {**PAST, "autorenew": None}, AUTORENEWAL),  # not told
        (JAN31, "2027-01-31 23:59:59", 12, {**PAST, "period": "year"}, AUTORENEWAL),
        (JAN31, "2026-02-28 23:59:59", 1, {**PAST, "period": "year"}, PRESENT),
        # it has renewed itself more than once since
        (JAN31, "2026-03-31 23:59:59", 2, {**PAST, "today": "2026-03-02 12:00:00"}, AUTORENEWAL),
        (JAN31, "2026-03-31 23:59:59", 5, {**PAST, "today": "2026-03-02 12:00:00"}, ABSENT),
        # parked: counted from its end, or from the payment
        ("2026-01-06 12:00:00", "2026-02-06 12:00:00", 1, {"status": "parking"}, PRESENT),
        ("2026-01-04 12:00:00", "2026-02-10 11:59:00", 1, {"status": "parking"}, PRESENT),
        ("2026-01-04 12:00:00", "2026-02-10 11:59:00", 1, {}, MOVED),
        ("2026-01-04 12:00:00", "2026-02-11 12:00:00", 1, {"status": "parking"}, MOVED),
        ("2026-01-06 12:00:00", "2026-01-06 12:00:00", 1, {"status": "parking"}, ABSENT),
        ("2026-01-04 12:00:00", "2026-02-09 12:00:00", 1, {"status": "parking", **ON}, AUTORENEWAL),
        ("2026-01-04 12:00:00", "2026-02-09 12:00:00", 2, {"status": "parking", **ON}, ABSENT),
        # nothing to go by
        ("", JAN31, 1, {}, NO_DATE),
        (JAN31, "", 1, {}, NO_DATE),
    ],
)
def test_what_a_date_means(then: str, stop: str, months: int, given: dict[str, Any], wanted: tuple[str, str]) -> None:
    assert judged(then, stop, months, **given) == wanted


@pytest.mark.parametrize(("offset", "wanted"), [(47, True), (49, False), (-1, True), (-24 * 40, True)])
def test_when_autorenewal_may_come_at_any_moment(offset: int, wanted: bool) -> None:
    now = timezone.now()
    assert renewals.renews_soon(now + timedelta(hours=offset), now) is wanted


def test_an_end_date_that_shows_no_payment_can_not_be_named_as_one(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    (number,) = numbers_with(connection, simulator)
    operation = lost(browser_of_staff, number, simulator, "reset_before")
    look_now(operation)
    assert operation.evidence["looks"][-1]["candidates"] == []
    given = {"outcome": "done", "candidate": number.stop_text, "note": "It was", "confirmed": "1"}
    answer = browser_of_staff.post(reverse("operation-decide", args=[operation.pk]), given)
    operation.refresh_from_db()
    assert (answer.status_code, operation.state) == (400, "unknown")


def test_what_was_found_paid_tells_the_balance_and_what_may_differ(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    (number,) = numbers_with(connection, simulator)
    operation = lost(browser_of_staff, number, simulator, "reset_after")
    simulator.top_up(-5)
    look_now(operation)
    assert operation.state == "done"
    assert facts_of(operation)["balance"]  # beside the end date
    operation.refresh_from_db()
    assert operation.balance_before is not None and operation.balance_after is not None
    assert operation.hold_amount is not None
    assert operation.balance_before - operation.balance_after == operation.hold_amount + 5
    words = text_of(browser_of_staff.get(reverse("operation", args=[operation.pk])))
    assert "read when it was found done" in words and "more than the EUR" in words
    page = text_of(result_of(browser_of_staff, operation))
    assert "Paid at most EUR" in page and "for 1 number of which Zadarma told no amount" in page
