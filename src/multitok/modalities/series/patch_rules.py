"""How published models cut a series into patches: one rule each, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal, get_args

from multitok.core.errors import MediaError
from multitok.core.parameters import (
    MOST_CODES,
    AtLeast,
    AtMost,
    check_parameters,
    listed,
)

Pad = Literal["left", "context", "repeat-end", "drop-start"]
Norm = Literal["none", "std", "mean", "causal", "first-patch"]
Guard = Literal["zero", "location", "variance", "deviation", "small", "floor"]
Part = Literal["time", "values", "mask", "padding"]

MOST_STEPS = 1 << 24
"""Steps of a context: "context" pads a short series to all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchRule:
    """patch, stride   steps in a patch, and from one patch to the next
    context     only the last steps are seen; None: all
    pad         "left": to a multiple of patch; "context": on the left to the whole context;
                "repeat-end": the last value `stride` times, then whole patches; "drop-start": the
                first values that fill no patch are dropped (the series must be longer than a patch)
    norm        each channel: "std" (x - mean) / std; "mean" x / mean |x|; "causal" mean and std of
                all steps up to the end of the patch; "first-patch" those of the first patch with 3
                observed values; "none"
    ddof        0 divides the squares by n, 1 by n - 1
    eps, guard  against a zero std: "zero" puts eps in its place, "location" |mean| + eps,
                "variance" adds eps under the root, "deviation" adds eps to the root, "small" puts 1
                where the std is below eps, "floor" eps; for "mean", the least scale is eps
    double      the squares are of the distance to the float64 mean, not the float32 one
    decades     a causal scale stays within so many powers of ten of that of the whole series;
                0: wherever it is
    arcsinh     applied after the norm
    missing     NaN is 0 and not observed ("mask"), or filled by straight lines after leading NaN
                is stripped ("interpolate")
    unseen      what stands for padding and missing values: "zero" after the norm, or "shifted", a
                zero before it
    observed    a patch is attended to when "any" or "all" of its values are observed
    parts       what a token's vector holds, one after the other: "time" (step / time_scale),
                "values", "mask" (1 observed), "padding" (1 not observed)
    vector      values are padded with zeros to this length; 0: patch
    register    one REG token after the context's patches
    horizon     steps ahead that take patches of their own, without values (Chronos-2, Moirai)
    shared      patches of the horizon that the last one of the context stands for (Toto 2)
    """

    patch: Annotated[int, AtLeast(1), AtMost(MOST_CODES)] = 16
    stride: Annotated[int, AtLeast(1), AtMost(MOST_CODES)] = 16
    context: Annotated[int, AtMost(MOST_STEPS)] | None = None
    pad: Pad = "left"
    norm: Norm = "none"
    ddof: int = 0
    eps: float = 1e-5
    guard: Guard = "zero"
    double: bool = False
    decades: int = 0
    arcsinh: bool = False
    missing: Literal["mask", "interpolate"] = "mask"
    unseen: Literal["zero", "shifted"] = "zero"
    observed: Literal["any", "all"] = "any"
    parts: tuple[Part, ...] = ("values",)
    time_scale: int = 0
    vector: Annotated[int, AtLeast(0), AtMost(MOST_CODES)] = 0
    register: bool = False
    horizon: Annotated[int, AtLeast(0), AtMost(MOST_CODES)] = 0
    shared: Annotated[int, AtLeast(0), AtMost(MOST_CODES)] = 0
    source: str = ""

    def __post_init__(self) -> None:
        check_parameters(self)
        for part in self.parts:
            if part not in get_args(Part):
                raise MediaError(f"parts must be {listed(get_args(Part))}, got {part!r}")
        if self.stride > self.patch:
            raise MediaError(
                f"stride must be at most patch={self.patch}, got {self.stride!r}: the steps between"
                " would be lost"
            )
        if self.context is not None and self.context < self.patch:
            raise MediaError(f"context must hold one patch of {self.patch}, got {self.context!r}")
        if self.pad == "context" and (self.context is None or self.context % self.stride):
            raise MediaError(
                f"pad='context' needs a context that is a multiple of {self.stride},"
                f" got {self.context!r}"
            )
        if self.missing == "interpolate" and self.pad != "context":
            raise MediaError("missing='interpolate' strips steps: it needs pad='context'")
        if self.vector and self.vector < self.patch:
            raise MediaError(f"vector must hold patch={self.patch} values, got {self.vector!r}")
        if "time" in self.parts and self.time_scale < 1:
            raise MediaError(f"the part 'time' needs time_scale, got {self.time_scale!r}")


