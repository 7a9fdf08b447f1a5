"""The panel's addresses and three that go wrong."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import handler400, handler403, handler404, handler500, urlpatterns
from zadarma import Unavailable

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def mistake(request: HttpRequest) -> HttpResponse:
    """A mistake of ours, with a secret in its message."""
    raise LookupError("password=hunter2")


def suspicious(request: HttpRequest) -> HttpResponse:
    """A request that is not sound."""
    raise SuspiciousOperation("password=hunter2")


def forbidden(request: HttpRequest) -> HttpResponse:
    """Nothing for this person."""
    raise PermissionDenied("password=hunter2")


def outage(request: HttpRequest) -> HttpResponse:
    """A view that did not catch an outage."""
    raise Unavailable("connection reset by password=hunter2")


urlpatterns = [
    *urlpatterns,
    path("mistake/", mistake),
    path("suspicious/", suspicious),
    path("forbidden/", forbidden),
    path("outage/", outage),
]
