"""The open models of the catalogue: golden checkpoints that have a row are counted by its rule."""

import json
from pathlib import Path

import pytest

from multitok.catalog.load import catalog
from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo

GOLDEN = Path(__file__).parent.parent / "golden" / "image.jsonl"
OPEN = {model.id: model for model in catalog().models() if model.provider == "open"}
VARIANTS = {"gemma3/pan-and-scan", "gemma4/70", "gemma4/1120", "siglip2-naflex/1024"}
VARIANTS |= {"minicpm-v-4.6/4x", "idefics2/split=False"}
ROWS: dict[str, list[dict]] = {}
for line in GOLDEN.read_text("utf-8").splitlines():
    row = json.loads(line)
    if row["family"] not in VARIANTS and not row["family"].startswith("mistral-common"):
        for checkpoint in row["checkpoints"]:
            if checkpoint.split(" ")[0] in OPEN:
                ROWS.setdefault(checkpoint.split(" ")[0], []).append(row)


def test_most_golden_checkpoints_have_a_row():
    assert len(ROWS) > 50


@pytest.mark.parametrize("model", sorted(ROWS))
def test_the_row_counts_as_the_golden_family(model):
    counter = OPEN[model].rule("image").counter()
    for row in ROWS[model]:
        info, expected = ImageInfo(row["width"], row["height"]), row["expected"]
        if "error" in expected:
            with pytest.raises(MediaError):
                counter.count(info)
            continue
        total = expected.get("total_structural_tokens", expected["image_tokens"])
        assert counter.count(info) == total, f"{row['family']} {info}"


def test_a_kind_says_how_sure_the_parameters_are():
    """Compared with a config: exact. The reference's defaults for want of better: an estimate."""
    assert OPEN["Qwen/Qwen2.5-VL-7B-Instruct"].rule("image").kind == "exact"
    assert OPEN["meta-llama/Llama-4-Scout-17B-16E-Instruct"].rule("image").kind == "documented"
    guessed = OPEN["thisisiron/Ovis2-1B-hf"].rule("image")
    assert guessed.kind == "estimate"
    assert guessed.notes[-1] == (
        "the parameters are the reference class's defaults, not compared with a checkpoint"
    )
