"""Document groups reach Zadarma through the journal."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from documents import groups, validity
from documents.models import DocumentGroup, GroupValidity
from people.models import Customer, User
from sync.models import Connection, Operation
from tests.factories import DocumentFactory, DocumentGroupFactory, OrderFactory
from tests.support.journal import facts_of, look_now, perform_planned
from tests.support.reading import form_of, text_of
from tests.support.scenes import long_ago, read
from tests.support.simulator import SimulatorProcess

CREATE = "/v1/documents/groups/create/"
PERSON = {
    "salutation": "MS",
    "first_name": "Anna",
    "last_name": "Berg",
    "email": "anna@example.com",
    "phone": "+49 30 1234567",
    "country": "DE",
    "city": "Berlin",
    "zip_code": "10115",
    "street": "Invalidenstr.",
    "building_number": "7",
    "building_letter": "b",
}
pytestmark = pytest.mark.django_db(transaction=True)


def make(browser: Client, connection: Connection, **more: str) -> DocumentGroup:
    """Send the form of a new group as the page holds it. Returns the row it made."""
    url = reverse("group-new")
    fields = form_of(browser.get(url), "")
    answer = browser.post(url, {**fields, **PERSON, **more})
    assert answer.status_code == 302, text_of(answer)
    return DocumentGroup.objects.latest("pk")


def test_a_group_is_created_with_what_the_form_said(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, customer: Customer
) -> None:
    group = make(browser_of_staff, connection, customer=str(customer.pk))
    assert (group.remote_id, group.customer) == ("", customer)
    assert "being created" in text_of(browser_of_staff.get(reverse("group", args=[group.pk])))
    perform_planned()
    group.refresh_from_db()
    (post,) = simulator.requests(CREATE)
    assert post["params"]["first_name"] == "Anna"
    assert post["params"]["address"] == "Invalidenstr. 7b, 10115"
    assert post["params"]["phone"] == "49301234567"
    assert group.remote_id
    assert (group.title, group.country_iso, group.customer) == ("Anna Berg", "DE", customer)
    (run,) = read(connection, "documents")
    assert DocumentGroup.objects.filter(remote_id=group.remote_id).count() == 1
    assert run.gone == 0


def test_a_refusal_is_shown_in_the_apis_words_and_can_be_corrected(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    simulator.fault("error_in_200", path=CREATE)
    group = make(browser_of_staff, connection)
    perform_planned()
    group.refresh_from_db()
    operation = Operation.objects.get()
    assert (operation.state, group.remote_id) == ("refused", "")
    assert group.error and group.error == operation.error
    url = reverse("group-edit", args=[group.pk])
    assert group.error in text_of(browser_of_staff.get(reverse("group", args=[group.pk])))
    fields = form_of(browser_of_staff.get(url), "")
    assert (fields["last_name"], fields["country"]) == ("Berg", "DE")
    browser_of_staff.post(url, {**fields, "last_name": "Bergmann"})
    perform_planned()
    group.refresh_from_db()
    assert (bool(group.remote_id), group.error, group.title) == (True, "", "Anna Bergmann")
    assert Operation.objects.latest("pk").previous == operation


def test_a_change_is_sent_and_a_refused_one_says_why(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, staff: User
) -> None:
    read(connection, "documents")
    group = DocumentGroup.objects.get(remote_id="1001")
    url = reverse("group-edit", args=[group.pk])
    fields = form_of(browser_of_staff.get(url), "")
    answer = browser_of_staff.post(url, {**fields, "city": "Kiel"})
    assert answer.status_code == 302, text_of(answer)
    perform_planned()
    group.refresh_from_db()
    assert group.fields["city"] == "Kiel"
    assert simulator.requests("/v1/documents/groups/update/1001/")[0]["params"]["city"] == "Kiel"
    simulator.fault("error_in_200", path="/groups/update/")
    fields = form_of(browser_of_staff.get(url), "")
    browser_of_staff.post(url, {**fields, "city": "Husum"})
    perform_planned()
    group.refresh_from_db()
    assert group.fields["city"] == "Kiel"
    page = text_of(browser_of_staff.get(reverse("group", args=[group.pk])))
    assert group.error and group.error in page and "change refused" in page


def test_a_create_in_doubt_is_settled_by_the_new_id(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    simulator.fault("reset_after", path=CREATE)
    group = make(browser_of_staff, connection)
    perform_planned()
    operation = Operation.objects.get()
    assert operation.state == "unknown"
    look_now(operation)
    group.refresh_from_db()
    assert operation.state == "done"
    assert group.remote_id in {str(found) for found in simulator.state()["accounts"][0]["groups"]}
    assert len(simulator.requests(CREATE)) == 1


def test_a_create_that_had_no_effect_is_told_after_two_late_looks(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    simulator.fault("reset_before", path=CREATE)
    group = make(browser_of_staff, connection)
    perform_planned()
    operation = Operation.objects.get()
    look_now(operation)
    look_now(operation)
    assert operation.state == "unknown"
    long_ago(operation)
    look_now(operation)
    look_now(operation)
    group.refresh_from_db()
    assert (operation.state, group.remote_id) == ("not_done", "")
    assert len(simulator.requests(CREATE)) == 1


def test_an_older_group_of_the_same_person_settles_nothing(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    make(browser_of_staff, connection)
    perform_planned()
    simulator.fault("reset_before", path=CREATE)
    make(browser_of_staff, connection)
    perform_planned()
    operation = Operation.objects.latest("pk")
    look_now(operation)
    assert (operation.state, facts_of(operation)["fits"]) == ("unknown", [])


def test_a_listing_that_saw_the_new_group_first_makes_no_second_row(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client, customer: Customer
) -> None:
    simulator.fault("reset_after", path=CREATE)
    group = make(browser_of_staff, connection, customer=str(customer.pk))
    perform_planned()
    read(connection, "documents")  # adopts it before the settler looks
    look_now(Operation.objects.get())
    group.refresh_from_db()
    rows = DocumentGroup.objects.filter(remote_id=group.remote_id, gone_at=None)
    assert [(row.pk, row.customer) for row in rows] == [(group.pk, customer)]


def test_parameters_in_the_journal_are_ciphertext(connection: Connection, staff: User) -> None:
    groups.create_group(connection, None, {"first_name": "Anna", "last_name": "Secretson"}, staff)
    with database.cursor() as cursor:
        cursor.execute("SELECT * FROM sync_operation")
        raw = str(cursor.fetchall())
    assert "Secretson" not in raw
    assert Operation.objects.get().params["fields"]["last_name"] == "Secretson"


def test_four_answers_for_each_group_are_kept_for_ten_minutes(
    connection: Connection, simulator: SimulatorProcess
) -> None:
    read(connection, "documents")
    simulator.clear_requests()
    mine = list(DocumentGroup.objects.all())
    now = timezone.now()
    answers = validity.check(mine, "3760", now)
    by_id = {group.remote_id: answers[group.pk] for group in mine}
    assert (by_id["1001"].suits, by_id["1001"].may_order) == (True, True)
    assert (by_id["1002"].is_address_match, by_id["1002"].may_order) == (False, False)
    assert len(simulator.requests("/groups/valid/")) == 4
    validity.check(mine, "3760", now + timedelta(minutes=9))
    assert len(simulator.requests("/groups/valid/")) == 4
    validity.check(mine, "3760", now, again=True)
    assert len(simulator.requests("/groups/valid/")) == 8
    validity.check(mine, "3760", now + timedelta(minutes=11))
    assert len(simulator.requests("/groups/valid/")) == 12
    assert GroupValidity.objects.count() == 4


def test_fresh_answers_need_no_api(connection: Connection, simulator: SimulatorProcess, asks_once: None) -> None:
    read(connection, "documents")
    mine = list(DocumentGroup.objects.all())
    first = validity.check(mine, "3760")
    simulator.fault("error", count=-1)
    assert {pk: row.suits for pk, row in validity.check(mine, "3760").items()} == {
        pk: row.suits for pk, row in first.items()
    }
    simulator.clear_faults()


def test_the_main_group_is_not_given_to_a_customer(
    connection: Connection, browser_of_staff: Client, customer: Customer
) -> None:
    read(connection, "documents")
    main, other = (DocumentGroup.objects.get(remote_id=remote_id) for remote_id in ("0", "1001"))
    page = browser_of_staff.post(reverse("group-assign", args=[main.pk]), {"customer": str(customer.pk)}, follow=True)
    assert "This group can't be given to a customer." in text_of(page)
    browser_of_staff.post(reverse("group-assign", args=[other.pk]), {"customer": str(customer.pk)})
    main.refresh_from_db()
    other.refresh_from_db()
    assert (main.customer, other.customer) == (None, customer)


def test_the_main_group_is_listed_and_shown_but_its_data_are_closed(
    connection: Connection, browser_of_staff: Client, simulator: SimulatorProcess
) -> None:
    read(connection, "documents")
    main = DocumentGroup.objects.get(remote_id="0")
    edit = reverse("group-edit", args=[main.pk])
    listed = browser_of_staff.get(reverse("group-list"))
    assert reverse("group", args=[main.pk]) in listed.content.decode()
    page = browser_of_staff.get(reverse("group", args=[main.pk]))
    assert "These are the account holder's own papers" in text_of(page) and main.title in text_of(page)
    assert main.is_readonly and edit not in page.content.decode()
    assert browser_of_staff.get(edit).status_code == 404
    assert browser_of_staff.post(edit, {**PERSON, "version": "0"}).status_code == 404
    assert not Operation.objects.exists()
    other = DocumentGroup.objects.get(remote_id="1001")
    assert (
        reverse("group-edit", args=[other.pk])
        in browser_of_staff.get(reverse("group", args=[other.pk])).content.decode()
    )
    DocumentGroup.objects.filter(pk=other.pk).update(is_readonly=True)
    page = browser_of_staff.get(reverse("group", args=[other.pk]))
    assert "These data can't be changed here" in text_of(page)
    assert reverse("group-edit", args=[other.pk]) not in page.content.decode()


def test_the_list_can_be_narrowed_to_what_needs_attention(connection: Connection, browser_of_staff: Client) -> None:
    read(connection, "documents")
    page = browser_of_staff.get(reverse("group-list"), {"attention": "on"})
    assert [row.remote_id for row in page.context["page"]] == ["1003"]
    assert "document rejected" in text_of(page)


@pytest.mark.parametrize(("is_verified", "told"), [(True, "under way uses it"), (False, "waits for it")])
def test_nothing_waits_for_papers_that_are_verified(browser_of_staff: Client, is_verified: bool, told: str) -> None:
    group = DocumentFactory(is_verified=is_verified).group
    OrderFactory(connection=group.connection, group=group, state="approval")
    assert f"1 number or order {told}" in text_of(browser_of_staff.get(reverse("group-list")))


def test_a_double_click_makes_one_group_and_another_customer_another(
    simulator: SimulatorProcess, connection: Connection, staff: User, customer: Customer
) -> None:
    fields = {**PERSON, "address": "Invalidenstr. 7b, 10115", "phone": "49301234567"}
    once = groups.create_group(connection, None, fields, staff)
    assert groups.create_group(connection, None, fields, staff) == once
    assert groups.create_group(connection, customer, fields, staff) != once
    perform_planned()
    assert DocumentGroup.objects.count() == 2
    posts = [call for call in simulator.requests() if call["path"] == CREATE]
    assert len(posts) == 2
    keys = Operation.objects.values_list("exclusive_key", flat=True)
    assert not any("Anna" in key for key in keys)


def test_one_found_not_done_says_so_in_words(
    connection: Connection, simulator: SimulatorProcess, browser_of_staff: Client
) -> None:
    group = make(browser_of_staff, connection)
    simulator.fault("reset_before", path=CREATE)
    perform_planned()
    operation = Operation.objects.latest("pk")
    look_now(operation)
    long_ago(operation)
    look_now(operation)
    group.refresh_from_db()
    assert operation.state == "not_done"
    assert group.error.startswith("Zadarma's answer did not arrive, and the account does not show it")


def test_data_corrected_before_they_were_sent_are_no_refusal(connection: Connection, staff: User) -> None:
    group = DocumentGroupFactory(connection=connection, remote_id="1001")
    groups.update_group(group, {"city": "Kiel"}, staff)
    second = groups.update_group(group, {"city": "Bonn"}, staff)
    group.refresh_from_db()
    assert (group.error, second.state) == ("", "planned")
    assert set(Operation.objects.values_list("state", flat=True)) == {"cancelled", "planned"}
