"""Language and customers."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.i18n import set_language as django_set_language

from people import access, audit, exporting, personal, queries
from people.audit_changes import CHANGED
from people.forms import EraseForm
from people.models import PrivacyEvent, User
from people.permissions import May


@login_not_required
def set_language(request: HttpRequest) -> HttpResponse:
    """Change the language for this browser, and for what the panel writes to this person."""
    response = django_set_language(request)
    wanted = request.POST.get("language", "")
    if request.method == "POST" and request.user.is_authenticated and wanted in dict(settings.LANGUAGES):
        person = access.user(request)
        with transaction.atomic():
            if User.objects.filter(pk=person.pk).exclude(language=wanted).update(language=wanted):
                audit.record("account.changed", person, about=("user", person.pk), after={"language": CHANGED})
    return response


@require_safe
@access.needs(May.SEE_CUSTOMERS)
def customer_list(request: HttpRequest) -> HttpResponse:
    """The partner's customers, with how many numbers each has."""
    viewer = access.viewer(request)
    # Those erased come last.
    rows = queries.customers_and_erased(viewer).order_by(F("erased_at").asc(nulls_first=True), "name", "pk")
    words = request.GET.get("q", "").replace("\0", "").strip()[:60]  # PostgreSQL takes no zero byte
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(reference__icontains=words))
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    queries.count_numbers(viewer, page)
    return render(request, "people/customer_list.html", {"page": page, "q": words})


@require_POST
@access.needs(May.EXPORT_CUSTOMERS)
def customer_export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A customer's data as a ZIP file, made while it is sent."""
    customer = queries.customer(access.viewer(request), pk)
    made = exporting.export(customer)
    personal.note(PrivacyEvent.Kind.EXPORTED, customer, access.user(request))
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(made, content_type="application/zip", headers=headers)


@require_http_methods(["GET", "POST"])
@access.needs(May.ERASE_CUSTOMERS)
def customer_erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once more, then erase what is personal of a customer."""
    customer = queries.customer(access.viewer(request), pk)
    if customer.erased_at:
        return redirect("customer-edit", customer.pk)
    form = EraseForm(request.POST or None, customer=customer)
    hindrances = personal.hindrances(customer)
    if request.method == "POST" and form.is_valid():
        try:
            personal.erase(customer, access.user(request))
        except personal.Hindered as hindered:
            hindrances = hindered.reasons
        except personal.ErasedAlready:
            return redirect("customer-edit", customer.pk)
        else:
            messages.success(request, _("The customer's data are erased here."))
            return redirect("customer-edit", customer.pk)
    context = {"customer": customer, "form": form, "hindrances": hindrances, "stays": personal.stays(customer)}
    return render(request, "people/customer_erase.html", context, status=409 if hindrances and form.is_bound else 200)
