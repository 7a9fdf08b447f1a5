"""Every address of the panel, as every kind of person: each may do what the table says, and nothing else.

A new address fails these tests until it stands in the table.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from direct_numbers.models import Direction, Number, Order
from documents.models import DocumentGroup
from people.models import Customer, User
from sync.models import Connection, ConnectionImport
from tests import factories
from tests.support.reading import text_of

# What an address answers: to staff, to a member of the customer whose row it is, to a member of another customer.
OK, MOVED, NO, NONE, BAD, GONE, UNFIT = 200, 302, 403, 404, 400, 410, 422
GET, POST = "GET", "POST"
LISTS = (OK, OK, OK)
STAFF = (OK, NO, NO)
OWN = (OK, OK, NONE)
NOBODY = (NONE, NONE, NONE)
ACTS = (MOVED, NO, NO)
TABLE: dict[str, dict[str, tuple[int, int, int]]] = {
    "home": {GET: LISTS},
    "number-list": {GET: LISTS},
    "order-list": {GET: LISTS},
    "group-list": {GET: LISTS},
    "run-list": {GET: STAFF},
    "audit-list": {GET: STAFF},
    "audit-csv": {POST: STAFF},
    "customer-list": {GET: STAFF},
    "customer-new": {GET: STAFF, POST: STAFF},
    "customer-edit": {GET: STAFF, POST: STAFF},
    "customer-export": {POST: STAFF},
    "customer-erase": {GET: STAFF, POST: STAFF},
    "customer-end-access": {POST: ACTS},
    "customer-give-access": {POST: ACTS},
    "customer-invite": {POST: (BAD, NO, NONE)},
    "member-list": {GET: (MOVED, OK, OK)},
    "member-role": {POST: (MOVED, NO, NONE)},
    "member-remove": {POST: (MOVED, NO, NONE)},
    "staff-list": {GET: STAFF},
    "staff-invite": {POST: (BAD, NO, NO)},
    "staff-role": {POST: (NONE, NO, NO)},
    "staff-remove": {POST: (NONE, NO, NO)},
    "invitation": {GET: (GONE, GONE, GONE), POST: (GONE, GONE, GONE)},
    "invitation-link": {GET: (MOVED, MOVED, MOVED)},
    "invitation-again": {POST: (MOVED, NO, NONE)},
    "invitation-withdraw": {POST: (MOVED, NO, NONE)},
    "styleguide": {GET: STAFF},
    "sync-now": {POST: ACTS},
    "connection-resume": {POST: ACTS},
    "account-list": {GET: STAFF},
    "account-new": {GET: STAFF, POST: (UNFIT, NO, NO)},
    "account-edit": {GET: STAFF, POST: STAFF},
    "account-pair": {GET: STAFF, POST: (UNFIT, NO, NO)},
    "account-default": {POST: ACTS},
    "account-pause": {POST: ACTS},
    "account-import": {GET: STAFF, POST: (UNFIT, NO, NO)},
    "account-import-result": {GET: STAFF},
    "operation-list": {GET: STAFF},
    "operation": {GET: STAFF},
    "operation-look": {POST: ACTS},
    "operation-decide": {POST: ACTS},
    "number": {GET: OWN},
    "number-changes": {GET: OWN},
    "number-refresh": {POST: (MOVED, MOVED, NONE)},
    "number-route": {POST: (BAD, NO, NO)},
    "number-caller-name": {POST: (MOVED, NO, NO)},
    "number-autorenewal": {POST: (BAD, NO, NO)},
    "number-sms": {POST: (BAD, NO, NO)},
    "number-channels": {POST: (BAD, NO, NO)},
    "number-prolong": {GET: STAFF},
    "numbers-assign": {GET: (BAD, NO, NO), POST: (BAD, NO, NO)},
    "groups-assign": {GET: (BAD, NO, NO), POST: (BAD, NO, NO)},
    "numbers-prolong": {GET: (BAD, NO, NO), POST: (BAD, NO, NO)},
    "prolong-result": {GET: OWN},
    "prolong-progress": {GET: OWN},
    "number-assign": {POST: ACTS},
    "order": {GET: (MOVED, OK, NONE)},
    "order-progress": {GET: OWN},
    "order-new": {GET: STAFF, POST: STAFF},
    "order-cancel": {POST: ACTS},
    "order-reopen": {POST: ACTS},
    "order-check": {POST: ACTS},
    "order-approve": {POST: ACTS},
    "order-reject": {POST: ACTS},
    "order-country": {GET: STAFF, POST: STAFF},
    "order-direction": {GET: (MOVED, NO, NO), POST: ACTS},
    "order-number": {GET: (MOVED, NO, NO), POST: ACTS},
    "order-documents": {GET: (MOVED, NO, NO), POST: ACTS},
    "order-new-group": {GET: (MOVED, NO, NO), POST: ACTS},
    "order-review": {GET: (MOVED, NO, NO), POST: ACTS},
    "order-routing": {GET: (MOVED, NO, NO), POST: ACTS},
    "group": {GET: OWN},
    "group-new": {GET: STAFF, POST: STAFF},
    "group-edit": {GET: STAFF, POST: STAFF},
    "group-assign": {POST: ACTS},
    "group-search": {POST: (MOVED, MOVED, MOVED)},
    "group-upload": {GET: STAFF, POST: (UNFIT, NO, NO)},
    "group-papers": {GET: OWN},
    "group-refresh": {POST: (MOVED, MOVED, NONE)},
    "upload-stop": {POST: ACTS},
    "upload-download": {POST: STAFF},
    "group-activates": {GET: OWN},
    "group-ask": {POST: ACTS},
    "group-asked": {GET: OWN},
    "group-verify": {POST: ACTS},
    "papers-for": {GET: LISTS},
    "direction-papers": {GET: LISTS},
    "direction-papers-ask": {POST: ACTS},
    "requirements-changed": {GET: LISTS},
    "switch-customer": {POST: (NONE, NONE, NONE)},
    "logo": {GET: (NONE, NONE, NONE)},
    "sign-in": {GET: (MOVED, MOVED, MOVED), POST: (MOVED, MOVED, MOVED)},
    "sign-out": {POST: (MOVED, MOVED, MOVED)},
    "set_language": {POST: (MOVED, MOVED, MOVED)},
    "account_login": {GET: (MOVED, MOVED, MOVED), POST: (MOVED, MOVED, MOVED)},
    "mfa_login_webauthn": {GET: (MOVED, MOVED, MOVED), POST: (MOVED, MOVED, MOVED)},
    "mfa_authenticate": {GET: (MOVED, MOVED, MOVED), POST: (MOVED, MOVED, MOVED)},
    "account_inactive": {GET: LISTS},
    "openid_connect_login": {GET: NOBODY},
    "openid_connect_callback": {GET: NOBODY},
    "account_signup": {GET: (MOVED, MOVED, MOVED), POST: (MOVED, MOVED, MOVED)},
    "account_email_verification_sent": {GET: LISTS},
    "account_confirm_email": {GET: LISTS, POST: NOBODY},
    "account_reset_password": {GET: LISTS, POST: LISTS},
    "account_reset_password_done": {GET: LISTS},
    "account_reset_password_from_key": {GET: LISTS, POST: LISTS},
    "account_reset_password_from_key_done": {GET: LISTS},
    "account": {GET: LISTS, POST: (UNFIT, UNFIT, UNFIT)},
    "mfa_index": {GET: LISTS, POST: (UNFIT, UNFIT, UNFIT)},
    "mfa_list_webauthn": {GET: LISTS, POST: (UNFIT, UNFIT, UNFIT)},
    "second-factor-required": {GET: (MOVED, MOVED, MOVED)},
    "account_email": {GET: LISTS, POST: (MOVED, MOVED, MOVED)},
    "account_change_password": {GET: LISTS, POST: LISTS},
    "account_set_password": {GET: (MOVED, MOVED, MOVED), POST: (MOVED, MOVED, MOVED)},
    "account_reauthenticate": {GET: LISTS, POST: LISTS},
    "mfa_reauthenticate": {GET: (MOVED, MOVED, MOVED), POST: (MOVED, MOVED, MOVED)},
    "mfa_reauthenticate_webauthn": {GET: (MOVED, MOVED, MOVED), POST: (MOVED, MOVED, MOVED)},
    "mfa_activate_totp": {GET: (MOVED, MOVED, MOVED), POST: (MOVED, MOVED, MOVED)},
    "mfa_deactivate_totp": {GET: NOBODY, POST: NOBODY},
    "mfa_add_webauthn": {GET: (MOVED, MOVED, MOVED), POST: (MOVED, MOVED, MOVED)},
    "mfa_remove_webauthn": {GET: (MOVED, MOVED, MOVED), POST: (MOVED, MOVED, MOVED)},
    "mfa_view_recovery_codes": {GET: NOBODY},
    "mfa_generate_recovery_codes": {GET: (MOVED, MOVED, MOVED), POST: (MOVED, MOVED, MOVED)},
    "sessions-end": {POST: (MOVED, MOVED, MOVED)},
    "session-end": {POST: NOBODY},
    "healthz": {GET: LISTS},
}
SIGNING_IN = {
    "account_login", "mfa_login_webauthn", "mfa_authenticate", "account_inactive", "openid_connect_login",
    "openid_connect_callback", "account_signup", "account_email_verification_sent", "account_confirm_email",
    "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}  # fmt: skip
OPEN_TO_ALL = {"sign-in", "sign-out", "healthz", "set_language", "logo", "invitation", "invitation-link", *SIGNING_IN}
LISTS_AND_NEW = {
    *("number-list", "numbers-assign", "groups-assign", "numbers-prolong", "group-list", "group-new", "group-search"),
    "operation-list",
}
# What a stranger gets from those that are open and answer something else than a page.
ANSWERS = {
    "mfa_login_webauthn": MOVED, "mfa_authenticate": MOVED, "openid_connect_login": NONE,
    "openid_connect_callback": NONE, "account_signup": NONE,
}  # fmt: skip
ARGUMENTS: dict[str, list[Any]] = {
    "openid_connect_login": ["sso"], "openid_connect_callback": ["sso"], "account_confirm_email": ["no-such-key"],
    "account_reset_password_from_key": ["1", "no-key"], "mfa_remove_webauthn": [987654], "session-end": [987654],
}  # fmt: skip
CASES = [(name, method) for name, methods in TABLE.items() for method in methods]
pytestmark = pytest.mark.django_db


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    """Every address below `resolver`."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        else:
            yield entry


