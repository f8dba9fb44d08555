"""Write tests/golden/patch_norms.json: what the published code makes of awkward series.

    python oracle/make_patch_norms.py > tests/golden/patch_norms.json

timesfm 3.0.2 (2.5, torch), transformers 5.23 (TimesFM 1 and 2) and 5.24 (PatchTST, PatchTSMixer),
uni2ts 2.0.0 (Moirai), momentfm 0.1.4, toto-ts 0.2.0, tirex-ts 1.4.2 and Toto 2 (DataDog/toto, the
folders toto2 and dd_unit_scaling on PYTHONPATH; it needs gluonts and lightning): their own
functions on float32 tensors. pip install --no-deps will do. Presets that are named are written
alone.
"""

import json
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace

import numpy as np
import torch

PATCH, CONTEXT = 16, 96


def series() -> dict[str, np.ndarray]:
    """Series of at most 96 steps by formula, as float32."""
    i = np.arange(90.0)
    holes = np.sin(i / 5) * 3 + i / 10
    holes[[7, 8, 40, 89]] = np.nan
    leading = holes.copy()
    leading[:3] = np.nan
    made = {
        "wave": np.sin(i / 5) * 3 + i / 10,
        "holes": holes,
        "leading": leading,
        "offset": 1e4 + np.cos(i / 3),
        "constant": np.full(50, 7.5),
        "zeros": np.zeros(40),
        "spike": np.where(i == 61, 1e6, 0.0),
        "late": np.where(i > 70, 1e12 * np.cos(i), 0.0),
        "short": np.array([1.0, 2.0, 4.0, 8.0, 16.0]),
        "one": np.array([3.0]),
        "whole": np.cumsum(np.sin(i[:64] ** 2)),
    }
    return {name: x.astype(np.float32) for name, x in made.items()}


