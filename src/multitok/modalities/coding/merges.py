"""Vocabularies of symbols: byte-pair merges over them, in a tokenizer.json.

A symbol s is the character 0x100 + s there, so the file is one that `tokenizers` reads. The merging
is tiktoken's, which gives the ids of `tokenizers` three times as fast: to it a symbol is a byte, a
picture or a sound a text, and some blocks (those of a patch, those of a few frames) are a word.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.core.errors import DecodeError, MediaError, SourceError
from multitok.core.schema import parsed
from multitok.core.stamps import Stamp, stamp
from multitok.core.writing import write_text
from multitok.modalities.coding.symbols import END, SYMBOLS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CHARACTER = 0x100
"""The character of symbol 0."""
LONGEST_TOKEN = 256
"""Symbols of a token that is learned: longer runs are of flat patches, which are one token."""


class Words(NamedTuple):
    """What a tokenizer's vocabularies are of.

    name      the tokenizer
    media     what they are learned from: "pictures"
    blocks    of a word: no token spans two words. The last word may have fewer
    learned   words that are learned from: a minute's work, and many more change the count by a
              hundredth
    bundled   the file that ships, packed; without one, the symbols alone are the vocabulary
    """

    name: str
    media: str
    blocks: int
    learned: int = 16_384
    bundled: Path | None = None

    @property
    def pattern(self) -> str:
        """The symbols of a word, as bytes."""
        return rf"(?:[^\x{END:02x}]*\x{END:02x}){{1,{self.blocks}}}"


@dataclass(frozen=True, eq=False)
class Merges:
    """One loaded file.

    name      of the tokenizer
    engine    tiktoken's, over the symbols as bytes
    symbols   what all ids spell, one after another; id i from starts[i] on, lengths[i] of them
    ends      how many of the symbols of each id end a block
    digest    of the file: tokens that were made with another one are not decoded
    """

    name: str
    engine: Any
    symbols: NDArray[np.uint8]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    ends: NDArray[np.int64]
    digest: str

    def __len__(self) -> int:
        return len(self.lengths)

    def encode(self, symbols: NDArray[np.uint8]) -> NDArray[np.int64]:
        """The ids of the symbols of whole blocks."""
        import numpy as np

        made: list[int] = self.engine.encode_ordinary(symbols.tobytes().decode("ascii"))
        return np.array(made, np.int64)

    def merged(self, parts: Iterable[NDArray[np.uint8]]) -> NDArray[np.int64]:
        """The ids of parts of whole words, each merged while the next one is made."""
        from concurrent.futures import ThreadPoolExecutor

        import numpy as np

        with ThreadPoolExecutor(1) as beside:
            made = [beside.submit(self.encode, part) for part in parts]
            return np.concatenate([one.result() for one in made])

    def decode(self, ids: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The symbols of ids; DecodeError names an id that the vocabulary lacks."""
        import numpy as np

        wrong = (ids < 0) | (ids >= len(self))
        if wrong.any():
            at = int(wrong.argmax())
            raise DecodeError(
                f"{self.name} ids run from 0 to {len(self) - 1}, got {int(ids[at])} at position"
                f" {at}"
            )
        lengths = self.lengths[ids]
        first = np.repeat(self.starts[ids] - np.cumsum(lengths) + lengths, lengths)
        made: NDArray[np.uint8] = self.symbols[first + np.arange(len(first))]
        return made


def load(path: str | None, words: Words) -> Merges:
    """The vocabulary of a file, or the one that ships; read once, and again when it changes."""
    if path is None and words.bundled is None:
        return _made(_plain(), words)
    return _read(stamp(words.bundled if path is None else path), words)  # type: ignore[arg-type]


