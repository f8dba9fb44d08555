"""GPX: tracks, routes, what a watch adds, and XML that would act."""

import numpy as np
import pytest
from series_files import both, check_damage_is_refused_alike, refused, written

from multitok.core.info import ActionsInfo, SeriesInfo
from multitok.loaders import door
from multitok.loaders.columns.dates import seconds


def point(lat, lon, second=None, *, inner=""):
    time = f"<time>2024-01-01T10:00:{second:02}Z</time>" if second is not None else ""
    return f'<trkpt lat="{lat}" lon="{lon}">{inner}{time}</trkpt>'


def gpx(*tracks):
    body = "".join(f"<trk><name>a</name>{track}</trk>" for track in tracks)
    return f'<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1">{body}</gpx>'


def segment(*points):
    return f"<trkseg>{''.join(points)}</trkseg>"


HEART = (
    "<ele>7.5</ele><sym>flag</sym><extensions><x:hr xmlns:x='a'>{}</x:hr></extensions>"
)  # fmt: skip


def test_the_points_of_a_track_are_a_series_by_its_time(tmp_path):
    track = segment(
        point(1, 2, 0, inner=HEART.format(90)), point(3, 4, 2, inner=HEART.format(91))
    ) + segment(point(5, 6, 4))
    path = written(tmp_path, "a.gpx", gpx(track))
    series = both(path)
    assert series.names == ("lat", "lon", "ele", "hr")
    np.testing.assert_array_equal(
        series.values, [[1, 2, 7.5, 90], [3, 4, 7.5, 91], [5, 6, np.nan, np.nan]]
    )
    first = seconds("2024-01-01 10:00")
    assert series.timestamps.tolist() == [first, first + 2, first + 4]
    assert door.examine(path).facts["segments"] == 2
    assert both(path, modality="actions").info == ActionsInfo(3, 4, 0.5)


def test_a_route_is_a_track_without_a_clock(tmp_path):
    text = '<gpx><rte><rtept lat="1" lon="2"/><rtept lat="3" lon="4"/></rte></gpx>'
    series = both(written(tmp_path, "a.gpx", text))
    assert series.values.tolist() == [[1, 2], [3, 4]]
    assert series.timestamps is None


def test_one_of_several_tracks_is_named(tmp_path):
    path = written(
        tmp_path, "a.gpx", gpx(segment(point(1, 2, 0)), segment(point(3, 4, 0), point(5, 6, 1)))
    )
    assert refused(path) == (
        "2 series of different lengths: track0 (1), track1 (2): name one, as in --columns track0"
        " (columns=)"
    )
    assert both(path, columns=("track1",)).info == SeriesInfo(2, 2)
    assert both(path, columns=("track1",)).timestamps is not None


BOMB = '<!DOCTYPE gpx [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>' + gpx().partition("?>")[2]
DOCUMENT_TYPE = (
    "it has a document type (<!DOCTYPE>), which GPX needs not and which is not read: delete that"
    " line"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, DOCUMENT_TYPE),
        (BOMB.encode("utf-16"), DOCUMENT_TYPE),
        (gpx(), "no points of a track (trkpt) or route (rtept) in it"),
        (gpx()[:-4], "not XML: unclosed token: line 1, column 68"),
        ("1 2 3", "not XML: syntax error: line 1, column 0"),
        (gpx(segment(point(1, 2, inner="<time>soon</time>"))), "a point tells no time: 'soon'"),
    ],
    ids=["a document type", "in UTF-16", "nothing", "cut", "no XML", "no time"],
)
def test_what_is_wrong_is_named(tmp_path, text, message):
    assert refused(written(tmp_path, "a.gpx", text), modality="series") == message


def test_damage_is_refused_alike_by_a_count_and_a_load():
    check_damage_is_refused_alike("a.gpx", gpx(segment(point(1, 2, 0), point(3, 4, 1))).encode())
