"""`manage.py clear_demo`: remove everything that belongs to the demo."""

from typing import Any

from django.core.management.base import BaseCommand

from direct_numbers import demo


class Command(BaseCommand):
    """Removes the demo's connection with all rows that hang on it, and the demo's customers."""

    help = "Remove the demo's account, its numbers, orders, documents and customers."

    def handle(self, *args: Any, **options: Any) -> None:
        removed = demo.clear()
        self.stdout.write(f"Removed: {removed} rows of the demo.")
