"""Noting who did what. `record` is called in the transaction of what it notes: neither stands without the other."""

from contextvars import ContextVar
from typing import Any

from django.utils import timezone

from people import data_keys
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
    return AuditEntry.objects.create(
        at=timezone.now(),
        actor_id=actor.pk if actor else None,
        action=action,
        object_type=about[0],
        object_id=about[1],
        customer_id=customer.pk if isinstance(customer, Customer) else customer,
        data_key_id=_key_of(actor),
        detail={name: value for name, value in detail.items() if value},
    )


def _key_of(actor: User | None) -> int | None:
    """The data key of who did it, made where they have none yet."""
    if actor is None:
        return None
    if actor.data_key_id is None:
        actor.refresh_from_db(fields=["data_key"])
    if actor.data_key_id is None:
        (made,) = data_keys.make()
        if User.objects.filter(pk=actor.pk, data_key=None).update(data_key=made):
            actor.data_key_id = made
        else:
            actor.refresh_from_db(fields=["data_key"])
    return actor.data_key_id
