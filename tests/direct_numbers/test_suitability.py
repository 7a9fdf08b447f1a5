"""What papers suit: each verdict, what lacks by its name, what is only likely, and what is out of date."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from direct_numbers import asking, suitability
from direct_numbers.models import Direction
from direct_numbers.suitability import Kind, Verdict
from documents.models import DocumentGroup, GroupValidity
from sync.models import Connection
from tests import factories
from tests.support.queries import sent_to_the_database
from tests.support.scenes import read
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.django_db
WANTS = {
    "uploads_en": [{"type": "passport", "text": "Both sides"}, {"type": "receipt", "text": "Of this year"}],
    "specify_en": ["An address in the country"],
    "requirement": "r1",
}
ALL = {
    "is_information_match": True,
    "is_documents_uploaded": True,
    "is_documents_verified": True,
    "is_address_match": True,
}


@pytest.fixture
def group(offline: Connection) -> DocumentGroup:
    """A group with a verified passport."""
    made: DocumentGroup = factories.DocumentGroupFactory(connection=offline)
    factories.DocumentFactory(group=made)
    return made


@pytest.fixture
def berlin(offline: Connection) -> Direction:
    """A direction that wants a passport, a bill and an address."""
    made: Direction = factories.DirectionFactory(remote_id="100", **WANTS)
    factories.OfferFactory(connection=offline, direction=made)
    return made


def answer(group: DocumentGroup, direction: Direction, **told: Any) -> GroupValidity:
    """Zadarma's answer, all of it yes unless told otherwise."""
    given = {"requirement": direction.requirement, "as_of": timezone.now(), **ALL, **told}
    return GroupValidity.objects.create(group=group, direction_remote_id=direction.remote_id, **given)


def told(group: DocumentGroup, direction: Direction | str) -> Verdict:
    """The verdict on a direction."""
    remote_id = direction if isinstance(direction, str) else direction.remote_id
    group = DocumentGroup.objects.select_related("connection").get(pk=group.pk)
    rows = suitability.matrix(group, timezone.now()).rows
    return next(row.verdict for row in rows if row.direction.remote_id == remote_id)


def names(verdict: Verdict) -> list[str]:
    """What lacks."""
    return [lack.name for lack in verdict.lacks]


@pytest.mark.parametrize(
    ("no", "kind", "lacking"),
    [
        ([], Kind.READY, []),
        (["is_information_match"], Kind.ONE, ["An address in the country"]),
        (["is_documents_uploaded", "is_documents_verified"], Kind.ONE, ["Utility bill or proof of address"]),
        (["is_documents_verified"], Kind.WAITING, ["Zadarma's check"]),
        (["is_address_match"], Kind.ONE, ["An address that fits"]),
        (["is_address_match", "is_documents_verified"], Kind.ONE, ["An address that fits", "Zadarma's check"]),
        (
            ["is_information_match", "is_documents_uploaded", "is_documents_verified"],
            Kind.MORE,
            ["Utility bill or proof of address", "An address in the country"],
        ),
    ],
)
def test_each_answer_that_is_no_names_what_lacks(
    group: DocumentGroup, berlin: Direction, no: list[str], kind: Kind, lacking: list[str]
) -> None:
    answer(group, berlin, **dict.fromkeys(no, False))
    verdict = told(group, berlin)
    assert (verdict.kind, names(verdict), verdict.likely, verdict.outdated) == (kind, lacking, False, False)


def test_without_an_answer_nothing_is_promised(group: DocumentGroup, berlin: Direction, offline: Connection) -> None:
    assert told(group, berlin) == Verdict(Kind.UNKNOWN)
    free = factories.DirectionFactory()
    factories.OfferFactory(connection=offline, direction=free)
    assert told(group, free) == Verdict(Kind.READY)
    answer(group, free, is_address_match=False)  # what Zadarma says counts more than what its catalogue says
    assert told(group, free).kind == Kind.ONE


def test_both_documents_are_named_where_both_are_missing(group: DocumentGroup, berlin: Direction) -> None:
    group.documents.update(gone_at=timezone.now())
    answer(group, berlin, is_documents_uploaded=False, is_documents_verified=False)
    assert names(told(group, berlin)) == ["Passport or ID card", "Utility bill or proof of address"]


