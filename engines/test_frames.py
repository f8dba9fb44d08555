"""Engines that run in this process: Daft, Polars, DuckDB, Hugging Face datasets; and an S3."""

import os

import pyarrow.parquet as pq
import pytest

import multitok
from multitok.adapters import FIELDS, count_column
from one_table import IMAGES, MODEL, TEXTS, WANTED

KINDS = [("text", "text"), ("image", "image")]
BLOCKS = {
    "import daft": "image",
    "from datasets import": "image",
    "import polars": "image",
    "import duckdb": "text",
    "import pyarrow": "image",
}


@pytest.mark.parametrize(("first", "column"), BLOCKS.items(), ids=[*BLOCKS])
def test_a_recipe_gives_the_numbers_of_a_loop(first, column, run_block):
    assert run_block(first) == WANTED[column]


@pytest.mark.parametrize(("column", "modality"), KINDS)
@pytest.mark.parametrize("words", [{}, {"use_process": True, "max_concurrency": 2}])
def test_daft_gives_the_rows_of_the_function(data, column, modality, words):
    import daft

    from multitok.adapters.daft import tokens

    counted = tokens(column, model=MODEL, modality=modality, batch_size=4, **words)
    rows = daft.read_parquet(str(data)).select("id", counted.alias("counted")).to_pydict()
    of = dict(zip(rows["id"], rows["counted"], strict=True))
    cells = pq.read_table(data)[column].to_pylist()
    wanted = count_column(cells, model=MODEL, modality=modality)
    assert [of[str(row)] for row in range(len(TEXTS))] == [
        {name: wanted[name][row] for name in FIELDS} for row in range(len(TEXTS))
    ]


@pytest.mark.parametrize("processes", [None, 2])
def test_datasets_gives_the_rows_of_the_function_for_two_columns(data, processes):
    from datasets import Dataset, Image
    from multitok.adapters.huggingface import features, map_function

    ds = Dataset.from_parquet(str(data)).cast_column("image", Image(decode=False))
    for column in ("text", "image"):
        prefix = f"{column}_"
        function = map_function(column, model=MODEL, modality=column, prefix=prefix)
        given = features(ds, prefix=prefix)
        ds = ds.map(
            function, batched=True, batch_size=3, features=given, num_proc=processes,
            load_from_cache_file=False,
        )  # fmt: skip
        wanted = count_column(ds[column], model=MODEL, modality=column)
        assert {name: list(ds[prefix + name]) for name in FIELDS} == wanted


def test_datasets_knows_a_map_again(data):
    """The words of a function are its name in the cache, so a second run counts nothing."""
    from datasets.fingerprint import Hasher

    from datasets import Dataset
    from multitok.adapters.huggingface import map_function

    first, same, other = (
        Hasher.hash(map_function("text", model=model)) for model in (MODEL, MODEL, "gpt-4")
    )
    assert first == same != other
    assert Dataset.from_parquet(str(data)).num_rows == len(TEXTS)


def test_pictures_that_datasets_decodes_have_the_same_tokens(data):
    """Those that it can decode: a broken one ends its own map."""
    from datasets import Dataset, Image

    ds = Dataset.from_parquet(str(data)).select(range(3)).cast_column("image", Image())
    plain = ds.cast_column("image", Image(decode=False))
    decoded, read = (count_column(d["image"], model=MODEL, modality="image") for d in (ds, plain))
    assert decoded == read


# a scan


def test_a_scan_on_daft_is_that_of_this_process(texts, tmp_path):
    here = multitok.scan(str(texts), models=MODEL, workers=0)
    there = multitok.scan(str(texts), models=MODEL, workers=2, engine="daft", out=tmp_path / "out")
    assert here.table().equals(there.table())
    assert not [name for name in os.listdir(tmp_path / "out") if "work" in name]


def test_a_process_of_daft_that_dies_ends_the_scan_and_the_next_one_counts_the_rest(
    killer, texts, tmp_path
):
    import ends_once

    out = tmp_path / "out"
    words = {"tokenizer": ends_once.EndsOnce.name, "out": out, "workers": 1, "engine": "daft"}
    with pytest.raises(multitok.MultitokError, match="Parts that were written are kept"):
        multitok.scan(str(texts), **words)
    assert killer.exists()
    kept = {path.name: path.stat().st_mtime_ns for path in out.glob("*.parquet")}
    found = multitok.scan(str(texts), **words)
    assert (found.items, found.failed) == (4000, 0)
    assert {
        path.name: path.stat().st_mtime_ns for path in out.glob("*.parquet")
    }.items() > kept.items()
    assert kept


def frames(path):
    """The table as each engine holds it, by name."""
    import daft
    import duckdb
    import pandas
    import polars

    import datasets

    yield "daft", daft.read_parquet(str(path))
    yield "duckdb", duckdb.sql(f"select * from '{path}'")
    yield "pandas", pandas.read_parquet(path)
    yield "polars", polars.read_parquet(path)
    yield "pyarrow", pq.read_table(path)
    yield "datasets", datasets.Dataset.from_parquet(str(path)).data.table


@pytest.mark.parametrize("name", ["daft", "duckdb", "pandas", "polars", "pyarrow", "datasets"])
def test_a_frame_is_scanned_as_its_file_is(data, name):
    words = {"models": MODEL, "text": "text", "image": "image", "id": "id", "workers": 0}
    frame = dict(frames(data))[name]
    found, wanted = multitok.scan(frame, **words), multitok.scan(str(data), **words)
    columns = ["id", "modality", "tokens", "kind", "error"]
    assert found.table(columns).to_pylist() == wanted.table(columns).to_pylist()


# S3


@pytest.fixture(scope="module")
def s3():
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        import boto3

        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="data")
        yield client
    server.stop()


def test_a_bucket_is_counted_as_a_folder_is(s3, data, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(100):
        content = IMAGES[number % len(IMAGES)]
        name = f"{number % 7}/{number:04d}.jpg"
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
        s3.put_object(Bucket="data", Key=f"pictures/{name}", Body=content)
    here = multitok.scan(str(folder), models=MODEL, read_as="image", workers=0)
    there = multitok.scan("s3://data/pictures", models=MODEL, read_as="image", workers=0)
    assert (here.tokens, here.items) == (there.tokens, there.items)
    assert here.failed == there.failed > 0


def test_an_object_is_read_as_a_file_is(s3, data):
    from multitok.datasets.places import opened

    s3.put_object(Bucket="data", Key="data.parquet", Body=data.read_bytes())
    with opened("s3://data/data.parquet") as file:
        assert pq.read_table(file).equals(pq.read_table(data))
    assert os.environ["AWS_ENDPOINT_URL"].startswith("http://")
