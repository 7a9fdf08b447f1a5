"""The process that looks into files, started by itself: what it reads, and when it looks into nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from documents import checking
from tests.support import files
from tests.support.refusals import MEGABYTE, limits

START = "import runpy; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
FORBID = "import resource\ndef forbid(*given): raise %s\nresource.setrlimit = forbid\n"


def told(arguments: list[str], before: str = "", **more: Any) -> dict[str, Any]:
    """The verdict of a process with these arguments in which something was done before."""
    command = [sys.executable, "-c", f"import sys\n{before}\n{START}", str(checking.INSPECTING), *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=60, **more)
    verdict: dict[str, Any] = json.loads(done.stdout.partition(b"\n")[0])
    return verdict


@pytest.mark.parametrize("arguments", [[], ["no json"], ["{}"], ["[]"], [limits(more=1)], [limits(pixels="x")]])
def test_limits_that_are_none_mean_that_nothing_is_looked_into(arguments: list[str]) -> None:
    assert told(arguments, input=files.jpeg())["code"] == "unavailable"


@pytest.mark.parametrize(
    "before",
    [
        *(FORBID % error for error in ("ValueError", "OSError", "PermissionError")),
        *(f"import resource\ndel resource.RLIMIT_{name}" for name in ("AS", "CPU", "NPROC", "FSIZE", "NOFILE")),
        *(f"sys.modules[{name!r}] = None" for name in ("resource", "pypdf", "PIL")),
    ],
)
def test_a_limit_that_cannot_be_set_and_a_library_that_lacks_do_so_too(before: str) -> None:
    assert told([limits()], input=files.jpeg()) != (verdict := told([limits()], before, input=files.jpeg()))
    assert verdict == {"code": "unavailable", "kind": "", "content_type": "", "pages": None, "size": 0}


def test_it_reads_one_byte_more_than_a_file_may_have_and_no_more(tmp_path: Path) -> None:
    path, made = tmp_path / "file", files.jpeg()
    for content, code in ((made, ""), (made + b"\0", "too_large"), (made + bytes(9 * MEGABYTE), "too_large")):
        path.write_bytes(content)
        with path.open("rb") as file:
            assert told([limits(bytes=len(made))], stdin=file)["code"] == code
            assert os.lseek(file.fileno(), 0, os.SEEK_CUR) <= len(made) + MEGABYTE // 4


def test_what_decoding_needs_is_loaded_before_no_file_can_be_opened() -> None:
    script = """
import sys
sys.path.append(sys.argv[2])
import codecs, json
from documents import inspecting
inspecting.restrict(inspecting.Limits(**json.loads(sys.argv[1])))
from PIL import Image
loaded = {"pypdf.filters", "pypdf.xmp", "pypdf.generic._files", "PIL.TiffImagePlugin", "PIL.MpoImagePlugin"}
print(sorted(loaded - {*sys.modules}), Image._initialized)
for name in ("ascii", "latin-1", "charmap", "utf-16", "utf-16-be", "utf-16-le", "utf-32"):
    codecs.lookup(name)
"""
    command = [sys.executable, "-I", "-B", "-c", script, limits(), str(checking.INSPECTING.parent.parent)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[] 1", "")
