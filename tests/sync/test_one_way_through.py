"""Only the journal changes anything at Zadarma: proved from the sources, and tried."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.apps import apps

from people.models import User
from sync import budget, gateway, kinds, operations
from sync.models import Connection, Operation
from tests.factories import OperationFactory
from tests.support.simulator import SimulatorProcess
from zadarma import Client

ROOT = Path(__file__).resolve().parents[2]
# Every folder of ours that Django loads, and what starts it.
OURS = [Path(app.path).relative_to(ROOT) for app in apps.get_app_configs() if Path(app.path).is_relative_to(ROOT)]
APPS = ["config", *(str(path) for path in OURS if ".venv" not in path.parts)]
# What the API can change, and the one kind of operation that does it.
WAYS = {
    "order": "order",
    "prolong": "prolong",
    "set_incoming_channels": "incoming_channels",
    "set_receive_sms": "receive_sms",
    "set_autoprolongation": "autoprolongation",
    "set_caller_name": "set_caller_name",
    "set_sip_id": "set_sip_id",
    "create_document_group": "group_create",
    "update_document_group": "group_update",
    "upload_document": "document_upload",
}
# The panel does not use these.
UNUSED = {"set_webhook_url", "delete_webhook_url", "set_webhook_hooks"}
# Ways round the client's methods.
INNER = {"_change", "_transport", "end_changes_by"}
HTTP_LIBRARIES = {"requests", "urllib3", "httpx", "aiohttp", "http.client", "urllib.request"}
BY_NAME = {"getattr", "methodcaller", "attrgetter"}
MADE = ("Client", "Transport")
# Names of plain rows, whose fields are read by name.
ROWS = {"row", "run", "answer"}


@dataclass(frozen=True)
class Found:
    """A place in the sources: what is used there, and in which function (dotted inside its module)."""

    module: str
    function: str
    name: str
    line: int


@cache
def changing_methods() -> set[str]:
    """The client's methods that call `self._change`, themselves or through one another."""
    methods: dict[str, set[str]] = {}
    for path in (ROOT / "zadarma").glob("*.py"):
        for holder in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)):
            for method in (node for node in holder.body if isinstance(node, ast.FunctionDef)):
                methods[method.name] = {
                    node.attr
                    for node in ast.walk(method)
                    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
                }
    changing = {"_change"}
    while more := {name for name, used in methods.items() if used & changing} - changing:
        changing |= more
    return {name for name in changing if not name.startswith("_")}


@cache
def modules() -> list[tuple[str, str]]:
    """Name and source of every module of the apps."""
    found = []
    for folder in (ROOT / app for app in APPS):
        for path in sorted(folder.rglob("*.py")):
            inside = path.relative_to(folder.parent).with_suffix("")
            found.append((".".join(inside.parts).removesuffix(".__init__"), path.read_text()))
    return found


class Uses(ast.NodeVisitor):
    """Collects the uses of names of methods: as attributes of anything but a module of the apps, or by their text."""

    def __init__(self, module: str, names: set[str]) -> None:
        self.module, self.names = module, names
        self.found: list[Found] = []
        self._inside: list[str] = []
        self._modules: set[str] = set()

    def _note(self, name: str, line: int) -> None:
        self.found.append(Found(self.module, ".".join(self._inside), name, line))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        source = node.module or ""
        if source.split(".")[0] != "zadarma":
            for alias in node.names:
                if _is_module(f"{source}.{alias.name}"):
                    self._modules.add(alias.asname or alias.name)

    def _visit_definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> None:
        self._inside.append(node.name)
        self.generic_visit(node)
        self._inside.pop()

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = _visit_definition

    def visit_Attribute(self, node: ast.Attribute) -> None:
        of_module = isinstance(node.value, ast.Name) and node.value.id in self._modules
        if node.attr in self.names and not of_module:
            self._note(node.attr, node.lineno)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in BY_NAME:
            for given in node.args:
                if isinstance(given, ast.Constant) and given.value in self.names:
                    self._note(str(given.value), node.lineno)
        self.generic_visit(node)


@cache
def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ModuleNotFoundError, ValueError):
        return False


def uses(module: str, source: str, names: set[str]) -> list[Found]:
    """Where a module's source uses methods of these names."""
    visitor = Uses(module, names)
    visitor.visit(ast.parse(source))
    return visitor.found


def keywords(module: str, source: str, name: str) -> list[Found]:
    """The calls that are given an argument of this name that is not simply False."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    given = (
        (call, keyword)
        for call in calls
        for keyword in call.keywords
        if keyword.arg == name and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
    )
    return [Found(module, "", name, call.lineno) for call, _keyword in given]


def clients_made(module: str, source: str) -> list[Found]:
    """The places that make a client of the API."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in MADE:
                found.append(Found(module, "", called, node.lineno))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "zadarma":
            renamed = [alias for alias in node.names if alias.name in MADE and alias.asname]
            found += [Found(module, "", alias.name, node.lineno) for alias in renamed]
    return found


