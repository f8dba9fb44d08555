"""Fit of pictures that are written as tokens: by the step and by the size."""

import numpy as np
import pytest

import multitok
from multitok import Image, ImageInfo, NeedsContentError, fit
from multitok.modalities.image.coded.dct_bpe import DctBpeTokenizer
from multitok.report.fits import render_fit

PHOTO = multitok.load("samples/photo.jpg")


@pytest.mark.parametrize("budget", [500, 2000, 20000])
def test_what_is_said_fits_and_the_next_finer_step_does_not(budget):
    """At the picture's own size: the step of the first row, typed as it is printed."""
    found = fit(PHOTO, tokenizer="dct-bpe", max_tokens=budget)
    assert found.best.tokens <= budget
    whole = found.breakpoints[0]
    assert (whole.width, whole.height) == (600, 400)
    assert DctBpeTokenizer(step=float(f"{whole.step:g}")).count(PHOTO) == whole.tokens <= budget
    assert DctBpeTokenizer(step=whole.step / 1.012).count(PHOTO) > budget


def test_a_large_budget_goes_into_the_step_and_a_small_one_into_the_size():
    large, small = (fit(PHOTO, tokenizer="dct-bpe", max_tokens=n).best for n in (20000, 300))
    assert (large.width, large.height) == (600, 400)
    assert small.width < 300


def test_the_best_is_what_loses_least():
    found = fit(PHOTO, tokenizer="dct-bpe", max_tokens=1000)
    assert found.best.psnr == max(point.psnr for point in found.breakpoints)


def test_a_flat_picture_comes_back_whole():
    gray = Image(np.full((64, 64, 3), 128, np.uint8))
    found = fit(gray, tokenizer="dct-bpe", max_tokens=4)
    assert (found.best.width, found.best.tokens, found.best.psnr) == (64, 4, None)
    assert found.notes == ("it comes back whole: multitok encode -t dct-bpe -s step=0.03125",)
    lines = render_fit(found, color=False).splitlines()
    assert lines[0] == "64 x 64: 4 tokens (now 64 x 64: 4)"
    assert lines[3].split() == ["64", "x", "64", "4", "0", "0.03125", "lossless", "fits"]


def test_a_size_alone_is_none_to_measure():
    with pytest.raises(NeedsContentError):
        fit(ImageInfo(64, 64), tokenizer="dct-bpe", max_tokens=100)


def test_nothing_has_less_than_a_token():
    found = fit(PHOTO, tokenizer="dct-bpe", max_tokens=1)
    assert found.best is None or found.best.tokens == 1
