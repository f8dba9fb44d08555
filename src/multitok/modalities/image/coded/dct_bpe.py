"""DCT-BPE: a picture as the byte-pair merges of its cosine coefficients."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple

from multitok.core.counts import Kind
from multitok.core.errors import DecodeError, MediaError, NeedsContentError
from multitok.core.info import ImageInfo, info_of
from multitok.core.parameters import Above, AtLeast, AtMost
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.coding import merges, symbols
from multitok.modalities.coding.rounding import between
from multitok.modalities.image.coded import blocks, quantization as qz
from multitok.modalities.image.coded.blocks import BLOCKS, PATCH, Shape, Strip, shape_of
from multitok.modalities.image.coded.targets import Off, Target, coarsest
from multitok.modalities.image.rule import PictureCounter, Seen, covered

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Image
    from multitok.core.sequence import TokenSequence
    from multitok.modalities.image.coded.blocks import Levels

DEFAULT_STEP = 20.0
"""About 33 dB of a photograph."""
STEPS = 10.0, 60.0
"""Steps that a vocabulary is trained at, each picture at several between them."""

BUNDLED = Path(__file__).with_name("dct_bpe.json.gz")
PATCHES = merges.Words("dct-bpe", "pictures", 4 * BLOCKS, bundled=BUNDLED)
"""The four squares of a patch are a word: no token spans two patches."""


@dataclass(frozen=True, kw_only=True)
class DctBpeTokenizer(PictureCounter, Tokenizer["Image", ImageInfo]):
    """Cosine transform of blocks, divided by a step and rounded, low frequencies first, then BPE.

    path     a tokenizer.json that `train` wrote; without it a vocabulary of photographs that ships
    step     gray levels that a coefficient is rounded to: twice the step, fewer tokens, coarser. 20
             where nothing else is said
    psnr, max_error   choose the step of each picture instead: the coarsest that keeps at least so
             many dB, and no color further off than so many of 255 levels. It is tried and measured
    chroma   "half" averages color over 2 x 2 pixels (4:2:0, as JPEG mostly does); "full" keeps it

    Pictures of any size; the last patches of 32 x 32 px are filled by repeating the edge. The
    picture decides how many tokens it becomes, so a bare size has an `upper_bound` and no count.
    Source: FAST (Pertsch et al. 2025) does this to movement; JPEG (ITU-T T.81) the transform.

    >>> import numpy as np
    >>> from multitok import Image
    >>> gray = Image(np.full((64, 64, 3), 128, np.uint8))
    >>> tokens = DctBpeTokenizer().encode(gray)
    >>> len(tokens), DctBpeTokenizer().decode(tokens) == gray
    (4, True)
    """

    path: str | None = None
    step: Annotated[float, AtLeast(qz.FINEST), AtMost(qz.COARSEST)] | None = None
    psnr: Annotated[float, Above(0), AtMost(100)] | None = None
    max_error: Annotated[float, AtLeast(0), AtMost(255)] | None = None
    chroma: Literal["half", "full"] = "half"

    lenient: ClassVar[tuple[str, ...]] = ("path",)
    kind: ClassVar[Kind] = "exact"
    name: ClassVar[str] = "dct-bpe"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"step": 4.0, "chroma": "full"},
        {"max_error": 24.0, "chroma": "full"},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.step is not None and self.target:
            raise MediaError(f"{self.target} chooses the step: leave step={self.step:g} out")

    @classmethod
    def train(
        cls,
        pictures: Iterable[Any],
        path: str | Path,
        *,
        vocab_size: int = 16384,
        steps: tuple[float, float] = STEPS,
        chroma: Literal["half", "full"] = "half",
    ) -> DctBpeTokenizer:
        """Learn the merges of your own pictures and write them to `path`, a tokenizer.json.

        Each picture (an Image, or its pixels) is read at four steps between those of `steps`, so
        that one vocabulary serves coarse and fine ones; they come one at a time, and of many not
        every patch is learned from. The same pictures give the same file."""
        made = (
            strip
            for one in pictures
            for step in between(*steps)
            for strip in cls(step=step, chroma=chroma)._cut(_media(one).pixels).symbols()
        )
        merges.train(made, path, vocab_size, PATCHES)
        return cls(path=str(path), chroma=chroma)

    @property
    def target(self) -> Target:
        """What chooses the step; false where nothing does."""
        return Target(self.psnr, self.max_error)

    def vocabulary(self) -> merges.Merges:
        """The file behind `path`, read once a process."""
        return merges.load(self.path, PATCHES)

    @property
    def codes(self) -> int:
        """How many ids a token may be."""
        return len(self.vocabulary())

    @property
    def ids_below(self) -> int:
        return self.codes

    def shape(self, info: ImageInfo) -> Shape:
        """The patches of a picture."""
        return shape_of(info.width, info.height, self.chroma == "half")

    def see(self, info: ImageInfo) -> Seen:
        return covered((info.width, info.height), PATCH)

    def charges(self, info: ImageInfo, seen: Seen) -> dict[str, int]:
        raise _needs_content(info)

    def count(self, x: Image | ImageInfo, /) -> int:
        return sum(self.breakdown(x).values())

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        if isinstance(x, ImageInfo):
            return self.charges(x, self.seen(x))
        return {self.modality: len(self.encode_ids(x))}

    def upper_bound(self, x: Image | ImageInfo, /) -> int:
        """A token a symbol, for coefficients as large as they can be at this step."""
        shape = self.shape(info_of(x))
        finest = qz.FINEST if self.target else self.step or DEFAULT_STEP
        return shape.squares * sum(
            symbols.most(side * side, qz.largest_sum(side, step))
            for side, step in zip(shape.sides, qz.steps_of(finest), strict=True)
        )

    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        rows, columns = seen.grid
        return [f"{rows} x {columns} patches of {PATCH} px"]

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        if isinstance(x, ImageInfo):
            raise _needs_content(x)
        cut, seen = self._cut(x.pixels), self.seen(x)
        n, (rows, columns) = len(self.vocabulary().merged(cut.symbols())), seen.grid
        return [
            *self.steps(x.info, seen),
            f"coefficients in steps of {cut.step:.4g} gray levels",
            f"merged into {n:,} tokens, {n / (rows * columns):.1f} a patch",
        ]

    def encode(self, media: Image, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        vocabulary, cut = self.vocabulary(), self._cut(media.pixels)
        bound = qz.Bound(cut.step)
        ids = vocabulary.merged(cut.symbols(None if cut.off else bound))
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(len(ids), np.bool_),
            ids=ids,
            axes=("row", "column", "token"),
            positions=_positions(self.shape(media.info), ids, vocabulary),
            state={
                "step": cut.step,
                "residual": float(cut.off.worst) if cut.off else bound.worst(),
                "vocabulary": vocabulary.digest,
            },
        )

    def encode_ids(self, media: Image, /) -> NDArray[np.int64]:
        return self.vocabulary().merged(self._cut(media.pixels).symbols())

    def _cut(self, pixels: NDArray[np.uint8]) -> Cut:
        """The picture as strips of coefficients, and its step."""
        strips = blocks.strips(pixels, self.chroma == "half")
        if not self.target:
            return Cut(strips, self.step or DEFAULT_STEP)
        kept = list(strips)
        return Cut(kept, *coarsest(pixels, kept, self.target))

    def decode(self, tokens: TokenSequence, /) -> Image:
        """The picture. DecodeError for ids that do not spell each of its blocks."""
        from multitok.core.media import Image

        info, vocabulary = tokens.info_as(ImageInfo), self.vocabulary()
        if tokens.ids is None:
            raise DecodeError("dct-bpe tokens are ids, got a sequence without them")
        if tokens.state.get("vocabulary", vocabulary.digest) != vocabulary.digest:
            raise DecodeError(
                f"dct-bpe tokens were made with another vocabulary than {self.path!r}"
                f" ({tokens.state['vocabulary']}, not {vocabulary.digest})"
            )
        shape, step = self.shape(info), tokens.state.get("step", self.step)
        if step is None and self.target:
            raise DecodeError(
                f"dct-bpe tokens of {self.target} need the step that was chosen: state['step']"
            )
        step = step or DEFAULT_STEP
        if not qz.FINEST <= step <= qz.COARSEST:
            raise DecodeError(
                f"dct-bpe steps are {qz.FINEST:g} to {qz.COARSEST:g} gray levels, got {step!r}"
            )
        spelled = vocabulary.decode(tokens.ids)
        symbols.refuse_blocks(spelled, BLOCKS * shape.squares, self.name, "picture")
        strips = (
            blocks.inverse(part, qz.restored(levels, step))
            for part, levels in _levels(spelled, info.width, info.height, shape.half)
        )
        return Image(blocks.pixels(strips, info.width, info.height))

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """Gray levels that a color of a pixel is off by at most.

        The transform keeps lengths, so a pixel is off by no more than its block in all (Parseval);
        what halving the chroma lost was measured, and all of it where a target chose the step. Of
        ids alone nothing is known: 255."""
        return min(255.0, float(tokens.state.get("residual", 255.0)))


class Cut(NamedTuple):
    """A picture as strips of coefficients, and the step that they are rounded to; `off` where it
    was measured."""

    strips: Iterable[Strip]
    step: float
    off: Off | None = None

    def symbols(self, bound: qz.Bound | None = None) -> Iterator[NDArray[np.uint8]]:
        """The symbols of each strip; `bound` is told what rounding costs."""
        above = 0, 0, 0
        for strip in self.strips:
            levels = qz.quantized(strip.shape, strip.exact, self.step)
            less = qz.differences(strip.shape, levels, above)
            above = qz.last_means(strip.shape, levels)
            rows = blocks.arranged(strip.shape, less)
            yield symbols.write(rows.reshape(-1), strip.shape.all_sizes)
            if bound:
                bound.add(strip, levels)


def _levels(
    spelled: NDArray[np.uint8], width: int, height: int, half: bool
) -> Iterator[tuple[Shape, Levels]]:
    """The whole numbers of each strip: the inverse of `Cut.symbols`."""
    import numpy as np

    ends = np.flatnonzero(spelled == symbols.END) + 1
    above, block, start = (0, 0, 0), 0, 0
    for _, part in blocks.cut(width, height, half):
        last = block + BLOCKS * part.squares
        stop = int(ends[last - 1])
        rows = symbols.read(spelled[start:stop], part.all_sizes, DctBpeTokenizer.name, block)
        less = blocks.in_place(part, rows.reshape(part.squares, -1))
        levels = qz.summed(part, less, above)
        above, block, start = qz.last_means(part, levels), last, stop
        yield part, levels


def _positions(
    shape: Shape, ids: NDArray[np.int64], vocabulary: merges.Merges
) -> NDArray[np.int32]:
    """Row and column of the patch of each token, and which of its tokens it is."""
    import numpy as np

    ends = vocabulary.ends[ids]
    patch = (np.cumsum(ends) - ends) // PATCHES.blocks
    first = np.searchsorted(patch, patch)
    token = np.arange(len(ids)) - first
    places = np.stack([patch // shape.columns, patch % shape.columns, token], axis=1)
    return places.astype(np.int32)


def _needs_content(info: ImageInfo) -> NeedsContentError:
    return NeedsContentError(
        f"dct-bpe token counts depend on the picture itself: pass Image(...), not {info!r}"
    )


def _media(one: Any) -> Image:
    from multitok.core.media import Image

    return one if isinstance(one, Image) else Image(one)
