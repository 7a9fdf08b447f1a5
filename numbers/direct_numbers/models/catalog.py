"""The catalogue: what can be ordered where. Countries and directions are shared; fees are a connection's own."""

from typing import Any

from django.db import models
from django.utils.translation import get_language, to_locale

from people.tenancy import Tenancy
from sync.models import Connection

LANGUAGES = ("en", "de")


def in_language(row: models.Model, field: str) -> Any:
    """The value of `field` in the reader's language, in English where that is missing."""
    language = to_locale(get_language() or "en")[:2]
    local = getattr(row, f"{field}_{language}", "") if language in LANGUAGES else ""
    return local or getattr(row, f"{field}_en")


class Country(models.Model):
    """A country in which numbers can be ordered."""

    iso = models.CharField(max_length=2, unique=True)
    dial_code = models.CharField(max_length=8)
    name_en = models.CharField(max_length=120)
    name_de = models.CharField(max_length=120, blank=True)
    as_of = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    tenancy = Tenancy(shared=True)

    class Meta:
        ordering = ["name_en"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Its name in the reader's language."""
        return str(in_language(self, "name"))


class Direction(models.Model):
    """A city or kind of number of a country (the API's destination)."""

    remote_id = models.CharField(max_length=20, unique=True)
    country = models.ForeignKey(Country, on_delete=models.CASCADE, related_name="directions")
    dial_code = models.CharField(max_length=8)
    area_code = models.CharField(max_length=12, blank=True)
    name_en = models.CharField(max_length=200)
    name_de = models.CharField(max_length=200, blank=True)
    receive_sms = models.BooleanField(null=True)
    is_toll_free = models.BooleanField(default=False)
    feature_en = models.CharField(max_length=300, blank=True)
    feature_de = models.CharField(max_length=300, blank=True)
    connect_days = models.IntegerField(null=True)
    # [{"type": document type or "", "text": the API's prose}], and the data it wants to be specified
    uploads_en = models.JSONField(default=list)
    uploads_de = models.JSONField(default=list)
    specify_en = models.JSONField(default=list)
    specify_de = models.JSONField(default=list)
    requirement = models.CharField(max_length=64, blank=True, help_text="What it wants, as a digest; empty: nothing.")
    requirement_changed_at = models.DateTimeField(null=True, help_text="When it was last seen to want something else.")
    as_of = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    tenancy = Tenancy(shared=True)

    class Meta:
        ordering = ["name_en", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Its name in the reader's language."""
        return str(in_language(self, "name"))

    @property
    def feature(self) -> str:
        """What is special about its numbers, in the reader's language."""
        return str(in_language(self, "feature"))

    @property
    def uploads(self) -> list[dict[str, str]]:
        """The documents it wants: `{"type", "text"}` each, in the reader's language."""
        return list(in_language(self, "uploads"))

    @property
    def specify(self) -> list[str]:
        """The data it wants, as sentences in the reader's language."""
        return list(in_language(self, "specify"))

    @property
    def needs_papers(self) -> bool:
        """Whether it wants any document or data."""
        return bool(self.uploads_en or self.specify_en)

    @property
    def area(self) -> str:
        """Dial code and area code as people write them: +44 20."""
        return f"+{self.dial_code} {self.area_code}".strip()


class Offer(models.Model):
    """What a direction costs in an account."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="offers")
    direction = models.ForeignKey(Direction, on_delete=models.CASCADE, related_name="offers")
    connect_fee = models.DecimalField(max_digits=12, decimal_places=4)
    monthly_fee = models.DecimalField(max_digits=12, decimal_places=4)
    currency = models.CharField(max_length=3)
    as_of = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    tenancy = Tenancy(shared=True, connection="connection")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "direction"], name="offer_once")]

    def __str__(self) -> str:
        return f"direction {self.direction_id} at connection {self.connection_id}"
