"""Charts drawn on the server, as SVG without a style attribute: sizes are attributes, colours are css classes.

What is drawn is stretched to the width of its place; what is written keeps its size. Behind each stands its table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

HEIGHT, TOP, BOTTOM = 196, 28, 24
PLOT = HEIGHT - TOP - BOTTOM


@dataclass(frozen=True)
class Cliff:
    """A balance by day: at the `start`, at the end of each day, and what would be left had all been paid.

    `fall` is the place of the day on which the first number falls. `labels` stand under the days of these places.
    """

    start: Decimal
    balances: Sequence[Decimal]
    needed: Sequence[Decimal]
    labels: Sequence[tuple[int, str]]
    alt: str
    start_label: str
    fall: int | None = None
    fall_label: str = ""
    planned: Sequence[Decimal] = ()


class _Scale:
    """From money to the place in the drawing: 0 is the top, 100 the bottom."""

    def __init__(self, cliff: Cliff) -> None:
        self.top = max([cliff.start, *cliff.balances, *cliff.planned, Decimal(0)])
        # What lacks is drawn no deeper than the balance was high, or nothing else could be seen.
        self.bottom = max(min([*cliff.needed, *cliff.planned, Decimal(0)]), -self.top)
        if self.top == self.bottom:
            self.top, self.bottom = Decimal(1), Decimal(0) if not min([*cliff.needed, Decimal(0)]) else Decimal(-1)

    def y(self, amount: Decimal) -> str:
        place = (self.top - amount) / (self.top - self.bottom) * 100
        return _figure(min(max(place, Decimal(-50)), Decimal(150)))


def _figure(value: Decimal | float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _steps(start: Decimal, amounts: Sequence[Decimal], scale: _Scale) -> str:
    """A line in steps, a day wide each; only where it changes."""
    parts, last = [f"M0 {scale.y(start)}"], scale.y(start)
    for place, amount in enumerate(amounts):
        if (y := scale.y(amount)) != last:
            parts += [f"H{place}", f"V{y}"]
            last = y
    return "".join([*parts, f"H{len(amounts)}"])


def _lacking(cliff: Cliff, scale: _Scale) -> str:
    """The line of what would be left, from the day on which it leaves the balance."""
    pairs = zip(cliff.balances, cliff.needed, strict=True)
    first = next((place for place, (balance, needed) in enumerate(pairs) if needed < balance), None)
    if first is None:
        return ""
    before = cliff.balances[first - 1] if first else cliff.start
    parts = [f"M{first} {scale.y(before)}"]
    for place in range(first, len(cliff.needed)):
        parts += [f"V{scale.y(cliff.needed[place])}", f"H{place + 1}"]
    return "".join(parts)


def cliff(given: Cliff) -> SafeString:
    """The drawing."""
    scale, days = _Scale(given), len(given.balances)
    line = _steps(given.start, given.balances, scale)
    zero = scale.y(Decimal(0))
    fall = SafeString("")
    if given.fall is not None:
        x = f"{_figure(given.fall / days * 100)}%"
        fall = format_html(
            '<line class="chart-danger" x1="{x}" x2="{x}" y1="{top}" y2="{end}"/>'
            '<text class="text-needs" x="100%" y="14" text-anchor="end">{label}</text>',
            x=x,
            top=TOP - 6,
            end=HEIGHT - BOTTOM,
            label=given.fall_label,
        )
    return format_html(
        '<svg height="{height}" role="img" aria-label="{alt}"><text y="14">{start}</text>'
        '<svg y="{top}" width="100%" height="{plot}" viewBox="0 -2 {days} 104" preserveAspectRatio="none">'
        '<path class="chart-area" d="{line}V{zero}H0z"/>{paths}</svg>{fall}{labels}</svg>',
        height=HEIGHT,
        alt=given.alt,
        start=given.start_label,
        top=TOP,
        plot=PLOT,
        days=days,
        line=line,
        zero=zero,
        paths=_paths(
            ("chart-axis", f"M0 {zero}H{days}"),
            ("chart-line chart-if", _steps(given.planned[0], given.planned[1:], scale) if given.planned else ""),
            ("chart-line", line),
            ("chart-danger", _lacking(given, scale)),
        ),
        fall=fall,
        labels=_labels(given.labels, days),
    )


def _paths(*paths: tuple[str, str]) -> SafeString:
    shape = '<path class="{}" vector-effect="non-scaling-stroke" d="{}"/>'
    return format_html_join("", shape, [path for path in paths if path[1]])


def _labels(labels: Sequence[tuple[int, str]], days: int) -> SafeString:
    placed = []
    for place, text in labels:
        anchor = "start" if place == 0 else "end" if place >= days - 1 else "middle"
        placed.append((_figure(place / max(1, days - 1) * 100), HEIGHT - 6, anchor, text))
    return format_html_join("", '<text x="{}%" y="{}" text-anchor="{}">{}</text>', placed)
