"""The pages of what papers suit: what they say, what their buttons do, who may press them, and how many queries."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from direct_numbers import tasks
from direct_numbers.models import Asking, Direction
from documents.models import Document, DocumentGroup, GroupValidity
from people import data_keys
from people.models import Customer, User
from sync.models import Connection
from tests import factories
from tests.direct_numbers.conftest import Wizard
from tests.support.queries import sent_to_the_database
from tests.support.reading import form_of, text_of
from tests.support.scenes import read
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def group(connection: Connection, customer: Customer) -> DocumentGroup:
    """The papers of a person in Hamburg, a customer's, in an account that was read."""
    read(connection, "catalog", "documents")
    DocumentGroup.objects.filter(remote_id="1001").update(customer=customer)
    return DocumentGroup.objects.get(remote_id="1001")


def url(name: str, group: DocumentGroup, *more: str) -> str:
    """An address of a group's."""
    return reverse(f"group-{name}", args=[group.pk, *more])


def rows_of(page: HttpResponse) -> dict[str, Any]:
    """The rows that a page shows, by direction."""
    return {row.direction.remote_id: row for one in page.context["page"] for row in one.rows}


def test_the_button_asks_for_all_and_the_page_shows_how_far_it_is(
    browser_of_staff: Client, simulator: SimulatorProcess, group: DocumentGroup
) -> None:
    here = url("activates", group)
    before = browser_of_staff.get(here)
    count = before.context["questions"]
    assert f"Ask Zadarma (about {count} questions, about 1 minute)" in text_of(before)
    assert "What can be activated with these papers?" in text_of(before)
    open_page = browser_of_staff.post(url("ask", group), form_of(before, url("ask", group)), follow=True)
    assert f"Questions asked 0 of {count}" in text_of(open_page)
    assert f'data-hx-get="{url("asked", group)}"' in open_page.content.decode()
    GroupValidity.objects.create(
        group=group,
        direction_remote_id="3760",
        requirement=Direction.objects.get(remote_id="3760").requirement,
        as_of=timezone.now(),
        is_information_match=True,
        is_documents_uploaded=True,
        is_documents_verified=True,
        is_address_match=True,
    )
    assert f"Questions asked 1 of {count}" in text_of(browser_of_staff.get(url("asked", group)))
    tasks.ask_validity(group.pk)
    ended = browser_of_staff.get(url("asked", group))
    assert (ended.headers.get("HX-Refresh"), ended.content) == ("true", b"")
    after = browser_of_staff.get(here, {"kind": "ready"})
    assert "Ask Zadarma" not in text_of(after)
    ready = rows_of(after)
    assert {"3760", "13755"} <= set(ready) and {row.told.label for row in ready.values()} == {"ready"}
    assert "Told by Berlin, which wants the same." in text_of(after) and "No papers are wanted." in text_of(after)
    one = browser_of_staff.get(here, {"kind": "one", "q": "österr"})
    assert [country.country.iso for country in one.context["page"]] == ["AT"]
    assert "An address that fits – An address in the country of the number" in text_of(one)
    assert len(simulator.requests("groups/valid/")) == count - 1


def test_what_lacks_leads_to_what_mends_it(
    browser_of_staff: Client, client: Client, member: User, customer: Customer, group: DocumentGroup
) -> None:
    browser_of_staff.post(url("ask", group))
    tasks.ask_validity(group.pk)
    wanted = f"{reverse('group-upload', args=[group.pk])}?type=certificate"
    assert wanted in browser_of_staff.get(url("activates", group)).content.decode()
    DocumentGroup.objects.filter(pk=group.pk).update(customer=customer)
    client.force_login(member)
    page = client.get(url("activates", group))
    assert "Certificate" in text_of(page) and wanted not in page.content.decode()


def test_a_row_is_verified_with_and_without_javascript(
    browser_of_staff: Client, simulator: SimulatorProcess, group: DocumentGroup
) -> None:
    page = browser_of_staff.get(url("activates", group))
    verify = url("verify", group, "3760")
    plain = browser_of_staff.post(verify, form_of(page, verify), follow=True)
    assert plain.redirect_chain[0][0] == url("activates", group) + "#d-3760"
    assert "Berlin: this is what Zadarma says now." in text_of(plain)
    assert rows_of(plain)["3760"].told.label == "ready"
    simulator.reject(1001, "receipt", "too old")
    row = browser_of_staff.post(verify, {"back": "activates"}, headers=HTMX)
    assert row.content.decode().strip().startswith('<tr id="d-3760">')
    assert "one thing missing" in text_of(row) and "Utility bill or proof of address" in text_of(row)
    assert "<html" not in row.content.decode()
    assert "changed since" not in text_of(row)
    GroupValidity.objects.update(as_of=timezone.now() - timedelta(days=2))
    shown = text_of(browser_of_staff.get(url("activates", group), {"q": "germany"}))
    assert "out of date" in shown and "changed since" not in shown
    GroupValidity.objects.update(as_of=timezone.now() - timedelta(minutes=2))
    DocumentGroup.objects.update(changed_at=timezone.now())
    assert "changed since" in text_of(browser_of_staff.get(url("activates", group), {"q": "germany"}))


