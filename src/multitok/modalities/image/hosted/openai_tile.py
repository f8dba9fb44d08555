"""OpenAI's tile rule: gpt-4o, gpt-4.1, gpt-5, o1, o3, and the inputs of gpt-image-1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import ceil_div, scale_to
from multitok.core.layout import Layout
from multitok.core.tokenizer import TokenCounter

if TYPE_CHECKING:
    from multitok.core.media import Image


class _Fit(NamedTuple):
    """The picture in the box (sides may be fractions: rounded here), as seen, and its tiles."""

    boxed: tuple[int, int]
    seen: tuple[int, int]
    columns: int
    rows: int


@dataclass(frozen=True, kw_only=True)
class OpenAITileCounter(TokenCounter["Image", ImageInfo]):
    """base + tile x (tiles of size x size), after two shrinks.

    The picture is shrunk to fit box x box, then until its short side is `short`, never enlarged;
    the long side is then cut to a whole pixel. `fidelity` (square, oblong) is what
    input_fidelity=high adds for pictures with equal and with different sides. Sizes in pixels, all
    arithmetic in whole numbers. MediaError for sizes below 1.
    Source: developers.openai.com/api/docs/guides/images-vision, "tile-based image tokenization".

    >>> gpt_4o = OpenAITileCounter(base=85, tile=170, box=2048, short=768, size=512)
    >>> gpt_4o.count(ImageInfo(1024, 1024)), gpt_4o.count(ImageInfo(2048, 4096))
    (765, 1105)
    """

    base: int
    tile: int
    box: int
    short: int
    size: int
    fidelity: tuple[int, int] | None = None

    name: ClassVar[str] = "openai-tile"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"base": 85, "tile": 170, "box": 2048, "short": 768, "size": 512},
        {"base": 1, "tile": 2, "box": 100, "short": 50, "size": 16, "fidelity": (7, 9)},
    )

    def __post_init__(self) -> None:
        for name in ("box", "short", "size"):
            if getattr(self, name) < 1:
                raise MediaError(f"{name} must be at least 1, got {getattr(self, name)!r}")

    def _fit(self, info: ImageInfo) -> _Fit:
        width, height = info.width, info.height
        longest, shortest = max(width, height), min(width, height)
        # the shrink into the box as the fraction times / per
        times, per = (self.box, longest) if longest > self.box else (1, 1)
        boxed = scale_to(width, times, per), scale_to(height, times, per)
        if shortest * times > self.short * per:
            other = longest * self.short // shortest
            seen = (other, self.short) if width > height else (self.short, other)
            return _Fit(boxed, seen, ceil_div(seen[0], self.size), ceil_div(seen[1], self.size))
        per *= self.size  # sides stay fractions of a pixel until they are cut into tiles
        return _Fit(boxed, boxed, ceil_div(width * times, per), ceil_div(height * times, per))

    def _extra(self, info: ImageInfo) -> int:
        if self.fidelity is None:
            return 0
        return self.fidelity[info.width != info.height]

    def count(self, x: Image | ImageInfo, /) -> int:
        info: ImageInfo = info_of(x)
        fit = self._fit(info)
        return self.base + self.tile * fit.columns * fit.rows + self._extra(info)

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        info: ImageInfo = info_of(x)
        fit = self._fit(info)
        parts = {"base": self.base, "tiles": self.tile * fit.columns * fit.rows}
        if self.fidelity is not None:
            parts["fidelity"] = self._extra(info)
        return parts

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        fit = self._fit(info_of(x))
        return {"resized": [fit.seen[1], fit.seen[0]], "tiles": [fit.rows, fit.columns]}

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        fit = self._fit(info_of(x))
        (width, height), size = fit.seen, self.size
        tiles = tuple(
            (left, top, min(left + size, width), min(top + size, height))
            for top in range(0, fit.rows * size, size)
            for left in range(0, fit.columns * size, size)
        )
        return Layout(fit.seen, (0, 0, width, height), tiles=tiles)

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        fit = self._fit(info)
        steps = []
        if fit.boxed != (info.width, info.height):
            steps.append(
                f"{info} shrunk to fit {self.box} x {self.box}: {fit.boxed[0]} x {fit.boxed[1]}"
            )
        if fit.seen != fit.boxed:
            steps.append(f"short side shrunk to {self.short}: {fit.seen[0]} x {fit.seen[1]}")
        tiles = fit.columns * fit.rows
        steps.append(f"{fit.columns} x {fit.rows} tiles of {self.size} px = {tiles}")
        extra = self._extra(info)
        more = f" + {extra} for input_fidelity=high" if extra else ""
        total = self.base + self.tile * tiles + extra
        steps.append(f"{self.base} + {tiles} x {self.tile}{more} = {total} tokens")
        return steps

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        width, height = self._fit(info).seen
        if (width, height) == (info.width, info.height):
            return []
        return [f"shrunk by the provider to {width} x {height}"]
