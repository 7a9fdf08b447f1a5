"""The notices of who asks, and how they want to be told by e-mail."""

from django.contrib import messages
from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from notices import choosing, queries, telling, testing
from notices.forms import PreferenceForm, topics_of
from people import access, time_zones
from people.permissions import May

OPEN_A_PAGE, DONE_SHOWN = 50, 20


@require_safe
@access.needs(May.SEE)
def notice_list(request: HttpRequest) -> HttpResponse:
    """What is open, the most urgent first, and what was done lately."""
    viewer = access.viewer(request)
    page = Paginator(queries.open_notices(viewer), OPEN_A_PAGE).get_page(request.GET.get("page"))
    done = list(queries.done_notices(viewer)[:DONE_SHOWN]) if page.number == 1 else []
    told = telling.told(viewer, [*page, *done])
    context = {
        "page": page,
        "open": [one for one in told if one.notice.done_at is None],
        "done": [one for one in told if one.notice.done_at is not None],
        "viewer": viewer,
        "trouble": queries.mail_trouble(viewer, timezone.now()),
    }
    return render(request, "notices/notice_list.html", context)


@require_http_methods(["GET", "POST"])
@access.needs(May.SEE)
def notice_settings(request: HttpRequest) -> HttpResponse:
    """By which way of each topic, and when the summary comes."""
    user, viewer = access.user(request), access.viewer(request)
    topics = topics_of(viewer)
    choice = choosing.of([user])[user.pk]
    role = viewer.staff_role or next(iter(viewer.roles.values()), "")
    ways: dict[str, str] = {topic: choice.way(topic, role) for topic in topics}
    form = PreferenceForm(request.POST or None, viewer=viewer, topics=topics, ways=ways, initial={"hour": choice.hour})
    if request.method == "POST" and form.is_valid():
        choosing.choose(user, form.cleaned_data["hour"], form.ways, topics, timezone.now())
        messages.success(request, _("Saved."))
        return redirect("notice-settings")
    context = {"form": form, "user": user, "zone": time_zones.of(user)}
    is_refused = request.method == "POST"
    return render(request, "notices/settings.html", context, status=422 if is_refused else 200)


@require_POST
@access.needs(May.SEE)
def notice_test(request: HttpRequest) -> HttpResponse:
    """An e-mail to who asks, at once, and what came of it."""
    user = access.user(request)
    if not cache.add(f"notice-test:{user.pk}", "1", testing.SECONDS_BETWEEN):
        messages.info(request, _("A test notice left less than a minute ago. Please wait a moment."))
        return redirect("notice-settings")
    try:
        testing.send_test(user)
    except testing.NotTaken as reason:
        text = _(
            "The mail server did not take it (%(error)s). The person who runs this panel should look at EMAIL_URL."
        )
        messages.error(request, text % {"error": reason})
    else:
        messages.success(request, _("A test notice is on its way to %(email)s.") % {"email": user.email})
    return redirect("notice-settings")
