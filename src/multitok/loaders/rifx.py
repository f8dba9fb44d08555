"""RIFX: a WAV whose sizes and samples are big-endian.

FFmpeg reads its header so, and its samples as those of any WAV: noise. So they are turned here.
"""

from __future__ import annotations

from struct import pack

from multitok.core.errors import SourceError
from multitok.loaders.sound_header import wave_of
from multitok.loaders.source import Reader, Source


def is_rifx(source: Source) -> bool:
    """Whether a source is a WAV in big-endian order."""
    return source.head()[:4] == b"RIFX"


def packed(source: Source) -> SourceError:
    """What is said of samples that have no length of their own."""
    return SourceError(
        f"{source.name}: a big-endian WAV (RIFX) of packed samples is not read here: convert it to"
        " WAV or FLAC",
        source=source.name,
    )


def as_riff(source: Source) -> Source:
    """The same samples as a little-endian WAV in memory: a `fmt ` and one `data` chunk."""
    import numpy as np

    with Reader(source) as r:
        wave = wave_of(r)
        if wave is None:
            raise packed(source)
        whole = [(at, size - size % wave.block) for at, size in wave.spans]
        data = b"".join(r.at(at, size) for at, size in whole)
    width = wave.block // wave.channels
    turned = np.frombuffer(data, np.uint8).reshape(-1, width)[:, ::-1].tobytes()
    rate = wave.rate, wave.rate * wave.block
    form = pack("<HHIIHH", wave.code, wave.channels, *rate, wave.block, 8 * width)
    body = b"WAVEfmt " + pack("<I", len(form)) + form + b"data" + pack("<I", len(turned)) + turned
    riff = b"RIFF" + pack("<I", len(body)) + body
    return Source(source.name, data=riff, size=len(riff))
