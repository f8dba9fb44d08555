"""What stands beside the numbers of an inspection: overlays, frames, tokens, curves.

Read and drawn here, and only as much as is shown: a picture is decoded once for all its models, a
text encoded once a vocabulary. What cannot be drawn says why, and the rest goes on without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from multitok.core.errors import MediaError, MultitokError
from multitok.core.tokenizer import Sampled, Tokenizer

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

    from multitok.core.info import ImageInfo
    from multitok.core.media import Image
    from multitok.core.registry import AnyCounter
    from multitok.counting.inspection import Inspection, Tokenized
    from multitok.drawing.charts.axes import Track
    from multitok.drawing.charts.whole import Chart
    from multitok.drawing.patches import Patches

OVERLAYS = 8
"""Models whose view of a picture is drawn; the sums of the others stand in words."""
LONGEST = 1080
"""Pixels of an overlay's longer side: twice the width of a card, for fine screens."""
SHEETS = 3
"""Models whose frames of a video, or tokens of a sound, are drawn."""


class Picture(NamedTuple):
    """A drawing: its bytes in `form` (webp, png, svg), its size in pixels, what it shows, and where
    the tokens lie on it; of an SVG another for a page as wide as a phone, and what stands along its
    plots."""

    data: bytes
    form: str
    size: tuple[int, int]
    caption: str
    patches: Patches | None = None
    narrow: bytes = b""
    tracks: Sequence[Track] = ()


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was drawn of one input.

    seen     for the first rows, the overlays, or in words why there is none
    charts   pictures of the whole input
    texts    its tokens, a vocabulary each
    why      why nothing could be drawn
    """

    seen: Sequence[Sequence[Picture] | str] = ()
    charts: Sequence[Picture] = ()
    texts: Sequence[Tokenized] = ()
    why: str = ""


def figures_of(found: Inspection) -> Figures:
    """What can be drawn of an input, for the page of HTML."""
    draw = _DRAWN.get(found.subject.modality)
    if draw is None or not found.has_content:
        return Figures()
    try:
        return draw(found)
    except MultitokError as error:
        return Figures(why=str(error))


def overlay_of(found: Inspection) -> PillowImage:
    """Its patches, tiles, frames, bins or symbols over what the first model sees, on a page.

    >>> from multitok import inspect
    >>> overlay_of(inspect("samples/photo.jpg", models="gpt-4o")).mode
    'RGB'
    """
    if found.is_curves:
        from multitok.drawing.charts import curves

        name, counter = found.curve()
        return curves.overlay(found.medium, counter, title=name)
    if found.subject.modality == "video":
        from multitok.drawing.contact_sheet import sheet_of

        return sheet_of(found.subject, found.counter(), title=found.title).image
    if found.subject.modality in ("text", "pdf"):
        raise MediaError(
            "an overlay is drawn of a picture, a clip, a sound, a series or movement, not of"
            f" {found.subject.modality}. The tokens of a text: multitok inspect FILE -t o200k_base"
        )
    if found.subject.modality == "audio":
        from multitok.drawing import spectrogram

        return spectrogram.overlay(found.content(), found.counter(), title=found.title)
    from multitok.drawing.overlay import overlay

    image, whole = found.sketch()
    return overlay(image, found.counter(), title=found.title, whole=whole)


def rate_of(found: Inspection) -> PillowImage:
    """The rate-distortion picture of a series or a motion.

    >>> from multitok import inspect
    >>> rate_of(inspect("samples/sunspots.csv")).mode
    'RGB'
    """
    if not found.is_curves:
        raise MediaError(
            f"rate and distortion are drawn of series and movement, not of {found.subject.modality}"
        )
    from multitok.counting import distortion
    from multitok.drawing.charts import curves

    media, seen = found.medium, distortion.excerpt(found.medium)
    name = found.subject.probed.name if found.subject.probed is not None else ""
    if seen is not media:
        name += f" ({distortion.share_of(seen, media)})"
    return curves.rate(distortion.compare_tokenizers(seen), title=name)


def prepared_of(found: Inspection) -> PillowImage:
    """The picture as the model sees it, where its preprocessing is public.

    >>> from multitok import inspect
    >>> found = inspect("samples/photo.jpg", models="Qwen/Qwen2.5-VL-7B-Instruct")
    >>> prepared_of(found).size  # 600 x 400 to multiples of 28
    (588, 392)
    """
    counter = found.counter()
    if not isinstance(counter, Tokenizer):
        raise MediaError(
            f"{counter.name} only counts: what the model sees cannot be made."
            " An open model can: -m Qwen/Qwen2.5-VL-7B-Instruct"
        )
    from multitok.drawing.overlay import picture

    return picture(counter.prepare(found.content()))


def _images(found: Inspection) -> Figures:
    return Figures(
        seen=[
            _seen(*found.sketch(name), counter) if counter is not None else ""
            for name, counter in _counters(found, OVERLAYS)
        ]
    )


def _counters(found: Inspection, most: int) -> list[tuple[str, AnyCounter | None]]:
    """The rule of each of the first rows; None where it has no count."""
    return [
        (row.model, found.counter(row.model) if row.count is not None else None)
        for row in found.rows[:most]
    ]


def _seen(image: Image, whole: ImageInfo | None, counter: AnyCounter) -> list[Picture] | str:
    """What the model sees with its grid; the overview too where there is one."""
    from multitok.drawing.overlay import facts, marked, overview
    from multitok.drawing.patches import patches

    try:
        x = whole or image
        layout = counter.layout(x)
        if layout is None:
            return "Its rule counts a picture as a whole: there are no patches to draw."
        words = " · ".join(facts(x, counter)).replace(" x ", " × ")
        drawn = [_picture(marked(image, counter, longest=LONGEST, whole=whole), words)]
        small = overview(image, counter, whole=whole)
        if small is not None:
            drawn.append(_picture(small, "and the overview"))
        told = patches(x, counter, layout)
    except MultitokError as error:
        return str(error)
    return [picture._replace(patches=where) for picture, where in zip(drawn, told, strict=True)]


def _picture(drawn: PillowImage, caption: str) -> Picture:
    from PIL import features

    form = "webp" if features.check("webp") else "png"
    buffer = BytesIO()
    drawn.save(buffer, form, **({"quality": 84} if form == "webp" else {}))
    return Picture(buffer.getvalue(), form, drawn.size, caption)


def _each(found: Inspection, draw: Callable[[str, AnyCounter], Picture]) -> Figures:
    """A drawing for each of the first models, or in words why there is none."""
    seen: list[list[Picture] | str] = []
    for name, counter in _counters(found, SHEETS):
        try:
            seen.append([draw(name, counter)] if counter is not None else "")
        except MultitokError as error:
            seen.append(str(error))
    return Figures(seen=seen)


def _frames(found: Inspection) -> Figures:
    """The frames that each model is shown; the clip is read once a model, frame by frame."""
    from multitok.drawing.contact_sheet import sheet_of
    from multitok.drawing.patches import ids_of
    from multitok.modalities.video.plan import SampledVideo

    def sheet(name: str, counter: AnyCounter) -> Picture:
        drawn = sheet_of(found.subject, counter, title=name)
        says = isinstance(counter, Sampled | SampledVideo)
        words = "the frames it is shown" if says else "a frame at each beat of its rate"
        ids = ids_of(lambda: found.content(name), counter, drawn.patches.tokens)
        told = drawn.patches._replace(ids=ids if drawn.patches.tokens else ())
        return _picture(drawn.image, words)._replace(patches=told)

    return _each(found, sheet)


def _sounds(found: Inspection) -> Figures:
    """The spectrogram with each model's tokens under it."""
    from multitok.drawing import spectrogram
    from multitok.drawing.patches import ids_of

    def strips(name: str, counter: AnyCounter) -> Picture:
        drawn = spectrogram.strips(found.content(name), counter)
        ids = ids_of(lambda: found.content(name), counter, drawn.patches.tokens)
        words = f"{spectrogram.BANDS} · {drawn.raster.words}"
        return _picture(drawn.image, words)._replace(patches=drawn.patches._replace(ids=ids))

    return _each(found, strips)


def _texts(found: Inspection) -> Figures:
    return Figures(texts=found.tokenized)


def _curves(found: Inspection) -> Figures:
    """The tokens over each channel with what comes back, and rate against distortion."""
    from multitok.drawing.charts import curves

    name, counter = found.curve()
    over = curves.overlay_chart(found.medium, counter, title=name)
    charts = [_chart(over, f"the tokens of {name}, and what comes back of them")]
    if len(found.distortion) > 1:
        words = "bits against error: lower left is better"
        charts.append(_chart(curves.rate_chart(found.distortion), words))
    return Figures(charts=charts)


def _chart(drawn: Chart, caption: str) -> Picture:
    wide, narrow = (drawing.encode("utf-8") for drawing in drawn.drawings())
    return Picture(wide, "svg", drawn.size, caption, narrow=narrow, tracks=drawn.tracks())


_DRAWN: Mapping[str, Callable[[Inspection], Figures]] = {
    "image": _images,
    "text": _texts,
    "video": _frames,
    "audio": _sounds,
    "series": _curves,
    "actions": _curves,
}
