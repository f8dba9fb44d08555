"""Files of vocabularies: of text, movement, series, pictures and sound; codebooks."""

from __future__ import annotations

import base64
import json
import struct
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
from material import STRANGE, TOKENIZERS
from mutators import dumped, json_like, parsed
from targets import scratch, target, written
from tokenizers import pre_tokenizers

import multitok
from multitok.core.registry import build
from multitok.modalities.actions.fast_vocabulary import BUNDLED


def _used(name: str, **params: Any) -> None:
    """Everything that a text tokenizer of a file is asked for."""
    tokenizer = build(name, params)
    tokens = tokenizer.encode(multitok.Text("hello [CLS] world é 🙂 12"))
    tokenizer.count(multitok.Text("hello world"))
    tokenizer.decode(tokens)
    tokenizer.error_bound(tokens)
    tokenizer.count_stream(["hello ", "world "] * 3)
    tokenizer.explain(multitok.Text("a"))


@target(seeds=lambda: dumped(TOKENIZERS), mutate=json_like(STRANGE, TOKENIZERS), longest=9000)
def tokenizer_json(data: bytes) -> None:
    """A tokenizer.json, read and used."""
    _used("hf", path=str(written("tokenizer.json", data)))


def _tekken() -> Any:
    ranks = [{"rank": i, "token_bytes": base64.b64encode(bytes([i])).decode()} for i in range(256)]
    return {
        "config": {
            "pattern": r"\w+|\s+|.", "default_vocab_size": 300, "default_num_special_tokens": 5},
        "vocab": [*ranks, {"rank": 256, "token_bytes": "aGU="}],
    }  # fmt: skip


def _ranks() -> bytes:
    singles = [base64.b64encode(bytes([i])) + b" %d" % i for i in range(256)]
    return b"\n".join([*singles, b"aGU= 256"])


def _sentencepiece() -> bytes:
    """A model by hand: an unknown, a control piece, letters and a merge; BPE."""

    def piece(text: str, score: float, kind: int = 1) -> bytes:
        word = text.encode()
        inside = b"\n" + bytes([len(word)]) + word + b"\x15" + struct.pack("<f", score)
        inside += b"\x18" + bytes([kind])
        return b"\n" + bytes([len(inside)]) + inside

    words = ["\u2581", "h", "e", "l", "o", "he", "\u2581he"]
    pieces = [piece("<unk>", 0, 2), piece("<s>", 0, 3)]
    pieces += [piece(word, -i) for i, word in enumerate(words)]
    return b"".join(pieces) + b"\x12\x02\x18\x02"


FORMS = {
    "tokenizer.model": (_sentencepiece, {}), "x.tiktoken": (_ranks, {"pattern": "gpt-2"}),
    "tekken.json": (lambda: json.dumps(_tekken()).encode(), {}),
    "vocab.txt": (lambda: b"[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\nworld\n##e", {}),
}  # fmt: skip


@target(
    seeds=lambda: [bytes([i]) + made() for i, (made, _) in enumerate(FORMS.values())],
    longest=20_000,
)
def vocabulary(data: bytes) -> None:
    """The other files of vocabularies; the first byte says which."""
    if data:
        name = [*FORMS][data[0] % len(FORMS)]
        _used("hf", path=str(written(f"vocabulary/{name}", data[1:])), **FORMS[name][1])


@cache
def _fast() -> list[Any]:
    """Small vocabularies of FAST, ours and as they are published, and what stands beside them."""
    beside = {"scale": 10, "min_token": -100, "action_dim": 2, "time_horizon": 8}
    ours = json.loads(BUNDLED.read_text("utf-8"))
    known = list(ours["model"]["vocab"].items())[:300]
    ours["model"] |= {"vocab": dict(known), "merges": []}
    pieces = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    model = {"type": "BPE", "vocab": {char: i for i, char in enumerate(alphabet)}, "merges": []}
    theirs = {"version": "1.0", "pre_tokenizer": pieces, "decoder": pieces, "model": model}
    return [
        {"tokenizer": ours, "beside": beside, "mode": "native"},
        {"tokenizer": theirs, "beside": beside, "mode": "reference"},
    ]


