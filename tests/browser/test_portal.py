"""A customer's manager from the e-mail that invites them to a routed number that the owner approved; then removed."""

import email
import re
from collections.abc import Iterator
from decimal import Decimal
from email import policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.journey import DIRECTION, Journey, save_trace, sign_out
from tests.support import needs
from tests.support.panel import Panel, wait_until
from tests.support.second_factors import DEVICE, code_for
from tests.support.simulator import SimulatorProcess

pytestmark = [pytest.mark.browser, pytest.mark.worker]

PASSWORD = "seven grey herons by the weir"
URI = "desk@pbx.customer.example"
BALANCE = ("Balance", "Guthaben")


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panel]:
    """A panel of its own, at a name (passkeys want one), which writes its e-mails into files."""
    needs.chromium()
    folder = tmp_path_factory.mktemp("portal")
    extra = {"EMAIL_URL": f"filemail:///{folder / 'mails'}"}
    simulator = SimulatorProcess(key="demo-key", secret="demo-secret", demo=True)
    with simulator, Panel(folder, simulator, extra) as it:
        it.url = it.url.replace("127.0.0.1", "localhost")
        it.manage("sync")
        it.start_web()
        it.start_worker()
        it.start_beat()
        yield it


def _link(folder: Path, address: str) -> str:
    """The link of the invitation that `address` got."""

    def found() -> list[str]:
        texts = [path.read_bytes() for path in sorted((folder / "mails").glob("*"))]
        letters = [
            email.message_from_bytes(part.strip() + b"\n", policy=policy.default)
            for text in texts
            for part in re.split(rb"\n-{70,}\n", text)
            if part.strip()
        ]
        bodies = [letter.get_content() for letter in letters if address in str(letter["To"])]
        return [link for body in bodies for link in re.findall(r"http://\S+/invitation/[^\s/]+/", body)]

    wait_until(found, 30, "the invitation's e-mail is written")
    return found()[-1]


def _submit(page: Page) -> None:
    page.locator("main button.btn-primary[type=submit]").last.click()


def _make_customer(owner: Journey, name: str, address: str, language: str) -> str:
    """Customer with markup and approval, papers of theirs, a manager invited. Returns the customer's address."""
    page, url = owner.page, owner.panel.url
    page.goto(f"{url}/customers/new/")
    page.fill("input[name=name]", name)
    page.fill("input[name=markup_percent]", "20")
    page.locator("[name=approval][value=always], select[name=approval]").first.evaluate(
        "field => { if (field.tagName === 'SELECT') field.value = 'always'; else field.checked = true; }"
    )
    owner.picture("customer-new")
    page.locator("main form.stack-lg button.btn-primary").click()
    page.wait_for_url(re.compile(r"/customers/\d+/"))
    customer = page.url.split("#")[0]
    form = page.locator("form[action$='/invite/']")
    form.locator("[name=email]").fill(address)
    form.locator("[name=role]").select_option("manager")
    form.locator("[name=language]").select_option(language)
    form.locator("button.btn-primary").click()
    expect(page.locator("main")).to_contain_text(address)
    owner.picture("invited")
    page.goto(f"{url}/documents/")
    found = page.locator("a[href^='/documents/']").evaluate_all("links => links.map(link => link.pathname)")
    for path in sorted({path for path in found if re.fullmatch(r"/documents/\d+/", path)}):
        page.goto(url + path)
        choice = page.locator("form[action$='/assign/'] select[name=customer]")
        if choice.count():
            choice.select_option(re.search(r"/(\d+)/$", customer).group(1))  # type: ignore[union-attr]
            page.locator("form[action$='/assign/'] button").click()
            page.wait_for_load_state()
    return customer


def _join(manager: Journey, link: str, address: str, *, passkey: bool) -> None:
    """Open the link, make an account, set up a second factor, sign out and in with it."""
    page, url = manager.page, manager.panel.url
    page.goto(link)
    manager.picture("invitation")
    page.fill("input[name=name]", "Mara Feld")
    page.fill("input[name=password]", PASSWORD)
    page.fill("input[name=again]", PASSWORD)
    page.locator("form button.btn-primary").click()
    page.wait_for_url(f"{url}/")
    manager.picture("portal")
    page.goto(f"{url}/account/passkeys/new/" if passkey else f"{url}/account/app/")
    if page.locator("input[name=password]").count():
        page.fill("input[name=password]", PASSWORD)
        _submit(page)
    if passkey:
        page.fill("input[name=name]", "My telephone")
        _submit(page)
        _submit(page)  # "Show the codes", which the first second factor brings
        expect(page.locator("[data-codes] li").first).to_be_visible()
        manager.picture("recovery-codes")
        sign_out(page)
        page.locator("[data-passkey] button").click()
    else:
        secret = page.locator("main p.mono").inner_text().strip()
        page.fill("input[name=code]", code_for(secret))
        manager.picture("app")
        _submit(page)
        _submit(page)  # "Show the codes"
        expect(page.locator("[data-codes] li").first).to_be_visible()
        sign_out(page)
        page.fill("input[name=username]", address)
        page.fill("input[name=password]", PASSWORD)
        page.locator("button.btn-primary").click()
        page.fill("input[name=code]", code_for(secret, ahead=1))
        manager.picture("code")
        page.locator("button.btn-primary").click()
    page.wait_for_url(f"{url}/")


