"""A person who changes many numbers at once: chooses a value, looks at what will happen, presses the button."""

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from direct_numbers.models import Number
from sync.models import Operation

OFF = {"value": "off"}
NAME = {"caller_name": "Hotline"}


def look(client: Client, url: str, numbers: list[Number], **value: Any) -> HttpResponse:
    """Choose a value for the numbers: the page that says what will happen."""
    return client.post(reverse(url), {"ids": [row.pk for row in numbers], **value})


def button(page: HttpResponse) -> dict[str, Any]:
    """What the button that changes something would send."""
    forms = re.findall(r'<form method="post".*?</form>', page.content.decode(), re.DOTALL)
    (found,) = [form for form in forms if 'name="seen"' in form]
    fields: dict[str, Any] = {"ids": []}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', found):
        if name == "ids":
            fields["ids"].append(value)
        elif name != "csrfmiddlewaretoken":
            fields[name] = value
    return fields


def press(client: Client, url: str, page: HttpResponse, **more: Any) -> HttpResponse:
    """Press the button of a page, with `more` ticked."""
    return client.post(reverse(url), {**button(page), **more})


def change(client: Client, url: str, numbers: list[Number], **value: Any) -> list[Operation]:
    """Choose a value and press the button: what was planned by it."""
    answer = press(client, url, look(client, url, numbers, **value), **({"sure": "on"} if value == OFF else {}))
    assert answer.status_code == 302, answer.content.decode()
    return planned(answer)


def planned(answer: HttpResponse) -> list[Operation]:
    """What a form planned, by the result that it leads to."""
    batch = answer.headers["Location"].rstrip("/").rpartition("/")[2]
    return list(Operation.objects.filter(batch=batch).order_by("pk"))
