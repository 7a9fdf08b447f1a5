"""A customer is erased: nothing of theirs can be read any more, and nothing of anybody else is touched."""

import io
import re
from types import SimpleNamespace

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from direct_numbers import history
from documents import names
from documents import queries as document_queries
from documents.models import Document, DocumentGroup, NameToken, Upload
from people import data_keys, personal, queries, sessions
from people.keys import unseal_bytes
from people.models import Customer, DataKey, Membership, PrivacyEvent, Session, User
from sync.models import Change, Connection, Operation
from tests import factories
from tests.support.reading import form_of, text_of
from tests.support.whole_customer import cells, change, places_of, whole_customer

pytestmark = pytest.mark.django_db
# What Zadarma goes on telling of the number: it is read anew every five minutes.
ZADARMAS = {"numbers_number.number_name", "numbers_number.sip"}


@pytest.fixture
def whole(offline: Connection) -> SimpleNamespace:
    """The customer that is erased."""
    return whole_customer("Qxaver", offline)


@pytest.fixture
def foreign(offline: Connection) -> SimpleNamespace:
    """Another one, who must not notice."""
    return whole_customer("Zwolle", offline, "442055509999")


def test_nothing_of_theirs_is_anywhere_in_the_database(whole: SimpleNamespace, client: Client, staff: User) -> None:
    client.force_login(whole.member)
    before = places_of("Qxaver")
    assert before >= ZADARMAS | {
        "people_customer.name",
        "people_customer.reference",
        "people_user.email",
        "people_user.name",
        "documents_documentgroup.fields",
        "documents_documentgroup.error",
        "documents_documentgroup.wrong_document",
        "documents_documentgroup.wrong_address",
        "documents_document.name",
        "documents_upload.name",
        "documents_upload.doc_name",
        "documents_upload.content",
        "documents_upload.error",
        "numbers_order.purpose",
        "numbers_order.error",
        "numbers_order.sip_id",
        "sync_operation.params",
        "sync_operation.answer",
        "sync_operation.evidence",
        "sync_operation.error",
        "sync_change.old",
        "sync_change.new",
    }
    personal.erase(whole.customer, staff)
    assert places_of("Qxaver") == ZADARMAS
    assert not NameToken.objects.exists()
    assert not names.found(DocumentGroup.objects.all(), "Qxaver").exists()


def test_what_the_keys_sealed_can_never_be_opened_again(whole: SimpleNamespace, staff: User) -> None:
    number = b"%d:" % whole.group.data_key_id
    kept = [value for _place, value in cells() if value.startswith(number)]
    assert len(kept) >= 10
    assert b"Qxaver" in b"".join(data_keys.unseal_any(value) or b"" for value in kept)
    personal.erase(whole.customer, staff)
    data_keys.forget()
    assert {data_keys.unseal_any(value) for value in kept} == {None}
    # Only the journal keeps what nobody can open; everywhere else nothing is left of it.
    left = {place for place, value in cells() if value.startswith(number)}
    assert left == {"sync_operation.params", "sync_operation.answer", "sync_operation.error"}
    # With everything that the database and the settings still hold:
    keys = [Fernet(key) for key in settings.ENCRYPTION_KEYS]
    keys += [Fernet(unseal_bytes(value)) for place, value in cells() if place == "people_datakey.sealed" and value]
    for value in kept:
        for key in keys:
            with pytest.raises(InvalidToken):
                key.decrypt(re.sub(rb"^[0-9]+:", b"", value))


def test_another_customer_is_as_before(whole: SimpleNamespace, foreign: SimpleNamespace, staff: User) -> None:
    before = places_of("Zwolle")
    rows = {place: value for place, value in cells() if b"zwolle" in value.lower()}
    personal.erase(whole.customer, staff)
    assert places_of("Zwolle") == before
    assert {place: value for place, value in cells() if b"zwolle" in value.lower()} == rows
    assert Membership.objects.get().user == foreign.member
    assert list(names.found(DocumentGroup.objects.all(), "zwolle")) == [foreign.group]
    foreign.number.refresh_from_db()
    assert foreign.number.customer == foreign.customer


def test_what_is_left(whole: SimpleNamespace, staff: User) -> None:
    counts = personal.erase(whole.customer, staff)
    assert counts == {
        "orders": 1,
        "labels": 1,
        "numbers": 1,
        "document groups": 1,
        "keys": 1,
        "documents": 1,
        "uploads": 1,
        "people": 1,
        "memberships": 1,
        "notices": 0,
    }
    group = DocumentGroup.objects.get()
    assert (group.fields, group.title, group.remote_id) == ({}, "Erased", whole.group.remote_id)
    assert group.erased_at == whole.customer.erased_at is not None
    assert not Document.objects.exists() and Upload.objects.get().content == b""
    whole.number.refresh_from_db()
    assert whole.number.customer is None
    change = Change.objects.get(field="customer")
    assert (change.old, change.new) == (f"#{whole.customer.pk}", "")
    assert whole.customer.name == f"Erased customer {whole.customer.pk}"
    (event,) = PrivacyEvent.objects.all()
    assert (event.kind, event.customer, event.actor) == ("erased", whole.customer, staff)
    with pytest.raises(personal.ErasedAlready):
        personal.erase(whole.customer, staff)


