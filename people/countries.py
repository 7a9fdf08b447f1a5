"""The countries that a customer can be limited to. The catalogue stands above this app, which registers it here."""

from collections.abc import Callable

from django_countries import countries as all_countries

Choices = Callable[[], list[tuple[str, str]]]


def _every_country() -> list[tuple[str, str]]:
    return [(country.code, str(country.name)) for country in all_countries]


_of_catalogue: list[Choices] = []


def register(choices: Choices) -> None:
    """Called by the app of the catalogue in `AppConfig.ready`: pairs of ISO code and name, by name."""
    _of_catalogue[:] = [choices]


def choices(kept: list[str]) -> list[tuple[str, str]]:
    """Countries to choose from by name, and those `kept` that the catalogue no longer (or not yet) has."""
    found = _of_catalogue[0]() if _of_catalogue else []
    if not found:
        found = _every_country()
    known = {iso for iso, _name in found}
    names = dict(_every_country())
    return found + [(iso, names.get(iso, iso)) for iso in kept if iso not in known]
