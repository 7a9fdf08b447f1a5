"""What a direction wants is shown at the section its words mean, and never more than they say."""

import pytest

from documents.forms import GroupDataForm
from documents.wanted import sections_meant, wanted_for


@pytest.mark.parametrize(
    ("sentence", "sections"),
    [
        ("Your current address (city, street, number and postal code)", ["address"]),
        ("Where you live now: street, number, postal code, city", ["address"]),
        ("An address in the country of the number", ["address"]),
        ("Kind and number of your identity document", ["identity"]),
        ("Passport number", ["identity"]),
        ("Your ID number and date of birth", ["person", "identity"]),
        ("Company name and registration number", ["company"]),
        ("Name of the company", ["company"]),
        ("Full name and nationality", ["person"]),
        ("Your e-mail address", ["person"]),
        ("Street name", ["address"]),
        ("The address of registration", ["address"]),
        ("Tax ID", []),
        ("What the number will be used for", []),
        ("No address is needed", []),
        ("A valid idea", []),
        ("", []),
    ],
)
def test_a_sentence_means_its_sections(sentence: str, sections: list[str]) -> None:
    assert sections_meant([sentence]) == {section: [0] for section in sections}


def test_sentences_are_told_in_the_readers_language() -> None:
    english = ["Company name and registration number", "An address in the country of the number"]
    german = ["Firmenname und Registernummer", "Eine Anschrift im Land der Rufnummer"]
    wanted = wanted_for("Berlin", german, english)
    assert (wanted.of("company"), wanted.of("address"), wanted.of("identity")) == (german[:1], german[1:], [])
    assert wanted_for("Berlin", german[:1], english).sentences == {}


def test_a_wanted_section_is_open_and_a_wanted_company_stands_before_the_person() -> None:
    plain = [(one["key"], one["folded"]) for one in GroupDataForm().sections()]
    assert plain == [("kind", False), ("person", False), ("address", False), ("identity", True), ("company", True)]
    company = wanted_for("800", ["Firmenname"], ["Company name"])
    shown = [(one["key"], one["folded"]) for one in GroupDataForm(wanted=company).sections()]
    assert shown[:2] == [("kind", False), ("company", False)] and shown[-1] == ("identity", True)
    identity = wanted_for("Mobil", ["Ausweis"], ["Passport number"])
    assert ("identity", False) in [(one["key"], one["folded"]) for one in GroupDataForm(wanted=identity).sections()]
