"""multitok pack: rows of what a scan counted, by name, and lengths in the order of the data."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

import multitok
from multitok import Scan
from multitok.cli import multitok as cli
from multitok.core.errors import MediaError

pq = pytest.importorskip("pyarrow.parquet")


def run(*words):
    return CliRunner().invoke(cli, [str(word) for word in words])


@pytest.fixture
def counts(tmp_path):
    """Texts of 5, 3, 9, 2 and 4 bytes, a token each, and a picture, which no text rule counts."""
    data = tmp_path / "data"
    data.mkdir()
    for name, n in zip("abcde", (5, 3, 9, 2, 4), strict=True):
        (data / f"{name}.txt").write_text("x" * n)
    (data / "f.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    out = tmp_path / "counts"
    multitok.scan(data, tokenizer="bytes", out=out, workers=0)
    return out


def names(table):
    return [name[-5] for name in table.column("id").to_pylist()]


def test_rows_lie_in_a_file_by_name(counts):
    assert run("pack", counts, "--size", 8).exit_code == 0
    table = pq.read_table(counts / "pack.parquet")
    assert table.column_names == ["row", "order", "id", "source", "tokens"]
    assert names(table) == ["a", "b", "e", "d"]
    assert table.column("row").to_pylist() == [0, 0, 1, 1]
    assert table.column("order").to_pylist() == [0, 1, 0, 1]
    assert table.column("tokens").to_pylist() == [5, 3, 4, 2]


def test_lengths_are_those_of_the_data_in_order(counts):
    run("pack", counts, "--size", 8)
    assert np.load(counts / "lengths.npy").tolist() == [5, 3, 9, 2, 4, 0]


def test_what_has_no_row_is_told_and_why(counts):
    found = run("pack", counts, "--size", 8)
    lines = found.stdout.splitlines()
    assert lines[0] == "rows     2 of 8 tokens, 87.5 % full"
    assert lines[1] == "items    4, the longest of all has 9 tokens"
    assert lines[2] == "left out 1 item longer than a row, 1 item that could not be counted"
    assert lines[3].endswith("c.txt: 9 tokens")
    document = json.loads(run("pack", counts, "--size", 8, "--json").stdout)
    assert [item["why"].partition(":")[0] for item in document["left_out"]] == [
        "longer than a row",
        "SourceError",
    ]
    assert (document["rows"], document["fill"], document["tokens"]) == (2, 0.875, 14)


def test_strict_is_exit_1_where_something_is_left_out(counts):
    assert run("pack", counts, "--size", 8, "--strict").exit_code == 1
    assert run("pack", counts, "--size", 8, "-q").stdout == "2\n"


def test_an_end_behind_each_item_takes_its_place(counts):
    """5 + 1 and 3 + 1 are more than 8 together: three rows."""
    packed = Scan(counts).pack(8, extra=1)
    assert packed.plan.count == 3
    assert packed.lengths.tolist() == [6, 4, 10, 3, 5, 0]
    assert packed.left_out[0]["tokens"] == 10


def test_pictures_are_capped(tmp_path):
    from PIL import Image

    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(5):
        Image.new("RGB", (32, 32)).save(folder / f"{number}.png")
    scan = multitok.scan(folder, models="gpt-4o", out=tmp_path / "counts", workers=0)
    assert scan.table(["images"]).column("images").to_pylist() == [1] * 5
    packed = scan.pack(100_000, max_images=2)
    assert [len(row) for row in packed.plan.contents()] == [2, 2, 1]


def test_the_pictures_of_a_request_are_counted_with_it(tmp_path):
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}
    from base64 import b64encode
    from io import BytesIO

    from PIL import Image

    file = BytesIO()
    Image.new("RGB", (32, 32)).save(file, "PNG")
    picture["image_url"]["url"] += b64encode(file.getvalue()).decode()
    content = [{"type": "text", "text": "Which?"}, picture, picture]
    request = {"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}
    lines = tmp_path / "batch.jsonl"
    lines.write_text(json.dumps(request) + "\n")
    scan = multitok.scan(lines, out=tmp_path / "counts", workers=0)
    assert scan.table(["images"]).column("images").to_pylist() == [2]


def test_the_columns_of_a_row_are_one_item(tmp_path):
    """Texts of 2 and 3 tokens in a row, and one row of which one cell is no text."""
    rows = [{"a": "xx", "b": "yyy"}, {"a": "xxxx", "b": None}, {"a": "x", "b": "y"}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    scan = multitok.scan(
        tmp_path / "a.jsonl", tokenizer="bytes", text=["a", "b"], out=tmp_path / "counts", workers=0
    )
    packed = scan.pack(7)
    assert packed.lengths.tolist() == [5, 0, 2]
    assert packed.table.column("id").to_pylist() == [f"{tmp_path}/a.jsonl#{n}" for n in (1, 3)]
    (out,) = packed.left_out
    assert out["id"] == f"{tmp_path}/a.jsonl#2"
    assert out["why"].startswith("MediaError: b: ")


def test_of_several_models_one_is_named(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    models = ["gpt-4o", "gpt-4"]
    scan = multitok.scan(tmp_path / "a.txt", models=models, out=tmp_path / "counts", workers=0)
    with pytest.raises(MediaError, match="name the model whose counts are packed"):
        scan.pack(8)
    with pytest.raises(MediaError, match="has no counts of 'gpt-5'"):
        scan.pack(8, model="gpt-5")
    assert len(scan.pack(8, model="gpt-4").table) == 1


def test_a_scan_goes_on_in_a_folder_that_was_packed(counts):
    run("pack", counts, "--size", 8)
    assert multitok.scan(counts.parent / "data", tokenizer="bytes", out=counts, workers=0)
    assert (counts / "pack.parquet").exists()
