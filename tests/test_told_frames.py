"""A contact sheet and a spectrogram tell of each token what `encode` says of it."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from multitok import Audio, AudioInfo, VideoInfo, get_tokenizer, tokenizer_for_model
from multitok.core import registry
from multitok.core.errors import MultitokError
from multitok.core.media import Video
from multitok.core.tokenizer import Sampled, Tokenizer
from multitok.counting.subject import subject_of
from multitok.drawing import spectrogram
from multitok.drawing.contact_sheet import MOST, contact_sheet, sheet_of
from multitok.drawing.frames_told import Shown, frames_told, groups_of
from multitok.drawing.patches import Grid, ids_of

COUNTERS = [
    get_tokenizer(name, **params)
    for name in registry.BUILT_IN
    if registry.class_for(name).modality == "video"
    for params in registry.class_for(name).examples
]
ENCODERS = [counter for counter in COUNTERS if isinstance(counter, Tokenizer)]
SAMPLED = [counter for counter in ENCODERS if isinstance(counter, Sampled)]
BOX = (0, 0, 10, 10)
HEARD = [
    get_tokenizer(name, **params)
    for name in registry.BUILT_IN
    if registry.class_for(name).modality == "audio"
    for params in registry.class_for(name).examples
]


def clip(frames, fps=4, size=(36, 48)):
    """Frames of noise, so that each differs from the others everywhere."""
    noise = np.random.default_rng(frames).integers(0, 256, (frames, *size, 3), np.uint8)
    return Video(noise, np.arange(frames) / fps, fps, frames / fps)


def told(media, counter):
    """What is told of every frame, also of more than a sheet has."""
    total = counter.frames_seen(media.info) or media.info.frames
    frames = [Shown(BOX, number, number / 4) for number in range(total)]
    return frames_told(frames, counter, media.info, (10, 10))


def places(grid):
    """The tokens of a grid's cells by the arithmetic of the page, row by row."""
    if grid.first is None:
        return np.empty(0, int), np.empty((0, 2), int)
    cells = np.indices((grid.rows, grid.columns)).reshape(2, -1).T
    return grid.first + cells[:, 0] * grid.stride + cells[:, 1], cells


@pytest.mark.parametrize("counter", ENCODERS, ids=repr)
@given(frames=st.integers(2, 23))
@settings(max_examples=4, deadline=None)
def test_each_token_of_a_clip_is_told_by_the_frames_of_its_group_alone(counter, frames):
    """Cell (row, column) of a frame is the token that `encode` has at (group, row, column)."""
    media = clip(frames)
    try:
        tokens = counter.encode(media)
    except MultitokError:
        return
    where = told(media, counter)
    assert where.tokens == len(tokens)
    group_of = {}
    for grid in where.grids:
        at, cells = places(grid)
        assert np.array_equal(tokens.positions[at, 1:], cells)
        for token, group in zip(at.tolist(), tokens.positions[at, 0].tolist(), strict=True):
            assert group_of.setdefault(token, group) == group
    assert sorted(group_of) == np.flatnonzero(tokens.positions[:, 0] >= 0).tolist()


def changed(counter, media, number):
    """The groups of which the encoder is fed something else, where one sampled frame is another."""
    index = counter.frame_indices(media.info)[number]
    other = Video(media.frames.copy(), media.timestamps, media.fps, media.duration)
    other.frames[index] = 255 - other.frames[index]
    one, two = counter.encode(media), counter.encode(other)
    if one.values is not None:
        rows = np.flatnonzero((one.values != two.values).any(axis=1))
        return one.positions[rows, 0]
    pixels = next(name for name in one.inputs if name.startswith("pixel_values"))
    a, b = one.inputs[pixels], two.inputs[pixels]
    a, b = (a[0], b[0]) if a.shape[0] == 1 else (a, b)
    rows = np.flatnonzero((a != b).reshape(len(a), -1).any(axis=1))
    groups, grids = one.state["grid"][0], one.inputs.get("video_grid_thw", ())
    if len(grids) != groups:  # as many rows a group
        return rows * groups // len(a)
    sizes = grids.prod(axis=1)  # a grid a group, each of so many frames
    return np.searchsorted(np.cumsum(sizes), rows, side="right")


