"""Pages for what went wrong: each says what happened and what to do, none shows a stack trace."""

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from panel import partner

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
BARE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · {name}</title></head>
<body><h1>{title}</h1><p><a href="/">{home}</a></p></body></html>
"""


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400; 413 where it was more than is taken at once, of which the page says so."""
    is_too_much = isinstance(exception, TOO_MUCH)
    return render(request, "400.html", {"too_much": is_too_much}, status=413 if is_too_much else 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: signed in, but this is not among what they may do."""
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: also for what belongs to somebody else."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: needs neither the database nor a context processor."""
    try:
        return HttpResponse(loader.get_template("500.html").render({}), status=500)
    except Exception:  # noqa: BLE001 - what broke the page may break this one too, as missing static files do
        bare = BARE.format(
            language=get_language(),
            title=_("Something went wrong on our side"),
            home=_("To the start page"),
            name=escape(partner.name()),
        )
        return HttpResponse(bare, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form sent twice after signing out, or from another site."""
    return render(request, "403.html", {"csrf": True}, status=403)
