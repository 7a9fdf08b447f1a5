"""What a view needs to know of who asks."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from people.models import User
from people.permissions import May
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


def needs(what: May) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """403 for people whose role does not allow `what` with any customer.

    Where a view has loaded a row, it asks once more with that row's customer: `demand`.
    """

    def decorate(view: Callable[..., R]) -> Callable[..., R]:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> R:
            if not viewer(request).may(what):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        checked.needs = what  # type: ignore[attr-defined]
        return checked

    return decorate


def demand(request: HttpRequest, what: May, customer_id: int | None) -> None:
    """403 where the person's role for this customer does not allow `what`; rows of nobody are staff's."""
    who = viewer(request)
    if not (who.may(what, customer_id) and (who.is_staff or customer_id is not None)):
        raise PermissionDenied
