"""Every picture to one long side, cut into named tiles, and an overview: Idefics 3, SmolVLM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import round_up
from multitok.core.layout import Layout, tile_boxes
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.tilings import square
from multitok.modalities.image.words import Pieces, one_of, parts, positive, scaled, specials

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Image
    from multitok.core.sequence import TokenSequence

LARGEST = 4096
"""The reference never resizes a side beyond this."""


@dataclass(frozen=True, kw_only=True)
class NamedTilesTokenizer(Tokenizer["Image", ImageInfo]):
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

    longest: int
    size: int
    tokens: int
    split: bool = True
    token: str = "<image>"
    fake: str = "<fake_token_around_image>"
    tile_name: str = "<row_{row}_col_{column}>"
    overview_name: str = "<global-img>"
    mean: px.Triple = px.HALF
    std: px.Triple = px.HALF
    resample: px.Resample = "lanczos"

    name: ClassVar[str] = "named-tiles"
    modality: ClassVar[str] = "image"
    idempotent: ClassVar[bool] = False
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"longest": 1456, "size": 364, "tokens": 169},
        {"longest": 64, "size": 32, "tokens": 4, "split": False},
    )

    def __post_init__(self) -> None:
        positive(self, "longest", "size", "tokens")
        one_of(self.resample, "resample", px.RESAMPLES)

    def resized(self, info: ImageInfo) -> tuple[int, int]:
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

    def grid(self, info: ImageInfo) -> tuple[int, int]:
        """Rows and columns of tiles; 0, 0 when the picture is not cut."""
        if not self.split:
            return 0, 0
        size = self.size
        width, height = self.resized(info)
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
        rows, columns = self.grid(x if type(x) is ImageInfo else info_of(x))
        return (self.tokens + 2) * (rows * columns + 1) + 1

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order."""
        rows, columns = self.grid(info_of(x))
        pieces: list[tuple[str, int]] = []
        for row in range(1, rows + 1):
            for column in range(1, columns + 1):
                pieces.append((self.fake, 1))
                pieces.append((self.tile_name.format(row=row, column=column), 1))
                pieces.append((self.token, self.tokens))
        pieces += [(self.fake, 1), (self.overview_name, 1), (self.token, self.tokens)]
        return (*pieces, (self.fake, 1))

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def literal_text(self, x: Image | ImageInfo, /) -> Mapping[str, int]:
        rows, _ = self.grid(info_of(x))
        if not rows:
            return {}
        return {**({"\n": rows - 1} if rows > 1 else {}), "\n\n": 1}

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        rows, columns = self.grid(info_of(x))
        views = rows * columns + 1
        return {
            "resized": [max(rows, 1) * self.size, max(columns, 1) * self.size],
            "rows": [[rows]],
            "cols": [[columns]],
            "pixel_values_shape": [1, views, 3, self.size, self.size],
        }

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        rows, columns = self.grid(info_of(x))
        if not rows:
            return Layout((self.size, self.size), (0, 0, self.size, self.size))
        canvas = columns * self.size, rows * self.size
        boxes = tile_boxes(*canvas, rows, columns)
        return Layout(canvas, (0, 0, *canvas), tiles=boxes, thumbnail=(self.size, self.size))

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        rows, columns = self.grid(info)
        width, height = self.resized(info)
        views = rows * columns + 1
        cut = f"{rows} x {columns} tiles of {self.size} px and " if rows else ""
        return [
            f"{info} with its long side at {max(width, height)} px: {width} x {height}",
            f"{cut}an overview: {views} x {self.tokens} = {views * self.tokens} tokens",
            *specials(self.expansion(info), self.token),
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        rows, columns = self.grid(info_of(x))
        seen = max(columns, 1) * self.size, max(rows, 1) * self.size
        return scaled(info_of(x), *seen)

    def prepare(self, media: Image, /) -> Image:
        """The canvas of the tiles, or the overview where the picture is not cut."""
        from multitok.core.media import Image

        rows, columns = self.grid(media.info)
        first = px.resize(media.pixels, *self.resized(media.info), self.resample)
        size = max(columns, 1) * self.size, max(rows, 1) * self.size
        return Image(px.resize(first, *size, self.resample))

    def _views(self, media: Image) -> NDArray[np.uint8]:
        import numpy as np

        rows, columns = self.grid(media.info)
        canvas = self.prepare(media).pixels
        overview = px.resize(canvas, self.size, self.size, self.resample)[None]
        if not rows:
            return overview
        return np.concatenate([vw.cut(canvas, rows, columns), overview])

    def views(self, media: Image, /) -> Sequence[Image]:
        from multitok.core.media import Image

        return [Image(view) for view in self._views(media)]

    def encode(self, media: Image, /) -> TokenSequence:
        import numpy as np

        rows, columns = self.grid(media.info)
        tiles, cells = rows * columns, square(self.tokens)
        views = self._views(media)
        return vw.sequence(
            self.config(),
            media.info,
            self.expansion(media),
            self.token,
            ("view", "row", "column"),
            vw.places([(view, *cells) for view in [*range(1, tiles + 1), 0]]),
            {
                "pixel_values": vw.values(views, self.mean, self.std)[None],
                "pixel_attention_mask": np.ones((1, *views.shape[:3]), np.int64),
            },
            {"grid": [tiles + 1, *cells], "tiles": [rows, columns]},
        )

    def decode(self, tokens: TokenSequence, /) -> Image:
        """The canvas, exactly."""
        from multitok.core.media import Image

        rows, columns = tokens.state["tiles"]
        views = vw.levels(tokens.inputs, "pixel_values", self.mean, self.std, self.name)
        return Image(vw.join(views[: rows * columns], rows, columns) if rows else views[0])
