"""The house stands as designed."""

import decimal
import numbers
import subprocess
import sys
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent


def test_numbers_is_a_source_root_not_a_package() -> None:
    assert not (ROOT / "numbers" / "__init__.py").exists()
    assert Path(numbers.__file__).parent != ROOT / "numbers"
    assert issubclass(decimal.Decimal, numbers.Number)
    assert apps.get_app_config("numbers").name == "direct_numbers"


def test_a_new_process_imports_the_app_and_the_standard_library() -> None:
    code = "import config, direct_numbers, numbers, random; print(numbers.Number.__module__)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "numbers", done.stderr
