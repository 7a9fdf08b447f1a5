"""Whole addresses of the panel, as e-mails need them."""

import os

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


def from_outside(path: str) -> str:
    """The same where nobody asked: without `BASE_URL` at the first of `ALLOWED_HOSTS`."""
    if settings.BASE_URL:
        return f"{settings.BASE_URL}{path}"
    host = next((host for host in settings.ALLOWED_HOSTS if host.strip("*.")), "localhost").lstrip("*.")
    if settings.EMBEDDED and (port := os.environ.get("PORT")):
        host = f"{host}:{port}"
    return f"{'https' if settings.HTTPS else 'http'}://{host}{path}"
