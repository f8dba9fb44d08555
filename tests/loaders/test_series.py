"""Series and movement from files: what is read, and how each bad file is named."""

import io
import json
import wave

import numpy as np
import pytest
from hypothesis import given, strategies as st
from series_files import both, refused, written

from multitok.core.errors import SourceError, UnknownNameError
from multitok.core.info import ActionsInfo, SeriesInfo
from multitok.loaders import door as loaders
from multitok.loaders.columns.dates import seconds
from multitok.loaders.source import Source


def test_a_table_with_a_header_and_a_clock(tmp_path):
    path = written(tmp_path, "a.csv", "date,wind,rain\n2024-01-01,1,2\n2024-01-02,,4.5\n")
    series = both(path)
    assert series.names == ("wind", "rain")
    np.testing.assert_array_equal(series.values, [[1, 2], [np.nan, 4.5]])
    assert series.timestamps.tolist() == [1704067200.0, 1704153600.0]
    assert loaders.examine(path).facts["time column"] == "date"


def test_a_table_of_bare_numbers(tmp_path):
    series = both(written(tmp_path, "a.csv", "1,2\n3,4\n5,6\n"))
    assert series.values.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert series.names == ("column0", "column1")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.tsv", "a\tb\n1\t2\n3\t4\n"),
        ("a.csv", "a;b\n1;2\n3;4\n"),
        ("a.csv", "# weather\n\na;b\n1,0;2,0\n\n3,0;4,0\n"),
        ("a.csv", '"a","b"\r\n"1","2"\r\n"3","4"\r\n'),
        ("a.csv", "\ufeffa,b\n1,2\n3,4"),
        ("a.csv", ",a,b\n0,1,2\n1,3,4\n"),  # the unnamed index of a pandas table
        ("a.csv", "a|b\n1|2\n3|4\n"),
    ],
)
def test_the_dialects_of_a_table(tmp_path, name, text):
    series = both(written(tmp_path, name, text))
    assert series.names == ("a", "b")
    assert series.values.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("text", "names", "values"),
    [
        ("1,5;2,5\n3,5;4,5\n", ("column0", "column1"), [[1.5, 2.5], [3.5, 4.5]]),
        (" 1  2\n 3  4 \n", ("column0", "column1"), [[1, 2], [3, 4]]),
        ("x y\n1 2\n", ("x", "y"), [[1, 2]]),
        ("a,b,\n1,2,\n3,4,\n", ("a", "b"), [[1, 2], [3, 4]]),
    ],
)
def test_decimal_commas_spaces_and_a_delimiter_at_the_end(tmp_path, text, names, values):
    series = both(written(tmp_path, "a.csv", text))
    assert series.names == names
    assert series.values.tolist() == values


@pytest.mark.parametrize(
    "first", ["2024-01-01", "2024-01-01 10:00:00.5", "2024-01-01T10:00:00Z", "1.1.2024", "7.5"]
)
def test_every_way_to_write_the_clock_is_read_alike_at_once_and_cell_by_cell(tmp_path, first):
    """A missing value sends the file through the cell by cell reader."""
    second = first.replace("2024", "2025") if "2024" in first else "8.5"
    fast = both(written(tmp_path, "a.csv", f"time,a\n{first},1\n{second},2\n"))
    slow = both(written(tmp_path, "b.csv", f"time,a\n{first},1\n{second},\n"))
    assert fast.timestamps.tolist() == slow.timestamps.tolist() == [seconds(first), seconds(second)]


def test_the_line_of_an_error_is_the_files_own_line(tmp_path):
    path = written(tmp_path, "a.csv", "# made by hand\n\na\n1\nx\n")
    assert refused(path) == "column 'a' is not numeric: line 5 holds 'x'"


def test_a_count_refuses_the_column_that_a_load_refuses(tmp_path):
    path = written(tmp_path, "a.csv", "a,city\n1,Rome\n")
    with pytest.raises(SourceError) as raised:
        loaders.probe(path)
    assert str(raised.value).removeprefix(f"{path}: ") == refused(path)


@pytest.mark.parametrize("cell", ["$5.00", "5%"])
def test_a_table_without_a_number_names_the_cell_and_not_its_header(tmp_path, cell):
    path = written(tmp_path, "a.csv", f"price\n{cell}\n")
    assert refused(path) == f"column 'price' is not numeric: line 2 holds {cell!r}"