@pytest.fixture
def secrets_of_the_first(customer: Customer, offline: Connection, staff: User) -> dict[str, Any]:
    """Rows of the first customer with words that nobody else may read."""
    group = factories.DocumentGroupFactory(
        connection=offline, customer=customer, fields={"first_name": "Xaver", "last_name": "Secretson"}
    )
    number = factories.NumberFactory(
        connection=offline, customer=customer, number="442099999999", number_name="SecretLine", sip="555777"
    )
    order = factories.OrderFactory(
        connection=offline, customer=customer, created_by=staff, wanted_number="442088888888", group=group
    )
    operation = factories.OperationFactory(
        connection=offline, object_id=number.pk, state="done", params={"caller_name": "SecretLine"}
    )
    prolongation = factories.OperationFactory(
        connection=offline, kind="prolong", object_id=number.pk, batch=uuid4(), params={"months": 1}, state="done"
    )
    direction = factories.DirectionFactory(uploads_en=[{"type": "passport", "text": "Passport"}], requirement="a")
    factories.OfferFactory(connection=offline, direction=direction)
    Direction.objects.filter(pk=direction.pk).update(requirement_changed_at=timezone.now() + timedelta(hours=1))
    Number.objects.filter(pk=number.pk).update(group_remote_id=group.remote_id, direction=direction)
    colleague = factories.UserFactory(email="colleague@secret.example")
    return {
        "member": colleague,
        "membership": colleague.memberships.create(customer=customer, role="viewer"),
        "invitation": customer.invitations.create(
            email="new@secret.example", role="viewer", digest="d", expires_at=timezone.now() + timedelta(days=1)
        ),
        "direction": direction,
        "prolong": prolongation,
        "number": number,
        "order": order,
        "group": group,
        "upload": factories.UploadFactory(group=group, name="SecretScan.pdf", content=b"SecretScan"),
        "customer": customer,
        "connection": offline,
        "operation": operation,
    }


