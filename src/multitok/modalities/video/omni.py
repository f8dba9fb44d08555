"""Qwen2.5-Omni and Qwen3-Omni video: frames in bounds of their own, and the sound where asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from multitok.core.info import AudioInfo, VideoInfo, info_of
from multitok.core.parameters import Frames, Positive, Rate
from multitok.modalities.audio.encoders import (
    PooledMelCounter,
    SpeechEncoder,
    WindowedMelCounter,
)
from multitok.modalities.video.plan import Plan, SampledVideo
from multitok.modalities.video.qwen import QwenVideoTokenizer

if TYPE_CHECKING:
    from multitok.core.media import Video


@dataclass(frozen=True, kw_only=True)
class OmniVideoTokenizer(QwenVideoTokenizer):
    """Frames as Qwen2-VL takes them, each of 128 to 768 tokens, whatever the checkpoint says.

    The bounds stand in the processor itself; the defaults are those of Qwen2.5-Omni, and of
    Qwen3-Omni with `patch` 16, bounds 131072..786432, mean and std 0.5. The sound track is left
    out: `omni-video-sound` counts it too.
    Source: transformers 5.23.0, Qwen2_5OmniProcessor and Qwen3OmniMoeProcessor.

    >>> OmniVideoTokenizer().count(VideoInfo(1280, 720, frames=300, fps=30))
    7200
    """

    name: ClassVar[str] = "omni-video"
    deaf: ClassVar[str] = "the sound track is left out: audio_in_video=true interleaves it"


@dataclass(frozen=True, kw_only=True)
class OmniVideoSoundCounter(SampledVideo):
    """The same frames with the sound track between them, as `use_audio_in_video` asks.

    sound   "pooled": 25 tokens a second, of 300 s at most (Qwen2.5-Omni); "windowed": 13 a second
            (Qwen3-Omni)
    The processor sets audio start and end around the whole and orders frames and sound by time,
    which changes no number. A clip without a sound track is as `omni-video` has it.
    Source: transformers 5.23.0, replace_video_with_audio_token of the same processors.

    >>> clip = VideoInfo(1280, 720, frames=300, fps=30, audio=AudioInfo(160_000, 16_000))
    >>> OmniVideoSoundCounter().breakdown(clip)
    {'video': 7200, 'audio': 250, '<|audio_bos|>': 1, '<|audio_eos|>': 1}
    """

    sound: Literal["pooled", "windowed"] = "pooled"
    patch: Positive = 14
    min_pixels: Positive = 128 * 28 * 28
    max_pixels: Positive = 768 * 28 * 28
    fps: Rate | None = 2.0
    num_frames: Frames | None = None
    min_frames: Frames = 4
    max_frames: Frames = 768
    sampler: Literal["own", "ends", "all"] = "own"
    cap_pixels_per_frame: bool = False

    name: ClassVar[str] = "omni-video-sound"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({}, {"sound": "windowed", "patch": 16})

    @property
    def marks(self) -> tuple[str, str]:
        """The special tokens before and after a clip with sound."""
        if self.sound == "pooled":
            return "<|audio_bos|>", "<|audio_eos|>"
        return "<|audio_start|>", "<|audio_end|>"

    def heard(self) -> SpeechEncoder:
        """The rule of the sound track."""
        return PooledMelCounter(max_seconds=300) if self.sound == "pooled" else WindowedMelCounter()

    def plan_for(self, info: VideoInfo) -> Plan:
        seen = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "sound"}
        return OmniVideoTokenizer(**seen).plan_for(info)

    def count(self, x: Video | VideoInfo, /) -> int:
        return sum(self.breakdown(x).values())

    def breakdown(self, x: Video | VideoInfo, /) -> dict[str, int]:
        info: VideoInfo = info_of(x)
        frames = super().breakdown(x)
        if info.audio is None:
            return frames
        return {**frames, **self.heard().breakdown(info.audio), **dict.fromkeys(self.marks, 1)}

    def explain(self, x: Video | VideoInfo, /) -> list[str]:
        info: VideoInfo = info_of(x)
        return super().explain(x) + (self.heard().explain(info.audio) if info.audio else [])

    def left_out(self, x: Video | VideoInfo, /) -> str | None:
        audio: AudioInfo | None = info_of(x).audio
        return None if audio is None else self.heard().left_out(audio)