def test_columns_by_name_and_by_number(tmp_path):
    path = written(tmp_path, "a.csv", "a,b,c\n1,x,3\n4,y,6\n")
    assert both(path, columns=("c", "0")).values.tolist() == [[3, 1], [6, 4]]


def test_the_first_row_that_is_not_numeric_is_named(tmp_path):
    path = written(tmp_path, "a.csv", "a,city\n1,2\n3,Paris\n5,6\n")
    assert refused(path) == (
        "column 'city' is not numeric: line 3 holds 'Paris': name those that are: a (columns=,"
        " --columns)"
    )


def test_an_unknown_column_is_named(tmp_path):
    path = written(tmp_path, "a.csv", "wind,rain\n1,2\n")
    with pytest.raises(UnknownNameError) as raised:
        loaders.load(path, columns=("wnd",))
    assert str(raised.value) == (
        f"{path}: no column 'wnd'. Did you mean 'wind'? There are: wind, rain"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty: there is nothing to read"),
        ("\n \n", "the file is empty: there is nothing to read"),
        ("#1,2\n#3,4\n", "every line is a comment: they begin with # or %"),
        ("a,b\n", "no rows under the header"),
        ("a,b\n1,2\n3\n", "line 3 has 1 cell, the header has 2"),
        ("1,2\n3,4,5\n", "line 2 has 3 cells, the first has 2"),
        ("date\n2024-01-01\n", "the only column, 'date', is the clock: name it to read it"),
        ("time,a\n0,1\nsoon,2\n", "column 'time' is not numeric: line 3 holds 'soon': name those"
         " that are: a (columns=, --columns)"),
    ],
)  # fmt: skip
def test_bad_tables(tmp_path, text, message):
    assert refused(written(tmp_path, "a.csv", text)) == message


def _line_after_a_header(row):
    return row + 2, str(row)


def test_disorder_and_gaps_are_notes(tmp_path):
    back = written(tmp_path, "a.csv", "t,a\n0,1\n2,2\n1,3\n")
    series = loaders.load(back)
    assert series.timestamps.tolist() == [0, 2, 1]
    from multitok.loaders.columns.tables import checked_clock

    assert checked_clock("t", np.array([0.0, 2, 1]), _line_after_a_header) == (
        "time goes backwards at line 4: rows are kept as they stand",
    )
    assert checked_clock("t", np.array([0.0, 1, 2, 9]), _line_after_a_header) == (
        "uneven steps: 1 gaps longer than 1.5 times the usual 1 s",
    )


def test_a_stamp_that_stands_twice_is_a_note(tmp_path):
    text = "date,a\n2024-01-01,1\n2024-01-02,2\n2024-01-01,3\n2024-01-02,4\n"
    path = written(tmp_path, "a.csv", text)
    assert loaders.load(path).values[:, 0].tolist() == [1, 2, 3, 4]
    assert loaders.examine(path).notes[0] == (
        "time stamp '2024-01-01' of column 'date' stands twice, in lines 2 and 4, and 1 more do:"
        " rows are kept as they stand"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1970-01-02", 86400), ("1970-01", 0), ("1970-01-01 00:01", 60), ("1970/1/1", 0),
     ("1970-01-01T01:00:00+01:00", 0), ("12.5", 12.5), ("19700102", 86400),
     ("1970-01-01 10:00:00 UTC", 36000), ("1970-01-01 10:00 gmt", 36000),
     ("1970-01-01 10:00 AM", 36000), ("1970-01-01 12:30 am", 1800), ("1970-01-01 1:00:30PM", 46830),
     ("1970-01-01 24:00", 86400), ("1970-01-01 9:00", 32400), ("1970-01-01 00:00:00 +0100", -3600),
     ("1970-01-01 00:00:00-05", 18000), ("1970-01-01 00:00:01.5", 1.5),
     ("1970-01-01 00:00:01,250", 1.25), ("1970-01-01T00:00:00.123456789Z", 0.123457)],
)  # fmt: skip
def test_clocks(text, expected):
    assert seconds(text) == expected


LEFT_OUT = "--time none leaves it out (time=)"
NO_DATE = [
    "2023-02-29", "2024-13-01", "0000-01-01", "31.2.2024", "2024-01-01 25:00", "2024-01-01 24:01",
    "2024-01-01 13:00 PM", "2024-01-01 0:30 AM", "2024-01-01 10:60", "2024-01-01 10:00 CEST",
    "2024-01-01 10:00:00+99:99", "9999-12-31 24:00", "2024-01-01 10:00 or so",
]  # fmt: skip


