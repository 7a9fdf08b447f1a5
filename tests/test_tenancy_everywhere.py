"""No row reaches a page but through `people.tenancy`: looked for in the code, and watched while pages are made.

In the code: what renders (views, forms, scoped getters, whatever tells and shows) may name `Model.objects` only inside
`scope()` or `scoped_or_404()`. While pages are made: every SELECT must come from a queryset that was scoped, or follow
from a row that was (`number.connection`, `group.documents`). What may do otherwise is listed, each with its reason.
"""

import ast
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable
from django.urls import reverse

from people.models import Customer
from people.tenancy import Tenancy
from sync.models import Connection
from tests.support.isolation import GET, Scene, address, make_scene
from tests.support.isolation_table import TABLE

ROOT = Path(__file__).resolve().parents[1]
OURS = ("people", "sync", "documents", "numbers/direct_numbers", "notices", "panel")
# What renders, by its name: new files with such names are looked at too.
RENDERS = (
    *("views", "_views", "queries", "context", "forms", "showing", "telling", "history", "papers", "uses", "receipts"),
    *("changed_requirements", "paying", "middleware", "access", "suitability", "renewal_costs", "portal", "notices"),
    *("charged", "order_card", "subjects", "switching", "partner", "rooms", "money", "runways"),
)
GUARDS = {"scope", "scoped_or_404"}
WRITES = {"create", "bulk_create", "none", "get_or_create"}
# Functions that name a model without `scope`. `from` names the argument whose rows were scoped by whoever calls: that
# this is so is watched while pages are made. Without `from` the reason has to do.
FROM_ROWS: dict[str, str] = {
    "documents.queries.answers": "group",
    "documents.queries.answers_among": "groups",
    "documents.queries.types_given": "groups",
    "documents.queries.types_of": "groups",
    "documents.queries.given_types": "rows",
    "documents.papers.operations_of": "uploads",
    "direct_numbers.queries.changes_of": "number",
    "direct_numbers.queries.theirs_since": "numbers",
    "direct_numbers.queries.operations_of": "number",
    "direct_numbers.queries.later_attempts": "operations",
    "direct_numbers.queries.countries": "connection",
    "direct_numbers.queries.offers": "connection",
    "direct_numbers.queries.all_offers": "connection",
    "direct_numbers.queries.offer": "connection",
    "direct_numbers.orders.offer_for": "order",
    "direct_numbers.personal._hinders": "customer",
    "direct_numbers.personal._stays": "customer",
    "direct_numbers.renewals._busy": "numbers",
    "direct_numbers.bulk._busy": "numbers",
    "documents.groups.latest_change": "group",
    "people.audit_showing.told": "rows",
    "documents.personal._hinders": "customer",
    "documents.personal._stays": "customer",
    "documents.telling._group_focus": "group",
    "direct_numbers.telling._focus": "number",
    "sync.telling.subjects_of": "rows",
    "direct_numbers.views.papers._asking": "group",
    "direct_numbers.views.papers.asked": "group",
}
OF_THE_AUDIT = "named for staff, who see every customer, in a row of the audit that was scoped"
OF_THE_JOURNAL = "told to staff, who see every customer, of an operation that was scoped"
REASONS: dict[str, str] = {
    "people.models.User.roles": "what the person themself is for which customers: who they are is told by it",
    "django.contrib.auth.get_user": "the signed-in person themself",
    "people.queries._shown": "the rows that the getters beside it scope",
    "people.queries._staff": "the rows that the getters beside it scope",
    "people.views.set_language": "the signed-in person themself",
    "people.feeds.made_at": "one's own calendar address",
    "people.feeds.person_behind": "by the digest of an address, which nobody knows but whose it is",
    "people.account_views._factors": "the signed-in person themself",
    "notices.choosing.of": "what the signed-in person themself chose",
    "notices.queries.mail_trouble": "whether the signed-in person's own e-mails left",
    "people.factor_views.RecoveryCodes.get": "one's own recovery codes",
    "notices.money.renewing": "for the scan, which looks at all accounts: no page",
    "direct_numbers.list_choices.kept": "one's own columns of the list",
    "direct_numbers.list_choices.views": "one's own saved views",
    "people.invitations.usable": "by the digest of a link, which nobody holds but who was invited",
    "allauth.account.forms.UserTokenForm._get_user": "whose link it is, to check its key: nothing of them is told",
    "people.subjects.people": OF_THE_AUDIT,
    "people.subjects.customers": OF_THE_AUDIT,
    "sync.audit_telling._accounts": OF_THE_AUDIT,
    "sync.budget.take": "how many calls are left: no page tells it",
    "sync.receipts._said": "who said something, named on a receipt that was scoped",
    "documents.views.group_assign": "the group that was scoped, found again to be written",
    "direct_numbers.queries.groups_for": "who is offered a direction: a condition on groups that are scoped",
    "direct_numbers.uses.waited_for": "for `documents.due`, which decides what is read from Zadarma: no page",
    "direct_numbers.renewals.of_batch": "`_result` leaves out all that is not about a number that was scoped",
    "direct_numbers.bulk.of_batch": "`batch_showing.seen_by` leaves out all that is not about a number that was scoped",
    "direct_numbers.telling._with_digits": "a condition on operations that are scoped",
    "direct_numbers.order_telling._with_digits": "a condition on operations that are scoped",
    "direct_numbers.telling._subjects": OF_THE_JOURNAL,
    "direct_numbers.telling._number_page.again": OF_THE_JOURNAL,
    "direct_numbers.telling._prolong_again": OF_THE_JOURNAL,
    "direct_numbers.order_telling._subjects": OF_THE_JOURNAL,
    "direct_numbers.order_telling._again": OF_THE_JOURNAL,
    "direct_numbers.order_telling._candidate_lines": OF_THE_JOURNAL,
    "documents.telling._groups": OF_THE_JOURNAL,
    "documents.telling._uploads": OF_THE_JOURNAL,
    "documents.telling._edit": OF_THE_JOURNAL,
    "documents.telling._upload_again": OF_THE_JOURNAL,
}