def address(name: str, rows: dict[str, Any]) -> str:
    """The address, with the ids of the first customer's rows."""
    if name in ARGUMENTS:
        return reverse(name, args=ARGUMENTS[name])
    if name.startswith("order") and name not in ("order-list", "order-new"):
        return reverse(name, args=[rows["order"].public_id])
    if name.startswith("prolong"):
        return reverse(name, args=[rows["prolong"].batch])
    if name == "group-verify":
        return reverse(name, args=[rows["group"].pk, rows["direction"].remote_id])
    if name.startswith("direction-papers"):
        return reverse(name, args=[rows["direction"].remote_id])
    if name == "account-import-result":
        return reverse(name, args=[ConnectionImport.objects.create().pk])
    if name in ("account-edit", "account-pair", "account-default", "account-pause"):
        return reverse(name, args=[rows["connection"].pk])
    if name == "invitation-link":
        return reverse(name, args=["not-a-token"])
    if name in ("invitation-again", "invitation-withdraw"):
        return reverse(name, args=[rows["invitation"].pk])
    if name in ("member-role", "member-remove"):
        return reverse(name, args=[rows["membership"].pk])
    if name in ("staff-role", "staff-remove"):
        return reverse(name, args=[rows["member"].pk])
    for prefix in ("number", "group", "upload", "customer", "connection", "operation"):
        if name.startswith(prefix) and name not in LISTS_AND_NEW:
            if name in ("customer-list", "customer-new"):
                break
            return reverse(name, args=[rows[prefix].pk])
    return reverse(name)


