"""What a test needs beside Python: says why it is skipped where that is missing."""

import os
import shutil
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/7")


def _listens(url: str, port: int) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or port), timeout=2):
            return True
    except OSError:
        return False


@contextmanager
def redis() -> Iterator[dict[str, str]]:
    """Settings for a Redis with a prefix of its own, whose keys are deleted afterwards; or a skip."""
    if not _listens(REDIS_URL, 6379):
        pytest.skip(f"needs Redis: nothing answers at {urlsplit(REDIS_URL).netloc}")
    from redis import Redis

    prefix = f"test-{uuid.uuid4().hex[:12]}:"
    try:
        yield {"REDIS_URL": REDIS_URL, "REDIS_PREFIX": prefix}
    finally:
        with Redis.from_url(REDIS_URL) as server:
            keys = list(server.scan_iter(f"*{prefix}*"))
            if keys:
                server.delete(*keys)


def chromium() -> str:
    """The path of Chromium, or a skip."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not path:
        pytest.skip("needs Chromium: no `chromium` on this machine")
    return path


@contextmanager
def postgres_database() -> Iterator[str]:
    """The address of an empty PostgreSQL database of its own, dropped afterwards; or a skip."""
    if not _listens(POSTGRES_URL, 5432):
        pytest.skip(f"needs PostgreSQL: nothing answers at {urlsplit(POSTGRES_URL).netloc}")
    import psycopg

    name = f"numberdesk_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES_URL, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"'.encode())
    try:
        yield urlsplit(POSTGRES_URL)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(POSTGRES_URL, autocommit=True) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
