"""A checkpoint's image processor to a rule of an overview, and parts of a picture beside it."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from multitok.catalog.checkpoint import (
    CONFIG,
    PREPROCESSOR,
    PROCESSOR,
    Folder,
    Made,
    Params,
    Readers,
)


def _strategy(folder: Folder, rule: str) -> str:
    """Which of the encoder's tokens are kept."""
    key = "vision_feature_select_strategy"
    found = folder.find(PROCESSOR, key) or folder.find(CONFIG, key)
    if found is None:
        raise folder.lacks(PROCESSOR, key, rule)
    return str(found)


def llava_next(folder: Folder) -> Made:
    """LLaVA-NeXT, and Granite Vision 4, which keeps a share of each tile's rows and columns."""
    rule = "anyres"
    size = folder.side(rule, "crop_size" if folder.find(PREPROCESSOR, "crop_size") else "size")
    patch = folder.whole(rule, (PROCESSOR, "patch_size"), (CONFIG, "vision_config", "patch_size"))
    kept = folder.value(int, PROCESSOR, "num_additional_image_tokens") or 0
    if _strategy(folder, rule) == "default":
        kept = max(0, kept - 1)
    side = int(size // patch * _downsampled(folder))
    made = {"size": size, "side": side, "pinpoints": _pinpoints(folder, rule), "base_extra": kept}
    return rule, {**made, **folder.look()}


def _downsampled(folder: Folder) -> Fraction:
    """The share of a tile's side that is left ("4/8"); all of it where none is named."""
    written = folder.find(PROCESSOR, "downsample_rate") or folder.find(CONFIG, "downsample_rate")
    if written is None:
        return Fraction(1)
    try:
        share = Fraction(str(written))
    except (ValueError, ZeroDivisionError):
        share = Fraction(0)
    if not 0 < share <= 1:
        raise folder.error(PROCESSOR, f"downsample_rate must be a share up to 1, got {written!r}")
    return share


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


def idefics2(folder: Folder) -> Made:
    rule = "quarters"
    return rule, {
        "longest": folder.whole(rule, (PREPROCESSOR, "size", "longest_edge")),
        "shortest": folder.whole(rule, (PREPROCESSOR, "size", "shortest_edge")),
        "tokens": folder.whole(rule, (PROCESSOR, "image_seq_len")),
        "split": folder.flag(rule, "do_image_splitting"),
    }


def idefics3(folder: Folder) -> Made:
    rule = "named-tiles"
    return rule, {
        "longest": folder.side(rule, "size", "longest_edge"),
        "size": folder.side(rule, "max_image_size", "longest_edge"),
        "tokens": folder.whole(rule, (PROCESSOR, "image_seq_len")),
        "split": folder.flag(rule, "do_image_splitting"),
        **folder.look(),
    }


def granite_docling(folder: Folder) -> Made:
    """A page of one tile where it is not cut; the fine path has four times the tokens."""
    rule = "page-tiles"
    tokens = folder.whole(rule, (PROCESSOR, "image_seq_len"))
    cut = folder.flag(rule, "crop_to_patches")
    dense = {
        ours: folder.value(float, PREPROCESSOR, theirs) or 0.0
        for ours, theirs in (
            ("dense_scale", "dense_max_scale"),
            ("dense_above", "dense_min_aspect"),
            ("dense_below", "dense_max_aspect"),
        )
    }
    return rule, {
        "size": folder.side(rule, "size"),
        "tokens": tokens * (4 if folder.flag(rule, "fine_route") else 1),
        "min_tiles": folder.whole(rule, (PREPROCESSOR, "min_patches")),
        "max_tiles": folder.whole(rule, (PREPROCESSOR, "max_patches")) if cut else 1,
        "dense_tiles": folder.value(int, PREPROCESSOR, "dense_max_patches") or 0,
        **dense,
    }


MERGES = {"16x": 4, "4x": 2}


def minicpm(folder: Folder) -> Made:
    """MiniCPM-V 4.6 and 4.7, and MiniCPM-OCR: published files leave the mode to the class."""
    rule, own = "adaptive-slices", "4x" if "Ocr" in folder.processor() else "16x"
    mode = str(folder.find(PREPROCESSOR, "downsample_mode") or own)
    if mode not in MERGES:
        raise folder.unread(PREPROCESSOR, "downsample_mode", "16x or 4x")
    if folder.find(PREPROCESSOR, "small_image_upsize") not in (None, "always"):
        raise folder.unread(PREPROCESSOR, "small_image_upsize", "always")
    cut, numbered = folder.flag(rule, "slice_mode"), folder.flag(rule, "use_image_id")
    return rule, {**_slices(folder, rule, cut, numbered), "merge": MERGES[mode]}


def minicpm_resampled(folder: Folder) -> Made:
    """OpenBMB's own class of MiniCPM-V 2 to 4.5, which gives every view the same queries.

    Up to 2.5 no picture has a number, and one pair of tokens stands around all of its slices.
    """
    rule = "adaptive-slices"
    queries = folder.whole(rule, (PREPROCESSOR, "image_feature_size"))
    made: Params = {"merge": 1, "fixed": queries}
    if (folder.value(float, PREPROCESSOR, "version") or 2.0) >= 2.6:
        cut, numbered = folder.flag(rule, "slice_mode"), folder.flag(rule, "use_image_id")
        return rule, {**_slices(folder, rule, cut, numbered), **made}
    made |= {"slice_start": "<image>", "slice_end": "</image>"}
    made |= {"slices_start": "<slice>", "slices_end": "</slice>"}
    return rule, {**_slices(folder, rule, cut=True, numbered=False), **made}


def _slices(folder: Folder, rule: str, cut: bool, numbered: bool) -> Params:
    return {
        "side": folder.whole(rule, (PREPROCESSOR, "scale_resolution")),
        "patch": folder.whole(rule, (PREPROCESSOR, "patch_size")),
        "max_slices": folder.whole(rule, (PREPROCESSOR, "max_slice_nums")) if cut else 1,
        **({"number_names": ["<image_id>", "</image_id>"]} if numbered else {}),
    }


def _alike(folder: Folder, rule: str, key: str) -> int:
    """A pair whose two numbers are the same, as every rule here has it."""
    pair = folder.value(tuple[int, int], PREPROCESSOR, key)
    if pair is None:
        raise folder.lacks(PREPROCESSOR, key, rule)
    if pair[0] != pair[1]:
        raise folder.unread(PREPROCESSOR, key, "two equal numbers")
    return int(pair[0])


def molmo2(folder: Folder) -> Made:
    rule = "overlap-crops"
    return rule, {
        "size": folder.side(rule, "size"),
        "patch": folder.whole(rule, (PREPROCESSOR, "patch_size")),
        "max_crops": folder.whole(rule, (PREPROCESSOR, "max_crops")),
        "margin": _alike(folder, rule, "overlap_margins"),
        "pool": _alike(folder, rule, "pooling_size"),
    }


def molmo(folder: Folder) -> Made:
    """Allen AI's own class of the first Molmo: a side of a crop becomes so many tokens."""
    rule = "overlap-crops"
    size = _alike(folder, rule, "base_image_input_size")
    patch = folder.whole(rule, (PREPROCESSOR, "image_patch_size"))
    return rule, {
        "size": size,
        "patch": patch,
        "max_crops": folder.whole(rule, (PREPROCESSOR, "max_crops")),
        "margin": _alike(folder, rule, "overlap_margins"),
        "pool": size // patch // folder.whole(rule, (PREPROCESSOR, "image_token_length_w")),
        "low_start": "<im_start>",
    }


def step3p7(folder: Folder) -> Made:
    """Its patch of 14 px and stride of 4 are the class's own, which no file has."""
    rule = "snapped-tiles"
    return rule, {
        "size": folder.side(rule, "size"),
        "tile": folder.whole(rule, (PREPROCESSOR, "patch_size")),
        "longest": folder.whole(rule, (PREPROCESSOR, "max_image_size")),
    }


def eomt(folder: Folder) -> Made:
    rule = "windows"
    return rule, {
        "size": folder.side(rule, "size", "shortest_edge", "height"),
        "patch": folder.whole(rule, (CONFIG, "patch_size")),
        "split": folder.flag(rule, "do_split_image"),
    }


VIEWS: Readers = {
    "EomtImageProcessor": eomt,
    "Gemma3ImageProcessor": gemma3,
    "GraniteDoclingImageProcessor": granite_docling,
    "Idefics2ImageProcessor": idefics2,
    "Idefics3ImageProcessor": idefics3,
    "LlavaNextImageProcessor": llava_next,
    "LlavaOnevisionImageProcessor": llava_onevision,
    "MiniCPMOcrImageProcessor": minicpm,
    "MiniCPMV4_6ImageProcessor": minicpm,
    "MiniCPMVImageProcessor": minicpm_resampled,
    "Molmo2ImageProcessor": molmo2,
    "MolmoImageProcessor": molmo,
    "SmolVLMImageProcessor": idefics3,
    "Step3p7ImageProcessor": step3p7,
}
"""By the class of the processor."""
