"""The page of what was found."""

from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from direct_numbers import finding
from panel import search as searching
from people import access
from people.permissions import May


class SearchForm(forms.Form):
    """A few words, or digits of a number."""

    q = forms.CharField(label=_("Search"), max_length=60)


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(May.SEE)
def search(request: HttpRequest) -> HttpResponse:
    """What matches the words in the box of the frame. It changes nothing, however it is asked.

    Words are posted, so that no name stands in an address; digits stand there, so that they can be kept and sent.
    Papers are found by names alone, and only by words that were posted.
    """
    is_posted = request.method == "POST"
    form = SearchForm(request.POST if is_posted else request.GET)
    words = str(form.cleaned_data["q"]) if form.is_valid() else ""
    if is_posted and (not words or finding.digits_of(words)):
        query = f"?{urlencode({'q': words})}" if words else ""
        return redirect(f"{reverse('search')}{query}")
    found = searching.search(access.viewer(request), words, with_papers=is_posted) if words else []
    context = {
        "found": found,
        "searched_for": words,
        "papers_left_out": bool(words) and not is_posted and not finding.digits_of(words),
        "is_staff": access.viewer(request).is_staff,
    }
    return render(request, "panel/search.html", context)
