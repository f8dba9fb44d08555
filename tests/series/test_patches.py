"""Series patches: counts, padding, norms and vectors as each published model makes them."""

import json
from pathlib import Path

import numpy as np
import pytest

from multitok.core.errors import DecodeError, MediaError, UnknownNameError
from multitok.core.info import SeriesInfo
from multitok.core.media import Series
from multitok.modalities.series.patch_rules import PRESETS
from multitok.modalities.series.patches import SeriesPatchTokenizer

GOLDEN = Path(__file__).parent.parent / "golden" / "patch.jsonl"
ROWS = [json.loads(line) for line in GOLDEN.read_text().splitlines()]
NORMS = json.loads((GOLDEN.parent / "patch_norms.json").read_text())


def rows(kind):
    found = [row for row in ROWS if row["kind"] == kind]
    assert found
    return found


def floats(values):
    return np.array(values, dtype=float)  # None is NaN


def close(ours, theirs):
    np.testing.assert_allclose(ours, floats(theirs), rtol=1e-5, atol=1e-6)


def test_a_partial_patch_is_padded_on_the_left():
    """17 steps of patches of 16: 15 of padding, then 1 value; then 16 values. REG follows."""
    made = SeriesPatchTokenizer(preset="chronos-bolt", norm="none").encode(Series(np.arange(17.0)))
    assert len(made) == 3
    assert made.special.tolist() == [False, False, True]
    assert made.values[0, :16].tolist() == [0.0] * 16
    assert made.values[0, 16:].tolist() == [0.0] * 15 + [1.0]  # the mask: step 0 is a real zero
    assert made.values[1, :16].tolist() == list(range(1, 17))


def test_the_published_patch_counts():
    for row in rows("chronos_patch_counts"):
        tok = SeriesPatchTokenizer(patch=row["patch_size"], stride=row["stride"])
        for length, (n, holes, first) in row["counts"].items():
            series = Series(np.ones(int(length)))
            assert tok.count(series) == n
            observed = tok.encode(series).state["observed"]
            assert (~observed).sum() == holes
            assert (~observed[0, 0]).sum() == first


def test_the_published_patch_values():
    for row in rows("chronos_patch_values"):
        tok = SeriesPatchTokenizer(patch=row["patch_size"], stride=row["stride"])
        made = tok.encode(Series(floats(row["input"]).T))
        values = np.where(made.state["observed"][0], made.values, np.nan)
        np.testing.assert_array_equal(values, floats(row["patches"])[0])


@pytest.mark.parametrize(
    "row", rows("chronos_instance_norm"), ids=lambda r: f"{r['name']}-{r['arcsinh']}"
)
def test_the_published_instance_norm(row):
    x = floats(row["input"])
    tok = SeriesPatchTokenizer(patch=len(x), norm="std", arcsinh=row["arcsinh"])
    made = tok.encode(Series(x))
    close(made.state["loc"][0], [row["loc"]])
    close(made.state["scale"][0], [row["scale"]])
    close(np.where(made.state["observed"][0, 0], made.values[0], np.nan), row["normed"])
    close(tok.decode(made).values[:, 0], row["roundtrip"])


@pytest.mark.parametrize("row", rows("chronos2_prepare"), ids=lambda r: str(len(r["input"])))
def test_the_published_chronos_2_inputs(row):
    config = row["config"]
    tok = SeriesPatchTokenizer(
        preset="chronos-2",
        context=config["context_length"],
        patch=config["patch"],
        arcsinh=config["arcsinh"],
        time_scale=config["time_encoding_scale"],
    )
    made = tok.encode(Series(floats(row["input"])))
    assert len(made) == row["tokens_with_reg"]
    vectors = made.values[~made.special]
    assert [1, *vectors.shape] == row["shape"]
    close(vectors[0], row["first_patch"])
    if row["patched"] is not None:
        close(vectors, np.reshape(row["patched"], vectors.shape))
    attention = made.inputs["attention_mask"][~made.special]
    assert attention.astype(int).tolist() == np.ravel(row["attention_mask"]).tolist()
    close(made.state["loc"][0], [row["loc"]])
    close(made.state["scale"][0], [row["scale"]])


@pytest.mark.parametrize(
    "row",
    rows("hf_patchify"),
    ids=lambda r: f"{r['cls']}-{r['context_length']}-{r['patch_stride']}",
)
def test_the_published_transformers_patches(row):
    preset = "patchtst-hf" if row["cls"] == "PatchTSTPatchify" else "patchtsmixer"
    tok = SeriesPatchTokenizer(
        preset=preset, patch=row["patch_length"], stride=row["patch_stride"], norm="none"
    )
    steps, channels = row["context_length"], row["channels"]
    made = tok.encode(Series(np.arange(steps * channels, dtype=float).reshape(steps, channels)))
    assert list(made.state["observed"].shape) == row["out_shape"][1:]
    assert tok.count(SeriesInfo(steps, channels)) == channels * row["num_patches"]
    assert tok.geometry(SeriesInfo(steps))["sequence_start"] == row["sequence_start"]
    channel = made.values[: row["num_patches"]].reshape(-1)  # the row tells of the first channel
    assert channel[[0, -1]].tolist() == [row["first_value"], row["last_value"]]


