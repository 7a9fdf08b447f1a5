"""A customer's data as a ZIP file that is made while it is sent: never on disk, one file of it in memory at a time."""

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from people import personal
from people.models import Customer
from people.personal import File

# Names in the file are no longer than this, whatever a file was called.
LONGEST = 100


@dataclass(frozen=True)
class Export:
    """What goes into the ZIP file, texts told in the reader's language at once, contents of files when they are due."""

    name: str
    at: datetime
    readme: str
    data: str
    files: list[File]

    def __iter__(self) -> Iterator[bytes]:
        """The ZIP file in pieces."""
        pipe = _Pipe()
        taken: set[str] = set()
        with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in (("README.txt", self.readme), ("customer.json", self.data)):
                archive.writestr(self._entry(name), text)
                yield pipe.taken()
            for name, read in self.files:
                content = read()
                if content is not None:
                    archive.writestr(self._entry(f"files/{_unused(safe_name(name), taken)}"), content)
                    yield pipe.taken()
        yield pipe.taken()

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, timezone.localtime(self.at).timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o600 << 16
        return entry


class _Pipe(io.RawIOBase):
    """Takes what is written until somebody takes it away. It can't be gone back in."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: object) -> int:
        self.waiting += content  # type: ignore[arg-type]
        return len(content)  # type: ignore[arg-type]

    def taken(self) -> bytes:
        """What was written since it was asked last."""
        content = bytes(self.waiting)
        self.waiting.clear()
        return content


def safe_name(name: str) -> str:
    """`name` without folders, control characters and what file systems don't take."""
    plain = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c)[0] not in "CZ" or c == " ")
    plain = re.sub(r'[/\\:*?"<>|]+', "_", plain).strip(" .")
    if len(plain) > LONGEST:
        stem, dot, ending = plain.rpartition(".")
        kept = f"{dot}{ending[:10]}" if stem else ""
        plain = (stem or plain)[: LONGEST - len(kept)].rstrip(" .") + kept
    return plain or "file"


def _unused(name: str, taken: set[str]) -> str:
    """`name`, with a number where it is taken, capitals or not."""
    stem, dot, ending = name.rpartition(".")
    stem, suffix = (stem, f"{dot}{ending}") if stem else (name, "")
    wanted, count = name, 1
    while wanted.casefold() in taken:
        count += 1
        wanted = f"{stem}-{count}{suffix}"
    taken.add(wanted.casefold())
    return wanted


def export(customer: Customer) -> Export:
    """Everything that is kept of `customer`, and nothing of anybody else."""
    now = timezone.now()
    told: dict[str, object] = {"as_of": now.isoformat()}
    files: list[File] = []
    for source in personal.sources():
        part, its_files = source.export(customer)
        told |= part
        files += its_files
    name = f"customer-{customer.pk}-{timezone.localtime(now):%Y-%m-%d}.zip"
    return Export(name, now, _readme(customer, now), json.dumps(told, indent=2, ensure_ascii=False), files)


def _readme(customer: Customer, now: datetime) -> str:
    lines = [
        _("Data of %(name)s") % {"name": customer.name},
        "",
        _("As of: %(moment)s") % {"moment": date_format(timezone.localtime(now), "DATETIME_FORMAT")},
        "",
        _(
            "customer.json holds what this panel keeps: the customer, the people who sign in for them, document groups "
            "with all their data, numbers, orders, and what was asked of Zadarma for them. Dates are in ISO 8601."
        ),
        "",
        _(
            "The folder files holds the uploaded documents that are still kept here. A file that Zadarma has taken and "
            "checked is deleted here after some days; then only its name, type and dates are listed."
        ),
        "",
        _("What Zadarma itself keeps is not in this file."),
        "",
    ]
    return "\n".join(lines)