def test_what_lacks_is_named_though_the_mirror_shows_every_kind(group: DocumentGroup, berlin: Direction) -> None:
    factories.DocumentFactory(group=group, document_type="receipt")
    answer(group, berlin, is_documents_uploaded=False, is_documents_verified=False)
    verdict = told(group, berlin)
    assert (verdict.kind, names(verdict)) == (Kind.ONE, ["Passport or ID card or Utility bill or proof of address"])
    assert "give a new one" in verdict.lacks[0].note


def test_a_rejected_document_lacks_whatever_was_answered_before(group: DocumentGroup, berlin: Direction) -> None:
    answer(group, berlin)
    DocumentGroup.objects.filter(pk=group.pk).update(wrong_document_type="passport")
    verdict = told(group, berlin)
    assert (verdict.kind, names(verdict)) == (Kind.ONE, ["Passport or ID card"])
    assert verdict.lacks[0].note == "rejected: give a new one"
    DocumentGroup.objects.filter(pk=group.pk).update(wrong_document_type="contract")  # not wanted here
    assert told(group, berlin).kind == Kind.READY


def test_a_rejection_ends_once_a_later_answer_says_that_all_is_verified(
    group: DocumentGroup, berlin: Direction
) -> None:
    seen = timezone.now() - timedelta(minutes=5)
    DocumentGroup.objects.filter(pk=group.pk).update(wrong_document_type="passport", checked_at=seen)
    row = answer(group, berlin)
    assert told(group, berlin).kind == Kind.READY
    GroupValidity.objects.filter(pk=row.pk).update(is_documents_verified=False)
    assert names(told(group, berlin)) == ["Passport or ID card"]
    GroupValidity.objects.filter(pk=row.pk).update(is_documents_verified=True, as_of=seen - timedelta(minutes=1))
    assert names(told(group, berlin)) == ["Passport or ID card"]


def test_a_rejected_address_is_said_to_be_rejected(group: DocumentGroup, berlin: Direction) -> None:
    DocumentGroup.objects.filter(pk=group.pk).update(wrong_address="no such street")
    answer(group, berlin, is_address_match=False)
    (lack,) = told(group, berlin).lacks
    assert (lack.name, lack.note) == ("Another address", "the one that is there was rejected")


def mates(offline: Connection, *remote_ids: str, **other: Any) -> list[Direction]:
    """Directions of the same country that want the same."""
    made = [factories.DirectionFactory(remote_id=one, **{**WANTS, **other}) for one in remote_ids]
    for direction in made:
        factories.OfferFactory(connection=offline, direction=direction)
    return made


def test_one_answer_is_likely_for_the_class_and_for_nobody_else(
    group: DocumentGroup, berlin: Direction, offline: Connection
) -> None:
    (hamburg,) = mates(offline, "101")
    (other,) = mates(offline, "102", requirement="r2")
    abroad = factories.CountryFactory(iso="AT")
    (vienna,) = mates(offline, "103", country=abroad)
    answer(group, berlin)
    verdict = told(group, hamburg)
    assert (verdict.kind, verdict.likely, verdict.by) == (Kind.READY, True, berlin)
    assert told(group, berlin).likely is False
    assert (told(group, other).kind, told(group, vienna).kind) == (Kind.UNKNOWN, Kind.UNKNOWN)


def test_where_answers_of_a_class_differ_the_least_favourable_is_likely(
    group: DocumentGroup, berlin: Direction, offline: Connection
) -> None:
    hamburg, munich = mates(offline, "101", "102")
    answer(group, berlin)
    answer(group, hamburg, is_address_match=False, as_of=timezone.now() - timedelta(minutes=5))
    assert (told(group, munich).kind, told(group, munich).by) == (Kind.ONE, hamburg)
    assert told(group, berlin).kind == Kind.READY  # its own answer goes first


