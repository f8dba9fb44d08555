"""DCT-BPE: ids that decode to a picture within a bound, whatever the picture."""

import gzip
import json
import re
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from tokenizers import Tokenizer

import multitok
from multitok import Image, ImageInfo, get_tokenizer
from multitok.core.errors import DecodeError, MediaError, NeedsContentError, SourceError
from multitok.modalities.coding import merges, symbols
from multitok.modalities.image.coded import blocks, quantization as qz
from multitok.modalities.image.coded.blocks import Shape, shape_of
from multitok.modalities.image.coded.dct_bpe import BUNDLED, PATCHES, DctBpeTokenizer
from multitok.modalities.image.coded.targets import off, steps as ladder

RNG = np.random.default_rng(0)


def noise(width, height, seed=0):
    rng = np.random.default_rng(seed)
    return Image(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))


def smooth(width, height):
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    color = [128 + 90 * np.sin(x / 17), 128 + 90 * np.cos(y / 23), 128 + 60 * np.sin((x + y) / 31)]
    return Image(np.stack(color, axis=-1).astype(np.uint8))


def worst(tokenizer, image):
    """The largest error of the round trip, and what is promised."""
    tokens = tokenizer.encode(image)
    off = tokenizer.decode(tokens).pixels.astype(int) - image.pixels
    return int(np.abs(off).max()), tokenizer.error_bound(tokens)


def test_a_hand_worked_block():
    """A flat square 16 gray levels above the middle: its mean coefficient is 16 x 16 = 256, in
    steps of 8 that is 32, and all else is 0. A gray picture has no color: two empty blocks."""
    shape = shape_of(32, 32, True)
    layers = blocks.sampled(shape, blocks.planes(np.full((32, 32, 3), 144, np.uint8)))
    levels = qz.quantized(shape, blocks.transformed(shape, layers), 8.0)
    assert levels[0][::16, ::16].tolist() == [[32, 32], [32, 32]]
    assert np.count_nonzero(levels[0]) == 4
    assert np.count_nonzero(levels[1]) + np.count_nonzero(levels[2]) == 0


def test_hand_worked_symbols():
    """Three zeros, then 50 = 46 + 4; 40 zeros more (33 and 7), then -1; the colors are empty."""
    shape = Shape(1, 1, 8)
    levels = np.zeros((4, 384), np.int32)
    levels[0, 3], levels[0, 44] = 50, -1
    run, high, low = symbols.FIRST_RUN - 1, symbols.FIRST_VALUE + 45, symbols.FIRST_VALUE + 46
    first = [run + 3, symbols.UP, high + 4, run + 33, run + 7, low - 1]
    assert symbols.write(levels.reshape(-1), shape.all_sizes).tolist() == [
        *first,
        *[symbols.END] * 12,
    ]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_symbols_give_back_any_whole_numbers(data):
    shape = Shape(1, data.draw(st.integers(1, 2)), data.draw(st.sampled_from([8, 16])))
    size = shape.squares * sum(shape.sizes)
    levels = np.zeros(size, np.int32)
    where = data.draw(st.lists(st.integers(0, size - 1), max_size=40))
    for at in where:
        levels[at] = data.draw(st.integers(-70_000, 70_000))
    levels = levels.reshape(shape.squares, -1)
    written = symbols.write(levels.reshape(-1), shape.all_sizes)
    back = symbols.read(written, shape.all_sizes, "dct-bpe")
    assert np.array_equal(back, levels.reshape(-1))
    starts = np.cumsum([0, *shape.sizes])
    most = sum(
        symbols.most(size, float(np.abs(levels[:, a:b]).sum(axis=1)[square]))
        for size, a, b in zip(shape.sizes, starts, starts[1:], strict=False)
        for square in range(shape.squares)
    )
    assert len(written) <= most


@pytest.mark.parametrize("half", [True, False])
def test_the_transform_keeps_lengths_and_is_undone(half):
    shape = shape_of(70, 40, half)
    layers = blocks.sampled(shape, blocks.planes(noise(70, 40).pixels))
    exact = blocks.transformed(shape, layers)
    for plane, coefficients, back in zip(layers, exact, blocks.inverse(shape, exact), strict=True):
        assert np.allclose(back, plane)
        assert (plane**2).sum() == pytest.approx((coefficients**2).sum())


