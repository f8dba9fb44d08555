"""The vocabularies of FAST: the files they live in, and coefficients to ids and back.

A coefficient q is written as one character. Our own files use the private-use character
0xF8000 + q, so that a file says by itself which coefficients it knows; published files use
chr(q - min_token) behind a byte-level BPE. The scale stands beside the file, in the
processor_config.json that published FAST tokenizers have.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from multitok.core.errors import DecodeError, MediaError, OutputError, SourceError
from multitok.core.schema import Within, misfit, parsed
from multitok.core.stamps import FOLDER, Stamp, stamp
from multitok.core.tokenizer_file import encodes, reference_of
from multitok.modalities.actions import byte_level
from multitok.modalities.actions.merges import Merges

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ZERO = 0xF8000
"""The character of the coefficient 0; private use runs from 0xF0000 to 0xFFFFD."""
FARTHEST = 0x7FF0
"""The largest magnitude a coefficient may have inside the private-use plane."""
LAST_PLAIN = 0xD7FF
"""The last character before the surrogates, which no text can hold."""
FEW_ROWS = 96
"""Below this many chunks one call a chunk is faster than merging rows together."""
SETTINGS = {"scale", "vocab_size", "time_horizon", "action_dim"}
"""What a sidecar of ours says; a published processor's says more."""
NORMALIZED = SETTINGS | {"q01", "q99"}
"""The same of a vocabulary of normalized actions."""
BUNDLED = Path(__file__).with_name("fast.json")


def sidecar(path: Path) -> Path:
    """Where the scale of a tokenizer.json is written: beside it, under the published name."""
    if path.name == "tokenizer.json":
        return path.with_name("processor_config.json")
    return path.with_name(f"{path.stem}.processor_config.json")


def free_sidecar(path: Path) -> Path:
    """The sidecar of `path`, which nobody names: OutputError where another's settings are there."""
    beside = sidecar(path)
    if not beside.exists():
        return beside
    try:
        ours = parsed(beside.read_bytes()).keys() in (SETTINGS, NORMALIZED)
    except (ValueError, AttributeError):
        ours = False
    if not ours:
        raise OutputError(
            f"{beside}: holds the settings of another processor, and those of {path.name} would"
            " replace them: name another folder",
            output=str(beside),
        )
    return beside


class _Model(TypedDict):
    vocab: dict[str, Any]
    merges: list[Any]


class _Stored(TypedDict):
    """Of a tokenizer.json, what is read here beyond what the library has taken."""

    model: _Model


