"""A client for the Zadarma API: numbers, documents, SIP logins. Plain Python, no Django, no database."""

from zadarma.client import Call, Client, Outcome, RateLimit
from zadarma.document_calls import safe_filename
from zadarma.errors import BadCredentials, Refused, Unavailable, ZadarmaError

__all__ = [
    "BadCredentials",
    "Call",
    "Client",
    "Outcome",
    "RateLimit",
    "Refused",
    "Unavailable",
    "ZadarmaError",
    "safe_filename",
]