def test_transformers_refuses_a_series_of_one_patch():
    for row in rows("hf_patchify_error"):
        tok = SeriesPatchTokenizer(preset="patchtst-hf", patch=row["patch_length"])
        with pytest.raises(MediaError) as raised:
            tok.count(SeriesInfo(row["context_length"]))
        assert str(raised.value) == "patchtst-hf patches need more than 16 steps, got 16"


@pytest.mark.parametrize("row", rows("hf_scaler"), ids=lambda r: f"{r['cls']}-{r['name']}")
def test_the_published_scalers(row):
    """Where nothing is observed the reference scales the hidden numbers; ours are missing."""
    seen = np.array(row["observed"], bool)
    x = np.where(seen, row["input"], np.nan)
    if row["cls"] == "PatchTSTStdScaler":
        tok = SeriesPatchTokenizer(patch=len(x), norm="std", guard="variance")
    else:
        tok = SeriesPatchTokenizer(patch=len(x), norm="mean", eps=1e-10)
    made = tok.encode(Series(x))
    close(made.state["loc"][0], [row["loc"]])
    np.testing.assert_allclose(made.state["scale"][0], [row["scale"]], rtol=1e-5)
    close(made.values[0][seen], np.array(row["scaled"])[seen])


def test_the_published_timesfm_shapes():
    for row in rows("timesfm_preprocess"):
        tok = SeriesPatchTokenizer(preset="timesfm-2", context=row["context_len"])
        info = SeriesInfo(row["L"])
        assert tok.count(info) == row["n_patches"]
        assert tok.geometry(info)["padding"] == row["n_pad"]
        x = np.sin(np.arange(row["L"]) / 5)
        padding = tok.encode(Series(x)).values[:, 32:]
        assert padding.sum() == row["n_pad"]


def test_the_patchtst_paper_repeats_the_last_value():
    """L=336: (336 - 16) // 8 + 2 = 42; the last patch ends with eight copies."""
    tok = SeriesPatchTokenizer(preset="patchtst", norm="none")
    assert tok.count(SeriesInfo(336)) == 42
    assert tok.count(SeriesInfo(512, 7)) == 64 * 7
    made = tok.encode(Series(np.arange(336.0)))
    assert made.values[-1, 8:].tolist() == [335.0] * 8


def test_a_scale_is_taken_before_steps_are_dropped():
    """10, 0, 0, 0, 0: mean 2, variance (64 + 4 x 4) / 5 = 16. Two patches of 2 leave the 10 out,
    and their zeros are (0 - 2) / 4."""
    tok = SeriesPatchTokenizer(preset="patchtst-hf", patch=2, eps=0.0)
    made = tok.encode(Series([10.0, 0.0, 0.0, 0.0, 0.0]))
    assert (made.state["loc"], made.state["scale"]) == (2, 4)
    assert made.values.tolist() == [[-0.5, -0.5]] * 2
    assert tok.decode(made).values[:, 0].tolist() == [0.0] * 4


@pytest.mark.parametrize("preset", [name for name, rule in PRESETS.items() if rule.norm == "std"])
@pytest.mark.parametrize("steps", [71, 520, 2100])
def test_the_mean_is_of_the_whole_context(preset, steps):
    """Whatever fills no patch, at either end: only what lies before the context is not in it."""
    x = np.r_[1e3, np.arange(steps - 2.0), 1e4]
    tok = SeriesPatchTokenizer(preset=preset)
    loc = tok.encode(Series(x)).state["loc"]
    np.testing.assert_allclose(loc, [[x[-(tok.rule.context or steps) :].mean()]], rtol=1e-6)


def test_chronos_2_counts_the_patches_of_the_horizon():
    """100 steps: 7 patches, REG, and 2 for 20 steps ahead, for each of 3 variates."""
    tok = SeriesPatchTokenizer(preset="chronos-2", horizon=20)
    assert tok.breakdown(SeriesInfo(100, 3)) == {"series": 21, "reg": 3, "horizon": 6}
    made = tok.encode(Series(np.arange(300.0).reshape(100, 3)))
    time = made.values[:10, :16]
    assert time[0, 0] * 8192 == -112
    assert (time[8:] * 8192).reshape(-1).tolist() == list(range(32))


