"""Words and punctuation as people know them, one token each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.counts import StreamCount
from multitok.core.info import TextInfo, info_of
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.text.content import text_of
from multitok.modalities.text.spans import decode_parts, encode_parts
from multitok.modalities.text.stream import count_windows, cut_before_space

if TYPE_CHECKING:
    from multitok.core.media import Text
    from multitok.core.sequence import TokenSequence

_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]{128,}")


@dataclass(frozen=True, kw_only=True)
class WordsTokenizer(Tokenizer["Text", TextInfo]):
    """Words, numbers, punctuation marks and symbols, each a token; white space separates.

    "can't", "3.14", "1,000" and "example.com" are one token each, "well-known" is three, every
    punctuation mark its own; a Chinese character or a hiragana is a token, a run of katakana one;
    an emoji with its joiners is one. These are the default word boundaries of Unicode: they know
    no dictionary, so Thai and Lao come out character by character.
    There is no fixed vocabulary: ids index `state["vocabulary"]`, the words of this text in order
    of first sight. Decoding is exact: `state["gaps"]` holds the white space before each token and
    after the last. Positions are byte spans.
    Source: Unicode Standard Annex 29, as the `regex` package implements it.

    >>> WordsTokenizer().split("Don't pay $1,000!")
    ["Don't", 'pay', '$', '1,000', '!']
    """

    name: ClassVar[str] = "words"
    modality: ClassVar[str] = "text"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)

    def split(self, text: str) -> list[str]:
        """The words and marks of a text."""
        return words_and_gaps(text)[0]

    def count(self, x: Text | TextInfo, /) -> int:
        return self._count(text_of(x, "word"))

    def count_stream(self, chunks: Iterable[str], /) -> StreamCount:
        """Words of a text that arrives in chunks."""
        return count_windows(chunks, cut_before_space, self._count)

    def upper_bound(self, x: Text | TextInfo, /) -> int:
        """Words that the text cannot exceed: each takes at least one byte."""
        return int(info_of(x).bytes)

    def explain(self, x: Text | TextInfo, /) -> list[str]:
        if x is info_of(x):
            return [f"{info_of(x).bytes:,} UTF-8 bytes cut into words and marks"]
        return [f"{self.count(x):,} words and marks = {self.count(x):,} tokens"]

    @property
    def shared_ids(self) -> bool:
        return False

    def encode(self, media: Text, /) -> TokenSequence:
        return encode_parts(self.config(), media, *words_and_gaps(media.text))

    def decode(self, tokens: TokenSequence, /) -> Text:
        """The text with its white space, exactly."""
        return decode_parts(tokens)

    def _count(self, text: str) -> int:
        return len(self.split(text))


def words_and_gaps(text: str) -> tuple[list[str], list[str]]:
    """The words of a text, and the white space before each and after the last."""
    import regex

    words: list[str] = []
    gaps: list[str] = [""]
    split = regex.compile(r"(?w)\b", flags=regex.VERSION1).split
    for part in (part for stretch in stretches(text) for part in split(stretch)):
        if not part or part.isspace():
            gaps[-1] += part
        else:
            words.append(part)
            gaps.append("")
    return words, gaps


def stretches(text: str) -> list[str]:
    """The text, long runs of flag letters cut into whole flags: `regex` counts back to the start of
    such a run at each of its letters."""
    cuts = [at for run in _FLAGS.finditer(text) for at in range(run.start(), run.end(), 64)]
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
