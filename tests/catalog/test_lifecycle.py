"""What a model is for, and until when it answers: said where it is named, left out elsewhere."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

import multitok
from multitok import ImageInfo
from multitok.catalog import lifecycle
from multitok.catalog.lifecycle import TASKS, gone, silence
from multitok.catalog.load import catalog
from multitok.catalog.providers import provider
from multitok.catalog.rows import read_rows
from multitok.cli import multitok as cli
from multitok.core.errors import CatalogError
from multitok.counting.comparison import first_with_ties, priced, row_for
from multitok.counting.rules import answering_models, default_models
from multitok.counting.subject import subject_of
from multitok.report.catalogue import model_to_dict, render_model
from multitok.report.comparison import render_rows

MODELS = catalog().models()
RETIRED = "retired on 2026-01-05: Anthropic no longer answers with this model"
ROW = """
provider = "acme"
[[model]]
id = "acme-1"
text.tokenizer = "bpe"
text.params.vocabulary = "o200k_base"
text.kind = "exact"
text.source = "tiktoken"
"""


def run(*arguments, **more):
    return CliRunner().invoke(cli, [*map(str, arguments)], **more)


# --- the rows -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("retired = 'soon'", "retired must be a day, 2026-05-15, got 'soon'"),
        ("retired = true", "retired must be a string, got True"),
        ("task = 'chatting'", "task: 'chatting' is none of " + ", ".join(TASKS)),
    ],
)
def test_a_wrong_day_or_task_is_refused_with_what_is_allowed(line, message, tmp_path):
    (tmp_path / "acme.toml").write_text(f"{ROW}{line}\n")
    with pytest.raises(CatalogError) as caught:
        read_rows(tmp_path / "acme.toml")
    assert str(caught.value) == f"acme.toml:4: model 'acme-1': {message}"


def test_a_row_of_one_s_own_says_both(tmp_path):
    (tmp_path / "acme.toml").write_text(f"{ROW}retired = 2026-01-05\ntask = 'rerank'\n")
    model = catalog(str(tmp_path / "acme.toml")).model("acme-1")
    assert (model.retired, model.task) == (date(2026, 1, 5), "rerank")


def test_every_shipped_day_has_the_page_it_is_from():
    for model in MODELS:
        if model.retired is not None:
            assert provider(model.provider).retirements.startswith("https://"), model.id
            assert date(2024, 1, 1) <= model.retired <= date(2028, 1, 1), model.id


def test_known_days_and_tasks_are_in_the_rows():
    """As the providers' own pages print them."""
    for name, day in {
        "claude-3-opus-20240229": (2026, 1, 5), "claude-opus-4-1": (2026, 8, 5),
        "gpt-4-turbo": (2026, 10, 23), "gpt-5": (2026, 12, 11), "gemini-2.0-flash": (2026, 6, 1),
        "grok-4-fast-reasoning": (2026, 5, 15), "kimi-k2.5": (2026, 8, 31),
    }.items():  # fmt: skip
        assert catalog().model(name).retired == date(*day)
    for name, task in {
        "text-embedding-3-small": "embedding", "gpt-4o-transcribe": "transcription",
        "gpt-image-2": "image-out", "davinci-002": "completion", "gpt-4o": "chat",
        "openai/whisper-large-v3": "transcription", "amazon/chronos-2": "forecast",
    }.items():  # fmt: skip
        assert catalog().model(name).task == task


def test_what_counts_series_alone_is_for_forecasts():
    for model in MODELS:
        assert (model.task == "forecast") == (set(model.rules) == {"series"}), model.id


@pytest.mark.parametrize("modality", ["text", "image", "video", "audio", "pdf"])
def test_the_models_that_are_shown_when_none_is_named_answer(modality):
    for name in default_models(modality):
        assert silence(catalog().model(name), modality) == (), name


# --- days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "why"),
    [
        (date(2026, 1, 4), ()),
        (date(2026, 1, 5), (RETIRED,)),
        (date(2030, 1, 1), (RETIRED,)),
    ],
)
def test_a_model_is_gone_from_its_day_on(on, why):
    assert gone(catalog().model("claude-3-opus"), on) == why


def test_the_day_can_be_fixed_so_that_output_is_the_same_on_any(monkeypatch):
    """Midnight of 2026-01-04 and of the day after, in seconds since 1970."""
    found = []
    for seconds in (1_767_484_800, 1_767_571_200):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(seconds))
        lifecycle._today.cache_clear()
        found.append(gone(catalog().model("claude-3-opus")))
    lifecycle._today.cache_clear()
    assert found == [(), (RETIRED,)]


