"""What the isolation tests walk with: the addresses of the project, rows of two customers, eight people."""

import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin
from uuid import uuid4

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from direct_numbers.models import Asking, Direction, Number, SavedView
from people import accounts
from people.models import Customer, Invitation, Membership, User
from people.permissions import May
from sync.models import Connection, ConnectionImport
from tests import factories
from tests.support.isolation_words import DIGITS, SECRETS, WORDS

GET, POST = "GET", "POST"
STAFF = ("owner", "operator", "auditor")
CUSTOMERS = ("manager", "viewer")
ROLES = (*STAFF, *CUSTOMERS)


@dataclass(frozen=True)
class At:
    """An address in the table: about what it is, and by method what is needed and what is answered to who has it.

    `about` names one of `ARGUMENTS` ("" for an address without ids). `unlike` are roles that are answered otherwise.
    `is_open`: not behind sign-in.
    """

    about: str = ""
    get: tuple[May | None, int] | None = None
    post: tuple[May | None, int] | None = None
    unlike: dict[tuple[str, str], int] = field(default_factory=dict)
    is_open: bool = False

    @property
    def methods(self) -> dict[str, tuple[May | None, int]]:
        """What is needed and answered, by method."""
        return {name: told for name, told in ((GET, self.get), (POST, self.post)) if told is not None}


@dataclass
class Rows:
    """The rows of one customer, one of each sort that an address can name."""

    customer: Customer
    connection: Connection
    direction: Direction
    number: Any
    order: Any
    group: Any
    upload: Any
    operation: Any
    prolong: Any
    bulk: Any
    membership: Membership
    invitation: Invitation
    session: UserSession
    passkey: Authenticator
    colleague: User
    batch: ConnectionImport
    view: SavedView


Arguments = Callable[[Rows], list[Any]]
ARGUMENTS: dict[str, Arguments] = {
    "": lambda rows: [],
    "number": lambda rows: [rows.number.pk],
    "order": lambda rows: [rows.order.public_id],
    "group": lambda rows: [rows.group.pk],
    "group and direction": lambda rows: [rows.group.pk, rows.direction.remote_id],
    "upload": lambda rows: [rows.upload.pk],
    "prolongation": lambda rows: [rows.prolong.batch],
    "bulk": lambda rows: [rows.bulk.batch],
    "direction": lambda rows: [rows.direction.remote_id],
    "customer": lambda rows: [rows.customer.pk],
    "connection": lambda rows: [rows.connection.pk],
    "operation": lambda rows: [rows.operation.pk],
    "member": lambda rows: [rows.membership.pk],
    "invitation": lambda rows: [rows.invitation.pk],
    "session": lambda rows: [rows.session.pk],
    "passkey": lambda rows: [rows.passkey.pk],
    "person": lambda rows: [rows.colleague.pk],
    "view": lambda rows: [rows.view.pk],
    "import": lambda rows: [rows.batch.pk],
    # Of sign-in: none of these is there.
    "token": lambda rows: ["not-a-token"],
    "provider": lambda rows: ["sso"],
    "key": lambda rows: ["no-such-key"],
    "person and key": lambda rows: ["1", "no-such-key"],
}
# Not to be found where the account in which they are is hidden.
IN_AN_ACCOUNT = {
    "number",
    "order",
    "group",
    "group and direction",
    "upload",
    "prolongation",
    "bulk",
    "operation",
    "connection",
}
# What belongs to a customer: only its own people and staff are answered as the table says.
OF_A_CUSTOMER = {
    *(
        "number",
        "order",
        "group",
        "group and direction",
        "upload",
        "prolongation",
        "bulk",
        "customer",
        "member",
        "invitation",
    ),
}
NOBODYS = 987654321


def address(name: str, about: str, rows: Rows) -> str:
    """The address with the ids of these rows."""
    return reverse(name, args=ARGUMENTS[about](rows))


