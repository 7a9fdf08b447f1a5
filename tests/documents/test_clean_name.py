"""A file goes on under its name, without what a name can be used for."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.checking import ENDINGS, clean_name

NAMES = {
    "Passport Anna.jpg": "Passport Anna.jpg",
    "passport.exe": "passport.jpg",
    "passport.JPEG": "passport.jpeg",
    "passport.pdf.exe": "passport.pdf.jpg",
    "passport": "passport.jpg",
    "C:\\Users\\anna\\passport.jpg": "passport.jpg",
    "../../etc/passwd": "passwd.jpg",
    "/etc/": "document.jpg",
    "..": "document.jpg",
    ".htaccess": "htaccess.jpg",
    "...jpg": "jpg.jpg",
    "": "document.jpg",
    " . . ": "document.jpg",
    "pass\0port.php\0.jpg": "passport.php.jpg",
    "a\r\nSet-Cookie: x=1.jpg": "a Set-Cookie x=1.jpg",
    "gpj.\u202eexe": "gpj.jpg",
    "a\ue000b\u0378c.jpg": "abc.jpg",
    "a\u2028b\u2029c.jpg": "a b c.jpg",
    "a%41&b`c$d.jpg": "a 41 b c d.jpg",
    "a.backup": "a.backup.jpg",
    "a.-x-": "a.-x.jpg",
    "-rf.jpg": "rf.jpg",
    "\u2066a\u2069\ufeff\u200b.jpg": "a.jpg",
    "\ud800x.jpg": "x.jpg",
    'a"; filename="b.jpg': "a filename= b.jpg",
    "<script>.jpg": "script.jpg",
    "Cafe\u0301.jpg": "Café.jpg",
    "Reisepass Größe Ж 护照.jpg": "Reisepass Größe Ж 护照.jpg",
    "No. 12 of 3": "No. 12 of 3.jpg",
    "a" * 300 + ".jpg": "a" * 76 + ".jpg",
    "a.b" * 60: ("a.b" * 60)[:76].rstrip(".") + ".jpg",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_made_safe(name: str) -> None:
    assert clean_name(name, "image/jpeg") == NAMES[name]


def test_the_ending_of_an_unknown_type_stays() -> None:
    assert clean_name("a.GIF", "image/gif") == "a.GIF" and clean_name("a", "image/gif") == "a"


@given(st.text(max_size=120), st.sampled_from(sorted(ENDINGS)))
def test_any_name_is(name: str, content_type: str) -> None:
    cleaned = clean_name(name, content_type)
    stem, _dot, ending = cleaned.rpartition(".")
    assert ending in ENDINGS[content_type] and stem and not stem.startswith(".") and len(cleaned) <= 80
    assert not set('/\\<>:"|?*;') & set(cleaned) and cleaned == unicodedata.normalize("NFC", cleaned)
    assert not any(unicodedata.category(char)[0] == "C" for char in cleaned)
    assert clean_name(cleaned, content_type) == cleaned
