"""Whether an uploaded file is a document that can be sent: asked of a process of its own (documents/inspecting.py)."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)

INSPECTING = Path(__file__).resolve().parent / "inspecting.py"
PART_IN_PASSES = 0.4  # of the pixels may be in a progressive JPEG, which takes far more memory
MIN_SIDE = 100  # pixels: less can't be read
CPU_SECONDS = 20
WAIT_SECONDS = 10.0  # for the file before
NAME_LENGTH = 80
ENDINGS = {"image/jpeg": ("jpg", "jpeg"), "image/png": ("png",), "application/pdf": ("pdf",)}
MEGABYTE = 1024 * 1024

SENTENCES = {
    "empty": _("This file is empty. Choose the file again."),
    "too_large": _("This file is larger than %(megabytes)s MB. Make it smaller and upload it again."),
    "too_many": _("These are too many files at once. Upload the other files first and this one after them."),
    "unknown": _("This is neither a JPEG or PNG picture nor a PDF. Save it as one of these and upload that."),
    "heic": _(
        "This is a HEIC photo. Zadarma takes JPEG, PNG and PDF: in the camera's settings choose “Most compatible”, "
        "or save the picture as JPEG."
    ),
    "other_picture": _(
        "This is a picture of the type %(kind)s. Zadarma takes JPEG, PNG and PDF: save the picture as JPEG and upload "
        "that."
    ),
    "office": _("This is a document of an office program. Save it as PDF and upload that."),
    "archive": _("This is an archive with packed files. Unpack it and upload the documents in it one by one."),
    "program": _("This is a program. Choose the scan or the photo of the document."),
    "web_page": _("This is a web page or an SVG drawing. Print it to a PDF and upload that."),
    "video": _("This is a video or a sound recording. Take a photo of the document and upload that."),
    "text": _("This is a text file. Save it as PDF and upload that."),
    "truncated": _("The end of this picture is missing. Copy or photograph it again and upload that."),
    "damaged_picture": _("This picture is damaged. Save it again with a picture program, or take a new photo."),
    "too_many_pixels": _(
        "This file has a picture of more than %(megapixels)s megapixels. Make the picture smaller and upload it again."
    ),
    "too_many_pixels_in_passes": _(
        "This is a progressive JPEG of more than %(fewer_megapixels)s megapixels. Save it as an ordinary (“baseline”) "
        "JPEG, or make it smaller, and upload it again."
    ),
    "too_small": _(
        "This picture is too small to be read: each side needs %(pixels)s pixels or more. Upload a larger one."
    ),
    "animated": _("This picture moves. Take a photo of the document and upload that."),
    "bomb": _(
        "This file unpacks to far more than a document needs. Save it with another program, or photograph the document."
    ),
    "polyglot": _(
        "Another file hides in this one: a program, an archive or a web page. Print the document to a new PDF, or "
        "photograph it."
    ),
    "encrypted": _("This PDF is protected with a password. Save it without one and upload it again."),
    "pdf_damaged": _("This PDF is damaged. Print it to a new PDF and upload that."),
    "no_pages": _("This PDF has no pages. Choose another one."),
    "too_many_pages": _("This PDF has more than %(pages)s pages. Upload only those with the document."),
    "pdf_program": _("This PDF runs commands when it is opened or used. Print it to a new PDF and upload that."),
    "pdf_files": _("This PDF has other files attached. Print it to a new PDF and upload that."),
    "pdf_form": _("This PDF is a form that changes (XFA). Print it to a new PDF and upload that."),
    "too_complex": _("This file is too complicated to be checked. Take a photo of the document and upload that."),
    "unreadable": _("This file can't be read. Save it with another program, or take a photo of the document."),
    "busy": _("Other files are being checked at the moment. Upload this one again in a minute."),
    "unavailable": _("This server can't check files, so it takes none. Tell whoever runs it: the log says why."),
}


class Unfit(ValidationError):
    """A file that can't be taken. `code` is one of `SENTENCES`, the message what a person reads."""

    code: str

    def __init__(self, code: str, kind: str = "") -> None:
        params = {
            "kind": kind,
            "megabytes": settings.UPLOAD_MAX_MB,
            "megapixels": settings.UPLOAD_MAX_MEGAPIXELS,
            "fewer_megapixels": f"{settings.UPLOAD_MAX_MEGAPIXELS * PART_IN_PASSES:g}",
            "pages": settings.UPLOAD_MAX_PAGES,
            "pixels": MIN_SIDE,
        }
        super().__init__(SENTENCES[code], code=code, params=params)


@dataclass(frozen=True)
class Checked:
    """What may be sent: bytes, their MIME type by content, and how many pages a PDF has."""

    content: bytes
    content_type: str
    pages: int | None


_one_at_a_time = threading.BoundedSemaphore(1)


