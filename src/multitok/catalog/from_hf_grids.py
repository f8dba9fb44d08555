"""A checkpoint's image processor to a rule of one view: a grid of patches, or one square."""

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

NAMES: dict[str, Params] = {
    "CohereCompass": {"token": "<|IMAGE_PAD|>"},
    "Ernie4_5_VLMoe": {"token": "<|IMAGE_PLACEHOLDER|>"},
    "Ernie4_5_VL_Moe": {"token": "<|IMAGE_PLACEHOLDER|>"},
    "MiniMaxM3VL": {
        "token": "]<]image[>[",
        "start": ["]<]start of image[>["],
        "end": ["]<]end of image[>["],
    },
}
"""How processors of Qwen-VL's kind write a picture, where it is not <|image_pad|>."""


def qwen_vl(folder: Folder) -> Made:
    rule = "fit-merge"
    names = NAMES.get(folder.processor().removesuffix("ImageProcessor"), {})
    return rule, {**folder.patches(rule), **folder.limits(rule), **folder.look(), **names}


def glm_v(folder: Folder) -> Made:
    rule = "fit-merge"
    if (folder.value(int, PREPROCESSOR, "patch_expand_factor") or 1) != 1:
        raise folder.unread(PREPROCESSOR, "patch_expand_factor", "1")
    made = {**folder.patches(rule), **folder.limits(rule), **folder.look()}
    return rule, {**made, "small": "enlarge", "frames": made["temporal"], "token": "<|image|>"}


def glm_image(folder: Folder) -> Made:
    rule = "halved-fit"
    patches = folder.patches(rule)
    del patches["temporal"]
    return rule, {**patches, **folder.limits(rule)}


def _grid(folder: Folder, **more: object) -> Made:
    """`fit-grid`, which has no colors: it counts and does not encode."""
    rule = "fit-grid"
    patches = folder.patches(rule)
    del patches["temporal"]
    return rule, {**patches, **folder.limits(rule), **more}


def cosmos3_edge(folder: Folder) -> Made:
    return _grid(folder, small="enlarge", token="<|image_pad|>")


def paddleocr_vl(folder: Folder) -> Made:
    return _grid(folder, small="enlarge-rounded", token="<|IMAGE_PLACEHOLDER|>", shape="patches")


def hunyuan_vl(folder: Folder) -> Made:
    """A newline a row, and two more unless the processor says otherwise."""
    two = folder.find(PROCESSOR, "cat_extra_token") is not False
    return _grid(folder, row_extra=1, extra=2 if two else 0)


def emu3(folder: Folder) -> Made:
    rule = "fit-grid"
    return rule, {
        "patch": folder.whole(rule, (PREPROCESSOR, "spatial_factor")),
        "merge": 1,
        **folder.limits(rule),
        "row_extra": 1,
        "least_height": 2,
        "start": ["<boi>", "<imgwrap>"],
        "end": ["<eof>", "<eoi>"],
        "literal": "{rows}*{columns}",
        "shape": "picture",
    }


def kimi_k25(folder: Folder) -> Made:
    rule = "shrink-pad"
    tall = folder.whole(rule, (PREPROCESSOR, "size", "max_height"))
    wide = folder.whole(rule, (PREPROCESSOR, "size", "max_width"))
    if tall != wide:
        raise folder.error(PREPROCESSOR, f"size must be square, got {tall} and {wide}")
    return rule, {
        "patch": folder.whole(rule, (PREPROCESSOR, "patch_size")),
        "merge": folder.whole(rule, (PREPROCESSOR, "merge_size")),
        "max_patches": folder.whole(rule, (PREPROCESSOR, "max_patches")),
        "max_side": tall,
    }


def kimi_k25_published(folder: Folder) -> Made:
    """Moonshot's own class of Kimi-K2.5, whose numbers stand in media_proc_cfg."""
    rule, cfg = "shrink-pad", "media_proc_cfg"
    if folder.find(PREPROCESSOR, cfg, "fixed_output_tokens") is not None:
        raise folder.error(PREPROCESSOR, f"{cfg}.fixed_output_tokens is read here as null alone")
    keys = {
        "patch": "patch_size",
        "merge": "merge_kernel_size",
        "max_patches": "in_patch_limit",
        "max_side": "patch_limit_on_one_side",
    }
    return rule, {ours: folder.whole(rule, (PREPROCESSOR, cfg, key)) for ours, key in keys.items()}


