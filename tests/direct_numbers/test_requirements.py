"""What a direction wants, and that it is noticed when that changes."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from direct_numbers.models import Direction
from direct_numbers.requirements import signature, signature_of
from sync.models import Change, Connection
from tests.support.scenes import read
from tests.support.simulator import SimulatorProcess

PASSPORT = {"type": "passport", "text": "Passport or identity card, front and back"}
RECEIPT = {"type": "receipt", "text": "A utility bill of the last three months"}


def direction(remote_id: int) -> Direction:
    """A direction of the mirror."""
    return Direction.objects.get(remote_id=str(remote_id))


def test_the_digest_is_of_what_is_wanted_and_not_of_how_it_is_written() -> None:
    assert signature([], []) == ""
    first = signature([PASSPORT, RECEIPT], ["Your address"])
    assert len(first) == 64
    assert first == signature([RECEIPT, {"type": "passport", "text": PASSPORT["text"].upper()}], ["  your  address. "])
    others = [
        signature([PASSPORT], ["Your address"]),
        signature([PASSPORT, RECEIPT], []),
        signature([PASSPORT, {**RECEIPT, "text": "A utility bill of the last month"}], ["Your address"]),
        signature([], ["Your address"]),
        signature([{"type": "", "text": "Your address"}], []),
    ]
    assert len({first, *others}) == 6


@pytest.mark.django_db
def test_a_changed_requirement_is_dated_at_second_sight_only(
    simulator: SimulatorProcess, connection: Connection
) -> None:
    read(connection, "catalog")
    assert not Direction.objects.exclude(requirement_changed_at=None).exists()
    before = direction(4101).requirement
    assert before == signature_of(direction(4101)) != "" and direction(13756).requirement == ""
    (run,) = read(connection, "catalog")
    assert run.updated == 0
    simulator.set_requirements(4101, "local")
    simulator.set_requirements(13756, "passport")
    simulator.set_requirements(5401, "none")
    began = timezone.now()
    read(connection, "catalog")
    changed = Direction.objects.exclude(requirement_changed_at=None)
    assert {row.remote_id for row in changed} == {"4101", "13756", "5401"}
    assert all(row.requirement_changed_at >= began for row in changed)
    assert direction(4101).requirement not in ("", before)
    assert (direction(5401).requirement, direction(13756).requirement != "") == ("", True)
    assert not Change.objects.filter(field__startswith="requirement").exists()  # what is wanted is told, no digest
    moment = direction(4101).requirement_changed_at
    read(connection, "catalog")
    assert direction(4101).requirement_changed_at == moment


@pytest.mark.django_db
def test_a_direction_of_which_only_the_german_row_came_keeps_its_requirement(connection: Connection) -> None:
    from direct_numbers.catalog import _note_requirements

    read(connection, "catalog")
    fields = {"4101": {"uploads_de": []}}
    _note_requirements(fields)
    assert fields == {"4101": {"uploads_de": []}}


@pytest.mark.django_db(transaction=True)
def test_directions_that_are_known_get_their_digest_without_being_flagged() -> None:
    newest = MigrationExecutor(database).loader.graph.leaf_nodes()
    before, after = ("numbers", "0005_sealed_error"), ("numbers", "0006_papers")
    try:
        MigrationExecutor(database).migrate([before])
        apps = MigrationExecutor(database).loader.project_state([before]).apps
        now = timezone.now() - timedelta(days=1)
        country = apps.get_model("numbers", "Country").objects.create(iso="DE", dial_code="49", name_en="D", as_of=now)
        rows = apps.get_model("numbers", "Direction").objects
        rows.create(remote_id="1", country=country, dial_code="49", uploads_en=[PASSPORT], specify_en=["A."], as_of=now)
        rows.create(remote_id="2", country=country, dial_code="49", as_of=now)
        MigrationExecutor(database).migrate([after])
        assert direction(1).requirement == signature([PASSPORT], ["A."])
        assert direction(2).requirement == ""
        assert direction(1).requirement_changed_at is None
        MigrationExecutor(database).migrate([before])
    finally:
        MigrationExecutor(database).migrate(newest)
