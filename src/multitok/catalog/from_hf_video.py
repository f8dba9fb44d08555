"""A checkpoint's video processor to the rule and the numbers of its clips.

How many frames are sampled is the caller's business in several references: where the file does not
say, the row takes what the catalogue's own rows take, and has an option to say otherwise.
"""

from __future__ import annotations

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

FPS, FRAMES = 2.0, 8
"""Of the catalogue's rows whose processor takes the frames it is given."""


def _asked(folder: Folder, **keys: str) -> Params:
    """What the file says of sampling under these names, as far as it says it."""
    found = {ours: folder.find(VIDEO, theirs) for ours, theirs in keys.items()}
    return {ours: value for ours, value in found.items() if value is not None}


VOCABULARIES = {
    "qwen2": "qwen", "qwen3": "qwen", "glm4": "glm", "gemma3": "gemma", "gemma4": "gemma",
    "kimi_k2": "kimi", "olmo2": "olmo", "olmo3": "olmo",
}  # fmt: skip
"""How the type of a text model begins, and the vocabulary that the times of frames are cut by."""


def _written(folder: Folder) -> Params:
    """The vocabulary of the text around frames, where config.json names a text model it is known
    of."""
    kind = str(folder.find(CONFIG, "text_config", "model_type") or folder.model_type())
    for start, name in VOCABULARIES.items():
        if kind.startswith(start):
            return {"vocabulary": name}
    return {}


def _grouped(folder: Folder, rule: str) -> Params:
    return {**folder.patches(rule, VIDEO), **folder.limits(rule, VIDEO), **folder.colors(VIDEO)}


OMNI: dict[str, Params] = {
    "qwen2_5_omni": {"min_pixels": 100_352, "max_pixels": 602_112},
    "qwen3_omni_moe": {"min_pixels": 131_072, "max_pixels": 786_432},
}
"""Bounds of a frame that a processor sets itself, by the type of its model."""


def qwen2(folder: Folder) -> Made:
    if bounds := OMNI.get(folder.model_type()):
        look = {**folder.patches("omni-video", VIDEO), **folder.colors(VIDEO)}
        return "omni-video", {**look, **bounds, "fps": FPS}
    rule = "qwen-video"
    asked = _asked(folder, fps="fps", min_frames="min_frames", max_frames="max_frames")
    return rule, {**_grouped(folder, rule), "fps": FPS, **asked}


def qwen3(folder: Folder) -> Made:
    rule = "qwen3-video"
    asked = _asked(folder, fps="fps", min_frames="min_frames", max_frames="max_frames")
    return rule, {**_grouped(folder, rule), "fps": FPS, **asked, **_written(folder)}


def glm(version: str, **keys: str) -> Any:
    def read(folder: Folder) -> Made:
        rule = "glm-video"
        asked = {**_asked(folder, **keys), **_written(folder)}
        return rule, {"version": version, **_grouped(folder, rule), **asked}

    return read


def _patch(folder: Folder, rule: str) -> int:
    return folder.whole(rule, (PROCESSOR, "patch_size"), (CONFIG, "vision_config", "patch_size"))


def _pooled(folder: Folder, **more: Any) -> Made:
    """Square frames of so many tokens."""
    rule = "pooled-frames"
    sampling = {"num_frames": FRAMES, **_asked(folder, num_frames="num_frames")}
    return rule, {"patch": _patch(folder, rule), **sampling, **folder.colors(VIDEO), **more}


def internvl(folder: Folder) -> Made:
    ratio = folder.value(Share, CONFIG, "downsample_ratio")
    if ratio is None:
        raise folder.lacks(CONFIG, "downsample_ratio", "pooled-frames")
    size = folder.side("pooled-frames", "size", file=VIDEO)
    words = {"sampler": "centers", "around": ["<img>", "</img>"], "label": "Frame{}: "}
    return _pooled(folder, size=size, pool=round(1 / ratio), **words, **_written(folder))


def llava_onevision(folder: Folder) -> Made:
    return _pooled(
        folder, size=folder.side("pooled-frames", "size", file=VIDEO), ceil=True, newline=1
    )


def llava_next_video(folder: Folder) -> Made:
    return _pooled(folder, size=folder.side("pooled-frames", "crop_size", file=VIDEO), fill="crop")


