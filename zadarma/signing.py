"""The signature of a request, as all official clients agree on it.

Authorization: KEY:base64(hex(HMAC-SHA1(path + query + md5hex(query), secret))). It is the hex text that base64 encodes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote_plus


def text_params(params: Mapping[str, str | int]) -> dict[str, str]:
    """The parameters as they are sent: all text, sorted by name, `format=json` among them.

    Raises TypeError for a value that is neither text nor int (what a list, a boolean, None or a float would become
    differs from client to client), ValueError for text that UTF-8 cannot hold.
    """
    sent: dict[str, str] = {}
    for name, value in {**params, "format": "json"}.items():
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise TypeError(f"parameter {name} must be text or a whole number")
        sent[name] = str(value)
    return dict(sorted(sent.items()))


def encode_query(params: Mapping[str, str | int]) -> str:
    """The signed text of the parameters: PHP's `http_build_query`, RFC 1738, sorted by name, `format=json` included.

    A space is `+`; `~` and `*` are percent-encoded. Raises TypeError and ValueError as `text_params` does.
    """
    return "&".join(f"{_encoded(name, name)}={_encoded(value, name)}" for name, value in text_params(params).items())


def authorization(path: str, params: Mapping[str, str | int], key: str, secret: str) -> str:
    """The Authorization header for `path` (as requested: version and trailing slash included) and its parameters."""
    query = encode_query(params)
    signed = path + query + hashlib.md5(query.encode(), usedforsecurity=False).hexdigest()
    digest = hmac.new(secret.encode(), signed.encode(), hashlib.sha1).hexdigest()
    return f"{key}:{base64.b64encode(digest.encode()).decode()}"


def _encoded(text: str, name: str) -> str:
    try:
        return quote_plus(text, safe="").replace("~", "%7E")
    except UnicodeEncodeError:
        pass  # raised below, where the value is not in the traceback's chain
    raise ValueError(f"parameter {name.encode(errors='replace').decode()} is not valid Unicode text")
