"""Series BPE: bins as characters, and runs that recur merged into one token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import DecodeError, MediaError, NeedsContentError, SourceError
from multitok.core.info import SeriesInfo
from multitok.core.stamps import Stamp, stamp
from multitok.core.tokenizer import Tokenizer
from multitok.core.tokenizer_file import encodes, reference_of
from multitok.core.writing import write_text
from multitok.modalities.series.layout import refuse_ids, refuse_infinite, restored

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Series
    from multitok.core.sequence import TokenSequence

FIRST = 0xF0000
"""The private-use character of bin 0; the one after the last bin is a missing value."""
WORD = 1000
"""Values that are learned from in one piece: each merge moves all that follows it in its word, so
the time of a word goes with the square of its length, and that of many with their number."""


@dataclass(frozen=True, kw_only=True)
class SeriesBpeTokenizer(Tokenizer["Series", SeriesInfo]):
    """z-normalize each channel, cut [-limit, limit] into equal bins, merge recurring runs of bins.

    path   a tokenizer.json that `train` wrote; without it nothing merges, and `bins` says how many
    bins   of a tokenizer without a file; a file knows its own

    A missing value has a character of its own; values beyond the limit are clipped, counted and
    covered by `error_bound`. Channels follow each other, and no token spans two. Counts depend on
    the values, so a bare shape cannot be counted.
    Source: after Götz et al. 2025 (byte-pair encoding for time series); bins and merges only.

    >>> from multitok import Series
    >>> SeriesBpeTokenizer(bins=4).encode(Series([1.0, 2.0, 3.0])).ids
    array([1, 2, 2])
    """

    path: str | None = None
    bins: int = 64
    limit: float = 4.0

    lenient: ClassVar[tuple[str, ...]] = ("path",)
    name: ClassVar[str] = "series-bpe"
    modality: ClassVar[str] = "series"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"bins": 5, "limit": 2.0})

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 2 <= self.bins <= 60000:
            raise MediaError(f"bins must be 2 to 60000, got {self.bins!r}")
        if not 0 < self.limit < float("inf"):
            raise MediaError(f"limit must be above 0, got {self.limit!r}")

    @classmethod
    def train(
        cls,
        series: Sequence[Any],
        path: str | Path,
        *,
        bins: int = 64,
        vocab_size: int = 1024,
        limit: float = 4.0,
    ) -> SeriesBpeTokenizer:
        """Learn the merges of your own series and write them to `path`, a tokenizer.json.

        The same series give the same file. A run must occur twice to become a token, and lie
        within one of the pieces of 1,000 values that a long series is cut into."""
        from tokenizers import Tokenizer as Reference, models, trainers

        plain = cls(bins=bins, limit=limit)
        if vocab_size <= bins + 1:
            raise MediaError(
                f"vocab_size must exceed the {bins} bins and the missing value, got {vocab_size!r}"
            )
        rows = []
        for one in map(_media, series):
            refuse_infinite(one, cls.name)
            codes, _ = plain._codes(one)
            rows += [word for column in codes.T for word in _words(column)]
        values = sum(map(len, rows))
        if values < 2:
            raise MediaError(f"series-bpe needs at least 2 values to train on, got {values}")
        bpe = Reference(models.BPE())
        trainer = trainers.BpeTrainer(
            vocab_size=vocab_size,
            min_frequency=2,
            initial_alphabet=[chr(FIRST + code) for code in range(bins + 1)],
            show_progress=False,
        )
        bpe.train_from_iterator(rows, trainer)
        if bpe.get_vocab_size() <= bins + 1:
            raise MediaError(
                f"series-bpe found no run that recurs in {values} values: pass more of them, or"
                f" fewer bins than {bins}"
            )
        write_text(path, bpe.to_str(pretty=False))
        return cls(path=str(path), bins=bins, limit=limit)

    @property
    def codes(self) -> int:
        """Ids a token may be."""
        return len(self._vocabulary().runs)

    def _vocabulary(self) -> _Vocabulary:
        return _load(None if self.path is None else stamp(self.path), self.bins)

    def count(self, x: Series | SeriesInfo, /) -> int:
        if isinstance(x, SeriesInfo):
            raise NeedsContentError(
                f"series-bpe token counts depend on the values: pass Series(...), not {x!r}"
            )
        return len(self.encode(x))

    def explain(self, x: Series | SeriesInfo, /) -> list[str]:
        n = self.count(x)
        values = x.values.size  # type: ignore[union-attr]  # count refused the shape alone
        return [
            f"{values:,} values merged into {n:,} tokens, {values / max(n, 1):.1f} values a token"
        ]

    def encode(self, media: Series, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        refuse_infinite(media, self.name)
        vocabulary = self._vocabulary()
        codes, state = self._codes(media)
        parts = [vocabulary.encode(column) for column in codes.T]
        ids = np.concatenate(parts)
        starts = [vocabulary.starts(part) for part in parts]
        channel = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(len(ids), dtype=np.bool_),
            ids=ids,
            axes=("step", "channel"),
            positions=np.stack([np.concatenate(starts), channel], axis=1).astype(np.int32),
            state={
                **state,
                "tokens": [len(part) for part in parts],
                "vocabulary": vocabulary.digest,
                "grid": list(codes.shape),
                "names": list(media.names),
            },
        )

    def spans(self, tokens: TokenSequence, column: int, /) -> list[tuple[int, int, str]]:
        """The runs of steps that were merged into one token each."""
        where = [] if tokens.positions is None else tokens.positions.tolist()
        starts = [step for step, channel in where if channel == column]
        ends = [*starts[1:], tokens.state["grid"][0]]
        return [(start, end, "") for start, end in zip(starts, ends, strict=True)]

    def levels(self, tokens: TokenSequence, column: int, /) -> list[float] | None:
        return None

    def decode(self, tokens: TokenSequence, /) -> Series:
        """The middle of each bin; NaN where a value was missing."""
        import numpy as np

        info = tokens.info_as(SeriesInfo)
        vocabulary = self._vocabulary()
        if tokens.ids is None:
            raise DecodeError(f"{self.name} tokens are ids, got a sequence without them")
        if tokens.state["vocabulary"] != vocabulary.digest:
            raise DecodeError(f"{self.name} tokens were made with another vocabulary")
        size = len(vocabulary.runs)
        wrong = (tokens.ids < 0) | (tokens.ids >= size)
        refuse_ids(tokens.ids, wrong, self.name, f"ids are 0 to {size - 1}")
        lengths = tokens.state["tokens"]
        if sum(lengths) != len(tokens.ids):
            raise DecodeError(
                f"{self.name} made {sum(lengths)} tokens, got {len(tokens.ids)}: pass the whole"
                " sequence"
            )
        middles = (np.arange(vocabulary.bins) + 0.5) / vocabulary.bins * 2 - 1
        points = np.append(middles * self.limit, np.nan)
        values = np.empty((info.steps, info.channels))
        mean, std = tokens.state["mean"], tokens.state["std"]
        for c, part in enumerate(np.split(tokens.ids, np.cumsum(lengths)[:-1])):
            codes = [code for i in part.tolist() for code in vocabulary.runs[i]]
            if len(codes) != info.steps:
                raise DecodeError(
                    f"{self.name}: the tokens of channel {c} spell {len(codes)} steps, the series"
                    f" has {info.steps}"
                )
            values[:, c] = points[codes] * std[c] + mean[c]
        return restored(tokens, values)

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """Half a bin times the largest deviation, and the clipping."""
        import numpy as np

        half = self.limit / self._vocabulary().bins
        std = float(np.max(tokens.state["std"], initial=0.0))
        mean = float(np.max(np.abs(tokens.state["mean"]), initial=0.0))
        bound = half * std * (1 + 1e-9) + mean * 1e-14
        return bound + float(tokens.state["overshoot"]) + 1e-300

    def _codes(self, media: Series) -> tuple[NDArray[np.int64], dict[str, Any]]:
        """(steps, channels) bin numbers, the one after the last for a missing value."""
        import numpy as np

        values, bins = media.values, self._vocabulary().bins
        seen = np.maximum((~np.isnan(values)).sum(axis=0), 1)
        mean = np.nansum(values, axis=0) / seen
        std = np.sqrt(np.nansum((values - mean) ** 2, axis=0) / seen)
        std = np.where(std <= 1e-8 * np.maximum(np.abs(mean), 1e-300), 1.0, std)
        scaled = (values - mean) / std
        holes = np.isnan(scaled)
        places = np.floor((np.where(holes, 0.0, scaled) / self.limit + 1) / 2 * bins)
        codes = np.clip(places, 0, bins - 1).astype(np.int64)
        codes[holes] = bins
        beyond = np.where(holes, 0.0, np.maximum(np.abs(scaled) - self.limit, 0.0)) * std
        state = {
            "mean": mean,
            "std": std,
            "clipped": int((beyond > 0).sum()),
            "overshoot": float(beyond.max(initial=0.0)),
        }
        return codes, state


@dataclass(frozen=True, eq=False)
class _Vocabulary:
    """The tokens of a file: `runs[id]` are the bins it stands for."""

    path: str
    bpe: Any
    runs: tuple[tuple[int, ...], ...]
    bins: int
    digest: str

    def encode(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        import numpy as np

        if self.bpe is None or not len(codes):
            return codes.copy()
        with encodes(self.path):
            return np.array(self.bpe.encode(_text(codes)).ids, dtype=np.int64)

    def starts(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The step where each token begins."""
        import numpy as np

        lengths = np.array([len(self.runs[i]) for i in ids.tolist()], dtype=np.int64)
        return np.cumsum(lengths) - lengths


