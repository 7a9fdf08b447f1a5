"""What a person enters is not lost: when Zadarma refuses it, when somebody else was faster, when the form changes."""

import logging

import pytest
from django.db import connection as database
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from documents import editing, groups
from documents.models import DocumentGroup
from people.models import Customer, User
from sync.models import Connection, Operation
from tests.documents.test_groups import CREATE, PERSON, make
from tests.factories import DocumentGroupFactory
from tests.support.journal import perform_planned
from tests.support.reading import form_of, text_of
from tests.support.scenes import read
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def colleague(db: None) -> Client:
    """Another member of the staff, signed in."""
    client = Client()
    client.force_login(User.objects.create_user("eve@partner.example", "x" * 12, staff_role="owner", name="Eve Other"))
    return client


@pytest.fixture
def group(connection: Connection) -> DocumentGroup:
    """A group of the account, mirrored."""
    read(connection, "documents")
    return DocumentGroup.objects.get(remote_id="1001")


def url(group: DocumentGroup) -> str:
    return reverse("group-edit", args=[group.pk])


def opened(browser: Client, group: DocumentGroup) -> dict[str, str]:
    """What the form would send as its page holds it."""
    return form_of(browser.get(url(group)), "")


def notes(page: HttpResponse) -> dict[str, list[tuple[str, str]]]:
    """The remarks at the fields."""
    return {name: [(note.kind, note.text) for note in all_] for name, all_ in page.context["form"].notes.items()}


# What Zadarma refuses ------------------------------------------------------------------------------------------------


def test_a_refusal_stands_at_the_field_it_names_with_what_was_sent(
    simulator: SimulatorProcess, browser_of_staff: Client, group: DocumentGroup, staff: User
) -> None:
    sent = {**group.fields, "issuing_date": "1.2.2020", "city": "Husum", "middle_name": "Maria"}
    groups.update_group(group, sent, staff)
    perform_planned()
    group.refresh_from_db()
    assert group.error == "Parameter issuing_date is invalid"
    page = browser_of_staff.get(url(group))
    told = notes(page)
    assert told["issuing_date"][0] == ("error", "Zadarma says: “Parameter issuing_date is invalid”")
    assert told["city"] == [("now", f"At Zadarma: {group.fields['city']}")]
    assert told["middle_name"] == [("now", "At Zadarma: nothing")]
    fields = form_of(page, "")
    assert (fields["city"], fields["middle_name"]) == ("Husum", "Maria")
    assert (fields["issuing_date"], fields["last_name"]) == ("1.2.2020", group.fields["last_name"])
    text = text_of(page)
    assert text.count("Parameter issuing_date is invalid") == 2  # on top, and at the field
    assert "and Zadarma did not take" in text
    assert 'aria-describedby="id_issuing_date_notes"' in page.content.decode()
    answer = browser_of_staff.post(url(group), {**fields, "issuing_date": "2020-02-01"})
    assert answer.status_code == 302, text_of(answer)
    perform_planned()
    group.refresh_from_db()
    assert (group.error, group.fields["city"], group.fields["issuing_date"]) == ("", "Husum", "2020-02-01")
    assert notes(browser_of_staff.get(url(group))) == {}


def test_only_a_whole_word_names_a_field(group: DocumentGroup) -> None:
    group.error = "The telephone, streets and zip_code2 are wrong"
    assert editing.notes_of_refusal(editing.standing(group), to_staff=True) == {}
    group.error = "Der Parameter zip_code ist ungültig"
    assert list(editing.notes_of_refusal(editing.standing(group), to_staff=True)) == ["zip_code"]


def test_a_rejected_address_stands_at_the_street(browser_of_staff: Client, group: DocumentGroup) -> None:
    DocumentGroup.objects.filter(pk=group.pk).update(wrong_address="Wohnt dort nicht")
    assert notes(browser_of_staff.get(url(group))) == {"street": [("error", "Zadarma says: “Wohnt dort nicht”")]}


# Fields that are cleared, and the one that is never told -------------------------------------------------------------


def test_a_cleared_field_is_gone_at_zadarma_and_here(
    simulator: SimulatorProcess, connection: Connection, browser_of_staff: Client, group: DocumentGroup
) -> None:
    browser_of_staff.post(url(group), {**opened(browser_of_staff, group), "middle_name": "Maria", "region": "Holstein"})
    perform_planned()
    group.refresh_from_db()
    assert (group.fields["middle_name"], group.fields["region"]) == ("Maria", "Holstein")
    answer = browser_of_staff.post(url(group), {**opened(browser_of_staff, group), "middle_name": "", "region": ""})
    assert answer.status_code == 302, text_of(answer)
    receipt = browser_of_staff.get(reverse("operation", args=[Operation.objects.latest("pk").pk]))
    assert "Fields that were emptied Middle name, Region" in text_of(receipt)
    perform_planned()
    kept = simulator.ledger("group_update")[-1]["fields"]
    assert not kept["middle_name"] and not kept["region"]
    group.refresh_from_db()
    assert not group.fields.get("middle_name") and not group.fields.get("region")
    read(connection, "documents")
    group.refresh_from_db()
    assert not group.fields.get("middle_name") and not group.fields.get("region")


def test_only_what_had_a_value_is_sent_empty(group: DocumentGroup, staff: User) -> None:
    group.fields["region"] = ""
    fields = {name: value for name, value in group.fields.items() if value and name != "zip_code"}
    sent = groups.update_group(group, fields, staff).params["fields"]
    assert {name for name, value in sent.items() if not value} == {"zip_code"}


def test_what_the_change_before_may_have_set_is_sent_empty_too(group: DocumentGroup, staff: User) -> None:
    before = groups.update_group(group, {**group.fields, "middle_name": "Maria"}, staff)
    Operation.objects.filter(pk=before.pk).update(state="needs_person")  # nobody knows whether it took effect
    assert groups.update_group(group, dict(group.fields), staff).params["fields"]["middle_name"] == ""


def test_the_date_of_birth_outlives_answers_that_do_not_tell_it(
    simulator: SimulatorProcess, browser_of_staff: Client, connection: Connection
) -> None:
    group = make(browser_of_staff, connection, date_of_birth="1980-02-29")
    perform_planned()
    group.refresh_from_db()
    assert (bool(group.remote_id), group.fields["date_of_birth"]) == (True, "1980-02-29")
    browser_of_staff.post(url(group), {**opened(browser_of_staff, group), "city": "Kiel"})
    perform_planned()
    group.refresh_from_db()
    assert (group.fields["city"], group.fields["date_of_birth"]) == ("Kiel", "1980-02-29")
    browser_of_staff.post(url(group), {**opened(browser_of_staff, group), "date_of_birth": ""})
    perform_planned()
    group.refresh_from_db()
    assert "date_of_birth" not in group.fields


# Two people ----------------------------------------------------------------------------------------------------------


def test_the_later_of_two_is_told_and_may_insist(
    simulator: SimulatorProcess, browser_of_staff: Client, colleague: Client, group: DocumentGroup
) -> None:
    mine, theirs = opened(browser_of_staff, group), opened(colleague, group)
    assert colleague.post(url(group), {**theirs, "city": "Kiel", "middle_name": "Maria"}).status_code == 302
    perform_planned()
    page = browser_of_staff.post(url(group), {**mine, "city": "Husum", "street": "Am Markt"})
    assert page.status_code == 409
    text = text_of(page)
    assert "Last by Eve Other (" in text and "Changed: Middle name, City." in text
    assert notes(page) == {
        "middle_name": [("now", "Changed meanwhile. Now: Maria")],
        "city": [("now", "Changed meanwhile. Now: Kiel")],
    }
    kept = form_of(page, "")
    assert (kept["city"], kept["street"], kept["middle_name"]) == ("Husum", "Am Markt", "")
    perform_planned()
    assert len(simulator.requests("/groups/update/")) == 1
    assert browser_of_staff.post(url(group), kept).status_code == 302
    perform_planned()
    group.refresh_from_db()
    assert (group.fields["city"], group.fields["street"]) == ("Husum", "Am Markt")
    assert not group.fields.get("middle_name")


