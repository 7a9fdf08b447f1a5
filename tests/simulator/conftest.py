"""One simulator process for a test module; every test finds it as it was at its start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulator.api import Api
from tests.support.simulator import SimulatorProcess


@pytest.fixture(scope="module")
def _process() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(accounts=[("second-key", "second-secret")]) as process:
        yield process


@pytest.fixture
def sim(_process: SimulatorProcess) -> SimulatorProcess:
    _process.reset()
    return _process


@pytest.fixture
def api(sim: SimulatorProcess) -> Api:
    return Api(sim)


@pytest.fixture(scope="module")
def _demo_process() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(demo=True) as process:
        yield process


@pytest.fixture
def demo(_demo_process: SimulatorProcess) -> Api:
    _demo_process.reset()
    return Api(_demo_process)
