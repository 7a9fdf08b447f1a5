"""The whole corpus of hostile files sent to the panel as it runs: none is taken, nothing fails, memory stays small."""

import re
from pathlib import Path

import pytest

from tests.support import hostile_files
from tests.support.panel import Panel, Person

pytestmark = [pytest.mark.worker, pytest.mark.full]
MEGABYTE = 1024 * 1024


def children(pid: int) -> list[int]:
    """A process and all below it."""
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in below for each in children(int(child)))]


def peaks(pid: int) -> list[int]:
    """The most memory that each process of a tree had so far, in megabytes."""
    found = (re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{one}/status").read_text()) for one in children(pid))
    return [int(one.group(1)) // 1024 for one in found if one]


def test_none_is_taken_nothing_fails_and_memory_stays_below_300_megabytes(panel: Panel) -> None:
    panel.manage("sync")
    panel.start_web()
    person = Person(panel)
    home = "/documents/2/"
    page = person.get(f"{home}files/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token

    def send(name: str, content: bytes) -> tuple[int, dict[str, object]]:
        answer = person.session.post(
            page.url,
            data={"csrfmiddlewaretoken": token.group(1), "document_type": "passport"},
            files={"documents": (name, content, "image/jpeg")},
            headers={"Referer": page.url, "Accept": "application/json"},
            timeout=60,
        )
        return answer.status_code, answer.json()

    corpus = {name: hostile_files.made(name) for name in hostile_files.ALL}
    corpus["larger than allowed"] = b"\xff\xd8\xff" + bytes(25 * MEGABYTE)
    assert len(corpus) >= 60
    for place, (name, content) in enumerate(corpus.items()):
        status, told = send(f"../../etc/passport {place}.jpg", content)
        assert (status, told["ok"]) == (422, False), name
        assert str(told["text"]).endswith(".") and len(str(told["text"])) > 20, (name, told)
        assert ".." not in str(told.get("name", "")) and "/" not in str(told.get("name", "")), (name, told)
    most = peaks(panel.processes[0].pid)
    assert len(most) >= 2 and max(most) < 300, most
    assert "Traceback" not in panel.log("web")
    assert "passport 1" not in person.get(home).text
    assert not panel.simulator.ledger("upload")
