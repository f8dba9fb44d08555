"""What training and serving take: figures by hand, published runs, laws, and messages."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, strategies as st

import multitok
from multitok import MediaError, SourceError, UnknownNameError
from multitok.cli import multitok as cli
from multitok.compute.accelerators import WEIGHTS, accelerators
from multitok.compute.model import model_size
from multitok.compute.serving import Requests, Roofline
from multitok.compute.spans import Span, dollars, number, share
from multitok.compute.utilization import BANDWIDTH, PROMPT
from multitok.drawing.charts import Points
from multitok.report.economics import economics_panel, letters

ROOT = Path(__file__).parent.parent
SHAPED = {"layers": 80, "width": 8192, "kv_width": 1024}  # Llama 3 70B
FIXED = {"utilization": 0.4, "prompt_utilization": 0.5, "bandwidth_utilization": 0.5, "price": 2}


def figures(part):
    return {figure.name: figure for figure in part.figures()}


# published runs


@pytest.mark.parametrize(
    ("tokens", "parameters", "flops", "published"),
    [
        ("1.4T", "70B", 5.88e23, 5.76e23),  # Chinchilla, arXiv:2203.15556: Gopher's budget
        ("300B", "175B", 3.15e23, 3.14e23),  # GPT-3, arXiv:2005.14165 appendix D
        ("15.6T", "405B", 3.7908e25, 3.8e25),  # Llama 3, arXiv:2407.21783
    ],
)
def test_training_work_meets_what_was_published(tokens, parameters, flops, published):
    work = multitok.economics(tokens, parameters).training.work
    assert work.value == pytest.approx(flops)
    assert work.span.exact
    assert work.value == pytest.approx(published, rel=0.03)


@pytest.mark.parametrize(
    ("tokens", "parameters", "active", "hours"),
    [
        ("15.6T", "405B", None, 30.84e6),  # Llama 3.1 405B, its model card
        ("14.8T", "671B", "37B", 2.664e6),  # DeepSeek-V3 on H800, arXiv:2412.19437 table 1
    ],
)
def test_published_hours_lie_in_the_range(tokens, parameters, active, hours):
    found = multitok.economics(tokens, parameters, active=active).training.hours.span
    assert found.low < hours < found.high


def test_a_published_speed_lies_in_the_range():
    """gpt-fast: Llama 2 7B in BF16 on one A100, 5 tokens of prompt: 104.9 tokens a second."""
    one = multitok.economics(
        "2T", "6.74B", layers=32, width=4096, kv_width=4096, accelerator="a100-80gb", prompt=5
    ).serving[0]
    assert one.least.value == 1
    assert one.speed.span.low < 104.9 < one.speed.span.high


# by hand


def test_hours_and_dollars_of_training_by_hand():
    """6 x 1e9 x 1e12 = 6e21 FLOPs; an A100 at 0.4 of 312e12: 4.808e7 s = 13,355 h, $2 each."""
    found = multitok.economics("1T", "1B", accelerator="a100-80gb", **FIXED).training
    assert found.hours.value == pytest.approx(6e21 / (0.4 * 312e12) / 3600)
    assert letters(found.hours.value) == "13,400"
    assert found.cost.value == pytest.approx(2 * found.hours.value)


def test_work_of_a_served_token_by_hand():
    """2 x 70e9 + 2 x 80 x 8,192 x 1,200 tokens = 1.4e11 + 1.57e9."""
    one = multitok.economics("1T", "70B", **SHAPED).serving[0]
    assert one.work.value == 2 * 70e9 + 2 * 80 * 8192 * 1200


def test_one_request_is_written_at_the_speed_of_memory():
    """140e9 bytes of weights and 2 x 80 x 1,024 x 2 x 1,100 of cache, at half of 3.35e12/s."""
    one = multitok.economics("1T", "70B", **SHAPED, **FIXED).serving[0]
    assert one.writing.value == pytest.approx((140e9 + 2 * 80 * 1024 * 2 * 1100) / (3.35e12 / 2))
    assert one.writing.formula.startswith("memory: ")


def test_a_prompt_is_read_at_the_speed_of_compute():
    """2 x 70e9 + 2 x 80 x 8,192 x 1,000 FLOPs at half of 989e12 a second."""
    one = multitok.economics("1T", "70B", **SHAPED, **FIXED).serving[0]
    assert one.reading.value == pytest.approx((140e9 + 2 * 80 * 8192 * 1000) / (989e12 / 2))
    assert one.reading.formula.startswith("compute: ")


def test_a_shape_that_is_not_given_is_near_published_ones():
    """GPT-3: 96 layers of 12,288; Llama 3 405B: 126 of 16,384; DeepSeek-V3: 61 of 7,168."""
    for active, layers, width in ((175e9, 96, 12288), (405e9, 126, 16384), (37e9, 61, 7168)):
        stacked = model_size(active).stacked
        assert stacked.low < layers * width < stacked.high


def test_a_step_of_a_mixture_reads_active_parameters_then_all():
    """A quarter for one token, 1 - 0.75^2 = 7/16 for two, all for very many."""
    size = model_size(16, active=4)
    assert [size.read(n, 1) for n in (1, 2, 10_000)] == [4, 7, 16]


def test_work_crosses_after_three_tokens_for_each_that_was_trained_on():
    """6ND / 2N = 3D, but for attention."""
    crossing = multitok.economics("1T", "70B", epochs=2, prompt=1, answer=1).serving[0]
    assert crossing.work_crossing.value == pytest.approx(6e12, rel=1e-4)


# laws

AMOUNTS = st.floats(1e6, 1e14)
SIZES = st.floats(1e7, 1e13)


@given(AMOUNTS, SIZES)
def test_twice_the_tokens_are_twice_the_work_the_hours_and_the_cost(tokens, parameters):
    once = multitok.economics(tokens, parameters).training.figures()
    twice = multitok.economics(2 * tokens, parameters).training.figures()
    epochs = multitok.economics(tokens, parameters, epochs=2).training.figures()
    assert [2 * one.value for one in once] == pytest.approx([one.value for one in twice])
    assert [one.span for one in twice] == [one.span for one in epochs]


@given(AMOUNTS, SIZES, st.integers(1, 4096))
def test_at_the_crossing_the_costs_are_equal(tokens, parameters, batch):
    found = multitok.economics(tokens, parameters, batch=batch)
    for one in found.serving:
        spent = one.cost_crossing.value * one.cost.value / 1e6
        assert spent == pytest.approx(found.training.cost.value)
        assert one.work_crossing.value * one.work.value == pytest.approx(found.training.work.value)


def roof(parameters, active, weights, name):
    size = model_size(parameters, active=min(active, parameters))
    return Roofline(size, accelerators()[name], weights, PROMPT, BANDWIDTH)


EACH = st.sampled_from(sorted(accelerators()))


@given(SIZES, SIZES, st.sampled_from(WEIGHTS), EACH, st.integers(1, 1000), st.integers(1, 1000))
def test_a_larger_batch_never_costs_more_a_token(parameters, active, weights, name, batch, more):
    on = roof(parameters, active, weights, name)
    fewer, many = Requests(1000, 200, batch), Requests(1000, 200, batch + more)
    assert on.seconds(many).value <= on.seconds(fewer).value * (1 + 1e-9)


@given(SIZES, SIZES, EACH, st.integers(1, 1000))
def test_fewer_bytes_a_parameter_never_take_more_memory_or_time(parameters, active, name, batch):
    asked = Requests(1000, 200, batch)
    wide, *narrow = (roof(parameters, active, weights, name) for weights in WEIGHTS)
    for one in narrow:
        assert one.held(asked).value < wide.held(asked).value
        assert one.writing(asked).memory.value < wide.writing(asked).memory.value
        assert one.seconds(asked).value <= wide.seconds(asked).value


@given(AMOUNTS, SIZES, st.integers(1, 4096), EACH)
def test_every_figure_lies_in_its_range_and_says_where_it_is_from(tokens, size, batch, name):
    found = multitok.economics(tokens, size, batch=batch, accelerator=name)
    for figure in [*found.training.figures(), *(f for s in found.serving for f in s.figures())]:
        assert 0 < figure.span.low <= figure.value <= figure.span.high
        assert figure.formula
        assert figure.source


ENDS = st.lists(st.floats(1e-3, 1e3), min_size=3, max_size=3).map(lambda ends: Span(*sorted(ends)))


@given(ENDS, ENDS, st.floats(0, 1), st.floats(0, 1))
def test_what_is_made_of_numbers_in_two_spans_lies_in_theirs(a, b, at, on):
    x, y = a.low + at * (a.high - a.low), b.low + on * (b.high - b.low)
    for span, value in ((a * b, x * y), (a / b, x / y), (a + b, x + y), (a.or_more(b), max(x, y))):
        assert span.low * (1 - 1e-9) <= value <= span.high * (1 + 1e-9)


@given(st.floats(1, 999), st.sampled_from("kMBGT"))
def test_a_letter_is_read_as_its_power_of_ten(value, letter):
    power = {"k": 3, "M": 6, "B": 9, "G": 9, "T": 12}[letter]
    assert number(f"{value:.6f}{letter}") == pytest.approx(round(value, 6) * 10**power)


def test_a_price_and_a_share_are_one_number_or_two():
    assert dollars("$2.50", "price") == Span(2.5, 2.5, 2.5)
    assert dollars((2, 4), "price") == Span(2, 3, 4)
    assert share("40%", "utilization", "0.4") == Span(0.4, 0.4, 0.4)


# hardware


def test_every_accelerator_has_peaks_a_source_and_dated_prices():
    for one in accelerators().values():
        assert 1e14 < one.bf16 < 1e16
        assert one.fp8 is None or one.bf16 < one.fp8 < 2.2 * one.bf16
        assert one.source.startswith("https://")
        assert all(
            p.usd > 0 and p.day <= one.checked and "https://" in p.source for p in one.prices
        )


def test_the_middle_price_is_taken_and_all_are_the_range():
    assert accelerators()["h100"].price == Span(3.20, 3.99, 6.88)


def test_without_a_price_there_are_no_dollars_but_a_crossing():
    found = multitok.economics("1T", "1B", accelerator="tpu-v5e")
    assert found.training.cost is None
    assert [one.cost for one in found.serving] == [None, None]
    assert all(one.cost_crossing.value > 0 for one in found.serving)
    assert "no list price of tpu-v5e was found: give price, dollars an hour" in found.notes


# what tokens may be


def counted(tmp_path, *words):
    done = CliRunner().invoke(cli, ["count", str(ROOT / "samples" / "english.txt"), *words])
    path = tmp_path / "counts.json"
    path.write_text(done.stdout)
    return path


def test_tokens_may_be_a_file_of_counts_or_a_count(tmp_path):
    path = counted(tmp_path, "-m", "gpt-4o", "--json")
    assert multitok.economics(path, "1B").data.tokens == Span(594, 594, 594)
    count = multitok.count(ROOT / "samples" / "english.txt", model="gpt-4o")
    assert multitok.economics(count, "1B").data.tokens == Span(594, 594, 594)


def test_the_range_of_an_estimated_count_is_in_every_figure(tmp_path):
    one = {"tokens": 100, "range": [80, 130]}
    path = tmp_path / "counts.json"
    path.write_text(json.dumps({"total": 110, "counts": [one, {"tokens": 10}], "errors": []}))
    found = multitok.economics(path, 10, utilization=0.5).training
    assert (found.work.span.low, found.work.value, found.work.span.high) == (5400, 6600, 8400)
    assert found.hours.span.high == pytest.approx(found.hours.span.low * 140 / 90)


def test_a_total_of_more_than_is_shown_keeps_all_its_tokens(tmp_path):
    """`count --top`: 1,000 in all, of which one input of 100 is shown with its range."""
    path = tmp_path / "counts.json"
    one = {"tokens": 100, "range": [80, 130]}
    path.write_text(json.dumps({"total": 1000, "counts": [one], "not_shown": 3}))
    data = multitok.economics(path, 10).data
    assert data.tokens == Span(980, 1000, 1030)
    assert data.notes == (
        "its total has more inputs than it shows: their range is not in the figures",
    )


# messages


def refusal(kind, *given, **words):
    with pytest.raises(kind) as raised:
        multitok.economics(*given, **words)
    return str(raised.value)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            {"parameters": "0"},
            "parameters must be a number above 0 and up to 1e30, got '0': write 70B",
        ),
        (
            {"parameters": "70X"},
            "parameters must be a number above 0 and up to 1e30, got '70X': write 70B",
        ),
        (
            {"active": "8B"},
            "active must be at most parameters, got '8B' of '7B': parameters are all that the model"
            " has, active those that one token passes",
        ),
        (
            {"utilization": 40},
            "utilization must be a share above 0 and up to 1, or a range of two, got 40: write 0.4,"
            " 40% or 0.3-0.5",
        ),
        (
            {"price": "-2"},
            "price must be dollars above 0, or a range of two, got '-2': write 2.50 or 2-4",
        ),
        (
            {"batch": "1.5"},
            "batch must be a whole number, got '1.5': write 64",
        ),
        ({"layers": 32}, "layers and width belong together: give both, or neither"),
        ({"kv_width": 9}, "kv_width needs layers and width: give all three, or none"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_what_to_write(words, message):
    assert refusal(MediaError, "1T", **{"parameters": "7B", **words}) == message


@pytest.mark.parametrize("tokens", [0, -1, float("nan"), float("inf"), True, None, 1e31])
def test_tokens_that_are_none_are_refused(tokens):
    assert refusal(MediaError, tokens, "7B") == (
        f"tokens must be a number above 0 and up to 1e30, got {tokens!r}: write 15e12, 15T or 300B"
    )


def test_unknown_names_are_told_with_those_that_are_known():
    known = ", ".join(accelerators())
    assert refusal(UnknownNameError, "1T", "7B", accelerator="h1000") == (
        f"unknown accelerator 'h1000'. Did you mean 'h100'? Known: {known}"
    )
    assert refusal(UnknownNameError, "1T", "7B", weights="int9") == (
        "unknown kind of weights 'int9'. Did you mean 'int8'? Known: bf16, fp8, int8, int4"
    )


def test_a_word_that_is_no_number_and_no_file_says_what_to_write():
    assert refusal(SourceError, "15X", "7B") == (
        "'15X' is no number of tokens and no file: write 15e12, 15T or 300B, or name a file that"
        " multitok count --json wrote"
    )


def test_a_file_of_something_else_says_how_to_write_one(tmp_path):
    path = tmp_path / "list.json"
    for text, why in (
        ("[", "it is no JSON"), ('{"counts": []}', "it lacks 'total'"),
        ('{"total": -1, "counts": []}', "it.total must be a whole number from 0 on, got -1"),
    ):  # fmt: skip
        path.write_text(text)
        assert refusal(SourceError, path, "7B") == (
            f"{path}: not what multitok count --json writes: {why}. Write:"
            " multitok count -r FOLDER -m MODEL --json > counts.json"
        )


def test_a_total_of_two_models_is_no_number_of_tokens(tmp_path):
    path = counted(tmp_path, "-m", "gpt-4o", "-m", "gpt-4", "--json")
    assert refusal(SourceError, path, "7B") == (
        f"{path}: counted by gpt-4 and by gpt-4o, and the total is of all: count by one"
    )


# the command


def run(*words):
    return CliRunner().invoke(cli, ["economics", *words], catch_exceptions=False)


def test_the_document_has_every_figure_with_formula_source_and_range():
    document = json.loads(run("1.4T", "--parameters", "70B", "--json").stdout)
    assert document["schema"] == 1
    served = [figure for one in document["serving"] for figure in one["figures"]]
    for figure in document["training"] + served:
        assert set(figure) == {"name", "value", "low", "high", "unit", "formula", "source"}
    assert document["training"][0]["value"] == pytest.approx(5.88e23)
    assert [one["batch"] for one in document["serving"]] == [1, 64]
    assert document["list_prices"][0]["usd_per_mtok"] == "60"


def test_the_text_begins_with_the_crossing():
    lines = run("1.4T", "--parameters", "70B").stdout.splitlines()
    assert lines[:3] == [
        "70B parameters; 1.4T tokens; NVIDIA H100 SXM, bf16 in serving, $3.99 an hour",
        "one request at a time: serving has cost more than training after 117B tokens (48.5B to"
        " 292B)",
        "64 requests at once: serving has cost more than training after 3.5T tokens (1.04T to"
        " 8.96T)",
    ]


def test_the_chart_marks_the_crossings(tmp_path):
    found = multitok.economics("1.4T", "70B")
    dots = [mark for mark in economics_panel(found).marks if isinstance(mark, Points)]
    assert [list(one.x) for one in dots] == [[one.cost_crossing.value for one in found.serving]]
    assert list(dots[0].names) == ["117B tokens", "3.5T tokens"]
    done = run("1.4T", "--parameters", "70B", "--png", str(tmp_path / "a.png"))
    assert (done.stdout, done.exit_code) == ("", 0)
    assert multitok.probe(tmp_path / "a.png") == multitok.ImageInfo(1400, 800)


def test_a_chart_of_any_size_can_be_drawn():
    for tokens, parameters in ((1, 1), (1e30, 1e30), (1, 1e30)):
        assert economics_panel(multitok.economics(tokens, parameters)).ranged()


def test_figures_need_no_numpy():
    code = (
        "import sys, multitok; multitok.economics('1T', '7B');"
        " sys.exit('numpy' in sys.modules or 'PIL' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT / "src").returncode == 0
