"""Overlays: the patches, tiles, thumbnail and padding of a rule, drawn over what the model sees.

Pillow only; functions give a Pillow image and write nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo, info_of
from multitok.core.layout import Box, Layout
from multitok.drawing.paper import FAINT, INK, PAGE, draw_grid, font, lines_of
from multitok.loaders.pictures.reduced import fraction

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage
    from PIL.ImageDraw import ImageDraw

    from multitok.core.media import Image
    from multitok.core.registry import AnyCounter

TILE = (255, 196, 0, 255)
TILE_SHADOW = (0, 0, 0, 150)
PADDING = (38, 42, 51)
MARGIN = 28
WORDS = 760
"""Pixels of the words at least."""
NARROW = 380
"""Pixels below which a tall picture has its words beside it."""
LONGEST = 1400
"""Pixels of the longer side of the drawn picture: enough to see a 14 px patch, fit for a screen."""


def picture(image: Image) -> PillowImage:
    """A medium as a Pillow image."""
    from PIL import Image as Pillow

    return Pillow.fromarray(image.pixels)


def overlay(
    image: Image, counter: AnyCounter, *, title: str = "", whole: ImageInfo | None = None
) -> PillowImage:
    """The picture as the model sees it, with its grid, its tiles and a caption.

    `whole` is the shape of a huge picture, of which `image` is a fraction. MediaError where the
    rule's tokens have no place on the picture.
    """
    x = whole or image
    layout = _layout(x, counter)
    return _page(_marked(image, layout, LONGEST, info_of(x)), image, x, counter, layout, title)


def marked(
    image: Image, counter: AnyCounter, *, longest: int = LONGEST, whole: ImageInfo | None = None
) -> PillowImage:
    """The picture as the model sees it with its grid and tiles, and nothing around it.

    `longest` is the pixels of its longer side. `whole` and MediaError as for `overlay`.
    """
    x = whole or image
    return _marked(image, _layout(x, counter), longest, info_of(x))


def facts(x: Image | ImageInfo, counter: AnyCounter) -> list[str]:
    """What an overlay shows, in words: sent, seen, padded, its tiles and its grid."""
    return _facts(info_of(x), _layout(x, counter))


def overview(
    image: Image, counter: AnyCounter, *, whole: ImageInfo | None = None
) -> PillowImage | None:
    """The small picture that goes in beside the tiles; None where the rule sends none."""
    return _thumbnail(image, _layout(whole or image, counter))


def _layout(x: Image | ImageInfo, counter: AnyCounter) -> Layout:
    layout = counter.layout(x)
    if layout is None:
        raise MediaError(
            f"{counter.name} tokens have no place on the picture: there is no grid to draw"
        )
    return layout


def _marked(image: Image, layout: Layout, longest: int, whole: ImageInfo) -> PillowImage:
    from PIL import Image as Pillow, ImageDraw as PillowDraw

    seen = _seen(image, layout, whole)
    width, height = layout.canvas
    scale = min(max(longest / max(width, height), 1 / 8), 8)
    if scale >= 1:
        scale = max(1, int(scale))  # whole factors keep small patches crisp
    size = max(1, round(width * scale)), max(1, round(height * scale))
    seen = seen.resize(size, Pillow.Resampling.NEAREST if scale >= 1 else Pillow.Resampling.LANCZOS)
    seen = seen.convert("RGBA")
    lines = Pillow.new("RGBA", seen.size, (0, 0, 0, 0))
    pen = PillowDraw.Draw(lines)
    draw_grid(pen, layout.rows, layout.columns, seen.size)
    for number, box in enumerate(layout.tiles, 1):
        _tile(pen, box, scale, str(number) if len(layout.tiles) > 1 else "")
    return Pillow.alpha_composite(seen, lines).convert("RGB")


def _seen(image: Image, layout: Layout, whole: ImageInfo) -> PillowImage:
    """The source cropped, resized into its place on the canvas, and padded; a huge canvas by a
    fraction of its sides."""
    from PIL import Image as Pillow

    source = picture(image)
    if layout.crop is not None:
        source = source.crop(_scaled(layout.crop, source, whole))
    by = fraction(*layout.canvas)
    left, top, right, bottom = (edge // by for edge in layout.picture)
    fitted = source.resize((max(1, right - left), max(1, bottom - top)), Pillow.Resampling.BICUBIC)
    width, height = layout.canvas
    canvas = Pillow.new("RGB", (max(1, width // by), max(1, height // by)), PADDING)
    canvas.paste(fitted, (left, top))
    return canvas


def _scaled(box: Box, drawn: PillowImage, whole: ImageInfo) -> Box:
    """A box of the whole picture on a fraction of it, a pixel at least."""
    wide, tall = drawn.width / whole.width, drawn.height / whole.height
    left, top = int(box[0] * wide), int(box[1] * tall)
    return left, top, max(left + 1, round(box[2] * wide)), max(top + 1, round(box[3] * tall))


def _tile(pen: ImageDraw, box: tuple[int, int, int, int], scale: float, label: str) -> None:
    left, top, right, bottom = (round(edge * scale) for edge in box)
    pen.rectangle([left, top, right - 1, bottom - 1], outline=TILE_SHADOW, width=5)
    pen.rectangle([left + 1, top + 1, right - 2, bottom - 2], outline=TILE, width=3)
    if label:
        face = font(22)
        _, _, wide, tall = pen.textbbox((0, 0), label, font=face)
        pen.rounded_rectangle(
            [left + 8, top + 8, left + wide + 24, top + tall + 20], radius=7, fill=TILE
        )
        pen.text((left + 16, top + 12), label, font=face, fill=INK)


def _page(
    seen: PillowImage,
    image: Image,
    x: Image | ImageInfo,
    counter: AnyCounter,
    layout: Layout,
    title: str,
) -> PillowImage:
    """The drawn picture on a page, with what it shows in words: above and below it, or beside one
    that is tall and narrow."""
    from PIL import Image as Pillow, ImageDraw as PillowDraw

    beside = seen.width < NARROW and seen.height > seen.width
    left = 2 * MARGIN + seen.width if beside else MARGIN
    width = left + (WORDS if beside else max(seen.width, WORDS)) + MARGIN
    room = width - left - MARGIN
    head = f"{title or counter.name}: {counter.count(x):,} tokens"
    above = [(line, 28, INK, 36) for line in lines_of(head, 28, room)]
    above += [
        (line, 17, FAINT, 24) for line in lines_of(" · ".join(_facts(info_of(x), layout)), 17, room)
    ]
    below = [
        (line, 17, INK, 24) for step in counter.explain(x) for line in lines_of(step, 17, room)
    ]
    thumb = _thumbnail(image, layout)
    picture = 22 if beside else 36 + sum(tall for *_, tall in above)
    words = picture + seen.height + 14 if not beside else 36 + sum(tall for *_, tall in above)
    end = words + 24 * (len(below) + 1) + (thumb.height + 40 if thumb is not None else 0)
    page = Pillow.new("RGB", (width, max(end + 20, picture + seen.height + 34)), PAGE)
    pen = PillowDraw.Draw(page)
    page.paste(seen, (MARGIN, picture))
    for y, lines in ((22, above), (words, below)):
        for line, size, color, tall in lines:
            pen.text((left, y), line, font=font(size), fill=color)
            y += tall
    if thumb is not None:
        y = words + 24 * len(below)
        pen.text((left, y + 8), "and the overview", font=font(17), fill=FAINT)
        page.paste(thumb, (left, y + 34))
    return page


def _facts(info: ImageInfo, layout: Layout) -> list[str]:
    left, top, right, bottom = layout.picture
    words = [f"sent {info.width} x {info.height}", f"seen {right - left} x {bottom - top}"]
    if layout.picture != (0, 0, *layout.canvas):
        words.append(f"padded to {layout.canvas[0]} x {layout.canvas[1]} (dark)")
    if len(layout.tiles) > 1:
        words.append(f"{len(layout.tiles)} tiles")
    if layout.rows and layout.columns:
        words.append(f"{layout.rows} rows x {layout.columns} columns")
    if layout.crop is not None:
        words.append("cropped")
    return words


def _thumbnail(image: Image, layout: Layout) -> PillowImage | None:
    if layout.thumbnail is None:
        return None
    from PIL import Image as Pillow

    width, height = layout.thumbnail
    scale = min(1.0, 220 / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return picture(image).resize(size, Pillow.Resampling.BICUBIC)
