"""Any tokenizer file: BPE, Unigram, WordPiece, as `tokenizers` or tiktoken read it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.boundary import foreign, is_unforeseen
from multitok.core.counts import Kind, StreamCount
from multitok.core.errors import (
    DecodeError,
    MediaError,
    NeedsContentError,
    SourceError,
    UnknownNameError,
)
from multitok.core.extras import optional, require
from multitok.core.info import TextInfo, info_of
from multitok.core.stamps import Stamp, digest, stamp
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.text import formats, hub, stream
from multitok.modalities.text.content import from_utf8, text_of
from multitok.modalities.text.hf_file import TokenizerFile, byte_of_character
from multitok.modalities.text.ranks import RankEngine, Ranks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Text
    from multitok.core.sequence import TokenSequence

VARIABLE = "MULTITOK_HF_BACKEND"
BACKENDS = ("fastokens", "tokenizers")
WHOLE = 1 << 24
"""Characters taken whole where the text may not be cut; beyond it the count is an estimate."""


@dataclass(frozen=True, kw_only=True)
class HfTokenizer(Tokenizer["Text", TextInfo]):
    """The tokens of a tokenizer file, from a `path` or from the local cache by `repo` name.

    The file is a tokenizer.json, a tokenizer.model (SentencePiece), `.tiktoken` ranks, a
    tekken.json, a vocab.txt (WordPiece), a vocab.json with its merges.txt, or a folder with one.

    pattern               how ranks, or a vocab.json, cut a text, where the file is not a known one:
                          a name (llama-3, qwen-2, kimi, gpt-2, o200k_base) or the expression
    add_special_tokens    what the file's template puts around a text ([CLS], <s>); `special` marks
                          them, and the breakdown names them
    split_special_tokens  special tokens spelled out in the text are plain text
    allow_network         a `repo` that is not in the cache may be downloaded

    Truncation and padding that a file asks for are left out: they would hide what is counted.
    Counting uses fastokens where it is installed and accepts the file, which gives the same ids;
    MULTITOK_HF_BACKEND=tokenizers forces the reference. Positions are byte spans of the original
    text; tokens that share a character share its span. Decoding is exact for byte-level BPE, of the
    text in the file's Unicode form; other files lose text (case, white space, unknown characters),
    and for them `error_bound` is infinite.
    Source: tokenizers 0.23.
    """

    path: str | None = None
    repo: str | None = None
    revision: str = "main"
    pattern: str | None = None
    add_special_tokens: bool = True
    split_special_tokens: bool = False
    allow_network: bool = False

    name: ClassVar[str] = "hf"
    modality: ClassVar[str] = "text"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ()  # needs a file: its tests bring some

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.path is None) == (self.repo is None):
            raise MediaError(
                "hf takes a path or a repo, got "
                + ("neither" if self.path is None else "both")
                + ": path='.../tokenizer.json' or repo='org/name'"
            )

    def file(self) -> Path:
        """The file itself."""
        if self.repo is not None:
            return hub.tokenizer_file(self.repo, self.revision, allow_network=self.allow_network)
        return formats.found(Path(self.path or "").expanduser())

    def fingerprint(self) -> str | None:
        return digest([str(self.file())])

    def count(self, x: Text | TextInfo, /) -> int:
        return sum(self.breakdown(x).values())

    def breakdown(self, x: Text | TextInfo, /) -> dict[str, int]:
        text = text_of(x, "tokenizer.json")
        parts = {"text": sum(self._count(window) for window, _ in self._windows([text], None))}
        return parts | self.template()

    def count_stream(self, chunks: Iterable[str], /) -> StreamCount:
        """Tokens of a text that arrives in chunks.

        Exact where the file's parts are known to let a text be cut before a space; other files
        take 16 million characters whole and are estimated beyond.
        """
        tokens, exact = 0, True
        cap = WHOLE if self._parsed().cut() is None else stream.CAP
        for window, safe in self._windows(chunks, cap):
            tokens += self._count(window)
            exact = exact and safe
        return StreamCount({"text": tokens} | self.template(), exact)

    def template(self) -> dict[str, int]:
        """What the file's template adds to a text, by name; empty without add_special_tokens."""
        if not self.add_special_tokens:
            return {}
        counting = self._counting()
        empty = self._encoded(counting, "", special=True)
        marked = zip(empty.ids, empty.special_tokens_mask, strict=True)
        return dict(Counter(counting.id_to_token(i) for i, special in marked if special))

    def kind_at_hand(self) -> Kind:
        return "documented" if self._parsed().nearly else "exact"

    def notes(self, x: Text | TextInfo, /) -> list[str]:
        if not self._parsed().nearly:
            return []
        return [
            "`tokenizers` reads this SentencePiece model a little differently: returns before line"
            " ends, combining marks and U+2581 may count otherwise"
        ]

    def upper_bound(self, x: Text | TextInfo, /) -> int:
        """Tokens that no text of this length exceeds; NeedsContentError where none is proved."""
        parsed = self._parsed()
        if not parsed.byte_level or parsed.normalizers:
            raise NeedsContentError(
                f"{parsed.kind} with a normalizer or without byte-level tokens has no proved bound:"
                " count the text itself"
            )
        return int(info_of(x).bytes) + parsed.prefix_space + sum(self.template().values())

    def explain(self, x: Text | TextInfo, /) -> list[str]:
        cut = f"{info_of(x).bytes:,} UTF-8 bytes cut by the {self._parsed().kind} of"
        cut += f" {self.repo or self.path}"
        return [cut] if x is info_of(x) else [f"{cut} = {self.count(x):,} tokens"]

    def prepare(self, media: Text, /) -> Text:
        """The text in the file's Unicode form, where decoding is exact; else the text itself."""
        from multitok.core.media import Text

        if not (self._parsed().lossless and self._parsed().normalizers):
            return media
        return Text(self._reference().normalizer.normalize_str(media.text))

    def encode(self, media: Text, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence
        from multitok.modalities.text.spans import utf8_lengths

        found = self._encoded(self._reference(), media.text, special=self.add_special_tokens)
        special = np.array(found.special_tokens_mask, dtype=np.bool_)
        code_points = np.frombuffer(media.text.encode("utf-32-le"), dtype=np.uint32)
        # byte offset of each character, and of the end
        starts = np.concatenate(([0], np.cumsum(utf8_lengths(code_points.astype(np.int64)))))
        spans = starts[np.array(found.offsets, dtype=np.int64).reshape(-1, 2)].astype(np.int32)
        spans[special] = -1
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=special,
            ids=np.array(found.ids, dtype=np.int64),
            axes=("start", "stop"),
            positions=spans,
        )

    @property
    def ids_below(self) -> int:
        return _ids_below(*self._key())

    def special_id(self, token: str, /) -> int | None:
        found = {one["content"]: one["id"] for one in self._parsed().added}
        return found.get(token)

    def encode_ids(self, media: Text, /) -> NDArray[np.int64]:
        import numpy as np

        found = self._encoded(self._counting(), media.text, special=self.add_special_tokens)
        return np.array(found.ids, dtype=np.int64)

    def encode_ids_batch(self, items: Iterable[Text], /) -> list[NDArray[np.int64]]:
        import numpy as np

        texts = [item.text for item in items]
        with self._named():
            found = self._counting().encode_batch_fast(
                texts, add_special_tokens=self.add_special_tokens
            )
        return [np.array(one.ids, dtype=np.int64) for one in found]

    def decode(self, tokens: TokenSequence, /) -> Text:
        """The text without what the template added; exact where `error_bound` is 0."""
        from multitok.core.media import Text

        if tokens.ids is None:
            raise DecodeError("hf tokens hold ids, got a sequence without them")
        reference = self._reference()
        ids = [
            i
            for i, special in zip(tokens.ids.tolist(), tokens.special.tolist(), strict=True)
            if not special
        ]
        spelled: list[str] = []
        for i in ids:
            token = reference.id_to_token(i) if 0 <= i < 1 << 32 else None
            if token is None:
                raise DecodeError(
                    f"{self.repo or self.path} has no id {i}."
                    " Decode with the tokenizer that made it",
                    id=i,
                )
            spelled.append(token)
        if not self._parsed().byte_level:
            return Text(reference.decode(ids, skip_special_tokens=False))
        added = {token["id"]: token["content"] for token in self._parsed().added}
        table = byte_of_character()
        data = b"".join(
            added[i].encode() if i in added else bytes(table[c] for c in token)
            for i, token in zip(ids, spelled, strict=True)
        )
        return from_utf8(data, "hf")

    def error_bound(self, tokens: TokenSequence, /) -> float:
        return 0.0 if self._parsed().lossless else inf

    def _windows(self, chunks: Iterable[str], cap: int | None) -> Iterator[tuple[str, bool]]:
        cut = self._parsed().cut() or (lambda text: 0)
        return stream.windows(chunks, cut, cap=cap)

    def _count(self, window: str) -> int:
        from multitok.core.media import Text

        return len(self._encoded(self._counting(), Text(window).text, special=False))

    def _encoded(self, engine: Any, text: str, *, special: bool) -> Any:
        with self._named():
            return engine.encode(text, add_special_tokens=special)

    def _named(self) -> AbstractContextManager[None]:
        """An engine's own errors, as of a word that has no token, under the name of the file."""
        name = self.repo or self.path
        return foreign(lambda error: MediaError(f"{name} cannot take this text: {error}"))

    def _counting(self) -> Any:
        return _fast(*self._key()) or self._reference()

    def _reference(self) -> Any:
        return _reference(*self._key())

    def _parsed(self) -> TokenizerFile:
        return _parsed(stamp(self.file()), self.pattern)

    def _key(self) -> tuple[Stamp, str | None, bool, str]:
        """A file that is replaced is read again."""
        return stamp(self.file()), self.pattern, self.split_special_tokens, _backend()


