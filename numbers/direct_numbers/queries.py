"""Scoped getters for pages about numbers, the catalogue and orders."""

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from direct_numbers.models import Country, Direction, Number, Offer, Order
from documents import queries as document_queries
from documents.models import DocumentGroup, GroupValidity
from people.permissions import May
from people.tenancy import Viewer, scope, scoped_or_404
from sync.models import Change, Connection, Operation
from sync.showing import sort_key

ENDS_SOON = timedelta(days=30)
SECRETS = ("connection__api_key", "connection__api_secret")  # read only by the gateway


def numbers(viewer: Viewer) -> QuerySet[Number]:
    """The numbers `viewer` may see, those gone left out."""
    rows = scope(Number.objects.filter(gone_at=None), viewer)
    return rows.select_related("connection", "customer", "direction__country").defer(*SECRETS)


def number(viewer: Viewer, pk: int) -> Number:
    """One number (a gone one too, for its history), or 404."""
    rows = Number.objects.select_related("connection", "customer", "direction__country").defer(*SECRETS)
    return scoped_or_404(rows, viewer, pk=pk)


def numbers_among(viewer: Viewer, pks: Collection[int]) -> QuerySet[Number]:
    """Those of the numbers `pks` that `viewer` may see, gone ones too, by number."""
    rows = scope(Number.objects.filter(pk__in=pks), viewer)
    return rows.select_related("connection", "customer", "direction__country").defer(*SECRETS).order_by("number", "pk")


def matching(rows: QuerySet[Number], words: str) -> QuerySet[Number]:
    """Numbers that match what a person typed: digits or a mask (`*`, `?`; spaces and + ignored), or text.

    Text is looked for in caller name, city, country and customer.
    """
    compact = re.sub(r"[\s+()./-]", "", words)
    if compact and re.fullmatch(r"[0-9*?]+", compact):
        if set(compact) & {"*", "?"}:
            return rows.filter(number__like=compact.replace("*", "%").replace("?", "_"))
        return rows.filter(number__contains=compact)
    found = Q()
    for field in ("number_name", "description", "country_name", "sip", "customer__name", "direction__name_de"):
        found |= Q(**{f"{field}__icontains": words})
    return rows.filter(found)


def ends_soon(number: Number, now: datetime) -> bool:
    """Whether a number is parked, or ends within 30 days because it does not renew itself."""
    if number.gone_at is not None:
        return False
    is_near = number.stop_at is not None and number.stop_at < now + ENDS_SOON
    return number.status == Number.Status.PARKING or (number.autorenew is False and is_near)


def needing_attention(rows: QuerySet[Number], now: datetime) -> QuerySet[Number]:
    """Numbers for which a person must act: papers, payment, parked, or ending soon."""
    waits = Q(status__in=["checking_upload", "parking"]) | Q(status__startswith="reserved_")
    soon = Q(status=Number.Status.ON, autorenew=False, stop_at__gte=now, stop_at__lt=now + ENDS_SOON)
    return rows.filter(waits | soon)


def orders(viewer: Viewer) -> QuerySet[Order]:
    """The orders `viewer` may see, newest first."""
    rows = scope(Order.objects.all(), viewer)
    return rows.select_related(
        "connection", "customer", "country", "direction__country", "number", "created_by", "operation"
    ).defer(*SECRETS, "operation__params", "operation__answer", "operation__evidence")


def order(viewer: Viewer, public_id: object) -> Order:
    """One order, or 404."""
    rows = (
        Order.objects.all()
        .select_related(
            "connection",
            "customer",
            "country",
            "direction__country",
            "group",
            "number__connection",
            "operation",
            "routing_operation",
            "created_by",
            "submitted_by",
            "decided_by",
        )
        .defer(*SECRETS, "number__connection__api_key", "number__connection__api_secret")
    )
    return scoped_or_404(rows, viewer, public_id=public_id)


def orders_needing_attention(viewer: Viewer) -> QuerySet[Order]:
    """Orders refused, or in doubt once the panel can't find it out by itself; those to approve for who may."""
    states = [Order.State.IN_DOUBT, Order.State.REFUSED]
    if viewer.may(May.APPROVE):
        states.append(Order.State.APPROVAL)
    return orders(viewer).filter(state__in=states).exclude(operation__state=Operation.State.UNKNOWN)


def countries(connection: Connection) -> QuerySet[Country]:
    """Countries in which this account is offered numbers, with how many directions."""
    offered = Q(directions__offers__connection=connection, directions__offers__gone_at=None)
    rows = Country.objects.filter(offered, gone_at=None)
    return rows.annotate(direction_count=Count("directions", filter=offered, distinct=True)).order_by(Lower("name_en"))


