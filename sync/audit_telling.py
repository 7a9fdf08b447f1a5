"""Accounts and operations in the words of the audit."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from people import audit_words, subjects
from people.subjects import Subject
from sync import telling
from sync.models import Connection, Operation


def register() -> None:
    """Make them known."""
    subjects.register("connection", _accounts)
    audit_words.register_value("by", _by)
    audit_words.register_value("kind", _kind)
    audit_words.register_value("state", _state)


def _accounts(pks: Collection[int]) -> dict[int, Subject]:
    """Accounts by name; hidden ones are of the demo, which is over."""
    return {pk: Subject(name) for pk, name in Connection.objects.filter(pk__in=pks).values_list("pk", "name")}


def _by(value: str) -> str:
    return _("by hand") if value == "hand" else value


def _kind(value: str) -> str:
    return dict(telling.kinds()).get(value, value)


def _state(value: str) -> str:
    return str(dict(Operation.State.choices).get(value, value))
