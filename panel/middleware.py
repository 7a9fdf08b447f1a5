"""An outage of Zadarma is a sentence, wherever a view did not catch it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from people import access
from sync.gateway import NotUsable, explain
from zadarma import ZadarmaError


class OutageMiddleware:
    """Turns errors of the API that reach it into a page (503) that says what happened and what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Only for errors of the API; the rest takes Django's way."""
        if isinstance(exception, ZadarmaError | NotUsable):
            text = explain(exception, to_staff=access.viewer(request).is_staff)
            return render(request, "errors/outage.html", {"text": text}, status=503)
        return None
