"""Every address and every form of the panel, as every kind of person, with rows of two customers.

The table (`tests.support.isolation_table`) says of each address what of `people.permissions` it needs, and what it
answers to who has that. From it:
- who lacks it is answered 403, before anything is looked up;
- who has it is answered 404 where the row is another customer's, exactly as for a row that does not exist;
- who is signed in and belongs to nobody may see Home and what is their own;
- who is not signed in is led to sign-in, and from there back.
A new address fails these tests until it stands in the table: one line.
"""

from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, ResolverMatch, resolve, reverse

from direct_numbers.models import Order
from people import customers
from people.middleware import CURRENT_CUSTOMER
from people.models import Customer, User
from people.permissions import TABLE as PERMISSIONS
from people.permissions import CustomerRole
from sync.models import Connection, Operation
from tests import factories
from tests.support.isolation import (
    ARGUMENTS,
    GET,
    IN_AN_ACCOUNT,
    NOBODYS,
    OF_A_CUSTOMER,
    PEOPLE,
    POST,
    ROLES,
    Scene,
    address,
    address_of_nothing,
    make_scene,
    patterns,
    secrets_in,
    sign_in,
    steps_of,
)
from tests.support.isolation_table import ASKS_LATER, BAD, MOVED, NO, NONE, OK, TABLE
from tests.support.reading import text_of

# What stands there leads nowhere.
SAMPLES = "styleguide"
CASES = [(name, method) for name, row in TABLE.items() for method in row.methods]
pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(customer: Customer, other_customer: Customer, offline: Connection, asks_once: None) -> Scene:
    """Rows of two customers and eight people."""
    return make_scene(customer, other_customer, offline)


def role_of(who: str) -> str:
    """As what somebody stands in the table of permissions."""
    return {"stranger": str(CustomerRole.MANAGER)}.get(who, who)


def wanted(name: str, method: str, who: str, whose: str) -> int:
    """What the table says: the status that `who` is answered, with a row of the `first` or the `second` customer."""
    row = TABLE[name]
    need, status = row.methods[method]
    if who == "anonymous" and not row.is_open:
        return MOVED
    if need is not None and need not in PERMISSIONS.get(role_of(who), frozenset()):
        return NO
    theirs = {"manager": "first", "viewer": "first", "stranger": "second"}.get(who, whose)
    if row.about in OF_A_CUSTOMER and whose != theirs:
        return NONE
    return row.unlike.get((who, method), status)


def test_every_address_is_in_the_table() -> None:
    found = {pattern.name for pattern in patterns()}
    assert found == set(TABLE)


@pytest.mark.parametrize("name", list(TABLE))
def test_every_view_asks_the_table_of_permissions_for_what_is_said_here(name: str) -> None:
    row = TABLE[name]
    (pattern,) = [one for one in patterns() if one.name == name]
    needed = {need for need, _status in row.methods.values()}
    if name in ASKS_LATER:
        needed = {ASKS_LATER[name]}
    assert needed == {getattr(pattern.callback, "needs", None)}


def test_what_is_open_to_all_is_what_the_table_says() -> None:
    is_open = {str(one.name) for one in patterns() if not getattr(one.callback, "login_required", True)}
    assert is_open == {name for name, row in TABLE.items() if row.is_open}


@pytest.mark.parametrize(("name", "method"), CASES)
def test_each_person_is_answered_as_the_table_says(scene: Scene, name: str, method: str) -> None:
    about, answered, expected, leaks = TABLE[name].about, {}, {}, {}
    for who in PEOPLE:
        for whose, rows in (("first", scene.first), ("second", scene.second)):
            url = address(name, about, rows)
            answer: Any = scene.ask(who, method, url)
            answered[who, whose] = answer.status_code
            expected[who, whose] = wanted(name, method, who, whose)
            hidden = {"manager": ["second"], "viewer": ["second"], "stranger": ["first"]}.get(who, ["first", "second"])
            found = [word for name_of in hidden for word in secrets_in(answer.told, name_of)]
            if who not in ("owner", "operator", "auditor") and found:
                leaks[who, whose] = found
            if who == "anonymous" and not TABLE[name].is_open:
                assert answer.headers["Location"] == f"{reverse('sign-in')}?next={url}"
            if about not in OF_A_CUSTOMER:
                break
    assert answered == expected
    assert leaks == {}


@pytest.mark.parametrize(("name", "method"), [case for case in CASES if TABLE[case[0]].about in OF_A_CUSTOMER])
def test_ids_that_nobody_has_are_answered_like_those_of_others(scene: Scene, name: str, method: str) -> None:
    about = TABLE[name].about
    for who in ("stranger", "viewer", "loner"):
        rows = scene.second if who == "viewer" else scene.first
        theirs: Any = scene.ask(who, method, address(name, about, rows))
        nobodys: Any = scene.ask(who, method, address_of_nothing(name, about, rows))
        assert theirs.status_code == nobodys.status_code in (NO, NONE)
        assert text_of(theirs) == text_of(nobodys)
        assert set(theirs.headers) == set(nobodys.headers)


