"""Containers, read by PyAV: one demux pass gives the true frame count and times; nothing decoded.

Headers lie about frames (10 of 20 containers gave a wrong count), so packets are counted. Only
local files are opened, and only by demuxers that read one file: no playlist is followed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from multitok.core.errors import SourceError
from multitok.loaders.formats import DEMUXERS
from multitok.loaders.sound_track import LOSSLESS, Track
from multitok.loaders.source import Source

if TYPE_CHECKING:
    from av.container import InputContainer

    from multitok.loaders.clips.shown import Showing

_BARE = ("flac", "mp3", "aac", "ac3", "eac3")
"""Streams of sound without a container, whose last packet nothing but a decoder can vouch for."""
_SHORT = (0.1, 0.02, 0.5)
"""The packets may end before the header's duration by this share of it, within these seconds."""


MOST_PIXELS = 1 << 25
"""Pixels that any frame of a clip may have: 8K. Of a larger clip four times those it says."""
_GROWN = 4


@dataclass
class Scan:
    """What a demux pass saw.

    times      seconds of each video frame, in display order, from the container's own clock
    tail       how long the last frame is shown
    timed      False where the container has no times and the codec's rate stands in
    stuck      True where it has them and all are the same: the rate stands in too
    corrupt    packets that are damaged or cut off: not frames
    marred     damaged packets of which a decoder shows what is left
    early      packets before the first key frame, or that need one before it: not frames
    stopped    what FFmpeg said where the pass ended early
    tracks     the sound tracks
    promised   the seconds of the header, and `short_by` what the packets lack of them
    movie      the seconds that the movie header of an mp4 names; 0 where there is none
    """

    times: list[float] = field(default_factory=list)
    tail: float = 0.0
    timed: bool = True
    stuck: bool = False
    corrupt: int = 0
    marred: int = 0
    early: int = 0
    stopped: str | None = None
    tracks: list[Track] = field(default_factory=list)
    promised: float = 0.0
    short_by: float = 0.0
    movie: float = 0.0


@contextlib.contextmanager
def opened(source: Source) -> Iterator[InputContainer]:
    """The source as PyAV's container; SourceError says what FFmpeg found wrong."""
    import av

    from multitok.loaders.clips.announced import check_announced
    from multitok.loaders.clips.boxes import mp4_boxes

    if source.head()[4:8] == b"ftyp" and not mp4_boxes(source).indexed:
        # a picture in boxes: some versions of FFmpeg crash on one that is damaged
        raise SourceError(f"{source.name}: no video and no audio track in it", source=source.name)
    check_announced(source)
    av.logging.set_level(None)
    options = {"protocol_whitelist": "file,pipe", "format_whitelist": DEMUXERS}
    target: Any = f"file:{source.path}" if source.path is not None else source.open()
    try:
        container = av.open(target, container_options=options, **_lenient(av.__version__))
    except (av.error.FFmpegError, UnicodeDecodeError) as error:
        raise SourceError(f"{source.name}: {_why(error)}", source=source.name) from None
    try:
        yield container
    finally:
        container.close()


def _lenient(version: str) -> dict[str, Any]:
    """What has PyAV open a file whose title or language is no UTF-8.

    From PyAV 19 on every file opens so, and the keyword is gone.
    """
    return {"metadata_errors": "ignore"} if int(version.partition(".")[0]) < 19 else {}


def _why(error: Exception) -> str:
    if isinstance(error, EOFError):  # PyAV's is one
        return "the file ends before its first packet: get the whole file"
    words = getattr(error, "strerror", None) or str(error)
    return (
        f"not a file multitok can read ({str(words).lower()}): get it anew, or convert it to MP4 or"
        " WAV"
    )


def video_stream(container: InputContainer) -> Any:
    """The first video that is not cover art, nor one picture beside a track of them; or None. It
    is decoded within bounds."""
    videos = [stream for stream in container.streams.video if not is_cover(stream)]
    found = next(
        (stream for stream in videos if not _is_item(stream)), videos[0] if videos else None
    )
    return found and bounded(found)


def bounded(stream: Any) -> Any:
    """The stream, whose decoder refuses frames that are far larger than its header says: a frame
    of some bytes may say to be of 65,536 x 65,536."""
    codec = stream.codec_context
    if codec is not None:
        most = max(MOST_PIXELS, _GROWN * codec.width * codec.height)
        codec.options = {**codec.options, "max_pixels": str(min(most, 2**31 - 1))}
    return stream


def _is_item(stream: Any) -> bool:
    """An item of HEIF, which FFmpeg tells as a video of one frame without a duration."""
    return bool(stream.frames == 1 and stream.duration is None)


