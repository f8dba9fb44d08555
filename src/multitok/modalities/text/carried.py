"""Vocabularies of open models that splintr-rs (the `fast` extra) carries: the one seam to it.

`vocabularies/published.json` tells of each what the engine does not do: the Unicode form that the
published file puts a text into, and the added tokens that it finds in plain text ("<think>",
"<table>"). Both happen here, before the engine, in the order of the published file: added tokens
are found in the text as it is, and what lies between them is normalized. Special tokens
("<|im_start|>") spelled out in a text are plain text: the engine runs in its ordinary mode.

`held` names the published file that gave the same ids (oracle/test_vocabularies.py); None where no
file was at hand to compare with. Nothing of a vocabulary itself ships with multitok.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from multitok.core.counts import Kind
from multitok.core.errors import MissingDependencyError, UnknownNameError
from multitok.core.extras import install, installed
from multitok.modalities.text import stream
from multitok.modalities.text.backend import CLEAR_AFTER, without_surrogates
from multitok.modalities.text.vocabulary import packaged

Part = tuple[list[int], str]
"""Ids, and the text they stand for as the engine saw it."""


@dataclass(frozen=True, eq=False)
class Carried:
    """A vocabulary by the name multitok has for it; `engine` is splintr's."""

    name: str
    engine: str
    models: str
    family: Literal["byte-level", "sentencepiece"]
    held: str | None
    form: Literal["NFC"] | None = None
    prefix: bool = False
    """A space is put before the text, as SentencePiece does unless it is told not to."""
    added: Mapping[str, int] = field(default_factory=dict)
    unused: tuple[tuple[int, int, int], ...] = ()
    """`<unused0>` and on: the number of the first, its id, and how many follow each other."""

    @property
    def at_hand(self) -> bool:
        """Whether the engine is installed: each release that `fast` allows has all of them."""
        return installed("splintr")

    @property
    def kind(self) -> Kind:
        """Exact where a published file gave the same ids."""
        return "exact" if self.held else "documented"

    @property
    def size(self) -> int:
        """Ids of the published vocabulary; above them the engine has tokens of its own."""
        import splintr

        return int(splintr.base_vocab_size(self.engine))

    @property
    def ids_below(self) -> int:
        """What every id lies below: added tokens may stand above the vocabulary."""
        return max(self.size, *(i + 1 for i in _added(self.name)[1].values()), 0)

    @property
    def cut(self) -> stream.Cut:
        """Where a text may be cut so that the tokens of its parts add up."""
        if self.family == "byte-level":
            return stream.cut_before_space
        return stream.cut_between_words

    def parts(self, text: str, *, begins: bool = True) -> Iterator[Part]:
        """The ids of a text, its added tokens each alone.

        `begins` is False for a window that follows another: it begins with a space, which the
        engine would put there itself where the vocabulary has a `prefix`.
        """
        encode = _encoder(self.engine)
        text = without_surrogates(text) if not text.isascii() else text
        _, ids = _added(self.name)
        for piece in _split(self.name, text):
            seen = self.seen(piece)
            if piece in ids:
                yield [ids[piece]], seen
            elif piece:
                yield encode(seen[1:] if self.prefix and not begins else seen), seen

    def seen(self, text: str) -> str:
        """The text as the vocabulary knows it: SentencePiece writes a space as U+2581, and so does
        not tell the two apart."""
        if self.family == "sentencepiece":
            return text.replace("\u2581", " ")
        return unicodedata.normalize(self.form, text) if self.form else text

    def special_id(self, token: str) -> int | None:
        """The id of an added token, or of a special one of the published vocabulary."""
        found = _added(self.name)[1].get(token)
        if found is None:
            found = _engine(self.engine).special_token_id(token)
            found = found if found is not None and found < self.size else None
        return found

    def token_bytes(self, i: int) -> bytes | None:
        """The bytes of a token; None where the vocabulary has no such id."""
        found = _names(self.name).get(i)
        if found is None:
            try:
                found = _engine(self.engine).decode_token_bytes(i) if 0 <= i < self.size else None
            except ValueError:  # a reserved id
                return None
        if found is not None and self.family == "sentencepiece":
            return bytes(found.replace(b"\xe2\x96\x81", b" "))
        return found


@cache
def index() -> Mapping[str, Carried]:
    """Every vocabulary that can be named, whether or not the engine is installed."""
    rows = json.loads(packaged("published.json"))
    return {name: Carried(name=name, **row) for name, row in rows.items()}


def carried(name: str) -> Carried:
    """The vocabulary of this name, or UnknownNameError with the nearest there is."""
    if name not in index():
        raise UnknownNameError.of(
            "vocabulary", name, index(), f"Published ones: {', '.join(index())}"
        )
    return index()[name]


@cache
def _engine(engine: str) -> Any:
    import splintr

    try:
        return splintr.Tokenizer.from_pretrained(engine)
    except ValueError:
        raise MissingDependencyError(
            f"the installed splintr-rs has no {engine}: {install('fast', anew=True)}",
            package="splintr-rs",
            extra="fast",
            purpose=engine,
        ) from None


@cache
def _encoder(engine: str) -> Callable[[str], list[int]]:
    """The engine's ordinary mode; its cache is emptied now and then, for it grows."""
    tokenizer = _engine(engine)
    encode: Callable[[str], list[int]] = tokenizer.encode_ordinary
    since_cleared = 0

    def encode_text(text: str) -> list[int]:
        nonlocal since_cleared
        since_cleared += len(text)
        if since_cleared > CLEAR_AFTER:
            with suppress(ValueError):  # most engines of SentencePiece's kind keep none
                tokenizer.clear_cache()
            since_cleared = 0
        return encode(text)

    return encode_text


@cache
def _added(name: str) -> tuple[re.Pattern[str] | None, Mapping[str, int]]:
    """A pattern that finds the added tokens, the longest first, and their ids."""
    vocabulary = index()[name]
    ids = dict(vocabulary.added)
    for number, first, times in vocabulary.unused:
        ids |= {f"<unused{number + i}>": first + i for i in range(times)}
    written = sorted(map(re.escape, vocabulary.added), key=len, reverse=True)
    written += ["<unused[0-9]+>"] if vocabulary.unused else []
    return (re.compile("|".join(written)) if ids else None), ids


def _split(name: str, text: str) -> Iterator[str]:
    """The text cut around its added tokens."""
    pattern, ids = _added(name)
    start = 0
    for match in pattern.finditer(text) if pattern else ():
        if match[0] in ids:  # <unused99999> is none
            yield text[start : match.start()]
            yield match[0]
            start = match.end()
    yield text[start:]


@cache
def _names(name: str) -> Mapping[int, bytes]:
    """The added tokens by id."""
    return {i: token.encode() for token, i in _added(name)[1].items()}
