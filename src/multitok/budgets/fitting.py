"""Fit: what of a picture, a clip or a sound stays within a token budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack, overload

from multitok.budgets.breakpoints import Fit
from multitok.budgets.clips import VideoFit, fit_video
from multitok.budgets.pictures import fit_picture
from multitok.budgets.sounds import SoundFit, fit_sound
from multitok.core.errors import MediaError
from multitok.core.info import AudioInfo, ImageInfo, Modality, VideoInfo
from multitok.core.registry import AnyCounter
from multitok.counting.rules import files_of
from multitok.counting.subject import Subject, subject_of
from multitok.loaders.probed import ReadWords

if TYPE_CHECKING:
    from multitok.core.media import Audio, Image, Video

THEN: Mapping[str, str] = {
    "text": ". To shorten a text: multitok truncate",
}


@overload
def fit(
    source: ImageInfo | Image,
    *,
    max_tokens: int,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    modality: Modality | None = None,
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
    **read: Unpack[ReadWords],
) -> Fit: ...
@overload
def fit(
    source: VideoInfo | Video,
    *,
    max_tokens: int,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    modality: Modality | None = None,
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
    **read: Unpack[ReadWords],
) -> VideoFit: ...
@overload
def fit(
    source: AudioInfo | Audio,
    *,
    max_tokens: int,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    modality: Modality | None = None,
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
    **read: Unpack[ReadWords],
) -> SoundFit: ...
@overload
def fit(
    source: object,
    *,
    max_tokens: int,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    modality: Modality | None = None,
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
    **read: Unpack[ReadWords],
) -> Fit | VideoFit | SoundFit: ...
def fit(
    source: object,
    *,
    max_tokens: int,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    modality: Modality | None = None,
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
    **read: Unpack[ReadWords],
) -> Fit | VideoFit | SoundFit:
    """What stays within `max_tokens`.

    Of a picture the largest size of its aspect (a Fit); of a clip how far its rate, its frame size
    or its length must be turned (a VideoFit); of a sound its longest start (a SoundFit).

    The other arguments are those of `count`. `fits` tells whether anything does; `best` of a Fit is
    None where no size does. MediaError for another modality, with what to do instead.

    >>> fit(ImageInfo(4000, 3000), model="gpt-4o", max_tokens=500).best
    Breakpoint(width=683, height=512, tokens=425, saved=340)
    >>> clip = VideoInfo(1280, 720, frames=60, fps=30)
    >>> fit(clip, model="Qwen/Qwen2.5-VL-7B-Instruct", max_tokens=2000).size.width
    280
    >>> fit(AudioInfo(16_000 * 60, 16_000), model="gemini-2.5-flash", max_tokens=320).length.seconds
    10.0
    """
    subject = subject_of(source, modality, **read)
    return fit_subject(
        subject,
        max_tokens,
        model=model,
        tokenizer=tokenizer,
        options=options,
        files=files_of(catalog),
    )


def fit_subject(
    subject: Subject,
    max_tokens: int,
    *,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    options: Mapping[str, Any] | None = None,
    files: tuple[str, ...] = (),
) -> Fit | VideoFit | SoundFit:
    """`fit` for a source that is probed already."""
    if subject.modality == "image":
        return fit_picture(
            subject, max_tokens, model=model, tokenizer=tokenizer, options=options, files=files
        )
    if subject.modality == "video":
        return fit_video(
            subject, max_tokens, model=model, tokenizer=tokenizer, options=options, files=files
        )
    if subject.modality == "audio":
        return fit_sound(
            subject, max_tokens, model=model, tokenizer=tokenizer, options=options, files=files
        )
    then = THEN.get(subject.modality, "")
    raise MediaError(f"fit works on pictures, clips and sounds, got {subject.modality}{then}")
