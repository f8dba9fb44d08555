"""A checkpoint's image processor to a rule that lays pictures on a canvas of tiles."""

from __future__ import annotations

from multitok.catalog.checkpoint import (
    CONFIG,
    PREPROCESSOR,
    PROCESSOR,
    Folder,
    Made,
    Params,
    Readers,
)
from multitok.core.integers import ceil_div


def _tiles(folder: Folder, rule: str) -> Params:
    """The side of a tile, and how few and how many: one where the file says not to cut."""
    cut = folder.find(PREPROCESSOR, "crop_to_patches") is not False
    return {
        "size": folder.side(rule, "size"),
        "min_tiles": folder.whole(rule, (PREPROCESSOR, "min_patches")) if cut else 1,
        "max_tiles": folder.whole(rule, (PREPROCESSOR, "max_patches")) if cut else 1,
    }


def got_tiles(folder: Folder) -> Made:
    """GOT-OCR2 heeds crop_to_patches; InternVL, Qianfan-OCR and Aya Vision cut all the same."""
    rule, kind = "ratio-tiles", folder.model_type()
    if kind == "got_ocr2":
        ends = {"token": "<imgpad>", "start": ["<img>"], "end": ["</img>"]}
        return rule, {**_tiles(folder, rule), "tokens": 256, **ends, **folder.look()}
    size = folder.side(rule, "size")
    made: Params = {
        "size": size,
        "min_tiles": folder.whole(rule, (PREPROCESSOR, "min_patches")),
        "max_tiles": folder.whole(rule, (PREPROCESSOR, "max_patches")),
        **folder.look(),
    }
    if kind == "aya_vision":
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
    cut = folder.find(CONFIG, "dynamic_image_size") is not False
    if cut and folder.find(CONFIG, "use_thumbnail") is False:
        raise folder.unread(CONFIG, "use_thumbnail", "true")
    made = {
        "size": size,
        "tokens": int((size // patch) ** 2 * ratio**2),
        "min_tiles": folder.whole(rule, (CONFIG, "min_dynamic_patch")) if cut else 1,
        "max_tiles": folder.whole(rule, (CONFIG, "max_dynamic_patch")) if cut else 1,
    }
    return rule, {**made, "start": ["<img>"], "end": ["</img>"], **folder.look()}


def _queries(folder: Folder, rule: str) -> int:
    """Pixels of a token's side: DeepSeek-OCR's compressor halves its patches twice."""
    patch = folder.whole(rule, (PROCESSOR, "patch_size"))
    return patch * folder.whole(rule, (PROCESSOR, "downsample_ratio"))


def deepseek_ocr2(folder: Folder) -> Made:
    rule = "ratio-tiles"
    cell, size = _queries(folder, rule), folder.whole(rule, (PREPROCESSOR, "tile_size"))
    overview = folder.side(rule, "size")
    made = {**_tiles(folder, rule), "size": size, "tile_above": size, "token": "<image>"}
    return rule, {
        **made,
        "tokens": ceil_div(size, cell) ** 2,
        "overview_size": overview,
        "overview_tokens": ceil_div(overview, cell) ** 2,
        "extra": 1,
        **folder.look(),
    }


def unlimited_ocr(folder: Folder) -> Made:
    rule = "tile-rows"
    cell, size = _queries(folder, rule), folder.whole(rule, (PREPROCESSOR, "tile_size"))
    overview = folder.side(rule, "size")
    made = {**_tiles(folder, rule), "size": size, "overview_size": overview}
    return rule, {**made, "tile": ceil_div(size, cell), "overview": ceil_div(overview, cell)}


def deepseek_vl2(folder: Folder) -> Made:
    """DeepSeek-VL2, whose resolutions are (width, height); one alone is DeepSeek-OCR's.

    The modes of DeepSeek-OCR stand in its code and in no file: its default is taken.
    """
    rule, cell = "tile-rows", _queries(folder, "tile-rows")
    sizes = folder.value(list[tuple[int, int]], PREPROCESSOR, "candidate_resolutions")
    if not sizes:
        raise folder.lacks(PROCESSOR, "candidate_resolutions", rule)
    size = sizes[0][0]
    if len(sizes) == 1:
        return rule, {"overview_size": size, "overview": ceil_div(size, cell)}
    patch = folder.whole(rule, (PROCESSOR, "patch_size"))
    side = ceil_div(size // patch * patch, cell)
    return rule, {
        "size": size,
        "overview_size": size,
        "overview": side,
        "tile": side,
        "pinpoints": [[tall, wide] for wide, tall in sizes],
    }


def command_a(folder: Folder) -> Made:
    rule = "canvas-tiles"
    made = _tiles(folder, rule)
    del made["min_tiles"]
    return rule, {
        **made,
        "tokens": folder.whole(rule, (PREPROCESSOR, "patch_size")) ** 2,
        "tile_end": "<|IMG_LINE_BREAK|>",
        "start": ["<|START_OF_IMG|>"],
        "end": ["<|END_OF_IMG|>"],
    }


def mllama(folder: Folder) -> Made:
    rule = "cross-tiles"
    return rule, {
        "size": folder.side(rule, "size"),
        "max_tiles": folder.whole(rule, (PREPROCESSOR, "max_image_tiles")),
        "patch": folder.whole(rule, (CONFIG, "vision_config", "patch_size")),
    }


def llama4(folder: Folder) -> Made:
    rule = "separated-tiles"
    ratio = folder.share(
        rule, (PROCESSOR, "pixel_shuffle_ratio"), (CONFIG, "vision_config", "pixel_shuffle_ratio")
    )
    return rule, {
        "size": folder.side(rule, "size"),
        "max_tiles": folder.whole(rule, (PREPROCESSOR, "max_patches")),
        "patch": folder.whole(
            rule, (PROCESSOR, "patch_size"), (CONFIG, "vision_config", "patch_size")
        ),
        "shuffle": round(1 / ratio),
        **folder.look(),
    }


def phi4(folder: Folder) -> Made:
    rule = "ratio-pad"
    return rule, {
        "size": folder.side(rule, "size"),
        "patch": folder.whole(rule, (PREPROCESSOR, "patch_size")),
        "max_tiles": folder.whole(rule, (PREPROCESSOR, "dynamic_hd")),
    }


def lfm2_vl(folder: Folder) -> Made:
    rule = "fit-or-tile"
    tolerance = folder.value(float, PREPROCESSOR, "max_pixels_tolerance")
    if tolerance is None:
        raise folder.lacks(PREPROCESSOR, "max_pixels_tolerance", rule)
    cut = folder.flag(rule, "do_image_splitting")
    return rule, {
        "patch": folder.whole(rule, (PREPROCESSOR, "encoder_patch_size")),
        "merge": folder.whole(rule, (PREPROCESSOR, "downsample_factor")),
        "min_tokens": folder.whole(rule, (PREPROCESSOR, "min_image_tokens")),
        "max_tokens": folder.whole(rule, (PREPROCESSOR, "max_image_tokens")),
        "tile": folder.whole(rule, (PREPROCESSOR, "tile_size")),
        "min_tiles": folder.whole(rule, (PREPROCESSOR, "min_tiles")) if cut else 1,
        "max_tiles": folder.whole(rule, (PREPROCESSOR, "max_tiles")) if cut else 1,
        "tolerance": float(tolerance),
        "overview": folder.flag(rule, "use_thumbnail"),
    }


def perception_lm(folder: Folder) -> Made:
    rule = "largest-canvas"
    tile = folder.whole(rule, (PREPROCESSOR, "tile_size"))
    cell = folder.whole(rule, (PROCESSOR, "patch_size")) * folder.whole(
        rule, (PROCESSOR, "pooling_ratio")
    )
    kind = folder.find(PREPROCESSOR, "vision_input_type")
    cut = kind != "vanilla"
    return rule, {
        "size": tile,
        "tokens": (tile // cell) ** 2,
        "max_tiles": folder.whole(rule, (PREPROCESSOR, "max_num_tiles")) if cut else 1,
        "overview": kind == "thumb+tile",
    }


def ovis2(folder: Folder) -> Made:
    rule = "covering-tiles"
    if folder.find(PREPROCESSOR, "use_covering_area_grid") is not True:
        raise folder.unread(PREPROCESSOR, "use_covering_area_grid", "true")
    made = _tiles(folder, rule)
    del made["min_tiles"]
    return rule, {**made, "tokens": folder.whole(rule, (PROCESSOR, "image_seq_length"))}


def phi3_vision(folder: Folder) -> Made:
    """Microsoft's own class of Phi-3 and Phi-3.5: 144 tokens a tile of 336 px are the code's."""
    rule = "padded-tiles"
    if folder.find(PREPROCESSOR, "num_img_tokens") != 144:
        raise folder.unread(PREPROCESSOR, "num_img_tokens", "144")
    return rule, {"max_tiles": folder.whole(rule, (PREPROCESSOR, "num_crops"))}


TILES: Readers = {
    "Cohere2VisionImageProcessor": command_a,
    "DeepseekVLV2Processor": deepseek_vl2,
    "DeepseekOcr2ImageProcessor": deepseek_ocr2,
    "GotOcr2ImageProcessor": got_tiles,
    "InternVLChat": internvl_chat,
    "Lfm2VlImageProcessor": lfm2_vl,
    "Llama4ImageProcessor": llama4,
    "MllamaImageProcessor": mllama,
    "Ovis2ImageProcessor": ovis2,
    "PerceptionLMImageProcessor": perception_lm,
    "Phi3VImageProcessor": phi3_vision,
    "Phi4MultimodalImageProcessor": phi4,
    "UnlimitedOcrImageProcessor": unlimited_ocr,
}
"""By the class of the processor."""