def test_history_of_another_time_is_not_touched(whole: SimpleNamespace, staff: User) -> None:
    """Before the number was theirs, and after: only what they chose goes."""
    other = factories.CustomerFactory()
    Change.objects.all().delete()
    theirs, mark = f"#{whole.customer.pk}", f"#{other.pk}"
    told = [
        ("number_name", "", "First"),
        ("customer", mark, theirs),
        ("number_name", "First", "Qxaver"),
        ("customer", theirs, mark),
        ("number_name", "Qxaver", "Last"),
        ("number_name", "Last", "Later"),
    ]
    for field, old, new in told:
        change(whole.number, field, old, new)
    personal.erase(whole.customer, staff)
    kept = Change.objects.exclude(field="customer").order_by("pk").values_list("old", "new")
    assert list(kept) == [("", "First"), ("", ""), ("", "Last"), ("Last", "Later")]


# People --------------------------------------------------------------------------------------------------------------


def test_their_people_are_signed_out_and_stay_out(whole: SimpleNamespace, staff: User) -> None:
    theirs, ours = Client(), Client()
    theirs.force_login(whole.member)
    ours.force_login(staff)
    assert theirs.get(reverse("home")).status_code == 200
    personal.erase(whole.customer, staff)
    assert Session.objects.get().get_decoded()["_auth_user_id"] == str(staff.pk)
    assert theirs.get(reverse("home")).status_code == 302
    assert ours.get(reverse("home")).status_code == 200
    user = User.objects.get(pk=whole.member.pk)
    assert (user.name, user.email) == ("", f"erased-{user.pk}@erased.invalid")
    assert not user.is_active and not user.has_usable_password()
    assert not theirs.login(username="qxaver@first.example", password="correct horse battery")


def test_who_belongs_to_another_customer_too_stays(
    whole: SimpleNamespace, foreign: SimpleNamespace, staff: User, outsider: User
) -> None:
    whole.member.memberships.create(customer=foreign.customer)
    staff.memberships.create(customer=whole.customer)
    theirs = Client()
    theirs.force_login(whole.member)
    personal.erase(whole.customer, staff)
    for user, email in ((whole.member, "qxaver@first.example"), (staff, "staff@partner.example")):
        user.refresh_from_db()
        assert user.email == email and user.is_active
    assert theirs.get(reverse("home")).status_code == 200
    assert whole.member.viewer().customer_ids == {foreign.customer.pk}


# Pages ----------------------------------------------------------------------------------------------------------------


def test_all_pages_can_still_be_read(browser_of_staff: Client, whole: SimpleNamespace, staff: User) -> None:
    whole.operations.sealed = factories.OperationFactory(
        connection=whole.group.connection,
        kind="document_upload",
        object_type="upload",
        object_id=whole.upload.pk,
        data_key=whole.group.data_key,
        state="done",
        params={"document_type": "passport", "size": 8},
    )
    personal.erase(whole.customer, staff)
    data_keys.forget()
    urls = [reverse("operation", args=[row.pk]) for row in vars(whole.operations).values()]
    urls += [reverse("group", args=[whole.group.pk]), reverse("number", args=[whole.number.pk])]
    urls += [reverse("order", args=[whole.order.public_id]), reverse("customer-edit", args=[whole.customer.pk])]
    urls += [reverse(name) for name in ("home", "number-list", "order-list", "group-list", "operation-list")]
    for url in urls:
        answer = browser_of_staff.get(url)
        assert answer.status_code == 200, url
        shown = text_of(answer)
        if "number" not in url:  # its caller name is Zadarma's
            assert "Qxaver" not in shown and "0 bytes" not in shown, url
    assert not [e for e in history.timeline(whole.number, staff.viewer()) if "Qxaver" in f"{e['title']}{e['text']}"]
    receipt = text_of(browser_of_staff.get(urls[0]))
    assert "erased with its customer" in receipt and "no longer kept" in receipt


