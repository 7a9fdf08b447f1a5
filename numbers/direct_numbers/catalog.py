"""Mirrors the catalogue: countries, their directions and this account's fees, in every language of the panel."""

from collections.abc import Iterable
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from direct_numbers.models import Country, Direction, Number, Offer
from direct_numbers.models.catalog import LANGUAGES
from direct_numbers.requirements import signature
from sync.compare import Differences, chunks, differences, fitting
from sync.models import SyncRun
from sync.runs import CHUNK, Progress, step
from zadarma import Client
from zadarma import types as api_types

Fetched = dict[str, dict[str, Any]]


def sync_catalog(run: SyncRun, api: Client, progress: Progress | None = None) -> None:
    """Mirror countries and directions (GET /v1/direct_numbers/countries/ and /country/).

    Everything is fetched before anything is written. Country and direction rows are shared by all connections;
    only this connection's offers are marked gone.
    """
    countries, per_language = _fetch_countries(api)
    total = len(countries) * len(LANGUAGES)
    directions: Fetched = {}
    country_of: dict[str, str] = {}
    rejected = 0
    for done, (iso, language) in enumerate((i, lang) for i in sorted(countries) for lang in LANGUAGES):
        step(run, f"{iso} {language}", done, total, progress)
        listing = api.directions(iso, language)
        rejected += len(listing.rejected)
        for row in listing.rows:
            country_of[row.id] = iso
            _merge(directions.setdefault(row.id, {}), row, language)
    # rows told of: countries, directions, and an offer for each direction
    run.seen, run.rejected = len(countries) + 2 * len(directions), rejected
    step(run, "writing", total, total, progress)
    country_ids = _write_countries(run, countries, per_language)
    direction_ids = _write_directions(run, directions, {i: country_ids[iso] for i, iso in country_of.items()})
    _write_offers(run, directions, direction_ids, complete=not rejected)
    _link_numbers(run.connection_id)


def _fetch_countries(api: Client) -> tuple[dict[str, api_types.Country], dict[str, dict[str, str]]]:
    names: dict[str, dict[str, str]] = {}
    countries: dict[str, api_types.Country] = {}
    for language in LANGUAGES:
        for row in api.countries(language):
            countries.setdefault(row.iso, row)
            names.setdefault(row.iso, {})[language] = row.name
    return countries, names


def _merge(into: dict[str, Any], row: api_types.Direction, language: str) -> None:
    """Put what one language's answer says into the direction's values."""
    into.update(
        dial_code=row.dial_code,
        area_code=row.area_code or "",
        receive_sms=row.receive_sms,
        is_toll_free=row.is_toll_free,
        connect_days=row.connect_days,
        offer=(row.connect_fee, row.monthly_fee, row.currency),
    )
    into[f"name_{language}"] = row.name
    into[f"feature_{language}"] = row.feature or ""
    into[f"uploads_{language}"] = [{"type": u.document_type or "", "text": u.text} for u in row.uploads]
    into[f"specify_{language}"] = list(row.specify)
    into.setdefault("name_en", row.name)


def _write(run: SyncRun, kind: str, model: Any, key: str, wanted: Fetched) -> dict[str, int]:
    """Create and update rows of `model` by its unique `key`; returns key → pk. Rows seen again are no longer gone."""
    rows = {getattr(row, key): row for row in model.objects.all()}
    found = Differences(kind, run, {"gone_at", "requirement", "requirement_changed_at"})
    new = []
    for value, told in wanted.items():
        fields = fitting(model, told)
        if value in rows:
            found.add(rows[value], differences(rows[value], {**fields, "gone_at": None}), None)
        else:
            new.append(model(**{key: value}, as_of=run.started_at, **fields))
    run.updated += found.write()
    run.created += len(model.objects.bulk_create(new, batch_size=CHUNK, ignore_conflicts=True))
    return dict(model.objects.values_list(key, "pk"))


def _write_countries(
    run: SyncRun, countries: dict[str, api_types.Country], names: dict[str, dict[str, str]]
) -> dict[str, int]:
    wanted = {
        iso: {
            "dial_code": row.dial_code,
            "name_en": names[iso].get("en", row.name),
            "name_de": names[iso].get("de", ""),
        }
        for iso, row in countries.items()
    }
    return _write(run, "country", Country, "iso", wanted)


def _write_directions(run: SyncRun, directions: Fetched, country_ids: dict[str, int]) -> dict[str, int]:
    wanted = {
        remote_id: {name: value for name, value in fields.items() if name != "offer"}
        | {"country_id": country_ids[remote_id]}
        for remote_id, fields in directions.items()
    }
    _note_requirements(wanted)
    return _write(run, "direction", Direction, "remote_id", wanted)


def _note_requirements(wanted: Fetched) -> None:
    """Add what each direction wants, as a digest, and when that was seen to have changed (at first sight: never).

    It is noted as changed now, not when the reading began: an answer given meanwhile may be about what was before.
    """
    now = timezone.now()
    rows = Direction.objects.values_list("remote_id", "requirement", "requirement_changed_at")
    known = {remote_id: (requirement, at) for remote_id, requirement, at in rows}
    for remote_id, fields in wanted.items():
        if "uploads_en" not in fields:  # only its German row could be read: nothing is known of what it wants
            continue
        requirement = signature(fields["uploads_en"], fields["specify_en"])
        before, at = known.get(remote_id, (requirement, None))
        fields |= {"requirement": requirement, "requirement_changed_at": at if before == requirement else now}


def _write_offers(run: SyncRun, directions: Fetched, direction_ids: dict[str, int], *, complete: bool) -> None:
    rows = {row.direction_id: row for row in Offer.objects.filter(connection_id=run.connection_id)}
    found = Differences("offer", run, {"gone_at"})
    new = []
    offered = set()
    for remote_id, fields in directions.items():
        direction_id = direction_ids[remote_id]
        offered.add(direction_id)
        connect_fee, monthly_fee, currency = fields["offer"]
        values = {"connect_fee": connect_fee, "monthly_fee": monthly_fee, "currency": currency, "gone_at": None}
        if direction_id in rows:
            found.add(rows[direction_id], differences(rows[direction_id], values), run.connection_id)
        else:
            del values["gone_at"]
            new.append(
                Offer(connection_id=run.connection_id, direction_id=direction_id, as_of=run.started_at, **values)
            )
    run.updated += found.write()
    run.created += len(Offer.objects.bulk_create(new, batch_size=CHUNK, ignore_conflicts=True))
    if complete:
        run.gone += _mark_gone((row for key, row in rows.items() if key not in offered and not row.gone_at), run)


def _mark_gone(rows: Iterable[Offer], run: SyncRun) -> int:
    ids = [row.pk for row in rows]
    for some in chunks(ids):
        Offer.objects.filter(pk__in=some).update(gone_at=run.started_at)
    return len(ids)


def _link_numbers(connection_id: int) -> None:
    """Numbers that were listed before their direction was known get their link."""
    direction = Direction.objects.filter(remote_id=OuterRef("direction_remote_id")).values("pk")[:1]
    known = Direction.objects.values("remote_id")
    waiting = Number.objects.filter(connection_id=connection_id, direction=None, direction_remote_id__in=known)
    if waiting.exists():  # so that an unchanged catalogue writes nothing
        waiting.update(direction_id=Subquery(direction))
