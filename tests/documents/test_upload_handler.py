"""Files of a request come into memory, no more of them than fit, and the fields around them are understood."""

import io
import tempfile
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, _get_new_csrf_string
from django.test import RequestFactory

from documents.checking import Unfit, check_upload
from documents.upload_handler import InMemoryUploadHandler, KeptUpload
from tests.support import files

MEGABYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def small(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """One megabyte a file, five together; whoever makes a file for a while is caught."""

    def caught(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("an uploaded file was put on the disk")

    settings.UPLOAD_MAX_MB = 1
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", caught)
    monkeypatch.setattr(tempfile, "TemporaryFile", caught)
    monkeypatch.setattr(tempfile, "mkstemp", caught)


def request_with(**fields: Any) -> HttpRequest:
    """A request with these fields, in this order."""
    return RequestFactory().post("/", fields)


def upload(size: int, name: str = "passport.jpg") -> SimpleUploadedFile:
    """A file of so many bytes."""
    return SimpleUploadedFile(name, b"x" * size, "image/jpeg")


def marks(request: HttpRequest) -> list[tuple[int, bool, bool]]:
    """Of each file: its size, whether it was too large, whether it was one too many."""
    found = [file for name in request.FILES for file in request.FILES.getlist(name)]
    assert all(isinstance(file, KeptUpload) and len(file.read()) == file.size for file in found)
    return [(file.size, file.is_too_large, file.is_one_too_many) for file in found]


def test_a_file_of_the_largest_size_is_kept() -> None:
    request = request_with(before="1", file=upload(MEGABYTE), after="2")
    assert request.FILES["file"].name == "passport.jpg" and request.FILES["file"].content_type == "image/jpeg"
    assert marks(request) == [(MEGABYTE, False, False)]
    assert request.POST.dict() == {"before": "1", "after": "2"}


@pytest.mark.parametrize("size", [MEGABYTE + 1, 20 * MEGABYTE])
def test_a_larger_one_is_let_go_and_the_rest_of_the_form_understood(size: int) -> None:
    request = request_with(before="1", large=upload(size), after="2", small=upload(9), last="3")
    assert marks(request) == [(0, True, False), (9, False, False)]
    assert request.POST.dict() == {"before": "1", "after": "2", "last": "3"}
    with pytest.raises(Unfit, match="larger than 1 MB"):
        check_upload(request.FILES["large"])


def test_all_together_may_have_five_times_that() -> None:
    request = request_with(file=[upload(MEGABYTE) for _number in range(6)] + [upload(0)])
    assert [mark[1] for mark in marks(request)] == [False] * 5 + [True, False]


def test_what_was_let_go_does_not_count() -> None:
    request = request_with(file=[upload(9 * MEGABYTE), *(upload(MEGABYTE) for _number in range(5))])
    assert [mark[1] for mark in marks(request)] == [True] + [False] * 5


def test_ten_files_and_no_more() -> None:
    request = request_with(file=[upload(9) for _number in range(12)], after="2")
    assert marks(request) == [(9, False, False)] * 10 + [(0, False, True)] * 2
    assert request.POST["after"] == "2"
    with pytest.raises(Unfit, match="too many files at once"):
        check_upload(request.FILES.getlist("file")[11])


def test_an_empty_file_is_empty_and_not_too_large() -> None:
    request = request_with(file=upload(0))
    assert marks(request) == [(0, False, False)]
    with pytest.raises(Unfit, match="This file is empty"):
        check_upload(request.FILES["file"])


def test_a_file_is_read_from_its_beginning() -> None:
    request = request_with(file=SimpleUploadedFile("a.jpg", files.jpeg()))
    request.FILES["file"].read()
    assert check_upload(request.FILES["file"]).content_type == "image/jpeg"


@pytest.mark.parametrize("size", [9, 3 * MEGABYTE])
def test_a_token_behind_the_file_counts(size: int) -> None:
    token = _get_new_csrf_string()

    def answer(sent: str) -> HttpResponse | None:
        request = request_with(file=upload(size), csrfmiddlewaretoken=sent)
        request.COOKIES["csrftoken"] = token
        request._dont_enforce_csrf_checks = False  # type: ignore[attr-defined]
        middleware = CsrfViewMiddleware(lambda request: HttpResponse())
        middleware.process_request(request)
        refused = middleware.process_view(request, lambda request: HttpResponse(), (), {})
        assert [mark[0] for mark in marks(request)] == [size if size < MEGABYTE else 0]
        return refused

    assert answer(token) is None
    wrong = answer(_get_new_csrf_string())
    assert wrong is not None and wrong.status_code == 403


def test_many_large_files_are_never_all_in_memory() -> None:
    handler = InMemoryUploadHandler()
    for _file in range(50):
        handler.new_file("file", "a.jpg", "image/jpeg", None)
        for start in range(0, 4 * MEGABYTE, 65536):
            handler.receive_data_chunk(b"x" * 65536, start)
            assert handler.file.tell() <= MEGABYTE
        assert handler.file_complete(4 * MEGABYTE).size == 0


def test_a_connection_that_breaks_off_leaves_nothing() -> None:
    request = request_with(file=upload(MEGABYTE))
    body = request.body
    broken = RequestFactory().generic("POST", "/", body[: MEGABYTE // 2], content_type=request.META["CONTENT_TYPE"])
    assert [file.size for file in broken.FILES.values()] in ([], [pytest.approx(MEGABYTE // 2, abs=500)])
    handler = InMemoryUploadHandler()
    handler.new_file("file", "a.jpg", "image/jpeg", None)
    handler.receive_data_chunk(b"x" * 9, 0)
    handler.upload_interrupted()
    assert handler.file.getvalue() == io.BytesIO().getvalue()


def test_each_file_begins_with_nothing_of_the_one_before() -> None:
    handler = InMemoryUploadHandler()
    handler.new_file("file", "a.jpg", "image/jpeg", None)
    handler.receive_data_chunk(b"x" * 9, 0)  # and its end never comes
    handler.new_file("file", "b.jpg", "image/jpeg", None)
    handler.receive_data_chunk(b"yy", 0)
    assert handler.file_complete(2).read() == b"yy" and handler.file.getvalue() == b""
