"""Tables that hold many series: under a name (long, or tidy), or one a row."""

import numpy as np
import pytest
from click.testing import CliRunner
from series_files import both, refused, written

from multitok.cli.count import count
from multitok.core.errors import SourceError
from multitok.loaders import door

LONG = "unique_id,ds,y\nA,2024-01-01,1\nB,2024-01-01,3\nA,2024-01-02,2\nB,2024-01-02,4\n"
WIDE = (
    "id,date,open,close\nA,2024-01-01,1,2\nB,2024-01-01,3,4\nA,2024-01-02,5,6\nB,2024-01-02,7,8\n"
)
M4 = '"V1","V2","V3","V4"\n"Y1",1,2,3\n"Y2",4,,6\n'


def forms(tmp_path, text):
    """The table as CSV, Parquet and Feather."""
    path = written(tmp_path, "a.csv", text)
    yield path
    pytest.importorskip("pyarrow")
    import pyarrow.csv
    import pyarrow.feather
    import pyarrow.parquet

    table = pyarrow.csv.read_csv(path)
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    pyarrow.feather.write_feather(table, tmp_path / "a.feather")
    yield from (tmp_path / "a.parquet", tmp_path / "a.feather")


def test_a_long_table_is_a_channel_for_each_name(tmp_path):
    for path in forms(tmp_path, LONG):
        series = both(path, modality="series", id="unique_id")
        assert series.names == ("A", "B")
        assert series.values.tolist() == [[1, 3], [2, 4]]
        assert series.timestamps.tolist() == [1704067200, 1704153600]
        assert door.examine(path, modality="series", id="unique_id").facts["series"] == "2"


def test_several_columns_of_a_long_table(tmp_path):
    for path in forms(tmp_path, WIDE):
        series = both(path, modality="series", id="id")
        assert series.names == ("A.open", "A.close", "B.open", "B.close")
        assert series.values.tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]
        close = both(path, modality="series", id="id", columns=("close",))
        assert (close.names, close.values.tolist()) == (("A", "B"), [[2, 4], [6, 8]])
        only = both(path, modality="series", id="id", columns=("close", "B"))
        assert (only.names, only.values.tolist()) == (("B",), [[4], [8]])


def test_series_of_other_lengths_are_named(tmp_path):
    for path in forms(tmp_path, LONG + "B,2024-01-03,5\n"):
        assert refused(path, modality="series", id="unique_id") == (
            "2 series of different lengths: A (2), B (3): name one, as in --columns A (columns=)"
        )
        one = both(path, modality="series", id="unique_id", columns=("B",))
        assert one.values[:, 0].tolist() == [3, 4, 5]


def test_movements_under_a_name_are_episodes(tmp_path):
    for path in forms(tmp_path, "episode,time,x\n0,0.0,1\n0,0.1,2\n1,0.0,3\n1,0.1,4\n1,0.2,5\n"):
        motion = both(path, modality="actions", id="episode")
        assert (motion.episodes, motion.hz) == ((2, 3), 10.0)
        assert motion.values[:, 0].tolist() == [1, 2, 3, 4, 5]
        one = both(path, modality="actions", id="episode", columns=("1",))
        assert one.values[:, 0].tolist() == [3, 4, 5]


def test_series_whose_clocks_differ_have_none(tmp_path):
    path = written(tmp_path, "a.csv", LONG.replace("B,2024-01-02", "B,2024-01-09"))
    assert both(path, id="unique_id").timestamps is None
    assert door.examine(path, id="unique_id").notes == (
        "the series have clocks that differ: none is read",
    )


def test_a_date_of_two_meanings_is_told_of_a_long_table_too(tmp_path):
    path = written(tmp_path, "a.csv", "id,day,v\nA,1/2/2024,1\nB,1/2/2024,2\n")
    assert both(path, id="id").timestamps.tolist() == [1704153600]
    assert door.examine(path, id="id").notes == (
        "dates such as '1/2/2024' are read month first: no day of the column is beyond 12",
    )


def test_a_table_of_names_says_how_to_read_it(tmp_path):
    path = written(tmp_path, "a.csv", LONG)
    assert refused(path) == (
        "column 'unique_id' is not numeric: line 2 holds 'A': name those that are: y (columns=,"
        " --columns), or make a series of each: --id unique_id (id=)"
    )


def test_rows_are_series(tmp_path):
    path = written(tmp_path, "a.csv", M4)
    series = both(path, rows_are_series=True)
    assert series.names == ("Y1", "Y2")
    np.testing.assert_array_equal(series.values, [[1, 4], [2, np.nan], [3, 6]])


def test_rows_of_other_lengths_are_named_and_their_empty_ends_are_none(tmp_path):
    path = written(tmp_path, "a.csv", M4 + '"Y3",7,8,\n"Y4",9\n')
    assert refused(path, rows_are_series=True) == (
        "4 series of different lengths: Y1 (3), Y2 (3), Y3 (2), Y4 (1): name one, as in"
        " --columns Y1 (columns=)"
    )
    one = both(path, rows_are_series=True, columns=("Y3",))
    assert one.values.tolist() == [[7], [8]]


def test_rows_without_a_name_and_rows_named_by_a_label(tmp_path):
    path = written(tmp_path, "a.tsv", "1\t0.5\t0.6\n2\t0.7\t0.8\n")
    assert both(path, rows_are_series=True).names == ("row0", "row1")
    labeled = both(path, rows_are_series=True, id="0")
    assert (labeled.names, labeled.values.tolist()) == (("1", "2"), [[0.5, 0.7], [0.6, 0.8]])


def test_a_word_in_a_row_is_named(tmp_path):
    path = written(tmp_path, "a.csv", M4 + '"Y3",7,x,8\n')
    assert refused(path, rows_are_series=True) == (
        "the series in line 4 is not numeric: it holds 'x'"
    )


@pytest.mark.parametrize(
    ("words", "listed"),
    [({"id": "a"}, "CSV, TSV, TXT, Parquet, Arrow"), ({"rows_are_series": True}, "CSV, TSV, TXT"),
     ({"time": "a"}, "CSV, TSV, TXT, JSON, JSONL, NDJSON, NPZ, Parquet, Arrow, HDF5")],
)  # fmt: skip
def test_an_option_that_a_format_does_not_have_is_refused(tmp_path, words, listed):
    np.save(tmp_path / "a.npy", np.ones(3))
    [word] = words
    assert refused(tmp_path / "a.npy", **words) == (
        f"--{word.replace('_', '-')} ({word}=) is of {listed}, not NPY"
    )


def test_at_the_command_line(tmp_path):
    path = written(tmp_path, "a.csv", LONG)
    rule = ["-t", "quantile-bins", "-q"]
    for option in (["--id", "unique_id"], ["--columns", "y", "--time", "none"]):
        found = CliRunner().invoke(count, [str(path), *rule, *option])
        assert (found.output, found.exit_code) == ("4\n", 0)
    path = written(tmp_path, "b.csv", M4)
    assert CliRunner().invoke(count, [str(path), *rule, "--rows-are-series"]).output == "6\n"


def test_no_row_is_lost_between_the_series_of_a_long_table(tmp_path):
    rows = [(f"s{i % 7}", i) for i in range(7 * 40)]
    path = written(tmp_path, "a.csv", "id,v\n" + "".join(f"{n},{v}\n" for n, v in rows))
    series = both(path, id="id")
    assert series.values.shape == (40, 7)
    assert sorted(series.values.ravel().tolist()) == list(range(280))
    with pytest.raises(SourceError):
        door.load(path)
