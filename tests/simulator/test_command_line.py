"""How the process starts and stops, and what it never imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.simulator import SimulatorProcess

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "simulator", "--port", "0", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.com", "::"])
def test_only_loopback_is_bound(host: str) -> None:
    ended = run("--key", "k", "--secret", "s", "--host", host)
    assert ended.returncode == 2
    assert f"loopback addresses only, such as 127.0.0.1; {host} is none" in ended.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--key", "k"),
        ("--key", "k", "--secret", "s", "--account", "no-colon"),
        ("--key", "k", "--secret", "s", "--account", "k:other"),
        ("--key", "k", "--secret", "s", "--rate", "0"),
        ("--key", "k", "--secret", "s", "--numbers", "-1"),
        ("--key", "k", "--secret", "s", "--shape", "round"),
    ],
)
def test_a_wrong_command_line_ends_with_2(arguments: tuple[str, ...]) -> None:
    ended = run(*arguments)
    assert ended.returncode == 2
    assert "usage:" in ended.stderr


def test_sigterm_ends_it_cleanly() -> None:
    sim = SimulatorProcess()
    sim.start()
    assert sim.url.startswith("http://127.0.0.1:")
    assert sim.stop() == 0


def test_it_imports_the_standard_library_and_itself_only() -> None:
    for file in (ROOT / "simulator").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            for name in names:
                assert name.partition(".")[0] in sys.stdlib_module_names, (file.name, name)
