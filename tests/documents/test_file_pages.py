"""Files on their way: given, refused with a sentence, followed state by state, taken back, had again."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from direct_numbers.models import Direction, Number
from documents import tasks, uploads
from documents.models import Document, DocumentGroup, Upload
from people.models import Customer, User
from sync import operations
from sync.models import Connection, Operation
from tests import factories
from tests.support import files
from tests.support.giving import give, page_of, scan
from tests.support.journal import look_now, perform_planned
from tests.support.queries import sent_to_the_database
from tests.support.reading import text_of
from tests.support.scenes import draft, long_ago, place
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.django_db(transaction=True)


def test_several_files_without_scripts_go_to_zadarma(
    group: DocumentGroup, browser_of_staff: Client, simulator: SimulatorProcess
) -> None:
    answer = give(browser_of_staff, group, scan(), scan("back.png", files.png()))
    assert (answer.status_code, answer.url) == (302, reverse("group-upload", args=[group.pk]))
    assert "2 files are on their way to Zadarma." in text_of(browser_of_staff.get(answer.url))
    perform_planned()
    names = [entry["name"] for entry in simulator.ledger("upload")]
    assert [name.partition("-")[0] for name in names] == ["front", "back"]
    assert [row.content_type for row in Upload.objects.order_by("pk")] == ["image/jpeg", "image/png"]


def test_from_an_order_it_leads_back_there_and_never_elsewhere(group: DocumentGroup, browser_of_staff: Client) -> None:
    url = reverse("group-upload", args=[group.pk])
    page = browser_of_staff.get(url, {"next": "/orders/one/documents/?again=1"}).content.decode()
    assert 'href="/orders/one/documents/?again=1"' in page
    assert f'action="{url}?next=%2Forders%2Fone%2Fdocuments%2F%3Fagain%3D1"' in page
    for elsewhere in ("//example.com/", "https://example.com/", "javascript:alert(1)"):
        page = browser_of_staff.get(url, {"next": elsewhere}).content.decode()
        assert "Back to the papers" in page
        assert f'href="{elsewhere}"' not in page
        assert f'action="{url}"' in page


def test_a_script_gets_a_sentence_for_each_file(group: DocumentGroup, browser_of_staff: Client) -> None:
    good = give(browser_of_staff, group, scan(), as_script=True)
    assert (good.status_code, good.json()["ok"], good.json()["text"]) == (200, True, "On its way to Zadarma.")
    bad = give(browser_of_staff, group, scan("passport.jpg", b"MZ" + bytes(100)), as_script=True)
    assert bad.status_code == 422
    assert bad.json()["text"] == "This is a program. Choose the scan or the photo of the document."
    for given in ({"document_type": ""}, {"document_type": "diary"}):
        wrong = give(browser_of_staff, group, scan(), as_script=True, **given)
        assert wrong.json() == {"ok": False, "text": "Please say what kind of document it is."}
    assert give(browser_of_staff, group, as_script=True).json()["text"] == "Please choose a file."
    assert Upload.objects.count() == 1


def test_of_several_files_the_bad_one_is_named_and_the_good_ones_go(
    group: DocumentGroup, browser_of_staff: Client
) -> None:
    answer = give(browser_of_staff, group, scan(), scan("../../etc/my<b>scan.pdf", b""))
    text = text_of(answer)
    assert answer.status_code == 422 and "This file is empty." in text
    assert "scan.pdf" in text and "etc" not in text and "<b>" not in answer.content.decode()
    assert Upload.objects.count() == 1


def test_a_file_that_is_too_large_is_told_and_not_kept(
    group: DocumentGroup, browser_of_staff: Client, settings: Any
) -> None:
    settings.UPLOAD_MAX_MB = 1
    answer = give(browser_of_staff, group, scan("large.jpg", bytes(1024 * 1024 + 1)), as_script=True)
    assert answer.json()["text"] == "This file is larger than 1 MB. Make it smaller and upload it again."
    assert not Upload.objects.exists()


def test_the_very_same_file_is_not_sent_twice(
    group: DocumentGroup, browser_of_staff: Client, simulator: SimulatorProcess
) -> None:
    give(browser_of_staff, group, scan())
    give(browser_of_staff, group, scan("other name.jpg"))  # a double click
    perform_planned()
    answer = give(browser_of_staff, group, scan(), as_script=True)
    assert "This very file was sent before." in answer.json()["text"]
    perform_planned()
    assert len(simulator.ledger("upload")) == 1


def test_the_place_of_a_photo_is_not_sent(
    group: DocumentGroup, browser_of_staff: Client, simulator: SimulatorProcess
) -> None:
    photo = files.jpeg_with_place()
    give(browser_of_staff, group, scan("photo.jpg", photo))
    sent = bytes(Upload.objects.get().content)
    assert b"Exif" in photo and len(photo) != len(sent)
    exif = Image.open(BytesIO(sent)).getexif()
    assert dict(exif) == {0x0112: 6} and not exif.get_ifd(0x8825)


def test_each_state_of_a_file_is_told(
    group: DocumentGroup, browser_of_staff: Client, simulator: SimulatorProcess
) -> None:
    page = page_of(browser_of_staff, group)
    assert "Rejected: passport or ID card" in page and "The copy is too dark" in page and "Replace it" in page
    give(browser_of_staff, group, scan())
    operation = Operation.objects.get(kind="document_upload")
    assert "waiting to be sent" in page_of(browser_of_staff, group)
    Operation.objects.filter(pk=operation.pk).update(state="sent", sent_at=timezone.now())
    assert "on its way" in page_of(browser_of_staff, group)
    for state, word in (("unknown", "Zadarma's answer did not arrive."), ("needs_person", "you must decide")):
        Operation.objects.filter(pk=operation.pk).update(state=state)
        assert word in page_of(browser_of_staff, group).replace("in doubt", "Zadarma's answer did not arrive.")
    Operation.objects.filter(pk=operation.pk).update(state="planned", sent_at=None)
    perform_planned()
    page = page_of(browser_of_staff, group)
    assert "Rejected:" not in page and "Zadarma has not said anything about it yet." in page
    tasks.refresh_group(group.pk)
    assert "being checked" in page_of(browser_of_staff, group)
    simulator.reject(1003, "passport", "The corners are cut off")
    browser_of_staff.post(reverse("group-refresh", args=[group.pk]))
    page = page_of(browser_of_staff, group)
    assert "Zadarma says: “The corners are cut off”" in page and "too dark" not in page
    assert "Zadarma names the kind of document, not the file." in page
    simulator.verify(1003, "passport")
    browser_of_staff.post(reverse("group-refresh", args=[group.pk]))
    assert "verified" in page_of(browser_of_staff, group)


def test_what_zadarma_refuses_is_told_with_its_reason(
    group: DocumentGroup, browser_of_staff: Client, simulator: SimulatorProcess
) -> None:
    give(browser_of_staff, group, scan())
    simulator.fault("error_in_200", path="/v1/documents/upload/")
    perform_planned()
    upload = Upload.objects.get()
    page = page_of(browser_of_staff, group)
    assert upload.error and upload.error in page and "not sent" in page
    assert "Rejected: passport" in page  # the refused file replaces nothing


def test_an_upload_in_doubt_is_settled_and_told(
    group: DocumentGroup, browser_of_staff: Client, simulator: SimulatorProcess
) -> None:
    give(browser_of_staff, group, scan())
    simulator.fault("reset_after", path="/v1/documents/upload/")
    operation = Operation.objects.get(kind="document_upload")
    operations.perform(operation.pk)
    operation.refresh_from_db()
    assert operation.state == "unknown" and "in doubt" in page_of(browser_of_staff, group)
    long_ago(operation)
    look_now(operation)
    tasks.refresh_group(group.pk)
    assert Upload.objects.get().document == Document.objects.get(
        group=group, is_verified=False, gone_at=None, upload__isnull=False
    )


def test_a_rejected_address_leads_to_the_fields_of_the_address(
    group: DocumentGroup, browser_of_staff: Client, simulator: SimulatorProcess
) -> None:
    simulator.reject(1003, "address", "The street does not exist")
    simulator.verify(1003, "passport")
    tasks.refresh_group(group.pk)
    page = browser_of_staff.get(reverse("group", args=[group.pk]))
    assert "The street does not exist" in text_of(page)
    assert f"{reverse('group-edit', args=[group.pk])}#id_street" in page.content.decode()


def test_a_rejected_address_is_told_wherever_something_waits_and_leads_to_its_fields(
    group: DocumentGroup, browser_of_staff: Client, connection: Connection, staff: User, simulator: SimulatorProcess
) -> None:
    number = Number.objects.get(group_remote_id="1003")
    order = draft(connection, staff, 5402, group="1003")
    place(order, staff)
    perform_planned()
    simulator.reject(1003, "address", "The street does not exist")
    for kind in Document.objects.filter(group=group).values_list("document_type", flat=True).distinct():
        simulator.verify(1003, kind)
    # what else the two directions want is there
    Direction.objects.filter(pk__in=[number.direction_id, order.direction_id]).update(uploads_en=[], uploads_de=[])
    tasks.refresh_group(group.pk)
    fields = f"{reverse('group-edit', args=[group.pk])}#id_street"
    for address in (
        reverse("home"),
        reverse("number", args=[number.pk]),
        reverse("order", args=[order.public_id]),
        reverse("group", args=[group.pk]),
    ):
        page = browser_of_staff.get(address)
        assert "The street does not exist" in text_of(page), address
        assert fields in page.content.decode(), address


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Utility bill or proof of address"), ("de", "Versorgerrechnung oder Adressnachweis")]
)
def test_what_is_wanted_is_told_in_zadarmas_words_beside_the_name_of_its_type(
    group: DocumentGroup, browser_of_staff: Client, language: str, name: str
) -> None:
    number = Number.objects.get(group_remote_id="1003")
    wanted = {"type": "receipt", "text": f"Prose as it came ({language}), not older than 3 months"}
    Direction.objects.filter(pk=number.direction_id).update(**{f"uploads_{language}": [wanted]})
    page = browser_of_staff.get(reverse("group", args=[group.pk]), headers={"Accept-Language": language})
    words = text_of(page)
    assert name in words and wanted["text"] in words


def test_the_page_promises_to_remove_the_place_only_where_it_does(
    group: DocumentGroup, browser_of_staff: Client, settings: Any
) -> None:
    sentence = "The place where a photo was taken is removed before it is sent."
    page = reverse("group-upload", args=[group.pk])
    assert sentence in text_of(browser_of_staff.get(page))
    settings.UPLOAD_KEEP_METADATA = True
    assert sentence not in text_of(browser_of_staff.get(page))


def test_where_something_waits_it_is_said_who_must_act(
    group: DocumentGroup, browser_of_staff: Client, connection: Connection, staff: User, simulator: SimulatorProcess
) -> None:
    number = Number.objects.get(group_remote_id="1003")
    replace = f"{reverse('group-upload', args=[group.pk])}?type=passport"
    for address in (reverse("home"), reverse("number", args=[number.pk]), reverse("group", args=[group.pk])):
        page = browser_of_staff.get(address)
        assert "The copy is too dark" in text_of(page), address
        assert replace in page.content.decode(), address
    order = draft(connection, staff, 5402, group="1003")
    place(order, staff)
    perform_planned()
    page = browser_of_staff.get(reverse("order", args=[order.public_id]))
    assert "It waits for you: papers are rejected or missing" in text_of(page)
    assert replace in page.content.decode()
    give(browser_of_staff, group, scan())
    perform_planned()
    tasks.refresh_group(group.pk)
    page = browser_of_staff.get(reverse("number", args=[number.pk]))
    assert "Zadarma is checking the papers" in text_of(page) and replace not in page.content.decode()
    assert "The copy is too dark" not in text_of(browser_of_staff.get(reverse("home")))


def test_the_customer_reads_what_to_do_and_has_no_buttons(
    group: DocumentGroup, client: Client, member: User, customer: Customer
) -> None:
    DocumentGroup.objects.filter(pk=group.pk).update(customer=customer)
    Number.objects.filter(group_remote_id="1003").update(customer=customer)
    client.force_login(member)
    page = client.get(reverse("group", args=[group.pk]))
    assert "The copy is too dark" in text_of(page)
    assert "Please give a new one to your provider's staff." in text_of(page)
    assert reverse("group-upload", args=[group.pk]) not in page.content.decode()
    number = Number.objects.get(group_remote_id="1003")
    assert "please give them to your provider's staff" in text_of(client.get(reverse("number", args=[number.pk])))


def test_lists_and_pages_cost_the_same_whatever_there_is(
    group: DocumentGroup, browser_of_staff: Client, staff: User
) -> None:
    def cost(name: str, *args: int) -> int:
        with sent_to_the_database() as sent:
            assert browser_of_staff.get(reverse(name, args=args)).status_code == 200
        return sent.count

    def fill(count: int) -> None:
        for _each in range(count):
            other = factories.DocumentGroupFactory(connection=group.connection, wrong_document_type="receipt")
            factories.DocumentFactory(group=other)
        factories.DocumentFactory.create_batch(count, group=group)
        factories.UploadFactory.create_batch(count, group=group)
        remote = group.remote_id
        factories.NumberFactory.create_batch(count, connection=group.connection, group_remote_id=remote)

    fill(1)
    pages = [("group-list",), ("group", group.pk), ("group-upload", group.pk), ("group-papers", group.pk), ("home",)]
    before = [cost(*page) for page in pages]
    fill(6)
    assert [cost(*page) for page in pages] == before


def test_what_was_rejected_and_given_anew_is_not_being_checked_for_ever(
    group: DocumentGroup, browser_of_staff: Client, simulator: SimulatorProcess
) -> None:
    give(browser_of_staff, group, scan())
    perform_planned()
    tasks.refresh_group(group.pk)
    assert "being checked" in page_of(browser_of_staff, group)
    assert not Document.objects.exclude(replaced_at=None).exists()
    simulator.verify(1003, "passport")
    tasks.refresh_group(group.pk)
    old, new = Document.objects.filter(group=group).order_by("pk")
    assert (old.is_verified, bool(old.replaced_at), new.is_verified, new.replaced_at) == (False, True, True, None)
    page = page_of(browser_of_staff, group)
    assert "replaced" in page and "being checked" not in page
    listed = text_of(browser_of_staff.get(reverse("group-list")))
    assert "1 of 1 checked" in listed


def test_a_file_beside_a_verified_one_that_was_never_rejected_is_still_being_checked(
    group: DocumentGroup, browser_of_staff: Client, simulator: SimulatorProcess
) -> None:
    other = DocumentGroup.objects.get(remote_id="1001")
    give(browser_of_staff, other, scan())
    give(browser_of_staff, other, scan("back.png", files.png()))
    perform_planned()
    tasks.refresh_group(other.pk)
    assert not Document.objects.filter(group=other).exclude(rejected_at=None).exists()
    assert "being checked" in page_of(browser_of_staff, other)


def test_the_list_does_not_call_papers_verified_that_a_number_still_lacks(
    group: DocumentGroup, browser_of_staff: Client, simulator: SimulatorProcess, staff: User
) -> None:
    verified = DocumentGroup.objects.get(remote_id="1001")
    number = Number.objects.exclude(direction=None).filter(status="checking_upload").first()
    assert number is not None and number.direction is not None
    type(number.direction).objects.filter(pk=number.direction.pk).update(uploads_en=[{"type": "inn_ua", "text": "x"}])
    Number.objects.filter(pk=number.pk).update(group_remote_id="1001")

    def told() -> str:
        page = browser_of_staff.get(reverse("group-list"))
        return next(str(row.told.label) for row in page.context["page"] if row.pk == verified.pk)

    assert told() == "documents missing"
    uploads.upload(verified, "inn_ua", "tax.pdf", b"%PDF tax", "application/pdf", staff)
    assert told() == "verified"
