"""GPX: the points of a track as latitude, longitude, elevation and what a watch adds, by time.

A document type is refused, and with it every entity: a GPX file needs none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from xml.parsers import expat

from multitok.core.errors import SourceError
from multitok.loaders.columns.dates import seconds
from multitok.loaders.columns.stacking import stacked
from multitok.loaders.columns.tables import Table, is_number, number, rate, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

_POINTS = {"trkpt": "trk", "rtept": "rte"}
"""A point of a track or of a route, and the element that holds the whole."""

Point = dict[str, str]
"""What is said of a point, by the name of its element without its namespace."""


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """lat, lon, and each element of a point that holds numbers (ele, hr, cad, ...).

    The segments of a track follow each other; several tracks are track0[lat], track0[lon], ..."""
    tracks = _Tracks(source.name)
    parser = expat.ParserCreate()
    parser.StartElementHandler = tracks.start
    parser.EndElementHandler = tracks.end
    parser.CharacterDataHandler = tracks.text.append
    parser.StartDoctypeDeclHandler = tracks.refuse
    try:
        with source.open() as file:
            parser.ParseFile(file)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise wrong(source.name, f"not XML: {error}") from None
    found = [track for track in tracks.tracks if track]
    if not found:
        raise wrong(source.name, "no points of a track (trkpt) or route (rtept) in it")
    columns: dict[str, list[float]] = {}
    for i, track in enumerate(found):
        named = _channels(track)
        columns |= {f"track{i}[{n}]" if len(found) > 1 else n: c for n, c in named.items()}
    facts = {"tracks": len(found)} if len(found) > 1 else {}
    if tracks.segments > len(found):
        facts["segments"] = tracks.segments
    table = stacked(source.name, columns, options.columns, values=values, facts=facts)
    which = {int(name[5 : name.index("[")]) for name in table.names} if len(found) > 1 else {0}
    if len(which) > 1 or not all("time" in point for point in found[min(which)]):
        return table
    return _clocked(source.name, table, found[min(which)], values)


class _Tracks:
    """Told by expat, element by element: the points of each track."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tracks: list[list[Point]] = []
        self.segments = 0
        self.text: list[str] = []
        self._point: Point | None = None

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        word = name.rpartition(":")[2]
        self.text.clear()
        if word in _POINTS.values():
            self.tracks.append([])
        elif word == "trkseg":
            self.segments += 1
        elif word in _POINTS and self.tracks:
            self._point = {key: attributes.get(key, "") for key in ("lat", "lon")}

    def end(self, name: str) -> None:
        word = name.rpartition(":")[2]
        if self._point is not None and word in _POINTS:
            self.tracks[-1].append(self._point)
            self._point = None
        elif self._point is not None and (said := "".join(self.text).strip()):
            self._point[word] = said
        self.text.clear()

    def refuse(self, *_: Any) -> None:
        raise SourceError(
            f"{self.source}: it has a document type (<!DOCTYPE>), which GPX needs not and which is"
            " not read: delete that line",
            source=self.source,
        )


def _channels(track: list[Point]) -> dict[str, list[float]]:
    """The numbers by name; NaN where a point does not say one."""
    names = dict.fromkeys(name for point in track for name in point)
    return {
        name: [number(point.get(name, "")) for point in track]
        for name in names
        if name != "time" and all(is_number(point.get(name, "")) for point in track)
    }


def _clocked(source: str, table: Table, track: list[Point], values: bool) -> Table:
    """By the time of each point, in seconds since 1970."""
    stamps = []
    for point in track:
        try:
            stamps.append(seconds(point["time"]))
        except ValueError:
            raise wrong(source, f"a point tells no time: {point['time'][:40]!r}") from None
    facts = {**table.facts, "from": track[0]["time"], "to": track[-1]["time"]}
    table = replace(table, time="time", dated=True, facts=facts)
    if not values:
        return table
    import numpy as np

    times = np.array(stamps)
    return replace(table, timestamps=times, hz=rate(times))
