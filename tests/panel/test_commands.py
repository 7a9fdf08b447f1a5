"""The commands for people who run the panel."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from direct_numbers.models import Country, Direction, Number, Offer
from documents.models import Document, DocumentGroup
from people.models import Customer, User
from sync import runs
from sync.models import Connection, SyncRun
from tests.support.simulator import SimulatorProcess


def run(*arguments: str) -> str:
    """What a command prints."""
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_sync_reads_everything_and_tells_it_as_json(connection: Connection) -> None:
    told = [json.loads(line) for line in run("sync", "--json").splitlines()]
    assert {(line["kind"], line["state"], line["seen"]) for line in told} == {
        ("numbers", "done", 24),
        ("documents", "done", DocumentGroup.objects.count() + Document.objects.count()),
        ("catalog", "done", Country.objects.count() + Direction.objects.count() + Offer.objects.count()),
    }
    assert all(line["connection"] == "Test account" and line["seconds"] >= 0 for line in told)
    assert Number.objects.count() == 24 and DocumentGroup.objects.count() == 4


@pytest.mark.django_db
def test_sync_only_one_kind_with_progress(connection: Connection) -> None:
    told = run("sync", "--only", "documents")
    assert "group 1001" in told and f"seen {4 + Document.objects.count()}," in told and "state done" in told
    assert list(SyncRun.objects.values_list("kind", flat=True)) == ["documents"]
    assert not Number.objects.exists()


@pytest.mark.django_db
def test_sync_that_failed_ends_with_an_error(
    connection: Connection, simulator: SimulatorProcess, asks_once: None
) -> None:
    simulator.fault("html", path="^/v1/direct_numbers/$", count=-1)
    out = io.StringIO()
    with pytest.raises(CommandError, match="Not everything could be read"):
        call_command("sync", "--json", stdout=out)
    told = {line["kind"]: line for line in map(json.loads, out.getvalue().splitlines())}
    assert (told["numbers"]["state"], told["documents"]["state"]) == ("failed", "done")
    assert told["numbers"]["error"]


@pytest.mark.django_db
def test_sync_beside_a_run_under_way_says_busy(connection: Connection) -> None:
    runs.begin(connection, "catalog")
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("sync", "--json", "--only", "numbers", stdout=out)
    assert json.loads(out.getvalue())["state"] == "busy"


@pytest.mark.django_db
def test_sync_without_an_account_says_what_to_set() -> None:
    with pytest.raises(CommandError, match="ZADARMA_API_KEY"):
        run("sync")


@pytest.mark.django_db(transaction=True)
def test_prepare_twice_makes_everything_once(settings: Settings, simulator: SimulatorProcess, tmp_path: Path) -> None:
    settings.VAR_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    settings.SIMULATOR_URL, settings.SIMULATOR_KEY, settings.SIMULATOR_SECRET = simulator.url, "demo-key", "demo-secret"
    settings.EMBEDDED = True
    first, second = run("prepare"), run("prepare")
    assert first == second
    person = User.objects.get()
    password = (tmp_path / "admin_password").read_text().strip()
    assert f"Sign in as {person.email} with the password {password}" in first
    assert person.is_staff and person.check_password(password)
    assert (tmp_path / "admin_password").stat().st_mode & 0o777 == 0o600
    assert Connection.objects.get().is_demo
    assert Customer.objects.filter(is_demo=True).count() == 2
    assert (tmp_path / "static" / "css" / "tokens.css").exists()
    assert [json.loads(line)["state"] for line in run("sync", "--json").splitlines()] == ["done"] * 3
    told = run("clear_demo")
    assert told.startswith("Removed: ") and "Removed: 0" not in told
    assert not Connection.objects.exists() and not Number.objects.exists() and not Customer.objects.exists()
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_prepare_with_a_password_of_ones_own_prints_none(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD = "Boss@Partner.Example", "a password of my own"
    told = run("prepare")
    assert "a password of my own" not in told
    assert "Sign in as boss@partner.example with the password you chose" in told
    assert User.objects.get().check_password("a password of my own")
    given = {"username": "boss@partner.example", "password": "a password of my own"}
    browser = Client()
    assert browser.post("/sign-in/", given).headers["Location"] == "/"  # their address counts as confirmed
    assert browser.get("/").status_code == 200


@pytest.mark.django_db
def test_prepare_in_production_makes_no_password_up(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR, settings.STATIC_ROOT, settings.EMBEDDED = tmp_path, tmp_path / "static", False
    assert "No administrator yet: set ADMIN_EMAIL and ADMIN_PASSWORD" in run("prepare")
    assert not User.objects.exists()
    assert not (tmp_path / "admin_password").exists()
