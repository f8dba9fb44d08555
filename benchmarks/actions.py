"""FAST against the published processor's own steps: scipy's cosine transform, a call a chunk."""

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
from multitok.modalities.actions.fast import FastTokenizer

HORIZON, DIMS, SCALE, VOCAB_SIZE = 50, 7, 10, 1024
WORK = "FAST encode, 1,000 chunks of 50 x 7"
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


def published(training: list[np.ndarray], folder: Path) -> Callable[[np.ndarray], list[list[int]]]:
    """fit and __call__ of the published processor: physical-intelligence/fast, restated."""
    from scipy.fft import dct
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

    return call


def rows() -> Iterator[Row]:
    """One row a mode."""
    try:
        import scipy  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as error:
        yield skipped(WORK, f"{TARGET} times faster", f"{error.name} is not installed")
        return
    training, test = chunks(600, seed=0), chunks(1000, seed=1)
    batch, media = np.stack(test), [Actions(x) for x in test]
    with TemporaryDirectory() as name:
        folder = Path(name)
        peer = published(training, folder)
        same = FastTokenizer(path=name, mode="reference")
        ours = FastTokenizer.train(training, folder / "native.json", vocab_size=VOCAB_SIZE)
        assert [tokens.ids.tolist() for tokens in same.encode_batch(media)] == peer(batch)
        yield _row(WORK, ours, media, peer, batch)
        yield _row(WORK + ", the published ids", same, media, peer, batch)


def _row(work: str, tokenizer: FastTokenizer, media: list[Any], peer: Any, batch: Any) -> Row:
    mine, theirs = best(lambda: tokenizer.encode_batch(media), lambda: peer(batch))
    return row(work, ours=mine, peer=theirs, against="the published processor", faster=TARGET)
