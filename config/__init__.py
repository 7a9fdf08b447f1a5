"""Settings, URLs, Celery and WSGI entry points.

`numbers/` is a source root, not a package: a package of that name would hide the standard library's
`numbers`, which decimal, fractions and random import. Appending it (last, never first) to the path makes
the app inside importable as `direct_numbers`.
"""

import sys
from pathlib import Path

_SOURCE_ROOT = str(Path(__file__).resolve().parent.parent / "numbers")
if _SOURCE_ROOT not in sys.path:
    sys.path.append(_SOURCE_ROOT)

from config.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
