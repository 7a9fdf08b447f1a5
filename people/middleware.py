"""Says once per request who asks."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from people.tenancy import Viewer


def viewer_of(request: HttpRequest) -> Viewer:
    """The viewer behind `request`; nobody when they are not signed in."""
    user = request.user
    return user.viewer() if user.is_authenticated else Viewer()


class PersonMiddleware:
    """Sets `request.viewer` (lazily) and keeps pages (each holds a token) out of caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(lambda: viewer_of(request))  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        return response
