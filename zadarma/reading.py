"""What an HTTP answer says: the JSON object of a success, or the error it stands for."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

from zadarma.errors import BadCredentials, Refused, Unavailable, ZadarmaError

_MESSAGE_LENGTH = 500


@dataclass(frozen=True)
class RawAnswer:
    """Status, headers and body. `problem` says why the body is not whole; `final`, that asking again would not help."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    problem: str | None = None
    final: bool = False


def read_answer(answer: RawAnswer, call: str, secrets: tuple[str, ...], now: float) -> dict[str, Any] | ZadarmaError:
    """The JSON object of a success, otherwise the error to raise.

    The body's `status` decides over the HTTP status, except that a 5xx or a 3xx leaves open what happened. `secrets`
    are cut out of the API's message; `now` is Unix time, against which the time of the next allowance is judged.
    """
    status = answer.status
    payload = None if answer.problem else parse_object(answer.body)
    verdict = payload.get("status") if payload else None
    if status >= 500:
        return Unavailable(f"the API failed (HTTP {status})", http_status=status, call=call)
    if 300 <= status < 400:
        return Unavailable(
            f"the API answered with a redirect (HTTP {status})", http_status=status, call=call, worth_repeating=False
        )
    if payload is not None and verdict == "success":
        return payload
    message = shown_message(payload, secrets)
    if status == 429:
        return Unavailable(
            "the API's rate limit is exceeded (HTTP 429)",
            http_status=status,
            call=call,
            retry_after=retry_after(answer.headers, now),
            rate_limited=True,
        )
    if status == 401:
        return BadCredentials(message or "the API did not accept the key pair", http_status=status, call=call)
    if verdict == "error":
        return Refused(message or "the API gave no reason", http_status=status, call=call)
    problem = answer.problem or "the body is not the JSON object that was promised"
    return Unavailable(f"{problem} (HTTP {status})", http_status=status, call=call, worth_repeating=not answer.final)


def parse_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in `body`, numbers with a fraction as Decimal; None when it holds anything else."""
    try:
        parsed = json.loads(body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def shown_message(payload: dict[str, Any] | None, secrets: tuple[str, ...]) -> str:
    """The API's own message on one line of bounded length, with nothing of the key pair in it."""
    message = payload.get("message") if payload else None
    if not isinstance(message, str):
        return ""
    for secret in secrets:
        if secret:
            message = message.replace(secret, "…")
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", message).strip()[:_MESSAGE_LENGTH]


def rate_limit(headers: Mapping[str, str]) -> tuple[int | None, int | None, datetime | None] | None:
    """Limit, remaining and reset of the X-RateLimit headers; None when there are none."""
    limit, remaining, reset = (_count(headers.get(f"X-RateLimit-{name}")) for name in ("Limit", "Remaining", "Reset"))
    if limit is None and remaining is None and reset is None:
        return None
    try:
        reset_at = None if reset is None else datetime.fromtimestamp(reset, UTC)
    except (ValueError, OverflowError, OSError):
        reset_at = None
    return limit, remaining, reset_at


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until calls are taken again, from Retry-After (seconds or a date) or X-RateLimit-Reset (Unix time)."""
    stated = headers.get("Retry-After", "").strip()
    if (seconds := _count(stated)) is not None:
        return float(seconds)
    if stated:
        try:
            return max(parsedate_to_datetime(stated).timestamp() - now, 0.0)
        except (ValueError, OverflowError, OSError):
            pass  # not a date either; the other header may tell
    reset = _count(headers.get("X-RateLimit-Reset"))
    return None if reset is None else max(reset - now, 0.0)


def _count(text: str | None) -> int | None:
    if text is None or not re.fullmatch(r"\s*[0-9]{1,15}(\.[0-9]+)?\s*", text):
        return None
    return math.ceil(float(text))


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")
