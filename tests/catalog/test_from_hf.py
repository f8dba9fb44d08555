"""A checkpoint folder makes a row: families with their published values, written by hand."""

import pytest
from checkpoint_folders import FOLDERS, written
from click.testing import CliRunner

from multitok.catalog.from_hf import row_from_folder, to_toml
from multitok.catalog.load import catalog
from multitok.cli import multitok
from multitok.core.errors import CatalogError
from multitok.core.info import ImageInfo
from multitok.core.registry import build


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
        " or preprocessor_config.json 'size.longest_edge'"
        " or preprocessor_config.json 'size.max_pixels', which fit-merge needs"
    )


def test_an_unknown_processor_lists_the_known(tmp_path):
    folder = written(
        tmp_path, "x", {"preprocessor_config.json": {"image_processor_type": "NewImageProcessor"}}
    )
    with pytest.raises(CatalogError) as refused:
        row_from_folder(folder)
    assert str(refused.value).startswith(
        f"{folder / 'preprocessor_config.json'}: image_processor_type 'NewImageProcessor' is none"
        " of AriaImageProcessor, BitImageProcessor, "
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
        f"{empty}: has neither preprocessor_config.json nor an image_processor or a"
        " feature_extractor in processor_config.json"
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
