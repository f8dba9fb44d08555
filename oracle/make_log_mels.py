"""Write tests/golden/log_mels.json: log-mel values of the reference.

python oracle/make_log_mels.py

WhisperFeatureExtractor as it is (30 s), and transformers' audio_utils with other scales, sums and
logarithms. The sound is a formula, so the file holds some of the values alone. Needs transformers;
torch is not asked.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import transformers
from transformers.audio_utils import mel_filter_bank, spectrogram, window_function

OUT = Path(__file__).parent.parent / "tests" / "golden" / "log_mels.json"
SHOWN = 61
WHISPER = [(80, 16_000), (128, 40_123), (80, 480_000), (128, 500_000), (80, 100)]
OTHERS: list[dict[str, Any]] = [
    {"sample_rate": 24_000, "window": 1024, "hop": 256, "bands": 100, "mel": "htk",
     "normalize": "none", "top": 12_000.0, "power": 1, "log": "ln", "floor": 1e-7, "last": True},
    {"sample_rate": 24_000, "window": 1024, "hop": 256, "bands": 100, "mel": "slaney",
     "normalize": "slaney", "top": 8_000.0, "power": 1, "log": "ln", "floor": 1e-7, "last": True},
    {"sample_rate": 16_000, "window": 400, "hop": 160, "bands": 40, "mel": "htk",
     "normalize": "slaney", "top": 4_000.0, "power": 2, "log": "ln", "floor": 1e-10, "last": True},
    {"sample_rate": 8_000, "window": 256, "hop": 100, "bands": 20, "mel": "slaney",
     "normalize": "none", "top": 900.0, "power": 2, "log": "ln", "floor": 1e-10, "last": True},
]  # fmt: skip


def signal(samples: int, rate: int) -> np.ndarray:
    """Two tones and a sweep, above a little of all frequencies: the fractions of i * i * phi."""
    t = np.arange(samples) / rate
    tones = 0.5 * np.sin(2 * np.pi * 440 * t) + 0.01 * np.sin(2 * np.pi * 0.37 * rate * t)
    hiss = (np.arange(samples) ** 2 * 0.6180339887498949) % 1 - 0.5
    sweep = 0.1 * np.sin(2 * np.pi * (1234 + 500 * t) * t)
    return (tones + sweep + 0.01 * hiss).astype(np.float32)


def case(params: dict[str, Any], samples: int, features: np.ndarray) -> dict[str, Any]:
    """Some of the values of (1, bands, frames), evenly taken."""
    index = np.linspace(0, features.size - 1, SHOWN).astype(int)
    return {
        "params": params, "samples": samples, "shape": list(features.shape),
        "index": index.tolist(), "values": [round(float(v), 6) for v in features.ravel()[index]],
    }  # fmt: skip


def main() -> None:
    """Write the file."""
    cases = []
    for bands, samples in WHISPER:
        extractor = transformers.WhisperFeatureExtractor(feature_size=bands)
        made = extractor(signal(samples, 16_000), sampling_rate=16_000, return_tensors="np")
        cases.append(case({"bands": bands, "pad": 30}, samples, made["input_features"]))
    for params in OTHERS:
        rate, window = params["sample_rate"], params["window"]
        norm = None if params["normalize"] == "none" else "slaney"
        filters = mel_filter_bank(
            window // 2 + 1, params["bands"], 0.0, params["top"], rate, norm, params["mel"]
        )
        samples = rate // 2 + 77
        made = spectrogram(
            signal(samples, rate), window_function(window, "hann"), window, params["hop"],
            power=float(params["power"]), mel_filters=filters, mel_floor=params["floor"],
            log_mel="log",
        )  # fmt: skip
        cases.append(case(params, samples, made[None]))
    said = f"transformers {transformers.__version__}"
    OUT.write_text(json.dumps({"reference": said, "cases": cases}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
