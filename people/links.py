"""Whole addresses of the panel, as e-mails need them."""

from django.conf import settings
from django.http import HttpRequest


def absolute(path: str, request: HttpRequest | None = None) -> str:
    """`path` (from `reverse`) with scheme and host: those of `BASE_URL`; where it is not set, the request's.

    A request's host has passed `ALLOWED_HOSTS`, which production must set and where it refuses `*`: nobody makes the
    panel send a link to a host of theirs.
    """
    if settings.BASE_URL or request is None:
        return f"{settings.BASE_URL}{path}"
    return request.build_absolute_uri(path)
