"""A checkpoint folder to a catalogue row: the rules of its processors, with its own numbers.

Pictures are read here, clips in from_hf_video.py, sound in from_hf_audio.py.

Reads preprocessor_config.json, video_preprocessor_config.json, processor_config.json, config.json
and, for text, tokenizer.json; no weights, no torch. A number that the rule needs and no file has is
an error that names the key and the file: a default here would be a wrong count there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from multitok.catalog.checkpoint import (
    CONFIG,
    PREPROCESSOR,
    PROCESSOR,
    VIDEO,
    Folder,
    Made,
    Readers,
)
from multitok.catalog.from_hf_audio import AUDIO_READERS
from multitok.catalog.from_hf_grids import GRIDS
from multitok.catalog.from_hf_tiles import TILES
from multitok.catalog.from_hf_video import VIDEO_READERS, sampling_options
from multitok.catalog.from_hf_views import VIEWS
from multitok.core.boundary import boundary
from multitok.core.errors import MultitokError
from multitok.core.registry import build, names

READERS: Readers = {**GRIDS, **TILES, **VIEWS}
"""Of pictures, by the class of the processor."""


def row_from_folder(path: str | Path) -> dict[str, Any]:
    """The row of one checkpoint folder, as a `[[model]]` of a catalogue file.

    CatalogError where the folder has no processor multitok knows, or lacks what the rule needs: it
    says which key of which file.
    """
    with boundary("reading", path, naming=True):
        return _row(Folder(Path(path)))


def _row(folder: Folder) -> dict[str, Any]:
    row: dict[str, Any] = {"id": folder.name()}
    for modality, (file, kind, readers) in _processors(folder).items():
        reader = readers.get(kind)
        if reader is not None:
            made = reader(folder)
            row[modality] = _rule(folder, file, made)
            row[modality] |= sampling_options(folder, made) if modality == "video" else {}
        elif modality == "video" and "image" in row:
            row["video"] = {"unknown": f"{kind} is no video processor that multitok reads"}
        else:
            known = ", ".join(sorted(readers))
            raise folder.error(file, f"{modality}_processor_type {kind!r} is none of {known}")
    vocabulary = folder.path / "tokenizer.json"
    if vocabulary.is_file() and "hf" in names():
        row["text"] = {
            "tokenizer": "hf",
            "kind": "exact",
            "source": f"tokenizer.json of {folder.name()}",
            "params": {"path": str(vocabulary)},
        }
    window = folder.find(CONFIG, "text_config", "max_position_embeddings") or folder.find(
        CONFIG, "max_position_embeddings"
    )
    if type(window) is int:
        row["context_window"] = window
    return row


def _processors(folder: Folder) -> dict[str, tuple[str, str, Readers]]:
    """Modality -> the file that names its processor, the processor's class, who can read it."""
    found: dict[str, tuple[str, str, Readers]] = {}
    heard = folder.value(str, PREPROCESSOR, "feature_extractor_type")
    if heard in AUDIO_READERS:
        found["audio"] = (PREPROCESSOR, heard, AUDIO_READERS)
    if folder.files[PREPROCESSOR] and not (
        found and folder.find(PREPROCESSOR, "image_processor_type") is None
    ):
        kind = folder.processor()
        modality = "video" if kind in VIDEO_READERS else "image"  # an encoder of clips alone
        found[modality] = (PREPROCESSOR, kind, {"image": READERS, "video": VIDEO_READERS}[modality])
    if folder.files[VIDEO]:
        found["video"] = (VIDEO, folder.video_processor(), VIDEO_READERS)
    return found


def _rule(folder: Folder, file: str, made: Made) -> dict[str, Any]:
    """The rule of one modality; CatalogError where the tokenizer refuses the numbers."""
    tokenizer, params = made
    try:
        build(tokenizer, params)
    except (MultitokError, TypeError, ValueError) as error:
        raise folder.error(file, f"{tokenizer!r} refuses these numbers: {error}") from error
    source = file if (folder.path / file).is_file() else PROCESSOR
    return {
        "tokenizer": tokenizer,
        "kind": "exact",
        "source": f"{source} of {folder.name()}",
        "params": params,
    }


def to_toml(row: Mapping[str, Any], provider: str = "local") -> str:
    """The row as a catalogue file: `multitok count photo.jpg -m ID --catalog FILE`."""
    lines = [f"provider = {_toml(provider)}", "", "[[model]]", f"id = {_toml(row['id'])}"]
    if "context_window" in row:
        lines.append(f"context_window = {row['context_window']}")
    for modality in ("text", "image", "video", "audio"):
        rule = dict(row.get(modality, {}))
        options = rule.pop("options", {})
        if rule:
            lines += ["", f"[model.{modality}]", *(f"{k} = {_toml(v)}" for k, v in rule.items())]
        for name, option in options.items():
            lines += ["", f"[model.{modality}.options.{name}]"]
            lines += [f"{k} = {_toml(v)}" for k, v in option.items()]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key} = {_toml(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)  # TOML's strings, numbers, true and false
