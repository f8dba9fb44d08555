"""Chronos ids against chronos-forecasting, wavelet bins against PyWavelets, ABBA against fABBA: one
thread each, the same ids from both.

The peer of Chronos gives ids, a mask and scales as tensors; `encode_array` gives ids and scales as
arrays, `encode_batch` and `encode` whole TokenSequences, with positions, masks and what decoding
needs.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np

from measure import Row, best, row, skipped
from multitok.core.media import Series
from multitok.modalities.series.abba import AbbaTokenizer
from multitok.modalities.series.chronos import ChronosTokenizer
from multitok.modalities.series.dwt_bins import DwtBinsTokenizer

ONE = "chronos ids, a single call with 512 steps"
WAVELETS = "dwt-bins, 1,000,000 points"
PIECES = "abba, {:,} points"
MANY, LONG = "chronos ids, 1,024 series x 512", "chronos ids, one series of 10,000,000"
BACK = "chronos ids, one series of 10,000,000 decoded"
MEMORY = "memory, 10,000,000 points"
STEPS = 10_000_000


def peer_of(context: int) -> Any:
    """The published tokenizer with the settings of every chronos-t5 size."""
    from chronos.chronos import ChronosConfig

    return ChronosConfig(
        tokenizer_class="MeanScaleUniformBins",
        tokenizer_kwargs={"low_limit": -15.0, "high_limit": 15.0},
        n_tokens=4096, n_special_tokens=2, pad_token_id=0, eos_token_id=1, use_eos_token=True,
        model_type="seq2seq", context_length=context, prediction_length=64, num_samples=20,
        temperature=1.0, top_k=50, top_p=1.0,
    ).create_tokenizer()  # fmt: skip


def rows() -> Iterator[Row]:
    yield memory()
    yield wavelets()
    yield from map(pieces, (10_000, 200_000))
    try:
        import chronos  # noqa: F401
        import torch
    except ImportError as error:
        why = f"{error.name} is not installed"
        yield skipped(ONE, "not slower", why)
        yield skipped(MANY, "6 times faster", why)
        yield skipped(LONG, "8 times faster", why)
        yield skipped(BACK, "2 times faster", why)
        return
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    yield single(rng.standard_normal(512).cumsum(), torch)
    many = rng.standard_normal((1024, 512)).cumsum(1).astype(np.float32)
    yield from compared(many, MANY, 6.0, torch)
    long = rng.standard_normal((1, STEPS)).cumsum(1).astype(np.float32)
    yield from compared(long, LONG, 8.0, torch)


def compared(values: np.ndarray, work: str, faster: float, torch: Any) -> Iterator[Row]:
    """The ids alone, then as TokenSequences, and for one long series the floor."""
    context = values.shape[1]
    peer, tensor = peer_of(context), torch.tensor(values)
    ours = ChronosTokenizer(context_length=context)
    ids, _, scale = peer.context_input_transform(tensor)
    same, _ = ours.encode_array(values, scale.numpy())
    if not np.array_equal(same, ids.numpy()[:, :-1]):  # the last is the end id
        raise RuntimeError(f"{work}: the ids differ")
    items = [Series(row) for row in values]
    mine, theirs = best(
        lambda: ours.encode_array(values), lambda: peer.context_input_transform(tensor), 3.0
    )
    against = "chronos-forecasting"
    yield row(work, ours=mine, peer=theirs, against=against, faster=faster,
              note="arrays to arrays; the ids are uint16, the peer's int64")  # fmt: skip
    wide, theirs = best(
        lambda: ours.encode_array(values, dtype=np.int64),
        lambda: peer.context_input_transform(tensor),
        3.0,
    )
    yield row(f"{work}, int64", ours=wide, peer=theirs, against=against)
    whole, theirs = best(
        lambda: ours.encode_batch(items), lambda: peer.context_input_transform(tensor), 3.0
    )
    yield row(
        f"{work}, TokenSequences", ours=whole, peer=theirs, against=against, faster=6.0,
        note="each with positions, a mask and what decoding needs, which the peer does not make",
    )  # fmt: skip
    if len(values) == 1:
        yield decoded(ours, ids[:, :-1].numpy(), scale, peer, items[0], torch)
        out = np.empty(values.shape, np.uint16)
        source = out.copy()
        mine, floor = best(lambda: ours.encode_array(values), lambda: np.copyto(out, source))
        yield row(f"{work}: the floor", ours=mine, peer=floor, against="writing the ids alone")


def decoded(
    ours: ChronosTokenizer, ids: np.ndarray, scale: Any, peer: Any, series: Series, torch: Any
) -> Row:
    """A TokenSequence back to a Series, against the peer's values; by its scale both are equal."""
    samples = torch.tensor(ids)[:, None]
    given = peer.output_transform(samples, scale)[:, 0].numpy()
    if not np.array_equal(ours.decode_array(ids, scale.numpy()), given):
        raise RuntimeError(f"{BACK}: the values differ")
    tokens = ours.encode(series)
    mine, theirs = best(
        lambda: ours.decode(tokens), lambda: peer.output_transform(samples, scale), 3.0
    )
    return row(BACK, ours=mine, peer=theirs, against="chronos-forecasting", faster=2.0,
               note="the values are float64 in a Series, the peer's float32")  # fmt: skip


