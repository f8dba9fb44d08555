"""The vocabulary of `dct-bpe`: byte-pair merges over symbols, in a tokenizer.json.

A symbol s is the character 0x100 + s there, so the file is one that `tokenizers` reads. The merging
is tiktoken's, which gives the ids of `tokenizers` three times as fast: to it a symbol is a byte, a
picture a text, and the twelve blocks of a patch are a word.
"""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from multitok.core.errors import DecodeError, MediaError, SourceError
from multitok.core.schema import parsed
from multitok.core.stamps import Stamp, stamp
from multitok.core.writing import write_text
from multitok.modalities.image.coded.symbols import BLOCKS, END, SYMBOLS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CHARACTER = 0x100
"""The character of symbol 0."""
BUNDLED = Path(__file__).with_name("dct_bpe.json.gz")
WORD = rf"(?:[^\x{END:02x}]*\x{END:02x}){{{4 * BLOCKS}}}"
"""The four squares of a patch: no token spans two patches."""
LONGEST_TOKEN = 256
"""Symbols of a token that is learned: longer runs are of flat patches, which are one token."""
LEARNED = 16_384
"""Patches that are learned from: a minute's work, and many more change the count by a hundredth."""


@dataclass(frozen=True, eq=False)
class Merges:
    """One loaded file.

    engine    tiktoken's, over the symbols as bytes
    symbols   what all ids spell, one after another; id i from starts[i] on, lengths[i] of them
    ends      how many of the symbols of each id end a block
    digest    of the file: tokens that were made with another one are not decoded
    """

    engine: Any
    symbols: NDArray[np.uint8]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    ends: NDArray[np.int64]
    digest: str

    def __len__(self) -> int:
        return len(self.lengths)

    def encode(self, symbols: NDArray[np.uint8]) -> NDArray[np.int64]:
        """The ids of the symbols of whole patches."""
        import numpy as np

        made: list[int] = self.engine.encode_ordinary(symbols.tobytes().decode("ascii"))
        return np.array(made, np.int64)

    def decode(self, ids: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The symbols of ids; DecodeError names an id that the vocabulary lacks."""
        import numpy as np

        wrong = (ids < 0) | (ids >= len(self))
        if wrong.any():
            at = int(wrong.argmax())
            raise DecodeError(
                f"dct-bpe ids run from 0 to {len(self) - 1}, got {int(ids[at])} at position {at}"
            )
        lengths = self.lengths[ids]
        first = np.repeat(self.starts[ids] - np.cumsum(lengths) + lengths, lengths)
        made: NDArray[np.uint8] = self.symbols[first + np.arange(len(first))]
        return made


def load(path: str | None) -> Merges:
    """The vocabulary of a file, or the one that ships; read once, and again when it changes."""
    return _read(stamp(BUNDLED if path is None else path))


@lru_cache(maxsize=8)
def _read(file: Stamp) -> Merges:
    import numpy as np
    import tiktoken

    path = file.path
    try:
        raw = Path(path).read_bytes()
        text = gzip.decompress(raw) if path == os.fspath(BUNDLED) else raw
        vocab = _vocabulary(parsed(text))
    except OSError as error:
        raise SourceError(
            f"{path}: no vocabulary there ({error.strerror}). Make one: multitok train dct-bpe",
            source=path,
        ) from None
    except ValueError as error:
        raise SourceError(f"{path}: not a vocabulary of dct-bpe ({error})", source=path) from None
    engine = tiktoken.Encoding("dct-bpe", pat_str=WORD, mergeable_ranks=vocab, special_tokens={})
    lengths = np.array([len(token) for token in vocab], np.int64)
    symbols = np.frombuffer(b"".join(vocab), np.uint8)
    digest = blake2b(text, digest_size=8).hexdigest()
    starts = np.cumsum(lengths) - lengths
    ends = np.add.reduceat((symbols == END).astype(np.int64), starts)
    return Merges(engine, symbols, starts, lengths, ends, digest)


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


def train(pictures: Iterable[NDArray[np.uint8]], path: str | Path, vocab_size: int) -> int:
    """Learn merges of the symbols of pictures, write them to `path`; gives how many ids there are.

    The same pictures give the same file."""
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
    made.train_from_iterator(_patches(pictures), trainer)
    if made.get_vocab_size() == SYMBOLS:
        raise MediaError("dct-bpe found nothing that recurs in these pictures: pass more of them")
    write_text(path, made.to_str(pretty=False))
    return made.get_vocab_size()


def _patches(pictures: Iterable[NDArray[np.uint8]]) -> list[str]:
    """The patches of pictures as words, up to LEARNED of them: of more every second one is kept, of
    many more every fourth, and so on, however many pictures there are."""
    word = re.compile(WORD)
    shift = {symbol: CHARACTER + symbol for symbol in range(SYMBOLS)}
    texts = (symbols.tobytes().decode("ascii") for symbols in pictures)
    kept: list[str] = []
    every = 1
    for number, found in enumerate(one for text in texts for one in word.finditer(text)):
        if number % every:
            continue
        kept.append(found[0].translate(shift))
        if len(kept) > LEARNED:
            kept, every = kept[::2], 2 * every
    return kept
