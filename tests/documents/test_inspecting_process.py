"""Files are looked into by a process that can do little else, and that is not trusted."""

import json
import logging
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from documents import checking
from documents.checking import check
from tests.support import files
from tests.support.refusals import MEGABYTE, limits, refusal, sentence


def run(code: str, **more: Any) -> str:
    """What a process says that has restricted itself as the one that looks into files."""
    script = f"""
import sys
sys.path.append({str(checking.INSPECTING.parent.parent)!r})
from documents.inspecting import restrict, Limits
import json
restrict(Limits(**json.loads(sys.argv[1])))
try:
    {code}
except BaseException as error:
    print(type(error).__name__)
else:
    print("done")
"""
    done = subprocess.run([sys.executable, "-I", "-c", script, limits(**more)], capture_output=True, text=True)
    return done.stdout.strip() or f"ended with {done.returncode}"


def test_the_process_has_neither_memory_nor_disk_nor_time_to_waste(tmp_path: Path) -> None:
    assert run("bytes(260_000_000)") == "MemoryError"
    assert run(f"with open({str(tmp_path / 'x')!r}, 'w') as file: file.write('x' * 9)") == "OSError"
    assert run("open('/dev/null')") == "OSError"
    assert run("import socket; socket.socket()") == "OSError"
    assert run("import pathlib; pathlib.Path('/etc/passwd').read_bytes()") == "OSError"
    assert run("while True: pass", cpu_seconds=1).startswith("ended with -")
    assert run("bytes(1000)") == "done"


def test_every_limit_is_set_and_memory_grows_with_the_settings() -> None:
    asked = "import resource; print([resource.getrlimit(getattr(resource, 'RLIMIT_' + name)) for name in %s])"
    names = ["CPU", "NPROC", "FSIZE", "CORE", "NOFILE"]
    assert run(asked % names, cpu_seconds=7) == f"{[(7, 7), *[(0, 0)] * 4]}\ndone"
    memory = asked % ["AS"]
    assert run(memory) == f"{[(295 * MEGABYTE,) * 2]}\ndone"
    more = 80 * MEGABYTE + 3 * 10 * MEGABYTE + 12 * 40_000_000
    assert run(memory, pixels=100_000_000, pixels_in_passes=40_000_000) == f"{[(more, more)]}\ndone"


def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Another script stands where the real one does."""
    path = tmp_path / "fake.py"
    path.write_text("import sys, os, time, json\n" + script)
    monkeypatch.setattr(checking, "INSPECTING", path)


FIT = "{'code': '', 'kind': '', 'content_type': 'image/png', 'pages': None, 'size': 1}"


@pytest.mark.parametrize(
    "script",
    [
        "os.kill(os.getpid(), 11)",
        "time.sleep(60)",
        "sys.stdin.buffer.read(); time.sleep(60)",
        "sys.stdin.close(); sys.stdout.close(); os.close(1); time.sleep(60)",
        "print('no json')",
        "print('[]')",
        "print('{}')",
        "print()",
        "while True: sys.stdout.write('x' * 9999)",
        f"print(json.dumps({FIT})); sys.stdout.write('too much')",
        f"print(json.dumps({FIT}))",
        f"print(json.dumps({FIT})); sys.stdout.write('x'); sys.stdout.flush(); os._exit(1)",
        f"print(json.dumps({{**{FIT}, 'content_type': 'text/html'}})); sys.stdout.write('x')",
        f"print(json.dumps({{**{FIT}, 'code': 'a new word', 'size': 0}}))",
    ],
)
def test_a_process_that_dies_hangs_or_talks_nonsense_means_that_the_file_cant_be_read(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    settings.UPLOAD_CHECK_SECONDS = 1
    fake(tmp_path, monkeypatch, script)
    assert refusal(files.jpeg()).messages == [sentence("unreadable")]


def test_it_sees_nothing_of_the_panels_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "s")
    script = f"seen = {{*os.environ}} - {{'LC_CTYPE'}}\nprint(json.dumps({{**{FIT}, 'size': len(seen)}}))"
    fake(tmp_path, monkeypatch, script)
    assert check(files.jpeg()).content == b""


def test_without_limits_nothing_is_looked_into_and_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    script = (
        "import resource, runpy, sys; del resource.RLIMIT_AS; sys.argv = sys.argv[1:];"
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(checking.INSPECTING), limits()], input=files.jpeg(), capture_output=True
    )
    assert json.loads(done.stdout)["code"] == "unavailable"
    assert checking._unfit({"code": "unavailable"}).messages == [sentence("unavailable")]
    assert "can't be checked" in caplog.text


def test_nothing_of_a_file_stands_in_the_log(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    refusal(files.pdf(b"<< /Name (Anna Berg) ", catalog=b"/X (Anna) /X (Berg)"))
    out = capfd.readouterr()
    assert "Anna" not in caplog.text + out.out + out.err and "/X" not in caplog.text + out.out + out.err


def test_one_at_a_time_and_whoever_comes_meanwhile_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "WAIT_SECONDS", 0.01)
    asked = threading.Event()
    with checking._one_at_a_time:
        assert refusal(files.jpeg()).messages == [sentence("busy")]
    monkeypatch.setattr(checking, "_ask", lambda content: asked.set() or checking._understood(b"", 1))
    for _attempt in range(3):  # one that fails lets the next one in
        assert refusal(files.jpeg()).code == "unreadable"
    assert asked.is_set()
