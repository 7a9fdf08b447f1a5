"""Accounts from a CSV file: what is understood, and that each row ends once."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from sync import accounts, importing
from sync.models import Connection, ConnectionImport, ImportRow
from sync.tasks import delete_old_imports
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _api(settings: Settings, simulator: SimulatorProcess) -> None:
    settings.ZADARMA_API_URL, settings.SIMULATOR_URL = simulator.url, ""
    settings.ZADARMA_API_KEY = settings.ZADARMA_API_SECRET = ""


@pytest.mark.parametrize(
    "content",
    [
        b"One,k1,s1\nTwo,k2,s2\n",
        b"\xef\xbb\xbfname;key;secret\r\nOne;k1;s1\r\n\r\nTwo;k2;s2\r\n",
        b'secret,"Name",key\n"s1","One",k1\ns2,Two,k2',
        b"name\tkey\tsecret\nOne\tk1\ts1\n \t \t\nTwo\tk2\ts2\n",
    ],
)
def test_files_as_programs_write_them(content: bytes) -> None:
    found = importing.read(importing.text_of(content))
    assert [(one.name, one.key, one.secret) for one in found] == [("One", "k1", "s1"), ("Two", "k2", "s2")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"M\xfcller,k1,s1", "UTF-8"),
        ("One,k,s".encode("utf-16"), "UTF-8"),
        (b"", "no account"),
        (b"name,key,secret\n", "no account"),
        (b"name,key\nOne,k1", "not all of"),
        (b"One,k1,s1\nTwo,k2", "Line 2 lacks"),
        (b"One,k1,s1\nTwo,k1,s2", "Lines 1 and 2"),
        (b'One,"k1,s1', "quote"),
        (b"One,k 1,s1", "without blanks"),
        (b"".join(b"N,k%d,s\n" % n for n in range(501)), "more than 500"),
        (b"x" * (256 * 1024 + 1), "too large"),
    ],
)
def test_what_can_not_be_read_is_refused_with_a_sentence(browser_of_staff: Client, content: bytes, says: str) -> None:
    file = SimpleUploadedFile("accounts.csv", content, "text/csv")
    answer = browser_of_staff.post(reverse("account-import"), {"file": file})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not ConnectionImport.objects.exists()


def test_each_row_ends_with_its_result_and_forgets_its_pair(
    browser_of_staff: Client, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    text = "name;key;secret\nNew;second-key;second-secret\nKnown;demo-key;demo-secret\nWrong;nobody;pw-nobody\n"
    answer = browser_of_staff.post(reverse("account-import"), {"text": text})
    batch = ConnectionImport.objects.get()
    assert answer.headers["Location"] == reverse("account-import-result", args=[batch.pk])
    with database.cursor() as cursor:
        cursor.execute("SELECT api_key, api_secret FROM sync_importrow")
        assert "second" not in str(cursor.fetchall())
    importing.go_on(batch.pk)
    importing.go_on(batch.pk)
    rows = [(row.name, row.state, row.api_key, row.api_secret) for row in ImportRow.objects.all()]
    assert rows == [("New", "added", "", ""), ("Known", "there", "", ""), ("Wrong", "refused", "", "")]
    assert Connection.objects.filter(name="New").count() == 1 and Connection.objects.count() == 2
    page = browser_of_staff.get(answer.headers["Location"]).content.decode()
    assert "New" in page and "every 2s" not in page
    assert not [word for word in ("second-key", "second-secret", "pw-nobody") if word in page + caplog.text]


def test_killed_between_test_and_row_it_goes_on_and_adds_once(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = importing.begin(importing.read("New,second-key,second-secret"), None)

    def killed(*args: object, **more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("sync.accounts.audit.record", killed)
        importing.go_on(batch.pk)
    assert (ImportRow.objects.get().state, Connection.objects.count()) == ("waiting", 1)
    woken: list[int] = []
    monkeypatch.setattr(importing, "wake", lambda task, pk: woken.append(pk))
    importing.sweep()
    assert woken == [batch.pk]
    importing.go_on(batch.pk)
    assert (ImportRow.objects.get().state, Connection.objects.filter(name="New").count()) == ("added", 1)


def test_an_outage_is_waited_out_then_said(
    simulator: SimulatorProcess, asks_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulator.fault("reset_before", path="/v1/info/", count=-1)
    batch = importing.begin(importing.read("New,second-key,second-secret"), None)
    importing.go_on(batch.pk)
    row = ImportRow.objects.get()
    assert (row.state, row.attempts, row.api_key) == ("waiting", 1, "second-key")
    ImportRow.objects.update(attempts=importing.ATTEMPTS - 1, not_before=None)
    importing.go_on(batch.pk)
    row.refresh_from_db()
    assert (row.state, row.api_key, row.api_secret) == ("outage", "", "")


def test_while_the_panel_is_simulated_new_accounts_are_too(settings: Settings) -> None:
    settings.SIMULATOR_URL = "http://127.0.0.1:1"
    assert accounts.api_url() == "http://127.0.0.1:1"
    settings.ZADARMA_API_KEY = "real"
    assert accounts.api_url() == settings.ZADARMA_API_URL


def test_an_import_that_ended_is_forgotten_after_thirty_days() -> None:
    kept = {}
    for name, days, state in (("old", 31, "added"), ("waits", 31, "waiting"), ("young", 29, "added")):
        batch = importing.begin(importing.read(f"A,{name}-1,s\nB,{name}-2,s"), None)
        batch.rows.filter(line=1).update(state=state)
        batch.rows.filter(line=2).update(state="refused")
        ConnectionImport.objects.filter(pk=batch.pk).update(created_at=timezone.now() - timedelta(days=days))
        kept[name] = batch.pk
    assert (importing.delete_old(), importing.delete_old()) == (1, 0)
    assert set(ConnectionImport.objects.values_list("pk", flat=True)) == {kept["waits"], kept["young"]}
    assert ImportRow.objects.count() == 4
    planned = {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}
    assert delete_old_imports.name in planned


def test_two_workers_with_the_same_row_end_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = importing.begin(importing.read("New,second-key,second-secret"), None)
    examine = accounts.examine

    def while_another_does_it(key: str, secret: str) -> accounts.Tested:
        monkeypatch.setattr(accounts, "examine", examine)
        importing.go_on(batch.pk)
        return examine(key, secret)

    monkeypatch.setattr(accounts, "examine", while_another_does_it)
    importing.go_on(batch.pk)
    assert (ImportRow.objects.get().state, Connection.objects.filter(name="New").count()) == ("added", 1)
