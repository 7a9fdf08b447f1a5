from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from zadarma import Client

KEY, SECRET = "a-key-pair-s-key", "a-key-pair-s-secret"


@pytest.fixture(scope="session")
def vendor() -> Path:
    """The folder with the vendor's description, the recorded answers and the signing vectors."""
    stated = os.environ.get("ZADARMA_OPENAPI")
    folder = Path(stated) if stated else Path(__file__).parents[3] / "shared" / "zadarma"
    folder = folder.parent if folder.is_file() else folder
    if not (folder / "signature_vectors.json").exists():
        pytest.skip("the vendor's files are not here: set ZADARMA_OPENAPI to their folder")
    return folder


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def connect(clock: Clock) -> Iterator[Callable[..., Client]]:
    """A client for an address, with pauses that take no time, closed at the end."""
    clients: list[Client] = []

    def connected(url: str, **settings: object) -> Client:
        settings = {"key": KEY, "secret": SECRET, "zone": "UTC+2", "sleep": clock.sleep, **settings}
        clients.append(Client(url, **settings))  # type: ignore[arg-type]
        return clients[-1]

    yield connected
    for client in clients:
        client.close()
