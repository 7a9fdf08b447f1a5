"""The table of secret addresses at which a person's own calendar can be read without signing in."""

from django.conf import settings
from django.db import models

from people.tenancy import Tenancy


class CalendarFeed(models.Model):
    """That a person has such an address. It holds a random token, of which only the digest stands here."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", editable=False)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token in the address.")
    made_at = models.DateTimeField()

    tenancy = Tenancy()

    def __str__(self) -> str:
        return f"calendar of person {self.user_id}"
