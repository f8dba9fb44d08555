"""Files as transformers saves its picture processors: read, they count as the processors do."""

import json
import re
from pathlib import Path

import pytest
from checkpoint_folders import FOLDERS, written

from multitok.catalog.from_hf import READERS, row_from_folder
from multitok.catalog.load import catalog
from multitok.core.errors import CatalogError, MediaError
from multitok.core.info import ImageInfo
from multitok.core.registry import build

GOLDEN = Path(__file__).parent.parent / "golden"
SAVED = json.loads((GOLDEN / "processors.json").read_text("utf-8"))
FAMILIES: dict[str, list[dict]] = {}
for line in (GOLDEN / "image.jsonl").read_text("utf-8").splitlines():
    row = json.loads(line)
    FAMILIES.setdefault(row["family"], []).append(row)
CONFIG = "preprocessor_config.json"
NAMES = [f"{n}-{saved['files'][CONFIG]['image_processor_type']}" for n, saved in enumerate(SAVED)]


def counts(saved):
    """Width, height and tokens that the processor counts; None where it refuses the picture."""
    if "counts" in saved:
        return saved["counts"]
    return [
        (row["width"], row["height"], row["expected"].get(
            "total_structural_tokens", row["expected"].get("image_tokens")))
        for row in FAMILIES[saved["family"]]
    ]  # fmt: skip


def wrong(counter, saved):
    found = []
    for width, height, tokens in counts(saved):
        try:
            got = counter.count(ImageInfo(width, height))
        except MediaError:
            got = None
        if got != tokens:
            found.append((width, height, got, tokens))
    return found


@pytest.mark.parametrize("saved", SAVED, ids=NAMES)
def test_files_that_transformers_saves_count_as_their_processor(saved, tmp_path):
    row = row_from_folder(written(tmp_path, "saved", saved["files"]))
    assert wrong(build(row["image"]["tokenizer"], row["image"]["params"]), saved) == []


@pytest.mark.parametrize(
    "saved", [saved for saved in SAVED if "row" in saved], ids=lambda saved: saved["row"]
)
def test_a_row_of_the_catalogue_counts_as_the_processor_it_names(saved):
    assert wrong(catalog().model(saved["row"]).rule("image").counter(), saved) == []


def folders():
    """The files of every folder that a test reads."""
    return [files for files, _ in FOLDERS.values()] + [saved["files"] for saved in SAVED]


def test_every_reader_has_files_that_it_was_tried_on():
    tried = {"InternVLChat"}  # known by its config.json
    for files in folders():
        around = files.get("processor_config.json", {})
        file = files.get(CONFIG) or around.get("image_processor") or around
        name = file.get("image_processor_type") or file.get("feature_extractor_type") or ""
        name = name or file.get("auto_map", {}).get("AutoImageProcessor", "").rpartition(".")[2]
        name = name or file.get("processor_class", "")
        tried.add(re.sub("(Fast|Pil)$", "", name).replace("FeatureExtractor", "ImageProcessor"))
    assert set(READERS) - tried == set()


def test_every_processor_with_a_rule_is_read():
    """The files of transformers that rows of the catalogue have as their source."""
    read = {name.removesuffix("ImageProcessor").lower() for name in READERS}
    read |= {saved["module"] for saved in SAVED}
    read |= {saved["processor"] for saved in SAVED if "processor" in saved}
    read |= {files.get("config.json", {}).get("model_type", "") for files in folders()}
    plain = {name.replace("_", "").replace("-", "") for name in read}
    missing = set()
    for model in catalog().models():
        rule = model.rules.get("image")
        if rule is not None and "transformers" in rule.source:
            files = re.findall(r"\b(?:image_)?processing_(\w+)\.py", rule.source)
            missing |= {name for name in files if name.replace("_", "") not in plain}
    assert missing == set()


def of_class(name):
    """The files of the first folder whose processor has this name."""
    return next(
        files
        for files in folders()
        if str(files.get(CONFIG, {}).get("image_processor_type", "")).startswith(name)
    )


REFUSED = [
    ("Glm5Next", "patch_expand_factor", 2, "1"),
    ("Aria", "split_image", True, "false"),
    ("KimiVL", "pad_input", False, "true"),
    ("MiniCPMV4_6", "downsample_mode", "8x", "16x or 4x"),
    ("MiniCPMOcr", "small_image_upsize", "adaptive", "always"),
    ("InklingImage", "rescale_image_frac", 2.0, "null"),
    ("Ovis2", "use_covering_area_grid", False, "true"),
    ("Molmo2", "pooling_size", [2, 3], "two equal numbers"),
    ("Phi3V", "num_img_tokens", 256, "144"),
]


@pytest.mark.parametrize(("name", "key", "value", "read"), REFUSED, ids=lambda value: str(value))
def test_a_setting_that_changes_the_count_and_has_no_rule_is_refused(
    name, key, value, read, tmp_path
):
    files = of_class(name)
    folder = written(tmp_path, "it", {**files, CONFIG: {**files[CONFIG], key: value}})
    with pytest.raises(CatalogError) as refused:
        row_from_folder(folder)
    assert str(refused.value) == (
        f"{folder / CONFIG}: {key} {value!r} is not read here: a rule is known for {read}"
    )


@pytest.mark.parametrize(
    ("setting", "tokens"),
    [
        ({}, 3 * 256 + 2),  # 2 x 1 tiles and the thumbnail
        ({"dynamic_image_size": False}, 256 + 2),
        ({"max_dynamic_patch": 12}, 9 * 256 + 2),
    ],
)
def test_an_original_internvl_goes_by_its_config(setting, tokens, tmp_path):
    """Its preprocessor_config.json names CLIP's class, by whose numbers its code does not go."""
    files, _ = FOLDERS["internvl-chat"]
    config = {**files["config.json"], **setting}
    image = row_from_folder(written(tmp_path, "it", {**files, "config.json": config}))["image"]
    assert build(image["tokenizer"], image["params"]).count(ImageInfo(1920, 1080)) == tokens
