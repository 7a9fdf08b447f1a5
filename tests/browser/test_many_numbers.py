"""Many numbers changed at once, in a real browser: ticked, previewed, confirmed, followed to the end."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.journey import Journey, save_trace
from tests.support.panel import Panel

pytestmark = [pytest.mark.browser, pytest.mark.worker]


@pytest.mark.parametrize(("theme", "width", "name"), [("light", 1440, "Wide"), ("dark", 360, "Narrow")])
def test_a_label_and_a_caller_name_reach_the_numbers_ticked(
    chromium: Browser, panel: Panel, theme: str, width: int, name: str
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, locale="en")  # type: ignore[arg-type]
    journey = Journey(context, panel, f"many-{theme}-{width}")
    page = journey.page
    try:
        journey.sign_in("en")
        for url, field in (("labels", "name"), ("caller-name", "caller_name")):
            page.goto(f"{panel.url}/numbers/?status=on")
            for place in (0, 1):
                page.locator("input.row-select").nth(place).check()
            journey.picture(f"ticked-{url}")
            page.locator(f"button[formaction='/numbers/{url}/']").click()
            page.wait_for_url(re.compile(rf"/numbers/{url}/\?"))
            page.fill(f"input[name={field}]", name)
            page.get_by_role("button", name="Show what will happen").click()
            expect(page.locator("main")).to_contain_text("This costs nothing now.")
            journey.picture(f"preview-{url}")
            page.locator(".wizard-actions button").click()
            page.wait_for_url(re.compile(r"/numbers/(changes/[0-9a-f-]{36}/)?$"))
        page.wait_for_url(re.compile(r"/numbers/changes/[0-9a-f-]{36}/"))
        expect(page.locator("#batch-progress tbody .status")).to_have_text(["changed"] * 2)
        journey.picture("changed")
        page.goto(f"{panel.url}/numbers/?label={name}")
        expect(page.locator("tbody tr")).to_have_count(2)
        expect(page.locator("tbody .tag").filter(has_text=name)).to_have_count(2)
        page.locator("tbody th a").first.click()
        journey.picture("number")
    except BaseException:
        save_trace(page, journey.name)
        raise
    finally:
        context.close()
    assert journey.complaints == []
    assert journey.foreign == []