def test_people_of_a_customer_whose_access_ended_are_answered_like_those_of_none(scene: Scene) -> None:
    owner, person = User.objects.get(email="owner@people.example"), User.objects.get(email="manager@people.example")
    before: Any = scene.browsers["manager"].get(reverse("number-list"))
    assert customers.end_access(scene.first.customer, by=owner)
    ended: Any = scene.browsers["manager"].get(reverse("number-list"))
    assert (before.status_code, ended.status_code) == (OK, MOVED)
    sign_in(scene.browsers["manager"], person)
    answered, expected = {}, {}
    for name, method in CASES:
        url = address(name, TABLE[name].about, scene.first)
        answer: Any = scene.ask("manager", method, url)
        answered[name, method] = answer.status_code, secrets_in(answer.told, "first")
        expected[name, method] = wanted(name, method, "loner", "first"), []
    assert answered == expected


@pytest.mark.parametrize(
    ("name", "method"),
    [(name, GET if row.get is None else POST) for name, row in TABLE.items() if len(row.methods) == 1],
)
def test_no_address_takes_a_method_that_it_was_not_made_for(scene: Scene, name: str, method: str) -> None:
    answer: Any = scene.ask("owner", method, address(name, TABLE[name].about, scene.first))
    assert answer.status_code in ((405, MOVED) if name == "set_language" else (405,))


# Forms and links -----------------------------------------------------------------------------------------------------


def match_of(url: str) -> ResolverMatch:
    """The address that a form or link leads to. AssertionError where there is none."""
    try:
        return resolve(url.partition("?")[0])
    except Resolver404:
        raise AssertionError(f"{url} leads nowhere") from None


@pytest.mark.parametrize("who", [*ROLES, "stranger", "loner"])
def test_whatever_a_page_offers_is_granted(scene: Scene, who: str) -> None:
    rows = scene.second if who == "stranger" else scene.first
    seen, refused, unknown = set(), [], set()
    todo = [address(name, row.about, rows) for name, row in TABLE.items() if GET in row.methods and name != SAMPLES]
    todo += [reverse("order", args=[order.public_id]) for order in Order.objects.filter(customer=rows.customer)]
    pages = 0
    for here in todo:
        if (page := scene.ask(who, GET, here)).status_code != OK or b"<" not in page.getvalue():  # type: ignore[attr-defined]
            continue
        pages += 1
        for step in steps_of(here, page):
            match = match_of(step.url)
            key = (step.method, match.url_name, str(match.kwargs), step.fields if step.method == POST else ())
            if key in seen or match.url_name in ("sign-out", "set_language"):
                continue
            seen.add(key)
            if step.method not in TABLE[str(match.url_name)].methods:
                unknown.add((step.method, match.url_name))
                continue
            fields = [pair for pair in step.fields if pair[0] != "csrfmiddlewaretoken"]
            answer = scene.ask(who, step.method, step.url, dict(fields) if step.method == POST else None)
            if step.method == GET:
                todo.append(step.url)
            if answer.status_code in (NO, NONE, 405):
                refused.append((here, step.method, step.url, answer.status_code))
    assert pages
    assert refused == [], refused
    assert unknown == set()


def test_every_form_that_is_shown_posts_to_an_address_of_the_table(scene: Scene) -> None:
    shown = set()
    for name, row in TABLE.items():
        if GET not in row.methods or name == SAMPLES:
            continue
        here = address(name, row.about, scene.first)
        page: Any = scene.ask("owner", GET, here)
        shown |= {match_of(step.url).url_name for step in steps_of(here, page) if step.method == POST}
    # Seen by these tests at all, so that a reader of pages that finds nothing is noticed.
    assert {"number-route", "number-assign", "sync-now", "group-search", "order-new", "customer-export"} <= shown
    assert shown <= {name for name, row in TABLE.items() if POST in row.methods}


# Several at once -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("months", ["1", "12"])
def test_several_at_once_with_a_strangers_among_them_are_not_done(scene: Scene, months: str) -> None:
    mixed = {"ids": [str(scene.first.number.pk), str(scene.second.number.pk)], "months": months}
    page: Any = scene.ask("manager", GET, reverse("numbers-prolong"), mixed)
    own: Any = scene.ask("manager", GET, reverse("numbers-prolong"), {**mixed, "ids": mixed["ids"][:1]})
    missing = {**mixed, "ids": [mixed["ids"][0], str(NOBODYS)]}
    nobodys: Any = scene.ask("manager", GET, reverse("numbers-prolong"), missing)
    assert [number.pk for number in page.context["numbers"]] == [scene.first.number.pk]
    assert text_of(page) == text_of(nobodys) != text_of(own)
    assert not secrets_in(page.told, "second")
    confirmed = {"confirmed": own.context["confirmed"], "seen": own.context["seen"], "batch": own.context["batch"]}
    before = Operation.objects.count()
    browser = scene.browsers["manager"]
    for ids in (mixed["ids"], missing["ids"]):
        answer = browser.post(reverse("numbers-prolong"), {**mixed, **confirmed, "ids": ids})
        assert answer.status_code == BAD
        assert Operation.objects.count() == before
    assert browser.post(reverse("numbers-prolong"), {**mixed, **confirmed, "ids": mixed["ids"][1:]}).status_code == NONE
    assert Operation.objects.count() == before


