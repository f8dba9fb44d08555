"""Data sets of LeRobot: a folder of episodes, a file each (v2) or many to a file (v3).

    meta/info.json                      the rate, the columns, the names of their dims
    meta/episodes.jsonl, meta/episodes/ how long each episode is, and (v3) the file it is in
    meta/stats.json                     the 1st and 99th percentile of each dim, where it has them
    data/                               the steps, in Parquet

Source: huggingface/lerobot, datasets/utils.py (v2.0, v2.1 and v3.0).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from glob import glob
from math import prod
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, NotRequired, TypedDict

from multitok.core.extras import require
from multitok.core.schema import Within, misfit, parsed
from multitok.loaders.columns.arrow_arrays import floats
from multitok.loaders.columns.sides import MOST
from multitok.loaders.columns.tables import Table, chosen, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UNREAD = ("video", "image", "string")
"""What a column may hold beside numbers."""
COUNTERS = ("timestamp", "frame_index", "episode_index", "index", "task_index")
"""Columns that number the steps; no movement."""


_Whole = Annotated[int, Within("a whole number from 0 on", 0, 2**62)]
_PLACE = re.compile(r"\{\w+(?::\d{0,2}d?)?\}")
"""A number in a path, with as many digits as it may be filled to."""


class _Feature(TypedDict, total=False):
    """A column of the data set."""

    dtype: str
    shape: list[_Whole]
    names: Any


class _Info(TypedDict):
    """Of meta/info.json."""

    codebase_version: str
    fps: Annotated[float, Within("a number above 0", 1e-300)]
    features: dict[str, _Feature]
    data_path: str
    chunks_size: NotRequired[Annotated[int, Within("a whole number from 1 on", 1)]]


class _Length(TypedDict):
    """Of a line of meta/episodes.jsonl."""

    episode_index: _Whole
    length: _Whole


class Episode(NamedTuple):
    """One run of steps, and the file that holds it."""

    number: int
    steps: int
    file: str


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """The `action` column of all episodes, or of one; other columns when they are named.

    The shape comes from the metadata alone. SourceError where the data do not hold what it says.
    """
    folder = source.name
    info = _info(folder)
    keep = _features(folder, info, options.columns)
    episodes = _asked(folder, _episodes(folder, info), options.episode)
    names = _names(folder, info, keep)
    return Table(
        names=names,
        rows=sum(episode.steps for episode in episodes),
        values=_values(folder, episodes, keep, len(names)) if values else None,
        hz=float(info["fps"]),
        episodes=tuple(episode.steps for episode in episodes) if len(episodes) > 1 else (),
        quantiles=_quantiles(folder, keep, len(names)) if values else None,
        facts={"version": info["codebase_version"]},
    )


def _info(folder: str) -> _Info:
    path = os.path.join(folder, "meta", "info.json")
    found: _Info = _json(path)
    if why := misfit(found, _Info, ""):
        raise wrong(path, f"{why}: no data set of LeRobot v2 or v3")
    return found


def _json(path: str) -> Any:
    try:
        with open(path, "rb") as file:
            return parsed(file.read())
    except OSError as error:
        raise wrong(path, f"{error.strerror}: the data set lacks it") from None
    except ValueError as error:
        raise wrong(path, f"not JSON ({error})") from None


def _features(folder: str, info: _Info, asked: tuple[str, ...]) -> tuple[str, ...]:
    """The columns to read: those that are named, else the action."""
    numeric = [
        name
        for name, feature in info["features"].items()
        if feature.get("dtype") not in UNREAD and name not in COUNTERS
    ]
    if asked:
        return tuple(numeric[place] for place in chosen(folder, numeric, asked))
    if "action" not in numeric:
        raise wrong(folder, f"no action in it: name a column. There are: {', '.join(numeric)}")
    return ("action",)


def _names(folder: str, info: _Info, keep: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the dims: those that the data set gives them, else name[0], name[1], ..."""
    found: list[str] = []
    for name in keep:
        feature = info["features"][name]
        size = prod(feature.get("shape", [1]))
        if size > MOST:
            raise wrong(folder, f"{name!r} has {size:,} dims, {MOST:,} at most")
        said = _listed(feature.get("names"))
        if len(said) != size or len(set(said)) != size:
            said = [f"{name}[{i}]" for i in range(size)]
        elif len(keep) > 1:  # the state has the joints of the action
            said = [f"{name}.{one}" for one in said]
        found += said
    return tuple(found)


def _listed(names: Any) -> list[str]:
    """Names of dims: a list, or lists under words for the axes ({"motors": [...]})."""
    found: list[str] = []
    left: list[Any] = [names]
    while left:
        one = left.pop()
        if isinstance(one, Mapping):
            left += list(one.values())[::-1]
        elif isinstance(one, list):
            found += (name if isinstance(name, str) else f"{name!r:.40}" for name in one)
    return found


def _episodes(folder: str, info: _Info) -> list[Episode]:
    """All episodes in order: of v2 from a JSON file, of v3 from Parquet."""
    lines = os.path.join(folder, "meta", "episodes.jsonl")
    if not os.path.exists(lines):
        return _episodes_v3(folder, info)
    with open(lines, "rb") as file:
        try:
            rows: list[_Length] = [parsed(line) for line in file if line.strip()]
        except ValueError as error:
            raise wrong(lines, f"not JSON ({error})") from None
    if why := misfit(rows, list[_Length], ""):
        raise wrong(lines, why)
    size = info.get("chunks_size", 1000)
    return [
        Episode(
            row["episode_index"],
            row["length"],
            _file(
                folder,
                info,
                episode_index=row["episode_index"],
                episode_chunk=row["episode_index"] // size,
            ),
        )
        for row in sorted(rows, key=lambda row: row["episode_index"])
    ]


