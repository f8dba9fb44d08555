"""A checkpoint folder to a catalogue row: the rules of its processors, with its own numbers.

Reads preprocessor_config.json, video_preprocessor_config.json, processor_config.json, config.json
and, for text, tokenizer.json; no weights, no torch. A number that the rule needs and no file has is
an error that names the key and the file: a default here would be a wrong count there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isqrt
from pathlib import Path
from typing import Any

from multitok.catalog.checkpoint import (
    CONFIG,
    PREPROCESSOR,
    PROCESSOR,
    VIDEO,
    Folder,
    Made,
    Params,
    Readers,
    Share,
)
from multitok.catalog.from_hf_video import VIDEO_READERS, sampling_options
from multitok.core.boundary import boundary
from multitok.core.errors import MultitokError
from multitok.core.registry import build, names


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
    if folder.files[PREPROCESSOR]:
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
    for modality in ("text", "image", "video"):
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


def qwen_vl(folder: Folder) -> Made:
    rule = "fit-merge"
    return rule, {**folder.patches(rule), **folder.limits(rule), **folder.look()}


def glm_v(folder: Folder) -> Made:
    rule = "fit-merge"
    made = {**folder.patches(rule), **folder.limits(rule), **folder.look()}
    return rule, {**made, "small": "enlarge", "frames": made["temporal"], "token": "<|image|>"}


def llava_next(folder: Folder) -> Made:
    rule = "anyres"
    size = folder.side(rule, "crop_size" if folder.find(PREPROCESSOR, "crop_size") else "size")
    patch = folder.whole(rule, (PROCESSOR, "patch_size"), (CONFIG, "vision_config", "patch_size"))
    side = size // patch
    strategy = folder.find(PROCESSOR, "vision_feature_select_strategy") or folder.find(
        CONFIG, "vision_feature_select_strategy"
    )
    if strategy is None:
        raise folder.lacks(PROCESSOR, "vision_feature_select_strategy", rule)
    kept = folder.value(int, PROCESSOR, "num_additional_image_tokens") or 0
    if strategy == "default":
        kept = max(0, kept - 1)
    made = {"size": size, "side": side, "pinpoints": _pinpoints(folder, rule), "base_extra": kept}
    return rule, {**made, **folder.look()}


def llava_onevision(folder: Folder) -> Made:
    rule = "anyres"
    tokens = folder.whole(rule, (PROCESSOR, "num_image_tokens"))
    side = isqrt(tokens)
    if side * side != tokens:
        raise folder.error(PROCESSOR, f"num_image_tokens must be a square, got {tokens}")
    ratio = folder.find(PROCESSOR, "vision_aspect_ratio") or folder.find(
        CONFIG, "vision_aspect_ratio"
    )
    limit = str(ratio or "").removeprefix("anyres_max_")
    if not limit.isdecimal() or len(limit) > 9:
        raise folder.lacks(PROCESSOR, "vision_aspect_ratio", rule)
    size = folder.side(rule, "size")
    made = {"size": size, "side": side, "pinpoints": _pinpoints(folder, rule)}
    return rule, {**made, "max_tiles": int(limit), **folder.look()}


def _pinpoints(folder: Folder, rule: str) -> list[list[int]]:
    pairs = list[tuple[int, int]]
    listed = folder.value(pairs, PREPROCESSOR, "image_grid_pinpoints")
    listed = listed or folder.value(pairs, CONFIG, "image_grid_pinpoints")
    if not listed:
        raise folder.lacks(PREPROCESSOR, "image_grid_pinpoints", rule)
    return [[tall, wide] for tall, wide in listed]


def got_tiles(folder: Folder) -> Made:
    """InternVL and Aya Vision, which cut pictures whatever crop_to_patches says."""
    rule = "ratio-tiles"
    size = folder.side(rule, "size")
    made: Params = {
        "size": size,
        "min_tiles": folder.whole(rule, (PREPROCESSOR, "min_patches")),
        "max_tiles": folder.whole(rule, (PREPROCESSOR, "max_patches")),
        **folder.look(),
    }
    if folder.model_type() == "aya_vision":
        patch = folder.whole(
            rule, (PROCESSOR, "patch_size"), (CONFIG, "vision_config", "patch_size")
        )
        factor = folder.whole(rule, (PROCESSOR, "downsample_factor"), (CONFIG, "downsample_factor"))
        names_ = {"tile_name": "TILE_{}", "overview_name": "TILE_GLOBAL"}
        ends = {"start": ["<|START_OF_IMG|>"], "end": ["<|END_OF_IMG|>"], "token": "<|IMG_PATCH|>"}
        return rule, {**made, "tokens": (size // (patch * factor)) ** 2, **names_, **ends}
    tokens = folder.whole(rule, (PROCESSOR, "image_seq_length"), (CONFIG, "image_seq_length"))
    return rule, {**made, "tokens": tokens, "start": ["<img>"], "end": ["</img>"]}


def internvl_chat(folder: Folder) -> Made:
    """The original InternVL checkpoints: their numbers stand in config.json."""
    rule = "ratio-tiles"
    size = folder.whole(rule, (CONFIG, "force_image_size"))
    patch = folder.whole(rule, (CONFIG, "vision_config", "patch_size"))
    ratio = folder.value(float, CONFIG, "downsample_ratio")
    if ratio is None:
        raise folder.lacks(CONFIG, "downsample_ratio", rule)
    made = {
        "size": size,
        "tokens": int((size // patch) ** 2 * ratio**2),
        "min_tiles": folder.whole(rule, (CONFIG, "min_dynamic_patch")),
        "max_tiles": folder.whole(rule, (CONFIG, "max_dynamic_patch")),
    }
    return rule, {**made, "start": ["<img>"], "end": ["</img>"], **folder.look()}


def pixtral(folder: Folder) -> Made:
    rule = "row-break"
    patch = folder.side(rule, "patch_size", "height")
    merge = 1
    if folder.model_type().startswith("mistral"):
        merge = folder.whole(
            rule, (PROCESSOR, "spatial_merge_size"), (CONFIG, "spatial_merge_size")
        )
    longest = folder.side(rule, "size", "longest_edge")
    return rule, {"longest": longest, "patch": patch, "merge": merge, **folder.look()}


def mllama(folder: Folder) -> Made:
    rule = "cross-tiles"
    return rule, {
        "size": folder.side(rule, "size"),
        "max_tiles": folder.whole(rule, (PREPROCESSOR, "max_image_tiles")),
        "patch": folder.whole(rule, (CONFIG, "vision_config", "patch_size")),
    }


def llama4(folder: Folder) -> Made:
    rule = "separated-tiles"
    ratio = folder.value(Share, PROCESSOR, "pixel_shuffle_ratio") or folder.value(
        Share, CONFIG, "vision_config", "pixel_shuffle_ratio"
    )
    if not ratio:
        raise folder.lacks(CONFIG, "vision_config.pixel_shuffle_ratio", rule)
    return rule, {
        "size": folder.side(rule, "size"),
        "max_tiles": folder.whole(rule, (PREPROCESSOR, "max_patches")),
        "patch": folder.whole(
            rule, (PROCESSOR, "patch_size"), (CONFIG, "vision_config", "patch_size")
        ),
        "shuffle": round(1 / ratio),
        **folder.look(),
    }


def gemma3(folder: Folder) -> Made:
    rule = "pan-and-scan"
    made: Params = {
        "size": folder.side(rule, "size"),
        "tokens": folder.whole(
            rule,
            (PROCESSOR, "image_seq_length"),
            (PREPROCESSOR, "image_seq_length"),
            (CONFIG, "mm_tokens_per_image"),
        ),
        **folder.look(),
    }
    if folder.find(PREPROCESSOR, "do_pan_and_scan"):
        made["max_crops"] = folder.whole(rule, (PREPROCESSOR, "pan_and_scan_max_num_crops"))
        made["min_crop"] = folder.whole(rule, (PREPROCESSOR, "pan_and_scan_min_crop_size"))
        ratio = folder.value(float, PREPROCESSOR, "pan_and_scan_min_ratio_to_activate")
        if ratio is None:
            raise folder.lacks(PREPROCESSOR, "pan_and_scan_min_ratio_to_activate", rule)
        made["min_ratio"] = float(ratio)
    return rule, made


def idefics3(folder: Folder) -> Made:
    rule = "named-tiles"
    split = folder.find(PREPROCESSOR, "do_image_splitting")
    if not isinstance(split, bool):
        raise folder.lacks(PREPROCESSOR, "do_image_splitting", rule)
    return rule, {
        "longest": folder.side(rule, "size", "longest_edge"),
        "size": folder.side(rule, "max_image_size", "longest_edge"),
        "tokens": folder.whole(rule, (PROCESSOR, "image_seq_len")),
        "split": split,
        **folder.look(),
    }


def naflex(folder: Folder) -> Made:
    rule = "naflex"
    return rule, {
        "patch": folder.whole(rule, (PREPROCESSOR, "patch_size")),
        "max_patches": folder.whole(rule, (PREPROCESSOR, "max_num_patches")),
        **folder.look(),
    }


EXTRA = {"clip": 1, "vit": 1, "dinov2": 1, "siglip": 0, "paligemma": 0, "llava": 0}
"""The encoder's own tokens beside its patches, by model type; LLaVA drops CLIP's class token."""


def fixed_square(folder: Folder) -> Made:
    """CLIP, ViT, SigLIP, DINOv2, and the models that read one square: LLaVA-1.5, PaliGemma."""
    rule, kind = "fixed-grid", folder.model_type()
    if kind not in EXTRA:
        known = ", ".join(sorted(EXTRA))
        raise folder.error(CONFIG, f"model_type {kind!r} is none of {known}")
    nested = (CONFIG, "vision_config", "patch_size")
    patch = folder.whole(rule, nested, (CONFIG, "patch_size"), (PROCESSOR, "patch_size"))
    made: Params = {"patch": patch, "extra": EXTRA[kind], **folder.look()}
    if folder.find(PREPROCESSOR, "do_center_crop") and folder.find(PREPROCESSOR, "crop_size"):
        made["size"] = folder.side(rule, "crop_size")
        made["short"] = folder.side(rule, "size", "shortest_edge", "height")
        made["fill"] = "crop"
    else:
        made["size"] = folder.side(rule, "size")
    if kind == "llava":
        strategy = folder.find(PROCESSOR, "vision_feature_select_strategy") or folder.find(
            CONFIG, "vision_feature_select_strategy"
        )
        made["extra"] = 0 if strategy in (None, "default") else 1
    return rule, made


READERS: Readers = {
    "BitImageProcessor": fixed_square,
    "CLIPImageProcessor": fixed_square,
    "Gemma3ImageProcessor": gemma3,
    "Glm46VImageProcessor": glm_v,
    "Glm4vImageProcessor": glm_v,
    "GotOcr2ImageProcessor": got_tiles,
    "Idefics3ImageProcessor": idefics3,
    "InternVLChat": internvl_chat,
    "Llama4ImageProcessor": llama4,
    "LlavaNextImageProcessor": llava_next,
    "LlavaOnevisionImageProcessor": llava_onevision,
    "MllamaImageProcessor": mllama,
    "PixtralImageProcessor": pixtral,
    "Qwen2VLImageProcessor": qwen_vl,
    "Siglip2ImageProcessor": naflex,
    "SiglipImageProcessor": fixed_square,
    "SmolVLMImageProcessor": idefics3,
    "ViTImageProcessor": fixed_square,
}
