"""`python -m config.start` (`make run`): prepares the panel, then runs every line of the Procfile until it is stopped.

SIGINT, SIGTERM and SIGHUP stop all processes. The simulator is left out where the environment names API keys or a
simulator of its own. One panel runs per `VAR_DIR`; the second one is told so.
"""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any
from urllib.request import ProxyHandler, Request, build_opener

import honcho.manager
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from honcho.compat import ProcessManager
from honcho.environ import parse_procfile
from honcho.manager import SYSTEM_PRINTER_NAME, Manager
from honcho.printer import Message, Printer

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
# Seconds: how long the web process may take to answer, and how long a worker may take to finish its task.
PATIENCE = 120.0
STOP_WAIT = 20
STOPPED_BY_HAND = {128 + signal.SIGINT, 128 + signal.SIGTERM}


class CannotStart(Exception):
    """Why the panel does not start, in a sentence for the person who started it."""


class Screen(Printer):  # type: ignore[misc]
    """Shows what the processes print; of honcho's own messages only that a process ended by itself.

    `when_started` is called once, after the last of `count` processes was started.
    """

    def __init__(self, count: int, when_started: threading.Thread) -> None:
        super().__init__(sys.stdout)
        self._missing, self._when_started = count, when_started
        self.stopping = False

    def write(self, message: Message) -> None:
        if message.name == SYSTEM_PRINTER_NAME:
            text = str(message.data)
            if " started (pid=" in text:
                self._missing -= 1
                if not self._missing:
                    self._when_started.start()
                return
            if text.endswith(" received\n"):
                self.stopping, message = True, message._replace(data="Stopping …")
            elif self.stopping or " stopped (rc=" not in text:
                return
            else:
                self.stopping = True
        elif self.stopping and message.data.strip()[:8] in (b"", b"worker: "):
            return  # Celery's advice on how to stop it
        with suppress(OSError):  # the terminal may be gone already
            super().write(message)


class Leaders(ProcessManager):  # type: ignore[misc]
    """Asks the first process of each group to stop, as Celery wants it: its pool must outlive the last task."""

    def terminate(self, pid: int) -> None:
        """Send SIGTERM to `pid` alone. SIGKILL, later, still goes to its whole group."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def port_of(name: str, default: int) -> int:
    """The port that the environment variable `name` gives. Raises `CannotStart` when it is none."""
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise CannotStart(f"{name} must be a port between 1 and 65535, not {text!r}.")
    return int(text)


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of this machine's loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind((HOST, port))
            return True
    return False


def free_port() -> int:
    """Any free port."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def lock(folder: Path) -> IO[str]:
    """Hold `folder` until the returned file is closed and all processes started meanwhile have ended."""
    file = (folder / "run.lock").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise CannotStart(
            f"Numberdesk is running already with {folder}: stop it first, or set another VAR_DIR."
        ) from None
    return file


def wants_simulator() -> bool:
    """Whether the simulator belongs to this start: neither API keys nor another simulator are named."""
    return not settings.ZADARMA_API_KEY and not settings.SIMULATOR_URL


def environment(port: int) -> dict[str, str]:
    """What all processes are told: ports, the folder for files, and which simulator counts."""
    found = dict(os.environ)
    found["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), found.get("PATH", os.defpath)])
    found["PORT"] = str(port)
    found["VAR_DIR"] = str(settings.VAR_DIR.resolve())
    found["PYTHONUNBUFFERED"] = "1"
    found["PYTHONWARNINGS"] = found.get("PYTHONWARNINGS") or "ignore:You're running the worker with superuser"
    found["LOG_LEVEL"] = found.get("LOG_LEVEL") or "WARNING"
    if wants_simulator():
        simulator = port_of("SIMULATOR_PORT", 8100)
        if simulator == port or not is_free(simulator):
            simulator = free_port()
        found["SIMULATOR_PORT"] = str(simulator)
        found["SIMULATOR_URL"] = f"http://{HOST}:{simulator}"
        found["SIMULATOR_KEY"], found["SIMULATOR_SECRET"] = settings.SIMULATOR_KEY, settings.SIMULATOR_SECRET
    return found


def prepare(env: dict[str, str]) -> list[str]:
    """Run `manage.py prepare`. Returns the lines it prints: how to sign in."""
    command = [sys.executable, "manage.py", "prepare"]
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)  # noqa: S603
    if done.returncode:
        raise CannotStart("The panel could not be prepared (see above).")
    return done.stdout.strip().splitlines()


def announce(port: int, lines: list[str]) -> None:
    """Print a box with `lines` once the web process answers."""
    opener = build_opener(ProxyHandler({}))
    until = time.monotonic() + PATIENCE
    address = f"http://{HOST}:{port}"
    # The panel answers only to the names that it is known by.
    host = settings.ALLOWED_HOSTS[0].lstrip(".*") or HOST
    asking = Request(f"{address}/healthz", headers={"Host": host})  # noqa: S310
    while time.monotonic() < until:
        with suppress(OSError), opener.open(asking, timeout=5):
            lines = [f"Numberdesk is ready: {address}", *lines, "Ctrl-C stops it."]
            width = max(map(len, lines))
            edge = "+" + "-" * (width + 4) + "+"
            box = [edge, *(f"|  {line:<{width}}  |" for line in lines), edge]
            with suppress(OSError):
                print("\n" + "\n".join(box) + "\n", flush=True)  # noqa: T201
            return
        time.sleep(0.3)


def run(env: dict[str, str], lines: list[str]) -> int:
    """Run the Procfile's processes until one ends or a signal comes. Returns the exit code."""
    processes = parse_procfile((ROOT / "Procfile").read_text()).processes
    if not wants_simulator():
        processes.pop("simulator")
    honcho.manager.KILL_WAIT = STOP_WAIT
    announcing = threading.Thread(target=announce, args=(int(env["PORT"]), lines), daemon=True)
    manager = Manager(Screen(len(processes), announcing))
    manager._procmgr = Leaders()
    for name, command in processes.items():
        manager.add_process(name, command, env=env, cwd=str(ROOT))
    signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    manager.loop()
    code: Any = manager.returncode
    return 0 if code in STOPPED_BY_HAND else int(code or 0)


def main() -> int:
    """Start the panel. The exit code: 0 after a stop by hand, 1 when it could not start, else that of what ended."""
    os.umask(0o077)  # what lies in `VAR_DIR` is for this user alone
    try:
        port = port_of("PORT", 8000)
        with lock(settings.VAR_DIR):
            if not is_free(port):
                raise CannotStart(f"Port {port} is in use. Choose another one: PORT={port + 1} make run")
            env = environment(port)
            return run(env, prepare(env))
    except (CannotStart, ImproperlyConfigured) as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.exit(main())
