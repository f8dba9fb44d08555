"""Text of a closed vocabulary: each ratio is a measured one, and a count states its range."""

import csv
from importlib.metadata import version
from pathlib import Path
from statistics import median

import pytest

import multitok
from multitok.catalog.load import catalog
from multitok.modalities.text.linear import estimates

MEASURED = Path(__file__).parent.parent / "golden" / "text_ratios.csv"


def figures():
    """(ratio, low, high) of a vocabulary: the middle of three corpora, the widest percentiles; and
    of any vocabulary but those of GPT-3: the middle of all, the widest of all."""
    of = {}
    for row in csv.DictReader(MEASURED.read_text("utf-8").splitlines()):
        of.setdefault(row["vocabulary"], []).append(row)
    found = {
        name: (
            median(float(row["ratio_to_o200k_base"]) for row in rows),
            min(float(row["chunk_p5"]) for row in rows),
            max(float(row["chunk_p95"]) for row in rows),
        )
        for name, rows in of.items()
    }
    ratios, lows, highs = zip(
        *(found[name] for name in found.keys() - {"p50k_base", "r50k_base"}), strict=True
    )
    return {*found.values(), (round(median(ratios), 4), min(lows), max(highs))}


ESTIMATED = [
    model
    for model in catalog().models()
    if "text" in model.rules and "ratio" in model.rules["text"].params
    if "recorded bills of Bedrock" not in model.rules["text"].source
]


def test_the_page_tells_the_errors_of_the_estimates_that_ship():
    page = (Path(__file__).parents[2] / "docs" / "text.md").read_text("utf-8")
    for name, one in estimates().items():
        assert f"Measured on {one.checked} on {one.texts:,} texts" in page
        assert f"\n| {name} | " in page


@pytest.mark.parametrize("model", ESTIMATED, ids=lambda model: model.id)
def test_a_ratio_is_one_that_was_measured(model):
    rule = model.rules["text"]
    assert rule.kind == "estimate" or rule.tokenizer == "published"
    assert tuple(rule.params[name] for name in ("ratio", "low", "high")) in figures()


def test_the_range_of_nova_s_words_holds_nine_in_ten_of_its_bills():
    """Of texts alone, which stand without a frame; a guardrail puts words of its own into two."""
    with (MEASURED.parents[1] / "data" / "bills.csv").open(encoding="utf-8", newline="") as file:
        bills = [row for row in csv.DictReader(file) if row["model"].startswith("amazon.nova")]
    held = [int(row["billed"]) <= int(row["most"]) for row in bills if row["holds"] == "text"]
    assert len(held) >= 14
    assert sum(held) / len(held) >= 0.85


def test_an_estimate_states_its_range(monkeypatch):
    """Gemma 3's vocabulary is not at hand: what was fitted to it, with the range of plain text."""
    rule = "gemini-2.5-flash", "text"
    monkeypatch.setattr("multitok.modalities.text.carried.installed", lambda name: False)
    counted = multitok.count("one two three four", model=rule[0], modality=rule[1])
    assert (counted.tokens, counted.kind) == (4, "estimate")
    counter = multitok.get_tokenizer("text-linear", estimate="gemma-3")
    assert counted.error == counter.error_of(multitok.Text("one two three four"))


def test_the_printed_prompt_of_gemini():
    """google-genai prints 5 for this prompt."""
    counted = multitok.count("What is your name?", model="gemini-2.5-flash", modality="text")
    assert counted.tokens == 5
    picture = multitok.count(multitok.ImageInfo(640, 480), model="gemini-1.5-flash")
    prompt = multitok.count("Tell me about this image", model="gemini-1.5-flash", modality="text")
    assert prompt.tokens + picture.tokens == 263  # printed by ai.google.dev


@pytest.mark.parametrize(
    ("model", "vocabulary", "kind"),
    [
        ("gpt-5.4", "o200k_base", "exact"),
        ("gpt-4o-mini", "o200k_base", "exact"),
        ("o3", "o200k_base", "exact"),
        ("gpt-oss-20b", "o200k_harmony", "exact"),
        ("gpt-4-0613", "cl100k_base", "exact"),
        ("gpt-3.5-turbo", "cl100k_base", "exact"),
        ("text-embedding-3-small", "cl100k_base", "exact"),
        ("text-davinci-003", "p50k_base", "exact"),
        ("davinci", "r50k_base", "exact"),
        ("gpt-6-astra", "o200k_base", "estimate"),  # in no mapping of tiktoken
    ],
)
def test_openai_s_encodings_are_tiktoken_s_mapping(model, vocabulary, kind):
    rule = catalog().model(model).rule("text")
    assert (rule.params["vocabulary"], rule.kind) == (vocabulary, kind)


@pytest.mark.skipif(version("tiktoken").startswith("0.13."), reason="knows no gpt-5.6 yet")
def test_openai_s_encodings_against_the_installed_tiktoken():
    """Every row that says exact is the encoding that tiktoken itself picks."""
    from tiktoken.model import encoding_name_for_model

    for model in catalog().models():
        rule = model.rules.get("text")
        if model.provider == "openai" and rule is not None and rule.kind == "exact":
            assert encoding_name_for_model(model.id) == rule.params["vocabulary"], model.id
