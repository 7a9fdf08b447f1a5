"""How uploaded files come in: into memory, never onto a disk, and no more of them than fit."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

MEGABYTE = 1024 * 1024
FILES_SIZE_FACTOR = 5  # all files of a request together: so many times what one may have
MOST_FILES = 10


class KeptUpload(InMemoryUploadedFile):
    """A file of a request. One that was thrown away as it came is empty, and says why."""

    is_too_large = False
    is_one_too_many = False


class InMemoryUploadHandler(FileUploadHandler):
    """Keeps files up to `UPLOAD_MAX_MB` each, five times that together, and ten of them.

    The rest is read off and let go, so that the fields after it (the CSRF token may be one) are still understood; what
    was let go stands in `request.FILES` all the same, empty and marked, so that a form can say what was wrong with it.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._received = self._files = 0
        self._let_go()

    def _let_go(self) -> None:
        self.file, self._is_too_large, self._is_one_too_many = BytesIO(), False, False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Another file begins."""
        super().new_file(*args, **kwargs)
        self._let_go()
        self._files += 1
        self._is_one_too_many = self._files > MOST_FILES

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep it, unless the file or the request has grown too large. No other handler gets it."""
        if self._is_one_too_many or self._is_too_large:
            return
        most = settings.UPLOAD_MAX_MB * MEGABYTE
        kept = self.file.tell() + len(raw_data)
        if kept > most or self._received + kept > FILES_SIZE_FACTOR * most:
            self.file, self._is_too_large = BytesIO(), True
            return
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> KeptUpload:
        """The file, or an empty one that says why."""
        size = self.file.tell()
        self._received += size
        self.file.seek(0)
        uploaded = KeptUpload(
            self.file,
            self.field_name,
            self.file_name,
            self.content_type,
            size,
            self.charset,
            self.content_type_extra,
        )
        uploaded.is_too_large, uploaded.is_one_too_many = self._is_too_large, self._is_one_too_many
        self._let_go()
        return uploaded

    def upload_interrupted(self) -> None:
        """The connection broke off: let go of what has come."""
        self._let_go()
