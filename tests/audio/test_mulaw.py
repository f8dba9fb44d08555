"""Mu-law: the ids and levels of torchaudio's formula, exactly."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from multitok.core.errors import DecodeError
from multitok.core.media import Audio
from multitok.modalities.audio.mulaw import MuLawTokenizer

GOLDEN = Path(__file__).parent.parent / "golden" / "action.jsonl"
ROWS = {row["kind"]: row for row in map(json.loads, GOLDEN.read_text("utf-8").splitlines())}


def test_ids_are_those_of_the_formula():
    row = ROWS["mulaw_torchaudio_formula"]
    made = MuLawTokenizer().encode(Audio(np.array(row["values"], np.float32), 16_000))
    assert made.ids.tolist() == row["codes"]


def test_levels_are_those_of_the_table():
    levels = MuLawTokenizer().levels()
    assert np.abs(levels - ROWS["mulaw_decode_table"]["decoded"]).max() < 1e-12


def test_every_id_comes_back():
    tokenizer = MuLawTokenizer()
    wave = Audio(tokenizer.levels().astype(np.float32), 8000)
    assert tokenizer.encode(wave).ids.tolist() == list(range(256))


def test_channels_alternate():
    """Two samples of two channels: left, right, left, right."""
    made = MuLawTokenizer().encode(Audio(np.array([[-1, 1], [0, 1]], np.float32), 8000))
    assert made.ids.tolist() == [0, 255, 128, 255]
    assert made.positions.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_an_id_that_is_none_is_refused():
    tokenizer = MuLawTokenizer(codes=16)
    made = tokenizer.encode(Audio(np.ones(3, np.float32), 8000))
    with pytest.raises(DecodeError) as refused:
        tokenizer.decode(replace(made, ids=made.ids + 240))
    assert str(refused.value) == "mulaw ids are 0 to 15, got 255 to 255"
