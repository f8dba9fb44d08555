"""MDCT-BPE: ids that decode to a sound within a bound, whatever the sound."""

import json
import re
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import multitok
from multitok import Audio, AudioInfo, get_tokenizer
from multitok.core.errors import DecodeError, MediaError, NeedsContentError, SourceError
from multitok.modalities.audio.coded import frames, targets
from multitok.modalities.audio.coded.frames import Shape, hop_of
from multitok.modalities.audio.coded.mdct_bpe import FRAMES, MdctBpeTokenizer
from multitok.modalities.audio.coded.targets import off
from multitok.modalities.coding import symbols

MELODY = multitok.load("samples/melody.flac")


def noise(samples, channels=1, rate=16_000, seed=0, loud=0.3):
    rng = np.random.default_rng(seed)
    return Audio(rng.standard_normal((samples, channels)).astype(np.float32) * loud, rate)


def worst(tokenizer, sound):
    """The largest error of the round trip, and what is promised."""
    tokens = tokenizer.encode(sound)
    apart = tokenizer.decode(tokens).samples.astype(float) - tokenizer.prepare(sound).samples
    return float(np.abs(apart).max(initial=0.0)), tokenizer.error_bound(tokens)


def test_the_transform_is_the_sum_of_its_definition():
    """X[k] = sqrt(2/N) sum w[n] x[n] cos(pi/N (n + 1/2 + N/2) (k + 1/2)), of frames of 2 N."""
    hop, wave = 10, noise(35).samples
    n, k = np.arange(2 * hop), np.arange(hop)
    window = np.sin(np.pi * (n + 0.5) / (2 * hop))
    cosines = np.cos(np.pi / hop * (n[:, None] + 0.5 + hop / 2) * (k + 0.5))
    matrix = window[:, None] * cosines * np.sqrt(2 / hop)
    padded = np.concatenate([np.zeros(hop), wave[:, 0], np.zeros(15)])
    slow = np.stack([padded[i * hop : i * hop + 2 * hop] @ matrix for i in range(5)])
    assert np.allclose(frames.transformed(Shape(35, 1, hop), wave), slow)


