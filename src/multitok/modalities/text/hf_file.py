"""What a tokenizer.json promises: whether its tokens give the text back, and where text may be cut.

Both are answered from a list of parts that are known and tested; anything else is "no".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NotRequired, TypedDict

from multitok.core.errors import SourceError
from multitok.core.schema import misfit, parsed
from multitok.core.tokenizer_file import wrong_merge
from multitok.modalities.text.stream import Cut, cut_before_space
from multitok.modalities.text.vocabulary import index

UNICODE_FORMS = ("NFC", "NFD", "NFKC", "NFKD")
_PLAIN_NORMALIZERS = (*UNICODE_FORMS, "Lowercase", "StripAccents", "BertNormalizer")
_PLAIN_PRE_TOKENIZERS = ("BertPreTokenizer", "Whitespace", "WhitespaceSplit")
_DIGITS = r"\p{N}{1,3}"
LLAMA_3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
GPT_2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


class _Added(TypedDict):
    id: int
    content: str


class _Model(TypedDict, total=False):
    vocab: dict[str, Any] | list[Any]


class _Bpe(TypedDict):
    vocab: dict[str, Any]


class _File(TypedDict):
    model: _Model
    added_tokens: NotRequired[list[_Added] | None]


class _Part(TypedDict):
    """Of the normalizer, the pre-tokenizer or the post-processor."""

    type: str
    pattern: NotRequired[dict[str, Any] | None]


class _Named(TypedDict):
    id: str


class _Piece(TypedDict, total=False):
    SpecialToken: _Named


class _Template(TypedDict):
    single: list[_Piece]
    pair: list[_Piece]
    special_tokens: dict[str, Any]


@dataclass(frozen=True, eq=False)
class TokenizerFile:
    """The parts of a tokenizer.json that decide."""

    model: Mapping[str, Any]
    normalizers: tuple[Mapping[str, Any], ...]
    pre_tokenizers: tuple[Mapping[str, Any], ...]
    added: tuple[Mapping[str, Any], ...]
    converted: bool = False
    """Made of a file of another shape."""

    @classmethod
    def parse(cls, text: str, name: str, *, converted: bool = False) -> TokenizerFile:
        try:
            data = _checked(parsed(text), _File, "")
            added = data.get("added_tokens") or ()
            normalizers = _flat(data, "normalizer", "normalizers")
            pre_tokenizers = _flat(data, "pre_tokenizer", "pretokenizers")
            for part in _flat(data, "post_processor", "processors"):
                _check_template(part)
            made = cls(data["model"], normalizers, pre_tokenizers, tuple(added), converted)
            if made.kind == "BPE":
                _checked(made.model, _Bpe, "model")
            if why := wrong_merge(data):
                raise ValueError(why)
            return made
        except ValueError as error:
            raise SourceError(f"{name}: not a tokenizer.json ({error})", source=name) from None

    @property
    def kind(self) -> str:
        """BPE, Unigram, WordPiece or WordLevel."""
        return str(self.model.get("type") or ("BPE" if "merges" in self.model else "unknown"))

    @property
    def byte_level(self) -> bool:
        """Every byte of the text becomes part of a token."""
        last = self.pre_tokenizers[-1] if self.pre_tokenizers else {}
        return (
            self.kind == "BPE"
            and last.get("type") == "ByteLevel"
            and all(map(_only_splits, self.pre_tokenizers[:-1]))
            and byte_of_character().keys() <= self.model["vocab"].keys()
            and not self.model.get("continuing_subword_prefix")
            and not self.model.get("end_of_word_suffix")
            and not self.model.get("dropout")
        )

    @property
    def drops_nothing(self) -> bool:
        """Any character has tokens: by byte-level, or by fallback to the 256 byte tokens."""
        bytes_in = all(f"<0x{byte:02X}>" in self.model.get("vocab", ()) for byte in range(256))
        return self.byte_level or bool(self.model.get("byte_fallback") and bytes_in)

    @property
    def nearly(self) -> bool:
        """A SentencePiece model that `tokenizers` reads a little differently: its best sums of
        scores, squeezed spaces and maps of characters are not SentencePiece's in every text. BPE
        models without these (Llama 2, Mistral, Gemma) give equal ids."""
        parts = self.normalizers
        return self.converted and (
            self.kind == "Unigram"
            or any(p["type"] == "Precompiled" or "Regex" in (p.get("pattern") or {}) for p in parts)
        )

    @property
    def prefix_space(self) -> bool:
        """A space is put before the text."""
        return any(part.get("add_prefix_space") for part in self.pre_tokenizers)

    @property
    def lossless(self) -> bool:
        """The tokens give back the text, in its Unicode form if the file normalizes to one."""
        return (
            self.byte_level
            and not self.prefix_space
            and all(part["type"] in UNICODE_FORMS for part in self.normalizers)
            and not any(token.get("lstrip") or token.get("rstrip") for token in self.added)
        )

    def cut(self) -> Cut | None:
        """Where a text may be cut, or None where only the whole text will do.

        Before U+0020 after a non-space: none of the parts listed reaches across, unless an added
        token takes the space after it or holds one.
        """
        plain = all(part["type"] in _PLAIN_NORMALIZERS for part in self.normalizers)
        reaches = any(
            token.get("rstrip") or re.search(r"\S\s", token["content"]) for token in self.added
        )
        splits = self.pre_tokenizers and _cuts_at_spaces(self.pre_tokenizers)
        return cut_before_space if plain and splits and not reaches else None


def _cuts_at_spaces(parts: tuple[Mapping[str, Any], ...]) -> bool:
    """The first part keeps a non-space and a following space apart; the rest only split more."""
    first, rest = parts[0], parts[1:]
    known = (
        first["type"] in _PLAIN_PRE_TOKENIZERS
        or (first["type"] == "ByteLevel" and first.get("use_regex", True))
        or (first["type"] == "Metaspace" and first.get("split", True))
        or _known_split(first)
    )
    return known and all(_only_splits(part) or part["type"] == "ByteLevel" for part in rest)


def _known_split(part: Mapping[str, Any]) -> bool:
    pattern = part.get("pattern") or {}
    isolated = _only_splits(part) and not part.get("invert")
    return isolated and pattern.get("Regex") in _known_patterns()


def _only_splits(part: Mapping[str, Any]) -> bool:
    """Cuts the text and takes nothing away."""
    if part["type"] == "Digits":
        return True
    return part["type"] == "Split" and part.get("behavior") == "Isolated"


@cache
def _known_patterns() -> frozenset[str]:
    """Patterns that hold no piece with a non-space before a space, and look at nothing behind."""
    bundled = (row["pattern"] for row in index().values())
    qwen_2 = LLAMA_3.replace(_DIGITS, r"\p{N}")
    return frozenset((GPT_2, LLAMA_3, qwen_2, *bundled))


@cache
def byte_of_character() -> Mapping[str, int]:
    """The byte behind each character of a byte-level vocabulary (GPT-2's table).

    Printable Latin-1 stands for itself, the other bytes for U+0100 and up, in order.
    """
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    other = [byte for byte in range(256) if byte not in set(plain)]
    return {chr(b): b for b in plain} | {chr(0x100 + i): b for i, b in enumerate(other)}


def _flat(data: Mapping[str, Any], key: str, inner: str) -> tuple[Mapping[str, Any], ...]:
    """The parts of a step, in order, each a sequence of others maybe, which it calls `inner`;
    ValueError for one that is shaped wrong."""
    return tuple(_parts(data.get(key), key, inner))


def _parts(part: Any, key: str, inner: str) -> Iterator[Mapping[str, Any]]:
    if not part:
        return
    if _checked(part, _Part, key)["type"] != "Sequence":
        yield part
        return
    for one in _checked(part.get(inner), list[Any], inner):
        yield from _parts(one, inner, inner)


def _check_template(part: Mapping[str, Any]) -> None:
    """ValueError where a template names a token that it does not define: the library panics."""
    if part["type"] != "TemplateProcessing":
        return
    defined = _checked(part, _Template, "post_processor")["special_tokens"]
    for piece in (*part["single"], *part["pair"]):
        if "SpecialToken" in piece and (named := piece["SpecialToken"]["id"]) not in defined:
            raise ValueError(f"its template names {named!r}, which is none of its special tokens")


def _checked(value: Any, hint: Any, where: str) -> Any:
    if why := misfit(value, hint, where):
        raise ValueError(why)
    return value
