"""What the simulator says when it refuses, in English and German.

The API answers in the account's language; so does the simulator, in these two.
"""

from __future__ import annotations

_TEXTS: dict[str, tuple[str, str]] = {
    "auth": ("Auth error", "Auth error"),
    "rate": ("You exceeded the rate limit", "You exceeded the rate limit"),
    "path": ("Unknown method", "Unbekannte Methode"),
    "verb": ("This method is not called with {verb}", "Diese Methode wird nicht mit {verb} aufgerufen"),
    "broken": ("The server failed", "Der Server ist gestört"),
    "body": ("The request's body cannot be read", "Der Inhalt der Anfrage ist nicht lesbar"),
    "missing": ("Parameter {name} is missing", "Der Parameter {name} fehlt"),
    "invalid": ("Parameter {name} is invalid", "Der Parameter {name} ist ungültig"),
    "number": ("Check phone's number", "Check phone's number"),
    "sip": ("There is no such SIP login", "Diesen SIP-Login gibt es nicht"),
    "country": ("There are no numbers in this country", "In diesem Land gibt es keine Rufnummern"),
    "direction": ("There is no such direction", "Diese Richtung gibt es nicht"),
    "group": ("There is no such document group", "Diese Dokumentengruppe gibt es nicht"),
    "readonly": ("This document group cannot be changed", "Diese Dokumentengruppe ist nicht änderbar"),
    "gone": ("This number is no longer available", "Diese Rufnummer ist nicht mehr verfügbar"),
    "none_left": ("No number is left in this direction", "In dieser Richtung ist keine Rufnummer mehr frei"),
    "information": (
        "The document group lacks data that this direction requires",
        "Der Dokumentengruppe fehlen Angaben, die diese Richtung verlangt",
    ),
    "address": (
        "The document group's address does not fit this direction",
        "Die Anschrift der Dokumentengruppe passt nicht zu dieser Richtung",
    ),
    "purpose": ("Say what the number is for", "Geben Sie den Verwendungszweck an"),
    "sms": ("This number cannot receive SMS", "Diese Rufnummer kann keine SMS empfangen"),
    "funds": ("There is not enough money on the balance", "Das Guthaben reicht nicht aus"),
    "unpaid": ("The number is reserved and not paid yet", "Die Rufnummer ist reserviert und noch nicht bezahlt"),
    "caller_name": (
        "A caller name has Latin letters and digits only, 30 at most",
        "Ein Anrufername hat nur lateinische Buchstaben und Ziffern, höchstens 30",
    ),
    "fewer": ("Channels can only be added", "Kanäle lassen sich nur hinzufügen"),
    "uploaded": ("{name} has been received and will be checked", "{name} ist eingegangen und wird geprüft"),
}


def text(code: str, language: str, **values: str) -> str:
    """The text with this code, filled in, in German for ``de`` and in English otherwise."""
    english, german = _TEXTS[code]
    return (german if language == "de" else english).format(**values)


class Refused(Exception):
    """The API says no: nothing took effect. ``status`` is the HTTP status of the answer."""

    def __init__(self, code: str, status: int = 400, **values: str) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.values = values

    def message(self, language: str) -> str:
        """What the answer says, in the account's language."""
        return text(self.code, language, **self.values)
