"""The whole panel as real processes: web (gunicorn), Celery worker, Celery beat, on either set-up."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from tests.support.simulator import SimulatorProcess

ROOT = Path(__file__).resolve().parents[2]
EMAIL, PASSWORD = "owner@partner.example", "a long test password"


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(seen: Callable[[], object], seconds: float, what: str) -> None:
    """Look until `seen()` is true; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not seen():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.1)


class Panel:
    """Prepares a database in `folder`, starts the processes, and stops them by their own ids. A context manager.

    `extra` are settings on top: `DATABASE_URL` and `REDIS_URL` make it the production set-up.
    """

    def __init__(self, folder: Path, simulator: SimulatorProcess, extra: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.simulator = simulator
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes: list[subprocess.Popen[bytes]] = []
        inherited = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
        self.env = {
            **inherited,
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "VAR_DIR": str(folder),
            "SIMULATOR_URL": simulator.url,
            "SIMULATOR_KEY": simulator.key,
            "SIMULATOR_SECRET": simulator.secret,
            "ZADARMA_LOOPBACK_ONLY": "on",
            "ZADARMA_CALLS_A_MINUTE": "100000",
            "ADMIN_EMAIL": EMAIL,
            "ADMIN_PASSWORD": PASSWORD,
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "HTTPS": "off",
            "REMAP_SIGTERM": "SIGQUIT",  # for Celery: stop at once, closing what was begun
            **(extra or {}),
        }

    def manage(self, *arguments: str) -> str:
        """Run a management command; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{name}.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=self.env,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        log.close()
        self.processes.append(process)
        return process

    def start_web(self) -> None:
        """Start gunicorn and wait until it answers."""
        self._start(
            "web", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{self.port}", "--threads", "4", "--workers", "1"
        )
        wait_until(self._answers, 90, "the web process answers")

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).ok
        except requests.RequestException:
            return False

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start one Celery worker."""
        return self._start("worker", "celery", "-A", "config", "worker", "--concurrency", "2", "--loglevel", "INFO")

    def start_beat(self) -> None:
        """Start Celery beat."""
        schedule = str(self.folder / "beat-schedule")
        self._start("beat", "celery", "-A", "config", "beat", "--schedule", schedule, "--loglevel", "INFO")

    def log(self, name: str) -> str:
        """What a process wrote."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def __enter__(self) -> Self:
        self.manage("prepare")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(15)


class Person:
    """Somebody who uses the panel over HTTP without a browser: fills forms with their CSRF token."""

    def __init__(self, panel: Panel, email: str = EMAIL, password: str = PASSWORD) -> None:
        self.panel = panel
        self.session = requests.Session()
        page = self.post("/sign-in/", see="/sign-in/", username=email, password=password)
        assert page.url == panel.url + "/", page.text[:2000]

    def get(self, path: str) -> requests.Response:
        """Open a page."""
        page = self.session.get(self.panel.url + path if path.startswith("/") else path, timeout=60)
        assert page.ok, f"{page.status_code} {page.url}"
        return page

    def post(self, path: str, see: str = "/", **fields: str) -> requests.Response:
        """Send a form of the page `see`; follows to the page after it."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(see).text)
        assert token, f"no form on {see}"
        address = self.panel.url + path if path.startswith("/") else path
        data = {"csrfmiddlewaretoken": token.group(1), **fields}
        return self.session.post(address, data=data, headers={"Referer": address}, timeout=60)