_HF = "transformers 5.23"

PRESETS: Mapping[str, PatchRule] = MappingProxyType(
    {
        "plain": PatchRule(source="no model: patches alone"),
        "chronos-bolt": PatchRule(
            context=2048, norm="std", parts=("values", "mask"), register=True,
            source="chronos-forecasting 2.3.2, chronos_bolt.py",
        ),
        "chronos-2": PatchRule(
            context=8192, norm="std", arcsinh=True, parts=("time", "values", "mask"),
            time_scale=8192, register=True,
            source="chronos-forecasting 2.3.2, chronos2/model.py",
        ),
        "timesfm-1": PatchRule(
            patch=32, stride=32, context=512, pad="context", norm="first-patch", eps=1e-6,
            guard="floor", missing="interpolate", parts=("values", "padding"),
            source=f"{_HF}, TimesFmModelForPrediction",
        ),
        "timesfm-2": PatchRule(
            patch=32, stride=32, context=2048, pad="context", norm="first-patch", eps=1e-6,
            guard="floor", missing="interpolate", parts=("values", "padding"),
            source=f"{_HF}, TimesFmModelForPrediction",
        ),
        "timesfm-2.5": PatchRule(
            patch=32, stride=32, context=16384, pad="context", norm="causal", eps=1e-6,
            guard="small", missing="interpolate", parts=("values", "padding"),
            source="timesfm 3.0.2, timesfm_2p5_base.py; context is the max_context you compile",
        ),
        "patchtst": PatchRule(
            patch=16, stride=8, pad="repeat-end", norm="std", guard="variance",
            source="PatchTST (Nie et al. 2023), padding_patch='end', RevIN",
        ),
        "patchtst-hf": PatchRule(
            patch=16, stride=8, pad="drop-start", norm="std", guard="variance",
            source=f"{_HF}, PatchTSTPatchify and PatchTSTStdScaler",
        ),
        "patchtsmixer": PatchRule(
            patch=8, stride=8, pad="drop-start", norm="std", guard="variance",
            source=f"{_HF}, PatchTSMixerPatchify",
        ),
        "ttm": PatchRule(
            patch=64, stride=64, context=512, pad="drop-start", norm="std", guard="variance",
            source="granite-tsfm, TinyTimeMixerPatchify",
        ),
        "moirai": PatchRule(
            patch=32, stride=32, norm="std", ddof=1, guard="variance", double=True,
            unseen="shifted", vector=128,
            source="uni2ts 2.0.0; patch is 8, 16, 32, 64 or 128 by the frequency",
        ),
        "moirai-2": PatchRule(
            norm="std", ddof=1, guard="variance", double=True, unseen="shifted",
            parts=("values", "mask"), source="uni2ts 2.0.0, moirai2/forecast.py and module.py",
        ),
        "tirex": PatchRule(
            patch=32, stride=32, context=2048, pad="context", norm="std", guard="location",
            parts=("values", "mask"), source="tirex-ts 1.4.2, tirex.py and patcher.py",
        ),
        "toto-2": PatchRule(
            patch=32, stride=32, norm="causal", ddof=1, eps=1e-6, guard="floor", arcsinh=True,
            parts=("values", "padding"), shared=1,
            source="DataDog/toto, toto2/model.py, PatchedCausalStdScaler; patch 32 as published",
        ),
        "moment": PatchRule(
            patch=8, stride=8, context=512, pad="context", norm="std", guard="deviation",
            observed="all", source="momentfm 0.1.4",
        ),
        "toto": PatchRule(
            patch=64, stride=64, norm="causal", ddof=1, eps=0.1, guard="variance", decades=10,
            unseen="shifted", source="toto-ts 0.2.0, CausalPatchStdMeanScaler",
        ),
    }
)  # fmt: skip
"""Read from the code named in `source`; what is left out is the default above."""