def check(content: bytes) -> Checked:
    """Look into a file in a process of its own, one at a time in each web process. Raises `Unfit`.

    A picture comes back written anew without place, camera and comments (unless `UPLOAD_KEEP_METADATA`), a PDF as it
    was. Takes `UPLOAD_CHECK_SECONDS` at most, and 10 seconds more where another file is being checked.
    """
    if len(content) > settings.UPLOAD_MAX_MB * MEGABYTE:
        raise Unfit("too_large")
    if not _one_at_a_time.acquire(timeout=WAIT_SECONDS):
        raise Unfit("busy")
    try:
        verdict, out = _ask(content)
    finally:
        _one_at_a_time.release()
    if verdict["code"]:
        raise _unfit(verdict)
    return Checked(out, verdict["content_type"], verdict["pages"])


def check_upload(uploaded: "UploadedFile[bytes]") -> Checked:
    """`check` of a file of a request, which `InMemoryUploadHandler` may have thrown away as it came. Raises `Unfit`."""
    if getattr(uploaded, "is_one_too_many", False):
        raise Unfit("too_many")
    if getattr(uploaded, "is_too_large", False):
        raise Unfit("too_large")
    uploaded.seek(0)
    return check(uploaded.read())


def _unfit(verdict: dict[str, Any]) -> Unfit:
    code = verdict["code"] if verdict["code"] in SENTENCES else "unreadable"
    if code == "unavailable":
        logger.error("Files can't be checked: the process limits of Linux, Pillow or pypdf are missing.")
    return Unfit(code, str(verdict.get("kind", ""))[:20])


def _ask(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The verdict of the process and the bytes after it. One that died, hung or talks nonsense: `Unfit`."""
    most = settings.UPLOAD_MAX_MB * MEGABYTE
    limits = {
        "bytes": most,
        "pages": settings.UPLOAD_MAX_PAGES,
        "pixels": settings.UPLOAD_MAX_MEGAPIXELS * 1_000_000,
        "pixels_in_passes": round(settings.UPLOAD_MAX_MEGAPIXELS * PART_IN_PASSES * 1_000_000),
        "min_side": MIN_SIDE,
        "cpu_seconds": max(1, min(CPU_SECONDS, settings.UPLOAD_CHECK_SECONDS)),
        "keep_metadata": settings.UPLOAD_KEEP_METADATA,
    }
    with subprocess.Popen(  # noqa: S603 - our own script, no shell
        [sys.executable, "-I", "-B", str(INSPECTING), json.dumps(limits)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        start_new_session=True,
    ) as process:
        assert process.stdin and process.stdout
        stop = threading.Timer(settings.UPLOAD_CHECK_SECONDS, _kill, [process])
        stop.start()
        try:
            with suppress(BrokenPipeError), process.stdin:
                process.stdin.write(content)
            # It reads all before it writes; one that was taken over must not fill our memory.
            told = process.stdout.read(2 * most + 4096)
            _kill(process) if process.stdout.read(1) else process.wait()
        finally:
            stop.cancel()
            _kill(process)
    return _understood(told, process.returncode)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End it with all that it may have started."""
    if process.returncode is None:  # not laid to rest yet: its number, and so its group's, is still its own
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _understood(told: bytes, returncode: int) -> tuple[dict[str, Any], bytes]:
    line, _newline, out = told.partition(b"\n")
    try:
        verdict = json.loads(line)
        is_complete = returncode == 0 and verdict["size"] == len(out)
        is_known = bool(verdict["code"]) or verdict["content_type"] in ENDINGS
    except (ValueError, TypeError, LookupError):
        is_complete = is_known = False
    if not (is_complete and is_known):
        logger.warning("A file could not be checked: the process ended with %s.", returncode)
        raise Unfit("unreadable")
    return verdict, out


def clean_name(name: str, content_type: str) -> str:
    """A file's name without path, control characters and tricks, with the ending of its true type; 80 characters.

    `content_type` is one that `check` found: passport.exe that is a JPEG becomes passport.jpg; a name of which nothing
    remains, document.jpg. An unknown one leaves the ending as it is.
    """
    endings = ENDINGS.get(content_type, ())
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(
        " " if char in '<>:"|?*;%&`$\n\r\t' else char for char in last if not _is_trick(char) or char.isspace()
    )
    stem, dot, ending = " ".join(kept.split()).strip(". ").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    if ending and not (len(ending) <= 5 and ending.isalnum()):
        stem, ending = f"{stem}.{ending}", ""
    if endings:
        ending = ending.lower() if ending.lower() in endings else endings[0]
    stem = stem[: NAME_LENGTH - len(ending) - 1].strip(". -") or "document"
    return f"{stem}.{ending}" if ending else stem


def _is_trick(char: str) -> bool:
    """Control characters, those that turn the direction of writing or can't be seen, halves of characters."""
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
