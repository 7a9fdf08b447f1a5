"""Pages of the journal, for staff: the list, the evidence receipt of one operation, and settling one in doubt."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from people import access
from people.permissions import May
from people.rooms import activity_tabs
from people.tenancy import Viewer
from sync import queries, receipts, settling, showing, telling
from sync.forms import DecisionForm, JournalFilter
from sync.gateway import NotUsable, explain
from sync.models import Operation
from sync.settling import CannotDecide
from zadarma import ZadarmaError

PAGE_SIZE = 50
State = Operation.State


@require_safe
@access.needs(May.SEE_ACTIVITY)
def operation_list(request: HttpRequest) -> HttpResponse:
    """What was asked of Zadarma, newest first; filters, and the number, order or group it is about, in the address."""
    viewer = access.viewer(request)
    connections = queries.connections(viewer)
    form = JournalFilter(request.GET, connections=connections, kinds=telling.kinds(), people=queries.actors(viewer))
    focus = _focus(form, viewer)
    rows = queries.operations(viewer)
    if focus:
        rows = rows.filter(focus.rows)
    wanted = form.wanted()
    page = Paginator(queries.narrowed(rows, wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    subjects = telling.subjects_of(page.object_list)
    for operation in page:
        operation.told = showing.operation_status(operation)  # type: ignore[attr-defined]
        operation.subject = subjects[operation.pk]  # type: ignore[attr-defined]
        operation.name = telling.name_of(operation)  # type: ignore[attr-defined]
        operation.brief = telling.telling_of(operation).brief(operation)  # type: ignore[attr-defined]
    context = {
        "page": page,
        "form": form,
        "focus": focus,
        "wanted": wanted,
        "chips": _chips(request, form, focus),
        "kept": [(name, request.GET[name]) for name in (*form.FOCUSES, "batch") if name in request.GET],
        "cleared": _without(request, *form.NARROWING),
        "tabs": activity_tabs("journal", viewer),
        "accounts": form.fields["connection"].queryset.count(),  # type: ignore[attr-defined]
    }
    return render(request, "sync/operation_list.html", context)


def _focus(form: JournalFilter, viewer: Viewer) -> telling.Focus | None:
    """The number, order or group that the address names; 404 where there is no such."""
    for name in form.FOCUSES:
        if name not in form.data:
            continue
        key = form.value(name)
        focus = telling.focus_on(name, viewer, key) if key else None
        if focus is None:
            raise Http404
        return focus
    return None


def _chips(request: HttpRequest, form: JournalFilter, focus: telling.Focus | None) -> list[dict[str, Any]]:
    """What narrows the list without a field of its own, each with a cross that takes it away."""
    chips = []
    if focus:
        label = focus.subject.text or _("One number")
        chips.append({"label": label, "url": _without(request, *form.FOCUSES), "remove": True})
    if form.value("batch"):
        chips.append({"label": _("Asked for with one form"), "url": _without(request, "batch"), "remove": True})
    return chips


def _without(request: HttpRequest, *names: str) -> str:
    address = request.GET.copy()
    for name in (*names, "page"):
        address.pop(name, None)
    return f"?{address.urlencode()}"


@require_safe
@access.needs(May.SEE_ACTIVITY)
def operation_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The evidence receipt of one operation."""
    return _receipt(request, queries.operation(access.viewer(request), pk))


def _receipt(
    request: HttpRequest, operation: Operation, form: DecisionForm | None = None, status: int = 200
) -> HttpResponse:
    told = telling.telling_of(operation)
    ended_without = operation.state in (State.REFUSED, State.NOT_DONE)
    stuck = operation.state == State.NEEDS_PERSON and showing.is_repeatable(operation)
    read_at, stood = receipts.before(operation)
    mine = queries.operations(access.viewer(request))
    context = {
        "operation": operation,
        "now": showing.exact(timezone.now()),
        "name": told.name(),
        "told": showing.operation_status(operation),
        "subject": telling.subjects_of([operation])[operation.pk],
        "request_lines": [*told.request(operation), *receipts.asked(operation)],
        "attempts": list(operation.attempts.order_by("pk")),
        "is_one_of_several": bool(operation.batch) and mine.filter(batch=operation.batch).count() > 1,
        "answer": receipts.answer(operation),
        "erased": telling.is_erased(operation),
        "before_at": read_at,
        "before": stood,
        "looks": receipts.looks(operation),
        "money": receipts.money_of(operation),
        "decision": receipts.decision(operation),
        "way": told.again(operation) if ended_without or stuck else None,
        **_deciding(operation, form),
    }
    return render(request, "sync/operation.html", context, status=status)


