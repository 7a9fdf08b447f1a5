"""Pages of document groups."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from documents import assigning, editing, groups, papers, queries, showing, uses
from documents.forms import GroupDataForm
from documents.models import DocumentGroup
from people import access
from people import queries as people_queries
from people.customer_field import CustomerField, one_of
from people.permissions import May
from people.tenancy import Viewer, scope
from sync import connections as accounts
from sync.handing_over import NotAssigned
from sync.models import Connection
from sync.operations import AlreadyOpen

MOST_FOUND = 50


class OwnerForm(forms.Form):
    """For whom a group is, and in which account."""

    customer = CustomerField(label=gettext_lazy("For whom"), empty_label=gettext_lazy("nobody yet"))
    connection: "forms.ModelChoiceField[Connection]" = forms.ModelChoiceField(
        label=gettext_lazy("Zadarma account"), queryset=None, empty_label=None
    )

    def __init__(self, *args: Any, customers: Any, connections: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].queryset = customers  # type: ignore[attr-defined]
        if connections is None:
            del self.fields["connection"]
        else:
            self.fields["connection"].queryset = connections  # type: ignore[attr-defined]


@require_safe
@access.needs(May.SEE)
def group_list(request: HttpRequest) -> HttpResponse:
    """Document groups, with what is wrong with them."""
    viewer = access.viewer(request)
    rows = queries.needing_attention(viewer) if "attention" in request.GET else queries.groups(viewer)
    owner = None
    is_unassigned = request.GET.get("customer") == "none" and viewer.is_staff
    if is_unassigned:
        rows = queries.unassigned(rows)
    elif owner := one_of(people_queries.customers(viewer), request.GET.get("customer", "")):
        rows = rows.filter(customer=owner)
    page = Paginator(rows.order_by("pk"), 50).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "attention": "attention" in request.GET,
        "is_unassigned": is_unassigned,
        "owner": owner,
        "name_form": NameForm(),
        **_list(viewer, page.object_list),
    }
    return render(request, "documents/group_list.html", context)


class NameForm(forms.Form):
    """A name, or some of its beginning."""

    name = forms.CharField(label=gettext_lazy("Name of a person or company"), max_length=120)


@require_POST
@access.needs(May.SEE)
def group_search(request: HttpRequest) -> HttpResponse:
    """Groups by name. Posted, so that no name stands in an address."""
    viewer = access.viewer(request)
    form = NameForm(request.POST)
    if not form.is_valid():
        return redirect("group-list")
    rows = list(queries.named(viewer, form.cleaned_data["name"]).order_by("pk")[: MOST_FOUND + 1])
    context = {
        "page": Paginator(rows[:MOST_FOUND], MOST_FOUND).get_page(1),
        "found_for": form.cleaned_data["name"],
        "there_are_more": len(rows) > MOST_FOUND,
        "name_form": form,
        **_list(viewer, rows[:MOST_FOUND]),
    }
    return render(request, "documents/group_list.html", context)


def _list(viewer: Viewer, rows: Iterable[DocumentGroup]) -> dict[str, Any]:
    """What the list shows beside its rows, which learn what to say of themselves."""
    groups = list(rows)
    waiting, wanted = uses.waiting(viewer, groups), uses.types_wanted(viewer, groups)
    given = queries.given_types(groups)
    for row in groups:
        row.told = showing.group_status(  # type: ignore[attr-defined]
            row,
            row.file_count,  # type: ignore[attr-defined]
            row.verified_count,  # type: ignore[attr-defined]
            to_staff=viewer.is_staff,
            is_replaced=row.is_replaced,  # type: ignore[attr-defined]
            lacks=bool(wanted.get(row.pk, set()) - given[row.pk]),
        )
        row.waiting = waiting.get(row.pk, 0)  # type: ignore[attr-defined]
    return {
        "attention_count": queries.needing_attention(viewer).select_related(None).count(),
        "unassigned_count": queries.count_unassigned(viewer) if viewer.is_staff else 0,
        "may_change": viewer.may(May.EDIT_PAPERS),
        "is_staff": viewer.is_staff,
        "bulk_actions": _bulk_actions(viewer),
    }


def _bulk_actions(viewer: Viewer) -> list[dict[str, Any]]:
    give = {"name": "give", "value": 1, "label": _("Give to a customer …"), "url": reverse("groups-assign")}
    return [give] if viewer.may(May.ASSIGN) else []


@require_safe
@access.needs(May.SEE)
def group_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One group: its data, its files, what the check found."""
    return _group_page(request, queries.group(access.viewer(request), pk))


def _group_page(request: HttpRequest, group: DocumentGroup, status: int = 200, **forms: Any) -> HttpResponse:
    viewer = access.viewer(request)
    shown = papers.told(viewer, group)
    files = [file for row in shown["types"] for file in row.files if file.told.kind != "parked"]
    verified = sum(file.told.kind == "active" for file in files)
    is_replaced = papers.is_replaced(group, shown["types"])
    lacks = any(row.state == "lack" and row.is_wanted for row in shown["types"])
    context = {
        "group": group,
        "told": showing.group_status(
            group, len(files), verified, to_staff=viewer.is_staff, is_replaced=is_replaced, lacks=lacks
        ),
        "refused": showing.why_refused(group, to_staff=viewer.is_staff),
        **shown,
        "may_change": viewer.may(May.EDIT_PAPERS),
        "may_assign": viewer.may(May.ASSIGN),
        "may_download": viewer.may(May.DOWNLOAD),
        "sections": showing.sections(group),
        "wrong_document_label": showing.type_label(group.wrong_document_type),
        "may_edit": viewer.may(May.EDIT_PAPERS) and not group.is_readonly and group.gone_at is None,
        "is_staff": viewer.is_staff,
        "downloads": queries.downloads(viewer, group) if viewer.is_staff else [],
        "owner_form": OwnerForm(customers=people_queries.customers(viewer), initial={"customer": group.customer_id}),
        **forms,
    }
    return render(request, "documents/group.html", context, status=status)


