"""Codecs of the user's own: tiny networks that are made here, run by onnxruntime."""

from dataclasses import replace

import numpy as np
import pytest

from multitok import Audio, AudioInfo, Image, ImageInfo, get_tokenizer
from multitok.core import extras
from multitok.core.errors import (
    DecodeError,
    MediaError,
    MissingDependencyError,
    NotInvertibleError,
    SourceError,
)

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

HOP, PATCH = 4, 2
FLOAT, WHOLE = TensorProto.FLOAT, TensorProto.INT64


def network(path, nodes, weights, given, made):
    """Write a network of one input and one output; `given` and `made` are (type, sides)."""
    graph = helper.make_graph(
        nodes, "tiny",
        [helper.make_tensor_value_info("in", *given)],
        [helper.make_tensor_value_info("out", *made)],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(path))
    return str(path)


@pytest.fixture
def sound(tmp_path):
    """An encoder whose vector is the four samples of a frame, and a decoder that lays them back."""
    eye = np.eye(HOP, dtype=np.float32)[:, None]
    strides = {"strides": [HOP]}
    encoder = network(
        tmp_path / "enc.onnx", [helper.make_node("Conv", ["in", "w"], ["out"], **strides)],
        {"w": eye}, (FLOAT, [1, 1, None]), (FLOAT, [1, HOP, None]),
    )  # fmt: skip
    decoder = network(
        tmp_path / "dec.onnx", [helper.make_node("ConvTranspose", ["in", "w"], ["out"], **strides)],
        {"w": eye}, (FLOAT, [1, HOP, None]), (FLOAT, [1, 1, None]),
    )  # fmt: skip
    return {"encoder": encoder, "decoder": decoder, "sample_rate": 8_000, "hop": HOP}


@pytest.fixture
def books(tmp_path):
    """Two layers of three codes: whole frames, then small steps."""
    ones = np.ones(HOP)
    layers = [[0 * ones, ones, -ones], [0 * ones, 0.25 * ones, -0.25 * ones]]
    np.savez(tmp_path / "codes.npz", codebooks=np.array(layers))
    return str(tmp_path / "codes.npz")


def test_a_hand_worked_sound(sound, books):
    """Frames near 1, -0.75 and 0: codes (1, 0), (2, 1), (0, 0); layer 1 counts from 3."""
    wave = np.repeat([0.95, -0.74, 0.02], HOP)[:-1]  # the last frame is filled with a zero
    codec = get_tokenizer("onnx-codec", **sound, codebook=books)
    tokens = codec.encode(Audio(wave, 8_000))
    assert tokens.ids.tolist() == [1, 3, 2, 4, 0, 3]
    assert tokens.positions.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1]]
    assert codec.decode(tokens).samples[:, 0].tolist() == [1.0] * 4 + [-0.75] * 4 + [0.0] * 4
    assert (codec.ids_below, len(tokens)) == (6, codec.count(AudioInfo(11, 8_000)))


def test_the_end_may_be_dropped(sound, books):
    codec = get_tokenizer("onnx-codec", **sound, codebook=books, rounding="down")
    tokens = codec.encode(Audio(np.ones(11), 8_000))
    assert (len(tokens), codec.decode(tokens).info) == (4, AudioInfo(8, 8_000))
    assert len(codec.encode(Audio(np.ones(3), 8_000))) == 0


def test_it_is_resampled_to_one_channel(sound, books):
    codec = get_tokenizer("onnx-codec", **sound, codebook=books)
    stereo = Audio(np.ones((1600, 2)), 16_000)
    assert len(codec.encode(stereo)) == codec.count(stereo.info) == 400
    assert codec.decode(codec.encode(stereo)).info == codec.prepare(stereo).info


def ids_of_frames(tmp_path):
    """An encoder that makes ids itself: the mean of a frame, times 10, of one layer."""
    weights = {"w": np.full((1, 1, HOP), 10 / HOP, np.float32)}
    nodes = [
        helper.make_node("Conv", ["in", "w"], ["means"], strides=[HOP]),
        helper.make_node("Cast", ["means"], ["out"], to=WHOLE),
    ]
    return network(tmp_path / "ids.onnx", nodes, weights, (FLOAT, [1, 1, None]), (WHOLE, None))


def test_an_encoder_of_ids(sound, tmp_path):
    given = {"encoder": ids_of_frames(tmp_path), "sample_rate": 8_000, "hop": HOP}
    codec = get_tokenizer("onnx-codec", **given, codes=11)
    wave = np.repeat([0.5, 1.0], HOP)
    assert codec.encode(Audio(wave, 8_000)).ids.tolist() == [5, 10]
    with pytest.raises(MediaError, match=r"makes ids from 5 to 10, codes=10 allows 0 to 9"):
        get_tokenizer("onnx-codec", **given, codes=10).encode(Audio(wave, 8_000))
    with pytest.raises(NotInvertibleError, match=r"without decoder=FILE.onnx cannot be turned"):
        codec.decode(codec.encode(Audio(wave, 8_000)))


def test_what_the_parameters_must_say(sound, books):
    with pytest.raises(MediaError) as raised:
        get_tokenizer("onnx-codec", **sound)
    assert str(raised.value) == (
        "onnx-codec: say what its ids are: codebook=FILE (layers, codes, width) for an encoder that"
        " makes vectors, or codes=N and layers=N for one that makes ids"
    )
    with pytest.raises(MediaError, match="the codebook tells layers and codes: leave them out"):
        get_tokenizer("onnx-codec", **sound, codebook=books, codes=3)
    with pytest.raises(MediaError, match="makes vectors: say what its ids are"):
        get_tokenizer("onnx-codec", **sound, codes=3, layers=HOP).encode(Audio(np.ones(8), 8_000))


