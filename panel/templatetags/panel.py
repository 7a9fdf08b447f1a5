"""Tags and filters of the components, a template builtin: pages use them without `{% load %}`."""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal

from django.core.paginator import Page
from django.forms import BoundField
from django.forms.widgets import CheckboxInput, Select
from django.middleware.csrf import get_token
from django.template import Context, Library
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext, pgettext

from panel import partner
from people import browsers
from people.phones import international, only_digits
from sync import budget, words
from sync.budget import Calls

register = Library()

MINUTE, HOUR, DAY = 60, 3600, 86400
# Farther away than this, a date says more than a count of days.
NEAR_DAYS = 30
STALE_AFTER_MINUTES = 15
STATUS_ICONS: Mapping[str, str] = {
    "active": "circle-check",
    "waiting": "clock",
    "needs": "alert",
    "parked": "parked",
    "test": "flask",
    "neutral": "circle",
}
ALERT_ICONS: Mapping[str, str] = {"success": "circle-check", "info": "info", "warning": "alert", "danger": "alert"}


@register.simple_tag
def partner_name() -> str:
    """What the panel is called."""
    return partner.name()


@register.simple_tag
def logo_url() -> str:
    """Where the logo beside that name is found."""
    return partner.logo_url()


@register.simple_tag
def icon(name: str, css_class: str = "") -> SafeString:
    """One symbol of static/img/icons.svg; decoration, so hidden from screen readers: put a word beside it."""
    return format_html(
        '<svg class="icon{}{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        " " if css_class else "",
        css_class,
        static("img/icons.svg"),
        name,
    )


# Phone numbers, flags -----------------------------------------------------------------------------------------------


register.filter("phone", international)


@register.inclusion_tag("components/phone.html")
def phone(digits: object, url: str = "", copy: bool = True, hero: bool = False) -> dict[str, object]:
    """A phone number with its copy button; `url` makes it a link, `hero` the size of a page's heading."""
    return {"digits": only_digits(digits), "url": url, "copy": copy, "hero": hero}


@register.filter
def browser(value: object) -> str:
    """A browser and its system in words, from what it calls itself: "Firefox on Windows"."""
    return browsers.told(str(value or ""))


@register.filter(name="flag")
def emoji_flag(iso: object) -> str:
    """The emoji flag of an ISO 3166 code of two letters, "" for anything else."""
    code = str(iso or "").upper()
    if len(code) != 2 or not (code.isascii() and code.isalpha()):
        return ""
    return "".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in code)


@register.simple_tag(name="flag")
def flag_mark(iso: object) -> SafeString:
    """The flag, or the code as a small mark where the reader's system draws no flags; decoration beside a name."""
    emoji = emoji_flag(iso)
    if not emoji:
        return mark_safe("")
    return format_html(
        '<span class="flag" data-iso="{}" aria-hidden="true"><span>{}</span></span>', str(iso).upper(), emoji
    )


# Money --------------------------------------------------------------------------------------------------------------


register.simple_tag(words.money, name="money_text")


@register.simple_tag
def money(amount: Decimal | int | str | None, currency: str = "") -> SafeString:
    """The same in tabular figures that don't wrap."""
    return format_html('<span class="money">{}</span>', words.money(amount, currency))


# Time ---------------------------------------------------------------------------------------------------------------


def _local(moment: dt.datetime) -> dt.datetime:
    return timezone.localtime(moment) if timezone.is_aware(moment) else timezone.make_aware(moment)


def _short_date(day: dt.date, today: dt.date) -> str:
    if day.year == today.year:
        return formats.date_format(day, pgettext("date without year", "j F"))
    return formats.date_format(day, pgettext("date with year", "j F Y"))


@register.filter
def day(value: dt.date | None) -> str:
    """A date alone, for sentences: "7 March", with its year where that is not this one; None → "–"."""
    if not value:
        return "–"
    if isinstance(value, dt.datetime):
        value = _local(value).date()
    return _short_date(value, timezone.localdate())