def country_choices() -> list[tuple[str, str]]:
    """The catalogue's countries for a form: ISO code and name in the reader's language, by name."""
    rows = Country.objects.filter(gone_at=None).exclude(iso="")
    return sorted(((row.iso, row.name) for row in rows), key=lambda pair: sort_key(pair[1]))


def offers(connection: Connection, country: Country) -> QuerySet[Offer]:
    """What this account is offered in a country, with the directions."""
    rows = Offer.objects.filter(connection=connection, direction__country=country, gone_at=None)
    return rows.select_related("direction__country").order_by("direction__name_en", "direction__pk")


def countries_offered(viewer: Viewer) -> QuerySet[Country]:
    """Countries in which any account that `viewer` has to do with is offered numbers."""
    offered = scope(Offer.objects.filter(gone_at=None), viewer)
    return Country.objects.filter(gone_at=None, directions__in=offered.order_by().values("direction")).distinct()


def countries_of(viewer: Viewer) -> QuerySet[Country]:
    """Countries in which `viewer` has numbers. Asked country by country, so that few rows are read of many."""
    theirs = numbers(viewer).select_related(None).order_by().filter(direction__country=OuterRef("pk"))
    return scope(Country.objects.filter(Exists(theirs)), viewer)


def directions_offered(viewer: Viewer, country: Country) -> QuerySet[Direction]:
    """The directions of a country that any account is offered."""
    offered = scope(Offer.objects.filter(gone_at=None), viewer)
    return Direction.objects.filter(country=country, pk__in=offered.order_by().values("direction"))


def direction_or_404(viewer: Viewer, remote_id: str) -> Direction:
    """A direction by the id that Zadarma gives it, or 404."""
    return scoped_or_404(Direction.objects.select_related("country"), viewer, remote_id=remote_id)


def classmates(direction: Direction) -> QuerySet[Direction]:
    """The directions of the same country that want the same, itself among them."""
    return Direction.objects.filter(country=direction.country_id, requirement=direction.requirement)


def groups_for(viewer: Viewer, direction: Direction) -> QuerySet[DocumentGroup]:
    """The groups of `viewer` whose account is offered the direction; those that were said to suit it go first."""
    answers = GroupValidity.objects.filter(group=OuterRef("pk"), direction_remote_id=direction.remote_id)
    suits = answers.filter(requirement=direction.requirement, is_information_match=True, is_address_match=True)
    suits = suits.filter(is_documents_uploaded=True, is_documents_verified=True)
    offered = Offer.objects.filter(direction=direction, gone_at=None).values("connection")
    rows = document_queries.askable(viewer).filter(connection__in=offered)
    return rows.annotate(said_to_suit=Exists(suits)).order_by("-said_to_suit", "pk")


def all_offers(connection: Connection) -> QuerySet[Offer]:
    """Everything this account is offered, with the directions and their countries."""
    rows = Offer.objects.filter(connection=connection, gone_at=None)
    return rows.select_related("direction__country").order_by("direction__pk")


def offer(connection: Connection, direction: Direction) -> Offer | None:
    """One offer of an account."""
    return Offer.objects.filter(connection=connection, direction=direction, gone_at=None).first()


def changes_of(number: Number) -> QuerySet[Change]:
    """What changed of a number, newest first."""
    return Change.objects.filter(object_type="number", object_id=number.pk)


def assigned_at(number: Number) -> datetime | None:
    """Since when a number is its customer's, where it was given to them after it was first seen."""
    return changes_of(number).filter(field="customer").values_list("seen_at", flat=True).first()


def theirs_since(numbers: Iterable[Number]) -> dict[int, datetime]:
    """Since when each of `numbers` is its customer's, by primary key; those that were never handed on are left out."""
    rows = Change.objects.filter(object_type="number", object_id__in=[row.pk for row in numbers], field="customer")
    return dict(rows.order_by("seen_at", "pk").values_list("object_id", "seen_at"))


def operations_of(number: Number) -> QuerySet[Operation]:
    """What was done to a number here, newest first."""
    rows = Operation.objects.filter(object_type="number", object_id=number.pk, connection_id=number.connection_id)
    return rows.select_related("actor")


def later_attempts(operations: Iterable[Operation]) -> dict[int, Operation]:
    """The attempts made after `operations` were not done, by the primary key of what they repeat."""
    rows = Operation.objects.filter(previous__in=[row.pk for row in operations]).order_by("pk")
    return {row.previous_id: row for row in rows.only("pk", "previous", "batch") if row.previous_id}
