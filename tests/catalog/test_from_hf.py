"""A checkpoint folder makes a row: families with their published values, written by hand."""

import json

import pytest
from click.testing import CliRunner

from multitok.catalog.from_hf import row_from_folder, to_toml
from multitok.catalog.load import catalog
from multitok.cli import multitok
from multitok.core.errors import CatalogError
from multitok.core.info import ImageInfo
from multitok.core.registry import build

CLIP = {
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}
HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
QWEN = {"patch_size": 14, "merge_size": 2, "temporal_patch_size": 2}
PINPOINTS = [[336, 672], [672, 336], [672, 672], [1008, 336], [336, 1008]]

# name -> (the files, tokens of 1920 x 1080)
FOLDERS = {
    "qwen2-vl": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Qwen2VLImageProcessor",
                "min_pixels": 3136,
                "max_pixels": 12845056,
                **QWEN,
                **CLIP,
            },
            "config.json": {"model_type": "qwen2_vl", "max_position_embeddings": 32768},
        },
        2691,
    ),
    "qwen2.5-vl": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Qwen2VLImageProcessorFast",
                "size": {"shortest_edge": 3136, "longest_edge": 12845056},
                **QWEN,
                **CLIP,
            },
        },
        2691,
    ),
    "qwen3-vl": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Qwen2VLImageProcessorFast",
                "size": {"longest_edge": 16777216, "shortest_edge": 65536},
                "patch_size": 16,
                "merge_size": 2,
                "temporal_patch_size": 2,
                **HALF,
            },
        },
        2040,
    ),
    "glm-4.1v": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Glm4vImageProcessor",
                "size": {"shortest_edge": 12544, "longest_edge": 9633792},
                **QWEN,
                **CLIP,
            },
        },
        2691,
    ),
    "llava-next": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "LlavaNextImageProcessor",
                "image_grid_pinpoints": PINPOINTS,
                "size": {"shortest_edge": 336},
                "crop_size": {"height": 336, "width": 336},
                "resample": 3,
                **CLIP,
            },
            "processor_config.json": {
                "patch_size": 14,
                "num_additional_image_tokens": 1,
                "vision_feature_select_strategy": "default",
            },
        },
        1948,
    ),
    "llava-onevision": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "LlavaOnevisionImageProcessor",
                "image_grid_pinpoints": [
                    [384 * i, 384 * j] for i in range(1, 7) for j in range(1, 7)
                ],
                "size": {"height": 384, "width": 384},
                **HALF,
            },
            "processor_config.json": {
                "num_image_tokens": 729,
                "vision_feature_select_strategy": "full",
                "vision_aspect_ratio": "anyres_max_9",
            },
        },
        7269,
    ),
    "internvl-hf": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "GotOcr2ImageProcessorFast",
                "size": {"height": 448, "width": 448},
                "crop_to_patches": False,
                "min_patches": 1,
                "max_patches": 12,
            },
            "processor_config.json": {"image_seq_length": 256},
            "config.json": {"model_type": "internvl"},
        },
        2306,
    ),
    "internvl-chat": (
        {
            "preprocessor_config.json": {"crop_size": 448, "size": 448},
            "config.json": {
                "model_type": "internvl_chat",
                "force_image_size": 448,
                "downsample_ratio": 0.5,
                "min_dynamic_patch": 1,
                "max_dynamic_patch": 6,
                "vision_config": {"patch_size": 14},
            },
        },
        770,
    ),
    "pixtral": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "PixtralImageProcessor",
                "patch_size": {"height": 16, "width": 16},
                "size": {"longest_edge": 1024},
                **CLIP,
            },
            "config.json": {"model_type": "llava"},
        },
        2340,
    ),
    "mistral-small-3.1": (
        {
            "processor_config.json": {
                "image_processor": {
                    "image_processor_type": "PixtralImageProcessorFast",
                    "patch_size": 14,
                    "size": {"longest_edge": 1540},
                    **CLIP,
                },
                "spatial_merge_size": 2,
            },
            "config.json": {"model_type": "mistral3"},
        },
        1736,
    ),
    "llama-3.2-vision": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "MllamaImageProcessor",
                "size": {"height": 560, "width": 560},
                "max_image_tiles": 4,
            },
            "config.json": {"model_type": "mllama", "vision_config": {"patch_size": 14}},
        },
        1,
    ),
    "llama-4": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Llama4ImageProcessorFast",
                "size": {"height": 336, "width": 336},
                "max_patches": 16,
                "resample": 2,
                **HALF,
            },
            "processor_config.json": {"patch_size": 14, "pixel_shuffle_ratio": 0.5},
            "config.json": {
                "model_type": "llama4",
                "text_config": {"max_position_embeddings": 10485760},
            },
        },
        2322,
    ),
    "gemma-3": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Gemma3ImageProcessor",
                "size": {"height": 896, "width": 896},
                "image_seq_length": 256,
                "do_pan_and_scan": None,
                "resample": 2,
                **HALF,
            },
        },
        258,
    ),
    "idefics3": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Idefics3ImageProcessor",
                "size": {"longest_edge": 1456},
                "max_image_size": {"longest_edge": 364},
                "do_image_splitting": True,
                "resample": 1,
                **HALF,
            },
            "processor_config.json": {"image_seq_len": 169},
        },
        2224,
    ),
    "smolvlm": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "SmolVLMImageProcessor",
                "size": {"longest_edge": 2048},
                "max_image_size": {"longest_edge": 512},
                "do_image_splitting": True,
                **HALF,
            },
            "processor_config.json": {"image_seq_len": 64},
        },
        859,
    ),
    "siglip2-naflex": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "Siglip2ImageProcessor",
                "patch_size": 16,
                "max_num_patches": 256,
                **HALF,
            },
        },
        252,
    ),
    "clip": (
        {
            "preprocessor_config.json": {
                "feature_extractor_type": "CLIPFeatureExtractor",
                "do_center_crop": True,
                "size": 224,
                "crop_size": 224,
                **CLIP,
            },
            "config.json": {"model_type": "clip", "vision_config": {"patch_size": 32}},
        },
        50,
    ),
    "llava-1.5": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "CLIPImageProcessor",
                "do_center_crop": True,
                "size": {"shortest_edge": 336},
                "crop_size": {"height": 336, "width": 336},
                **CLIP,
            },
            "processor_config.json": {
                "patch_size": 14,
                "vision_feature_select_strategy": "default",
            },
            "config.json": {"model_type": "llava"},
        },
        576,
    ),
    "vit": (
        {
            "preprocessor_config.json": {
                "image_processor_type": "ViTImageProcessor",
                "size": 224,
                "resample": 2,
                **HALF,
            },
            "config.json": {"model_type": "vit", "patch_size": 16},
        },
        197,
    ),
}


