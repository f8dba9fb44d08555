"""Open video models: which frames, at which size, against the published processors; and log-mel.

Whisper's log-mel is compared whole.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from random import Random
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pytest
from transformers.video_utils import VideoMetadata

import multitok
from multitok.core.errors import MediaError

CLIPS = 300
RATES = (1, 5, 8, 10, 12, 15, 23.976, 24, 25, 29.97, 30, 48, 50, 59.94, 60)
SETTINGS = (
    "num_frames", "fps", "min_frames", "max_frames", "temporal_patch_size", "initial_shift",
    "max_fps", "max_duration",
)  # fmt: skip


def model(name: str) -> Any:
    return import_module(f"transformers.models.{name}.video_processing_{name}")


class Reference(NamedTuple):
    """A video processor, how its sampler is asked, and its resize rule as (height, width)."""

    module: str
    name: str
    asked: dict[str, Any]
    tokenizer: str
    params: Mapping[str, Any] = MappingProxyType({})
    size: Callable[[Any, int, int, int], tuple[int, int]] | None = None


REFERENCES = {
    "qwen2": Reference(
        "qwen2_vl", "Qwen2VL", {"fps": 2}, "qwen-video", {},
        lambda m, n, h, w: m.smart_resize(h, w, 28, 100_352, 602_112),
    ),
    "qwen3": Reference(
        "qwen3_vl", "Qwen3VL", {"fps": 2}, "qwen3-video", {},
        lambda m, n, h, w: m.smart_resize(n, h, w, 2, 32, 4096, 25_165_824),
    ),
    "glm-4.1v": Reference(
        "glm4v", "Glm4v", {"fps": 2}, "glm-video", {},
        lambda m, n, h, w: m.smart_resize(n, h, w, 2, 28, 12_544, 47_040_000),
    ),
    "glm-4.6v": Reference(
        "glm46v", "Glm46V", {"fps": 2}, "glm-video", {"version": "4.6v"},
        lambda m, n, h, w: m.smart_resize(n, h, w, 2, 28, 12_544, 47_040_000),
    ),
    "smolvlm2": Reference("smolvlm", "SmolVLM", {"num_frames": 64, "fps": 1}, "smolvlm-video"),
    "molmo2": Reference("molmo2", "Molmo2", {"num_frames": 64, "max_fps": 2}, "molmo-video"),
    "internvl": Reference(
        "internvl", "InternVL", {"num_frames": 8, "initial_shift": True}, "pooled-frames",
        {"num_frames": 8, "size": 448, "patch": 14, "sampler": "centers"},
    ),
    "gemma4": Reference(
        "gemma4", "Gemma4", {"num_frames": 32}, "gemma-video", {},
        lambda m, n, h, w: m.get_aspect_ratio_preserving_size(h, w, 16, 630, 3),
    ),
    "kimi": Reference(
        "kimi_k25", "Kimi_K25", {"fps": 2}, "kimi-video", {},
        lambda m, n, h, w: m.navit_resize(h, w, 14, 2, 4096, 512)[0],
    ),
}  # fmt: skip


def clips(seed: int):
    draw = Random(seed)
    for _ in range(CLIPS):
        most = draw.choice((60, 3000, 120_000))
        rate = draw.choice((*RATES, round(draw.uniform(0.5, 120), 3)))
        width, height = draw.randint(20, 2000), draw.randint(20, 2000)
        yield multitok.VideoInfo(width, height, draw.randint(1, most), float(rate))


@pytest.mark.parametrize("name", REFERENCES)
def test_frames_and_sizes_are_the_references(name):
    reference = REFERENCES[name]
    module = model(reference.module)
    cls = getattr(module, f"{reference.name}VideoProcessor")
    sampler = object.__new__(cls)
    for setting in SETTINGS:
        setattr(sampler, setting, getattr(cls, setting, None))
    rule = multitok.get_tokenizer(reference.tokenizer, **reference.params)
    for info in clips(seed=1):
        seconds = info.frames / info.fps
        known = VideoMetadata(total_num_frames=info.frames, fps=info.fps, duration=seconds)
        try:
            frames = [int(i) for i in sampler.sample_frames(known, **reference.asked)]
            size = reference.size and reference.size(module, len(frames), info.height, info.width)
        except (ValueError, ZeroDivisionError, RuntimeError):
            with pytest.raises(MediaError):
                rule.count(info)
            continue
        plan = rule.plan(info)
        assert list(plan.indices) == frames, info
        assert size is None or tuple(size) == plan.resized, info


@pytest.mark.parametrize("bands", [80, 128])
def test_log_mel_is_whispers(bands):
    from transformers import WhisperFeatureExtractor

    extractor = WhisperFeatureExtractor(feature_size=bands)
    rule = multitok.get_tokenizer("log-mel", bands=bands)
    rng = np.random.default_rng(0)
    for samples in (480, 1601, 16_000, 123_457):
        t = np.arange(samples) / 16_000
        for wave in (rng.standard_normal(samples) * 0.1, np.sin(2 * np.pi * (200 + 300 * t) * t)):
            wave = wave.astype(np.float32)
            wanted = extractor(
                wave, sampling_rate=16_000, truncation=False, padding="longest"
            ).input_features[0]
            made = rule.encode(multitok.Audio(wave, 16_000)).inputs["input_features"][0]
            assert wanted.shape == made.shape
            assert np.abs(wanted - made).max() < 1e-4
