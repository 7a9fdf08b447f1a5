"""Keeps secret links out of the log, whoever names an address there."""

import logging
import re

# An address behind which nobody signs in: what follows the last slash is as good as a password.
_SECRET = re.compile(r"(/(?:renewals/feed|invitation|password/new|confirm-email)/)[^\s\"'?]+")


class WithoutSecretLinks(logging.Filter):
    """Puts "…" in place of the token of a secret link."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record passes, some in other words."""
        told = record.getMessage()
        if (hidden := _SECRET.sub(r"\1…", told)) != told:
            record.msg, record.args = hidden, None
        return True