@pytest.mark.parametrize("cell", NO_DATE)
def test_what_only_looks_like_a_date_is_named_with_its_line(tmp_path, cell):
    path = written(tmp_path, "a.csv", f"time,a\n2024-01-01,1\n{cell},2\n")
    assert refused(path) == f"column 'time' tells no time in line 3: {cell!r}: {LEFT_OUT}"
    path = written(tmp_path, "b.csv", f"time,a\n{cell},1\n{cell},2\n")
    assert refused(path) == f"column 'time' tells no time in line 2: {cell!r}: {LEFT_OUT}"


@given(
    day=st.from_regex(r"\d{4}[-/]\d{1,2}([-/]\d{1,2})?", fullmatch=True),
    clock=st.from_regex(r"([T ]\d{1,2}:\d{2}[0-9:., APMZUTCG+-]{0,12})?", fullmatch=True),
)
def test_whatever_looks_like_a_date_is_read_or_named(day, clock):
    text = f"time;a\n{day}{clock};1\n"
    source = Source("a.csv", data=text.encode(), size=len(text.encode()))
    for door in (loaders.examine, loaders.load):
        try:
            door(source, modality="series")
        except SourceError as error:
            assert "tells no time in line 2" in str(error)  # noqa: PT017 - it may also be read


DAY = 86400


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("Jan 2 1970", DAY), ("Jan-2-1970", DAY), ("2-Jan-70", DAY), ("2 January 1970", DAY),
     ("1970 Feb", 31 * DAY), ("Feb-70", 31 * DAY), ("Fri, 02 Jan 1970 01:00", DAY + 3600),
     ("1970Q2", 90 * DAY), ("1970 Q2", 90 * DAY), ("Q2 1970", 90 * DAY), ("1970M02", 31 * DAY),
     ("1970-W02", 4 * DAY), ("2.1.70", DAY), ("13/1/1970", 12 * DAY), ("1/13/1970", 12 * DAY)],
)  # fmt: skip
def test_months_by_name_quarters_and_weeks_are_clocks(tmp_path, cell, expected):
    series = both(written(tmp_path, "a.csv", f"when;a\n{cell};1\n"))
    assert (series.timestamps.tolist(), series.values.tolist()) == ([expected], [[1]])


@pytest.mark.parametrize(
    ("cells", "days", "notes"),
    [(["1/2/1970", "13/2/1970"], [31, 43], ()),
     (["1/2/1970", "1/13/1970"], [1, 12], ()),
     (["1/2/1970", "1/3/1970"], [1, 2],
      ("dates such as '1/2/1970' are read month first: no day of the column is beyond 12",))],
)  # fmt: skip
def test_the_whole_column_tells_whether_the_day_comes_first(tmp_path, cells, days, notes):
    text = "day,a\n" + "".join(f"{cell},{i}\n" for i, cell in enumerate(cells))
    path = written(tmp_path, "a.csv", text)
    assert both(path).timestamps.tolist() == [DAY * day for day in days]
    assert loaders.examine(path).notes == notes


def test_a_date_of_two_meanings_is_none_without_its_column():
    with pytest.raises(ValueError, match="the day or the month may come first: '1/2/1970'"):
        seconds("1/2/1970")


@pytest.mark.parametrize(
    ("cell", "value"),
    [("True", 1), ("\N{MINUS SIGN}2.5", -2.5), ("false", 0),
     ('"1,234,567.5"', 1234567.5), ("--", np.nan), (".", np.nan), ("missing", np.nan)],
)  # fmt: skip
def test_cells_as_programs_write_them(tmp_path, cell, value):
    series = both(written(tmp_path, "a.csv", f"a,b\n1,{cell}\n2,3\n"))
    np.testing.assert_array_equal(series.values, [[1, value], [2, 3]])


def test_a_number_as_python_writes_it_in_its_code_is_none(tmp_path):
    path = written(tmp_path, "a.csv", "a\n1\n1_000\n")
    assert refused(path) == "column 'a' is not numeric: line 3 holds '1_000'"


@pytest.mark.parametrize(
    "array", [np.arange(6.0), np.arange(6).reshape(3, 2), np.ones((2, 2), "f4")]
)
def test_npy(tmp_path, array):
    path = tmp_path / "a.npy"
    np.save(path, array)
    assert both(path).values.tolist() == array.reshape(len(array), -1).tolist()


def test_a_cut_npy_is_refused(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.zeros(100))
    path.write_bytes(path.read_bytes()[:300])
    assert refused(path).startswith("damaged .npy array (")


