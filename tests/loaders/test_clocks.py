"""Which column of a table tells the time, in what unit, and how the table is written."""

import json

import numpy as np
import pytest
from hypothesis import example, given, strategies as st
from series_files import both, refused, written

from multitok.core.errors import UnknownNameError
from multitok.loaders import door
from multitok.loaders.columns import moments
from multitok.loaders.columns.dates import is_date, seconds
from multitok.loaders.columns.tables import checked_clock, rate

DAY = 86400.0


def told(path, **words):
    """The clock's name, its unit and its step, as `inspect` tells them."""
    facts = door.examine(path, **words).facts
    return facts.get("time column"), facts.get("time unit"), facts.get("step")


@pytest.mark.parametrize(
    ("header", "cells", "stamps", "unit", "step"),
    [
        ("time [ms]", "0 20 40", [0, 0.02, 0.04], "ms", "0.02 s"),
        ("Time (s)", "0.0 0.5 1.0", [0, 0.5, 1], "s", "0.5 s"),
        ("t_sec", "0 1 2", [0, 1, 2], "s", "1 s"),
        ("seconds", "0 1 2", [0, 1, 2], "s", "1 s"),
        ("timestampMs", "5 6 7", [0.005, 0.006, 0.007], "ms", "0.001 s"),
        ("elapsed time [min]", "0 2 4", [0, 120, 240], "min", "2 minutes"),
        ("hours", "0 1 2", [0, 3600, 7200], "h", "1 hour"),
        ("timestamp", "1700000000 1700000060 1700000120", [1.7e9, 1.7e9 + 60, 1.7e9 + 120], "s",
         "1 minute"),
        ("timestamp", "1700000000000 1700000000020 1700000000040",
         [1.7e9, 1.7e9 + 0.02, 1.7e9 + 0.04], "ms", "0.02 s"),
        ("ts", "1700000000000000 1700000000500000", [1.7e9, 1.7e9 + 0.5], "us", "0.5 s"),
        ("time", "1403636579758555392 1403636579763555392",
         [1403636579.7585554, 1403636579.7635554], "ns", "0.005 s"),
        ("time", "0 1 3", [0, 1, 3], "not said: read as seconds", "1.5 s"),
        ("Year", "1990 1991 1992", [1990, 1991, 1992], None, "1 year"),
        ("Unnamed: 0", "0 1 2", [0, 1, 2], None, "1 row"),
        ("No", "1 2 3", [1, 2, 3], None, "1 row"),
        ("date", "20240131 20240201", [19753 * DAY, 19754 * DAY], None, "1 day"),
    ],
)  # fmt: skip
def test_a_clock_and_its_unit(tmp_path, header, cells, stamps, unit, step):
    rows = "".join(f"{cell},0.{i}5\n" for i, cell in enumerate(cells.split()))
    path = written(tmp_path, "a.csv", f"{header},a\n{rows}")
    series = both(path)
    assert series.names == ("a",)
    np.testing.assert_allclose(series.timestamps, stamps, rtol=1e-12)
    assert told(path) == (header, unit, step)


@pytest.mark.parametrize("header", ["response time", "T", "time in bed", "price", "value", "s"])
def test_what_is_no_clock(tmp_path, header):
    path = written(tmp_path, "a.csv", f"{header},a\n3,1\n1,2\n2,3\n")
    assert both(path).names == (header, "a")


def test_epoch_milliseconds_make_the_rate_of_a_movement(tmp_path):
    rows = "".join(f"{1700000000000 + 20 * i},{i}\n" for i in range(5))
    path = written(tmp_path, "a.csv", f"timestamp,a\n{rows}")
    assert both(path, modality="actions").hz == 50.0


def test_a_count_of_years_or_rows_is_no_rate(tmp_path):
    for header in ("year", ""):
        path = written(tmp_path, "a.csv", f"{header},a\n1,1\n2,2\n3,3\n")
        assert both(path, modality="actions").hz is None


