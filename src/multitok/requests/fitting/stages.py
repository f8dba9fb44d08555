"""The kinds of changes, each a stage with levels from 0, nothing, to the severest.

A level is one for all of a kind (tokens of a picture, characters of a text, pages of a PDF), so the
dearest and the longest give way first. It is a few edits of the payload.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from multitok.core.info import plural
from multitok.requests.fitting.clips import LEAST_RATE, Clip
from multitok.requests.fitting.documents import LEAST_TEXT, MARK, Document, shortened
from multitok.requests.fitting.edits import Edit
from multitok.requests.fitting.pdfs import PdfFile
from multitok.requests.fitting.pictures import Picture
from multitok.requests.fitting.places import Place
from multitok.requests.fitting.turns import Conversation


class Stage(Protocol):
    """One kind of change, in `levels` steps."""

    @property
    def levels(self) -> int: ...

    def edits(self, level: int) -> Iterator[Edit]: ...


@dataclass(frozen=True)
class Pictures:
    """Each picture at the largest size that costs at most so many tokens."""

    pictures: Sequence[Picture]

    @cached_property
    def limits(self) -> list[int]:
        """Tokens of a picture, the mildest limit first."""
        found = {choice.tokens for picture in self.pictures for choice in picture.choices}
        return sorted(found, reverse=True)

    @property
    def levels(self) -> int:
        return len(self.limits)

    def edits(self, level: int) -> Iterator[Edit]:
        for picture in self.pictures if level else ():
            choice = picture.within(self.limits[level - 1])
            if choice is not None:
                yield from picture.edits(choice)


@dataclass(frozen=True)
class Texts:
    """Each text that was brought along within so many characters."""

    documents: Sequence[Document]

    @cached_property
    def longest(self) -> int:
        return max((len(one.text) for one in self.documents), default=LEAST_TEXT)

    @property
    def levels(self) -> int:
        return self.longest - LEAST_TEXT

    def edits(self, level: int) -> Iterator[Edit]:
        length = self.longest - level
        for one in self.documents:
            kept = shortened(one.text, length)
            if kept is not one.text:
                was = f"{len(one.text):,} characters"
                now = f"its first {len(kept) - len(MARK):,}"
                yield Edit(one.place, one.value(kept), one.path, one.what, was, now)


@dataclass(frozen=True)
class Pages:
    """Each PDF within so many pages."""

    files: Sequence[PdfFile]

    @cached_property
    def most(self) -> int:
        return max((one.pages for one in self.files), default=1)

    @property
    def levels(self) -> int:
        return self.most - 1

    def edits(self, level: int) -> Iterator[Edit]:
        pages = self.most - level
        for one in self.files:
            if one.pages > pages:
                words = (one.path, "pdf", plural(one.pages, "page"), f"its first {pages:,}")
                yield Edit(one.place, one.first(pages), *words)


@dataclass(frozen=True)
class Rates:
    """Each clip at so many frames a second, halved from level to level."""

    clips: Sequence[Clip]

    @cached_property
    def rates(self) -> list[float]:
        rate, found = max((clip.fps for clip in self.clips), default=0.0) / 2, []
        while rate >= LEAST_RATE:
            found.append(rate)
            rate /= 2
        return found

    @property
    def levels(self) -> int:
        return len(self.rates)

    def edits(self, level: int) -> Iterator[Edit]:
        for clip in self.clips if level else ():
            rate = self.rates[level - 1]
            if clip.fps > rate:
                words = (clip.path, "video", f"{clip.fps:g} fps", f"{rate:g} fps")
                yield Edit(clip.place, rate, *words)


@dataclass(frozen=True)
class Resolution:
    """The word of a Gemini request for all its media, and the lower ones that the model knows."""

    place: Place
    was: str
    words: Sequence[str]

    @property
    def levels(self) -> int:
        return len(self.words)

    def edits(self, level: int) -> Iterator[Edit]:
        if level:
            word, path = self.words[level - 1], ".".join(map(str, self.place))
            value = f"MEDIA_RESOLUTION_{word.upper()}"
            yield Edit(self.place, value, path, "media", f"resolution {self.was}", word)


@dataclass(frozen=True)
class Turns:
    """The oldest turns. What goes is no edit of a place: `cut` is the first message that stays."""

    conversation: Conversation

    @property
    def levels(self) -> int:
        return len(self.conversation.cuts)

    def cut(self, level: int) -> int:
        return self.conversation.cuts[level - 1] if level else 0

    def edits(self, level: int) -> Iterator[Edit]:
        yield from ()
