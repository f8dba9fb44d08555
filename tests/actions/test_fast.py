"""FAST: the published ids, our own vocabularies, and errors instead of chunks of zeros."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as arrays

from multitok.core.errors import DecodeError, MediaError, NeedsContentError, SourceError
from multitok.core.info import ActionsInfo
from multitok.core.media import Actions
from multitok.modalities.actions.dct import dct, inverse, matrix, rounded
from multitok.modalities.actions.fast import FastTokenizer
from multitok.testing import check

GOLDEN = Path(__file__).parent.parent / "golden"
PUBLISHED = str(GOLDEN / "fast_synth_h50d7_v1024_s10.tokenizer.json")
ROWS = [json.loads(line) for line in (GOLDEN / "fast.jsonl").read_text().splitlines()]


def rows(kind):
    found = [row for row in ROWS if row["kind"] == kind]
    assert found
    return found


@pytest.fixture
def published():
    return FastTokenizer(path=PUBLISHED, mode="reference", min_token=-71, scale=10.0)


def smooth(steps=50, dims=7, seed=0):
    rng = np.random.default_rng(seed)
    t = np.arange(steps)[:, None] / 50
    return 0.6 * np.sin(2 * np.pi * t * rng.uniform(0.3, 1.5, dims) + rng.uniform(0, 6, dims))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    path = tmp_path_factory.mktemp("fast") / "tokenizer.json"
    return FastTokenizer.train([smooth(seed=seed) for seed in range(300)], path, vocab_size=512)


@pytest.mark.parametrize("row", rows("chunk"), ids=lambda row: row["name"])
def test_published_ids_and_motion(row, published):
    made = published.encode(Actions(row["actions"]))
    assert made.ids.tolist() == row["token_ids"]
    assert made.state["clipped"] == row["clipped_below_min"]
    decoded = published.decode(made).values
    np.testing.assert_allclose(decoded, row["decoded"], atol=1e-9)
    off = decoded - np.array(row["actions"])
    assert np.sqrt((off**2).mean()) == pytest.approx(row["rmse"], abs=1e-9)
    assert np.abs(off).max() == pytest.approx(row["max_abs_err"], abs=1e-9)


@pytest.mark.parametrize("row", rows("chunk") + rows("dct_only"), ids=lambda row: row["name"])
def test_coefficients(row):
    made = rounded(np.array([row["actions"]]), row.get("scale", 10))[0].astype(int)
    assert made.tolist() == row["dct_rounded"]
    if "flat" in row:
        assert made.reshape(-1).tolist() == row["flat"]


@pytest.mark.parametrize("row", rows("bad_decode"), ids=lambda row: row["name"])
def test_what_the_published_decoder_makes_zeros_of_is_an_error(row, published):
    """Through a sequence without state, as ids from a model come."""
    assert row["all_zero"]
    made = published.encode(Actions(np.zeros((50, 7))))
    ids = np.array(row["token_ids"], np.int64)
    cut = replace(made, ids=ids, special=np.zeros(len(ids), np.bool_), state={})
    with pytest.raises(DecodeError):
        published.decode(cut)


def test_a_chunk_the_published_vocabulary_cannot_spell_does_not_decode(published):
    """Five times larger motion: the published processor drops symbols and answers with zeros."""
    row = next(row for row in rows("chunk") if row["name"] == "smooth_seed1")
    made = published.encode(Actions(5 * np.array(row["actions"])))
    with pytest.raises(DecodeError):
        published.decode(made)


def test_reference_mode_counts_what_it_clips(published):
    """Four steps of -20: 10 x -20 x 2 = -400 is cut to -71, 329 / 10 off in the norm."""
    made = published.encode(Actions([-20.0] * 4))
    assert (made.state["clipped"], made.state["overshoot"]) == (1, pytest.approx(32.9))
    np.testing.assert_allclose(published.decode(made).values, -3.55)
    assert published.error_bound(made) >= 20 - 3.55


def test_the_matrix_and_the_fourier_transform_agree():
    """129 steps go through the transform; the matrix is the definition."""
    x = np.random.default_rng(0).standard_normal((3, 129, 2))
    np.testing.assert_allclose(dct(x), matrix(129) @ x, atol=1e-12)
    np.testing.assert_allclose(inverse(dct(x)), x, atol=1e-12)
    even = np.random.default_rng(0).standard_normal((400, 1))
    np.testing.assert_allclose(dct(even), matrix(400) @ even, atol=1e-12)
    np.testing.assert_allclose(inverse(dct(even)), even, atol=1e-12)


def test_a_tie_is_rounded_as_the_published_transform_rounds_it():
    """0.05 x 10 is 0.5, an even tie; scipy's transform of one step comes out one bit above it."""
    assert rounded(np.array([[[0.05]]]), 10).tolist() == [[[1.0]]]


