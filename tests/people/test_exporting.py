"""A customer's data as a ZIP file: everything of theirs, nothing of anybody else."""

import io
import json
import stat
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from direct_numbers.models import Number, Order
from documents.models import DocumentGroup, Upload
from people import exporting
from people.models import PrivacyEvent, User
from sync.models import Connection, Operation
from tests import factories
from tests.support.reading import form_of, text_of
from tests.support.whole_customer import whole_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def whole(offline: Connection) -> SimpleNamespace:
    """The customer that is exported."""
    return whole_customer("Qxaver", offline)


@pytest.fixture
def foreign(offline: Connection) -> SimpleNamespace:
    """Another one, of whom nothing may be in it."""
    return whole_customer("Zwolle", offline, "442055509999")


def opened(content: bytes) -> dict[str, bytes]:
    """The files of a ZIP file by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def made(whole: SimpleNamespace) -> dict[str, bytes]:
    """What the export of a customer holds."""
    return opened(b"".join(exporting.export(whole.customer)))


def test_all_of_it_is_there(whole: SimpleNamespace, foreign: SimpleNamespace) -> None:
    files = made(whole)
    told: dict[str, Any] = json.loads(files["customer.json"])
    assert told["customer"]["name"] == "Qxaver Ltd" and told["customer"]["reference"] == "R-Qxaver"
    assert [member["e-mail"] for member in told["members"]] == ["qxaver@first.example"]
    (group,) = told["document_groups"]
    assert group["fields"] == whole.group.fields
    assert group["documents"][0]["name"] == "Qxaver.jpg" and group["uploads"][0]["name"] == "Qxaver-scan.pdf"
    assert [row["number"] for row in told["numbers"]] == ["442055501234"]
    of_papers = [row["document_group_at_zadarma"] for row in (*told["numbers"], *told["orders"])]
    assert of_papers == [whole.group.remote_id] * 2
    assert [row["purpose"] for row in told["orders"]] == ["hotline of Qxaver"]
    done = [*told["operations_on_papers"], *told["operations_on_orders"], *told["operations_on_numbers"]]
    assert {row["what"] for row in done} == {
        "Create document group",
        "Change document group",
        "Upload document",
        "Order",
        "Caller name",
        "Routing",
    }
    assert told["operations_on_orders"][0]["asked"]["Used for"] == "hotline of Qxaver"
    assert files[f"files/{whole.upload.pk}-Qxaver-scan.pdf"] == b"%PDF Qxaver"
    assert "T" in told["as_of"] and b"Data of Qxaver Ltd" in files["README.txt"]


def test_nothing_of_another_customer_is_in_it(whole: SimpleNamespace, foreign: SimpleNamespace) -> None:
    # A number that was the other's before, and numbers of the account that an order saw before it was sent.
    factories.OperationFactory(
        connection=whole.number.connection,
        object_id=whole.number.pk,
        state="done",
        params={"caller_name": "Zwolle", "customer": foreign.customer.pk},
    )
    whole.operations.order.evidence = {"before": {"numbers": ["442055509999"]}}
    whole.operations.order.save()
    for name, content in made(whole).items():
        for word in (b"zwolle", b"5509999"):
            assert word not in content.lower() and word not in name.lower().encode()


def test_nothing_of_the_partners_account_is_in_it(whole: SimpleNamespace, foreign: SimpleNamespace) -> None:
    words = "not enough money: balance 987.65"
    Connection.objects.update(name="Account of the partner")
    for model in (Operation, DocumentGroup, Upload, Order):
        for row in model._default_manager.all():
            row.error = words
            row.save(update_fields=["error"])
    # Numbers and orders that run with papers of somebody else: the account holder's, another customer's.
    Number.objects.filter(pk=whole.number.pk).update(group_remote_id=foreign.group.remote_id)
    Order.objects.filter(customer=whole.customer).update(group=foreign.group)
    told = json.loads(made(whole)["customer.json"])
    assert [row["document_group_at_zadarma"] for row in (*told["numbers"], *told["orders"])] == [None, None]
    for word in ("Account of the partner", "987.65", "not enough"):
        assert word not in json.dumps(told)
    refused = [
        told["document_groups"][0]["refused_because"],
        told["document_groups"][0]["uploads"][0]["refused_because"],
    ]
    assert all(sentence.startswith("Zadarma did not") for sentence in refused)


def test_names_of_files_lead_nowhere(whole: SimpleNamespace) -> None:
    for name in ("../../etc/passwd", "..\\..\\boot.ini", "a\x00b\u202efdp.exe", "x" * 200 + ".pdf", "...", ""):
        factories.UploadFactory(group=whole.group, name=name)
    found = [name.removeprefix("files/") for name in made(whole) if name.startswith("files/")]
    assert len(found) == 7
    for name in found:
        assert not set(name) & set("/\\:\x00\u202e") and not name.startswith(".") and 0 < len(name) <= 100
    assert exporting.safe_name("...") == "file"


def test_the_same_name_twice_is_two_files() -> None:
    taken: set[str] = set()
    assert [exporting._unused(name, taken) for name in ("a.pdf", "A.pdf", "a.pdf", "b")] == [
        "a.pdf",
        "A-2.pdf",
        "a-3.pdf",
        "b",
    ]


def test_one_file_at_a_time_is_in_memory(whole: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        factories.UploadFactory(group=whole.group, name=f"{number}.pdf", content=bytes([number]) * 50_000)
    export = exporting.export(whole.customer)
    read: list[int] = []
    export.files[:] = [(name, lambda read=read, get=get: (read.append(1), get())[1]) for name, get in export.files]
    seen = [len(read) for _piece in export]
    assert seen == [0, 0, 1, 2, 3, 4, 4]


def test_a_file_deleted_meanwhile_is_left_out(whole: SimpleNamespace) -> None:
    export = exporting.export(whole.customer)
    Upload.objects.filter(pk=whole.upload.pk).update(content=b"")
    assert set(opened(b"".join(export))) == {"README.txt", "customer.json"}


def test_staff_get_it_from_the_customers_page(browser_of_staff: Client, whole: SimpleNamespace, staff: User) -> None:
    page = reverse("customer-edit", args=[whole.customer.pk])
    assert "Not exported yet." in text_of(browser_of_staff.get(page))
    url = reverse("customer-export", args=[whole.customer.pk])
    answer = browser_of_staff.post(url, form_of(browser_of_staff.get(page), url))
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Cache-Control"] == "no-store"
    disposition = answer.headers["Content-Disposition"]
    assert (
        disposition.startswith(f'attachment; filename="customer-{whole.customer.pk}-') and "Qxaver" not in disposition
    )
    assert "customer.json" in opened(answer.getvalue())
    (event,) = PrivacyEvent.objects.all()
    assert (event.kind, event.customer, event.actor) == ("exported", whole.customer, staff)
    shown = text_of(browser_of_staff.get(page))
    assert "Data exported" in shown and f"· {staff.email}" in shown


def test_it_is_told_in_the_readers_language(browser_of_staff: Client, whole: SimpleNamespace) -> None:
    browser_of_staff.cookies["django_language"] = "de"
    answer = browser_of_staff.post(reverse("customer-export", args=[whole.customer.pk]))
    told = json.loads(opened(answer.getvalue())["customer.json"])
    assert told["operations_on_orders"][0]["what"] == "Bestellung"


def test_the_command_writes_a_file_for_its_owner_alone(whole: SimpleNamespace, tmp_path: Path) -> None:
    file = tmp_path / "out.zip"
    call_command("export_customer", str(whole.customer.pk), "--output", str(file), stdout=io.StringIO())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"Qxaver" in opened(file.read_bytes())["customer.json"]
    assert PrivacyEvent.objects.get().actor is None
    with pytest.raises(CommandError, match="can't be written"):
        call_command("export_customer", str(whole.customer.pk), "--output", str(file))
    with pytest.raises(CommandError, match="no customer"):
        call_command("export_customer", "987654", "--output", str(tmp_path / "other.zip"))
