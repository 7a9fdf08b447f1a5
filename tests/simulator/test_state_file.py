"""What is kept across restarts and crashes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.simulator.api import Api
from tests.support.simulator import SimulatorProcess


def everything(sim: SimulatorProcess) -> dict[str, Any]:
    """All that a caller can see, the clock aside."""
    api = Api(sim)
    groups = api.ok("GET", "/v1/documents/groups/list/")
    return {
        "state": sim.state(),
        "ledger": sim.ledger(),
        "numbers": api.numbers(),
        "groups": groups,
        "files": [api.ok("GET", "/v1/documents/files/", group_id=one["id"]) for one in groups["groups"]],
        "available": [api.available(direction_id) for direction_id in (13755, 3759, 6001)],
        "prices": api.ok("GET", "/v1/direct_numbers/country/", country="GB"),
        "webhooks": api.ok("GET", "/v1/pbx/webhooks/"),
    }


def busy(sim: SimulatorProcess) -> None:
    """Change something of every kind."""
    api = Api(sim)
    sim.move_time(days=2)
    one = api.order(13755)["number"]
    api.ok("PUT", "/v1/direct_numbers/set_sip_id/", number=one, type="common", sip_id="480012")
    group = api.create_group()
    api.order(3759, group)
    api.upload(group)
    sim.verify(group, "passport")
    sim.set_price(13756, monthly_fee="2.30")
    sim.set_requirements(13757, "passport")
    sim.top_up("7.25")
    api.ok("POST", "/v1/pbx/webhooks/url/", url="https://example.com/")
    api.ok("POST", "/v1/direct_numbers/prolong/", number=one, months=2)
    sim.remove_number(api.available(6001)[2]["number"])
    sim.remove_number(api.numbers()[0]["number"])


def test_a_clean_stop_keeps_everything(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    sim = SimulatorProcess(state=file, numbers=15)
    with sim:
        busy(sim)
        before = everything(sim)
        offset = sim.control("GET", "time")["offset_seconds"]
        assert sim.stop() == 0
    assert json.loads(file.read_text())["seed"] == 1
    with SimulatorProcess(state=file) as again:
        assert everything(again) == before
        assert again.control("GET", "time")["offset_seconds"] == offset == 172800


def test_a_kill_right_after_an_effect_loses_nothing(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with SimulatorProcess(state=file, numbers=15, accounts=[("b", "b")]) as sim:
        busy(sim)
        Api(sim, "b", "b").order(13757)
        before = everything(sim)
        sim.kill()
    for _ in range(2):  # and again, from a journal that goes on
        with SimulatorProcess(state=file, accounts=[("b", "b")]) as sim:
            assert everything(sim) == before
            Api(sim).order(13756)
            requests = [entry["request"] for entry in sim.ledger("order", key=sim.key)]
            assert requests == sorted(set(requests))
            before = everything(sim)
            sim.kill()


def test_a_line_torn_by_the_kill_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with SimulatorProcess(state=file) as sim:
        Api(sim).order(13755)
        before = everything(sim)
        sim.kill()
    journal = tmp_path / "state.json.journal"
    with journal.open("ab") as end:
        end.write(b'{"head":null,"shel')
    with SimulatorProcess(state=file) as sim:
        assert everything(sim) == before


def test_what_was_due_meanwhile_happens_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with SimulatorProcess(state=file) as sim:
        number = Api(sim).order(3763)["number"]  # active after a day
        assert Api(sim).number(number)["status"] == "checking"
    saved = json.loads(file.read_text())
    saved["head"]["offset"] += 2 * 86400
    file.write_text(json.dumps(saved))
    with SimulatorProcess(state=file) as sim:
        assert Api(sim).number(number)["status"] == "on"
        assert len(sim.ledger("connected")) == 1


def test_the_secret_is_not_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with SimulatorProcess(state=file, secret="quite-secret") as sim:
        Api(sim).order(13755)
    assert "quite-secret" not in file.read_text()
    assert list(tmp_path.glob("*.tmp")) == []
