"""The demo's own rows: customers for the simulated account, and how all of it goes away again."""

from django.db import transaction

from direct_numbers.models import Country, Direction, Number, Offer, Order
from documents.models import DocumentGroup
from people.models import Customer
from sync.models import Change, Connection, Operation

CUSTOMERS = (("Northwind Coaching (demo)", "D-1001"), ("Harbour Bakery (demo)", "D-1002"))


def make_customers(connection: Connection) -> None:
    """Two customers for the demo, once."""
    if not Customer.objects.filter(is_demo=True).exists():
        for name, reference in CUSTOMERS:
            Customer.objects.create(name=name, reference=reference, default_connection=connection, is_demo=True)


def clear() -> int:
    """Delete the demo's rows. Customers of the demo that own something real meanwhile stay. Returns how many rows."""
    removed = 0
    with transaction.atomic():
        for connection in Connection.objects.filter(is_demo=True):
            mine = {"connection": connection}
            for rows in (Order.objects.filter(**mine), Number.objects.filter(**mine), Offer.objects.filter(**mine)):
                removed += rows.delete()[0]
            Operation.objects.filter(**mine).update(previous=None)
            for model in (Operation, DocumentGroup, Change):
                removed += model.objects.filter(**mine).delete()[0]
            removed += connection.delete()[0]
        removed += Direction.objects.filter(offers=None, numbers=None).delete()[0]
        removed += Country.objects.filter(directions=None).delete()[0]
        idle = Customer.objects.filter(is_demo=True, numbers=None, orders=None, document_groups=None)
        removed += idle.delete()[0]
    return removed