def test_erased_ones_are_greyed_in_the_list_and_offered_nowhere(
    browser_of_staff: Client, whole: SimpleNamespace, foreign: SimpleNamespace, staff: User
) -> None:
    personal.erase(whole.customer, staff)
    listed = browser_of_staff.get(reverse("customer-list"))
    assert [row.pk for row in listed.context["page"]] == [foreign.customer.pk, whole.customer.pk]
    assert b'class="is-erased"' in listed.content
    assert list(queries.customers(staff.viewer())) == [foreign.customer]
    connection = whole.group.connection
    for owner in (whole.customer.pk, None):
        assert whole.group not in document_queries.orderable(staff.viewer(), connection, owner)
    assert list(document_queries.orderable(staff.viewer(), connection, foreign.customer.pk)) == [foreign.group]


def test_the_page_names_the_consequence_and_wants_the_name(
    browser_of_staff: Client, whole: SimpleNamespace, staff: User
) -> None:
    page, url = (reverse(name, args=[whole.customer.pk]) for name in ("customer-edit", "customer-erase"))
    assert url.encode() in browser_of_staff.get(page).content
    shown = text_of(browser_of_staff.get(url))
    account = whole.group.connection.name
    for sentence in (
        "This can't be undone",
        f"Document group {whole.group.remote_id} stays in the account {account} with 1 file.",
        f"+44 20 5550 1234 still runs with the papers of document group {whole.group.remote_id}.",
    ):
        assert sentence in shown
    fields = form_of(browser_of_staff.get(url), "")
    refused = browser_of_staff.post(url, {**fields, "name": "Qxaver"})
    assert "This is not the customer's name." in text_of(refused)
    assert Customer.objects.get(pk=whole.customer.pk).erased_at is None
    done = browser_of_staff.post(url, {**fields, "name": " Qxaver  Ltd "}, follow=True)
    shown = text_of(done)
    assert "The customer's data are erased here." in shown and "Qxaver" not in shown
    assert f"Document group {whole.group.remote_id} stays in the account {account} with its files." in shown
    assert "Data erased" in shown and staff.email in shown
    for method in (browser_of_staff.get, browser_of_staff.post):
        assert method(url).headers["Location"] == page
    assert browser_of_staff.post(page, {"name": "Back again"}).status_code == 302
    assert Customer.objects.get(pk=whole.customer.pk).name.startswith("Erased")


def test_the_page_says_why_it_can_not_be_done_now(browser_of_staff: Client, whole: SimpleNamespace) -> None:
    url = reverse("customer-erase", args=[whole.customer.pk])
    fields = form_of(browser_of_staff.get(url), "")
    factories.OperationFactory(object_type="group", object_id=whole.group.pk, state="unknown")
    assert "under way at Zadarma" in text_of(browser_of_staff.get(url))
    answer = browser_of_staff.post(url, {**fields, "name": "Qxaver Ltd"})
    assert answer.status_code == 409
    assert "1 change of their papers is still under way at Zadarma." in text_of(answer)
    assert Customer.objects.get(pk=whole.customer.pk).erased_at is None


# The command ----------------------------------------------------------------------------------------------------------


def test_the_command_wants_the_name(whole: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr("builtins.input", lambda _asked: "somebody else")
    with pytest.raises(CommandError, match="not the customer's name"):
        call_command("erase_customer", str(whole.customer.pk), stdout=out)
    assert places_of("Qxaver") > ZADARMAS
    monkeypatch.setattr("builtins.input", lambda _asked: "Qxaver Ltd")
    call_command("erase_customer", str(whole.customer.pk), stdout=out)
    assert places_of("Qxaver") == ZADARMAS
    assert "stays in the account" in out.getvalue() and "keys 1" in out.getvalue()
    assert PrivacyEvent.objects.get().actor is None


def test_the_command_for_scripts(whole: SimpleNamespace) -> None:
    open_one = factories.OperationFactory(object_type="group", object_id=whole.group.pk)
    with pytest.raises(CommandError, match="Nothing was erased. 1 change of their papers"):
        call_command("erase_customer", str(whole.customer.pk), "--yes", stdout=io.StringIO())
    Operation.objects.filter(pk=open_one.pk).update(state="cancelled")
    call_command("erase_customer", str(whole.customer.pk), "--yes", stdout=io.StringIO())
    with pytest.raises(CommandError, match="erased already"):
        call_command("erase_customer", str(whole.customer.pk), "--yes")
    with pytest.raises(CommandError, match="no customer"):
        call_command("erase_customer", "987654", "--yes")


def test_one_failure_undoes_all_of_it(whole: SimpleNamespace, staff: User, monkeypatch: pytest.MonkeyPatch) -> None:
    before = places_of("Qxaver")

    def fails(*arguments: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(sessions, "end", fails)
    with pytest.raises(RuntimeError):
        personal.erase(whole.customer, staff)
    assert places_of("Qxaver") == before
    assert DataKey.objects.get(pk=whole.group.data_key_id).destroyed_at is None
    assert not PrivacyEvent.objects.exists()
