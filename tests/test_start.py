"""`python -m config.start` (`make run`): starts all, says how to sign in, leaves nothing behind, refuses plainly."""

import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.support.panel import ROOT, free_port

START_SECONDS = 90.0


def launch(var: Path, port: int, **extra: str) -> "subprocess.Popen[str]":
    """Start the launcher in a process group of its own, knowing nothing but what is given here."""
    known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {**known, "VAR_DIR": str(var), "PORT": str(port), "SIMULATOR_PORT": str(free_port()), **extra}
    return subprocess.Popen(
        [sys.executable, "-m", "config.start"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def lines_until(process: "subprocess.Popen[str]", wanted: str) -> Iterator[str]:
    """What it prints, up to the line that contains `wanted`."""
    assert process.stdout is not None
    for line in process.stdout:
        yield line
        if wanted in line:
            return
    raise AssertionError(f"it ended before it printed {wanted!r}")


def processes_of(var: Path) -> list[str]:
    """The command lines of all processes whose environment names `var`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"VAR_DIR={var}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:  # it ended meanwhile, or belongs to somebody else
            continue
    return found


@pytest.mark.worker
def test_it_starts_all_stops_all_and_goes_on_where_it_was(tmp_path: Path) -> None:
    told = []
    for stop in (signal.SIGINT, signal.SIGTERM):
        port = free_port()
        process = launch(tmp_path, port)
        watchdog = threading.Timer(START_SECONDS, os.killpg, (process.pid, signal.SIGTERM))
        watchdog.start()
        try:
            screen = "".join(lines_until(process, "Ctrl-C stops it"))
            page = requests.get(f"http://127.0.0.1:{port}/", timeout=20)
            running = " ".join(processes_of(tmp_path))
        finally:
            os.killpg(process.pid, stop)
            rest, _ = process.communicate(timeout=60)
            watchdog.cancel()
        assert process.returncode == 0, rest
        assert processes_of(tmp_path) == []
        assert f"Numberdesk is ready: http://127.0.0.1:{port}" in screen
        assert page.status_code == 200 and page.url.endswith("/sign-in/?next=/")
        for part in ("gunicorn", "config worker", "config beat", "-m simulator"):
            assert part in running
        told += re.findall(r"Sign in as .* with the password \S+", screen)
    assert len(told) == 2 and told[0] == told[1]


def refusal(process: "subprocess.Popen[str]") -> str:
    """What a start that fails says, which must not be a trace."""
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in said
    return said


def test_a_busy_port_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = refusal(launch(tmp_path, port))
    assert said == f"Port {port} is in use. Choose another one: PORT={port + 1} make run\n"


def test_a_second_panel_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "run.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        said = refusal(launch(tmp_path, free_port()))
    assert said.startswith(f"Numberdesk is running already with {tmp_path}")


def test_a_missing_production_setting_is_said_in_a_sentence(tmp_path: Path) -> None:
    said = refusal(launch(tmp_path, free_port(), DATABASE_URL="postgres://panel@127.0.0.1:1/panel"))
    assert said == "SECRET_KEY must be set when DATABASE_URL or REDIS_URL is set (see README, Settings).\n"


def test_half_a_key_pair_stops_the_start(tmp_path: Path) -> None:
    said = refusal(launch(tmp_path, free_port(), ZADARMA_API_KEY="half"))
    assert "Only one of ZADARMA_API_KEY and ZADARMA_API_SECRET is set" in said
