"""SentencePiece's tokenizer.model, as the tokenizer.json that gives the same tokens.

The file is a protocol buffer: pieces with scores and types, how it was trained (BPE or Unigram,
byte fallback) and how a text is normalized before. Field numbers: sentencepiece_model.proto. A BPE
model has no list of merges: each pair of pieces that makes a piece is one, best score first.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from multitok.core.errors import SourceError

SPACE = "\u2581"
_UNIGRAM, _BPE = 1, 2
_UNKNOWN, _CONTROL, _USER_DEFINED = 2, 3, 4
_KINDS = {3: "WORD", 4: "CHAR"}


class Piece(NamedTuple):
    """A piece of the vocabulary; `kind` 1 is a normal one, 6 a byte."""

    text: str
    score: float
    kind: int


class Model(NamedTuple):
    """What is read of a tokenizer.model."""

    pieces: list[Piece]
    kind: int
    byte_fallback: bool
    charsmap: bytes
    prefix: bool
    """A space is put before the text."""
    squeeze: bool
    """Spaces around the text are dropped, and of several one is kept."""


def is_sentencepiece(data: bytes) -> bool:
    """A SentencePiece model begins with its first piece: field 1, a message with a text."""
    return data[:1] == b"\n" and data[2:3] == b"\n"


def tokenizer_json(data: bytes, name: str) -> str:
    """The tokenizer.json of a tokenizer.model; SourceError for a file that is none."""
    try:
        model = _read(data)
    except (ValueError, LookupError, struct.error, TypeError, AttributeError) as error:
        raise SourceError(f"{name}: not a SentencePiece model ({error})", source=name) from None
    if model.kind not in (_UNIGRAM, _BPE):
        kind = _KINDS.get(model.kind, str(model.kind))
        raise SourceError(
            f"{name}: a SentencePiece model of type {kind}; BPE and UNIGRAM are read", source=name
        )
    added = [  # a control piece (<s>) is no part of any text: SentencePiece cuts "<s>" as it stands
        {"id": i, "content": piece.text, "special": False, **_FLAGS}
        for i, piece in enumerate(model.pieces)
        if piece.kind == _USER_DEFINED
    ]
    unknown = next((i for i, p in enumerate(model.pieces) if p.kind == _UNKNOWN), None)
    made = _bpe(model, unknown) if model.kind == _BPE else _unigram(model, unknown)
    return json.dumps({"version": "1.0", "added_tokens": added, **made})


_FLAGS = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}


def _bpe(model: Model, unknown: int | None) -> dict[str, Any]:
    vocabulary = {piece.text: i for i, piece in enumerate(model.pieces)}
    merges = []
    for piece in model.pieces:
        pairs = ((piece.text[:at], piece.text[at:]) for at in range(1, len(piece.text)))
        known = [(a, b) for a, b in pairs if a in vocabulary and b in vocabulary]
        known.sort(key=lambda pair: (vocabulary[pair[0]], vocabulary[pair[1]]))
        merges += [(piece.score, pair) for pair in known if piece.kind == 1]
    merges.sort(key=lambda merge: -merge[0])  # stable: of equal scores the earlier piece first
    return {
        "normalizer": _normalizer(model),
        "pre_tokenizer": None,
        "model": {
            "type": "BPE",
            "vocab": vocabulary,
            "merges": [list(pair) for _, pair in merges],
            "unk_token": None if unknown is None else model.pieces[unknown].text,
            "fuse_unk": True,
            "byte_fallback": model.byte_fallback,
        },
        "decoder": _decoder(model),
    }


def _unigram(model: Model, unknown: int | None) -> dict[str, Any]:
    least = min((piece.score for piece in model.pieces if piece.kind == 1), default=0.0)
    words = {
        "type": "Metaspace", "replacement": SPACE, "prepend_scheme": "never", "split": True,
    }  # fmt: skip
    return {
        "normalizer": _normalizer(model),
        "pre_tokenizer": words,
        "model": {
            "type": "Unigram",
            "unk_id": unknown,
            "vocab": [_candidate(piece, least) for piece in model.pieces],
            "byte_fallback": model.byte_fallback,
        },
        "decoder": _decoder(model),
    }


def _candidate(piece: Piece, least: float) -> list[Any]:
    """A piece and its score; what stands for no text is spelled as none is."""
    hidden = piece.kind in (_UNKNOWN, _CONTROL)
    return [f"\U0010ffff{piece.text}", least] if hidden else [piece.text, piece.score]


def _normalizer(model: Model) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    if model.charsmap:
        packed = base64.b64encode(model.charsmap).decode("ascii")
        parts.append({"type": "Precompiled", "precompiled_charsmap": packed})
    if model.squeeze:
        for spaces, kept in ((r"\A +| +\z", ""), (" {2,}", " ")):
            parts.append({"type": "Replace", "pattern": {"Regex": spaces}, "content": kept})
    if model.prefix:
        parts.append({"type": "Prepend", "prepend": SPACE})
    parts.append({"type": "Replace", "pattern": {"String": " "}, "content": SPACE})
    return {"type": "Sequence", "normalizers": parts}


def _decoder(model: Model) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [
        {"type": "Replace", "pattern": {"String": SPACE}, "content": " "},
        {"type": "ByteFallback"},
        {"type": "Fuse"},
    ]
    if model.prefix:
        parts.append({"type": "Strip", "content": " ", "start": 1, "stop": 0})
    return {"type": "Sequence", "decoders": parts}


def _read(data: bytes) -> Model:
    pieces: list[Piece] = []
    trainer: dict[int, Any] = {}
    normalizer: dict[int, Any] = {}
    for number, value in _fields(data):
        if number == 1:
            piece = dict(_fields(value))
            score = struct.unpack("<f", piece[2])[0] if 2 in piece else 0.0
            pieces.append(Piece(piece[1].decode("utf-8"), score, piece.get(3, 1)))
        elif number == 2:
            trainer = dict(_fields(value))
        elif number == 3:
            normalizer = dict(_fields(value))
    if not pieces:
        raise ValueError("it has no pieces")
    return Model(
        pieces,
        kind=trainer.get(3, _UNIGRAM),
        byte_fallback=bool(trainer.get(35, 0)),
        charsmap=normalizer.get(2, b""),
        prefix=bool(normalizer.get(3, 1)),
        squeeze=bool(normalizer.get(4, 1)),
    )


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """The numbers and values of a message: whole numbers, bytes, or four bytes of a float."""
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        size = {1: 8, 5: 4}.get(kind)
        if kind == 2:
            size, at = _varint(data, at)
        if size is None or at + size > end:
            raise ValueError(f"a broken field at byte {at}")
        yield key >> 3, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data):
            raise ValueError("it ends inside a field")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
