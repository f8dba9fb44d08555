"""Files of tokens."""

from __future__ import annotations

import io
import json
from functools import cache
from random import Random
from typing import Any

import numpy as np
from material import STRANGE
from mutators import changed
from targets import scratch, target, written

import multitok
from multitok.core.registry import build


@cache
def _token_files() -> list[dict[str, Any]]:
    """The arrays of a token file of many tokenizers."""
    steps, wave = np.arange(32.0), np.sin(np.arange(30) * 0.3)
    picture, motion = np.zeros((32, 32, 3), np.uint8), np.linspace(0, 1, 24).reshape(12, 2)
    frames = multitok.Video(np.zeros((2, 32, 32, 3), np.uint8), np.array([0, 0.1]), 10.0, 0.2)
    sound = multitok.Audio(np.zeros((400, 1), np.float32), 16000)
    made = {
        "o200k_base": multitok.Text("hello world"), "mulaw": sound, "frame-patch": frames,
        "mdct-bpe": sound,
        **{name: multitok.Image(picture) for name in ("patch", "dct-bpe")},
        **{name: multitok.Series(steps) for name in ("chronos", "sax", "dwt-bins", "series-patch")},
        **{name: multitok.Series(wave) for name in ("llmtime", "abba", "gato", "series-mulaw")},
        **{name: multitok.Actions(motion) for name in ("action-bins", "fast", "beast")},
    }  # fmt: skip
    files = []
    for name, medium in made.items():
        path = scratch() / "made.npz"
        params = {"size": 16} if name in ("patch", "frame-patch") else {}
        build(name, params).encode(medium).save(path)
        with np.load(path) as stored:
            files.append({key: stored[key] for key in stored.files})
    return files


def _packed(arrays: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


ARRAYS = [
    np.array(5), np.array([]), np.zeros(3, np.int64), np.full(11, 10**12), np.full(2, -1),
    np.zeros((2, 2)), np.array(["a", "b"]), np.array([True] * 2), np.array([np.nan] * 2),
    np.zeros((2, 3, 4), np.float32), np.array(["2024"], dtype="M8[D]"), np.zeros(2, np.complex64),
]  # fmt: skip


def _other_tokens(data: bytes, chance: Random) -> bytes:
    """A token file with another header, or other arrays."""
    arrays = dict(chance.choice(_token_files()))
    if chance.random() < 0.6:
        headers = [json.loads(str(one["header"])) for one in _token_files()]
        header = json.loads(str(arrays["header"]))
        for _ in range(chance.choice([1, 1, 2])):
            header = changed(header, chance, STRANGE, headers)
        arrays["header"] = np.array(json.dumps(header))
    else:
        name = chance.choice(sorted(arrays))
        arrays[name] = chance.choice(ARRAYS)
        if chance.random() < 0.2:
            del arrays[name]
    return _packed(arrays)


@target(seeds=lambda: map(_packed, _token_files()), mutate=_other_tokens, longest=20_000)
def token_file(data: bytes) -> None:
    """A token file, opened, shown and decoded."""
    tokens = multitok.TokenSequence.load(written("tokens.npz", data))
    len(tokens), repr(tokens)
    multitok.decode(tokens)
