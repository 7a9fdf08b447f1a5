"""What can go wrong with a call, in the one respect that matters after it: may it have taken effect?"""

from __future__ import annotations


class ZadarmaError(Exception):
    """A call that brought no result.

    `str()` is one English sentence without parameter values, fit for a log. `message` is what a person may be shown:
    for an answer of the API it is the API's own text in the account's language, otherwise the same English sentence.

    `may_have_reached` is False only when no byte of the request can have left for the API. `acted` says what is known
    of its effect: False when there was none, None when nobody can tell.
    """

    def __init__(
        self, message: str = "", *, may_have_reached: bool = True, http_status: int | None = None, call: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.may_have_reached = may_have_reached
        self.http_status = http_status
        self.call = call

    @property
    def acted(self) -> bool | None:
        """False when the call certainly had no effect, None when that is unknown."""
        return None if self.may_have_reached else False

    def __str__(self) -> str:
        return f"{self.call}: {self.message}" if self.call else self.message

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {str(self)!r}>"


class Unavailable(ZadarmaError):
    """No usable answer: timeout, lost connection, 5xx, 429, or a body that is not the JSON promised.

    `accepted` tells that the body said success and only what it promised could not be read: the call was taken.
    `retry_after` is the number of seconds after which the API (or a budget) will take calls again, where known.
    `rate_limited` tells a spent allowance from an outage: such a call had no effect.
    """

    def __init__(
        self,
        message: str = "",
        *,
        may_have_reached: bool = True,
        http_status: int | None = None,
        call: str = "",
        retry_after: float | None = None,
        rate_limited: bool = False,
        worth_repeating: bool = True,
        accepted: bool = False,
    ) -> None:
        super().__init__(message, may_have_reached=may_have_reached, http_status=http_status, call=call)
        self.accepted = accepted
        self.retry_after = retry_after
        self.rate_limited = rate_limited
        self.worth_repeating = worth_repeating

    @property
    def acted(self) -> bool | None:
        return False if self.rate_limited else super().acted


class Refused(ZadarmaError):
    """The API said no. `message` is its own text, to be shown and never branched on."""

    took_effect = False

    @property
    def acted(self) -> bool | None:
        return False

    def __str__(self) -> str:
        return f"{self.call or 'the call'}: the API refused (HTTP {self.http_status})"


class BadCredentials(ZadarmaError):
    """HTTP 401: the key pair, or the signature made with it, was not accepted. Nothing took effect."""

    @property
    def acted(self) -> bool | None:
        return False

    def __str__(self) -> str:
        return f"{self.call or 'the call'}: the API did not accept the key pair (HTTP {self.http_status})"
