"""What ways to write a sound as tokens cost, and how far off it comes back.

compare_sounds(sound)     -> mdct-bpe at several qualities, mulaw with more codes and fewer
"""

from __future__ import annotations

from dataclasses import replace
from math import isinf, log2
from typing import Any, NamedTuple

from multitok.core.errors import MultitokError
from multitok.core.media import Audio
from multitok.core.registry import get_tokenizer
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.audio.coded.mdct_bpe import MdctBpeTokenizer
from multitok.modalities.audio.coded.targets import off

SNRS = (10.0, 15.0, 20.0, 25.0)
"""Qualities of mdct-bpe that are shown, in dB."""
CODES = (256, 64, 16)
"""The same of mulaw, in ids."""
EXCERPT = 1 << 20
"""Samples that a table takes a second for, of a longer sound the beginning: a minute at 16 kHz."""


class SoundDistortion(NamedTuple):
    """One way to write a sound as tokens.

    seconds  of the sound that was measured
    bits     tokens x log2(ids a token may be), where that number is known
    snr      in dB; None where nothing is lost, or nothing was there
    worst    what the worst sample is off, of 1
    bound    the largest error that the tokenizer states
    """

    label: str
    tokens: int
    seconds: float
    bits: float | None
    snr: float | None
    worst: float
    bound: float

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / self.seconds

    @property
    def kilobits_per_second(self) -> float | None:
        return None if self.bits is None else self.bits / 1000 / self.seconds


def excerpt(sound: Audio) -> Audio:
    """The beginning of a sound of more than EXCERPT samples; a shorter one is itself."""
    length = max(1, EXCERPT // sound.samples.shape[1])
    if len(sound.samples) <= length:
        return sound
    return Audio(sound.samples[:length], sound.sample_rate)


def sound_error(tokenizer: Tokenizer[Any, Any], sound: Audio, label: str = "") -> SoundDistortion:
    """What one tokenizer costs and loses: encode, decode, and measure against what it prepares.

    >>> found = sound_error(MdctBpeTokenizer(), Audio([0.0] * 16_000, 16_000))
    >>> found.tokens, found.snr, found.worst
    (13, None, 0.0)
    """
    tokens = tokenizer.encode(sound)
    apart = off(tokenizer.prepare(sound).samples, tokenizer.decode(tokens).samples)
    ids = tokenizer.codes
    return SoundDistortion(
        label or tokenizer.name,
        len(tokens),
        sound.info.duration,
        len(tokens) * log2(ids) if ids else None,
        None if isinf(apart.snr) else apart.snr,
        apart.worst,
        tokenizer.error_bound(tokens),
    )


def compare_sounds(
    sound: Audio, tokenizer: Tokenizer[Any, Any] | None = None
) -> list[SoundDistortion]:
    """`tokenizer` as it is, mdct-bpe at several qualities (with the vocabulary of `tokenizer`,
    where it is one), and mulaw.

    A quality that the sound cannot be held at is left out."""
    rows = [sound_error(tokenizer, sound)] if tokenizer is not None else []
    coded = tokenizer if isinstance(tokenizer, MdctBpeTokenizer) else MdctBpeTokenizer()
    for snr in SNRS:
        held = replace(coded, step=None, snr=snr, max_error=None)
        try:
            rows.append(sound_error(held, sound, f"mdct-bpe, {snr:g} dB"))
        except MultitokError:
            break  # nor can a finer one be
    for codes in CODES:
        mulaw = get_tokenizer("mulaw", codes=codes)
        rows.append(sound_error(mulaw, sound, f"mulaw, {codes} ids"))
    return rows
