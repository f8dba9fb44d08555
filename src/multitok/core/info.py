"""The shape of an input: all that most rules need to count it.

Frozen, hashable, printable, standard library only. A loader makes one from a header; a user makes
one by hand to ask "what would a 1920 x 1080 picture cost?".
"""

from __future__ import annotations

import re
from dataclasses import MISSING, dataclass, field, fields
from math import isfinite
from operator import index
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias, get_args, overload

from multitok.core.errors import MediaError

if TYPE_CHECKING:
    from multitok.core.media import Actions, Audio, Image, Pdf, Series, Text, Video

Modality: TypeAlias = Literal["text", "image", "video", "audio", "series", "actions", "pdf"]
MODALITIES: tuple[Modality, ...] = get_args(Modality)

LARGEST_SIDE = 2**31 - 1
"""No image format stores a longer side; a larger number is a mistake, not a picture."""


class Medium:
    """What all content shares: it has a shape."""

    __slots__ = ()
    modality: ClassVar[Modality]

    @property
    def info(self) -> Info:
        """The shape of this content."""
        raise NotImplementedError


class Shape:
    """What all shapes share: they say themselves in words and in amounts."""

    __slots__ = ()
    modality: ClassVar[Modality]

    def words(self) -> str:
        """The shape as people read it: `1512 x 2016 px`, `3 pages`."""
        raise NotImplementedError

    def amounts(self) -> dict[str, float]:
        """How much it holds, by unit: byte, megapixel, second, step, value, page."""
        raise NotImplementedError


