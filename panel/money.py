"""How long the money lasts, in words, tiles, drawings and tables, for staff."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from direct_numbers import cash_flow, cash_flow_queries, runways
from direct_numbers.cash_flow import DAYS, Day, Forecast
from direct_numbers.models import Number
from direct_numbers.runways import Runway
from panel import charts
from panel.charts import Cliff
from panel.templatetags.panel import day as day_text
from people.tenancy import Viewer
from sync.models import Connection
from sync.words import money

# Days of runway below which a person must act at once, and soon.
URGENT, SOON = 7, 30
TILES, DRAWN, LISTED = 3, 2, 5
MARKS = (0, 30, 60, DAYS)


@dataclass(frozen=True)
class Chart:
    """What templates/components/chart.html takes."""

    id: str
    title: str
    drawing: SafeString
    columns: list[str]
    rows: list[list[str]]
    note: str


@dataclass
class Told:
    """An account's runway as it is shown."""

    runway: Runway
    kind: str
    lasts: str
    until: str
    notes: list[str] = field(default_factory=list)
    chart: Chart | None = None

    @property
    def connection(self) -> Connection:
        """The account."""
        return self.runway.connection


@dataclass(frozen=True)
class OnHome:
    """What Home shows of money: tiles and charts of the most urgent accounts, and numbers that end soon."""

    tiles: list[Told]
    drawn: list[Told]
    ending: list[Number]
    ending_count: int
    more: int


def on_home(viewer: Viewer, connections: Sequence[Connection], now: datetime) -> OnHome | None:
    """For staff with accounts whose numbers were read; None for all others."""
    read = [connection for connection in connections if connection.numbers_as_of]
    if not read:
        return None
    accounts = runways.runways(viewer, read, now).accounts
    runways.name_the_first(viewer, accounts[:TILES])
    told = [tell(one) for one in accounts[:TILES]]
    # Calm: those that run short are drawn, else one; none that nothing moves.
    moving = [one for one in told if one.runway.forecast and one.runway.takes]
    drawn = [one for one in moving if one.runway.days is not None][:DRAWN] or moving[:1]
    for one in drawn:
        one.chart = chart(one.runway)
    ending = cash_flow_queries.ending_soon(viewer, now)
    count = ending.select_related(None).order_by().count()
    return OnHome(told, drawn, list(ending[:LISTED]), count, max(0, len(accounts) - TILES))


def tell(runway: Runway) -> Told:
    """An account's runway in words."""
    found = runway.forecast
    notes = _notes(runway)
    if found is None:
        return Told(runway, "neutral", "–", _("Zadarma has told no balance yet"), notes)
    if found.fall is None or runway.days is None:
        lasts = _("more than %(days)s") % {"days": days_text(DAYS)}
        return Told(runway, "active", lasts, _("every renewal is covered"), notes)
    kind = "needs" if runway.days <= URGENT else "waiting" if runway.days <= SOON else "neutral"
    until = _("until %(day)s, then %(amount)s short") % {
        "day": day_text(found.fall.day),
        "amount": money(found.fall.short, runway.currency),
    }
    lasts = days_text(runway.days) if runway.days else _("not even today")
    return Told(runway, kind, lasts, until, notes)


def days_text(days: int) -> str:
    """ "1 day", "34 days"."""
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


def _notes(runway: Runway) -> list[str]:
    """What the figures leave out or guess."""
    notes, found = [], runway.forecast
    if found and found.is_estimate:
        notes.append(
            _("An estimate: of some numbers Zadarma does not tell whether, or for how long, they renew themselves.")
        )
    if found and found.unpaid_reserved:
        notes.append(
            ngettext(
                "%(count)d reserved number waits for %(amount)s more.",
                "%(count)d reserved numbers wait for %(amount)s more.",
                found.unpaid_reserved,
            )
            % {"count": found.unpaid_reserved, "amount": money(found.short_for_reserved, runway.currency)}
        )
    if runway.untold:
        notes.append(
            ngettext(
                "%(count)d number is left out: its end or its fee is not told.",
                "%(count)d numbers are left out: their end or their fee is not told.",
                runway.untold,
            )
            % {"count": runway.untold}
        )
    if runway.foreign:
        notes.append(
            ngettext(
                "%(count)d number is left out: its fee is in another currency than the balance.",
                "%(count)d numbers are left out: their fees are in another currency than the balance.",
                runway.foreign,
            )
            % {"count": runway.foreign}
        )
    return notes


# Charts


def chart(runway: Runway) -> Chart | None:
    """The cliff of an account; None where no balance is told."""
    found = runway.forecast
    if found is None:
        return None
    currency, told = runway.currency, tell(runway)
    planned = [runway.plan.start, *(line.balance for line in runway.plan.days)] if runway.plan else []
    drawing = charts.cliff(
        Cliff(
            start=found.start,
            balances=[line.balance for line in found.days],
            needed=[line.needed for line in found.days],
            labels=_labels([line.day for line in found.days]),
            alt=f"{_title(runway.connection.name)}: {told.lasts}, {told.until}",
            start_label=money(found.start, currency),
            fall=runway.days,
            fall_label=_short(found, currency),
            planned=planned,
        )
    )
    columns = [_("Day"), _("Renewed"), _("Paid"), _("Parked"), _("Ended"), _("Balance")]
    rows = [_row(line, currency) for place, line in enumerate(found.days) if _is_told(line, place)]
    title, note = _title(runway.connection.name), _legend(runway)
    return Chart(f"cliff-{runway.connection.pk}", title, drawing, columns, rows, note)


