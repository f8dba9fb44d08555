"""What a rule for pictures says, and what follows from it.

A rule says what the model is shown of a picture of this size (`see`), which tokens stand for that
(`pieces`; a closed API tells only what they cost: `charges`), under which names its reference
reports it (`reference`), and how it comes about in words (`steps`). All the interface asks follows;
a picture is seen once for all of it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from multitok.core.counts import Kind
from multitok.core.info import ImageInfo, info_of
from multitok.core.integers import ceil_div, scale_to
from multitok.core.layout import Box, Layout, tile_boxes
from multitok.core.parameters import refuse_vast
from multitok.core.tokenizer import TokenCounter, Tokenizer
from multitok.modalities.image import pixels as px, views as vw
from multitok.modalities.image.tilings import within
from multitok.modalities.image.words import (
    Pieces,
    cropped,
    padded,
    parts,
    scaled,
    specials,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Image
    from multitok.core.sequence import TokenSequence

Pair = tuple[int, int]


class Seen(NamedTuple):
    """What a model is shown of one picture.

    picture    width and height that the picture itself is scaled to
    canvas     width and height of it with its padding
    corner     left and top of the picture on its canvas; what hangs over the edge is cut off
    grid       rows and columns of tokens over the canvas; 0 x 0 where they have no place on it
    tiles      rows and columns of tiles; 0 x 0 where the picture is not cut
    overview   width and height of the small picture beside the tiles
    kept       rows and columns of tokens left where a rule takes the padding off again
    crops      parts of the source, in its own pixels, that are views beside the canvas
    side       pixels of the side of a tile, the last ones cut off at the edge; 0: they are equal
    """

    picture: Pair
    canvas: Pair
    corner: Pair = (0, 0)
    grid: Pair = (0, 0)
    tiles: Pair = (0, 0)
    overview: Pair | None = None
    kept: Pair = (0, 0)
    crops: tuple[Box, ...] = ()
    side: int = 0

    @property
    def cut(self) -> int:
        """How many tiles."""
        return self.tiles[0] * self.tiles[1]

    @property
    def views(self) -> int:
        """Pictures that the encoder is fed: tiles or crops, and the overview or the one canvas."""
        return self.cut + len(self.crops) + (self.overview is not None or not self.cut)

    @property
    def tiling(self) -> Pair:
        """Rows and columns of tiles, where a picture that is not cut counts as one."""
        return self.tiles if self.cut else (1, 1)

    @property
    def tile(self) -> Pair:
        """Width and height of one of equal tiles."""
        rows, columns = self.tiling
        return self.canvas[0] // columns, self.canvas[1] // rows

    @property
    def whole(self) -> Pair:
        """Width and height of the view that shows all of the picture."""
        return self.overview or self.canvas

    @property
    def resized(self) -> list[int]:
        """Height and width of the canvas, as references write it."""
        return [self.canvas[1], self.canvas[0]]

    @property
    def size(self) -> list[int]:
        """Height and width of the picture itself, its padding left out."""
        return [self.picture[1], self.picture[0]]

    @property
    def place(self) -> Box:
        """The part of the canvas that the picture fills."""
        (left, top), (width, height), (wide, tall) = self.corner, self.picture, self.canvas
        return max(left, 0), max(top, 0), min(left + width, wide), min(top + height, tall)

    def source(self, info: ImageInfo) -> Box | None:
        """The part of the source that is left on the canvas, in its own pixels; None for all."""
        (left, top), (width, height), (wide, tall) = self.corner, self.picture, self.canvas
        if self.place == (left, top, left + width, top + height):
            return None
        across, down = info.width / width, info.height / height
        return (
            max(0, round(-left * across)),
            max(0, round(-top * down)),
            min(info.width, max(1, round((wide - left) * across))),
            min(info.height, max(1, round((tall - top) * down))),
        )


UNSEEN = Seen((0, 0), (0, 0))
"""Nothing is told of what the model is shown, so there is no size to report and none to draw."""


def cells(rows: int, columns: int, side: int, picture: Pair | None = None) -> Seen:
    """A canvas of rows x columns cells of side px, which the picture fills unless it is smaller."""
    canvas = columns * side, rows * side
    return Seen(picture or canvas, canvas, (0, 0), (rows, columns))


def covered(picture: Pair, side: int) -> Seen:
    """The fewest cells of side px that hold a picture of this size; the last ones are padded."""
    width, height = picture
    return cells(ceil_div(height, side), ceil_div(width, side), side, picture)


def tiled(rows: int, columns: int, side: int, *, overview: Pair | None = None) -> Seen:
    """Stretched to rows x columns tiles of side px."""
    canvas = columns * side, rows * side
    return Seen(canvas, canvas, tiles=(rows, columns), overview=overview)


def on_tiles(info: ImageInfo, rows: int, columns: int, side: int) -> Seen:
    """On rows x columns tiles of side px with its aspect kept, padded right and bottom.

    Enlarged to one tile a side at most, however many tiles there are.
    """
    wide, tall = columns * side, rows * side
    room = min(max(info.width, side), wide), min(max(info.height, side), tall)
    width, height = within(info.width, info.height, *room)
    return Seen((max(1, width), max(1, height)), (wide, tall), tiles=(rows, columns))


def uncut(side: int, rows: int = 0, columns: int = 0) -> Seen:
    """Stretched to one view of side px, of rows x columns tokens where they have a place."""
    return Seen((side, side), (side, side), grid=(rows, columns))


def squares(picture: Pair, side: int, times: int = 1, per: int = 1) -> Seen:
    """A picture at times / per of its size, cut into tiles of side px from its corner on.

    Its sides stay fractions of a pixel until they are cut, so a tile may show less than one.
    """
    (width, height), sliver = picture, per * side
    seen = scale_to(width, times, per), scale_to(height, times, per)
    tiles = ceil_div(height * times, sliver), ceil_div(width * times, sliver)
    return Seen(seen, seen, tiles=tiles, side=side)


_last: tuple[PictureCounter | None, ImageInfo | None, Seen | None] = (None, None, None)
"""The last picture and how a rule saw it: a count asks a rule five things of one picture, and to
hash a rule of fifteen parameters costs more than to see again."""


class PictureCounter(TokenCounter["Image", ImageInfo]):
    """A rule that sees a picture and tells what it costs: all that a closed API lets us know."""

    modality: ClassVar[str] = "image"
    kind: ClassVar[Kind] = "documented"

    @abstractmethod
    def see(self, info: ImageInfo) -> Seen:
        """What the model is shown of a picture of this size; MediaError where it is refused."""

    @abstractmethod
    def charges(self, info: ImageInfo, seen: Seen) -> dict[str, int]:
        """The parts of the count, under the provider's names."""

    def reference(self, info: ImageInfo, seen: Seen) -> dict[str, Any]:
        """What the reference reports of it, under its own names."""
        known = {"resized": seen.size, "tiles": list(seen.tiles), "grid": list(seen.grid)}
        return {name: sides for name, sides in known.items() if any(sides)}

    @abstractmethod
    def steps(self, info: ImageInfo, seen: Seen) -> list[str]:
        """How it comes about in words, up to the placeholders where there are any."""

    def boxes(self, seen: Seen) -> tuple[Box, ...]:
        """The tiles on the canvas in reading order, unless a rule says otherwise."""
        return tile_boxes(*seen.canvas, *seen.tiles, seen.side) if seen.cut else ()

    def remarks(self, info: ImageInfo, seen: Seen) -> list[str]:
        """What the reader should know beside the sizes."""
        return []

    def seen(self, x: Image | ImageInfo) -> Seen:
        """`see`, kept for the next question about the same picture."""
        global _last
        rule, size, seen = _last
        if rule is self and size is x and seen is not None:
            return seen
        info = info_of(x)
        if rule is not self or size != info or seen is None:
            seen = self.see(info)
            _last = self, info, seen
        return seen

    def size_seen(self, x: Image | ImageInfo, /) -> Pair | None:
        seen = self.seen(x)
        if seen.picture == seen.canvas:
            return None if seen is UNSEEN else seen.picture
        left, top, right, bottom = seen.place
        return right - left, bottom - top

    def count(self, x: Image | ImageInfo, /) -> int:
        return sum(self.breakdown(x).values())

    def breakdown(self, x: Image | ImageInfo, /) -> dict[str, int]:
        return self.charges(info_of(x), self.seen(x))

    def geometry(self, x: Image | ImageInfo, /) -> Mapping[str, Any]:
        return self.reference(info_of(x), self.seen(x))

    def layout(self, x: Image | ImageInfo, /) -> Layout | None:
        seen = self.seen(x)
        if seen == UNSEEN:
            return None
        info: ImageInfo = info_of(x)
        if seen.crops:  # they lie on the source, and the canvas is the overview beside them
            size = info.width, info.height
            return Layout(size, (0, 0, *size), tiles=seen.crops, thumbnail=seen.canvas)
        places = *seen.grid, self.boxes(seen), seen.overview
        return Layout(seen.canvas, seen.place, *places, seen.source(info))

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        return self.steps(info_of(x), self.seen(x))

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        """Shrunk or enlarged. What fills up the last patches is seldom told, so it is no note."""
        info, seen = info_of(x), self.seen(x)
        size = [] if seen == UNSEEN else scaled(info, *seen.picture)
        return [*size, *self.remarks(info, seen)]