def address_of_nothing(name: str, about: str, rows: Rows) -> str:
    """The same with an id that no row has."""
    first, *rest = ARGUMENTS[about](rows)
    return reverse(name, args=[NOBODYS if isinstance(first, int) else uuid4(), *rest])


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """Every address of the project."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        else:
            yield entry


def rows_of(customer: Customer, which: str, connection: Connection, direction: Direction, staff: User) -> Rows:
    """Rows of a customer with words of its own in them, in those states in which most can be done."""
    words, (digits, wanted) = WORDS[which], DIGITS[which]
    group = factories.DocumentGroupFactory(
        connection=connection,
        customer=customer,
        fields={"first_name": words["given"], "last_name": words["family"]},
        wrong_document_type="passport",
        wrong_document="too dark",
    )
    number = factories.NumberFactory(
        connection=connection,
        customer=customer,
        number=digits,
        number_name=words["line"],
        sip=words["sip"],
        channels=3,
        receive_sms=True,
        direction=direction,
        group_remote_id=group.remote_id,
    )
    wish = {"connection": connection, "customer": customer, "created_by": staff, "wanted_number": wanted}
    for state in ("approval", "placing", "refused", "placed"):
        factories.OrderFactory(
            **wish,
            state=state,
            direction=direction,
            country=direction.country,
            number=number if state == "placed" else None,
        )
    # Without a country: what a wizard answers begins with its first step, and asks nobody anything.
    order = factories.OrderFactory(**wish, group=group)
    operation = factories.OperationFactory(
        connection=connection, object_id=number.pk, state="done", params={"caller_name": words["line"]}
    )
    # In doubt: its receipt offers to settle it.
    factories.OperationFactory(connection=connection, kind="set_sip_id", object_id=number.pk, state="needs_person")
    prolong = factories.OperationFactory(
        connection=connection, kind="prolong", object_id=number.pk, batch=uuid4(), params={"months": 1}, state="done"
    )
    bulk = factories.OperationFactory(
        connection=connection,
        object_id=number.pk,
        batch=uuid4(),
        params={"caller_name": words["line"], "customer": customer.pk},
        state="refused",
    )
    customer.labels.create(name=f"{words['line']} label").labellings.create(number=number)
    upload = factories.UploadFactory(group=group, name=f"{words['scan']}.pdf", content=words["scan"].encode())
    factories.OperationFactory(
        connection=connection, kind="document_upload", object_type="upload", object_id=upload.pk, state="planned"
    )
    factories.DocumentFactory(group=group, name=f"{words['scan']}.jpg", is_verified=False)
    Asking.objects.create(group=group, began_at=timezone.now(), problem="unreachable", state="given_up")
    return Rows(
        customer,
        connection,
        direction,
        number,
        order,
        group,
        upload,
        operation,
        prolong,
        bulk,
        **people_of(customer, words["family"].lower()),
        batch=ConnectionImport.objects.create(),
    )


def people_of(customer: Customer, family: str) -> dict[str, Any]:
    """A viewer of the customer with a session and a passkey of their own, and somebody who is invited to be one."""
    colleague: User = factories.UserFactory(email=f"colleague@{family}.example")
    later = timezone.now() + timedelta(days=1)
    return {
        "colleague": colleague,
        "membership": colleague.memberships.create(customer=customer, role="viewer"),
        "invitation": customer.invitations.create(
            email=f"new@{family}.example", role="viewer", digest=family, expires_at=later
        ),
        "session": UserSession.objects.create(
            user=colleague, session_key=family.ljust(32, "a"), ip="192.0.2.1", user_agent="Firefox"
        ),
        "view": SavedView.objects.create(user=colleague, name="Mine", query="q=44"),
        "passkey": Authenticator.objects.create(
            user=colleague, type=Authenticator.Type.WEBAUTHN, data={"name": f"{family}.example", "credential": {}}
        ),
    }


def direction_of(connection: Connection) -> Direction:
    """A direction that wants other papers than it did."""
    direction: Direction = factories.DirectionFactory(
        uploads_en=[{"type": "passport", "text": "Passport"}], requirement="a"
    )
    factories.OfferFactory(connection=connection, direction=direction)
    moment = timezone.now() + timedelta(hours=1)
    Direction.objects.filter(pk=direction.pk).update(requirement_changed_at=moment)
    direction.refresh_from_db()
    return direction


def person(role: str, first: Customer, second: Customer) -> User | None:
    """Somebody who has `role`, by the name they have in these tests; None for who is not signed in."""
    if role == "anonymous":
        return None
    user = accounts.make_user(f"{role}@people.example", "correct horse battery", confirmed=True)
    User.objects.filter(pk=user.pk).update(staff_role=role if role in STAFF else "")
    user.refresh_from_db()
    if role in CUSTOMERS:
        user.memberships.create(customer=first, role=role)
    elif role == "stranger":
        user.memberships.create(customer=second, role="manager")
    return user


@dataclass
class Scene:
    """Rows of two customers, and a browser for each person: manager and viewer are the first's, stranger the second's.

    `loner` is signed in and belongs to nobody, `anonymous` is not signed in.
    """

    first: Rows
    second: Rows
    browsers: dict[str, Client]

    def ask(self, who: str, method: str, url: str, data: Any = None, **more: Any) -> HttpResponseBase:
        """What `who` is answered. Whatever it does to the database is undone."""
        client = self.browsers[who]
        cookies = client.cookies.copy()
        with transaction.atomic():
            answer = client.get(url, data, **more) if method == GET else client.post(url, data or {}, **more)
            answer.told = told(answer)  # type: ignore[attr-defined]  # a download reads its rows while it is sent
            transaction.set_rollback(True)
        client.cookies = cookies
        return answer


def sign_in(client: Client, user: User) -> None:
    """Signed in, and their password given once more just now: what asks for it a second time does not."""
    client.force_login(user)
    session = client.session
    said = {"method": "password", "at": time.time(), "email": user.email, "reauthenticated": True}
    session["account_authentication_methods"] = [said]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


PEOPLE = (*ROLES, "stranger", "loner", "anonymous")


def make_scene(first: Customer, second: Customer, connection: Connection) -> Scene:
    """All of it."""
    people = {who: person(who, first, second) for who in PEOPLE}
    owner = people["owner"]
    assert owner is not None
    direction = direction_of(connection)
    # Something of nobody, which only staff may see.
    Number.objects.filter(pk=factories.NumberFactory(connection=connection, direction=direction).pk)
    browsers = {}
    for who, user in people.items():
        browsers[who] = Client(raise_request_exception=False)
        if user is not None:
            sign_in(browsers[who], user)
    rows = [
        rows_of(customer, which, connection, direction, owner)
        for customer, which in ((first, "first"), (second, "second"))
    ]
    return Scene(*rows, browsers)


def told(answer: Any) -> str:
    """All that an answer says, headers too, with no blank between digits and no look-alikes."""
    body = answer.getvalue().decode("utf-8", "replace")
    heads = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return unicodedata.normalize("NFKC", f"{heads}\n{body}")


def secrets_in(text: str, which: str) -> list[str]:
    """Which of the words of the first or second customer stand in `text`, however digits are set apart."""
    close = re.sub(r"(?:\s|&nbsp;|</?(?:span|wbr|b)[^>]*>|[-()./])+", "", text)
    return [word for word in SECRETS[which] if word in text or word.replace(" ", "") in close]


@dataclass(frozen=True)
class Step:
    """Something on a page that asks the panel for something: a form, a button of one, a link, a part that asks anew."""

    method: str
    url: str
    fields: tuple[tuple[str, str], ...] = ()


class _Steps(HTMLParser):
    """Collects the steps of a page at `here`."""

    def __init__(self, here: str) -> None:
        super().__init__(convert_charrefs=True)
        self.here = here
        self.found: list[Step] = []
        self._form: tuple[str, str] | None = None
        self._fields: list[tuple[str, str]] = []
        self._buttons: list[tuple[str, str]] = []
        self._by_id: dict[str, tuple[str, str]] = {}

    def _add(self, method: str, url: str, fields: tuple[tuple[str, str], ...] = ()) -> None:
        full = urldefrag(urljoin(self.here, url))[0]
        if method.lower() in ("get", "post") and full.startswith("/") and not full.startswith("/static/"):
            self.found.append(Step(method.upper(), full, fields))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name.removeprefix("data-"): value or "" for name, value in attrs}
        for name, value in given.items():
            if name in ("hx-get", "hx-post", "url", "href"):
                self._add("POST" if name == "hx-post" else "GET", value)
        if tag == "form":
            self._form = (given.get("method", "get"), given.get("action", ""))
            self._fields, self._buttons = [], []
            if "id" in given:
                self._by_id[given["id"]] = self._form
        elif tag in ("button", "input") and given.get("type") in ("submit", "image", "", None):
            owner = self._by_id.get(given["form"]) if "form" in given else self._form
            if owner is not None and "formaction" in given:
                self._buttons.append((given.get("formmethod", owner[0]), given["formaction"]))
        elif tag == "input" and given.get("type") == "hidden" and self._form is not None:
            self._fields.append((given.get("name", ""), given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._form is not None:
            for method, url in (self._form, *self._buttons):
                self._add(method, url, tuple(self._fields))
            self._form = None


def steps_of(here: str, page: HttpResponseBase) -> list[Step]:
    """What `page`, read at `here`, offers to do."""
    reader = _Steps(here)
    reader.feed(page.getvalue().decode())  # type: ignore[attr-defined]
    reader.close()
    return reader.found