@pytest.mark.parametrize(
    ("document", "values"),
    [
        ([1, None, 3], [[1], [np.nan], [3]]),
        ([[1, 2], [3, 4]], [[1, 2], [3, 4]]),
        ({"a": [1, 2], "b": [3, 4]}, [[1, 3], [2, 4]]),
        ([{"a": 1, "b": 3}, {"a": 2}], [[1, 3], [2, np.nan]]),
        ({"start": "2024", "target": [1, "NaN"]}, [[1], [np.nan]]),
        ({"target": [[1, 2], [3, 4]], "feat_dynamic_real": [[5, 6]]}, [[1, 3, 5], [2, 4, 6]]),
    ],
)
def test_json(tmp_path, document, values):
    path = written(tmp_path, "a.json", json.dumps(document))
    np.testing.assert_array_equal(both(path, modality="series").values, values)


def test_gluonts_lines(tmp_path):
    lines = [{"item_id": "x", "target": [1, 2]}, {"item_id": "y", "target": [3, 4]}]
    path = written(tmp_path, "a.jsonl", "\n".join(map(json.dumps, lines)))
    assert both(path, modality="series").names == ("x", "y")
    lines[1]["target"].append(5)
    path = written(tmp_path, "a.jsonl", "\n".join(map(json.dumps, lines)))
    assert refused(path, modality="series") == (
        "2 series of different lengths: x (2), y (3): name one, as in --columns x (columns=)"
    )
    assert both(path, modality="series", columns=("y",)).values[:, 0].tolist() == [3, 4, 5]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1, 2", "not JSON: Expecting ',' delimiter: line 1 column 6 (char 5)"),
        ("[]", "no rows in it"),
        ("3", "a series is a list, got int"),
        ('[{"a": "x"}]', "column 'a' is not numeric: row 0 holds 'x'"),
        (
            "[[1, 2], [3]]",
            "row 1 has 1 numbers, row 0 has 2: a row is a step of all channels. Series of several"
            ' lengths have names, {"a": [1, 2, 3], "b": [4, 5]}: then name one, as in --columns a'
            " (columns=)",
        ),
        ('{"a": 3}', "no lists of numbers under 'a'"),
    ],
)
def test_bad_json(tmp_path, text, message):
    assert refused(written(tmp_path, "a.json", text), modality="series") == message


TS = (
    "@problemName demo\n@timeStamps false\n@classLabel true a b\n@data\n"
    "1,2,?:3,4,5:a\n6,7,8:9,1,2:b\n"
)
TSF = (
    "# Monash\n@relation demo\n@attribute series_name string\n@attribute start_timestamp date\n"
    "@frequency monthly\n@missing true\n@data\nT1:1979-01-01 00-00-00:1,?,3\n"
    "T2:1979-01-01 00-00-00:4,5,6\n"
)


def test_ts_cases_and_dimensions(tmp_path):
    series = both(written(tmp_path, "a.ts", TS))
    assert series.names == ("case0[0]", "case0[1]", "case1[0]", "case1[1]")
    np.testing.assert_array_equal(series.values[:, 0], [1, 2, np.nan])


def test_tsf_series(tmp_path):
    path = written(tmp_path, "a.tsf", TSF)
    assert both(path).names == ("T1", "T2")
    assert loaders.examine(path).facts["frequency"] == "monthly"
    assert both(path, columns=("T2",)).values[:, 0].tolist() == [4, 5, 6]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("@data\n1,x,3\n", "line 2 is not numeric: it holds 'x'"),
        ("@problemName a\n", "no @data section: not a .ts or .tsf file"),
        ("@data\n", "no series after @data"),
        ("hello\n", "line 1: expected '@data' before the series, got 'hello'"),
    ],
)
def test_bad_ts(tmp_path, text, message):
    assert refused(written(tmp_path, "a.ts", text), modality="series") == message


