"""Chronos: the published ids, bit for bit, given the scale; and what happens at every edge."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from multitok.core.errors import DecodeError, MediaError
from multitok.core.info import SeriesInfo
from multitok.core.media import Series
from multitok.core.sequence import TokenSequence
from multitok.modalities.series.chronos import ChronosTokenizer
from multitok.modalities.series.chronos_bins import bin_table

GOLDEN = Path(__file__).parent.parent / "golden"
ROWS = [json.loads(line) for line in (GOLDEN / "chronos.jsonl").read_text().splitlines()]
PARAMETERS = (
    "low_limit", "high_limit", "n_tokens", "n_special_tokens", "pad_token_id", "eos_token_id",
    "use_eos_token", "model_type", "context_length",
)  # fmt: skip
WORDS = {None: np.nan, "inf": np.inf, "-inf": -np.inf}


def number(value):
    return WORDS[value] if value is None or isinstance(value, str) else value


def tokenizer(row, **changes):
    return ChronosTokenizer(**{k: row[k] for k in PARAMETERS}, **changes)


ROW = pytest.mark.parametrize(
    "row", [r for r in ROWS if "series" in r], ids=lambda r: f"{r['config_name']}-{r['name']}"
)


@pytest.mark.parametrize("name", ["centers", "boundaries"])
def test_the_t5_tables_are_the_published_ones_bit_for_bit(name):
    ours = getattr(bin_table(-15.0, 15.0, 4093), name)
    published = np.load(GOLDEN / f"chronos_t5_{name}_f32.npy")
    assert ours.dtype == published.dtype
    assert ours.tobytes() == published.tobytes()


@ROW
def test_ids_are_exact_given_the_scale(row):
    tok = tokenizer(row, strict_reference=True)
    values = np.array([number(v) for v in row["series"]])[-row["context_length"] :]
    ids, _ = tok.encode_array(values[None], scale=[number(row["scale"])])
    ends = [row["eos_token_id"]] * (row["use_eos_token"] and row["model_type"] == "seq2seq")
    assert ids[0].tolist() + ends == row["token_ids"]
    decoded = tok.decode_array(ids, [number(row["scale"])])[0]
    np.testing.assert_allclose(decoded, [number(v) for v in row["decoded"]], rtol=1e-6)


@ROW
def test_our_own_scale_gives_the_published_sequence(row):
    made = tokenizer(row, strict_reference=True).encode(
        Series(np.array([number(v) for v in row["series"]]))
    )
    np.testing.assert_allclose(made.state["scale"], [number(row["scale"])], rtol=2e-7)
    assert np.abs(made.ids - row["token_ids"]).max() <= 1
    assert (made.ids == row["token_ids"]).mean() > 0.9999
    assert made.inputs["attention_mask"].astype(int).tolist() == row["attention_mask"]


def test_the_left_padded_batch():
    (row,) = [r for r in ROWS if "batch" in r]
    tok = ChronosTokenizer()
    for series, ids, mask in zip(
        row["batch"], row["token_ids"], row["attention_mask"], strict=True
    ):
        made = tok.encode(Series(np.array([number(v) for v in series])))
        assert made.ids.tolist() == ids
        assert made.inputs["attention_mask"].astype(int).tolist() == mask


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([(1, 3000), (3, 700), (1, 40000), (2, 17000)]),
    st.sampled_from([(-15.0, 15.0, 4096), (-5.0, 5.0, 64), (0.0, 3.0, 999), (-2.0, 7.0, 70000)]),
    st.integers(-40, 30),
)
def test_the_fast_path_is_the_table_look_up(seed, shape, limits, power):
    """Every value of every block, with holes and a long tail, against one searchsorted."""
    low, high, n = limits
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape) ** 3 * 10.0**power
    x[rng.random(shape) < 0.02] = np.nan
    tok = ChronosTokenizer(low_limit=low, high_limit=high, n_tokens=n)
    ids, scale = tok.encode_array(x)
    with np.errstate(all="ignore"):
        scaled = x.astype(np.float32) / scale[:, None]
    found = np.searchsorted(bin_table(low, high, n - 3).boundaries, scaled, "right") + 2
    np.testing.assert_array_equal(ids, np.where(np.isnan(x), 0, np.minimum(found, n - 1)))


def test_a_value_on_a_boundary_goes_up():
    """Scale 1 and centers -1, 0, 1: boundaries at -0.5 and 0.5."""
    tok = ChronosTokenizer(low_limit=-1, high_limit=1, n_tokens=6)
    ids, _ = tok.encode_array(np.array([[-0.5, 0.5, 0.49, -0.51]]), scale=[1.0])
    assert ids.tolist() == [[4, 5, 4, 3]]


@pytest.mark.parametrize("n", [0, 1, 511, 512, 513, 2000])
def test_the_count_follows_the_context(n):
    tok = ChronosTokenizer()
    assert tok.count(SeriesInfo(n)) == min(n, 512) + 1
    assert tok.breakdown(SeriesInfo(n, 3)) == {"series": 3 * min(n, 512), "eos": 3}


def test_only_the_last_values_are_encoded_and_only_they_set_the_scale():
    long = np.concatenate([np.full(100, 1e6), np.ones(512)])
    made = ChronosTokenizer().encode(Series(long))
    assert made.state["scale"].tolist() == [1.0]
    assert made.positions[0].tolist() == [100, 0]
    assert len(ChronosTokenizer().decode(made).values) == 512


def test_channels_follow_each_other_or_alternate():
    """Channel a is 1, 1 and b is -2, -2: each scaled to 1 and -1. Together the scale is 1.5."""
    series = Series([[1.0, -2.0], [1.0, -2.0]])
    ids = {c: ChronosTokenizer(channels=c).encode(series).ids.tolist() for c in (
        "separate", "interleaved", "flattened"
    )}  # fmt: skip
    assert ids["separate"] == [2185, 2185, 1, 1913, 1913, 1]
    assert ids["interleaved"] == [2185, 1913, 2185, 1913, 1]
    one, two = 2140, 1867  # 0.667 and -1.333 of a scale of 1.5
    assert ids["flattened"] == [one, two, one, two, 1]


def test_more_channels_than_context_are_refused_in_one_row():
    with pytest.raises(MediaError) as raised:
        ChronosTokenizer(context_length=2, channels="flattened").count(SeriesInfo(5, 3))
    assert str(raised.value) == (
        "a context of 2 does not hold one step of 3 channels: raise context_length or pass"
        " channels='separate'"
    )


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e39])
def test_infinity_is_refused(value):
    with pytest.raises(MediaError) as raised:
        ChronosTokenizer().encode(Series([[1.0, 2.0], [3.0, value]], names=("a", "b")))
    assert str(raised.value) == (
        f"chronos cannot encode {value!r} (step 1, channel 'b', 1 such values): fill them or make"
        " them NaN, or pass strict_reference=True"
    )


def test_missing_values_come_back_missing():
    tok = ChronosTokenizer()
    made = tok.encode(Series([1.0, np.nan, 3.0]))
    assert made.ids[1] == 0
    assert made.state["missing"] == 1
    assert np.isnan(tok.decode(made).values[:, 0]).tolist() == [False, True, False]


def test_clipping_is_counted_and_covered_by_the_bound():
    x = np.zeros(100)
    x[7] = 100.0
    tok = ChronosTokenizer()
    made = tok.encode(Series(x))
    assert made.state["clipped"] == 1
    error = np.abs(tok.decode(made).values[:, 0] - x).max()
    assert 84 < error <= tok.error_bound(made) < 86


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda ids: ids[:-1], "chronos makes 4 tokens of SeriesInfo(steps=3, channels=1), got 3:"
         " pass the whole sequence"),
        (lambda ids: ids * 0 + 5000, "chronos: id 5000 stands where the end id 1 must: pass the"
         " whole sequence"),
        (lambda ids: np.array([4096, 5, 5, 1]), "chronos: id 4096 at token 0 stands for no value:"
         " ids are 3 to 4095"),
        (lambda ids: np.array([5, 1, 5, 1]), "chronos: id 1 at token 1 stands for no value:"
         " ids are 3 to 4095"),
    ],
)  # fmt: skip
def test_ids_that_are_not_ours_are_refused(change, message):
    tok = ChronosTokenizer()
    made = tok.encode(Series([1.0, 2.0, 3.0]))
    ids = change(made.ids)
    broken = TokenSequence(
        tokenizer=made.tokenizer, info=made.info, special=np.zeros(len(ids), bool), ids=ids,
        state=made.state,
    )  # fmt: skip
    with pytest.raises(DecodeError) as raised:
        tok.decode(broken)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"pad_token_id": 2}, "pad_token_id must be below n_special_tokens=2, got 2"),
        ({"low_limit": 15.0}, "low_limit must be below high_limit, got 15.0, 15.0"),
        ({"n_tokens": 4}, "n_tokens must exceed n_special_tokens by at least 3, got 4 and 2"),
        ({"context_length": 0}, "context_length must be at least 1, got 0"),
        ({"channels": "mixed"},
         "channels must be separate, interleaved or flattened, got 'mixed'"),
    ],
)  # fmt: skip
def test_wrong_parameters_are_named(params, message):
    with pytest.raises(MediaError) as raised:
        ChronosTokenizer(**params)
    assert str(raised.value) == message


def test_a_batch_of_mixed_shapes_keeps_its_order():
    rng = np.random.default_rng(0)
    items = [Series(rng.standard_normal(n)) for n in (3, 3, 5, 3, 0, 700)]
    tok = ChronosTokenizer()
    assert tok.encode_batch(items) == [tok.encode(item) for item in items]


@pytest.mark.parametrize("channels", ["separate", "interleaved", "flattened"])
@pytest.mark.parametrize("context", [None, 6])
def test_a_batch_of_one_shape_is_a_loop(channels, context):
    """Holes, clipped values, names and channels of each item stay its own."""
    rng = np.random.default_rng(0)
    many = rng.standard_normal((9, 40, 3))
    many[1, 39, 2] = 1e3
    many[4, 38, 0] = np.nan
    items = [Series(values, ("a", "b", f"c{i}")) for i, values in enumerate(many)]
    tok = ChronosTokenizer(channels=channels, context_length=context, low_limit=-1, high_limit=1)
    batch = tok.encode_batch(items)
    assert batch == [tok.encode(item) for item in items]
    assert batch[1].state["clipped"] > 0
    assert [tokens.state["missing"] for tokens in batch] == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert batch[8].state["names"] == ["a", "b", "c8"]


def test_inf_in_a_batch_is_named():
    items = [Series([1.0, 2.0]), Series([1.0, 1e39]), Series([3.0, 4.0])]
    with pytest.raises(MediaError) as raised:
        ChronosTokenizer().encode_batch(items)
    assert str(raised.value).startswith("chronos cannot encode 1e+39 (step 1, channel 'channel0'")


@pytest.mark.parametrize("strict", [False, True])
def test_a_long_row_decodes_as_its_parts_do(strict):
    """Beyond n_tokens steps the products are looked up, not worked out."""
    tokenizer = ChronosTokenizer(n_tokens=64, strict_reference=strict)
    ids = np.random.default_rng(0).integers(3, 64, (2, 40_000))
    ids[:, ::5] = tokenizer.pad_token_id
    scale = np.array([0.7, 3.1], np.float32)
    whole = tokenizer.decode_array(ids, scale)
    parts = [tokenizer.decode_array(ids[:, i : i + 50], scale) for i in range(0, 40_000, 50)]
    np.testing.assert_array_equal(whole, np.hstack(parts))


@pytest.mark.parametrize("wrong", [-1, 1, 2, 64])
def test_an_id_that_stands_for_nothing_is_named_in_a_long_row(wrong):
    ids = np.full((1, 500), 5)
    ids[0, 321] = wrong
    with pytest.raises(DecodeError, match=rf"id {wrong} at token 321 .* ids are 3 to 63"):
        ChronosTokenizer(n_tokens=64).decode_array(ids, [1.0])