def _order(manager: Journey) -> tuple[str, list[str]]:
    """By the wizard until it waits for approval. Returns the order's address and what the pages said."""
    page = manager.page
    page.locator("form[action='/orders/new/'] button[type=submit]:visible").first.click()
    page.wait_for_url(re.compile(r"/country/$"))
    page.locator("[name=country][value=GB]").first.click()
    manager.go_on("direction")
    manager.picture("direction")
    page.locator(f"[name=direction][value='{DIRECTION}']").first.click()
    manager.go_on("number")
    page.locator("input[type=radio][name=number]").first.check(force=True)
    manager.go_on("documents")
    page.locator("input[type=radio][name=group]:not([disabled])").first.check(force=True)
    manager.go_on("review")
    manager.picture("review")
    said = [page.content()]
    page.locator("#order-now button.btn-primary").click()
    page.wait_for_url(re.compile(r"/orders/[0-9a-f-]+/(routing/)?$"))
    order = page.url.removesuffix("routing/")
    page.goto(order)
    manager.picture("waits")
    return order, [*said, page.content()]


def _amount(text: str) -> Decimal:
    """The figure of a price, whichever mark parts its decimals."""
    figure = re.search(r"\d+[.,]\d{2}", text)
    assert figure, text
    return Decimal(figure.group().replace(",", "."))


CASES = [("en", "light", 1440, False), ("de", "dark", 360, True)]


@pytest.mark.parametrize(("language", "theme", "width", "passkey"), CASES)
def test_an_invited_manager_orders_and_is_removed(
    chromium: Browser, portal: Panel, language: str, theme: str, width: int, passkey: bool
) -> None:
    name = f"portal-{language}-{theme}-{width}"
    address, word = f"mara-{language}@customer.example", f"Fine with us ({language})"
    look = {"viewport": {"width": width, "height": 900}, "color_scheme": theme, "locale": language}
    contexts = [chromium.new_context(**look), chromium.new_context(**look)]  # type: ignore[arg-type]
    owner, manager = Journey(contexts[0], portal, f"{name}-owner"), Journey(contexts[1], portal, f"{name}-manager")
    if passkey:
        session = contexts[1].new_cdp_session(manager.page)
        session.send("WebAuthn.enable")
        session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    before = len(portal.simulator.ledger())
    try:
        owner.sign_in(language)
        customer = _make_customer(owner, f"Weir & Sons {language}", address, language)
        _join(manager, _link(portal.folder, address), address, passkey=passkey)
        expect(manager.page.locator("html")).to_have_attribute("lang", language)
        order, said = _order(manager)
        assert [entry for entry in portal.simulator.ledger()[before:] if entry["kind"] == "order"] == []

        owner.page.goto(order)
        owner.picture("asked")
        facts = owner.page.locator("section[aria-labelledby=asked] dd").all_inner_texts()
        purchase, own = _amount(facts[1]), _amount(facts[3])
        assert own == (purchase * Decimal("1.2")).quantize(Decimal("0.01"))
        owner.page.locator("form[action$='/approve/'] [name=word]").fill(word)
        owner.page.locator("form[action$='/approve/'] button").click()

        page = manager.page
        page.goto(order)
        expect(page.locator("#order-progress .event-active")).to_have_count(2)
        expect(page.locator("main")).to_contain_text(word)
        manager.picture("approved")
        said.append(page.content())
        number = page.locator("main a[href^='/numbers/']").first.get_attribute("href")
        page.goto(f"{portal.url}{number}")
        page.locator("input[name=routing][value=uri]").check(force=True)
        page.fill("input[name=sip_uri]", URI)
        page.locator("form[action$='/route/'] button.btn-primary").click()
        wait_until(lambda: URI in str(portal.simulator.ledger()[before:]), 30, "the routing reached Zadarma")
        page.reload()
        manager.picture("routed")
        said.append(page.content())

        shown = [text.replace(",", ".") for text in said]
        assert f"{own}" in shown[0]
        for text in shown:
            assert not re.search(rf"(?<![\d.]){re.escape(str(purchase))}(?!\d)", text)
            assert not any(balance in text for balance in BALANCE)
        new = portal.simulator.ledger()[before:]
        assert [str(entry["direction_id"]) for entry in new if entry["kind"] == "order"] == [DIRECTION]

        owner.page.goto(customer)
        owner.page.locator("form[action*='/members/'][action$='/remove/'] button").first.click()
        owner.page.locator("dialog[open] button.btn-danger, dialog[open] button[value=confirm]").first.click()
        owner.page.wait_for_load_state("networkidle")
        owner.picture("removed")
        page.locator("a[href='/numbers/']:visible").first.click()
        page.wait_for_url(re.compile(r"/sign-in/"))
    except BaseException:
        save_trace(owner.page, owner.name)
        save_trace(manager.page, manager.name)
        raise
    finally:
        for context in contexts:
            context.close()
    assert owner.complaints + manager.complaints == []
    assert owner.foreign + manager.foreign == []
