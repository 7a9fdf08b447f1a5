"""Invitations as people send and accept them."""

import re

from django.core import mail
from django.test import Client
from django.urls import reverse

from people import invitations
from people.models import Customer, User
from tests.support.reading import form_of, text_of

PASSWORD = "seven green bottles hang"


def link(token: str) -> str:
    """As a view makes it."""
    return f"http://testserver/invitation/{token}/"


def invited(customer: Customer, by: User, email: str = "new@first.example", role: str = "viewer") -> str:
    """Invite somebody; the path of the link that was sent."""
    invitations.invite(email, by=by, link=link, customer=customer, role=role, language="en")
    return path_sent()


def path_sent() -> str:
    """The path of the link in the last e-mail."""
    found = re.search(r"http://testserver(/invitation/[^/\s]+/)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def accept_as_new(client: Client, path: str, name: str = "Nina New", password: str = PASSWORD) -> str:
    """Open a link and make an account; the text of the page that follows."""
    page = client.get(path, follow=True)
    fields = form_of(page, "")
    fields |= {"name": name, "password": password, "again": password}
    return text_of(client.post(reverse("invitation"), fields, follow=True))
