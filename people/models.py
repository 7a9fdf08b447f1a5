"""User, Customer, Membership."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from people.tenancy import Tenancy, Viewer


class UserManager(BaseUserManager["User"]):
    """Makes users and finds them by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Create a person who signs in with `email`; without `password` they can't sign in yet."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in by e-mail: staff of the partner, or a member of one or more customers."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    language = models.CharField(_("language"), max_length=2, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    tenancy = Tenancy()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def viewer(self) -> Viewer:
        """This person as `people.tenancy` sees them (one query for those who are not staff)."""
        if not self.is_active:
            return Viewer()
        if self.is_staff:
            return Viewer(user_id=self.pk, is_staff=True)
        mine = self.memberships.values_list("customer_id", flat=True)
        return Viewer(user_id=self.pk, customer_ids=frozenset(mine))


class Customer(models.Model):
    """A company or person the partner serves. Numbers, orders and document groups belong to one, or to nobody yet."""

    name = models.CharField(_("name"), max_length=120)
    reference = models.CharField(
        _("reference"), max_length=60, blank=True, help_text=_("Your own customer number, if you have one.")
    )
    default_connection = models.ForeignKey(
        "sync.Connection",
        verbose_name=_("Zadarma account"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Where this customer's numbers are ordered."),
    )
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    erased_at = models.DateTimeField(
        null=True, editable=False, help_text="Since when nothing personal of it is kept here."
    )

    tenancy = Tenancy(customer="pk")

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class DataKey(models.Model):
    """The key with which what is personal of one subject (a document group) is sealed; `people.data_keys` uses it.

    Erasing a subject empties `sealed` for good; the row stays, so that what is left of the ciphertext is known to be
    erased rather than damaged.
    """

    sealed = models.TextField(help_text="The key's text, sealed with ENCRYPTION_KEYS; empty once destroyed.")
    created_at = models.DateTimeField(auto_now_add=True)
    destroyed_at = models.DateTimeField(null=True)

    tenancy = Tenancy()

    def __str__(self) -> str:
        return f"data key {self.pk}"


class Membership(models.Model):
    """That a user belongs to a customer."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="memberships")
    created_at = models.DateTimeField(auto_now_add=True)

    tenancy = Tenancy(customer="customer")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "customer"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.customer_id}"


class PrivacyEvent(models.Model):
    """That a customer's data were exported or erased: by whom and when, and nothing of the data."""

    class Kind(models.TextChoices):
        """What was done."""

        EXPORTED = "exported", _("exported")
        ERASED = "erased", _("erased")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="privacy_events")
    actor = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, related_name="+", help_text="Empty: by command."
    )
    at = models.DateTimeField(auto_now_add=True)

    tenancy = Tenancy()

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind} customer {self.customer_id}"