def test_every_address_is_in_the_table() -> None:
    found = {pattern.name for pattern in patterns(get_resolver())}
    assert found == set(TABLE)


@pytest.mark.parametrize("who", ["staff", "member", "outsider"])
@pytest.mark.parametrize(("name", "method"), CASES)
def test_each_person_may_do_what_the_table_says(
    client: Client,
    secrets_of_the_first: dict[str, Any],
    staff: User,
    member: User,
    outsider: User,
    asks_once: None,
    name: str,
    method: str,
    who: str,
) -> None:
    people = {"staff": staff, "member": member, "outsider": outsider}
    client.force_login(people[who])
    answer = client.generic(method, address(name, secrets_of_the_first))
    wanted = TABLE[name][method][list(people).index(who)]
    assert answer.status_code == wanted
    if who == "outsider" and name not in OPEN_TO_ALL:
        shown = answer.getvalue().decode()
        assert not [word for word in ("Secret", "9999999", "8888888", "555777", "First customer") if word in shown]


@pytest.mark.parametrize(("name", "method"), [case for case in CASES if case[0] not in OPEN_TO_ALL])
def test_who_is_not_signed_in_is_led_to_sign_in(
    client: Client, secrets_of_the_first: dict[str, Any], name: str, method: str
) -> None:
    url = address(name, secrets_of_the_first)
    answer = client.generic(method, url)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in/?next=")


NOT_PLAIN = {"set_language", "sign-out", "logo", "invitation", "invitation-link"}


@pytest.mark.parametrize("name", sorted(OPEN_TO_ALL - NOT_PLAIN))
def test_what_is_open_to_all_shows_nothing_of_anybody(
    client: Client, secrets_of_the_first: dict[str, Any], name: str
) -> None:
    answer = client.get(address(name, secrets_of_the_first))
    assert answer.status_code == ANSWERS.get(name, OK)
    assert "Secret" not in answer.content.decode()


@pytest.mark.parametrize(("name", "method"), [case for case in CASES if case[1] == POST and GET not in TABLE[case[0]]])
def test_what_changes_something_is_not_done_by_looking(
    browser_of_staff: Client, secrets_of_the_first: dict[str, Any], name: str, method: str
) -> None:
    assert browser_of_staff.get(address(name, secrets_of_the_first)).status_code in (405, 302)
    rows = secrets_of_the_first
    assert Order.objects.get(pk=rows["order"].pk).state == "draft"


@pytest.mark.parametrize("who", ["member", "outsider"])
def test_lists_show_a_member_what_is_the_customers_and_nothing_else(
    client: Client, secrets_of_the_first: dict[str, Any], member: User, outsider: User, who: str
) -> None:
    factories.NumberFactory(connection=secrets_of_the_first["connection"], number="442077777777")
    client.force_login({"member": member, "outsider": outsider}[who])
    for name in ("number-list", "group-list", "home"):
        shown = client.get(reverse(name)).content.decode()
        assert "77777777" not in shown
    listed = list(client.get(reverse("number-list")).context["page"])
    assert [number.number for number in listed] == (["442099999999"] if who == "member" else [])
    groups = list(client.get(reverse("group-list")).context["page"])
    assert [group.title for group in groups] == (["Xaver Secretson"] if who == "member" else [])


@pytest.mark.parametrize("model", [Number, Order, DocumentGroup])
def test_ids_that_nobody_has_are_answered_like_those_of_others(
    client: Client, secrets_of_the_first: dict[str, Any], outsider: User, model: type
) -> None:
    client.force_login(outsider)
    name = {Number: "number", Order: "order", DocumentGroup: "group"}[model]
    theirs = client.get(address(name, secrets_of_the_first))
    missing = factories.OrderFactory.build().public_id if model is Order else 987654
    nobodys = client.get(reverse(name, args=[missing]))
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert text_of(theirs) == text_of(nobodys)


def test_a_staff_member_sees_nothing_of_a_hidden_account(
    browser_of_staff: Client, secrets_of_the_first: dict[str, Any]
) -> None:
    Connection.objects.update(is_hidden=True, is_default=False)
    for name in ("number", "order-progress", "group", "number-changes"):
        assert browser_of_staff.get(address(name, secrets_of_the_first)).status_code == 404
