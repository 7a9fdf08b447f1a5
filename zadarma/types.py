"""Answers of the API, typed. Each takes what production and the vendor's description send; unknown fields are kept.

Ids are text. Phone numbers are digits. Amounts are Decimal, in the currency beside them. Dates are aware, in the
account's zone; the text as sent stands beside each (`…_text`), since a zone such as `UTC+2` moves with the season.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from zadarma.fields import (
    Amount,
    Bool,
    Days,
    Flag,
    Id,
    Int,
    OptionalAmount,
    OptionalBool,
    OptionalId,
    OptionalInt,
    OptionalText,
    Phone,
    Text,
    is_absent,
    read_date,
    read_phone,
    read_plain_text,
    read_text,
)

T = TypeVar("T")


@dataclass(frozen=True)
class Rejected:
    """A row of a listing that could not be read: its place (from 0) and why, without its values."""

    index: int
    reason: str


@dataclass(frozen=True)
class Listing(Generic[T]):
    """The rows of a listing that could be read, and those set aside."""

    rows: list[T] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    def __iter__(self) -> Iterator[T]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


class Answer(BaseModel):
    """A frozen answer; fields nobody has described yet are in `model_extra`."""

    model_config = ConfigDict(frozen=True, extra="allow", validate_by_name=True, validate_by_alias=True)


class PersonalAnswer(Answer):
    """An answer that holds personal data: its repr shows none of it."""

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return [("id", self.__dict__["id"])] if "id" in self.__dict__ else []


class Balance(Answer):
    """What the account holds."""

    amount: Amount = Field(validation_alias="balance")
    currency: Text


class AccountTime(Answer):
    """The account's clock: Unix time in seconds, the same as text in its zone, and the zone's name (`UTC+2`)."""

    unixtime: Int
    text: Text = Field(validation_alias="datetime")
    zone: Text = Field(validation_alias="timezone")


class Country(Answer):
    """A country with numbers on offer: dial code (`49`), ISO alpha-2 code (`DE`), name in the language asked for."""

    dial_code: Text = Field(validation_alias="countryCode")
    iso: Id = Field(validation_alias="countryCodeIso")
    name: Text


class RequiredUpload(BaseModel):
    """A document that a direction requires: its type (None where the API gives only the text) and the API's words."""

    model_config = ConfigDict(frozen=True)

    document_type: str | None
    text: str


def _texts(value: Any) -> list[tuple[str | None, str]]:
    """(key, text) of a map, a list, a single text or nothing."""
    if is_absent(value):
        return []
    if isinstance(value, dict):
        return [(str(key), " ".join(text for _, text in _texts(text))) for key, text in value.items()]
    if isinstance(value, list):
        return [(None, read_text(text)) for text in value if not is_absent(text)]
    return [(None, read_text(value))]


class Direction(Answer):
    """A destination whose numbers can be ordered. Fees are once and per month, in `currency`."""

    id: Id
    dial_code: Text = Field(default="", validation_alias="countryCode")
    area_code: Text = Field(default="", validation_alias="areaCode")
    name: Text
    connect_fee: Amount
    monthly_fee: Amount
    currency: Text
    uploads: tuple[RequiredUpload, ...] = ()
    specify: tuple[str, ...] = ()
    receive_sms: OptionalBool = None
    is_toll_free: Flag = Field(default=False, validation_alias="is_toll")
    feature: OptionalText = None
    connect_days: Days = Field(default=None, validation_alias="connect_time")

    @model_validator(mode="before")
    @classmethod
    def _read_restrictions(cls, row: Any) -> Any:
        if not isinstance(row, dict):
            return row
        restrictions = row.get("restrictions")
        if isinstance(restrictions, dict):
            uploads = _texts(restrictions.get("upload"))
            return {
                **row,
                "uploads": tuple(RequiredUpload(document_type=key, text=text) for key, text in uploads),
                "specify": tuple(text for _, text in _texts(restrictions.get("specify"))),
            }
        return row

    @property
    def upload(self) -> dict[str, str]:
        """Required document type → the API's words, where the API names types."""
        return {required.document_type: required.text for required in self.uploads if required.document_type}


class AvailableNumber(Answer):
    """A number that can be ordered now; `id` is what `order` takes as `number_id`."""

    id: Id
    direction_id: Text = ""
    number: Phone


class Ordered(Answer):
    """An accepted order. `number` is empty where the API names none yet; a reserved number waits for payment."""

    number: Text = ""
    is_reserved: Flag = False
    is_activated: Flag = False

    @field_validator("number", mode="before")
    @classmethod
    def _read_number(cls, value: Any) -> str:
        try:
            return read_phone(value)
        except ValueError:
            return ""


def _dates_with_text(row: Any, *names: str) -> Any:
    """The row with `<name>_text` beside each date, the text as sent."""
    if not isinstance(row, dict):
        return row
    texts = {
        f"{name}_text": read_plain_text(row.get(name)) for name in names if not isinstance(row.get(name), datetime)
    }
    return {**row, **texts}