def kimi_vl(folder: Folder) -> Made:
    """Moonshot's own class: its encoder has 512 positions a side."""
    rule = "shrink-pad"
    kernel = folder.value(tuple[int, int], PREPROCESSOR, "merge_kernel_size")
    if kernel is None:
        raise folder.lacks(PREPROCESSOR, "merge_kernel_size", rule)
    if kernel[0] != kernel[1]:
        raise folder.unread(PREPROCESSOR, "merge_kernel_size", "a square")
    if folder.find(PREPROCESSOR, "pad_input") is not True:
        raise folder.unread(PREPROCESSOR, "pad_input", "true")
    return rule, {
        "patch": folder.whole(rule, (PREPROCESSOR, "patch_size")),
        "merge": kernel[0],
        "max_patches": folder.whole(rule, (PREPROCESSOR, "in_token_limit")),
        "long_side": "refuse",
    }


def glm5_next(folder: Folder) -> Made:
    rule = "aligned-fit"
    if (folder.value(int, PREPROCESSOR, "patch_expand_factor") or 1) != 1:
        raise folder.unread(PREPROCESSOR, "patch_expand_factor", "1")
    return rule, {
        **folder.patches(rule),
        "min_tokens": folder.whole(rule, (PREPROCESSOR, "min_image_tokens")),
        "max_tokens": folder.whole(rule, (PREPROCESSOR, "max_image_tokens")),
    }


def muse(folder: Folder) -> Made:
    rule = "closest-grid"
    most = folder.whole(rule, (PREPROCESSOR, "max_image_tokens"))
    return rule, {**folder.patches(rule), "max_tokens": most}


def gemma4(folder: Folder) -> Made:
    rule = "pooled-budget"
    return rule, {
        "patch": folder.whole(rule, (PREPROCESSOR, "patch_size")),
        "pool": folder.whole(rule, (PREPROCESSOR, "pooling_kernel_size")),
        "max_tokens": folder.whole(rule, (PREPROCESSOR, "max_soft_tokens")),
    }


def nemotron_omni(folder: Folder) -> Made:
    rule = "patch-budget"
    return rule, {
        "patch": folder.whole(rule, (PREPROCESSOR, "patch_size")),
        "merge": round(1 / folder.share(rule, (PREPROCESSOR, "downsample_ratio"))),
        "min_patches": folder.whole(rule, (PREPROCESSOR, "min_num_patches")),
        "max_patches": folder.whole(rule, (PREPROCESSOR, "max_num_patches")),
        "max_length": folder.whole(rule, (PREPROCESSOR, "max_model_len")),
    }


def fuyu(folder: Folder) -> Made:
    rule = "bounded-rows"
    return rule, {
        "patch": folder.side(rule, "patch_size"),
        "width": folder.whole(rule, (PREPROCESSOR, "size", "width")),
        "height": folder.whole(rule, (PREPROCESSOR, "size", "height")),
    }


def inkling(folder: Folder) -> Made:
    """Its first class may scale a picture before it is cut; a row there ends in one cell more."""
    rule, first = "native-cells", folder.processor().startswith("InklingImage")
    if folder.find(PREPROCESSOR, "rescale_image_frac") is not None:
        raise folder.unread(PREPROCESSOR, "rescale_image_frac", "null")
    return rule, {"cell": folder.side(rule, "size"), "spare": first}


def kosmos2_5(folder: Folder) -> Made:
    rule = "resampled-grid"
    tokens = folder.whole(rule, (PROCESSOR, "num_image_tokens"), (CONFIG, "latent_query_num"))
    return rule, {
        "patch": folder.side(rule, "patch_size"),
        "max_patches": folder.whole(rule, (PREPROCESSOR, "max_patches")),
        "tokens": tokens,
    }


def naflex(folder: Folder) -> Made:
    rule = "naflex"
    return rule, {
        "patch": folder.whole(rule, (PREPROCESSOR, "patch_size")),
        "max_patches": folder.whole(rule, (PREPROCESSOR, "max_num_patches")),
        **folder.look(),
    }


def pixtral(folder: Folder) -> Made:
    """Pixtral, Mistral, and LightOnOCR, whose rows have no end."""
    rule, kind = "row-break", folder.model_type()
    patch = folder.side(rule, "patch_size", "height")
    merge = 1
    if kind.startswith(("mistral", "lighton")):
        merge = folder.whole(
            rule, (PROCESSOR, "spatial_merge_size"), (CONFIG, "spatial_merge_size")
        )
    longest = folder.side(rule, "size", "longest_edge")
    ends = {"row_end": "", "end": ""} if kind == "lighton_ocr" else {}
    return rule, {"longest": longest, "patch": patch, "merge": merge, **folder.look(), **ends}


