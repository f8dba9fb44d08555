"""A payload as plain JSON: the objects of an SDK unfolded, bytes as base64."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from multitok.core.errors import PayloadError
from multitok.requests.payloads.parts import check_depth, unfolded

UNSET = ("NotGiven", "Omit")
"""The SDKs' own marks for a keyword that is not given, by the name of their types."""


def plain(value: Any, path: str = "", depth: int = 0, *, filled: bool = False) -> Any:
    """A copy of `value` that json.dumps takes. What is JSON already stays as it is; an SDK's object
    loses the fields that nobody set (`filled`). PayloadError for what has no JSON form."""
    check_depth(depth, path)
    given = unfolded(value)
    filled = filled or given is not value
    if isinstance(given, Mapping):
        return {
            str(key): plain(one, f"{path}.{key}" if path else str(key), depth + 1, filled=filled)
            for key, one in given.items()
            if type(one).__name__ not in UNSET and not (filled and one is None)
        }
    if isinstance(given, list | tuple):
        return [plain(one, f"{path}[{i}]", depth + 1, filled=filled) for i, one in enumerate(given)]
    if isinstance(given, bytes | bytearray):
        return b64encode(given).decode("ascii")
    if given is None or isinstance(given, bool | int | float | str):
        return getattr(given, "value", given)  # an SDK's enum is its value
    if type(given).__module__.partition(".")[0] == "PIL":
        return {"inlineData": {"mimeType": "image/png", "data": _png(given)}}  # google-genai's way
    what = getattr(given, "__name__", type(given).__name__)
    raise PayloadError(
        f"{path}: {what} has no JSON form: pass what the SDK makes of it (a tool or a schema as an"
        " object)",
        path=path,
    )


def _png(picture: Any) -> str:
    written = BytesIO()
    picture.save(written, format="PNG")
    return b64encode(written.getvalue()).decode("ascii")
