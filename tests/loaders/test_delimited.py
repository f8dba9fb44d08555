"""Tables of text in blocks: three readers that give the same, and memory that does not grow."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st
from series_files import both, refused, written

import multitok
from multitok.core.errors import MultitokError
from multitok.loaders import door
from multitok.loaders.columns import cells, layout as layouts, quick_cells
from multitok.loaders.columns.delimited import planned
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

pytest.importorskip("pyarrow")

NUMBERS = st.sampled_from(
    ["1", "-2.5", "+3", "1e300", "1e-320", "0.1", " 7", "8 ", "", "NA", "nan", "-", "true", "1,5",
     "inf", "-Infinity", "0x10", "1_000", "123456789.123456789", "٣"]
)  # fmt: skip
DAYS = st.sampled_from(
    ["2024-01-01", "2024-02-29 10:00:00", "2024-02-30", "1.2.2024", "3/1/2024", "Jan 5 2024", ""]
)
ROWS = st.lists(st.tuples(DAYS, NUMBERS, NUMBERS), min_size=1, max_size=8)


def planned_of(text, **words):
    source = Source("t.csv", data=text.encode(), size=len(text.encode()))
    options = ReadOptions(format="CSV", **words)
    layout = layouts.layout_of(source, options)
    [block] = cells.blocks(source, options, layout)
    return block, planned(source.name, layout, options)[0]


def outcome(read, *given):
    try:
        found = read(*given)
    except MultitokError:
        return "refused"
    return found and (found.numbers.tolist(), None if found.clock is None else found.clock.tolist())


@given(ROWS, st.sampled_from([",", ";", "\t", "|"]), st.booleans())
@example([("2024-01-01", "1", "1"), ("", "", "")], "\t", True)
@settings(max_examples=300)
def test_the_readers_in_c_give_what_the_reader_of_cells_gives_or_nothing(rows, delimiter, clock):
    text = delimiter.join("tab"[: 2 + clock]) + "\n"
    text += "".join(delimiter.join(row[0 if clock else 1 :]) + "\n" for row in rows)
    try:
        block, plan = planned_of(text)
    except MultitokError:
        return
    slow = outcome(cells.one_by_one, block, plan)
    for quick in (quick_cells.by_numpy, quick_cells.by_arrow):
        fast = outcome(quick, block.data, plan)
        if fast is not None and slow != "refused":
            np.testing.assert_array_equal(fast[0], slow[0])
            assert fast[1] == slow[1] or plan.clock.kind == "numbers"


LINES = ["2024-01-02,3,4", '"2024-01-03",5,6', '"2024-01-04","7",8', "#2024-01-05,9,10",
         '#"2024-01-06",1,2', "% 2024-01-07,3,4", "", '"2024-01-08\n",5,6']  # fmt: skip


@pytest.mark.parametrize("from_size", [0, 1 << 30])
@given(lines=st.lists(st.sampled_from(LINES), max_size=6))
@example(lines=["#2024-01-05,9,10", '"2024-01-03",5,6'])
def test_a_comment_is_no_row_whatever_stands_beside_it(from_size, lines):
    try:
        block, plan = planned_of("\n".join(["day,a,b", "2024-01-01,1,2", *lines, ""]))
    except MultitokError:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick_cells, "ARROW_FROM", from_size)
        quick = outcome(lambda: quick_cells.read(block, plan, size=1))
    slow = outcome(cells.one_by_one, block, plan)
    assert quick == slow


@pytest.mark.parametrize("text", ["a,b\n1,2\n3,4.5\n", "date,a\n2024-01-01,1\n2024-01-02,2\n"])
def test_plain_files_are_read_in_c(text):
    """The property above would hold of readers that read nothing."""
    block, plan = planned_of(text)
    assert quick_cells.by_numpy(block.data, plan) is not None
    assert quick_cells.by_arrow(block.data, plan) is not None


@given(ROWS, st.integers(1, 40), st.booleans())
@settings(max_examples=150)
def test_a_file_is_read_alike_in_blocks_of_any_size(rows, size, quoted):
    mark = '"' if quoted else ""
    text = "day;a;b\n" + "".join(f"{mark}{day}{mark};{a};{b}\n" for day, a, b in rows)
    source = Source("t.csv", data=text.encode(), size=len(text.encode()))

    def read():
        try:
            medium = door.load(source, modality="series")
        except MultitokError:  # which of two errors is met first depends on the blocks
            return "refused"
        times = medium.timestamps
        return str(medium.values.tolist()), times if times is None else str(times.tolist())

    whole = read()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "BLOCK", size)
        assert read() == whole


@pytest.mark.parametrize("long", [True, False])
def test_empty_lines_at_the_end_fill_blocks_without_a_row(tmp_path, monkeypatch, long):
    path = written(tmp_path, "a.csv", "t,a\n0,1\n1,2\n" + "\n" * 60)
    monkeypatch.setattr(cells, "BLOCK", 8)
    monkeypatch.setattr(quick_cells, "ARROW_FROM", 0 if long else 1 << 30)
    assert both(path).values.tolist() == [[1], [2]]
    assert door.examine(path).facts["to"] == "1"


def test_blocks_that_are_read_ahead_stand_in_their_order(tmp_path, monkeypatch):
    monkeypatch.setattr(cells, "BLOCK", 16)
    monkeypatch.setattr(quick_cells, "ARROW_FROM", 0)
    path = written(tmp_path, "a.csv", "a\n" + "".join(f"{i}.5\n" for i in range(500)))
    assert both(path).values[:, 0].tolist() == [i + 0.5 for i in range(500)]
    path = written(tmp_path, "b.csv", "a\n" + "1.5\n" * 300 + "x\n" + "1.5\n" * 300)
    with pytest.raises(MultitokError, match="line 302 holds 'x'"):
        door.load(path)


@given(st.lists(st.sampled_from(["1,2", "", " ", "#", "# 1,2", '"1",2', '"1\n",2', "3,4"])))
def test_a_count_by_lines_is_the_count_of_the_rows(lines):
    text = "a,b\n1,2\n" + "\n".join(lines)
    source = Source("t.csv", data=text.encode(), size=len(text.encode()))
    try:
        rows = door.load(source, modality="series").info
    except MultitokError:
        return
    assert door.probe(source, modality="series") == rows


def test_a_count_refuses_a_long_row_that_an_empty_line_would_make_up_for(tmp_path):
    path = written(tmp_path, "a.csv", "1,2\n" * 60 + "\n3,4,5\n")
    assert refused(path) == "line 62 has 3 cells, the first has 2"


def test_a_cell_in_quotes_may_hold_a_line_end(tmp_path):
    text = '"first\nname",b\n1,2\n"3\n",4\n'
    series = both(written(tmp_path, "a.csv", text))
    assert series.names == ("first\nname", "b")
    assert series.values.tolist() == [[1, 2], [3, 4]]


def test_the_line_of_an_error_is_right_in_a_later_block(tmp_path, monkeypatch):
    monkeypatch.setattr(cells, "BLOCK", 16)
    path = written(tmp_path, "a.csv", "# note\na,b\n" + "1,2\n\n" * 40 + "1,x\n")
    with pytest.raises(MultitokError, match="line 83 holds 'x'"):
        door.load(path)


def test_bytes_of_another_encoding_are_named_by_their_place_in_the_file(tmp_path):
    path = written(tmp_path, "a.csv", b"a,b\n" + b"1,2\n" * 5000 + b"1,\xff\n")
    with pytest.raises(MultitokError, match="in position 20006"):
        door.load(path)


PEAK = """
import sys
from multitok.loaders import door
found = getattr(door, sys.argv[1])(sys.argv[2], modality="series")
if sys.argv[1] == "load":
    found = found.info
