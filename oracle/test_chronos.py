"""Chronos: ids and scales against chronos-forecasting's own tokenizer, over random series."""

import numpy as np
import pytest

import multitok

chronos = pytest.importorskip("chronos.chronos")
torch = pytest.importorskip("torch")


def reference() -> "chronos.MeanScaleUniformBins":
    config = chronos.ChronosConfig(
        tokenizer_class="MeanScaleUniformBins",
        tokenizer_kwargs={"low_limit": -15.0, "high_limit": 15.0},
        context_length=512,
        prediction_length=64,
        n_tokens=4096,
        n_special_tokens=2,
        pad_token_id=0,
        eos_token_id=1,
        use_eos_token=True,
        model_type="seq2seq",
        num_samples=1,
        temperature=1.0,
        top_k=50,
        top_p=1.0,
    )
    return config.create_tokenizer()


def series(seed: int) -> np.ndarray:
    """Walks, spikes, holes and tiny numbers, up to 700 steps."""
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(rng.integers(1, 700)) * 10.0 ** rng.uniform(-6, 6)
    if seed % 3 == 0:
        values = np.cumsum(values)
    if seed % 4 == 0:
        values[rng.random(len(values)) < 0.1] = np.nan
    return values.astype(np.float32).astype(np.float64)


def test_ids():
    """Equal, but where the last bit of a scale moves a value to the next bin: 1 in 10,000."""
    theirs, ours = reference(), multitok.get_tokenizer("chronos")
    different = total = 0
    for seed in range(60):
        values = series(seed)
        expected = theirs.context_input_transform(torch.tensor(values, dtype=torch.float32)[None])
        ids = ours.encode(multitok.Series(values)).ids
        assert len(ids) == expected[0].shape[1]
        gap = np.abs(ids - expected[0][0].numpy())
        assert gap.max() <= 1
        different += int((gap > 0).sum())
        total += len(ids)
    assert different <= total / 10_000
