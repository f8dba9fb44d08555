"""A checkpoint folder with a video processor makes a row for clips too."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from multitok.catalog.from_hf import READERS, row_from_folder, to_toml
from multitok.catalog.from_hf_video import VIDEO_READERS
from multitok.catalog.load import catalog
from multitok.cli import multitok
from multitok.core.errors import CatalogError, UnknownRuleError
from multitok.core.info import VideoInfo

CLIP = VideoInfo(1920, 1080, frames=300, fps=30)
PATCHES = {"patch_size": 14, "merge_size": 2, "temporal_patch_size": 2}
BOX = {"height": 448, "width": 448}
VIDEO, CONFIG, PROCESSOR = (
    "video_preprocessor_config.json", "config.json", "processor_config.json"
)  # fmt: skip

# name -> (the files, video tokens of 10 s of 1080p at 30 frames a second, as in the golden rows)
FOLDERS = {
    "qwen2.5-vl": (
        {
            VIDEO: {
                "video_processor_type": "Qwen2VLVideoProcessor",
                "min_pixels": 100352,
                "max_pixels": 602112,
                "do_sample_frames": False,
                **PATCHES,
            }
        },
        7200,
    ),
    "qwen3-vl": (
        {
            VIDEO: {
                "video_processor_type": "Qwen3VLVideoProcessor",
                "size": {"shortest_edge": 4096, "longest_edge": 25165824},
                "patch_size": 16,
                "merge_size": 2,
                "temporal_patch_size": 2,
                "fps": 2,
            }
        },
        11960,
    ),
    "glm-4.1v": (
        {
            VIDEO: {
                "video_processor_type": "Glm4vVideoProcessor",
                "size": {"shortest_edge": 12544, "longest_edge": 47040000},
                "fps": 2,
                "max_duration": 300,
                **PATCHES,
            }
        },
        26910,
    ),
    "internvl": (
        {
            VIDEO: {"video_processor_type": "InternVLVideoProcessor", "size": BOX},
            PROCESSOR: {"image_seq_length": 256},
            CONFIG: {"downsample_ratio": 0.5, "vision_config": {"patch_size": 14}},
        },
        8 * 256,
    ),
    "ernie-4.5-vl": (  # 180 frames, 90 groups; 25 x 46 cells
        {
            VIDEO: {
                "video_processor_type": "Ernie4_5_VLMoeVideoProcessor",
                "size": {"shortest_edge": 299 * 28 * 28, "longest_edge": 1196 * 28 * 28},
                "min_frames": 16,
                "max_frames": 180,
                **PATCHES,
            }
        },
        90 * 25 * 46,
    ),
    "minimax-m3": (  # a frame a second, 5 groups; 20 x 36 cells
        {
            VIDEO: {
                "video_processor_type": "MiniMaxM3VLVideoProcessor",
                "min_pixels": 3136,
                "max_pixels": 602112,
                **PATCHES,
            }
        },
        5 * 20 * 36,
    ),
    "minicpm-v-4.6": (  # a frame a second: an overview of 6 x 11, eight slices of 8 x 8
        {
            VIDEO: {
                "video_processor_type": "MiniCPMV4_6VideoProcessor",
                "scale_resolution": 448,
                "patch_size": 14,
                "max_slice_nums": 9,
                "max_num_frames": 128,
                "downsample_mode": "16x",
            }
        },
        10 * (6 * 11 + 8 * 8 * 8),
    ),
    "nemotron-omni": (  # every frame, 150 groups; 1,080p in 24 x 42 patches
        {
            VIDEO: {
                "video_processor_type": "NemotronH_Omni_Reasoning_V3VideoProcessor",
                "video_target_num_patches": 1024,
                "patch_size": 16,
                "downsample_ratio": 0.5,
            },
            PROCESSOR: {"video_temporal_patch_dim": 2},
        },
        150 * 12 * 21,
    ),
    "video-llama-3": (  # every frame, 2,007 px each: a cell of 28 px, and another beside it
        {
            VIDEO: {
                "video_processor_type": "VideoLlama3VideoProcessor",
                "size": {"shortest_edge": 128 * 28 * 28, "longest_edge": 768 * 28 * 28},
                "min_frames": 4,
                "max_frames": 180,
                **PATCHES,
            }
        },
        300 * 2,
    ),
    "video-llava": (
        {
            VIDEO: {
                "video_processor_type": "VideoLlavaVideoProcessor",
                "size": {"shortest_edge": 224},
                "crop_size": {"height": 224, "width": 224},
            },
            PROCESSOR: {"patch_size": 14, "num_additional_image_tokens": 1},
        },
        8 * 257,
    ),
    "instructblip-video": (
        {
            VIDEO: {
                "video_processor_type": "InstructBlipVideoVideoProcessor",
                "size": {"height": 384, "width": 384},
            },
            PROCESSOR: {"num_query_tokens": 32},
            CONFIG: {"vision_config": {"patch_size": 14}},
        },
        4 * 32,
    ),
    "llava-onevision": (
        {
            VIDEO: {
                "video_processor_type": "LlavaOnevisionVideoProcessor",
                "size": {"height": 384, "width": 384},
            },
            CONFIG: {"vision_config": {"patch_size": 14}},
        },
        8 * 196 + 1,
    ),
    "llava-next-video": (
        {
            VIDEO: {
                "video_processor_type": "LlavaNextVideoVideoProcessor",
                "crop_size": {"height": 336, "width": 336},
                "num_frames": 4,
            },
            PROCESSOR: {"patch_size": 14},
        },
        4 * 144,
    ),
    "perception-lm": (
        {
            VIDEO: {"video_processor_type": "PerceptionLMVideoProcessor", "size": BOX},
            PROCESSOR: {"patch_size": 14, "pooling_ratio": 2},
        },
        8 * 256,
    ),
    "smolvlm2": (
        {
            VIDEO: {
                "video_processor_type": "SmolVLMVideoProcessor",
                "video_sampling": {
                    "fps": 1, "max_frames": 64, "video_size": {"longest_edge": 384}
                },
                "max_image_size": {"longest_edge": 384},
            },
            PROCESSOR: {"image_seq_len": 81},
        },
        810,
    ),
    "molmo2": (
        {
            VIDEO: {
                "video_processor_type": "Molmo2VideoProcessor",
                "size": {"height": 378, "width": 378},
                "patch_size": 14,
                "pooling_size": [3, 3],
                "num_frames": 64,
                "max_fps": 2,
            }
        },
        20 * 81,
    ),
    "gemma-4": (
        {
            VIDEO: {
                "video_processor_type": "Gemma4VideoProcessor",
                "num_frames": 32,
                "max_soft_tokens": 70,
                "patch_size": 16,
                "pooling_kernel_size": 3,
            }
        },
        2112,
    ),
    "kimi-k2.5": (
        {
            PROCESSOR: {
                "video_processor": {
                    "video_processor_type": "Kimi_K25VideoProcessor",
                    "size": {"max_height": 512, "max_width": 512},
                    "patch_size": 14,
                    "merge_size": 2,
                    "temporal_patch_size": 4,
                    "max_patches": 4096,
                    "fps": 2,
                }
            }
        },
        5160,
    ),
    "videomae": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "VideoMAEImageProcessor",
                "size": {"shortest_edge": 224},
                "crop_size": {"height": 224, "width": 224},
            },
            CONFIG: {"model_type": "videomae", "num_frames": 16, "tubelet_size": 2,
                     "patch_size": 16},
        },
        1568,
    ),
    "vivit": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "VivitImageProcessor",
                "size": {"shortest_edge": 256},
                "crop_size": {"height": 224, "width": 224},
                "rescale_factor": 0.00784313725490196,
                "offset": True,
            },
            CONFIG: {"model_type": "vivit", "num_frames": 32, "tubelet_size": [2, 16, 16]},
        },
        3137,
    ),
    "timesformer": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "VideoMAEFeatureExtractor",
                "size": {"shortest_edge": 224},
                "crop_size": {"height": 224, "width": 224},
            },
            CONFIG: {"model_type": "timesformer", "num_frames": 8, "patch_size": 16},
        },
        1569,
    ),
}  # fmt: skip


def written(tmp_path, name, files):
    folder = tmp_path / name
    folder.mkdir()
    for file, data in files.items():
        (folder / file).write_text(json.dumps(data), "utf-8")
    return folder


@pytest.mark.parametrize("name", FOLDERS)
def test_the_row_is_a_catalogue_file_that_counts_clips(name, tmp_path):
    files, tokens = FOLDERS[name]
    file = tmp_path / "mine.toml"
    file.write_text(to_toml(row_from_folder(written(tmp_path, name, files))), "utf-8")
    rule = catalog(str(file)).model(name).rule("video")
    assert rule.counter().breakdown(CLIP)["video"] == tokens


def test_an_omni_checkpoint_has_the_bounds_of_its_processor(tmp_path):
    """Those of the file hold for pictures alone."""
    clips, _ = FOLDERS["qwen2.5-vl"]
    files = {
        VIDEO: {**clips[VIDEO], "min_pixels": 3136, "max_pixels": 12845056},
        CONFIG: {"model_type": "qwen2_5_omni"},
    }
    row = row_from_folder(written(tmp_path, "mine", files))["video"]
    assert (row["tokenizer"], row["params"]["max_pixels"]) == ("omni-video", 602_112)


def test_the_number_of_frames_is_an_option_and_a_note(tmp_path):
    row = row_from_folder(written(tmp_path, "mine", FOLDERS["internvl"][0]))["video"]
    assert row["options"]["num_frames"] == {
        "default": 8, "param": "num_frames", "type": "int", "min": 1, "max": 100_000
    }  # fmt: skip
    assert row["notes"] == [
        "8 frames, unless num_frames says otherwise: the number is the caller's"
    ]


def test_what_the_file_says_of_sampling_needs_no_note(tmp_path):
    row = row_from_folder(written(tmp_path, "mine", FOLDERS["qwen3-vl"][0]))["video"]
    assert "notes" not in row


@pytest.mark.parametrize(
    ("name", "file", "key", "rule"),
    [
        ("qwen2.5-vl", VIDEO, "merge_size", "qwen-video"),
        ("internvl", CONFIG, "downsample_ratio", "pooled-frames"),
        ("smolvlm2", PROCESSOR, "image_seq_len", "smolvlm-video"),
        ("molmo2", VIDEO, "pooling_size", "molmo-video"),
        ("videomae", CONFIG, "tubelet_size", "tubelet"),
    ],
)
def test_a_missing_key_is_named_with_its_file(name, file, key, rule, tmp_path):
    files = {n: dict(data) for n, data in FOLDERS[name][0].items()}
    del files[file][key]
    folder = written(tmp_path, name, files)
    with pytest.raises(CatalogError) as raised:
        row_from_folder(folder)
    assert str(raised.value) == f"{folder / file}: lacks {key!r}, which {rule} needs"


def test_an_unread_video_processor_leaves_the_pictures_and_says_so(tmp_path):
    clip = {
        "preprocessor_config.json": {
            "image_processor_type": "Qwen2VLImageProcessor",
            "min_pixels": 3136,
            "max_pixels": 12845056,
            **PATCHES,
        },
        VIDEO: {"video_processor_type": "NewVideoProcessor"},
    }
    file = tmp_path / "mine.toml"
    file.write_text(to_toml(row_from_folder(written(tmp_path, "new", clip))), "utf-8")
    model = catalog(str(file)).model("new")
    assert model.rule("image").tokenizer == "fit-merge"
    with pytest.raises(UnknownRuleError, match="NewVideoProcessor is no video processor that"):
        model.rule("video")


def test_the_command_prints_a_file_that_counts(tmp_path):
    folder = written(tmp_path, "mine", FOLDERS["smolvlm2"][0])
    printed = CliRunner().invoke(multitok, ["models", "--from-hf", str(folder)])
    file = tmp_path / "mine.toml"
    file.write_text(printed.stdout, "utf-8")
    words = ["count", "samples/clip.mp4", "-m", "mine", "--catalog", str(file), "-q"]
    counted = CliRunner().invoke(multitok, [*words, "-s", "fps=0.5"])
    assert (counted.exit_code, counted.stderr) == (0, counted.stderr)
    assert int(counted.stdout) == 2 * (81 + 3)


PROMISE = "multitok models --from-hf DIR reads yours"
ROWS = tomllib.loads(
    (Path(__file__).parents[2] / "src/multitok/catalog/open.toml").read_text("utf-8")
)["rules"]


def test_the_catalogue_promises_only_what_is_read():
    """`image_processing_pixtral.py` is the file of PixtralImageProcessor: a reader has its name."""
    read = {name.lower().replace("_", "") for name in (*READERS, *VIDEO_READERS)}
    others = {"llava", "llava_next", "llava_onevision", "aya_vision", "gemma3", "paligemma"}
    for name, row in ROWS.items():
        if any(PROMISE in note for note in row.get("notes", ())):
            files = re.findall(r"\b(image_|video_)?processing_(\w+)\.py", row["source"])
            assert files, name
            for kind, stem in files:
                known = f"{stem}{kind}processor".replace("_", "") in read
                assert known or (not kind and (stem in others or len(files) > 1)), name
