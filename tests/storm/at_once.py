"""Several people do something at the same moment, each in a thread with a database connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def at_once(calls: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """What each of the calls returned or raised, in their order."""
    if len(calls) == 1:
        return [_told(calls[0])]
    barrier = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T | Exception:
        try:
            barrier.wait(30)
            return _told(call)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as people:
        return list(people.map(run, calls))


def _told(call: Callable[[], T]) -> T | Exception:
    try:
        return call()
    except Exception as hindered:  # noqa: BLE001 - whoever asked decides what it means
        return hindered
