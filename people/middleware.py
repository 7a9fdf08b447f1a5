"""Says once per request who asks, for which customer, and from where."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.signals import request_finished
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from people import audit, throttle, time_zones
from people.models import User
from people.tenancy import Viewer

# Where the session keeps which of several customers a person looks at.
CURRENT_CUSTOMER = "customer"
# What does no harm when it is sent from a page that was another customer's.
ABOUT_NO_CUSTOMER = frozenset({"switch-customer", "sign-out", "set_language"})


def viewer_of(request: HttpRequest) -> Viewer:
    """The viewer behind `request`: nobody when they are not signed in, and for one customer at a time."""
    user = request.user
    if not isinstance(user, User) or not user.is_authenticated:
        return Viewer()
    everything = user.viewer()
    if not everything.roles:
        return everything
    chosen = request.session.get(CURRENT_CUSTOMER)
    current: int = chosen if chosen in everything.roles else next(iter(everything.roles))  # type: ignore[assignment]
    return Viewer(user_id=user.pk, roles={current: everything.roles[current]})


class HeadersMiddleware:
    """Keeps pages (each holds a token) out of caches, and the devices of who reads them out of reach.

    The outermost one: what another middleware answers by itself, such as 400 for a strange host, passes here too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        return response


class PersonMiddleware:
    """Sets `request.viewer` and says from where it is asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(lambda: viewer_of(request))  # type: ignore[attr-defined]
        token = audit.address.set(throttle.address_of(request))
        try:
            return self.get_response(request)
        finally:
            audit.address.reset(token)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Note whose pages a person sees. Where that is another customer's now, older forms are void.

        They may have been taken away from the one before: what they wrote for it must not be done for the other.
        """
        theirs = list(request.viewer.customer_ids)  # type: ignore[attr-defined]
        before = request.session.get(CURRENT_CUSTOMER) if theirs else None
        if not theirs or before == theirs[0]:
            return
        request.session[CURRENT_CUSTOMER] = theirs[0]
        if before is None:
            return
        rotate_token(request)
        match = request.resolver_match
        if request.method not in ("GET", "HEAD", "OPTIONS") and not (match and match.url_name in ABOUT_NO_CUSTOMER):
            raise PermissionDenied


class TimeZoneMiddleware:
    """Tells dates in the time zone of who is signed in, until the answer is sent (a streamed one is made meanwhile)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        timezone.deactivate()
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Before any view runs. Pages open to all ask nobody who they are."""
        if getattr(view, "login_required", True) and isinstance(request.user, User):
            time_zones.activate(request.user)


def _back_to_the_panels(**kwargs: object) -> None:
    timezone.deactivate()


request_finished.connect(_back_to_the_panels, dispatch_uid="people.time_zone")