held = open("/proc/self/status").read().partition("VmHWM:")[2]
print(found.steps, int(held.split()[0]) // 1024)
"""


def test_a_long_file_of_many_columns_takes_no_more_than_its_numbers(tmp_path):
    """pyarrow's reader keeps 20 kB a column: 900 MB of these, whose numbers are 13."""
    path = written(tmp_path, "a.csv", (b"12345," * 39_999 + b"6\n") * 40)
    steps, megabytes = peak("load", path)
    assert steps == 40
    assert megabytes < 400


def peak(door_name, path):
    """The steps that a new process finds, and the megabytes that it held at most."""
    child = subprocess.run(
        [sys.executable, "-c", PEAK, door_name, str(path)], capture_output=True, text=True
    )
    steps, megabytes = child.stdout.split()
    return int(steps), int(megabytes)


def test_a_long_file_is_counted_in_the_memory_of_a_short_one(tmp_path):
    short = written(tmp_path, "short.csv", "value\n" + "1.5\n" * 1000)
    long = written(tmp_path, "long.csv", "value\n" + "1.5\n" * 4_000_000)
    steps, megabytes = peak("probe", long)
    assert steps == 4_000_000
    assert megabytes < peak("probe", short)[1] + 12


def test_a_long_file_is_loaded_in_the_memory_of_its_numbers(tmp_path):
    """4 million numbers of 8 bytes, and pyarrow itself; as lines of text they were 400 MB."""
    short = written(tmp_path, "short.csv", "value\n" + "1.5\n" * 1000)
    long = written(tmp_path, "long.csv", "value\n" + "1.5\n" * 4_000_000)
    tries = [peak("load", long) for _ in range(3)]  # how its threads meet is worth 20 MB
    assert {steps for steps, _ in tries} == {4_000_000}
    assert min(held for _, held in tries) < peak("load", short)[1] + 32 + 80


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfa,b\n1,2\n3,4\n",
        b"a,b\r\n1,2\r\n3,4\r\n",
        b"a,b\r1,2\r3,4\r",
        b"a,b\n1,2\r3,4\n",
        "a,b\n1,2\n3,4\n".encode("utf-16"),
    ],
    ids=["marked", "crlf", "cr", "a cr below", "utf-16"],
)
def test_marks_and_line_ends_change_no_number(tmp_path, data):
    """UTF-8 is read as it stands, anything else by way of text: both give one table."""
    path = written(tmp_path, "a.csv", data)
    found = door.load(path, modality="series")
    assert (found.names, found.values.tolist()) == (("a", "b"), [[1, 2], [3, 4]])
    assert door.probe(path, modality="series").steps == 2


