"""FAST and BEAST against scipy and the published processor's own steps, over random motion."""

import numpy as np
import pytest

import multitok
from multitok.modalities.actions.beast import basis_matrix, knots
from multitok.modalities.actions.dct import rounded

fft = pytest.importorskip("scipy.fft")
interpolate = pytest.importorskip("scipy.interpolate")
transformers = pytest.importorskip("transformers")

STEPS = (1, 2, 3, 4, 5, 7, 8, 10, 16, 25, 32, 47, 49, 50, 64, 100, 128, 129, 200, 512)


@pytest.mark.parametrize("steps", STEPS)
def test_coefficients_are_rounded_as_scipy_s(steps):
    """Values on a decimal grid, half of them constant: many coefficients are exact ties."""
    rng = np.random.default_rng(steps)
    for grid in (0.01, 0.05, 0.1, 0.25, 1.0, 1e-9):
        x = np.round(rng.uniform(-1, 1, (100, steps, 3)) / grid) * grid
        x[50:] = x[50:, :1]
        theirs = np.around(fft.dct(x, axis=1, norm="ortho") * 10)
        np.testing.assert_array_equal(rounded(x, 10), theirs)


def test_published_ids(tmp_path):
    """fit, __call__ and decode of physical-intelligence/fast, step by step."""
    from tokenizers import ByteLevelBPETokenizer
    from tokenizers.trainers import BpeTrainer

    rng = np.random.default_rng(0)
    walks = np.cumsum(rng.standard_normal((900, 30, 5)), axis=1) / 15
    q = np.around(fft.dct(walks, axis=1, norm="ortho") * 10)
    low, high = int(q[:600].min()), int(q[:600].max())
    texts = ["".join(map(chr, np.maximum(one.flatten() - low, 0).astype(int))) for one in q]
    inner = ByteLevelBPETokenizer()
    trainer = BpeTrainer(
        vocab_size=1024, min_frequency=2, show_progress=False, special_tokens=[],
        initial_alphabet=[chr(i) for i in range(high - low + 1)], max_token_length=10000,
    )  # fmt: skip
    inner._tokenizer.train_from_iterator(texts[:600], trainer=trainer)
    inner.save(str(tmp_path / "tokenizer.json"))
    bpe = transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, clean_up_tokenization_spaces=False
    )
    ours = multitok.get_tokenizer(
        "fast", path=str(tmp_path), mode="reference", min_token=low, scale=10.0
    )
    made = ours.encode_batch([multitok.Actions(walk) for walk in walks])
    assert [tokens.ids.tolist() for tokens in made] == [bpe(text)["input_ids"] for text in texts]
    for tokens, text, coefficients in zip(made[:50], texts, q, strict=False):
        if bpe.decode(tokens.ids) == text:  # a coefficient it cannot spell is lost in both
            theirs = fft.idct(np.maximum(coefficients, low) / 10, axis=0, norm="ortho")
            np.testing.assert_allclose(ours.decode(tokens).values, theirs, atol=1e-9)


@pytest.mark.parametrize(
    ("steps", "basis", "degree"), [(50, 10, 4), (16, 5, 3), (9, 9, 1), (80, 7, 2)]
)
def test_the_basis_is_scipy_s(steps, basis, degree):
    t = knots(basis, degree)
    theirs = interpolate.BSpline.design_matrix(np.linspace(0, 1, steps), t, degree).toarray()
    np.testing.assert_allclose(basis_matrix(steps, basis, degree), theirs, atol=1e-12)
