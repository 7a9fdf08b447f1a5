"""What the results of all forms about many numbers have in common."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def progress(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The part of a result that looks again by itself; 204 while nothing is new since `seen`."""
    if context["seen"] == request.GET.get("seen"):
        return HttpResponse(status=204)
    return render(request, template, context)