def test_a_constant_is_one_coefficient():
    """Four steps of 1: 4 / sqrt(4) = 2, and nothing at the higher frequencies."""
    np.testing.assert_allclose(dct(np.ones((4, 1)))[:, 0], [2, 0, 0, 0], atol=1e-15)


def test_the_fitted_vocabulary_keeps_the_laws(trained):
    check(
        trained, [Actions(smooth(seed=5), hz=20.0), Actions(smooth(123, seed=6)), Actions([[0.0]])]
    )


def test_a_published_file_may_have_any_ids(tmp_path):
    """Beyond the largest table of merges the library merges, and ids need not fit 16 bits."""
    file = json.loads(Path(PUBLISHED).read_text("utf-8"))
    last = max(file["model"]["vocab"], key=file["model"]["vocab"].get)
    first = min(file["model"]["vocab"], key=file["model"]["vocab"].get)
    file["model"]["vocab"] |= {last: 10**9, first: 10**9 + 1}
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(file), "utf-8")
    odd = FastTokenizer(path=str(path), mode="reference", min_token=-71, scale=10.0)
    motion = Actions(np.linspace(-0.3, 0.3, 14).reshape(7, 2))
    usual = FastTokenizer(path=PUBLISHED, mode="reference", min_token=-71, scale=10.0)
    assert odd.decode(odd.encode(motion)) == usual.decode(usual.encode(motion))


def test_reference_mode_keeps_the_laws(published):
    check(published, [Actions(smooth(seed=5)), Actions(smooth(77, 3, seed=6))])


def test_many_chunks_get_the_ids_of_single_ones(trained):
    """Rows merged together (numpy) and one by one (tokenizers) are the same ids."""
    media = [Actions(smooth(seed=seed)) for seed in range(120)]
    assert trained.vocabulary().merges is not None
    together = trained.encode_batch(media)
    assert [made.ids.tolist() for made in together] == [
        trained.encode(one).ids.tolist() for one in media
    ]


@settings(max_examples=25, deadline=None)
@given(
    arrays.arrays(
        np.int64, st.tuples(st.integers(1, 30), st.integers(1, 60)), elements=st.integers(-2, 2)
    )
)
def test_merging_rows_together_is_what_tokenizers_does(values):
    vocabulary = FastTokenizer().vocabulary()
    merged, one_by_one = vocabulary.together(values), vocabulary.one_by_one(values)
    assert [ids.tolist() for ids in merged] == [ids.tolist() for ids in one_by_one]


TRICKY = [ord(c) for c in "''sstvreelldm  \t\n1a.\xa0é"]


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(
        np.int64,
        st.tuples(st.integers(1, 20), st.integers(1, 40)),
        elements=st.sampled_from(TRICKY) | st.sampled_from([*range(256), 300, 900, 2047]),
    )
)
def test_splitting_and_merging_rows_together_is_what_tokenizers_does(characters):
    """A published file splits by GPT-2's expression: contractions, runs of spaces, lost bytes."""
    published = FastTokenizer(path=PUBLISHED, mode="reference", min_token=0, scale=1.0)
    vocabulary = published.vocabulary()
    merged, one_by_one = vocabulary.together(characters), vocabulary.one_by_one(characters)
    assert [ids.tolist() for ids in merged] == [ids.tolist() for ids in one_by_one]


def test_a_trajectory_is_cut_and_the_rest_keeps_its_length(trained):
    """120 steps: two chunks of 50 and one of 20, none padded."""
    motion = Actions(smooth(120))
    made = trained.encode(motion)
    assert len(made.state["chunks"]) == 3
    parts = [motion.values[:50], motion.values[50:100], motion.values[100:]]
    ids = [i for part in parts for i in trained.encode(Actions(part)).ids.tolist()]
    assert made.ids.tolist() == ids
    assert trained.decode(made).values.shape == (120, 7)


def test_ids_alone_decode_without_state(trained):
    motion = Actions(smooth(120))
    made = trained.encode(motion)
    bare = replace(made, state={})
    np.testing.assert_array_equal(trained.decode(bare).values, trained.decode(made).values)


def test_openpi_places_the_ids_before_the_last_128():
    plain, placed = FastTokenizer(), FastTokenizer(vocab_size=257152, skip=128)
    motion = Actions(smooth())
    ids = plain.encode(motion).ids
    made = placed.encode(motion)
    assert made.ids.tolist() == (257152 - 1 - 128 - ids).tolist()
    np.testing.assert_array_equal(
        placed.decode(made).values, plain.decode(plain.encode(motion)).values
    )


def test_a_finer_scale_costs_tokens_and_buys_precision():
    motion = Actions(smooth())
    coarse, fine = FastTokenizer(scale=5.0), FastTokenizer(scale=40.0)
    off = [
        np.abs(tokenizer.decode(tokenizer.encode(motion)).values - motion.values).max()
        for tokenizer in (coarse, fine)
    ]
    assert coarse.count(motion) < fine.count(motion)
    assert off[0] > 3 * off[1]


