"""A scan of loose files: rows, totals, and what is counted again."""

import errno
import json
import os
from pathlib import Path

import pytest
from linked_files import linked, rewrite
from PIL import Image

import multitok
from multitok import ImageInfo, MediaError, OutputError, Scan, SourceError, UnknownNameError, scan
from multitok.loaders.source import Source

MODEL = "gpt-5.4"


@pytest.fixture
def photos(tmp_path):
    """30 pictures in two folders, one of them broken."""
    folder = tmp_path / "photos"
    for number in range(30):
        place = folder / "ab"[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40 + 7 * number, 30 + number)).save(place / f"{number:02}.png")
    (folder / "a" / "04.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder


def rows_of(found):
    """The rows by id and model, without the unit."""
    table = found.table()
    rows = [{**row, "unit": None} for row in table.to_pylist()]
    by = {(row["id"], row["model"]): row for row in rows}
    assert len(by) == len(rows)
    return by


def test_a_row_is_what_count_gives(photos, tmp_path):
    path = str(photos / "b" / "07.png")
    found = rows_of(scan(photos, models=MODEL, out=tmp_path / "counts", workers=0))
    row, counted = found[path, MODEL], multitok.count(path, model=MODEL)
    assert (row["tokens"], row["kind"], row["modality"]) == (
        counted.tokens,
        counted.kind,
        "image",
    )
    assert (row["width"], row["height"]) == (89, 37)
    assert row["group"] == str(photos / "b")


def test_an_item_that_cannot_be_read_is_a_row_with_its_error(photos, tmp_path):
    found = scan(photos, models=MODEL, out=tmp_path / "counts", workers=0)
    row = rows_of(found)[str(photos / "a" / "04.png"), MODEL]
    assert (found.items, found.failed, row["tokens"]) == (30, 1, None)
    assert row["error"].startswith("SourceError: ")


def test_a_file_that_is_not_there_is_a_row_too(photos, tmp_path):
    missing = str(tmp_path / "no.png")
    found = scan([photos, missing], models=MODEL, out=tmp_path / "counts", workers=0)
    assert "no such file" in rows_of(found)[missing, MODEL]["error"]


def test_each_model_has_a_row(photos):
    found = scan(photos, models=[MODEL, "claude-opus-5"], workers=0)
    assert (found.items, found.rows) == (30, 60)
    totals = {total.by["model"]: total.tokens for total in found.totals("model")}
    pictures = [path for path in photos.rglob("*.png") if path.name != "04.png"]
    for model, tokens in totals.items():
        assert tokens == sum(multitok.count(str(path), model=model).tokens for path in pictures)


def test_workers_give_the_rows_of_one_process(photos, tmp_path):
    here = scan(photos, models=MODEL, out=tmp_path / "here", workers=0)
    there = scan(photos, models=MODEL, out=tmp_path / "there", workers=2)
    assert rows_of(here) == rows_of(there)


def test_a_second_scan_counts_nothing_again(photos, tmp_path):
    met = []
    for _ in range(2):
        scan(photos, models=MODEL, out=tmp_path / "counts", workers=0, progress=met.append)
    assert [progress.items for progress in met] == [30]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    for name in range(5000):
        (folder / f"{name:05}.txt").write_text(f"text number {name}")
    return folder


@pytest.fixture
def many(written, tmp_path):
    """Texts in files of their own: enough for several units."""
    return linked(written, tmp_path / "texts")


@pytest.mark.parametrize("change", ["touch", "front", "append", "delete"])
def test_what_changed_is_counted_again_and_no_more(change, many, tmp_path):
    folder, out = many, tmp_path / "counts"
    scan(folder, models=MODEL, out=out, workers=0)
    if change == "touch":
        rewrite(folder / "02000.txt", "another text, and longer")
    elif change == "front":
        (folder / "00000-a.txt").write_text("before them all")
    elif change == "append":
        (folder / "99999.txt").write_text("the last")
    else:
        (folder / "03000.txt").unlink()
    met = []
    again = scan(folder, models=MODEL, out=out, workers=0, progress=met.append)
    assert len(met) <= 2
    assert rows_of(again) == rows_of(scan(folder, models=MODEL, workers=0))
    assert len(list(out.glob("*.parquet"))) == len(again.parts)


def test_what_failed_is_counted_again_where_that_is_asked(tmp_path, monkeypatch):
    """A disk that fails for a moment leaves its error in the rows until somebody asks again."""
    (tmp_path / "a.txt").write_text("hello world")
    out, path = tmp_path / "counts", str(tmp_path / "a.txt")

    def failing(*args):
        raise OSError(errno.EIO, "Input/output error", path)

    with monkeypatch.context() as patch:
        patch.setattr(Source, "head", failing)
        assert scan(path, models=MODEL, out=out, workers=0).failed == 1
    assert scan(path, models=MODEL, out=out, workers=0).failed == 1
    found = scan(path, models=MODEL, out=out, workers=0, retry=True)
    assert (found.tokens, found.failed) == (2, 0)


def test_what_did_not_fail_is_not_counted_again(photos, tmp_path):
    out = tmp_path / "counts"
    scan([photos / "a", photos / "b"], models=MODEL, out=out, workers=0)
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("*.parquet")}
    again = scan([photos / "a", photos / "b"], models=MODEL, out=out, workers=0, retry=True)
    after = {path.name: path.stat().st_mtime_ns for path in out.glob("*.parquet")}
    assert again.failed == 1
    assert sum(before[name] != after[name] for name in before) == 1 < len(before) == len(after)


