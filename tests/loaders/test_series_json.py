"""JSON as pandas, GluonTS and people write it; pandas itself need not be there."""

import json

import numpy as np
import pytest
from series_files import both, refused, written

from multitok.core.info import SeriesInfo
from multitok.loaders import door
from multitok.loaders.columns.dates import seconds

DAYS = ["2024-01-01T00:00:00.000", "2024-01-02T00:00:00.000"]
EPOCH = [seconds(day) for day in DAYS]


def orients(labels):
    """frame.to_json(orient=...) of two columns, as pandas 2.2 writes it, by orient."""
    one, two = labels
    first, second = {"a": 1, "b": 3.5}, {"a": 2, "b": None}
    field = {"name": "index", "type": "datetime"}
    return {
        "columns": {"a": {one: 1, two: 2}, "b": {one: 3.5, two: None}},
        "index": {one: first, two: second},
        "split": {"columns": ["a", "b"], "index": labels, "data": [[1, 3.5], [2, None]]},
        "table": {
            "schema": {"fields": [field], "primaryKey": ["index"], "pandas_version": "1.4.0"},
            "data": [{"index": one, **first}, {"index": two, **second}],
        },
        "records": [{"time": one, **first}, {"time": two, **second}],
    }  # fmt: skip


@pytest.mark.parametrize("orient", ["columns", "index", "split", "table", "records"])
@pytest.mark.parametrize("unit", [1e3, 1e6, 1e9, "iso"])
def test_every_orient_of_pandas_has_its_clock(tmp_path, orient, unit):
    """Dates as ISO, or as milliseconds, microseconds or nanoseconds since 1970."""
    labels = DAYS if unit == "iso" else [round(stamp * unit) for stamp in EPOCH]
    path = written(tmp_path, "a.json", json.dumps(orients(labels)[orient]))
    series = both(path, modality="series")
    assert series.names == ("a", "b")
    np.testing.assert_array_equal(series.values, [[1, 3.5], [2, np.nan]])
    assert series.timestamps.tolist() == EPOCH
    facts = door.examine(path, modality="series").facts
    assert (facts["layout"], facts["from"]) == (orient, str(labels[0]))


@pytest.mark.parametrize("orient", ["columns", "index", "split", "table"])
def test_a_count_of_the_rows_is_no_clock(tmp_path, orient):
    path = written(tmp_path, "a.json", json.dumps(orients([0, 1])[orient]))
    assert both(path, modality="series").timestamps is None


def test_columns_that_are_numbered_are_columns(tmp_path):
    """pandas writes columns where nothing is said: DataFrame([[1, 2, 3]]).to_json()."""
    path = written(tmp_path, "a.json", '{"0": {"0": 1}, "1": {"0": 2}, "2": {"0": 3}}')
    assert both(path, modality="series").info == SeriesInfo(1, 3)


@pytest.mark.parametrize(
    "document",
    [
        {"0": 1, "1": 2},
        {"name": "x", "index": [0, 1], "data": [1, 2]},
        {"schema": {"fields": [], "primaryKey": ["index"]},
         "data": [{"index": 0, "x": 1}, {"index": 1, "x": 2}]},
        [1, 2],
    ],
)  # fmt: skip
def test_a_series_of_pandas(tmp_path, document):
    path = written(tmp_path, "a.json", json.dumps(document))
    assert both(path, modality="series").values.tolist() == [[1], [2]]


def test_records_a_line_each(tmp_path):
    lines = '{"date":"2024-01-01","x":1}\n{"date":"2024-01-02","x":2}\n'
    path = written(tmp_path, "a.jsonl", lines)
    assert both(path, modality="series").timestamps.tolist() == EPOCH


def test_lists_in_cells_are_columns(tmp_path):
    rows = [{"t": 0.0, "pose": [1, 2]}, {"t": 0.5, "pose": [3, 4]}]
    path = written(tmp_path, "a.json", json.dumps(rows))
    motion = both(path, modality="actions")
    assert (motion.names, motion.hz) == (("pose[0]", "pose[1]"), 2.0)
    assert both(path, modality="actions", columns=("pose",)).info.dims == 2


def test_rows_within_rows_are_series(tmp_path):
    path = written(tmp_path, "a.json", "[[[1, 2], [3, 4]], [[5, 6], [7, 8], [9, 0]]]")
    assert both(path, modality="series", columns=("case1",)).values.tolist() == [
        [5, 6], [7, 8], [9, 0],
    ]  # fmt: skip
    assert refused(path, modality="series") == (
        "2 series of different lengths: case0 (2), case1 (3): name one, as in --columns case0"
        " (columns=)"
    )


def test_a_column_named_target_is_no_series_of_gluonts(tmp_path):
    path = written(tmp_path, "a.json", '[{"x": 1, "target": 0}, {"x": 2, "target": 1}]')
    assert both(path, modality="series").names == ("x", "target")


def test_what_is_no_list_beside_lists_is_left_out_and_told(tmp_path):
    path = written(tmp_path, "a.json", '{"unit": "m", "x": [1, 2]}')
    assert both(path, modality="series").names == ("x",)
    assert door.examine(path, modality="series").facts["left out"] == "unit"


def test_the_clock_is_a_column_where_it_is_asked_for(tmp_path):
    path = written(tmp_path, "a.json", '[{"year": 2001, "x": 1}, {"year": 2002, "x": 2}]')
    assert both(path, modality="series").timestamps.tolist() == [2001, 2002]
    asked = both(path, modality="series", columns=("year",))
    assert (asked.names, asked.timestamps) == (("year",), None)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"columns": ["a"], "index": [0], "data": [[1, 2]]},
         "row 0 has 2 values, 1 columns are named"),
        ({"columns": "a", "index": [0], "data": [[1]]}, "columns must be a list, got str"),
        ({"schema": {}, "data": []}, "no rows in its data"),
        ([{"date": "2024-02-30", "x": 1}],
         "column 'date' tells no time in row 0: '2024-02-30'"),
        ([{"p": [1, 2]}, {"p": [3]}], "row 1 has 1 numbers, row 0 has 2"),
        ({"0": {}, "1": {}}, "no lists of numbers under '0', '1'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path, document, message):
    path = written(tmp_path, "a.json", json.dumps(document))
    assert refused(path, modality="series") == message