def _date(value: Any, info: ValidationInfo) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    zone = (info.context or {}).get("zone")
    if not isinstance(zone, tzinfo):
        raise ValueError("dates need the account's zone")
    return read_date(read_plain_text(value), zone)


class Prolonged(Answer):
    """A number paid further: until when, and what it cost."""

    number: Phone
    stop_date: datetime
    stop_date_text: str
    amount: Amount
    currency: Text

    @model_validator(mode="before")
    @classmethod
    def _read_row(cls, row: Any) -> Any:
        if isinstance(row, dict) and isinstance(row.get("total_paid"), dict):
            paid = row["total_paid"]
            row = {**row, "amount": paid.get("amount"), "currency": paid.get("currency")}
        return _dates_with_text(row, "stop_date")

    _read_date = field_validator("stop_date", mode="before")(_date)


class Number(Answer):
    """A number of the account. `status` and `type` are the API's own words, unknown ones included.

    `minutes` is the incoming traffic of a revenue number in the current month; the field is called minutes, the
    vendor's description says it counts seconds. `name` is the person's own name for the number, `sip` a SIP login or
    server.
    """

    number: Phone
    status: Text
    country: Text = ""
    description: Text = ""
    name: OptionalText = Field(default=None, validation_alias="number_name")
    sip: OptionalText = None
    sip_name: OptionalText = None
    start_date: datetime | None = None
    start_date_text: str = ""
    stop_date: datetime | None = None
    stop_date_text: str = ""
    monthly_fee: OptionalAmount = None
    currency: Text = ""
    channels: OptionalInt = None
    minutes: OptionalInt = None
    autorenew: OptionalBool = None
    autorenew_period: OptionalText = None
    is_on_test: OptionalBool = None
    type: OptionalText = None
    direction_id: OptionalId = None
    group_id: OptionalId = None
    receive_sms: OptionalBool = None

    @model_validator(mode="before")
    @classmethod
    def _read_row(cls, row: Any) -> Any:
        return _dates_with_text(row, "start_date", "stop_date")

    _read_dates = field_validator("start_date", "stop_date", mode="before")(_date)


class CheckingWrongs(PersonalAnswer):
    """What the operator's check found wrong with a document group; all None when nothing."""

    document_type: OptionalText = None
    document_message: OptionalText = None
    address_message: OptionalText = None


class DocumentGroup(PersonalAnswer):
    """A person's or company's data for ordering. Id 0 is the account holder's own. All fields are text or None."""

    id: Id
    email: OptionalText = None
    salutation: OptionalText = None
    nationality: OptionalText = None
    first_name: OptionalText = None
    middle_name: OptionalText = None
    last_name: OptionalText = None
    date_of_birth: OptionalText = None
    organization: OptionalText = None
    organization_description: OptionalText = None
    organization_reg_number: OptionalText = None
    country: OptionalText = None
    region: OptionalText = None
    city: OptionalText = None
    address: OptionalText = None
    zip_code: OptionalText = None
    street: OptionalText = None
    street_code: OptionalText = None
    municipality_code: OptionalText = None
    building_number: OptionalText = None
    building_letter: OptionalText = None
    phone: OptionalText = None
    type_of_id: OptionalText = None
    id_number: OptionalText = None
    issuing_authority: OptionalText = None
    issuing_date: OptionalText = None
    is_readonly: Flag = False

    def fields(self) -> dict[str, str]:
        """The personal fields that are set, by the API's names: what `update_document_group` takes."""
        values = {name: getattr(self, name) for name in type(self).model_fields if name not in {"id", "is_readonly"}}
        return {name: value for name, value in values.items() if value is not None}


class Validity(Answer):
    """Whether a document group satisfies a direction, in the API's four answers."""

    is_information_match: Bool
    is_documents_uploaded: Bool
    is_documents_verified: Bool
    is_address_match: Bool


class Uploaded(PersonalAnswer):
    """An accepted file: the API's sentence and the name it keeps the file under."""

    message: Text = ""
    name: Text = Field(default="", validation_alias="doc_name")


class Document(PersonalAnswer):
    """A file of a document group."""

    type: Text
    is_verified: OptionalBool = None
    source: Text = ""
    name: Text = ""


class SipLogin(Answer):
    """A SIP login of the account; `lines` is how many calls it takes at once."""

    id: Id
    display_name: Text = ""
    lines: OptionalInt = None


class SipLogins(Answer):
    """The account's SIP logins, and how many more it may create."""

    sips: tuple[SipLogin, ...]
    left: OptionalInt = None


class Webhooks(Answer):
    """Where the API reports events, and which; the url is empty when none is set."""

    url: Text = ""
    hooks: dict[str, Bool] = Field(default_factory=dict)

    @field_validator("hooks", mode="before")
    @classmethod
    def _read_hooks(cls, value: Any) -> Any:
        return {} if is_absent(value) else value
