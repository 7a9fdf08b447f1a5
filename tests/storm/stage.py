"""Where a storm takes place: the stand-in, the panel's folder and database, and this process as a part of the panel."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.storm.plan import Size
from tests.support import needs
from tests.support.panel import Panel
from tests.support.simulator import SimulatorProcess

KEYS = {"SECRET_KEY": "s" * 60, "ENCRYPTION_KEYS": "c3Rvcm0tdGVzdC1rZXktc3Rvcm0tdGVzdC1rZXktMTI="}
NO_LIMIT = 1_000_000
#: An account that only looks at what can be ordered, so that looking costs the others nothing of their rate.
LOOKER = ("looker", "looker-secret")


def key_pairs(accounts: int) -> list[tuple[str, str]]:
    """Key and secret of each account."""
    return [(f"storm-{place}", f"storm-secret-{place}") for place in range(accounts)]


@contextmanager
def _database_and_broker(backend: str) -> Iterator[dict[str, str]]:
    if backend == "sqlite":
        yield {}
        return
    with needs.redis() as redis, needs.postgres_database() as url:
        yield {**KEYS, **redis, "DATABASE_URL": url}


@contextmanager
def stage(size: Size, folder: Path, settings: dict[str, str]) -> Iterator[tuple[SimulatorProcess, Panel]]:
    """The stand-in and the panel, prepared. Once in a process: its environment and Django are set up for it.

    `settings` are for the panel's processes; this one's own calls are not counted against any rate.
    """
    key, secret = LOOKER
    simulator = SimulatorProcess(
        key=key, secret=secret, accounts=key_pairs(size.accounts), rate=NO_LIMIT, seed=size.seed
    )
    with (
        simulator,
        _database_and_broker(size.backend) as servers,
        Panel(folder, simulator, {**settings, **servers}) as panel,
    ):
        os.environ.clear()
        os.environ.update(panel.env, ZADARMA_CALLS_A_MINUTE=str(NO_LIMIT))
        import django

        django.setup()
        yield simulator, panel
