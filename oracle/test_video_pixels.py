"""Frames as the published video processors feed them: the same order, the same values, resized too.

multitok resizes as torchvision does, to the bit, but for Molmo2's frames, which torchvision and
OpenCV interpolate in float and round: a byte may differ by one level.
"""

from random import Random

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional as tvF  # noqa: N812
from video_processors import REFERENCES, clip, encoded

import multitok
from multitok.modalities.image.antialias import resize

SIZES = ((4, 180, 320), (6, 90, 150), (5, 360, 640), (4, 720, 1280), (4, 607, 341), (4, 50, 33))
EQUAL = 1e-5
ONE_LEVEL = 2 / 255


def differences(name: str, video: multitok.Video):
    """Between the encoder's inputs here and there, which have one shape; whole numbers equal."""
    reference = REFERENCES[name]
    wanted = reference.made(reference.processor(), video)
    made = encoded(reference, video)
    assert made.keys() == wanted.keys()
    for key, array in wanted.items():
        assert made[key].shape == array.shape
        if array.dtype.kind == "f":
            yield np.abs(made[key] - array).max()
        else:
            assert np.array_equal(made[key], array), key


@pytest.mark.parametrize("name", REFERENCES)
def test_frames_of_the_right_size_are_equal(name):
    assert max(differences(name, clip("stripes", *REFERENCES[name].fitting))) < EQUAL


@pytest.mark.parametrize("pattern", ["smooth", "stripes"])
@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", REFERENCES)
def test_resized_frames_are_equal(name, size, pattern):
    bound = ONE_LEVEL + EQUAL if name == "molmo2" else EQUAL
    assert max(differences(name, clip(pattern, *size))) < bound


@pytest.mark.parametrize("resample", ["bilinear", "bicubic", "lanczos"])
def test_the_resize_is_torchvisions_to_the_bit(resample):
    """300 random sizes of noise, of black and white, and of sides that stay."""
    rng, draw = np.random.default_rng(0), Random(0)
    mode = tvF.InterpolationMode(resample)
    for number in range(300):
        height, width, tall, wide = (draw.randint(1, draw.choice((8, 60, 400))) for _ in range(4))
        wide = width if number % 10 == 0 else wide
        tall = height if number % 10 == 1 else tall
        pixels = rng.integers(0, 256, (height, width, 3), np.uint8)
        if number % 3 == 0:
            pixels = np.where(pixels > 127, 255, 0).astype(np.uint8)
        planes = torch.from_numpy(pixels).permute(2, 0, 1)
        wanted = tvF.resize(planes, [tall, wide], interpolation=mode, antialias=True)
        made = resize(pixels, wide, tall, resample)
        assert np.array_equal(made, wanted.permute(1, 2, 0).numpy())
