"""The e-mails: plain text in the reader's language, each notice with the page that mends it."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notices.telling import Told
from people import links, time_zones
from people.models import User
from sync import words

SECONDS_TO_SEND = 10
# One e-mail names so many notices; the rest is counted, and stands on the page.
MOST_NAMED = 50
LONGEST_SUBJECT = 120


@contextmanager
def reading_as(user: User) -> Iterator[None]:
    """What is said in this context is in the language and the time zone of `user`."""
    with words.in_language_of(user), timezone.override(time_zones.of(user)):
        yield


def of_notices(user: User, told: Sequence[Told], count: int, *, is_summary: bool, key: Collection[int]) -> EmailMessage:
    """The e-mail about `count` notices, of which `told` are the most urgent. To be called within `reading_as(user)`.

    `key` says which deliveries it is: sent again after a broken connection, it has the same Message-ID.
    """
    lines = [_paragraph(user, one) for one in told]
    if count > len(told):
        text = ngettext("and %(count)d more", "and %(count)d more", count - len(told)) % {"count": count - len(told)}
        lines.append(f"{text}:\n{links.from_outside(reverse('notice-list'))}")
    return _mail(user, _subject(told, count, is_summary=is_summary), lines, key)


def a_test(user: User) -> EmailMessage:
    """An e-mail that only shows that e-mails arrive. To be called within `reading_as(user)`."""
    text = _("This is the test notice that you asked for: notices for you arrive at this address.")
    moment = timezone.localtime()
    return _mail(user, _("Test notice"), [text], [int(moment.timestamp() * 1000)])


def _subject(told: Sequence[Told], count: int, *, is_summary: bool) -> str:
    names = {"partner": settings.PARTNER_NAME, "count": count}
    if is_summary:
        return ngettext("%(partner)s today: %(count)d notice", "%(partner)s today: %(count)d notices", count) % names
    if count == 1 and told:
        return told[0].headline
    return ngettext("%(partner)s: %(count)d notice", "%(partner)s: %(count)d notices", count) % names


def _paragraph(user: User, one: Told) -> str:
    headline = f"{one.headline} ({one.owner})" if one.owner and user.is_staff else one.headline
    return f"{one_line(headline)}\n{one.mail_text}\n{links.from_outside(one.url)}"


def _mail(user: User, subject: str, paragraphs: Sequence[str], key: Collection[int]) -> EmailMessage:
    settings_url = links.from_outside(reverse("notice-settings"))
    text = [
        _("Good day,"),
        *paragraphs,
        _("What you are told, when, and how to change it:") + f"\n{settings_url}",
        one_line(settings.PARTNER_NAME),
    ]
    return EmailMessage(
        one_line(subject)[:LONGEST_SUBJECT],
        "\n\n".join(text) + "\n",
        to=[user.email],
        headers={"Message-ID": _message_id(user, key), "Auto-Submitted": "auto-generated"},
        connection=get_connection(timeout=SECONDS_TO_SEND),
    )


def _message_id(user: User, key: Collection[int]) -> str:
    told = f"{user.pk}:{','.join(map(str, key))}:{settings.SECRET_KEY}"
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<notice-{hashlib.sha256(told.encode()).hexdigest()[:32]}@{host}>"


def one_line(name: str) -> str:
    """Words as they may stand in a mail's header: no line ends, no control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())