def test_shards_into_one_folder_are_the_whole(many, tmp_path):
    folder, out = many, tmp_path / "counts"
    items = []
    for number in range(3):
        words = {"models": MODEL, "out": out, "workers": 0, "shard": (number, 3)}
        items.append(scan(folder, **words).items)
        if number < 2:
            with pytest.raises(SourceError, match="of 3 shards are not finished: --shard"):
                Scan(out)
    assert sum(items) == 5000
    assert rows_of(Scan(str(out))) == rows_of(scan(folder, models=MODEL, workers=0))


def test_a_folder_with_other_files_is_not_written_into(photos, tmp_path):
    with pytest.raises(OutputError, match=r"holds 'a', which no scan wrote. Name a folder"):
        scan(photos, models=MODEL, out=photos, workers=0)


def test_another_version_of_the_catalogue_counts_anew(photos, tmp_path):
    rows = tmp_path / "rows.toml"
    rows.write_text('[[model]]\nid = "mine"\n')
    met = []
    words = {"models": MODEL, "out": tmp_path / "counts", "workers": 0, "progress": met.append}
    scan(photos, **words)
    scan(photos, catalog=str(rows), **words)
    assert [progress.items for progress in met] == [30, 30]


def test_a_scan_can_be_read_again_from_its_folder(photos, tmp_path):
    first = scan(photos, models=MODEL, out=tmp_path / "counts", workers=0)
    assert Scan(str(tmp_path / "counts")).totals() == first.totals()


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ({"models": "gpt-9"}, UnknownNameError, "unknown model 'gpt-9'"),
        ({"models": MODEL, "read_as": "photo"}, UnknownNameError, "unknown way to read 'photo'"),
        ({"models": MODEL, "engine": "dask"}, UnknownNameError, "unknown engine 'dask'"),
        ({"models": MODEL, "workers": -1}, MediaError, "workers must be 0 or more"),
        ({"models": MODEL, "tokenizer": "o200k_base"}, MediaError, "not both"),
        ({"read_as": "image"}, MediaError, "name a model to count image for"),
    ],
)
def test_what_is_wrong_with_all_items_is_said_at_once(words, error, message, photos):
    with pytest.raises(error, match=message):
        scan(photos, **words)


def test_nothing_to_scan_is_said(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match=r"nothing to scan in .*empty"):
        scan(tmp_path / "empty", models=MODEL, workers=0)


def test_names_that_are_no_text_are_rows(tmp_path):
    """A file name of Linux is bytes: 0xff is no UTF-8."""
    folder = tmp_path / "texts"
    folder.mkdir()
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.txt")).write_text("hello")
    [row] = scan(folder, models=MODEL, workers=1).table().to_pylist()
    assert (row["id"], row["tokens"]) == (f"{folder}/\\udcff.txt", 1)


def test_a_request_in_a_json_file_is_one_and_no_text(tmp_path):
    """Its picture would be thousands of tokens of base64 as text."""
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}
    (tmp_path / "one.json").write_text(json.dumps(asked))
    batch = [{"custom_id": name, "params": asked} for name in ("x", "y")]
    (tmp_path / "two.json").write_text(json.dumps({"requests": batch}))
    (tmp_path / "data.json").write_text('{"a": 1}')
    found = scan(tmp_path, models=MODEL, workers=0).table().to_pylist()
    assert [(row["id"].removeprefix(f"{tmp_path}/"), row["modality"]) for row in found] == [
        ("data.json", "text"),
        ("one.json", "request"),
        ("two.json#x", "request"),
        ("two.json#y", "request"),
    ]
    [tokens] = {row["tokens"] for row in found[1:]}
    assert tokens == multitok.count_request(asked, MODEL).tokens


def test_pictures_that_a_request_names_may_be_given_a_size(tmp_path):
    """1024 x 1024 is 765 tokens to gpt-4o, and nothing is fetched."""
    picture = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    request = {"model": "gpt-4o", "messages": [{"role": "user", "content": [picture]}]}
    (tmp_path / "a.jsonl").write_text(json.dumps(request))
    known = multitok.scan(tmp_path, assume_image=ImageInfo(1024, 1024), workers=1)
    assert multitok.scan(tmp_path, workers=0).table()["kind"].to_pylist() == ["unknown"]
    assert known.table().select(["image_tokens", "kind"]).to_pylist() == [
        {"image_tokens": 765, "kind": "documented"}
    ]
