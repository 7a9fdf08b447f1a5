"""Every sentence exists in English and in German."""

import gettext
import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "de" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%[sd]")


def test_german_is_complete() -> None:
    catalogue = polib.pofile(str(CATALOGUE / "django.po"))
    assert len(catalogue) > 100
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []
    assert [entry.msgid for entry in catalogue.obsolete_entries()] == []


def test_german_keeps_the_placeholders() -> None:
    wrong = []
    for entry in polib.pofile(str(CATALOGUE / "django.po")):
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if not text:
                continue
            found, wanted = set(PLACEHOLDER.findall(text)), set(PLACEHOLDER.findall(entry.msgid))
            # "1 day" may leave the figure out, in either language
            allowed = wanted | set(PLACEHOLDER.findall(entry.msgid_plural))
            if found != wanted and not (entry.msgid_plural and found <= allowed):
                wrong.append(entry.msgid)
    assert wrong == []


def test_the_compiled_catalogue_is_that_of_the_source() -> None:
    with (CATALOGUE / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in polib.pofile(str(CATALOGUE / "django.po")):
        if entry.msgid_plural:
            for number in (1, 5):
                form = 0 if number == 1 else 1
                assert compiled.ngettext(entry.msgid, entry.msgid_plural, number) == entry.msgstr_plural[form]
        elif entry.msgctxt:
            assert compiled.pgettext(entry.msgctxt, entry.msgid) == entry.msgstr
        else:
            assert compiled.gettext(entry.msgid) == entry.msgstr


def test_no_sentence_is_missing_from_the_catalogue(tmp_path: Path) -> None:
    if not shutil.which("xgettext"):
        pytest.skip("needs xgettext (Debian's gettext) to find the sentences in the sources")
    copy = tmp_path / "project"
    ignore = shutil.ignore_patterns(".venv", "var", ".git", "node_modules", "__pycache__", ".mypy_cache", "tests")
    shutil.copytree(ROOT, copy, ignore=ignore)
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "-l", "de", "--no-obsolete", "--no-location"],
        cwd=copy,
        check=True,
        capture_output=True,
        env={"PATH": "/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": "", "PYTHONPATH": str(copy)},
    )
    kept = {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(CATALOGUE / "django.po"))}
    found = polib.pofile(str(copy / "locale" / "de" / "LC_MESSAGES" / "django.po"))
    assert [entry.msgid for entry in found if (entry.msgctxt, entry.msgid) not in kept] == []