def test_the_causal_norm_knows_no_future():
    """Patches of 2: the first sees 0, 2 (mean 1, std 1), the second 0, 2, 4, 6 (mean 3, std √5)."""
    tok = SeriesPatchTokenizer(patch=2, norm="causal", guard="small", eps=1e-6)
    made = tok.encode(Series([0.0, 2.0, 4.0, 6.0]))
    np.testing.assert_allclose(made.state["loc"], [[1, 3]])
    np.testing.assert_allclose(made.state["scale"], [[1, 5**0.5]], rtol=1e-6)
    np.testing.assert_allclose(made.values, [[-1, 1], [5**-0.5, 3 * 5**-0.5]], rtol=1e-6)


def test_timesfm_strips_leading_gaps_and_draws_lines_over_the_others():
    tok = SeriesPatchTokenizer(preset="timesfm-2.5", context=32)
    prepared = tok.prepare(Series([np.nan, 1.0, np.nan, 3.0, np.nan]))
    assert prepared.values[:, 0].tolist() == [1.0, 2.0, 3.0, 3.0]


def test_moment_attends_only_to_whole_patches():
    x = np.ones(16)
    x[3] = np.nan
    made = SeriesPatchTokenizer(preset="moment", context=16).encode(Series(x))
    assert made.inputs["attention_mask"].tolist() == [False, True]


def test_moirai_pads_each_patch_to_128_values():
    made = SeriesPatchTokenizer(preset="moirai", patch=8).encode(Series(np.arange(9.0)))
    assert made.values.shape == (2, 128)
    assert not made.values[:, 8:].any()


@pytest.mark.parametrize("row", NORMS, ids=lambda row: f"{row['preset']}-{row['name']}")
def test_the_norm_of_the_published_code(row):
    """Its float32 means may be two ulps from ours: at 10,000 that is 0.002 of a std of 0.7."""
    x = np.array([np.nan if v is None else v for v in row["series"]])
    tok = SeriesPatchTokenizer(preset=row["preset"], **row["params"])
    made = tok.encode(Series(x))
    loc, scale = (made.state[key].reshape(-1) for key in ("loc", "scale"))
    two_ulps = 2 * np.spacing(np.abs(loc).astype(np.float32))
    slack = 1e-5 + two_ulps.max() / scale.min() if row["name"] == "offset" else 1e-5
    np.testing.assert_allclose(loc, row["loc"], rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(scale, row["scale"], rtol=slack)
    values = made.values[:, : tok.rule.patch]
    np.testing.assert_allclose(values, row["values"], rtol=1e-5, atol=slack)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_says_where_it_comes_from(preset):
    assert PRESETS[preset].source
    assert SeriesPatchTokenizer(preset=preset).count(SeriesInfo(600, 2)) > 0


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"patch": 0}, "patch must be at least 1, got 0"),
        ({"patch": 4, "stride": 5},
         "stride must be at most patch=4, got 5: the steps between would be lost"),
        ({"pad": "right"},
         "pad must be left, context, repeat-end, drop-start or None, got 'right'"),
        ({"pad": "context"}, "pad='context' needs a context that is a multiple of 16, got None"),
        ({"context": 8}, "context must hold one patch of 16, got 8"),
        ({"horizon": -1}, "horizon must be at least 0, got -1"),
        ({"parts": ("time", "values")}, "the part 'time' needs time_scale, got 0"),
        ({"missing": "interpolate"}, "missing='interpolate' strips steps: it needs pad='context'"),
    ],
)  # fmt: skip
def test_wrong_parameters_are_named(params, message):
    with pytest.raises(MediaError) as raised:
        SeriesPatchTokenizer(**params)
    assert str(raised.value) == message


def test_an_unknown_preset_suggests_a_known_one():
    with pytest.raises(UnknownNameError) as raised:
        SeriesPatchTokenizer(preset="chronos-bold")
    assert str(raised.value).startswith(
        "unknown series-patch preset 'chronos-bold'. Did you mean 'chronos-bolt'? Presets: plain,"
    )


def test_infinity_is_refused():
    with pytest.raises(MediaError) as raised:
        SeriesPatchTokenizer().encode(Series([1.0, np.inf]))
    assert str(raised.value) == (
        "series-patch cannot encode inf (step 1, channel 'channel0', 1 such values): fill them or"
        " make them NaN"
    )


def test_a_part_of_a_sequence_is_refused():
    from dataclasses import replace

    tok = SeriesPatchTokenizer(patch=2)
    made = tok.encode(Series([1.0, 2.0, 3.0]))
    cut = replace(made, values=made.values[:1], special=made.special[:1], positions=None)
    with pytest.raises(DecodeError) as raised:
        tok.decode(cut)
    assert str(raised.value) == (
        "series-patch makes 2 tokens of SeriesInfo(steps=3, channels=1), got 1: pass the whole"
        " sequence"
    )
