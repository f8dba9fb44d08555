"""One sample rate for all: how long a sound is at another rate, and the sound itself there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.info import AudioInfo
    from multitok.core.media import Audio

BLOCK = 1 << 16


def samples_at(info: AudioInfo, sample_rate: int) -> int:
    """Samples per channel at another rate, to the nearest; counting and resampling agree on it.

    >>> from multitok import AudioInfo
    >>> samples_at(AudioInfo(44100, 44100, 2), 16000)
    16000
    """
    return (2 * info.samples * sample_rate + info.sample_rate) // (2 * info.sample_rate)


def mono_at(media: Audio, sample_rate: int) -> NDArray[np.float32]:
    """The mean of the channels at another rate, `samples_at` long: FFmpeg's resampler does it."""
    import numpy as np

    wave = media.samples.mean(axis=1) if media.samples.shape[1] > 1 else media.samples[:, 0]
    if media.sample_rate == sample_rate:
        return np.ascontiguousarray(wave, np.float32)
    import av

    wanted = samples_at(media.info, sample_rate)
    out = np.zeros(wanted, np.float32)
    resampler = av.AudioResampler(format="flt", layout="mono", rate=sample_rate)
    done = 0
    for start in [*range(0, len(wave), BLOCK), None]:
        frame = None
        if start is not None:
            block = np.ascontiguousarray(wave[None, start : start + BLOCK])
            frame = av.AudioFrame.from_ndarray(block, format="flt", layout="mono")
            frame.sample_rate = media.sample_rate
        elif not len(wave):
            break
        for piece in resampler.resample(frame):
            part = piece.to_ndarray()[0][: wanted - done]
            out[done : done + len(part)] = part
            done += len(part)
    return out