def _backend() -> str:
    asked = os.environ.get(VARIABLE)
    if not asked:
        return "fastokens" if optional("fastokens") else "tokenizers"
    if asked not in BACKENDS:
        raise UnknownNameError.of(
            "tokenizer.json backend", asked, BACKENDS, f"{VARIABLE} takes: {', '.join(BACKENDS)}"
        )
    if asked == "fastokens":
        require("fastokens", extra="fast", purpose="the fast tokenizer.json backend")
    return asked


@lru_cache(maxsize=1)
def _converted(file: Stamp, pattern: str | None) -> str | Ranks | None:
    """What a file of another shape becomes; None for a tokenizer.json."""
    return formats.converted(Path(file.path), pattern)


@lru_cache(maxsize=8)
def _parsed(file: Stamp, pattern: str | None) -> TokenizerFile:
    path = file.path
    text = _converted(file, pattern)
    if isinstance(text, Ranks):
        return text.file()
    try:
        if text is not None:
            return TokenizerFile.parse(text, path, converted=True)
        return TokenizerFile.parse(Path(path).read_text("utf-8"), path)
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: not a tokenizer.json ({error})", source=path) from None


@lru_cache(maxsize=8)
def _reference(file: Stamp, pattern: str | None, split_special_tokens: bool, backend: str) -> Any:
    from tokenizers import Tokenizer as Reference

    _parsed(file, pattern)
    path, text = file.path, _converted(file, pattern)
    if isinstance(text, Ranks):
        return RankEngine(text)
    with foreign(lambda error: SourceError(f"{path}: not a tokenizer.json ({error})", source=path)):
        tokenizer = Reference.from_file(path) if text is None else Reference.from_str(text)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = split_special_tokens
    return tokenizer


