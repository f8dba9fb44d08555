"""Content that is in memory already: a PIL image, an array, a data frame.

No package is imported to tell which. An array is a picture unless `modality` says otherwise, a data
frame a series:

    "image"     (height, width), or with 3 or 4 channels
    "video"     (frames, height, width, 3), with `fps`
    "audio"     (samples,) or (samples, channels) in -1..1, with `hz`
    "series"    (steps,), (steps, channels) or (series, steps, channels)
    "actions"   (steps, dims) or (steps, joints, 3), with `hz` where it is known
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from multitok.core.errors import MediaError, SourceError
from multitok.core.info import Modality
from multitok.loaders.columns.dates import seconds
from multitok.loaders.columns.tables import chosen, rate
from multitok.loaders.probed import Probed, ReadOptions

if TYPE_CHECKING:
    from multitok.core.media import Media

Held: TypeAlias = Literal["picture", "array", "frame"]
_NAMES: dict[Held, str] = {"picture": "a PIL image", "array": "an array", "frame": "a data frame"}


def held(source: Any) -> Held | None:
    """What of these a source is; None for anything else, a path or an open file."""
    if isinstance(source, str | bytes):
        return None
    named = {(base.__module__.partition(".")[0], base.__name__) for base in type(source).__mro__}
    if ("PIL", "Image") in named:
        return "picture"
    if any(package in ("pandas", "polars") for package, _ in named):
        return "frame" if hasattr(source, "to_numpy") else None
    if hasattr(type(source), "__array__") and ("numpy", "generic") not in named:
        return "array"
    return None


def examine(source: Any, what: Held, modality: Modality | None, read: ReadOptions) -> Probed:
    """The shape, from the content itself."""
    if _is_picture(what, modality):
        from multitok.loaders import image

        return image.examine_memory(_array(source) if what == "array" else source, read)
    info = load(source, what, modality, read).info
    return Probed(info, f"{type(source).__module__.partition('.')[0]} {type(source).__name__}")


def load(source: Any, what: Held, modality: Modality | None, read: ReadOptions) -> Media:
    """The medium: pixels become RGB, columns float64."""
    if _is_picture(what, modality):
        from multitok.loaders import image

        return image.load_memory(_array(source) if what == "array" else source, read)
    from multitok.core.media import Actions, Audio, Series

    modality = modality or "series"
    if what == "picture" or modality not in ("video", "audio", "series", "actions"):
        raise SourceError(
            f"{_NAMES[what]} cannot be read as {modality}: leave out modality={modality!r}",
            source=repr(type(source)),
        )
    if modality == "video":
        return _clip(_array(source), read)
    if modality == "audio":
        if read.hz is None:
            raise MediaError("an array of sound needs its sample rate: pass hz=16000")
        return Audio(_array(source), sample_rate=round(read.hz))
    values, names, stamps = (
        _columns(source, read) if what == "frame" else _sides(_array(source), modality, read)
    )
    if modality == "actions":
        return Actions(values, hz=read.hz or rate(stamps), names=names)
    return Series(values, names=names, timestamps=stamps)


def _is_picture(what: Held, modality: Modality | None) -> bool:
    return what != "frame" and (modality == "image" or modality is None)


def _array(source: Any) -> Any:
    import numpy as np

    return np.asarray(source)


def _clip(frames: Any, read: ReadOptions) -> Media:
    import numpy as np

    from multitok.core.media import Video

    if not read.fps:
        raise MediaError("an array of frames needs its frames a second: pass fps=25")
    times = np.arange(len(frames)) / read.fps
    return Video(frames, times, fps=read.fps, duration=len(frames) / read.fps)


_Columns: TypeAlias = "tuple[Any, tuple[str, ...], Any]"
"""Numbers, the names of their columns, and the clock in seconds or None."""


def _sides(array: Any, modality: str, read: ReadOptions) -> _Columns:
    """An array of three sides as the loaders of files lay it out; others as they stand."""
    if array.ndim != 3 or array.dtype.kind not in "fiub":
        return array, (), None
    from multitok.loaders.columns.sides import sides

    table = sides("the array", "", array.shape, modality)
    kept = chosen("the array", table.names, read.columns)
    table.one_movement("the array", kept)
    return table.flat(array)[:, kept], tuple(table.names[place] for place in kept), None


def _columns(source: Any, read: ReadOptions) -> _Columns:
    """The numbers of a data frame, or of one column of it. Its index is the clock where it holds
    moments, else its first column of moments."""
    import numpy as np

    named = source.columns if hasattr(source, "columns") else (source.name or "value",)
    names = tuple(str(name) for name in named)
    cells = np.asarray(source.to_numpy()).reshape(len(source), len(names))
    index = getattr(source, "index", None)
    try:
        stamps = None if index is None or callable(index) else _moments(np.asarray(index))
        if stamps is None and cells.dtype == object and len(cells):
            moments = [i for i in range(len(names)) if hasattr(cells[0, i], "isoformat")]
            if moments:
                stamps = _moments(cells[:, moments[0]])
                cells = np.delete(cells, moments[0], axis=1)
                names = names[: moments[0]] + names[moments[0] + 1 :]
        kept = chosen("the data frame", names, read.columns)
        values = np.asarray(cells[:, kept], dtype="float64")
    except (TypeError, ValueError):
        raise MediaError(
            f"a {type(source).__name__} with columns that hold no numbers: name those that do,"
            " frame[['a', 'b']], and fill what is missing with NaN"
        ) from None
    return values, tuple(names[place] for place in kept), stamps


def _moments(cells: Any) -> Any:
    """Seconds since 1970, or None where these are no moments; ValueError where one is missing."""
    import numpy as np

    if cells.dtype == object and len(cells) and hasattr(cells[0], "isoformat"):
        return np.array([seconds(cell.isoformat()) for cell in cells])
    if cells.dtype.kind != "M":
        return None
    if np.isnat(cells).any():
        raise ValueError("a moment is missing")
    return cells.astype("datetime64[ns]").astype("int64") / 1e9