def test_what_hinders_a_verification_is_said_in_its_row_or_above(
    browser_of_staff: Client, simulator: SimulatorProcess, group: DocumentGroup, asks_once: None
) -> None:
    simulator.fault("error", path="groups/valid/", count=-1)
    verify = url("verify", group, "3760")
    row = browser_of_staff.post(verify, {"back": "activates"}, headers=HTMX)
    assert row.status_code == 200 and "can't be reached" in text_of(row)
    assert "can't be reached" in text_of(browser_of_staff.post(verify, follow=True))
    assert browser_of_staff.post(url("verify", group, "nothing")).status_code == 404
    DocumentGroup.objects.update(gone_at=timezone.now())
    assert browser_of_staff.post(verify).status_code == 404


def test_a_stopped_asking_says_why_and_can_begin_again(browser_of_staff: Client, group: DocumentGroup) -> None:
    now = timezone.now()
    Asking.objects.create(group=group, state="stopped", problem="outage", questions=9, began_at=now, ended_at=now)
    shown = text_of(browser_of_staff.get(url("activates", group)))
    assert "Not everything could be asked" in shown and "can't be reached" in shown and "Ask Zadarma" in shown
    browser_of_staff.post(url("ask", group))
    assert (Asking.objects.get().state, Asking.objects.get().problem) == ("open", "")
    Connection.objects.update(state="paused")
    assert "is paused" in text_of(browser_of_staff.post(url("ask", group), follow=True))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"remote_id": ""}, "have not arrived at Zadarma yet"),
        ({"gone_at": timezone.now()}, "no longer lists this group"),
        ({"erased_at": timezone.now(), "fields": {}}, "have been erased"),
    ],
)
def test_papers_that_can_not_be_used_say_so(
    browser_of_staff: Client, group: DocumentGroup, state: dict[str, Any], words: str
) -> None:
    DocumentGroup.objects.filter(pk=group.pk).update(**state)
    page = browser_of_staff.get(url("activates", group))
    assert words in text_of(page) and "Verify" not in text_of(page)


def test_a_customer_sees_their_own_and_asks_nothing(
    client: Client, group: DocumentGroup, member: User, outsider: User, simulator: SimulatorProcess
) -> None:
    client.force_login(member)
    page = client.get(url("activates", group))
    assert page.status_code == 200 and "Verify" not in text_of(page) and "Ask Zadarma" not in text_of(page)
    berlin = client.get(reverse("direction-papers", args=["3760"]))
    assert [row.group for row in berlin.context["lines"]] == [group]
    client.force_login(outsider)
    assert client.get(url("activates", group)).status_code == 404
    assert client.get(reverse("direction-papers", args=["3760"])).context["lines"] == []
    for name, *more in (("ask",), ("verify", "3760")):
        assert client.post(url(name, group, *more)).status_code == 403
    assert client.post(reverse("direction-papers-ask", args=["3760"])).status_code == 403
    assert simulator.requests("groups/valid/") == [] and not Asking.objects.exists()


def test_whose_papers_suit_a_direction(
    browser_of_staff: Client, simulator: SimulatorProcess, group: DocumentGroup
) -> None:
    here = reverse("direction-papers", args=["3760"])
    page = browser_of_staff.get(here)
    assert "Whose papers suit Berlin, Germany?" in text_of(page) and "Utility bill" in text_of(page)
    ask = reverse("direction-papers-ask", args=["3760"])
    assert "Ask Zadarma about 4 groups of this page" in text_of(page)
    asked = browser_of_staff.post(ask, form_of(page, ask), follow=True)
    assert "Zadarma answered for 4 groups." in text_of(asked)
    assert [row.told.label for row in asked.context["lines"]][0] == "ready" and asked.context["to_ask"] == 0
    assert asked.context["lines"][0].group == group
    browser_of_staff.post(ask)
    assert len(simulator.requests("groups/valid/")) == 4
    verify = url("verify", group, "3760")
    row = browser_of_staff.post(verify, {"back": "direction", "page": 1}, headers=HTMX)
    assert row.content.decode().strip().startswith(f'<tr id="g-{group.pk}">')
    followed = browser_of_staff.post(verify, {"back": "direction", "page": 1})
    assert followed.headers["Location"] == f"{here}?page=1#g-{group.pk}"
    assert browser_of_staff.get(reverse("direction-papers", args=["1"])).status_code == 404


def test_a_direction_is_chosen_by_its_country_first(browser_of_staff: Client, group: DocumentGroup) -> None:
    here = reverse("papers-for")
    assert "Berlin" not in text_of(browser_of_staff.get(here))
    assert "Berlin" in text_of(browser_of_staff.get(here, {"country": "DE"}))
    chosen = browser_of_staff.get(here, {"country": "DE", "direction": "3760"})
    assert chosen.headers["Location"] == reverse("direction-papers", args=["3760"])
    other = browser_of_staff.get(here, {"country": "AT", "direction": "3760"})
    assert other.status_code == 200 and "Vienna" in text_of(other)


