"""The embedded set-up's broker: messages in a folder."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kombu.connection import Connection
from kombu.entity import Queue
from kombu.transport import get_transport_cls

import config.broker


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Any]:
    """A queue of the filesystem transport, in a folder of its own."""
    for name in ("messages", "control"):
        (tmp_path / name).mkdir()
    options = {
        "data_folder_in": str(tmp_path / "messages"),
        "data_folder_out": str(tmp_path / "messages"),
        "control_folder": str(tmp_path / "control"),
    }
    with Connection("filesystem://localhost//", transport_options=options) as broker:  # type: ignore[no-untyped-call]
        yield broker.SimpleQueue(Queue("celery", routing_key="celery"))  # type: ignore[no-untyped-call]


def test_celery_uses_it() -> None:
    assert get_transport_cls("filesystem") is config.broker.Transport


def test_messages_come_out_in_the_order_they_went_in(queue: Any) -> None:
    for number in range(3):
        queue.put({"number": number})
    assert [queue.get(block=False).payload["number"] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(queue.Empty):
        queue.get(block=False)


def test_nobody_finds_a_message_before_it_is_whole(queue: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[list[str]] = []

    def replace(source: Path, target: Path) -> None:
        found.append([path.name for path in (tmp_path / "messages").glob("*.msg")])
        assert source.stat().st_size > 100
        os.rename(source, target)

    monkeypatch.setattr("config.broker.os.replace", replace)
    queue.put({"number": 1})
    assert found == [[]]
    assert queue.get(block=False).payload == {"number": 1}


def test_a_message_cut_off_by_a_crash_is_passed_over(queue: Any, tmp_path: Path) -> None:
    queue.put({"number": 1})
    (message,) = (tmp_path / "messages").glob("*.msg")
    (tmp_path / "messages" / "0_cut.celery.msg").write_bytes(b"")
    (tmp_path / "messages" / "1_cut.celery.msg").write_bytes(message.read_bytes()[:40])
    assert queue.get(block=False).payload == {"number": 1}
