"""What providers printed, what their code gives, what was measured on their APIs: every row holds.

tests/golden/api.csv is the data; its `confidence` says what a row is worth, and this file says
which model and options of the catalogue answer it.
"""

import csv
import re
from pathlib import Path

import pytest

from multitok import count
from multitok.catalog.load import Catalog, catalog
from multitok.core.info import ImageInfo

GOLDEN = Path(__file__).parent.parent / "golden" / "api.csv"
ROWS = list(csv.DictReader(GOLDEN.read_text("utf-8").splitlines()))
PICTURES = ("image", "image_patches", "image_tiles", "image_resize", "image_billed")
IMAGE_ROWS = [row for row in ROWS if row["modality"] in PICTURES]

# A family in the data, and the models that stand for it here. Other names are model ids.
FAMILIES = {
    "(patch rule; budget 1536; before multiplier)": ["gpt-5-mini", "gpt-5-nano", "o4-mini"],
    "claude standard tier (<4.7, e.g. haiku-4-5, sonnet-4-6)": [
        "claude-haiku-4-5",
        "claude-sonnet-4-6",
        "claude-3-opus",
    ],
    "claude high-res tier (4.7 and later)": [
        "claude-opus-4-7",
        "claude-opus-5",
        "claude-haiku-5-5",
    ],
    "gemini-2.x": ["gemini-2.0-flash"],
    "gemini-2.5": ["gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite"],
    "nova-lite/pro v1": ["nova-lite", "nova-pro"],
    "pixtral-12b (patch 16, max 1024, merge 1)": ["pixtral-12b-2409"],
    "mistral-small-3.1 config (patch 14, max 1540, merge 2)": [
        "mistral-small-2503",
        "mistral-small-2506",
    ],
    "Qwen-VL (28 px)": ["siliconflow/Qwen/Qwen2.5-VL-72B-Instruct"],
    "gemini-3.x": ["gemini-3-pro-preview", "gemini-3.8-flash", "gemini-4-argon"],
}
ANY_SIZE = ((1, 1), (128, 64), (1024, 1024), (300, 7000))
"""Sizes for a row of any size: a figure that its page calls the most is one for these, and the
upper end of what is stated reaches it for a picture of ordinary shape."""


def shipped() -> Catalog:
    return catalog()


def cases():
    for row in IMAGE_ROWS:
        for model in FAMILIES.get(row["model"], [row["model"]]):
            size = re.match(r"(\d+)x(\d+)|any size", row["input"])
            assert size, row["input"]
            sizes = [tuple(map(int, size.groups()))] if size[1] else ANY_SIZE
            options = dict(re.findall(r"(\w+)=(\w+)", row["input"]))
            if row["modality"] == "image_billed":
                options["edition"] = "flat"  # the page's newer edition, see amazon.toml
            for wide, high in sizes:
                yield pytest.param(
                    row, model, options, ImageInfo(wide, high), id=f"{model}-{row['input']}-{wide}"
                )


@pytest.mark.parametrize(("row", "model", "options", "info"), list(cases()))
def test_row(row, model, options, info):
    rule = shipped().model(model).rule("image", options)
    counter = rule.counter()
    expected = row["expected_tokens"]
    if row["modality"] == "image_resize":
        height, width = counter.geometry(info)["resized"]
        assert f"{width}x{height}" == expected
    elif row["modality"] == "image_patches":
        assert counter.geometry(info)["patches"] == int(expected)
    elif row["modality"] == "image_tiles":
        rows, columns = counter.geometry(info)["tiles"]
        assert rows * columns == int(expected)
    elif "maximum" in row["confidence"]:
        tokens = counter.count(info)
        assert tokens <= int(expected)
        if max(info.width, info.height) <= 2 * min(info.width, info.height):
            assert rule.error is not None
            assert tokens * rule.error[1] >= int(expected)
    else:
        assert counter.count(info) == int(expected)


@pytest.mark.parametrize(("row", "model", "options", "info"), list(cases()))
def test_no_row_of_a_closed_api_is_called_exact(row, model, options, info):
    """A figure that its page calls approximate is a bound, an estimate or what bills show."""
    rule = shipped().model(model).rule("image", options)
    if "approximate" in row["confidence"]:
        assert rule.kind in ("upper-bound", "estimate", "observed")
    assert rule.kind != "exact"


@pytest.mark.parametrize(("size", "tokens"), [((400, 301), 153), ((597, 566), 430)])
def test_nova_2_sees_a_small_picture_at_its_own_size(size, tokens):
    """A token for 28 x 28 px: bills show about 155 and 431, by requests with one and with two."""
    assert count(ImageInfo(*size), model="nova-2-lite").tokens == tokens