def single(values: np.ndarray, torch: Any) -> Row:
    """A whole TokenSequence of one series, against the peer's ids, mask and scale."""
    series, tokenizer = Series(values), ChronosTokenizer()
    peer, tensor = peer_of(512), torch.tensor(values, dtype=torch.float32)[None]
    mine, theirs = best(
        lambda: tokenizer.encode(series), lambda: peer.context_input_transform(tensor)
    )
    return row(ONE, ours=mine, peer=theirs, against="chronos-forecasting", faster=1.0)


def wavelets() -> Row:
    """Normalized, transformed, cut into bins and back: what encode does to know its error."""
    try:
        import pywt
    except ImportError as error:
        return skipped(WAVELETS, "within 3 times", f"{error.name} is not installed")
    values = np.random.default_rng(0).standard_normal(1_000_000).cumsum()
    series, tokenizer = Series(values), DwtBinsTokenizer()
    middle, limit = tokenizer.bins // 2, tokenizer.limit
    wavelet, mode = tokenizer.wavelet, tokenizer.mode

    def peer() -> np.ndarray:
        mean, std = values.mean(), values.std()
        bands = pywt.wavedec((values - mean) / std, wavelet, mode, tokenizer.level)
        numbers = np.rint(np.concatenate(bands) / limit * middle)
        ids = (np.clip(numbers, -middle, middle) + middle).astype(np.int64)
        cuts = np.cumsum([len(band) for band in bands])[:-1]
        back = pywt.waverec(np.split((ids - middle) * (limit / middle), cuts), wavelet, mode)
        np.abs(back * std + mean - values).max()
        return ids

    if not np.array_equal(tokenizer.encode(series).ids, peer()):
        raise RuntimeError(f"{WAVELETS}: the ids differ")
    mine, theirs = best(lambda: tokenizer.encode(series), peer)
    return row(WAVELETS, ours=mine, peer=theirs, against="PyWavelets and numpy", within=3.0)


def pieces(points: int) -> Row:
    """The same symbols; the peer is compiled."""
    work = PIECES.format(points)
    try:
        from fABBA import fABBA
    except ImportError as error:
        return skipped(work, "within 3 times", f"{error.name} is not installed")
    rng = np.random.default_rng(0)
    values = np.sin(np.arange(points) / 9) + 0.05 * rng.standard_normal(points)
    series, tokenizer = Series(values), AbbaTokenizer()
    peer = fABBA(tol=0.1, alpha=0.5, sorting="2-norm", scl=1, verbose=0)
    if tokenizer.text(tokenizer.encode(series)) != "".join(peer.fit_transform(values)):
        raise RuntimeError(f"{work}: the symbols differ")
    mine, theirs = best(lambda: tokenizer.encode(series), lambda: peer.fit_transform(values))
    return row(work, ours=mine, peer=theirs, against="fABBA", within=3.0)


def memory() -> Row:
    """The peak of encode beyond its input, against the size of the sequence it gives."""
    series = Series(np.random.default_rng(0).standard_normal(STEPS).cumsum())
    tokenizer = ChronosTokenizer(context_length=STEPS)
    tracemalloc.start()
    made = tokenizer.encode(series)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    if made.ids is None or made.positions is None:
        raise RuntimeError("chronos tokens have ids and positions")
    arrays = (made.ids, made.positions, made.special, *made.inputs.values())
    size = sum(array.nbytes for array in arrays)
    return {
        "work": MEMORY,
        "ours": f"{peak / 1e6:.0f} MB",
        "peer": f"its output: ids {made.ids.nbytes / 1e6:.0f} MB, in all {size / 1e6:.0f} MB",
        "ratio": f"{peak / made.ids.nbytes:.2f} times the ids",
        "target": "under 4 times",
        "ok": peak < 4 * made.ids.nbytes,
    }
