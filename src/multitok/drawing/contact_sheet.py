"""A contact sheet: the frames a model is shown, with their times, on one page.

Frames that are encoded as one group stand together, and the grid of the tokens lies over the first
frame. Pillow only; gives an image and writes nothing. Frames come one by one and are kept small, so
a long clip needs no more memory than the page.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, sqrt
from typing import TYPE_CHECKING, NamedTuple

from multitok.core.errors import MediaError
from multitok.core.info import VideoInfo
from multitok.core.tokenizer import Sampled
from multitok.drawing.frames_told import Shown, frames_told
from multitok.drawing.paper import FAINT, INK, PAGE, draw_grid, font, lines_of
from multitok.loaders.clips.frames import by_rate
from multitok.modalities.video.per_second import VideoRateCounter
from multitok.modalities.video.plan import SampledVideo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image as PillowImage
    from PIL.ImageDraw import ImageDraw

    from multitok.core.registry import AnyCounter
    from multitok.counting.subject import Subject
    from multitok.drawing.patches import Patches

LINE = (214, 212, 204)
PANEL = (234, 232, 224)
"""Behind the frames of a group."""
MARGIN = 36
GAP = 18
NEAR = 6
"""Pixels between the frames of a group, and of its panel around them."""
LABEL = 30
HEAD = 104
NARROWEST, WIDEST = 520, 1400
"""Pixels of the page: fits a screen."""
TITLE, WORDS = 28, 17
"""Sizes of the heading's type."""
MOST = 64
"""Frames on a page; of more, every so-manieth is drawn and the page says so."""
LARGEST_GROUP = 8
"""Frames of a group that still stand in one row."""


class Drawn(NamedTuple):
    """A sheet, and where the tokens of each frame lie on it."""

    image: PillowImage
    patches: Patches


class _Sheet(NamedTuple):
    """Where frames stand: `per` of them in a group, groups in columns, each frame in a cell."""

    per: int
    columns: int
    cell: tuple[int, int]

    @property
    def group(self) -> int:
        """Pixels of a group's width."""
        return self.per * self.cell[0] + (self.per - 1) * NEAR

    @property
    def width(self) -> int:
        """Pixels of the page's width."""
        return max(2 * MARGIN + self.columns * self.group + (self.columns - 1) * GAP, NARROWEST)

    def height(self, frames: int, head: int) -> int:
        """Pixels of the page's height."""
        rows = ceil(ceil(frames / self.per) / self.columns)
        return head + rows * (self.cell[1] + LABEL + GAP) + MARGIN

    def corner(self, place: int, head: int) -> tuple[int, int]:
        """Left and top of the frame that stands at a place of the page."""
        group, number = divmod(place, self.per)
        row, column = divmod(group, self.columns)
        left = MARGIN + column * (self.group + GAP) + number * (self.cell[0] + NEAR)
        return left, head + row * (self.cell[1] + LABEL + GAP)


def contact_sheet(
    frames: Iterable[tuple[float, NDArray[np.uint8]]],
    counter: AnyCounter,
    info: VideoInfo,
    *,
    title: str = "",
) -> Drawn:
    """The sampled frames at the shape the model sees, each with its seconds.

    frames    (seconds, pixels) of the frames the rule samples, in order: a video's, or those of
              `multitok.frames`, one at a time
    counter   the rule; its count and its words head the page
    """
    from PIL import Image as Pillow, ImageDraw as PillowDraw

    total = counter.frames_seen(info) or info.frames
    per, grid = _grouping(counter, info, total)
    chosen = _spread(total, per)
    seen = counter.size_seen(info) or (info.width, info.height)
    sheet = _sheet(len(chosen), per, seen)
    heading = _heading(counter, info, title, total, len(chosen), sheet.width)
    head = HEAD + _more(heading)
    size = sheet.width, sheet.height(len(chosen), head)
    page = Pillow.new("RGB", size, PAGE)
    pen = PillowDraw.Draw(page)
    _draw_heading(pen, heading)
    placed: list[Shown] = []
    for number, (seconds, pixels) in enumerate(frames):
        if number not in chosen:
            continue
        place = len(placed)
        left, top = sheet.corner(place, head)
        if per > 1 and place % per == 0:
            _panel(pen, sheet, left, top)
        picture = _drawn(Pillow.fromarray(_seen(counter, pixels, info)), sheet.cell)
        page.paste(picture if place else _ruled(picture, grid), (left, top))
        pen.rectangle([left - 1, top - 1, left + sheet.cell[0], top + sheet.cell[1]], outline=LINE)
        _label(pen, left, top + sheet.cell[1] + 7, sheet.cell[0], number, seconds)
        box = (left, top, left + sheet.cell[0], top + sheet.cell[1])
        placed.append(Shown(box, number, seconds))
    if not placed:
        raise MediaError("a contact sheet needs at least one frame")
    return Drawn(page, frames_told(placed, counter, info, size))


