"""Two sealers at once never fork the chain, and who notes something meanwhile does not wait for them for long."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from people import audit_checking, audit_sealing
from people.audit_models import AuditEntry
from people.models import User
from tests.people.test_erasing_at_once import in_thread
from tests.support.audit_rows import noted

pytestmark = pytest.mark.django_db(transaction=True)
SEALERS, WRITERS, ROWS = 4, 3, 40
ROOT = Path(__file__).resolve().parents[2]


WORK = """
import sys
from people import audit, audit_sealing
from people.models import User
who = User.objects.first()
audit_sealing.BATCH = 7
for number in range(40):
    audit.record("order.approved", who, about=("order", number))
    if sys.argv[1] == "seals":
        audit_sealing.seal()
"""


def manage(var: Path, *arguments: str, code: str = "") -> "subprocess.Popen[str]":
    """A process of its own with a SQLite file of its own."""
    environment = {**os.environ, "VAR_DIR": str(var), "DJANGO_SETTINGS_MODULE": "config.settings"}
    for name in ("DATABASE_URL", "REDIS_URL"):
        environment.pop(name, None)
    start = f"import django; django.setup()\n{code}" if code else ""
    command = [sys.executable, "-c", start, *arguments] if code else [sys.executable, "manage.py", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True)


def test_processes_that_write_and_seal_at_once(tmp_path: Path) -> None:
    made = manage(tmp_path, "migrate", "-v0")
    assert made.wait(120) == 0, made.communicate()
    made = manage(tmp_path, code="from people.models import User\nUser.objects.create_user('a@b.example')")
    assert made.wait(60) == 0, made.communicate()
    running = [manage(tmp_path, what, code=WORK) for what in ("seals", "seals", "seals", "writes")]
    for process in running:
        assert process.wait(120) == 0, process.communicate()
    made = manage(tmp_path, code="from people import audit_sealing; audit_sealing.seal()")
    assert made.wait(60) == 0, made.communicate()
    told = manage(tmp_path, "verify_audit")
    out, err = told.communicate(timeout=60)
    assert "160 rows checked" in out, err


if database.vendor == "postgresql":  # the tests' SQLite is one database in memory, whose tables lock each other out

    def test_sealers_and_writers_at_once(staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(audit_sealing, "BATCH", 7)
        ready, over = threading.Barrier(SEALERS + WRITERS), threading.Event()

        def write() -> int:
            ready.wait(20)
            return len([noted(1, staff) for _each in range(ROWS)])

        def seal() -> int:
            ready.wait(20)
            count = 0
            while not over.is_set():
                count += audit_sealing.seal()
            return count + audit_sealing.seal()

        writers = [in_thread(write) for _each in range(WRITERS)]
        sealers = [in_thread(seal) for _each in range(SEALERS)]
        for thread, _came in writers:
            thread.join(60)
        over.set()
        for thread, _came in sealers:
            thread.join(60)
        assert [came for _thread, came in writers] == [[ROWS]] * WRITERS
        assert sum(came[0] for _thread, came in sealers) == WRITERS * ROWS  # type: ignore[misc]
        assert audit_checking.check(timezone.now()).rows == WRITERS * ROWS
        assert not AuditEntry.objects.filter(seq=None).exists()

    def test_the_first_two_sealers_make_one_chain(staff: User) -> None:
        noted(3, staff)
        both = [in_thread(audit_sealing.seal) for _each in range(2)]
        for thread, _came in both:
            thread.join(20)
        assert sorted(came[0] for _thread, came in both) == [0, 3]  # type: ignore[type-var]
        assert audit_checking.check(timezone.now()).rows == 3

    def test_what_is_not_committed_yet_is_sealed_after_what_is(staff: User) -> None:
        begun, go_on = threading.Event(), threading.Event()

        def slow() -> int:
            with transaction.atomic():
                pk = noted(1, staff)[0].pk
                begun.set()
                assert go_on.wait(20)
            return pk

        thread, came = in_thread(slow)
        assert begun.wait(20)
        quick = noted(1, staff)[0]
        assert audit_sealing.seal() == 1
        go_on.set()
        thread.join(20)
        assert audit_sealing.seal() == 1
        assert list(AuditEntry.objects.order_by("seq").values_list("pk", flat=True)) == [quick.pk, came[0]]
        assert came[0] < quick.pk  # type: ignore[operator]
        assert audit_checking.check(timezone.now()).rows == 2
