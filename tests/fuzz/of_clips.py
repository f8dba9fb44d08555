"""Clips and sounds: what is read of them by hand, and what FFmpeg reads."""

from __future__ import annotations

import io
from contextlib import suppress
from functools import cache

import av
import clips
import heifs
import numpy as np
import sounds
from mutators import fields_of
from targets import scratch, target

import multitok
from multitok.loaders.clips.announced import of_boxes
from multitok.loaders.clips.boxes import matroska_turn, mp4_boxes
from multitok.loaders.clips.mp4_header import mp4_header
from multitok.loaders.source import Source

BOXES = [
    b"moov", b"trak", b"mdia", b"stts", b"stsz", b"stco", b"stsc", b"ctts", b"stbl", b"mvhd",
    b"tkhd", b"mdhd", b"edts", b"elst", b"esds", b"avcC", b"stsd", b"moof", b"traf", b"trun",
    b"tfhd", b"hdlr", b"mvex", b"stss", b"hvcC", b"vpcC", b"av1C", b"wave",
]  # fmt: skip
SETS = [
    b"\x3f\x0a", b"\x3f\x0b", b"\x3f\x0c", b"\x3c\x0a", b"\x06\x0e\x2b\x34\x02\x53", b"PROP",
    b"MDPR", b"CONT", b"DATA", b"DKIF", b"\x33\x26\xb2\x75", b"\xa1\xdc\xab\x8c",
    b"timeline", b"NM",
]  # fmt: skip
CHUNKS = [b"RIFF", b"fmt ", b"data", b"LIST", b"fact", b"ds64", b"RF64", b"RIFX", b"fLaC", b"OggS"]
PIXELS = 640 * 640
WITH_SOUND = {"frames": 6, "fps": 10, "size": (32, 32), "sound": "aac"}


@cache
def _mp4s() -> list[bytes]:
    """A clip with sound, whole and in fragments, one of each other codec, and a box of pictures."""
    path = scratch() / "seed.mp4"
    parts = {"movflags": "frag_keyframe+empty_moov"}
    made = [clips.clip(path, **WITH_SOUND, muxer=how).read_bytes() for how in ({}, parts)]
    for codec in ("libx265", "libvpx-vp9", "libsvtav1"):
        other = {**WITH_SOUND, "size": (64, 64), "codec": codec, "encoder": {}}
        made.append(clips.clip(scratch() / "seed.mov", format="mp4", **other).read_bytes())
    made.append(clips.clip(scratch() / "seed.mov", **WITH_SOUND).read_bytes())
    return [*made, heifs.ftyp(b"hevc") + heifs.moov(b"vide", 64, 48, 3)]


@cache
def _clips() -> list[bytes]:
    path = scratch() / "seed"
    forms = {"matroska": "mpeg4", "avi": "mpeg4", "mpegts": "mpeg4", "webm": "libvpx"}
    small = {"frames": 4, "fps": 10, "size": (32, 32), "encoder": {}}
    others = [
        clips.clip(path, codec=codec, format=form, **small).read_bytes()
        for form, codec in forms.items()
    ]
    return _mp4s() + others


@cache
def _broadcast() -> list[bytes]:
    """What tape, cameras and streams write, as far as it can be written here."""
    forms = {
        "mxf": "mpeg2video", "asf": "msmpeg4v3", "flv": "flv1", "rm": "rv10", "nut": "mpeg4",
        "vob": "mpeg2video", "ivf": "libvpx-vp9", "gxf": "mpeg2video", "wtv": "mpeg2video",
    }  # fmt: skip
    small = {"frames": 4, "fps": 25, "size": (32, 32), "encoder": {}}
    made = []
    for form, codec in forms.items():
        with suppress(av.error.FFmpegError, ValueError):
            path = scratch() / "seed"
            made.append(clips.clip(path, codec=codec, format=form, **small).read_bytes())
    return made


@cache
def _sounds() -> list[bytes]:
    pairs = [("flac", "flac"), ("libvorbis", "ogg"), ("libopus", "ogg"), ("aac", "adts")]
    kinds = [pair for pair in pairs if pair[0] in av.codecs_available]
    made = [sounds.sound(codec, form, samples=2000) for codec, form in kinds]
    return [_wav(), *made]


def _wav() -> bytes:
    return sounds.wav(sounds.chunk(b"data", np.arange(200, dtype="<i2").tobytes()))


@target(seeds=_mp4s, mutate=fields_of(BOXES), longest=16_000)
def mp4_tables(data: bytes) -> None:
    """The boxes of an mp4, and the turn of a Matroska, read by hand."""
    source = Source("x.mp4", data=data, size=len(data))
    mp4_header(source)
    mp4_boxes(source)
    of_boxes(source)
    matroska_turn(source)


@target(seeds=_clips, mutate=fields_of(BOXES), longest=16_000)
def clip(data: bytes) -> None:
    """A clip as a count reads it, and a few of its frames."""
    _counted(data)


@target(seeds=_broadcast, mutate=fields_of(SETS), longest=40_000)
def broadcast(data: bytes) -> None:
    """A clip of a container that FFmpeg alone reads, likewise."""
    _counted(data)


def _counted(data: bytes) -> None:
    told = multitok.examine(io.BytesIO(data))
    small = told.modality == "video" and told.info.width * told.info.height <= PIXELS
    if small and told.info.frames <= 100:
        for _ in multitok.frames(io.BytesIO(data)):
            pass


@target(seeds=_sounds, mutate=fields_of(CHUNKS, "<"), longest=16_000)
def sound(data: bytes) -> None:
    """A sound as a count reads it, then its samples."""
    told = multitok.examine(data)
    if told.modality == "audio" and told.info.duration < 60:
        multitok.load(data, modality="audio")
