"""`manage.py prepare`: everything a start needs. Safe to run at every start."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from config import embedded
from direct_numbers import demo
from people import accounts
from people.models import User
from people.permissions import StaffRole
from sync.connections import sync_with_environment


class Command(BaseCommand):
    """Migrate, make the cache table, collect static files, the default connection and the first administrator."""

    help = "Prepare database, static files, default connection and first administrator. Run it at every start."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        connection = sync_with_environment()
        if connection and connection.is_demo:
            demo.make_customers(connection)
        email, password = first_administrator()
        if password:
            self.stdout.write(f"Sign in as {email} with the password {password}")
        elif email:
            self.stdout.write(f"Sign in as {email} with the password you chose")
        else:
            self.stdout.write("No administrator yet: set ADMIN_EMAIL and ADMIN_PASSWORD and start again.")


def first_administrator() -> tuple[str, str]:
    """Make the first administrator where there is no staff yet. Returns e-mail and the password kept in `var/`, if so.

    In production nothing is generated: both must be given.
    """
    email = settings.ADMIN_EMAIL or ("admin@localhost.localdomain" if settings.EMBEDDED else "")
    generated = settings.EMBEDDED and not settings.ADMIN_PASSWORD
    kept = settings.VAR_DIR / "admin_password"
    if not User.objects.exclude(staff_role="").exists():
        if not email or not (settings.ADMIN_PASSWORD or generated):
            return "", ""
        password = settings.ADMIN_PASSWORD or embedded.kept_secret(
            settings.VAR_DIR, "admin_password", embedded.make_password
        )
        made = accounts.make_user(email, password, confirmed=True)
        made.staff_role = StaffRole.OWNER
        made.save(update_fields=["staff_role"])
    first = User.objects.exclude(staff_role="").order_by("pk").first()
    assert first is not None
    unchanged = kept.exists() and first.check_password(kept.read_text().strip())
    return first.email, kept.read_text().strip() if unchanged else ""
