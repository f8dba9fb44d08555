""".ts and .tsf: comments, cases of several lengths, and their clocks."""

import numpy as np
import pytest
from series_files import both, check_damage_is_refused_alike, refused, written

from multitok.core.info import ActionsInfo, SeriesInfo
from multitok.loaders import door
from multitok.loaders.columns.dates import seconds

UNEVEN = "%made by hand\n@problemName a\n@classLabel true a b\n@data\n1,2,3:4,5,6:a\n7,8:9,1:b\n"


def test_cases_of_several_lengths_are_named_one_by_one(tmp_path):
    path = written(tmp_path, "a.ts", UNEVEN)
    assert refused(path) == (
        "2 series of different lengths: case0 (3), case1 (2): name one, as in --columns case0"
        " (columns=)"
    )
    assert both(path, columns=("case1",)).values.tolist() == [[7, 9], [8, 1]]


def test_stamps_in_a_ts_file_are_its_clock(tmp_path):
    text = (
        "@timeStamps true\n@classLabel true 1 2\n@data\n"
        "(2007-01-01 00:00:00,241.97),(2007-01-01 00:01:00,?):1\n"
        "(2007-01-01 00:00:00,5),(2007-01-01 00:01:00,6):2\n"
    )
    path = written(tmp_path, "a.ts", text)
    series = both(path)
    np.testing.assert_array_equal(series.values, [[241.97, 5], [np.nan, 6]])
    assert series.timestamps.tolist() == [seconds("2007-01-01"), seconds("2007-01-01 00:01")]
    assert both(path, columns=("0",)).info == SeriesInfo(2, 1)


def test_a_case_without_stamps_where_they_are_announced_is_named(tmp_path):
    path = written(tmp_path, "a.ts", "@timeStamps true\n@data\n(1,2),3\n")
    assert refused(path) == "line 3: expected (stamp,value), got '3'"


def monash(*lines, frequency="hourly", attributes=("series_name string", "start_timestamp date")):
    declared = "".join(f"@attribute {one}\n" for one in attributes)
    return f"@relation a\n{declared}@frequency {frequency}\n@data\n" + "\n".join(lines)


@pytest.mark.parametrize(
    ("frequency", "start", "second"),
    [
        ("4_seconds", "2020-01-01 00-00-00", "2020-01-01 00:00:04"),
        ("10_minutes", "2020-01-01 00-15-00", "2020-01-01 00:25"),
        ("half_hourly", "2020-01-01 00-00-00", "2020-01-01 00:30"),
        ("hourly", "2020-01-01 23-30-00", "2020-01-02 00:30"),
        ("daily", "2020-02-28 00-00-00", "2020-02-29"),
        ("weekly", "2020-01-06 00-00-00", "2020-01-13"),
        ("monthly", "2020-12-01 00-00-00", "2021-01-01"),
        ("quarterly", "2020-11-01 00-00-00", "2021-02-01"),
        ("yearly", "2020-01-01 00-00-00", "2021-01-01"),
        ("yearly", "2020-01-01", "2021-01-01"),
    ],
)
def test_the_clock_of_monash_is_its_start_and_frequency(tmp_path, frequency, start, second):
    path = written(tmp_path, "a.tsf", monash(f"T1:{start}:1,2", frequency=frequency))
    series = both(path)
    assert series.timestamps[1] == seconds(second)
    assert door.examine(path).facts["start"] == start


def test_series_that_begin_apart_have_no_clock_together(tmp_path):
    lines = "T1:2020-01-01 00-00-00:1,2", "T2:2021-01-01 00-00-00:3,4"
    path = written(tmp_path, "a.tsf", monash(*lines))
    assert both(path).timestamps is None
    assert both(path, columns=("T2",)).timestamps[0] == seconds("2021-01-01")
    assert both(path, modality="actions").info == ActionsInfo(2, 2)


def test_a_group_of_monash_is_named(tmp_path):
    lines = "G1:T1:1,2", "G1:T2:3,4", "G2:T1:5,6,7"
    attributes = ("series_group string", "series_name string")
    path = written(tmp_path, "a.tsf", monash(*lines, attributes=attributes))
    assert both(path, columns=("G1",)).names == ("G1.T1", "G1.T2")
    assert refused(path) == (
        "3 series of different lengths: G1.T1 (2), G1.T2 (2), G2.T1 (3): name one, as in --columns"
        " G1.T1 (columns=)"
    )


def test_damage_is_refused_alike_by_a_count_and_a_load():
    check_damage_is_refused_alike(
        "a.ts", UNEVEN.replace("9,1", "9,1,2").replace("7,8", "7,8,9").encode()
    )