def sheet_of(subject: Subject, counter: AnyCounter, *, title: str = "") -> Drawn:
    """The contact sheet of a probed clip, its frames read one by one.

    A rule that names its frames is shown those; one that only has a rate, a frame at each beat.
    """
    info = subject.info
    if not isinstance(info, VideoInfo):
        raise MediaError(f"a contact sheet is of a video, got {subject.modality}")
    indices, rate = None, _rate(counter, info)
    if isinstance(counter, Sampled | SampledVideo):
        indices = counter.frame_indices(info)
    if subject.media is not None:
        media = subject.media
        chosen = range(len(media.frames)) if indices is None else indices
        shown = ((float(media.timestamps[i]), media.frames[i]) for i in chosen)
        beats = shown if rate is None else by_rate(shown, rate, lambda frame: frame[0])
        return contact_sheet(beats, counter, info, title=title)
    read = subject.frames(rate if indices is None else indices)
    return contact_sheet(((frame.time, frame.pixels) for frame in read), counter, info, title=title)


def _rate(counter: AnyCounter, info: VideoInfo) -> float | None:
    """Frames a second that are paid: not those of the rule where it has a least or a most."""
    if not isinstance(counter, VideoRateCounter):
        return None
    frames = counter.frames(info)
    bound = frames in (counter.min_frames, counter.max_frames) and info.duration > 0
    return frames / info.duration if bound else counter.fps


def _grouping(counter: AnyCounter, info: VideoInfo, total: int) -> tuple[int, tuple[int, int]]:
    """Frames of a group, rows and columns of its tokens; one and none where nobody tells."""
    if not isinstance(counter, SampledVideo):
        return 1, (0, 0)
    plan = counter.plan(info)
    per = min(plan.together, max(total, 1))
    return (per if per <= LARGEST_GROUP else 1), plan.grid


def _spread(total: int, per: int) -> set[int]:
    """Which frames are drawn: all, or groups of them evenly from the first to the last."""
    groups, shown = ceil(total / per), MOST // per
    if groups <= shown:
        return set(range(total))
    starts = (round(i * (groups - 1) / (shown - 1)) * per for i in range(shown))
    return {number for start in starts for number in range(start, min(start + per, total))}