# In the code ---------------------------------------------------------------------------------------------------------


def modules() -> dict[str, Path]:
    """The modules that render, by the name they are imported by."""
    found = {}
    for folder in OURS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if {"migrations", "management", "inspection"} & set(parts):
                continue
            stem = parts[-1]
            if "views" in parts or stem in RENDERS or stem.endswith(tuple(f"_{name}" for name in RENDERS)):
                name = ".".join(part for part in parts if part not in ("numbers", "__init__") or part != parts[0])
                found[name] = path
    return found


def is_the_same_for_all(name: str) -> bool:
    """Whether rows of the model of this name are everybody's, in every account."""
    for model in apps.get_models():
        if model.__name__ == name:
            tenancy = getattr(model, "tenancy", None)
            return isinstance(tenancy, Tenancy) and tenancy.shared and not tenancy.connection
    return False


class Unscoped(ast.NodeVisitor):
    """Where a module names a manager outside `scope`."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        self.module = module
        self.found: list[tuple[str, int]] = []
        self.trail: list[ast.AST] = []
        self.visit(tree)

    def generic_visit(self, node: ast.AST) -> None:
        self.trail.append(node)
        super().generic_visit(node)
        self.trail.pop()

    def visit_Attribute(self, node: ast.Attribute) -> None:
        is_manager = node.attr in ("objects", "_default_manager", "_base_manager")
        if is_manager and not self._is_fine(node):
            self.found.append((self.function, node.lineno))
        self.generic_visit(node)

    @property
    def function(self) -> str:
        names = [one.name for one in self.trail if isinstance(one, ast.FunctionDef | ast.ClassDef)]
        return ".".join([self.module, *names])

    def _is_fine(self, node: ast.Attribute) -> bool:
        if isinstance(node.value, ast.Name) and is_the_same_for_all(node.value.id):
            return True
        if self.function in FROM_ROWS or self.function in REASONS:
            return True
        last = self.trail[-1]
        if isinstance(last, ast.Attribute) and last.attr in WRITES:
            return True
        for above in self.trail:
            if isinstance(above, ast.Call) and isinstance(above.func, ast.Name) and above.func.id in GUARDS:
                return True
        place = self._statement()
        if "OuterRef(" in ast.unparse(self.trail[place]):  # a correlated subquery follows the row that it is about
            return True
        statement = self.trail[place]
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            return self._goes_through_scope(statement.targets[0].id, place)
        return False

    def _statement(self) -> int:
        return max(place for place, one in enumerate(self.trail) if isinstance(one, ast.stmt))

    def _goes_through_scope(self, name: str, place: int) -> bool:
        """Whether what was assigned to `name` is used for nothing but as the argument of a guard."""
        function = next((one for one in reversed(self.trail[:place]) if isinstance(one, ast.FunctionDef)), None)
        if function is None:
            return False
        uses, guarded = 0, 0
        for one in ast.walk(function):
            if isinstance(one, ast.Name) and one.id == name and isinstance(one.ctx, ast.Load):
                uses += 1
            if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in GUARDS:
                names = [each for each in ast.walk(one.args[0]) if isinstance(each, ast.Name) and each.id == name]
                guarded += len(names)
        return uses > 0 and uses == guarded


def test_what_renders_names_no_manager_outside_scope() -> None:
    found = {}
    for name, path in modules().items():
        for function, line in Unscoped(name, ast.parse(path.read_text())).found:
            found[f"{path.relative_to(ROOT)}:{line}"] = function
    assert found == {}, "\n".join(f"{place} {name}" for place, name in found.items())


@pytest.mark.parametrize(
    ("code", "is_found"),
    [
        ("def page(request):\n    return list(Number.objects.all())", True),
        ("def page(request):\n    return scope(Number.objects.all(), viewer)", False),
        ("def page(request):\n    rows = Number.objects.all()\n    return scope(rows, viewer)", False),
        ("def page(request):\n    rows = Number.objects.all()\n    scope(rows, viewer)\n    return rows", True),
        ("def page(request):\n    return Number._default_manager.get(pk=1)", True),
        ("def page(request):\n    return Country.objects.all()", False),
        ("class Form:\n    field = Choice(queryset=Number.objects.none())", False),
        ("class Form:\n    field = Choice(queryset=Number.objects.all())", True),
    ],
)
def test_the_look_into_the_code_finds_what_it_should(code: str, is_found: bool) -> None:
    assert bool(Unscoped("somewhere", ast.parse(code)).found) == is_found


def test_whatever_is_excused_is_there() -> None:
    for name in (*FROM_ROWS, *REASONS):
        module, _dot, function = name.rpartition(".")
        with suppress(ImportError):  # what only a task imports
            importlib.import_module(module)
        while module not in sys.modules and "." in module:
            module, _dot, more = module.rpartition(".")
            function = f"{more}.{function}"
        found: Any = sys.modules[module]
        for part in function.split("."):
            if inspect.isfunction(found):  # a function within one
                break
            found = getattr(found, part)
        if name in FROM_ROWS:
            code = inspect.unwrap(found).__code__
            assert FROM_ROWS[name] in code.co_varnames


# While pages are made ------------------------------------------------------------------------------------------------


def frames() -> Iterator[FrameType]:
    """The frames that led here, innermost first."""
    frame = sys._getframe(1)
    while frame is not None:
        yield frame
        frame = frame.f_back  # type: ignore[assignment]


def name_of(frame: FrameType) -> str:
    """The function of a frame as the lists of these tests name it."""
    return f"{frame.f_globals.get('__name__', '')}.{frame.f_code.co_qualname}"


def is_marked(value: Any) -> bool:
    """Whether these are rows that were scoped: one, several, a queryset, or a mapping to them."""
    if isinstance(value, QuerySet):
        return getattr(value.query, "is_scoped", False)
    if isinstance(value, Model):
        return getattr(value, "_was_scoped", False)
    if isinstance(value, dict):
        value = value.values()
    return isinstance(value, list | tuple | set | type({}.values())) and all(is_marked(one) for one in value)


def mark(row: Any, depth: int = 0) -> None:
    """Remember of a row and of what was read with it that it was scoped."""
    if isinstance(row, Model) and depth < 4 and not getattr(row, "_was_scoped", False):
        row._was_scoped = True  # type: ignore[attr-defined]
        for related in row._state.fields_cache.values():
            mark(related, depth + 1)


def follows(function: Callable[..., Any], argument: str) -> Callable[..., Any]:
    """`function`, whose queryset counts as scoped where the rows of `argument` were."""

    @wraps(function)
    def followed(*args: Any, **kwargs: Any) -> Any:
        found = function(*args, **kwargs)
        given = inspect.signature(function).bind(*args, **kwargs).arguments
        if isinstance(found, QuerySet) and is_marked(given.get(argument)):
            found.query.is_scoped = True  # type: ignore[attr-defined]
        return found

    return followed


class Watch:
    """Sees every queryset that is evaluated, and notes those that nobody scoped."""

    def __init__(self) -> None:
        self.unscoped: dict[str, set[str]] = {}
        self.seen = 0
        self.is_on = False

    def look(self, rows: QuerySet[Any]) -> bool:
        """Whether it is fine that `rows` are read here; notes it where it is not."""
        tenancy = getattr(rows.model, "tenancy", None)
        if not self.is_on or not isinstance(tenancy, Tenancy) or tenancy.shared and not tenancy.connection:
            return True
        self.seen += 1
        if getattr(rows.query, "is_scoped", False) or rows.query.is_empty():
            return True
        if is_marked(rows._hints.get("instance")):  # type: ignore[attr-defined]
            return True
        trail = []
        for frame in frames():
            name = name_of(frame)
            if name in REASONS or name in FROM_ROWS and is_marked(frame.f_locals.get(FROM_ROWS[name])):
                return True
            if name.startswith(tuple(f"{each.rpartition('/')[2]}." for each in OURS)):
                trail.append(name)
        self.unscoped.setdefault(rows.model.__name__, set()).add(" < ".join(trail[:4]) or "?")
        return False


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Watches all querysets, once it is switched on."""
    watch = Watch()
    fetch = QuerySet._fetch_all

    def fetched(rows: QuerySet[Any]) -> None:
        is_new = rows._result_cache is None
        is_fine = not is_new or watch.look(rows)
        fetch(rows)
        if is_new and is_fine and watch.is_on and issubclass(rows._iterable_class, ModelIterable):
            for row in rows._result_cache or []:
                mark(row)

    def looked(original: Callable[..., Any]) -> Callable[..., Any]:
        def asked(rows: QuerySet[Any], *args: Any, **kwargs: Any) -> Any:
            watch.look(rows)
            return original(rows, *args, **kwargs)

        return asked

    monkeypatch.setattr(QuerySet, "_fetch_all", fetched)
    for name, argument in FROM_ROWS.items():
        module, _dot, function = name.rpartition(".")
        if module in sys.modules:
            original = getattr(sys.modules[module], function)
            monkeypatch.setattr(sys.modules[module], function, follows(original, argument))
    for name in ("exists", "count", "aggregate", "iterator"):
        monkeypatch.setattr(QuerySet, name, looked(getattr(QuerySet, name)))
    return watch


@pytest.fixture
def scene(customer: Customer, other_customer: Customer, offline: Connection, asks_once: None) -> Scene:
    """Rows of two customers and eight people."""
    return make_scene(customer, other_customer, offline)


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["owner", "auditor", "manager", "viewer"])
def test_no_page_reads_rows_that_nobody_scoped(scene: Scene, watch: Watch, who: str) -> None:
    for name, row in TABLE.items():
        if GET in row.methods:
            url = address(name, row.about, scene.first)
            watch.is_on = True
            scene.ask(who, GET, url)
            watch.is_on = False
    assert watch.seen > 100
    assert watch.unscoped == {}, "\n".join(
        sorted(f"{model}: {way}" for model, ways in watch.unscoped.items() for way in ways)
    )


@pytest.mark.django_db
def test_the_watch_notices_a_queryset_that_nobody_scoped(
    scene: Scene, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    from direct_numbers import queries
    from direct_numbers.models import Number

    monkeypatch.setattr(queries, "numbers", lambda viewer: Number.objects.select_related("connection", "customer"))
    watch.is_on = True
    scene.ask("manager", GET, reverse("number-list"))
    watch.is_on = False
    assert "Number" in watch.unscoped
