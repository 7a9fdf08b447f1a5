"""Connection, CallBudget, SyncRun, Change. The journal is in `sync.journal`, the import in `sync.import_models`."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.tenancy import Tenancy
from people.vault import SealedJSONField, SealedTextField
from sync.import_models import ConnectionImport, ImportRow
from sync.journal import Operation
from sync.key_digest import digest_of

__all__ = ["CallBudget", "Change", "Connection", "ConnectionImport", "ImportRow", "Operation", "SyncRequest", "SyncRun"]


class Connection(models.Model):
    """One Zadarma account: where its API is, its key pair (sealed), its time zone, what it last said of its balance."""

    class State(models.TextChoices):
        """Whether calls are made."""

        ACTIVE = "active", _("active")
        PAUSED = "paused", _("paused")

    name = models.CharField(_("name"), max_length=80)
    api_url = models.URLField(_("address of the API"))
    api_key = SealedTextField(_("key"))
    api_secret = SealedTextField(_("secret"))
    # No two accounts have the same key (`sync.key_digest`); None where nobody has looked yet.
    key_digest = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001  # several may be unknown
    # How often the pair was changed: a call made with an earlier one must not pause the account.
    pair_number = models.PositiveIntegerField(default=1)
    # Marks of pairs that were changed in the panel: the environment may still name one of them.
    retired_pairs = SealedJSONField(blank=True, default=dict)
    zone = models.CharField(_("time zone"), max_length=40, blank=True, help_text=_("As the account names it: UTC+2."))
    zone_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    paused_because = models.CharField(max_length=200, blank=True)
    is_default = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)
    is_hidden = models.BooleanField(default=False)
    balance = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    balance_currency = models.CharField(max_length=3, blank=True)
    balance_at = models.DateTimeField(null=True, blank=True)
    numbers_as_of = models.DateTimeField(null=True, blank=True)
    documents_as_of = models.DateTimeField(null=True, blank=True)
    catalog_as_of = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    tenancy = Tenancy()

    class Meta:
        ordering = ["-is_default", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="connection_one_default")
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, **options: Any) -> None:
        """A new account gets the digest of its key, unless another has that key already."""
        if self._state.adding and self.api_key and self.key_digest is None:
            digest = digest_of(self.api_key)
            if not Connection.objects.filter(key_digest=digest).exists():
                self.key_digest = digest
        super().save(**options)

    @property
    def usable(self) -> bool:
        """Whether calls may be made with it."""
        return self.state == self.State.ACTIVE and not self.is_hidden


class CallBudget(models.Model):
    """How many calls a connection made in the running minute, shared by all processes; in all, and by lane."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="budget")
    minute = models.BigIntegerField(default=0, help_text="Minutes since 1970 to which `used` belongs.")
    used = models.IntegerField(default=0)
    used_click = models.IntegerField(default=0)
    used_operation = models.IntegerField(default=0)
    used_sync = models.IntegerField(default=0)
    closed_until = models.DateTimeField(null=True, blank=True, help_text="The API said 429: no call before this.")

    tenancy = Tenancy()

    def __str__(self) -> str:
        return f"{self.connection_id}: {self.used}"


class SyncRun(models.Model):
    """One reading of a connection's numbers, documents or catalogue."""

    class Kind(models.TextChoices):
        """What is read."""

        NUMBERS = "numbers", _("numbers")
        DOCUMENTS = "documents", _("document groups")
        CATALOG = "catalog", _("catalogue")

    class State(models.TextChoices):
        """How far it is."""

        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    step = models.CharField(max_length=80, blank=True)
    steps_done = models.IntegerField(default=0)
    steps_total = models.IntegerField(default=0)
    seen = models.IntegerField(default=0)
    created = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    gone = models.IntegerField(default=0)
    rejected = models.IntegerField(default=0)
    left = models.IntegerField(default=0, help_text="How many are still to be read: the next one goes on at once.")
    error = models.CharField(max_length=300, blank=True)

    tenancy = Tenancy(connection="connection")

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection"], condition=Q(state="running"), name="sync_one_run_connection")
        ]
        indexes = [models.Index(fields=["connection", "kind", "-started_at"], name="sync_run_latest")]

    # Not kept: whether a person wanted it.
    is_asked_for = False

    def __str__(self) -> str:
        return f"{self.kind} of {self.connection_id} at {self.started_at:%Y-%m-%d %H:%M:%S}"

    @property
    def duration(self) -> float | None:
        """Seconds it took; None while it runs."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


class SyncRequest(models.Model):
    """That a person wants something read now: due at once, gone when its run begins."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="requests")
    kind = models.CharField(max_length=12, choices=SyncRun.Kind.choices)
    asked_at = models.DateTimeField(auto_now_add=True)

    tenancy = Tenancy(connection="connection")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "kind"], name="sync_request_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.connection_id}"


class Change(models.Model):
    """A difference that a sync run or a refresh saw. For personal fields it says only that they changed."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="changes", null=True)
    run = models.ForeignKey(SyncRun, on_delete=models.SET_NULL, null=True, related_name="changes")
    object_type = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    field = models.CharField(max_length=40)
    old = models.CharField(max_length=200, blank=True)
    new = models.CharField(max_length=200, blank=True)
    seen_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField()

    tenancy = Tenancy()

    class Meta:
        ordering = ["-seen_at", "-pk"]
        indexes = [models.Index(fields=["object_type", "object_id", "-seen_at"], name="change_of_object")]

    def __str__(self) -> str:
        return f"{self.object_type} {self.object_id}: {self.field}"
