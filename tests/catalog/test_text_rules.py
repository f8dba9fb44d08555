"""Whose vocabulary each model has: a rule for all that take text, exact only where it is proven."""

import json
import re
from pathlib import Path

import pytest

import multitok
from multitok.catalog.load import catalog
from multitok.catalog.rows import read_rows
from multitok.modalities.text import carried
from multitok.report.catalogue import model_to_dict, render_model

MODELS = catalog().models()
BY_VOCABULARY = [
    m for m in MODELS if "text" in m.rules and m.rules["text"].tokenizer == "published"
]
TAKE_NO_TEXT = re.compile(
    "openai/(clip|whisper)|google/(vit|siglip|vivit|timesfm|videoprism)|facebook/(dino|deit|timesformer|vjepa)"
    "|tue-mps/|MCG-NJU/|amazon/chronos|AutonLab/|gpt-image"
    "|facebook/(wav2vec2|hubert|w2v-bert)|microsoft/wavlm|m-a-p/MERT|UsefulSensors/|MIT/ast"
    "|nvidia/(parakeet|canary)|google/medasr|ibm-granite/granite-speech-5|mistralai/.*Realtime"
)


@pytest.fixture
def without_engine(monkeypatch, tmp_path):
    monkeypatch.setattr(carried, "installed", lambda name: False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    return tmp_path


def test_every_model_that_takes_text_has_a_rule_for_it():
    heard = (model for model in MODELS if model.task not in ("codec", "forecast"))
    without = {model.id for model in heard if "text" not in model.rules}
    assert {name for name in without if not TAKE_NO_TEXT.match(name)} == set()


def test_a_model_that_takes_no_text_has_none():
    assert [m.id for m in MODELS if TAKE_NO_TEXT.match(m.id) and "text" in m.rules] == []


@pytest.mark.parametrize("model", BY_VOCABULARY, ids=lambda model: model.id)
def test_what_nobody_compared_is_not_exact(model):
    """Exact needs a published file that the engine was held to, or the model's own file."""
    rule = model.rules["text"]
    name = rule.params.get("vocabulary")
    if name is not None and carried.carried(name).held is None:
        assert rule.kind != "exact"
    if name is None:
        assert rule.kind_at_hand == "estimate"


def test_no_model_stands_without_an_estimate(without_engine):
    """With neither engine nor cache each is still counted, with its range, as an estimate."""
    for model in BY_VOCABULARY:
        counted = multitok.count("a few words of text", model=model.id, modality="text")
        assert (counted.kind, counted.error is not None) == ("estimate", True), model.id
        assert any("Exact:" in note for note in counted.notes), model.id


@pytest.mark.parametrize(
    ("model", "tokens", "kind"),
    [
        ("Qwen/Qwen2.5-7B-Instruct", 2, "exact"),
        ("meta-llama/Llama-3.1-8B-Instruct", 2, "exact"),
        ("deepseek-ai/DeepSeek-V3", 2, "exact"),
        ("microsoft/phi-4", 2, "documented"),
        ("google/gemma-3-27b-it", 2, "exact"),
        ("llava-hf/llava-1.5-7b-hf", 2, "documented"),
        ("kimi-k2", 2, "documented"),
        ("grok-4", 2, "estimate"),
        ("meta-llama/Llama-4-Scout-17B-16E-Instruct", 2, "estimate"),
    ],
)
def test_hello_world_by_name(model, tokens, kind):
    counted = multitok.count("hello world", model=model, modality="text")
    assert (counted.tokens, counted.kind) == (tokens, kind)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("llama3.1:8b", "meta-llama/Llama-3.1-8B-Instruct"),
        ("unsloth/Qwen2.5-Math-7B-bnb-4bit", "Qwen/Qwen2.5-7B-Instruct"),
        ("Qwen/Qwen2.5-Math-7B", "Qwen/Qwen2.5-7B-Instruct"),
        ("phi4:14b", "microsoft/phi-4"),
    ],
)
def test_a_release_has_one_vocabulary(name, row):
    counted = multitok.count("hello world", model=name, modality="text")
    assert counted.kind == "documented"
    assert counted.notes[0] == f"by the vocabulary of {row}, whose release it is"


@pytest.mark.parametrize("name", ["llama4.1:8b", "Qwen/Qwen4-8B", "phi5:14b", "gemma-5-2b"])
def test_a_new_release_is_not_taken_for_an_old_one(name):
    with pytest.raises(multitok.UnknownNameError):
        multitok.count("hello world", model=name, modality="text")