@pytest.mark.parametrize(
    ("text", "name", "stamps"),
    [
        ("Date;Time;P\n16/12/2006;17:24:00;1,5\n16/12/2006;17:25:00;2,5\n", "Date + Time",
         [1166289840, 1166289900]),
        ("year,month,sales\n1959,1,5\n1959,2,6\n", "year + month",
         [seconds("1959-01-01"), seconds("1959-02-01")]),
        ("year,month,sales\n1959,January,5\n1959,Feb,6\n", "year + month",
         [seconds("1959-01-01"), seconds("1959-02-01")]),
        ("year,quarter,gdp\n1959.0,1.0,5\n1959.0,2.0,6\n", "year + quarter",
         [seconds("1959-01-01"), seconds("1959-04-01")]),
        ("year,month,day,hour,pm\n2010,1,1,0,5\n2010,1,1,1,6\n", "year + month + day + hour",
         [seconds("2010-01-01"), seconds("2010-01-01 01:00")]),
        ("time,a\n11:34,1\n11:35,2\n", "time", [41640, 41700]),
        ("time,a\n11:59 AM,1\n12:00 PM,2\n", "time", [43140, 43200]),
        ("month,a\n1-01,2\n1-02,3\n", "month", [seconds("0001-01-01"), seconds("0001-02-01")]),
    ],
)  # fmt: skip
def test_clocks_of_several_columns_and_times_of_day(tmp_path, text, name, stamps):
    path = written(tmp_path, "a.csv", text)
    series = both(path)
    assert (told(path)[0], series.values.shape) == (name, (2, 1))
    assert series.timestamps.tolist() == stamps


def test_a_row_without_a_stamp_is_told(tmp_path):
    path = written(tmp_path, "a.csv", "date,a\n2024-01-01,1\n2024-01-02,2\n,\n")
    assert both(path).timestamps.tolist()[:2] == [1704067200, 1704153600]
    assert door.examine(path).notes == ("1 rows of 3 have no time stamp in 'date'",)


def test_the_clock_is_named_or_none_is_read(tmp_path):
    path = written(tmp_path, "a.csv", "date,foo,a\n2024-01-01,5,1\n2024-01-02,6,2\n")
    assert both(path).names == ("foo", "a")
    assert both(path, time="foo", columns=("a",)).timestamps.tolist() == [5, 6]
    series = both(path, time="none")
    assert (series.names, series.timestamps) == (("foo", "a"), None)
    path = written(tmp_path, "b.csv", "time,a\n0,1\n1,2\n")
    assert both(path, time="none").names == ("time", "a")


def test_a_clock_that_tells_no_time_can_be_left_out(tmp_path):
    path = written(tmp_path, "a.csv", "date,a\n2024-01-01,1\nlater,2\n")
    assert refused(path) == (
        "column 'date' is not numeric: line 2 holds '2024-01-01', and it is no clock: it holds"
        " 'later', too: name those that are: a (columns=, --columns)"
    )
    assert both(path, columns=("a",)).values.tolist() == [[1], [2]]
    path = written(tmp_path, "b.csv", "date,a\n2024-01-01,1\n2023-02-29,2\n")
    assert refused(path).endswith("'2023-02-29': --time none leaves it out (time=)")
    assert both(path, time="none").values.tolist() == [[1], [2]]


@pytest.mark.parametrize("form", ["csv", "json", "npz", "parquet", "feather", "h5"])
def test_an_unknown_clock_is_named_in_every_format(tmp_path, form):
    path = tmp_path / f"a.{form}"
    table(path, form, {"a": [1.0, 2.0], "time": [0.0, 1.0]})
    with pytest.raises(UnknownNameError) as raised:
        door.load(path, modality="series", time="tyme")
    assert str(raised.value) == (
        f"{path}: no column 'tyme'. Did you mean 'time'? There are: a, time"
    )


@pytest.mark.parametrize("form", ["csv", "json", "npz", "parquet", "feather", "h5"])
def test_every_format_knows_the_unit_and_takes_the_clock_that_is_named(tmp_path, form):
    path = tmp_path / f"a.{form}"
    table(path, form, {"time_ms": [0, 20, 40], "other": [3.0, 4.0, 5.0], "a": [1.0, 2.0, 3.0]})
    words = {"modality": "series", "columns": ("a",)}
    assert both(path, **words).timestamps.tolist() == [0, 0.02, 0.04]
    assert both(path, time="other", **words).timestamps.tolist() == [3, 4, 5]
    assert both(path, time="none", **words).timestamps is None