@lru_cache(maxsize=16)
def _load(file: Stamp | None, bins: int) -> _Vocabulary:
    """Of the file as it stands: one that is trained anew is read again."""
    if file is None:
        return _Vocabulary(
            "", None, tuple((code,) for code in range(bins + 1)), bins, f"bins-{bins}"
        )
    path = file.path
    try:
        text = Path(path).read_text("utf-8")
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}", source=path) from None
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: not a tokenizer.json ({error})", source=path) from None
    bpe = reference_of(text, path)
    by_id = sorted((i, token) for token, i in bpe.get_vocab().items())
    runs = tuple(tuple(ord(char) - FIRST for char in token) for _, token in by_id)
    single = sorted(run[0] for run in runs if len(run) == 1)
    if (
        single != list(range(len(single)))
        or len(single) < 3
        or [i for i, _ in by_id] != list(range(len(by_id)))
    ):
        raise SourceError(f"{path}: not a vocabulary that series-bpe wrote", source=path)
    digest = blake2b(text.encode(), digest_size=8).hexdigest()
    return _Vocabulary(path, bpe, runs, len(single) - 1, digest)


def _text(codes: NDArray[np.int64]) -> str:
    return (codes + FIRST).astype("<u4").tobytes().decode("utf-32-le")


def _words(codes: NDArray[np.int64]) -> list[str]:
    """A channel in pieces of WORD values, to learn from."""
    text = _text(codes)
    return [text[start : start + WORD] for start in range(0, len(text), WORD)]


def _media(one: Any) -> Series:
    from multitok.core.media import Series

    return one if isinstance(one, Series) else Series(one)
