"""Amazon Nova: a printed table of sizes, and the area between its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import Any, ClassVar

from multitok.core.counts import Kind
from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo
from multitok.core.integers import round_half_even, scale_to
from multitok.core.parameters import Positive
from multitok.modalities.image.rule import PictureCounter, Seen
from multitok.modalities.image.words import enlarged


@dataclass(frozen=True, kw_only=True)
class NovaTableCounter(PictureCounter):
    """An estimate from `table` rows (width, height, tokens), in order of area.

    A picture whose longest side is below `min_side` is enlarged to it, as the page says; the page's
    snap to the nearest of a list of aspect ratios is not modeled, for it prints no sizes. A size
    within 1 % of a row's on both sides (either way round) has the row's figure. Between two rows
    the tokens grow with the area; outside the table they keep the nearest row's tokens per pixel,
    but where it is `capped`: a picture larger than the largest row of its shape has that row's.
    Source: docs.aws.amazon.com/nova/latest/userguide/modalities-image.html.

    >>> nova = NovaTableCounter(min_side=896, table=((900, 450, 800), (900, 900, 1300)))
    >>> [nova.count(ImageInfo(*size)) for size in ((450, 900), (800, 400), (900, 675))]
    [800, 800, 1050]
    """

    table: tuple[tuple[int, int, int], ...]
    min_side: Positive
    capped: bool = False

    name: ClassVar[str] = "nova-table"
    kind: ClassVar[Kind] = "estimate"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"min_side": 896, "table": ((900, 450, 800), (900, 900, 1300), (1400, 900, 1800))},
        {"min_side": 40, "table": ((40, 20, 7), (40, 40, 12))},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        areas = [width * height for width, height, _ in self.table]
        if not areas or min(areas) < 1 or areas != sorted(set(areas)):
            raise MediaError(
                f"table must have rows [width, height, tokens] of growing area, got {self.table!r}"
            )

    def see(self, info: ImageInfo) -> Seen:
        """Enlarged if it is small; where its tokens lie is not told."""
        longest = max(info.width, info.height)
        times, per = (self.min_side, longest) if longest < self.min_side else (1, 1)
        size = scale_to(info.width, times, per), scale_to(info.height, times, per)
        return Seen(size, size)

    def _row(self, seen: Seen) -> tuple[int, int, int] | None:
        """The printed row that this size is, within 1 %."""
        long, short = max(seen.picture), min(seen.picture)
        for row in self.table:
            wide, high = max(row[:2]), min(row[:2])
            if abs(long - wide) * 100 <= wide and abs(short - high) * 100 <= high:
                return row
        return None

    def _largest(self, seen: Seen) -> tuple[int, int, int] | None:
        """The largest printed row of the shape that is nearest, where the picture is larger."""
        long, short = max(seen.picture), min(seen.picture)

        def off(row: tuple[int, int, int]) -> float:
            return abs(log(long * min(row[:2])) - log(short * max(row[:2])))

        nearest = min(map(off, self.table))
        largest = max((row for row in self.table if off(row) == nearest), key=lambda row: row[2])
        beyond = long * short > largest[0] * largest[1]
        return largest if self.capped and beyond else None

    def charges(self, info: ImageInfo, seen: Seen) -> dict[str, int]:
        row, (width, height) = self._row(seen) or self._largest(seen), seen.picture
        return {"image": row[2] if row else max(1, self._by_area(width * height))}

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

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        row, tokens = self._row(seen), self.charges(info, seen)["image"]
        how = f"printed for {row[0]} x {row[1]}" if row else "by area, from the printed table"
        if (largest := self._largest(seen)) and not row:
            how = f"no more than {largest[0]} x {largest[1]}, the largest printed of its shape"
        return [*enlarged(info, *seen.picture), f"{tokens:,} tokens, {how}"]

    def remarks(self, info: ImageInfo, seen: Seen) -> list[str]:
        (width, height), (wide, high, _) = seen.picture, self.table[-1]
        if width * height <= wide * high or self._row(seen) or self._largest(seen):
            return []
        end = f"{wide} x {high}"
        return [f"larger than the printed table, which ends at {end}: carried on by area"]
