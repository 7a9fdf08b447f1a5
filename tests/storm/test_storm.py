"""Every call that spends money happens once, whatever goes wrong. The big ones: `make storm-quick`, `make storm`."""

from pathlib import Path

import pytest

from tests.storm.running import Ran, run

pytestmark = pytest.mark.worker


def assert_that_all_is_as_it_must_be(ran: Ran) -> None:
    """Each intent has exactly the outcome that the ledger has, and the storm was one."""
    assert ran.code == 0, ran.printed
    assert (ran.figures["doubled"], ran.figures["lost"], ran.figures["otherwise_wrong"]) == (0, 0, 0)
    assert ran.figures["done"] > 0
    assert ran.figures["worker_kills"] > 0
    assert sum(ran.figures["paid_faults"].values()) > 0


def test_a_small_storm(tmp_path: Path) -> None:
    assert_that_all_is_as_it_must_be(
        run(tmp_path, "--orders", "12", "--prolongs", "8", "--accounts", "2", "--seconds", "150")
    )


@pytest.mark.full
@pytest.mark.parametrize("workers", [2, 4])
def test_a_storm_over_several_workers(tmp_path: Path, backend: str, workers: int) -> None:
    ran = run(tmp_path, "--backend", backend, "--workers", str(workers), "--seconds", "600")
    assert_that_all_is_as_it_must_be(ran)
    assert (ran.figures["orders_sent"] >= 300, ran.figures["prolongs_sent"] >= 200) == (True, True)
    assert ran.figures["paid_calls"] >= 480, "too many processes were killed before their call left"
    assert ran.figures["killed_in_flight"] > 0


@pytest.mark.full
@pytest.mark.parametrize(
    ("guard", "kinds"),
    [
        ("claim", {"doubled", "resent"}),
        ("absence", {"doubled", "lost"}),
        ("balance", {"doubled", "lost", "invented"}),
        ("approval", {"bypassed"}),
        ("limit", {"overrun"}),
    ],
)
def test_a_storm_finds_out_that_a_guard_is_missing(tmp_path: Path, guard: str, kinds: set[str]) -> None:
    size = ("--orders", "50", "--prolongs", "40", "--accounts", "2", "--seconds", "90")
    ran = run(tmp_path, *size, "--guard", guard)
    assert ran.code == 1, ran.printed
    assert ran.violations & kinds, ran.printed