def _episodes_v3(folder: str, info: _Info) -> list[Episode]:
    files = sorted(glob("meta/episodes/**/*.parquet", root_dir=folder, recursive=True))
    if not files:
        raise wrong(folder, "no meta/episodes.jsonl and no meta/episodes/ in it: it is not whole")
    wanted = ["episode_index", "length", "data/chunk_index", "data/file_index"]
    rows: list[tuple[int, ...]] = []
    for file in files:
        table = _parquet(os.path.join(folder, file), wanted)
        rows += zip(*(table.column(name).to_pylist() for name in wanted), strict=True)
    return [
        Episode(index, steps, _file(folder, info, chunk_index=chunk, file_index=number))
        for index, steps, chunk, number in sorted(rows)
    ]


def _file(folder: str, info: _Info, **numbers: int) -> str:
    """Where the data of an episode lie: always inside the folder."""
    try:
        if set("{}") & set(_PLACE.sub("", info["data_path"])):
            raise ValueError("a place is {NAME} or {NAME:03d}")
        path = info["data_path"].format(**numbers)
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        raise wrong(folder, f"data_path {info['data_path']!r} names no file ({error})") from None
    if os.path.isabs(path) or ".." in path.split("/"):
        raise wrong(folder, f"data_path {info['data_path']!r} leads out of the data set")
    return os.path.join(folder, path)


def _asked(folder: str, episodes: list[Episode], asked: Any) -> list[Episode]:
    if not episodes:
        raise wrong(folder, "no episodes in it")
    if asked in (None, "all"):
        return episodes
    found = [episode for episode in episodes if episode.number == asked]
    if not found:
        first, last = episodes[0].number, episodes[-1].number
        raise wrong(folder, f"no episode {asked}: there are {first} to {last}")
    return found


def _values(
    folder: str, episodes: list[Episode], keep: tuple[str, ...], dims: int
) -> NDArray[np.float64]:
    """The steps of these episodes, (rows, dims): each file is read once."""
    import numpy as np

    from multitok.loaders.columns.parquet import flat

    found: dict[int, NDArray[np.float64]] = {}
    for file in dict.fromkeys(episode.file for episode in episodes):
        table = _parquet(file, [*keep, "episode_index"])
        numbers, _ = flat(file, table, list(keep))
        if numbers.shape[1] != dims:
            raise wrong(file, f"{numbers.shape[1]} dims, meta/info.json says {dims}")
        index = floats(table.column("episode_index")).astype(np.int64)
        order = np.argsort(index, kind="stable")
        for episode in episodes:
            if episode.file != file:
                continue
            begin, end = np.searchsorted(index[order], [episode.number, episode.number + 1])
            if end - begin != episode.steps:
                raise wrong(
                    file,
                    f"{end - begin} steps of episode {episode.number}, the metadata say"
                    f" {episode.steps}: the data set is not whole, or was changed",
                )
            found[episode.number] = numbers[order[begin:end]]
    return np.concatenate([found[episode.number] for episode in episodes])


def _parquet(path: str, columns: list[str]) -> Any:
    pq: Any = require(
        "pyarrow.parquet", extra="parquet", purpose="reading Parquet", package="pyarrow"
    )
    if not os.path.isfile(path):
        raise wrong(path, "no such file: fetch it, or name an episode that is there (episode=N)")
    try:
        with pq.ParquetFile(path) as file:
            lacking = [name for name in columns if name not in file.schema_arrow.names]
            if not lacking:
                return file.read(columns=columns)
    except Exception as error:  # pyarrow's own classes, not importable without it
        raise wrong(path, f"damaged Parquet file ({error})") from None
    raise wrong(path, f"no column {lacking[0]!r} in it")


def _quantiles(
    folder: str, keep: tuple[str, ...], dims: int
) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """The 1st and 99th percentile of each dim, where meta/stats.json has them.

    Of a dim that rests nearly always, so that they are the same number, the smallest and largest.
    """
    path = os.path.join(folder, "meta", "stats.json")
    stats = _json(path) if os.path.exists(path) else {}
    ends: dict[str, list[float]] = {"q01": [], "q99": [], "min": [], "max": []}
    for name in keep:
        row = stats.get(name) if isinstance(stats, Mapping) else None
        for end, numbers in ends.items():
            numbers += _numbers(row.get(end) if isinstance(row, Mapping) else None)
    low, high = ends["q01"], ends["q99"]
    if len(low) != dims or len(high) != dims:
        return None
    if len(ends["min"]) == len(ends["max"]) == dims:
        rests = [a == b for a, b in zip(low, high, strict=True)]
        low = [m if rest else q for m, q, rest in zip(ends["min"], low, rests, strict=True)]
        high = [m if rest else q for m, q, rest in zip(ends["max"], high, rests, strict=True)]
    if any(not a <= b for a, b in zip(low, high, strict=True)):
        raise wrong(path, f"q01 above q99 for {', '.join(keep)}")
    return tuple(low), tuple(high)


def _numbers(given: Any) -> list[float]:
    """Finite numbers, however deep they are nested; none where something else is among them."""
    found: list[float] = []
    left: list[Any] = [given]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left += one[::-1]
        elif type(one) in (int, float) and abs(one) < 1e300:
            found.append(float(one))
        else:
            return []
    return found