def test_the_wizard_does_not_say_that_papers_fit_beside_a_rejected_one(
    wizard: Wizard, simulator: SimulatorProcess
) -> None:
    wizard.start()
    wizard.send("country", country="DE")
    wizard.send("direction", direction="3760")
    wizard.send("number", number=wizard.open("number").context["numbers"][0].id)

    def row() -> dict[str, Any]:
        groups = wizard.open("documents").context["groups"]
        return next(one for one in groups if one["group"].remote_id == "1001")

    assert row()["verdict"].label == "fits"
    simulator.reject(1001, "receipt", "too old")
    read(wizard.connection, "documents")
    kept = row()  # the answer is some seconds old; the rejection was read since
    assert (kept["verdict"].label, kept["checklist"][2]["word"]) == ("documents missing", "missing")
    GroupValidity.objects.update(as_of=timezone.now() - timedelta(minutes=1))
    DocumentGroup.objects.update(changed_at=timezone.now())
    simulator.fault("error", path="groups/valid/", count=-1)
    assert row()["verdict"] is None  # it can't be asked, and what was said is older than the papers
    simulator.clear_faults()


def offers(connection: Connection, count: int, **more: Any) -> None:
    """Directions that want papers, each in a country of its own."""
    for _ in range(count):
        place = Direction.objects.count()
        country = factories.CountryFactory(iso=f"{chr(65 + place // 26)}{chr(65 + place % 26)}")
        wants = {"uploads_en": [{"type": "passport", "text": ""}], "requirement": f"r{place}", **more}
        factories.OfferFactory(connection=connection, direction=factories.DirectionFactory(country=country, **wants))


def papers(connection: Connection, count: int) -> None:
    """Groups with a file, each of a customer of its own."""
    for _ in range(count):
        made = factories.DocumentGroupFactory(connection=connection, customer=factories.CustomerFactory())
        factories.DocumentFactory(group=made)


@pytest.mark.parametrize(
    ("page", "more"),
    [
        (lambda group: url("activates", group), lambda connection: offers(connection, 2)),
        (lambda group: reverse("direction-papers", args=["100"]), lambda connection: papers(connection, 2)),
    ],
    ids=["activates", "direction"],
)
def test_one_row_and_three_take_the_same_queries(
    browser_of_staff: Client,
    offline: Connection,
    page: Callable[[DocumentGroup], str],
    more: Callable[[Connection], None],
) -> None:
    offers(offline, 1, remote_id="100")
    papers(offline, 1)
    group = DocumentGroup.objects.get()
    counted = []
    for _ in range(2):
        browser_of_staff.get(page(group))
        with sent_to_the_database() as sent:
            assert browser_of_staff.get(page(group)).status_code == 200
        counted.append(sent.count)
        more(offline)
    assert counted == [counted[0]] * 2 and counted[0] < 30


@pytest.mark.full
def test_thousands_of_groups_take_the_same_queries(browser_of_staff: Client, offline: Connection) -> None:
    offers(offline, 1, remote_id="100", requirement_changed_at=timezone.now())
    papers(offline, 1)
    group = DocumentGroup.objects.get()
    DocumentGroup.objects.update(wrong_document_type="receipt")
    before = timezone.now() - timedelta(days=9)

    def number(place: int) -> Any:
        return factories.NumberFactory.build(
            connection=offline,
            number=f"4420{place:08d}",
            direction=Direction.objects.get(remote_id="100"),
            group_remote_id=group.remote_id if place == 0 else f"g{place}",
            start_at=before,
        )

    number(0).save()
    pages = [url("activates", group), reverse("direction-papers", args=["100"]), "/papers/changed/", reverse("home")]
    pages += [reverse("group-list"), reverse("group-list") + "?attention=on", reverse("group-list") + "?page=40"]
    pages += [reverse(name, args=[group.pk]) for name in ("group", "group-upload", "group-papers")]

    def queries() -> dict[str, int]:
        found = {}
        for page in pages:
            browser_of_staff.get(page)
            with sent_to_the_database() as sent:
                assert browser_of_staff.get(page).status_code == 200
            found[page] = sent.count
        return found

    small = queries()
    many = [
        factories.DocumentGroupFactory.build(connection=offline, remote_id=f"g{place}", data_key_id=key)
        for place, key in enumerate(data_keys.make(5000), 1)
    ]
    for one in many[::3]:
        one.wrong_document_type = "receipt"
    made = DocumentGroup.objects.bulk_create(many, batch_size=500)
    files = [
        Document(group=one, document_type=kind) for one in made for kind in ("passport", "receipt", "contract", "x")
    ]
    Document.objects.bulk_create(files, batch_size=1000)
    offers(offline, 299)
    type(number(1)).objects.bulk_create([number(place) for place in range(1, 101)])
    began = timezone.now()
    assert queries() == small
    assert timezone.now() - began < timedelta(seconds=30)
