"""`manage.py verify_audit`: whether nobody changed what the audit says."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from people import audit_checking
from people.audit_checking import Broken, Head


class Command(BaseCommand):
    """Exits with 0 where the chain holds, with 1 and the first broken place where it does not. Changes nothing."""

    help = "Check that no row of the audit was changed, put in, moved or taken out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", action="store_true", help="only print SEQ:HASH of the last row, to keep elsewhere"
        )
        parser.add_argument("--expect", metavar="SEQ:HASH", help="a head kept elsewhere, which must still be there")
        parser.add_argument("--from-seq", type=int, default=1, metavar="SEQ", help="begin at this row")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["head"]:
            self.stdout.write(str(audit_checking.head()))
            return
        if options["from_seq"] < 1:
            raise CommandError("Rows are numbered from 1.")
        try:
            expected = Head.parse(options["expect"]) if options["expect"] else None
        except ValueError as error:
            raise CommandError(str(error)) from None
        try:
            found = audit_checking.check(timezone.now(), from_seq=options["from_seq"], expected=expected)
        except Broken as broken:
            raise CommandError(f"The audit does not hold. {broken}") from None
        self.stdout.write(f"The audit holds: {found.rows} rows checked. Last one: {found.head}")
