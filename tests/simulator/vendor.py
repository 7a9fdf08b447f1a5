"""The vendor's files, when they are at hand: description, signature vectors, recorded answers."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

_DEFAULT = Path(__file__).resolve().parents[2].parent / "shared" / "zadarma" / "openapi.json"


def description_path() -> Path:
    return Path(os.environ.get("ZADARMA_OPENAPI") or _DEFAULT)


def read_json(path: Path) -> Any:
    """The file's content; the test is skipped, with the reason, where there is no such file."""
    if not path.is_file():
        pytest.skip(f"{path.name} is not here; ZADARMA_OPENAPI can name the vendor's description")
    return json.loads(path.read_text("utf-8"))


def signature_vectors() -> list[dict[str, Any]]:
    named = os.environ.get("ZADARMA_SIGNATURE_VECTORS")
    path = Path(named) if named else description_path().with_name("signature_vectors.json")
    found: list[dict[str, Any]] = read_json(path)
    return found


def sample(name: str) -> Any:
    return read_json(description_path().parent / "samples" / name)


def answer_schema(method: str, path: str) -> dict[str, Any]:
    """The schema of a method's answer 200, as JSON Schema. ``path`` is the description's, without a final slash."""
    description = read_json(description_path())
    answer = description["paths"][path][method.lower()]["responses"]["200"]
    schema: dict[str, Any] = _plain(answer["content"]["application/json"]["schema"])
    return schema


def _plain(schema: Any) -> Any:
    """OpenAPI 3.0 in JSON Schema: what is nullable may be null, and no object has more than it declares."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _plain(part) for name, part in schema.items() if name not in ("nullable", "example")}
    if schema.get("nullable") is True:
        plain["type"] = [plain["type"], "null"]
        if "enum" in plain:
            plain["enum"] = [*plain["enum"], None]
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        plain["additionalProperties"] = False
    return plain
