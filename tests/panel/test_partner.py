"""The partner's name and logo on every page, and people of several customers."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from direct_numbers.models import Order
from panel import partner
from people.models import Customer, User
from sync.models import Connection
from tests import factories
from tests.support.reading import form_of, text_of

pytestmark = pytest.mark.django_db
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1z"/></svg>'


@pytest.fixture
def logo(settings: Settings, tmp_path: Path) -> Path:
    """A logo, and a name."""
    file = tmp_path / "logo.svg"
    file.write_bytes(SVG)
    settings.PARTNER_LOGO, settings.PARTNER_NAME = str(file), "Example <Telecom>"
    partner._kept.cache_clear()
    return file


def test_name_and_logo_stand_on_every_page(client: Client, logo: Path, staff: User) -> None:
    pages = [client.get("/sign-in/")]
    client.force_login(staff)
    pages += [client.get(url) for url in ("/", "/no-such-page/")]
    for page in pages:
        assert "Example <Telecom>" in text_of(page)
        assert "· Example &lt;Telecom&gt;</title>" in page.content.decode()
        assert f'src="/logo?v={partner.read_logo(str(logo)).version}"' in page.content.decode()
        assert "Numberdesk" not in page.content.decode()


def test_the_logo_is_served_to_anybody_for_good_and_can_do_nothing(client: Client, logo: Path) -> None:
    answer = client.get(reverse("logo"))
    assert (answer.content, answer.headers["Content-Type"]) == (SVG, "image/svg+xml")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "sandbox" in policy and "script" not in policy


def test_without_a_logo_the_panels_own_is_shown(client: Client, settings: Settings) -> None:
    settings.PARTNER_LOGO = ""
    assert client.get(reverse("logo")).status_code == 404
    assert "img/logo" in client.get("/sign-in/").content.decode()


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("logo.gif", b"GIF89a", "no SVG, PNG or WebP file"),
        ("logo.png", SVG, "not what its name says"),
        ("logo.svg", b"<html></html>", "not what its name says"),
        ("logo.webp", b"RIFF0000WEBM", "not what its name says"),
        ("logo.svg", SVG + b" " * 256 * 1024, "larger than 256 kB"),
        ("logo.svg", None, "can't be read"),
    ],
)
def test_a_logo_that_cant_be_shown_is_a_mistake_of_configuration(
    settings: Settings, tmp_path: Path, client: Client, name: str, content: bytes | None, why: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    settings.PARTNER_LOGO = str(file)
    partner._kept.cache_clear()
    with pytest.raises(SystemCheckError, match=why):
        call_command("check")
    assert client.get(reverse("logo")).status_code == 404


# Several customers


@pytest.fixture
def person(client: Client, manager: User, other_customer: Customer, offline: Connection) -> Client:
    """A manager of the first customer who may look at the second one's as well."""
    manager.memberships.create(customer=other_customer, role="viewer")
    for customer, digits in zip(Customer.objects.order_by("pk"), ("442011111111", "442022222222"), strict=True):
        factories.NumberFactory(connection=offline, customer=customer, number=digits)
    client.force_login(manager)
    return client


def numbers_of(client: Client) -> list[str]:
    """The numbers that a person sees."""
    return [number.number for number in client.get(reverse("number-list")).context["page"]]


def test_a_person_of_several_customers_switches_between_them(
    person: Client, customer: Customer, other_customer: Customer
) -> None:
    assert numbers_of(person) == ["442011111111"]
    assert (
        "Second customer" in text_of(person.get("/")) and reverse("switch-customer") in person.get("/").content.decode()
    )
    answer = person.post(reverse("switch-customer"), {"customer": other_customer.pk})
    assert answer.headers["Location"] == "/"
    assert numbers_of(person) == ["442022222222"]
    assert person.post(reverse("order-new")).status_code == 403  # there they may only look
    person.post(reverse("switch-customer"), {"customer": customer.pk})
    assert numbers_of(person) == ["442011111111"]


def test_nobody_switches_to_a_customer_that_is_not_theirs(
    client: Client, member: User, other_customer: Customer
) -> None:
    client.force_login(member)
    for wanted in (other_customer.pk, "", "x", 0, 10**30):
        assert client.post(reverse("switch-customer"), {"customer": wanted}).status_code == 404
    assert reverse("switch-customer") not in client.get("/").content.decode()


def test_access_that_was_ended_is_no_choice_any_more(person: Client, other_customer: Customer) -> None:
    person.post(reverse("switch-customer"), {"customer": other_customer.pk})
    other_customer.access_ended_at = other_customer.created_at
    other_customer.save()
    assert numbers_of(person) == ["442011111111"]
    assert person.post(reverse("switch-customer"), {"customer": other_customer.pk}).status_code == 404


def test_what_is_another_of_their_customers_is_told_with_the_way_there(person: Client, member: User) -> None:
    theirs = reverse("number", args=[factories.NumberFactory(customer=Customer.objects.get(name="Second customer")).pk])
    page = person.get(theirs)
    assert page.status_code == 404
    assert "another of your customers" in text_of(page) and "Second customer" in text_of(page)
    person.force_login(member)
    assert "another of your customers" not in text_of(person.get(theirs))


def test_a_person_of_no_customer_is_told_whom_to_ask(client: Client) -> None:
    nobody = User.objects.create_user("nobody@example.com", "correct horse battery")
    client.force_login(nobody)
    page = client.get("/")
    assert page.status_code == 200
    assert "You don't belong to a customer yet" in text_of(page) and "nobody@example.com" in text_of(page)
    for name in ("number-list", "order-list", "group-list", "papers-for", "requirements-changed"):
        assert client.get(reverse(name)).status_code == 403


def test_a_form_opened_for_one_customer_does_nothing_for_another(
    manager: User, other_customer: Customer, offline: Connection
) -> None:
    manager.memberships.create(customer=other_customer, role="manager")
    tab = Client(enforce_csrf_checks=True)
    tab.force_login(manager)
    token = form_of(tab.get("/"), "/orders/new/")["csrfmiddlewaretoken"]
    switch = {"customer": other_customer.pk, "csrfmiddlewaretoken": token}
    assert tab.post(reverse("switch-customer"), switch).status_code == 302
    late = tab.post(reverse("order-new"), {"csrfmiddlewaretoken": token})
    assert late.status_code == 403 and not Order.objects.exists()
    token = form_of(tab.get("/"), "/orders/new/")["csrfmiddlewaretoken"]
    assert tab.post(reverse("order-new"), {"csrfmiddlewaretoken": token}).status_code == 302
    assert Order.objects.get().customer == other_customer
