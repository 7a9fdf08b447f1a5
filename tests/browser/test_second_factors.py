"""Second factors in a real browser: an authenticator app, a passkey, a recovery code; nothing the CSP complains of."""

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect

from tests.browser.journey import sign_out
from tests.support.panel import EMAIL, PASSWORD, Panel
from tests.support.second_factors import DEVICE, code_for

pytestmark = [pytest.mark.browser, pytest.mark.worker]


def sign_in(page: Page, url: str) -> None:
    """With e-mail and password."""
    page.goto(f"{url}/sign-in/")
    page.fill("input[name=username]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.locator("button.btn-primary").click()


def arrive(page: Page, url: str) -> None:
    """Wait for a page; where it doesn't come, say which is shown instead."""
    try:
        page.wait_for_url(url)
    except TimeoutError as late:
        raise AssertionError(f"{page.url} says: {page.locator('body').inner_text()}") from late


def test_app_passkey_and_recovery_code(chromium: Browser, panel: Panel) -> None:
    url = panel.url.replace("127.0.0.1", "localhost")  # passkeys belong to a name, not to an address
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})

    sign_in(page, url)
    page.goto(f"{url}/account/app/")
    page.fill("input[name=password]", PASSWORD)
    page.locator("main button.btn-primary").click()
    assert page.locator("img.qr").evaluate("image => image.naturalWidth") > 0
    secret = page.locator("main p.mono").inner_text().strip()
    page.fill("input[name=code]", code_for(secret))
    page.locator("main button.btn-primary").click()
    page.locator("main form button.btn-primary").click()  # "Show the codes"
    recovery = page.locator("[data-codes] li").first.inner_text()
    with page.expect_download() as kept:
        page.locator("[data-codes-download]").click()
    assert recovery in kept.value.path().read_text()

    sign_out(page)
    sign_in(page, url)
    page.fill("input[name=code]", code_for(secret, ahead=1))
    page.locator("button.btn-primary").click()
    arrive(page, f"{url}/")

    page.goto(f"{url}/account/passkeys/new/")
    page.fill("input[name=password]", PASSWORD)
    page.locator("main button.btn-primary").click()
    page.fill("input[name=name]", "My laptop")
    page.locator("main button.btn-primary").click()
    page.wait_for_url(f"{url}/account/")
    expect(page.locator("main")).to_contain_text("My laptop")

    sign_out(page)
    page.locator("[data-passkey] button").click()
    arrive(page, f"{url}/")

    sign_out(page)
    sign_in(page, url)
    page.fill("input[name=code]", recovery)
    page.locator("button.btn-primary").click()
    arrive(page, f"{url}/")
    assert complaints == []
    context.close()
