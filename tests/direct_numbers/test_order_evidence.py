"""Which number in the account is an order's, which is somebody else's, and where that can't be told."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from direct_numbers import order_evidence, placing
from direct_numbers.models import Number, Order
from people.models import User
from sync import moves, settling
from sync.kinds import Conflict, Seen, Verdict
from tests.factories import (
    ConnectionFactory,
    CustomerFactory,
    DirectionFactory,
    DocumentGroupFactory,
    NumberFactory,
)
from tests.support.order_account import (
    ABSENT,
    OLD,
    OTHER,
    OURS,
    PRESENT,
    SENT,
    Account,
    Place,
    account,
    look,
    place,
    row,
)

__all__ = ["account", "place"]
pytestmark = pytest.mark.django_db(transaction=True)


# A chosen number


def test_a_chosen_number_is_there_or_it_is_not(account: Account, place: Place) -> None:
    operation = place.order(OURS)
    account.rows.append(row(OTHER))  # whatever else was bought
    assert look(account, operation) == ABSENT
    account.rows.append(row(OURS))
    assert look(account, operation) == PRESENT
    account.amount = Decimal(10)  # a balance moves for other reasons too
    assert look(account, operation) == PRESENT


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"direction_id": "99999"}, "other direction"),
        ({"start_date": SENT - timedelta(hours=27)}, "older"),
    ],
)
def test_a_chosen_number_that_contradicts_the_order_is_left_to_a_person(
    account: Account, place: Place, given: dict[str, Any], why: str
) -> None:
    operation = place.order(OURS)
    account.rows.append(row(OURS, **given))
    assert look(account, operation) == ("conflict", why, True)
    settling.look_now(operation)
    operation.refresh_from_db()
    assert operation.state == "needs_person"  # sent long ago


def test_a_chosen_number_that_somebody_bought_with_other_papers_is_not_the_orders(
    account: Account, place: Place
) -> None:
    operation = place.order(OURS)
    account.rows.append(row(OURS, group_id="1002"))
    assert look(account, operation) == ("absent", "other papers", True)
    settling.look_now(operation)
    operation.refresh_from_db()
    assert operation.state == "unknown"  # one look is not enough
    settling.look_now(operation)
    operation.refresh_from_db()
    assert operation.state == "not_done"


@pytest.mark.parametrize(
    "given",
    [
        {"direction_id": None, "group_id": None, "start_date": None},
        {"direction_id": "", "group_id": ""},
        {"start_date": SENT - timedelta(hours=25)},  # clocks and zones
        {"status": "reserved_checking"},
    ],
)
def test_what_a_listing_leaves_out_contradicts_nothing(account: Account, place: Place, given: dict[str, Any]) -> None:
    account.rows.append(row(OURS, **given))
    assert look(account, place.order(OURS)) == PRESENT


# The operator's choice


def test_a_new_number_of_direction_papers_and_time_is_the_orders(account: Account, place: Place) -> None:
    operation = place.order()
    assert look(account, operation) == ABSENT
    account.rows.append(row(OURS))
    found = order_evidence.look(account, operation)  # type: ignore[arg-type]
    assert (found.seen, found.answer["number"]) == (Seen.PRESENT, OURS)
    account.rows.append(row(OTHER))
    assert look(account, operation) == ("conflict", "several", True)


@pytest.mark.parametrize("given", [{"group_id": "1002"}, {"direction_id": "99999"}])
def test_a_number_with_other_papers_or_direction_is_somebody_elses(
    account: Account, place: Place, given: dict[str, Any]
) -> None:
    operation = place.order()
    account.rows.append(row(OTHER, **given))
    assert look(account, operation) == ABSENT


def test_a_number_that_fits_but_is_older_shows_that_a_clock_is_wrong(account: Account, place: Place) -> None:
    operation = place.order()
    account.rows.append(row(OTHER, start_date=SENT - timedelta(days=2)))
    assert look(account, operation) == ("conflict", "older", True)
    account.rows.append(row(OURS))
    found = order_evidence.look(account, operation)  # type: ignore[arg-type]
    assert (found.seen, found.answer["number"]) == (Seen.PRESENT, OURS)


def test_orders_in_different_directions_are_told_apart(account: Account, place: Place) -> None:
    here = place.order()
    elsewhere = Place.order(place)
    Order.objects.filter(operation=elsewhere).update(direction=DirectionFactory(remote_id="17705"))
    elsewhere.params = {**elsewhere.params, "direction_id": "17705"}
    elsewhere.save()
    account.rows += [row(OURS), row(OTHER, direction_id="17705")]
    found = [order_evidence.look(account, one).answer["number"] for one in (here, elsewhere)]  # type: ignore[arg-type]
    assert found == [OURS, OTHER]


def test_a_number_without_a_direction_may_be_of_any(account: Account, place: Place) -> None:
    operation = place.order()
    account.rows.append(row(OURS, direction_id=None))
    assert look(account, operation) == ("conflict", "unsure", True)


def test_after_an_incomplete_listing_nothing_is_surely_new(account: Account, place: Place) -> None:
    operation = place.order()
    operation.evidence["before"]["is_complete"] = False
    account.rows.append(row(OURS))
    assert look(account, operation) == ("conflict", "unsure", True)
    operation.evidence = {}
    assert look(account, operation)[:2] == ("conflict", "several")  # the old one may be it as well


def test_a_number_of_which_nothing_was_paid_is_not_simply_ours(account: Account, place: Place) -> None:
    operation = place.order()
    account.amount = Decimal(10)
    account.rows.append(row(OURS))
    assert look(account, operation) == ("conflict", "unpaid", True)
    account.rows[-1] = row(OURS, status="reserved_on")
    assert look(account, operation) == PRESENT
    operation.balance_before = None
    account.rows[-1] = row(OURS)
    assert look(account, operation) == PRESENT


def test_an_order_elsewhere_that_nothing_tells_apart_is_taken_for_ours(
    account: Account, place: Place, staff: User
) -> None:
    """The limit of what can be known: somebody orders in Zadarma's own cabinet, in the same direction, with the same
    papers, at the same time, paid from the same balance, while ours had no effect. The API has no list of orders.
    Nothing is ordered twice by it: ours is taken for done. Had ours taken effect as well, there would be two numbers,
    and a person would decide.
    """
    operation = place.order()
    account.rows.append(row(OTHER))  # bought in the cabinet
    assert settling.look_now(operation) is Verdict.DONE
    assert Order.objects.get(operation=operation).number == Number.objects.get(number=OTHER)


# Absence


@pytest.mark.parametrize("wanted", [OURS, ""])
def test_a_listing_with_unreadable_rows_proves_no_absence(account: Account, place: Place, wanted: str) -> None:
    account.unreadable = 1
    assert look(account, place.order(wanted)) == ("absent", "", False)


@pytest.mark.parametrize("wanted", [OURS, ""])
def test_a_listing_without_what_stood_there_before_proves_no_absence(
    account: Account, place: Place, wanted: str
) -> None:
    account.rows = [row(OTHER, direction_id="99999")]  # half of an answer
    assert look(account, place.order(wanted)) == ("absent", "", False)


@pytest.mark.parametrize("wanted", [OURS, ""])
def test_an_empty_listing_of_an_account_that_had_numbers_proves_no_absence(
    account: Account, place: Place, wanted: str
) -> None:
    operation = place.order(wanted)
    operation.evidence["before"] |= {"numbers": [], "listed": 40}  # all of other directions
    account.rows = []
    assert look(account, operation) == ("absent", "", False)
    operation.evidence["before"]["listed"] = 0
    assert look(account, operation) == ABSENT


# One number explains one order


@pytest.mark.parametrize("state", ["sent", "unknown", "needs_person"])
def test_a_number_that_another_order_chose_and_may_have_got_is_not_ours(
    account: Account, place: Place, state: str
) -> None:
    operation = place.order()
    place.order(OURS, state=state)
    account.rows.append(row(OURS))
    assert look(account, operation) == ABSENT


@pytest.mark.parametrize("state", ["planned", "refused", "not_done", "cancelled"])
def test_a_number_that_another_order_chose_and_cannot_have_got_may_be_ours(
    account: Account, place: Place, state: str
) -> None:
    operation = place.order()
    other = place.order(OURS, state=state)
    if state != "planned":
        Order.objects.filter(operation=other).update(state="cancelled" if state == "cancelled" else "refused")
    account.rows.append(row(OURS))  # the operator may assign the very number that somebody else waits for
    assert look(account, operation) == PRESENT


def test_a_number_that_another_order_got_is_not_ours_until_it_was_lost(account: Account, place: Place) -> None:
    operation = place.order()
    other = place.order(state="done")
    number = NumberFactory(connection=place.connection, number=OURS)
    Order.objects.filter(operation=other).update(number=number)
    account.rows.append(row(OURS))
    assert look(account, operation) == ABSENT
    Number.objects.filter(pk=number.pk).update(gone_at=SENT - timedelta(days=7))
    assert look(account, operation) == PRESENT


def test_orders_of_another_account_explain_nothing_here(account: Account, place: Place) -> None:
    operation, elsewhere = place.order(), Place.__new__(Place)
    elsewhere.connection, elsewhere.direction = ConnectionFactory(), place.direction
    elsewhere.group = DocumentGroupFactory(connection=elsewhere.connection, remote_id="1001")
    elsewhere.order(OURS)
    account.rows.append(row(OURS))
    assert look(account, operation) == PRESENT


def test_two_orders_that_find_the_same_number_do_not_both_get_it(account: Account, place: Place) -> None:
    first, second = place.order(), place.order()
    account.rows.append(row(OURS))
    answer = order_evidence.look(account, second).answer  # type: ignore[arg-type]
    assert settling.look_now(first) is Verdict.DONE
    with pytest.raises(Conflict):
        moves.settle_done(second, answer)
    assert settling.look_now(second) is Verdict.UNDECIDED
    assert Order.objects.get(operation=first).number == Number.objects.get(number=OURS)
    second.refresh_from_db()
    assert (second.state, Order.objects.get(operation=second).number) == ("unknown", None)


def test_a_number_of_a_customer_is_not_taken_away_because_a_listing_could_not_be_read(
    account: Account, place: Place, staff: User
) -> None:
    owner = CustomerFactory(name="Owner")
    theirs = NumberFactory(connection=place.connection, number=OTHER, customer=owner, first_seen=SENT - timedelta(9))
    operation = place.order(customer=CustomerFactory(name="Somebody else"))
    operation.evidence["before"]["is_complete"] = False  # it stood there, unreadable
    operation.save()
    account.rows.append(row(OTHER))
    with pytest.raises(settling.CannotDecide):
        settling.decide(operation, done=True, candidate=OTHER, note="", actor=staff)
    theirs.refresh_from_db()
    assert (theirs.customer, theirs.gone_at) == (owner, None)
    assert Number.objects.get(number=OTHER) == theirs
    assert Order.objects.get(operation=operation).number is None


def test_a_number_that_a_complete_listing_did_not_show_before_begins_a_new_life(account: Account, place: Place) -> None:
    theirs = NumberFactory(
        connection=place.connection, number=OURS, customer=CustomerFactory(), first_seen=SENT - timedelta(9)
    )
    customer = CustomerFactory(name="The new one")
    operation = place.order(OURS, customer=customer)
    account.rows.append(row(OURS))
    assert settling.look_now(operation) is Verdict.DONE
    theirs.refresh_from_db()
    assert theirs.gone_at == SENT
    assert Number.objects.get(number=OURS, gone_at=None).customer == customer


def test_the_check_before_sending_keeps_what_the_looks_need(
    account: Account, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for check in ("_check_price", "check_availability", "check_papers"):
        monkeypatch.setattr(placing, check, lambda *_args: None)
    operation = place.order(state="planned")
    account.rows.append(row(OTHER, direction_id="99999"))
    kept = placing._before(account, operation)  # type: ignore[arg-type]
    assert kept == {"numbers": [OLD], "is_complete": True, "listed": 2}
