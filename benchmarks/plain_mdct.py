"""mdct-bpe as one writes it first: a frame at a time, symbols in a loop, merges by `tokenizers`.

It gives the ids of `mdct-bpe`, and the sound, and is what its speed is held against.
"""

from __future__ import annotations

import gzip

import numpy as np
from tokenizers import Tokenizer

from multitok.modalities.audio.coded.mdct_bpe import BUNDLED
from multitok.modalities.coding import merges, symbols as sy
from multitok.modalities.coding.rounding import DEAD_ZONE, TIE

BPE = Tokenizer.from_str(gzip.decompress(BUNDLED.read_bytes()).decode())


def matrix(hop: int) -> np.ndarray:
    """Window times cosines, (2 hop, hop)."""
    n, k = np.arange(2 * hop), np.arange(hop)
    cosines = np.cos(np.pi / hop * (n[:, None] + 0.5 + hop / 2) * (k + 0.5)) * (2 / hop) ** 0.5
    return np.sin(np.pi * (n + 0.5) / (2 * hop))[:, None] * cosines


def spelled(values: list[int]) -> str:
    """The characters of the symbols of one frame."""
    made, zeros = [], 0
    for value in values:
        if not value:
            zeros += 1
            continue
        while zeros:
            run = min(zeros, sy.RUN)
            made.append(sy.FIRST_RUN + run - 1)
            zeros -= run
        while abs(value) > sy.FAR:
            made.append(sy.UP if value > 0 else sy.DOWN)
            value -= sy.FAR if value > 0 else -sy.FAR
        made.append(sy.FIRST_VALUE + sy.FAR + value - (value > 0))
    return "".join(chr(merges.CHARACTER + symbol) for symbol in [*made, sy.END])


def encode(wave: np.ndarray, hop: int, step: float) -> list[int]:
    """The ids of one channel, four frames at a time."""
    cosines, frames = matrix(hop), -(-len(wave) // hop) + 1
    padded = np.concatenate([np.zeros(hop), wave, np.zeros(2 * hop)])
    ids: list[int] = []
    word = ""
    for frame in range(frames):
        found = padded[frame * hop : frame * hop + 2 * hop] @ cosines / step
        levels = (found + np.copysign(0.5 - DEAD_ZONE + TIE, found)).astype(int).tolist()
        word += spelled(levels)
        if frame % 4 == 3 or frame == frames - 1:
            ids += BPE.encode(word).ids
            word = ""
    return ids


def decode(ids: list[int], samples: int, hop: int, step: float) -> np.ndarray:
    """The sound of ids."""
    cosines, frames = matrix(hop), -(-samples // hop) + 1
    text = "".join(BPE.id_to_token(i) for i in ids)
    made = np.zeros((frames + 1) * hop)
    for frame, part in enumerate(text.split(chr(merges.CHARACTER + sy.END))[:-1]):
        values, at, more = np.zeros(hop), 0, 0
        for symbol in (ord(character) - merges.CHARACTER for character in part):
            if symbol in (sy.UP, sy.DOWN):
                more += sy.FAR if symbol == sy.UP else -sy.FAR
            elif symbol < sy.FIRST_VALUE:
                at += symbol - sy.FIRST_RUN + 1
            else:
                low = symbol - sy.FIRST_VALUE - sy.FAR
                values[at] = more + low + (low >= 0)
                at, more = at + 1, 0
        made[frame * hop : frame * hop + 2 * hop] += cosines @ (values * step)
    return made[hop : hop + samples].clip(-1, 1)