@pytest.mark.parametrize(("width", "code"), [(1, "u1"), (2, "<i2"), (4, "<i4")])
def test_wav_as_a_series(tmp_path, width, code):
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(width)
        sound.setframerate(8000)
        top = np.iinfo(code).max
        sound.writeframes(np.array([[0, top], [top // 2, 0]], code).tobytes())
    series = both(written(tmp_path, "a.wav", buffer.getvalue()), modality="series")
    assert series.info == SeriesInfo(2, 2)
    assert series.values[0, 1] == pytest.approx(1, abs=0.01)


def test_movement_has_a_rate(tmp_path):
    path = written(tmp_path, "a.csv", "time,x,y\n0.0,1,2\n0.1,3,4\n0.2,5,6\n")
    motion = both(path, modality="actions")
    assert motion.info == ActionsInfo(3, 2, 10.0)
    assert both(path, modality="actions", hz=20.0).hz == 20.0


BVH = (
    "HIERARCHY\nROOT Hips\n{\nOFFSET 0 0 0\nCHANNELS 3 Xposition Yposition Zrotation\nEnd Site\n{\n"
    "OFFSET 0 1 0\n}\n}\nMOTION\nFrames: 2\nFrame Time: 0.05\n1 2 3\n4 5 6\n"
)


def test_bvh_is_movement_and_can_be_a_series(tmp_path):
    path = written(tmp_path, "a.bvh", BVH)
    motion = both(path)
    assert motion.info == ActionsInfo(2, 3, 20.0)
    assert motion.names[0] == "Hips.Xposition"
    assert both(path, modality="series", columns=("1",)).values.tolist() == [[2], [5]]


def test_no_series_in_a_picture(tmp_path):
    path = written(tmp_path, "a.xyz", "1 2 3\n")
    assert refused(path, modality="series").startswith("no series in XYZ. There are: CSV, TSV,")


@pytest.fixture
def robot(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    path = tmp_path / "file-000.parquet"
    table = pa.table(
        {
            "action": pa.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], pa.list_(pa.float32(), 2)),
            "observation.state": pa.array([[0.0]] * 3, pa.list_(pa.float32(), 1)),
            "timestamp": [0.0, 0.1, 0.0],
            "frame_index": [0, 1, 0],
            "episode_index": [0, 0, 1],
        }
    )
    pq.write_table(table, path)
    return path


def test_lerobot_episodes_never_run_into_each_other(robot):
    assert refused(robot, modality="actions") == (
        "2 episodes, 0 to 1: name one (episode=, --episode)"
    )
    motion = both(robot, modality="actions", episode=0)
    assert motion.values.tolist() == [[1, 2], [3, 4]]
    assert motion.names == ("action[0]", "action[1]")
    assert motion.hz == pytest.approx(10.0)
    state = both(robot, modality="actions", columns=("observation.state",), episode=1)
    assert state.values.tolist() == [[0.0]]
    assert refused(robot, modality="actions", episode=7) == ("no episode 7: there are 0 to 1")


def test_episode_0_is_asked_for_on_the_command_line(robot):
    from click.testing import CliRunner

    from multitok.cli.count import count

    words = [str(robot), "--as", "actions", "-t", "action-bins", "-q", "--episode", "0"]
    assert CliRunner().invoke(count, words).output == "4\n"


def test_a_parquet_clock_of_text_days_or_moments_is_utc(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    text = ["2024-01-01", "2024-01-02"]
    for kind in (None, pa.date32(), pa.timestamp("ms"), pa.timestamp("us", tz="UTC")):
        dates = (
            pa.array(text) if kind is None else pa.array(text).cast(pa.timestamp("s")).cast(kind)
        )
        path = tmp_path / "a.parquet"
        pq.write_table(pa.table({"date": dates, "v": [1.0, 2.0]}), path)
        assert both(path).timestamps.tolist() == [seconds(day) for day in text]
    pq.write_table(pa.table({"date": ["soon"], "v": [1.0]}), path)
    assert refused(path) == "column 'date' tells no time in row 0: 'soon'"


def test_plain_parquet(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"time": [0.0, 1.0], "a": [1, None], "b": [2.5, 3.5]}), path)
    series = both(path)
    assert series.names == ("a", "b")
    np.testing.assert_array_equal(series.values, [[1, 2.5], [np.nan, 3.5]])
    assert refused(path, episode=1) == (
        "no episodes in it (LeRobot's episode_index): leave out episode"
    )
    pq.write_table(pa.table({"a": ["x", "y"]}), path)
    assert refused(path) == "column 'a' is not numeric (string): row 0 holds 'x'"
    path.write_bytes(path.read_bytes()[:60])
    assert refused(path).startswith("damaged Parquet file (")


def test_an_array_that_is_cut_is_not_counted(tmp_path):
    """100 values of 8 bytes are announced; 300 bytes less the header's 128 are 21."""
    path = tmp_path / "cut.npy"
    np.save(path, np.arange(100.0))
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(SourceError) as error:
        loaders.examine(path)
    assert str(error.value).endswith("(100 values are announced, 21 are there)")
