"""FAST against the published processor's own steps: scipy's cosine transform, a call a chunk; one
action in bins against the steps of OpenVLA's tokenizer."""

from __future__ import annotations

import os

os.environ["TOKENIZERS_PARALLELISM"] = "false"  # one thread on both sides
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from measure import Row, best, row, skipped
from multitok.core.media import Actions
from multitok.modalities.actions.bins import ActionBinsTokenizer
from multitok.modalities.actions.fast import FastTokenizer

HORIZON, DIMS, SCALE, VOCAB_SIZE = 50, 7, 10, 1024
WORK = "FAST encode, 1,000 chunks of 50 x 7"
ONE, BACK = "FAST encode, a single chunk of 50 x 7", "FAST decode, a single chunk of 50 x 7"
STEP, STEP_BACK = "action bins, one step of 7", "action bins, one step of 7 decoded"
TARGET = 3


def chunks(n: int, seed: int) -> list[np.ndarray]:
    """Smooth joint motions and a gripper that shuts at some step."""
    rng = np.random.default_rng(seed)
    t = np.arange(HORIZON)[:, None] / HORIZON
    made = []
    for _ in range(n):
        size, speed, phase, offset = rng.uniform(size=(4, DIMS))
        x = 0.6 * size * np.sin(2 * np.pi * ((0.25 + 1.5 * speed) * t + phase))
        x += 0.4 * (offset - 0.5)
        x[:, -1] = np.where(t[:, 0] < rng.uniform(), -1.0, 1.0)
        made.append(x)
    return made


Call = Callable[[np.ndarray], list[list[int]]]
Decode = Callable[[list[int]], np.ndarray]


def published(training: list[np.ndarray], folder: Path) -> tuple[Call, Decode]:
    """fit, __call__ and decode of the published processor: physical-intelligence/fast, restated."""
    from scipy.fft import dct, idct
    from tokenizers import ByteLevelBPETokenizer
    from tokenizers.trainers import BpeTrainer
    from transformers import PreTrainedTokenizerFast

    rounded = [np.around(dct(x, axis=0, norm="ortho") * SCALE) for x in training]
    low = int(min(q.min() for q in rounded))
    high = int(max(q.max() for q in rounded))

    def text(q: np.ndarray) -> str:
        return "".join(map(chr, np.maximum(q.flatten() - low, 0).astype(int)))

    inner = ByteLevelBPETokenizer()
    trainer = BpeTrainer(
        vocab_size=VOCAB_SIZE, min_frequency=2, show_progress=False, special_tokens=[],
        initial_alphabet=[chr(i) for i in range(high - low + 1)], max_token_length=10000,
    )  # fmt: skip
    inner._tokenizer.train_from_iterator((text(q) for q in rounded), trainer=trainer)
    inner.save(str(folder / "tokenizer.json"))
    settings = {"scale": SCALE, "vocab_size": VOCAB_SIZE, "min_token": low}
    (folder / "processor_config.json").write_text(json.dumps(settings))
    bpe = PreTrainedTokenizerFast(tokenizer_object=inner, clean_up_tokenization_spaces=False)

    def call(batch: np.ndarray) -> list[list[int]]:
        q = np.around(dct(batch, axis=1, norm="ortho") * SCALE)
        return [bpe(text(one))["input_ids"] for one in q]

    def decode(ids: list[int]) -> np.ndarray:
        q = np.array(list(map(ord, bpe.decode(ids)))) + low
        return idct(q.reshape(-1, DIMS) / SCALE, axis=0, norm="ortho")

    return call, decode


def rows() -> Iterator[Row]:
    """One row a mode, of many chunks and of one."""
    yield from one_step()
    try:
        import scipy  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        why = f"{error.name} is not installed"
        yield skipped(WORK, f"{TARGET} times faster", why)
        yield skipped(ONE, "not slower", why)
        yield skipped(BACK, "not slower", why)
        return
    training, test = chunks(600, seed=0), chunks(1000, seed=1)
    batch, media = np.stack(test), [Actions(x) for x in test]
    with TemporaryDirectory() as name:
        folder = Path(name)
        peer, peer_back = published(training, folder)
        same = FastTokenizer(path=name, mode="reference")
        ours = FastTokenizer.train(training, folder / "native.json", vocab_size=VOCAB_SIZE)
        assert [tokens.ids.tolist() for tokens in same.encode_batch(media)] == peer(batch)
        yield _row(WORK, ours, media, peer, batch)
        yield _row(WORK + ", the published ids", same, media, peer, batch)
        for words, tokenizer in (("", ours), (", the published ids", same)):
            yield _single(ONE + words, tokenizer.encode, media[0], peer, batch[:1])
            tokens = tokenizer.encode(media[0])
            ids = peer(batch[:1])[0]
            yield _single(BACK + words, tokenizer.decode, tokens, peer_back, ids)


def _row(work: str, tokenizer: FastTokenizer, media: list[Any], peer: Any, batch: Any) -> Row:
    mine, theirs = best(lambda: tokenizer.encode_batch(media), lambda: peer(batch))
    return row(work, ours=mine, peer=theirs, against="the published processor", faster=TARGET)


def _single(work: str, ours: Any, given: Any, peer: Any, same: Any) -> Row:
    mine, theirs = best(lambda: ours(given), lambda: peer(same))
    return row(work, ours=mine, peer=theirs, against="the published processor", faster=1.0)


def one_step() -> Iterator[Row]:
    """A policy's call, there and back: OpenVLA clips and digitizes, and looks up the centers."""
    tokenizer = ActionBinsTokenizer.preset("openvla")
    values = np.random.default_rng(0).uniform(-1, 1, (1, DIMS))
    media, edges = Actions(values), np.linspace(-1, 1, 256)
    centers = (edges[:-1] + edges[1:]) / 2

    def peer() -> np.ndarray:
        return 32_000 - np.digitize(np.clip(values, -1.0, 1.0), edges)

    def back() -> np.ndarray:
        return centers[np.clip(32_000 - ids - 1, 0, len(centers) - 1)]

    tokens, ids = tokenizer.encode(media), tokenizer.encode_array(values)
    assert ids.tolist() == peer().tolist()
    assert tokenizer.decode_array(ids).tolist() == back().tolist()
    for work, array, same in (
        (STEP, lambda: tokenizer.encode_array(values), peer),
        (STEP_BACK, lambda: tokenizer.decode_array(ids), back),
    ):
        mine, theirs = best(array, same)
        yield row(work, ours=mine, peer=theirs, against="OpenVLA's steps", faster=1.0)
    for work, whole, same in (
        (STEP, lambda: tokenizer.encode(media), peer),
        (STEP_BACK, lambda: tokenizer.decode(tokens), back),
    ):
        mine, theirs = best(whole, same)
        yield row(f"{work}, a TokenSequence", ours=mine, peer=theirs, against="OpenVLA's steps",
                  faster=1.0 if work == STEP else None,
                  note="with places, what was clipped and what decoding needs; the row above is"
                  " arrays to arrays, as the peer, with its checks of values and ids")  # fmt: skip
