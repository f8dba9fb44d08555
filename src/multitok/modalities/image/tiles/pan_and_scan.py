"""A square overview, and equal crops along the long side of a long picture: Gemma 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.info import ImageInfo
from multitok.core.integers import ceil_div
from multitok.core.layout import Box
from multitok.core.parameters import Positive
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.rule import EncodedPicture, Seen
from multitok.modalities.image.tilings import square
from multitok.modalities.image.words import Pieces, product

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Image


@dataclass(frozen=True, kw_only=True)
class PanAndScanTokenizer(EncodedPicture):
    """`tokens` for the picture stretched to size x size, and as many for each crop.

    Crops are made when long / short is at least `min_ratio` and a crop is at least `min_crop`
    pixels a side; `scan` False or `max_crops` 0 turns them off, as the checkpoints do. English
    glue text stands between the views: see `literal_text`. `inputs["pixel_values"]` is float32
    (views, 3, size, size), the overview first; `decode` gives the overview back exactly. Arithmetic
    is float64.
    Source: transformers 5.23.0, image_processing_gemma3.py, processing_gemma3.py.

    >>> PanAndScanTokenizer().count(ImageInfo(1920, 1080))
    258
    >>> PanAndScanTokenizer(max_crops=4).count(ImageInfo(1920, 1080))
    774
    """

    size: Positive = 896
    patch: Positive = 14
    tokens: Positive = 256
    max_crops: int = 0
    scan: bool = True
    min_crop: Positive = 256
    min_ratio: float = 1.2
    token: str = "<image_soft_token>"
    start: str = "<start_of_image>"
    end: str = "<end_of_image>"
    mean: px.Triple = px.HALF
    std: px.Triple = px.HALF
    resample: px.Resample = "bilinear"

    name: ClassVar[str] = "pan-and-scan"
    idempotent: ClassVar[bool] = True
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"size": 28, "tokens": 1, "max_crops": 4, "min_crop": 10},
    )

    def see(self, info: ImageInfo) -> Seen:
        one, side = (self.size, self.size), round(self.tokens**0.5)
        return Seen(one, one, grid=(side, side), crops=self._crops(info))

    def _crops(self, info: ImageInfo) -> tuple[Box, ...]:
        """Along the long side, in pixels of the source; the last may be smaller."""
        width, height = info.width, info.height
        long, short = max(width, height), min(width, height)
        if not self.scan or not self.max_crops or long / short < self.min_ratio:
            return ()
        n = min(floor(long / self.min_crop), floor(long / short + 0.5))
        n = min(self.max_crops, max(2, n))
        step = ceil_div(long, n)
        if min(step, short) < self.min_crop:
            return ()
        cuts = [(at, min(at + step, long)) for at in range(0, n * step, step)]
        if width >= height:
            return tuple((left, 0, right, height) for left, right in cuts)
        return tuple((0, top, width, bottom) for top, bottom in cuts)

    def pieces(self, seen: Seen) -> Pieces:
        return ((self.start, 1), (self.token, self.tokens), (self.end, 1)) * seen.views

    def text(self, seen: Seen) -> dict[str, int]:
        n = len(seen.crops)
        if not n:
            return {"\n\n": 2}
        between = {"\n\n \n\n": n - 1} if n > 1 else {}
        return {
            "Here is the original image \n\n": 1,
            "\n\n and here are some crops to help you see better \n\n": 1,
            **between,
            "\n\n": 1,
        }

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        return {
            "resized": seen.resized,
            "num_crops": [len(seen.crops)],
            "pixel_values_shape": [seen.views, 3, self.size, self.size],
        }

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        views = f"{len(seen.crops)} crops and an overview" if seen.crops else "1 view"
        return [
            f"{info}: {views} of {self.size} x {self.size}",
            product(seen.views, self.tokens),
        ]

    def views(self, media: Image, /) -> Sequence[Image]:
        """The overview, then the crops."""
        import numpy as np

        from multitok.core.media import Image

        views = [self.prepare(media)]
        for left, top, right, bottom in self.seen(media).crops:
            crop = np.ascontiguousarray(media.pixels[top:bottom, left:right])
            views.append(Image(px.resize(crop, self.size, self.size, self.resample)))
        return views

    def places(self, seen: Seen) -> NDArray[np.int32]:
        return vw.places([(view, *square(self.tokens)) for view in range(seen.views)])

    def inputs(self, media: Image, seen: Seen) -> dict[str, NDArray[Any]]:
        import numpy as np

        return {
            "pixel_values": self.values(self.squares(media)),
            "num_crops": np.array([len(seen.crops)], np.int64),
        }