def hidden_names(module: str, source: str) -> list[Found]:
    """Where something is taken by a name that is not written down, in a module that has to do with the client."""
    near = {name for name in imported(source) if name.split(".")[0] == "zadarma" or name == "sync.gateway"}
    if not near:
        return []
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = node.args[1:2] if called == "getattr" else node.args
            of_row = called == "getattr" and isinstance(node.args[0], ast.Name) and node.args[0].id in ROWS
            if called in BY_NAME and not of_row and not all(isinstance(name, ast.Constant) for name in given):
                found.append(Found(module, "", called, node.lineno))
    return found


def packed_arguments(module: str, source: str) -> list[Found]:
    """The calls of the gateway's `client` whose arguments are not all written down."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            packed = [one for one in node.keywords if one.arg is None] + [
                one for one in node.args if isinstance(one, ast.Starred)
            ]
            if called == "client" and packed:
                found.append(Found(module, "", called, node.lineno))
    return found


def clients_kept(module: str, source: str) -> list[Found]:
    """Where the client's class is used otherwise than as a type or to make one: as a value that is called later."""
    tree = ast.parse(source)
    as_types: set[ast.AST] = set()
    for node in ast.walk(tree):
        given = [getattr(node, name, None) for name in ("annotation", "returns")]
        if isinstance(node, ast.Subscript):  # Callable[[Client, ...], ...]
            given.append(node.slice)
        if isinstance(node, ast.Call):
            given.append(node.func)
        as_types |= {inner for one in given if isinstance(one, ast.AST) for inner in ast.walk(one)}
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in MADE)
    return [Found(module, "", node.id, node.lineno) for node in names if node not in as_types]