EXTRA = {
    "clip": 1, "vit": 1, "dinov2": 1, "siglip": 0, "paligemma": 0, "llava": 0, "deit": 2, "blip": 1,
    "blip-2": 1, "dinov3_vit": 1, "video_llava": 0,
}  # fmt: skip
"""The encoder's own tokens beside its patches, by model type; LLaVA drops CLIP's class token."""

POOLED = {
    "florence2": (CONFIG, "vision_config", "image_seq_length"),
    "instructblip": (CONFIG, "num_query_tokens"),
    "kosmos-2": (CONFIG, "latent_query_num"),
}
"""Where those who pool every picture to one number of tokens keep it."""


def fixed_square(folder: Folder) -> Made:
    """Encoders of one square (CLIP, ViT, SigLIP, DINO, DeiT), and the models that use them."""
    rule, kind = "fixed-grid", folder.model_type()
    if kind == "gemma3n":
        return gemma3n(folder)
    if kind not in EXTRA and kind not in POOLED:
        known = ", ".join(sorted({*EXTRA, *POOLED, "gemma3n"}))
        raise folder.error(CONFIG, f"model_type {kind!r} is none of {known}")
    made: Params = {**_square(folder, rule), **folder.look()}
    if kind in POOLED:
        return rule, {**made, **_pooled(folder, rule, kind)}
    nested = (CONFIG, "vision_config", "patch_size")
    made["patch"] = folder.whole(rule, nested, (CONFIG, "patch_size"), (PROCESSOR, "patch_size"))
    made["extra"] = EXTRA[kind]
    if kind == "dinov3_vit":
        made["extra"] += folder.value(int, CONFIG, "num_register_tokens") or 0
    if kind in ("llava", "video_llava"):
        made["extra"] = _kept(folder)
    return rule, made


def gemma3n(folder: Folder) -> Made:
    """SigLIP's processor, and Gemma 3's way to write a picture."""
    rule = "pan-and-scan"
    tokens = folder.whole(
        rule, (PROCESSOR, "image_seq_length"), (CONFIG, "vision_soft_tokens_per_image")
    )
    size = folder.side(rule, "size")
    return rule, {"size": size, "tokens": tokens, "scan": False, **folder.look()}


def _square(folder: Folder, rule: str) -> Params:
    if folder.find(PREPROCESSOR, "do_pad") and folder.model_type() == "llava":
        return {"size": folder.side(rule, "crop_size"), "fill": "pad"}
    if not folder.find(PREPROCESSOR, "do_center_crop") or not folder.find(
        PREPROCESSOR, "crop_size"
    ):
        return {"size": folder.side(rule, "size")}
    size = folder.side(rule, "crop_size")
    short = folder.side(rule, "size", "shortest_edge", "height")
    if folder.model_type() == "deit":
        return {"size": size, "short": short}
    return {"size": size, "short": short, "fill": "crop"}


def _kept(folder: Folder) -> int:
    """Tokens that LLaVA keeps beside the patches: files that do not name them mean none."""
    strategy = folder.find(PROCESSOR, "vision_feature_select_strategy") or folder.find(
        CONFIG, "vision_feature_select_strategy"
    )
    given: int | None = folder.value(int, PROCESSOR, "num_additional_image_tokens")
    if given is None:
        return 0 if strategy in (None, "default") else 1
    return given - int(strategy == "default")


def _pooled(folder: Folder, rule: str, kind: str) -> Params:
    """The patch is for the picture of the grid alone."""
    if kind == "florence2":
        tokens = folder.whole(rule, (PREPROCESSOR, "image_seq_length"), POOLED[kind])
        return {"patch": 32, "tokens": tokens}
    patch = folder.whole(rule, (CONFIG, "vision_config", "patch_size"))
    made: Params = {"patch": patch, "tokens": folder.whole(rule, POOLED[kind])}
    ends = {"start": ["<image>"], "end": ["</image>"]} if kind == "kosmos-2" else {}
    return {**made, **ends}


