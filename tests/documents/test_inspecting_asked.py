"""What the process that looks into files is told, what is made of its answer, and that none is left behind."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import LazySettings

from documents import checking
from documents.checking import check
from tests.support import files
from tests.support.refusals import refusal, sentence

HEAD = "import json, os, sys, time\nsys.stdin.buffer.read()\n"
WELL = "{'code': '', 'kind': '', 'content_type': 'image/png', 'pages': None, 'size': %s}"


def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Another script stands where the real one does."""
    path = tmp_path / "fake.py"
    path.write_text(HEAD + script)
    monkeypatch.setattr(checking, "INSPECTING", path)


@pytest.mark.parametrize(("seconds", "cpu_seconds"), [(0, 1), (7, 7), (20, 20), (21, 20)])
def test_it_has_no_more_processor_time_than_time(
    seconds: int, cpu_seconds: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    told: list[str] = []

    class Asked(Exception):
        pass

    def popen(command: list[str], **more: object) -> None:
        told.append(command[-1])
        raise Asked

    settings.UPLOAD_CHECK_SECONDS = seconds
    monkeypatch.setattr(subprocess, "Popen", popen)
    with pytest.raises(Asked):
        check(b"x")
    assert json.loads(told[0])["cpu_seconds"] == cpu_seconds


def test_one_that_has_said_all_may_take_a_while_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = f"os.write(1, json.dumps({WELL % 1}).encode() + b'\\nx')\nos.close(1)\ntime.sleep(0.5)\nos._exit(0)\n"
    fake(tmp_path, monkeypatch, answer)
    assert check(files.jpeg()).content == b"x"


def test_one_that_nobody_listens_to_any_more_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, monkeypatch, "time.sleep(20)\n")
    begun = time.monotonic()
    with pytest.raises(TypeError):
        checking._ask("no bytes")  # type: ignore[arg-type]
    assert time.monotonic() - begun < 10


def test_what_one_that_has_ended_left_behind_is_ended_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    settings.UPLOAD_CHECK_SECONDS = 1
    fake(tmp_path, monkeypatch, "import os\nif os.fork() == 0: time.sleep(20)\n")  # it holds the answer open
    begun = time.monotonic()
    with pytest.raises(checking.Unfit):
        checking._ask(b"x")
    assert time.monotonic() - begun < 10


def test_only_one_that_runs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    with subprocess.Popen([sys.executable, "-I", "-S", "-c", ""], start_new_session=True) as process:
        process.wait()
        with monkeypatch.context() as patched:
            patched.setattr(os, "killpg", lambda group, signal: ended.append(group))
            checking._kill(process)  # its number may be another's by now
        assert ended == []
        monkeypatch.setattr(process, "returncode", None)
        checking._kill(process)  # it ended just now


def test_of_what_it_calls_a_file_twenty_characters_are_shown() -> None:
    unfit = checking._unfit({"code": "other_picture", "kind": "x" * 99})
    assert unfit.messages == [sentence("other_picture", "x" * 20)]


def test_the_log_tells_how_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fake(tmp_path, monkeypatch, "print('Anna')\nsys.stdout.flush()\nos._exit(3)\n")
    refusal(files.jpeg())
    assert "could not be checked: the process ended with 3." in caplog.text and "Anna" not in caplog.text
