"""The open models of the catalogue: golden checkpoints that have a row are counted by its rule."""

import csv
import json
from pathlib import Path

import pytest

from multitok.catalog.load import catalog
from multitok.core.errors import MediaError
from multitok.core.info import AudioInfo, ImageInfo
from multitok.counting.door import count

GOLDEN = Path(__file__).parent.parent / "golden" / "image.jsonl"
OPEN = {model.id: model for model in catalog().models() if model.provider == "open"}
VARIANTS = {"gemma3/pan-and-scan", "gemma4/70", "gemma4/1120", "siglip2-naflex/1024"}
VARIANTS |= {"minicpm-v-4.6/4x", "idefics2/split=False"}
OTHERS = {"LiquidAI/LFM2-VL-450M", "LiquidAI/LFM2-VL-1.6B"}
"""Their published configs differ from their family's golden: processors.json has their counts."""
ROWS: dict[str, list[dict]] = {}
for line in GOLDEN.read_text("utf-8").splitlines():
    row = json.loads(line)
    if row["family"] not in VARIANTS and not row["family"].startswith("mistral-common"):
        for checkpoint in row["checkpoints"]:
            if checkpoint.split(" ")[0] in OPEN.keys() - OTHERS:
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


COUNTED = Path(__file__).parent.parent / "golden" / "open_models.csv"
BY_MODEL: dict[str, list[tuple[int, int, int]]] = {}
with COUNTED.open(encoding="utf-8") as file:
    for row in csv.DictReader(file):
        sizes = int(row["width"]), int(row["height"]), int(row["tokens"])
        BY_MODEL.setdefault(row["model"], []).append(sizes)


@pytest.mark.parametrize("model", BY_MODEL)
def test_the_row_counts_as_the_published_code_counted(model):
    """The code that the file names, executed: of vllm, or a processor of transformers."""
    counter = OPEN[model].rule("image").counter()
    for width, height, tokens in BY_MODEL[model]:
        assert counter.count(ImageInfo(width, height)) == tokens, f"{width}x{height}"


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        ("stepfun-ai/GOT-OCR-2.0-hf", 256 + 2),  # one view of 1024 px, <img> and </img>
        ("rhymes-ai/Aria", 256),  # size_conversion: 980 px
        ("microsoft/Florence-2-large", 577),
        ("moondream/moondream3-preview", 27 * 27),  # 378 px in patches of 14
        ("zai-org/glm-4v-9b", 40 * 40 + 2),  # 1120 px in cells of 28, begin and end
        ("Qwen/Qwen-VL-Chat", 16 * 16 + 2),  # 448 px in cells of 28, <img> and </img>
        ("01-ai/Yi-VL-34B", 32 * 32),  # 448 px in patches of 14
        ("MAGAer13/mplug-owl2-llama2-7b", 64 + 1),  # learnable queries and one more
        ("zai-org/glm-edge-v-2b", 24 * 24 + 2),  # 672 px, 48 x 48 patches by fours, begin and end
    ],
)
def test_a_model_of_one_size_counts_every_picture_alike(model, tokens):
    counter = catalog().model(model).rule("image").counter()
    assert {counter.count(ImageInfo(*size)) for size in ((1, 1), (640, 480), (8000, 600))} == {
        tokens
    }


def test_a_picture_longer_than_its_positions_is_refused_where_the_published_code_raises():
    """Kimi-VL: 14 x 512 px is the end of its position embeddings; the sum of patches is small."""
    counter = OPEN["moonshotai/Kimi-VL-A3B-Instruct"].rule("image").counter()
    with pytest.raises(MediaError, match="a side of 7168 px is 512 patches or more"):
        counter.count(ImageInfo(7150, 20))
    assert counter.count(ImageInfo(7100, 20)) == 254  # ceil(7100 / 28) cells


def test_what_is_cut_off_of_a_long_sound_is_said():
    """Gemma 3n's extractor keeps 480,000 samples at 16 kHz; its tokens are 188 for any of them."""
    counted = count(AudioInfo(1_920_000, 16_000), model="google/gemma-3n-E2B-it")
    assert counted.parts["audio"] == 188
    assert "only the first 30 s of 120.0 s are heard" in counted.notes
