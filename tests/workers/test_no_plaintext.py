"""After a full run no name, address, id number or byte of a file stands anywhere in clear."""

import re
from pathlib import Path
from typing import Any

import pytest

from documents import checking
from tests.support import files, leaks
from tests.support.panel import Panel, Person, wait_until

pytestmark = pytest.mark.worker
PERSON = {
    "salutation": "MS",
    "first_name": "Zyxandra",
    "middle_name": "Okapia",
    "last_name": "Quellwasserthal",
    "date_of_birth": "1979-02-23",
    "nationality": "DE",
    "email": "zyxandra.q@example.org",
    "phone": "+49 30 55501928",
    "country": "DE",
    "city": "Kyffhausenroda",
    "zip_code": "20457",
    "street": "Krähenwinkelgasse",
    "building_number": "7719",
    "type_of_id": "PASSPORT",
    "id_number": "QX99417733",
    "issuing_authority": "Bezirksamt Wolkenstein",
}
SECRET = ("first_name", "middle_name", "last_name", "email", "city", "street", "id_number", "issuing_authority")
REASON = "The passport of Zyxandra is too dark: Siebengebirgsblick"
CUSTOMER = "Customerwhostandsinclear"


def needles() -> dict[str, bytes]:
    """What must be found nowhere."""
    found = {name: PERSON[name].encode() for name in SECRET}
    found |= {"folded": b"zyxandra", "born": b"1979-02-23", "phone": b"493055501928", "reason": b"Siebengebirgsblick"}
    return found | {"name of a file": b"zyxandras_reisepass", "the same": b"Zyxandras Reisepass"}


def send(person: Person, path: str, content: bytes, name: str) -> None:
    """Upload a passport."""
    page = person.get(path)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token
    answer = person.session.post(
        page.url,
        data={"csrfmiddlewaretoken": token.group(1), "document_type": "passport"},
        files={"documents": (name, content, "image/jpeg")},
        headers={"Referer": page.url, "Accept": "application/json"},
        timeout=60,
    )
    assert answer.json()["ok"], answer.text


def pieces(name: str, content: bytes) -> dict[str, bytes]:
    """Some of a file's bytes, from its beginning, middle and end: not such as every file of its kind has."""
    places = [len(content) // 3, len(content) // 2, len(content) * 2 // 3]
    return {f"{name} at {place}": content[place : place + 24] for place in places}


def test_nothing_personal_stands_anywhere_in_clear(panel: Panel, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    panel.env |= {"TMPDIR": str(temporary), "LOG_LEVEL": "DEBUG"}
    panel.manage("sync")
    panel.start_web()
    person = Person(panel)
    person.post("/customers/new/", see="/customers/new/", name=CUSTOMER, markup_percent="0", approval="never")
    # nobody works yet: what was asked for stands in the queue
    made = person.post("/documents/new/", see="/documents/new/", **_new(person))
    group = re.search(r"/documents/(\d+)/$", made.url)
    assert group, made.text[:3000]
    home = f"/documents/{group.group(1)}/"
    queued = leaks.found(panel, needles())
    worker = panel.start_worker()
    wait_until(lambda: panel.simulator.ledger("group_create"), 60, "the group is created")
    wait_until(lambda: "being created" not in person.get(home).text, 30, "the group is known")
    photo = checking.check(files.jpeg(size=(600, 400))).content
    pdf = files.scanned_pdf(2)
    send(person, f"{home}files/", files.jpeg(size=(600, 400)), "Zyxandras Reisepass.jpg")
    send(person, f"{home}files/", pdf, "zyxandras_reisepass.pdf")
    wait_until(lambda: len(panel.simulator.ledger("upload")) == 2, 60, "the files have arrived")
    remote = panel.simulator.ledger("group_create")[0]["group_id"]
    panel.simulator.reject(remote, "passport", REASON)
    person.post(f"{home}refresh/", see=home)
    assert "Siebengebirgsblick" in person.get(home).text
    panel.simulator.fault("error_in_200", path="/v1/documents/groups/update/")
    changed = {**_new(person, f"{home}edit/"), "street": "Schwalbennestallee"}
    person.post(f"{home}edit/", see=f"{home}edit/", **changed)
    person.post("/documents/search/", see="/documents/", name="zyxandra quellwasser")
    download = re.search(r'action="(/documents/files/\d+/content/)"', person.get(home).text)
    assert download
    assert len(person.post(download.group(1), see=home).content) > 1000
    worker.terminate()
    worker.wait(30)
    send(person, f"{home}files/", files.jpeg(size=(610, 400)), "Zyxandras Reisepass 2.jpg")
    wanted = needles() | pieces("photo", photo) | pieces("pdf", pdf) | {"changed": b"Schwalbennestallee"}
    assert queued == set()
    assert leaks.found(panel, wanted) == set()
    assert leaks.found(panel, {"customer": CUSTOMER.encode()})  # the probe finds what stands in clear
    assert any("web.log" in place for place, _content in leaks.of_files(panel.folder))


def _new(person: Person, page: str = "/documents/new/") -> dict[str, Any]:
    """The form with the person's data, and what the page itself puts into it."""
    text = person.get(page).text
    version = re.search(r'name="version" value="([^"]*)"', text)
    connection = re.search(r'<select name="connection".*?<option value="(\d+)"', text, re.DOTALL)
    given: dict[str, Any] = dict(PERSON)
    if version:
        given["version"] = version.group(1)
    if connection:
        given["connection"] = connection.group(1)
    return given
