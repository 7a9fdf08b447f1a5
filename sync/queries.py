"""Scoped getters for pages about connections and runs."""

from django.db.models import QuerySet

from people.tenancy import Viewer, scope, scoped_or_404
from sync.models import Connection, SyncRequest, SyncRun


def connections(viewer: Viewer) -> QuerySet[Connection]:
    """The Zadarma accounts `viewer` may see (staff only), hidden ones left out."""
    return scope(Connection.objects.filter(is_hidden=False), viewer)


def connection(viewer: Viewer, pk: int) -> Connection:
    """One account, or 404."""
    return scoped_or_404(Connection.objects.filter(is_hidden=False), viewer, pk=pk)


def runs(viewer: Viewer) -> QuerySet[SyncRun]:
    """Sync runs, newest first."""
    return scope(SyncRun.objects.select_related("connection"), viewer)


def asked(viewer: Viewer) -> QuerySet[SyncRequest]:
    """Readings that were asked for and have not begun."""
    return scope(SyncRequest.objects.select_related("connection"), viewer).order_by("asked_at", "pk")
