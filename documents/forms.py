"""The form of a document group's data: every field of the API, in sections."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import phonenumbers
from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from documents.addresses import rules_of
from documents.wanted import Wanted
from sync.showing import sort_key

SALUTATIONS = [("MR", _("Mr")), ("MS", _("Ms")), ("COMPANY", _("Company"))]
KINDS_OF_ID = [
    ("", "–"),
    ("PASSPORT", _("passport")),
    ("NATIONAL_ID_CARD", _("national ID card")),
    ("RESIDENCE_PERMIT", _("residence permit")),
    ("DNI", _("DNI (Spain)")),
    ("NIE", _("NIE (Spain)")),
    ("BUSINESS_REGISTRATION", _("business registration")),
]
DANISH = ("municipality_code", "street_code")
FIRST_BIRTHDAY = date(1900, 1, 1)


@dataclass(frozen=True)
class Note:
    """A remark at a field: "error" in what Zadarma refused, "now" with what stands there now."""

    kind: str
    text: str


def _text(label: Any, most: int = 120, *, required: bool = False, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=required, **options)


def _date(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date", "min": FIRST_BIRTHDAY.isoformat()}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


def countries_by_name() -> list[tuple[str, str]]:
    """Code and name of every country, in the reader's language and in the order of its names."""
    return sorted(((code, str(name)) for code, name in countries), key=lambda pair: sort_key(pair[1]))


