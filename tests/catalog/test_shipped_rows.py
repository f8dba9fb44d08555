"""The rows that ship: built, current, and found by their names and by nothing else."""

import json
from pathlib import Path

import pytest

from multitok.catalog import load
from multitok.catalog.compiled import compiled, read_defaults, read_providers
from multitok.catalog.load import catalog
from multitok.catalog.names import folded
from multitok.core.errors import CatalogError, RejectedError, UnknownNameError, UnknownRuleError
from multitok.core.info import ImageInfo

FOLDER = Path(load.__file__).parent
MODELS = catalog().models()
CHECKPOINTS = {folded(model.id) for model in MODELS if model.provider == "open"}
"""Whose whole name is theirs alone, whatever their maker sells under the rest of it."""


def test_the_compiled_files_are_what_the_toml_files_say():
    """`make catalog` writes them, and checks every rule with every option of every row."""
    assert json.loads((FOLDER / "catalog.json").read_text("utf-8")) == compiled(FOLDER)
    assert json.loads((FOLDER / "providers.json").read_text("utf-8")) == read_providers(FOLDER)


@pytest.mark.parametrize(
    "given", ['image = ["gpt-9"]', 'audio = ["gpt-4o"]', 'images = ["gpt-4o"]']
)
def test_a_default_that_no_row_counts_is_refused(tmp_path, given):
    """A name that is none, a model that takes no sound, a modality that is none."""
    (tmp_path / "defaults.toml").write_text(f"[defaults]\n{given}\n")
    modality, name = given.split()[0], given.split('"')[1]
    rows = [{"id": "gpt-4o", "rules": {"image": {"tokenizer": "t"}, "audio": {"unknown": "why"}}}]
    with pytest.raises(CatalogError) as error:
        read_defaults(tmp_path, rows)
    assert str(error.value) == f"defaults.toml: {modality}: no row counts it for {name!r}"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_every_name_of_a_model_finds_it(model):
    for name in (model.id, *model.aliases, f"{model.provider}/{model.id}"):
        if name == model.id or folded(name) not in CHECKPOINTS:
            assert catalog().model(name) == model


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_every_rule_says_where_it_is_from_and_when_it_was_read(model):
    for modality, rule in model.rules.items():
        assert rule.source, modality
        assert rule.checked, modality
        rule.counter()


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("gpt-4o-2024-11-20", "gpt-4o"),
        ("openai/gpt-4o-2024-11-20", "gpt-4o"),
        ("openrouter/openai/gpt-4o", "gpt-4o"),
        ("gpt-4.1-mini-2025-04-14", "gpt-4.1-mini"),
        ("claude-sonnet-4-20250514", "claude-sonnet-4-0"),
        ("claude-3-5-sonnet-20240620", "claude-3-5-sonnet-20240620"),
        ("claude-3-5-sonnet-20241022", "claude-3-5-sonnet"),
        ("claude-3-7-sonnet-latest", "claude-3-7-sonnet"),
        ("vertex_ai/claude-opus-4-5@20251101", "claude-opus-4-5"),
        ("anthropic/claude-opus-4.6", "claude-opus-4-6"),
        ("google/gemini-2.5-flash", "gemini-2.5-flash"),
        ("models/gemini-2.0-flash-001", "gemini-2.0-flash"),
        ("x-ai/grok-4", "grok-4"),
        ("us.anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5"),
        ("bedrock/anthropic.claude-opus-4-6-v1", "claude-opus-4-6"),
        ("us.amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0"),
        ("ft:gpt-4o-mini-2024-07-18:acme::Ab12", "gpt-4o-mini"),
    ],
)
def test_a_dated_or_prefixed_name_finds_its_model(name, id):
    assert catalog().model(name).id == id


def test_a_name_that_only_looks_like_a_model_is_unknown():
    with pytest.raises(UnknownNameError) as caught:
        catalog().model("gpt-4o-minii")
    assert str(caught.value) == (
        "unknown model 'gpt-4o-minii'. Did you mean 'gpt-4o-mini'? See: multitok models."
        " For open weights: multitok models --from-hf DIR reads their rules"
    )


@pytest.mark.parametrize(
    "name",
    [
        "gpt",
        "gpt-4o-",
        "my-gpt-4o",
        "gpt-4o-vision",
        "anthropic/gpt-4o",
        "us.anthropic.gpt-4o",
        "gpt-5-chat-latest-2",
        "gpt-4o-mini-2024-7-18",
        "ft:gpt-9:acme::x",
        "",
        "/",
    ],
)
def test_no_part_of_a_name_is_enough(name):
    with pytest.raises(UnknownNameError):
        catalog().model(name)


def test_an_unpublished_rule_says_so_and_gives_no_number():
    with pytest.raises(UnknownRuleError) as caught:
        catalog().model("gpt-image-2").rule("image")
    assert str(caught.value) == (
        "no rule for image with model 'gpt-image-2': OpenAI publishes no rule for the input"
        " pictures of this model"
    )


