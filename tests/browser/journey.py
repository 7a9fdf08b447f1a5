"""The main job as a person does it, step by step, with a picture of each."""

import re
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

from tests.support.panel import EMAIL, PASSWORD, ROOT, Panel

PICTURES = ROOT / "var" / "screenshots"
DIRECTION, CITY = "13755", "London"
PATIENCE = 30_000  # milliseconds


class Journey:
    """One person in one browser window. Collects what the console said and which hosts were asked."""

    def __init__(self, context: BrowserContext, panel: Panel, name: str) -> None:
        self.panel, self.name = panel, name
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self.steps = 0
        self.page: Page = context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url))
        expect.set_options(timeout=PATIENCE)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.panel.url, "data:", "blob:")):
            self.foreign.append(url)

    def picture(self, step: str) -> None:
        """Keep a picture of the whole page, and see that nothing sticks out sideways."""
        self.steps += 1
        self.page.wait_for_load_state("networkidle")  # a page that reads itself anew has done so
        PICTURES.mkdir(parents=True, exist_ok=True)
        size = self.page.viewport_size
        assert size
        tall = self.page.evaluate("document.documentElement.scrollHeight")  # bars fixed to the window stay at its end
        self.page.set_viewport_size({"width": size["width"], "height": max(tall, size["height"])})
        self.page.screenshot(path=PICTURES / f"{self.name}-{self.steps:02d}-{step}.png", caret="initial")
        self.page.set_viewport_size(size)
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{step} is {wide} px wider than the window"

    def sign_in(self, language: str) -> None:
        """Sign in, then choose the language."""
        page = self.page
        page.goto(self.panel.url)
        self.picture("sign-in")
        page.fill("input[name=username]", EMAIL)
        page.fill("input[name=password]", PASSWORD)
        page.locator("main form button[type=submit], form button.btn-primary[type=submit]").first.click()
        page.wait_for_url(self.panel.url + "/")
        if page.locator("html").get_attribute("lang") != language:
            page.request.get(self.panel.url)
            form = page.locator("form[action='/language/']").first
            form.evaluate(
                """(form, code) => {
                    const field = document.createElement("input");
                    field.name = "language"; field.value = code; field.type = "hidden";
                    form.querySelectorAll("[name=language]").forEach((old) => old.remove());
                    form.append(field); form.submit();
                }""",
                language,
            )
            expect(page.locator("html")).to_have_attribute("lang", language)
        self.picture("home")

    def connect_a_number(self) -> str:
        """From the first page to a routed, active number. Returns the order's address."""
        page = self.page
        page.locator("form[action='/orders/new/'] button[type=submit]:visible").first.click()
        if page.url.endswith("/orders/new/"):
            self.picture("for-whom")
            page.locator("main form button[type=submit]").last.click()
        page.wait_for_url(re.compile(r"/country/$"))
        self.picture("country")
        page.locator("[name=country][value=GB]").first.click()
        self.go_on("direction")
        self.picture("direction")
        page.locator(f"[name=direction][value='{DIRECTION}']").first.click()
        self.go_on("number")
        self.picture("number")
        page.fill("input[name=mask]", "4420*")
        page.locator("input[name=mask]").press("Enter")
        page.wait_for_url(re.compile(r"mask="))
        choice = page.locator("input[type=radio][name=number]").first
        expect(choice).to_be_attached()
        choice.check(force=True)
        self.go_on("documents")
        self.picture("documents")
        page.locator("input[type=radio][name=group]:not([disabled])").first.check(force=True)
        self.go_on("review")
        self.picture("review")
        page.locator("button[type=submit].btn-primary:has-text('2')").last.click()
        page.wait_for_url(re.compile(r"/routing/$"))
        self.picture("routing")
        page.locator("input[type=radio][name=sip_login]").first.check(force=True)
        page.locator("main form button[type=submit].btn-primary").last.click()
        page.wait_for_url(re.compile(r"/orders/[0-9a-f-]+/$"))
        order = page.url
        expect(page.locator("#order-progress .event-active")).to_have_count(3)
        expect(page.locator("#order-progress[data-hx-trigger]")).to_have_count(0)
        expect(page.locator("main")).to_contain_text("480011")
        self.picture("result")
        return order

    def go_on(self, step: str) -> None:
        """Continue, where choosing alone did not lead on."""
        wanted = re.compile(rf"/{step}/$")
        if not wanted.search(self.page.url):
            button = self.page.locator("main .wizard-actions button[type=submit].btn-primary")
            if button.count():
                button.last.click()
        self.page.wait_for_url(wanted)

    def visit(self, path: str, name: str) -> None:
        """Open a page and keep a picture."""
        answer = self.page.goto(self.panel.url + path)
        assert answer, path
        assert answer.ok, f"{path} answers {answer.status}"
        self.picture(name)


def save_trace(page: Page, name: str) -> Path:
    """Where a failing test leaves a picture."""
    path = PICTURES / f"failed-{name}.png"
    page.screenshot(path=path, full_page=True)
    return path


def sign_out(page: Page) -> None:
    """By the person's menu."""
    page.locator("details.person summary").click()
    page.locator("form[action='/sign-out/'] button").click()
    page.wait_for_url("**/sign-in/")
