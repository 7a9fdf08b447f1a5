"""What is kept of a customer: told for an export, and erased. Each app says by a `Source` what it keeps.

Erasing is one transaction. It is refused while something of the customer's is on its way: what is sent must not lose
its words under way, nor write back what was just erased.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from people import audit, data_keys, erasing
from people.models import Customer, Invitation, Membership, PrivacyEvent, User

# Name and content of a file; None where it is no longer kept by the time its turn comes.
File = tuple[str, Callable[[], bytes | None]]
Counts = dict[str, int]


class Hindered(Exception):
    """Something of the customer's is on its way. `reasons` are sentences for people."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class ErasedAlready(Exception):
    """There is nothing left to erase."""


def _none(customer: Customer) -> list[str]:
    return []


@dataclass(frozen=True)
class Source:
    """What one app keeps of a customer.

    - `export(customer)`: as JSON, by names, and the files that belong to it, each read when its turn comes;
    - `erase(customer, now)`: in the transaction; returns how many rows of each kind;
    - `hinders(customer)`: locks its rows, then tells in sentences why they can't be erased now;
    - `stays(customer)`: in sentences, what the panel can't erase since it is Zadarma's.
    """

    name: str
    export: Callable[[Customer], tuple[dict[str, Any], Iterable[File]]]
    erase: Callable[[Customer, datetime], Counts]
    hinders: Callable[[Customer], list[str]] = _none
    stays: Callable[[Customer], list[str]] = _none


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Called by the apps above in `AppConfig.ready`."""
    _sources[source.name] = source


def sources() -> list[Source]:
    """The customer's own row and people first, then what the apps registered."""
    return [PEOPLE, *_sources.values()]


def stays(customer: Customer) -> list[str]:
    """What the panel can't erase, in sentences."""
    return [sentence for source in sources() for sentence in source.stays(customer)]


def hindrances(customer: Customer) -> list[str]:
    """Why the customer can't be erased now, in sentences."""
    with transaction.atomic():
        return [sentence for source in sources() for sentence in source.hinders(customer)]


def note(kind: PrivacyEvent.Kind, customer: Customer, actor: User | None) -> None:
    """Keep that it was done, by whom (None: by command) and when."""
    with transaction.atomic():
        PrivacyEvent.objects.create(kind=kind, customer=customer, actor=actor)
        audit.record(f"customer.{kind}", actor, about=("customer", customer.pk), customer=customer)


def erase(customer: Customer, actor: User | None) -> Counts:
    """Erase what is personal of `customer`. Returns how many rows of each kind. Raises `Hindered`, `ErasedAlready`."""
    erasing.overwrite_what_is_deleted()
    counts: Counts = {}
    with transaction.atomic():
        # Rows that refer to the customer wait for this lock: an order begun just now, a membership.
        row = Customer.objects.select_for_update(of=("self",)).get(pk=customer.pk)
        if row.erased_at is not None:
            raise ErasedAlready
        reasons = [sentence for source in sources() for sentence in source.hinders(row)]
        if reasons:
            raise Hindered(reasons)
        now = timezone.now()
        for source in reversed(sources()):  # who belongs to the customer last
            counts |= source.erase(row, now)
        note(PrivacyEvent.Kind.ERASED, row, actor)
        # Other threads may have read the keys again before they were gone for them.
        transaction.on_commit(data_keys.forget)
    customer.refresh_from_db()
    return counts


# The customer's own row, and the people who belong to it --------------------------------------------------------------


def _export(customer: Customer) -> tuple[dict[str, Any], Iterable[File]]:
    members = Membership.objects.filter(customer=customer).select_related("user").order_by("pk")
    told = {
        "customer": {
            "id": customer.pk,
            "name": customer.name,
            "reference": customer.reference,
            "since": customer.created_at.isoformat(),
        },
        "members": [
            {
                "name": member.user.name,
                "e-mail": member.user.email,
                "language": member.user.language,
                "since": member.created_at.isoformat(),
            }
            for member in members
        ],
        "invitations": [
            {"e-mail": row.email, "role": row.role, "since": row.created_at.isoformat()}
            for row in Invitation.objects.filter(customer=customer).order_by("pk")
        ],
    }
    return told, ()


def _leaving(customer: Customer) -> list[int]:
    """The people who belong to this customer and to no other, staff left out."""
    theirs = User.objects.filter(memberships__customer=customer, staff_role="")
    elsewhere = Membership.objects.exclude(customer=customer).values("user")
    return list(theirs.exclude(pk__in=elsewhere).order_by("pk").values_list("pk", flat=True).distinct())


def _erase(customer: Customer, now: datetime) -> Counts:
    leaving = erasing.erase_people(_leaving(customer))
    Invitation.objects.filter(customer=customer).delete()
    memberships, _rows = Membership.objects.filter(customer=customer).delete()
    customer.name = _("Erased customer %(id)s") % {"id": customer.pk}
    customer.reference, customer.erased_at = "", now
    customer.save(update_fields=["name", "reference", "erased_at"])
    return {"people": leaving, "memberships": memberships}


PEOPLE = Source("people", _export, _erase)