@lru_cache(maxsize=8)
def _ids_below(file: Stamp, pattern: str | None, split_special_tokens: bool, backend: str) -> int:
    reference = _reference(file, pattern, split_special_tokens, backend)
    ids = reference.get_vocab(with_added_tokens=True).values()
    return max(ids, default=-1) + 1


@lru_cache(maxsize=8)
def _fast(file: Stamp, pattern: str | None, split_special_tokens: bool, backend: str) -> Any:
    """fastokens for the tokenizer.json files it accepts, called as `tokenizers` is; else None.

    Where unknown characters are dropped, `tokenizers` merges what then meets and fastokens (0.3)
    does not: those files are left to the reference.
    """
    if backend != "fastokens" or not _parsed(file, pattern).drops_nothing:
        return None
    if _converted(file, pattern) is not None:
        return None
    import fastokens

    try:
        tokenizer = fastokens.Tokenizer.from_file(file.path)
    except BaseException as error:
        if not is_unforeseen(error):
            raise
        return None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return _Fast(tokenizer, split_special_tokens)


@dataclass(frozen=True, slots=True, eq=False)
class _Fast:
    """fastokens, called as `tokenizers` is."""

    tokenizer: Any
    split_special_tokens: bool

    def encode(self, text: str, *, add_special_tokens: bool) -> Any:
        return self.tokenizer.encode(
            text,
            add_special_tokens=add_special_tokens,
            split_special_tokens=self.split_special_tokens,
        )

    def encode_batch_fast(self, texts: list[str], *, add_special_tokens: bool) -> list[Any]:
        return [self.encode(text, add_special_tokens=add_special_tokens) for text in texts]

    def id_to_token(self, i: int) -> Any:
        return self.tokenizer.id_to_token(i)
