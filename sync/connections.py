"""The connection that the environment names, and the demo's."""

from django.conf import settings
from django.db import transaction

from people.models import Customer
from sync.key_digest import digest_of, pair_mark
from sync.models import Connection


def sync_with_environment() -> Connection | None:
    """Make the database agree with `ZADARMA_API_*` and `SIMULATOR_URL`. Returns the default connection, if any.

    With real keys their connection is the default and the demo's rows are hidden; without keys, and with a simulator
    running, the demo's connection is the default. Called at each start; a second call changes nothing: neither a pair
    nor a default that was changed in the panel since is undone by what the environment has been saying all along.
    """
    with transaction.atomic():
        demo = _ensure_demo() if settings.SIMULATOR_URL else None
        if settings.ZADARMA_API_KEY and settings.ZADARMA_API_SECRET:
            known = set(Connection.objects.values_list("pk", "pair_number"))
            real = _ensure_real()
            Connection.objects.filter(is_demo=True).update(is_hidden=True, is_default=False)
            chosen = Connection.objects.filter(is_default=True).first()
            if chosen and (real.pk, real.pair_number) in known:
                return chosen  # nothing new in the environment: the default is whichever was chosen in the panel
            return _make_default(real)
        has_real = Connection.objects.filter(is_demo=False, is_hidden=False).exists()
        if demo and not has_real:
            Connection.objects.filter(pk=demo.pk).update(is_hidden=False)
            return _make_default(demo)
        return Connection.objects.filter(is_default=True).first()


def for_customer(customer: Customer) -> Connection | None:
    """The account in which a customer's own people order and enter papers; None where none can be used now."""
    usable = Connection.objects.filter(state=Connection.State.ACTIVE, is_hidden=False)
    own = usable.filter(pk=customer.default_connection_id).first() if customer.default_connection_id else None
    return own or usable.filter(is_default=True).first() or usable.order_by("pk").first()


def _make_default(connection: Connection) -> Connection:
    Connection.objects.filter(is_default=True).exclude(pk=connection.pk).update(is_default=False)
    Connection.objects.filter(pk=connection.pk, is_default=False).update(is_default=True)
    connection.refresh_from_db()
    return connection


def _ensure(name: str, url: str, key: str, secret: str, *, is_demo: bool) -> Connection:
    mark = pair_mark(key, secret)
    for connection in Connection.objects.filter(is_demo=is_demo):
        if not is_demo and mark in connection.retired_pairs.get("marks", []):
            return connection  # changed in the panel since: the environment's pair is yesterday's
        if is_demo or connection.api_key == key:
            changed = (connection.api_url, connection.api_key, connection.api_secret) != (url, key, secret)
            if changed:  # a rotated secret or another port: try again with it
                connection.api_url, connection.api_key, connection.api_secret = url, key, secret
                connection.state, connection.paused_because = Connection.State.ACTIVE, ""
                connection.pair_number += 1
                connection.key_digest = _free_digest(key, connection)
                connection.save()
            return connection
    return Connection.objects.create(name=name, api_url=url, api_key=key, api_secret=secret, is_demo=is_demo)


def _free_digest(key: str, mine: Connection) -> str | None:
    """The key's digest, unless another account has it: the demo's key may be one that was given as a real one too."""
    digest = digest_of(key)
    return None if Connection.objects.filter(key_digest=digest).exclude(pk=mine.pk).exists() else digest


def _ensure_real() -> Connection:
    return _ensure(
        "Zadarma",
        settings.ZADARMA_API_URL,
        settings.ZADARMA_API_KEY,
        settings.ZADARMA_API_SECRET,
        is_demo=False,
    )


def _ensure_demo() -> Connection:
    return _ensure("Demo", settings.SIMULATOR_URL, settings.SIMULATOR_KEY, settings.SIMULATOR_SECRET, is_demo=True)