def test_the_later_is_told_also_while_the_change_is_on_its_way(
    browser_of_staff: Client, colleague: Client, group: DocumentGroup
) -> None:
    mine, theirs = opened(browser_of_staff, group), opened(colleague, group)
    colleague.post(url(group), {**theirs, "city": "Kiel"})
    page = browser_of_staff.post(url(group), {**mine, "city": "Husum"})
    assert page.status_code == 409 and "Changed: City." in text_of(page)
    assert [row.params["fields"]["city"] for row in Operation.objects.filter(kind="group_update")] == ["Kiel"]
    page = browser_of_staff.get(url(group))
    assert "is still on its way to Zadarma. The form shows its data." in text_of(page)
    assert form_of(page, "")["city"] == "Kiel"


def test_a_form_opened_while_the_change_is_on_its_way_is_not_outdated_by_its_arrival(
    browser_of_staff: Client, colleague: Client, group: DocumentGroup
) -> None:
    colleague.post(url(group), {**opened(colleague, group), "city": "Kiel"})
    mine = opened(browser_of_staff, group)
    perform_planned()
    assert browser_of_staff.post(url(group), {**mine, "street": "Am Markt"}).status_code == 302


def test_what_changed_at_zadarma_meanwhile_is_told_as_zadarmas(
    browser_of_staff: Client, connection: Connection, group: DocumentGroup
) -> None:
    mine = opened(browser_of_staff, group)
    DocumentGroup.objects.filter(pk=group.pk).update(fields={**group.fields, "city": "Kiel"})
    page = browser_of_staff.post(url(group), {**mine, "city": "Husum"})
    assert page.status_code == 409 and "Last by Zadarma (" in text_of(page)
    assert Operation.objects.count() == 0


def test_a_refused_change_of_another_is_told(
    simulator: SimulatorProcess, browser_of_staff: Client, colleague: Client, group: DocumentGroup
) -> None:
    mine, theirs = opened(browser_of_staff, group), opened(colleague, group)
    simulator.fault("error_in_200", path="/groups/update/")
    colleague.post(url(group), {**theirs, "city": "Kiel"})
    perform_planned()
    page = browser_of_staff.post(url(group), {**mine, "city": "Husum"})
    assert page.status_code == 409
    assert "Eve Other sent other data" in text_of(page) and "what stands is as it was" in text_of(page)


@pytest.mark.parametrize("version", ["", "0", "x=y =", "0 city=" + "0" * 20])
def test_a_form_without_the_version_sends_nothing(browser_of_staff: Client, group: DocumentGroup, version: str) -> None:
    fields = {**opened(browser_of_staff, group), "city": "Husum", "version": version}
    assert browser_of_staff.post(url(group), fields).status_code == 409
    assert Operation.objects.count() == 0


def test_a_double_click_is_no_conflict(browser_of_staff: Client, group: DocumentGroup) -> None:
    fields = {**opened(browser_of_staff, group), "city": "Husum"}
    answers = [browser_of_staff.post(url(group), fields, follow=True) for _ in range(2)]
    assert "nothing more was sent" in text_of(answers[1])
    assert Operation.objects.count() == 1


def test_what_must_wait_loses_nothing(browser_of_staff: Client, group: DocumentGroup) -> None:
    browser_of_staff.post(url(group), {**opened(browser_of_staff, group), "city": "Kiel"})
    Operation.objects.update(state="sent")
    page = browser_of_staff.post(url(group), {**opened(browser_of_staff, group), "city": "Husum"})
    assert page.status_code == 409 and "still on its way to Zadarma" in text_of(page)
    assert form_of(page, "")["city"] == "Husum"
    assert Operation.objects.count() == 1


def test_customers_are_not_told_the_names_of_staff(
    connection: Connection, customer: Customer, member: User, staff: User
) -> None:
    group = DocumentGroupFactory(connection=connection, customer=customer)
    operation = groups.update_group(group, {**group.fields, "city": "Kiel"}, staff)
    assert editing.person_of(operation, staff.viewer()) == "staff@partner.example"
    assert editing.person_of(operation, member.viewer()) == "your provider's staff"
    operation.actor = member
    assert editing.person_of(operation, member.viewer()) == "member@first.example"


