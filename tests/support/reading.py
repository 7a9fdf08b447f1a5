"""Reading pages as a person does: their text, and what their forms would send."""

import re
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse

Fields = dict[str, Any]
_SKIPPED = {"script", "style", "template", "svg", "head", "dialog"}
_VOID = {"input", "br", "img", "meta", "link", "hr", "use", "path", "source", "wbr", "col"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.forms: list[tuple[str, Fields]] = []
        self._open: list[str] = []
        self._form: Fields | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "form":
            self._form = {}
            self.forms.append((given.get("action", ""), self._form))
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and "selected" in given and self._form is not None:
            self._form[self._select] = given.get("value", "")
        elif tag == "input" and self._form is not None and given.get("name") and "disabled" not in given:
            is_choice = given.get("type") in ("radio", "checkbox")
            if given.get("type") not in ("submit", "button") and (not is_choice or "checked" in given):
                self._form[given["name"]] = given.get("value", "on" if is_choice else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        while self._open and tag in self._open:
            if self._open.pop() == tag:
                break

    def handle_data(self, data: str) -> None:
        if not _SKIPPED & set(self._open):
            self.words.append(data)


def _page(response: HttpResponse) -> _Page:
    page = _Page()
    page.feed(response.content.decode())
    return page


def text_of(response: HttpResponse) -> str:
    """The words that a page shows, in one line."""
    return re.sub(r"\s+", " ", " ".join(_page(response).words)).strip()


def form_of(response: HttpResponse, action: str) -> Fields:
    """What the form that goes to `action` would send as it stands. AssertionError where the page has no such form."""
    forms = [fields for where, fields in _page(response).forms if where == action]
    assert forms, f"no form goes to {action}"
    return {name: value for fields in forms for name, value in fields.items()}