def test_the_count_depends_on_the_motion():
    with pytest.raises(NeedsContentError) as error:
        FastTokenizer().count(ActionsInfo(50, 7))
    assert str(error.value) == (
        "FAST token counts depend on the motion itself: pass Actions(...), not"
        " ActionsInfo(steps=50, dims=7, hz=None)"
    )


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_value_without_coefficients_is_refused(value, published):
    for tokenizer in (FastTokenizer(), published):
        with pytest.raises(MediaError) as error:
            tokenizer.encode(Actions([[float(value)]]))
        assert str(error.value) == (
            f"fast cannot encode {value} (step 0, dim 'dim0', 1 such values):"
            " fill or drop these steps"
        )


def test_an_unseen_coefficient_is_refused():
    """50 steps of 10: 10 x sqrt(50) x scale 10 = 707.1 at frequency 0."""
    with pytest.raises(MediaError) as error:
        FastTokenizer().encode(Actions([[0.0, 10.0]] * 50))
    assert str(error.value) == (
        "fast cannot encode the coefficient 707 (frequency 0, dim 1, chunk 0): the vocabulary has"
        " -280 to 280. Normalize the actions, or train on your own chunks: multitok train fast"
    )


def test_a_cut_sequence_is_refused():
    tokenizer = FastTokenizer()
    made = tokenizer.encode(Actions(np.zeros((50, 7))))
    n = len(made)
    cut = replace(made, ids=made.ids[:-1], special=made.special[:-1])
    with pytest.raises(DecodeError) as error:
        tokenizer.decode(cut)
    assert str(error.value) == f"fast made {n} tokens, got {n - 1}: the sequence is cut"


def test_tokens_of_another_shape_are_refused():
    tokenizer = FastTokenizer()
    made = tokenizer.encode(Actions(np.zeros((50, 7))))
    other = replace(made, info=ActionsInfo(32, 7), state={})
    with pytest.raises(DecodeError) as error:
        tokenizer.decode(other)
    assert str(error.value) == (
        f"fast: {len(made)} tokens spell 350 coefficients, a chunk of 32 x 7 has 224:"
        " the sequence is cut, or of another shape"
    )


def test_an_id_outside_the_vocabulary_is_refused():
    tokenizer = FastTokenizer()
    made = tokenizer.encode(Actions(np.zeros((50, 7))))
    wrong = replace(made, ids=np.full_like(made.ids, 1024))
    with pytest.raises(DecodeError) as error:
        tokenizer.decode(wrong)
    assert str(error.value) == "fast ids run from 0 to 1023, got 1024 at position 0"


def test_tokens_of_another_vocabulary_are_refused(trained):
    made = replace(trained, path=None).encode(Actions(np.zeros((50, 7))))
    with pytest.raises(DecodeError, match=r"^fast tokens were made with another vocabulary than "):
        trained.decode(made)


def test_tokens_of_another_scale_are_refused():
    made = FastTokenizer(scale=20.0).encode(Actions(np.zeros((50, 7))))
    with pytest.raises(DecodeError) as error:
        FastTokenizer().decode(made)
    assert str(error.value) == (
        "these tokens are of fast(scale=20.0), not of fast(scale=None): multitok.decode(tokens)"
        " asks the tokenizer that made them"
    )


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"mode": "hf"}, "mode must be native or reference, got 'hf'"),
        ({"mode": "reference"}, "mode='reference' needs the path of a published tokenizer.json"),
        ({"scale": 0.0}, "scale must be above 0, got 0.0"),
        ({"horizon": 0}, "horizon must be at least 1 step, got 0"),
    ],
)
def test_wrong_parameters(params, message):
    with pytest.raises(MediaError) as error:
        FastTokenizer(**params)
    assert str(error.value) == message


def test_a_missing_file(tmp_path):
    path = tmp_path / "none.json"
    with pytest.raises(SourceError) as error:
        FastTokenizer(path=str(path)).encode(Actions([[0.0]]))
    assert str(error.value) == (
        f"{path}: no FAST vocabulary there (No such file or directory)."
        " Make one: multitok train fast"
    )


def test_a_published_file_in_native_mode():
    with pytest.raises(SourceError) as error:
        FastTokenizer(path=PUBLISHED).encode(Actions([[0.0]]))
    assert str(error.value) == f"{PUBLISHED}: a published FAST file: load it with mode='reference'"


def test_a_published_file_without_its_settings():
    with pytest.raises(MediaError) as error:
        FastTokenizer(path=PUBLISHED, mode="reference").encode(Actions([[0.0]]))
    assert str(error.value) == (
        f"{PUBLISHED}: a published FAST file needs min_token: pass it, or put its"
        " fast_synth_h50d7_v1024_s10.tokenizer.processor_config.json beside it"
    )


