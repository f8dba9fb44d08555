"""TokenSequence: one length, checked rows, and a file that holds all decoding needs."""

from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest

from multitok import Image, ImageInfo, TokenSequence, get_tokenizer
from multitok.core.errors import MediaError, SourceError


def sequence(**changes):
    fields = {
        "tokenizer": {"tokenizer": "patch", "size": 8, "resize": None},
        "info": ImageInfo(16, 8),
        "special": np.array([False, False, True]),
        "ids": np.arange(3),
        "axes": ("row", "column"),
        "positions": np.array([[0, 0], [0, 1], [-1, -1]], np.int32),
        "inputs": {"pixel_values": np.ones((2, 3), np.float32)},
        "state": {"grid": [1, 2], "scale": np.array([1.5])},
        "expansion": (("<img>", 2), ("</img>", 1)),
    }
    return TokenSequence(**(fields | changes))


def test_its_length_is_the_number_of_tokens_special_ones_included():
    assert len(sequence()) == 3


def test_placeholders_are_the_published_names_in_order():
    assert sequence().placeholders() == ["<img>", "<img>", "</img>"]


def test_a_file_gives_the_same_sequence_back(tmp_path):
    path = tmp_path / "tokens.out"  # no suffix is added
    sequence().save(path)
    assert TokenSequence.load(path) == sequence()


def test_a_file_is_an_archive_that_numpy_reads_and_writes(tmp_path):
    """Earlier versions wrote theirs by numpy's own `savez_compressed`."""
    path, again = tmp_path / "tokens.npz", tmp_path / "again.npz"
    sequence().save(path)
    with np.load(path, allow_pickle=False) as stored:
        np.savez_compressed(again, **stored)
    assert TokenSequence.load(again) == sequence()


def test_patches_of_one_color_are_packed(tmp_path):
    """1,000 patches of 768 float32 are 3 MB; packed, less than 1 % of it."""
    path = tmp_path / "flat.npz"
    special, patches = np.zeros(1000, bool), np.ones((1000, 768), np.float32)
    sequence(special=special, ids=None, values=patches, positions=None, axes=(), expansion=()).save(
        path
    )
    assert path.stat().st_size < 30_000


def test_sequences_differ_when_an_id_does():
    assert sequence() != sequence(ids=np.array([0, 1, 3]))


def test_rows_that_do_not_match_the_length_are_refused():
    with pytest.raises(MediaError) as caught:
        sequence(ids=np.arange(2))
    assert str(caught.value) == "ids must have 3 rows, one a token, got 2"


def test_a_stranger_s_file_is_refused(tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, a=np.zeros(2))
    with pytest.raises(SourceError, match=r"other\.npz: not a token file that multitok wrote"):
        TokenSequence.load(path)


@pytest.mark.parametrize("content", [b"GIF89a", b"", b"PK\x03\x04cut", b"\x93NUMPY\x01\x00"])
def test_a_file_that_is_no_archive_is_refused_without_a_word_of_pickle(tmp_path, content):
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        TokenSequence.load(path)
    assert str(caught.value) == (
        f"{path}: not a token file that multitok wrote."
        " Make one: multitok encode FILE -o TOKENS.npz"
    )


@pytest.mark.parametrize("name", ["header", "ids", "inputs/x", "other"])
def test_a_file_that_expands_without_end_is_refused_before_it_is_read(tmp_path, name):
    """300 MB of zeros in 300 kB, whatever the array is called."""
    path = tmp_path / "a.npz"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive, archive.open(f"{name}.npy", "w") as member:
        for _ in range(300):
            member.write(bytes(1_000_000))
    with pytest.raises(SourceError) as error:
        TokenSequence.load(path)
    assert str(error.value).startswith(f"{path}: 29")
    assert "bytes expand to 300,000,000: a decompression bomb" in str(error.value)


def test_tokens_decode_in_another_place_from_their_file_alone(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (16, 24, 3), dtype=np.uint8)
    get_tokenizer("patch", size=8).encode(Image(pixels)).save(tmp_path / "t.npz")
    tokens = TokenSequence.load(tmp_path / "t.npz")
    from multitok.core.registry import from_config

    assert from_config(tokens.tokenizer).decode(tokens) == Image(pixels)


def test_tokens_print_how_many_they_are_and_of_what():
    tokens = get_tokenizer("patch", size=8).encode(Image(np.zeros((16, 24, 3), np.uint8)))
    assert repr(tokens) == "<TokenSequence: 6 tokens by patch of ImageInfo(width=24, height=16)>"


def test_tokens_saved_before_a_parameter_was_there_still_decode():
    """What their config leaves out has the value that it has by default."""
    from dataclasses import replace

    from multitok.core.media import Actions
    from multitok.core.registry import get_tokenizer

    fast = get_tokenizer("fast")
    made = fast.encode(Actions([[0.0], [0.5]]))
    young = ("q01", "q99", "mask", "normalization")
    old = replace(made, tokenizer={k: v for k, v in made.tokenizer.items() if k not in young})
    assert fast.decode(old) == fast.decode(made)