def test_another_hop_than_the_encoders(sound, books):
    wrong = get_tokenizer("onnx-codec", **{**sound, "hop": 8}, codebook=books)
    with pytest.raises(MediaError) as raised:
        wrong.encode(Audio(np.ones(16), 8_000))
    assert str(raised.value) == (
        f"{sound['encoder']}: the encoder makes 1 x 4 x 4, onnx-codec expects 1 x 4 x 2 as it is"
        " set"
    )


def test_ids_that_are_not_its_own(sound, books):
    codec = get_tokenizer("onnx-codec", **sound, codebook=books)
    tokens = codec.encode(Audio(np.ones(8), 8_000))

    def decoded(ids):
        ids = np.array(ids)
        special = np.zeros(len(ids), bool)
        return codec.decode(replace(tokens, ids=ids, special=special, positions=None, axes=()))

    with pytest.raises(DecodeError, match="of this size is 4 tokens, got 3: the sequence is cut"):
        decoded([1, 3, 1])
    with pytest.raises(DecodeError, match="at position 1 belongs to layer 1, its id 2 does not"):
        decoded([1, 2, 1, 3])
    with pytest.raises(DecodeError, match="were made with another codebook"):
        codec.decode(replace(tokens, state={"vocabulary": "another"}))


def test_what_is_no_network(sound, books, tmp_path):
    media = Audio(np.ones(8), 8_000)
    text = tmp_path / "text.onnx"
    text.write_text("no network")
    for path, why in ((str(text), "not an ONNX network"), (str(tmp_path), "it is a folder"),
                      (str(tmp_path / "none.onnx"), "no such file")):  # fmt: skip
        codec = get_tokenizer("onnx-codec", **{**sound, "encoder": path}, codebook=books)
        with pytest.raises(SourceError, match=why):
            codec.encode(media)
    swapped = {**sound, "encoder": sound["decoder"]}
    with pytest.raises(MediaError, match="the network refuses 1 x 1 x 8 float32"):
        get_tokenizer("onnx-codec", **swapped, codebook=books).encode(media)


def test_a_count_runs_no_network(books):
    codec = get_tokenizer(
        "onnx-codec", encoder="none.onnx", sample_rate=24_000, hop=320, codebook=books
    )
    assert codec.count(AudioInfo(240_000, 24_000)) == 1500


def test_without_the_extra_it_says_what_to_install(sound, books, monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(extras, "import_module", missing)
    codec = get_tokenizer("onnx-codec", **sound, codebook=books)
    with pytest.raises(MissingDependencyError, match=r"running a network needs onnxruntime: pip"):
        codec.encode(Audio(np.ones(8), 8_000))


@pytest.fixture
def picture(tmp_path):
    """Vectors are the mean colors of 2 x 2 pixels; the decoder paints them."""
    mean = np.zeros((3, 3, PATCH, PATCH), np.float32)
    paint = np.zeros((3, 3, PATCH, PATCH), np.float32)
    for color in range(3):
        mean[color, color], paint[color, color] = 1 / PATCH**2, 1
    strides = {"strides": [PATCH, PATCH]}
    encoder = network(
        tmp_path / "penc.onnx", [helper.make_node("Conv", ["in", "w"], ["out"], **strides)],
        {"w": mean}, (FLOAT, [1, 3, None, None]), (FLOAT, [1, 3, None, None]),
    )  # fmt: skip
    decoder = network(
        tmp_path / "pdec.onnx",
        [helper.make_node("ConvTranspose", ["in", "w"], ["out"], **strides)],
        {"w": paint}, (FLOAT, [1, 3, None, None]), (FLOAT, [1, 3, None, None]),
    )  # fmt: skip
    return {"encoder": encoder, "decoder": decoder, "patch": PATCH, "width": 6, "height": 4}


@pytest.mark.parametrize("black", [-1, 0])
def test_a_hand_worked_picture(picture, tmp_path, black):
    """Two places down, three along; the codes are black, white and red."""
    codes = np.array([[black] * 3, [1] * 3, [1, black, black]], float)
    np.save(tmp_path / "colors.npy", codes)
    codec = get_tokenizer(
        "onnx-image-codec", **picture, black=black, codebook=str(tmp_path / "colors.npy")
    )
    pixels = np.zeros((4, 6, 3), np.uint8)
    pixels[:2, 2:4] = 250
    pixels[2:, 4:] = 240, 9, 0
    tokens = codec.encode(Image(pixels))
    assert tokens.ids.tolist() == [0, 1, 0, 0, 0, 2]
    assert tokens.positions[1].tolist() == [0, 1, 0]
    back = codec.decode(tokens).pixels
    assert (back[0, 2].tolist(), back[3, 5].tolist()) == ([255] * 3, [255, 0, 0])
    assert codec.count(ImageInfo(640, 480)) == 6


def test_a_picture_is_resized_and_its_sides_are_whole_patches(picture, tmp_path):
    np.save(tmp_path / "colors.npy", np.eye(3))
    codec = get_tokenizer("onnx-image-codec", **picture, codebook=str(tmp_path / "colors.npy"))
    big = Image(np.full((30, 50, 3), 200, np.uint8))
    assert (len(codec.encode(big)), codec.prepare(big).info) == (6, ImageInfo(6, 4))
    with pytest.raises(MediaError) as raised:
        replace(codec, width=7)
    assert str(raised.value) == "width and height must be multiples of patch=2, got 7 x 4"
