"""Write tests/golden/clips.csv: the frames published processors sample, the tokens they write.

    python oracle/make_clip_goldens.py > tests/golden/clips.csv

transformers 5.23.0 with torchvision. A processor runs without its tokenizer; a frame of a size goes
through all of it once, which gives the grid of every frame of the clip. Plain text is not counted.
Where the code raises, the tokens are empty.
"""

import csv
import logging
import sys
import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import torch
from transformers.video_utils import VideoMetadata

CLIPS = [
    (640, 360, 100, 25.0), (1280, 720, 300, 30.0), (1920, 1080, 300, 29.97), (320, 240, 12, 5.0),
    (360, 640, 5400, 24.0), (64, 48, 33, 10.0), (1000, 100, 181, 12.5), (300, 900, 4000, 23.976),
    (224, 224, 20, 8.0), (4000, 3000, 61, 30.0),
]  # fmt: skip
PREPARED = {"return_tensors": "pt", "do_sample_frames": False}


def module(model: str, kind: str, name: str) -> Any:
    return getattr(import_module(f"transformers.models.{model}.{kind}_{model}"), name)


@cache
def processor(model: str, name: str, **settings: Any) -> Any:
    return module(model, "video_processing", f"{name}VideoProcessor")(**settings)


def bare(model: str, name: str, **fields: Any) -> Any:
    """A processor without its constructor, each special token a letter of its own."""
    kind = module(model, "processing", f"{name}Processor")
    made = object.__new__(kind)
    for key, value in fields.items():
        setattr(made, key, value)
    return made


def frame(width: int, height: int, n: int = 1) -> np.ndarray:
    return np.zeros((n, height, width, 3), np.uint8)


def indices(made: Any, clip: VideoMetadata, **asked: Any) -> list[int]:
    return [int(i) for i in made.sample_frames(clip, **asked)]


Answer = tuple[list[int], int]


def ernie(clip: VideoMetadata, **asked: Any) -> Answer:
    made = processor("ernie4_5_vl_moe", "Ernie4_5_VLMoe", draw_on_frames=False)
    chosen = indices(made, clip, **asked)
    fed = made(videos=[frame(clip.width, clip.height, 2)], video_metadata=[clip], **PREPARED)
    _, rows, columns = fed["video_grid_thw"][0].tolist()
    grid = torch.tensor([[len(chosen) + len(chosen) % 2, rows, columns]])
    writer = bare("ernie4_5_vl_moe", "Ernie4_5_VLMoe", video_token=".", video_processor=made)
    return chosen, len(writer.replace_video_token({"video_grid_thw": grid}, 0))


def minicpm(clip: VideoMetadata, **asked: Any) -> Answer:
    made = processor("minicpmv4_6", "MiniCPMV4_6")
    sampling = {key: value for key, value in asked.items() if key == "max_num_frames"}
    cutting = {key: value for key, value in asked.items() if key == "max_slice_nums"}
    chosen = indices(made, clip, **sampling)
    fed = made(
        videos=[frame(clip.width, clip.height)], video_metadata=[clip], **PREPARED, **cutting
    )
    marks = {f"{what}_{end}_token": "." for what in ("image", "slice") for end in ("start", "end")}
    writer = bare("minicpmv4_6", "MiniCPMV4_6", video_token=".", video_slice_mode=True, **marks)
    n = len(chosen)
    many = {
        "target_sizes_videos": fed["target_sizes_videos"].repeat(n, 1),
        "num_frames_per_video": np.array([n]),
        "grids_videos": fed["grids_videos"].repeat(n, 1),
    }
    return chosen, writer.replace_video_token(many, 0, video_token_divisor=16).count(".")


