"""The renewal calendar: on a page, and at a secret address for one's own calendar program."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from direct_numbers import calendar_feed, calendar_showing, prices, queries
from direct_numbers.calendar_forms import CalendarFilter
from people import access, feeds, links, throttle
from people import queries as people_queries
from people.customer_field import filter_choices
from people.permissions import May

PAGE_SIZE = 50
# Of answers at the address with the token.
QUIET = {"Referrer-Policy": "no-referrer", "Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}


@require_safe
@access.needs(May.SEE)
def renewal_calendar(request: HttpRequest) -> HttpResponse:
    """When numbers renew themselves or end: a month as a grid of days, or as a list; all of it in the address."""
    viewer, zone, today = access.viewer(request), timezone.get_current_timezone(), timezone.localdate()
    customers = None
    if viewer.is_staff:
        customers = filter_choices(people_queries.customers(viewer), request.GET.get("customer", ""))
    form = CalendarFilter(request.GET, today=today, customers=customers)
    form.is_valid()
    customer = people_queries.current_customer(viewer)
    mine = form.narrow(queries.numbers(viewer))
    context: dict[str, Any] = {
        "form": form,
        "filtered": bool(form.value("customer") or form.value("autorenewal")),
        "is_staff": viewer.is_staff,
        "shows_prices": prices.are_shown(customer, viewer),
        "may_order": viewer.may(May.ORDER),
        "feed_made_at": feeds.made_at(access.user(request)),
        **calendar_showing.month(mine, form, zone, viewer, customer),
    }
    if form.is_list:
        rows = calendar_showing.listed(mine, form, zone)
        page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
        for row in page:
            calendar_showing.tell(row, viewer)
        context["page"] = page
    return render(request, "numbers/renewal_calendar.html", context)


@require_POST
@access.needs(May.SEE)
@sensitive_variables("token", "address")
def make_feed(request: HttpRequest) -> HttpResponse:
    """Make one's secret address (anew), and show it this once."""
    token = feeds.make(access.user(request))
    address = links.absolute(reverse("calendar-feed", args=[token]), request)
    return render(request, "numbers/calendar_address.html", {"address": address})


@require_POST
@access.needs(May.SEE)
def revoke_feed(request: HttpRequest) -> HttpResponse:
    """Make one's secret address dead."""
    if feeds.revoke(access.user(request)):
        messages.success(request, _("The calendar address is switched off: who has it reads nothing any more."))
    return redirect(f"{reverse('renewal-calendar')}#feed")


@require_safe
@login_not_required
@sensitive_variables("token")
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The next twelve months of whoever's address it is, as iCalendar. 404 for an address that is dead."""
    place = throttle.address_of(request)
    if throttle.is_closed_to_links(place):
        return HttpResponse(status=429, headers={**QUIET, "Retry-After": str(throttle.WINDOW)})
    person = feeds.person_behind(token)
    viewer = person.viewer() if person else None
    if person is None or viewer is None or not viewer.may(May.SEE):
        throttle.wrong_link(place)
        raise Http404
    base = links.absolute("/", request).rstrip("/")
    text = calendar_feed.of(person, viewer, timezone.now(), base)
    headers = {**QUIET, "Content-Disposition": 'inline; filename="numbers.ics"'}
    return HttpResponse(text, content_type="text/calendar; charset=utf-8", headers=headers)
