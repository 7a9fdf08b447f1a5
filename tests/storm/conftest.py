"""The set-ups that a storm is run on."""

import pytest

from tests.support import needs


@pytest.fixture(params=["sqlite", "postgres"])
def backend(request: pytest.FixtureRequest) -> str:
    """SQLite with files, or PostgreSQL with Redis; a skip where those are missing."""
    if request.param == "postgres":
        with needs.redis(), needs.postgres_database():
            pass
    return str(request.param)
