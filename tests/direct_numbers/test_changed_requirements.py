"""Directions that want other papers than when a number was connected: flagged, verified, cleared or lacking."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers import changed_requirements
from direct_numbers.models import Direction, Number
from direct_numbers.suitability import Kind
from documents.models import DocumentGroup, GroupValidity
from people.models import Customer, User
from people.tenancy import Viewer
from sync.models import Connection
from tests import factories
from tests.support.queries import sent_to_the_database
from tests.support.reading import form_of, text_of
from tests.support.scenes import read
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.django_db
STAFF = Viewer(user_id=1, staff_role="owner")
PAGE = "/papers/changed/"


def flagged(viewer: Viewer = STAFF, group: DocumentGroup | None = None) -> list[changed_requirements.Pair]:
    """What is flagged now."""
    return changed_requirements.changed_requirements(viewer, timezone.now(), group)


def test_a_change_is_seen_flagged_verified_and_then_cleared_or_lacking(
    simulator: SimulatorProcess, connection: Connection, browser_of_staff: Client
) -> None:
    read(connection)
    assert "Nothing has changed" in text_of(browser_of_staff.get(PAGE))
    simulator.set_requirements(3760, "resident")  # a number of group 1001, which has it
    simulator.set_requirements(13755, "company")  # a number of the account holder, a person
    read(connection, "catalog")
    page = browser_of_staff.get(PAGE)
    lines = {row.direction.remote_id: row for row in page.context["lines"]}
    assert set(lines) == {"3760", "13755"}
    berlin, london = lines["3760"], lines["13755"]
    assert [number.direction_remote_id for number in berlin.numbers] == ["3760"] * len(berlin.numbers) != []
    shown = text_of(page)
    assert "Extract from the company register" in shown and "An address in the country of the number" in shown
    assert reverse("number", args=[london.numbers[0].pk]) in page.content.decode()

    verify = reverse("group-verify", args=[berlin.group.pk, "3760"])
    sent = form_of(page, verify)
    assert sent["back"] == "changed"
    followed = browser_of_staff.post(verify, sent, follow=True)
    assert followed.redirect_chain == [(PAGE + "?page=1", 302)]
    assert [row.direction.remote_id for row in followed.context["lines"]] == ["13755"]  # it suits: cleared
    assert len(simulator.requests("groups/valid/")) == 1

    answer = browser_of_staff.post(
        reverse("group-verify", args=[london.group.pk, "13755"]), {"back": "changed"}, headers={"HX-Request": "true"}
    )
    assert answer.content.decode().strip().startswith("<tr") and "Certificate" in text_of(answer)
    (pair,) = flagged()
    assert (pair.direction.remote_id, pair.verdict.kind if pair.verdict else "") == ("13755", Kind.MORE)


@pytest.fixture
def pair(offline: Connection, customer: Customer) -> tuple[Number, DocumentGroup]:
    """A customer's number and papers, in a direction that changed after the number began."""
    group = factories.DocumentGroupFactory(connection=offline, customer=customer)
    return flag(offline, group), group


def flag(connection: Connection, group: DocumentGroup, **more: Any) -> Number:
    """A number with these papers in a direction of its own, which changed an hour ago."""
    direction = factories.DirectionFactory(
        uploads_en=[{"type": "passport", "text": "Both sides"}],
        requirement="new",
        requirement_changed_at=timezone.now() - timedelta(hours=1),
    )
    factories.OfferFactory(connection=connection, direction=direction)
    given = {"start_at": timezone.now() - timedelta(days=9), "customer": group.customer, **more}
    made: Number = factories.NumberFactory(
        connection=connection, direction=direction, group_remote_id=group.remote_id, **given
    )
    return made


def answer(number: Number, group: DocumentGroup, hours_ago: float, *, suits: bool = True) -> None:
    """Zadarma's answer for the pair, so many hours ago."""
    GroupValidity.objects.create(
        group=group,
        direction_remote_id=number.direction.remote_id if number.direction else "",
        is_information_match=suits,
        is_documents_uploaded=True,
        is_documents_verified=True,
        is_address_match=True,
        requirement="new",
        as_of=timezone.now() - timedelta(hours=hours_ago),
    )


def test_a_number_is_flagged_with_its_papers(pair: tuple[Number, DocumentGroup]) -> None:
    number, group = pair
    (found,) = flagged()
    assert (found.group, found.numbers, found.direction) == (group, [number], number.direction)
    assert (changed_requirements.count(STAFF), flagged(group=group)) == (1, [found])
    other = factories.DocumentGroupFactory(connection=group.connection)
    assert flagged(group=other) == []


@pytest.mark.parametrize("change", ["began since", "first seen since", "gone", "other papers", "nothing wanted"])
def test_what_does_not_concern_a_number_is_not_flagged(pair: tuple[Number, DocumentGroup], change: str) -> None:
    number, _group = pair
    assert len(flagged()) == 1
    now = timezone.now()
    values: dict[str, dict[str, Any]] = {
        "began since": {"start_at": now},
        "first seen since": {"start_at": None, "first_seen": now},
        "gone": {"gone_at": now},
        "other papers": {"group_remote_id": ""},
        "nothing wanted": {},
    }
    Number.objects.filter(pk=number.pk).update(**(values[change] or {"number": number.number}))
    if change == "nothing wanted":
        Direction.objects.update(requirement="")
    assert flagged() == []


@pytest.mark.parametrize(("hours_ago", "suits", "left"), [(0.5, True, 0), (2, True, 1), (0.5, False, 1)])
def test_only_a_later_answer_that_suits_clears_it(
    pair: tuple[Number, DocumentGroup], hours_ago: float, suits: bool, left: int
) -> None:
    answer(*pair, hours_ago, suits=suits)
    assert len(flagged()) == left


def test_answers_of_other_papers_clear_nothing(pair: tuple[Number, DocumentGroup]) -> None:
    number, group = pair
    elsewhere = factories.DocumentGroupFactory(remote_id=group.remote_id)
    answer(number, elsewhere, 0.5)
    assert len(flagged()) == 1


def test_each_sees_their_own(
    client: Client, pair: tuple[Number, DocumentGroup], member: User, outsider: User, customer: Customer
) -> None:
    number, group = pair
    holder = factories.DocumentGroupFactory(connection=group.connection, remote_id="0")
    theirs = flag(group.connection, holder, customer=customer)
    client.force_login(outsider)
    assert client.get(PAGE).context["lines"] == []
    client.force_login(member)
    page = client.get(PAGE)
    assert {row.numbers[0] for row in page.context["lines"]} == {number, theirs}
    assert {row.group for row in page.context["lines"]} == {group, None}  # the account holder's papers are not theirs
    assert "papers of your provider" in text_of(page) and "Verify" not in text_of(page)


def test_one_pair_and_three_take_the_same_queries(
    browser_of_staff: Client, pair: tuple[Number, DocumentGroup], offline: Connection
) -> None:
    counted = []
    for rows in (0, 2):
        for _ in range(rows):
            flag(offline, factories.DocumentGroupFactory(connection=offline, customer=factories.CustomerFactory()))
        browser_of_staff.get(PAGE)
        with sent_to_the_database() as sent:
            page = browser_of_staff.get(PAGE)
        assert len(page.context["lines"]) == 1 + rows
        counted.append(sent.count)
    assert counted == [counted[0]] * 2
