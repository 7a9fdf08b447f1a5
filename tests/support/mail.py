"""What is sent by e-mail must not let anybody write headers."""

from collections.abc import Iterable

from django.core.mail import EmailMessage


def check_mail(sent: Iterable[EmailMessage]) -> None:
    """AssertionError where a header of a message holds a line break, or a recipient is not one single address."""
    for message in sent:
        heads = [message.subject, message.from_email, *message.extra_headers.values()]
        people = [*message.to, *message.cc, *message.bcc, *message.reply_to]
        for value in map(str, [*heads, *people]):
            assert not set("\r\n\0") & set(value), f"a line break in a header: {value!r}"
        for address in people:
            assert str(address).count("@") == 1, f"not one address: {address!r}"
