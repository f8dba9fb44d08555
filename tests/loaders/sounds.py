"""Sounds made for the tests, and what a full decode gives of them."""

from __future__ import annotations

import struct
from io import BytesIO

import av
import numpy as np

WRITTEN = 20_001


def sound(codec: str, container: str, samples: int = WRITTEN, rate: int = 48_000) -> bytes:
    """A sine in this container; in one channel, or the two that FFmpeg's Vorbis asks for."""
    layout = "stereo" if codec == "vorbis" else "mono"
    out = BytesIO()
    with av.open(out, "w", format=container) as file:
        track = file.add_stream(codec, rate=rate, layout=layout, options={"strict": "-2"})
        track.bit_rate = 64_000
        wave = (0.3 * np.sin(0.05 * np.arange(samples))).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.stack([wave] * track.channels), "fltp", layout)
        frame.rate, frame.pts = rate, 0
        convert = av.AudioResampler(track.format.name, track.layout, rate)
        for piece in (*convert.resample(frame), *convert.resample(None)):
            file.mux(track.encode(piece))
        file.mux(track.encode(None))
    return out.getvalue()


def decoded(data: bytes) -> int:
    """Samples per channel that FFmpeg gives; a packet that it cannot decode gives none."""
    heard = 0
    with av.open(BytesIO(data)) as file:
        packets = file.demux(file.streams.audio[0])
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return heard
                heard += sum(frame.samples for frame in packet.decode())
            except av.error.EOFError:
                return heard
            except av.error.FFmpegError:
                continue


def chunk(kind: bytes, body: bytes, size: int | None = None, order: str = "<") -> bytes:
    """A chunk of a WAV file, filled up to an even length; `size` is what it says of itself."""
    told = len(body) if size is None else size
    return kind + struct.pack(f"{order}I", told) + body + b"\0" * (len(body) & 1)


def wav(*chunks: bytes, form: bytes = b"RIFF", code: int = 1, width: int = 2) -> bytes:
    """A WAV file of one channel, 8,000 Hz: its header, then these chunks. It is big-endian where
    its form is RIFX; `code` is the format of a sample, `width` its bytes."""
    order = ">" if form == b"RIFX" else "<"
    told = struct.pack(f"{order}HHIIHH", code, 1, 8000, 8000 * width, width, 8 * width)
    body = b"WAVE" + chunk(b"fmt ", told, order=order) + b"".join(chunks)
    return form + struct.pack(f"{order}I", len(body)) + body
