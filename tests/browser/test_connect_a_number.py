"""From sign-in to a routed, active number, in a real browser."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.journey import DIRECTION, Journey, save_trace
from tests.support.panel import Panel

pytestmark = [pytest.mark.browser, pytest.mark.worker]

QUICK = [("en", "light", 1440), ("de", "dark", 360)]
ALL = [(lang, theme, width) for lang in ("en", "de") for theme in ("light", "dark") for width in (1440, 360)]
WORDS = {"en": "Ordered", "de": "Bestellt"}


def _walk(chromium: Browser, panel: Panel, language: str, theme: str, width: int) -> None:
    orders_before = _orders(panel)
    viewport = {"width": width, "height": 900}
    context = chromium.new_context(viewport=viewport, color_scheme=theme, locale=language)  # type: ignore[arg-type]
    journey = Journey(context, panel, f"{language}-{theme}-{width}")
    try:
        journey.sign_in(language)
        order = journey.connect_a_number()
        expect(journey.page.locator("main")).to_contain_text(WORDS[language])
        journey.page.go_back()  # back to the routing step, and a reload there: nothing is ordered twice
        journey.page.reload()
        number = journey.page.request.get(order).text()
        found = re.search(r'href="(/numbers/\d+/)"', number)
        assert found, "the order links to its number"
        journey.visit(found.group(1), "number")
        for path, name in PAGES:
            journey.visit(path, name)
    except BaseException:
        save_trace(journey.page, journey.name)
        raise
    finally:
        context.close()
    assert journey.complaints == []
    assert journey.foreign == []
    new = _orders(panel)[len(orders_before) :]
    assert [entry["direction_id"] for entry in new] == [int(DIRECTION)] or [
        str(entry["direction_id"]) for entry in new
    ] == [DIRECTION]


PAGES = [
    ("/", "home-after"),
    ("/numbers/", "numbers"),
    ("/numbers/?q=nothing-like-this", "numbers-none"),
    ("/orders/", "orders"),
    ("/documents/", "papers"),
    ("/documents/new/", "papers-new"),
    ("/customers/", "customers"),
    ("/customers/new/", "customer-new"),
    ("/activity/", "activity"),
    ("/styleguide/", "styleguide"),
]


def _orders(panel: Panel) -> list[dict[str, object]]:
    return [entry for entry in panel.simulator.ledger() if entry["kind"] == "order" and entry["origin"] == "api"]


@pytest.mark.parametrize(("language", "theme", "width"), QUICK)
def test_from_sign_in_to_a_routed_active_number(
    chromium: Browser, panel: Panel, language: str, theme: str, width: int
) -> None:
    _walk(chromium, panel, language, theme, width)


@pytest.mark.full
@pytest.mark.parametrize(("language", "theme", "width"), ALL)
def test_in_every_language_theme_and_width(
    chromium: Browser, panel: Panel, language: str, theme: str, width: int
) -> None:
    _walk(chromium, panel, language, theme, width)
