"""What a person keeps of the list of numbers: its columns and size, and filters under names of their own."""

from django.db import transaction
from django.utils.translation import gettext as _

from direct_numbers.models import ListChoice, SavedView
from direct_numbers.models.list_choice import MOST_VIEWS
from people.models import User


class TooManyViews(Exception):
    """A person has kept as many views as one may."""


def kept(user: User) -> ListChoice:
    """A person's own choice, not saved where they never chose."""
    return ListChoice.objects.filter(user=user).first() or ListChoice(user=user)


def keep(user: User, columns: str, size: int) -> None:
    """Keep which columns the list has, and how many rows a page."""
    ListChoice.objects.update_or_create(user=user, defaults={"columns": columns, "size": size})


def views(user: User) -> list[SavedView]:
    """A person's own saved views, by name."""
    return list(SavedView.objects.filter(user=user))


@transaction.atomic
def save_view(user: User, name: str, query: str) -> SavedView:
    """Keep `query` under `name`; of that name there is one, which then shows this. Raises `TooManyViews`."""
    User.objects.select_for_update().get(pk=user.pk)
    mine = SavedView.objects.filter(user=user)
    if not mine.filter(name=name).exists() and mine.count() >= MOST_VIEWS:
        raise TooManyViews
    return SavedView.objects.update_or_create(user=user, name=name, defaults={"query": query})[0]


def remove_view(user: User, pk: int) -> str:
    """Forget a view of `user`; returns what it was called, "" where there was none."""
    found = SavedView.objects.filter(user=user, pk=pk).first()
    if found is None:
        return ""
    found.delete()
    return found.name


def too_many() -> str:
    """Why nothing was saved, in the reader's words."""
    return _("You keep %(count)d views already. Please remove one first.") % {"count": MOST_VIEWS}
