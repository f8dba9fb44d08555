"""Small clips and sounds, written by PyAV: a moving gray ramp and a sine."""

import struct
from fractions import Fraction

import av
import numpy as np
from av.bitstream import BitStreamFilterContext

RATE = 48_000


def picture(i, width=64, height=48):
    """Frame `i`: a ramp that moves to the right, brighter on the left."""
    row = (np.arange(width)[::-1] * 2 + i * 5) % 200 + 20
    return np.broadcast_to(row[None, :, None], (height, width, 3)).astype(np.uint8)


def clip(
    path, frames=30, fps=30, size=(64, 48), codec="libx264", stamps=None, sound=None, aspect=None,
    **how,
):  # fmt: skip
    """Write a clip; `stamps` are milliseconds, `how` goes to the container and the codec."""
    with av.open(str(path), "w", format=how.get("format"), options=how.get("muxer", {})) as out:
        video = out.add_stream(codec, rate=fps, options=how.get("encoder", {"g": "10"}))
        video.width, video.height, video.pix_fmt = *size, how.get("form", "yuv420p")
        if aspect:
            video.codec_context.sample_aspect_ratio = aspect
        track = out.add_stream(sound, rate=RATE, layout="stereo") if sound else None
        for i in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(i, *size), format="rgb24")
            if stamps:
                frame.pts, frame.time_base = stamps[i], Fraction(1, 1000)
            out.mux(video.encode(frame))
        out.mux(video.encode())
        if track:
            sine(out, track, RATE * frames // fps)
    return path


def tone(path, codec, samples=20_001, rate=44_100, layout="stereo"):
    """Write a sine of `samples` per channel."""
    with av.open(str(path), "w") as out:
        sine(out, out.add_stream(codec, rate=rate, layout=layout), samples, rate, layout)
    return path


def sine(out, track, samples, rate=RATE, layout="stereo"):
    wave = (np.sin(np.arange(samples) * 0.05) * 8000).astype(np.int16)
    channels = 2 if layout == "stereo" else 1
    for start in range(0, samples, 1024):
        block = np.repeat(wave[start : start + 1024], channels)[None]
        frame = av.AudioFrame.from_ndarray(block, format="s16", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        out.mux(track.encode(frame))
    out.mux(track.encode())


def decoded(path):
    """Frames of a full decode, and the degrees the first one is turned counterclockwise."""
    with av.open(str(path)) as container:
        pictures = list(container.decode(video=0))
    return len(pictures), pictures[0].rotation


def turned(data, degrees):
    """The mp4 with its track header's matrix set to a clockwise turn."""
    at = data.index(b"tkhd") + 4 + 40
    sine = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    a, b = (value << 16 for value in sine)
    matrix = struct.pack(">9i", a, b, 0, -b, a, 0, 0, 0, 1 << 30)
    return data[:at] + matrix + data[at + 36 :]


def element(ident, content):
    """An EBML element with an eight-byte size."""
    return ident + (1 << 56 | len(content)).to_bytes(8, "big") + content


TRACK = (b"\x18\x53\x80\x67", b"\x16\x54\xae\x6b", b"\xae")


def rolled(data, degrees):
    """The Matroska file with a projection of this roll in its video track."""
    projection = element(b"\x76\x70", element(b"\x76\x75", struct.pack(">f", degrees)))
    return with_element(data, [*TRACK, b"\xe0"], projection)


def locked(data):
    """The Matroska file whose tracks say that their content is encrypted, by AES."""
    by_aes = element(b"\x50\x35", element(b"\x47\xe1", b"\x05"))
    encoding = element(b"\x62\x40", element(b"\x50\x33", b"\x01") + by_aes)
    return with_element(data, TRACK, element(b"\x6d\x80", encoding))


def with_element(data, path, added):
    """The Matroska file with an element added at the end of those of this path."""

    def grown(block, path):
        """The elements of `block`, with the projection added at the end of the path."""
        out, at = b"", 0
        while at < len(block):
            ident, size, start = _head(block, at)
            content = block[start : start + size]
            if path and ident == path[0]:
                inner = grown(content, path[1:]) if path[1:] else content + added
                out += element(ident, inner)
            else:
                out += block[at : start + size]
            at = start + size
        return out

    return grown(data, path)


def _head(block, at):
    width = 9 - block[at].bit_length()
    ident = block[at : at + width]
    at += width
    length = 9 - block[at].bit_length()
    size = int.from_bytes(block[at : at + length], "big") & (1 << 7 * length) - 1
    return ident, min(size, len(block) - at - length), at + length


def trimmed(data, ticks):
    """The mp4 with an edit list that starts `ticks` of the media's clock later."""
    at = data.index(b"elst") + 12 + 4
    return data[:at] + struct.pack(">i", ticks) + data[at + 4 :]


def remuxed(source, path, change, bitstream=None):
    """Write the packets of a clip's video anew, after a filter of FFmpeg's: `change` gets number
    and bytes of each and gives bytes, or None for a packet that is left out."""
    with av.open(str(source)) as read, av.open(str(path), "w") as out:
        given = read.streams.video[0]
        if given.codec_context.name == "libdav1d":  # which only decodes
            kept = out.add_stream("libsvtav1", rate=30)
            kept.width, kept.height, kept.pix_fmt = given.width, given.height, "yuv420p"
        else:
            kept = out.add_stream_from_template(given)
        parts = BitStreamFilterContext(bitstream, given) if bitstream else None
        number = 0
        for packet in read.demux(given):
            every = parts.filter(packet if packet.size else None) if parts else [packet]
            for old in every:
                data = change(number, bytes(old)) if old.size else None
                number += 1
                if data is not None:
                    new = av.Packet(data)
                    new.pts, new.dts, new.duration = old.pts, old.dts, old.duration
                    new.time_base, new.is_keyframe = old.time_base, old.is_keyframe
                    new.stream = kept
                    out.mux(new)
    return path
