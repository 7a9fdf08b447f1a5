"""A real worker, woken by real messages, does what the pages asked for."""

import os
import re
import signal

import pytest

from tests.support import files
from tests.support.ordering import is_routed, order_a_number, order_posts
from tests.support.panel import Panel, Person, wait_until

pytestmark = pytest.mark.worker


DONE = "</svg>done</span>"


def test_a_worker_reads_the_account_and_places_and_routes_an_order(panel: Panel) -> None:
    panel.start_web()
    person = Person(panel)
    panel.start_worker()
    wait_until(lambda: person.get("/activity/?fragment=1").text.count(DONE) >= 3, 60, "three runs are done")
    assert person.get("/numbers/").text.count('class="phone') >= 24

    base = order_a_number(person)
    wait_until(lambda: is_routed(person, base), 60, "active and routed")

    ledger = panel.simulator.ledger()
    orders = [entry for entry in ledger if entry["kind"] == "order" and entry["origin"] == "api"]
    assert len(orders) == 1
    routed = [entry for entry in ledger if entry["kind"] == "set_sip_id"]
    assert [entry["number"] for entry in routed] == [orders[0]["number"]]


def test_a_worker_killed_in_the_middle_loses_nothing_and_orders_once(panel: Panel) -> None:
    panel.manage("sync")
    panel.start_web()
    person = Person(panel)
    first = panel.start_worker()
    panel.simulator.fault("latency", path="direct_numbers/order", method="POST", seconds=3.0)
    base = order_a_number(person)
    wait_until(lambda: order_posts(panel) == 1, 30, "the order has reached the API")
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    panel.start_worker()
    panel.manage("shell", "-c", EXPIRE_LEASES)
    panel.manage("shell", "-c", "from sync.tasks import sweep_operations; sweep_operations()")
    panel.manage("shell", "-c", LOOK_NOW)
    wait_until(lambda: is_routed(person, base), 60, "active and routed")
    orders = [entry for entry in panel.simulator.ledger() if entry["kind"] == "order" and entry["origin"] == "api"]
    assert len(orders) == 1
    assert order_posts(panel) == 1


EXPIRE_LEASES = """
from django.utils import timezone
from sync.models import Operation
Operation.objects.filter(state="sent").update(lease_until=timezone.now())
"""
LOOK_NOW = """
from django.utils import timezone
from sync.models import Operation
from sync.tasks import settle_operation
for operation in Operation.objects.filter(state="unknown"):
    Operation.objects.filter(pk=operation.pk).update(look_at=timezone.now())
    settle_operation.delay(operation.pk)
"""


def test_a_worker_killed_while_a_file_is_sent_sends_it_once(panel: Panel) -> None:
    panel.manage("sync")
    panel.start_web()
    person = Person(panel)
    group = re.search(r"/documents/(\d+)/files/\?type=passport", person.get("/").text)
    assert group
    page = f"/documents/{group.group(1)}/files/"
    first = panel.start_worker()
    panel.simulator.fault("latency", path="/v1/documents/upload/", method="POST", seconds=3.0)
    scan = ("scan.jpg", files.jpeg(size=(300, 200)), "image/jpeg")
    for _click in range(2):  # and clicked twice
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', person.get(page).text)
        assert token
        given = {"csrfmiddlewaretoken": token.group(1), "document_type": "passport"}
        address = panel.url + page
        person.session.post(address, data=given, files={"documents": scan}, headers={"Referer": address}, timeout=60)
    wait_until(lambda: _uploads(panel) == 1, 30, "the file has reached the API")
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    panel.start_worker()
    panel.manage("shell", "-c", EXPIRE_LEASES)
    panel.manage("shell", "-c", "from sync.tasks import sweep_operations; sweep_operations()")
    panel.manage("shell", "-c", LOOK_NOW)
    state = "from documents.models import Upload; print([bool(row.arrived_at) for row in Upload.objects.all()])"
    wait_until(lambda: "[True]" in panel.manage("shell", "-v", "0", "-c", state), 60, "it is found there")
    assert (_uploads(panel), len(panel.simulator.ledger("upload"))) == (1, 1)


def _uploads(panel: Panel) -> int:
    return len(panel.simulator.requests("/v1/documents/upload/", method="POST"))
