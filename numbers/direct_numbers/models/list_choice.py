"""What a person keeps of the list of numbers for themselves: its columns, and filters under a name."""

from django.conf import settings
from django.db import models

from people.tenancy import Tenancy

MOST_VIEWS = 20


class ListChoice(models.Model):
    """Which columns a person's list has, and how many rows a page."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    columns = models.CharField(max_length=200, blank=True, help_text="Keys of `columns`, with dots between.")
    size = models.IntegerField(default=0, help_text="0: as many as the panel thinks right.")

    tenancy = Tenancy()

    def __str__(self) -> str:
        return f"list of user {self.user_id}"


class SavedView(models.Model):
    """Filters, order and columns of a list that a person gave a name: the address says it all, the name is theirs."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=600, help_text="As `NumberFilter.query` writes it.")

    tenancy = Tenancy()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name