def padded(x: np.ndarray, multiple: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Zeros on the left and for NaN, and what is observed."""
    left = -len(x) % multiple
    values = np.concatenate([np.zeros(left, np.float32), np.nan_to_num(x)])
    seen = np.concatenate([np.zeros(left, bool), ~np.isnan(x)])
    return torch.tensor(values), torch.tensor(seen)


def timesfm_25(x: np.ndarray) -> tuple:
    from timesfm.timesfm_2p5 import timesfm_2p5_base as base
    from timesfm.torch import util

    filled = base.linear_interpolation(base.strip_leading_nans(x.copy()))
    values, seen = padded(filled, CONTEXT)
    patches, masks = values.reshape(1, -1, 32), ~seen.reshape(1, -1, 32)
    stats = tuple(torch.zeros(1) for _ in range(3))
    mus, sigmas = [], []
    for i in range(patches.shape[1]):
        stats, _ = util.update_running_stats(*stats, patches[:, i], masks[:, i])
        mus.append(stats[1])
        sigmas.append(stats[2])
    mu, sigma = torch.stack(mus, 1), torch.stack(sigmas, 1)
    normed = torch.where(masks, 0.0, util.revin(patches, mu, sigma))
    return mu[0], torch.where(sigma < 1e-6, 1.0, sigma)[0], normed[0]


def timesfm_hf(x: np.ndarray) -> tuple:
    from transformers.models.timesfm import modeling_timesfm as hf

    config = hf.TimesFmConfig()
    self = SimpleNamespace(context_len=CONTEXT, horizon_len=0, config=config)
    self._timesfm_masked_mean_std = hf.TimesFmModel._timesfm_masked_mean_std
    given, pads = hf.TimesFmModelForPrediction._preprocess(self, [torch.tensor(x)])
    patches, pads = given.reshape(1, -1, 32), pads.reshape(1, -1, 32)
    normed, (mu, sigma) = hf.TimesFmModel._forward_transform(self, patches, pads)
    return mu, torch.clamp(sigma, min=config.tolerance), (normed * (1 - pads))[0]


def moirai(x: np.ndarray) -> tuple:
    from uni2ts.module.packed_scaler import PackedStdScaler

    values, seen = padded(x, PATCH)
    target, observed = values.reshape(1, -1, PATCH), seen.reshape(1, -1, PATCH)
    ids = torch.ones(target.shape[:2], dtype=torch.long)
    loc, scale = PackedStdScaler()(target, observed, ids, ids)
    return loc[0, :1, 0], scale[0, :1, 0], ((target - loc) / scale)[0]


def moment(x: np.ndarray) -> tuple:
    from momentfm.models.layers.revin import RevIN

    values, seen = padded(x, CONTEXT)
    norm = RevIN(1)
    normed = norm(values.reshape(1, 1, -1), mode="norm", mask=seen.reshape(1, -1).float())
    normed = torch.where(seen, normed[0, 0], torch.zeros(()))
    return norm.mean[0, 0], norm.stdev[0, 0], normed.reshape(-1, 8)


def toto(x: np.ndarray) -> tuple:
    # its scaler derives from a class of gluonts.torch, which asks for lightning: an empty one does
    scalers = ModuleType("gluonts.torch.scaler")
    scalers.Scaler = object
    sys.modules |= {"gluonts.torch": ModuleType("gluonts.torch"), "gluonts.torch.scaler": scalers}
    from toto.model.scaler import CausalPatchStdMeanScaler

    values, seen = padded(x, PATCH)
    scaler = CausalPatchStdMeanScaler(patch_size=PATCH, stabilize_with_global=True)
    shape = (1, 1, -1)
    normed, loc, scale = scaler(
        values.reshape(shape),
        seen.reshape(shape),
        torch.ones(1, 1, len(values)),
    )
    each = slice(PATCH - 1, None, PATCH)
    return loc[0, 0, each], scale[0, 0, each], normed.reshape(-1, PATCH)


def tirex(x: np.ndarray) -> tuple:
    from tirex.models.patcher import PatchedTokenizer

    values, seen = padded(x, CONTEXT)
    made, state = PatchedTokenizer(32).input_transform(torch.where(seen, values, torch.nan)[None])
    return state.loc[0], state.scale[0], torch.nan_to_num(made[0])


def toto_2(x: np.ndarray) -> tuple:
    from toto2.model import PatchedCausalStdScaler

    values, seen = padded(x, PATCH)
    normed, loc, scale = PatchedCausalStdScaler(PATCH)(values[None], seen[None])
    each = slice(PATCH - 1, None, PATCH)
    return loc[0, each], scale[0, each], normed.asinh().reshape(-1, PATCH)


def patchtst(x: np.ndarray) -> tuple:
    from transformers import PatchTSTConfig, PatchTSTModel

    model = PatchTSTModel(
        PatchTSTConfig(
            num_input_channels=1, context_length=len(x), patch_length=PATCH, patch_stride=8,
            scaling="std", d_model=8, num_attention_heads=1, num_hidden_layers=1, ffn_dim=8,
        )
    ).eval()  # fmt: skip
    made = model(torch.tensor(x).reshape(1, -1, 1))
    return made.loc[0, 0], made.scale[0, 0], made.patch_input[0, 0]


def patchtsmixer(x: np.ndarray) -> tuple:
    from transformers import PatchTSMixerConfig, PatchTSMixerModel

    model = PatchTSMixerModel(
        PatchTSMixerConfig(
            context_length=len(x), patch_length=8, patch_stride=8, scaling="std", d_model=8,
            num_layers=1,
        )
    ).eval()  # fmt: skip
    made = model(torch.tensor(x).reshape(1, -1, 1))
    return made.loc[0, 0], made.scale[0, 0], made.patch_input[0, 0]


REFERENCES = {
    "timesfm-2.5": (timesfm_25, {"context": CONTEXT}),
    "timesfm-2": (timesfm_hf, {"context": CONTEXT}),
    "moirai": (moirai, {"patch": PATCH}),
    "moment": (moment, {"context": CONTEXT}),
    "toto": (toto, {"patch": PATCH}),
    "tirex": (tirex, {"context": CONTEXT}),
    "toto-2": (toto_2, {"patch": PATCH}),
    "patchtst-hf": (patchtst, {}),
    "patchtsmixer": (patchtsmixer, {}),
}
PLAIN = ("timesfm-2", "patchtst-hf", "patchtsmixer")
"""What the caller fills the holes for."""


def short(value: list | float) -> list | float:
    """Nine significant digits, which tell every float32 from its neighbors."""
    return [short(v) for v in value] if isinstance(value, list) else float(f"{value:.9g}")


def rows() -> Iterator[dict]:
    chosen = {name: REFERENCES[name] for name in sys.argv[1:]} or REFERENCES
    for preset, (reference, params) in chosen.items():
        for name, x in series().items():
            if preset in PLAIN and np.isnan(x).any():
                continue
            if preset.startswith("patchts") and len(x) <= PATCH:
                continue  # of one patch, which it refuses
            if preset.startswith("patchts") and name == "late":
                continue  # 1e12 and -1e12 cancel, and its float32 sum keeps four digits of it
            loc, scale, values = (short(part.tolist()) for part in reference(x))
            yield {"preset": preset, "params": params, "name": name,
                   "series": [None if np.isnan(v) else short(float(v)) for v in x],
                   "loc": loc, "scale": scale, "values": values}  # fmt: skip


if __name__ == "__main__":
    print("[\n" + ",\n".join(json.dumps(row) for row in rows()) + "\n]")