def padded_square(folder: Folder) -> Made:
    """DeepSeek-VL and Janus: the long side to `size`, gray around it."""
    rule = "fixed-grid"
    tokens = folder.whole(rule, (PROCESSOR, "num_image_tokens"), (CONFIG, "num_image_tokens"))
    made: Params = {
        "size": folder.side(rule, "size"),
        "patch": folder.value(int, CONFIG, "vision_config", "patch_size") or 16,
        "fill": "pad",
        "tokens": tokens,
        "least": folder.whole(rule, (PREPROCESSOR, "min_size")),
        "token": "<image_placeholder>",
        **folder.look(),
    }
    if folder.model_type() == "janus":
        made |= {"start": ["<begin_of_image>"], "end": ["<end_of_image>"]}
    return rule, made


def chameleon(folder: Folder) -> Made:
    """Its bytes are scaled by other than 1/255, so its mean and deviation are of that scale."""
    rule = "fixed-grid"
    by = folder.share(rule, (PREPROCESSOR, "rescale_factor")) * 255
    colors = {key: [value / by for value in values] for key, values in folder.colors().items()}
    return rule, {
        "size": folder.side(rule, "crop_size"),
        "short": folder.side(rule, "size", "shortest_edge", "height"),
        "patch": 16,
        "fill": "crop",
        "tokens": folder.whole(rule, (PROCESSOR, "image_seq_length")),
        **folder.look(),
        **colors,
        "start": ["<racm3:break>"],
        "end": ["<eoss>"],
    }


def aria(folder: Folder) -> Made:
    rule = "fixed-grid"
    if folder.find(PREPROCESSOR, "split_image") is True:
        raise folder.unread(PREPROCESSOR, "split_image", "false")
    size = folder.whole(rule, (PREPROCESSOR, "max_image_size"))
    return rule, {
        "size": size,
        "patch": folder.value(int, CONFIG, "vision_config", "patch_size") or 14,
        "fill": "pad",
        "least": folder.whole(rule, (PREPROCESSOR, "min_image_size")),
        "tokens": folder.whole(rule, (PROCESSOR, "size_conversion", str(size))),
        "background": 0,
        "token": "<|img|>",
        **folder.look(),
    }


GRIDS: Readers = {
    "AriaImageProcessor": aria,
    "BitImageProcessor": fixed_square,
    "BlipImageProcessor": fixed_square,
    "CLIPImageProcessor": fixed_square,
    "ChameleonImageProcessor": chameleon,
    "CohereCompassImageProcessor": qwen_vl,
    "Cosmos3EdgeImageProcessor": cosmos3_edge,
    "DINOv3ViTImageProcessor": fixed_square,
    "DeepseekVLHybridImageProcessor": padded_square,
    "DeepseekVLImageProcessor": padded_square,
    "DeiTImageProcessor": fixed_square,
    "Emu3ImageProcessor": emu3,
    "Ernie4_5_VLMoeImageProcessor": qwen_vl,
    "Ernie4_5_VL_MoeImageProcessor": qwen_vl,
    "FuyuImageProcessor": fuyu,
    "Gemma4ImageProcessor": gemma4,
    "Gemma4UnifiedImageProcessor": gemma4,
    "Glm46VImageProcessor": glm_v,
    "Glm4vImageProcessor": glm_v,
    "Glm5NextImageProcessor": glm5_next,
    "GlmImageImageProcessor": glm_image,
    "GlmgaImageProcessor": glm_v,
    "HunYuanVLImageProcessor": hunyuan_vl,
    "Inkling2ImageProcessor": inkling,
    "InklingImageProcessor": inkling,
    "JanusImageProcessor": padded_square,
    "KimiK25VisionProcessor": kimi_k25_published,
    "KimiVLImageProcessor": kimi_vl,
    "Kimi_K25ImageProcessor": kimi_k25,
    "Kosmos2_5ImageProcessor": kosmos2_5,
    "LlavaImageProcessor": fixed_square,
    "MiniMaxM3VLImageProcessor": qwen_vl,
    "MuseGlimmerImageProcessor": muse,
    "NemotronH_Omni_Reasoning_V3ImageProcessor": nemotron_omni,
    "PaddleOCRVLImageProcessor": paddleocr_vl,
    "PixtralImageProcessor": pixtral,
    "Qwen2VLImageProcessor": qwen_vl,
    "Qwen2_5_VLImageProcessor": qwen_vl,
    "Siglip2ImageProcessor": naflex,
    "SiglipImageProcessor": fixed_square,
    "ViTImageProcessor": fixed_square,
    "VideoLlama3ImageProcessor": qwen_vl,
    "VideoLlavaImageProcessor": fixed_square,
}
"""By the class of the processor."""