def _deciding(operation: Operation, form: DecisionForm | None) -> dict[str, Any]:
    """What the page needs for a person's decision, where one may be made."""
    if operation.state not in Operation.IN_DOUBT or showing.known_kind(operation) is None:
        return {}
    told, offered = telling.telling_of(operation), receipts.candidates(operation)
    free_at = receipts.decidable_at(operation)
    return {
        "in_doubt": True,
        "form": form or DecisionForm(offered=[one.value for one in offered]),
        "candidates": offered,
        "looked": bool(operation.evidence.get("looks")),
        "repeatable": showing.is_repeatable(operation),
        "free_at": "" if settling.is_late(operation, timezone.now()) else showing.exact(free_at),
        "if_done": told.if_done(operation),
        "if_not_done": told.if_not_done(operation),
    }


def _to_settle(request: HttpRequest, pk: int) -> Operation:
    """An operation of a kind that the panel knows: there is no rule to settle another one, so 404."""
    operation = queries.operation(access.viewer(request), pk)
    if showing.known_kind(operation) is None:
        raise Http404
    return operation


@require_POST
@access.needs(May.SETTLE)
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at the account now."""
    operation = _to_settle(request, pk)
    try:
        settling.look_now(operation)
    except CannotDecide as reason:
        messages.info(request, _cannot(reason, operation))
    except (ZadarmaError, NotUsable) as error:
        messages.error(request, explain(error))
    else:
        operation.refresh_from_db()
        messages.success(request, _("This is what the account shows now."))
    return redirect("operation", pk)


@require_POST
@access.needs(May.SETTLE)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle an operation in doubt as the person says, after one more look."""
    operation = _to_settle(request, pk)
    if operation.state not in Operation.IN_DOUBT:
        messages.info(request, _cannot(CannotDecide("settled"), operation))
        return redirect("operation", pk)
    form = _decision_form(request, operation)
    if not form.is_valid():
        return _receipt(request, operation, form, 400)
    said = form.cleaned_data
    try:
        settling.decide(
            operation,
            done=said["outcome"] == DecisionForm.DONE,
            candidate=said["candidate"],
            note=said["note"],
            actor=access.user(request),
        )
    except CannotDecide as reason:
        operation.refresh_from_db()
        messages.warning(request, _cannot(reason, operation))
    except (ZadarmaError, NotUsable) as error:
        messages.error(request, explain(error))
    else:
        operation.refresh_from_db()
        messages.success(request, _("Settled: %(state)s.") % {"state": operation.get_state_display()})
    if operation.state in Operation.IN_DOUBT:  # what was written is not lost
        return _receipt(request, operation, _decision_form(request, operation), 409)
    return redirect("operation", pk)


def _decision_form(request: HttpRequest, operation: Operation) -> DecisionForm:
    return DecisionForm(request.POST, offered=[one.value for one in receipts.candidates(operation)])


def _cannot(reason: CannotDecide, operation: Operation) -> str:
    """Why a decision was not taken, and what holds instead."""
    match reason.reason:
        case "settled" if operation.is_open:
            return _("It is not in doubt: there is nothing to settle.")
        case "settled":
            return _("This was settled meanwhile: %(state)s.") % {"state": operation.get_state_display()}
        case "present":
            return _("The account shows that it took effect, so it is settled as done. Your decision was not needed.")
        case "early":
            free_at = showing.exact(receipts.decidable_at(operation))
            return _("It is too early to say that it did not take effect: it still may, until %(time)s.") % {
                "time": free_at
            }
    if operation.state == State.NOT_DONE:
        return _("The account shows no trace of it, so it is settled as not done. What you chose is not there.")
    return _(
        "What you chose can't be it: the account does not show it any more, or it explains something else already. "
        "Nothing was decided. See below what the account shows now."
    )
