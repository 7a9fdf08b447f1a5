"""`manage.py erase_person`: erase what is personal of one person, for instance of the staff who left."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from people import erasing
from people.models import User


class Command(BaseCommand):
    """Wants the e-mail typed, then erases. What the person did stays in the audit, without name and address."""

    help = "Erase what is personal of one person: name, e-mail, sign-in, from where they signed in. For good."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="with which the person signs in")
        parser.add_argument("--yes", action="store_true", help="don't ask (for scripts)")

    def handle(self, *args: Any, **options: Any) -> None:
        person = User.objects.filter(email__iexact=options["email"]).first()
        if person is None or person.is_erased:
            raise CommandError("There is no such person.")
        if not options["yes"] and input("This can't be undone. Type the e-mail once more: ") != options["email"]:
            raise CommandError("This is not the same e-mail. Nothing was erased.")
        try:
            erasing.erase_person(person, None)
        except erasing.LastOwner:
            raise CommandError("This is the last owner. Make somebody else an owner first.") from None
        self.stdout.write(f"Erased: person {person.pk}.")
