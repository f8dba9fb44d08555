"""What ways to write a picture as tokens cost, and what comes back."""

import numpy as np
import pytest

import multitok
from multitok import Image, get_tokenizer, inspect
from multitok.counting.picture_distortion import (
    ROUNDS,
    compare_pictures,
    excerpt,
    picture_error,
)
from multitok.modalities.coding.lloyd import learned
from multitok.modalities.image.coded.dct_bpe import DctBpeTokenizer
from multitok.modalities.image.coded.patch_codebooks import patches_of
from multitok.report.inspection import render_inspection

PHOTO = multitok.load("samples/photo.jpg")


def test_quality_costs_tokens_and_each_is_held():
    rows = {row.label: row for row in compare_pictures(PHOTO)}
    coded = [rows[f"dct-bpe, {psnr} dB"] for psnr in (25, 30, 35, 40)]
    assert [row.tokens for row in coded] == sorted(row.tokens for row in coded)
    assert all(row.psnr >= psnr for row, psnr in zip(coded, (25, 30, 35, 40), strict=True))
    assert all(row.worst <= row.bound for row in coded)
    assert (rows["patch, 16 px"].psnr, rows["patch, 16 px"].worst) == (None, 0)


def test_tokens_are_fewer_than_the_bytes_of_a_jpeg_of_this_quality():
    """31 dB: 26,388 bytes at quality 50, and less than two thirds of that in tokens."""
    jpeg = next(row for row in compare_pictures(PHOTO) if row.label == "JPEG bytes, quality 50")
    coded = picture_error(DctBpeTokenizer(psnr=jpeg.psnr), PHOTO)
    assert coded.psnr >= jpeg.psnr
    assert coded.tokens < jpeg.tokens * 2 / 3


def test_patches_by_codes_stand_beside_them():
    """75 x 50 patches of 8 px: an id each, four with four layers, which lose less."""
    rows = {row.label: row for row in compare_pictures(PHOTO)}
    one = rows["patch-kmeans, 8 px, 256 own codes"]
    four = rows["patch-rvq, 8 px, 4 x 256 own codes"]
    fsq = rows["patch-fsq, 8 px, 64,000 ids"]
    assert (one.tokens, four.tokens, fsq.tokens) == (3750, 15000, 3750)
    assert (one.bits, four.bits) == (8 * 3750, 8 * 15000)
    assert fsq.psnr < one.psnr < four.psnr
    assert all(row.worst <= row.bound for row in (one, four, fsq))


def test_the_row_of_codes_is_what_the_tokenizer_gives():
    """The table keeps no codebook, so it does without the class: the same numbers."""
    small = Image(np.ascontiguousarray(PHOTO.pixels[:250, :300]))
    words = {"seed": 0, "name": "patch-rvq", "what": "patches", "more": "pictures"}
    layers = learned(patches_of([small], 8), layers=4, codes=256, rounds=ROUNDS, **words)
    codes = tuple(tuple(map(tuple, layer)) for layer in layers.tolist())
    rows = {row.label: row for row in compare_pictures(small)}
    made = picture_error(
        get_tokenizer("patch-rvq", codebooks=codes), small, "patch-rvq, 8 px, 4 x 256 own codes"
    )
    assert rows[made.label] == made


def test_a_picture_of_fewer_patches_than_codes_has_no_codebook():
    labels = [row.label for row in compare_pictures(Image(np.full((16, 16, 3), 7, np.uint8)))]
    assert [label for label in labels if label.startswith("patch-")] == [
        "patch-fsq, 8 px, 64,000 ids"
    ]


def test_bits_are_those_of_the_vocabulary():
    """16,384 ids are 14 bits a token."""
    row = picture_error(DctBpeTokenizer(), PHOTO)
    assert row.bits == 14 * row.tokens
    assert row.bits_per_pixel == pytest.approx(14 * row.tokens / 240_000)
    assert row.tokens_per_megapixel == pytest.approx(row.tokens / 0.24)


def test_the_middle_of_a_large_picture():
    pixels = np.zeros((1030, 1100, 3), np.uint8)
    pixels[3, 38] = 255
    middle = excerpt(Image(pixels)).pixels
    assert middle.shape == (1024, 1024, 3)
    assert middle[0, 0].tolist() == [255, 255, 255]


def test_no_pixel_is_decoded_where_no_ids_are_asked_for():
    assert inspect("samples/photo.jpg", models="gpt-4o").picture_distortion == []
    assert inspect("samples/photo.jpg", tokenizer="patch").picture_distortion == []


def test_inspect_shows_the_table():
    shown = render_inspection(inspect("samples/photo.jpg", tokenizer="dct-bpe"), color=False)
    assert "written as" in shown
    assert "dct-bpe, 30 dB" in shown
    assert "JPEG bytes, quality 75" in shown
