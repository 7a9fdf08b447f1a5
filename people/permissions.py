"""Who may do what: the one table. Pages, buttons and checks all read it, by `Viewer.may` and `access.needs`."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class StaffRole(models.TextChoices):
    """What a member of the partner's staff is."""

    OWNER = "owner", _("owner")
    OPERATOR = "operator", _("operator")
    AUDITOR = "auditor", _("auditor")


class CustomerRole(models.TextChoices):
    """What a person is for a customer."""

    MANAGER = "manager", _("manager")
    VIEWER = "viewer", _("viewer")


class May(models.TextChoices):
    """Something that a role may do. Which rows it is done with is another question: `people.tenancy`."""

    # With what is a customer's, or anybody's for staff
    SEE = "see", _("see numbers, orders and papers")
    ORDER = "order", _("order numbers")
    ROUTE = "route", _("set where calls go, caller name, SMS and autorenewal")
    PAY = "pay", _("pay numbers further")
    EDIT_PAPERS = "edit_papers", _("enter papers and upload documents")
    DOWNLOAD = "download", _("be given uploaded documents again")
    SEE_MEMBERS = "see_members", _("see who belongs to the customer")
    MANAGE_MEMBERS = "manage_members", _("invite and remove people of the customer")
    # Of the staff
    SET_CHANNELS = "set_channels", _("set how many calls a number takes at once")
    ASSIGN = "assign", _("give numbers and papers to customers")
    APPROVE = "approve", _("approve and reject orders")
    SEE_CUSTOMERS = "see_customers", _("see the customers")
    MANAGE_CUSTOMERS = "manage_customers", _("change customers, their limits and their access")
    EXPORT_CUSTOMERS = "export_customers", _("be given everything kept of a customer")
    ERASE_CUSTOMERS = "erase_customers", _("erase customers")
    SEE_MONEY = "see_money", _("see purchase prices and balances")
    SEE_ACTIVITY = "see_activity", _("see readings and the journal")
    SYNC = "sync", _("read from Zadarma now")
    SETTLE = "settle", _("settle what is in doubt")
    SEE_CONNECTIONS = "see_connections", _("see the Zadarma accounts")
    MANAGE_CONNECTIONS = "manage_connections", _("add, change and switch Zadarma accounts")
    SEE_STAFF = "see_staff", _("see who is on the staff")
    MANAGE_STAFF = "manage_staff", _("invite and remove staff, and change their roles")
    SEE_AUDIT = "see_audit", _("see who did what")


_LOOKS = {May.SEE, May.SEE_MEMBERS}
_CUSTOMERS_OWN = {*_LOOKS, May.ORDER, May.ROUTE, May.PAY, May.EDIT_PAPERS, May.DOWNLOAD, May.MANAGE_MEMBERS}
_STAFF_LOOKS = {
    *_LOOKS,
    May.DOWNLOAD,
    May.SEE_CUSTOMERS,
    May.SEE_MONEY,
    May.SEE_ACTIVITY,
    May.SEE_CONNECTIONS,
    May.SEE_STAFF,
}
_STAFF_WORKS = {
    May.SET_CHANNELS,
    May.ASSIGN,
    May.APPROVE,
    May.MANAGE_CUSTOMERS,
    May.EXPORT_CUSTOMERS,
    May.ERASE_CUSTOMERS,
    May.SYNC,
    May.SETTLE,
}

TABLE: dict[str, frozenset[May]] = {
    StaffRole.OWNER: frozenset(May),
    StaffRole.OPERATOR: frozenset(_CUSTOMERS_OWN | _STAFF_LOOKS | _STAFF_WORKS),
    StaffRole.AUDITOR: frozenset(_STAFF_LOOKS | {May.SEE_AUDIT}),
    CustomerRole.MANAGER: frozenset(_CUSTOMERS_OWN),
    CustomerRole.VIEWER: frozenset(_LOOKS),
}


def allows(role: str, what: May) -> bool:
    """Whether `role` may do `what`; a role that nobody knows may do nothing."""
    return what in TABLE.get(role, frozenset())
