"""What ways to write a sound as tokens cost, and what comes back."""

import numpy as np
import pytest

import multitok
from multitok import Audio, inspect
from multitok.counting.sound_distortion import compare_sounds, excerpt, sound_error
from multitok.modalities.audio.coded.mdct_bpe import MdctBpeTokenizer
from multitok.report.inspection import render_inspection

MELODY = multitok.load("samples/melody.flac")


def test_quality_costs_tokens_and_each_is_held():
    rows = {row.label: row for row in compare_sounds(MELODY)}
    coded = [rows[f"mdct-bpe, {snr} dB"] for snr in (10, 15, 20, 25)]
    assert [row.tokens for row in coded] == sorted(row.tokens for row in coded)
    assert all(row.snr >= snr for row, snr in zip(coded, (10, 15, 20, 25), strict=True))
    assert all(row.worst <= row.bound for row in rows.values())


def test_tokens_are_far_fewer_than_samples_at_the_same_quality():
    """mulaw of 16 ids has 16.4 dB, 64 kilobits and 16,000 tokens a second."""
    mulaw = next(row for row in compare_sounds(MELODY) if row.label == "mulaw, 16 ids")
    coded = sound_error(MdctBpeTokenizer(snr=mulaw.snr), MELODY)
    assert coded.tokens_per_second < mulaw.tokens_per_second / 30
    assert coded.kilobits_per_second < mulaw.kilobits_per_second / 9


def test_bits_are_those_of_the_vocabulary():
    """16,384 ids are 14 bits a token."""
    row = sound_error(MdctBpeTokenizer(), MELODY)
    assert row.bits == 14 * row.tokens
    assert row.kilobits_per_second == pytest.approx(14 * row.tokens_per_second / 1000)


def test_the_beginning_of_a_long_sound():
    """2^20 samples of both channels."""
    assert excerpt(Audio(np.zeros((600_000, 2)), 16_000)).info.samples == 1 << 19
    assert excerpt(MELODY) is MELODY


def test_nothing_is_decoded_where_no_ids_are_asked_for():
    assert inspect("samples/melody.flac", models="gpt-realtime").sound_distortion == []
    assert inspect("samples/melody.flac", tokenizer="log-mel").sound_distortion == []


def test_inspect_shows_the_table():
    shown = render_inspection(inspect("samples/melody.flac", tokenizer="mdct-bpe"), color=False)
    assert "written as" in shown
    assert "mdct-bpe, 20 dB" in shown
    assert "mulaw, 256 ids" in shown
