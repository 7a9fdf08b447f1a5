"""The form of a document group's data: every field of the API, in sections."""

import re
from typing import Any

import phonenumbers
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries import countries

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


def _text(label: Any, most: int = 120, *, required: bool = False, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=required, **options)


class GroupDataForm(forms.Form):
    """A person's or company's data (POST /v1/documents/groups/create/)."""

    salutation = forms.ChoiceField(label=_("Salutation"), choices=SALUTATIONS)
    first_name = _text(_("First name"), required=True)
    middle_name = _text(_("Middle name"))
    last_name = _text(_("Last name"), required=True)
    date_of_birth = forms.DateField(
        label=_("Date of birth"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
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
    issuing_date = forms.DateField(
        label=_("Issued on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

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

    def __init__(self, *args: Any, country: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(code, name) for code, name in countries]
        self.fields["country"].choices = [("", "–"), *known]  # type: ignore[attr-defined]
        self.fields["nationality"].choices = [("", "–"), *known]  # type: ignore[attr-defined]
        if (self.data.get("country") or country) != "DK":
            for name in ("municipality_code", "street_code"):
                del self.fields[name]

    def sections(self) -> list[dict[str, Any]]:
        """The sections: title and bound fields; a section that is rarely needed is shown folded."""
        return [
            {
                "title": title,
                "fields": [self[name] for name in names if name in self.fields],
                "folded": index in (1, 3) and not any(self[n].errors or self[n].value() for n in names),
            }
            for index, (title, names) in enumerate(self.SECTIONS)
        ]

    def clean_phone(self) -> str:
        """Digits of a possible phone number, with its country code."""
        text = str(self.cleaned_data["phone"])
        region = self.data.get("country") or None
        try:
            parsed = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            parsed = None
        if parsed is None or not phonenumbers.is_possible_number(parsed):
            raise forms.ValidationError(_("This is not a phone number. It looks like +49 30 1234567."))
        return f"{parsed.country_code}{phonenumbers.national_significant_number(parsed)}"

    def clean_date_of_birth(self) -> Any:
        """In the past."""
        return self._past("date_of_birth")

    def clean_issuing_date(self) -> Any:
        """In the past."""
        return self._past("issuing_date")

    def _past(self, name: str) -> Any:
        value = self.cleaned_data[name]
        if value and value > timezone.localdate():
            raise forms.ValidationError(_("This date lies in the future."))
        return value

    def clean(self) -> dict[str, Any]:
        """A company needs its name."""
        given = super().clean() or {}
        if given.get("salutation") == "COMPANY" and not given.get("organization"):
            self.add_error("organization", _("Please name the company."))
        return given

    def fields_for_api(self) -> dict[str, str]:
        """What was given, as the API takes it; the full address is put together from its parts."""
        given = {name: str(value).strip() for name, value in self.cleaned_data.items() if value not in (None, "")}
        house = f"{given.get('building_number', '')}{given.get('building_letter', '')}"
        given["address"] = re.sub(r"\s+", " ", f"{given['street']} {house}, {given['zip_code']}")
        return given
