"""What a provider's API takes, and why it would answer with an error: formats, sides, bytes, pages.

accepts.toml is written by people; `make catalog` compiles it to accepts.json, which is read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

from multitok.catalog.providers import provider as provider_of
from multitok.core.info import AudioInfo, ImageInfo, Info, PdfInfo, VideoInfo
from multitok.core.parameters import listed

_SHAPE = ("max_side", "min_side", "max_ratio", "max_seconds", "max_pages")


class Accepts(NamedTuple):
    """What an API takes of one modality, as accepts.toml says it; None where no page does.

    `bounds_shape` tells whether a shape alone can be refused: a count asks it each time.
    """

    provider: str
    source: str
    checked: str
    formats: tuple[str, ...] = ()
    still: tuple[str, ...] = ()
    max_side: int | None = None
    min_side: int | None = None
    max_ratio: int | None = None
    max_bytes: int | None = None
    max_seconds: int | None = None
    max_pages: int | None = None
    per_request: int | None = None
    crowd: tuple[int, int] | None = None
    bounds_shape: bool = False

    @property
    def name(self) -> str:
        """The provider as it writes itself."""
        return provider_of(self.provider).name

    @property
    def takes(self) -> str:
        """`Anthropic takes JPEG, PNG, GIF or WebP`."""
        return f"{self.name} takes {listed(self.formats)}"

    def refuses_shape(self, info: Info) -> list[str]:
        """Why this shape is rejected, each with what to do."""
        if isinstance(info, ImageInfo):
            return self._refuses_sides(info)
        if isinstance(info, AudioInfo | VideoInfo):
            if self.max_seconds is not None and info.duration > self.max_seconds:
                return [
                    f"{self.name} rejects more than {self.max_seconds:,} s, and this is"
                    f" {info.duration:,.1f} s: cut it shorter"
                ]
        elif isinstance(info, PdfInfo) and info.pages > (self.max_pages or info.pages):
            return [f"{self.name} rejects more than {self.max_pages:,} pages: split it"]
        return []

    def _refuses_sides(self, info: ImageInfo) -> list[str]:
        width, height = info.width, info.height
        most, least, ratio = self.max_side, self.min_side, self.max_ratio
        found = []
        if most is not None and (width > most or height > most):
            found.append(f"a side over {most} px, and this is {info}: shrink it")
        if least is not None and (width < least or height < least):
            found.append(f"a side under {least} px, and this is {info}: enlarge it")
        if ratio is not None and (width > ratio * height or height > ratio * width):
            what = f"a side over {ratio} times the other"
            found.append(f"{what}, and this is {info}: cut it into pieces")
        return [f"{self.name} rejects {why}" for why in found]

    def refuses_file(self, form: str, *, animated: bool, size: int | None) -> Iterator[str]:
        """Why a file of this format and size in bytes is rejected, and what to do."""
        if self.formats and form not in self.formats:
            yield f"{self.takes}, and rejects {form}: convert it"
        elif animated and form in self.still:
            yield f"{self.name} rejects an animated {form}: send one frame, or several as pictures"
        if self.max_bytes is not None and size is not None and size > self.max_bytes:
            yield (
                f"{self.name} rejects more than {_mebibytes(self.max_bytes)}, and this is"
                f" {_mebibytes(size)}: compress or shrink it"
            )

    def refuses_number(self, number: int, of: int, info: Info | None) -> Iterator[str]:
        """Why the picture of this number (from 1), `of` so many in a request, is rejected."""
        if self.per_request is not None and number > self.per_request:
            yield (
                f"{self.name} rejects more than {self.per_request:,} pictures in a request, and"
                f" this is number {number:,}: send several requests"
            )
        if self.crowd is None or of <= self.crowd[0] or not isinstance(info, ImageInfo):
            return
        if info.width > self.crowd[1] or info.height > self.crowd[1]:
            yield (
                f"{self.name} rejects a side over {self.crowd[1]} px in a request of more than"
                f" {self.crowd[0]} pictures, and this is {info} in one of {of:,}: shrink it"
            )

    def remarks(self, info: Info) -> list[str]:
        """What is taken now, and would be rejected in a larger request."""
        if self.crowd is None or not isinstance(info, ImageInfo):
            return []
        images, side = self.crowd
        if info.width <= side and info.height <= side:
            return []
        return [f"rejected in a request of more than {images} images: a side is over {side} px"]


def _mebibytes(count: int) -> str:
    """`7.5 MiB`, to three digits."""
    return f"{count / 2**20:.3g} MiB"


@cache
def _tables() -> Mapping[str, Any]:
    path = os.path.join(os.path.dirname(__file__), "accepts.json")
    with open(path, encoding="utf-8") as file:
        tables: Mapping[str, Any] = json.load(file)
    return tables


@lru_cache(maxsize=4096)
def accepts(provider: str, model: str, modality: str) -> Accepts | None:
    """What this provider's API takes of a modality for this model, by its id; None where nothing
    is stated.

    >>> accepts("openai", "gpt-4o", "image").still
    ('GIF',)
    """
    stated: Mapping[str, Any] = _tables().get(provider, {})
    own = (entry for entry in stated.get("except", ()) if model in entry["models"])
    tables = [entry[modality] for entry in (stated, *own) if modality in entry]
    if not tables:
        return None
    found: dict[str, Any] = {key: stated[key] for key in ("source", "checked")}
    for table in tables:
        found |= table
    found |= {key: tuple(found[key]) for key in ("formats", "still", "crowd") if key in found}
    return Accepts(provider, bounds_shape=not found.keys().isdisjoint(_SHAPE), **found)
