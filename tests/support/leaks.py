"""Looking for plaintext wherever a panel of processes may have left it: files, tables, Redis, sessions."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from redis import Redis

from tests.support.panel import Panel

SESSIONS = """
import json
from people.models import Session
print(json.dumps([row.get_decoded() for row in Session.objects.all()], default=str))
"""


def spellings(needle: bytes) -> set[bytes]:
    """A needle as it is, in hexadecimal digits, and within base64 wherever it may begin there."""
    found = {needle, needle.hex().encode()}
    for shift in range(3):
        whole = base64.b64encode(bytes(shift) + needle + bytes(3))
        found.add(whole[4 if shift else 0 : len(whole) - 8])
    return found


def of_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder: the database, its log, the logs, the queue, temporary files."""
    for parent, _folders, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            if path.is_file():
                yield str(path), path.read_bytes()


def of_postgres(url: str) -> Iterator[tuple[str, bytes]]:
    """Every table, row by row as text (bytes as hexadecimal digits)."""
    with psycopg.connect(url) as database:
        tables = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            rows = database.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table)))
            for (row,) in rows:
                yield f"table {table}", row.encode()


def of_redis(url: str) -> Iterator[tuple[str, bytes]]:
    """Every key and what stands under it: the queue and the cache."""
    client = Redis.from_url(url)
    for key in client.scan_iter("*"):
        kind = client.type(key).decode()
        values = {
            "string": lambda key=key: [client.get(key)],
            "list": lambda key=key: client.lrange(key, 0, -1),
            "hash": lambda key=key: [*client.hgetall(key), *client.hgetall(key).values()],
            "set": lambda key=key: client.smembers(key),
            "zset": lambda key=key: client.zrange(key, 0, -1),
        }[kind]()
        for value in values:
            yield f"redis {key.decode(errors='replace')}", key + b" " + (value or b"")


def everything(panel: Panel) -> Iterator[tuple[str, bytes]]:
    """All that a panel has kept, by where it stands."""
    yield from of_files(panel.folder)
    yield "sessions", panel.manage("shell", "-v", "0", "-c", SESSIONS).encode()
    if url := panel.env.get("DATABASE_URL"):
        yield from of_postgres(url)
    if url := panel.env.get("REDIS_URL"):
        yield from of_redis(url)


def found(panel: Panel, needles: dict[str, bytes]) -> set[tuple[str, str]]:
    """Which needles stand where."""
    spelt = {name: spellings(needle) for name, needle in needles.items()}
    return {
        (name, place)
        for place, content in everything(panel)
        for name, forms in spelt.items()
        if any(form in content for form in forms)
    }
