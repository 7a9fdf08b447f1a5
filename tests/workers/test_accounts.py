"""Accounts while real processes work: a pair changed during an order, an import whose worker is killed."""

import json
import os
import re
import signal

import pytest

from tests.support import leaks
from tests.support.ordering import is_routed, order_a_number, order_posts
from tests.support.panel import Panel, Person, wait_until
from tests.workers.conftest import BRANCHES

pytestmark = pytest.mark.worker

PAUSES = """
from people.models import AuditEntry
from sync.models import Connection, Operation
print([
    AuditEntry.objects.filter(action="connection.paused").count(),
    AuditEntry.objects.filter(action="connection.key_changed").count(),
    [row.state for row in Connection.objects.filter(is_hidden=False)],
    sorted(set(Operation.objects.values_list("state", flat=True))),
])
"""


def test_a_pair_is_changed_while_an_order_is_under_way(panel: Panel) -> None:
    simulator = panel.simulator
    panel.env |= {
        "ZADARMA_API_URL": simulator.url,
        "ZADARMA_API_KEY": simulator.key,
        "ZADARMA_API_SECRET": simulator.secret,
    }
    panel.manage("prepare")
    panel.manage("clear_demo")  # the demo's account has the same key
    panel.manage("sync")
    panel.start_web()
    person = Person(panel)
    panel.start_worker()
    simulator.fault("latency", path="direct_numbers/order", method="POST", seconds=3.0)
    order = order_a_number(person)
    wait_until(lambda: order_posts(panel) == 1, 30, "the order has reached the API")
    simulator.set_secret("rotated-secret")
    page = re.search(r"/activity/accounts/\d+/key-pair/", person.get("/activity/accounts/").text)
    assert page
    after = person.post(page.group(0), see=page.group(0), key=simulator.key, secret="rotated-secret")
    assert after.url == f"{panel.url}/activity/accounts/"
    assert not is_routed(person, order)  # it was under way then

    wait_until(lambda: is_routed(person, order), 90, "active and routed")
    orders = [entry for entry in simulator.ledger("order") if entry["origin"] == "api"]
    assert (len(orders), order_posts(panel)) == (1, 1)
    seen = panel.manage("shell", "-v", "0", "-c", PAUSES)
    assert "[0, 1, ['active'], ['done']]" in seen, seen
    assert leaks.found(panel, {"the new secret": b"rotated-secret"}) == set()


ROWS = """
import json
from collections import Counter
from sync.models import Connection, ImportRow
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT count(*) FROM sync_importrow WHERE api_key <> '' OR api_secret <> ''")
    kept = cursor.fetchone()[0]
print(json.dumps([
    list(ImportRow.objects.values_list("state", flat=True)),
    sorted(Counter(row.api_key for row in Connection.objects.all()).items()),
    kept,
]))
"""


def test_a_worker_killed_in_the_middle_of_an_import_decides_every_row_once(panel: Panel) -> None:
    simulator = panel.simulator
    panel.manage("sync")
    panel.start_web()
    person = Person(panel)
    first = panel.start_worker()
    simulator.fault("latency", path="/v1/info/timezone/", seconds=3.0, count=-1)
    pairs = [*BRANCHES, ("nobodys-key", "nobodys-secret"), (simulator.key, simulator.secret)]
    text = "\n".join(f"Branch {line};{key};{secret}" for line, (key, secret) in enumerate(pairs, 1))
    page = person.post("/activity/accounts/import/", see="/activity/accounts/import/", text=text)
    path = page.url.removeprefix(panel.url)
    assert re.fullmatch(r"/activity/accounts/import/\d+/", path), page.text

    second = BRANCHES[1][0]
    wait_until(lambda: simulator.requests("/v1/info/timezone/", key=second), 60, "the second is being tested")
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    states, _accounts, kept = _rows(panel)
    assert states == ["added", *["waiting"] * 5]
    assert kept == 5
    simulator.clear_faults()
    panel.start_worker()

    wait_until(lambda: "every 2s" not in person.get(path).text, 60, "every row has ended")
    states, accounts, kept = _rows(panel)
    assert states == [*["added"] * 4, "refused", "there"]
    assert accounts == [[key, 1] for key, _secret in sorted([*BRANCHES, (simulator.key, "")])]
    assert kept == 0
    secrets = {key: secret.encode() for key, secret in pairs if key != simulator.key}
    assert leaks.found(panel, secrets) == set()


def _rows(panel: Panel) -> list[object]:
    """States of the rows, how many accounts have each key, and how many rows still hold a pair."""
    found: list[object] = json.loads(panel.manage("shell", "-v", "0", "-c", ROWS))
    return found
