"""Rows beside each other: counts, costs, why there is none, and which are told apart."""

from dataclasses import replace
from decimal import Decimal

import pytest

import multitok
from multitok import AudioInfo, ImageInfo, VideoInfo
from multitok.catalog.load import catalog
from multitok.counting.comparison import Row, first_with_ties, ranked
from multitok.report.comparison import render_rows


def test_compare_gives_a_row_for_each_model_and_says_why_one_has_none():
    rows = multitok.compare(ImageInfo(640, 480), models=["gpt-4o", "gpt-3.5-turbo"])
    assert [row.model for row in rows] == ["gpt-4o", "gpt-3.5-turbo"]
    assert rows[0].count.tokens == 425
    assert rows[1].count is None
    assert rows[1].why.startswith("no rule for image with model 'gpt-3.5-turbo'")


@pytest.mark.parametrize("modality", ["text", "image", "video", "audio", "pdf"])
def test_the_default_models_are_in_the_catalogue_and_count_their_modality(modality):
    assert catalog().defaults(modality)
    for name in catalog().defaults(modality):
        assert modality in catalog().model(name).rules


def test_the_models_of_a_comparison_are_those_of_the_catalogue():
    rows = multitok.compare(ImageInfo(640, 480))
    assert tuple(row.model for row in rows) == catalog().defaults("image")


def test_rows_are_ranked_with_the_unknown_last():
    rows = multitok.compare(ImageInfo(640, 480), models=["gpt-3.5-turbo", "gpt-5.4", "gpt-4o"])
    names = [row.model for row in ranked(rows, "tokens")]
    assert names == ["gpt-5.4", "gpt-4o", "gpt-3.5-turbo"]


def row(model, cost, error=None):
    base = multitok.count(ImageInfo(64, 64), model="gpt-4o")
    return Row(model, replace(base, error=error), cost=Decimal(cost))


def test_the_cheapest_comes_with_those_it_cannot_be_told_apart_from():
    rows = [row("a", "1.0", error=(0.9, 1.2)), row("b", "1.1"), row("c", "1.3")]
    assert [r.model for r in first_with_ties(rows)] == ["a", "b"]


def test_an_exact_cheapest_stands_alone():
    rows = [row("a", "1.0"), row("b", "1.1")]
    assert [r.model for r in first_with_ties(rows)] == ["a"]


def test_a_comparison_carries_the_cost_or_none_when_no_price_is_known():
    known, unknown = multitok.compare(
        ImageInfo(1024, 1024), models=["gpt-4o", "Qwen/Qwen3-VL-8B-Instruct"]
    )
    assert str(known.cost) == "0.0019125"  # 765 tokens at $2.50 a million
    assert unknown.cost is None


def test_what_a_model_never_hears_is_said_beside_its_number():
    """An hour costs Whisper 1,500 tokens: 30 s of it. Gemini hears all."""
    hour = AudioInfo(16_000 * 3600, 16_000)
    rows = multitok.compare(hour, models=["openai/whisper-large-v3", "gemini-3-flash-preview"])
    assert [row.count.left_out for row in rows] == [
        "only the first 30 s of 3600.0 s are heard", None
    ]  # fmt: skip
    printed = render_rows(rows, color=False)
    assert "openai/whisper-large-v3: only the first 30 s of 3600.0 s are heard" in printed


def test_how_many_frames_a_model_is_shown_stands_beside_its_number():
    """Of half an hour with sound Gemini takes a frame a second, Nova 960 at most and no sound."""
    clip = VideoInfo(1280, 720, 54_000, 30.0, audio=AudioInfo(1800 * 48_000, 48_000))
    rows = multitok.compare(clip, models=["gemini-2.5-flash", "amazon.nova-lite-v1:0"])
    assert [row.count.frames_seen for row in rows] == [1800, 960]
    assert rows[0].count.left_out is None
    page = render_rows(rows, color=False).splitlines()
    assert page[0].split()[-2:] == ["frames", "cost"]
    assert page[-1] == (
        "amazon.nova-lite-v1:0: sampled more thinly: at most 960 frames are seen; the sound track"
        " is not heard by this model"
    )
