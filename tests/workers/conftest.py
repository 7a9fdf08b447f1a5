"""The panel as real processes, on both set-ups."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import needs
from tests.support.panel import Panel
from tests.support.simulator import SimulatorProcess

KEYS = {"SECRET_KEY": "w" * 60, "ENCRYPTION_KEYS": "d29ya2VyLXRlc3Qta2V5LXdvcmtlci10ZXN0LWtleS0="}

# Further accounts there, which the panel does not know: (key, secret).
BRANCHES = [(f"branch-key-{number}", f"branch-secret-{number}") for number in range(1, 5)]


@pytest.fixture(params=["embedded", "production"])
def panel(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Panel]:
    """A prepared panel with nothing started: SQLite and files, or PostgreSQL and Redis."""
    with SimulatorProcess(key="demo-key", secret="demo-secret", accounts=BRANCHES, demo=True) as simulator:
        if request.param == "embedded":
            with Panel(tmp_path, simulator) as embedded:
                yield embedded
            return
        with (
            needs.redis() as redis,
            needs.postgres_database() as database_url,
            Panel(tmp_path, simulator, {**KEYS, **redis, "DATABASE_URL": database_url}) as production,
        ):
            yield production