@pytest.mark.parametrize("long", [True, False])
def test_a_line_of_tabs_is_no_row_in_a_count_nor_in_a_load(tmp_path, monkeypatch, long):
    monkeypatch.setattr(quick_cells, "ARROW_FROM", 0 if long else 1 << 30)
    path = written(tmp_path, "a.tsv", "a\tb\n1\t2\n\t\n \t \n3\t4\n")
    assert door.load(path, modality="series").values.tolist() == [[1, 2], [3, 4]]
    assert door.probe(path, modality="series").steps == 2


BLANK = st.text(st.sampled_from(" \t\x0b\x0c\x1c\x1f\x85\xa0\u2003"), max_size=3)
"""A line that says nothing, in all the ways there are."""


@given(
    form=st.sampled_from(["csv", "tsv"]),
    width=st.integers(1, 3),
    lines=st.lists(st.one_of(BLANK, st.sampled_from(["1", "-2.5", " 7 "])), max_size=8),
    end=st.sampled_from(["", "\n", "\r\n"]),
)
@example(form="csv", width=1, lines=["4", " "], end="")
@example(form="tsv", width=2, lines=["4", "\x1c\t"], end="\n")
@settings(max_examples=200, deadline=None)
def test_a_count_sees_the_rows_that_a_load_has(form, width, lines, end):
    gap = "\t" if form == "tsv" else ","
    rows = [line if not line.strip() else gap.join([line] * width) for line in lines]
    text = ("\n".join([gap.join("abc"[:width]), *rows]) + end).encode()
    told, loaded = (
        outcome_of(read, Source(f"x.{form}", data=text, size=len(text)))
        for read in (multitok.examine, multitok.load)
    )
    assert told == loaded


def outcome_of(read, source):
    try:
        return read(source, modality="series").info
    except MultitokError:
        return None
