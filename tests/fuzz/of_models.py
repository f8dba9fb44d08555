"""Where models come from: checkpoint folders, and catalogues of one's own."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from material import CHECKPOINTS, OWN, STRANGE, toml
from mutators import changed, dumped, json_like, parsed
from targets import ROOT, target, written

import multitok
from multitok.catalog.from_hf import row_from_folder, to_toml
from multitok.catalog.load import Catalog
from multitok.catalog.rows import read_rows
from multitok.core.errors import MultitokError, UnexpectedError
from multitok.core.info import Info
from multitok.report.catalogue import model_to_dict, render_model

CONFIGS = ("config.json", "processor_config.json", "preprocessor_config.json")
SHAPES: dict[str, Info] = {
    "image": multitok.ImageInfo(640, 480),
    "video": multitok.VideoInfo(64, 64, 10, fps=10),
    "audio": multitok.AudioInfo(16000, 16000),
    "series": multitok.SeriesInfo(100),
    "actions": multitok.ActionsInfo(10, 3),
    "pdf": multitok.PdfInfo(2),
}


@target(seeds=lambda: dumped(CHECKPOINTS), mutate=json_like(STRANGE, CHECKPOINTS))
def checkpoint(data: bytes) -> None:
    """A checkpoint's folder, made a row, read as a catalogue, and counted by."""
    files = parsed(data)
    if not isinstance(files, dict):
        return
    path = written("checkpoint/config.json", "{}")
    for old in path.parent.iterdir():
        old.unlink()
    for name, content in files.items():
        if name in CONFIGS or (name.endswith("_preprocessor_config.json") and "/" not in name):
            written(f"checkpoint/{name}", json.dumps(content))
    rows = read_rows(written("row.toml", to_toml(row_from_folder(path.parent))))
    _counted(Catalog(rows))


def _counted(catalog: Catalog) -> None:
    """A few models: what each of their rules counts, and how they are told."""
    for model in catalog.models()[:8]:
        for modality in model.rules:
            try:
                counter = model.rule(modality).counter()
            except UnexpectedError:
                raise
            except MultitokError:
                continue
            if modality == "text":
                _asked(counter, multitok.Text("abc def"))
            else:
                _asked(counter, SHAPES[modality])
        render_model(model, color=False)
        json.dumps(model_to_dict(model))


def _rows(data: bytes, chance: Random) -> bytes:
    """The rows of a catalogue with a value changed."""
    document = json.loads(json.dumps(OWN))
    for _ in range(chance.choice([1, 1, 2, 3])):
        document = changed(document, chance, [*STRANGE, "inf", "text"], [OWN])
    return toml(document).encode("utf-8", "replace") if isinstance(document, dict) else data


@target(
    seeds=lambda: [toml(OWN).encode(), (ROOT / "docs" / "acme.toml").read_bytes()],
    mutate=_rows,
    longest=14_000,
)
def catalogue(data: bytes) -> None:
    """A catalogue of one's own."""
    _counted(Catalog(read_rows(written("own.toml", data))))


def _asked(counter: Any, shape: Info) -> None:
    """A count, which may be refused: another shape is asked after it."""
    try:
        counter.count(shape)
    except UnexpectedError:
        raise
    except MultitokError:
        pass
