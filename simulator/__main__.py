"""The command line: ``python -m simulator --port 8100 --key K --secret S``."""

from __future__ import annotations

import argparse
import ipaddress
import signal
import sys
import threading
from pathlib import Path

from .server import serve
from .simulation import Options, Simulation
from .world import SHAPES


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=sys.modules["simulator"].__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address; anything else is refused")
    parser.add_argument("--port", type=int, default=8100, help="0 picks a free one")
    parser.add_argument("--key", required=True, help="API key of the main account")
    parser.add_argument("--secret", required=True, help="API secret of the main account")
    parser.add_argument("--account", action="append", default=[], metavar="KEY:SECRET", help="one more account")
    parser.add_argument("--numbers", type=_count, default=0, help="how many numbers the main account has")
    parser.add_argument("--rate", type=_positive, default=100, help="calls a minute and key")
    parser.add_argument("--state", type=Path, help="file that keeps everything across restarts")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same numbers and dice")
    parser.add_argument("--shape", choices=SHAPES, default="production", help="whose form the answers have")
    parser.add_argument("--demo", action="store_true", help="open with numbers in every status")
    return parser


def _count(value: str) -> int:
    count = int(value)
    if count < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return count


def _positive(value: str) -> int:
    count = int(value)
    if count < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return count


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT. The exit code: 0 after a clean stop, 2 for a wrong command line."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if not _is_loopback(given.host):
        parser.error(f"the simulator binds loopback addresses only, such as 127.0.0.1; {given.host} is none")
    secrets = {given.key: given.secret}
    for pair in given.account:
        key, colon, secret = pair.partition(":")
        if not (key and colon and secret) or key in secrets:
            parser.error("--account takes KEY:SECRET, and every key once")
        secrets[key] = secret
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    options = Options(secrets, given.numbers, given.rate, given.seed, given.shape, given.demo, given.state)
    serve(Simulation(options), (given.host, given.port), stopped)
    return 0


if __name__ == "__main__":
    sys.exit(main())
