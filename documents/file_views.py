"""Pages of a group's files: giving them, following them to Zadarma, taking them back, having them again."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from documents import papers, queries, refreshing, uploads
from documents.models import DocumentGroup, DocumentType, Upload, type_label
from documents.upload_forms import ACCEPTED, UploadForm, look_at
from people import access
from people.data_keys import Destroyed
from people.permissions import May
from sync.gateway import NotUsable, explain
from zadarma import ZadarmaError


@require_http_methods(["GET", "POST"])
@access.needs(May.EDIT_PAPERS)
@sensitive_post_parameters()
@sensitive_variables()
def group_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Give files to a group. A script sends them one by one and wants a sentence; without it they come in one form."""
    viewer = access.viewer(request)
    group = queries.group(viewer, pk)
    if group.gone_at or group.erased_at:
        raise Http404
    context = papers.told(viewer, group)
    wanted = [row.document_type for row in context["types"] if row.is_wanted or row.state == "rejected"]
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*given, wanted=wanted, initial=_initial(request, context))
    outcomes: list[dict[str, Any]] = []
    if request.method == "POST" and not uploads.takes_files(group):
        form.add_error(None, _("Zadarma does not have this group yet. Please try again in a few seconds."))
    elif request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        outcomes = [_take(request, group, chosen["document_type"], file) for file in chosen["documents"]]
    if request.method == "POST" and not request.accepts("text/html"):
        return _answer(form, outcomes)
    if outcomes and all(outcome["ok"] for outcome in outcomes):
        messages.success(request, _on_its_way(len(outcomes)))
        return redirect(f"{reverse('group-upload', args=[group.pk])}{_way_back(request)[1]}")
    return _upload_page(request, group, form, outcomes, papers.told(viewer, group) if outcomes else context)


def _way_back(request: HttpRequest) -> tuple[str, str]:
    """Where the person came from, if it is a page of this panel, and the query that carries it on."""
    back = request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return "", ""
    return back, "?" + urlencode({"next": back})


def _initial(request: HttpRequest, context: dict[str, Any]) -> dict[str, str]:
    asked = request.GET.get("type", "")
    if asked in DocumentType.values:
        return {"document_type": asked}
    missing = (row.document_type for row in context["types"] if row.state in ("rejected", "lack") and row.document_type)
    return {"document_type": next(missing, "")}


def _on_its_way(count: int) -> str:
    return ngettext(
        "%(count)d file is on its way to Zadarma.", "%(count)d files are on their way to Zadarma.", count
    ) % {"count": count}


@sensitive_variables()
def _take(request: HttpRequest, group: DocumentGroup, document_type: str, file: Any) -> dict[str, Any]:
    """Check one file and hand it to the journal: what became of it, for the person who gave it."""
    looked = look_at(file)
    if looked.checked is None:
        return {"ok": False, "name": looked.name, "text": looked.problem}
    checked, actor = looked.checked, access.user(request)
    try:
        uploads.upload(group, document_type, looked.name, checked.content, checked.content_type, actor, checked.pages)
    except Destroyed:
        raise Http404 from None  # erased while the file was being looked at
    except uploads.SentBefore:
        text = _("This very file was sent before. Give another one, if Zadarma wants one.")
        return {"ok": False, "name": looked.name, "text": text}
    return {"ok": True, "name": looked.name, "text": _("On its way to Zadarma.")}


def _answer(form: UploadForm, outcomes: list[dict[str, Any]]) -> JsonResponse:
    """To the script, which sends one file: whether it was taken, and the sentence to show."""
    if outcomes:
        bad = next((outcome for outcome in outcomes if not outcome["ok"]), None)
        return JsonResponse(bad or outcomes[0], status=422 if bad else 200)
    text = " ".join(str(error) for errors in form.errors.values() for error in errors)
    return JsonResponse({"ok": False, "text": text}, status=422)


def _upload_page(
    request: HttpRequest,
    group: DocumentGroup,
    form: UploadForm,
    outcomes: list[dict[str, Any]],
    context: dict[str, Any],
) -> HttpResponse:
    back_url, query = _way_back(request)
    context |= {
        "back_url": back_url,
        "query": query,
        "group": group,
        "form": form,
        "outcomes": outcomes,
        "accepted": ACCEPTED,
        "can_take": uploads.takes_files(group),
        "limits": uploads.limits(),
        "wrong_document_label": type_label(group.wrong_document_type),
        "is_staff": access.viewer(request).is_staff,
        "may_change": True,
        "may_download": access.viewer(request).may(May.DOWNLOAD),
    }
    return render(request, "documents/group_upload.html", context, status=422 if outcomes or form.errors else 200)


@require_safe
@access.needs(May.SEE)
@never_cache
def group_papers(request: HttpRequest, pk: int) -> HttpResponse:
    """The papers of a group type by type: a fragment, asked again while a file is on its way."""
    viewer = access.viewer(request)
    group = queries.group(viewer, pk)
    context = {
        "group": group,
        "may_change": viewer.may(May.EDIT_PAPERS),
        "may_download": viewer.may(May.DOWNLOAD),
        "is_staff": viewer.is_staff,
        **papers.told(viewer, group),
    }
    return render(request, "documents/_papers.html", context)


@require_POST
@access.needs(May.SEE)
def group_refresh(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask Zadarma for this group's files and verdicts now."""
    viewer = access.viewer(request)
    group = queries.group(viewer, pk)
    try:
        refreshing.refresh_group(group)
    except (ZadarmaError, NotUsable) as error:
        messages.error(request, explain(error, to_staff=viewer.is_staff))
    return redirect("group", group.pk)


@require_POST
@access.needs(May.EDIT_PAPERS)
def upload_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file back that was not sent yet."""
    row = queries.upload(access.viewer(request), pk)
    if uploads.stop(row, access.user(request)):
        messages.success(request, _("The file was taken back. It was not sent, and is deleted here."))
    else:
        messages.warning(request, _("The file has left already. Zadarma's API can't delete it there."))
    return redirect("group", row.group_id)


@require_POST
@never_cache
@access.needs(May.DOWNLOAD)
@sensitive_variables()
def upload_download(request: HttpRequest, pk: int) -> HttpResponse:
    """The content of a file that is kept here: as an attachment, never cached, and noted."""
    row = queries.upload(access.viewer(request), pk)
    content = queries.content(access.viewer(request), row)
    if not content:
        raise Http404
    uploads.note_download(row, access.user(request))
    return HttpResponse(
        content,
        content_type=row.content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{row.document_type}-{row.pk}.{_ending(row)}"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


def _ending(row: Upload) -> str:
    return {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}.get(row.content_type, "bin")
