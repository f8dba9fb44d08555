"""ABBA: strings and reconstructions against the fABBA package."""

import numpy as np
import pytest

import multitok

fabba = pytest.importorskip("fABBA")


def series() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    walks = [rng.standard_normal(n).cumsum() for n in (2, 3, 50, 1000)]
    waves = [np.sin(np.arange(n) / 7) for n in (100, 2000)]
    whole = np.round(rng.standard_normal(300).cumsum())
    return [*walks, *waves, whole, np.zeros(32), np.arange(500) * 1e5, rng.standard_normal(400)]


@pytest.mark.parametrize("tol", [0, 0.001, 0.1, 0.5])
@pytest.mark.parametrize("alpha", [0, 0.1, 1])
@pytest.mark.parametrize("scl", [0, 1, 3])
@pytest.mark.parametrize("longest", [None, 5])
def test_the_same_string_and_values(tol, alpha, scl, longest):
    ours = multitok.get_tokenizer("abba", tol=tol, alpha=alpha, scl=scl, max_len=longest)
    for x in series():
        theirs = fabba.fABBA(tol=tol, alpha=alpha, scl=scl, max_len=longest or -1, verbose=0)
        string = theirs.fit_transform(x)
        made = ours.encode(multitok.Series(x))
        assert ours.text(made) == string
        values = np.array(theirs.inverse_transform(string, x[0]))
        largest = max(1.0, float(np.abs(x).max()))
        np.testing.assert_allclose(ours.decode(made).values[:, 0] / largest, values / largest,
                                   rtol=0, atol=1e-9)  # fmt: skip
