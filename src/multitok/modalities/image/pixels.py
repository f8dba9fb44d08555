"""Pixels on the way to the model: resize on uint8, then patches, then float32 values.

Resizing is Pillow's, as in the published processors' PIL backend; OpenCV's area resize is there for
those who choose speed over equality. Patches are cut while the values are still bytes (a quarter of
the memory), then scaled in place.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from multitok.core.errors import MediaError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Resample = Literal["bicubic", "bilinear", "lanczos", "area"]

Triple = tuple[float, float, float]

CLIP_MEAN: Triple = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD: Triple = (0.26862954, 0.26130258, 0.27577711)
"""Channel mean and standard deviation of CLIP's training pictures, as its processors publish."""
HALF: Triple = (0.5, 0.5, 0.5)

LARGEST_CANVAS = 1 << 28
"""Pixels beyond which a resize is a mistake: a 1 x 100,000 strip scaled to a short side of 224."""


def refuse_huge(pixels: NDArray[np.uint8], width: int, height: int, largest: int) -> None:
    """MediaError for a resize that holds `largest` pixels on the way: more than memory is for."""
    if largest > LARGEST_CANVAS:
        raise MediaError(
            f"resizing {pixels.shape[1]}x{pixels.shape[0]} to {width}x{height} needs more than"
            f" {LARGEST_CANVAS:,} px: crop the picture first"
        )


def resize(
    pixels: NDArray[np.uint8], width: int, height: int, resample: Resample
) -> NDArray[np.uint8]:
    """(height, width, 3) uint8 at another size; unchanged when it has that size already."""
    import numpy as np

    if pixels.shape[:2] == (height, width):
        return pixels
    if resample == "area":
        import cv2

        made: NDArray[np.uint8] = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
        return made
    from PIL import Image as Pillow

    refuse_huge(pixels, width, height, width * height)
    kernel = Pillow.Resampling[resample.upper()]
    if _rows_first(pixels.shape[1], pixels.shape[0], width, height):
        return np.asarray(_narrowed(pixels, width, kernel).resize((width, height), kernel))
    return np.asarray(Pillow.fromarray(pixels).resize((width, height), kernel))


def interpolated(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """The picture at another size, bilinear without antialiasing: in float32, then rounded."""
    import cv2
    import numpy as np

    if pixels.shape[:2] == (height, width):
        return pixels
    linear = cv2.resize(pixels.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    made: NDArray[np.uint8] = np.rint(linear).clip(0, 255).astype(np.uint8)
    return made


LARGE = 2_000_000
"""Pixels from which sharing the rows out to threads pays for itself."""


def _rows_first(width: int, height: int, to_width: int, to_height: int) -> bool:
    """Whether a large picture is one that Pillow shrinks row by row first, then column by column.

    Pillow 13 picks the order by size; for pictures at least as wide as high, shrunk by half as much
    again or more and by about the same in height, it is always the rows: test_image_pixels.py
    compares. Rows are independent, so threads can share them without changing a byte.
    """
    wide = width >= height and width * height >= LARGE
    return wide and width >= 1.5 * to_width and height * to_width <= 1.1 * width * to_height


def _narrowed(pixels: NDArray[np.uint8], width: int, kernel: Any) -> Any:
    """The picture at its new width and old height: Pillow's first pass, a thread a band of rows."""
    from concurrent.futures import ThreadPoolExecutor

    from PIL import Image as Pillow

    height, bands = pixels.shape[0], 4
    edges = [height * i // bands for i in range(bands + 1)]
    whole = Pillow.new("RGB", (width, height))

    def narrow(top: int, bottom: int) -> None:
        band = Pillow.fromarray(pixels[top:bottom]).resize((width, bottom - top), kernel)
        whole.paste(band, (0, top))

    with ThreadPoolExecutor(max_workers=bands) as pool:
        for done in [pool.submit(narrow, top, bottom) for top, bottom in pairwise(edges)]:
            done.result()
    return whole


def normalize(pixels: NDArray[Any], mean: Triple, std: Triple, axis: int) -> NDArray[np.float32]:
    """uint8 0..255 to float32 `(x / 255 - mean) / std`, with the three channels on `axis`."""
    import numpy as np

    shape = [1] * pixels.ndim
    shape[axis] = 3
    factor = np.array([1 / (255 * s) for s in std], np.float32).reshape(shape)
    shift = np.array([m / s for m, s in zip(mean, std, strict=True)], np.float32).reshape(shape)
    values = pixels.astype(np.float32)
    values *= factor
    values -= shift
    return values


def gray_levels(
    values: NDArray[np.float32], mean: Triple, std: Triple, axis: int
) -> NDArray[np.uint8]:
    """The inverse of `normalize`: exact for values that came from bytes."""
    import numpy as np

    shape = [1] * values.ndim
    shape[axis] = 3
    factor = np.array([255 * s for s in std], np.float32).reshape(shape)
    shift = np.array([255 * m for m in mean], np.float32).reshape(shape)
    levels: NDArray[np.float32] = np.rint(values * factor + shift)
    return levels.clip(0, 255).astype(np.uint8)
