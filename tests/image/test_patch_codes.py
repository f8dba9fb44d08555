"""Patches of a picture as ids: by the codes of k-means, layer by layer, and by rounding."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings, strategies as st

import multitok
from multitok import Image, ImageInfo, get_tokenizer, train
from multitok.cli import multitok as cli
from multitok.core.errors import DecodeError, MediaError
from multitok.modalities.image.coded.patch_codebooks import (
    EACH,
    PatchKmeansTokenizer,
    PatchRvqTokenizer,
    patches_of,
)
from multitok.modalities.image.coded.patch_fsq import PatchFsqTokenizer, _axes
from multitok.testing import check

BLACK, GRAY, WHITE = (0.0,) * 12, (0.5,) * 12, (1.0,) * 12  # patches of 2 x 2 px
KMEANS = PatchKmeansTokenizer(codebook=(BLACK, GRAY, WHITE))
RVQ = PatchRvqTokenizer(codebooks=((BLACK, WHITE), ((0.0,) * 12, (0.2,) * 12)))
ALL = [KMEANS, RVQ, PatchFsqTokenizer(), PatchFsqTokenizer(levels=(16,), size=3)]


def picture(*rows):
    """Gray levels as a picture."""
    return Image(np.repeat(np.array(rows, np.uint8)[..., None], 3, axis=2))


def noise(width, height, seed=0):
    rng = np.random.default_rng(seed)
    return Image(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize("cls", [PatchKmeansTokenizer, PatchRvqTokenizer, PatchFsqTokenizer])
def test_the_laws_hold(cls):
    check(cls)


def test_a_patch_is_the_number_of_the_nearest_code():
    """3 x 2 px: a patch of 10s (black), and one of 130s whose edge is repeated (gray)."""
    found = KMEANS.encode(picture([10, 10, 130], [10, 10, 130]))
    assert found.ids.tolist() == [0, 1]
    assert KMEANS.decode(found) == picture([0, 0, 128], [0, 0, 128])


def test_a_layer_codes_what_the_layers_before_leave():
    """51 of 255 is 0.2: black leaves 0.2, which is code 1 of layer 1, so id 2 + 1."""
    found = RVQ.encode(picture([51, 51], [51, 51]))
    assert found.ids.tolist() == [0, 3]
    assert found.positions.tolist() == [[0, 0, 0], [0, 0, 1]]
    assert RVQ.decode(found) == picture([51, 51], [51, 51])


@pytest.mark.parametrize(("tokenizer", "side", "each"), [
    (KMEANS, 2, 1), (RVQ, 2, 2), (ALL[2], 8, 1), (ALL[3], 3, 1),
])  # fmt: skip
@given(width=st.integers(1, 40), height=st.integers(1, 40))
@settings(max_examples=20)
def test_the_count_is_of_the_size_alone(tokenizer, side, each, width, height):
    """A partial patch counts as one."""
    patches = -(-width // side) * -(-height // side)
    assert tokenizer.count(ImageInfo(width, height)) == patches * each
    assert len(tokenizer.encode(noise(width, height))) == patches * each


@pytest.mark.parametrize("tokenizer", ALL, ids=repr)
@given(width=st.integers(1, 33), height=st.integers(1, 33), seed=st.integers(0, 99))
@settings(max_examples=25)
def test_no_color_comes_back_further_off_than_the_bound(tokenizer, width, height, seed):
    image = noise(width, height, seed)
    tokens = tokenizer.encode(image)
    off = np.abs(tokenizer.decode(tokens).pixels.astype(int) - image.pixels).max()
    assert off <= tokenizer.error_bound(tokens)


def test_fsq_of_gray_black_and_white_by_hand():
    """One level axis, 5 values: black 0, gray 2, white 4; and back to them."""
    fsq = PatchFsqTokenizer(levels=(5,), size=2)
    found = fsq.encode(picture([0, 0, 127, 128, 255, 255], [0, 0, 128, 127, 255, 255]))
    assert found.ids.tolist() == [0, 2, 4]
    assert fsq.decode(found).pixels[0, :, 0].tolist() == [0, 0, 128, 128, 255, 255]


def test_a_color_is_on_the_second_axis():
    """Red and blue differ in R - B: level 2 and level 0 of 3, gray 1."""
    fsq = PatchFsqTokenizer(levels=(2, 3), size=1)
    colors = Image(np.array([[[255, 0, 0], [0, 0, 255], [200, 200, 200]]], np.uint8))
    assert [number // 2 for number in fsq.encode(colors).ids] == [2, 0, 1]


def test_the_axes_of_fsq_are_at_right_angles_and_of_length_1():
    axes, _ = _axes(4, 18)
    np.testing.assert_allclose(axes @ axes.T, np.eye(18), atol=1e-12)


def test_as_many_levels_as_there_are_axes():
    with pytest.raises(MediaError, match="a patch of 1 px has 3 axes, got 4 levels"):
        PatchFsqTokenizer(levels=(8, 5, 5, 5), size=1)


def test_codes_that_are_no_square_patch_are_refused():
    tokenizer = PatchKmeansTokenizer(codebook=((0.0,) * 6, (1.0,) * 6))
    with pytest.raises(MediaError) as caught:
        tokenizer.count(ImageInfo(8, 8))
    assert str(caught.value) == (
        "patch-kmeans codes have 6 numbers: a patch of k x k pixels has 3 x k x k"
    )


def test_tokens_of_another_codebook_are_no_picture(tmp_path):
    one, other = tmp_path / "one.npy", tmp_path / "other.npy"
    np.save(one, np.array([BLACK, WHITE]))
    np.save(other, np.array([BLACK, GRAY]))
    tokens = PatchKmeansTokenizer(codebook=str(one)).encode(noise(4, 4))
    np.save(one, np.array([BLACK, GRAY]))
    with pytest.raises(DecodeError, match="were made with another codebook"):
        PatchKmeansTokenizer(codebook=str(one)).decode(tokens)


def test_an_id_of_another_layer_is_refused():
    tokens = RVQ.encode(picture([0]))
    tokens.ids[0] = 2
    with pytest.raises(DecodeError) as caught:
        RVQ.decode(tokens)
    assert str(caught.value) == "patch-rvq: id 2 stands where layer 0 does, which has 0 to 1"


def test_training_finds_the_patches_that_there_are(tmp_path):
    """Four patches of one gray each, and as many codes: nothing is lost."""
    image = picture([0, 0, 80, 80], [0, 0, 80, 80], [160, 160, 255, 255], [160, 160, 255, 255])
    made = PatchKmeansTokenizer.train([image], tmp_path / "codes.npz", codes=4, patch=2)
    assert made.decode(made.encode(image)) == image
    assert (made.side, made.ids_below) == (2, 4)


def test_a_second_layer_loses_less(tmp_path):
    photo = multitok.load("samples/photo.jpg")
    small = Image(np.ascontiguousarray(photo.pixels[:128, :128]))
    off = []
    for layers in (1, 2):
        made = PatchRvqTokenizer.train([small], tmp_path / "c.npz", layers=layers, codes=16)
        back = made.decode(made.encode(small)).pixels
        off.append(np.square(back.astype(float) - small.pixels).mean())
    assert off[1] < off[0]


def test_the_same_pictures_give_the_same_codebook(tmp_path):
    for name in ("one.npz", "two.npz"):
        PatchKmeansTokenizer.train([noise(64, 64)], tmp_path / name, codes=8, patch=4)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_more_codes_than_patches_are_refused(tmp_path):
    with pytest.raises(MediaError) as caught:
        PatchKmeansTokenizer.train([picture([0, 255])], tmp_path / "c.npz", codes=3, patch=1)
    assert str(caught.value) == (
        "patch-kmeans layer 0: 2 different patches cannot give 3 codes: pass more pictures, or"
        " fewer codes"
    )


def test_a_large_picture_gives_no_more_than_its_share():
    assert len(patches_of([noise(200, 200)], 2)) == EACH


def test_train_counts_pictures_and_gives_the_tokenizer(tmp_path):
    made = train.train_patch_rvq(
        (noise(32, 32, seed) for seed in range(3)), tmp_path / "c.npz", codes=4, patch=4
    )
    assert (made.kind, made.vocab_size, made.items) == ("patch-rvq", 8, 3)
    assert made.tokenizer().count(ImageInfo(8, 8)) == 8


def test_the_command_trains_on_a_folder(tmp_path):
    from PIL import Image as Pillow

    (tmp_path / "pictures").mkdir()
    Pillow.fromarray(noise(40, 30).pixels).save(tmp_path / "pictures" / "a.png")
    out = tmp_path / "codes.npz"
    words = ["train", "patch-kmeans", str(tmp_path / "pictures"), "-o", str(out)]
    done = CliRunner().invoke(cli, [*words, "--codes", "4", "--patch", "5", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["kind"], told["vocab_size"]) == ("patch-kmeans", 4)
    assert get_tokenizer("patch-kmeans", codebook=str(out)).count(ImageInfo(10, 5)) == 2
