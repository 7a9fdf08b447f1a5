"""Links of e-mails and calendars hold a secret in their address: it stays out of the log, also where a page breaks."""

import logging
import re

# What stands after these is the secret of an invitation, of an address to confirm, of a new password, of a calendar.
SECRET = re.compile(r"(/(?:renewals/feed|invitation|confirm-email|password/new)/)[^\s/?#'\"]+")
_lines = logging.Formatter()


def hidden(text: str) -> str:
    """`text` without the secrets of such links."""
    return SECRET.sub(r"\1…", text)


class WithoutSecrets(logging.Filter):
    """Takes them out of a line and of the traceback that stands below it. Lets every line through."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if hidden(said) != said:
            record.msg, record.args = hidden(said), None
        if record.exc_info and not record.exc_text:
            record.exc_text = _lines.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = hidden(record.exc_text)
        return True