@pytest.mark.parametrize("low", [-(2**31) - 1, 2**63])
def test_the_lowest_coefficient_has_32_bits(low, tmp_path):
    """As a parameter, and as a file beside the vocabulary says it."""
    with pytest.raises(MediaError, match="min_token"):
        FastTokenizer(path=PUBLISHED, mode="reference", min_token=low)
    (tmp_path / "tokenizer.json").write_bytes(Path(PUBLISHED).read_bytes())
    (tmp_path / "processor_config.json").write_text(json.dumps({"scale": 10, "min_token": low}))
    with pytest.raises(SourceError, match=r"min_token.* a whole number of 32 bits"):
        FastTokenizer(path=str(tmp_path), mode="reference").encode(Actions([[0.0]]))


def test_a_published_directory_brings_its_own_settings(tmp_path, published):
    (tmp_path / "tokenizer.json").write_bytes(Path(PUBLISHED).read_bytes())
    settings = {"scale": 10, "vocab_size": 1024, "min_token": -71, "time_horizon": None}
    (tmp_path / "processor_config.json").write_text(json.dumps(settings))
    motion = Actions(smooth())
    made = FastTokenizer(path=str(tmp_path), mode="reference").encode(motion)
    assert made.ids.tolist() == published.encode(motion).ids.tolist()


def test_fit_needs_chunks(tmp_path):
    with pytest.raises(MediaError) as error:
        FastTokenizer.train([], tmp_path / "x.json")
    assert str(error.value) == "fast is trained on chunks of movement, got none"


def test_fit_on_too_little_data(tmp_path):
    with pytest.raises(MediaError) as error:
        FastTokenizer.train([np.zeros((3, 1))], tmp_path / "x.json", vocab_size=64)
    assert str(error.value) == (
        "1 chunks give a vocabulary of 2, 64 were asked for:"
        " pass more chunks, or a smaller vocab_size"
    )
    assert not (tmp_path / "x.json").exists()


def test_fit_on_a_range_larger_than_the_vocabulary(tmp_path):
    """Values of 100 at scale 10 make coefficients of thousands: FAST's own fit refuses as well."""
    assert rows("fit_error")
    with pytest.raises(MediaError) as error:
        FastTokenizer.train([[[-100.0], [100.0]]], tmp_path / "x.json", margin=0.0)
    assert str(error.value) == (
        "a vocabulary of 1024 cannot hold the coefficients -1414 to 0 (1415):"
        " normalize the actions, lower scale, or raise vocab_size"
    )


def test_fit_on_chunks_of_different_dims(tmp_path):
    with pytest.raises(MediaError) as error:
        FastTokenizer.train([np.zeros((5, 2)), np.zeros((5, 3))], tmp_path / "x.json")
    assert str(error.value) == "fast is trained on chunks of one number of dims, got [2, 3]"


def test_the_same_data_make_the_same_file_in_another_process(tmp_path):
    script = (
        "import sys, numpy as np; from multitok.modalities.actions.fast import FastTokenizer;"
        "r = np.random.default_rng(0);"
        "FastTokenizer.train(list(np.cumsum(r.standard_normal((200, 20, 3)), 1) / 9), sys.argv[1],"
        " vocab_size=400, horizon=20)"
    )
    made = []
    for seed in ("1", "2"):
        path = tmp_path / f"{seed}.json"
        subprocess.run(
            [sys.executable, "-c", script, str(path)],
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(p for p in sys.path if p)},
        )
        made.append(path.read_bytes())
    assert made[0] == made[1]


def test_a_fitted_file_keeps_its_horizon(tmp_path):
    """Fitted on chunks of 20 steps, loaded without a word of it: 60 steps are 3 chunks again."""
    rng = np.random.default_rng(0)
    walks = [np.cumsum(rng.normal(0, 0.02, (60, 2)), axis=0) for _ in range(60)]
    made = FastTokenizer.train(walks, tmp_path / "tokenizer.json", horizon=20, vocab_size=120)
    loaded = FastTokenizer(path=made.path)
    assert loaded.resolved_horizon() == 20
    assert loaded.count(Actions(walks[0])) == made.count(Actions(walks[0]))


def test_another_word_for_the_horizon_is_refused():
    with pytest.raises(MediaError) as error:
        FastTokenizer(horizon="all")
    assert str(error.value) == "horizon must be a number of steps or 'stored', got 'all'"


def test_a_missing_value_is_no_symbol_of_the_vocabulary():
    """A marker that was hidden: the table of tokenizers asks, and leaves FAST out."""
    assert not FastTokenizer().holds(Actions([[0.0, np.nan], [0.1, 0.2]]))
