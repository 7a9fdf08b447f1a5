"""Noting who did what. `record` is called in the transaction of what it notes: neither stands without the other."""

from contextvars import ContextVar
from typing import Any

from django.utils import timezone

from people import audit_sealing, data_keys
from people.audit_models import AuditEntry
from people.models import Customer, User

# Where the request under way comes from; set by `people.middleware`.
address: ContextVar[str] = ContextVar("address", default="")


def record(
    action: str,
    actor: User | None,
    *,
    about: tuple[str, int | None] = ("", None),
    customer: Customer | int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Note that `actor` (None: a command or the schedule) did `action` with `about` (object type, primary key).

    `action` is one of `people.audit_words.ACTIONS`. `before` and `after` hold what changed, as plain JSON: ids,
    amounts, states, never names, addresses, e-mails, keys or other personal data; of such fields write "changed".
    """
    detail = {"from": address.get(), "before": before or {}, "after": after or {}}
    entry = AuditEntry.objects.create(
        at=timezone.now(),
        actor_id=actor.pk if actor else None,
        action=action,
        object_type=about[0],
        object_id=about[1],
        customer_id=customer.pk if isinstance(customer, Customer) else customer,
        data_key_id=_key_of(actor, about),
        detail={name: value for name, value in detail.items() if value},
    )
    audit_sealing.wake()
    return entry


def _key_of(actor: User | None, about: tuple[str, int | None]) -> int:
    """The data key of who did it; where nobody is known, of the person it is about (a sign-in that failed)."""
    if actor is not None:
        mine = actor.data_key_id or _key_of_person(actor.pk)
    else:
        mine = _key_of_person(about[1]) if about[0] == "user" and about[1] else None
    # Of who was erased meanwhile nothing personal is kept: then it is the audit's own.
    if mine is None or data_keys.is_destroyed(mine):
        return audit_sealing.chain().data_key_id
    return mine


def _key_of_person(pk: int) -> int | None:
    """The data key of a person, made where they have none yet.

    Not kept with the `User` that is at hand: the transaction under way may be rolled back, and the key with it.
    """
    rows = User.objects.filter(pk=pk)
    key = rows.values_list("data_key", flat=True).first()
    if key is None and rows.exists():
        (made,) = data_keys.make()
        rows.filter(data_key=None).update(data_key=made)
        key = rows.values_list("data_key", flat=True).get()
    return key
