"""One factory a model."""

import factory
from django.utils import timezone

from direct_numbers.models import Country, Direction, Number, Offer, Order
from documents.models import Document, DocumentGroup, Upload
from notices.models import Notice
from people.models import Customer, User
from sync.models import Connection, Operation, SyncRun


class UserFactory(factory.django.DjangoModelFactory):
    """A person."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.com")


class CustomerFactory(factory.django.DjangoModelFactory):
    """A customer."""

    class Meta:
        model = Customer

    name = factory.Sequence(lambda n: f"Customer {n}")


class ConnectionFactory(factory.django.DjangoModelFactory):
    """An account whose API can't be reached."""

    class Meta:
        model = Connection

    name = factory.Sequence(lambda n: f"Account {n}")
    api_url = "http://127.0.0.1:9"
    api_key = "key"
    api_secret = "secret"
    zone = "UTC+2"


class SyncRunFactory(factory.django.DjangoModelFactory):
    """A finished run."""

    class Meta:
        model = SyncRun

    connection = factory.SubFactory(ConnectionFactory)
    kind = SyncRun.Kind.NUMBERS
    state = SyncRun.State.DONE
    started_at = factory.LazyFunction(timezone.now)
    finished_at = factory.LazyFunction(timezone.now)
    lease_until = factory.LazyFunction(timezone.now)


class OperationFactory(factory.django.DjangoModelFactory):
    """A planned operation on number 0."""

    class Meta:
        model = Operation

    connection = factory.SubFactory(ConnectionFactory)
    kind = "set_caller_name"
    object_type = "number"
    object_id = 0


class CountryFactory(factory.django.DjangoModelFactory):
    """A country."""

    class Meta:
        model = Country
        django_get_or_create = ("iso",)

    iso = "GB"
    dial_code = "44"
    name_en = "United Kingdom"
    name_de = "Vereinigtes Königreich"
    as_of = factory.LazyFunction(timezone.now)


class DirectionFactory(factory.django.DjangoModelFactory):
    """A direction without requirements, active at once."""

    class Meta:
        model = Direction

    remote_id = factory.Sequence(lambda n: str(90000 + n))
    country = factory.SubFactory(CountryFactory)
    dial_code = "44"
    area_code = "20"
    name_en = factory.Sequence(lambda n: f"City {n}")
    connect_days = 0
    as_of = factory.LazyFunction(timezone.now)


class OfferFactory(factory.django.DjangoModelFactory):
    """A direction for 2.00 a month."""

    class Meta:
        model = Offer

    connection = factory.SubFactory(ConnectionFactory)
    direction = factory.SubFactory(DirectionFactory)
    connect_fee = 0
    monthly_fee = 2
    currency = "EUR"
    as_of = factory.LazyFunction(timezone.now)


class DocumentGroupFactory(factory.django.DjangoModelFactory):
    """A person's papers."""

    class Meta:
        model = DocumentGroup

    connection = factory.SubFactory(ConnectionFactory)
    remote_id = factory.Sequence(lambda n: str(5000 + n))
    fields = factory.LazyFunction(lambda: {"first_name": "Given", "last_name": "Family", "country": "DE"})
    country_iso = "DE"


class DocumentFactory(factory.django.DjangoModelFactory):
    """A verified file."""

    class Meta:
        model = Document

    group = factory.SubFactory(DocumentGroupFactory)
    document_type = "passport"
    name = "passport.jpg"
    is_verified = True


class UploadFactory(factory.django.DjangoModelFactory):
    """A file that waits to be sent."""

    class Meta:
        model = Upload

    group = factory.SubFactory(DocumentGroupFactory)
    document_type = "passport"
    name = "scan.pdf"
    content_type = "application/pdf"
    content = b"%PDF-1.4"
    size = 8
    sha256 = "0" * 64


class NumberFactory(factory.django.DjangoModelFactory):
    """An active number in London."""

    class Meta:
        model = Number

    connection = factory.SubFactory(ConnectionFactory)
    number = factory.Sequence(lambda n: f"4420{30000000 + n}")
    status = Number.Status.ON
    direction = factory.SubFactory(DirectionFactory)
    country_name = "United Kingdom"
    description = "London"
    monthly_fee = 2
    currency = "EUR"
    autorenew = True


class OrderFactory(factory.django.DjangoModelFactory):
    """A draft."""

    class Meta:
        model = Order

    connection = factory.SubFactory(ConnectionFactory)


class NoticeFactory(factory.django.DjangoModelFactory):
    """That a number is parked."""

    class Meta:
        model = Notice

    kind = Notice.Kind.PARKED
    connection = factory.SubFactory(ConnectionFactory)
    subject_type = "number"
    subject_id = 0
    occurrence = factory.Sequence(str)
    since = factory.LazyFunction(timezone.now)
