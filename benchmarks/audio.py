"""Sound as discrete tokens: the same ids and the same sound as from plain loops."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import plain_mdct
from measure import Row, best, row
from multitok import Audio, get_tokenizer

RATE, HOP, STEP = 16_000, 320, 0.1


def sound(seconds: int = 10) -> Audio:
    """Notes that fade, over a little noise."""
    n = np.arange(RATE * seconds)
    pitch = 220 * 2 ** (n // (RATE // 4) * 7 % 12 / 12)
    notes = np.sin(2 * np.pi * np.cumsum(pitch) / RATE) * np.exp(-(n % (RATE // 4)) / 1500)
    return Audio(0.5 * notes + np.random.default_rng(0).normal(0, 0.01, len(n)), RATE)


def rows() -> Iterator[Row]:
    media, tokenizer = sound(), get_tokenizer("mdct-bpe", step=STEP)
    wave, tokens = media.samples[:, 0].astype(float), tokenizer.encode(media)
    ids = plain_mdct.encode(wave, HOP, STEP)
    assert ids == tokens.ids.tolist()
    back = plain_mdct.decode(ids, len(wave), HOP, STEP)
    assert np.abs(back - tokenizer.decode(tokens).samples[:, 0]).max() < 1e-6
    for work, ours, theirs in (
        ("encode", lambda: tokenizer.encode(media), lambda: plain_mdct.encode(wave, HOP, STEP)),
        (
            "decode",
            lambda: tokenizer.decode(tokens),
            lambda: plain_mdct.decode(ids, len(wave), HOP, STEP),
        ),
    ):
        took, peer = best(ours, theirs, seconds=8)
        against = "a frame at a time, tokenizers"
        yield row(f"mdct-bpe {work}, 10 s", ours=took, peer=peer, against=against, faster=5)
