"""Files of byte-level BPE ranks, and the engine for them: tiktoken, called as `tokenizers` is.

They are `.tiktoken` (Llama 3 and Kimi call theirs tokenizer.model and tiktoken.model) and Mistral's
tekken.json.

A `.tiktoken` file holds tokens and ranks, and not the pattern that cuts a text into pieces. The
published files that are known by their sha256 bring theirs; for others it is named, or written out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypedDict

from multitok.core.errors import SourceError
from multitok.core.schema import misfit
from multitok.modalities.text.backend import without_surrogates
from multitok.modalities.text.hf_file import GPT_2, LLAMA_3, TokenizerFile, byte_of_character
from multitok.modalities.text.vocabulary import index

_LETTERS = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]"
_SMALL = r"\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]"
_ENDING = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
_REST = r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_KIMI = (
    rf"[\p{{Han}}]+|[^\r\n\p{{L}}\p{{N}}]?[{_LETTERS}]*[{_SMALL}]+{_ENDING}"
    rf"|[^\r\n\p{{L}}\p{{N}}]?[{_LETTERS}]+[{_SMALL}]*{_ENDING}{_REST}"
)
_QWEN_2 = LLAMA_3.replace(r"\p{N}{1,3}", r"\p{N}")
_QWEN_3_5 = _QWEN_2.replace(r"?\p{L}+", r"?[\p{L}\p{M}]+").replace(
    r"[^\s\p{L}\p{N}]", r"[^\s\p{L}\p{M}\p{N}]"
)

PUBLISHED = {  # sha256 of the file: the name of its pattern
    "82e9d31979e92ab929cd544440f129d9ecd797b69e327f80f17e1c50d5551b55": "llama-3",
    "b2b1b8dfb5cc5f024bafc373121c6aba3f66f9a5a0269e243470a1de16a33186": "qwen-2",
    "8dde380a6405e935f5de16a99eb61c824f3f814dd1ed298784c72babb7a03cdd": "qwen-3.5",
}


class _Config(TypedDict):
    pattern: str
    default_vocab_size: int
    default_num_special_tokens: int


class _Ranked(TypedDict):
    rank: int
    token_bytes: str


class Tekken(TypedDict):
    """What is read of a tekken.json."""

    config: _Config
    vocab: list[_Ranked]


@dataclass(frozen=True, eq=False)
class Ranks:
    """Tokens by rank, the pattern, the Unicode form (Qwen's own code brings a text to NFC) and what
    is added to a rank to make the id."""

    name: str
    tokens: Mapping[bytes, int]
    pattern: str
    form: Any = None
    offset: int = 0

    def file(self) -> TokenizerFile:
        """As the parts of a tokenizer.json, which tell what is lossless and where to cut."""
        split = {"type": "Split", "behavior": "Isolated", "pattern": {"Regex": self.pattern}}
        return TokenizerFile(
            model={"type": "BPE", "vocab": dict.fromkeys(byte_of_character())},
            normalizers=({"type": self.form},) if self.form else (),
            pre_tokenizers=(split, {"type": "ByteLevel", "use_regex": False}),
            added=(),
        )


def patterns() -> dict[str, tuple[str, Any]]:
    """Patterns that can be named, with the Unicode form of the text before them."""
    bundled = {name: (row["pattern"], None) for name, row in index().items()}
    named = {"gpt-2": GPT_2, "llama-3": LLAMA_3, "kimi": _KIMI}
    qwen = {"qwen-2": (_QWEN_2, "NFC"), "qwen-3.5": (_QWEN_3_5, "NFC")}
    return {**bundled, **{name: (pattern, None) for name, pattern in named.items()}, **qwen}


def rank_file(data: bytes, name: str, pattern: str | None) -> Ranks:
    """A `.tiktoken` file; SourceError for a line that is none, or where no pattern is known."""
    tokens: dict[bytes, int] = {}
    for number, line in enumerate(data.splitlines(), 1):
        try:
            token, rank = line.split()
            tokens[base64.b64decode(token, validate=True)] = int(rank)
        except (ValueError, binascii.Error):
            raise SourceError(
                f"{name}: line {number} is no token in base64 and its rank: {line[:40]!r}",
                source=name,
            ) from None
    known = patterns()
    if pattern is None:
        digest = hashlib.sha256(data).hexdigest()
        bundled = {row["sha256"]: vocabulary for vocabulary, row in index().items()}
        pattern = (PUBLISHED | bundled).get(digest)
    if pattern is None:
        raise SourceError(
            f"{name}: a file of ranks does not say how a text is cut: -s pattern=NAME"
            f" ({', '.join(known)}), or the regular expression itself",
            source=name,
        )
    found, form = known.get(pattern, (pattern, None))
    return Ranks(name, tokens, found, form)


def tekken(data: Any, name: str) -> Ranks:
    """Mistral's tekken.json: the first ids are its special tokens."""
    if why := misfit(data, Tekken, ""):
        raise SourceError(f"{name}: not a tekken.json ({why})", source=name)
    config = data["config"]
    special = config["default_num_special_tokens"]
    kept = data["vocab"][: config["default_vocab_size"] - special]
    try:
        tokens = {base64.b64decode(row["token_bytes"]): row["rank"] for row in kept}
    except ValueError as error:
        raise SourceError(f"{name}: not a tekken.json ({error})", source=name) from None
    return Ranks(name, tokens, config["pattern"], offset=special)


@dataclass(frozen=True, slots=True)
class Encoded:
    """What `tokenizers` gives for a text; offsets are characters, a cut one counts whole, and are
    worked out where they are asked for."""

    ids: list[int]
    places: Callable[[], list[tuple[int, int]]]

    @property
    def offsets(self) -> list[tuple[int, int]]:
        return self.places()

    @property
    def special_tokens_mask(self) -> list[int]:
        return [0] * len(self.ids)

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, eq=False)
class RankEngine:
    """tiktoken for a file of ranks, called as `tokenizers` is."""

    ranks: Ranks

    @property
    def normalizer(self) -> RankEngine:
        return self

    def normalize_str(self, text: str) -> str:
        return unicodedata.normalize(self.ranks.form, text) if self.ranks.form else text

    def encode(self, text: str, *, add_special_tokens: bool) -> Encoded:
        seen = self.normalize_str(without_surrogates(text))
        found = self._encoding.encode(seen, disallowed_special=())
        ids = [i + self.ranks.offset for i in found]
        return Encoded(ids, lambda: self._offsets(found, seen, text))

    def encode_batch_fast(self, texts: list[str], *, add_special_tokens: bool) -> list[Encoded]:
        return [self.encode(text, add_special_tokens=add_special_tokens) for text in texts]

    def get_vocab(self, *, with_added_tokens: bool) -> Mapping[Any, int]:
        return {token: rank + self.ranks.offset for token, rank in self.ranks.tokens.items()}

    def id_to_token(self, i: int) -> str | None:
        """The token as byte-level files spell it."""
        token = self._tokens.get(i - self.ranks.offset)
        return None if token is None else "".join(map(self._spelled.__getitem__, token))

    def _offsets(self, ids: list[int], seen: str, text: str) -> list[tuple[int, int]]:
        """Characters of the text: tokens of a text in another form cover it as a whole."""
        if seen != text:
            return [(0, len(text))] * len(ids)
        starts: list[int] = []  # the character that each byte is a part of
        for place, character in enumerate(seen):
            starts += [place] * len(character.encode("utf-8"))
        spans, at = [], 0
        for i in ids:
            stop = at + len(self._tokens[i])
            spans.append((starts[at], starts[stop - 1] + 1))
            at = stop
        return spans

    @cached_property
    def _encoding(self) -> Any:
        import tiktoken

        tokens = self.ranks.tokens
        none = {"\U0010ffff": max(tokens.values(), default=0) + 1}  # never asked for
        return tiktoken.Encoding(
            self.ranks.name,
            pat_str=self.ranks.pattern,
            mergeable_ranks=dict(tokens),
            special_tokens=none,
        )

    @cached_property
    def _tokens(self) -> Mapping[int, bytes]:
        return {rank: token for token, rank in self.ranks.tokens.items()}

    @cached_property
    def _spelled(self) -> Mapping[int, str]:
        return {byte: character for character, byte in byte_of_character().items()}