def _sheet(frames: int, per: int, seen: tuple[int, int]) -> _Sheet:
    """About as wide as high, a few columns more where that fills the last row; frames at the shape
    the model sees, as large as the page allows."""
    groups, (wide, high) = ceil(frames / per), seen
    most = max(1, min(groups, 8 // per))
    least = max(1, min(most, ceil(sqrt(groups * 1.3 * high / (wide * per)))))
    choices = range(least, min(most, least + 3) + 1)
    columns = min(choices, key=lambda columns: (-groups % columns, columns))
    room = WIDEST - 2 * MARGIN - (columns - 1) * GAP - columns * (per - 1) * NEAR
    width = min(420, room // (columns * per))
    height = max(1, round(width * high / wide))
    if height > 2 * width:
        width, height = max(1, round(2 * width * wide / high)), 2 * width
    return _Sheet(per, columns, (width, height))


def _seen(counter: AnyCounter, pixels: NDArray[np.uint8], info: VideoInfo) -> NDArray[np.uint8]:
    """A frame as the encoder is fed it, cropped or padded too; as it is where nobody tells."""
    return counter.as_seen(pixels, info) if isinstance(counter, Sampled) else pixels


def _drawn(picture: PillowImage, cell: tuple[int, int]) -> PillowImage:
    from PIL import Image as Pillow

    return picture.resize(cell, Pillow.Resampling.LANCZOS)


def _ruled(picture: PillowImage, grid: tuple[int, int]) -> PillowImage:
    """The frame with the grid of a group's tokens over it."""
    from PIL import Image as Pillow, ImageDraw as PillowDraw

    lines = Pillow.new("RGBA", picture.size, (0, 0, 0, 0))
    draw_grid(PillowDraw.Draw(lines), *grid, picture.size)
    return Pillow.alpha_composite(picture.convert("RGBA"), lines).convert("RGB")


def _panel(pen: ImageDraw, sheet: _Sheet, left: int, top: int) -> None:
    """What holds the frames of a group together."""
    right, bottom = left + sheet.group, top + sheet.cell[1] + LABEL
    pen.rectangle([left - NEAR, top - NEAR, right + NEAR, bottom], fill=PANEL)


class _Heading(NamedTuple):
    """The lines of the title and of the facts below it."""

    title: list[str]
    facts: list[str]


def _heading(
    counter: AnyCounter, info: VideoInfo, title: str, total: int, shown: int, width: int
) -> _Heading:
    facts = [f"{total:,} of {info.frames:,} frames of {clock(info.duration)} at {info.fps:.5g} fps"]
    seen = counter.size_seen(info)
    if seen is not None:
        facts.append(f"{info.width} x {info.height} seen as {seen[0]} x {seen[1]}")
    per, (rows, columns) = _grouping(counter, info, total)
    if rows and columns:
        cells = f"{rows} rows x {columns} columns of tokens"
        facts.append(f"{cells} a group of {per} frames" if per > 1 else f"{cells} a frame")
    if shown < total:
        facts.append(f"{shown} of them drawn")
    head = f"{title or counter.name}: {counter.count(info):,} tokens"
    room = width - 2 * MARGIN
    return _Heading(lines_of(head, TITLE, room), _facts(facts, room))


def _facts(facts: list[str], room: int) -> list[str]:
    """The facts side by side, in as many lines as they need; none is torn if it fits in a line."""
    lines = [""]
    for fact in facts:
        joined = f"{lines[-1]}   {fact}" if lines[-1] else fact
        if font(WORDS).getlength(joined) <= room:
            lines[-1] = joined
        else:
            lines += lines_of(fact, WORDS, room)
    return [line for line in lines if line]


def _more(heading: _Heading) -> int:
    """Pixels that a heading of more than two lines needs beyond HEAD."""
    return (len(heading.title) - 1) * (TITLE + 8) + (len(heading.facts) - 1) * (WORDS + 7)


def _draw_heading(pen: ImageDraw, heading: _Heading) -> None:
    y = 24
    for line in heading.title:
        pen.text((MARGIN, y), line, font=font(TITLE), fill=INK)
        y += TITLE + 8
    y += 4
    for line in heading.facts:
        pen.text((MARGIN, y), line, font=font(WORDS), fill=FAINT)
        y += WORDS + 7


def _label(pen: ImageDraw, left: int, top: int, width: int, number: int, seconds: float) -> None:
    """The time under the frame on the left, its number on the right where both have room."""
    time, text = clock(seconds), f"{number + 1:,}"
    pen.text((left, top), time, font=font(16), fill=INK)
    wide = font(14).getlength(text)
    if font(16).getlength(time) + wide + 8 <= width:
        pen.text((left + width - wide, top + 2), text, font=font(14), fill=FAINT)


def clock(seconds: float) -> str:
    """Minutes and seconds to the hundredth; hours from one on.

    >>> clock(61.94), clock(3725.0), clock(0.48)
    ('1:01.94', '1:02:05.00', '0:00.48')
    """
    minutes, rest = divmod(round(seconds * 100), 6000)
    hours, minutes = divmod(minutes, 60)
    lead = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{lead}:{rest // 100:02d}.{rest % 100:02d}"
