"""Videos: their shape by a demux pass, their frames by one sequential decode.

A frame count is what a full decode gives, never what a header claims. Sizes are as displayed: with
the pixel aspect and the rotation applied, to the count and to the pixels alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from multitok.core.errors import SourceError
from multitok.core.info import AudioInfo, VideoInfo, plural
from multitok.loaders.clips.boxes import encrypted_tracks, encryption_note, mp4_boxes
from multitok.loaders.clips.display import Look, look_of, require_decoder
from multitok.loaders.clips.frame import Frame
from multitok.loaders.clips.frames import frames, undrawn
from multitok.loaders.clips.mp4_header import Header, mp4_header
from multitok.loaders.containers import Scan, cut_short, opened, scan, video_stream
from multitok.loaders.probed import Probed, ReadOptions
from multitok.loaders.sound_track import Track
from multitok.loaders.source import Source
from multitok.loaders.timing import Pace, section
from multitok.loaders.unheard import refuse

if TYPE_CHECKING:
    from fractions import Fraction

    from multitok.core.media import Audio, Video

MAX_BYTES = 4 << 30
"""Decoded frames that `load` will hold; `frames` streams a clip of any length."""
FASTEST = 1000.0
"""No camera or container runs at more frames a second; a header that says so is wrong."""
_FEWER = 1.02
"""Gaps are told where they make the rate lower by this factor."""
_LONGER = 2
"""A track that lasts so many times as long as the movie, and a second more, has another clock."""
ANIMATIONS = ("GIF", "WebP", "PNG", "AVIF")

_NAMES = {"mov": "MP4", "matroska": "Matroska", "avi": "AVI", "mpegts": "MPEG-TS"}


def examine(source: Source, read: ReadOptions) -> Probed:
    """Size, frames, rate, sound tracks and what is odd about them; no frame is decoded, but the
    first of a container whose header does not hold the rotation."""
    refuse(source, read.format)
    if source.directory:
        from multitok.loaders.clips import frame_folder

        return frame_folder.examine(source, read)
    if read.format in ANIMATIONS:
        from multitok.loaders.clips import animated

        return animated.examine(source, read)
    if read.format in ("MP4", "QuickTime"):
        header = None if read.strict else mp4_header(source)
        if header is not None:
            return _from_header(source, read, header)
        _check_index(source)
    with opened(source) as container:
        stream = video_stream(container)
        if stream is None:
            return _sound_only(source, read, container)
        name = container.format.name
        require_decoder(source, stream, name)
        locked = encrypted_tracks(source, name)
        seen = scan(container, stream, locked="video" in locked, strict=read.strict)
        if name.startswith("mov"):
            seen.movie = mp4_boxes(source).seconds
        look = look_of(source, stream, name)
        facts: dict[str, Any] = {
            "codec": stream.codec_context.codec.canonical_name,
            "stored": (stream.width, stream.height),
        }
        covers = len(container.streams.video) - 1
        notes = _display_notes(facts["stored"], stream.sample_aspect_ratio, look)
    if covers > 0:
        facts["other_video_tracks"] = covers
    if locked:
        facts["encrypted"] = sorted(locked)
        notes.append(encryption_note(locked))
    return _probed(source, read, seen, look, name, facts, notes)


def _display_notes(stored: tuple[int, int], aspect: Fraction | None, look: Look) -> list[str]:
    notes = []
    if aspect is not None and look.width != stored[0]:
        notes.append(
            f"pixels are {aspect.numerator}:{aspect.denominator}: {stored[0]} x {stored[1]}"
            f" stored, {look.width} wide as displayed"
        )
    if look.turn:
        wide, high = look.displayed
        notes.append(f"rotated {look.turn} degrees: displayed {wide} x {high}")
    return notes


def _from_header(source: Source, read: ReadOptions, header: Header) -> Probed:
    facts: dict[str, Any] = {"codec": header.codec, "stored": header.stored}
    notes = _display_notes(header.stored, header.aspect, header.look)
    return _probed(source, read, header.seen, header.look, "mov", facts, notes)


def _check_index(source: Source) -> None:
    boxes = mp4_boxes(source)
    if not boxes.indexed:
        raise SourceError(
            f"{source.name}: the file is cut off before its index (no moov box): nothing in it can"
            " be placed. Get the whole file",
            source=source.name,
        )


def load(source: Source, read: ReadOptions) -> Video | Audio:
    """Every frame and the first sound track, as displayed. SourceError for a clip too big to hold;
    `frames` streams it instead."""
    import numpy as np

    from multitok.core.media import Video

    probed = examine(source, read)
    info = probed.info
    if not isinstance(info, VideoInfo):
        from multitok.loaders import audio

        return audio.load(source, read)
    size = info.frames * info.height * info.width * 3
    if size > MAX_BYTES:
        raise SourceError(
            f"{source.name}: {info.frames} frames of {info.width} x {info.height} are"
            f" {size / 1e9:.1f} GB decoded: name a part with --start and --end, or stream it with"
            " multitok.loaders.clips.video.frames",
            source=source.name,
        )
    pixels = np.empty((info.frames, info.height, info.width, 3), np.uint8)
    times = np.empty(info.frames)
    n = 0
    for frame in undrawn(source, read):
        if n < info.frames:
            pixels[n], times[n] = frame.draw(), frame.time - (read.start or 0.0)
            n += 1
    if n == 0:
        raise SourceError(f"{source.name}: no frame of it can be decoded", source=source.name)
    sound = None
    if info.audio is not None:
        from multitok.loaders import audio

        sound = audio.load_track(source, read, info.audio)
    fps = info.fps if n == info.frames else n / info.duration
    return Video(pixels[:n], times[:n], fps, info.duration, sound)


def _sound_only(source: Source, read: ReadOptions, container: Any) -> Probed:
    from multitok.loaders import audio

    if not container.streams.audio:
        raise SourceError(f"{source.name}: no video and no audio track in it", source=source.name)
    return audio.examine_container(source, read, container, ("no video track: read as audio",))


def _probed(
    source: Source,
    read: ReadOptions,
    seen: Scan,
    look: Look,
    container: str,
    facts: dict[str, Any],
    notes: list[str],
) -> Probed:
    if not seen.times:
        why = ": none of its packets is a key frame to begin with" if seen.early else ""
        raise SourceError(f"{source.name}: a video track without a frame{why}", source=source.name)
    damage = _damage(seen)
    if damage and read.strict:
        raise SourceError(f"{source.name}: {'; '.join(damage)}", source=source.name)
    notes += damage
    if not seen.timed:
        why = "all frames have one time stamp" if seen.stuck else "no timestamps in a raw stream"
        notes.append(f"{why}: {1 / seen.tail:g} fps taken from its header")
    elif read.format == "Motion JPEG":
        notes.append(f"no timestamps in a raw stream: {1 / seen.tail:g} fps is assumed")
    times, pace, start, end = section(seen.times, seen.tail, read)
    if pace.fps > FASTEST:
        raise SourceError(
            f"{source.name}: {pace.fps:g} frames a second make no sense: the times of the file are"
            " damaged",
            source=source.name,
        )
    if pace.uneven:
        facts["variable_rate"] = True
    notes += _pace_notes(pace)
    facts["tracks"] = [
        {"codec": t.codec, "rate": t.rate, "channels": t.channels,
         "seconds": round(t.samples() / t.rate, 3)}
        for t in seen.tracks
    ]  # fmt: skip
    if len(seen.tracks) > 1:
        notes.append(f"{len(seen.tracks)} sound tracks: the first is counted")
    if look.turn:
        facts["rotation"] = look.turn
    sound = _sound(seen.tracks, start, end, read)
    info = VideoInfo(*look.displayed, len(times), pace.fps, pace.duration, sound)
    return Probed(info, read.format or _NAMES.get(container, container), source.name, facts,
                  tuple(notes))  # fmt: skip


def _pace_notes(pace: Pace) -> Iterator[str]:
    if pace.uneven:
        yield (
            f"frames at a variable rate, {pace.fps:.2f} a second on average: rules that sample by"
            " index pick other moments than rules that sample by time"
        )
    elif pace.usual > pace.fps * _FEWER:
        yield (
            f"{plural(pace.gaps, 'gap')} between frames that are {pace.usual:.4g} a second"
            f" elsewhere: {pace.fps:.4g} a second on average, which is what rules go by"
        )


def _damage(seen: Scan) -> list[str]:
    found = []
    if seen.corrupt:
        found.append(f"{plural(seen.corrupt, 'damaged or cut-off packet')} not counted")
    if seen.marred:
        found.append(
            f"{plural(seen.marred, 'damaged packet')}: what can be decoded of such a frame is shown"
        )
    if seen.early:
        found.append(
            f"{plural(seen.early, 'packet')} before the first whole frame not counted: what they"
            " refer to is not in the file"
        )
    if seen.stopped:
        found.append(f"reading stopped early: {seen.stopped}")
    lasting = seen.times[-1] - seen.times[0] + seen.tail
    if seen.movie and lasting > _LONGER * seen.movie + 1:
        found.append(
            f"its frames last {lasting:,.2f} s, and its header says {seen.movie:,.2f} s: the clock"
            " of one of the two is damaged"
        )
    if cut_short(seen):
        found.append(
            f"the file ends {seen.short_by:.1f} s before its header says: it looks truncated, what"
            " is there is counted"
        )
    return found


def _sound(tracks: list[Track], start: float, end: float, read: ReadOptions) -> AudioInfo | None:
    if not tracks:
        return None
    info = tracks[0].info()
    if read.start is None and read.end is None:
        return info
    kept = max(0.0, min(end, info.duration) - start)
    return AudioInfo(round(kept * info.sample_rate), info.sample_rate, info.channels)


__all__ = ["Frame", "examine", "frames", "load"]
