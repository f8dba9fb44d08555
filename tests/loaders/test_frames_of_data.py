"""Data frames of any package: Arrow's own, and whatever speaks the interchange protocol."""

from datetime import date, datetime

import numpy as np
import pytest

import multitok
from multitok.core import extras
from multitok.core.errors import MediaError, MissingDependencyError, UnknownRuleError
from multitok.loaders import frames_of_data

pa = pytest.importorskip("pyarrow")

DAYS = [datetime(2024, 1, 1), datetime(2024, 1, 2), datetime(2024, 1, 3)]
TABLE = pa.table({"a": [1.0, None, 3.0], "b": [1, 2, 3], "c": [True, False, True]})
VALUES = [[1.0, 1.0, 1.0], [np.nan, 2.0, 0.0], [3.0, 3.0, 1.0]]


class Interchanged:
    """A frame of a package nobody knows: the protocol, and nothing else of it."""

    def __init__(self, table):
        self._table = table

    def __dataframe__(self, nan_as_null=False, allow_copy=True):
        return self._table.__dataframe__(nan_as_null, allow_copy)


class Streamed:
    """A frame of a package nobody knows: the Arrow stream, and nothing else of it."""

    def __init__(self, table):
        self._table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self._table.__arrow_c_stream__(requested_schema)


WAYS = {"pyarrow": lambda table: table, "protocol": Interchanged, "stream": Streamed}


@pytest.fixture(params=WAYS)
def way(request):
    return WAYS[request.param]


def test_numbers_with_holes_are_a_series(way):
    series = multitok.load(way(TABLE))
    assert series.names == ("a", "b", "c")
    np.testing.assert_array_equal(series.values, VALUES)
    assert series.timestamps is None


def test_columns_are_taken_by_name(way):
    assert multitok.load(way(TABLE), columns=["b"]).values[:, 0].tolist() == [1, 2, 3]


def test_moments_are_the_clock(way):
    table = TABLE.append_column("at", pa.array(DAYS))
    series = multitok.load(way(table))
    assert series.names == ("a", "b", "c")
    assert series.timestamps.tolist() == [1704067200, 1704153600, 1704240000]
    assert multitok.probe(way(table), modality="actions").hz == pytest.approx(1 / 86400)


def test_chunks_are_one_after_the_other(way):
    table = pa.concat_tables([TABLE, TABLE.slice(1)])
    np.testing.assert_array_equal(multitok.load(way(table)).values, [*VALUES, *VALUES[1:]])


def test_words_are_told_what_to_do(way):
    table = TABLE.append_column("city", pa.array(["Bern", "Oslo", "Rome"]))
    with pytest.raises(MediaError) as refused:
        multitok.load(way(table))
    assert str(refused.value) == (
        f"a {type(way(table)).__name__} with columns that hold no numbers: name those that do,"
        " columns=['a', 'b'], and fill what is missing with NaN"
    )
    assert multitok.load(way(table), columns=["a", "b"]).names == ("a", "b")


def test_a_count_is_that_of_the_series(way):
    series = multitok.Series(np.array(VALUES))
    tokens = multitok.get_tokenizer("chronos").count(series)
    assert multitok.count(way(TABLE), tokenizer="chronos").tokens == tokens


@pytest.mark.parametrize(
    "column",
    [pa.array([1.0, None, 3.0]), pa.chunked_array([[1.0], [None, 3.0]])],
    ids=["array", "chunked"],
)
def test_a_lone_column_of_arrow_is_a_series(column):
    series = multitok.load(column)
    assert series.names == ("value",)
    np.testing.assert_array_equal(series.values[:, 0], [1.0, np.nan, 3.0])


def test_a_column_can_be_sound():
    sound = multitok.load(pa.array([0.0, 0.5, -0.5]), modality="audio", hz=8000)
    assert sound.info == multitok.AudioInfo(samples=3, sample_rate=8000, channels=1)


def test_a_type_that_the_protocol_does_not_know_is_no_number():
    """pyarrow has no word for days there; Arrow itself does."""
    table = pa.table({"a": [1.0, 2.0], "day": pa.array([date(2024, 1, 1), date(2024, 1, 2)])})
    assert multitok.load(Interchanged(table), columns=["a"]).names == ("a",)
    assert multitok.load(table).timestamps.tolist() == [1704067200, 1704153600]


def test_a_value_can_mark_what_is_missing():
    """A column by hand: 4 whole numbers of 16 bits, the first outside, -1 for what is missing."""
    cells = np.array([7, 5, -1, 9], "<i2")

    class Buffer:
        ptr, bufsize = cells.ctypes.data, cells.nbytes

        def __dlpack_device__(self):
            return (1, None)

    class Column:
        dtype, offset = (0, 16, "s", "<"), 1
        describe_null = (2, -1)

        def size(self):
            return 3

        def get_buffers(self):
            return {"data": (Buffer(), self.dtype), "validity": None, "offsets": None}

    class Frame:
        def get_column_by_name(self, name):
            return Column()

    found = frames_of_data._column(Frame(), "x")
    np.testing.assert_array_equal(found, [5, np.nan, 9])


def test_a_table_for_a_model_of_text_is_told_how_it_becomes_text():
    with pytest.raises(UnknownRuleError) as refused:
        multitok.count(TABLE, model="gpt-4o")
    assert str(refused.value) == (
        "no rule for series with model 'gpt-4o': gpt-4o takes text and image and pdf. A data frame"
        " is counted as text by multitok.Text(frame.to_csv())"
    )


def test_a_frame_on_a_device_is_told_to_come_to_the_memory():
    class Buffer:
        def __dlpack_device__(self):
            return (2, 0)

    with pytest.raises(MediaError, match="bring it into the memory of the CPU first"):
        frames_of_data._cells((Buffer(), (0, 64, "l", "=")), None)


def test_without_pyarrow_the_protocol_is_read_and_a_stream_says_what_to_install(monkeypatch):
    monkeypatch.setattr(frames_of_data, "installed", lambda module: False)
    np.testing.assert_array_equal(multitok.load(TABLE).values, VALUES)

    def absent(module):
        raise ImportError(module)

    monkeypatch.setattr(extras, "import_module", absent)
    with pytest.raises(MissingDependencyError) as refused:
        multitok.load(Streamed(TABLE))
    assert str(refused.value) == "reading Arrow needs pyarrow: pip install '.[parquet]'"
