"""What an account holds: numbers, document groups, SIP logins, balance. Plain records, no behaviour of the API."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Self

from .calendar_months import zone_of

ON = "on"
PARKING = "parking"
CHECKING = "checking"
CHECKING_UPLOAD = "checking_upload"
RESERVED = "reserved_"
STATUSES = (
    ON,
    PARKING,
    CHECKING,
    CHECKING_UPLOAD,
    RESERVED + ON,
    RESERVED + CHECKING,
    RESERVED + CHECKING_UPLOAD,
)

#: How long a number that was not renewed is kept.
PARKED_FOR = timedelta(days=7)

#: Fields of a document group in the order of the answers.
GROUP_FIELDS = (
    "email", "salutation", "nationality", "first_name", "middle_name", "last_name", "organization",
    "organization_description", "organization_reg_number", "country", "region", "city", "address", "zip_code",
    "street", "street_code", "municipality_code", "building_number", "building_letter", "phone", "type_of_id",
    "id_number", "issuing_authority", "issuing_date",
)  # fmt: skip

DOCUMENT_TYPES = (
    "certificate", "contract", "company_letter", "inn_ua", "passport", "phone_bill", "photo_with_doc",
    "photo_with_passport", "receipt", "driver_id_us_ca", "driver_id_other",
)  # fmt: skip

WEBHOOKS = ("number_lookup", "call_tracking", "sms", "speech_recognition", "document")


@dataclass(slots=True)
class Number:
    """A number of an account. Moments are aware, in UTC; fees are not kept here, the direction has them.

    ``months`` is the period paid at the order; ``is_connected`` tells type ``common`` from ``order``;
    ``ready_at`` is when a verified order gets active; ``receive_sms`` is None where SMS is not supported;
    ``minutes`` (seconds, says the vendor) is kept for revenue numbers only.
    """

    number: str
    direction_id: int
    group_id: int
    status: str
    start: datetime
    stop: datetime
    months: int = 1
    is_connected: bool = False
    sip: str = ""
    is_on_test: bool = False
    caller_name: str | None = None
    autorenew: bool = True
    autorenew_period: str = "month"
    receive_sms: bool | None = None
    channels: int = 2
    minutes: int | None = None
    purpose: str = ""
    ready_at: datetime | None = None

    @property
    def type(self) -> str:
        return "common" if self.is_connected else "order"

    @property
    def is_reserved(self) -> bool:
        return self.status.startswith(RESERVED)

    def due(self) -> datetime | None:
        """When the mere passing of time changes this number next; None while it waits for money."""
        if self.is_reserved:
            return None
        if self.status == PARKING:
            return self.stop + PARKED_FOR
        if self.status == CHECKING and self.ready_at is not None:
            return min(self.ready_at, self.stop)
        return self.stop

    def packed(self) -> dict[str, Any]:
        """As JSON can hold it."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}

    @classmethod
    def unpacked(cls, values: dict[str, Any]) -> Self:
        """The inverse of packed()."""
        dates = ("start", "stop", "ready_at")
        read: dict[str, Any] = {
            name: datetime.fromisoformat(value) if name in dates and value else value for name, value in values.items()
        }
        return cls(**read)


@dataclass(slots=True)
class Document:
    """A file of a document group. ``rejected`` is why it was refused, None while it is not."""

    type: str
    name: str
    is_verified: bool = False
    rejected: str | None = None
    source: str = "upload"


@dataclass(slots=True)
class Group:
    """A document group. Group 0 is the account holder's own and cannot be changed. Fields as the API names them."""

    id: int
    fields: dict[str, str | None]
    is_readonly: bool = False
    documents: list[Document] = field(default_factory=list)
    wrong_address: str | None = None

    def latest(self, document_type: str) -> Document | None:
        """The newest file of this type: it alone counts."""
        return next((entry for entry in reversed(self.documents) if entry.type == document_type), None)

    def packed(self) -> dict[str, Any]:
        """As JSON can hold it."""
        documents = [{entry.name: getattr(file, entry.name) for entry in fields(file)} for file in self.documents]
        return {
            "id": self.id,
            "fields": self.fields,
            "is_readonly": self.is_readonly,
            "documents": documents,
            "wrong_address": self.wrong_address,
        }

    @classmethod
    def unpacked(cls, values: dict[str, Any]) -> Self:
        """The inverse of packed()."""
        return cls(**{**values, "documents": [Document(**file) for file in values["documents"]]})


@dataclass(slots=True)
class Sip:
    """A SIP login. ``lines`` is how many calls it can hold at once."""

    id: str
    display_name: str
    lines: int = 3
    is_online: bool = False


@dataclass(slots=True)
class Account:
    """One Zadarma account, known by its API key. The secret is not part of it and is never saved."""

    key: str
    balance: Decimal
    currency: str = "EUR"
    timezone: str = "UTC+2"
    language: str = "en"
    numbers: dict[str, Number] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    sips: list[Sip] = field(default_factory=list)
    sips_left: int = 5
    webhook_url: str = ""
    webhooks: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(WEBHOOKS, False))
    agenda: list[tuple[float, str]] = field(default_factory=list)

    @property
    def zone(self) -> tzinfo:
        return zone_of(self.timezone)

    def schedule(self, number: Number) -> None:
        """Put the number's next moment on the agenda. Older entries of it are skipped when they come up."""
        due = number.due()
        if due is not None:
            heapq.heappush(self.agenda, (due.timestamp(), number.number))

    def sip(self, sip_id: str) -> Sip | None:
        """The SIP login with this id, of six digits or (the description's shape) the last five of them."""
        return next((sip for sip in self.sips if sip_id in (sip.id, sip.id[1:])), None)

    def head(self) -> dict[str, Any]:
        """Everything but numbers and groups, as JSON can hold it."""
        return {
            "balance": str(self.balance),
            "currency": self.currency,
            "timezone": self.timezone,
            "language": self.language,
            "sips": [{entry.name: getattr(sip, entry.name) for entry in fields(sip)} for sip in self.sips],
            "sips_left": self.sips_left,
            "webhook_url": self.webhook_url,
            "webhooks": self.webhooks,
        }

    def restore_head(self, values: dict[str, Any]) -> None:
        """The inverse of head()."""
        for name, value in values.items():
            setattr(self, name, value)
        self.balance = Decimal(values["balance"])
        self.sips = [Sip(**sip) for sip in values["sips"]]