@pytest.mark.parametrize("form", ["csv", "npz", "parquet", "feather", "h5"])
@pytest.mark.parametrize("clock", [[0.0, np.inf, 2.0], [-np.inf] * 3, [-1.7e308, 1.7e308, 0.0]])
def test_an_infinite_stamp_tells_no_time_in_any_format(tmp_path, form, clock):
    path = tmp_path / f"a.{form}"
    table(path, form, {"time": clock, "a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0]})
    for modality in ("series", "actions"):
        assert both(path, modality=modality, time="time", columns=("a",)).info.steps == 3
    assert door.examine(path, modality="actions", time="time").info.hz is None


@example([5.5e188, 5e-136, 0.0])  # the last place of the one is all of the other
@example([0.0, 5.8e-309])  # 1.7e308, rounded up
@given(st.lists(st.floats(), max_size=6))
def test_a_rate_is_a_number_or_none_whatever_the_stamps(stamps):
    times = np.array(stamps)
    found = rate(times)
    assert found is None or 0 < found < np.inf
    checked_clock("time", times, lambda row: (row, str(times[row])))


def table(path, form, columns):
    """The same columns in each format."""
    if form == "csv":
        rows = zip(*columns.values(), strict=True)
        path.write_text("\n".join([",".join(columns), *(",".join(map(str, r)) for r in rows)]))
    elif form == "json":
        path.write_text(json.dumps(columns))
    elif form == "npz":
        np.savez(path, **{name: np.array(column) for name, column in columns.items()})
    elif form == "h5":
        h5py = pytest.importorskip("h5py")
        with h5py.File(path, "w") as file:
            for name, column in columns.items():
                file[name] = np.array(column)
    else:
        pa = pytest.importorskip("pyarrow")
        from pyarrow.feather import write_feather
        from pyarrow.parquet import write_table

        write = {"parquet": write_table, "feather": write_feather}[form]
        write(pa.table(columns), path)


@pytest.mark.parametrize(
    ("text", "names", "rows", "header"),
    [
        ("0,1\n1.5,2.5\n3.5,4.5\n", ("0", "1"), 2, "numbers"),
        (",0,1\n0,1.5,2.5\n1,3.5,4.5\n", ("0", "1"), 2, "numbers"),
        ("1,2\n3,4\n", ("column0", "column1"), 2, "no"),
        ("#timestamp [ns],w_x\n1403636579758555392,1\n1403636579763555584,3\n", ("w_x",), 2,
         "in a comment"),
        ("# made by hand\n# t x y\n0.1 1 2\n0.2 3 4\n", ("x", "y"), 2, "in a comment"),
        ("Station X\nHeight: 4 m\ntime,temp\n0,1\n1,2\n", ("temp",), 2, "yes"),
        ("time,temp\ns,C\n0,1\n1,2\n", ("temp",), 2, "yes"),
        ('"a","b"\n"1",1,2\n"2",3,4\n', ("a", "b"), 2, "yes"),
        ("% made by hand\na,b\n1,2\n", ("a", "b"), 1, "yes"),
    ],
)  # fmt: skip
def test_headers(tmp_path, text, names, rows, header):
    path = written(tmp_path, "a.csv", text)
    series = both(path)
    assert (series.names, series.info.steps) == (names, rows)
    assert door.examine(path).facts["header"] == header


def test_what_is_not_read_above_and_under_a_header_is_told(tmp_path):
    path = written(tmp_path, "a.csv", "Station X\nHeight: 4 m\ntime,temp\ns,C\n0,1\n1,2\n")
    assert door.examine(path).notes == (
        "2 lines above the header not read: 'Station X'",
        "row under the header not read: 's,C'",
    )
    path = written(tmp_path, "b.csv", "0,1\n1.5,2.5\n")
    assert door.examine(path).notes == ("the first row, 0, 1, is read as the header",)


@pytest.mark.parametrize(
    ("cell", "value"), [('"1.234,5"', 1234.5), ("-0,25", -0.25), ("1 234,5", 1234.5), ("7", 7)]
)
def test_decimal_commas_with_thousands(tmp_path, cell, value):
    path = written(tmp_path, "a.csv", f"a;b\n{cell};0,5\n{cell};1,5\n")
    assert both(path).values.tolist() == [[value, 0.5], [value, 1.5]]
    assert door.examine(path).facts["decimal"] == "comma"


FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y",
         "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%d.%m.%Y %H:%M",
         "%b %d %Y", "%d %B %Y", "%Y-%m-%dT%H:%M:%SZ")  # fmt: skip


@given(st.lists(st.datetimes(), min_size=1, max_size=6), st.sampled_from(FORMS), st.booleans())
def test_a_column_of_dates_at_once_is_each_of_them(days, form, day_first):
    written_days = [day.strftime(form).zfill(len(day.strftime(form))) for day in days]
    cells = np.array([day.encode() for day in written_days], np.bytes_)

    def each():
        return [seconds(day, day_first) for day in written_days]

    try:
        expected = each()
    except ValueError:
        with pytest.raises(ValueError, match=r"^\d+$"):
            moments.stamps(cells, day_first)
        return
    assert moments.stamps(cells, day_first).tolist() == expected


def test_an_arithmetic_of_bytes_reads_the_usual_dates():
    """The property above would hold of a column that is read one by one."""
    for day in ("2024-01-31", "31.01.2024 10:00", "2024-01-31T10:00:00.5"):
        assert moments._at_once(np.array([day.encode()] * 2, np.bytes_), None) is not None
        assert is_date(day)
