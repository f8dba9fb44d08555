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
from multitok.core.widening import widened
from multitok.loaders.probed import Probed, ReadOptions
from multitok.loaders.source import Source

if TYPE_CHECKING:
    from multitok.core.media import Media

Held: TypeAlias = Literal["picture", "array", "frame"]
_NAMES: dict[Held, str] = {"picture": "a PIL image", "array": "an array", "frame": "a data frame"}


def held(source: Any) -> Held | None:
    """What of these a source is; None for anything else, a path or an open file."""
    if isinstance(source, str | bytes | Source):
        return None
    named = {(base.__module__.partition(".")[0], base.__name__) for base in type(source).__mro__}
    if ("PIL", "Image") in named:
        return "picture"
    from multitok.loaders.frames_of_data import is_frame  # brings ctypes

    if is_frame(source):
        return "frame"
    if hasattr(type(source), "__array__") and ("numpy", "generic") not in named:
        return "array"
    return None


def examine(source: Any, what: Held, modality: Modality | None, read: ReadOptions) -> Probed:
    """The shape, from the content itself."""
    if _is_picture(what, modality):
        from multitok.loaders import image

        return image.examine_memory(_pixels(source, modality) if what == "array" else source, read)
    media = load(source, what, modality, read)
    name = f"{type(source).__module__.partition('.')[0]} {type(source).__name__}"
    return Probed(media.info, name, media=media)


def load(source: Any, what: Held, modality: Modality | None, read: ReadOptions) -> Media:
    """The medium: pixels become RGB, columns float64."""
    if _is_picture(what, modality):
        from multitok.loaders import image

        return image.load_memory(_pixels(source, modality) if what == "array" else source, read)
    from multitok.core.media import Actions, Audio, Series
    from multitok.loaders.columns.tables import rate

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
        sound = _columns(source, read)[0] if what == "frame" else _array(source)
        return Audio(sound, sample_rate=round(read.hz))
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


def _pixels(source: Any, modality: Modality | None) -> Any:
    """An array as a picture; one that cannot be any is told what else it may be."""
    array = _array(source)
    colors = array.ndim == 3 and array.shape[2] in (1, 3, 4)
    pixels = array.ndim in (2, 3) and array.dtype.kind in "bu"
    if modality is not None or colors or pixels:
        return array
    raise MediaError(
        f"an array of {array.dtype} {array.shape} is no picture, which is uint8 (height, width, 3):"
        " say what it is by modality='series', 'actions', 'audio' (with hz=16000) or 'video' (with"
        " fps=25)"
    )


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
    from multitok.loaders.columns.tables import chosen

    table = sides("the array", "", array.shape, modality)
    kept = chosen("the array", table.names, read.columns)
    table.one_movement("the array", kept)
    return table.flat(array)[:, kept], tuple(table.names[place] for place in kept), None


def _columns(source: Any, read: ReadOptions) -> _Columns:
    """The numbers of a data frame, or of one column of it. Its index is the clock where it holds
    moments, else its first column of moments."""
    import numpy as np

    from multitok.loaders.columns.tables import chosen
    from multitok.loaders.frames_of_data import columns_of

    names, columns, index = columns_of(source)
    try:
        stamps = None if index is None else _moments(np.asarray(index))
        moments = [i for i, column in enumerate(columns) if _holds_moments(column)]
        if stamps is None and moments:
            stamps = _moments(columns.pop(moments[0]))
            names = names[: moments[0]] + names[moments[0] + 1 :]
        kept = chosen("the data frame", names, read.columns)
        values = np.stack([widened(columns[i]) for i in kept], axis=1)
    except (TypeError, ValueError):
        raise MediaError(
            f"a {type(source).__name__} with columns that hold no numbers: name those that do,"
            " columns=['a', 'b'], and fill what is missing with NaN"
        ) from None
    return values, tuple(names[place] for place in kept), stamps


def _holds_moments(cells: Any) -> bool:
    dated = cells.dtype == object and len(cells) > 0 and hasattr(cells[0], "isoformat")
    return dated or cells.dtype.kind == "M"


def _moments(cells: Any) -> Any:
    """Seconds since 1970, or None where these are no moments; ValueError where one is missing."""
    import numpy as np

    if cells.dtype == object and len(cells) and hasattr(cells[0], "isoformat"):
        from multitok.loaders.columns.dates import seconds

        return np.array([seconds(cell.isoformat()) for cell in cells])
    if cells.dtype.kind != "M":
        return None
    if np.isnat(cells).any():
        raise ValueError("a moment is missing")
    return cells.astype("datetime64[ns]").astype("int64") / 1e9
