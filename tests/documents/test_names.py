"""Groups are found by the beginnings of their names' words, and the database holds no word of them."""

import pytest
from django.db import connection as database
from django.urls import reverse

from documents import names
from documents.models import DocumentGroup, NameToken
from people.models import User
from sync.models import Connection
from tests import factories
from tests.support.reading import text_of
from tests.support.scenes import read

pytestmark = pytest.mark.django_db
NEW = "2IUB8vTQIVr2Hj9fSYVJ7g-6wCM1qGk4aT9gT3l3m1E="


def indexed(**fields: str) -> DocumentGroup:
    """A group in the index."""
    group = factories.DocumentGroupFactory(fields=fields)
    names.index([group])
    return group


def found(text: str) -> set[int]:
    """The groups found, by primary key."""
    return set(names.found(DocumentGroup.objects.all(), text).values_list("pk", flat=True))


@pytest.mark.parametrize(
    "text",
    ["Jürgen", "jurgen", "JUERGEN", "Jür", "müller-lüd", "Mueller", "Jürgen Müller", "müller jürgen", "ström"],
)
def test_a_person_is_found_by_the_beginning_of_each_word(text: str) -> None:
    group = indexed(first_name="Jürgen", middle_name="Strøm", last_name="Müller-Lüdenscheidt")
    indexed(first_name="Maria", last_name="Huber")
    assert found(text) == {group.pk}


@pytest.mark.parametrize("text", ["ürgen", "Huber Jürgen", "Jürgenn", "Hafenweg", "x", "%", "' OR 1=1"])
def test_what_begins_no_word_finds_nobody(text: str) -> None:
    indexed(first_name="Jürgen", last_name="Müller", street="Hafenweg")
    indexed(first_name="Maria", last_name="Huber")
    assert found(text) == set()


def test_a_company_and_a_long_word_are_found() -> None:
    group = indexed(organization="Donaudampfschifffahrtsgesellschaft GmbH & Co. KG")
    assert found("donaudampfschifffahrtsgesellschaft gmbh") == {group.pk} == found("Co")


def test_only_digests_are_kept_and_another_key_makes_others(settings: object) -> None:
    indexed(first_name="Anna", last_name="Berg")
    with database.cursor() as cursor:
        cursor.execute("SELECT * FROM documents_nametoken")
        raw = str(cursor.fetchall()).lower()
    assert NameToken.objects.count() == 6 and "ann" not in raw and "berg" not in raw
    settings.ENCRYPTION_KEYS = [NEW]  # type: ignore[attr-defined]
    assert found("Anna") == set()


def test_while_two_keys_are_set_what_the_old_one_made_is_found(settings: object) -> None:
    group = indexed(first_name="Anna", last_name="Berg")
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]  # type: ignore[attr-defined]
    assert found("Anna") == {group.pk}
    names.index([group])
    settings.ENCRYPTION_KEYS = [NEW]  # type: ignore[attr-defined]
    assert [NameToken.objects.count(), found("Ann")] == [6, {group.pk}]


def test_a_reading_keeps_the_index_true_and_leaves_it_alone_where_nothing_changed(connection: Connection) -> None:
    read(connection, "documents")
    group = DocumentGroup.objects.get(remote_id="1001")
    assert found("max mustermann") == {group.pk}
    before = set(NameToken.objects.values_list("pk", flat=True))
    read(connection, "documents")
    assert set(NameToken.objects.values_list("pk", flat=True)) == before
    group.fields = {**group.fields, "last_name": "Altname"}
    group.save()
    names.index([group])
    assert found("Altname") == {group.pk} and found("max mustermann") == set()
    read(connection, "documents")
    assert found("max mustermann") == {group.pk} and found("Altname") == set()


def test_the_page_searches_without_a_name_in_the_address(
    connection: Connection, browser_of_staff: object, client: object, member: User
) -> None:
    read(connection, "documents")
    page = browser_of_staff.post(reverse("group-search"), {"name": "max muster"})  # type: ignore[attr-defined]
    assert page.status_code == 200
    assert "Max Mustermann" in text_of(page) and "Alpenblick" not in text_of(page)
    page = browser_of_staff.post(reverse("group-search"), {"name": "nobody"})  # type: ignore[attr-defined]
    assert "Nobody of this name" in text_of(page)
    assert browser_of_staff.get(reverse("group-search") + "?name=muster").status_code == 405  # type: ignore[attr-defined]
    client.force_login(member)  # type: ignore[attr-defined]
    assert "Mustermann" not in text_of(client.post(reverse("group-search"), {"name": "muster"}))  # type: ignore[attr-defined]
