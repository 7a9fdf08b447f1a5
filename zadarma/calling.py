"""What every group of API methods stands on: parameters in, typed answers out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from zadarma.errors import Unavailable, ZadarmaError
from zadarma.fields import read_zone
from zadarma.transport import Call, File, Transport
from zadarma.types import AccountTime, Listing, Rejected

M = TypeVar("M", bound=BaseModel)
Params = Mapping[str, str | int | None]

_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")


class Calling:
    """The base of the method groups. `{}` in a path stands for the id given as `segment`."""

    _transport: Transport
    _given_zone: tzinfo | None

    def _get(self, path: str, params: Params | None = None, *, segment: str | None = None) -> dict[str, Any]:
        return self._transport.get(Call("GET", _shown(path), False), _filled(path, segment), _present(params))

    def _change(
        self,
        method: str,
        path: str,
        params: Params | None = None,
        *,
        segment: str | None = None,
        file: File | None = None,
    ) -> dict[str, Any]:
        call = Call(method, _shown(path), True)
        return self._transport.change(call, _filled(path, segment), _present(params), file)

    def _zone(self) -> tzinfo:
        """The account's zone: as given, or asked for once."""
        if self._given_zone is None:
            path = "/v1/info/timezone/"
            stated = parsed(AccountTime, self._get(path), path).zone
            try:
                self._given_zone = read_zone(stated)
            except ValueError as unknown:
                raise Unavailable(str(unknown), call=f"GET {path}") from None
        return self._given_zone

    def _zone_before_change(self) -> tzinfo:
        """The account's zone, for a changing call that has not been sent yet: a failure says so."""
        try:
            return self._zone()
        except ZadarmaError as failed:
            failed.may_have_reached = False
            if isinstance(failed, Unavailable):
                failed.accepted = False  # what was accepted was another call
            raise


def on_off(value: bool | None) -> str | None:
    """`on` or `off`; None stays None, which is not sent."""
    return None if value is None else ("on" if value else "off")


def one_zero(value: bool | None) -> str | None:
    """`1` or `0`; None stays None."""
    return None if value is None else ("1" if value else "0")


def unreadable(why: str, path: str) -> Unavailable:
    """The error for an answer that said success and lacks what it promised: `why` names fields but no values."""
    return Unavailable(why, http_status=200, call=_shown(path), accepted=True)


def parsed(model: type[M], answer: Any, path: str, zone: tzinfo | None = None) -> M:
    """`answer` as `model`. Raises Unavailable (not the JSON promised), naming fields but no values."""
    try:
        return model.model_validate(answer, context={"zone": zone})
    except ValidationError as failed:
        reason = _why(failed)
    raise unreadable(f"the answer is not as promised: {reason}", path)


def parsed_list(model: type[M], rows: Any, path: str) -> list[M]:
    """Every row of `rows` as `model`. Raises Unavailable when one cannot be read."""
    return [parsed(model, row, path) for row in _rows(rows, path)]


def parsed_listing(model: type[M], rows: Any, path: str, zone: tzinfo | None = None) -> Listing[M]:
    """The rows that can be read, and those set aside. Raises Unavailable when `rows` is no list."""
    listing: Listing[M] = Listing()
    context = {"zone": zone}
    for index, row in enumerate(_rows(rows, path)):
        try:
            listing.rows.append(model.model_validate(row, context=context))
        except ValidationError as failed:
            listing.rejected.append(Rejected(index, _why(failed)))
    return listing


def part(answer: dict[str, Any], name: str, path: str) -> dict[str, Any]:
    """The object `name` of an answer, [] standing for an empty one. Raises Unavailable when it is something else."""
    value = answer.get(name)
    if value == []:
        return {}
    if isinstance(value, dict):
        return value
    raise unreadable(f"the answer has no object '{name}'", path)


def _rows(rows: Any, path: str) -> list[Any]:
    if isinstance(rows, list):
        return rows
    raise unreadable("the answer has no list where one was promised", path)


def _why(failed: ValidationError) -> str:
    first = failed.errors(include_url=False, include_context=False, include_input=False)[0]
    field = str(first["loc"][0]) if first["loc"] else "row"
    return f"{field}: {first['msg'].removeprefix('Value error, ')}"


def _present(params: Params | None) -> dict[str, str | int]:
    return {name: value for name, value in (params or {}).items() if value is not None}


def _shown(path: str) -> str:
    return path.replace("{}", "<id>")


def _filled(path: str, segment: str | None) -> str:
    if segment is None:
        return path
    if not _SEGMENT.fullmatch(segment):
        raise ValueError("an id in a path holds letters, digits, - and _ only")
    return path.replace("{}", segment)
