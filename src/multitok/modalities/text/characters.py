"""Characters, one token each: code points, or grapheme clusters as a reader sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.counts import StreamCount
from multitok.core.errors import DecodeError
from multitok.core.info import TextInfo, info_of
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.text.content import text_of
from multitok.modalities.text.spans import decode_parts, encode_parts, spans, utf8_lengths
from multitok.modalities.text.stream import (
    count_windows,
    cut_anywhere,
    cut_between_clusters,
)
from multitok.modalities.text.words import stretches

if TYPE_CHECKING:
    from multitok.core.media import Text
    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class CharactersTokenizer(Tokenizer["Text", TextInfo]):
    """One token a Unicode code point, whose number is its id.

    With `graphemes` one token is an extended grapheme cluster (a letter with its marks, an emoji
    with its joiners, CR LF); clusters have no fixed vocabulary, so ids index `state["vocabulary"]`,
    the clusters of this text in order of first sight. Positions are byte spans.
    Source: Unicode Standard Annex 29, as the `regex` package implements it.

    >>> from multitok import Text
    >>> CharactersTokenizer().count(Text("né")), CharactersTokenizer().count(Text("ne\\u0301"))
    (2, 3)
    """

    graphemes: bool = False

    name: ClassVar[str] = "characters"
    modality: ClassVar[str] = "text"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"graphemes": True})

    def count(self, x: Text | TextInfo, /) -> int:
        return self._count(text_of(x, "character"))

    def count_stream(self, chunks: Iterable[str], /) -> StreamCount:
        """Characters of a text that arrives in chunks."""
        cut = cut_between_clusters if self.graphemes else cut_anywhere
        return count_windows(chunks, cut, self._count)

    def upper_bound(self, x: Text | TextInfo, /) -> int:
        """Characters that the text cannot exceed: each takes at least one byte."""
        return int(info_of(x).bytes)

    def explain(self, x: Text | TextInfo, /) -> list[str]:
        what = "grapheme clusters" if self.graphemes else "code points"
        if x is info_of(x):
            return [f"{info_of(x).bytes:,} UTF-8 bytes cut into {what}"]
        return [f"{self.count(x):,} {what} = {self.count(x):,} tokens"]

    @property
    def ids_below(self) -> int | None:
        return 0x110000 if self.shared_ids else None

    @property
    def shared_ids(self) -> bool:
        return not self.graphemes

    def encode(self, media: Text, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        if self.graphemes:
            parts = clusters(media.text)
            return encode_parts(self.config(), media, parts, [""] * (len(parts) + 1))
        ids = np.frombuffer(media.text.encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(len(ids), dtype=np.bool_),
            ids=ids,
            axes=("start", "stop"),
            positions=spans(utf8_lengths(ids)),
        )

    def decode(self, tokens: TokenSequence, /) -> Text:
        """The text, exactly."""
        from multitok.core.media import Text

        if tokens.ids is None:
            raise DecodeError("character tokens hold ids, got a sequence without them")
        if self.graphemes:
            return decode_parts(tokens)
        for place, i in enumerate(tokens.ids.tolist()):
            if not 0 <= i < 0x110000 or 0xD800 <= i < 0xE000:
                raise DecodeError(
                    f"id {i} (token {place}) is not a Unicode character: 0 to 0x10FFFF without"
                    " the surrogates",
                    id=i,
                )
        return Text("".join(map(chr, tokens.ids.tolist())))

    def _count(self, text: str) -> int:
        return len(clusters(text)) if self.graphemes else len(text)


def clusters(text: str) -> list[str]:
    """The extended grapheme clusters of a text."""
    import regex

    find = regex.compile(r"\X").findall
    return [cluster for stretch in stretches(text) for cluster in find(stretch)]