def test_an_estimate_says_in_one_note_how_to_be_exact(without_engine):
    counted = multitok.count("hello world", model="Qwen/Qwen3-VL-8B-Instruct", modality="text")
    assert counted.notes == (
        "an estimate. Exact: pip install '.[fast]'; -t hf -s path=tokenizer.json with the"
        " file of Qwen/Qwen3-VL-8B-Instruct; or have Qwen/Qwen3-VL-8B-Instruct in the Hugging Face"
        " cache",
    )


def test_the_kind_follows_what_is_at_hand(without_engine):
    """The same rule: an estimate, then exact by a file that came into the cache meanwhile."""
    name = "HuggingFaceTB/SmolVLM-Instruct"
    assert multitok.count("hello", model=name, modality="text").kind == "estimate"
    folder = without_engine / "models--HuggingFaceTB--SmolVLM-Instruct" / "snapshots" / "main"
    folder.mkdir(parents=True)
    file = {"model": {"type": "WordLevel", "vocab": {"?": 0, "hello": 1}, "unk_token": "?"}}
    (folder / "tokenizer.json").write_text(json.dumps(file))
    counted = multitok.count("hello", model=name, modality="text")
    assert (counted.tokens, counted.kind, counted.error) == (1, "exact", None)


def test_the_tokens_themselves_come_by_the_model_s_name():
    tokenizer = multitok.tokenizer_for_model("meta-llama/Llama-3.1-8B-Instruct")
    assert tokenizer.encode(multitok.Text("hello world")).ids.tolist() == [15339, 1917]


def test_a_text_is_cut_by_the_model_s_name():
    cut = multitok.truncate("one two three four", 2, model="Qwen/Qwen3-8B")
    assert cut.text == "one two"


def test_the_line_ends_around_a_picture_are_tokens_of_the_language_model():
    """Gemma 3: 256 for the picture, its two marks, and "\\n\\n" before and after, a token each."""
    counted = multitok.count(multitok.ImageInfo(1200, 900), model="google/gemma-3-4b-it")
    assert (counted.tokens, counted.parts["text"], counted.kind) == (260, 2, "documented")


def test_text_around_a_picture_that_is_estimated_is_said_to_be(without_engine):
    counted = multitok.count(multitok.ImageInfo(1200, 900), model="google/gemma-3-4b-it")
    assert (counted.tokens, counted.kind) == (260, "estimate")
    assert "the text around the placeholders is estimated: 2 tokens of these" in counted.notes


def test_a_row_s_own_id_is_its_repository():
    rule = catalog().model("google/gemma-3-12b-it").rules["text"]
    assert rule.params["repo"] == "google/gemma-3-12b-it"


def test_the_license_of_a_vocabulary_is_data():
    assert catalog().model("google/gemma-3-4b-it").rules["text"].license == "Gemma Terms of Use"
    assert (
        catalog().model("meta-llama/Llama-2-7b-hf").rules["text"].license
        == "Llama 2 Community License"
    )


def test_models_name_shows_the_license_and_the_kind_at_hand(without_engine):
    model = catalog().model("google/gemma-3-4b-it")
    lines = render_model(model, color=False).splitlines()
    assert "  license of the vocabulary: Gemma Terms of Use; none of it ships here" in lines
    assert next(line for line in lines if line.startswith("text: ")).endswith(" estimate")
    assert model_to_dict(model)["rules"]["text"]["kind"] == "estimate"


def test_a_license_is_a_string(tmp_path: Path):
    from multitok.core.errors import CatalogError

    file = tmp_path / "own.toml"
    file.write_text(
        '[[model]]\nid = "a/b"\n[model.text]\ntokenizer = "published"\nkind = "exact"\n'
        'source = "s"\nlicense = 3\nparams = { repo = "{id}" }\n'
    )
    with pytest.raises(CatalogError) as error:
        read_rows(file)
    assert str(error.value) == "own.toml:2: model 'a/b': text needs license, a string"


def test_an_estimate_cannot_be_cut(without_engine):
    with pytest.raises(multitok.MultitokError) as error:
        multitok.truncate("one two", 1, model="Qwen/Qwen3-8B")
    assert str(error.value) == (
        "the vocabulary 'qwen-3' is not at hand. Exact: pip install '.[fast]'; -t hf -s"
        " path=tokenizer.json with the file of Qwen/Qwen3-8B; or have Qwen/Qwen3-8B in the Hugging"
        " Face cache"
    )
