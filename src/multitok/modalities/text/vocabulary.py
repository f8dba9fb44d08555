"""The bundled byte-level BPE vocabularies, read from the package.

`vocabularies/index.json` holds the pattern, the special ids and the published sha256 of each;
`vocabularies/*.xz` the tokens: one length byte and the token's bytes for every rank, where length 0
marks a rank that the vocabulary skips. tools/pack_vocabularies.py writes them.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from multitok.core.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FOLDER = os.path.join(os.path.dirname(__file__), "vocabularies")


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Tokens by rank (b"" where a rank is skipped), the split pattern and the special tokens."""

    name: str
    tokens: Sequence[bytes]
    pattern: str
    special: Mapping[str, int]
    sha256: str

    @property
    def size(self) -> int:
        """The largest id, and one."""
        return max(len(self.tokens), *(i + 1 for i in self.special.values()))

    def ranks(self) -> dict[bytes, int]:
        """Token to rank, as tiktoken takes it."""
        return {token: rank for rank, token in enumerate(self.tokens) if token}

    def rank_file(self) -> bytes:
        """The .tiktoken file the tokens came from, byte for byte."""
        from binascii import b2a_base64

        rows = enumerate(self.tokens)
        return b"".join(
            b"%b %d\n" % (b2a_base64(token, newline=False), rank) for rank, token in rows if token
        )


def packaged(name: str) -> bytes:
    """A file of vocabularies/."""
    with open(os.path.join(FOLDER, name), "rb") as file:  # pathlib is 5 ms of a first count
        return file.read()


@cache
def index() -> Mapping[str, Any]:
    """The rows of vocabularies/index.json."""
    rows: Mapping[str, Any] = json.loads(packaged("index.json"))["vocabularies"]
    return rows


def known(name: str) -> None:
    """UnknownNameError unless `name` is a bundled vocabulary."""
    if name not in index():
        names = ", ".join(index())
        raise UnknownNameError.of("vocabulary", name, index(), f"Bundled: {names}")


@cache
def special_tokens(name: str) -> Mapping[str, int]:
    """Special tokens by published name; read without the tokens."""
    row = index()[name]
    start, stop = row.get("reserved", (0, 0))
    reserved: dict[str, int] = {f"<|reserved_{i}|>": i for i in range(start, stop)}
    named: dict[str, int] = row["special"]
    return reserved | named


@cache
def load(name: str) -> Vocabulary:
    """A bundled vocabulary."""
    known(name)
    row = index()[name]
    return Vocabulary(
        name, _tokens(row["ranks"]), row["pattern"], special_tokens(name), row["sha256"]
    )


@cache
def _tokens(ranks: str) -> tuple[bytes, ...]:
    import lzma

    packed = lzma.decompress(packaged(f"{ranks}.xz"))
    tokens, at, end = [], 0, len(packed)
    while at < end:
        stop = at + 1 + packed[at]
        tokens.append(packed[at + 1 : stop])
        at = stop
    return tuple(tokens)
