"""What models make of one input: counts, sums in words, tokens, and what is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

from multitok.core.notebook import Displayed
from multitok.core.tokenizer import Tokenizer, Trainable
from multitok.counting.comparison import Row, priced, row_for
from multitok.counting.door import count_subject, explain
from multitok.counting.ranges import ranged
from multitok.counting.rules import (
    Resolved,
    default_models,
    files_of,
    modalities_of,
    resolve,
    several,
)
from multitok.counting.subject import STREAM_FROM, Subject, subject_of
from multitok.loaders.probed import ReadWords

if TYPE_CHECKING:
    from multitok.core.errors import UnexpectedError
    from multitok.core.info import ImageInfo, Modality
    from multitok.core.media import Image
    from multitok.core.registry import AnyCounter
    from multitok.counting.distortion import Distortion
    from multitok.counting.picture_distortion import PictureDistortion
    from multitok.counting.sound_distortion import SoundDistortion
    from multitok.modalities.text.pieces import Piece

CURVES: Mapping[str, tuple[str, str]] = {
    "series": ("chronos", "chronos"),
    "actions": ("action-bins, q01..q99", "action-bins"),
}
"""Modalities drawn as curves, with the label and the name of the tokenizer that shows them."""

PIECES = 2000
"""Tokens of a text that are looked at one by one; a longer text is shown as far as that."""
VOCABULARIES = 2
"""Different vocabularies that a text is shown in."""


class Tokenized(NamedTuple):
    """A text as one vocabulary reads it: its first pieces, and how many tokens are left out."""

    name: str
    tokens: int
    pieces: Sequence[Piece]
    left: int = 0


@dataclass(frozen=True, kw_only=True, repr=False)
class Inspection(Displayed):
    """One input through the models that were named, or one tokenizer, or the usual models.

    Everything is worked out when it is asked for, and once.
    """

    subject: Subject
    models: tuple[str, ...] = ()
    tokenizer: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """<Inspection of ImageInfo(width=600, height=400) by 'gpt-4o', 'gpt-5.4'>"""
        by = ", ".join(map(repr, (self.tokenizer,) if self.tokenizer else self.names))
        return f"<Inspection of {self.subject.info!r} by {by}>"

    @property
    def named(self) -> bool:
        """Whether somebody said what to count with: options are meant for that alone."""
        return bool(self.models or self.tokenizer)

    @property
    def names(self) -> tuple[str, ...]:
        """The models."""
        return self.models or default_models(self.subject.modality, self.files)

    @property
    def has_content(self) -> bool:
        return self.subject.media is not None or self.subject.source is not None

    @property
    def is_curves(self) -> bool:
        """Whether it is drawn as curves, and loses something when it is tokenized."""
        return self.subject.modality in CURVES

    @cached_property
    def rows(self) -> list[Row]:
        """A count a model with what its tokens cost, or why there is none."""
        options, subject = self.options if self.named else {}, self.subject
        if self.is_curves and self.has_content:  # it is read to be drawn, and tells what is clipped
            subject = subject._replace(media=self.medium)
        if self.tokenizer is None:
            return [priced(row_for(subject, name, options, self.files)) for name in self.names]
        counted = count_subject(
            subject, tokenizer=self.tokenizer, options=options, files=self.files
        )
        return [Row(self.tokenizer, counted)]

    def unexpected(self) -> list[UnexpectedError]:
        """What went wrong in rows that nobody foresaw."""
        return [row.error for row in self.rows if row.error is not None]

    def steps(self, row: Row) -> list[str]:
        """The sum of a row worked in words."""
        if row.count is None:
            return []
        options = self.options if self.named else {}
        return explain(row.count, options, self.files, self.tokenizer, self.subject)

    def counter(self, model: str | None = None) -> AnyCounter:
        """The rule of a model, of the first one when none is named, or of the tokenizer; of
        movement, in the range that it is numbered in."""
        rule = self._rule(model)
        return ranged(rule, self.medium)[0].counter if rule.unranged else rule.counter

    def _rule(self, model: str | None) -> Resolved:
        first = model or (self.names[0] if self.names else None)
        return resolve(
            self.subject.modality,
            model=None if self.tokenizer else first,
            tokenizer=self.tokenizer,
            options=self.options if self.named else {},
            files=self.files,
        )

    def content(self, model: str | None = None) -> Any:
        """The medium as that model's runtime reads it: a picture upright, or as it is stored."""
        return self._as_stored if self._rule(model).stored else self.medium

    def sketch(self, model: str | None = None) -> tuple[Image, ImageInfo | None]:
        """What is drawn of a picture: its content; of a huge one, where the rule asks for no
        pixels, those by a fraction of its sides, and the shape that it has."""
        from multitok.modalities.image.rule import needs_pixels

        stored = self._rule(model).stored
        subject = self.subject.as_stored() if stored else self.subject
        if not subject.is_huge or needs_pixels(self.counter(model)):
            return self.content(model), None
        info: Any = subject.info
        return (self._sketch_as_stored if stored else self._sketch), info

    @cached_property
    def _sketch(self) -> Any:
        return self.subject.sketch()

    @cached_property
    def _sketch_as_stored(self) -> Any:
        return self.subject.as_stored().sketch()

    @cached_property
    def medium(self) -> Any:
        """The content, read once."""
        return self.subject.content()

    @cached_property
    def _as_stored(self) -> Any:
        return self.subject.as_stored().content()

    @property
    def title(self) -> str:
        """What `counter()` is called."""
        return self.tokenizer or (self.names[0] if self.names else "")

    def curve(self) -> tuple[str, AnyCounter]:
        """What shows a series or a motion: what was named, else the usual tokenizer, its range
        fitted to the input as in the table of errors."""
        if self.named:
            return self.title, self.counter()
        label, name = CURVES[self.subject.modality]
        counter = resolve(self.subject.modality, tokenizer=name).counter
        if isinstance(counter, Trainable):
            counter = counter.trained([self.medium])
        return label, counter

    @cached_property
    def distortion(self) -> list[Distortion]:
        """What each way to tokenize a series or a motion costs, and how far off it comes back, of
        its `excerpt`."""
        from multitok.counting import distortion

        if self.tokenizer is None:
            return distortion.compare_tokenizers(self.excerpt)
        counter: Any = self.counter()
        return [distortion.reconstruction_error(counter, self.excerpt, self.tokenizer)]

    @cached_property
    def excerpt(self) -> Any:
        """The part of a series or a motion that `distortion` is of; one tokenizer that is named
        may know its channels, and gets them all."""
        from multitok.counting import distortion

        return distortion.excerpt(self.medium, all_channels=self.tokenizer is not None)

    @cached_property
    def picture_distortion(self) -> list[PictureDistortion]:
        """What ways to write a picture as tokens cost, and how far off it comes back, where a
        tokenizer of pictures is named that gives ids; else none, and no pixel is decoded."""
        if self.subject.modality != "image" or self.tokenizer is None or not self.has_content:
            return []
        counter = self.counter()
        if not isinstance(counter, Tokenizer) or counter.codes is None:
            return []
        from multitok.counting.picture_distortion import compare_pictures, excerpt

        return compare_pictures(excerpt(self.content()), counter)

    @cached_property
    def sound_distortion(self) -> list[SoundDistortion]:
        """The same of a sound, where a tokenizer is named that gives ids; else none, and nothing
        is decoded."""
        if self.subject.modality != "audio" or self.tokenizer is None or not self.has_content:
            return []
        counter = self.counter()
        if not isinstance(counter, Tokenizer) or counter.codes is None:
            return []
        from multitok.counting.sound_distortion import compare_sounds, excerpt

        sound = excerpt(self.content())
        return compare_sounds(sound, counter) if len(sound.samples) else []

    @cached_property
    def tokenized(self) -> list[Tokenized]:
        """The text in each vocabulary that is published, as far as people read: a closed one is
        estimated, and has no tokens to show."""
        if self.subject.modality != "text" or not self.has_content:
            return []
        found: dict[str, Tokenized] = {}
        for row in self.rows:
            if row.count is None or len(found) == VOCABULARIES:
                continue
            counter = self.counter(row.model)
            if isinstance(counter, Tokenizer) and (config := str(counter.config())) not in found:
                text = self.medium
                found[config] = _tokenized(row.model, row.count.tokens, counter, text)
        return list(found.values())


