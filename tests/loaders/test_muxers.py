"""Whatever FFmpeg can write here is read right, or refused with what to do."""

import re
from io import BytesIO

import av
import numpy as np
import pytest

from multitok.core.errors import SourceError
from multitok.loaders.door import examine

FRAMES, SAMPLES = 10, 20_001
WAYS = [(rate, layout) for rate in (48_000, 44_100, 16_000, 8000) for layout in ("stereo", "mono")]
ADVICE = re.compile(r"convert it|render it|get the whole file|get it anew|pass --as text", re.I)


def muxers():
    """Those that write one file: no device, no network, no folder of pieces."""
    for name in sorted(av.formats_available):
        try:
            form = av.format.ContainerFormat(name, "w")
        except ValueError:  # it only reads
            continue
        if not form.no_file and not name.startswith("rtp"):
            yield name, form


def clip(container):
    """Frames of 176 x 144 in the codec that the container is usually written with."""
    out = BytesIO()
    with av.open(out, "w", format=container) as file:
        raw = file.default_video_codec == "wrapped_avframe"
        track = file.add_stream("rawvideo" if raw else file.default_video_codec, rate=25)
        formats = track.codec_context.codec.video_formats
        track.width, track.height = 176, 144
        track.pix_fmt = "yuv420p" if raw or not formats else formats[0].name
        for i in range(FRAMES):
            gray = np.full((144, 176, 3), 20 * i, np.uint8)
            frame = av.VideoFrame.from_ndarray(gray, format="rgb24")
            file.mux(track.encode(frame.reformat(format=track.pix_fmt)))
        file.mux(track.encode(None))
    return out.getvalue()


def sound(container, rate, layout):
    """A sine in the codec that the container is usually written with."""
    out = BytesIO()
    with av.open(out, "w", format=container) as file:
        track = file.add_stream(file.default_audio_codec, rate=rate, layout=layout)
        wave = (0.3 * np.sin(0.05 * np.arange(SAMPLES))).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.stack([wave] * track.channels), "fltp", layout)
        frame.rate, frame.pts = rate, 0
        track.codec_context.open()
        size = track.codec_context.frame_size or None
        convert = av.AudioResampler(track.format.name, track.layout, rate, size)
        for piece in (*convert.resample(frame), *convert.resample(None)):
            file.mux(track.encode(piece))
        file.mux(track.encode(None))
    return out.getvalue()


UNWRITTEN = (av.error.FFmpegError, ValueError, OSError, NotImplementedError, AttributeError)
"""What PyAV says where a container takes no such codec, or an encoder no such sound."""


def written(container, form, modality):
    """The bytes of a small clip or sound; None where it can not be written here."""
    for how in [()] if modality == "video" else WAYS:
        try:
            made = clip(container) if modality == "video" else sound(container, *how)
        except UNWRITTEN:
            continue
        if made:
            return made
    return None


@pytest.fixture(scope="module")
def files():
    """By muxer and modality: what was written, and the suffix that FFmpeg gives it."""
    av.logging.set_level(None)
    found = {}
    for name, form in muxers():
        for modality in ("video", "audio"):
            made = written(name, form, modality)
            if made is not None:
                found[name, modality] = made, min(form.extensions, default="bin").strip().lower()
    return found


def whole(data, modality):
    """Frames, or samples per channel, that FFmpeg decodes by any demuxer; None where none does."""
    heard = 0
    try:
        with av.open(BytesIO(data)) as file:
            streams = file.streams.video if modality == "video" else file.streams.audio
            for packet in file.demux(streams[0]):
                for frame in packet.decode():
                    heard += 1 if modality == "video" else frame.samples
    except (av.error.FFmpegError, IndexError):
        return heard or None
    return heard


def wrong(source, data, modality):
    """What is not right of what is said of a file; "" where it is right, or rightly refused."""
    decoded = whole(data, modality)
    try:
        probed = examine(source)
        if probed.modality == "image":  # of one picture, or the first of an animation
            probed = examine(source, modality="video")
    except SourceError as refused:
        return "" if ADVICE.search(str(refused)) else f"refused without advice: {refused}"
    if probed.modality == "text":
        return "" if decoded is None else "counted as text"
    if probed.modality != modality:
        return f"taken for {probed.modality}"
    if modality == "video":
        right = probed.info.frames == FRAMES
    else:
        right = SAMPLES <= probed.info.samples <= max(SAMPLES, decoded or 0)
    return "" if right else f"{probed.info}, and {decoded} decoded"


def test_most_muxers_write_here(files):
    assert len(files) > 70


def test_what_a_muxer_writes_is_read_right_or_refused_with_what_to_do(files, tmp_path):
    said = {}
    for (name, modality), (data, suffix) in files.items():
        path = tmp_path / f"{name}-{modality}.{suffix}"
        path.write_bytes(data)
        for source in (path, data):
            if problem := wrong(source, data, modality):
                said[name, modality, type(source).__name__] = problem
    assert said == {}