class GroupDataForm(forms.Form):
    """A person's or company's data (POST /v1/documents/groups/create/).

    `wanted` is what a direction wants: told at the sections it means.
    """

    salutation = forms.ChoiceField(label=_("Salutation"), choices=SALUTATIONS, widget=forms.RadioSelect)
    first_name = _text(_("First name"), required=True)
    middle_name = _text(_("Middle name"))
    last_name = _text(_("Last name"), required=True)
    date_of_birth = _date(_("Date of birth"))
    nationality = forms.ChoiceField(label=_("Nationality"), required=False)
    email = forms.EmailField(label=_("E-mail"))
    phone = _text(_("Phone"), 30, required=True, help_text=_("International, for instance +49 30 1234567."))
    organization = _text(_("Company"))
    organization_description = _text(_("What the company does"), 200)
    organization_reg_number = _text(_("Registration number"), 60)
    country = forms.ChoiceField(label=_("Country"))
    region = _text(_("Region"))
    city = _text(_("City"), required=True)
    zip_code = _text(_("Postal code"), 20, required=True)
    street = _text(_("Street"), required=True)
    building_number = _text(_("Building number"), 20, required=True)
    building_letter = _text(_("Building letter"), 5)
    municipality_code = _text(_("Municipality code (Denmark)"), 10)
    street_code = _text(_("Street code (Denmark)"), 10)
    type_of_id = forms.ChoiceField(label=_("Kind of ID"), choices=KINDS_OF_ID, required=False)
    id_number = _text(_("ID number"), 60)
    issuing_authority = _text(_("Issued by"))
    issuing_date = _date(_("Issued on"))

    SECTIONS = (
        (
            _("Person"),
            ("salutation", "first_name", "middle_name", "last_name", "date_of_birth", "nationality", "email", "phone"),
        ),
        (_("Company"), ("organization", "organization_description", "organization_reg_number")),
        (
            _("Address"),
            (
                "country",
                "region",
                "city",
                "zip_code",
                "street",
                "building_number",
                "building_letter",
                "municipality_code",
                "street_code",
            ),
        ),
        (_("Identity document"), ("type_of_id", "id_number", "issuing_authority", "issuing_date")),
    )
    KEYS = ("person", "company", "address", "identity")

    def __init__(self, *args: Any, country: str = "", wanted: Wanted | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = wanted or Wanted("")
        self.notes: dict[str, list[Note]] = {}
        self.by_name = countries_by_name()
        chosen = str(self._given("country") or ("" if self.is_bound else country))
        self.iso = chosen if chosen in dict(self.by_name) else ""
        self.is_company = self._given("salutation") == "COMPANY"
        for name in ("country", "nationality"):
            self.fields[name].choices = [("", "–"), *self.by_name]  # type: ignore[attr-defined]
        if self.is_company:
            self.fields["organization"].required = True
            self.fields["organization"].error_messages["required"] = gettext("Please name the company.")
        self._as_in_the_country()
        for field in self.fields.values():  # other people's data: no browser is to learn them
            field.widget.attrs["autocomplete"] = "off"

    def _as_in_the_country(self) -> None:
        rules = rules_of(self.iso)
        region, postal_code = self.fields["region"], self.fields["zip_code"]
        region.label, region.required = rules.region_label, rules.region_required
        self.regions = rules.regions
        if rules.regions:
            region.widget.attrs["list"] = "regions"
        if not rules.has_postal_codes:
            postal_code.help_text = gettext("This country uses none, but Zadarma asks for one.")
        self.carried: dict[str, str] = {}
        for name in DANISH if self.iso != "DK" else ():
            del self.fields[name]
            if value := self._given(name):  # not lost while somebody looks at another country
                self.carried[name] = str(value)

    @classmethod
    def looking(cls, data: Mapping[str, Any], **options: Any) -> Self:
        """The form as it stands for another country or salutation: with what was typed, and without a verdict."""
        return cls(initial={name: data.get(name, "") for name in cls.base_fields}, **options)

    def _given(self, name: str) -> Any:
        return (self.data if self.is_bound else self.initial).get(name)

    def note(self, notes: Mapping[str, list[Note]]) -> None:
        """Show notes at the fields they are for."""
        for name, more in notes.items():
            if name not in self.fields or not more:
                continue
            self.notes.setdefault(name, []).extend(more)
            attrs = self.fields[name].widget.attrs
            attrs["aria-describedby"] = f"id_{name}_notes"
            if any(note.kind == "error" for note in more):
                attrs.update({"class": "is-invalid", "aria-invalid": "true"})

    def sections(self) -> list[dict[str, Any]]:
        """The sections in the order they matter; one that is rarely needed is shown folded, after the others."""
        titles = dict(zip(self.KEYS, self.SECTIONS, strict=True))
        shown = [self._section("kind", _("Person or company"), ("salutation",))]
        person, company, address, identity = (self._section(key, *titles[key]) for key in self.KEYS)
        person["fields"] = [item for item in person["fields"] if item["field"].name != "salutation"]
        if self.is_company:
            person["lead"] = _("Zadarma asks for a person's name for a company, too.")
        company["folded"] = not self.is_company and not self._is_used("company")
        identity["folded"] = not self._is_used("identity")
        shown += [person, address] if company["folded"] else [company, person, address]
        shown += sorted([identity, *([company] if company["folded"] else [])], key=lambda one: one["folded"])
        return shown

    def _section(self, key: str, title: Any, names: tuple[str, ...]) -> dict[str, Any]:
        fields = [
            {"field": self[name], "notes": self.notes.get(name, []), "is_live": name in ("salutation", "country")}
            for name in names
            if name in self.fields
        ]
        return {
            "key": key,
            "title": title,
            "lead": "",
            "fields": fields,
            "folded": False,
            "wanted": self.wanted.of(key),
            "says_optional": not self.wanted.of(key),  # beside what is wanted nothing is called optional
        }

    def _is_used(self, key: str) -> bool:
        """Whether there is something to see in a section: data, mistakes, notes, or that it is wanted."""
        names = self.SECTIONS[self.KEYS.index(key)][1]
        return bool(self.wanted.of(key)) or any(
            self[name].errors or self[name].value() or self.notes.get(name) for name in names
        )

    def clean_phone(self) -> str:
        """Digits of a possible phone number, with its country code."""
        text = str(self.cleaned_data["phone"])
        try:
            parsed = phonenumbers.parse(text, self.iso or None)
        except phonenumbers.NumberParseException:
            parsed = None
        if parsed is None or not phonenumbers.is_possible_number(parsed):
            raise forms.ValidationError(_("This is not a phone number. It looks like +49 30 1234567."))
        return f"{parsed.country_code}{phonenumbers.national_significant_number(parsed)}"

    def clean_zip_code(self) -> str:
        """As it is written in the country."""
        rules = rules_of(self.iso)
        code = rules.postal_code(self.cleaned_data["zip_code"])
        if not code:
            told = {"country": dict(self.by_name)[self.iso], "example": rules.example}
            raise forms.ValidationError(_("A postal code in %(country)s looks like %(example)s."), params=told)
        return code

    def clean_municipality_code(self) -> str:
        """Three digits; many write a zero before them."""
        return self._danish("municipality_code", r"\d{3,4}", "0101")

    def clean_street_code(self) -> str:
        """Four digits; leading zeros may be left out."""
        return self._danish("street_code", r"\d{1,4}", "0044")

    def _danish(self, name: str, form: str, example: str) -> str:
        code = str(self.cleaned_data[name])
        if code and not re.fullmatch(form, code, re.ASCII):
            told = {"example": example}
            raise forms.ValidationError(_("This code has digits only, for instance %(example)s."), params=told)
        return code

    def clean_date_of_birth(self) -> Any:
        """In the past, of somebody who may be alive."""
        return self._past("date_of_birth")

    def clean_issuing_date(self) -> Any:
        """In the past."""
        return self._past("issuing_date")

    def _past(self, name: str) -> Any:
        value = self.cleaned_data[name]
        if value and value > timezone.localdate():
            raise forms.ValidationError(_("This date lies in the future."))
        if value and value < FIRST_BIRTHDAY:
            raise forms.ValidationError(_("This date lies before 1900."))
        return value

    def clean(self) -> dict[str, Any]:
        """A document is issued to somebody who was born."""
        given = super().clean() or {}
        born, issued = given.get("date_of_birth"), given.get("issuing_date")
        if born and issued and issued < born:
            self.add_error("issuing_date", _("This date lies before the date of birth."))
        return given

    def fields_for_api(self) -> dict[str, str]:
        """What was given, as the API takes it; the full address is put together from its parts."""
        given = {name: str(value).strip() for name, value in self.cleaned_data.items() if value not in (None, "")}
        house = f"{given.get('building_number', '')}{given.get('building_letter', '')}"
        given["address"] = re.sub(r"\s+", " ", f"{given['street']} {house}, {given['zip_code']}")
        return given
