"""Asking Zadarma what papers suit: one question for each class, kept as it is answered, never asked twice at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from direct_numbers import asking, suitability, tasks
from direct_numbers.models import Asking, Direction, Offer
from direct_numbers.suitability import Kind, Verdict
from documents import validity
from documents.models import DocumentGroup, GroupValidity
from sync import budget
from sync.gateway import NotUsable
from sync.models import CallBudget, Connection
from tests.support.scenes import read, woken
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.django_db
VALID = "groups/valid/"


@pytest.fixture
def group(connection: Connection) -> DocumentGroup:
    """The papers of a person in Hamburg, in an account that was read."""
    read(connection, "catalog", "documents")
    return DocumentGroup.objects.select_related("connection").get(remote_id="1001")


def asked(simulator: SimulatorProcess) -> list[str]:
    """The directions that Zadarma was asked about."""
    return [entry["params"]["direction_id"] for entry in simulator.requests(VALID)]


def classes() -> set[tuple[int, str]]:
    """Countries with what is wanted there, where anything is."""
    return {
        suitability.class_of(offer.direction)
        for offer in Offer.objects.select_related("direction")
        if offer.direction.requirement
    }


def told(group: DocumentGroup, remote_id: str) -> Verdict:
    """The verdict on a direction."""
    rows = suitability.matrix(DocumentGroup.objects.select_related("connection").get(pk=group.pk), timezone.now()).rows
    return next(row.verdict for row in rows if row.direction.remote_id == remote_id)


def row() -> Asking:
    """How far the asking is."""
    return Asking.objects.get()


def test_one_question_for_each_country_and_requirement(
    simulator: SimulatorProcess, group: DocumentGroup, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        count = asking.start(group)
    assert 20 < count == len(classes()) < Offer.objects.count() / 2
    assert ("numbers.ask_validity", [group.pk]) in woken()
    tasks.ask_validity(group.pk)
    directions = Direction.objects.in_bulk(asked(simulator), field_name="remote_id")
    assert len(asked(simulator)) == count
    assert {suitability.class_of(direction) for direction in directions.values()} == classes()
    assert (row().state, row().problem, row().lease_until) == ("done", "", None)
    verdicts = [one.verdict for one in suitability.matrix(group, timezone.now()).rows]
    assert Kind.UNKNOWN not in {verdict.kind for verdict in verdicts}
    assert (told(group, "3760").likely, told(group, "3766").likely) == (False, True)  # Berlin was asked for Nuremberg
    assert asking.start(group) == 0
    tasks.ask_validity(group.pk)
    assert len(asked(simulator)) == count


def test_each_answer_is_kept_with_what_was_wanted(group: DocumentGroup) -> None:
    asking.start(group)
    tasks.ask_validity(group.pk)
    wanted = dict(Direction.objects.values_list("remote_id", "requirement"))
    kept = GroupValidity.objects.values_list("direction_remote_id", "requirement")
    assert kept and all(wanted[remote_id] == requirement != "" for remote_id, requirement in kept)


def test_what_was_likely_is_verified_by_a_click(simulator: SimulatorProcess, group: DocumentGroup) -> None:
    asking.start(group)
    tasks.ask_validity(group.pk)
    assert (told(group, "3766").kind, told(group, "3766").likely) == (Kind.READY, True)
    simulator.set_requirements(3766, "company")  # the catalogue does not know it yet
    asking.ask_now([group], Direction.objects.get(remote_id="3766"))
    verdict = told(group, "3766")
    assert (verdict.kind, verdict.likely) == (Kind.MORE, False)
    assert told(group, "3760").kind == Kind.READY  # which was asked itself


def test_a_second_task_does_not_ask_while_the_first_is_at_it(
    simulator: SimulatorProcess, group: DocumentGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = asking.start(group)
    ask, among = validity.ask, []

    def ask_and_let_another_try(*args: Any, **kwargs: Any) -> Any:
        if not among:
            among.append("tried")
            tasks.ask_validity(group.pk)
        return ask(*args, **kwargs)

    monkeypatch.setattr(validity, "ask", ask_and_let_another_try)
    tasks.ask_validity(group.pk)
    assert among and len(asked(simulator)) == len(set(asked(simulator))) == count


def test_who_lost_the_lease_asks_no_more(
    simulator: SimulatorProcess, group: DocumentGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = asking.start(group)
    ask, calls = validity.ask, []

    def ask_and_stall_at_the_third(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        answer = ask(*args, **kwargs)
        if len(calls) == 3:  # the process stood still for longer than the lease, and the sweeper woke another task
            Asking.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
            tasks.ask_validity(group.pk)
        return answer

    monkeypatch.setattr(validity, "ask", ask_and_stall_at_the_third)
    tasks.ask_validity(group.pk)
    assert len(asked(simulator)) == len(set(asked(simulator))) == count
    assert row().state == "done"


def test_what_a_crash_left_is_swept_up(
    simulator: SimulatorProcess, group: DocumentGroup, django_capture_on_commit_callbacks: Any
) -> None:
    count = asking.start(group)
    now = timezone.now()
    Asking.objects.update(lease_until=now + timedelta(minutes=1), holder="a process that was killed")
    woken()
    with django_capture_on_commit_callbacks(execute=True):
        asking.sweep(now)
    tasks.ask_validity(group.pk)
    assert (woken(), asked(simulator)) == ([], [])
    Asking.objects.update(lease_until=now - timedelta(seconds=1))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.sweep_askings()
    assert woken() == [("numbers.ask_validity", [group.pk])]
    tasks.ask_validity(group.pk)
    assert len(asked(simulator)) == count


def test_without_calls_left_it_stops_and_goes_on_by_itself(
    simulator: SimulatorProcess, group: DocumentGroup, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    count = asking.start(group)
    settings.ZADARMA_CALLS_A_MINUTE = 10
    now = timezone.now()
    minute = int(now.timestamp() // 60)
    CallBudget.objects.filter(connection=group.connection).update(minute=minute + 1, used=4, closed_until=None)
    woken()
    with django_capture_on_commit_callbacks(execute=True):
        tasks.ask_validity(group.pk)
    assert len(asked(simulator)) == 3 == GroupValidity.objects.count()  # 7 of 10 are the background's
    left = row()
    assert (left.state, left.problem, left.lease_until) == ("open", "budget", None)
    assert now < left.not_before <= timezone.now() + timedelta(seconds=61)
    assert woken() == [("numbers.ask_validity", [group.pk])]
    assert budget.take(group.connection_id, budget.CLICK) == 0.0  # a click does not wait for it
    settings.ZADARMA_CALLS_A_MINUTE = 100_000
    tasks.ask_validity(group.pk)  # too early
    assert len(asked(simulator)) == 3
    Asking.objects.update(not_before=timezone.now())
    tasks.ask_validity(group.pk)
    assert len(asked(simulator)) == count and row().state == "done"


def test_an_outage_in_the_middle_keeps_what_was_told_and_says_so(
    simulator: SimulatorProcess, group: DocumentGroup, asks_once: None
) -> None:
    count = asking.start(group)
    first = [one.remote_id for one in suitability.questions(group, timezone.now())][:5]
    ask, answered = validity.ask, []

    def break_off(*args: Any, **kwargs: Any) -> Any:
        if len(answered) == 5:
            simulator.fault("error", path=VALID, count=-1)
        answered.append(1)
        return ask(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validity, "ask", break_off)
        tasks.ask_validity(group.pk)
    assert {one.direction_remote_id for one in GroupValidity.objects.all()} == set(first)
    assert (row().state, row().problem) == ("stopped", "outage")
    assert "can't be reached" in asking.explain(row().problem)
    assert len(asked(simulator)) == 5 + asking.MOST_FAILURES
    simulator.clear_faults()
    assert asking.start(group) == count - 5
    tasks.ask_validity(group.pk)
    assert (row().state, row().problem, GroupValidity.objects.count()) == ("done", "", count)


def test_one_direction_that_fails_does_not_keep_the_others_from_being_asked(
    simulator: SimulatorProcess, group: DocumentGroup, asks_once: None
) -> None:
    count = asking.start(group)
    simulator.fault("error", path=VALID, count=1)
    tasks.ask_validity(group.pk)
    assert GroupValidity.objects.count() == count - 1
    assert (row().state, row().problem) == ("stopped", "outage")


def test_a_direction_that_zadarma_will_not_judge_is_asked_once(
    simulator: SimulatorProcess, group: DocumentGroup
) -> None:
    Direction.objects.filter(remote_id="4101").update(remote_id="999999")
    count = asking.start(group)
    Asking.objects.update(not_before=None)
    tasks.ask_validity(group.pk)
    assert (row().state, row().refused) == ("done", ["999999"])
    assert GroupValidity.objects.count() == count - 1
    Asking.objects.update(state="open")
    tasks.ask_validity(group.pk)
    assert asked(simulator).count("999999") == 1


def test_a_paused_account_is_not_asked(simulator: SimulatorProcess, group: DocumentGroup) -> None:
    asking.start(group)
    Connection.objects.update(state="paused")
    tasks.ask_validity(group.pk)
    assert (row().state, row().problem, asked(simulator)) == ("stopped", "paused", [])
    group.connection.refresh_from_db()
    with pytest.raises(NotUsable):
        asking.start(group)


def test_a_mistake_of_ours_ends_it_and_is_raised(group: DocumentGroup, monkeypatch: pytest.MonkeyPatch) -> None:
    asking.start(group)

    def break_down(*args: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(validity, "ask", break_down)
    with pytest.raises(ZeroDivisionError):
        tasks.ask_validity(group.pk)
    assert (row().state, row().problem) == ("stopped", "mistake")


def test_papers_that_are_gone_erased_or_not_there_yet_are_not_asked_about(
    simulator: SimulatorProcess, group: DocumentGroup
) -> None:
    now = timezone.now()
    for state in ({"gone_at": now}, {"erased_at": now}, {"remote_id": ""}):
        for name, value in state.items():
            setattr(group, name, value)
        assert asking.start(group) == 0
        assert asking.ask_now([group], Direction.objects.get(remote_id="3760")) == {}
        group.refresh_from_db()
    assert asked(simulator) == []


def test_a_page_is_asked_no_longer_than_a_person_waits(simulator: SimulatorProcess, group: DocumentGroup) -> None:
    groups = list(DocumentGroup.objects.select_related("connection"))
    berlin = Direction.objects.get(remote_id="3760")
    assert asking.ask_now(groups, berlin, seconds=-1) == {}
    assert asked(simulator) == []
    assert len(asking.ask_now(groups, berlin)) == 4
    assert asking.without_answer(groups, berlin, timezone.now()) == []
    DocumentGroup.objects.filter(remote_id="0").update(changed_at=timezone.now())
    groups = list(DocumentGroup.objects.select_related("connection"))
    assert [one.remote_id for one in asking.without_answer(groups, berlin, timezone.now())] == ["0"]


def test_an_answer_older_than_the_papers_is_not_served_to_the_wizard(
    simulator: SimulatorProcess, group: DocumentGroup
) -> None:
    direction = Direction.objects.get(remote_id="3760")
    validity.check([group], "3760", requirement=direction.requirement)
    validity.check([group], "3760", requirement=direction.requirement)
    assert len(asked(simulator)) == 1
    group.changed_at = timezone.now()
    validity.check([group], "3760", requirement=direction.requirement)
    assert len(asked(simulator)) == 2
    validity.check([group], "3760", requirement="something else is wanted now")
    assert len(asked(simulator)) == 3
    group.changed_at = timezone.now()
    assert suitability.not_overtaken([group], direction) == {}