@given(
    samples=st.integers(0, 300), channels=st.integers(1, 3), half=st.integers(1, 40),
    seed=st.integers(0, 99),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_the_transform_keeps_lengths_and_is_undone(samples, channels, half, seed):
    shape, wave = Shape(samples, channels, 2 * half), noise(samples, channels, seed=seed).samples
    exact = frames.transformed(shape, wave)
    assert exact.shape == (shape.blocks, shape.hop)
    assert np.allclose(frames.inverse(shape, exact), wave)
    assert (exact**2).sum() == pytest.approx((wave.astype(float) ** 2).sum())


def test_more_frames_than_are_transformed_at_once():
    shape = Shape(10 * 2000 + 3, 2, 10)
    wave = noise(shape.samples, 2).samples
    assert shape.frames > 2 * shape.at_once
    assert np.allclose(frames.inverse(shape, frames.transformed(shape, wave)), wave)


def test_channels_that_are_alike_cost_little_more_than_one():
    one = MELODY.samples[:16_000]
    mono, stereo = (Audio(np.repeat(one, n, axis=1), 16_000) for n in (1, 2))
    tokenizer = MdctBpeTokenizer(step=0.1)
    apart = Audio(np.stack([one[:, 0], noise(16_000).samples[:, 0] / 4], axis=1), 16_000)
    assert tokenizer.count(stereo) < 1.5 * tokenizer.count(mono) < tokenizer.count(apart)


@given(
    samples=st.integers(1, 900), channels=st.integers(1, 3), seed=st.integers(0, 999),
    step=st.floats(2**-12, 4), hop_ms=st.sampled_from([1.0, 5.0, 20.0]),
    loud=st.sampled_from([1e-5, 0.1, 0.5, 3.0]),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_the_bound_holds_of_noise(samples, channels, seed, step, hop_ms, loud):
    tokenizer = MdctBpeTokenizer(step=step, hop_ms=hop_ms)
    found, bound = worst(tokenizer, noise(samples, channels, seed=seed, loud=loud))
    assert found <= bound


def adversaries():
    """What hurts: silence, one sample, a constant, clipping, clicks, the highest pitch, a tone of
    one frame's edge, opposed channels."""
    n = np.arange(2000)
    click = np.zeros(2000)
    click[[0, 319, 320, 777, 1999]] = 1, -1, 1, 1, -1
    square, highest, gated = np.sign(np.sin(n / 7)), (-1.0) ** n, np.sin(n / 3) * (n // 320 % 2)
    waves = [np.zeros(2000), np.ones(1), np.ones(2000), -np.ones(333), click, square, highest]
    waves += [gated, 5 * np.sin(n / 11), np.full(2000, 1e-30)]
    yield from (Audio(wave, 16_000) for wave in waves)
    yield from (Audio(np.stack([wave, -wave], axis=1), 22_050) for wave in waves)
    yield from (Audio(np.stack([wave, wave[::-1], click[: len(wave)]], 1), 8_000) for wave in waves)


@pytest.mark.parametrize(
    "asked",
    [{"step": 2**-10}, {"step": 0.1}, {"step": 4.0}, {}, {"max_error": 0.01}, {"snr": 30.0}],
)
def test_the_bound_holds_of_what_hurts(asked):
    for sound in adversaries():
        if "snr" in asked and 0 < np.abs(sound.samples).max() < 1e-20:
            continue  # which no step brings back
        tokenizer = MdctBpeTokenizer(**asked)
        found, bound = worst(tokenizer, sound)
        assert found <= bound, sound
        assert tokenizer.count(sound) <= tokenizer.upper_bound(sound.info)


def test_a_target_is_met_and_the_next_step_misses_it():
    for asked in ({"snr": 20.0}, {"max_error": 0.05}):
        tokens = MdctBpeTokenizer(**asked).encode(MELODY)
        rungs, target = targets.steps(), targets.Target(**asked)
        beyond = rungs[rungs.index(tokens.state["step"]) + 1]
        for step, meets in ((tokens.state["step"], True), (beyond, False)):
            plain = MdctBpeTokenizer(step=step)
            decoded = plain.decode(plain.encode(MELODY)).samples
            assert target.met(off(MELODY.samples, decoded)) is meets


def test_no_worse_than_the_first_that_was_tried():
    """Of a sound unseen: raw coefficients merged with a vocabulary of its own first half had 533
    tokens a second at 16.8 dB, and 787 at 21.5."""
    seconds = MELODY.info.duration
    for snr, most in ((16.8, 533), (21.5, 787)):
        assert MdctBpeTokenizer(snr=snr).count(MELODY) / seconds < most


def test_a_quiet_sound_is_no_silence():
    """As loud as the last of 16 bits: where nothing is said it comes back as near as a loud one."""
    quiet = Audio(MELODY.samples[:16_000] / 2000, 16_000)
    tokenizer = MdctBpeTokenizer()
    found = off(quiet.samples, tokenizer.decode(tokenizer.encode(quiet)).samples)
    assert found.snr >= 16


def test_what_no_step_can_hold():
    faint = Audio(np.full(500, 1e-7), 16_000)
    with pytest.raises(MediaError) as raised:
        MdctBpeTokenizer(snr=30.0).encode(faint)
    assert str(raised.value) == (
        "mdct-bpe cannot hold snr=30 of this sound: the finest step, 1.526e-05, has 0.0 dB and is"
        " off by 1e-07 at most"
    )
    assert len(MdctBpeTokenizer().encode(faint)) == 1


def test_silence_is_a_token_for_four_frames():
    """A second has 51 frames: the first begins a hop before the sound."""
    assert MdctBpeTokenizer().count(Audio(np.zeros(16_000), 16_000)) == 13


def test_no_token_is_no_sound_and_no_sound_no_token():
    empty = Audio(np.zeros((0, 2)), 44_100)
    tokens = MdctBpeTokenizer().encode(empty)
    assert (len(tokens), MdctBpeTokenizer().decode(tokens)) == (0, empty)


def test_each_token_says_where_it_begins():
    """Silence, then a click in the second half: tokens lie there, and are numbered."""
    wave = np.zeros(6400)
    wave[4000] = 1.0
    tokens = MdctBpeTokenizer(step=0.02).encode(Audio(wave, 16_000))
    frame, channel, number = tokens.positions.T
    assert set(channel.tolist()) == {0}
    busy = frame[np.bincount(frame, minlength=21)[frame] > 5]
    assert set(busy.tolist()) == {12, 13}  # samples 3,520 to 4,160, and 3,840 to 4,480
    assert number[frame == 12].tolist() == list(range(int((frame == 12).sum())))


def test_a_length_has_no_count_but_an_upper_bound():
    with pytest.raises(NeedsContentError) as raised:
        MdctBpeTokenizer().count(AudioInfo(16_000, 16_000))
    assert str(raised.value) == (
        "mdct-bpe token counts depend on the sound itself: pass Audio(...), not"
        " AudioInfo(samples=16000, sample_rate=16000, channels=1)"
    )
    assert MdctBpeTokenizer().upper_bound(AudioInfo(16_000, 16_000)) >= 16_000


def test_the_hop():
    """An even number of samples: 20 ms of 22,050 Hz are 441."""
    assert [hop_of(rate, 20) for rate in (8_000, 22_050, 44_100)] == [160, 440, 882]
    with pytest.raises(MediaError) as raised:
        MdctBpeTokenizer().encode(Audio(np.zeros(9), 1_000_000))
    assert str(raised.value) == (
        "a hop of 20 ms at 1000000 Hz is 20,000 samples, 8,192 are transformed at most: pass"
        " sample_rate, or a shorter hop"
    )


def test_ids_alone_decode_where_the_step_is_given():
    """What a model wrote has no state."""
    tokenizer = MdctBpeTokenizer(step=0.05)
    tokens = tokenizer.encode(noise(2000))
    alone = replace(tokens, state={}, positions=None, axes=())
    assert tokenizer.decode(alone) == tokenizer.decode(tokens)
    assert tokenizer.error_bound(alone) == 2.0
    made = MdctBpeTokenizer().encode(noise(2000))
    with pytest.raises(DecodeError) as raised:
        MdctBpeTokenizer().decode(replace(made, state={}))
    assert str(raised.value) == (
        "mdct-bpe tokens of snr=16 need the step that was chosen: state['step'], or step= of the"
        " tokenizer"
    )


def test_ids_that_spell_no_sound_are_refused():
    tokenizer = MdctBpeTokenizer(step=0.1)
    tokens = tokenizer.encode(noise(2000))

    def decoded(ids):
        special = np.zeros(len(ids), bool)
        return tokenizer.decode(replace(tokens, ids=ids, special=special, positions=None, axes=()))

    with pytest.raises(DecodeError, match="blocks, the sound has 8: the sequence is cut"):
        decoded(tokens.ids[:-1])
    with pytest.raises(DecodeError, match=rf"ids run from 0 to {tokenizer.codes - 1}, got"):
        decoded(np.append(tokens.ids, tokenizer.codes))
    far = symbols.FIRST_RUN + symbols.RUN - 1
    with pytest.raises(DecodeError, match="block 0 spell more than its 320 coefficients"):
        decoded(np.array([*[far] * 10, *[symbols.END] * 8]))
    with pytest.raises(DecodeError, match=r"steps are 1.526e-05 to 4 of full scale, got 9"):
        tokenizer.decode(replace(tokens, state={**tokens.state, "step": 9.0}))


@given(st.lists(st.integers(0, 127), max_size=200), st.integers(0, 3))
@settings(max_examples=200, deadline=None)
def test_any_ids_are_a_sound_or_an_error(ids, kept):
    tokenizer = MdctBpeTokenizer(step=0.1)
    tokens = tokenizer.encode(noise(1000, 2))
    made = np.array([*ids, *[symbols.END] * (10 - ids.count(symbols.END) - kept)], np.int64)
    made = replace(tokens, ids=made, special=np.zeros(len(made), bool), positions=None, axes=())
    with suppress(DecodeError):
        assert tokenizer.decode(made).info == tokens.info


def test_a_sound_that_is_only_claimed_takes_no_memory():
    """A token of silence, and a length of a year."""
    tokenizer = MdctBpeTokenizer(step=0.1)
    tokens = tokenizer.encode(Audio(np.zeros(100), 16_000))
    for claimed in (AudioInfo(10**12, 16_000), AudioInfo(100, 16_000, 10**12)):
        with pytest.raises(DecodeError, match="the tokens spell 2 blocks, the sound has"):
            tokenizer.decode(replace(tokens, info=claimed))
    assert Shape(1 << 28, 1, 320).too_long() is None
    assert Shape(1 << 27, 3, 320).too_long() == (
        "holds 268,435,456 samples at once, got 402,653,184: pass it in parts"
    )


def test_a_vocabulary_of_your_own_sounds(tmp_path):
    path = tmp_path / "mine.json"
    mine = MdctBpeTokenizer.train([MELODY], path, vocab_size=2000)
    assert mine.codes <= 2000
    assert mine.count(MELODY) < MdctBpeTokenizer().count(MELODY)
    tokens = mine.encode(MELODY)
    assert mine.decode(tokens) == MdctBpeTokenizer().decode(MdctBpeTokenizer().encode(MELODY))
    with pytest.raises(DecodeError, match="were made with another vocabulary than None"):
        MdctBpeTokenizer().decode(tokens)
    again = tmp_path / "again.json"
    MdctBpeTokenizer.train(iter([MELODY]), again, vocab_size=2000)
    assert again.read_bytes() == path.read_bytes()


def test_no_sound_teaches_nothing(tmp_path):
    with pytest.raises(MediaError) as raised:
        MdctBpeTokenizer.train([], tmp_path / "v.json")
    assert str(raised.value) == (
        "mdct-bpe found nothing that recurs in these sounds: pass more of them"
    )


def test_four_blocks_are_a_word():
    written = MdctBpeTokenizer()._made(MELODY).written().tobytes().decode("ascii")
    found = re.findall(FRAMES.pattern, written)
    assert "".join(found) == written
    assert {word.count("\0") for word in found[:-1]} == {4}


def test_a_file_that_is_none_of_ours(tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps({"model": {"vocab": {"a": 0}}}))
    with pytest.raises(SourceError) as raised:
        MdctBpeTokenizer(path=str(bad)).encode(MELODY)
    assert str(raised.value) == (
        f"{bad}: not a vocabulary of mdct-bpe (its token 0 is 'a' with the id 0)"
    )


def test_a_target_chooses_the_step():
    with pytest.raises(MediaError) as raised:
        MdctBpeTokenizer(step=0.1, snr=20.0)
    assert str(raised.value) == "snr=20 chooses the step: leave step=0.1 out"


def test_it_resamples_where_a_rate_is_asked_for():
    tokenizer = get_tokenizer("mdct-bpe", sample_rate=8_000, snr=20.0)
    stereo = noise(4410, 2, 44_100)
    tokens = tokenizer.encode(stereo)
    assert tokenizer.decode(tokens).info == tokenizer.prepare(stereo).info == AudioInfo(800, 8_000)