def written(tmp_path, name, files):
    folder = tmp_path / name
    folder.mkdir()
    for file, data in files.items():
        (folder / file).write_text(json.dumps(data), "utf-8")
    return folder


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_counts_as_its_model_does(name, tmp_path):
    files, tokens = FOLDERS[name]
    row = row_from_folder(written(tmp_path, name, files))
    assert row["id"] == name
    assert row["image"]["kind"] == "exact"
    counter = build(row["image"]["tokenizer"], row["image"]["params"])
    assert counter.count(ImageInfo(1920, 1080)) == tokens


@pytest.mark.parametrize("name", FOLDERS)
def test_the_row_is_a_catalogue_file(name, tmp_path):
    files, tokens = FOLDERS[name]
    row = row_from_folder(written(tmp_path, name, files))
    file = tmp_path / "mine.toml"
    file.write_text(to_toml(row), "utf-8")
    model = catalog(str(file)).model(name)
    assert model.rule("image").counter().count(ImageInfo(1920, 1080)) == tokens
    assert model.context_window == row.get("context_window")


NEEDED = [
    ("qwen2-vl", "preprocessor_config.json", "merge_size", "fit-merge"),
    ("glm-4.1v", "preprocessor_config.json", "patch_size", "fit-merge"),
    ("llava-next", "preprocessor_config.json", "image_grid_pinpoints", "anyres"),
    ("llava-onevision", "processor_config.json", "num_image_tokens", "anyres"),
    ("internvl-hf", "preprocessor_config.json", "max_patches", "ratio-tiles"),
    ("internvl-chat", "config.json", "downsample_ratio", "ratio-tiles"),
    ("llama-3.2-vision", "preprocessor_config.json", "max_image_tiles", "cross-tiles"),
    ("llama-4", "preprocessor_config.json", "max_patches", "separated-tiles"),
    ("idefics3", "processor_config.json", "image_seq_len", "named-tiles"),
    ("siglip2-naflex", "preprocessor_config.json", "max_num_patches", "naflex"),
]


