"""Engines that start processes of their own: Ray, Daft on Ray, Spark, datatrove."""

import subprocess
import sys

import pytest

import ends_once
import multitok
from one_table import MODEL, WANTED

BLOCKS = {"import pandas": "image", "from datatrove": "text"}


@pytest.fixture(scope="module")
def spark(data):
    from pyspark.sql import SparkSession

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        session = builder.getOrCreate()
        yield session
        session.stop()


@pytest.fixture(scope="module")
def cluster(data):
    import ray

    ray.init(num_cpus=2, include_dashboard=False, logging_level="error")
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield
    ray.shutdown()


def test_spark_gives_the_numbers_of_a_loop(spark, run_block):
    assert run_block("import pandas") == WANTED["image"]


def test_datatrove_gives_the_numbers_of_a_loop(run_block):
    """A document without text is none of its readers'."""
    assert run_block("from datatrove") == WANTED["text"][:1]


def test_ray_gives_the_numbers_of_a_loop(cluster, run_block):
    assert run_block("import ray") == WANTED["image"]


@pytest.mark.parametrize("column", ["text", "image"])
def test_ray_counts_two_columns_under_their_names(cluster, data, column):
    import ray

    from multitok.adapters.ray import Counter

    words = {"column": column, "model": MODEL, "modality": column, "prefix": f"{column}_"}
    ds = ray.data.read_parquet(str(data)).map_batches(
        Counter, fn_constructor_kwargs=words, batch_format="pyarrow", num_cpus=0.5,
        compute=ray.data.ActorPoolStrategy(size=1),
    )  # fmt: skip
    rows = ds.take_all()
    tokens = sum(row[f"{column}_tokens"] or 0 for row in rows)
    errors = sum(row[f"{column}_error"] is not None for row in rows)
    assert (tokens, errors) == WANTED[column]


def test_daft_on_ray_gives_the_numbers_of_a_loop(cluster, run_block):
    """In a process of its own: the runner of a process is chosen once."""
    import daft

    daft.set_runner_ray(noop_if_initialized=True)
    assert run_block("import daft") == WANTED["image"]


def test_a_scan_on_ray_is_that_of_this_process(cluster, texts, tmp_path):
    here = multitok.scan(str(texts), models=MODEL, workers=0)
    there = multitok.scan(str(texts), models=MODEL, workers=2, engine="ray", out=tmp_path / "out")
    assert here.table().equals(there.table())


def test_a_scan_goes_to_the_cluster_that_is_named(cluster, texts, tmp_path):
    import ray

    address = ray.get_runtime_context().gcs_address
    command = [sys.executable, "-m", "multitok", "scan", str(texts), "-m", MODEL, "-q"]
    there = [*command, "--engine", "ray", "--address", address, "--out", str(tmp_path / "out")]
    here, found = (
        subprocess.run(asked, capture_output=True, text=True) for asked in (command, there)
    )
    assert found.stdout == here.stdout, found.stderr
    assert f"ray cluster at address: {address}" in found.stderr.lower()


def test_an_address_where_nobody_answers_is_said_at_once(texts):
    with pytest.raises(multitok.SourceError, match=r"127.0.0.1:1: no Ray cluster answers there"):
        multitok.scan(str(texts), models=MODEL, engine="ray", address="127.0.0.1:1")


def test_a_process_of_ray_that_dies_loses_nothing(cluster, killer, texts, tmp_path):
    found = multitok.scan(
        str(texts), tokenizer=ends_once.EndsOnce.name, workers=2, engine="ray", out=tmp_path / "out"
    )
    assert killer.exists()
    assert (found.items, found.failed) == (4000, 0)
