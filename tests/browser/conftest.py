"""Chromium in front of a panel of real processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support import needs
from tests.support.panel import Panel
from tests.support.simulator import SimulatorProcess

# As root and without a network Chromium wants these.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    path = needs.chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panel]:
    """A panel on the embedded set-up with the demo's account read, and its processes running."""
    needs.chromium()
    folder: Path = tmp_path_factory.mktemp("panel")
    with SimulatorProcess(key="demo-key", secret="demo-secret", demo=True) as simulator, Panel(folder, simulator) as it:
        it.manage("sync")
        it.start_web()
        it.start_worker()
        it.start_beat()
        yield it
