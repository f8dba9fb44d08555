"""Every picture to one long side, cut into named tiles, and an overview: Idefics 3, SmolVLM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import round_up
from multitok.core.parameters import Positive
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.rule import EncodedPicture, Pair, Seen, tiled, uncut
from multitok.modalities.image.tilings import square
from multitok.modalities.image.words import Pieces, product, tile_names

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Image

LARGEST = 4096
"""The reference never resizes a side beyond this."""


@dataclass(frozen=True, kw_only=True)
class NamedTilesTokenizer(EncodedPicture):
    """`tokens` a tile of size x size and for the overview; each behind `fake` and its own name.

    The long side becomes `longest`, up or down, the short side an even number, then both grow to
    whole tiles: 1 x 1 px costs as much as a large square. `split` False sends the overview alone.
    `inputs["pixel_values"]` is float32 (1, views, 3, size, size), the overview last. Pixels are
    resized two times to the canvas and a third to the overview, with bytes between, as in the
    reference. Decoding gives the canvas exactly. Not idempotent: its long side is scaled again.
    Arithmetic is float64 as in the reference.
    Source: transformers 5.23.0, image_processing_idefics3.py, processing_idefics3.py.

    >>> NamedTilesTokenizer(longest=1456, size=364, tokens=169).count(ImageInfo(1920, 1080))
    2224
    """

    longest: Positive
    size: Positive
    tokens: Positive
    split: bool = True
    token: str = "<image>"
    fake: str = "<fake_token_around_image>"
    tile_name: str = "<row_{row}_col_{column}>"
    overview_name: str = "<global-img>"
    mean: px.Triple = px.HALF
    std: px.Triple = px.HALF
    resample: px.Resample = "lanczos"

    name: ClassVar[str] = "named-tiles"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"longest": 1456, "size": 364, "tokens": 169},
        {"longest": 64, "size": 32, "tokens": 4, "split": False},
    )

    def cut(self, info: ImageInfo) -> Pair:
        """Rows and columns of tiles; 0 x 0 where the picture is not cut."""
        if not self.split:
            return 0, 0
        size, (width, height) = self.size, self.first(info)
        aspect = width / height
        if width >= height:
            wide = round_up(width, size)
            tall = round_up(int(wide / aspect), size)
        else:
            tall = round_up(height, size)
            wide = round_up(int(tall * aspect), size)
        if tall <= size and wide <= size:
            return 0, 0
        return max(1, tall // size), max(1, wide // size)

    def count(self, x: Image | ImageInfo, /) -> int:
        rows, columns = self.cut(x if type(x) is ImageInfo else info_of(x))
        return (self.tokens + 2) * (rows * columns + 1) + 1

    def see(self, info: ImageInfo) -> Seen:
        (rows, columns), size = self.cut(info), self.size
        return tiled(rows, columns, size, overview=(size, size)) if rows else uncut(size)

    def first(self, info: ImageInfo) -> Pair:
        """Width and height after the first resize, before both sides grow to whole tiles."""
        aspect = info.width / info.height
        if info.width >= info.height:
            width, height = self.longest, int(self.longest / aspect)
            height += height % 2
        else:
            width, height = int(self.longest * aspect), self.longest
            width += width % 2
        width, height = max(width, 1), max(height, 1)
        if max(width, height) > LARGEST:
            aspect = width / height
            if width >= height:
                width, height = LARGEST, int(LARGEST / aspect)
            else:
                width, height = int(LARGEST * aspect), LARGEST
        return max(width, 1), max(height, 1)

    def pieces(self, seen: Seen) -> Pieces:
        names = [*tile_names(self.tile_name, *seen.tiles), self.overview_name]
        pieces: list[tuple[str, int]] = []
        for name in names:
            pieces += ((self.fake, 1), (name, 1), (self.token, self.tokens))
        return (*pieces, (self.fake, 1))

    def text(self, seen: Seen) -> dict[str, int]:
        rows, _ = seen.tiles
        if not rows:
            return {}
        return {**({"\n": rows - 1} if rows > 1 else {}), "\n\n": 1}

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        rows, columns = seen.tiles
        return {
            "resized": seen.resized,
            "rows": [[rows]],
            "cols": [[columns]],
            "pixel_values_shape": [1, seen.views, 3, self.size, self.size],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        (rows, columns), (width, height) = seen.tiles, self.first(info)
        cut = f"{rows} x {columns} tiles of {self.size} px and " if rows else ""
        return [
            f"{info} with its long side at {max(width, height)} px: {width} x {height}",
            f"{cut}an overview: {product(seen.views, self.tokens)}",
        ]

    def prepare(self, media: Image, /) -> Image:
        """The canvas of the tiles, or the overview where the picture is not cut."""
        from multitok.core.media import Image

        first = px.resize(media.pixels, *self.first(media.info), self.resample)
        return Image(px.resize(first, *self.seen(media).canvas, self.resample))

    def overview(self, media: Image, canvas: NDArray[np.uint8], seen: Seen) -> NDArray[np.uint8]:
        return px.resize(canvas, self.size, self.size, self.resample)

    def places(self, seen: Seen) -> NDArray[np.int32]:
        cells = square(self.tokens)
        return vw.places([(view, *cells) for view in (*range(1, seen.cut + 1), 0)])

    def inputs(self, media: Image, seen: Seen) -> dict[str, NDArray[Any]]:
        import numpy as np

        views = self.squares(media)
        return {
            "pixel_values": self.values(views)[None],
            "pixel_attention_mask": np.ones((1, *views.shape[:3]), np.int64),
        }