# 1024 x 1024: 1,024 patches, times 1.2 and rounded up; low first shrinks to 512 x 512, 256 patches.
@pytest.mark.parametrize(
    ("model", "options", "tokens"),
    [
        ("gpt-4o", {}, 765),
        ("gpt-4o", {"detail": "auto"}, 765),
        ("gpt-4o", {"detail": "low"}, 85),
        ("gpt-5", {"detail": "high"}, 630),
        ("gpt-4o-mini", {"detail": "high"}, 25501),
        ("gpt-6-astra", {"detail": "low"}, 308),
        ("gpt-5.6-sol", {"detail": "low"}, 308),
        ("gpt-5.5", {"detail": "low"}, 308),
        ("gpt-5.4", {"detail": "low"}, 1229),
        ("gpt-image-1", {}, 194),
        ("gpt-image-1", {"input_fidelity": "high"}, 4354),
        ("claude-opus-5", {}, 1369),
        ("gemini-3-pro-preview", {}, 1089),  # 33 x 33 cells: 34 x 34 would be over 1,120
        ("gemini-3-pro-preview", {"media_resolution": "ultra_high"}, 2209),  # 47 x 47 of 2,240
        ("gemini-2.5-flash", {}, 258),
        ("gemini-2.0-flash", {}, 1290),  # 2 x 2 tiles of 682 px and a thumbnail, 258 each
        ("command-a-vision", {}, 1280),  # 2 x 2 tiles and a preview, 256 each
        ("qwen3-vl-plus", {}, 1026),  # 32 x 32 cells and 2
        ("qwen2.5-vl-72b-instruct", {}, 1227),  # 35 x 35 cells and 2: at most 1,280 by default
        ("qwen2.5-vl-72b-instruct", {"vl_high_resolution_images": True}, 1371),  # 37 x 37 and 2
        ("deepseek-flash", {}, 652),  # 25 rows of 25 cells of 42 px and a break, and 2
        ("deepseek-flash", {"detail": "low"}, 184),  # 13 rows of 13 cells and a break, and 2
        ("grok-4", {}, 1792),
        ("kimi-k2.5", {}, 1369),  # 37 x 37 cells of 28 px
        ("kimi-k3", {}, 1369),
        ("glm-4.5v", {}, 1371),  # 37 x 37 cells, begin and end
        ("MiniMax-M3", {}, 578),  # 24 x 24 cells, start and end
        ("mistral-small-2503", {}, 1406),  # 37 rows of 37 cells and a break
    ],
)
def test_a_square_of_1024_under_the_request_s_options(model, options, tokens):
    counter = catalog().model(model).rule("image", options).counter()
    assert counter.count(ImageInfo(1024, 1024)) == tokens


# 4000 x 3000 is 125 x 94 = 11,750 patches of 32.
@pytest.mark.parametrize(
    ("model", "detail", "tokens"),
    [
        ("gpt-6-astra", "original", 14100),  # 11,750 x 1.2, no budget
        ("gpt-6-astra", "auto", 14100),
        ("gpt-6-astra", "high", 2942),  # 57 x 42.75 patches, one side whole: 57 x 43 = 2,451 x 1.2
        ("gpt-5.4", "low", 3687),  # shrunk to 2048 x 1536: 64 x 48 = 3,072 x 1.2, above high
        ("gpt-5.4", "auto", 2942),
    ],
)
def test_detail_of_a_photo(model, detail, tokens):
    counter = catalog().model(model).rule("image", {"detail": detail}).counter()
    assert counter.count(ImageInfo(4000, 3000)) == tokens


def test_an_unknown_option_names_those_there_are():
    with pytest.raises(UnknownNameError) as caught:
        catalog().model("gpt-4o").rule("image", {"detial": "high"})
    assert str(caught.value) == (
        "model 'gpt-4o' has no option 'detial'. Did you mean 'detail'? It takes: detail"
    )


def test_an_unknown_value_of_an_option_names_those_there_are():
    with pytest.raises(UnknownNameError) as caught:
        catalog().model("gpt-4o").rule("image", {"detail": "original"})
    assert str(caught.value) == (
        "option detail='original' of model 'gpt-4o' is unknown. It takes: high, auto, low"
    )


def test_the_api_s_own_limit_of_patches_refuses_the_picture():
    counter = catalog().model("claude-opus-5").rule("image").counter()
    assert counter.count(ImageInfo(8000, 8000)) == 4761
    counter = catalog().model("gpt-6-astra").rule("image").counter()
    with pytest.raises(RejectedError) as caught:
        counter.count(ImageInfo(6000, 6000))
    assert str(caught.value) == (
        "image 6000 x 6000 is 35344 patches of 32 px; the API rejects more than 30000."
        " Shrink it, or ask for detail=high"
    )