@lru_cache(maxsize=8)
def _read(file: Stamp, words: Words) -> Merges:
    path = file.path
    try:
        raw = Path(path).read_bytes()
        packed = words.bundled is not None and path == os.fspath(words.bundled)
        return _made(gzip.decompress(raw) if packed else raw, words)
    except OSError as error:
        raise SourceError(
            f"{path}: no vocabulary there ({error.strerror}). Make one: multitok train"
            f" {words.name}",
            source=path,
        ) from None
    except ValueError as error:
        raise SourceError(
            f"{path}: not a vocabulary of {words.name} ({error})", source=path
        ) from None


@lru_cache(maxsize=1)
def _plain() -> bytes:
    """A file of the symbols alone."""
    vocab = {chr(CHARACTER + symbol): symbol for symbol in range(SYMBOLS)}
    return json.dumps({"model": {"type": "BPE", "vocab": vocab, "merges": []}}).encode()


def _made(text: bytes, words: Words) -> Merges:
    """The vocabulary of a file's text; ValueError says what is wrong with it."""
    import numpy as np
    import tiktoken

    vocab = _vocabulary(parsed(text))
    engine = tiktoken.Encoding(
        words.name, pat_str=words.pattern, mergeable_ranks=vocab, special_tokens={}
    )
    lengths = np.array([len(token) for token in vocab], np.int64)
    symbols = np.frombuffer(b"".join(vocab), np.uint8)
    digest = blake2b(text, digest_size=8).hexdigest()
    starts = np.cumsum(lengths) - lengths
    ends = np.add.reduceat((symbols == END).astype(np.int64), starts)
    return Merges(words.name, engine, symbols, starts, lengths, ends, digest)


def _vocabulary(stored: Any) -> dict[bytes, int]:
    """Tokens as symbols, in the order of their ids; ValueError says what is wrong with a file."""
    try:
        given = sorted(stored["model"]["vocab"].items(), key=lambda item: item[1])
    except (TypeError, KeyError, AttributeError):
        raise ValueError("it has no model with a vocab") from None
    vocab: dict[bytes, int] = {}
    for number, (token, i) in enumerate(given):
        symbols = [ord(character) - CHARACTER for character in token]
        if i != number or not symbols or not all(0 <= s < SYMBOLS for s in symbols):
            raise ValueError(f"its token {number} is {token!r} with the id {i!r}")
        vocab[bytes(symbols)] = i
    if [token for token in vocab if len(token) == 1] != [bytes([s]) for s in range(SYMBOLS)]:
        raise ValueError(f"its first {SYMBOLS} tokens must be the symbols")
    return vocab


def train(
    media: Iterable[NDArray[np.uint8]], path: str | Path, vocab_size: int, words: Words
) -> int:
    """Learn merges of the symbols of media, write them to `path`; gives how many ids there are.

    The same media give the same file."""
    from tokenizers import Tokenizer, models, trainers

    if vocab_size <= SYMBOLS:
        raise MediaError(f"vocab_size must exceed the {SYMBOLS} symbols, got {vocab_size!r}")
    made = Tokenizer(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=2,
        initial_alphabet=[chr(CHARACTER + symbol) for symbol in range(SYMBOLS)],
        max_token_length=LONGEST_TOKEN,
        show_progress=False,
    )
    made.train_from_iterator(_words(media, words), trainer)
    if made.get_vocab_size() == SYMBOLS:
        raise MediaError(
            f"{words.name} found nothing that recurs in these {words.media}: pass more of them"
        )
    write_text(path, made.to_str(pretty=False))
    return made.get_vocab_size()


def _words(media: Iterable[NDArray[np.uint8]], words: Words) -> list[str]:
    """Up to `learned` words of media: of more every second one is kept, of many more every fourth,
    and so on, however many media there are."""
    word = re.compile(words.pattern)
    shift = {symbol: CHARACTER + symbol for symbol in range(SYMBOLS)}
    texts = (symbols.tobytes().decode("ascii") for symbols in media)
    kept: list[str] = []
    every = 1
    for number, found in enumerate(one for text in texts for one in word.finditer(text)):
        if number % every:
            continue
        kept.append(found[0].translate(shift))
        if len(kept) > words.learned:
            kept, every = kept[::2], 2 * every
    return kept