@pytest.mark.parametrize("counter", SAMPLED, ids=repr)
def test_a_frame_tells_the_group_that_holds_its_pixels(counter):
    """Another picture in its place changes what the encoder is fed there, and nowhere else."""
    media = clip(34, fps=6)
    groups = groups_of(counter, media.info)
    indices = counter.frame_indices(media.info)
    for number in {0, len(indices) // 2, len(indices) - 1}:
        if indices.count(indices[number]) > 1:
            continue
        found = set(changed(counter, media, number).tolist())
        beyond = number // groups.together >= groups.many
        assert found == (set() if beyond else {number // groups.together})


def test_text_between_frames_moves_the_first_tokens():
    """Qwen3-VL writes `<0.1 seconds>` and a start before the tokens of a group, and an end."""
    counter = get_tokenizer(
        "qwen3-video", num_frames=4, fps=None, patch=4, min_pixels=640, max_pixels=1024,
        vocabulary="qwen",
    )  # fmt: skip
    media = clip(4, size=(16, 32))
    where = told(media, counter)
    rows, columns = groups_of(counter, media.info).grid
    before = counter.encode(media).positions[:, 0].tolist().index(0)
    step = rows * columns + 1 + before
    assert [grid.first for grid in where.grids] == [before, before, before + step, before + step]
    assert where.words[2] == "frame 3 of 4, 0.50 s · group 2 of 2"


def test_a_rate_tells_what_a_frame_costs():
    """Gemini 2.5: 258 tokens a frame and 5 around it."""
    counter = get_tokenizer("video-rate", per_frame=258, markers=5)
    where = told(clip(12), counter)
    assert where.words[1] == "263 tokens, frame 2 of 3, 0.25 s"
    assert where.grids[1] == Grid(BOX, 1, 1)
    assert where.tokens == 0


def test_a_frame_that_fills_no_tubelet_has_no_token():
    counter = get_tokenizer("tubelet", num_frames=5, short_side=16, crop=16, depth=2, patch=8)
    where = told(clip(10), counter)
    assert where.words[4] == "frame 5 of 5, 1.00 s · no token stands for it"
    assert where.grids[4] == Grid(BOX, 1, 1)
    assert [grid.first for grid in where.grids[:4]] == [0, 0, 4, 4]


@pytest.mark.parametrize("counter", COUNTERS, ids=repr)
def test_a_sheet_has_a_grid_and_words_for_each_frame_within_the_page(counter):
    info = VideoInfo(48, 36, frames=90, fps=10)
    try:
        total = counter.frames_seen(info) or info.frames
        shown = ((i / 10, np.zeros((36, 48, 3), np.uint8)) for i in range(total))
        image, where = contact_sheet(shown, counter, info)
    except MultitokError:
        return
    assert where.canvas == image.size
    assert len(where.grids) == len(where.words) <= MOST
    boxes = np.array([grid.box for grid in where.grids])
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2:] <= image.size).all()


@pytest.mark.parametrize(
    ("name", "params", "seconds"),
    [
        ("video-rate", {"per_frame": 9}, [0, 1, 2]),
        ("video-rate", {"per_frame": 9, "fps": 10, "max_frames": 2}, [0, 1.5]),
        ("video-rate", {"per_frame": 9, "min_frames": 4}, [0, 0.75, 1.5, 2.25]),
        ("omni-video-sound", {}, [0, 0.5, 1, 1.5, 2, 2.5]),
    ],
)
def test_the_frames_of_a_sheet_are_those_that_are_paid(name, params, seconds):
    """3 s at 4 frames a second; a rate that is bound is spread over the whole clip."""
    counter = get_tokenizer(name, **params)
    told = sheet_of(subject_of(clip(12)), counter).patches.words
    assert [float(words.split(", ")[-1].split(" s")[0]) for words in told] == seconds


# --- a sound --------------------------------------------------------------------------------------


@pytest.mark.parametrize("counter", HEARD, ids=repr)
@given(samples=st.integers(400, 400_000))
@settings(max_examples=8, deadline=None)
def test_tokens_of_a_sound_are_told_once_in_order_within_its_time(counter, samples):
    sound = Audio(np.zeros((samples, 1), np.float32), 8000)
    where = spectrogram.strips(sound, counter).patches
    after = 0
    for grid in where.grids:
        assert len(grid.edges) == grid.columns + 1
        assert list(grid.edges) == sorted(grid.edges)
        assert 0 <= grid.edges[0] <= grid.edges[-1] <= samples
        before = after or spectrogram._before(counter)
        assert grid.first in (before, before - where.each)  # one that goes on from the row above
        after = grid.first + grid.columns * where.each
    assert after - where.each < where.tokens == counter.count(sound) or not where.grids


@given(frames=st.integers(4, 300))
@settings(max_examples=10, deadline=None)
def test_a_cell_holds_the_samples_that_encode_puts_at_its_tokens(frames):
    """mu-law: a token a sample, so token n lies between n and n + 1 samples."""
    sound = Audio(np.linspace(-1, 1, frames, dtype=np.float32)[:, None], 8000)
    counter = get_tokenizer("mulaw")
    where = spectrogram.strips(sound, counter).patches
    (grid,) = where.grids
    numbers = grid.first + where.each * np.arange(grid.columns + 1)
    assert np.array_equal(grid.edges, np.minimum(numbers, frames))
    ids = ids_of(lambda: sound, counter, where.tokens)
    assert ids == tuple(counter.encode(sound).ids.tolist())


def test_a_token_that_goes_on_in_the_next_row_is_told_whole_in_both():
    """Tokens of 1.5 s in rows of 2.5 s: the second ends in the next row."""
    counter = get_tokenizer("audio-rate", per_second=1)
    info = AudioInfo(1000 * 5, 1000)
    raster = spectrogram.Raster([0, 1.5, 3.0, 4.5], 1)
    one, two = spectrogram._told(info, counter, raster, 2.5, 2).grids
    assert (one.first, one.edges) == (0, (0, 1500, 3000))
    assert (two.first, two.edges) == (1, (1500, 3000, 4500))
    assert one.box[2] > spectrogram.WIDTH > two.box[2]
    assert two.box[0] < 0


def test_a_model_of_the_catalogue_tells_tokens_of_a_sound():
    """Gemini hears 32 tokens a second: the second token ends at 1/16 s."""
    counter = tokenizer_for_model("gemini-2.5-flash", "audio")
    sound = Audio(np.zeros((8000, 1), np.float32), 8000)
    (grid,) = spectrogram.strips(sound, counter).patches.grids
    assert grid.edges[:3] == (0, 250, 500)
