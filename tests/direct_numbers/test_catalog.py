"""The catalogue: countries and directions in both languages, and what each account is offered."""

from decimal import Decimal

import pytest
from django.utils import timezone, translation

from direct_numbers import queries
from direct_numbers.models import Country, Direction, Number, Offer
from sync.models import Change, Connection
from tests.factories import DirectionFactory, OfferFactory
from tests.support.scenes import number_of, read
from tests.support.simulator import SimulatorProcess

pytestmark = pytest.mark.django_db


def direction(remote_id: int) -> Direction:
    """A direction of the mirror."""
    return Direction.objects.select_related("country").get(remote_id=str(remote_id))


def offer(connection: Connection, remote_id: int) -> Offer:
    """What an account is offered for a direction."""
    return Offer.objects.get(connection=connection, direction__remote_id=str(remote_id))


def test_every_field_of_a_direction_is_mirrored(connection: Connection) -> None:
    (run,) = read(connection, "catalog")
    assert (run.state, run.rejected, run.gone) == ("done", 0, 0)
    assert Direction.objects.count() == Offer.objects.count() >= 120
    assert run.seen == run.created == Country.objects.count() + 2 * Direction.objects.count()
    assert Country.objects.count() >= 20
    london = direction(13755)
    assert (london.country.iso, london.dial_code, london.area_code) == ("GB", "44", "20")
    assert (london.receive_sms, london.is_toll_free, london.connect_days) == (True, False, 0)
    assert (london.uploads_en, london.specify_en, london.needs_papers) == ([], [], False)
    assert direction(17707).is_toll_free
    assert direction(6005).connect_days == 3
    zurich = offer(connection, 4201)
    assert (zurich.connect_fee, zurich.monthly_fee, zurich.currency) == (Decimal(4), Decimal(4), "EUR")


def test_names_and_requirements_are_read_in_both_languages(connection: Connection, simulator: SimulatorProcess) -> None:
    read(connection, "catalog")
    munich = direction(3762)
    with translation.override("de"):
        assert (munich.name, munich.country.name) == ("München", "Deutschland")
        assert munich.uploads[0] == {
            "type": "passport",
            "text": "Reisepass oder Personalausweis, Vorder- und Rückseite",
        }
        assert munich.specify == ["Eine Anschrift im Land der Rufnummer"]
    with translation.override("en"):
        assert (munich.name, munich.country.name) == ("Munich", "Germany")
        assert munich.specify == ["An address in the country of the number"]
    asked = [entry["params"] for entry in simulator.requests("/v1/direct_numbers/country/")]
    assert len(asked) == 2 * Country.objects.count()
    assert {(params["country"], params["language"]) for params in asked} >= {("DE", "en"), ("DE", "de")}


def test_a_text_missing_in_german_is_shown_in_english(connection: Connection) -> None:
    read(connection, "catalog")
    Direction.objects.filter(remote_id="3762").update(name_de="", uploads_de=[])
    with translation.override("de"):
        assert direction(3762).name == "Munich"
        assert direction(3762).uploads == direction(3762).uploads_en


def test_a_price_change_is_noted_once_for_that_account(connection: Connection, simulator: SimulatorProcess) -> None:
    read(connection, "catalog")
    simulator.set_price(13755, monthly_fee="2.75")
    (run,) = read(connection, "catalog")
    assert (run.updated, offer(connection, 13755).monthly_fee) == (1, Decimal("2.75"))
    change = Change.objects.get(object_type="offer")
    assert (change.object_id, change.field, change.connection) == (
        offer(connection, 13755).pk,
        "monthly_fee",
        connection,
    )
    assert (Decimal(change.old), Decimal(change.new)) == (Decimal(2), Decimal("2.75"))
    read(connection, "catalog")
    assert Change.objects.filter(object_type="offer").count() == 1


def test_directions_are_shared_and_fees_are_each_accounts_own(
    connection: Connection, simulator: SimulatorProcess
) -> None:
    read(connection, "catalog")
    before = Direction.objects.count()
    other = Connection.objects.create(
        name="Other", api_url=simulator.url, api_key="second-key", api_secret="second-secret"
    )
    simulator.set_price(13755, monthly_fee="2.75")
    read(other, "catalog")
    assert Direction.objects.count() == before
    assert Offer.objects.count() == 2 * before
    assert (offer(connection, 13755).monthly_fee, offer(other, 13755).monthly_fee) == (Decimal(2), Decimal("2.75"))
    assert not Change.objects.filter(object_type="offer").exists()


def test_a_direction_no_longer_offered_is_marked_gone_for_that_account_only(
    connection: Connection, simulator: SimulatorProcess
) -> None:
    read(connection, "catalog")
    withdrawn = DirectionFactory(country=Country.objects.get(iso="GB"), name_en="Atlantis")
    mine = OfferFactory(connection=connection, direction=withdrawn)
    theirs = OfferFactory(direction=withdrawn)
    assert mine in queries.offers(connection, withdrawn.country)
    (run,) = read(connection, "catalog")
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (run.gone, mine.gone_at, theirs.gone_at) == (1, run.started_at, None)
    assert mine not in queries.offers(connection, withdrawn.country)
    (run,) = read(connection, "catalog")
    assert run.gone == 0  # once is enough


def test_an_offer_that_returns_is_offered_again(connection: Connection) -> None:
    read(connection, "catalog")
    Offer.objects.filter(direction__remote_id="13755").update(gone_at=timezone.now())
    Direction.objects.filter(remote_id="13755").update(gone_at=timezone.now())
    read(connection, "catalog")
    assert offer(connection, 13755).gone_at is None
    assert direction(13755).gone_at is None


@pytest.mark.parametrize("fault", ["error", "truncated", "html", "reset_after", "rate"])
def test_a_failed_reading_takes_no_offer_away(
    connection: Connection, simulator: SimulatorProcess, asks_once: None, fault: str
) -> None:
    read(connection, "catalog")
    as_of = connection.catalog_as_of
    simulator.fault(fault, path="^/v1/direct_numbers/country/", count=1, probability=1)
    (run,) = read(connection, "catalog")
    assert (run.state, run.gone) == ("failed", 0)
    assert not Offer.objects.exclude(gone_at=None).exists()
    assert connection.catalog_as_of == as_of


def test_numbers_read_before_the_catalogue_find_their_direction_afterwards(connection: Connection) -> None:
    number = number_of(connection)
    assert (number.direction, number.direction_remote_id) == (None, "13755")
    read(connection, "catalog")
    number.refresh_from_db()
    assert number.direction == direction(13755)
    assert not Number.objects.filter(direction=None).exists()


def test_the_descriptions_shape_is_read_as_well(connection: Connection, simulator: SimulatorProcess) -> None:
    simulator.set_shape("description")
    (run,) = read(connection, "catalog")
    assert (run.state, run.rejected) == ("done", 0)
    assert direction(3762).needs_papers
    assert direction(3762).uploads_en[0]["text"] == "Passport or identity card, front and back"
    simulator.set_shape("production")
