"""What a tokenizer costs and what it loses: tokens and bits against the error of the round trip.

reconstruction_error(FastTokenizer(), actions)     -> Distortion
compare_tokenizers(actions)                        -> one a tokenizer that fits the motion
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import log2
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from multitok.core.errors import MediaError, MultitokError
from multitok.core.info import modality_of
from multitok.core.media import Actions, Series
from multitok.core.registry import build
from multitok.core.tokenizer import Ranged, Tokenizer, Trainable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOTION: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("action-bins, q01..q99", "action-bins", {}),
    ("beast, trained", "beast", {}),
    ("fast, scale 5", "fast", {"scale": 5.0}),
    ("fast, scale 10", "fast", {"scale": 10.0}),
    ("fast, scale 40", "fast", {"scale": 40.0}),
)
"""What `compare_tokenizers` runs on movement: (label, name, parameters). Bins and
control points take their range from the motion itself, as a user who fits them would."""

SERIES: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("chronos, 4,096 ids", "chronos", {"context_length": None}),
    ("chronos, 512 ids", "chronos", {"context_length": None, "n_tokens": 512}),
    ("quantile-bins, 256", "quantile-bins", {"bins": 256}),
    ("quantile-bins, 32", "quantile-bins", {"bins": 32}),
    ("quantile-bins, 8", "quantile-bins", {"bins": 8}),
    ("series-mulaw, 256", "series-mulaw", {}),
    ("series-mulaw, 32", "series-mulaw", {"q": 32}),
    ("gato, 1,024 bins", "gato", {}),
    ("dwt-bins, 255", "dwt-bins", {"bins": 255}),
    ("dwt-bins, 31", "dwt-bins", {"bins": 31}),
    ("sax, 64 x 16", "sax", {"segments": 64, "alphabet": 16}),
    ("sax, 16 x 8", "sax", {"segments": 16, "alphabet": 8}),
    ("abba, normalized", "abba", {"normalize": True}),
    ("series-patch, 16", "series-patch", {"norm": "std"}),
    ("llmtime, o200k_base", "llmtime", {}),
)
"""What `compare_tokenizers` runs on a series. Patches hold numbers, LLMTime counts a text
vocabulary and ABBA makes a table of its own for each series: they have tokens and an error, and no
bits."""


EXCERPT = 50_000
"""Values (steps x channels) that a table of all tokenizers takes about a second for."""
CHANNELS = 1000
"""Channels that it takes about a second for, however short: each is tokenized by itself."""


class Distortion(NamedTuple):
    """One tokenizer on one input; errors in the unit of the input, and of each channel by itself.

    tokens, steps   of the input
    seconds         its length, where the rate is known
    rmse, worst     root mean square and largest absolute error of decode(encode(x)) against x
    bound           the largest error the tokenizer states
    bits            tokens x log2(ids a token may be), where that number is known
    nrmse           of each channel that moves: its root mean square error over its own standard
                    deviation, which tells channels of different units apart
    clipped         the share of values that lay outside the range of the tokenizer
    channels        of the input
    """

    label: str
    tokens: int
    steps: int
    seconds: float | None
    rmse: float
    worst: float
    bound: float
    bits: float | None
    nrmse: Mapping[str, float] = MappingProxyType({})
    clipped: float = 0.0
    channels: int = 1

    @property
    def worst_channel(self) -> tuple[str, float] | None:
        """The channel that comes back worst for how much it moves, and its error over that."""
        return max(self.nrmse.items(), key=lambda item: item[1], default=None)

    @property
    def tokens_per_step(self) -> float:
        return self.tokens / max(self.steps, 1)

    @property
    def tokens_per_second(self) -> float | None:
        return self.tokens / self.seconds if self.seconds else None

    @property
    def bits_per_step(self) -> float | None:
        return None if self.bits is None else self.bits / max(self.steps, 1)


def reconstruction_error(
    tokenizer: Tokenizer[Any, Any], media: Series | Actions, label: str = ""
) -> Distortion:
    """What one tokenizer costs and loses: encode, decode, and measure on what is not missing.

    A value that comes back as NaN is an infinite error, and one that fills a gap is told in the
    label. A tokenizer that shortens its input (a context window) is measured on what it keeps.

    >>> fine = build("quantile-bins", {"bins": 2, "edges": (0.0, 1.0, 2.0)})
    >>> found = reconstruction_error(fine, Series([[0.5], [1.75]]))
    >>> found.tokens, found.worst, round(found.bound, 9)
    (2, 0.25, 0.5)
    """
    import numpy as np

    tokens = tokenizer.encode(media)
    decoded = tokenizer.decode(tokens).values
    original = media.values
    if decoded.shape != original.shape:
        original = tokenizer.prepare(media).values
    if decoded.shape != original.shape:
        raise MediaError(
            f"{tokenizer.name} decodes {decoded.shape} from {original.shape}: nothing to compare"
        )
    holes = np.isnan(original)
    gone = np.isnan(decoded)
    label = label or tokenizer.name
    if (holes & ~gone).any():
        label += ", gaps filled"
    off = np.abs(decoded - original)
    off[gone & ~holes] = np.inf
    measured = off[~holes]
    rmse = float(np.sqrt((measured**2).mean())) if measured.size else 0.0
    ids = tokenizer.codes
    hz = media.hz if isinstance(media, Actions) else None
    return Distortion(
        label=label,
        tokens=len(tokens),
        steps=len(original),
        seconds=len(original) / hz if hz else None,
        rmse=rmse,
        worst=float(measured.max(initial=0.0)),
        bound=tokenizer.error_bound(tokens),
        bits=len(tokens) * log2(ids) if ids else None,
        nrmse=_by_channel(off, original, media.names),
        clipped=tokenizer.clipped(tokens),
        channels=original.shape[1],
    )


def _by_channel(
    off: NDArray[np.float64], original: NDArray[np.float64], names: Sequence[str]
) -> dict[str, float]:
    """Each channel's error over its standard deviation; a channel that rests has none."""
    import numpy as np

    found = {}
    for channel, name in enumerate(names):
        there = ~np.isnan(original[:, channel])
        values, errors = original[there, channel], off[there, channel]
        spread = float(values.std()) if values.size else 0.0
        if spread > 1e-12 * float(np.abs(values).max(initial=0.0)):
            found[name] = float(np.sqrt((errors**2).mean())) / spread
    return found


