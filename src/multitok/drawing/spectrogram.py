"""A sound as its log-mel spectrogram, with the stretch of time that each token stands for."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from multitok.core.errors import MediaError
from multitok.core.info import AudioInfo
from multitok.drawing.paper import CELL, CELL_SHADOW, FAINT, FINEST, INK, PAGE, font, lines_of
from multitok.drawing.patches import Grid, Patches
from multitok.modalities.audio.coded.mdct_bpe import MdctBpeTokenizer
from multitok.modalities.audio.encoders import SpeechEncoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image as PillowImage
    from PIL.ImageDraw import ImageDraw

    from multitok.core.media import Audio
    from multitok.core.registry import AnyCounter

Counting: TypeAlias = "AnyCounter | Ended"

WIDTH = 1344
"""Pixels of a row."""
TALL = 160
"""Pixels of its spectrogram, two a band."""
RASTER = 14
"""Pixels of the strip of tokens below it."""
AXIS = 26
BANDS = "80 mel bands up to 8 kHz"
ROWS = 6
"""Rows that a drawing has at most: of a longer sound the beginning is drawn."""
SLOWEST = 10.0
"""Seconds of a row at least, where the sound is longer."""
WIDE = FINEST + 2
"""Pixels of a cell of the strip at least."""
APART = 12
"""Pixels of a cell from which on lines are drawn over the spectrogram: closer, they hide it."""
MARGIN = 28
GRAY = (118, 122, 132)
"""Read on a light page and on a dark one."""
EVEN, ODD = (37, 99, 191), (217, 85, 32)
_DARK_TO_LIGHT = (
    (0, 0, 4), (27, 12, 65), (74, 12, 107), (120, 28, 109), (165, 44, 96), (207, 68, 70),
    (237, 105, 37), (251, 155, 6), (247, 209, 61), (252, 255, 164),
)  # fmt: skip
"""From silence to the loudest, even steps of lightness: also told apart in gray."""


class Raster(NamedTuple):
    """Where tokens begin and end, in seconds; each cell stands for `each` of them."""

    edges: list[float]
    each: int

    @property
    def words(self) -> str:
        return f"each cell below is {'a token' if self.each == 1 else f'{self.each:,} tokens'}"


class Strips(NamedTuple):
    """The rows of a sound, the seconds of it that they cover, and its tokens under them."""

    image: PillowImage
    seconds: float
    raster: Raster
    patches: Patches


@dataclass(frozen=True)
class Ended:
    """Tokens of a sound that its content decides, by the sample with which each ends: a start of
    the sound has as many as have ended."""

    ends: list[int]

    def count(self, info: AudioInfo) -> int:
        return bisect_right(self.ends, info.samples)


def overlay(sound: Audio, counter: AnyCounter, *, title: str = "") -> PillowImage:
    """The spectrogram in rows of time, a strip of tokens under each, and the sum in words."""
    from PIL import Image as Pillow, ImageDraw as PillowDraw

    drawn, covered, raster, _ = strips(sound, counter, FAINT)
    tokens = counter.count(sound)
    whole = sound.info.duration
    facts = [f"{whole:.2f} s", f"{sound.sample_rate:,} Hz", BANDS]
    if covered < whole:
        facts.append(f"the first {covered:,.0f} s are drawn")
    facts.append(raster.words)
    heads = [
        (line, 28, INK, 36)
        for line in lines_of(f"{title or counter.name}: {tokens:,} tokens", 28, WIDTH)
    ]
    heads += [(line, 17, FAINT, 24) for line in lines_of(" · ".join(facts), 17, WIDTH)]
    steps = [line for step in counter.explain(sound) for line in lines_of(step, 17, WIDTH)]
    top = 22 + sum(tall for *_, tall in heads) + 14
    page = Pillow.new("RGB", (WIDTH + 2 * MARGIN, top + drawn.height + 24 * len(steps) + 34), PAGE)
    pen = PillowDraw.Draw(page)
    y = 22
    for line, size, color, tall in heads:
        pen.text((MARGIN, y), line, font=font(size), fill=color)
        y += tall
    page.paste(drawn, (MARGIN, top), drawn)
    y = top + drawn.height + 14
    for step in steps:
        pen.text((MARGIN, y), step, font=font(17), fill=INK)
        y += 24
    return page


def strips(sound: Audio, rule: AnyCounter, ink: tuple[int, int, int] = GRAY) -> Strips:
    """The rows alone, on nothing, so that they lie on any page."""
    from PIL import Image as Pillow, ImageDraw as PillowDraw

    counter: Counting = rule
    if isinstance(rule, MdctBpeTokenizer):
        counter = Ended(rule.ends(rule.encode(sound)).tolist())
    whole = sound.info.duration
    if not whole:
        raise MediaError("the sound is empty: there is nothing to draw")
    seconds = row_seconds(sound.info, counter)
    rows = min(ROWS, max(1, -int(-whole // seconds)))
    raster = raster_of(sound.info, counter, seconds)
    mel = _mel(sound, rows * seconds)
    page = Pillow.new("RGBA", (WIDTH, rows * (TALL + RASTER + AXIS)))
    lines = Pillow.new("RGBA", page.size)
    pen = PillowDraw.Draw(lines)
    for row in range(rows):
        start, top = row * seconds, row * (TALL + RASTER + AXIS)
        end = min(whole, start + seconds)
        wide = max(1, round(WIDTH * (end - start) / seconds))
        frames = slice(round(start * 100), max(round(start * 100) + 1, round(end * 100)))
        page.paste(_colored(mel[frames]).resize((wide, TALL)), (0, top))
        _tokens(pen, raster, start, end, seconds, top)
        _seconds(pen, start, end, seconds, top + TALL + RASTER, ink)
    told = _told(sound.info, counter, raster, seconds, rows)
    return Strips(Pillow.alpha_composite(page, lines), min(whole, rows * seconds), raster, told)


def _told(info: AudioInfo, counter: Counting, raster: Raster, seconds: float, rows: int) -> Patches:
    """A grid a row of those cells of which a part lies in it: of one that goes on in the next row
    the box goes on beyond the canvas."""
    grids = []
    for row in range(rows):
        start, top = row * seconds, row * (TALL + RASTER + AXIS)
        cells = [
            i for i, (left, right) in enumerate(pairwise(raster.edges))
            if right > start and left < start + seconds and right > left
        ]  # fmt: skip
        if not cells:
            continue
        edges = raster.edges[cells[0] : cells[-1] + 2]
        left, right = (round(WIDTH * (edge - start) / seconds) for edge in (edges[0], edges[-1]))
        samples = tuple(round(edge * info.sample_rate) for edge in edges)
        first = _before(counter) + cells[0] * raster.each
        box = (left, top, right, top + TALL + RASTER)
        grids.append(Grid(box, 1, len(cells), first, 0, samples))
    return Patches(
        (WIDTH, rows * (TALL + RASTER + AXIS)), tuple(grids), tokens=counter.count(info),
        each=raster.each, rate=info.sample_rate,
    )  # fmt: skip


def row_seconds(info: AudioInfo, counter: Counting) -> float:
    """Seconds of a row: as many as leave a token wide enough to be seen, rows of equal length."""
    heard = _end_of(_heard(info, counter), info, counter)
    rate = _heard(info, counter) / heard if heard else 0.0
    most = max(SLOWEST, WIDTH / (rate * WIDE) if rate else SLOWEST)
    rows = -int(-info.duration // most)
    return info.duration / max(1, rows) if rows <= ROWS else most


def raster_of(info: AudioInfo, counter: Counting, seconds: float) -> Raster:
    """The edges of tokens by the rule itself: each ends where it has another beginning counted.
    Where many come at once, as of a window of fixed length, they share the time until then."""
    shown = min(info.samples, round(ROWS * seconds * info.sample_rate))
    part = AudioInfo(shown, info.sample_rate)
    most, total = _heard(part, counter), _heard(info, counter)
    wide = WIDTH * _end_of(most, part, counter) / seconds
    each = max(1, -int(-most * WIDE // max(1.0, wide)))
    ends = [_end_of(min(token, total), info, counter) for token in range(each, most + each, each)]
    return Raster(_shared([0.0, *ends]), each)


def _heard(info: AudioInfo, counter: Counting) -> int:
    """Tokens that stand for the sound, without those around it."""
    return counter.count(info) - (len(counter.around) if isinstance(counter, SpeechEncoder) else 0)


def _before(counter: Counting) -> int:
    """Tokens before those of the sound: as many as behind it, one more where they are odd."""
    return -(-len(counter.around) // 2) if isinstance(counter, SpeechEncoder) else 0


def _end_of(tokens: int, info: AudioInfo, counter: Counting) -> float:
    """The second at which a token ends: of a rule that waits until it is full, where it is first
    counted; of one that begins it with its first sample, before the next one is counted."""
    rate = info.sample_rate
    first = _first(tokens, info, counter)
    if _heard(AudioInfo(1, rate), counter):
        have = _heard(AudioInfo(first, rate), counter)
        first = _first(have + 1, info, counter) - (have < _heard(info, counter))
    return first / rate


def _first(tokens: int, info: AudioInfo, counter: Counting) -> int:
    """Samples of the shortest beginning that has so many tokens; all where none has."""
    low, high = 0, info.samples
    while low < high:
        middle = (low + high) // 2
        if _heard(AudioInfo(middle, info.sample_rate), counter) >= tokens:
            high = middle
        else:
            low = middle + 1
    return low


def _shared(edges: list[float]) -> list[float]:
    """Tokens that end at one moment share the time since the one before."""
    found, place = edges[:1], 1
    while place < len(edges):
        last = place
        while last + 1 < len(edges) and edges[last + 1] == edges[place]:
            last += 1
        before, many = found[-1], last - place + 1
        step = (edges[place] - before) / many
        found += [before + step * (i + 1) for i in range(many)]
        place = last + 1
    return found


def _mel(sound: Audio, seconds: float) -> NDArray[np.float32]:
    """Log-mel values of the part that is drawn, 100 frames a second, in the range 0 to 1."""
    import numpy as np

    from multitok.core.media import Audio
    from multitok.modalities.audio.log_mel import LogMelTokenizer

    part = Audio(sound.samples[: round(seconds * sound.sample_rate)], sound.sample_rate)
    rule = LogMelTokenizer()
    values = rule.features(rule.prepare(part).samples[:, 0])
    if not len(values):
        return np.zeros((1, rule.bands), np.float32)
    low, high = float(values.min()), float(values.max())
    scaled: NDArray[np.float32] = (values - low) / ((high - low) or 1.0)
    return scaled


def _colored(mel: NDArray[np.float32]) -> PillowImage:
    """Time from left to right, the lowest band at the bottom."""
    import numpy as np
    from PIL import Image as Pillow

    colors = np.array(_DARK_TO_LIGHT, np.float64)
    at = np.clip(mel.T[::-1], 0, 1) * (len(colors) - 1)
    low = np.minimum(at.astype(np.int64), len(colors) - 2)
    share = (at - low)[..., None]
    mixed = colors[low] * (1 - share) + colors[low + 1] * share
    return Pillow.fromarray(np.rint(mixed).astype(np.uint8)).convert("RGBA")


def _tokens(
    pen: ImageDraw, raster: Raster, start: float, end: float, seconds: float, top: int
) -> None:
    """Cells in two colors below, and a hairline over the spectrogram at each edge."""

    def place(time: float) -> int:
        return round(WIDTH * (min(max(time, start), end) - start) / seconds)

    cells = len(raster.edges) - 1
    lines = cells and WIDTH * (raster.edges[-1] / cells) / seconds >= APART
    for i in range(cells):
        left, right = raster.edges[i], raster.edges[i + 1]
        if right <= start or left >= end:
            continue
        box = [place(left), top + TALL + 2, max(place(left), place(right) - 1), top + TALL + RASTER]
        pen.rectangle(box, fill=(EVEN, ODD)[i % 2])
        if lines and start < right < end:
            x = place(right)
            pen.line([(x + 1, top), (x + 1, top + TALL)], fill=CELL_SHADOW)
            pen.line([(x, top), (x, top + TALL)], fill=CELL)


def _seconds(
    pen: ImageDraw, start: float, end: float, seconds: float, top: int, ink: tuple[int, int, int]
) -> None:
    """Round seconds under a row; words that would meet are left out."""
    step: Any = next((s for s in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60) if seconds / s <= 12), 300)
    number, right = -int(-start // step), -1.0
    while number * step <= end + 1e-9:
        text = f"{number * step:g} s"
        x = WIDTH * (number * step - start) / seconds
        wide = font(15).getlength(text)
        left = min(max(0.0, x - wide / 2), WIDTH - wide)
        if left > right:
            pen.text((left, top + 4), text, font=font(15), fill=ink)
            right = left + wide + 8
        number += 1
