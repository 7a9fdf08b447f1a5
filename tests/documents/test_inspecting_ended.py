"""A process that looks into a file and doesn't end is ended, with all that it started; the next file is looked into."""

import json
import threading
import time
from pathlib import Path

import pytest
from django.conf import LazySettings

from documents import checking
from documents.checking import check
from tests.support import files
from tests.support.refusals import MEGABYTE, refusal

WELL = {"code": "", "kind": "", "content_type": "image/png", "pages": None, "size": 1}
ANSWER = f"os.write(1, {json.dumps(WELL).encode()!r} + b'\\nx')\n"


@pytest.fixture(autouse=True)
def one_second(settings: LazySettings) -> None:
    """That a process has."""
    settings.UPLOAD_CHECK_SECONDS = 1


def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Another script stands where the real one does."""
    path = tmp_path / "fake.py"
    path.write_text("import os, subprocess, sys, time\n" + script)
    monkeypatch.setattr(checking, "INSPECTING", path)


@pytest.mark.parametrize("before", ["", "sys.stdin.buffer.read()\n"])
def test_an_answer_that_comes_too_late_is_none(
    before: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    fake(tmp_path, monkeypatch, f"{before}time.sleep(3)\n{ANSWER}")
    content = bytes(MEGABYTE)  # more than a pipe holds: writing it waits as well
    assert refusal(content).code == "unreadable"
    settings.UPLOAD_CHECK_SECONDS = 20
    assert check(content).content == b"x"
    waiting = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    assert all(timer.finished.is_set() for timer in waiting)  # nobody waits to end what has ended


def test_what_it_started_ends_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    settings.UPLOAD_CHECK_SECONDS = 3
    began, lived_on = tmp_path / "began", tmp_path / "lived on"
    child = f"import pathlib, time; pathlib.Path({str(began)!r}).touch(); time.sleep(9);"
    child += f"pathlib.Path({str(lived_on)!r}).touch()"
    # it has the same way out, so nothing is read to the end before it ends
    fake(tmp_path, monkeypatch, f"subprocess.Popen([sys.executable, '-I', '-S', '-c', {child!r}]).wait()\n{ANSWER}")
    assert refusal(files.jpeg()).code == "unreadable"
    assert began.exists() and not lived_on.exists()


def test_whoever_says_too_much_is_ended_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    settings.UPLOAD_CHECK_SECONDS, settings.UPLOAD_MAX_MB = 20, 1
    much = "sys.stdin.buffer.read()\nfor _piece in range(%d): os.write(1, bytes(4096))\n"
    fake(tmp_path, monkeypatch, much % 513 + "os.write(1, b'x')\ntime.sleep(20)\n")
    begun = time.monotonic()
    assert refusal(files.jpeg()).code == "unreadable"
    assert time.monotonic() - begun < 10


def test_twice_the_largest_file_and_its_verdict_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    settings.UPLOAD_CHECK_SECONDS, settings.UPLOAD_MAX_MB = 20, 1
    answer = "sys.stdout.write(%r + chr(10) + 'x' * %d)\n"
    for megabytes, fits in ((2, True), (3, False)):
        size = megabytes * MEGABYTE
        fake(tmp_path, monkeypatch, answer % (json.dumps({**WELL, "size": size}), size))
        if fits:
            assert check(files.jpeg()).content == b"x" * size
        else:  # more than that is not even taken into memory
            assert refusal(files.jpeg()).code == "unreadable"


def test_a_file_that_is_too_large_starts_no_process(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> None:
    settings.UPLOAD_MAX_MB = 1
    asked: list[int] = []

    def ask(content: bytes) -> tuple[dict[str, object], bytes]:
        asked.append(len(content))
        return WELL, b"x"

    monkeypatch.setattr(checking, "_ask", ask)
    assert refusal(bytes(MEGABYTE + 1)).code == "too_large" and asked == []
    assert check(bytes(MEGABYTE)).content == b"x" and asked == [MEGABYTE]


def test_no_second_file_is_looked_into_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "WAIT_SECONDS", 0.01)
    inside, go_on = threading.Event(), threading.Event()

    def ask(content: bytes) -> tuple[dict[str, object], bytes]:
        inside.set()
        assert go_on.wait(10)
        return WELL, b"x"

    monkeypatch.setattr(checking, "_ask", ask)
    first = threading.Thread(target=check, args=[b"x"])
    first.start()
    assert inside.wait(10)
    try:
        assert refusal(b"x").code == "busy"
    finally:
        go_on.set()
        first.join()
    assert check(b"x").content == b"x"


def test_one_that_can_not_even_be_started_lets_the_next_one_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "WAIT_SECONDS", 0.01)
    with monkeypatch.context() as broken:
        broken.setattr(checking.sys, "executable", "/nowhere/python")
        for _attempt in range(2):
            with pytest.raises(FileNotFoundError):
                check(files.jpeg())
    assert check(files.jpeg()).content_type == "image/jpeg"
