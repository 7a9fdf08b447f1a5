"""Mistakes in the settings are told before anything is sent."""

import pytest
from django.core.checks import run_checks
from pytest_django.fixtures import Settings


def found() -> set[str]:
    """The ids of the panel's own complaints."""
    return {str(message.id) for message in run_checks() if str(message.id).startswith("sync.")}


def test_the_defaults_are_fine() -> None:
    assert found() == set()


@pytest.mark.parametrize(("key", "secret"), [("k", ""), ("", "s")])
def test_half_a_key_pair_is_told(settings: Settings, key: str, secret: str) -> None:
    settings.ZADARMA_API_KEY, settings.ZADARMA_API_SECRET = key, secret
    assert found() == {"sync.E001"}


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("https://api.zadarma.com", set()),
        ("http://127.0.0.1:8100", set()),
        ("http://api.zadarma.com", {"sync.E002"}),
        ("http://127.0.0.1.example.com", {"sync.E002"}),
        ("ftp://api.zadarma.com", {"sync.E002"}),
    ],
)
def test_an_address_that_would_carry_the_signature_in_the_clear_is_told(
    settings: Settings, address: str, complaint: set[str]
) -> None:
    settings.ZADARMA_API_URL = address
    assert found() == complaint


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("CHANGE_SECONDS", 60.0, "sync.E003"),
        ("CHANGE_SECONDS", 0.0, "sync.E003"),
        ("LOOK_SECONDS", [], "sync.E004"),
        ("LOOK_SECONDS", [60.0, 15.0], "sync.E004"),
        ("LOOK_SECONDS", [0.0, 15.0], "sync.E004"),
        ("SETTLE_AFTER_SECONDS", 0.0, "sync.E005"),
        ("SWEEP_SECONDS", -1.0, "sync.E005"),
    ],
)
def test_a_clock_by_which_the_journal_cannot_be_trusted_is_told(
    settings: Settings, name: str, value: object, complaint: str
) -> None:
    setattr(settings, name, value)
    assert found() == {complaint}