def imported(source: str) -> set[str]:
    """The modules that a source imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def senders() -> dict[tuple[str, str], str]:
    """(module, function) of each registered kind's `send`, and the kind's name."""
    return {(kind.send.__module__, kind.send.__qualname__): kind.name for kind in kinds._kinds.values()}


def test_the_clients_changing_methods_are_those_known_here() -> None:
    assert changing_methods() == set(WAYS) | UNUSED


def test_every_use_of_a_changing_method_is_the_send_of_a_registered_kind() -> None:
    sends, reached = senders(), dict[str, list[str]]()
    for module, source in modules():
        for use in uses(module, source, changing_methods()):
            kind = sends.get((use.module, use.function))
            assert kind, f"{use.module}:{use.line} uses {use.name} outside of an operation"
            reached.setdefault(use.name, []).append(kind)
    assert reached == {method: [kind] for method, kind in WAYS.items()}


# `EmailMessage.send`, and nothing else.
E_MAILS = [("notices.sending", "_hand_over"), ("notices.testing", "send_test")]


def test_the_send_of_a_kind_is_called_by_the_journal_alone() -> None:
    names = {"send", *(function for _module, function in senders())}
    found = [use for module, source in modules() for use in uses(module, source, names)]
    # people is below sync and can reach no kind of operation: what it sends are e-mails.
    found = [use for use in found if not use.module.startswith("people.")]
    assert [(use.module, use.function) for use in found if use.module.startswith("notices.")] == E_MAILS
    found = [use for use in found if not use.module.startswith("notices.")]
    assert [(use.module, use.function) for use in found] == [("sync.operations", "_send")]
    for module, function in senders():
        (tree,) = [ast.parse(source) for name, source in modules() if name == module]
        named = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == function]
        kinds_made = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and set(node.args) & set(named)]
        assert len(named) == 1 and [getattr(call.func, "id", "") for call in kinds_made] == ["Kind"], (module, function)


def test_the_insides_of_the_client_are_used_by_the_journal_alone() -> None:
    found = [use for module, source in modules() for use in uses(module, source, INNER)]
    assert [(use.module, use.function, use.name) for use in found] == [("sync.operations", "perform", "end_changes_by")]


def test_clients_are_made_by_the_gateway_and_may_change_only_for_the_journal() -> None:
    made = [found for module, source in modules() for found in clients_made(module, source)]
    # the second one tests pairs, and changes nothing whoever asks: test_accounts
    assert [found.module for found in made] == ["sync.gateway", "sync.gateway"]
    allowed = [found for module, source in modules() for found in keywords(module, source, "may_change")]
    assert [found.module for found in allowed] == ["sync.operations"]


@pytest.mark.parametrize("search", [hidden_names, packed_arguments, clients_kept])
def test_nothing_of_the_client_is_reached_by_a_way_that_can_not_be_read(
    search: Callable[[str, str], list[Found]],
) -> None:
    assert [found for module, source in modules() for found in search(module, source)] == []


def test_no_other_module_speaks_http() -> None:
    speaking = {module for module, source in modules() if imported(source) & HTTP_LIBRARIES}
    assert speaking == {"config.start"}  # asks the panel it has started whether it answers


def test_all_modules_of_the_apps_are_read() -> None:
    read = {module for module, _source in modules()}
    assert {"sync.operations", "direct_numbers.placing", "documents.uploads", "people.models"} <= read
    assert {kind.send.__module__ for kind in kinds._kinds.values()} <= read


def test_what_costs_money_or_makes_something_new_is_never_simply_sent_again() -> None:
    for method, name in WAYS.items():
        kind = kinds.kind_named(name)
        is_post = http_method(method) == "POST"
        assert not (kind.repeatable and (kind.paid or is_post)), name


def http_method(name: str) -> str:
    """POST or PUT: what a method of the client passes to `_change`."""
    body = ast.parse(textwrap.dedent(inspect.getsource(getattr(Client, name))))
    calls = (node for node in ast.walk(body) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute))
    (passed,) = [call.args[0] for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "_change"]
    assert isinstance(passed, ast.Constant)
    return str(passed.value)


# The search itself finds what it looks for

FORBIDDEN = {
    "a call": "def view(api):\n    api.prolong(number='1', months=1)\n",
    "a method kept for later": "def view(api):\n    later = api.order\n    return later\n",
    "the class's function": "from zadarma import Client\ndef view(api):\n    Client.order(api)\n",
    "a module of the client": "import zadarma\ndef view(api):\n    zadarma.Client.order(api)\n",
    "by its name": "def view(api):\n    getattr(api, 'prolong')(number='1', months=1)\n",
    "by its name, later": "from operator import methodcaller\nsend = methodcaller('prolong', number='1', months=1)\n",
    "within a function of the same name": "class A:\n    def _send(self, api):\n        api.order()\n",
}


@pytest.mark.parametrize("source", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_a_changing_call_elsewhere_is_found(source: str) -> None:
    (found,) = uses("direct_numbers.placing", source, changing_methods())
    assert (found.module, found.function) not in senders()


def test_a_function_of_a_module_is_not_taken_for_the_clients_method() -> None:
    source = "from direct_numbers import queries, routing\nqueries.order(1, 2)\nrouting.set_caller_name(1, '', None)\n"
    assert uses("a.module", source, changing_methods()) == []


def test_a_client_made_elsewhere_or_allowed_to_change_is_found() -> None:
    assert clients_made("a.module", "from zadarma import Client\napi = Client('', '', '')\n")
    assert clients_made("a.module", "import zadarma\napi = zadarma.Client('', '', '')\n")
    assert clients_made("a.module", "from zadarma import Client as Api\napi = Api('', '', '')\n")
    assert keywords("a.module", "api = client(connection, lane, may_change=True)\n", "may_change")
    assert keywords("a.module", "api = client(connection, lane, may_change=wanted)\n", "may_change")
    assert clients_kept("a.module", "from zadarma import Client\nmake = Client\napi = make('', '', '')\n")
    assert clients_kept("a.module", "from zadarma import Client\ndef f(api: Client) -> Client: ...\n") == []
    assert packed_arguments("a.module", "api = gateway.client(connection, lane, **{'may_change': always})\n")
    near = "from sync import gateway\n"
    assert hidden_names("a.module", f"{near}getattr(api, name)(number='1', months=1)\n")
    assert hidden_names("a.module", f"{near}getattr(error, 'http_status', None)\n") == []
    assert imported("import requests\n") & HTTP_LIBRARIES
    assert imported("from urllib import request\n") & HTTP_LIBRARIES


# And where one got through nevertheless, the gateway stops it


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lane", [budget.CLICK, budget.OPERATION, budget.SYNC])
def test_a_changing_call_without_the_journal_reaches_nobody(
    connection: Connection, simulator: SimulatorProcess, lane: str
) -> None:
    with gateway.client(connection, lane) as api:
        with pytest.raises(RuntimeError, match="only the journal"):
            api.set_caller_name(number="442030000000", number_type="common", caller_name="Shop")
        with pytest.raises(RuntimeError, match="only the journal"):
            api.order(direction_id="13755", documents_group_id="0")
        assert api.balance().amount
    assert [entry["path"] for entry in simulator.requests()] == ["/v1/info/balance/"]
    assert simulator.request_totals() == {}


@pytest.mark.django_db(transaction=True)
def test_a_changing_call_before_the_claim_reaches_nobody(
    connection: Connection, simulator: SimulatorProcess, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def before(api: Client, operation: Operation) -> dict[str, str]:
        api.set_caller_name(number="442030000000", number_type="common", caller_name="Shop")
        return {}

    eager = replace(kinds.kind_named("set_caller_name"), before=before)
    monkeypatch.setitem(kinds._kinds, "set_caller_name", eager)
    operation = OperationFactory(connection=connection, kind="set_caller_name")
    with pytest.raises(RuntimeError, match="only the journal"):
        operations.perform(operation.pk)
    operation.refresh_from_db()
    assert operation.state == "planned"
    assert simulator.request_totals() == {}
