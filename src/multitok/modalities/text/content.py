"""The text behind a medium, for rules that count what is written and not how long it is."""

from __future__ import annotations

from typing import Any

from multitok.core.errors import DecodeError, NeedsContentError
from multitok.core.media import Text


def text_of(x: Any, what: str) -> str:
    """`x.text`, or NeedsContentError: "BPE token counts depend on the text itself: ..."."""
    if not isinstance(x, Text):
        raise NeedsContentError(
            f"{what} counts depend on the text itself: pass Text(...), not {x!r}"
        )
    return x.text


def from_utf8(data: bytes, what: str) -> Text:
    """The text of joined token bytes; DecodeError where they are not whole characters."""
    try:
        return Text(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise DecodeError(
            f"{what} tokens end inside a character: byte 0x{data[error.start]:02x} at offset"
            f" {error.start} is not UTF-8. Decode whole characters",
            offset=error.start,
        ) from None