def _full(moment: dt.date) -> str:
    text = formats.date_format(moment, pgettext("date with weekday", "l, j F Y"))
    if isinstance(moment, dt.datetime):
        return f"{text}, {moment:%H:%M} {moment.tzname()}"
    return text


@register.inclusion_tag("components/as_of.html")
def as_of(moment: dt.datetime | None, stale_after: int = STALE_AFTER_MINUTES) -> dict[str, object]:
    """As of when a figure is true; marked when older than `stale_after` minutes."""
    if not moment:
        return {"iso": ""}
    local, now = _local(moment), timezone.localtime()
    text = f"{local:%H:%M}"
    if local.date() != now.date():
        text = f"{_short_date(local, now)}, {text}"
    stale = now - local > dt.timedelta(minutes=stale_after)
    return {"iso": local.isoformat(), "text": text, "full": _full(local), "stale": stale}


def _distance(seconds: float) -> tuple[int, str]:
    """How far away in whole units, and that in words ("3 days")."""
    if seconds < HOUR:
        count = int(seconds // MINUTE)
        return count, ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}
    count = int(seconds // HOUR)
    return count, ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}


def _relative_time(seconds: float) -> str:
    count, words = _distance(abs(seconds))
    if not count:
        return gettext("just now") if seconds <= 0 else gettext("in a moment")
    if seconds < 0:
        return pgettext("time passed", "%(distance)s ago") % {"distance": words}
    return pgettext("time ahead", "in %(distance)s") % {"distance": words}


def _relative_days(days: int) -> str:
    if days == 0:
        return gettext("today")
    if days == 1:
        return gettext("tomorrow")
    if days == -1:
        return gettext("yesterday")
    if days > 0:
        return ngettext("in %(count)d day", "in %(count)d days", days) % {"count": days}
    return ngettext("%(count)d day ago", "%(count)d days ago", -days) % {"count": -days}


@register.filter
def when(value: dt.date | None) -> SafeString | str:
    """A date or datetime: relative when near with the absolute beside it, absolute alone when far; None → "–"."""
    if not value:
        return "–"
    now = timezone.localtime()
    if isinstance(value, dt.datetime):
        value = _local(value)
        day, seconds = value.date(), (value - now).total_seconds()
    else:
        day, seconds = value, None
    days = (day - now.date()).days
    absolute = _short_date(day, now.date())
    if abs(days) > NEAR_DAYS:
        return format_html(
            '<time class="when" datetime="{}" title="{}">{}</time>', value.isoformat(), _full(value), absolute
        )
    relative = _relative_days(days)
    if seconds is not None and abs(seconds) < DAY and days == 0:
        relative, absolute = _relative_time(seconds), f"{value:%H:%M}"
    return format_html(
        '<time class="when" datetime="{}" title="{}">{}, <small>{}</small></time>',
        value.isoformat(),
        _full(value),
        relative,
        absolute,
    )


# Calls of the API ---------------------------------------------------------------------------------------------------


def calls_text(calls: Calls) -> str:
    """This minute's calls in a sentence, by lane."""
    told = {"used": calls.used, "allowed": calls.allowed, **calls.by_lane}
    if calls.closed:
        return gettext("Calls to Zadarma: none until its minute is over, its allowance is spent.")
    return (
        gettext(
            "Calls to Zadarma this minute: %(used)d of %(allowed)d (people %(click)d, changes %(operation)d, "
            "readings %(sync)d)"
        )
        % told
    )


