"""`manage.py export_customer`: a customer's data as a ZIP file, for who asks for them."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from people import exporting, personal
from people.models import Customer, PrivacyEvent


class Command(BaseCommand):
    """Writes a file that only its owner may read. A file that is there already is not written over."""

    help = "Write everything that is kept of a customer into a ZIP file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", type=int, help="the number of the customer, as in the address of their page")
        parser.add_argument("--output", required=True, type=Path, metavar="FILE.zip", help="the file to write")
        parser.add_argument("--language", choices=[code for code, _name in settings.LANGUAGES], default="en")

    def handle(self, *args: Any, **options: Any) -> None:
        customer = Customer.objects.filter(pk=options["customer"]).first()
        if customer is None:
            raise CommandError(f"There is no customer {options['customer']}.")
        try:
            written = os.open(options["output"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{options['output']} can't be written: {error.strerror}.") from None
        with os.fdopen(written, "wb") as file, translation.override(options["language"]):
            for piece in exporting.export(customer):
                file.write(piece)
        personal.note(PrivacyEvent.Kind.EXPORTED, customer, None)
        self.stdout.write(f"Written: {options['output']}")
