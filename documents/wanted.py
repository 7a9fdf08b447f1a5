"""What a direction wants, beside the section of the form that it means. The API tells it in prose only."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

# What sounds like another section's word is put aside first: an e-mail address is no postal one, a company's name no
# person's.
_ASIDE = (
    (r"\be-?mail[- ]address(es)?\b", "email"),
    (r"\b(ip|web ?site|internet)[- ]address(es)?\b", " "),
    (r"\b(company|organi[sz]ation|business|firm)('s)?( legal)? name\b", r" \1 "),
    (r"\b(legal )?name of (the |your |a )?(company|organi[sz]ation|business|firm)\b", r" \3 "),
    (r"\b(street|city|town)('s)? name\b", r" \1 "),
    (r"\bname of (the |your )?(street|city|town)\b", r" \2 "),
    (
        r"\b(address of (the |your )?registration|registration address|place of registration|registered address)\b",
        "address",
    ),
)
_MEANS = {
    "person": r"\bnames?\b|\bsurname\b|\bbirth(day|date)?\b|\bnationality\b|\bcitizenship\b|\be-?mail\b",
    "company": r"\bcompany\b|\borgani[sz]ation\b|\bregistration\b",
    "address": r"\baddress\b|\bstreet\b|\bpostal\b|\bzip code\b|\bpostcode\b",
    "identity": r"\bidentity (document|card)\b|\bpassport('s)?\b|\bidentification (document|card|number)\b",
}
# "ID" only in capitals: everything else is read in small letters.
_ID = re.compile(r"\bID\b")
_OTHER_ID = re.compile(r"\b(tax|vat|company|business|customer|client|sip|user)[- ]id\b", re.IGNORECASE)
# "No address is needed": says what is not wanted, so nothing is claimed of it.
_NEGATED = re.compile(r"\b(no|not|without|never|except)\b|n't\b")


def sections_meant(sentences_en: Sequence[str]) -> dict[str, list[int]]:
    """Which sentence (by its index) means which section: person, company, address, identity. In doubt none."""
    found: dict[str, list[int]] = {}
    for index, sentence in enumerate(sentences_en):
        for section in _meant(sentence):
            found.setdefault(section, []).append(index)
    return found


def _meant(sentence: str) -> list[str]:
    text = sentence.lower().replace("’", "'")
    if _NEGATED.search(text):
        return []
    for pattern, instead in _ASIDE:
        text = re.sub(pattern, instead, text)
    has_id = bool(_ID.search(_OTHER_ID.sub(" ", sentence)))
    return [key for key, words in _MEANS.items() if re.search(words, text) or key == "identity" and has_id]


@dataclass(frozen=True)
class Wanted:
    """What the direction called `name` wants, by the form's section, in the reader's words."""

    name: str
    sentences: dict[str, list[str]] = field(default_factory=dict)

    def of(self, section: str) -> list[str]:
        """The sentences that mean a section."""
        return self.sentences.get(section, [])


def wanted_for(name: str, sentences: Sequence[str], sentences_en: Sequence[str]) -> Wanted:
    """What a direction wants: `sentences` in the reader's language, `sentences_en` the same in English.

    Where the two languages don't go together sentence by sentence, none is placed.
    """
    if len(sentences) != len(sentences_en):
        return Wanted(name)
    meant = sections_meant(sentences_en)
    return Wanted(name, {section: [sentences[index] for index in found] for section, found in meant.items()})
