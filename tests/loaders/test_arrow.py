"""Arrow and Feather: one table, four ways to write it."""

import datetime as dt

import numpy as np
import pytest
from series_files import both, check_damage_is_refused_alike, refused, written

from multitok.core.info import ActionsInfo, SeriesInfo
from multitok.loaders import door
from multitok.loaders.columns.dates import seconds

pa = pytest.importorskip("pyarrow")
feather = pytest.importorskip("pyarrow.feather")

DAYS = [dt.datetime(2024, 1, day) for day in (1, 2)]


def stored(path, table, how):
    if how == "feather 1":
        feather.write_feather(table, path, version=1)
    elif how == "feather 2":
        feather.write_feather(table, path)
    else:
        new = pa.ipc.new_file if how == "file" else pa.ipc.new_stream
        with pa.OSFile(str(path), "wb") as sink, new(sink, table.schema) as writer:
            writer.write_table(table)
    return path


@pytest.mark.filterwarnings("ignore:Feather V1:DeprecationWarning")
@pytest.mark.parametrize("how", ["file", "stream", "feather 1", "feather 2"])
def test_each_way_to_write_a_table_reads_alike(tmp_path, how):
    table = pa.table({"day": DAYS, "a": [1, None], "b": [2.5, 3.5], "up": [True, False]})
    path = stored(tmp_path / "a.arrow", table, how)
    series = both(path)
    assert series.names == ("a", "b", "up")
    np.testing.assert_array_equal(series.values, [[1, 2.5, 1], [np.nan, 3.5, 0]])
    assert series.timestamps.tolist() == [seconds("2024-01-01"), seconds("2024-01-02")]
    assert door.examine(path).format == "Arrow"


@pytest.mark.parametrize(
    "kind", [pa.timestamp("s"), pa.timestamp("ns", "UTC"), pa.date32(), pa.date64()]
)
def test_moments_of_every_unit_are_seconds(tmp_path, kind):
    table = pa.table({"x": [1.0, 2.0], "when": pa.array(DAYS, pa.timestamp("ms")).cast(kind)})
    path = stored(tmp_path / "a.feather", table, "file")
    assert both(path).timestamps.tolist() == [seconds("2024-01-01"), seconds("2024-01-02")]
    assert both(path, columns=("x",)).info == SeriesInfo(2, 1)


def test_lists_of_one_length_are_columns(tmp_path):
    table = pa.table({"t": [0.0, 0.1], "pose": [[1.0, 2.0], [3.0, 4.0]]})
    path = stored(tmp_path / "a.arrow", table, "stream")
    motion = both(path, modality="actions")
    assert motion.info == ActionsInfo(2, 2, 10.0)
    assert motion.names == ("pose[0]", "pose[1]")


def test_a_table_of_gluonts_has_a_series_in_each_row(tmp_path):
    table = pa.table({"start": DAYS, "target": [[1.0, 2.0], [3.0, 4.0]], "item_id": ["x", "y"]})
    path = stored(tmp_path / "a.arrow", table, "stream")
    assert both(path).names == ("x", "y")
    assert both(path, columns=("y",)).values.tolist() == [[3], [4]]


def test_what_is_wrong_is_named(tmp_path):
    path = stored(tmp_path / "a.arrow", pa.table({"a": [1], "city": ["Rome"]}), "file")
    assert refused(path) == (
        "column 'city' is not numeric (string): name those that are: a (columns=, --columns)"
    )
    path = stored(tmp_path / "a.arrow", pa.table({"a": [[1], [1, 2]]}), "file")
    assert refused(path) == "column 'a' holds no lists of numbers of one length: leave it out"
    path = stored(tmp_path / "a.arrow", pa.table({"day": [DAYS[0], None], "a": [1, 2]}), "file")
    assert refused(path) == "column 'day' is the clock, and 1 are missing"
    path = stored(tmp_path / "a.arrow", pa.table({"day": DAYS}), "file")
    assert refused(path) == "no columns of numbers in it"


@pytest.mark.parametrize("data", [b"ARROW1\0\0" + bytes(40), b"\xff\xff\xff\xff\x10\0\0\0ab"])
def test_a_damaged_file_is_named(tmp_path, data):
    assert refused(written(tmp_path, "a.arrow", data)).startswith("damaged Arrow file (")


def test_lists_that_reach_beyond_their_numbers_are_damage(tmp_path):
    """Four numbers, and a list that ends at the thousandth: pyarrow alone would read there."""
    path = stored(tmp_path / "a.arrow", pa.table({"a": [[1.0, 2.0], [3.0, 4.0]]}), "stream")
    ends = np.array([[0, 2, 4], [0, 2, 1000]], np.int32)
    path.write_bytes(path.read_bytes().replace(ends[0].tobytes(), ends[1].tobytes()))
    assert refused(path).startswith("damaged Arrow file (")


@pytest.mark.parametrize("how", ["file", "stream"])
def test_damage_is_refused_alike_by_a_count_and_a_load(tmp_path, how):
    table = pa.table({"t": [0.0, 0.1], "pose": [[1.0, 2.0], [3.0, 4.0]]})
    check_damage_is_refused_alike("a.arrow", stored(tmp_path / "a.arrow", table, how).read_bytes())
