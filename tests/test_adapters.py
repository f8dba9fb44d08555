"""Columns in, columns out: what the adapters of every engine call."""

import io
import subprocess
import sys

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st
from PIL import Image

import multitok
from multitok.adapters import FIELDS, count_column
from multitok.adapters.ray import Counter


def picture(width, height, kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", (width, height)).save(out, kind)
    return out.getvalue()


def images(*cells):
    return count_column(cells, model="gpt-4o", modality="image")


def test_a_column_of_texts_has_the_numbers_of_count():
    counted = count_column(["hello world", b"hi", "good morning to all"], model="gpt-4o")
    assert counted == {
        "tokens": [2, 1, 4], "kind": ["exact"] * 3, "most": [2, 1, 4], "width": [None] * 3,
        "height": [None] * 3, "error": [None] * 3,
    }  # fmt: skip


def test_a_picture_has_its_size_beside_its_tokens():
    counted = images(picture(512, 256))
    assert (counted["tokens"], counted["width"], counted["height"]) == ([255], [512], [256])


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        (None, "MediaError: cell: the cell is empty (null)"),
        (float("nan"), "MediaError: cell: the cell is empty (null)"),  # the null of pandas
        ({"bytes": None, "path": None}, "MediaError: cell: the cell is empty (null)"),
        (b"", "MediaError: cell: the cell is empty (0 bytes)"),
        (b"\xff\xd8\xff broken", "SourceError: <bytes>: "),
        ({"bytes": b"\xff\xd8\xff broken", "path": "a.jpg"}, "SourceError: <bytes>: "),
        ("none.jpg", "SourceError: none.jpg: no such file"),
        (7, "SourceError: cannot read 'int'"),
    ],
)
def test_what_is_wrong_with_a_cell_is_its_error_and_the_others_are_counted(cell, says):
    counted = images(cell, picture(512, 256))
    assert counted["error"][0].startswith(says)
    assert [column[0] for name, column in counted.items() if name != "error"] == [None] * 5
    assert counted["tokens"][1] == 255


@pytest.mark.parametrize("cell", [None, "", b"", float("nan"), {"bytes": b"", "path": "a.txt"}])
def test_an_empty_text_is_an_error_and_never_no_tokens(cell):
    counted = count_column([cell, "hello world"], model="gpt-4o")
    assert counted["tokens"] == [None, 2]
    assert "empty" in counted["error"][0] or "null" in counted["error"][0]


def test_bytes_count_before_a_path_and_empty_ones_are_no_reason_to_open_it(tmp_path):
    path = str(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes(picture(512, 512))
    counted = images(
        {"bytes": picture(512, 256), "path": path}, {"bytes": None, "path": path},
        {"bytes": b"", "path": path},
    )  # fmt: skip
    assert counted["height"] == [256, 512, None]


def test_a_path_in_a_struct_is_a_file_where_text_is_counted(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("hello world")
    cells = [{"bytes": None, "path": str(path)}, {"bytes": b"hello world", "path": None}]
    assert count_column(cells, model="gpt-4o")["tokens"] == [2, 2]


def test_what_is_wrong_with_all_cells_is_raised():
    with pytest.raises(multitok.UnknownNameError, match="gpt-99"):
        count_column([], model="gpt-99")


def test_no_cells_are_columns_of_none():
    assert count_column([], model="gpt-4o") == {name: [] for name in FIELDS}


def test_options_are_the_words_of_the_request():
    counted = count_column([picture(2048, 2048)], model="gpt-4o", modality="image",
                           options={"detail": "low"})  # fmt: skip
    assert counted["tokens"] == [85]


@given(
    st.lists(
        st.none() | st.text() | st.binary() | st.integers() | st.floats() | st.lists(st.text())
    )
)
def test_no_cell_ends_a_column(cells):
    """Whatever is in it: each cell has its tokens or its error, and never both."""
    for modality in ("text", "image"):
        counted = count_column(cells, model="gpt-4o", modality=modality)
        assert {len(column) for column in counted.values()} == {len(cells)}
        for tokens, error in zip(counted["tokens"], counted["error"], strict=True):
            assert (tokens is None) != (error is None)


def test_the_class_of_ray_adds_typed_columns_under_a_prefix():
    table = pa.table({"pic": pa.array([picture(512, 256), None], pa.binary())})
    counter = Counter("pic", model="gpt-4o", modality="image", prefix="pic_")
    whole = counter(table.slice(0, 1))
    assert whole.schema.equals(counter(table).schema)  # a batch without an error is no other type
    assert whole.column_names == ["pic", *(f"pic_{name}" for name in FIELDS)]
    assert whole["pic_tokens"].to_pylist() == [255]


def test_an_adapter_imports_no_engine_until_it_is_called():
    code = (
        "import sys, multitok.adapters.daft, multitok.adapters.huggingface, multitok.adapters.ray;"
        "print(sorted({'daft', 'datasets', 'ray', 'pyarrow', 'numpy'} & {*sys.modules}))"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert child.stdout == "[]\n", child.stderr