class _Settings(TypedDict, total=False):
    """Of a processor_config.json."""

    scale: Annotated[float, Within("a number above 0", 1e-300)] | None
    time_horizon: Annotated[int, Within("a whole number from 1 on", 1)] | None
    min_token: Annotated[int, Within("a whole number of 32 bits", -(2**31), 2**31 - 1)] | None
    q01: list[float]
    q99: list[float]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """One loaded file.

    low, high     the coefficients it knows (native), or can write (reference)
    pieces        what each id spells: characters (native) or bytes (reference)
    symbols       the id of each coefficient from low to high, -1 for none (native; `whole` if none
                  lacks), or those of the bytes of each character (reference)
    digest        of the file: tokens made with another file are not decoded
    """

    path: str
    published: bool
    low: int
    high: int
    pieces: Mapping[int, str | bytes]
    digest: str
    settings: Mapping[str, Any]
    bpe: Any
    merges: Merges | None
    symbols: NDArray[Any]
    whole: bool

    def __len__(self) -> int:
        return self._size

    @cached_property
    def _size(self) -> int:
        return max(self.pieces, default=-1) + 1

    def encode(self, rows: NDArray[np.int64]) -> Sequence[NDArray[np.integer[Any]]]:
        """The ids of rows of coefficients, all of which the vocabulary must know."""
        made = self.together(rows) if len(rows) >= FEW_ROWS else None
        return self.one_by_one(rows) if made is None else made

    def one_by_one(self, rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """The ids by `tokenizers`, a call a row."""
        import numpy as np

        lines = (rows - self.low if self.published else rows + ZERO).astype("<u4")
        texts = [line.tobytes().decode("utf-32-le") for line in lines]
        with encodes(self.path):
            if self.published:
                encodings = self.bpe.encode_batch_fast(texts)
                return [np.array(encoding.ids, np.int64) for encoding in encodings]
            model = self.bpe.model
            return [np.array([t.id for t in model.tokenize(text)], np.int64) for text in texts]

    def together(self, rows: NDArray[np.int64]) -> list[NDArray[np.int16]] | None:
        """The same ids by merging all rows at once; None where only `tokenizers` is sure."""
        characters = rows - self.low
        if self.merges is None:
            return None
        if not self.published:
            return self.merges.encode(self.symbols[characters])
        if characters.max(initial=0) > byte_level.LAST:
            return None
        wall, pad = self.merges.wall, self.merges.pad
        return self.merges.encode(byte_level.symbols(characters, self.symbols, wall, pad))

    def unknown(self, rows: NDArray[np.float64]) -> NDArray[np.bool_] | None:
        """Which coefficients have no symbol of their own; None when all have one."""
        import numpy as np

        if rows.size == 0 or (rows.min() >= self.low and rows.max() <= self.high and self.whole):
            return None
        outside = ~((rows >= self.low) & (rows <= self.high))  # NaN has no symbol either
        if not self.published:
            near = np.where(outside, 0, rows - self.low).astype(np.int64)
            outside |= self.symbols[near] < 0
        return outside if outside.any() else None

    def coefficients(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """What ids spell; DecodeError names an id outside the vocabulary, or bytes cut in two."""
        import numpy as np

        numbers = ids.tolist()
        try:
            parts: list[Any] = list(map(self.pieces.__getitem__, numbers))
        except KeyError as error:
            at = numbers.index(error.args[0])
            raise DecodeError(
                f"fast ids run from 0 to {len(self) - 1}, got {numbers[at]} at position {at}"
            ) from None
        if not self.published:
            text = "".join(parts)
            return np.frombuffer(text.encode("utf-32-le"), "<u4").astype(np.int64) - ZERO
        try:
            text = b"".join(parts).decode("utf-8")
        except UnicodeDecodeError as error:
            raise DecodeError(
                f"fast: the ids spell half a coefficient ({error.reason} at byte {error.start}):"
                " the sequence is cut, or a coefficient had no symbol"
            ) from None
        return np.frombuffer(text.encode("utf-32-le"), "<u4").astype(np.int64) + self.low


def load(path: str | None, *, published: bool, min_token: int | None) -> Vocabulary:
    """The vocabulary of a file or of a directory that holds tokenizer.json; read once."""
    name = os.fspath(BUNDLED if path is None else path)
    seen = stamp(name if name.endswith(".json") else _inside(name))
    if seen.size < 0:  # the name has misled: it is a folder's, or a file's, or of nothing
        seen = stamp(name)
        if seen.size == FOLDER:
            seen = stamp(_inside(name))
    return _read(seen, stamp(_beside(seen.path)), published, min_token)


@lru_cache(maxsize=16)
def _inside(folder: str) -> str:
    """The vocabulary in a folder, spelled once: each chunk asks for it."""
    return str(Path(folder, "tokenizer.json"))


@lru_cache(maxsize=16)
def _beside(file: str) -> str:
    return str(sidecar(Path(file)))


@lru_cache(maxsize=16)
def _read(seen: Stamp, _settled: Stamp, published: bool, min_token: int | None) -> Vocabulary:
    import hashlib

    path, file = seen.path, Path(seen.path)
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise SourceError(
            f"{path}: no FAST vocabulary there ({error.strerror}). Make one: multitok train fast",
            source=path,
        ) from error
    try:
        text = raw.decode("utf-8")
        stored = parsed(text)
        if why := misfit(stored, _Stored, ""):
            raise ValueError(why)
    except ValueError as error:
        raise SourceError(f"{path}: not a tokenizer.json ({error})", source=path) from error
    bpe = reference_of(text, path)
    beside = sidecar(file)
    settings = _settings(beside) if beside.exists() else {}
    spells_bytes = (stored.get("pre_tokenizer") or {}).get("type") == "ByteLevel"
    if spells_bytes != published:
        raise SourceError(
            f"{path}: {'a published FAST file' if spells_bytes else 'not a byte-level BPE'}:"
            f" load it with mode='{'reference' if spells_bytes else 'native'}'",
            source=path,
        )
    digest = hashlib.sha256(raw).hexdigest()[:16]
    make = _published if published else _native
    return make(path, bpe, stored, settings, digest, min_token)


def _settings(path: Path) -> Mapping[str, Any]:
    """What stands beside a vocabulary; SourceError where it is shaped wrong."""
    try:
        settings: dict[str, Any] = parsed(path.read_text("utf-8"))
    except ValueError as error:
        raise SourceError(f"{path}: not JSON ({error})", source=str(path)) from None
    if why := misfit(settings, _Settings, ""):
        raise SourceError(f"{path}: {why}", source=str(path))
    if len(settings.get("q01", ())) != len(settings.get("q99", ())):
        raise SourceError(f"{path}: q01 and q99 need a number a dim each", source=str(path))
    return settings


def _native(
    path: str,
    bpe: Any,
    stored: Mapping[str, Any],
    settings: Mapping[str, Any],
    digest: str,
    min_token: int | None,
) -> Vocabulary:
    import numpy as np

    if min_token is not None:
        raise MediaError("min_token belongs to mode='reference': native files need none")
    vocab: dict[str, int] = stored["model"]["vocab"]
    known = {ord(piece) - ZERO: i for piece, i in vocab.items() if len(piece) == 1}
    if not known or max(map(abs, known)) > FARTHEST:
        raise SourceError(f"{path}: its characters are not FAST coefficients", source=path)
    low, high = min(known), max(known)
    symbols = np.full(high - low + 1, -1, np.int32)
    for coefficient, i in known.items():
        symbols[coefficient - low] = i
    merges = _merges(stored)
    return Vocabulary(
        path=path,
        published=False,
        low=low,
        high=high,
        pieces={i: piece for piece, i in vocab.items()},
        digest=digest,
        settings=settings,
        bpe=bpe,
        merges=merges,
        symbols=symbols.astype(np.int16) if merges is not None else symbols,
        whole=bool((symbols >= 0).all()),
    )


def _merges(stored: Mapping[str, Any]) -> Merges | None:
    """The merges, when the file does nothing but split and merge; else `tokenizers` does it all."""
    model, split = stored["model"], stored.get("pre_tokenizer")
    unusual = ("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")
    flags = ("fuse_unk", "byte_fallback", "ignore_merges")
    if any(model.get(name) for name in (*unusual, *flags)) or stored.get("added_tokens"):
        return None
    if stored.get("normalizer") or stored.get("truncation") or stored.get("padding"):
        return None
    if split is not None and (split.get("add_prefix_space") or not split.get("use_regex", True)):
        return None
    pairs = [pair.split(" ") if isinstance(pair, str) else pair for pair in model["merges"]]
    return Merges.of(model["vocab"], pairs)


def _published(
    path: str,
    bpe: Any,
    stored: Mapping[str, Any],
    settings: Mapping[str, Any],
    digest: str,
    min_token: int | None,
) -> Vocabulary:
    import numpy as np

    low = min_token if min_token is not None else settings.get("min_token")
    if low is None:
        raise MediaError(
            f"{path}: a published FAST file needs min_token: pass it, or put its"
            f" {sidecar(Path(path)).name} beside it"
        )
    byte_of = byte_level.byte_alphabet()

    def spelled(piece: str) -> bytes:
        # a token with a character outside the byte alphabet stands for itself
        if all(character in byte_of for character in piece):
            return bytes(byte_of[character] for character in piece)
        return piece.encode("utf-8")

    vocab: dict[str, int] = stored["model"]["vocab"]
    merges = _merges(stored)
    return Vocabulary(
        path=path,
        published=True,
        low=int(low),
        high=int(low) + LAST_PLAIN,
        pieces={i: spelled(piece) for piece, i in vocab.items()},
        digest=digest,
        settings=settings,
        bpe=bpe,
        merges=merges,
        symbols=byte_level.symbol_table(vocab, merges.pad)
        if merges
        else np.empty((0, 2), np.int16),
        whole=True,
    )


def train(
    rows: Sequence[NDArray[np.int64]],
    *,
    vocab_size: int,
    coefficients: tuple[int, int] | None,
    margin: float,
) -> Any:
    """A `tokenizers.Tokenizer` of merges over rows of coefficients; the same rows, the same file.

    The alphabet is `coefficients`, or the range seen and `margin` of it on either side.
    """
    from math import ceil

    from tokenizers import Tokenizer, models, trainers

    if not rows:
        raise MediaError("fast is trained on chunks of movement, got none")
    seen = min(int(row.min()) for row in rows), max(int(row.max()) for row in rows)
    room = ceil(margin * (seen[1] - seen[0]))
    low, high = coefficients or (seen[0] - room, seen[1] + room)
    if low > seen[0] or high < seen[1]:
        raise MediaError(
            f"coefficients must hold what the chunks have, {seen[0]} to {seen[1]},"
            f" got {low} to {high}"
        )
    if high - low + 1 > vocab_size or max(-low, high) > FARTHEST:
        raise MediaError(
            f"a vocabulary of {vocab_size} cannot hold the coefficients {low} to {high}"
            f" ({high - low + 1}): normalize the actions, lower scale, or raise vocab_size"
        )
    made = Tokenizer(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=2,
        initial_alphabet=[chr(ZERO + q) for q in range(low, high + 1)],
        max_token_length=10000,
        special_tokens=[],
        show_progress=False,
    )
    made.train_from_iterator(
        ((row + ZERO).astype("<u4").tobytes().decode("utf-32-le") for row in rows), trainer
    )
    if made.get_vocab_size() < vocab_size:
        raise MediaError(
            f"{len(rows)} chunks give a vocabulary of {made.get_vocab_size()}, {vocab_size} were"
            " asked for: pass more chunks, or a smaller vocab_size"
        )
    return made
