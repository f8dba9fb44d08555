"""OpenAI's tile rule: gpt-4o, gpt-4.1, gpt-5, o1, o3, and the inputs of gpt-image-1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.integers import scale_to
from multitok.core.parameters import Natural, Positive
from multitok.modalities.image.rule import Pair, PictureCounter, Seen, squares
from multitok.modalities.image.words import short_side, shrunk


@dataclass(frozen=True, kw_only=True)
class OpenAITileCounter(PictureCounter):
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

    base: Natural
    tile: Natural
    box: Positive
    short: Positive
    size: Positive
    fidelity: tuple[int, int] | None = None

    name: ClassVar[str] = "openai-tile"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"base": 85, "tile": 170, "box": 2048, "short": 768, "size": 512},
        {"base": 1, "tile": 2, "box": 100, "short": 50, "size": 16, "fidelity": (7, 9)},
    )

    def see(self, info: ImageInfo) -> Seen:
        width, height = info.width, info.height
        longest, shortest = max(width, height), min(width, height)
        times, per = self._into_box(info)
        if shortest * times <= self.short * per:
            return squares((width, height), self.size, times, per)
        other = longest * self.short // shortest
        return squares((other, self.short) if width > height else (self.short, other), self.size)

    def _into_box(self, info: ImageInfo) -> Pair:
        """The first shrink, as the fraction times / per."""
        longest = max(info.width, info.height)
        return (self.box, longest) if longest > self.box else (1, 1)

    def charges(self, info: ImageInfo, seen: Seen) -> dict[str, int]:
        charges = {"base": self.base, "tiles": self.tile * seen.cut}
        if self.fidelity is not None:
            charges["fidelity"] = self.fidelity[info.width != info.height]
        return charges

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        boxed = tuple(scale_to(side, *self._into_box(info)) for side in (info.width, info.height))
        steps = shrunk(info, f"{self.box} x {self.box}", *boxed)
        if seen.picture != boxed:
            steps.append(short_side(self.short, *seen.picture))
        rows, columns = seen.tiles
        charges = self.charges(info, seen)
        extra, total = charges.get("fidelity"), sum(charges.values())
        more = f" + {extra} for input_fidelity=high" if extra else ""
        return [
            *steps,
            f"{columns} x {rows} tiles of {self.size} px = {seen.cut:,}",
            f"{self.base:,} + {seen.cut:,} x {self.tile:,}{more} = {total:,} tokens",
        ]