@target(
    seeds=lambda: dumped(_fast()),
    mutate=lambda data, chance: json_like([*STRANGE, "[", "{}"], _fast())(data, chance),
    longest=60_000,
)
def fast(data: bytes) -> None:
    """A vocabulary of movement in a folder, ours or a published one."""
    document = parsed(data)
    if not isinstance(document, dict):
        return
    path = written("fast/tokenizer.json", json.dumps(document.get("tokenizer")))
    written("fast/processor_config.json", json.dumps(document.get("beside")))
    mode = "reference" if document.get("mode") == "reference" else "native"
    tokenizer = build("fast", {"path": str(path.parent), "mode": mode})
    movement = multitok.Actions(np.linspace(0, 1, 16).reshape(8, 2))
    tokenizer.count(movement)
    tokenizer.decode(tokenizer.encode(movement))


@cache
def _merges() -> Any:
    path = scratch() / "merges.json"
    wave = multitok.Series(np.sin(np.arange(200) * 0.3))
    multitok.train.train_series_bpe([wave], path, vocab_size=40, bins=16)
    return json.loads(path.read_text("utf-8"))


@target(
    seeds=lambda: dumped([_merges()]),
    mutate=lambda data, chance: json_like(STRANGE, [_merges()])(data, chance),
    longest=40_000,
)
def series_bpe(data: bytes) -> None:
    """A vocabulary of series that was trained."""
    tokenizer = build("series-bpe", {"path": str(written("series.json", data)), "bins": 16})
    series = multitok.Series(np.arange(20.0))
    tokenizer.count(series)
    tokenizer.decode(tokenizer.encode(series))


@cache
def _pictures() -> Any:
    path = scratch() / "pictures.json"
    ramp = np.arange(64 * 64 * 3, dtype=np.uint8).reshape(64, 64, 3)
    multitok.train.train_dct_bpe([multitok.Image(ramp)], path, vocab_size=200)
    return json.loads(path.read_text("utf-8"))


@target(
    seeds=lambda: dumped([_pictures()]),
    mutate=lambda data, chance: json_like(STRANGE, [_pictures()])(data, chance),
    longest=20_000,
)
def dct_bpe(data: bytes) -> None:
    """A vocabulary of pictures that was trained."""
    tokenizer = build("dct-bpe", {"path": str(written("pictures.json", data))})
    picture = multitok.Image(np.full((32, 40, 3), 77, np.uint8))
    tokenizer.decode(tokenizer.encode(picture))


@cache
def _sounds() -> Any:
    path = scratch() / "sounds.json"
    wave = np.sin(np.arange(4000) / 5) * np.linspace(0, 1, 4000)
    multitok.train.train_mdct_bpe([multitok.Audio(wave, 16_000)], path, vocab_size=200)
    return json.loads(path.read_text("utf-8"))


@target(
    seeds=lambda: dumped([_sounds()]),
    mutate=lambda data, chance: json_like(STRANGE, [_sounds()])(data, chance),
    longest=20_000,
)
def mdct_bpe(data: bytes) -> None:
    """A vocabulary of sound that was trained."""
    tokenizer = build("mdct-bpe", {"path": str(written("sounds.json", data))})
    sound = multitok.Audio(np.linspace(-1, 1, 700), 16_000)
    tokenizer.decode(tokenizer.encode(sound))


_HEADER = {
    "codebook": {"dtype": "F32", "shape": [4, 2], "data_offsets": [0, 32]},
    "q.0.embed": {"dtype": "BF16", "shape": [4, 2], "data_offsets": [32, 48]},
}


def _tensors(header: bytes) -> bytes:
    return struct.pack("<Q", len(header)) + header + np.arange(12, dtype="<f4").tobytes()


@target(
    seeds=lambda: [_tensors(one) for one in dumped([_HEADER])],
    mutate=lambda data, chance: _tensors(json_like(STRANGE, [_HEADER])(data[8:-48], chance)),
    longest=5000,
)
def safetensors(data: bytes) -> None:
    """A codebook of another program, by its name and as it comes."""
    path = str(written("codes.safetensors", data))
    for key in (None, "q.*.embed"):
        tokenizer = build("rvq", {"codebooks": path, "key": key, "horizon": 1})
        with suppress(multitok.MultitokError):
            tokenizer.decode(tokenizer.encode(multitok.Actions([[0.5, 1.5]])))
