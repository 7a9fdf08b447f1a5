"""`manage.py rotate_keys`: after another key was put first in `ENCRYPTION_KEYS`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from people import rotation


class Command(BaseCommand):
    """Seals anew with the first key, then reads everything with it. May be run while the panel runs, and again."""

    help = "Seal everything anew with the first of ENCRYPTION_KEYS, so that the others are no longer needed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; only say what needs an older key")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            self.stdout.write(f"Sealed anew with the first key: {rotation.rotate()}")
            for step in rotation.steps():
                self.stdout.write(f"Made anew with the first key ({step.name}): {step.run()}")
        found = rotation.examine()
        behind = {step.name: step.behind() for step in rotation.steps()}
        self.stdout.write(f"Read with the first key alone: {found.readable}")
        if found.erased:
            self.stdout.write(f"Erased with their keys: {found.erased}")
        if options["check"] or found.behind:
            self.stdout.write(f"Need an older key: {found.behind}")
        for name, count in behind.items():
            if options["check"] or count:
                self.stdout.write(f"Made with an older key ({name}): {count}")
        for where in found.unreadable:
            self.stderr.write(f"No key of ENCRYPTION_KEYS can read {where}.")
        if found.unreadable:
            raise CommandError(f"{len(found.unreadable)} values can't be read with any key of ENCRYPTION_KEYS.")
        if not options["check"] and (found.behind or any(behind.values())):
            raise CommandError(
                "Something was sealed with an older key meanwhile: start all processes with the new ENCRYPTION_KEYS, "
                "then run this again."
            )
