"""What ways to write a picture as tokens cost, and how far off it comes back.

compare_pictures(image)     -> dct-bpe at several qualities, codes of patches, the bytes of JPEGs
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from math import isinf, log2
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.core.errors import MediaError, MultitokError
from multitok.core.media import Image
from multitok.core.registry import get_tokenizer
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.coding.lloyd import learned, quantized
from multitok.modalities.image import views as vw
from multitok.modalities.image.coded.dct_bpe import DctBpeTokenizer
from multitok.modalities.image.coded.patch_codebooks import patches_of
from multitok.modalities.image.coded.patch_codes import filled, gray
from multitok.modalities.image.coded.patch_fsq import PatchFsqTokenizer
from multitok.modalities.image.coded.targets import off

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PSNRS = (25.0, 30.0, 35.0, 40.0)
"""Qualities of dct-bpe that are shown, in dB."""
QUALITIES = (25, 50, 75, 90)
"""The same of JPEG, in the words of Pillow and libjpeg."""
CODES, SIDE, LAYERS, ROUNDS = 256, 8, 4, 10
"""Codebooks that are shown: learned from the picture itself, as far as ten rounds come."""
EXCERPT = 1024
"""Pixels of a side that a table takes seconds for; of a larger picture its middle is taken."""


class PictureDistortion(NamedTuple):
    """One way to write a picture as tokens; of JPEG a token is a byte.

    bits    tokens x log2(ids a token may be), where that number is known
    psnr    in dB over the three colors; None where nothing is lost
    worst   gray levels that the worst color is off
    bound   the largest error that the tokenizer states, where it is one
    """

    label: str
    tokens: int
    pixels: int
    bits: float | None
    psnr: float | None
    worst: int
    bound: float | None = None

    @property
    def tokens_per_megapixel(self) -> float:
        return self.tokens * 1e6 / self.pixels

    @property
    def bits_per_pixel(self) -> float | None:
        return None if self.bits is None else self.bits / self.pixels


def excerpt(image: Image) -> Image:
    """The middle of a picture of more than EXCERPT px a side; a smaller one is itself."""
    height, width, _ = image.pixels.shape
    top, left = max(0, height - EXCERPT) // 2, max(0, width - EXCERPT) // 2
    return Image(image.pixels[top : top + EXCERPT, left : left + EXCERPT])


def picture_error(
    tokenizer: Tokenizer[Any, Any], image: Image, label: str = ""
) -> PictureDistortion:
    """What one tokenizer costs and loses: encode, decode, and measure.

    >>> import numpy as np
    >>> gray = Image(np.full((32, 32, 3), 128, np.uint8))
    >>> found = picture_error(DctBpeTokenizer(), gray)
    >>> found.tokens, found.psnr, found.worst
    (1, None, 0)
    """
    tokens = tokenizer.encode(image)
    height, width, _ = image.pixels.shape
    decoded = tokenizer.decode(tokens).pixels[:height, :width]
    ids = tokenizer.codes
    bits = len(tokens) * log2(ids) if ids else None
    bound = tokenizer.error_bound(tokens)
    return _row(label or tokenizer.name, len(tokens), image, decoded, bits, bound)


def compare_pictures(
    image: Image, tokenizer: Tokenizer[Any, Any] | None = None
) -> list[PictureDistortion]:
    """`tokenizer` as it is, dct-bpe at several qualities (with the vocabulary of `tokenizer`, where
    it is one), patches by codes, patches, and JPEG files, whose bytes are tokens to a model of
    bytes. Codebooks are of this very picture, so those of other pictures lose more.

    A quality that the picture cannot be held at is left out, and a codebook with more codes than
    it has patches."""
    rows = [picture_error(tokenizer, image)] if tokenizer is not None else []
    coded = tokenizer if isinstance(tokenizer, DctBpeTokenizer) else DctBpeTokenizer()
    for psnr in PSNRS:
        held = replace(coded, step=None, psnr=psnr, max_error=None)
        try:
            rows.append(picture_error(held, image, f"dct-bpe, {psnr:g} dB"))
        except MultitokError:
            break  # nor can a finer one be
    rows += _codebooks(image)
    rows.append(picture_error(get_tokenizer("patch", size=16), image, "patch, 16 px"))
    return [*rows, *_jpegs(image)]


def _codebooks(image: Image) -> Iterator[PictureDistortion]:
    """k-means and residual k-means of the picture's own patches, and FSQ, whose axes are fixed."""
    words: Any = {"seed": 0, "name": "patch-rvq", "what": "patches", "more": "pictures"}
    try:
        layers = learned(
            patches_of([image], SIDE), layers=LAYERS, codes=CODES, rounds=ROUNDS, **words
        )
    except MediaError:
        layers = None
    if layers is not None:
        one, all_of_them = f"{SIDE} px, {CODES}", f"{SIDE} px, {LAYERS} x {CODES}"
        yield _by_codes(f"patch-kmeans, {one} own codes", image, layers[:1])
        yield _by_codes(f"patch-rvq, {all_of_them} own codes", image, layers)
    fsq = PatchFsqTokenizer(size=SIDE)
    yield picture_error(fsq, image, f"patch-fsq, {SIDE} px, {fsq.codes:,} ids")


def _by_codes(label: str, image: Image, layers: NDArray[np.float64]) -> PictureDistortion:
    """What `patch-rvq` makes of it with these codes, which are kept by nobody."""
    whole = filled(image.pixels, SIDE)
    rows, columns = whole.shape[0] // SIDE, whole.shape[1] // SIDE
    patches = vw.patches(whole, SIDE).reshape(rows * columns, -1) / 255
    back = gray(patches - quantized(patches, layers)[1]).reshape(-1, SIDE, SIDE, 3)
    height, width, _ = image.pixels.shape
    n = len(patches) * len(layers)
    decoded = vw.join(back, rows, columns)[:height, :width]
    made = _row(label, n, image, decoded, n * log2(CODES), None)
    return made._replace(bound=float(made.worst))


def _jpegs(image: Image) -> Iterator[PictureDistortion]:
    import numpy as np
    from PIL import Image as Pillow

    picture = Pillow.fromarray(image.pixels)
    for quality in QUALITIES:
        file = BytesIO()
        picture.save(file, "JPEG", quality=quality, optimize=True)
        decoded = np.asarray(Pillow.open(file).convert("RGB"))
        n = len(file.getvalue())
        yield _row(f"JPEG bytes, quality {quality}", n, image, decoded, 8.0 * n, None)


def _row(
    label: str,
    tokens: int,
    image: Image,
    decoded: NDArray[np.uint8],
    bits: float | None,
    bound: float | None,
) -> PictureDistortion:
    apart = off(image.pixels, decoded)
    pixels = image.pixels.shape[0] * image.pixels.shape[1]
    psnr = None if isinf(apart.psnr) else apart.psnr
    return PictureDistortion(label, tokens, pixels, bits, psnr, apart.worst, bound)