def _title(name: str) -> str:
    return _("%(account)s: balance over the next %(count)d days") % {"account": name, "count": DAYS}


def _short(found: Forecast, currency: str) -> str:
    if found.fall is None:
        return ""
    return _("%(day)s: %(amount)s short") % {
        "day": day_text(found.fall.day),
        "amount": money(found.fall.short, currency),
    }


def _labels(days: Sequence[date]) -> list[tuple[int, str]]:
    short = pgettext("short date", "j M")
    return [(place, formats.date_format(days[place], short) if place else _("today")) for place in MARKS]


def _is_told(line: Day, place: int) -> bool:
    """Whether a day has a row: the first, the last, and those on which something happens."""
    return place in (0, DAYS) or bool(line.paid or line.renewed or line.fallen or line.ended)


def _row(line: Day, currency: str) -> list[str]:
    counts = [str(count) if count else "–" for count in (line.renewed, line.fallen, line.ended)]
    paid = money(line.paid, currency) if line.paid else "–"
    return [day_text(line.day), counts[0], paid, counts[1], counts[2], money(line.balance, currency)]


def _legend(runway: Runway) -> str:
    found, currency = runway.forecast, runway.currency
    if found is None:
        return ""
    texts = []
    if found.missing:
        texts.append(
            _("The red line is what lacks: %(amount)s more cover all renewals of %(count)d days.")
            % {"amount": money(found.missing, currency), "count": DAYS}
        )
    if runway.plan:
        texts.append(_("The dotted line is the balance if you pay further what is chosen."))
    return " ".join(texts)


# Several accounts of a currency


@dataclass(frozen=True)
class Together:
    """Accounts of one currency, only to look at: none pays for another."""

    currency: str
    accounts: int
    balance: Decimal
    held: Decimal
    takes: Decimal
    missing: Decimal
    chart: Chart


def by_currency(accounts: Sequence[Runway]) -> list[Together]:
    """Sums of each currency of which there are several accounts."""
    found: defaultdict[str, list[Runway]] = defaultdict(list)
    for one in accounts:
        if one.forecast:
            found[one.currency].append(one)
    return [_together(currency, rows) for currency, rows in sorted(found.items()) if len(rows) > 1]


def _together(currency: str, rows: Sequence[Runway]) -> Together:
    forecasts = [row.forecast for row in rows if row.forecast]
    days = cash_flow.together(forecasts)
    start = sum((one.start for one in forecasts), Decimal(0))
    missing = sum((one.missing for one in forecasts), Decimal(0))
    title = _("All accounts in %(currency)s: balance over the next %(count)d days") % {
        "currency": currency,
        "count": DAYS,
    }
    drawing = charts.cliff(
        Cliff(
            start=start,
            balances=[balance for _day, balance, _needed in days],
            needed=[needed for _day, _balance, needed in days],
            labels=_labels([day for day, _balance, _needed in days]),
            alt=title,
            start_label=money(start, currency),
        )
    )
    columns = [_("Day"), _("Balance"), _("Had all been paid")]
    shown = [line for place, line in enumerate(days) if place in (0, DAYS) or line[1:] != days[place - 1][1:]]
    table = [[day_text(day), money(balance, currency), money(needed, currency)] for day, balance, needed in shown]
    note = _("Only to look at: each account pays its own numbers from its own balance.")
    return Together(
        currency,
        len(rows),
        sum((row.connection.balance or Decimal(0) for row in rows), Decimal(0)),
        sum((row.held for row in rows), Decimal(0)),
        sum((row.takes for row in rows), Decimal(0)),
        missing,
        Chart(f"cliff-{currency}", title, drawing, columns, table, note),
    )


# What if


def what_if(found: runways.Runways) -> dict[str, Any] | None:
    """What it costs now to pay the chosen numbers further, and what that changes for each account."""
    plan = found.prolonged
    if plan is None:
        return None
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for (_account, currency), cost in plan.costs.items():
        sums[currency] += cost
    return {
        "count": plan.count,
        "untold": plan.untold,
        "costs": " + ".join(money(cost, currency) for currency, cost in sorted(sums.items())),
        "lines": [_line(one) for one in found.accounts if one.plan and one.plan_costs],
    }


def _line(one: Runway) -> str:
    told = {"account": one.connection.name}
    if one.plan_short:
        told["amount"] = money(one.plan_short, one.currency)
        return _("%(account)s: the balance does not pay it, %(amount)s lack.") % told
    after = one.plan.runway if one.plan else None
    before_text, after_text = _lasts(one.days), _lasts(after)
    if before_text == after_text:
        return _("%(account)s: the money still lasts %(days)s.") % {**told, "days": after_text}
    return _("%(account)s: the money then lasts %(after)s instead of %(before)s.") % {
        **told,
        "after": after_text,
        "before": before_text,
    }


def _lasts(days: int | None) -> str:
    return days_text(days) if days is not None else _("more than %(days)s") % {"days": days_text(DAYS)}