def inspect(
    source: Any,
    *,
    models: str | Sequence[str] = (),
    tokenizer: str | None = None,
    modality: Modality | None = None,
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
    **read: Unpack[ReadWords],
) -> Inspection:
    """What a source is, and what models make of it: the models named, one tokenizer, or the usual.

    The other arguments are those of `count`. `rows` are the counts with their costs, `steps(row)`
    the sum of one in words, `tokenized` shows a text by its tokens, `distortion` what each
    tokenizer of a series or a motion loses. `subject` is the source with its header's facts.

    >>> from multitok.core.info import ImageInfo
    >>> found = inspect(ImageInfo(600, 400), models="gpt-4o")
    >>> found.steps(found.rows[0])[-1]
    '85 + 2 x 170 = 425 tokens'
    """
    files = files_of(catalog)
    names = several(models, "models", "gpt-4o")
    takes = modalities_of(names, tokenizer, files, [source])
    return Inspection(
        subject=subject_of(source, modality, takes=takes, **read),
        models=names,
        tokenizer=tokenizer,
        options=options or {},
        files=files,
    )


def _tokenized(name: str, tokens: int, counter: Tokenizer[Any, Any], text: Any) -> Tokenized:
    from multitok.core.media import Text
    from multitok.modalities.text.pieces import pieces

    head = Text(text.text[:STREAM_FROM])  # tokens near its end differ, and are not shown
    listed = pieces(head, counter.encode(head))[:PIECES]
    return Tokenized(name, tokens, listed, tokens - sum(len(piece.ids) for piece in listed))
