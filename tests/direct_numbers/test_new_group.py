"""A document group made inside an order: what its direction wants is said where it is entered."""

import pytest
from django.utils import translation

from documents.models import DocumentGroup
from sync.models import Operation
from tests.direct_numbers.conftest import Wizard
from tests.documents.test_groups import PERSON
from tests.support.journal import perform_planned
from tests.support.reading import form_of, text_of
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.django_db(transaction=True)


def choose(wizard: Wizard, country: str, direction: int) -> None:
    """Up to the documents."""
    wizard.start()
    wizard.send("country", country=country)
    wizard.send("direction", direction=str(direction))
    wizard.send("number", number="any")


@pytest.mark.parametrize(
    ("direction", "section", "sentence"),
    [
        (3768, "identity", "Kind and number of your identity document"),
        (3753, "company", "Company name and registration number"),
        (3761, "address", "An address in the country of the number"),
    ],
)
def test_what_the_direction_wants_stands_open_at_its_section(
    wizard: Wizard, direction: int, section: str, sentence: str
) -> None:
    choose(wizard, "DE", direction)
    page = wizard.open("new-group")
    told = {one["key"]: (one["wanted"], one["folded"]) for one in page.context["form"].sections()}
    assert told.pop(section) == ([sentence], False)
    assert all(wanted == [] for wanted, _folded in told.values())
    name = wizard.order.direction.name
    text = text_of(page)
    assert f"Wanted for {name}: {sentence}" in text
    first = {"identity": "Kind of ID", "company": "What the company does", "address": "Region"}
    assert {key for key, label in first.items() if f"{label} (optional)" not in text} == {section}


def test_it_is_told_in_the_readers_language(wizard: Wizard) -> None:
    choose(wizard, "DE", 3768)
    wizard.client.cookies["django_language"] = "de"
    with translation.override("de"):
        page = wizard.client.get(wizard.url("new-group"), headers={"Accept-Language": "de"})
    assert "Art und Nummer Ihres Ausweises" in text_of(page)


def test_looking_writes_nothing_and_keeps_what_was_typed(wizard: Wizard) -> None:
    choose(wizard, "DE", 3753)
    before = DocumentGroup.objects.count()
    typed = {**PERSON, "country": "US", "zip_code": "x", "email": "", "salutation": "COMPANY"}
    page = wizard.send("new-group", **typed, look="1")
    assert page.status_code == 200 and not page.context["form"].errors
    kept = form_of(page, wizard.url("new-group"))
    assert {name: kept[name] for name in typed} == typed
    text = text_of(page)
    assert "State" in text and "California" in page.content.decode() and "Wanted for" in text
    assert "This field is required" not in text
    assert (DocumentGroup.objects.count(), Operation.objects.count()) == (before, 0)


def test_an_address_that_does_not_fit_is_told_at_the_street(wizard: Wizard, simulator: SimulatorProcess) -> None:
    choose(wizard, "DE", 3761)
    answer = wizard.send("new-group", **{**PERSON, "country": "AT", "zip_code": "1010", "city": "Wien"})
    assert answer.status_code == 302, text_of(answer)
    perform_planned()
    group = DocumentGroup.objects.latest("pk")
    assert group.error == "The document group's address does not fit this direction"
    page = wizard.client.get(f"/documents/{group.pk}/edit/")
    (note,) = page.context["form"].notes["street"]
    assert (note.kind, note.text) == ("error", f"Zadarma says: “{group.error}”")
    fields = form_of(page, "")
    assert (fields["country"], fields["zip_code"], fields["phone"]) == ("AT", "1010", "+49 30 1234567")
    fixed = {**fields, "country": "DE", "zip_code": "20457", "city": "Hamburg"}
    assert wizard.client.post(f"/documents/{group.pk}/edit/", fixed).status_code == 302
    perform_planned()
    group.refresh_from_db()
    assert (bool(group.remote_id), group.error) == (True, "")
    assert simulator.requests("/groups/create/")[-1]["params"]["direction_id"] == "3761"