@pytest.mark.parametrize(("name", "file", "key", "rule"), NEEDED, ids=lambda value: str(value))
def test_a_missing_key_is_named_with_its_file(name, file, key, rule, tmp_path):
    files = {n: dict(data) for n, data in FOLDERS[name][0].items()}
    del files[file][key]
    folder = written(tmp_path, name, files)
    with pytest.raises(CatalogError) as refused:
        row_from_folder(folder)
    assert str(refused.value) == f"{folder / file}: lacks '{key}', which {rule} needs"


def test_limits_may_stand_under_two_names(tmp_path):
    files = {n: dict(data) for n, data in FOLDERS["qwen2-vl"][0].items()}
    del files["preprocessor_config.json"]["max_pixels"]
    folder = written(tmp_path, "qwen2-vl", files)
    with pytest.raises(CatalogError) as refused:
        row_from_folder(folder)
    assert str(refused.value) == (
        f"{folder / 'preprocessor_config.json'}: lacks 'max_pixels'"
        " or preprocessor_config.json 'size.longest_edge', which fit-merge needs"
    )


def test_an_unknown_processor_lists_the_known(tmp_path):
    folder = written(
        tmp_path, "x", {"preprocessor_config.json": {"image_processor_type": "NewImageProcessor"}}
    )
    with pytest.raises(CatalogError) as refused:
        row_from_folder(folder)
    assert str(refused.value).startswith(
        f"{folder / 'preprocessor_config.json'}: image_processor_type 'NewImageProcessor' is none"
        " of BitImageProcessor, CLIPImageProcessor, "
    )


def test_wrong_files_say_what_they_are(tmp_path):
    with pytest.raises(CatalogError) as refused:
        row_from_folder(tmp_path / "nowhere")
    assert str(refused.value) == f"{tmp_path / 'nowhere'}: not a folder with a checkpoint"
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(CatalogError) as refused:
        row_from_folder(empty)
    assert str(refused.value) == (
        f"{empty}: has neither preprocessor_config.json nor an image_processor in"
        " processor_config.json"
    )
    (empty / "config.json").write_text("{", "utf-8")
    with pytest.raises(CatalogError, match=r"config\.json: not JSON"):
        row_from_folder(empty)
    wrong = {"preprocessor_config.json": {**FOLDERS["qwen2-vl"][0]["preprocessor_config.json"]}}
    wrong["preprocessor_config.json"]["patch_size"] = "14"
    folder = written(tmp_path, "wrong", wrong)
    with pytest.raises(CatalogError) as refused:
        row_from_folder(folder)
    assert str(refused.value) == (
        f"{folder / 'preprocessor_config.json'}: patch_size must be a whole number, got '14'"
    )


def test_the_command_prints_a_file_that_counts(tmp_path):
    folder = written(tmp_path, "mine", FOLDERS["llama-4"][0])
    printed = CliRunner().invoke(multitok, ["models", "--from-hf", str(folder)])
    assert printed.exit_code == 0, printed.output
    file = tmp_path / "mine.toml"
    file.write_text(printed.stdout, "utf-8")
    counted = CliRunner().invoke(
        multitok, ["count", "--size", "1920x1080", "-m", "mine", "--catalog", str(file), "-q"]
    )
    assert counted.stdout == "2322\n"