@register.inclusion_tag("components/budget_meter.html")
def budget_meter(calls: Calls) -> dict[str, object]:
    """How much of the minute's calls each lane has used: people, changes, readings. A bar of 16 is all it may use."""
    bars = []
    for place, (lane, used) in enumerate(calls.by_lane.items()):
        height = 16 if calls.closed else min(16, -(-16 * used // budget.limit(lane)))
        bars.append({"x": f"{2.5 + 7 * place}", "y": 16 - height, "is_full": height == 16})
    return {"alt": calls_text(calls), "bars": bars}


register.simple_tag(calls_text)


@register.filter
def ago(value: dt.datetime) -> str:
    """How old something is, in words: "5 minutes ago", "2 days ago"."""
    now = timezone.localtime()
    if (now - _local(value)).total_seconds() < DAY:
        return _relative_time(min(0.0, (_local(value) - now).total_seconds()))
    return _relative_days((_local(value).date() - now.date()).days)


# Status, forms, page ------------------------------------------------------------------------------------------------


@register.inclusion_tag("components/status_badge.html")
def status_badge(kind: str, label: str) -> dict[str, str]:
    """`kind` is active, waiting, needs, parked, test or neutral; `label` is the word that people read."""
    return {"kind": kind, "label": label}


@register.filter
def status_icon(kind: str) -> str:
    return STATUS_ICONS.get(kind, "circle")


@register.filter
def breakable(address: str) -> SafeString:
    """An address that may be broken before its "@" and its dots."""
    return mark_safe(re.sub(r"(?=[@.])", "<wbr>", escape(address)))  # noqa: S308


@register.filter
def alert_icon(kind: str) -> str:
    return ALERT_ICONS.get(kind, "info")


@register.filter
def alert_kind(message_tags: str) -> str:
    """The tags of a message of django.contrib.messages as a kind of alert."""
    tags = str(message_tags or "").split()
    if "error" in tags or "danger" in tags:
        return "danger"
    return next((tag for tag in tags if tag in ALERT_ICONS), "info")


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The widget of a bound field with Bootstrap's class, tied to its help and its errors."""
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        css = "form-check-input"
    elif isinstance(widget, Select):
        css = "form-select"
    else:
        css = "form-control"
    attrs: dict[str, str | bool] = {"class": " ".join(filter(None, [str(widget.attrs.get("class", "")), css]))}
    described = [str(widget.attrs.get("aria-describedby", ""))]
    if field.help_text:
        described.append(f"{field.auto_id}_help")
    if field.errors:
        attrs["class"] = f"{attrs['class']} is-invalid"
        attrs["aria-invalid"] = "true"
        described.append(f"{field.auto_id}_errors")
    if any(described):
        attrs["aria-describedby"] = " ".join(filter(None, described))
    return field.as_widget(attrs=attrs)


@register.simple_tag(takes_context=True)
def csrf_field(context: Context) -> SafeString:
    """Like `{% csrf_token %}`, but also inside `{% include … only %}`, where the token is not in the context."""
    request = getattr(context, "request", None) or context.get("request")
    if request is None:
        return mark_safe("")
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request))


@register.inclusion_tag("components/breadcrumb.html")
def breadcrumb(*labels_and_urls: object) -> dict[str, object]:
    """`{% breadcrumb label url label url … label %}`: the last, without an address, is this page."""
    labels, urls = labels_and_urls[::2], [*labels_and_urls[1::2], ""]
    return {"crumbs": list(zip(labels, urls, strict=False))}


@register.inclusion_tag("components/sort_header.html", takes_context=True)
def sort_header(context: Context, key: str, label: str, css_class: str = "") -> dict[str, object]:
    """A column heading that sorts by `key`: it keeps the address and sets `sort` to key or -key (page is dropped)."""
    request = getattr(context, "request", None) or context.get("request")
    address = request.GET.copy() if request is not None else None
    current = address.get("sort", "") if address is not None else ""
    chosen = f"-{key}" if current == key else key
    query = f"?sort={chosen}"
    if address is not None:
        address.pop("page", None)
        address["sort"] = chosen
        query = f"?{address.urlencode()}"
    state = {key: "ascending", f"-{key}": "descending"}.get(current, "")
    return {"label": label, "url": query, "state": state, "css_class": css_class}


@register.filter
def page_numbers(page: "Page[object]") -> list[int | str]:
    """The page numbers to show around a page, with "…" where some are left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
