"""Fixtures shared by all tests: the stand-in as a real process, a connection to it, and a cast of people.

A missing PostgreSQL, Redis, Chromium or vendor's file skips the tests that need it, and says so; with
`NUMBERDESK_REQUIRE_ALL=1` (as in CI) such a skip is a failure.
"""

import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from people import accounts, data_keys
from people.models import Customer, User
from sync.models import Connection
from tests.support import append_only
from tests.support.mail import check_mail
from tests.support.simulator import SimulatorProcess


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[None]") -> Iterator[None]:
    """Where everything is required, a skip is a failure."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("NUMBERDESK_REQUIRE_ALL") == "1":
        report.outcome = "failed"
        report.longrepr = f"skipped where everything is required: {report.longrepr}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`full` tests run only when asked for by name (`-m full`)."""
    if "full" not in (config.getoption("-m") or ""):
        kept = [item for item in items if "full" not in item.keywords]
        config.hook.pytest_deselected(items=[item for item in items if "full" in item.keywords])
        items[:] = kept


@pytest.fixture(autouse=True)
def _other_rows_other_keys() -> None:
    """A test's rows take numbers that another test's had: what this process knows of data keys is another's."""
    data_keys.forget()


@pytest.fixture(autouse=True, scope="session")
def _tests_may_empty_the_audit() -> Iterator[None]:
    """Tests that commit empty every table after them: for that moment the triggers of the audit are away."""
    with append_only.lifted_for_flushes():
        yield


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """A language that a test asked in does not stay for the next."""
    yield
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def _no_mail_with_headers_of_somebody_else() -> Iterator[None]:
    """Whatever a test sends by e-mail: no header holds a line break, by which another header could be begun."""
    yield
    check_mail(getattr(mail, "outbox", []))


@pytest.fixture(scope="session")
def simulator_process() -> Iterator[SimulatorProcess]:
    """One stand-in a test process, with the demo's account and two small ones beside it."""
    accounts = [("second-key", "second-secret")]
    with SimulatorProcess(key="demo-key", secret="demo-secret", accounts=accounts, demo=True) as process:
        yield process


@pytest.fixture
def simulator(simulator_process: SimulatorProcess, db: None) -> Iterator[SimulatorProcess]:
    """The stand-in as it was at its start."""
    simulator_process.reset()
    simulator_process.clear_requests()
    simulator_process.clear_faults()
    cache.clear()
    yield simulator_process
    simulator_process.clear_faults()


@pytest.fixture
def connection(simulator: SimulatorProcess, db: None) -> Connection:
    """The default account, at the stand-in."""
    return Connection.objects.create(
        name="Test account",
        api_url=simulator.url,
        api_key=simulator.key,
        api_secret=simulator.secret,
        is_default=True,
    )


@pytest.fixture
def asks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lookups give up after the first attempt, so that an outage costs a test no pauses."""
    monkeypatch.setattr("zadarma.transport.GET_ATTEMPTS", 1)


@pytest.fixture
def offline(db: None) -> Connection:
    """An account whose API can't be reached."""
    return Connection.objects.create(
        name="Offline", api_url="http://127.0.0.1:9", api_key="k", api_secret="s", zone="UTC+2", is_default=True
    )


def _person(email: str, staff_role: str = "") -> User:
    """A person who signs in already, of the staff or not."""
    user = accounts.make_user(email, "correct horse battery", confirmed=True)
    user.staff_role = staff_role
    user.save(update_fields=["staff_role"])
    return user


@pytest.fixture
def staff(db: None) -> User:
    """A member of the partner's staff: the owner."""
    return _person("staff@partner.example", "owner")


@pytest.fixture
def customer(db: None) -> Customer:
    """A customer."""
    return Customer.objects.create(name="First customer")


@pytest.fixture
def other_customer(db: None) -> Customer:
    """Another customer, who must see nothing of the first."""
    return Customer.objects.create(name="Second customer")


@pytest.fixture
def member(customer: Customer) -> User:
    """A person of the first customer, who may look."""
    user = _person("member@first.example")
    user.memberships.create(customer=customer, role="viewer")
    return user


@pytest.fixture
def manager(customer: Customer) -> User:
    """A person of the first customer, who orders and routes for it."""
    user = _person("manager@first.example")
    user.memberships.create(customer=customer, role="manager")
    return user


@pytest.fixture
def operator(db: None) -> User:
    """One of the staff who works with numbers, orders, papers and customers."""
    return _person("operator@partner.example", "operator")


@pytest.fixture
def auditor(db: None) -> User:
    """One of the staff who reads everything and changes nothing."""
    return _person("auditor@partner.example", "auditor")


@pytest.fixture
def outsider(other_customer: Customer) -> User:
    """A person of the second customer, who may look."""
    user = _person("member@second.example")
    user.memberships.create(customer=other_customer, role="viewer")
    return user


@pytest.fixture
def browser_of_staff(client: Client, staff: User) -> Client:
    """Django's test client, signed in as staff."""
    client.force_login(staff)
    return client
