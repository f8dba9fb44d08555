"""Content: what a tokenizer encodes. Shape and dtype are checked once, here, and trusted below.

Arrays are (height, width) as everywhere in numpy; names and arguments say width first. numpy is
imported by the classes that hold arrays, so that counting a text stays light.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from multitok.core.errors import MediaError
from multitok.core.info import (
    ActionsInfo,
    AudioInfo,
    ImageInfo,
    Medium,
    Modality,
    PdfInfo,
    SeriesInfo,
    TextInfo,
    VideoInfo,
)
from multitok.core.kept import kept

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


SHOWN = 80
"""Characters of a text that its repr shows."""


def same(a: Any, b: Any) -> bool:
    """Equality of two field values: arrays by shape, dtype and content (NaN equals NaN)."""
    if hasattr(a, "dtype") and hasattr(b, "dtype"):
        import numpy as np

        a, b = np.asarray(a), np.asarray(b)
        floats = a.dtype.kind == "f"
        return bool(
            a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=floats)
        )
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return type(a) is type(b) and bool(a == b)


class _Equal(Medium):
    """`==` over the fields named in `_compared`; unhashable, since arrays are. Printed by shape."""

    _compared: ClassVar[tuple[str, ...]]
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(same(getattr(self, f), getattr(other, f)) for f in self._compared)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """<Image width=600, height=400>: pages of pixels would tell less."""
        return f"<{repr(self.info)[:-1].replace('Info(', ' ', 1)}>"


def _array(value: Any, dtype: str, ndim: int, what: str) -> NDArray[Any]:
    """`value` as a C-ordered array of `dtype`; a lossy change of kind is an error."""
    import numpy as np

    array = np.asarray(value)
    if array.dtype != dtype:
        if array.size and not np.can_cast(array.dtype, dtype, casting="same_kind"):
            raise MediaError(f"{what} must be {dtype}, got {array.dtype}")
        with np.errstate(invalid="ignore", over="ignore"):  # what is not finite is told elsewhere
            array = array.astype(dtype)
    if array.ndim != ndim:
        raise MediaError(f"{what} must have {ndim} dimensions, got shape {array.shape}")
    return np.ascontiguousarray(array)


@dataclass(frozen=True, eq=False, repr=False)
class Text(_Equal):
    """Text. A lone surrogate cannot be UTF-8 and becomes U+FFFD when the object is built."""

    modality: ClassVar[Modality] = "text"

    text: str
    _compared: ClassVar[tuple[str, ...]] = ("text",)

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):
            raise MediaError(f"text must be str, got {type(self.text).__name__}")
        if not self.text.isascii():
            try:
                self.text.encode("utf-8")
            except UnicodeEncodeError:
                clean = self.text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
                object.__setattr__(self, "text", clean)

    def __repr__(self) -> str:
        """Text(text='...'): a long one by its beginning and how long it is."""
        if len(self.text) <= SHOWN:
            return f"Text(text={self.text!r})"
        return f"<Text {self.text[:SHOWN]!r}... of {len(self.text):,} characters>"

    @kept
    def info(self) -> TextInfo:
        text = self.text
        return TextInfo(bytes=len(text) if text.isascii() else len(text.encode("utf-8")))


@dataclass(frozen=True, eq=False, repr=False)
class Image(_Equal):
    """Pixels as displayed: uint8 (height, width, 3) RGB."""

    modality: ClassVar[Modality] = "image"

    pixels: NDArray[np.uint8]
    _compared: ClassVar[tuple[str, ...]] = ("pixels",)

    def __post_init__(self) -> None:
        pixels = _array(self.pixels, "uint8", 3, "image pixels")
        height, width, channels = pixels.shape
        if channels != 3:
            raise MediaError(f"image pixels must be (height, width, 3) RGB, got {pixels.shape}")
        ImageInfo(width=width, height=height)
        object.__setattr__(self, "pixels", pixels)

    @kept
    def info(self) -> ImageInfo:
        height, width, _ = self.pixels.shape
        return ImageInfo(width=width, height=height)


@dataclass(frozen=True, eq=False, repr=False)
class Audio(_Equal):
    """Sound: float32 (samples, channels) in -1..1, and the sample rate in Hz."""

    modality: ClassVar[Modality] = "audio"

    samples: NDArray[np.float32]
    sample_rate: int
    _compared: ClassVar[tuple[str, ...]] = ("samples", "sample_rate")

    def __post_init__(self) -> None:
        import numpy as np

        samples = np.asarray(self.samples)
        if samples.ndim == 1:
            samples = samples[:, None]
        samples = _array(samples, "float32", 2, "audio samples")
        if not np.isfinite(samples).all():
            raise MediaError("audio samples must be finite, got NaN or inf")
        object.__setattr__(self, "samples", samples)
        AudioInfo(samples.shape[0], self.sample_rate, samples.shape[1])

    @kept
    def info(self) -> AudioInfo:
        samples, channels = self.samples.shape
        return AudioInfo(samples=samples, sample_rate=self.sample_rate, channels=channels)


@dataclass(frozen=True, eq=False, repr=False)
class Video(_Equal):
    """Frames uint8 (frames, height, width, 3) with their times in seconds, and the sound track."""

    modality: ClassVar[Modality] = "video"

    frames: NDArray[np.uint8]
    timestamps: NDArray[np.float64]
    fps: float
    duration: float
    audio: Audio | None = None
    _compared: ClassVar[tuple[str, ...]] = ("frames", "timestamps", "fps", "duration", "audio")

    def __post_init__(self) -> None:
        frames = _array(self.frames, "uint8", 4, "video frames")
        times = _array(self.timestamps, "float64", 1, "video timestamps")
        if frames.shape[3] != 3:
            raise MediaError(f"video frames must be (frames, height, width, 3), got {frames.shape}")
        if len(times) != len(frames):
            raise MediaError(f"{len(frames)} frames need as many timestamps, got {len(times)}")
        object.__setattr__(self, "frames", frames)
        object.__setattr__(self, "timestamps", times)
        object.__setattr__(self, "fps", float(self.fps))
        object.__setattr__(self, "duration", float(self.duration))

    @kept
    def info(self) -> VideoInfo:
        count, height, width, _ = self.frames.shape
        sound = self.audio.info if self.audio is not None else None
        return VideoInfo(width, height, count, self.fps, self.duration, sound)


@dataclass(frozen=True, eq=False, repr=False)
class Series(_Equal):
    """A time series: float64 (steps, channels), NaN for a missing value."""

    modality: ClassVar[Modality] = "series"

    values: NDArray[np.float64]
    names: tuple[str, ...] = ()
    timestamps: NDArray[np.float64] | None = None
    _compared: ClassVar[tuple[str, ...]] = ("values", "names", "timestamps")

    def __post_init__(self) -> None:
        _keep_columns(self, "series values", "channel")
        if self.timestamps is not None:
            times = _array(self.timestamps, "float64", 1, "series timestamps")
            if len(times) != len(self.values):
                raise MediaError(
                    f"{len(self.values)} steps need as many timestamps, got {len(times)}"
                )
            object.__setattr__(self, "timestamps", times)

    @kept
    def info(self) -> SeriesInfo:
        steps, channels = self.values.shape
        return SeriesInfo(steps=steps, channels=channels)


@dataclass(frozen=True, eq=False, repr=False)
class Actions(_Equal):
    """Movement: float64 (steps, dims), and the steps per second when known.

    episodes    the steps of each, one after the other in `values`; () for one trajectory
    quantiles   the 1st and the 99th percentile of each dim in the data set that this is of, where
                it states them: known of the source, no part of the movement
    """

    modality: ClassVar[Modality] = "actions"

    values: NDArray[np.float64]
    hz: float | None = None
    names: tuple[str, ...] = ()
    episodes: tuple[int, ...] = ()
    quantiles: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    _compared: ClassVar[tuple[str, ...]] = ("values", "hz", "names", "episodes")

    def __post_init__(self) -> None:
        _keep_columns(self, "action values", "dim")
        if self.episodes != () or self.hz is not None:
            object.__setattr__(self, "episodes", self.info.episodes)
        if self.quantiles is not None:
            object.__setattr__(self, "quantiles", _quantiles(self.quantiles, self.info.dims))

    @kept
    def info(self) -> ActionsInfo:
        steps, dims = self.values.shape
        return ActionsInfo(steps=steps, dims=dims, hz=self.hz, episodes=self.episodes)

    def apart(self) -> list[Actions]:
        """Each episode by itself; a single trajectory is its own."""
        if not self.episodes:
            return [self]
        ends = tuple(accumulate(self.episodes))
        return [
            replace(self, values=self.values[end - steps : end], episodes=())
            for end, steps in zip(ends, self.episodes, strict=True)
        ]


def _quantiles(given: Any, dims: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The 1st and the 99th percentile, a number a dim each."""
    low, high = (tuple(float(number) for number in end) for end in given)
    if len(low) != dims or len(high) != dims:
        raise MediaError(f"quantiles need {dims} numbers each, got {len(low)} and {len(high)}")
    return low, high