def needs_pixels(rule: TokenCounter[Any, Any]) -> bool:
    """Whether its count or the places of its tokens may hang on more than the shape."""
    if isinstance(rule, Tokenizer):
        return not isinstance(rule, EncodedPicture)
    return not isinstance(rule, PictureCounter)


class PictureRule(PictureCounter):
    """A rule whose placeholders are published too."""

    kind: ClassVar[Kind] = "exact"

    token: str = ""
    """The published name of a placeholder; "" where it has none."""

    @abstractmethod
    def pieces(self, seen: Seen) -> Pieces:
        """The tokens in order, as (published name, times in a row)."""

    def text(self, seen: Seen) -> dict[str, int]:
        """Plain text between the tokens and how often: line ends, sizes, numbers."""
        return {}

    def charges(self, info: ImageInfo, seen: Seen) -> dict[str, int]:
        """The placeholders as "image", the special tokens under their names."""
        return parts(self.pieces(seen), self.token)

    def count(self, x: Image | ImageInfo, /) -> int:
        total = 0
        for _, times in self.pieces(self.seen(x)):
            total += times
        return total

    def expansion(self, x: Image | ImageInfo, /) -> Pieces:
        """The placeholders in order."""
        return self.pieces(self.seen(x))

    def literal_text(self, x: Image | ImageInfo, /) -> Mapping[str, int]:
        return self.text(self.seen(x))

    def explain(self, x: Image | ImageInfo, /) -> list[str]:
        return [*super().explain(x), *specials(self.expansion(x), self.token)]

    def notes(self, x: Image | ImageInfo, /) -> list[str]:
        info, seen = info_of(x), self.seen(x)
        found = scaled(info, *seen.picture)
        if seen.picture != seen.canvas:
            layout = Layout(seen.canvas, seen.place, crop=seen.source(info))
            found += [*padded(layout), *cropped(info, layout)]
        return found + self.remarks(info, seen)


