"""Looks into a file that somebody uploaded as an identity document. A process of its own, run by path, without Django.

`python -I -B inspecting.py LIMITS` reads the file from stdin and writes one line of JSON, the verdict, followed by the
bytes to send. LIMITS is JSON, the fields of `Limits`. The verdict's `code` is empty for a file that is fit, or a reason
(documents/checking.py has the sentences); never any of its content.

Whatever a hostile file does to a decoder, it does it here: without the panel's memory and environment, unable to open a
file or a connection or to start a process, and within limits of memory and time, all of which the process sets itself
before it reads. Where they can't be set nothing is looked into.
"""

import codecs
import importlib
import json
import pkgutil
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parent.parent))

from documents.inspection.pdf import inspect_pdf
from documents.inspection.pictures import inspect_picture
from documents.inspection.verdict import MEGABYTE, Limits, Refused, recognise

MEMORY = 295 * MEGABYTE  # of addresses, so less is in use; more only where the settings allow larger files


def restrict(limits: Limits) -> None:
    """Give up what looking into a file doesn't need. Raises where the system has no such limit or a library lacks."""
    import resource

    # Pillow takes 4 bytes a pixel, a JPEG in passes 8 more; what comes and what goes out is 3 times what may come.
    picture = max(4 * limits.pixels, 12 * limits.pixels_in_passes)
    memory = max(MEMORY, 80 * MEGABYTE + 3 * limits.bytes + picture)
    for name, value in (
        ("RLIMIT_AS", memory),
        ("RLIMIT_CPU", limits.cpu_seconds),
        ("RLIMIT_NPROC", 0),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
    ):
        which: int = getattr(resource, name)
        most = resource.getrlimit(which)[1]
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(which, (value, value))
    _load_decoders()
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))  # what is open stays; nothing more is opened


def _load_decoders() -> None:
    """All that is imported only when it is needed is so now: later no file can be opened."""
    import pypdf
    from PIL import Image, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin

    Image.preinit()
    assert JpegImagePlugin and MpoImagePlugin and PngImagePlugin and TiffImagePlugin
    for module in pkgutil.walk_packages(pypdf.__path__, "pypdf."):
        with suppress(ImportError):  # of what needs another library, and so isn't used
            importlib.import_module(module.name)
    for name in ("ascii", "latin-1", "charmap", "utf-16", "utf-16-be", "utf-16-le", "utf-32"):
        codecs.lookup(name)


def inspect(data: bytes, limits: Limits) -> tuple[dict[str, Any], bytes]:
    """The verdict on a file and the bytes to send (none where it is refused)."""
    verdict: dict[str, Any] = {"code": "", "kind": "", "content_type": "", "pages": None, "size": 0}
    out = b""
    try:
        if len(data) > limits.bytes:
            raise Refused("too_large")
        verdict["content_type"] = content_type = recognise(data)
        if content_type == "application/pdf":
            verdict["pages"], out = inspect_pdf(data, limits)
        else:
            out = inspect_picture(data, content_type, limits)
    except Refused as refused:
        verdict["code"], verdict["kind"], out = refused.code, refused.kind, b""
    except MemoryError:
        verdict["code"], out = "too_complex", b""
    verdict["size"] = len(out)
    return verdict, out


def main() -> None:
    """Read, look, tell."""
    warnings.simplefilter("ignore")
    try:
        limits = Limits(**json.loads(sys.argv[1]))
        restrict(limits)
    except (ImportError, AttributeError, ValueError, OSError, TypeError, LookupError):
        verdict, out = {"code": "unavailable", "kind": "", "content_type": "", "pages": None, "size": 0}, b""
    else:
        verdict, out = inspect(sys.stdin.buffer.read(limits.bytes + 1), limits)
    sys.stdout.buffer.write(json.dumps(verdict).encode() + b"\n")
    sys.stdout.buffer.write(out)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
