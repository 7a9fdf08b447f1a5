"""Papers in a real browser, with real files: given, several at once, cancelled, refused, replaced, had again."""

import io
import random
import re
import time
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.journey import Journey, save_trace
from tests.support import files
from tests.support.panel import EMAIL, PASSWORD, Panel

pytestmark = [pytest.mark.browser, pytest.mark.worker]
REJECTED = 1003
WORDS = {
    "en": {
        "rejected": "rejected",
        "cancelled": "cancelled, nothing was sent",
        "way": "On its way to Zadarma.",
        "unreadable": "This is a program. Choose the scan or the photo of the document.",
        "verified": "verified",
        "before": "This very file was sent before.",
    },
    "de": {
        "rejected": "abgelehnt",
        "cancelled": "abgebrochen, nichts wurde gesendet",
        "way": "Auf dem Weg zu Zadarma.",
        "unreadable": "Das ist ein Programm.",
        "verified": "geprüft",
        "before": "Genau diese Datei wurde schon gesendet.",
    },
}
# Each run sends files of its own: one that was sent before is not sent again.
RUNS = [("en", "light", 1440, 300), ("de", "dark", 360, 340)]
FULL = [("de", "light", 1440, 380), ("en", "dark", 360, 420)]


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A folder of files as a person has them."""
    return tmp_path


def written(folder: Path, name: str, content: bytes) -> Path:
    """A file of that folder."""
    path = folder / name
    path.write_bytes(content)
    return path


def rows(page: Page, state: str) -> Locator:
    """The chosen files in a state."""
    return page.locator(f".upload-row[data-state={state}]")


def go_to_the_rejected(journey: Journey) -> None:
    """From the first page to exactly the upload that mends what was rejected."""
    page = journey.page
    page.goto(journey.panel.url)
    page.locator("a[href*='/files/?type=passport']").first.click()
    page.wait_for_url(re.compile(r"/documents/\d+/files/\?type=passport$"))
    expect(page.locator("#id_document_type")).to_have_value("passport")


@pytest.mark.parametrize(
    ("language", "theme", "width", "side"), [*RUNS, *(pytest.param(*run, marks=pytest.mark.full) for run in FULL)]
)
def test_a_rejected_paper_is_replaced_and_followed_to_its_verdict(
    chromium: Browser, panel: Panel, scans: Path, language: str, theme: str, width: int, side: int
) -> None:
    words = WORDS[language]
    panel.simulator.reject(REJECTED, "passport", "The copy is too dark")
    context = chromium.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=theme,  # type: ignore[arg-type]
        locale=language,
        has_touch=width < 500,
        accept_downloads=True,
    )
    journey = Journey(context, panel, f"papers-{language}-{theme}-{width}")
    page = journey.page
    before = len(panel.simulator.ledger("upload"))
    try:
        journey.sign_in(language)
        panel.manage("sync", "--only", "documents")
        go_to_the_rejected(journey)
        journey.picture("upload")
        expect(page.locator(".upload-camera")).to_be_visible(visible=width < 500)
        assert page.locator("#id_photo").get_attribute("capture") == "environment"
        front = written(scans, "front.jpg", files.jpeg(size=(side, side)))
        back = written(scans, "back.png", files.png(size=(side, side)))
        program = written(scans, "passport.jpg", b"MZ" + bytes(300))
        page.set_input_files("#id_documents", [front, back, program])
        expect(rows(page, "ready")).to_have_count(3)
        rows(page, "ready").nth(1).locator("[data-upload-cancel]").click()
        expect(rows(page, "ready")).to_have_count(2)
        page.set_input_files("#id_documents", [back])
        expect(rows(page, "ready")).to_have_count(3)
        journey.picture("chosen")
        page.locator("form[data-uploads] button[type=submit]").click()
        expect(rows(page, "done")).to_have_count(2)
        expect(rows(page, "done").first.locator("[data-upload-state]")).to_have_text(words["way"])
        expect(rows(page, "bad").locator("[data-upload-state]")).to_contain_text(words["unreadable"])
        expect(page.locator("#paper-passport")).to_have_class(re.compile("paper-checking"))
        expect(page.locator("#papers[data-hx-trigger*='every']")).to_have_count(0)  # they have arrived
        journey.picture("sent")
        assert len(panel.simulator.ledger("upload")) == before + 2
        page.reload()
        page.set_input_files("#id_documents", [front])
        page.locator("form[data-uploads] button[type=submit]").click()
        expect(rows(page, "bad").locator("[data-upload-state]")).to_contain_text(words["before"])
        with page.expect_download() as download:
            page.locator("#paper-passport button:has(use[href$='#download'])").first.click()
        given = download.value
        assert given.suggested_filename.startswith("passport-") and Path(given.path()).stat().st_size > 300
        panel.simulator.verify(REJECTED, "passport")
        page.locator(".breadcrumb a, nav a[href^='/documents/']").last.click()
        page.goto(re.sub(r"files/.*$", "", page.url))
        page.locator("form[action$='/refresh/'] button").click()
        expect(page.locator("#paper-passport .paper-head .status")).to_be_visible()
        journey.picture("group")
        assert journey.complaints == [m for m in journey.complaints if "422" in m], journey.complaints
        assert journey.foreign == []
    except BaseException:
        save_trace(page, journey.name)
        raise
    finally:
        context.close()


def test_a_large_upload_shows_its_progress_and_can_be_cancelled(chromium: Browser, panel: Panel, scans: Path) -> None:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en")
    journey = Journey(context, panel, "papers-cancel")
    page = journey.page
    before = len(panel.simulator.ledger("upload"))
    try:
        journey.sign_in("en")
        panel.manage("sync", "--only", "documents")
        page.goto(f"{panel.url}/documents/4/files/?type=receipt")
        # a slow line, so that there is something to see
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        slow = {"offline": False, "latency": 20, "downloadThroughput": -1, "uploadThroughput": 400_000}
        session.send("Network.emulateNetworkConditions", slow)
        big = written(scans, "scan.pdf", files.scanned_pdf(1) + b"%" + b"x" * 900)
        photo = written(scans, "large.png", noisy_png())
        page.set_input_files("#id_documents", [photo, big])
        page.locator("form[data-uploads] button[type=submit]").click()
        bar = rows(page, "sending").locator("progress")
        expect(bar).to_be_visible()
        values: list[float] = []
        deadline = time.monotonic() + 20
        while len(values) < 2 and time.monotonic() < deadline:
            value = bar.evaluate("(bar) => bar.hasAttribute('value') ? bar.value : -1")
            if value > 0 and value not in values:
                values.append(value)
        assert len(values) == 2 and values[0] < values[1] <= 100, values
        rows(page, "sending").locator("[data-upload-cancel]").click()
        expect(rows(page, "ready").locator("[data-upload-state]")).to_have_text(WORDS["en"]["cancelled"])
        expect(rows(page, "done")).to_have_count(1)  # the other one went on
        expect(page.locator("#paper-receipt")).to_be_visible()
        expect(page.locator("#papers[data-hx-trigger*='every']")).to_have_count(0)
        names = [entry["name"] for entry in panel.simulator.ledger("upload")[before:]]
        assert len(names) == 1 and names[0].startswith("scan-")
    except BaseException:
        save_trace(page, journey.name)
        raise
    finally:
        context.close()


def noisy_png() -> bytes:
    """A picture of some megabytes."""
    noise = random.Random(7).randbytes(1000 * 900 * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (1000, 900), noise).save(out, "PNG")
    return out.getvalue()


def test_dropped_files_and_a_photo_of_the_camera_are_sent(chromium: Browser, panel: Panel) -> None:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en")
    journey = Journey(context, panel, "papers-drop")
    page = journey.page
    try:
        journey.sign_in("en")
        page.goto(f"{panel.url}/documents/4/files/?type=contract")
        bytes_given, camera = list(files.jpeg(size=(200, 210))), files.jpeg(size=(205, 210))
        handle = page.evaluate_handle(
            """(bytes) => {
                const data = new DataTransfer();
                for (const name of ["one.jpg", "two.jpg"])
                    data.items.add(new File([new Uint8Array(bytes), name], name));
                return data;
            }""",
            bytes_given,
        )
        before = len(panel.simulator.ledger("upload"))
        page.dispatch_event(".file-drop", "drop", {"dataTransfer": handle})
        expect(rows(page, "ready")).to_have_count(2)
        rows(page, "ready").last.locator("[data-upload-cancel]").click()  # it is the same picture
        page.set_input_files("#id_photo", {"name": "camera.jpg", "mimeType": "image/jpeg", "buffer": camera})
        expect(rows(page, "ready")).to_have_count(2)
        page.locator("form[data-uploads] button[type=submit]").click()
        expect(rows(page, "done")).to_have_count(2)
        expect(page.locator("#papers[data-hx-trigger*='every']")).to_have_count(0)
        sent = panel.simulator.ledger("upload")[before:]
        assert [(entry["document_type"], entry["name"].partition("-")[0]) for entry in sent] == [
            ("contract", "one"),
            ("contract", "camera"),
        ]
    finally:
        context.close()


def test_without_scripts_the_form_does_it(chromium: Browser, panel: Panel, scans: Path) -> None:
    context = chromium.new_context(viewport={"width": 360, "height": 900}, java_script_enabled=False, locale="en")
    page = context.new_page()
    try:
        page.goto(panel.url)
        page.fill("input[name=username]", EMAIL)
        page.fill("input[name=password]", PASSWORD)
        page.locator("main form button[type=submit], form button.btn-primary[type=submit]").first.click()
        page.goto(f"{panel.url}/documents/4/files/?type=contract")
        good = written(scans, "contract.jpg", files.jpeg(size=(200, 222)))
        page.set_input_files("#id_documents", [good, written(scans, "empty.pdf", b"")])
        page.locator("form[enctype] button[type=submit]").click()
        text = page.locator("main").inner_text()
        assert "This file is empty" in text or "Diese Datei ist leer" in text
        assert page.locator(".notice-success").count() == 1
    finally:
        context.close()
