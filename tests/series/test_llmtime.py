"""LLMTime: the published text to the character in reference mode; honest numbers by default."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from multitok.core.errors import DecodeError, MediaError, NeedsContentError
from multitok.core.info import SeriesInfo
from multitok.core.media import Series
from multitok.modalities.series.llmtime import LlmTimeTokenizer

GOLDEN = Path(__file__).parent.parent / "golden" / "action.jsonl"
ROWS = [json.loads(line) for line in GOLDEN.read_text().splitlines()]


def floats(values):
    return np.array(values, dtype=float)


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r["kind"] == "llmtime"], ids=lambda r: f"{r['preset']}-{r['name']}"
)
def test_the_published_text(row):
    s = row["settings"]
    tok = LlmTimeTokenizer(
        text="bytes",
        style="spaced" if s["bit_sep"] else "plain",
        precision=s["prec"],
        decimal_point=s["decimal_point"],
        half_bin=s["half_bin_correction"],
        max_value=s["max_val"],
        scale=False,
        reference=True,
    )
    series = Series(floats(row["values"]))
    assert tok.written(series) == row["text"]
    np.testing.assert_allclose(tok.parsed(row["text"]), row["decoded"], rtol=0, atol=1e-9)
    decoded = tok.decode(tok.encode(series)).values[:, 0]
    np.testing.assert_allclose(decoded, row["decoded"], rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r["kind"] == "llmtime_scaler"],
    ids=lambda r: f"{r['name']}-{r['alpha']}",
)  # fmt: skip
def test_the_published_scaler(row):
    tok = LlmTimeTokenizer(alpha=row["alpha"], beta=row["beta"], basic=row["basic"])
    found = tok.shift_scale(floats(row["history"]))
    np.testing.assert_allclose(found, row["shift_scale"], rtol=0, atol=1e-9)


def test_by_default_numbers_are_rounded_and_nan_stays_nan():
    """The published writer makes -249 of -0.25."""
    tok = LlmTimeTokenizer(text="bytes", scale=False)
    series = Series([-0.25, np.nan, 0.0014, 0.0016])
    assert tok.written(series) == "-250,  Nan, 1, 2, "
    decoded = tok.decode(tok.encode(series)).values[:, 0]
    np.testing.assert_array_equal(decoded, [-0.25, np.nan, 0.001, 0.002])


def test_the_style_follows_the_vocabulary():
    """GPT-3's vocabulary merges digits, so each stands apart."""
    series = Series([1.0, 2.0])
    assert LlmTimeTokenizer(text="r50k_base", scale=False).written(series) == " 1 0 0 0 , 2 0 0 0 ,"
    assert LlmTimeTokenizer(text="cl100k_base", scale=False).written(series) == "1000, 2000, "


def test_counts_come_from_the_text_tokenizer():
    """In cl100k_base "1000" is two tokens: 100 and 0; then a comma with its space before 2."""
    from multitok.core.media import Text
    from multitok.core.registry import get_tokenizer

    tok = LlmTimeTokenizer(text="cl100k_base")
    series = Series(np.sin(np.arange(50.0)))
    text = Text(tok.written(series))
    assert tok.count(series) == get_tokenizer("cl100k_base").count(text)


def test_channels_have_lines_of_their_own():
    tok = LlmTimeTokenizer(text="bytes", scale=False, precision=0)
    assert tok.written(Series([[1.0, 3.0], [2.0, 4.0]])) == "1, 2, \n3, 4, "


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(-1e5, 1e5) | st.just(float("nan")), max_size=12),
    st.sampled_from(["spaced", "plain"]),
    st.integers(0, 5),
    st.sampled_from(["", "."]),
)
def test_any_series_comes_back_within_half_a_unit(values, style, precision, point):
    tok = LlmTimeTokenizer(text="bytes", style=style, precision=precision, decimal_point=point)
    series = Series(floats(values).reshape(-1))
    made = tok.encode(series)
    decoded = tok.decode(made).values
    gap = np.abs(decoded - series.values)
    assert (np.isnan(decoded) == np.isnan(series.values)).all()
    assert np.nanmax(gap, initial=0.0, where=~np.isnan(gap)) <= tok.error_bound(made)


def test_a_range_below_the_smallest_normal_number_is_no_scale():
    tiny = Series([0.0, 5e-323, float("nan")])
    assert LlmTimeTokenizer(text="bytes", style="spaced").shift_scale(tiny.values[:, 0])[1] == 1


def test_a_shape_cannot_be_counted():
    with pytest.raises(NeedsContentError) as raised:
        LlmTimeTokenizer().count(SeriesInfo(3))
    assert str(raised.value) == (
        "llmtime token counts depend on the digits: pass Series(...), not"
        " SeriesInfo(steps=3, channels=1)"
    )


def test_text_that_is_no_number_is_refused():
    tok = LlmTimeTokenizer(text="bytes")
    with pytest.raises(DecodeError) as raised:
        tok.parsed("12, soon, 3, ")
    assert str(raised.value) == "llmtime: 'soon' is no number in this style"


def test_a_cut_text_is_refused():
    tok = LlmTimeTokenizer(text="bytes")
    made = tok.encode(Series([1.0, 2.0, 3.0]))
    keep = len(made) - 6
    state = {**made.state, "bytes": keep}
    cut = replace(made, ids=made.ids[:keep], special=made.special[:keep], state=state)
    with pytest.raises(DecodeError) as raised:
        tok.decode(cut)
    assert str(raised.value) == (
        "llmtime: the text of channel 0 holds 2 numbers, the series has 3 steps"
    )


def test_a_last_number_that_lost_a_digit_is_refused():
    tok = LlmTimeTokenizer(text="bytes")
    made = tok.encode(Series(np.array([1.0, 2.0, 30.0])))
    cut = replace(made, ids=made.ids[:-1], special=made.special[:-1])
    with pytest.raises(DecodeError) as raised:
        tok.decode(cut)
    size = len(made.ids)
    assert str(raised.value) == (
        f"llmtime wrote {size} bytes, the ids say {size - 1}: pass the whole sequence"
    )


def test_the_published_writer_ends_at_its_largest_value():
    tok = LlmTimeTokenizer(text="bytes", scale=False, reference=True)
    with pytest.raises(MediaError) as raised:
        tok.encode(Series([2e7]))
    assert str(raised.value) == "llmtime as published writes up to 1e+07, got 2e+07"


def test_only_a_text_tokenizer_serves():
    with pytest.raises(MediaError) as raised:
        LlmTimeTokenizer(text="patch").encode(Series([1.0]))
    assert str(raised.value) == "text must name a text tokenizer, got 'patch'"
