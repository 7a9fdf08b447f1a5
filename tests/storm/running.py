"""Runs a storm as a process of its own, as `make storm-quick` does, and returns its figures."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.panel import ROOT

KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "TEST_POSTGRES_URL", "TEST_REDIS_URL", "NUMBERDESK_REQUIRE_ALL")


@dataclass(frozen=True)
class Ran:
    """How a storm ended: its exit code, its figures by name, what it printed."""

    code: int
    figures: dict[str, Any]
    printed: str

    @property
    def violations(self) -> set[str]:
        """The kinds of what was wrong."""
        return {violation["kind"] for violation in self.figures["violations"]}


def run(folder: Path, *arguments: str) -> Ran:
    """Run `python -m tests.storm` with these arguments."""
    told = folder / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.storm", "--json", str(told), *arguments],
        cwd=ROOT,
        env={name: os.environ[name] for name in KEPT if name in os.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.exists(), done.stdout + done.stderr
    return Ran(done.returncode, json.loads(told.read_text()), done.stdout)
