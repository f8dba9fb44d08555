"""Byte-level BPE with the bundled OpenAI vocabularies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.counts import StreamCount
from multitok.core.errors import DecodeError, MediaError
from multitok.core.info import TextInfo, info_of
from multitok.core.media import Text
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.text import backend, stream, vocabulary
from multitok.modalities.text.content import from_utf8, text_of
from multitok.modalities.text.flat import each, flattened, whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Text
    from multitok.core.sequence import TokenSequence

LONGEST = 2**31 - 1
"""Positions are int32: a longer text in bytes has no spans."""


@dataclass(frozen=True, kw_only=True)
class BpeTokenizer(Tokenizer["Text", TextInfo]):
    """The ids tiktoken gives, for a vocabulary that ships with multitok.

    `vocabulary` is o200k_base (GPT-4o to GPT-5), o200k_harmony (gpt-oss), cl100k_base (GPT-4, 3.5),
    p50k_base or r50k_base (GPT-3). Text that looks like a special token ("<|endoftext|>") is plain
    text; with `allow_special` it becomes the special token. Decoding is exact. Positions are UTF-8
    byte spans, which may cut a character: `pieces` joins them to whole ones.
    Long texts are encoded in windows cut where no token reaches across, so memory follows the ids.
    Source: tiktoken 0.14 (ids, patterns, special ids).

    >>> from multitok import Text
    >>> BpeTokenizer(vocabulary="o200k_base").count(Text("hello world"))
    2
    """

    vocabulary: str = "o200k_base"
    allow_special: bool = False

    name: ClassVar[str] = "bpe"
    modality: ClassVar[str] = "text"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"vocabulary": "o200k_harmony", "allow_special": True},
        {"vocabulary": "cl100k_base"},
        {"vocabulary": "p50k_base"},
        {"vocabulary": "r50k_base"},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        vocabulary.known(self.vocabulary)

    def count(self, x: Text | TextInfo, /) -> int:
        text = text_of(x, "BPE token")
        count = backend.engine(self.vocabulary, len(text)).count
        if len(text) <= stream.WINDOW and not self.allow_special:  # whole, as most are
            return count(text)
        return sum(1 if special else count(part) for part, special in self._pieces(text))

    def plain(self) -> Callable[[str], int]:
        """`count` of a str, for loops: the engine is looked up once, and no `Text` is made."""
        if self.allow_special:
            return lambda text: self.count(Text(text))
        count = backend.engine(self.vocabulary).count

        def counted(text: str) -> int:
            return count(text) if len(text) <= stream.WINDOW else self.count(Text(text))

        return counted

    def count_stream(self, chunks: Iterable[str], /) -> StreamCount:
        """Tokens of a text that arrives in chunks, which may be cut anywhere.

        Exact unless 4 million characters in a row hold no place where a text may be cut.
        """
        length = 0

        def parts(window: str) -> dict[str, int]:
            nonlocal length
            length += len(window)
            return self._parts(window, length)

        return stream.count_windows(chunks, self._cut, parts)

    def fingerprint(self) -> str:
        return str(vocabulary.index()[self.vocabulary]["sha256"])

    def upper_bound(self, x: Text | TextInfo, /) -> int:
        """Tokens that the text cannot exceed: each holds at least one of its bytes."""
        return int(info_of(x).bytes)

    def breakdown(self, x: Text | TextInfo, /) -> dict[str, int]:
        text = text_of(x, "BPE token")
        return self._parts(text, len(text))

    def explain(self, x: Text | TextInfo, /) -> list[str]:
        cut = f"{info_of(x).bytes:,} UTF-8 bytes cut by the {self.vocabulary} vocabulary"
        return [cut] if x is info_of(x) else [f"{cut} = {self.count(x):,} tokens"]

    def encode(self, media: Text, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        info = media.info
        if info.bytes > LONGEST:
            raise MediaError(
                f"text of {info.bytes} bytes is too long to encode: spans are int32, at most"
                f" {LONGEST} bytes. count_stream counts it"
            )
        ids, lengths, special = [], [], []
        known = token_lengths(self.vocabulary)
        for flat, name in self._flat(media.text):
            part = whole(flat)
            ids.append(part)
            lengths.append(np.array([len(name.encode())]) if name else known[part])
            special.append(np.full(len(part), bool(name)))
        stops = np.cumsum(_joined(lengths, np.int64))
        starts = np.concatenate(([0], stops[:-1])) if len(stops) else stops
        return TokenSequence(
            tokenizer=self.config(),
            info=info,
            special=_joined(special, np.bool_),
            ids=_joined(ids, np.int64),
            axes=("start", "stop"),
            positions=np.stack([starts, stops], axis=1).astype(np.int32),
        )

    @property
    def ids_below(self) -> int:
        return vocabulary.load(self.vocabulary).size

    def special_id(self, token: str, /) -> int | None:
        return vocabulary.special_tokens(self.vocabulary).get(token)

    def encode_ids(self, media: Text, /) -> NDArray[np.int64]:
        return whole(self._flat_ids(media.text, backend.engine(self.vocabulary).flat))

    def encode_ids_batch(self, items: Iterable[Text], /) -> list[NDArray[np.int64]]:
        encode = backend.engine(self.vocabulary).flat
        return each(self._flat_ids(item.text, encode) for item in items)

    def decode(self, tokens: TokenSequence, /) -> Text:
        """The text, exactly; DecodeError for an id that the vocabulary does not have."""
        return from_utf8(b"".join(self.token_bytes(tokens)), self.vocabulary)

    def token_bytes(self, tokens: TokenSequence, /) -> list[bytes]:
        """The bytes of each token."""
        if tokens.ids is None:
            raise DecodeError("bpe tokens hold ids, got a sequence without them")
        table = vocabulary.load(self.vocabulary).tokens
        special = _special_bytes(self.vocabulary)
        found = []
        for place, i in enumerate(tokens.ids.tolist()):
            token = table[i] if 0 <= i < len(table) else b""
            token = token or special.get(i, b"")
            if not token:
                size = vocabulary.load(self.vocabulary).size
                raise DecodeError(
                    f"{self.vocabulary} has no id {i} (token {place}): ids run from 0 to"
                    f" {size - 1}. Decode with the tokenizer that made them",
                    id=i,
                )
            found.append(token)
        return found

    def _pieces(self, text: str) -> Iterator[tuple[str, bool]]:
        """The text window by window; a special token comes alone, and is told."""
        for window, _ in stream.windows([text], self._cut):
            if not self.allow_special:
                yield window, False
                continue
            for i, part in enumerate(_special_pattern(self.vocabulary).split(window)):
                if part:
                    yield part, bool(i % 2)

    def _flat(self, text: str) -> Iterator[tuple[bytes, str]]:
        """The ids of each piece, and its name where it is a special token."""
        encode = backend.engine(self.vocabulary, len(text)).flat
        ids = vocabulary.special_tokens(self.vocabulary) if self.allow_special else {}
        for part, special in self._pieces(text):
            if special:
                yield flattened([ids[part]]), part
            else:
                yield encode(part), ""

    def _flat_ids(self, text: str, encode: Callable[[str], bytes]) -> bytes:
        if not self.allow_special and len(text) <= stream.WINDOW:
            return encode(text)
        return b"".join(ids for ids, _ in self._flat(text))

    def _parts(self, text: str, length: int) -> dict[str, int]:
        """The parts of a text, or of a window of one that is so long by now."""
        count = backend.engine(self.vocabulary, length).count
        if len(text) <= stream.WINDOW and not self.allow_special:
            return {"text": count(text)}
        parts = {"text": 0}
        for part, special in self._pieces(text):
            name, tokens = (part, 1) if special else ("text", count(part))
            parts[name] = parts.get(name, 0) + tokens
        return parts

    def _cut(self, text: str) -> int:
        # A special token holds letters, digits and punctuation, but never white space.
        if self.allow_special:
            return stream.cut_before_white_space(text)
        return stream.cut_between_classes(text)


@cache
def token_lengths(name: str) -> NDArray[np.int64]:
    """Bytes of each token, by rank."""
    import numpy as np

    tokens = vocabulary.load(name).tokens
    return np.fromiter(map(len, tokens), dtype=np.int64, count=len(tokens))


@cache
def _special_pattern(name: str) -> re.Pattern[str]:
    """Matches any special token; one group, so that `split` keeps them."""
    names = sorted(vocabulary.special_tokens(name), key=len, reverse=True)
    return re.compile("(" + "|".join(map(re.escape, names)) + ")")


@cache
def _special_bytes(name: str) -> Mapping[int, bytes]:
    """Special tokens by id; where two share one, the named one before the reserved."""
    return {i: token.encode() for token, i in vocabulary.special_tokens(name).items()}


def _joined(parts: list[Any], dtype: Any) -> NDArray[Any]:
    import numpy as np

    return np.concatenate(parts).astype(dtype) if parts else np.empty(0, dtype)
