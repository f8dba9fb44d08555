"""A square overview, and equal crops along the long side of a long picture: Gemma 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import ceil_div
from multitok.core.layout import Box, Layout
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.tilings import square
from multitok.modalities.image.words import Pieces, one_of, parts, positive, scaled, specials

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Image
    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class PanAndScanTokenizer(Tokenizer["Image", ImageInfo]):
    """`tokens` for the picture stretched to size x size, and as many for each crop.

    Crops are made when long / short is at least `min_ratio` and a crop is at least `min_crop`
    pixels a side; `max_crops` 0 turns them off, as the checkpoints do. English glue text stands
    between the views: see `literal_text`. `inputs["pixel_values"]` is float32 (views, 3, size,
    size), the overview first; `decode` gives the overview back exactly. Arithmetic is float64.
    Source: transformers 5.23.0, image_processing_gemma3.py, processing_gemma3.py.

    >>> PanAndScanTokenizer().count(ImageInfo(1920, 1080))
    258
    >>> PanAndScanTokenizer(max_crops=4).count(ImageInfo(1920, 1080))
    774
    """

    size: int = 896
    patch: int = 14
    tokens: int = 256
    max_crops: int = 0
    min_crop: int = 256
    min_ratio: float = 1.2
    token: str = "<image_soft_token>"
    start: str = "<start_of_image>"
    end: str = "<end_of_image>"
    mean: px.Triple = px.HALF
    std: px.Triple = px.HALF
    resample: px.Resample = "bilinear"

    name: ClassVar[str] = "pan-and-scan"
    modality: ClassVar[str] = "image"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"size": 28, "tokens": 1, "max_crops": 4, "min_crop": 10},
    )

    def __post_init__(self) -> None:
        positive(self, "size", "patch", "tokens", "min_crop")
        one_of(self.resample, "resample", px.RESAMPLES)

    def crops(self, info: ImageInfo) -> int:
        """How many crops along the long side; 0 for none."""
        long, short = max(info.width, info.height), min(info.width, info.height)
        if not self.max_crops or long / short < self.min_ratio:
            return 0
        n = min(floor(long / self.min_crop), floor(long / short + 0.5))
        n = min(self.max_crops, max(2, n))
        return 0 if min(ceil_div(long, n), short) < self.min_crop else n

    def count(self, x: Image | ImageInfo, /) -> int:
        crops = self.crops(x if type(x) is ImageInfo else info_of(x)) if self.max_crops else 0
        return (1 + crops) * (self.tokens + 2)

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order."""
        view = ((self.start, 1), (self.token, self.tokens), (self.end, 1))
        return view * (1 + self.crops(info_of(x)))

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return parts(self.expansion(x), self.token)

    def literal_text(self, x: Image | ImageInfo, /) -> Mapping[str, int]:
        n = self.crops(info_of(x))
        if not n:
            return {"\n\n": 2}
        between = {"\n\n \n\n": n - 1} if n > 1 else {}
        return {
            "Here is the original image \n\n": 1,
            "\n\n and here are some crops to help you see better \n\n": 1,
            **between,
            "\n\n": 1,
        }

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        n = self.crops(info_of(x))
        return {
            "resized": [self.size, self.size],
            "num_crops": [n],
            "pixel_values_shape": [1 + n, 3, self.size, self.size],
        }

    def boxes(self, info: ImageInfo) -> tuple[Box, ...]:
        """The crops, in pixels of the source; the last may be smaller."""
        n = self.crops(info)
        if not n:
            return ()
        if info.width >= info.height:
            step = ceil_div(info.width, n)
            cuts = [(at, min(at + step, info.width)) for at in range(0, n * step, step)]
            return tuple((left, 0, right, info.height) for left, right in cuts)
        step = ceil_div(info.height, n)
        cuts = [(at, min(at + step, info.height)) for at in range(0, n * step, step)]
        return tuple((0, top, info.width, bottom) for top, bottom in cuts)

    def layout(self, x: Image | ImageInfo, /) -> Layout:
        info: ImageInfo = info_of(x)
        boxes = self.boxes(info)
        if boxes:
            canvas = info.width, info.height
            return Layout(canvas, (0, 0, *canvas), tiles=boxes, thumbnail=(self.size, self.size))
        side = round(self.tokens**0.5)
        return Layout((self.size, self.size), (0, 0, self.size, self.size), side, side)

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        info: ImageInfo = info_of(x)
        n = self.crops(info)
        views = f"{n} crops and an overview" if n else "1 view"
        return [
            f"{info}: {views} of {self.size} x {self.size}",
            f"{1 + n} x {self.tokens} = {(1 + n) * self.tokens} tokens",
            *specials(self.expansion(info), self.token),
        ]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        return scaled(info_of(x), self.size, self.size)

    def prepare(self, media: Image, /) -> Image:
        """The overview."""
        from multitok.core.media import Image

        return Image(px.resize(media.pixels, self.size, self.size, self.resample))

    def _squares(self, media: Image) -> NDArray[np.uint8]:
        import numpy as np

        made = [self.prepare(media).pixels]
        for left, top, right, bottom in self.boxes(media.info):
            crop = np.ascontiguousarray(media.pixels[top:bottom, left:right])
            made.append(px.resize(crop, self.size, self.size, self.resample))
        return np.stack(made)

    def views(self, media: Image, /) -> Sequence[Image]:
        from multitok.core.media import Image

        return [Image(square) for square in self._squares(media)]

    def encode(self, media: Image, /) -> TokenSequence:
        import numpy as np

        squares = self._squares(media)
        rows, columns = square(self.tokens)
        return vw.sequence(
            self.config(),
            media.info,
            self.expansion(media),
            self.token,
            ("view", "row", "column"),
            vw.places([(view, rows, columns) for view in range(len(squares))]),
            {
                "pixel_values": vw.values(squares, self.mean, self.std),
                "num_crops": np.array([len(squares) - 1], np.int64),
            },
            {"grid": [len(squares), rows, columns]},
        )

    def decode(self, tokens: TokenSequence, /) -> Image:
        """The overview, exactly."""
        from multitok.core.media import Image

        return Image(vw.levels(tokens.inputs, "pixel_values", self.mean, self.std, self.name)[0])
