"""Amazon Nova: a printed table of sizes, and the area between its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import round_half_even, scale_to
from multitok.core.layout import Layout
from multitok.core.tokenizer import TokenCounter

if TYPE_CHECKING:
    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class NovaTableCounter(TokenCounter["Image", ImageInfo]):
    """An estimate from `table` rows (width, height, tokens), in order of area.

    A picture whose longest side is below `min_side` is enlarged to it, as the page says; the page's
    snap to the nearest of a list of aspect ratios is not modeled, for it prints no sizes. A size
    within 1 % of a row's on both sides (either way round) has the row's figure. Between two rows
    the tokens grow with the area; outside the table they keep the nearest row's tokens per pixel.
    Source: docs.aws.amazon.com/nova/latest/userguide/modalities-image.html.

    >>> nova = NovaTableCounter(min_side=896, table=((900, 450, 800), (900, 900, 1300)))
    >>> [nova.count(ImageInfo(*size)) for size in ((450, 900), (800, 400), (900, 675))]
    [800, 800, 1050]
    """

    table: tuple[tuple[int, int, int], ...]
    min_side: int

    name: ClassVar[str] = "nova-table"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"min_side": 896, "table": ((900, 450, 800), (900, 900, 1300), (1400, 900, 1800))},
        {"min_side": 40, "table": ((40, 20, 7), (40, 40, 12))},
    )

    def __post_init__(self) -> None:
        areas = [width * height for width, height, _ in self.table]
        if not areas or min(areas) < 1 or areas != sorted(set(areas)):
            raise MediaError(
                f"table must have rows [width, height, tokens] of growing area, got {self.table!r}"
            )
        if self.min_side < 1:
            raise MediaError(f"min_side must be at least 1, got {self.min_side!r}")

    def seen(self, info: ImageInfo) -> tuple[int, int]:
        """Width and height after the enlargement of a small picture."""
        longest = max(info.width, info.height)
        if longest >= self.min_side:
            return info.width, info.height
        side = self.min_side
        return scale_to(info.width, side, longest), scale_to(info.height, side, longest)

    def _row(self, width: int, height: int) -> tuple[int, int, int] | None:
        """The printed row that this size is, within 1 %."""
        long, short = max(width, height), min(width, height)
        for row in self.table:
            wide, high = max(row[:2]), min(row[:2])
            if abs(long - wide) * 100 <= wide and abs(short - high) * 100 <= high:
                return row
        return None

    def count(self, x: Image | ImageInfo, /) -> int:
        width, height = self.seen(info_of(x))
        row = self._row(width, height)
        return row[2] if row else max(1, self._by_area(width * height))

    def _by_area(self, area: int) -> int:
        low = high = self.table[0]
        for row in self.table:
            low, high = high, row
            if area <= row[0] * row[1]:
                break
        else:
            low = high  # above the table
        start, end = low[0] * low[1], high[0] * high[1]
        if start == end:  # outside the table: the nearest row's tokens per pixel
            return round_half_even(low[2] * area, start)
        grown = (high[2] - low[2]) * (area - start)
        return low[2] + round_half_even(grown, end - start)

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        width, height = self.seen(info_of(x))
        return {"resized": [height, width]}

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        width, height = self.seen(info_of(x))
        return Layout((width, height), (0, 0, width, height))

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        width, height = self.seen(info)
        steps = []
        if (width, height) != (info.width, info.height):
            steps.append(f"{info} enlarged to {width} x {height}")
        row = self._row(width, height)
        how = f"printed for {row[0]} x {row[1]}" if row else "by area, from the printed table"
        return [*steps, f"{self.count(info)} tokens, {how}"]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        width, height = self.seen(info_of(x))
        wide, high, _ = self.table[-1]
        if width * height <= wide * high or self._row(width, height):
            return []
        return [f"larger than the printed table, which ends at {wide} x {high}: carried on by area"]
