"""ARFF: numbers, classes, dates, sparse rows, and series that lie in rows."""

import numpy as np
import pytest
from series_files import both, check_damage_is_refused_alike, refused, written

from multitok.core.info import SeriesInfo
from multitok.loaders import door
from multitok.loaders.columns.dates import seconds

PLAIN = """% by hand
@RELATION weather
@attribute 'wind speed' REAL
@attribute day date "yyyy-MM-dd"
@attribute rain numeric
@attribute play {yes, no}
@data
1.5,2024-01-01,?,yes
% between
2,'2024-01-02',3,no
"""


def test_numbers_are_channels_and_dates_the_clock(tmp_path):
    path = written(tmp_path, "a.arff", PLAIN)
    series = both(path)
    assert series.names == ("wind speed", "rain")
    np.testing.assert_array_equal(series.values, [[1.5, np.nan], [2, 3]])
    assert series.timestamps.tolist() == [seconds("2024-01-01"), seconds("2024-01-02")]
    facts = door.examine(path).facts
    assert (facts["time column"], facts["left out"]) == ("day", "play")


def test_numbered_attributes_are_the_steps_of_a_series_in_each_row(tmp_path):
    """As UEA and UCR write them."""
    declared = "".join(f"@attribute att{i} numeric\n" for i in range(3))
    text = f"@relation a\n{declared}@attribute target {{0,1}}\n@data\n1,2,3,0\n4,5,6,1\n"
    path = written(tmp_path, "a.arff", text)
    series = both(path)
    assert series.names == ("case0", "case1")
    assert series.values.tolist() == [[1, 4], [2, 5], [3, 6]]
    assert door.examine(path).facts["layout"] == "a row a series: 2 series of 3 steps"
    assert both(path, columns=("case1",)).info == SeriesInfo(3, 1)


def test_a_sparse_row_is_0_where_nothing_stands(tmp_path):
    text = "@relation a\n@attribute x numeric\n@attribute y numeric\n@data\n{1 5}\n{0 2, 1 ?}\n"
    np.testing.assert_array_equal(
        both(written(tmp_path, "a.arff", text)).values, [[0, 5], [2, np.nan]]
    )


def _table(*lines):
    return "\n".join(("@relation a", "@attribute x numeric", *lines)) + "\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (_table("@data", "two"), "line 4 is not numeric: it holds 'two'"),
        (_table("@data", "1,2"), "line 4 has 2 values, 1 attributes are declared"),
        (_table("@data", "{7 2}"), "line 4: no attribute '7': there are 1"),
        (_table("@data"), "no rows after @data"),
        (_table(), "no @data section: not an ARFF file"),
        (_table("@attribute y"), "line 3: an attribute has a name and a kind, got '@attribute y'"),
        (_table("hello"), "line 3: expected @attribute or @data, got 'hello'"),
        (_table("@attribute x real", "@data", "1,2"), "two attributes are named 'x'"),
        ("@relation a\n@attribute c {a}\n@data\na\n", "no numeric attribute in it"),
        (_table("@attribute bag relational"), "attribute 'bag' is relational (a table in each row),"
         " which is not read here: the .ts file of the same data is"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path, text, message):
    assert refused(written(tmp_path, "a.arff", text)) == message


def test_damage_is_refused_alike_by_a_count_and_a_load():
    check_damage_is_refused_alike("a.arff", PLAIN.encode())