# Lists ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "digits"), [("viewer", "442099999999"), ("stranger", "442066666666")])
def test_lists_show_what_is_the_customers_and_nothing_else(scene: Scene, who: str, digits: str) -> None:
    numbers: Any = scene.ask(who, GET, reverse("number-list"))
    assert [number.number for number in numbers.context["page"]] == [digits]
    mine = scene.second if who == "stranger" else scene.first
    groups: Any = scene.ask(who, GET, reverse("group-list"))
    assert [group.pk for group in groups.context["page"]] == [mine.group.pk]
    orders: Any = scene.ask(who, GET, reverse("order-list"))
    assert {order.customer_id for order in orders.context["page"]} == {mine.customer.pk}
    people: Any = scene.ask(who, GET, reverse("member-list"))
    assert {member.customer_id for member in people.context["members"]} == {mine.customer.pk}
    assert [invitation.pk for invitation in people.context["invited"]] == [mine.invitation.pk]


@pytest.mark.parametrize("who", ["owner", "manager", "stranger", "loner"])
def test_nobody_switches_to_a_customer_that_is_not_theirs(scene: Scene, who: str) -> None:
    browser = scene.browsers[who]
    theirs = {"manager": scene.first, "stranger": scene.second}.get(who)
    for rows in (scene.first, scene.second):
        answer = browser.post(reverse("switch-customer"), {"customer": rows.customer.pk})
        assert answer.status_code == (MOVED if rows is theirs else NONE)
    assert browser.session.get(CURRENT_CUSTOMER) == (theirs.customer.pk if theirs else None)


@pytest.mark.parametrize("words", ["4420", "Secret", "Hidden", "customer", "*9", "20"])
def test_no_search_and_no_filter_finds_what_is_a_strangers(scene: Scene, words: str) -> None:
    strangers = [str(scene.first.customer.pk), "none", ""]
    for customer in strangers:
        found: Any = scene.ask("stranger", GET, reverse("number-list"), {"q": words, "customer": customer})
        assert not secrets_in(found.told.replace(words, ""), "first")
        assert {number.customer_id for number in found.context["page"]} <= {scene.second.customer.pk}
    named: Any = scene.ask("stranger", POST, reverse("group-search"), {"name": "Xaver"})
    assert not list(named.context["page"])


def test_a_staff_member_sees_nothing_of_a_hidden_account(scene: Scene) -> None:
    Connection.objects.update(is_hidden=True, is_default=False)
    for name, row in TABLE.items():
        if row.about in IN_AN_ACCOUNT and GET in row.methods:
            answer: Any = scene.ask("owner", GET, address(name, row.about, scene.first))
            assert (name, answer.status_code) == (name, NONE)


def test_what_is_open_to_all_shows_nothing_of_anybody(scene: Scene) -> None:
    for name, row in TABLE.items():
        if row.is_open and GET in row.methods:
            answer: Any = scene.ask("anonymous", GET, reverse(name, args=ARGUMENTS[row.about](scene.first)))
            assert not secrets_in(answer.told, "first") and not secrets_in(answer.told, "second")


def test_looking_at_what_only_changes_does_nothing(scene: Scene) -> None:
    before = (Order.objects.get(pk=scene.first.order.pk).state, Operation.objects.count())
    for name, row in TABLE.items():
        if GET not in row.methods:
            scene.browsers["operator"].get(address(name, row.about, scene.first))
    assert (Order.objects.get(pk=scene.first.order.pk).state, Operation.objects.count()) == before
    assert factories.OrderFactory.build().state == "draft"


def test_these_tests_notice_a_secret_however_it_is_written() -> None:
    for text in ("+44 20 9999 9999", "<b>+44</b> 20\xa09999-9999", "Mr Secretson", "SecretScan.pdf", "555 777"):
        assert secrets_in(text, "first"), text
    assert not secrets_in("Nothing of it, +44 20 6666 6666", "first")


def test_a_browser_of_nobody_is_nobodys(scene: Scene) -> None:
    assert isinstance(scene.browsers["anonymous"], Client)
    assert "sessionid" not in scene.browsers["anonymous"].cookies
