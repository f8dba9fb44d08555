"""What the page of HTML shows beside its numbers: overlays, frames, tokens, charts.

Read and drawn here, and only as much as is shown: a picture is decoded once for all its models, a
text encoded once a vocabulary. What cannot be drawn says why, and the page goes on without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from multitok.core.errors import MultitokError
from multitok.core.tokenizer import Sampled, Tokenizer
from multitok.counting.subject import STREAM_FROM, Subject
from multitok.report.counts import PIECES_SHOWN
from multitok.report.page import Cut, Picture, Section

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

OVERLAYS = 8
"""Models whose view of a picture is drawn; the sums of the others stand in words."""
LONGEST = 1080
"""Pixels of an overlay's longer side: twice the width of a card, for fine screens."""
SHEETS = 3
"""Models whose frames of a video are drawn."""
VOCABULARIES = 2
"""Different vocabularies that a text is shown in."""

Counters = Sequence[tuple[str, Any]]


def section(
    subject: Subject,
    document: Mapping[str, Any],
    counters: Counters,
    curve: tuple[str, Any] | None = None,
) -> Section:
    """One input of the page: its document, and what is drawn of it by these counters.

    A counter a row of the document, under the row's name; None where the row has no count. `curve`
    is the tokenizer, under its name, that a series or a motion is drawn with.
    """
    drawn: dict[str, Any] = {}
    try:
        if curve is not None and _has(subject):
            drawn["charts"] = _curves(subject, document, curve)
        elif subject.modality in _DRAWN and _has(subject):
            drawn = _DRAWN[subject.modality](subject, counters)
    except MultitokError as error:
        document = {**document, "notes": [*document.get("notes", ()), f"not drawn: {error}"]}
    return Section(document=document, names=[name for name, _ in counters], **drawn)


def _has(subject: Subject) -> bool:
    return subject.media is not None or subject.source is not None


def _image(subject: Subject, counters: Counters) -> dict[str, Any]:
    media = subject.content()
    return {"seen": [_seen(media, counter) for _, counter in counters[:OVERLAYS]]}


def _seen(image: Any, counter: Any) -> list[Picture] | str:
    """What the model sees with its grid; the overview too where there is one."""
    if counter is None:
        return ""
    from multitok.drawing.overlay import facts, marked, overview

    try:
        words = " · ".join(facts(image, counter)).replace(" x ", " × ")
        shown = [_picture(marked(image, counter, longest=LONGEST), words)]
        small = overview(image, counter)
    except MultitokError as error:
        return str(error)
    if small is not None:
        shown.append(_picture(small, "and the overview"))
    return shown


def _picture(drawn: PillowImage, caption: str) -> Picture:
    from PIL import features

    form = "webp" if features.check("webp") else "png"
    buffer = BytesIO()
    drawn.save(buffer, form, **({"quality": 84} if form == "webp" else {}))
    return Picture(buffer.getvalue(), form, drawn.size, caption)


def _video(subject: Subject, counters: Counters) -> dict[str, Any]:
    """The frames that each model is shown; the clip is read once a model, frame by frame."""
    from multitok.drawing.contact_sheet import sheet_of

    seen: list[list[Picture] | str] = []
    for name, counter in counters[:SHEETS]:
        try:
            sheet = sheet_of(subject, counter, title=name) if counter is not None else None
        except MultitokError as error:
            seen.append(str(error))
            continue
        named = isinstance(counter, Sampled)
        words = "the frames it is shown" if named else "a frame at each beat of its rate"
        seen.append([_picture(sheet, words)] if sheet is not None else "")
    return {"seen": seen}


def _text(subject: Subject, counters: Counters) -> dict[str, Any]:
    """The tokens of each vocabulary that is published, as far as people read."""
    from multitok.core.media import Text
    from multitok.modalities.text.pieces import pieces

    media = subject.content()
    cuts: dict[str, Cut] = {}
    for name, counter in counters:
        if not isinstance(counter, Tokenizer):
            continue  # a closed vocabulary is estimated: there are no tokens to show
        key = str(counter.config())
        if key in cuts or len(cuts) == VOCABULARIES:
            continue
        text = Text(media.text[:STREAM_FROM])  # tokens near its end differ, and are not shown
        encoded = counter.encode(text)
        tokens = len(encoded) if len(text.text) == len(media.text) else counter.count(media)
        shown = pieces(text, encoded)[:PIECES_SHOWN]
        left = tokens - sum(len(piece.ids) for piece in shown)
        cuts[key] = Cut(name, tokens, shown, left)
    return {"cuts": tuple(cuts.values())}


def _curves(subject: Subject, document: Mapping[str, Any], curve: tuple[str, Any]) -> list[Picture]:
    """The tokens over each channel with what comes back, and rate against distortion."""
    from multitok.counting.distortion import Distortion
    from multitok.drawing.charts import curves

    name, counter = curve
    over = curves.overlay(subject.content(), counter, title=name)
    drawn = [_picture(over, f"the tokens of {name}, and what comes back of them")]
    measured = [Distortion(**row) for row in document.get("distortion", ())]
    if len(measured) > 1:
        words = "bits against error: lower left is better"
        drawn.append(_picture(curves.rate(measured), words))
    return drawn


_DRAWN: Mapping[str, Callable[[Subject, Counters], dict[str, Any]]] = {
    "image": _image,
    "text": _text,
    "video": _video,
}
