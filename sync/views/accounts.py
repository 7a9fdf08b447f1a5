"""Pages of the Zadarma accounts: list, add, edit, change the key pair, import."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people import access
from people.permissions import May
from people.rooms import activity_tabs
from sync import accounts, gateway, importing, queries
from sync.account_forms import ChangePairForm, ImportForm, NameForm, NewAccountForm
from zadarma import BadCredentials, ZadarmaError


@require_safe
@access.needs(May.SEE_CONNECTIONS)
def account_list(request: HttpRequest) -> HttpResponse:
    """Every account, its state, its balance, how much of this minute's calls is used."""
    viewer = access.viewer(request)
    context = {"accounts": queries.accounts(viewer), "tabs": activity_tabs("accounts", viewer), "viewer": viewer}
    return render(request, "sync/account_list.html", context)


def _told(form: forms.Form, error: Exception) -> None:
    """Say at the form why nothing was kept."""
    match error:
        case accounts.SameKey():
            form.add_error("key", _("This key is already in use by an account of this panel. Nothing was changed."))
        case accounts.OtherAccount():
            form.add_error(
                "is_same_account",
                _(
                    "This pair works, but its account shows another currency or none of the numbers known here. If it "
                    "is the same account all the same, say so and type the pair again. Nothing was changed."
                ),
            )
        case BadCredentials():
            form.add_error("secret", _("Zadarma did not accept this key and secret. Nothing was changed."))
        case ZadarmaError():
            told = gateway.explain(error)
            again = _("Nothing was changed and nothing is lost; the key and the secret must be typed again.")
            form.add_error(None, f"{told} {again}")


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
@access.needs(May.MANAGE_CONNECTIONS)
def account_new(request: HttpRequest) -> HttpResponse:
    """Add an account: its pair is tested first."""
    form = NewAccountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = accounts.add(given["name"], given["key"], given["secret"], access.user(request))
        except (accounts.SameKey, ZadarmaError) as error:
            _told(form, error)
        else:
            messages.success(request, _("%(name)s is connected. Its numbers are being read.") % {"name": made.name})
            return redirect("account-list")
    context = {"form": form, "api_url": accounts.api_url()}
    return render(request, "sync/account_new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@access.needs(May.MANAGE_CONNECTIONS)
def account_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name; and the ways to default, pause and key pair."""
    account = queries.connection(access.viewer(request), pk)
    form = NameForm(request.POST or None, initial={"name": account.name})
    if request.method == "POST" and form.is_valid():
        accounts.rename(account, form.cleaned_data["name"], access.user(request))
        messages.success(request, _("The account is saved."))
        return redirect("account-list")
    return render(request, "sync/account_edit.html", {"form": form, "account": account})


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
@access.needs(May.MANAGE_CONNECTIONS)
def account_pair(request: HttpRequest, pk: int) -> HttpResponse:
    """Another key pair: tested first, then it takes the old one's place."""
    account = queries.connection(access.viewer(request), pk)
    form = ChangePairForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given, actor = form.cleaned_data, access.user(request)
        try:
            accounts.change_pair(
                account, given["key"], given["secret"], actor, is_same_account=given["is_same_account"]
            )
        except (accounts.SameKey, accounts.OtherAccount, ZadarmaError) as error:
            _told(form, error)
        else:
            messages.success(request, _("The new key pair is in use."))
            return redirect("account-list")
    context = {"form": form, "account": account}
    return render(request, "sync/account_pair.html", context, status=422 if form.errors else 200)


@require_POST
@access.needs(May.MANAGE_CONNECTIONS)
def account_default(request: HttpRequest, pk: int) -> HttpResponse:
    """Orders go here where nothing else is said."""
    account = queries.connection(access.viewer(request), pk)
    accounts.make_default(account, access.user(request))
    messages.success(request, _("%(name)s is the default account now.") % {"name": account.name})
    return redirect("account-list")


@require_POST
@access.needs(May.MANAGE_CONNECTIONS)
def account_pause(request: HttpRequest, pk: int) -> HttpResponse:
    """No calls with this account until it is switched on again."""
    account = queries.connection(access.viewer(request), pk)
    accounts.pause_by_hand(account, access.user(request))
    messages.success(request, _("The account is paused."))
    return redirect("account-list")


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
@access.needs(May.MANAGE_CONNECTIONS)
def import_new(request: HttpRequest) -> HttpResponse:
    """Take a CSV file; what is typed is not shown again."""
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if form.is_bound and form.is_valid():
        batch = importing.begin(form.found, access.user(request))
        return redirect("account-import-result", batch.pk)
    context: dict[str, Any] = {"form": form, "api_url": accounts.api_url()}
    return render(request, "sync/account_import.html", context, status=422 if form.errors else 200)


@require_safe
@access.needs(May.SEE_CONNECTIONS)
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How far an import is: each row with its result."""
    batch = queries.account_import(access.viewer(request), pk)
    rows = list(batch.rows.defer("api_key", "api_secret"))
    done = sum(row.state != row.State.WAITING for row in rows)
    context = {"batch": batch, "rows": rows, "done": done, "moving": done < len(rows)}
    fragment = request.htmx and "fragment" in request.GET  # type: ignore[attr-defined]
    return render(request, "sync/_import.html" if fragment else "sync/account_import_result.html", context)
