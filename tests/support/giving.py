"""Giving files to a document group as a browser does, and reading what its page says."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from documents.models import DocumentGroup
from tests.support import files
from tests.support.reading import text_of


def scan(name: str = "front.jpg", content: bytes | None = None) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, files.jpeg(size=(220, 180)) if content is None else content, "image/jpeg")


def give(client: Client, group: DocumentGroup, *given: SimpleUploadedFile, as_script: bool = False, **more: str) -> Any:
    """Send the form."""
    data = {"document_type": "passport", "documents": list(given), **more}
    headers = {"Accept": "application/json"} if as_script else {}
    return client.post(reverse("group-upload", args=[group.pk]), data, headers=headers)


def page_of(client: Client, group: DocumentGroup) -> str:
    """What the group's page says."""
    return text_of(client.get(reverse("group", args=[group.pk])))