def _keep_columns(media: Series | Actions, what: str, column: str) -> None:
    """The numbers and names of a frozen medium as they must be, written only where they are not."""
    values, names = _columns(media.values, media.names, what, column)
    if values is not media.values:
        object.__setattr__(media, "values", values)
    if names is not media.names:
        object.__setattr__(media, "names", names)


def _columns(
    values: Any, names: tuple[str, ...], what: str, column: str
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """A (rows, columns) float64 array and one name for each column."""
    import numpy as np

    array = np.asarray(values)
    if array.dtype != np.float64 or array.ndim != 2:
        if array.dtype.kind in "biu":
            array = array.astype("float64")
        array = _array(array[:, None] if array.ndim == 1 else array, "float64", 2, what)
    array = np.ascontiguousarray(array)
    if array.shape[1] < 1:
        raise MediaError(f"{what} must have at least one {column}, got shape {array.shape}")
    named = tuple(names) or _numbered(column, array.shape[1])
    if len(named) != array.shape[1]:
        raise MediaError(f"{array.shape[1]} columns need as many names, got {len(named)}")
    return array, named


@lru_cache(maxsize=64)
def _numbered(column: str, many: int) -> tuple[str, ...]:
    return tuple(f"{column}{i}" for i in range(many))


@dataclass(frozen=True, slots=True)
class PdfPage:
    """One page: its text and its size in points (1/72 inch)."""

    text: str
    width_pt: float
    height_pt: float


@dataclass(frozen=True, eq=False, repr=False)
class Pdf(_Equal):
    """A document by its pages."""

    modality: ClassVar[Modality] = "pdf"

    pages: tuple[PdfPage, ...]
    _compared: ClassVar[tuple[str, ...]] = ("pages",)

    @kept
    def info(self) -> PdfInfo:
        return PdfInfo(pages=len(self.pages))


Media: TypeAlias = Text | Image | Video | Audio | Series | Actions | Pdf
