"""What a view needs to know of who asks."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from people.models import User
from people.tenancy import Viewer

View = Callable[..., HttpResponse]


def viewer(request: HttpRequest) -> Viewer:
    """Who asks (set by `PersonMiddleware`)."""
    return cast(Viewer, request.viewer)  # type: ignore[attr-defined]


def user(request: HttpRequest) -> User:
    """The signed-in person. Only for views behind sign-in."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user


def staff_only(view: View) -> View:
    """403 for people who are not staff."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not viewer(request).is_staff:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def changers_only(view: View) -> View:
    """403 for people who may only look."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not viewer(request).may_change:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked
