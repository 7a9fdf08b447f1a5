"""DocumentGroup, Document, GroupValidity: the mirror of an account's identity papers."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people.models import Customer
from people.tenancy import Tenancy
from people.vault import SealedBinaryField, SealedJSONField, SealedTextField
from sync.models import Connection

MAIN_GROUP = "0"


class DocumentType(models.TextChoices):
    """The API's own names for kinds of document."""

    CERTIFICATE = "certificate", _("certificate")
    CONTRACT = "contract", _("contract")
    COMPANY_LETTER = "company_letter", _("letter of the company")
    INN_UA = "inn_ua", _("Ukrainian tax number")
    PASSPORT = "passport", _("passport or ID card")
    PHONE_BILL = "phone_bill", _("phone bill")
    PHOTO_WITH_DOC = "photo_with_doc", _("photo of the person with the document")
    PHOTO_WITH_PASSPORT = "photo_with_passport", _("photo of the person with the passport")
    RECEIPT = "receipt", _("utility bill or proof of address")
    DRIVER_ID_US_CA = "driver_id_us_ca", _("driving licence (US, Canada)")
    DRIVER_ID_OTHER = "driver_id_other", _("driving licence (other countries)")


def type_label(document_type: str) -> str:
    """The name of a document type in the reader's language; an unknown one as the API sends it."""
    return str(dict(DocumentType.choices).get(document_type, document_type))


class DocumentGroup(models.Model):
    """A person's or company's papers in an account. Remote id 0 is the account holder's own: staff only.

    `remote_id` is empty only while a group made here has not been created at Zadarma yet.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="document_groups")
    customer = models.ForeignKey(
        Customer, null=True, blank=True, on_delete=models.SET_NULL, related_name="document_groups"
    )
    user_id = models.CharField(max_length=20, blank=True, help_text="A reseller's sub-user; empty for the account.")
    remote_id = models.CharField(max_length=20, blank=True)
    fields = SealedJSONField(default=dict)
    country_iso = models.CharField(max_length=2, blank=True)
    is_company = models.BooleanField(default=False)
    is_readonly = models.BooleanField(default=False)
    error = SealedTextField(blank=True, help_text="Why Zadarma refused it, in its words, which may name people.")
    wrong_document_type = models.CharField(max_length=40, blank=True)
    wrong_document = SealedTextField(blank=True)
    wrong_address = SealedTextField(blank=True)
    first_seen = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, help_text="When an operation last settled what stands here.")
    checked_at = models.DateTimeField(null=True, help_text="When its files and what is wrong were last asked for.")
    changed_at = models.DateTimeField(null=True, help_text="When its data, files or verdicts last changed.")
    erased_at = models.DateTimeField(null=True, help_text="Since when nothing personal of it is kept here.")
    gone_at = models.DateTimeField(null=True)

    tenancy = Tenancy(customer="customer", connection="connection")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "user_id", "remote_id"],
                condition=Q(gone_at=None) & ~Q(remote_id=""),
                name="group_once",
            ),
            models.CheckConstraint(
                condition=~Q(remote_id=MAIN_GROUP) | Q(customer=None), name="group_main_belongs_to_nobody"
            ),
        ]

    def __str__(self) -> str:
        return f"document group {self.remote_id or '(new)'}"

    @property
    def is_main(self) -> bool:
        """Whether it is the account holder's own identity."""
        return self.remote_id == MAIN_GROUP

    @property
    def title(self) -> str:
        """The company's or person's name, for those who may see it; never for a log."""
        known: dict[str, Any] = self.fields
        person = " ".join(part for part in (known.get("first_name"), known.get("last_name")) if part)
        return known.get("organization") or person or str(_("Group %(id)s") % {"id": self.remote_id or "–"})


class Document(models.Model):
    """A file of a group as the API lists it."""

    group = models.ForeignKey(DocumentGroup, on_delete=models.CASCADE, related_name="documents")
    document_type = models.CharField(max_length=40)
    name = SealedTextField(blank=True)
    source = models.CharField(max_length=60, blank=True)
    is_verified = models.BooleanField(null=True)
    first_seen = models.DateTimeField(auto_now_add=True)
    gone_at = models.DateTimeField(null=True)

    tenancy = Tenancy(customer="group__customer", connection="group__connection")

    class Meta:
        ordering = ["document_type", "pk"]

    def __str__(self) -> str:
        return f"{self.document_type} of group {self.group_id}"


class Upload(models.Model):
    """A file on its way to Zadarma: sealed, and emptied once it has arrived there."""

    group = models.ForeignKey(DocumentGroup, on_delete=models.CASCADE, related_name="uploads")
    document_type = models.CharField(max_length=40)
    name = SealedTextField(blank=True)
    content_type = models.CharField(max_length=80)
    size = models.IntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    content = SealedBinaryField(default=b"")
    error = SealedTextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    arrived_at = models.DateTimeField(null=True)

    tenancy = Tenancy(customer="group__customer", connection="group__connection")

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.document_type} for group {self.group_id}"


class GroupValidity(models.Model):
    """The API's four answers on whether a group suits a direction, with their age."""

    group = models.ForeignKey(DocumentGroup, on_delete=models.CASCADE, related_name="validities")
    direction_remote_id = models.CharField(max_length=20)
    is_information_match = models.BooleanField()
    is_documents_uploaded = models.BooleanField()
    is_documents_verified = models.BooleanField()
    is_address_match = models.BooleanField()
    requirement = models.CharField(max_length=64, blank=True, help_text="What the direction wanted then, as a digest.")
    as_of = models.DateTimeField()

    tenancy = Tenancy(customer="group__customer", connection="group__connection")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "direction_remote_id"], name="validity_once")]

    def __str__(self) -> str:
        return f"group {self.group_id} for direction {self.direction_remote_id}"

    @property
    def suits(self) -> bool:
        """Whether nothing is lacking."""
        return (
            self.is_information_match
            and self.is_documents_uploaded
            and self.is_documents_verified
            and self.is_address_match
        )

    @property
    def may_order(self) -> bool:
        """Whether an order is accepted: papers may still be missing or unchecked, the data must fit."""
        return self.is_information_match and self.is_address_match