def is_cover(stream: Any) -> bool:
    import av

    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def packets(container: InputContainer, *streams: Any) -> Iterator[Any]:
    """The packets of some streams, or of all, in the order in which they are stored.

    A stream may begin on the way, of which no header tells (FLV): PyAV has none for it, and before
    19 says so at the end by an IndexError, or not.
    """
    with contextlib.suppress(IndexError):
        yield from container.demux(*streams)


def cut_off(packet: Any, container: InputContainer) -> bool:
    """Whether a packet is not whole and not shown. MPEG's streams are cut into pieces, some of
    which may be lost: a decoder shows what is left of a frame."""
    return bool(packet.is_corrupt) and container.format.name not in ("mpegts", "mpeg")


def scan(
    container: InputContainer, video: Any, *, locked: bool = False, strict: bool = False
) -> Scan:
    """One pass over the packets of the video and of every sound track. Those of a `locked` video,
    which is encrypted, are counted unread; `strict` looks into those that an index vouches for."""
    import av

    seen = Scan()
    tracks = _sound_tracks(container)
    seen.tracks = list(tracks.values())
    tick = float(video.time_base) if video is not None else 0.0
    showing = (
        showing_of(container, video, strict=strict) if video is not None and not locked else None
    )
    frames: list[tuple[int, int]] = []  # when each is shown, and how long, in ticks
    missing = 0
    try:
        for packet in packets(container):
            if not packet.size:
                continue
            stream = packet.stream
            if video is not None and stream.index == video.index:
                if cut_off(packet, container):
                    seen.corrupt += 1
                    continue
                shown = showing.frames(packet) if showing is not None else 1
                if packet.is_discard or not shown:
                    continue
                seen.marred += packet.is_corrupt
                stamp = packet.pts if packet.pts is not None else packet.dts
                if stamp is None:
                    missing += shown
                else:
                    frames += [(stamp, packet.duration or 0)] * shown
            elif stream.index in tracks:
                tracks[stream.index].hear(packet)
    except av.error.FFmpegError as error:
        seen.stopped = str(error.strerror or error).lower()
    for track in seen.tracks:
        if container.format.name in _BARE or track.codec in LOSSLESS:
            track.try_last()
    if showing is not None:
        seen.early, seen.corrupt = showing.early, seen.corrupt + showing.damaged
    frames.sort()
    seen.times = [stamp * tick for stamp, _ in frames]
    seen.tail = frames[-1][1] * tick if frames else 0.0
    seen.stuck = len(frames) > 1 and frames[0][0] == frames[-1][0]
    if missing or seen.stuck:
        _assume_rate(seen, video, missing)
    _compare_with_header(seen, container)
    return seen


def _sound_tracks(container: InputContainer) -> dict[int, Track]:
    """The sound tracks that a decoder is there for, by their place."""
    tracks: dict[int, Track] = {}
    for sound in container.streams.audio:
        context = sound.codec_context
        if context is None or not sound.rate or not sound.channels:
            continue
        tracks[sound.index] = Track.of(sound, container.format.name)
    return tracks


def showing_of(container: InputContainer, video: Any, *, strict: bool = False) -> Showing:
    """To be asked of each packet of the video, in the order in which they are stored."""
    from multitok.loaders.clips.shown import Showing

    context, indexed = video.codec_context, container.format.name.startswith("mov")
    return Showing(context.codec.canonical_name, context.extradata, indexed=indexed, strict=strict)


def _assume_rate(seen: Scan, video: Any, missing: int) -> None:
    """Without times, as in a raw stream, frames are as long as the codec's own header says."""
    rate = float(video.guessed_rate or video.average_rate or 25)
    seen.timed = False
    seen.times = [i / rate for i in range(len(seen.times) + missing)]
    seen.tail = 1 / rate


def _compare_with_header(seen: Scan, container: InputContainer) -> None:
    if container.duration is None or not seen.timed:
        return
    ends = [seen.times[-1] + seen.tail] if seen.times else []
    ends += [track.last * track.tick for track in seen.tracks]
    if ends:
        # a Matroska header counts from 0 to the end, others from the first packet
        matroska = container.format.name.startswith("matroska")
        start = 0.0 if matroska else (container.start_time or 0) / 1e6
        seen.promised = container.duration / 1e6
        seen.short_by = max(0.0, seen.promised - (max(ends) - start))


def cut_short(seen: Scan) -> bool:
    """The header promises more than the packets hold."""
    least, share, most = _SHORT
    return seen.short_by > min(max(least, share * seen.promised), most)


def may_be_short(seen: Scan, promised: float) -> bool:
    """Whether tables that end so long before the promised seconds need a closer look, from half
    the gap that is told as a truncation."""
    ends = [seen.times[-1] + seen.tail, *(track.last * track.tick for track in seen.tracks)]
    starts = [seen.times[0], *((track.first or 0) * track.tick for track in seen.tracks)]
    least, share, most = _SHORT
    lacking = promised - (max(ends) - max(0.0, min(starts)))
    return 2 * lacking > min(max(least, share * promised), most)