def plural(n: int, noun: str) -> str:
    """A number and its noun.

    >>> plural(1, "page"), plural(2000, "byte")
    ('1 page', '2,000 bytes')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _whole(value: Any, what: str, low: int) -> int:
    """`value` as a plain int, at least `low`."""
    if type(value) is int and value >= low:
        return value
    try:
        number = index(value)
    except TypeError:
        raise MediaError(f"{what} must be a whole number, got {value!r}") from None
    if isinstance(value, bool) or number < low:
        raise MediaError(f"{what} must be at least {low}, got {value!r}")
    return number


def _keep_whole(shape: Any, name: str, what: str, low: int) -> None:
    """The same of a field of a frozen shape, which is written only where it changes."""
    value = getattr(shape, name)
    if type(value) is not int or value < low:
        object.__setattr__(shape, name, _whole(value, what, low))


def _seconds(value: Any, what: str) -> float:
    number = _number(value, what)
    if number < 0:
        raise MediaError(f"{what} must not be negative, got {value!r}")
    return number


def _number(value: Any, what: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise MediaError(f"{what} must be a number, got {value!r}") from None
    if not isfinite(number):
        raise MediaError(f"{what} must be finite, got {value!r}")
    return number


def _episodes(given: Any, steps: int) -> tuple[int, ...]:
    """The steps of each episode; one that is all there is needs no name."""
    found = tuple(_whole(n, "steps of an episode", 0) for n in given)
    if found and sum(found) != steps:
        raise MediaError(f"{len(found)} episodes of {sum(found)} steps in all, of {steps} steps")
    return found if len(found) > 1 else ()


@dataclass(frozen=True, slots=True)
class TextInfo(Shape):
    """Text by its length in UTF-8 bytes."""

    modality: ClassVar[Modality] = "text"

    bytes: int

    def __post_init__(self) -> None:
        if type(self.bytes) is not int or self.bytes < 0:
            object.__setattr__(self, "bytes", _whole(self.bytes, "text length in bytes", 0))

    def words(self) -> str:
        return plural(self.bytes, "byte")

    def amounts(self) -> dict[str, float]:
        return {"byte": self.bytes}


@dataclass(frozen=True, slots=True)
class ImageInfo(Shape):
    """An image by its size in pixels, as displayed: EXIF orientation applied."""

    modality: ClassVar[Modality] = "image"

    width: int
    height: int

    def __post_init__(self) -> None:
        if type(self.width) is not int or type(self.height) is not int:
            object.__setattr__(self, "width", _whole(self.width, "image width", 0))
            object.__setattr__(self, "height", _whole(self.height, "image height", 0))
        if self.width < 1 or self.height < 1:
            raise MediaError(
                f"image must be at least 1x1 pixels, got {self.width}x{self.height}",
                width=self.width,
                height=self.height,
            )
        if self.width > LARGEST_SIDE or self.height > LARGEST_SIDE:
            raise MediaError(
                f"image sides must be at most {LARGEST_SIDE} px, got {self.width}x{self.height}",
                width=self.width,
                height=self.height,
            )

    def __str__(self) -> str:
        return f"{self.width} x {self.height}"

    def words(self) -> str:
        return f"{self} px"

    def amounts(self) -> dict[str, float]:
        return {"megapixel": self.width * self.height / 1e6}


def image_size(text: str) -> ImageInfo:
    """1920x1080 as a picture of that size; MediaError for anything else."""
    match = re.fullmatch(r"(\d{1,18})\s*[xX×]\s*(\d{1,18})", text)
    if match is None:
        raise MediaError(f"{text[:40]!r} is not WIDTHxHEIGHT: write 1920x1080")
    return ImageInfo(int(match[1]), int(match[2]))


@dataclass(frozen=True, slots=True)
class AudioInfo(Shape):
    """Sound by its samples per channel, sample rate in Hz, and channels."""

    modality: ClassVar[Modality] = "audio"

    samples: int
    sample_rate: int
    channels: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "samples", _whole(self.samples, "audio samples", 0))
        object.__setattr__(self, "sample_rate", _whole(self.sample_rate, "sample rate", 1))
        object.__setattr__(self, "channels", _whole(self.channels, "audio channels", 1))

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.samples / self.sample_rate

    def words(self) -> str:
        channels = plural(self.channels, "channel")
        return f"{self.duration:.2f} s · {self.sample_rate} Hz · {channels}"

    def amounts(self) -> dict[str, float]:
        return {"second": self.duration}


@dataclass(frozen=True, slots=True)
class VideoInfo(Shape):
    """A clip by displayed size, true frame count, average frames per second, seconds, sound track.

    `fps` or `duration` may be left out: the one follows from the other and the frame count.
    """

    modality: ClassVar[Modality] = "video"

    width: int
    height: int
    frames: int
    fps: float = 0.0
    duration: float = 0.0
    audio: AudioInfo | None = None

    def __post_init__(self) -> None:
        ImageInfo(self.width, self.height)
        frames = _whole(self.frames, "video frames", 0)
        fps, duration = _seconds(self.fps, "video fps"), _seconds(self.duration, "video duration")
        if fps == 0 and duration == 0 and frames:
            raise MediaError("a video needs fps or duration, got neither")
        object.__setattr__(self, "frames", frames)
        fps = fps or _seconds(frames / duration if duration else 0.0, "video fps")
        length = _seconds(frames / fps if fps else 0.0, "video duration")
        object.__setattr__(self, "fps", fps)
        object.__setattr__(self, "duration", duration or length)

    def __str__(self) -> str:
        return f"{self.width} x {self.height}, {self.frames} frames, {self.duration:.2f} s"

    def words(self) -> str:
        sound = "with sound" if self.audio is not None else "no sound"
        frames = plural(self.frames, "frame")
        return (
            f"{self.width} x {self.height} px · {frames} · {self.fps:.5g} fps"
            f" · {self.duration:.2f} s · {sound}"
        )

    def amounts(self) -> dict[str, float]:
        return {"second": self.duration}


@dataclass(frozen=True, slots=True)
class SeriesInfo(Shape):
    """A time series by its number of steps and channels."""

    modality: ClassVar[Modality] = "series"

    steps: int
    channels: int = 1

    def __post_init__(self) -> None:
        _keep_whole(self, "steps", "series steps", 0)
        _keep_whole(self, "channels", "series channels", 1)

    def words(self) -> str:
        return f"{plural(self.steps, 'step')} · {plural(self.channels, 'channel')}"

    def amounts(self) -> dict[str, float]:
        return {"step": self.steps, "value": self.steps * self.channels}


@dataclass(frozen=True, slots=True)
class ActionsInfo(Shape):
    """Movement by its number of steps and dimensions, and steps per second when known.

    `episodes` are the steps of each, where there are several: no chunk runs from one into the next.
    """

    modality: ClassVar[Modality] = "actions"

    steps: int
    dims: int
    hz: float | None = None
    episodes: tuple[int, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        _keep_whole(self, "steps", "action steps", 0)
        _keep_whole(self, "dims", "action dims", 1)
        if self.episodes != ():
            object.__setattr__(self, "episodes", _episodes(self.episodes, self.steps))
        if self.hz is not None:
            hz = _number(self.hz, "action hz")
            if hz <= 0:
                raise MediaError(f"action hz must be positive, got {self.hz!r}")
            object.__setattr__(self, "hz", hz)

    def words(self) -> str:
        rate = f" · {self.hz:g} Hz" if self.hz else ""
        several = f" · {len(self.episodes):,} episodes" if self.episodes else ""
        return f"{plural(self.steps, 'step')} · {plural(self.dims, 'dim')}{rate}{several}"

    def amounts(self) -> dict[str, float]:
        return {"step": self.steps, "value": self.steps * self.dims}


@dataclass(frozen=True, slots=True)
class PdfInfo(Shape):
    """A document by its pages. What a page costs mostly depends on its text: NeedsContentError."""

    modality: ClassVar[Modality] = "pdf"

    pages: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "pages", _whole(self.pages, "PDF pages", 0))

    def words(self) -> str:
        return plural(self.pages, "page")

    def amounts(self) -> dict[str, float]:
        return {"page": self.pages}


Info: TypeAlias = TextInfo | ImageInfo | VideoInfo | AudioInfo | SeriesInfo | ActionsInfo | PdfInfo

INFO_CLASSES: dict[Modality, type[Any]] = {
    "text": TextInfo,
    "image": ImageInfo,
    "video": VideoInfo,
    "audio": AudioInfo,
    "series": SeriesInfo,
    "actions": ActionsInfo,
    "pdf": PdfInfo,
}


def modality_of(info: Info) -> Modality:
    """`"image"` for an ImageInfo, and so on."""
    return info.modality


@overload
def info_of(x: Text | TextInfo) -> TextInfo: ...
@overload
def info_of(x: Image | ImageInfo) -> ImageInfo: ...
@overload
def info_of(x: Video | VideoInfo) -> VideoInfo: ...
@overload
def info_of(x: Audio | AudioInfo) -> AudioInfo: ...
@overload
def info_of(x: Series | SeriesInfo) -> SeriesInfo: ...
@overload
def info_of(x: Actions | ActionsInfo) -> ActionsInfo: ...
@overload
def info_of(x: Pdf | PdfInfo) -> PdfInfo: ...
@overload
def info_of(x: Medium | Shape) -> Info: ...
def info_of(x: object) -> object:
    """The shape of a medium; a shape is its own. MediaError for anything else: a `Path`, a data
    frame or an array may have an `info` too.

    >>> info_of(ImageInfo(600, 400)).width
    600
    """
    if isinstance(x, Shape):
        return x
    if isinstance(x, Medium):
        return x.info
    raise MediaError(
        f"expected a medium or its shape, got {type(x).__name__}: multitok.load reads a file,"
        " multitok.ImageInfo(1920, 1080) is a bare shape"
    )


def info_to_dict(info: Info) -> dict[str, Any]:
    """A JSON-able form that `info_from_dict` inverts."""
    cls = type(info)
    document: dict[str, Any] = {"modality": info.modality}
    for name in cls.__slots__:
        if (value := getattr(info, name)) != ():
            document[name] = value
    if document.get("audio") is not None:
        audio = document["audio"]
        document["audio"] = {name: getattr(audio, name) for name in AudioInfo.__slots__}
    return document


def info_from_dict(data: dict[str, Any]) -> Info:
    """The inverse of `info_to_dict`. MediaError for what describes no input."""
    given = dict(data)
    modality = given.pop("modality", None)
    if modality not in MODALITIES:
        raise MediaError(f"modality must be one of {', '.join(MODALITIES)}, got {modality!r}")
    if given.get("audio") is not None:
        given["audio"] = _made(AudioInfo, given["audio"])
    made: Info = _made(INFO_CLASSES[modality], given)
    return made


def _made(cls: type[Any], given: Any) -> Any:
    """A shape from its fields as data; what they hold, the class checks."""
    takes = [one.name for one in fields(cls)]
    if not isinstance(given, dict):
        raise MediaError(f"the {cls.modality} must be an object, got {given!r}")
    for name in given:
        if name not in takes:
            raise MediaError(f"{cls.modality} has no {name!r}. It has: {', '.join(takes)}")
    for one in fields(cls):
        if one.default is MISSING and one.name not in given:
            raise MediaError(f"{cls.modality} lacks {one.name!r}")
    return cls(**given)
