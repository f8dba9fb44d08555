"""The part of a clip that a request asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from multitok.core.errors import MediaError, PayloadError
from multitok.core.info import VideoInfo
from multitok.counting.subject import Subject
from multitok.requests.payloads.parts import Part


def clipped(subject: Subject, part: Part) -> Subject:
    """A clip between a start and an end in seconds, where the request says so; PayloadError where
    there is no such part of it."""
    try:
        return _clipped(subject, part.options)
    except MediaError as error:
        raise PayloadError(f"{part.path}: {error}", path=part.path) from None


def _clipped(subject: Subject, options: Mapping[str, Any]) -> Subject:
    info = subject.info
    if not isinstance(info, VideoInfo) or not {"start", "end"} & options.keys():
        return subject
    start, end = options.get("start", 0.0), options.get("end", info.duration)
    if not (0 <= start <= end):  # NaN too
        raise MediaError(
            f"the clip must start at 0 s or later and end after that, got {start:g} to {end:g} s"
        )
    start, end = min(start, info.duration), min(end, info.duration)
    share = max(end - start, 0.0) / info.duration if info.duration else 0.0
    audio = info.audio
    if audio is not None:
        audio = replace(audio, samples=round(audio.samples * share))
    cut = VideoInfo(
        info.width, info.height, round(info.frames * share), info.fps, info.duration * share, audio
    )
    return Subject(cut, probed=subject.probed)
