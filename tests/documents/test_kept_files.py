"""Files that are kept here: had again by those who may, taken back, kept nowhere in clear."""

from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from documents import file_views, uploads
from documents.models import DocumentGroup, Download, Upload
from people import data_keys
from people.models import Customer, User
from sync.models import Operation
from tests.support.giving import give, page_of, scan
from tests.support.journal import perform_planned
from tests.support.reading import text_of
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.django_db(transaction=True)


def given(group: DocumentGroup, staff: User, content: bytes = b"%PDF the passport of Anna") -> Upload:
    """A file that is kept here."""
    return uploads.upload(group, "passport", "Anna Kowalska.pdf", content, "application/pdf", staff)


def test_a_file_is_had_again_as_an_attachment_never_cached_and_noted(
    group: DocumentGroup, browser_of_staff: Client, staff: User
) -> None:
    upload = given(group, staff)
    answer = browser_of_staff.post(reverse("upload-download", args=[upload.pk]))
    assert answer.content == b"%PDF the passport of Anna"
    assert answer["Content-Disposition"] == f'attachment; filename="passport-{upload.pk}.pdf"'
    assert "no-store" in answer["Cache-Control"] and answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    noted = Download.objects.get()
    assert (noted.upload, noted.user) == (upload, staff)
    assert "Who has had the files" in page_of(browser_of_staff, group)
    assert browser_of_staff.get(reverse("upload-download", args=[upload.pk])).status_code == 405
    Upload.objects.filter(pk=upload.pk).update(content=b"", deleted_at=timezone.now())
    assert browser_of_staff.post(reverse("upload-download", args=[upload.pk])).status_code == 404
    assert Download.objects.count() == 1


def test_only_the_customers_own_people_have_their_files(
    group: DocumentGroup,
    client: Client,
    manager: User,
    member: User,
    outsider: User,
    customer: Customer,
    staff: User,
) -> None:
    DocumentGroup.objects.filter(pk=group.pk).update(customer=customer)
    upload = given(group, staff)
    address = reverse("upload-download", args=[upload.pk])
    assert client.post(address).status_code == 302  # to the sign-in
    outsider.memberships.update(role="manager")
    client.force_login(outsider)
    assert client.post(address).status_code == 404
    client.force_login(member)  # who may only look
    assert client.post(address).status_code == 403
    client.force_login(manager)
    assert client.post(address).status_code == 200
    assert [row.user for row in Download.objects.all()] == [manager]


def test_a_file_can_be_taken_back_while_it_waits(
    group: DocumentGroup, browser_of_staff: Client, staff: User, simulator: SimulatorProcess
) -> None:
    upload = given(group, staff)
    answer = browser_of_staff.post(reverse("upload-stop", args=[upload.pk]), follow=True)
    assert "The file was taken back." in text_of(answer)
    perform_planned()
    assert simulator.ledger("upload") == []
    late = given(group, staff, b"%PDF another")
    perform_planned()
    answer = browser_of_staff.post(reverse("upload-stop", args=[late.pk]), follow=True)
    assert "The file has left already." in text_of(answer)


def test_no_name_of_a_file_stands_in_what_the_browser_session_keeps(
    group: DocumentGroup, browser_of_staff: Client
) -> None:
    give(browser_of_staff, group, scan("Anna Kowalska passport.jpg"))
    kept = str(dict(browser_of_staff.session.items()))
    with database.cursor() as cursor:
        for table in database.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            assert "Kowalska passport" not in str(cursor.fetchall()), table
    assert "Kowalska" not in kept


def test_a_file_given_while_its_group_is_erased_is_kept_nowhere(
    group: DocumentGroup, browser_of_staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = file_views.look_at

    def erased_meanwhile(file: Any) -> Any:
        found = looked(file)
        data_keys.destroy([group.data_key_id])
        return found

    monkeypatch.setattr(file_views, "look_at", erased_meanwhile)
    assert give(browser_of_staff, group, scan()).status_code == 404
    assert not Upload.objects.exists() and not Operation.objects.filter(kind="document_upload").exists()
