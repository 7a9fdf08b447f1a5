"""What a view needs to know of who asks."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from people.models import User
from people.tenancy import Viewer

R = TypeVar("R", bound=HttpResponseBase)


def viewer(request: HttpRequest) -> Viewer:
    """Who asks (set by `PersonMiddleware`)."""
    return cast(Viewer, request.viewer)  # type: ignore[attr-defined]


def user(request: HttpRequest) -> User:
    """The signed-in person. Only for views behind sign-in."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user


def staff_only(view: Callable[..., R]) -> Callable[..., R]:
    """403 for people who are not staff."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> R:
        if not viewer(request).is_staff:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def changers_only(view: Callable[..., R]) -> Callable[..., R]:
    """403 for people who may only look."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> R:
        if not viewer(request).may_change:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked
