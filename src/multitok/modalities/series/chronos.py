"""Chronos: each value is scaled by its series' mean magnitude and becomes the id of its bin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from multitok.core.errors import DecodeError, MediaError
from multitok.core.info import SeriesInfo, info_of
from multitok.core.parameters import Codes, Positive
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.series.chronos_bins import (
    Scaled,
    beyond,
    bin_table,
    bins_of,
    meanings_of,
    overflowed,
    scaled,
    values_of,
)
from multitok.modalities.series.layout import (
    Channels,
    flags,
    ids_of,
    infinite,
    positions,
    present,
    refuse_ids,
    restored,
    rows_of,
    stacked,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Series
    from multitok.core.sequence import TokenSequence


GROUP = 1 << 17
"""Values of a batch that are worked on together: they stay in the cache."""
NOTHING = (0, 0.0)
"""How many values lie beyond the end bins, and how far, where none does."""


@dataclass(frozen=True, kw_only=True)
class ChronosTokenizer(Tokenizer["Series", SeriesInfo]):
    """One id per value: divide by the mean magnitude, then find the bin among equal ones.

    The defaults are those of every published chronos-t5 size (tiny to large); the parameters have
    the names of its config file. n_tokens - n_special_tokens - 1 bin centers lie from low_limit to
    high_limit; the bins at both ends take all beyond. A value on a boundary goes up.

    context_length   only the last values are encoded, and only they set the scale; None: all
    use_eos_token, model_type   an end id follows each row for "seq2seq" and not for "causal"
    channels         "separate": each channel a row of its own, one after the other; "interleaved"
                     or "flattened": step by step in one row, with a scale for each channel or one
                     for all; the last context_length // channels steps are kept
    strict_reference   as published also where that is wrong: inf makes the scale inf and every
                     other value 0, and missing values and the end id decode to low_limit * scale

    A missing value (NaN) is the pad id and decodes to NaN. A row of zeros, of nothing or of missing
    values has scale 1. inf, and what float32 cannot hold, is refused. Scales are float64 sums
    rounded to float32: at most an ulp from the published float32 sums.
    Source: Chronos (Ansari et al. 2024), MeanScaleUniformBins of chronos-forecasting 2.3.2.

    >>> from multitok import Series
    >>> ChronosTokenizer().encode(Series([1.0, 2.0, float("nan"), -3.0])).ids
    array([2117, 2185,    0, 1844,    1])
    """

    low_limit: float = -15.0
    high_limit: float = 15.0
    n_tokens: Codes = 4096
    n_special_tokens: int = 2
    pad_token_id: int = 0
    eos_token_id: int = 1
    use_eos_token: bool = True
    model_type: Literal["seq2seq", "causal"] = "seq2seq"
    context_length: Positive | None = 512
    channels: Channels = "separate"
    strict_reference: bool = False

    name: ClassVar[str] = "chronos"
    modality: ClassVar[str] = "series"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"context_length": 32, "channels": "interleaved"},
        {"context_length": 33, "channels": "flattened", "use_eos_token": False},
        {"low_limit": -5.0, "high_limit": 5.0, "n_tokens": 64, "context_length": None},
        {"low_limit": -1.0, "high_limit": 1.0, "n_tokens": 8, "n_special_tokens": 3,
         "pad_token_id": 2, "eos_token_id": 0, "model_type": "causal"},
    )  # fmt: skip

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.low_limit < self.high_limit:
            raise MediaError(
                f"low_limit must be below high_limit, got {self.low_limit!r}, {self.high_limit!r}"
            )
        if self.n_tokens - self.n_special_tokens < 3:
            raise MediaError(
                f"n_tokens must exceed n_special_tokens by at least 3, got {self.n_tokens!r}"
                f" and {self.n_special_tokens!r}"
            )
        for what in ("pad_token_id", "eos_token_id"):
            if not 0 <= getattr(self, what) < self.n_special_tokens:
                raise MediaError(
                    f"{what} must be below n_special_tokens={self.n_special_tokens},"
                    f" got {getattr(self, what)!r}"
                )

    @property
    def codes(self) -> int:  # ids a token may be
        return self.n_tokens

    @property
    def ids_below(self) -> int:
        return self.n_tokens

    def count(self, x: Series | SeriesInfo, /) -> int:
        info: SeriesInfo = info_of(x)
        return self.steps(info) * info.channels + self._ends(info)

    def breakdown(self, x: Series | SeriesInfo, /) -> dict[str, int]:
        info: SeriesInfo = info_of(x)
        parts = {"series": self.steps(info) * info.channels}
        return {**parts, "eos": self._ends(info)} if self._eos else parts

    def steps(self, info: SeriesInfo) -> int:
        """The steps that are encoded: the last ones the context holds."""
        if self.context_length is None:
            return info.steps
        if self.channels == "separate":
            return min(info.steps, self.context_length)
        if info.channels > self.context_length:
            raise MediaError(
                f"a context of {self.context_length} does not hold one step of {info.channels}"
                " channels: raise context_length or pass channels='separate'"
            )
        return min(info.steps, self.context_length // info.channels)

    def explain(self, x: Series | SeriesInfo, /) -> list[str]:
        info: SeriesInfo = info_of(x)
        steps = self.steps(info)
        ends = f", and {self._ends(info)} end id(s)" if self._eos else ""
        return [f"{steps:,} steps x {info.channels} channels = {steps * info.channels:,} ids{ends}"]

    def notes(self, x: Series | SeriesInfo, /) -> list[str]:
        return list(filter(None, [self.left_out(x)]))

    def left_out(self, x: Series | SeriesInfo, /) -> str | None:
        info: SeriesInfo = info_of(x)
        steps = self.steps(info)
        return f"only the last {steps} of {info.steps} steps" if steps < info.steps else None

    def geometry(self, x: Series | SeriesInfo, /) -> Mapping[str, Any]:
        info: SeriesInfo = info_of(x)
        return {"grid": [self.steps(info), info.channels]}

    def prepare(self, media: Series, /) -> Series:
        """The steps that the context holds."""
        steps = self.steps(media.info)
        if steps == len(media.values):
            return media
        from multitok.core.media import Series

        times = media.timestamps
        first = len(media.values) - steps
        return Series(media.values[first:], media.names, None if times is None else times[first:])

    def encode(self, media: Series, /) -> TokenSequence:
        return self._encode_group([media], self.config())[0]

    def encode_batch(self, items: Iterable[Series], /) -> list[TokenSequence]:
        """Series of equal length and one row share the arithmetic of a block."""
        config = self.config()
        made: list[TokenSequence] = []
        for shape, alike in groupby(items, key=lambda item: item.values.shape):
            number = max(1, GROUP // max(1, shape[0] * shape[1]))
            while group := list(islice(alike, number)):
                made += self._encode_group(group, config)
        return made

    def encode_array(
        self, values: NDArray[Any], scale: NDArray[Any] | None = None, *, dtype: Any = None
    ) -> tuple[NDArray[Any], NDArray[np.float32]]:
        """Ids and scales of (rows, steps) values, each row a series: no truncation and no end ids.

        A given `scale`, one a row, is used as it is: label ids of a forecast take their context's.
        `dtype` is uint16 or uint32 by default, whichever holds n_tokens: a quarter of int64's
        traffic. inf is not refused here.
        """
        import numpy as np

        rows = np.asarray(values)
        if rows.ndim != 2 or rows.dtype.kind not in "fiub":
            raise MediaError(f"values must be numbers of (rows, steps), got shape {rows.shape}")
        kind = dtype or (np.uint16 if self.n_tokens <= 1 << 16 else np.uint32)
        out = np.empty(rows.shape, dtype=kind)
        with np.errstate(all="ignore"):
            found = scaled(rows)
            scales = found.scale
            if scale is not None:
                scales = np.broadcast_to(np.asarray(scale, dtype=np.float32).reshape(-1), len(rows))
            self._fill(rows, scales, out, self._tame(scales, found))
        return out, scales

    def decode_array(self, ids: NDArray[Any], scale: NDArray[Any]) -> NDArray[np.float32]:
        """The bin centers of (rows, steps) ids times each row's scale; NaN for the pad id.

        The inverse of `encode_array`, and the way from a model's sampled ids to its forecast."""
        import numpy as np

        given = np.asarray(ids)
        if given.dtype.kind not in "iu":
            given = given.astype(np.int64)
        return self._values(given, scale, np.float32)

    def decode(self, tokens: TokenSequence, /) -> Series:
        """The centers of the bins times the scale, for the steps that were encoded."""
        import numpy as np

        info = tokens.info_as(SeriesInfo)
        ids = ids_of(tokens, self.name, self.count(info))
        steps = self.steps(info)
        rows = info.channels if self.channels == "separate" else 1
        grid = ids.reshape(rows, -1)
        body, ends = np.split(grid, [grid.shape[1] - int(self._eos)], axis=1)
        if (ends != self.eos_token_id).any() and not self.strict_reference:
            raise DecodeError(
                f"{self.name}: id {int(ends[ends != self.eos_token_id][0])} stands where the end"
                f" id {self.eos_token_id} must: pass the whole sequence"
            )
        scale = tokens.state["scale"]
        if self.channels == "interleaved":
            body = body.reshape(steps, info.channels).T
        values = self._values(body, scale, np.float64)
        if self.channels == "flattened":
            return restored(tokens, values.reshape(steps, info.channels))
        return restored(tokens, values.T)

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """Half a bin times the largest scale, float32 roundings, and how far the ends clip."""
        import numpy as np

        bins = self.n_tokens - self.n_special_tokens - 2
        half = (self.high_limit - self.low_limit) / bins / 2
        reach = max(abs(self.low_limit), abs(self.high_limit)) + half
        scale = float(np.max(tokens.state["scale"], initial=0.0))
        return scale * (half + reach * 2.0**-21) + float(tokens.state["overshoot"])

    @property
    def _eos(self) -> bool:
        return self.use_eos_token and self.model_type == "seq2seq"

    def _ends(self, info: SeriesInfo) -> int:
        if not self._eos:
            return 0
        return info.channels if self.channels == "separate" else 1

    def _table(self) -> Any:
        n = self.n_tokens - self.n_special_tokens - 1
        return bin_table(self.low_limit, self.high_limit, n)

    def _values(self, ids: NDArray[Any], scale: Any, kind: Any) -> NDArray[Any]:
        """The values of (rows, steps) ids: a float32 product each, as `kind`."""
        self._check_ids(ids)
        missing = None if self.strict_reference else self.pad_token_id
        return values_of(ids, scale, meanings_of(self._table(), self.n_tokens, missing), kind)

    def _check_ids(self, ids: NDArray[Any]) -> None:
        """DecodeError unless each stands for a value, or for a missing one."""
        first = 0 if self.strict_reference else self.n_special_tokens + 1
        if ids.size == 0 or (ids.min() >= first and ids.max() < self.n_tokens):
            return
        wrong = (ids < first) | (ids >= self.n_tokens)
        if not self.strict_reference:
            wrong &= ids != self.pad_token_id
        allowed = f"ids are {self.n_special_tokens + 1} to {self.n_tokens - 1}"
        refuse_ids(ids.reshape(-1), wrong.reshape(-1), self.name, allowed)

    def _fill(
        self, rows: NDArray[Any], scale: NDArray[np.float32], out: NDArray[Any], tame: bool
    ) -> None:
        bins_of(
            rows,
            scale,
            self._table(),
            out,
            shift=self.n_special_tokens,
            last=self.n_tokens - 1,
            missing=self.pad_token_id,
            tame=tame,
        )

    def _tame(self, scale: NDArray[np.float32], found: Scaled) -> bool:
        """Nothing is missing, and every value lies between the two limits."""
        import numpy as np

        inner = min(-self.low_limit, self.high_limit) * scale.astype(np.float64)
        inside = np.count_nonzero(found.peak < inner) == len(inner)
        return inside and not np.count_nonzero(found.missing)

    def _encode_group(self, items: list[Series], config: dict[str, Any]) -> list[TokenSequence]:
        """Series of one shape: their rows are scaled and binned together."""
        import numpy as np

        info = items[0].info
        steps, width = self.steps(info), info.channels
        ids = np.empty((len(items), self.count(info)), dtype=np.int64)
        with np.errstate(all="ignore"):
            rows = stacked(items, info.steps - steps, self.channels)
            found = scaled(rows)
            scale = overflowed(found.scale, rows) if self.strict_reference else found.scale
            tame = self._tame(scale, found)
            if not (tame or self.strict_reference or np.isfinite(found.peak).all()):
                self._refuse_infinite(items)
            if self.channels == "interleaved":
                body = np.empty(rows.shape, dtype=np.int64)
                self._fill(rows, scale, body, tame)
                woven = body.reshape(len(items), width, steps).transpose(0, 2, 1)
                ids[:, : steps * width] = woven.reshape(len(items), -1)
                grid = ids
            else:
                grid = ids.reshape(len(rows), -1)
                self._fill(rows, scale, grid[:, : rows.shape[1]], tame)
            clips = {} if tame else self._clips(items, scale, found.peak)
        if self._eos:
            grid[:, -1] = self.eos_token_id
        missing = [] if tame else found.missing.reshape(len(items), -1).sum(axis=1).tolist()
        return self._sequences(items, info, ids, scale, missing, clips, config)

    def _sequences(
        self,
        items: list[Series],
        info: SeriesInfo,
        ids: NDArray[np.int64],
        scale: NDArray[np.float32],
        missing: list[int],
        clips: dict[int, tuple[int, float]],
        config: dict[str, Any],
    ) -> list[TokenSequence]:
        """Items of one shape share what depends on the shape alone, read-only. `missing` and
        `clips` tell nothing of items of which there is nothing to tell."""
        from multitok.core.sequence import TokenSequence

        steps, width, ends = self.steps(info), info.channels, int(self._eos)
        special = flags(steps, width, self.channels, ends=ends)
        whole = {"attention_mask": present(len(special))}
        grid, names = [info.steps, width], items[0].names
        listed = list(names)
        states, inputs = [], []
        for i, (item, own) in enumerate(zip(items, scale.reshape(len(items), -1), strict=True)):
            holes = missing[i] if missing else 0
            clipped, overshoot = clips.get(i, NOTHING) if clips else NOTHING
            inputs.append({"attention_mask": self._mask(ids[i], special)} if holes else whole)
            states.append(
                {
                    "scale": own,
                    "missing": holes,
                    "clipped": clipped,
                    "overshoot": overshoot,
                    "grid": grid,
                    "names": listed if item.names == names else list(item.names),
                }
            )
        return TokenSequence.of_rows(
            ids,
            inputs=inputs,
            states=states,
            tokenizer=config,
            info=info,
            special=special,
            axes=("step", "channel"),
            positions=positions(steps, width, self.channels, first=info.steps - steps, ends=ends),
        )

    def _mask(self, ids: NDArray[np.int64], special: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """False for missing values; the end id may be the pad id, and is attended to."""
        return (ids != self.pad_token_id) | special  # type: ignore[no-any-return]

    def _refuse_infinite(self, items: list[Series]) -> None:
        import numpy as np

        for item in items:
            steps = self.steps(item.info)
            wrong = np.abs(item.values) > np.finfo(np.float32).max
            wrong[: len(wrong) - steps] = False
            if wrong.any():
                raise infinite(item, wrong, self.name, ", or pass strict_reference=True")

    def _clips(
        self, items: list[Series], scale: NDArray[np.float32], peak: NDArray[np.float64]
    ) -> dict[int, tuple[int, float]]:
        """For each item with values beyond the end bins: how many, and how far the farthest is."""
        import numpy as np

        half = (self.high_limit - self.low_limit) / (self.n_tokens - self.n_special_tokens - 2) / 2
        inner = min(-self.low_limit, self.high_limit)
        first = len(items[0].values) - self.steps(items[0].info)
        each = len(scale) // len(items)
        found: dict[int, tuple[int, float]] = {}
        for r in np.flatnonzero(peak > inner * scale.astype(np.float64)).tolist():
            values = rows_of(items[r // each].values[first:], self.channels)[r % each]
            s = float(scale[r])
            many, far = beyond(values, (self.low_limit - half) * s, (self.high_limit + half) * s)
            total, farthest = found.get(r // each, NOTHING)
            found[r // each] = (total + many, max(farthest, far))
        return found
