"""`manage.py erase_customer`: erase what is personal of a customer."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from people import personal
from people.models import Customer


class Command(BaseCommand):
    """Says what stays at Zadarma, wants the name typed, then erases. It can't be undone."""

    help = "Erase what is personal of a customer: papers, files, names, people who sign in for them. For good."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", type=int, help="the number of the customer, as in the address of their page")
        parser.add_argument("--yes", action="store_true", help="don't ask for the name (for scripts)")

    def handle(self, *args: Any, **options: Any) -> None:
        customer = Customer.objects.filter(pk=options["customer"]).first()
        if customer is None:
            raise CommandError(f"There is no customer {options['customer']}.")
        if customer.erased_at:
            raise CommandError(f"Customer {customer.pk} was erased already.")
        for sentence in personal.stays(customer):
            self.stdout.write(sentence)
        if not options["yes"]:
            self.stdout.write("This can't be undone. What is listed above stays at Zadarma.")
            if input(f"Type the name of customer {customer.pk} to erase them: ").split() != customer.name.split():
                raise CommandError("This is not the customer's name. Nothing was erased.")
        try:
            counts = personal.erase(customer, None)
        except personal.Hindered as hindered:
            raise CommandError(f"Nothing was erased. {hindered}") from None
        except personal.ErasedAlready:
            raise CommandError(f"Customer {customer.pk} was erased already.") from None
        told = ", ".join(f"{name} {count}" for name, count in counts.items())
        self.stdout.write(f"Erased: {told}.")