@pytest.mark.parametrize("half", [True, False])
def test_levels_come_back_from_their_order_and_their_differences(half):
    shape = shape_of(100, 70, half)
    sides = [(shape.rows * 2 * side, shape.columns * 2 * side) for side in shape.sides]
    levels = tuple(RNG.integers(-9, 9, side).astype(np.int32) for side in sides)
    rows = blocks.arranged(shape, qz.differences(shape, levels))
    back = qz.summed(shape, blocks.in_place(shape, rows))
    assert all(np.array_equal(a, b) for a, b in zip(levels, back, strict=True))


@given(
    width=st.integers(1, 100), height=st.integers(1, 200), chroma=st.sampled_from(["half", "full"])
)
@settings(max_examples=30, deadline=None)
def test_a_picture_in_strips_is_the_picture(width, height, chroma):
    """The same ids, bound and pixels, whether rows of patches come one by one or all at once."""
    image, tokenizer = noise(width, height), DctBpeTokenizer(chroma=chroma)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "STRIP", 1)
        assert len(list(blocks.strips(image.pixels, chroma == "half"))) == -(-height // 32)
        one_by_one = tokenizer.encode(image)
        back = tokenizer.decode(one_by_one)
        patch.setattr(blocks, "STRIP", 1_000_000)
        assert len(list(blocks.strips(image.pixels, chroma == "half"))) == 1
        assert tokenizer.encode(image) == one_by_one
        assert tokenizer.decode(one_by_one) == back


def test_color_is_doubled_as_pillow_does_it():
    from PIL import Image as Pillow

    plane = RNG.uniform(0, 255, (6, 9)).astype(np.float32)
    theirs = Pillow.fromarray(plane).resize((18, 12), Pillow.Resampling.BILINEAR)
    assert np.allclose(blocks.doubled(plane), np.asarray(theirs), atol=1e-3)


@given(
    width=st.integers(1, 80), height=st.integers(1, 80), seed=st.integers(0, 999),
    step=st.floats(0.125, 300), chroma=st.sampled_from(["half", "full"]),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_the_bound_holds_of_noise(width, height, seed, step, chroma):
    tokenizer = DctBpeTokenizer(step=step, chroma=chroma)
    off, bound = worst(tokenizer, noise(width, height, seed))
    assert off <= bound


def adversaries():
    """Pictures of two colors in the patterns that hurt: lines, boards, single pixels, blocks."""
    yx = np.indices((48, 48))
    patterns = [yx[0] % 2, yx[1] % 2, yx.sum(axis=0) % 2, yx.sum(axis=0) // 8 % 2]
    patterns += [yx[0] * 48 + yx[1] == 777, (yx[0] % 16 == 15) | (yx[1] % 16 == 15)]
    ends = [[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 0, 255], [0, 255, 0], [255, 0, 255]]
    for pattern in patterns:
        for a in ends:
            for b in ends:
                yield Image(np.where(pattern[..., None] > 0, a, b).astype(np.uint8))


@pytest.mark.parametrize("chroma", ["half", "full"])
def test_the_bound_holds_of_what_hurts(chroma):
    for image in adversaries():
        for step in (1.0, 16.0, 200.0):
            off, bound = worst(DctBpeTokenizer(step=step, chroma=chroma), image)
            assert off <= bound


@given(width=st.integers(1, 70), height=st.integers(1, 70), step=st.floats(0.125, 99))
@settings(max_examples=30, deadline=None)
def test_no_picture_of_a_size_has_more_tokens_than_its_upper_bound(width, height, step):
    for chroma in ("half", "full"):
        tokenizer = DctBpeTokenizer(step=step, chroma=chroma)
        image = Image((np.indices((height, width)).sum(axis=0) % 2 * 255)[..., None].repeat(3, 2)
                      .astype(np.uint8))  # fmt: skip
        assert tokenizer.count(image) <= tokenizer.upper_bound(image.info)
        assert tokenizer.count(noise(width, height)) <= tokenizer.upper_bound(image.info)


def test_the_finest_step_loses_nothing():
    image = noise(50, 33)
    assert worst(DctBpeTokenizer(step=qz.FINEST, chroma="full"), image)[0] == 0


def test_a_coarser_step_costs_less_and_loses_more():
    image = multitok.load("samples/photo.jpg")
    found = [DctBpeTokenizer(step=step) for step in (5.0, 20.0, 80.0)]
    counts = [tokenizer.count(image) for tokenizer in found]
    errors = [worst(tokenizer, image)[0] for tokenizer in found]
    assert counts == sorted(counts, reverse=True)
    assert errors == sorted(errors)


def test_a_flat_patch_is_one_token():
    """The first patch has a brightness; the others differ from it in nothing."""
    image = Image(np.full((96, 64, 3), 90, np.uint8))
    assert DctBpeTokenizer().encode(image).positions[:, :2].tolist().count([2, 1]) == 1


def test_each_token_lies_in_its_patch():
    """A picture that is flat but for one patch: the tokens of the others are one a patch."""
    pixels = np.full((64, 96, 3), 128, np.uint8)
    pixels[32:, 32:64] = noise(32, 32).pixels
    tokens = DctBpeTokenizer(step=8.0).encode(Image(pixels))
    rows, columns, number = tokens.positions.T
    inside = (rows == 1) & (columns == 1)
    assert inside.sum() > 50
    assert number[inside].tolist() == list(range(int(inside.sum())))
    assert len(tokens) - inside.sum() < 12


def test_a_size_has_no_count_but_an_upper_bound():
    with pytest.raises(NeedsContentError) as raised:
        DctBpeTokenizer().count(ImageInfo(640, 480))
    assert str(raised.value) == (
        "dct-bpe token counts depend on the picture itself: pass Image(...), not"
        " ImageInfo(width=640, height=480)"
    )
    assert DctBpeTokenizer().upper_bound(ImageInfo(640, 480)) >= 640 * 480


def test_ids_alone_and_a_size_decode():
    """What a model wrote has no state: the step is the tokenizer's own."""
    tokenizer = DctBpeTokenizer(step=12.0)
    tokens = tokenizer.encode(smooth(100, 60))
    alone = replace(tokens, state={}, positions=None, axes=())
    assert tokenizer.decode(alone) == tokenizer.decode(tokens)
    assert tokenizer.error_bound(alone) == 255.0


def test_ids_that_spell_no_picture_are_refused():
    tokenizer = DctBpeTokenizer()
    tokens = tokenizer.encode(smooth(100, 60))

    def decoded(ids):
        special = np.zeros(len(ids), bool)
        return tokenizer.decode(replace(tokens, ids=ids, special=special, positions=None, axes=()))

    with pytest.raises(DecodeError, match="blocks, the picture has 96: the sequence is cut"):
        decoded(tokens.ids[:-1])
    with pytest.raises(DecodeError) as raised:
        decoded(np.append(tokens.ids, tokenizer.codes))
    assert str(raised.value) == (
        f"dct-bpe ids run from 0 to {tokenizer.codes - 1}, got {tokenizer.codes} at position"
        f" {len(tokens)}"
    )
    with pytest.raises(DecodeError, match="blocks, the picture has 96"):
        decoded(np.empty(0, np.int64))
    far = symbols.FIRST_RUN + symbols.RUN - 1
    with pytest.raises(DecodeError, match="block 0 spell more than its 256 coefficients"):
        decoded(np.concatenate([[far] * 8, tokens.ids]))
    with pytest.raises(DecodeError, match="block 1 spell more than its 64 coefficients"):
        decoded(np.array([symbols.END, *[far] * 2, symbols.UP, *[symbols.END] * 95]))


@given(st.lists(st.integers(0, 127), max_size=200), st.integers(0, 3))
@settings(max_examples=200, deadline=None)
def test_any_ids_are_a_picture_or_an_error(ids, kept):
    """Whatever a model writes: no other error, and a picture of the size that was asked for."""
    tokenizer = DctBpeTokenizer()
    tokens = tokenizer.encode(Image(np.full((20, 20, 3), 128, np.uint8)))
    made = np.array([*ids, *[symbols.END] * (12 - ids.count(symbols.END) - kept)], np.int64)
    made = replace(tokens, ids=made, special=np.zeros(len(made), bool), positions=None, axes=())
    with suppress(DecodeError):
        assert tokenizer.decode(made).info == tokens.info


@pytest.mark.parametrize("step", [0.01, 2000.0, float("nan")])
def test_a_step_has_a_range(step):
    with pytest.raises(MediaError, match="step"):
        get_tokenizer("dct-bpe", step=step)
    tokenizer = DctBpeTokenizer()
    tokens = tokenizer.encode(smooth(9, 9))
    with pytest.raises(DecodeError, match=r"steps are 0.03125 to 1024 gray levels, got"):
        tokenizer.decode(replace(tokens, state={**tokens.state, "step": step}))


def test_exact_halves_go_one_way_on_every_machine():
    """A mean of 72.5 steps, and what the sums of another machine make of it."""
    shape = shape_of(32, 32, False)
    for nudge in (-1e-9, 0.0, 1e-9):
        exact = tuple(np.full((32, 32), 72.5 * one + nudge) for one in qz.steps_of(20.0))
        assert qz.quantized(shape, exact, 20.0)[0][0, 0] == 73


def test_a_vocabulary_of_your_own_pictures(tmp_path):
    """What recurs in a picture is merged: of its own vocabulary it has fewer tokens."""
    image, path = smooth(200, 150), tmp_path / "mine.json"
    mine = DctBpeTokenizer.train([image, image.pixels], path, vocab_size=400)
    assert mine.codes <= 400
    assert mine.count(image) < DctBpeTokenizer(path=str(plain(tmp_path))).count(image)
    tokens = mine.encode(image)
    assert mine.decode(tokens) == DctBpeTokenizer().decode(DctBpeTokenizer().encode(image))
    with pytest.raises(DecodeError, match="were made with another vocabulary than None"):
        DctBpeTokenizer().decode(tokens)


def plain(folder):
    """A vocabulary of symbols alone."""
    vocab = {chr(0x100 + symbol): symbol for symbol in range(symbols.SYMBOLS)}
    path = folder / "plain.json"
    path.write_text(json.dumps({"model": {"type": "BPE", "vocab": vocab, "merges": []}}))
    return path


def test_the_same_pictures_give_the_same_file(tmp_path):
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for path in files:
        DctBpeTokenizer.train(iter([noise(64, 64)]), path, vocab_size=300)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_the_file_is_one_of_tokenizers_and_gives_its_ids():
    """The merging is tiktoken's; the library that made the file cuts each patch alike."""
    theirs = Tokenizer.from_str(gzip.decompress(BUNDLED.read_bytes()).decode())
    tokenizer = DctBpeTokenizer()
    for image in (smooth(90, 70), noise(64, 33), multitok.load("samples/photo.jpg")):
        written = b"".join(part.tobytes() for part in tokenizer._cut(image.pixels).symbols())
        written = written.decode("ascii")
        patches = re.findall(PATCHES.pattern, written)
        assert "".join(patches) == written
        shift = {symbol: merges.CHARACTER + symbol for symbol in range(symbols.SYMBOLS)}
        encoded = theirs.encode_batch([patch.translate(shift) for patch in patches])
        assert [i for one in encoded for i in one.ids] == tokenizer.encode(image).ids.tolist()


@pytest.mark.parametrize("many", [0, 5, 16, 17, 33, 1000])
def test_of_many_patches_every_nth_is_learned_from(many):
    """In order, evenly, and at most as many as are learned from."""
    few = PATCHES._replace(learned=16)
    patch = np.zeros(12, np.uint8)
    numbered = [np.concatenate([[3 + n % 100, 3 + n // 100], patch]) for n in range(many)]
    kept = merges._words((np.array(one, np.uint8) for one in numbered), few)
    at = [(ord(one[0]) - 0x103) + 100 * (ord(one[1]) - 0x103) for one in kept]
    assert len(at) <= 16
    assert at == list(range(0, many, max(1, at[1] if many > 1 else 1)))


def test_a_file_that_is_none_of_ours(tmp_path):
    image = smooth(9, 9)
    missing = tmp_path / "no.json"
    with pytest.raises(SourceError) as raised:
        DctBpeTokenizer(path=str(missing)).encode(image)
    assert str(raised.value) == (
        f"{missing}: no vocabulary there (No such file or directory). Make one:"
        " multitok train dct-bpe"
    )
    bad = tmp_path / "bad.json"
    gap = {chr(0x100 + symbol): symbol for symbol in range(127)}
    for text, why in (
        ("{}", "it has no model with a vocab"),
        ("[", ""),
        ("\x1f\x8b", ""),
        (json.dumps({"model": {"vocab": gap}}), "its first 128 tokens must be the symbols"),
        (json.dumps({"model": {"vocab": {"a": 0}}}), "its token 0 is 'a' with the id 0"),
        (json.dumps({"model": {"vocab": {"a": "b"}}}), "its token 0 is 'a' with the id 'b'"),
        (json.dumps({"model": {"vocab": {"a": 0, "b": "c"}}}), ""),
    ):
        bad.write_bytes(text.encode("latin-1"))
        with pytest.raises(SourceError) as raised:
            DctBpeTokenizer(path=str(bad)).encode(image)
        assert str(raised.value).startswith(f"{bad}: not a vocabulary of dct-bpe ({why}")


@pytest.mark.parametrize(
    ("pictures", "size", "message"),
    [
        ([], 300, "dct-bpe found nothing that recurs in these pictures: pass more of them"),
        ([noise(32, 32)], 128, "vocab_size must exceed the 128 symbols, got 128"),
    ],
)
def test_what_cannot_be_learned_from_writes_no_file(tmp_path, pictures, size, message):
    with pytest.raises(MediaError) as raised:
        DctBpeTokenizer.train(pictures, tmp_path / "a.json", vocab_size=size)
    assert str(raised.value) == message
    assert list(tmp_path.iterdir()) == []


@given(
    width=st.integers(1, 70), height=st.integers(1, 70), seed=st.integers(0, 99),
    psnr=st.none() | st.floats(5, 60), max_error=st.none() | st.floats(0, 200),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_a_target_is_held(width, height, seed, psnr, max_error):
    """Noise is the worst that there is."""
    tokenizer = DctBpeTokenizer(psnr=psnr, max_error=max_error, chroma="full")
    image = noise(width, height, seed)
    tokens = tokenizer.encode(image)
    found = off(image.pixels, tokenizer.decode(tokens).pixels)
    assert found.psnr >= (psnr or 0)
    assert found.worst <= min(
        tokenizer.error_bound(tokens), 255 if max_error is None else max_error
    )
    assert tokenizer.count(image) == len(tokens) <= tokenizer.upper_bound(image.info)


def test_a_target_is_met_by_the_coarsest_step():
    """The next step of the ladder misses 33 dB, or what is sought is not sought well."""
    image = multitok.load("samples/photo.jpg")
    tokens = DctBpeTokenizer(psnr=33.0).encode(image)
    steps = ladder()
    beyond = steps[steps.index(tokens.state["step"]) + 1]
    for step, meets in ((tokens.state["step"], True), (beyond, False)):
        plain = DctBpeTokenizer(step=step)
        decoded = plain.decode(plain.encode(image)).pixels
        assert (off(image.pixels, decoded).psnr >= 33.0) is meets


def test_the_ladder():
    """From 1/32 to 1024 are 15 octaves of 64 steps."""
    steps = ladder()
    assert (steps[0], steps[64], steps[-1], len(steps)) == (1 / 32, 1 / 16, 1024.0, 15 * 64 + 1)


def test_a_target_that_half_the_color_cannot_meet():
    red = np.zeros((32, 32, 3), np.uint8)
    red[:, ::2, 0] = 255
    with pytest.raises(MediaError) as raised:
        DctBpeTokenizer(psnr=40.0).encode(Image(red))
    assert re.fullmatch(
        r"dct-bpe cannot hold psnr=40 of this picture: the finest step, 0\.03125, has [0-9.]+ dB"
        r" and is off by [0-9]+ at most: chroma='full' keeps the color that 'half' loses",
        str(raised.value),
    )
    assert DctBpeTokenizer(psnr=40.0, chroma="full").count(Image(red)) > 0


def test_a_target_chooses_the_step():
    with pytest.raises(MediaError) as raised:
        DctBpeTokenizer(step=8.0, psnr=30.0, max_error=9.0)
    assert str(raised.value) == "psnr=30 and max_error=9 chooses the step: leave step=8 out"
    tokens = DctBpeTokenizer(psnr=30.0).encode(smooth(40, 40))
    with pytest.raises(DecodeError) as raised:
        DctBpeTokenizer(psnr=30.0).decode(replace(tokens, state={}))
    assert str(raised.value) == (
        "dct-bpe tokens of psnr=30 need the step that was chosen: state['step']"
    )
