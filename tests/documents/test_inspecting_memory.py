"""A file is checked in less than 300 MB of memory, whatever it is: the largest that are taken, and all that are not."""

import json
import subprocess
import sys
from pathlib import Path

from documents import checking
from tests.support import hostile_files, large_files
from tests.support.refusals import limits

MEASURE = """
import json, os, subprocess, sys
for path in sys.argv[3:]:
    with open(path, "rb") as file:
        command = [sys.executable, "-I", "-B", *sys.argv[1:3]]
        process = subprocess.Popen(command, stdin=file, stdout=subprocess.PIPE, env={})
        told = process.stdout.read()
    peak = os.wait4(process.pid, 0)[2].ru_maxrss // 1024
    print(json.dumps([json.loads(told.partition(b"\\n")[0])["code"], peak]))
"""


def measured(folder: Path, contents: list[bytes]) -> list[tuple[str, int]]:
    """Of each file: the code of the verdict and the most memory that the process had, in megabytes."""
    paths = [folder / str(number) for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(checking.INSPECTING), limits(), *map(str, paths)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [(code, peak) for code, peak in map(json.loads, done.stdout.splitlines())]


def test_the_largest_that_are_taken_need_less_than_300_megabytes(tmp_path: Path) -> None:
    found = measured(tmp_path, [make() for make in large_files.TAKEN.values()])
    peaks = dict(zip(large_files.TAKEN, found, strict=True))
    assert {name: code for name, (code, _peak) in peaks.items()} == dict.fromkeys(peaks, "")
    assert {name: peak for name, (_code, peak) in peaks.items() if not 100 < peak < 300} == {}


def test_and_so_do_all_that_are_refused(tmp_path: Path) -> None:
    refused = {**hostile_files.ALL, **large_files.REFUSED}
    found = measured(tmp_path, [make() for make, _code in refused.values()])
    peaks = dict(zip(refused, found, strict=True))
    assert {name: code for name, (code, _peak) in peaks.items()} == {
        name: code for name, (_make, code) in refused.items()
    }
    assert {name: peak for name, (_code, peak) in peaks.items() if peak >= 300} == {}


def test_a_progressive_jpeg_that_is_too_large_costs_nothing(tmp_path: Path) -> None:
    names = [name for name, (_make, code) in large_files.REFUSED.items() if code == "too_many_pixels_in_passes"]
    found = measured(tmp_path, [large_files.REFUSED[name][0]() for name in names])
    assert len(found) == 4 and max(peak for _code, peak in found) < 60  # nothing is decoded
