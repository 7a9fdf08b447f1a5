"""Numbers paid further, a payment in doubt, its receipt on screen and on paper, in a real browser."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.journey import Journey, save_trace
from tests.support.panel import Panel

pytestmark = [pytest.mark.browser, pytest.mark.worker]

PROLONG = "/v1/direct_numbers/prolong/"
WORDS = {
    "en": {"paid": "paid", "doubt": "in doubt", "settle": "Settle it", "too early": "There is nothing to decide yet"},
    "de": {"paid": "bezahlt", "doubt": "ungeklärt", "settle": "Klären", "too early": "Noch ist nichts zu entscheiden"},
}


def select(journey: Journey, *places: int) -> None:
    """Choose active numbers by their places in the list, and go to the page that tells what paying them costs."""
    journey.page.goto(f"{journey.panel.url}/numbers/?status=on")
    for place in places:
        journey.page.locator("input.row-select").nth(place).check()
    journey.page.locator("button[name=months]").last.click()
    journey.page.wait_for_url(re.compile(r"/numbers/prolong/"))


def pay(journey: Journey, months: str) -> None:
    """Choose the months, see what it costs, press the button that names the sum."""
    page = journey.page
    page.fill("input[name=months]", months)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"months={months}(&|$)"))
    expect(page.locator("#id_months")).not_to_have_class(re.compile("is-invalid"))  # what is right is not red
    journey.picture(f"pay-{months}")
    page.locator(".wizard-actions button.btn-primary").click()
    page.wait_for_url(re.compile(r"/numbers/prolong/[0-9a-f-]{36}/"))


# Each run has numbers of its own: one of them stays in doubt.
RUNS = [("en", "light", 1440, 0), ("de", "dark", 360, 5)]


@pytest.mark.parametrize(("language", "theme", "width", "first"), RUNS)
def test_numbers_are_paid_further_and_a_doubt_is_told_and_printed(
    chromium: Browser, panel: Panel, language: str, theme: str, width: int, first: int
) -> None:
    words = WORDS[language]
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, locale=language)  # type: ignore[arg-type]
    journey = Journey(context, panel, f"pay-{language}-{theme}-{width}")
    page = journey.page
    paid_before = len(panel.simulator.ledger("prolong"))
    try:
        journey.sign_in(language)
        select(journey, first, first + 1)
        page.fill("input[name=months]", "37")
        page.keyboard.press("Enter")
        expect(page.locator("#prolong .field-error, #prolong .invalid-feedback").first).to_be_visible()
        journey.picture("wrong-months")
        pay(journey, "3")
        expect(page.locator("#batch-progress[data-hx-trigger]")).to_have_count(0)
        expect(page.locator("#batch-progress tbody .status")).to_have_text([words["paid"]] * 2)
        journey.picture("paid")
        page.go_back()  # the form again: a click there pays nothing twice
        page.goto(f"{panel.url}/numbers/")
        panel.simulator.fault("reset_before", path=PROLONG, method="POST")
        select(journey, first + 2)
        pay(journey, "1")
        expect(page.locator("#batch-progress tbody .status")).to_have_text([words["doubt"]])
        journey.picture("in-doubt")
        page.locator("#batch-progress a[href*='/journal/']").first.click()
        page.wait_for_url(re.compile(r"/activity/journal/\d+/"))
        receipt = page.locator("main")
        expect(receipt).to_contain_text(words["settle"])
        page.locator(".receipt-decide details summary").click()
        expect(receipt).to_contain_text(words["too early"])
        journey.picture("receipt")
        expect(page.locator(".receipt-issuer")).to_be_hidden()
        page.emulate_media(media="print")
        expect(page.locator(".receipt-issuer")).to_contain_text("Numberdesk · 127.0.0.1")  # whose receipt it is
        expect(page.locator(".receipt-decide")).to_be_hidden()
        expect(page.locator("[data-print]")).to_be_hidden()
        for heading in ("asked", "answered", "account", "money"):
            expect(page.locator(f"#{heading}")).to_be_visible()
        journey.picture("receipt-printed")
        page.emulate_media(media="screen")
        journey.visit("/activity/journal/", "journal")
        journey.visit("/activity/journal/?state=attention", "journal-doubt")
    except BaseException:
        save_trace(page, journey.name)
        raise
    finally:
        context.close()
        panel.simulator.clear_faults()
    assert journey.complaints == []
    assert journey.foreign == []
    assert len(panel.simulator.ledger("prolong")) == paid_before + 2