def excerpt(media: Any, *, all_channels: bool = False) -> Any:
    """The first steps of a series or a motion, EXCERPT values of it, in its first CHANNELS or in
    all; a smaller one is itself."""
    whole, wide = media.values.shape
    channels = wide if all_channels else min(wide, CHANNELS)
    steps = min(whole, max(1, EXCERPT // channels))
    if (steps, channels) == (whole, wide):
        return media
    cut: dict[str, Any] = {
        "values": media.values[:steps, :channels], "names": media.names[:channels]
    }  # fmt: skip
    if isinstance(media, Actions):
        cut["episodes"] = _first(media.episodes, steps)
        if media.quantiles is not None:
            low, high = media.quantiles
            cut["quantiles"] = low[:channels], high[:channels]
    if isinstance(media, Series) and media.timestamps is not None:
        cut["timestamps"] = media.timestamps[:steps]
    return replace(media, **cut)


def share_of(seen: Any, media: Any) -> str:
    """How much of it an excerpt is, in words; "" where it is all."""
    sides = zip(seen.values.shape, media.values.shape, ("steps", "channels"), strict=True)
    cut = [f"{some:,} of {whole:,} {what}" for some, whole, what in sides if some < whole]
    return f"first {' and '.join(cut)}" if cut else ""


def _has_all(tokenizer: Trainable, media: Any) -> bool:
    """Whether it is a vocabulary, in a file, that has a symbol for all of this movement."""
    return isinstance(tokenizer, Ranged) and "path" in tokenizer.ranges and tokenizer.holds(media)


def _first(episodes: tuple[int, ...], steps: int) -> tuple[int, ...]:
    """The episodes of the first steps, the last of them cut."""
    kept = []
    for length in episodes:
        kept.append(min(length, steps))
        steps -= kept[-1]
        if not steps:
            break
    return tuple(kept)


def compare_tokenizers(
    media: Series | Actions,
    tokenizers: Iterable[tuple[str, str, Mapping[str, Any]]] | None = None,
) -> list[Distortion]:
    """What each tokenizer of series, or of movement, costs and loses on this input.

    tokenizers  (label, name, parameters) of each; those that ship, in the settings people use,
                when none is named

    One that can be fitted is fitted to the input first (FAST, where its vocabulary lacks a
    coefficient); one that refuses it (too short to fit) is left out.

    >>> wave = Series([[n % 7] for n in range(64)])
    >>> [found] = compare_tokenizers(wave, [("8 bins", "quantile-bins", {"bins": 8})])
    >>> found.tokens, found.worst <= found.bound
    (64, True)
    """
    if not isinstance(media, Series | Actions):
        raise MediaError(
            f"a series or a motion is compared, got {type(media).__name__}: pass"
            " multitok.Series(values), multitok.Actions(values), or what multitok.load reads"
        )
    rows = []
    if tokenizers is None:
        tokenizers = SERIES if modality_of(media.info) == "series" else MOTION
    for label, name, params in tokenizers:
        try:
            tokenizer: Any = build(name, params)
            if isinstance(tokenizer, Trainable) and not _has_all(tokenizer, media):
                tokenizer = tokenizer.trained([media])
                label += ", q01..q99" if name == "fast" else ""
            rows.append(reconstruction_error(tokenizer, media, label))
        except MultitokError:
            continue
    return rows
