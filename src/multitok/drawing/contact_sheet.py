"""A contact sheet: the frames a model is shown, with their times, on one page.

Pillow only; gives an image and writes nothing. Frames come one by one and are kept small, so a long
clip needs no more memory than the page.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, sqrt
from typing import TYPE_CHECKING

from multitok.core.errors import MediaError
from multitok.core.info import VideoInfo
from multitok.core.tokenizer import Sampled
from multitok.drawing.paper import FAINT, INK, PAGE, font
from multitok.modalities.video.per_second import VideoRateCounter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image as PillowImage
    from PIL.ImageDraw import ImageDraw

    from multitok.core.registry import AnyCounter
    from multitok.counting.subject import Subject

LINE = (214, 212, 204)
MARGIN = 36
GAP = 18
LABEL = 30
HEAD = 104
WIDEST = 1400
"""Pixels of the page: fits a screen."""
MOST = 64
"""Frames on a page; of more, every so-manieth is drawn and the page says so."""


def contact_sheet(
    frames: Iterable[tuple[float, NDArray[np.uint8]]],
    counter: AnyCounter,
    info: VideoInfo,
    *,
    title: str = "",
) -> PillowImage:
    """The sampled frames at the shape the model sees, each with its seconds.

    frames    (seconds, pixels) of the frames the rule samples, in order: a video's, or those of
              `multitok.frames`, one at a time
    counter   the rule; its count and its words head the page
    """
    from PIL import Image as Pillow, ImageDraw as PillowDraw

    total = counter.frames_seen(info) or info.frames
    seen = counter.size_seen(info)
    shown = min(total, MOST)
    columns = _columns(shown, info)
    cell = _cell(seen or (info.width, info.height), columns)
    chosen = _spread(total, shown)
    rows = ceil(shown / columns)
    width = 2 * MARGIN + columns * cell[0] + (columns - 1) * GAP
    page = Pillow.new(
        "RGB", (max(width, 520), HEAD + rows * (cell[1] + LABEL + GAP) + MARGIN), PAGE
    )
    pen = PillowDraw.Draw(page)
    _heading(pen, counter, info, title, total, shown, seen)
    place = 0
    for number, (seconds, pixels) in enumerate(frames):
        if number not in chosen:
            continue
        row, column = divmod(place, columns)
        left = MARGIN + column * (cell[0] + GAP)
        top = HEAD + row * (cell[1] + LABEL + GAP)
        picture = Pillow.fromarray(_seen(counter, pixels, info)).resize(
            cell, Pillow.Resampling.LANCZOS
        )
        page.paste(picture, (left, top))
        pen.rectangle([left - 1, top - 1, left + cell[0], top + cell[1]], outline=LINE)
        _label(pen, left, top + cell[1] + 7, cell[0], number, seconds)
        place += 1
    if not place:
        raise MediaError("a contact sheet needs at least one frame")
    return page


def sheet_of(subject: Subject, counter: AnyCounter, *, title: str = "") -> PillowImage:
    """The contact sheet of a probed clip, its frames read one by one.

    A rule that names its frames is shown those; one that only has a rate, a frame at each beat.
    """

    info = subject.info
    if not isinstance(info, VideoInfo):
        raise MediaError(f"a contact sheet is of a video, got {subject.modality}")
    indices = counter.frame_indices(info) if isinstance(counter, Sampled) else None
    rate = counter.fps if isinstance(counter, VideoRateCounter) else None
    sampling = rate if indices is None else indices
    if subject.media is not None:
        media = subject.media
        chosen = range(len(media.frames)) if indices is None else indices
        shown = ((float(media.timestamps[i]), media.frames[i]) for i in chosen)
        return contact_sheet(shown, counter, info, title=title)
    read = subject.frames(sampling)
    return contact_sheet(((frame.time, frame.pixels) for frame in read), counter, info, title=title)


def _columns(shown: int, info: VideoInfo) -> int:
    """About as many that the page is as wide as high; a few more where that fills the last row."""
    least = max(1, min(shown, 8, ceil(sqrt(shown * 1.3 * info.height / info.width))))
    choices = range(least, min(shown, 8, least + 3) + 1)
    return min(choices, key=lambda columns: (-shown % columns, columns))


def _seen(counter: AnyCounter, pixels: NDArray[np.uint8], info: VideoInfo) -> NDArray[np.uint8]:
    """A frame as the encoder is fed it, cropped or padded too; as it is where nobody tells."""
    return counter.as_seen(pixels, info) if isinstance(counter, Sampled) else pixels


def _cell(seen: tuple[int, int], columns: int) -> tuple[int, int]:
    """Width and height of a drawn frame: the shape the model sees, as large as the page allows."""
    wide, high = seen
    width = min(420, (WIDEST - 2 * MARGIN - (columns - 1) * GAP) // columns)
    height = max(1, round(width * high / wide))
    if height > 2 * width:
        width, height = max(1, round(2 * width * wide / high)), 2 * width
    return width, height


def _spread(total: int, shown: int) -> set[int]:
    """Which frames are drawn: all, or evenly from the first to the last."""
    if shown == total:
        return set(range(total))
    return {round(i * (total - 1) / (shown - 1)) for i in range(shown)}


def _heading(
    pen: ImageDraw,
    counter: AnyCounter,
    info: VideoInfo,
    title: str,
    total: int,
    shown: int,
    seen: tuple[int, int] | None,
) -> None:
    pen.text(
        (MARGIN, 24),
        f"{title or counter.name}: {counter.count(info):,} tokens",
        font=font(28),
        fill=INK,
    )
    facts = [f"{total} of {info.frames} frames of {clock(info.duration)}"]
    if seen is not None:
        wide, high = seen
        facts.append(f"{info.width} x {info.height} seen as {wide} x {high}")
    if shown < total:
        facts.append(f"{shown} of them drawn")
    pen.text((MARGIN, 64), "   ".join(facts), font=font(17), fill=FAINT)


def _label(pen: ImageDraw, left: int, top: int, width: int, number: int, seconds: float) -> None:
    """The time under the frame on the left, its number on the right."""
    pen.text((left, top), clock(seconds), font=font(16), fill=INK)
    text = f"{number + 1}"
    wide = pen.textlength(text, font=font(14))
    if width > 90:
        pen.text((left + width - wide, top + 2), text, font=font(14), fill=FAINT)


def clock(seconds: float) -> str:
    """Minutes and seconds to the tenth; hours from one on.

    >>> clock(61.94), clock(3725.0)
    ('1:01.9', '1:02:05.0')
    """
    tenths = int(seconds * 10 + 1e-6)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    lead = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{lead}:{rest // 10:02d}.{rest % 10}"