def minimax(clip: VideoMetadata, **asked: Any) -> Answer:
    made = processor("minimax_m3_vl", "MiniMaxM3VL")
    chosen = indices(made, clip, **asked)
    fed = made(videos=[frame(clip.width, clip.height, 2)], video_metadata=[clip], **PREPARED)
    _, rows, columns = fed["video_grid_thw"][0].tolist()
    groups = -(-len(chosen) // made.temporal_patch_size)
    chunks = [[min(4, groups - i), rows, columns] for i in range(0, groups, 4)]
    fields = ("VIDEO_TOKEN", "VISION_START_TOKEN", "VISION_END_TOKEN")
    writer = bare(
        "minimax_m3_vl", "MiniMaxM3VL", video_processor=made, **dict.fromkeys(fields, "_")
    )
    many = {"num_chunks_per_video": [len(chunks)], "video_grid_thw": torch.tensor(chunks)}
    return chosen, writer.replace_video_token(many, 0).count("_")


def nemotron(clip: VideoMetadata, **asked: Any) -> Answer:
    name = "NemotronH_Omni_Reasoning_V3"
    made = processor("nemotron_h_omni", name, norm_mean=(0.5,) * 3, norm_std=(0.5,) * 3)
    chosen = indices(made, clip, **asked)
    fed = made(videos=[frame(clip.width, clip.height, 1)], video_metadata=[clip], **PREPARED)
    marks = {f"image_{what}token": "_" for what in ("", "start_", "end_")}
    writer = bare("nemotron_h_omni", name, video_temporal_patch_dim=2, **marks)
    return chosen, writer.replace_video_token(fed, 0, num_frames=len(chosen)).count("_")


def video_llama(clip: VideoMetadata, **asked: Any) -> Answer:
    """Without compression, which drops tokens by the pixels; the times are text."""
    made = processor("video_llama_3", "VideoLlama3", use_token_compression=False)
    chosen = indices(made, clip, **asked)
    fed = made(
        videos=[frame(clip.width, clip.height, len(chosen))], video_metadata=[clip], **PREPARED
    )
    writer = bare("video_llama_3", "VideoLlama3", video_token="_", video_processor=made)
    clip.frames_indices = chosen
    return chosen, writer.replace_video_token({**fed, "video_metadata": [clip]}, 0).count("_")


def evenly(clip: VideoMetadata, n: int) -> list[int]:
    return indices(processor("video_llava", "VideoLlava"), clip, num_frames=n)


def video_llava(clip: VideoMetadata, num_frames: int = 8) -> Answer:
    made = processor("video_llava", "VideoLlava")
    chosen = evenly(clip, num_frames)
    fed = made(
        videos=[frame(clip.width, clip.height, len(chosen))], video_metadata=[clip], **PREPARED
    )
    fields = {"patch_size": 14, "num_additional_image_tokens": 1, "video_token": "."}
    writer = bare("video_llava", "VideoLlava", **fields)
    return chosen, len(writer.replace_video_token(fed, 0))


def video_prism(clip: VideoMetadata) -> Answer:
    chosen = evenly(clip, 16)
    kind = module("videoprism", "modeling", "VideoPrismVisionModel")
    size = {"hidden_size": 16, "intermediate_size": 8, "num_attention_heads": 2}
    layers = {"num_spatial_layers": 1, "num_temporal_layers": 1, "num_auxiliary_layers": 1}
    model = kind(kind.config_class(**size, **layers)).eval()
    return chosen, model(torch.zeros(1, 16, 3, 288, 288)).last_hidden_state.shape[1]


NEMOTRON = "nvidia/Nemotron-3-Nano-Omni-30B-A3B-Reasoning-BF16"
REFERENCES: list[tuple[str, Callable[..., Answer], dict[str, Any]]] = [
    ("baidu/ERNIE-4.5-VL-28B-A3B-PT", ernie, {}),
    ("baidu/ERNIE-4.5-VL-28B-A3B-PT", ernie, {"fps": 2}),
    ("baidu/ERNIE-4.5-VL-28B-A3B-PT", ernie, {"fps": 0.7}),
    ("baidu/ERNIE-4.5-VL-28B-A3B-PT", ernie, {"num_frames": 17}),
    ("openbmb/MiniCPM-V-4.6", minicpm, {}),
    ("openbmb/MiniCPM-V-4.6", minicpm, {"max_slice_nums": 1}),
    ("openbmb/MiniCPM-V-4.6", minicpm, {"max_num_frames": 5}),
    ("MiniMaxAI/MiniMax-M3", minimax, {"fps": 1}),
    ("MiniMaxAI/MiniMax-M3", minimax, {"num_frames": 9}),
    ("LanguageBind/Video-LLaVA-7B-hf", video_llava, {}),
    ("google/videoprism-base-f16r288", video_prism, {}),
    (NEMOTRON, nemotron, {}),
    (NEMOTRON, nemotron, {"fps": 2}),
    ("DAMO-NLP-SG/VideoLLaMA3-7B", video_llama, {"fps": 1}),
    ("DAMO-NLP-SG/VideoLLaMA3-7B", video_llama, {"num_frames": 5}),
]


@torch.no_grad()
def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    out = csv.writer(sys.stdout, lineterminator="\n")
    size, asked_with = ["width", "height", "frames", "fps"], ["option", "value"]
    out.writerow(["model", *size, *asked_with, "sampled", "index_sum", "tokens", "reference"])
    named = [row for row in REFERENCES if row[0] in sys.argv[1:]] or REFERENCES
    for model, answer, asked in named:
        option, value = next(iter(asked.items()), ("", ""))
        for width, height, frames, fps in CLIPS:
            clip = VideoMetadata(
                total_num_frames=frames, fps=fps, width=width, height=height, duration=frames / fps
            )
            row: list[Any] = ["", "", ""]
            try:
                chosen, tokens = answer(clip, **asked)
                row = [len(chosen), sum(chosen), tokens]
            except ValueError:
                pass
            out.writerow(
                [model, width, height, frames, fps, option, value, *row, "transformers 5.23.0"]
            )


if __name__ == "__main__":
    main()