def test_a_version_tells_no_value(group: DocumentGroup) -> None:
    version = editing.standing(group).version
    assert not any(value and value in version for value in group.fields.values() if len(str(value)) > 3)
    other = DocumentGroupFactory(connection=group.connection, fields=group.fields)
    assert not set(version.split()[1:]) & set(editing.standing(other).version.split()[1:])


if database.vendor == "postgresql":
    from tests.sync.test_races import together

    def test_of_six_that_send_at_once_one_gets_through(group: DocumentGroup, staff: User) -> None:
        seen = editing.standing(group).version
        fields = [{**group.fields, "city": f"Town {number}"} for number in range(6)]
        errors = together(*[lambda one=one: editing.save(group.pk, one, seen, staff) for one in fields])
        assert [type(error) for error in errors] == [editing.Outdated] * 5
        assert Operation.objects.filter(kind="group_update").count() == 1


# Another country or salutation ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page_name", ["group-new", "group-edit"])
def test_looking_writes_nothing_keeps_what_was_typed_and_judges_nothing(
    browser_of_staff: Client, connection: Connection, group: DocumentGroup, customer: Customer, page_name: str
) -> None:
    address = reverse(page_name, args=[group.pk] if page_name == "group-edit" else [])
    typed = {**PERSON, "salutation": "COMPANY", "country": "DK", "email": "no e-mail", "zip_code": "x", "phone": "?"}
    typed |= {"street_code": "44", "customer": str(customer.pk), "last_name": ""}
    before = list(DocumentGroup.objects.order_by("pk").values())
    fields = form_of(browser_of_staff.get(address), "")
    page = browser_of_staff.post(address, {**fields, **typed, "look": "1"})
    kept = form_of(page, "")
    shown = typed if page_name == "group-new" else {**typed, "version": fields["version"]}
    if page_name == "group-edit":
        shown.pop("customer")
    assert {name: kept.get(name) for name in shown} == shown
    assert page.status_code == 200
    assert "field-error" not in page.content.decode() and not page.context["form"].errors
    assert list(DocumentGroup.objects.order_by("pk").values()) == before and Operation.objects.count() == 0
    assert [one["key"] for one in page.context["form"].sections()][1] == "company"


def test_danish_codes_outlive_a_look_at_another_country_and_are_not_sent_there(
    browser_of_staff: Client, connection: Connection
) -> None:
    address = reverse("group-new")
    fields = {**form_of(browser_of_staff.get(address), ""), **PERSON, "street_code": "0044", "country": "DE"}
    kept = form_of(browser_of_staff.post(address, {**fields, "look": "1"}), "")
    assert kept["street_code"] == "0044"
    assert form_of(browser_of_staff.post(address, {**kept, "country": "DK", "look": "1"}), "")["street_code"] == "0044"
    assert browser_of_staff.post(address, kept).status_code == 302
    assert "street_code" not in Operation.objects.get().params["fields"]


def test_nothing_personal_lands_in_addresses_messages_or_logs(
    simulator: SimulatorProcess,
    browser_of_staff: Client,
    colleague: Client,
    group: DocumentGroup,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    mine = opened(browser_of_staff, group)
    colleague.post(url(group), {**opened(colleague, group), "city": "Geheimstadt"})
    browser_of_staff.post(url(group), {**mine, "city": "Husumtown", "look": "1"})
    conflict = browser_of_staff.post(url(group), {**mine, "city": "Husumtown"})
    answer = browser_of_staff.post(url(group), form_of(conflict, ""))
    assert answer.status_code == 302
    perform_planned()
    after = browser_of_staff.get(answer.url)
    told = [answer.url, *(str(message) for message in after.context["messages"]), caplog.text]
    assert not any(word in text for text in told for word in ("Geheimstadt", "Husumtown", group.fields["email"]))
    page = conflict.content.decode()
    assert "data-hx-get" not in page.split('id="group-sections"')[1].split("</form>")[0]
    assert simulator.requests(CREATE) == []
