"""Patches of a series: a run of steps is one token, normalized and masked as its model does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from multitok.core.errors import DecodeError, MediaError, UnknownNameError
from multitok.core.info import SeriesInfo, info_of
from multitok.core.integers import ceil_div, round_up
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.series.layout import infinite, restored
from multitok.modalities.series.patch_rules import PRESETS, Guard, Norm, Pad, Part, PatchRule

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Series
    from multitok.core.sequence import TokenSequence


AHEAD = ("chronos-2", "moirai", "moirai-2", "toto-2")
"""Presets of models that are fed the steps to forecast as patches, too."""


class Plan(NamedTuple):
    """Where the steps of a series go: `first` and `steps` are encoded, with `left` padding before
    and `right` repeated values after them, in `patches` patches."""

    first: int
    steps: int
    left: int
    right: int
    patches: int


@dataclass(frozen=True, kw_only=True)
class SeriesPatchTokenizer(Tokenizer["Series", SeriesInfo]):
    """Runs of `patch` steps, one token each, channel after channel; the token is float32 values.

    `preset` names a published model's rule (patch_rules.PRESETS: plain, chronos-bolt, chronos-2,
    timesfm-1, timesfm-2, timesfm-2.5, patchtst, patchtst-hf, patchtsmixer, ttm, moirai, moirai-2,
    tirex, moment, toto, toto-2); every other parameter, documented at PatchRule, replaces one of
    its numbers. A patch without a given stride follows the last without a gap.

    Missing values are masked or interpolated as the model does. Scales are of the whole context,
    the steps that fill no patch included. A constant channel is all zeros.
    inf is refused. The REG token and the patches of the horizon are special and carry no values.
    Decoding undoes the norm and drops the padding: exact but for float32. `inputs` holds
    attention_mask (tokens,), loc and scale are in `state`.

    >>> tokenizer = SeriesPatchTokenizer(preset="chronos-bolt")
    >>> tokenizer.count(SeriesInfo(steps=100))  # 7 patches of 16 and REG
    8
    """

    preset: str = "plain"
    patch: int | None = None
    stride: int | None = None
    context: int | None = None
    pad: Pad | None = None
    norm: Norm | None = None
    ddof: int | None = None
    eps: float | None = None
    guard: Guard | None = None
    double: bool | None = None
    decades: int | None = None
    arcsinh: bool | None = None
    missing: Literal["mask", "interpolate"] | None = None
    unseen: Literal["zero", "shifted"] | None = None
    observed: Literal["any", "all"] | None = None
    parts: tuple[Part, ...] | None = None
    time_scale: int | None = None
    vector: int | None = None
    register: bool | None = None
    horizon: int | None = None
    shared: int | None = None

    name: ClassVar[str] = "series-patch"
    modality: ClassVar[str] = "series"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"preset": "chronos-bolt"},
        {"preset": "chronos-2", "context": 64, "time_scale": 64, "horizon": 20},
        {"preset": "timesfm-2.5", "context": 128},
        {"preset": "timesfm-1"},
        {"preset": "patchtst"},
        {"preset": "patchtst-hf"},
        {"preset": "moirai", "patch": 8, "horizon": 9},
        {"preset": "moirai-2", "horizon": 9},
        {"preset": "tirex", "context": 64},
        {"preset": "toto-2", "patch": 16},
        {"preset": "moment"},
        {"preset": "toto", "patch": 16},
        {"patch": 6, "stride": 3, "norm": "mean", "eps": 1e-10},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.preset not in PRESETS:
            then = f"Presets: {', '.join(PRESETS)}"
            raise UnknownNameError.of("series-patch preset", self.preset, PRESETS, then)
        _rule(self)  # the rule that it comes to checks itself

    @property
    def rule(self) -> PatchRule:
        """The preset with the parameters that were given."""
        return _rule(self)

    def plan(self, info: SeriesInfo) -> Plan:
        """One arithmetic, asked by count and encode alike."""
        rule = self.rule
        seen = info.steps if rule.context is None else min(info.steps, rule.context)
        first = info.steps - seen
        if rule.pad == "drop-start":
            if seen <= rule.patch:
                raise MediaError(
                    f"{self.preset} patches need more than {rule.patch} steps, got {info.steps}"
                )
            n = (seen - rule.patch) // rule.stride + 1
            used = rule.patch + rule.stride * (n - 1)
            return Plan(info.steps - used, used, 0, 0, n)
        if rule.pad == "repeat-end":
            if seen + rule.stride < rule.patch or seen < 1:
                raise MediaError(
                    f"{self.preset} patches need at least {max(1, rule.patch - rule.stride)} steps,"
                    f" got {info.steps}"
                )
            n = (seen + rule.stride - rule.patch) // rule.stride + 1
            used = rule.patch + rule.stride * (n - 1)
            return Plan(first, min(seen, used), 0, max(0, used - seen), n)
        whole = rule.context if rule.pad == "context" else round_up(seen, rule.patch)
        whole = whole or 0
        n = (whole - rule.patch) // rule.stride + 1 if whole else 0
        used = rule.patch + rule.stride * (n - 1) if n else 0
        return Plan(first, max(0, seen - (whole - used)), whole - seen, 0, n)

    def count(self, x: Series | SeriesInfo, /) -> int:
        info: SeriesInfo = info_of(x)
        return info.channels * self._per_channel(self.plan(info))

    def breakdown(self, x: Series | SeriesInfo, /) -> dict[str, int]:
        info: SeriesInfo = info_of(x)
        parts = {"series": info.channels * self.plan(info).patches}
        if self.rule.register:
            parts["reg"] = info.channels
        if self.rule.horizon:
            parts["horizon"] = info.channels * self._future()
        return parts

    def geometry(self, x: Series | SeriesInfo, /) -> Mapping[str, Any]:
        info: SeriesInfo = info_of(x)
        plan, rule = self.plan(info), self.rule
        return {
            "patches": plan.patches,
            "patch": rule.patch,
            "stride": rule.stride,
            "sequence_start": plan.first,
            "padding": plan.left + plan.right,
        }

    def explain(self, x: Series | SeriesInfo, /) -> list[str]:
        info: SeriesInfo = info_of(x)
        plan, rule = self.plan(info), self.rule
        padded = plan.steps + plan.left + plan.right
        lines = [
            f"{plan.steps:,} steps and {padded - plan.steps:,} of padding: {plan.patches:,} patches"
            f" of {rule.patch}, {rule.stride} apart"
        ]
        extra = [name for name, on in (("REG", rule.register),) if on]
        if rule.horizon:
            extra.append(f"{self._future()} for the horizon")
        each = f"{plan.patches:,} patches" + "".join(f" + {name}" for name in extra)
        lines.append(f"{each} x {info.channels} channels = {self.count(info):,} tokens")
        return lines

    def notes(self, x: Series | SeriesInfo, /) -> list[str]:
        found = list(filter(None, [self.left_out(x)]))
        if self.preset in AHEAD and not self.rule.horizon:
            found.append(
                "the context alone: the model is fed a patch for every"
                f" {self.rule.patch} steps ahead too, for each channel (horizon=...)"
            )
        return found

    def left_out(self, x: Series | SeriesInfo, /) -> str | None:
        info: SeriesInfo = info_of(x)
        steps = self.plan(info).steps
        return f"only {steps} of {info.steps} steps are seen" if steps < info.steps else None

    def prepare(self, media: Series, /) -> Series:
        """The steps that are seen, with missing values filled where the model fills them.

        Doing it twice changes nothing more where the stride divides the patch; otherwise the
        padding is aligned anew, and the reference drops steps at the end again."""
        if self.rule.pad == "drop-start" and len(media.values) == self.rule.patch:
            return media  # what is left of a series of one patch
        return self._kept(self._context(media))[0]

    def _context(self, media: Series) -> Series:
        """The last `context` steps, with missing values filled where the model fills them. Scales
        are of all of them: a model scales what it is given, then drops what fills no patch."""
        from multitok.core.media import Series
        from multitok.modalities.series.patch_norm import interpolated, leading_gaps

        values, times, longest = media.values, media.timestamps, self.rule.context
        fills = self.rule.missing == "interpolate"
        first = leading_gaps(values) if fills else 0
        if fills:
            values = interpolated(values[first:].T).T
        beyond = 0 if longest is None else max(0, len(values) - longest)
        if not fills and not beyond:
            return media
        seen = None if times is None else times[first + beyond :]
        return Series(values[beyond:], media.names, seen)

    def _kept(self, context: Series) -> tuple[Series, Plan]:
        """The steps of the context that fill patches, and the plan that puts them there."""
        from multitok.core.media import Series

        plan, times = self.plan(context.info), context.timestamps
        if plan.steps == len(context.values):
            return context, plan
        kept = slice(plan.first, plan.first + plan.steps)
        times = None if times is None else times[kept]
        return Series(context.values[kept], context.names, times), plan

    def encode(self, media: Series, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence
        from multitok.modalities.series.patch_norm import loc_scale

        rule = self.rule
        wrong = np.abs(media.values) > np.finfo(np.float32).max
        if wrong.any():
            raise infinite(media, wrong, self.name)
        context = self._context(media)
        prepared, plan = self._kept(context)
        patches = self._cut(prepared, plan)
        rows = context.values.T.astype(np.float32)
        loc, scale = loc_scale(rows, patches, rule)
        with np.errstate(over="ignore"):
            normed = (patches - loc) / scale
        if rule.arcsinh:
            normed = np.arcsinh(normed)
        mask = ~np.isnan(normed)
        blank = -loc / scale if rule.unseen == "shifted" else np.float32(0)
        vectors = self._vectors(np.where(mask, normed, blank), mask)
        special = self._special(patches.shape[1], media.info.channels)
        attended = mask.any(axis=2) if rule.observed == "any" else mask.all(axis=2)
        attention = special.copy()
        attention[~special] = attended.reshape(-1)
        where = np.full((len(special), 2), -1, dtype=np.int32)
        grid = np.indices(attended.shape, dtype=np.int32)
        where[~special] = grid[::-1].reshape(2, -1).T
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=special,
            values=vectors,
            inputs={"attention_mask": attention},
            axes=("patch", "channel"),
            positions=where,
            state={
                "loc": loc[..., 0],
                "scale": scale[..., 0],
                "observed": mask,
                "left": plan.left,
                "steps": plan.steps,
                "grid": [patches.shape[1], media.info.channels],
                "names": list(media.names),
            },
        )

    def spans(self, tokens: TokenSequence, column: int, /) -> list[tuple[int, int, str]]:
        """Where a patch begins and the next begins: overlapping patches show their stride."""
        rule, left, steps = self.rule, tokens.state["left"], int(tokens.state["steps"])
        n = tokens.state["grid"][0]
        runs = []
        for i in range(n):
            start = i * rule.stride - left
            end = start + (rule.stride if i + 1 < n else rule.patch)
            if end > 0 and start < steps:
                runs.append((max(start, 0), min(end, steps), str(i + 1)))
        return runs

    def levels(self, tokens: TokenSequence, column: int, /) -> list[float] | None:
        return None

    def decode(self, tokens: TokenSequence, /) -> Series:
        """The prepared steps: the norm undone, the padding dropped, NaN where nothing was seen."""
        import numpy as np

        if tokens.values is None:
            raise DecodeError(f"{self.name} tokens hold values, got a sequence without them")
        info = tokens.info_as(SeriesInfo)
        if len(tokens) != self.count(info):
            raise DecodeError(
                f"{self.name} makes {self.count(info)} tokens of {info!r}, got {len(tokens)}:"
                " pass the whole sequence"
            )
        rule, steps = self.rule, int(tokens.state["steps"])
        at = sum(self._width(part) for part in rule.parts[: rule.parts.index("values")])
        body = tokens.values[~tokens.special][:, at : at + rule.patch].astype(np.float64)
        normed = body.reshape(info.channels, -1, rule.patch)
        if rule.arcsinh:
            normed = np.sinh(normed)
        scale, loc = (np.asarray(tokens.state[k], np.float64)[..., None] for k in ("scale", "loc"))
        values = np.where(tokens.state["observed"], normed * scale + loc, np.nan)
        left, n = int(tokens.state["left"]), values.shape[1]
        flat = np.full((info.channels, rule.patch + rule.stride * max(0, n - 1)), np.nan)
        for i in range(n):  # where patches overlap they agree, but for a norm of their own
            flat[:, i * rule.stride : i * rule.stride + rule.patch] = values[:, i]
        return restored(tokens, flat[:, left : left + steps].T)

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """A few float32 roundings of the largest value; arcsinh multiplies them by its own size."""
        import numpy as np

        if tokens.values is None or not tokens.values.size:
            return 1e-12
        rule = self.rule
        at = sum(self._width(part) for part in rule.parts[: rule.parts.index("values")])
        far = np.abs(tokens.values[:, at : at + rule.patch]).max(initial=0.0).astype(np.float64)
        scale = np.asarray(tokens.state["scale"], np.float64).max(initial=0.0)
        loc = np.abs(np.asarray(tokens.state["loc"], np.float64)).max(initial=0.0)
        reach = np.sinh(far) * (1 + far) if rule.arcsinh else far
        return float((loc + (reach + 1) * scale) * 2.0**-21) + 1e-30

    def _per_channel(self, plan: Plan) -> int:
        return plan.patches + int(self.rule.register) + self._future()

    def _future(self) -> int:
        return max(0, ceil_div(self.rule.horizon, self.rule.patch) - self.rule.shared)

    def _special(self, patches: int, channels: int) -> NDArray[np.bool_]:
        """False for the patches of the context; True for REG and for the horizon, after them."""
        import numpy as np

        after = int(self.rule.register) + self._future()
        return np.tile(np.arange(patches + after) >= patches, channels)

    def _cut(self, prepared: Series, plan: Plan) -> NDArray[np.float32]:
        """(channels, patches, patch) float32, NaN for padding."""
        import numpy as np

        rule = self.rule
        rows = prepared.values.T.astype(np.float32)
        rows = np.pad(rows, ((0, 0), (plan.left, 0)), constant_values=np.nan)
        if plan.right:
            rows = np.pad(rows, ((0, 0), (0, plan.right)), mode="edge")
        if not plan.patches:
            return np.empty((len(rows), 0, rule.patch), dtype=np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(rows, rule.patch, axis=1)
        return windows[:, :: rule.stride][:, : plan.patches].copy()

    def _width(self, part: Part) -> int:
        return self.rule.vector or self.rule.patch if part == "values" else self.rule.patch

    def _vectors(self, normed: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
        """(tokens, d): the parts of each token side by side."""
        import numpy as np

        rule = self.rule
        channels, n, patch = normed.shape
        future = self._future()
        total = n + int(rule.register) + future
        out = np.zeros((channels, total, sum(map(self._width, rule.parts))), dtype=np.float32)
        at = 0
        for part in rule.parts:
            end = at + patch
            if part == "values":
                out[:, :n, at:end] = normed
            elif part == "mask":
                out[:, :n, at:end] = mask
            elif part == "padding":
                out[:, :n, at:end] = ~mask
            else:
                step = np.arange(-n * patch, future * patch, dtype=np.float32)
                step /= np.float32(rule.time_scale)
                out[:, :n, at:end] = step[: n * patch].reshape(n, patch)
                out[:, total - future :, at:end] = step[n * patch :].reshape(future, patch)
            at += self._width(part)
        return out.reshape(channels * total, out.shape[2])


@lru_cache(maxsize=256)
def _rule(tokenizer: SeriesPatchTokenizer) -> PatchRule:
    changed = {
        f.name: getattr(tokenizer, f.name)
        for f in fields(tokenizer)
        if f.name != "preset" and getattr(tokenizer, f.name) is not None
    }
    if "patch" in changed and "stride" not in changed:
        changed["stride"] = changed["patch"]
    return replace(PRESETS[tokenizer.preset], **changed)
