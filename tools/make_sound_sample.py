"""Make samples/melody.flac: eight bars of Ode to Joy on a plucked string, computed.

The tune is Beethoven's (1824, public domain); the string is that of Karplus and Strong (1983):
noise that runs in a circle and loses its edge at every turn.
"""

import sys
from fractions import Fraction

import av
import numpy as np

RATE = 16_000
BEAT = 0.30
NOTES = "E E F G G F E D C C D E E.D/D- E E F G G F E D C C D E D.C/C-"
"""A letter is a beat; `.` lengthens it by half, `/` halves it, `-` doubles it."""
HERTZ = {"C": 261.63, "D": 293.66, "E": 329.63, "F": 349.23, "G": 392.00}


def notes() -> list[tuple[float, float]]:
    """(hertz, beats) of the tune."""
    lengths = {".": 1.5, "/": 0.5, "-": 2.0}
    found: list[tuple[float, float]] = []
    for sign in NOTES.replace(" ", ""):
        if sign in lengths:
            found[-1] = found[-1][0], lengths[sign]
        else:
            found.append((HERTZ[sign], 1.0))
    return found


def pluck(hertz: float, seconds: float, rng: np.random.Generator) -> np.ndarray:
    """A string of this pitch, plucked once."""
    period = round(RATE / hertz)
    ring = rng.uniform(-1, 1, period)
    ring = (ring + np.roll(ring, 1) + np.roll(ring, 2)) / 3  # a soft finger
    out = np.empty(int(seconds * RATE))
    for start in range(0, len(out), period):
        part = out[start : start + period]
        part[:] = ring[: len(part)]
        ring = 0.498 * (ring + np.roll(ring, -1))
    return out


def main(target: str) -> None:
    rng = np.random.default_rng(0)
    tune = notes()
    total = int((sum(beats for _, beats in tune) * BEAT + 0.8) * RATE)
    wave, at = np.zeros(total), 0.0
    for hertz, beats in tune:
        start = int(at * RATE)
        sound = pluck(hertz, beats * BEAT + 0.8, rng)[: total - start]
        wave[start : start + len(sound)] += sound * np.linspace(1, 0, len(sound)) ** 0.5
        at += beats * BEAT
    samples = np.round(wave / np.abs(wave).max() * 0.8 * 32767).astype(np.int16)
    with av.open(target, "w") as out:
        track = out.add_stream("flac", rate=RATE, layout="mono", options={"compression_level": "8"})
        for start in range(0, total, 4096):
            block = samples[None, start : start + 4096]
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
            out.mux(track.encode(frame))
        out.mux(track.encode())


if __name__ == "__main__":
    main(sys.argv[1])
