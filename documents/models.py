"""DocumentGroup, Document, GroupValidity: the mirror of an account's identity papers."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from people import data_keys
from people.models import Customer, DataKey
from people.tenancy import Tenancy
from people.vault import SealedBinaryField, SealedJSONField, SealedQuerySet, SealedTextField
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
    data_key = models.OneToOneField(DataKey, on_delete=models.PROTECT, related_name="document_group")
    fields = SealedJSONField(default=dict, owned=True)
    country_iso = models.CharField(max_length=2, blank=True)
    is_company = models.BooleanField(default=False)
    is_readonly = models.BooleanField(default=False)
    error = SealedTextField(
        blank=True, owned=True, help_text="Why Zadarma refused it, in its words, which may name people."
    )
    wrong_document_type = models.CharField(max_length=40, blank=True)
    wrong_document = SealedTextField(blank=True, owned=True)
    wrong_address = SealedTextField(blank=True, owned=True)
    first_seen = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, help_text="When an operation last settled what stands here.")
    checked_at = models.DateTimeField(null=True, help_text="When its files and what is wrong were last asked for.")
    changed_at = models.DateTimeField(null=True, help_text="When its data, files or verdicts last changed.")
    erased_at = models.DateTimeField(null=True, help_text="Since when nothing personal of it is kept here.")
    gone_at = models.DateTimeField(null=True)

    objects = SealedQuerySet.as_manager()
    tenancy = Tenancy(customer="customer", connection="connection")
    personal_key = "data_key"

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
        # By what a number says of its papers.
        indexes = [models.Index(fields=["connection", "remote_id"], name="group_remote")]

    def __str__(self) -> str:
        return f"document group {self.remote_id or '(new)'}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A new group gets a data key of its own."""
        if self.data_key_id is None:
            self.data_key_id = data_keys.make()[0]
        super().save(*args, **kwargs)

    @property
    def is_main(self) -> bool:
        """Whether it is the account holder's own identity."""
        return self.remote_id == MAIN_GROUP

    @property
    def title(self) -> str:
        """The company's or person's name, for those who may see it; never for a log."""
        if self.erased_at is not None:
            return str(_("Erased"))
        known: dict[str, Any] = self.fields
        person = " ".join(part for part in (known.get("first_name"), known.get("last_name")) if part)
        return known.get("organization") or person or str(_("Group %(id)s") % {"id": self.remote_id or "–"})


class Document(models.Model):
    """A file of a group as the API lists it."""

    group = models.ForeignKey(DocumentGroup, on_delete=models.CASCADE, related_name="documents")
    document_type = models.CharField(max_length=40)
    name = SealedTextField(blank=True, owned=True)
    source = models.CharField(max_length=60, blank=True)
    is_verified = models.BooleanField(null=True)
    rejected_at = models.DateTimeField(null=True, help_text="When its type was rejected while it was not verified.")
    replaced_at = models.DateTimeField(null=True, help_text="When a later file of its type was verified after that.")
    first_seen = models.DateTimeField(auto_now_add=True)
    gone_at = models.DateTimeField(null=True)

    objects = SealedQuerySet.as_manager()
    tenancy = Tenancy(customer="group__customer", connection="group__connection")
    personal_key = "group__data_key"

    class Meta:
        ordering = ["document_type", "pk"]

    def __str__(self) -> str:
        return f"{self.document_type} of group {self.group_id}"


class Upload(models.Model):
    """A file that was given here for Zadarma: sealed, kept until it was verified there and for some days more.

    What remains then is its name, type, digest and dates. `name` is the sanitised name, `doc_name` the one under which
    Zadarma lists it.
    """

    group = models.ForeignKey(DocumentGroup, on_delete=models.CASCADE, related_name="uploads")
    document = models.OneToOneField(Document, null=True, on_delete=models.SET_NULL, related_name="upload")
    document_type = models.CharField(max_length=40)
    name = SealedTextField(blank=True, owned=True)
    doc_name = SealedTextField(blank=True, owned=True)
    content_type = models.CharField(max_length=80)
    size = models.IntegerField(help_text="Bytes.")
    pages = models.IntegerField(null=True)
    sha256 = SealedTextField(owned=True, help_text="Of what was sent, in hexadecimal digits.")
    content = SealedBinaryField(default=b"", owned=True)
    error = SealedTextField(blank=True, owned=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    arrived_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True, help_text="When it was first seen as verified.")
    deleted_at = models.DateTimeField(null=True, help_text="Since when its content is no longer kept here.")

    objects = SealedQuerySet.as_manager()
    tenancy = Tenancy(customer="group__customer", connection="group__connection")
    personal_key = "group__data_key"

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.document_type} for group {self.group_id}"


class Download(models.Model):
    """That a person was given the content of a file that is kept here."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="downloads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    tenancy = Tenancy(customer="upload__group__customer", connection="upload__group__connection")

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"upload {self.upload_id} by {self.user_id}"


class NameToken(models.Model):
    """A word of a group's names, or its beginning, as a keyed digest: the blind index (`documents.names`)."""

    group = models.ForeignKey(DocumentGroup, on_delete=models.CASCADE, related_name="name_tokens")
    token = models.CharField(max_length=16)

    tenancy = Tenancy(customer="group__customer", connection="group__connection")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "group"], name="name_token_once")]

    def __str__(self) -> str:
        return f"a word of group {self.group_id}"


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
