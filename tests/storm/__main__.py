"""`python -m tests.storm --backend sqlite --orders 300`: prints the figures; exits with 1 where anything is wrong."""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.storm import clock
from tests.storm.figures import Figures
from tests.storm.plan import Size
from tests.storm.stage import stage


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.storm", description=sys.modules["tests.storm"].__doc__)
    parser.add_argument("--backend", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--orders", type=int, default=300)
    parser.add_argument("--prolongs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="each has two processes")
    parser.add_argument("--accounts", type=int, default=6)
    parser.add_argument("--guard", default="", help="the missing guard: claim, absence, balance, approval or limit")
    parser.add_argument("--seconds", type=float, default=600, help="give up after so long")
    parser.add_argument("--json", type=Path, help="write the figures there as well")
    parser.add_argument("--paced", action="store_true", help="no storm: the orders in one account, at the real rate")
    parser.add_argument("--keep", action="store_true", help="keep the folder with the logs")
    return parser


def _storm(size: Size, folder: Path, seconds: float) -> Figures:
    """Let one storm happen. `folder` is the panel's; after `seconds` it is given up."""
    began = time.monotonic()
    figures = Figures(size.backend, size.seed, size.workers, size.guard, size.intents)
    with stage(size, folder, clock.SETTINGS) as (simulator, panel):
        from tests.storm.driving import rage_and_reckon

        rage_and_reckon(size, simulator, panel, figures, began, began + seconds)
    return figures


def _paced(size: Size, folder: Path, seconds: float) -> Figures:
    """Let the orders of `size` be placed at the real rate."""
    figures = Figures(size.backend, size.seed, size.workers, size.guard, size.orders)
    with stage(size, folder, {**clock.SETTINGS, **clock.REAL_RATE}) as (simulator, panel):
        from tests.storm.paced import at_the_real_rate

        at_the_real_rate(size, simulator, panel, figures, time.monotonic() + seconds)
    return figures


def main() -> int:
    """The exit code: 0 where everything is as it must be (or the servers are missing, where that is allowed)."""
    given = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all processes are ended
    size = Size(given.backend, given.orders, given.prolongs, given.seed, given.workers, given.accounts, given.guard)
    is_all_required = os.environ.get("NUMBERDESK_REQUIRE_ALL") == "1"
    folder = Path(tempfile.mkdtemp(prefix=f"numberdesk-storm-{size.backend}-"))
    random.seed(size.seed)
    try:
        figures = (_paced if given.paced else _storm)(size, folder, given.seconds)
    except pytest.skip.Exception as missing:
        sys.stdout.write(f"No storm on {size.backend}: {missing}\n")
        return int(is_all_required)
    finally:
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(f"{figures.shown()}\n")
    if given.keep:
        sys.stdout.write(f"The logs are in {folder}\n")
    if given.json:
        given.json.write_text(figures.packed())
    return int(bool(figures.violations))


if __name__ == "__main__":
    sys.exit(main())
