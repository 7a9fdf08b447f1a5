"""The form by which files are given: of which type, and the files themselves, checked by their content."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents import checking
from documents.models import DocumentType, type_label

ACCEPTED = "image/jpeg,image/png,application/pdf,.jpg,.jpeg,.png,.pdf"


class FilesInput(forms.FileInput):
    """A field for several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files: a list of `UploadedFile`. What stands in them is checked by the page, one by one."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list["UploadedFile[bytes]"]:
        """All of them; that there is one at all is left to the form."""
        given = data if isinstance(data, list | tuple) else [data]
        return [file for file in given if file]


class UploadForm(forms.Form):
    """Files of one type (POST /v1/documents/upload/). `photo` is the camera of a phone."""

    document_type = forms.ChoiceField(
        label=gettext_lazy("What is it?"),
        error_messages={
            "required": gettext_lazy("Please say what kind of document it is."),
            "invalid_choice": gettext_lazy("Please say what kind of document it is."),
        },
    )
    documents = FilesField(required=False)
    photo = FilesField(required=False)

    def __init__(self, *args: Any, wanted: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = [name for name in wanted if name in DocumentType.values]
        others = [name for name in DocumentType.values if name not in first]
        choices: list[Any] = [("", _("Please choose"))]
        if first:
            choices.append((_("Wanted now"), [(name, capfirst(type_label(name))) for name in first]))
            choices.append((_("Others"), [(name, capfirst(type_label(name))) for name in others]))
        else:
            choices += [(name, capfirst(type_label(name))) for name in others]
        self.fields["document_type"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """At least one file."""
        given = super().clean() or {}
        given["documents"] = [*given.get("documents", []), *given.pop("photo", [])]
        if not given["documents"]:
            self.add_error("documents", _("Please choose a file."))
        return given


@dataclass(frozen=True)
class Looked:
    """One given file after the check: its safe name, and either what may be sent or the sentence why not."""

    name: str
    checked: checking.Checked | None = None
    problem: str = ""


def look_at(file: "UploadedFile[bytes]") -> Looked:
    """Check one given file. Never raises for what stands in it."""
    try:
        checked = checking.check_upload(file)
    except checking.Unfit as unfit:
        return Looked(checking.clean_name(file.name or "", ""), problem=" ".join(unfit.messages))
    return Looked(checking.clean_name(file.name or "", checked.content_type), checked)
