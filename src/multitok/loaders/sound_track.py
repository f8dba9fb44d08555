"""How long a sound track is, from its packets alone: nothing is decoded.

Two clocks tell it. Packets hold whole frames of samples, so that their number times the frame's
length is what a decoder gives; stamps say where a packet begins, in ticks that may be coarse, and
may leave gaps. The first is taken wherever the length of a frame is known, but of an Ogg, whose
stamps are samples and trimmed already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from struct import unpack
from typing import Any

from multitok.core.info import AudioInfo

_FRAMES = {"ac3": 1536, "dts": 512}
"""Samples of a frame where FFmpeg does not name them before it decodes."""
_OPUS = 400
"""An Opus packet lasts a multiple of 1/400 s (RFC 6716, section 2)."""
LOSSLESS = ("flac", "alac")
"""Codecs whose last frame may be shorter than the others, which not every container says."""
_STORED = re.compile(r"pcm_[suf](8|16|24|32|64)(?:le|be)?")
_FINE = 1.001
"""Samples a tick up to which stamps are right to the sample."""
_MOST = 1 << 31
_SIDE = "skip_samples"


@dataclass
class Track:
    """One sound track, as the packets tell it.

    frame      samples of one frame, where all are alike; 0 where they differ
    first      the first stamp, and `last` the end of the last packet, in ticks
    header     its length in ticks, as the container's header names it
    packets    how many there are, of `size` bytes; `bare` of them behind the last that has a stamp
    lengths    how many packets last so many ticks; 0 where the container does not say
    tail       how many ticks the last packet lasts
    warm_up    samples at the start that are there for the decoder alone, `filling` at the end
    bytes      of a sample of all channels, where it is stored as it is
    granules   its stamps tell more than its packets: an Ogg
    indexed    its index says how long the last packet lasts, whether FFmpeg trims it or not: an mp4
    last_frame samples of the last packet, where it was decoded
    links      samples before the stamps began anew: a chained Ogg
    """

    index: int
    codec: str
    rate: int
    channels: int
    first: int | None = None
    last: int = 0
    header: int | None = None
    tick: float = 0.0
    frame: int = 0
    bytes: int = 0
    size: int = 0
    packets: int = 0
    bare: int = 0
    lengths: dict[int, int] = field(default_factory=dict)
    tail: int = 0
    warm_up: int = 0
    filling: int = 0
    granules: bool = False
    indexed: bool = False
    links: int = 0
    last_frame: int = 0
    _skip: int = 0
    _stamped: int = 0
    _latest: int = 0
    _final: Any = None

    @classmethod
    def of(cls, stream: Any, container: str) -> Track:
        """The track of one of PyAV's audio streams."""
        context = stream.codec_context
        codec = context.codec.canonical_name
        stored = _STORED.fullmatch(codec)
        return cls(
            stream.index,
            codec,
            stream.rate,
            stream.channels,
            header=stream.duration,
            tick=float(stream.time_base or 0),
            frame=context.frame_size or _frame(codec, bytes(context.extradata or b"")),
            bytes=int(stored[1]) // 8 * stream.channels if stored else 0,
            granules=container == "ogg",
            indexed=container.startswith("mov"),
        )

    def hear(self, packet: Any) -> None:
        """Take in the next packet of this track."""
        if packet.has_sidedata(_SIDE):
            front, back = unpack("<ii", bytes(packet.get_sidedata(_SIDE))[:8])
            self._skip = max(front, 0)
            self.warm_up += self._skip
            self.filling += 0 if self.indexed else max(back, 0)
        length = packet.duration or 0
        if length > _MOST:  # FFmpeg trims an Ogg's last packet by more than it has, and wraps round
            length -= 2 * _MOST
        if packet.is_discard:  # before the cut of an edit list: decoded, not heard
            gone = min(self._skip, self.frame or round(length * self.tick * self.rate))
            self._skip, self.warm_up = self._skip - gone, self.warm_up - gone
            return
        if packet.pts is not None:
            self._stamp(packet.pts, length)
        else:
            self.bare += 1
        self.packets += 1
        self.size += packet.size
        self._final = packet
        self.lengths[length] = self.lengths.get(length, 0) + 1
        self.tail = length

    def _stamp(self, stamp: int, length: int) -> None:
        if self.first is not None and stamp < self._latest:
            self.links += self._by_stamps()
            self.first, self.last, self.warm_up = stamp, stamp + length, 0
        self.first = stamp if self.first is None else self.first
        self.last = stamp + length if self.granules else max(self.last, stamp + length)
        self.bare, self._stamped, self._latest = 0, self.packets, stamp

    def try_last(self) -> None:
        """Decode the last packet: one that is cut off gives no sound."""
        import av

        if self._final is None:
            return
        try:
            frames = self._final.decode()
        except av.error.FFmpegError:
            self.packets -= 1
            self.lengths[self.tail] -= 1
            self.last -= self.tail
        else:
            if self.codec in LOSSLESS and not self.filling:
                self.last_frame = sum(frame.samples for frame in frames)

    def samples(self) -> int:
        """Samples per channel, as they are heard: without the codec's warm-up and filling."""
        held = self._held()
        if held is None:
            return self.links + self._by_stamps()
        return max(0, held - self.warm_up - self.filling)

    def info(self) -> AudioInfo:
        return AudioInfo(self.samples(), self.rate, self.channels)

    def _held(self) -> int | None:
        """The samples in the packets; None where only the stamps tell."""
        if self.granules or not self.packets:
            return None
        if self.bytes:
            return self.size // self.bytes
        per_tick = self.tick * self.rate
        usual = max(self.lengths, key=lambda ticks: self.lengths[ticks])
        if self.frame:
            each = max(1, round(usual * per_tick / self.frame)) * self.frame
            left = each - (self.last_frame or self.tail * per_tick)  # a last frame may be filled up
            told = (
                self.tail and left > 1 and per_tick < _FINE and not self.filling
            )  # once is enough
            return each * self.packets - (round(left) if self.last_frame or told else 0)
        if 0 < per_tick < _FINE and self.lengths.get(0, 0) <= self.bare:
            return round(sum(ticks * n for ticks, n in self.lengths.items()) * per_tick)
        if self.codec == "opus":
            played = sum(round(t * self.tick * _OPUS) * n for t, n in self.lengths.items())
            if self.filling:  # the last packet is said to last as long as it is heard
                played += round((usual - self.tail) * self.tick * _OPUS)
            return played * self.rate // _OPUS
        return None

    def _by_stamps(self) -> int:
        """To the end of the last packet, from 0 or a later first one. A packet that says nothing
        of itself lasts as long as those between two stamps; the header may name the end in it."""
        first, end = self.first or 0, float(self.last)
        if not self.tail and self._stamped and not self.granules:
            end += (self.bare + 1) * (self.last - first) / self._stamped
            if self.header is not None and self.last < self.header < end:
                end = self.header
        per_tick = self.tick * self.rate
        left = max(0.0, self.warm_up + min(first, 0) * per_tick)
        span = max(end - max(first, 0), self._lying_still(end))
        return max(0, round(span * per_tick - left))

    def _lying_still(self, end: float) -> float:
        """The ticks that the packets last, where the stamps hardly move."""
        lasting = sum(ticks * n for ticks, n in self.lengths.items())
        return lasting if end < lasting / 2 and not self.granules else 0.0


def _frame(codec: str, setup: bytes) -> int:
    """Samples of a frame, by the codec's own header; 0 where they differ or are not told."""
    if codec == "flac" and setup[:2] == setup[2:4]:
        return int.from_bytes(setup[:2], "big")
    if codec == "alac" and len(setup) >= 24:
        return int.from_bytes(setup[-24:-20], "big")
    return _FRAMES.get(codec, 0)