def video_llava(folder: Folder) -> Made:
    """A class token beside the patches of each frame."""
    rule = "pooled-frames"
    size = folder.side(rule, "crop_size", file=VIDEO)
    extra = folder.whole(rule, (PROCESSOR, "num_additional_image_tokens"))
    tokens = (size // _patch(folder, rule)) ** 2 + extra
    return _pooled(folder, size=size, fill="crop", tokens=tokens)


def instructblip(folder: Folder) -> Made:
    """So many queries for each of four frames."""
    rule = "pooled-frames"
    queries = folder.whole(rule, (PROCESSOR, "num_query_tokens"), (CONFIG, "num_query_tokens"))
    size = folder.side(rule, "size", file=VIDEO)
    return _pooled(folder, size=size, tokens=queries, num_frames=4)


def perception_lm(folder: Folder) -> Made:
    rule = "pooled-frames"
    ratio = folder.whole(rule, (PROCESSOR, "pooling_ratio"), (CONFIG, "projector_pooling_ratio"))
    return _pooled(folder, size=folder.side(rule, "size", file=VIDEO), pool=ratio)


def smolvlm(folder: Folder) -> Made:
    rule = "smolvlm-video"
    longest = [(VIDEO, "video_sampling", "video_size", "longest_edge")]
    frames = [(VIDEO, "video_sampling", "max_frames"), (VIDEO, "num_frames")]
    fps = folder.value(float, VIDEO, "video_sampling", "fps") or folder.value(float, VIDEO, "fps")
    if not fps:
        raise folder.lacks(VIDEO, "video_sampling.fps", rule)
    return rule, {
        "fps": float(fps),
        "max_frames": folder.whole(rule, *frames),
        "size": folder.side(rule, "max_image_size", "longest_edge", file=VIDEO),
        "longest": folder.whole(rule, *longest, (VIDEO, "size", "longest_edge")),
        "per_frame": folder.whole(rule, (PROCESSOR, "image_seq_len")),
        **folder.colors(VIDEO),
    }


def molmo2(folder: Folder) -> Made:
    rule = "molmo-video"
    pool = folder.find(VIDEO, "pooling_size")
    if not isinstance(pool, list) or len(pool) != 2:
        raise folder.lacks(VIDEO, "pooling_size", rule)
    return rule, {
        "num_frames": folder.whole(rule, (VIDEO, "num_frames")),
        "size": folder.side(rule, "size", file=VIDEO),
        "patch": folder.whole(rule, (VIDEO, "patch_size")),
        "pool": pool,
        **_asked(folder, max_fps="max_fps"),
        **folder.colors(VIDEO),
        **_written(folder),
    }


def gemma4(folder: Folder) -> Made:
    rule = "gemma-video"
    keys = {
        "num_frames": "num_frames",
        "max_soft_tokens": "max_soft_tokens",
        "patch": "patch_size",
        "pool": "pooling_kernel_size",
    }
    whole = {ours: folder.whole(rule, (VIDEO, theirs)) for ours, theirs in keys.items()}
    return rule, {**whole, **folder.colors(VIDEO), **_written(folder)}


def kimi(folder: Folder) -> Made:
    rule = "kimi-video"
    return rule, {
        **folder.patches(rule, VIDEO),
        "max_patches": folder.whole(rule, (VIDEO, "max_patches")),
        "max_side": folder.whole(rule, (VIDEO, "size", "max_height")),
        **_asked(folder, fps="fps"),
        **folder.colors(VIDEO),
        **_written(folder),
    }


def between(rule: str) -> Any:
    """ERNIE and VideoLLaMA: bounds of frames and of their number."""

    def read(folder: Folder) -> Made:
        patches = folder.patches(rule, VIDEO)
        grid = {key: patches[key] for key in ("patch", "merge")}
        frames = {key: folder.whole(rule, (VIDEO, key)) for key in ("min_frames", "max_frames")}
        asked = _asked(folder, fps="fps", num_frames="num_frames")
        return rule, {**grid, **folder.limits(rule, VIDEO), **frames, **asked}

    return read


def minimax(folder: Folder) -> Made:
    rule = "minimax-video"
    return rule, {**_grouped(folder, rule), "fps": 1.0, **_asked(folder, fps="fps")}


def nemotron(folder: Folder) -> Made:
    rule = "nemotron-video"
    ratio = folder.value(Share, VIDEO, "downsample_ratio")
    if ratio is None:
        raise folder.lacks(VIDEO, "downsample_ratio", rule)
    return rule, {
        "patches": folder.whole(rule, (VIDEO, "video_target_num_patches")),
        "patch": folder.whole(rule, (VIDEO, "patch_size")),
        "merge": round(1 / ratio),
        "temporal": folder.whole(rule, (PROCESSOR, "video_temporal_patch_dim")),
        **_asked(folder, fps="fps", num_frames="num_frames"),
    }


def minicpm(folder: Folder) -> Made:
    rule = "minicpm-video"
    keys = {
        "side": "scale_resolution",
        "patch": "patch_size",
        "max_slices": "max_slice_nums",
        "max_frames": "max_num_frames",
    }
    merge = {"16x": 4, "4x": 2}.get(str(folder.find(VIDEO, "downsample_mode")))
    if merge is None:
        raise folder.lacks(VIDEO, "downsample_mode", rule)
    whole = {ours: folder.whole(rule, (VIDEO, theirs)) for ours, theirs in keys.items()}
    return rule, {**whole, "merge": merge}


def tubelets(folder: Folder) -> Made:
    """VideoMAE, TimeSformer, ViViT and V-JEPA 2: the clip's own numbers stand in config.json."""
    rule, kind = "tubelet", folder.model_type()
    file = VIDEO if folder.files[VIDEO] else PREPROCESSOR
    depth, patch = _tubelet(folder, rule)
    made: Params = {
        "num_frames": folder.whole(rule, (CONFIG, "num_frames"), (CONFIG, "frames_per_clip")),
        "short_side": folder.side(rule, "size", "shortest_edge", file=file),
        "crop": folder.side(rule, "crop_size", file=file),
        "depth": depth,
        "patch": patch,
        "class_token": kind in ("vivit", "timesformer"),
        **folder.colors(file),
    }
    scale = folder.find(file, "rescale_factor")
    if isinstance(scale, float):
        made["scale"] = scale
    if kind == "vivit":
        made["offset"] = -1.0
    return rule, made


def _tubelet(folder: Folder, rule: str) -> tuple[int, int]:
    """Frames and side of a tubelet; ViViT writes [frames, side, side], TimeSformer no frames."""
    sides = folder.find(CONFIG, "tubelet_size")
    if isinstance(sides, list) and len(sides) == 3 and sides[1] == sides[2]:
        return sides[0], sides[1]
    patch = folder.whole(rule, (CONFIG, "patch_size"))
    if folder.model_type() == "timesformer":
        return 1, patch
    return folder.whole(rule, (CONFIG, "tubelet_size")), patch


VIDEO_READERS: Readers = {
    "Ernie4_5_VLMoeVideoProcessor": between("ernie-video"),
    "Gemma4VideoProcessor": gemma4,
    "Glm46VVideoProcessor": glm("4.6v"),
    "Glm4vVideoProcessor": glm("4.1v", fps="fps", max_duration="max_duration"),
    "InstructBlipVideoVideoProcessor": instructblip,
    "InternVLVideoProcessor": internvl,
    "Kimi_K25VideoProcessor": kimi,
    "LlavaNextVideoVideoProcessor": llava_next_video,
    "LlavaOnevisionVideoProcessor": llava_onevision,
    "MiniCPMV4_6VideoProcessor": minicpm,
    "MiniMaxM3VLVideoProcessor": minimax,
    "Molmo2VideoProcessor": molmo2,
    "NemotronH_Omni_Reasoning_V3VideoProcessor": nemotron,
    "PerceptionLMVideoProcessor": perception_lm,
    "Qwen2VLVideoProcessor": qwen2,
    "Qwen3VLVideoProcessor": qwen3,
    "SmolVLMVideoProcessor": smolvlm,
    "TimesformerVideoProcessor": tubelets,
    "VJEPA2VideoProcessor": tubelets,
    "VideoLlama3VideoProcessor": between("video-llama-video"),
    "VideoLlavaVideoProcessor": video_llava,
    "VideoMAEImageProcessor": tubelets,
    "VideoMAEVideoProcessor": tubelets,
    "VivitImageProcessor": tubelets,
    "VivitVideoProcessor": tubelets,
}


def sampling_options(folder: Folder, made: Made) -> dict[str, Any]:
    """The request option that sets the rate or the number of frames, and a note where the file
    leaves that to the caller; empty where the model takes one number of frames alone."""
    tokenizer, params = made
    rate = "fps" in params
    name = "fps" if rate else "num_frames"
    if tokenizer == "tubelet" or name not in params:
        return {}
    bounds = (0.001, 240.0) if rate else (1, 100_000)
    option = {"default": params[name], "param": name, "type": "float" if rate else "int"}
    options = {name: {**option, "min": bounds[0], "max": bounds[1]}}
    if folder.find(VIDEO, name) is not None or "max_frames" in params:
        return {"options": options}
    words = f"{params[name]:g} frames" + (" a second" if rate else "")
    note = f"{words}, unless {name} says otherwise: the number is the caller's"
    return {"notes": [note], "options": options}
