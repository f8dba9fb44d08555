"""Parquet and Arrow with a byte that was not written so: a count and a load agree, or refuse."""

import io
from contextlib import suppress

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from series_files import refused, written

import multitok
from multitok.core.errors import MultitokError, SourceError, UnexpectedError
from multitok.loaders.source import Source

TABLE = pa.table({
    "time": pa.array([0, 1000, 2000], pa.timestamp("ms")), "a": [1.0, 2.0, None],
    "b": pa.array([[1, 2]] * 3),
})  # fmt: skip


def parquet(table):
    file = io.BytesIO()
    pq.write_table(table, file, compression="none", row_group_size=2)
    return file.getvalue()


def arrow(table, new=pa.ipc.new_stream):
    file = io.BytesIO()
    with new(file, table.schema) as out:
        out.write_table(table)
    return file.getvalue()


def shape(read, source):
    """What a reader tells; None where it refuses."""
    try:
        found = read(source, modality="series")
    except UnexpectedError:
        raise
    except MultitokError:
        return None
    return found.info


FILES = {
    "parquet": ("a.parquet", parquet(TABLE)),
    "stream": ("a.arrow", arrow(TABLE)),
    "file": ("a.arrow", arrow(TABLE, pa.ipc.new_file)),
}


@pytest.mark.parametrize(("name", "data"), FILES.values(), ids=FILES)
@pytest.mark.parametrize("value", [0, 4, 255])
def test_each_byte_may_be_another(name, data, value):
    met = 0
    for at in range(len(data)):
        hurt = data[:at] + bytes([value]) + data[at + 1 :]
        source = Source(name, data=hurt, size=len(hurt))
        told, loaded = shape(multitok.examine, source), shape(multitok.load, source)
        assert told is None or loaded is None or told == loaded, at
        met += loaded is None
    assert met


@pytest.mark.parametrize(("name", "write"), [("a.parquet", parquet), ("a.arrow", arrow)])
def test_two_columns_of_one_name_are_refused(tmp_path, name, write):
    table = pa.table([pa.array([1.0]), pa.array([2.0])], names=["a", "a"])
    assert refused(written(tmp_path, name, write(table))) == "two columns are named 'a'"


FAR = 2**62
"""Microseconds since 1970 of a moment in the year 146,000."""


@pytest.mark.parametrize("ids", [None, "at"], ids=["clock", "names"])
@pytest.mark.parametrize("form", ["parquet", "arrow"])
@pytest.mark.parametrize("moments", [[FAR, None, 0], [FAR, -FAR, 1], [[FAR], [1], [2]]])
def test_a_moment_of_no_calendar_is_an_error_in_words_or_a_number(moments, form, ids, tmp_path):
    """Python's own moments end with the year 9999; those of a damaged file do not."""
    kind = pa.timestamp("us")
    column = pa.array(moments, pa.list_(kind) if isinstance(moments[0], list) else kind)
    table = pa.table({"at": column, "value": [1.0, 2.0, 3.0]})
    path = tmp_path / f"a.{form}"
    if form == "parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_file(path, table.schema) as out:
            out.write_table(table)
    with suppress(SourceError):  # nothing else
        multitok.examine(path, modality="series", id=ids)
