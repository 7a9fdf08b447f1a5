"""The methods on identity documents: groups (a person's or company's data) and their files."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import BinaryIO

from zadarma.calling import Calling, parsed, parsed_list, parsed_listing, part
from zadarma.transport import File
from zadarma.types import Document, DocumentGroup, Listing, Uploaded, Validity

_CONTENT_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+", re.IGNORECASE)
_NAME_LENGTH = 100


class DocumentCalls(Calling):
    """Every method raises Unavailable, Refused or BadCredentials; ValueError or TypeError for what cannot be sent.

    `group_id` "0" is the account holder's own group. `user_id` is a reseller's sub-user. Methods that change something
    send their request at most once.
    """

    def document_groups(self, user_id: str | None = None) -> Listing[DocumentGroup]:
        """Every document group. GET /v1/documents/groups/list/"""
        path = "/v1/documents/groups/list/"
        return parsed_listing(DocumentGroup, self._get(path, {"user_id": user_id}).get("groups"), path)

    def document_group(self, group_id: str, user_id: str | None = None) -> DocumentGroup:
        """One document group. GET /v1/documents/groups/get/<ID>/"""
        path = "/v1/documents/groups/get/{}/"
        answer = self._get(path, {"user_id": user_id}, segment=group_id)
        return parsed(DocumentGroup, part(answer, "group", path), path)

    def create_document_group(
        self, fields: Mapping[str, str], *, direction_id: str | None = None, user_id: str | None = None
    ) -> DocumentGroup:
        """Create a group of `fields` (names as in DocumentGroup), checked against a direction's rules where one is
        given.

        POST /v1/documents/groups/create/
        """
        path = "/v1/documents/groups/create/"
        answer = self._change("POST", path, {**fields, "direction_id": direction_id, "user_id": user_id})
        return parsed(DocumentGroup, part(answer, "group", path), path)

    def update_document_group(
        self, group_id: str, fields: Mapping[str, str], *, direction_id: str | None = None, user_id: str | None = None
    ) -> DocumentGroup:
        """Replace a group's data by `fields`: send all of them, as for creating. PUT
        /v1/documents/groups/update/<GROUPID>/
        """
        path = "/v1/documents/groups/update/{}/"
        params = {**fields, "direction_id": direction_id, "user_id": user_id}
        answer = self._change("PUT", path, params, segment=group_id)
        return parsed(DocumentGroup, part(answer, "group", path), path)

    def document_group_validity(self, group_id: str, direction_id: str, user_id: str | None = None) -> Validity:
        """Whether a group satisfies a direction. GET /v1/documents/groups/valid/<ID>/"""
        path = "/v1/documents/groups/valid/{}/"
        params = {"direction_id": direction_id, "user_id": user_id}
        return parsed(Validity, self._get(path, params, segment=group_id), path)

    def upload_document(
        self,
        *,
        group_id: str,
        document_type: str,
        content: bytes | BinaryIO,
        filename: str,
        content_type: str,
        user_id: str | None = None,
    ) -> Uploaded:
        """Add a file to a group. `document_type` is the API's word (`passport`), `content_type` a MIME type.

        The file's name is sent as plain ASCII without folders; a file object is read from where it stands. Raises
        ValueError for a content type that is none. POST /v1/documents/upload/
        """
        path = "/v1/documents/upload/"
        if not _CONTENT_TYPE.fullmatch(content_type):
            raise ValueError("not a MIME type")
        whole = content if isinstance(content, bytes) else content.read()
        params = {"group_id": group_id, "document_type": document_type, "user_id": user_id}
        file = File(safe_filename(filename), whole, content_type)
        return parsed(Uploaded, self._change("POST", path, params, file=file), path)

    def documents(self, group_id: str | None = None, user_id: str | None = None) -> list[Document]:
        """The files of a group; without `group_id`, of the account holder's own. GET /v1/documents/files/"""
        path = "/v1/documents/files/"
        params = {"group_id": group_id, "user_id": user_id}
        return parsed_list(Document, self._get(path, params).get("documents"), path)


def safe_filename(filename: str) -> str:
    """The last part of a file's path in letters, digits, `.`, `-` and `_`, at most 100 characters, ending kept."""
    base = re.split(r"[/\\]", filename)[-1]
    plain = unicodedata.normalize("NFKD", base).encode("ascii", "ignore").decode()
    stem, dot, ending = re.sub(r"[^A-Za-z0-9._-]+", "_", plain).rpartition(".")
    stem, ending = (
        (stem.lstrip("._-") or "document", "." + ending[:10]) if dot else (ending.lstrip("_-") or "document", "")
    )
    return stem[: _NAME_LENGTH - len(ending)] + ending
