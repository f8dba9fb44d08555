"""Folders that are one source: data sets of LeRobot, and those that Hugging Face saved."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from material import VALUES
from mutators import dumped, json_like, parsed
from of_columns import alike
from of_scans import scanned
from targets import scratch, target, written

from multitok.datasets.units import Reading
from multitok.loaders.source import Source

ROBOT = {
    "info": {
        "codebase_version": "v2.1", "fps": 30, "chunks_size": 1000,
        "data_path": "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
        "features": {
            "action": {"dtype": "float32", "shape": [2], "names": {"motors": ["a", "b"]}},
            "observation.images.top": {"dtype": "video", "shape": [4, 6, 3], "names": None}}},
    "episodes": [{"episode_index": 0, "length": 3}, {"episode_index": 1, "length": 3}],
    "stats": {"action": {"q01": [0.0, 0.0], "q99": [5.0, 6.0], "min": [0, 0], "max": [5, 6]}},
}  # fmt: skip
PATHS = ["{episode_index:999999999}", "{episode_index.real}", "{0}", "{", "/etc/passwd", "../x"]
SAVED = {
    "state": {"_data_files": [{"filename": "data.arrow"}], "_indices_data_files": None},
    "dict": {"splits": ["train"]}, "about": {"features": {"text": {"dtype": "string"}}},
}  # fmt: skip


@cache
def _robot() -> str:
    """The folder, with the steps of two episodes."""
    for number in range(2):
        steps = pa.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]], pa.list_(pa.float32(), 2))
        table = pa.table({"action": steps, "episode_index": [number] * 3})
        path = written(f"robot/data/chunk-000/episode_{number:06d}.parquet", b"")
        pq.write_table(table, path)
    return str(scratch() / "robot")


@target(seeds=lambda: dumped([ROBOT]), mutate=json_like([*VALUES, *PATHS], [ROBOT]))
def lerobot(data: bytes) -> None:
    """What a data set of movement says of itself."""
    document: Any = parsed(data)
    if not isinstance(document, dict):
        return
    folder = _robot()
    written("robot/meta/info.json", json.dumps(document.get("info")))
    written("robot/meta/stats.json", json.dumps(document.get("stats")))
    rows = document.get("episodes")
    lines = rows if isinstance(rows, list) else [rows]
    written("robot/meta/episodes.jsonl", "\n".join(map(json.dumps, lines)))
    alike(Source(folder, directory=True), "actions")


@target(seeds=lambda: dumped([SAVED]), mutate=json_like([*VALUES, "data.arrow", "."], [SAVED]))
def saved_data_set(data: bytes) -> None:
    """The JSON around the files of a saved data set."""
    document: Any = parsed(data)
    if not isinstance(document, dict):
        return
    table = pa.table({"text": ["hello", "x"]})
    with pa.ipc.new_stream(written("saved/train/data.arrow", b""), table.schema) as out:
        out.write_table(table)
    written("saved/train/state.json", json.dumps(document.get("state")))
    written("saved/train/dataset_info.json", json.dumps(document.get("about")))
    written("saved/dataset_dict.json", json.dumps(document.get("dict")))
    scanned(scratch() / "saved", Reading())