class EncodedPicture(PictureRule, Tokenizer["Image", ImageInfo]):
    """A rule whose encoder's input is published. Decoding gives the canvas back exactly: 256 gray
    levels survive the normalization."""

    mean: px.Triple
    std: px.Triple
    resample: px.Resample

    idempotent: ClassVar[bool] = False  # what is prepared once may be cut or scaled again
    overview_first: ClassVar[bool] = False
    background: int = 0
    """The gray level of the padding."""

    @abstractmethod
    def inputs(self, media: Image, seen: Seen) -> dict[str, NDArray[Any]]:
        """What the encoder is fed, under the reference's names."""

    @abstractmethod
    def places(self, seen: Seen) -> NDArray[np.int32]:
        """(view, row, column) of each placeholder in order; -1 for one without a place."""

    def prepare(self, media: Image, /) -> Image:
        """The canvas: the picture resized, padded to it or cut off at its edges."""
        from multitok.core.media import Image

        seen = self.seen(media)
        pixels = px.resize(media.pixels, *seen.picture, self.resample)
        return Image(vw.pad(pixels, *seen.canvas, *seen.corner, self.background))

    def holder(self, rows: int) -> str:
        """The input that holds the tiles (`rows` of them), or the one view."""
        return "pixel_values"

    def values(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, side, side, 3) bytes to (n, 3, side, side) normalized."""
        return vw.values(pixels, self.mean, self.std)

    def content(self, media: Image, inputs: Mapping[str, Any]) -> NDArray[np.float32] | None:
        """A row for each placeholder, where one patch is one token: mostly the inputs by patch."""
        return None

    def state(self, seen: Seen) -> dict[str, Any]:
        """What decoding needs to know beside the inputs."""
        return {"tiles": list(seen.tiles)}

    def overview(self, media: Image, canvas: NDArray[np.uint8], seen: Seen) -> NDArray[np.uint8]:
        """The overview's pixels: the picture itself at that size."""
        return px.resize(media.pixels, *seen.whole, self.resample)

    def views(self, media: Image, /) -> Sequence[Image]:
        """The tiles in reading order, and the overview."""
        from multitok.core.media import Image

        seen, canvas = self.seen(media), self.prepare(media)
        if not seen.cut:
            return [canvas]
        tiles = [Image(tile) for tile in vw.cut(canvas.pixels, *seen.tiles)]
        if seen.overview is None:
            return tiles
        small = Image(self.overview(media, canvas.pixels, seen))
        return [small, *tiles] if self.overview_first else [*tiles, small]

    def squares(self, media: Image) -> NDArray[np.uint8]:
        """The views, all of one size, as (views, side, side, 3) bytes."""
        import numpy as np

        return np.stack([view.pixels for view in self.views(media)])

    def encode(self, media: Image, /) -> TokenSequence:
        seen = self.seen(media)
        tokens = self.count(media)
        for size in (seen.canvas, seen.overview or (0, 0)):
            refuse_vast(self.name, media.pixels.shape[1::-1], size, tokens)
        where, inputs = self.places(seen), self.inputs(media, seen)
        return vw.sequence(
            self.config(),
            media.info,
            self.pieces(seen),
            self.token,
            ("view", "row", "column")[3 - where.shape[1] :],
            where,
            inputs,
            self.state(seen),
            self.content(media, inputs),
        )

    def decode(self, tokens: TokenSequence, /) -> Image:
        """The canvas, exactly."""
        from multitok.core.media import Image

        rows, columns = tokens.state.get("tiles", (0, 0))
        views = vw.levels(tokens.inputs, self.holder(rows), self.mean, self.std, self.name)
        if not rows:
            return Image(views[0])
        first = len(views) - rows * columns if self.overview_first else 0
        return Image(vw.join(views[first : first + rows * columns], rows, columns))
