"""Sound: WAV and FLAC by their headers, everything else by a demux pass; decoded by FFmpeg.

The loaded sound has as many samples as the shape said: what a codec adds at the end is cut off.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from multitok.core.errors import MediaError, SourceError
from multitok.core.info import AudioInfo
from multitok.loaders.clips.boxes import encrypted_tracks, encryption_note, refuse_encrypted
from multitok.loaders.containers import Scan, cut_short, opened, packets, scan
from multitok.loaders.probed import Probed, ReadOptions
from multitok.loaders.rifx import as_riff, is_rifx, packed
from multitok.loaders.sound_header import sound_header
from multitok.loaders.source import Source
from multitok.loaders.unheard import refuse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Audio


def examine(source: Source, read: ReadOptions) -> Probed:
    """Samples, rate and channels; of a video, those of its first sound track."""
    refuse(source, read.format)
    header = sound_header(source, read.format)
    if header is None and is_rifx(source):
        raise packed(source)
    if header is None:
        with opened(source) as container:
            return examine_container(source, read, container)
    notes = []
    if header.missing:
        seconds = header.missing / header.rate
        notes.append(
            f"the file ends {seconds:.1f} s before its header says: it looks truncated, what is"
            " there is counted"
        )
        _strict(source, read, notes)
    info = _section(AudioInfo(header.samples, header.rate, header.channels), read)
    return Probed(info, read.format, source.name, {}, tuple(notes))


def examine_container(
    source: Source, read: ReadOptions, container: Any, notes: tuple[str, ...] = ()
) -> Probed:
    """The first sound track, by its packets."""
    seen = scan(container, None)
    if not seen.tracks:
        raise SourceError(f"{source.name}: no audio track in it", source=source.name)
    track, told = seen.tracks[0], [*notes]
    if track.indexed and not track.packets:
        raise SourceError(
            f"{source.name}: a sound track without a packet: nothing was recorded, or the file is"
            " cut off behind its index. Get the whole file",
            source=source.name,
        )
    damage = _damage(seen)
    _strict(source, read, damage)
    told += damage
    if len(seen.tracks) > 1:
        told.append(f"{len(seen.tracks)} sound tracks: the first is counted")
    name = container.format.name
    facts: dict[str, Any] = {"codec": track.codec}
    if "sound" in encrypted_tracks(source, name):
        facts["encrypted"] = ["sound"]
        told.append(encryption_note(["sound"]))
    info = _section(track.info(), read)
    return Probed(info, read.format or name, source.name, facts, tuple(told))


def _damage(seen: Scan) -> list[str]:
    found = [f"reading stopped early: {seen.stopped}"] if seen.stopped else []
    track = seen.tracks[0]
    if not track.packets and not track.codec.startswith("pcm_"):  # of PCM there may be none
        found.append("a sound track without a whole packet: nothing is heard")
    if cut_short(seen):
        found.append(
            f"the file ends {seen.short_by:.1f} s before its header says: it looks truncated, what"
            " is there is counted"
        )
    return found


def _strict(source: Source, read: ReadOptions, damage: list[str]) -> None:
    if damage and read.strict:
        raise SourceError(f"{source.name}: {'; '.join(damage)}", source=source.name)


def _section(info: AudioInfo, read: ReadOptions) -> AudioInfo:
    """The samples from `start` to `end`."""
    if read.start is None and read.end is None:
        return info
    first, last = bounds(info, read)
    return AudioInfo(last - first, info.sample_rate, info.channels)


def bounds(info: AudioInfo, read: ReadOptions) -> tuple[int, int]:
    """The first sample from `start` and the one after the last before `end`."""
    first = round((read.start or 0.0) * info.sample_rate)
    last = info.samples if read.end is None else round(read.end * info.sample_rate)
    last = min(last, info.samples)
    if first < 0 or first >= last:
        raise MediaError(
            f"start and end must lie in the sound's {info.duration:.2f} s, start first: got"
            f" {read.start or 0:g} and {last / info.sample_rate:g}"
        )
    return first, last


def load(source: Source, read: ReadOptions) -> Audio:
    """The sound as float32 in -1..1, every channel."""
    info = examine(source, read).info
    if not isinstance(info, AudioInfo):  # examine has said so already
        raise SourceError(f"{source.name}: no audio track in it", source=source.name)
    return load_track(source, read, info)


def load_track(source: Source, read: ReadOptions, info: AudioInfo) -> Audio:
    """The first sound track, as long as `info` says: cut, or filled with silence at the end."""
    import numpy as np

    from multitok.core.media import Audio

    samples = np.zeros((info.samples, info.channels), np.float32)
    skip, at = round((read.start or 0.0) * info.sample_rate), 0
    for block in _blocks(source, info):
        if skip >= len(block):
            skip -= len(block)
            continue
        part = block[skip : skip + info.samples - at, : info.channels]
        skip = 0
        samples[at : at + len(part)] = part
        at += len(part)
        if at >= info.samples:
            break
    return Audio(np.clip(samples, -1, 1), info.sample_rate)


def _blocks(source: Source, info: AudioInfo) -> Iterator[NDArray[np.float32]]:
    """(samples, channels) as decoded; a damaged packet is passed over."""
    import av

    if is_rifx(source):
        source = as_riff(source)
    with opened(source) as container:
        if not container.streams.audio:
            raise SourceError(f"{source.name}: no audio track in it", source=source.name)
        refuse_encrypted(source, container.format.name, "sound")
        stream = container.streams.audio[0]
        if stream.codec_context is None:
            raise SourceError(
                f"{source.name}: FFmpeg has no decoder for its sound: convert it to WAV",
                source=source.name,
            )
        resampler = _Resampler(stream.layout, info.sample_rate)
        found = packets(container, stream)
        while True:
            try:
                packet = next(found, None)
                if packet is None:
                    break
                for frame in packet.decode():
                    yield from resampler.take(frame)
            except av.error.EOFError:
                break
            except av.error.FFmpegError:
                continue
        yield from resampler.rest()


_WIDEST = 64
"""Channels that FFmpeg's resampler takes; of an array of more microphones each sample is taken as
it is stored."""


class _Resampler:
    """Frames as floats of one layout and rate. A stream may change both on its way, as a broadcast
    does, and FFmpeg's own resampler takes frames of one kind only."""

    def __init__(self, layout: Any, rate: int) -> None:
        self._layout, self._rate = layout, rate
        self._kind: tuple[str, str, int] | None = None
        self._inner: Any = None

    def take(self, frame: Any) -> Iterator[NDArray[np.float32]]:
        import av

        if frame.layout.nb_channels > _WIDEST:
            if frame.sample_rate == self._rate:
                yield _floats(frame)
            return
        kind = frame.format.name, frame.layout.name, frame.sample_rate
        if kind != self._kind:
            yield from self.rest()
            self._kind = kind
            self._inner = av.AudioResampler("flt", self._layout, self._rate)
        try:
            pieces = self._inner.resample(frame)
        except av.error.FFmpegError:  # it holds nothing back, and says so again if it is asked
            self._kind = self._inner = None
            raise
        yield from map(_samples, pieces)

    def rest(self) -> Iterator[NDArray[np.float32]]:
        """What is held back until more comes."""
        if self._inner is not None:
            yield from map(_samples, self._inner.resample(None))
            self._inner = None


def _floats(frame: Any) -> NDArray[np.float32]:
    """(samples, channels) of a frame as it is stored: integers of any width from -1 to 1."""
    import numpy as np

    stored: NDArray[Any] = frame.to_ndarray()
    stored = stored.T if frame.format.is_planar else stored.reshape(frame.samples, -1)
    if stored.dtype.kind == "f":
        return stored.astype(np.float32)
    half = 2.0 ** (8 * stored.dtype.itemsize - 1)
    middle = half if stored.dtype.kind == "u" else 0.0
    return ((stored - middle) / half).astype(np.float32)


def _samples(piece: Any) -> NDArray[np.float32]:
    """(samples, channels) of a frame."""
    made: NDArray[np.float32] = piece.to_ndarray().reshape(-1, len(piece.layout.channels))
    return made


__all__ = ["bounds", "examine", "examine_container", "load", "load_track"]
