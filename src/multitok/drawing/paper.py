"""What drawn pages share: the colors of paper and ink, and the font that Pillow ships."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

PAGE = (250, 250, 248)
INK = (28, 30, 36)
FAINT = (110, 114, 124)


@cache
def font(size: int) -> FreeTypeFont:
    """The font that Pillow ships, at a size in pixels."""
    from PIL import ImageFont

    found: Any = ImageFont.load_default(size=size)
    return found  # type: ignore[no-any-return]
