"""User, Customer, Membership and invitations to become either's. The audit's rows are in `people.audit_models`."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from people import data_keys
from people.audit_models import AuditChain, AuditEntry
from people.feed_models import CalendarFeed
from people.permissions import CustomerRole, StaffRole
from people.session_models import Session
from people.tenancy import Tenancy, Viewer

__all__ = [
    "AuditChain", "AuditEntry", "CalendarFeed", "Customer", "DataKey", "Invitation", "Membership", "PrivacyEvent",
    "Session", "SpendingLimit", "User", "UserManager",
]  # fmt: skip


# Where the e-mail of somebody erased seems to be; RFC 2606 keeps the name free.
ERASED_HOST = "@erased.invalid"


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
    staff_role = models.CharField(
        _("role in the staff"), max_length=10, choices=StaffRole.choices, blank=True, help_text=_("Empty: no staff.")
    )
    is_active = models.BooleanField(_("active"), default=True)
    language = models.CharField(_("language"), max_length=2, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, help_text=_("Empty: that of the panel."))
    created_at = models.DateTimeField(auto_now_add=True)
    # What the audit tells of this person (from where they came) is sealed with it, and erased with it.
    data_key = models.OneToOneField("people.DataKey", null=True, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[UserManager] = UserManager()
    tenancy = Tenancy()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As any row; a new person is given their data key."""
        if self._state.adding and self.data_key_id is None:
            (self.data_key_id,) = data_keys.make()
        super().save(*args, **kwargs)

    @property
    def is_erased(self) -> bool:
        """Whether nothing personal of them is kept any more."""
        return self.email.endswith(ERASED_HOST)

    @property
    def is_staff(self) -> bool:
        """Whether this is one of the partner's staff."""
        return bool(self.staff_role)

    def roles(self) -> Mapping[int, str]:
        """What this person is for which customers (by primary key), those whose access was ended left out."""
        mine = self.memberships.filter(customer__access_ended_at=None, customer__erased_at=None)
        return dict(mine.order_by("customer__name", "customer").values_list("customer_id", "role"))

    def viewer(self) -> Viewer:
        """This person as `people.tenancy` sees them (one query for those who are not staff)."""
        if not self.is_active:
            return Viewer()
        if self.is_staff:
            return Viewer(user_id=self.pk, staff_role=self.staff_role)
        return Viewer(user_id=self.pk, roles=self.roles())


class Customer(models.Model):
    """A company or person the partner serves. Numbers, orders and document groups belong to one, or to nobody yet."""

    class Approval(models.TextChoices):
        """Which of its orders another person of the staff must approve."""

        NEVER = "never", _("never")
        ABOVE = "above", _("above an amount")
        ALWAYS = "always", _("always")

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
    # What it pays: the partner's purchase price with this on top, or nothing is said of prices at all.
    markup_percent = models.DecimalField(
        _("markup in percent"),
        max_digits=6,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0), MaxValueValidator(1000)],
    )
    shows_prices = models.BooleanField(_("people of the customer see prices"), default=True)
    # When its orders wait for another person of the staff
    approval = models.CharField(
        _("orders need approval"), max_length=6, choices=Approval.choices, default=Approval.NEVER
    )
    approval_above = models.DecimalField(
        _("from more than"), max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    approval_currency = models.CharField(_("currency"), max_length=3, blank=True)
    allowed_countries = models.JSONField(default=list, blank=True, help_text="ISO codes; empty: all.")
    sip_logins = models.JSONField(default=list, blank=True, help_text="SIP logins of the account that are its own.")
    access_ended_at = models.DateTimeField(
        null=True, editable=False, help_text="Since when its people are not let in any more."
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
    """That a user belongs to a customer, and what they are for it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=CustomerRole.choices, default=CustomerRole.MANAGER)
    created_at = models.DateTimeField(auto_now_add=True)

    tenancy = Tenancy(customer="customer")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "customer"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.customer_id}"


class SpendingLimit(models.Model):
    """What a customer may spend a month (calendar, in the panel's time zone), in one currency, at its own prices.

    A customer with any limit may spend nothing in a currency that has none; without limits nothing is limited.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="spending_limits")
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.DecimalField(_("a month"), max_digits=12, decimal_places=2, validators=[MinValueValidator(0)])

    tenancy = Tenancy(customer="customer")

    class Meta:
        ordering = ["currency"]
        constraints = [models.UniqueConstraint(fields=["customer", "currency"], name="spending_limit_once")]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} a month for customer {self.customer_id}"


class Invitation(models.Model):
    """That whoever holds an e-mail address may become staff (`staff_role`), or a person of `customer` (`role`), once.

    The link holds a random token, of which only the digest stands here.
    """

    email = models.EmailField(_("e-mail"))
    staff_role = models.CharField(_("role in the staff"), max_length=10, choices=StaffRole.choices, blank=True)
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(_("role"), max_length=10, choices=CustomerRole.choices, blank=True)
    language = models.CharField(_("language"), max_length=2, blank=True)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token in the link.")
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    tenancy = Tenancy(customer="customer")

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(staff_role="", customer__isnull=False) & ~models.Q(role="")
                | ~models.Q(staff_role="") & models.Q(customer__isnull=True, role=""),
                name="invitation_to_one",
            )
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    @property
    def is_expired(self) -> bool:
        """Whether its time is over, used or not."""
        return self.expires_at <= timezone.now()


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