@require_http_methods(["GET", "POST"])
@access.needs(May.EDIT_PAPERS)
def group_new(request: HttpRequest) -> HttpResponse:
    """Make a group."""
    viewer = access.viewer(request)
    if not viewer.is_staff:
        return _new_own(request)
    connections = scope(Connection.objects.filter(state=Connection.State.ACTIVE), viewer).filter(is_hidden=False)
    only_looks = "look" in request.POST  # another country or salutation: drawn anew, nothing is written
    owner = OwnerForm(
        request.POST or None,
        customers=people_queries.customers(viewer),
        connections=connections,
        initial={"connection": connections.first()},
    )
    form = GroupDataForm.looking(request.POST) if only_looks else GroupDataForm(request.POST or None)
    if owner.is_valid() and form.is_valid():
        group = groups.create_group(
            owner.cleaned_data["connection"],
            owner.cleaned_data["customer"],
            form.fields_for_api(),
            access.user(request),
        )
        messages.success(request, _("The document group is being created at Zadarma."))
        return redirect("group", group.pk)
    return render(request, "documents/group_edit.html", {"form": form, "owner_form": owner, "group": None})


def _new_own(request: HttpRequest) -> HttpResponse:
    """Of a customer's own person: for that customer, in the account that serves it, which is not named."""
    customer = people_queries.current_customer(access.viewer(request))
    only_looks = "look" in request.POST
    form = GroupDataForm.looking(request.POST) if only_looks else GroupDataForm(request.POST or None)
    if customer is not None and not only_looks and form.is_valid():
        connection = accounts.for_customer(customer)
        if connection is not None:
            group = groups.create_group(connection, customer, form.fields_for_api(), access.user(request))
            messages.success(request, _("The document group is being created at Zadarma."))
            return redirect("group", group.pk)
        messages.error(request, _("Papers can't be entered right now. Please ask your provider's staff."))
    return render(request, "documents/group_edit.html", {"form": form, "owner_form": None, "group": None})


@require_http_methods(["GET", "POST"])
@access.needs(May.EDIT_PAPERS)
def group_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a group's data, or correct one that Zadarma refused to create."""
    viewer = access.viewer(request)
    group = queries.group(viewer, pk)
    if group.is_readonly or group.gone_at is not None:
        raise Http404
    if request.method != "POST":
        now = editing.standing(group)
        form = GroupDataForm(initial=now.initial, country=group.country_iso)
        form.note(editing.notes_of_refusal(now, to_staff=viewer.is_staff))
        return _edit_page(request, group, form, now.version, last=editing.told_last(now, viewer))
    seen = request.POST.get("version", "")
    if "look" in request.POST:  # another country or salutation: drawn anew, nothing is written
        return _edit_page(request, group, GroupDataForm.looking(request.POST), seen)
    form = GroupDataForm(request.POST)
    if not form.is_valid():
        return _edit_page(request, group, form, seen)
    try:
        is_planned = editing.save(group.pk, form.fields_for_api(), seen, access.user(request))
    except DocumentGroup.DoesNotExist:
        raise Http404 from None
    except editing.Outdated as found:
        form.note(editing.notes_of_conflict(found, form.fields_for_api()))
        told = editing.told_outdated(found, viewer)
        return _edit_page(request, group, form, found.now.version, 409, conflict=told)
    except AlreadyOpen:
        return _edit_page(request, group, form, seen, 409, waits=True)
    if is_planned:
        messages.success(request, _("The change is on its way to Zadarma."))
    else:
        messages.info(request, _("These data stand there already, or are on their way: nothing more was sent."))
    return redirect("group", group.pk)


def _edit_page(
    request: HttpRequest, group: DocumentGroup, form: GroupDataForm, version: str, status: int = 200, **context: Any
) -> HttpResponse:
    refused = showing.why_refused(group, to_staff=access.viewer(request).is_staff)
    context |= {"form": form, "owner_form": None, "group": group, "version": version, "refused": refused}
    return render(request, "documents/group_edit.html", context, status=status)


@require_POST
@access.needs(May.ASSIGN)
def group_assign(request: HttpRequest, pk: int) -> HttpResponse:
    """To which customer the group belongs. The account holder's own belongs to nobody."""
    viewer = access.viewer(request)
    group = queries.group(viewer, pk)
    form = OwnerForm(request.POST, customers=people_queries.customers(viewer))
    if group.is_main:
        messages.error(request, _("This group can't be given to a customer."))
        return redirect("group", group.pk)
    if not form.is_valid():
        return _group_page(request, group, 400, owner_form=form)
    visible, owner = queries.groups_among(viewer, [group.pk]), form.cleaned_data["customer"]
    try:
        assigning.assign_all([group.pk], visible, owner, by=access.user(request))
    except NotAssigned as hindered:
        messages.error(request, str(hindered))
    else:
        messages.success(request, _("Saved."))
    return redirect("group", group.pk)