@pytest.mark.parametrize(
    "overtake",
    [
        lambda row: GroupValidity.objects.filter(pk=row.pk).update(as_of=timezone.now() - timedelta(hours=25)),
        lambda row: DocumentGroup.objects.filter(pk=row.group_id).update(changed_at=timezone.now()),
    ],
    ids=["aged", "papers changed since"],
)
def test_an_overtaken_answer_is_out_of_date_and_asked_anew(
    group: DocumentGroup, berlin: Direction, offline: Connection, overtake: Callable[[GroupValidity], Any]
) -> None:
    row = answer(group, berlin)
    (hamburg,) = mates(offline, "101")
    assert suitability.questions(group, timezone.now()) == []
    overtake(row)
    group.refresh_from_db()
    assert (told(group, berlin).kind, told(group, berlin).outdated) == (Kind.READY, True)
    assert told(group, hamburg).outdated is True
    assert suitability.questions(group, timezone.now()) == [berlin]
    answer(group, hamburg, is_address_match=False)  # a mate that was asked since tells more
    assert (told(group, berlin).kind, told(group, berlin).likely) == (Kind.ONE, True)


def test_an_answer_to_another_requirement_is_no_answer(group: DocumentGroup, berlin: Direction) -> None:
    row = answer(group, berlin)
    Direction.objects.filter(pk=berlin.pk).update(requirement="r2")
    verdict = told(group, berlin)
    assert (verdict.kind, verdict.outdated, verdict.as_of) == (Kind.UNKNOWN, True, row.as_of)
    assert [one.remote_id for one in suitability.questions(group, timezone.now())] == ["100"]


def test_the_class_is_asked_by_who_was_answered_else_by_the_lowest_id(
    group: DocumentGroup, offline: Connection
) -> None:
    mates(offline, "1000", "99", "101")
    assert [one.remote_id for one in suitability.questions(group, timezone.now())] == ["99"]
    old = Direction.objects.get(remote_id="1000")
    answer(group, old, as_of=timezone.now() - timedelta(days=3))
    assert [one.remote_id for one in suitability.questions(group, timezone.now())] == ["1000"]


def test_the_matrix_takes_three_queries_however_many_directions(
    group: DocumentGroup, berlin: Direction, offline: Connection
) -> None:
    for place in range(2):
        answer(group, mates(offline, f"2{place}", requirement=f"s{place}")[0])
        with sent_to_the_database() as sent:
            rows = suitability.matrix(group, timezone.now()).rows
        assert (len(rows), sent.count) == (place + 2, 3)


def test_names_are_the_readers(group: DocumentGroup, berlin: Direction) -> None:
    Direction.objects.filter(pk=berlin.pk).update(specify_de=["Eine Anschrift im Land"], uploads_de=berlin.uploads_en)
    answer(group, berlin, is_information_match=False)
    with translation.override("de"):
        assert names(told(group, berlin)) == ["Eine Anschrift im Land"]


@pytest.mark.parametrize(
    ("group_id", "direction_id", "kind", "lacking"),
    [
        ("1001", "3760", Kind.READY, []),
        ("0", "3760", Kind.ONE, ["Utility bill or proof of address"]),
        ("1001", "4102", Kind.ONE, ["An address that fits"]),
        ("1001", "3753", Kind.MORE, ["Certificate", "Company name and registration number"]),
        ("1002", "4106", Kind.WAITING, ["Zadarma's check"]),
        ("1003", "5401", Kind.ONE, ["Passport or ID card"]),
        ("1003", "13755", Kind.READY, []),
    ],
)
def test_each_verdict_as_the_account_answers(
    connection: Connection, group_id: str, direction_id: str, kind: Kind, lacking: list[str]
) -> None:
    read(connection, "catalog", "documents")
    group = DocumentGroup.objects.select_related("connection").get(remote_id=group_id)
    asking.ask_now([group], Direction.objects.get(remote_id=direction_id))
    verdict = told(group, direction_id)
    assert (verdict.kind, names(verdict)) == (kind, lacking)


def test_a_paper_rejected_after_the_answer_lacks_though_nobody_asked_again(
    simulator: SimulatorProcess, connection: Connection
) -> None:
    read(connection, "catalog", "documents")
    group = DocumentGroup.objects.select_related("connection").get(remote_id="1001")
    asking.ask_now([group], Direction.objects.get(remote_id="3760"))
    simulator.reject(1001, "receipt", "too old")
    read(connection, "documents")
    verdict = told(group, "3760")
    assert (verdict.kind, names(verdict)) == (Kind.ONE, ["Utility bill or proof of address"])
    assert verdict.lacks[0].note == "rejected: give a new one"
