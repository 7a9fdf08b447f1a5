"""Countries, directions and what each direction asks of a document group.

The answers built from it are those of ``/v1/direct_numbers/countries/`` and ``/v1/direct_numbers/country/``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from .catalog_data import TABLE

#: The word that the API takes in place of this direction's id.
MOSCOW_WORD = "ru495"
MOSCOW_ID = 7495

#: Interface languages, as ``/v1/info/lists/languages/`` names them.
LANGUAGES = ("en", "es", "de", "pl", "ru", "ua", "fr")


@dataclass(frozen=True, slots=True)
class Text:
    """A text in English and German; every other language gets the English one."""

    en: str
    de: str

    def into(self, language: str) -> str:
        return self.de if language == "de" else self.en


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a direction asks for.

    ``uploads`` maps document types to a description; ``fields`` are the fields of a document group that must be
    filled; ``is_local`` wants the group's address in the direction's country; ``has_purpose`` wants the order to
    say what the number is for. ``specify`` says all but the uploads in words.
    """

    uploads: dict[str, Text]
    specify: tuple[Text, ...]
    fields: tuple[str, ...] = ()
    is_local: bool = False
    has_purpose: bool = False


_PASSPORT = Text("Passport or identity card, front and back", "Reisepass oder Personalausweis, Vorder- und Rückseite")
_RECEIPT = Text("A utility bill of the last three months", "Eine Versorgerrechnung der letzten drei Monate")
_CERTIFICATE = Text("Extract from the company register", "Auszug aus dem Handelsregister")
_CONTRACT = Text("Signed service contract", "Unterschriebener Dienstleistungsvertrag")
_ADDRESS = Text("Where you live now: street, number, postal code, city", "Ihre Anschrift: Straße, Nummer, PLZ, Ort")
_LOCAL = Text("An address in the country of the number", "Eine Anschrift im Land der Rufnummer")
_IDENTITY = Text("Kind and number of your identity document", "Art und Nummer Ihres Ausweises")
_COMPANY = Text("Company name and registration number", "Firmenname und Registernummer")
_PURPOSE = Text("What the number will be used for", "Wofür die Rufnummer verwendet wird")

#: What directions ask for, by the name that the table gives it.
PROFILES: dict[str, Requirements] = {
    "none": Requirements({}, ()),
    "passport": Requirements({"passport": _PASSPORT}, ()),
    "address": Requirements({"passport": _PASSPORT}, (_ADDRESS,)),
    "resident": Requirements({"passport": _PASSPORT}, (_LOCAL,), is_local=True),
    "local": Requirements({"passport": _PASSPORT, "receipt": _RECEIPT}, (_LOCAL,), is_local=True),
    "identity": Requirements({"passport": _PASSPORT}, (_IDENTITY,), ("type_of_id", "id_number")),
    "company": Requirements({"certificate": _CERTIFICATE}, (_COMPANY,), ("organization", "organization_reg_number")),
    "company_local": Requirements(
        {"certificate": _CERTIFICATE, "contract": _CONTRACT},
        (_COMPANY, _LOCAL),
        ("organization", "organization_reg_number"),
        is_local=True,
    ),
    "purpose": Requirements({}, (_PURPOSE,), has_purpose=True),
    "purpose_id": Requirements({"passport": _PASSPORT}, (_PURPOSE,), has_purpose=True),
}

_FEATURES = {
    "all": Text("Can be called from every network", "Aus allen Netzen erreichbar"),
    "fixed": Text("Some mobile networks cannot call it", "Aus manchen Mobilfunknetzen nicht erreichbar"),
}


@dataclass(frozen=True, slots=True)
class Country:
    """A country one can order numbers of; ``dial_code`` without the plus."""

    iso: str
    dial_code: str
    name: Text


@dataclass(frozen=True, slots=True)
class Direction:
    """A city or kind of number of a country. Fees in the account's currency, ``connect_days`` in days."""

    id: int
    country: Country
    area_code: str
    name: Text
    connect_fee: Decimal
    monthly_fee: Decimal
    requirements: Requirements
    subscriber_digits: int
    connect_days: int
    has_sms: bool = False
    is_toll_free: bool = False
    is_unlisted: bool = False
    is_revenue: bool = False
    feature: Text | None = None

    @property
    def prefix(self) -> str:
        """Dial code and area code: what every number of the direction begins with."""
        return self.country.dial_code + self.area_code


def _direction(country: Country, digits: str, line: str) -> Direction:
    identity, area, en, de, connect, monthly, profile, flags, days = line.strip().split("|")
    marks = set(flags.split(",")) - {""}
    feature = next((text for mark, text in _FEATURES.items() if mark in marks), None)
    length = int(digits[1:]) if digits.startswith("+") else int(digits) - len(area)
    return Direction(
        id=int(identity),
        country=country,
        area_code=area,
        name=Text(en, de),
        connect_fee=Decimal(connect),
        monthly_fee=Decimal(monthly),
        requirements=PROFILES[profile],
        subscriber_digits=length,
        connect_days=int(days),
        has_sms="sms" in marks,
        is_toll_free="toll" in marks,
        is_unlisted="unlisted" in marks,
        is_revenue="revenue" in marks,
        feature=feature,
    )


class Catalog:
    """All countries by ISO code and all directions by id, in the table's order."""

    def __init__(self) -> None:
        self.countries: dict[str, Country] = {}
        self.directions: dict[int, Direction] = {}
        country, digits = Country("", "", Text("", "")), ""
        for line in TABLE.strip("\n").splitlines():
            if line.startswith(" "):
                direction = _direction(country, digits, line)
                if direction.id in self.directions:
                    raise ValueError(f"direction {direction.id} is in the table twice")
                self.directions[direction.id] = direction
            else:
                iso, dial, digits, en, de = line.split("|")
                country = self.countries[iso] = Country(iso, dial, Text(en, de))

    def find(self, word: str) -> Direction | None:
        """The direction with this id, given as text, or by the word ``ru495``."""
        if word == MOSCOW_WORD:
            return self.directions[MOSCOW_ID]
        return self.directions.get(int(word)) if word.isascii() and word.isdigit() else None

    def require(self, direction_id: int, profile: str) -> Direction:
        """Let a direction ask for what this profile says from now on. KeyError when there is no such profile."""
        direction = replace(self.directions[direction_id], requirements=PROFILES[profile])
        self.directions[direction_id] = direction
        return direction

    def of_country(self, iso: str) -> list[Direction]:
        """The country's directions, in the table's order."""
        return [direction for direction in self.directions.values() if direction.country.iso == iso]