@pytest.mark.parametrize(
    ("name", "gone_too"),
    [
        ("claude-3-opus-20240229", True),
        ("anthropic/claude-3-opus", True),
        ("bedrock/anthropic.claude-3-opus-20240229-v1:0", False),
        ("vertex_ai/claude-3-opus@20240229", False),
        ("openrouter/anthropic/claude-3-opus", False),
        ("vertex_ai/gemini-2.0-flash", True),
        ("gemini-2.0-flash-exp", False),
    ],
)
def test_the_day_is_the_maker_s_own_and_not_of_who_resells_it_nor_of_a_sibling(name, gone_too):
    assert bool(gone(catalog().model(name))) == gone_too


def test_what_is_no_prompt_is_answered_by_any_task():
    assert silence(catalog().model("amazon/chronos-2"), "series") == ()
    model = catalog().model("text-embedding-3-small")
    assert silence(model, "text") == ("its task is embedding: it answers no prompt",)
    assert silence(catalog().model("davinci-002"), "text", date(2026, 1, 1)) == ()


# --- where it is shown ----------------------------------------------------------------------------


def test_a_count_for_a_retired_model_says_so():
    assert multitok.count(ImageInfo(64, 64), model="claude-3-opus").notes[0] == RETIRED
    assert multitok.count("hi", model="claude-3-opus", modality="text").notes[0] == RETIRED
    assert RETIRED not in multitok.count(ImageInfo(64, 64), model="claude-opus-5").notes


def test_a_request_to_a_model_that_answers_no_prompt_says_so():
    payload = {"model": "text-embedding-3-small", "messages": [{"role": "user", "content": "hi"}]}
    assert multitok.count_request(payload).notes == ("its task is embedding: it answers no prompt",)
    shown = run("request", input=json.dumps({**payload, "model": "claude-3-opus"})).stdout
    assert f"note     {RETIRED}\n" in shown
    found = json.loads(run("request", "--json", input=json.dumps(payload)).stdout)
    assert found["notes"] == ["its task is embedding: it answers no prompt"]


def test_a_comparison_shows_why_a_model_that_is_named_gives_no_answer():
    subject = subject_of("some words", "text")
    row = row_for(subject, "text-embedding-3-small")
    assert row.silent == ("its task is embedding: it answers no prompt",)
    assert render_rows([row], color=False).endswith(
        "\n\ntext-embedding-3-small: its task is embedding: it answers no prompt"
    )
    shown = run("compare", "--size", "8x8", "-m", "claude-3-opus", "--json").stdout
    assert json.loads(shown)["rows"][0]["silent"] == [RETIRED]


def test_the_cheapest_is_one_that_answers():
    """An embedding costs less than any answer, and gives none."""
    subject = subject_of("some words", "text")
    names = ["text-embedding-3-small", "gpt-4o-mini", "gpt-5.4"]
    rows = [priced(row_for(subject, name)) for name in names]
    assert min(rows, key=lambda row: row.cost).model == "text-embedding-3-small"
    assert [row.model for row in first_with_ties(rows)] == ["gpt-4o-mini"]


@pytest.mark.parametrize("modality", ["text", "image", "video", "audio", "pdf", "series"])
def test_all_models_are_those_that_take_it_and_answer_today(modality):
    listed = set(answering_models(modality, on=date(2026, 11, 28)))
    for model in MODELS:
        if modality in model.rules:
            silent = silence(model, modality, date(2026, 11, 28))
            assert (model.id in listed) == (not silent), model.id
    assert listed
    assert not listed & {"gemini-1.5-flash", "text-embedding-3-small", "openai/whisper-tiny"}


def test_compare_all_leaves_out_what_cannot_answer():
    result = run("compare", "samples/english.txt", "--all", "-q")
    names = {line.split()[1] for line in result.stdout.splitlines()}
    assert "gpt-5.4" in names
    assert not names & {"text-embedding-3-small", "text-davinci-003", "claude-3-opus"}
    cheapest = run("compare", "samples/screenshot.png", "--all", "--cheapest", "-q").stdout
    assert "gemini-1.5-flash" not in cheapest


def test_models_shows_both_with_the_page():
    model = catalog().model("claude-3-opus")
    page = "https://platform.claude.com/docs/en/about-claude/model-deprecations"
    assert f"\n  retired on 2026-01-05 ({page})\n" in render_model(model, color=False)
    assert model_to_dict(model)["retired"] == "2026-01-05"
    found = json.loads(run("models", "text-embedding-3-small", "--json").stdout)
    assert (found["task"], found["retired"]) == ("embedding", None)
    assert " · task embedding" in run("models", "text-embedding-3-small").stdout
