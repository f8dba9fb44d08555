"""Learned tokenizers of pictures and clips: as many codes as their configurations say."""

import json
from pathlib import Path

import pytest

import multitok
from multitok import ImageInfo, VideoInfo
from multitok.core.errors import MediaError
from multitok.modalities.image.grids.code_grid import CodeGridCounter
from multitok.modalities.video.causal_codes import CausalCodesCounter

GOLDEN = json.loads(
    (Path(__file__).parent.parent / "golden" / "cosmos_padding.json").read_text("utf-8")
)


@pytest.mark.parametrize(
    ("model", "codes", "options"),
    [
        ("vqgan", 256, {}),  # 256 px, four halvings: 16 x 16
        ("llamagen", 256, {}),
        ("llamagen", 576, {"size": 384}),  # 24 x 24, as its 384 px models generate
        ("vq_ds8_c2i", 1024, {}),  # three halvings: 32 x 32
        ("titok-l-32", 32, {}),
        ("titok-b-64", 64, {}),
        ("titok-s-128", 128, {}),
        ("titok-sl-256", 256, {}),
        ("ta-titok-32", 32, {}),
        ("turkeyju/tokenizer_tatitok_bl128_vq", 128, {}),
        ("FoundationVision/VAR", 680, {}),  # 1 + 4 + 9 + 16 + 25 + 36 + 64 + 100 + 169 + 256
        ("open-magvit2", 256, {}),
        ("TencentARC/Open-MAGVIT2-Tokenizer-128-resolution", 256, {}),  # 128 px, three halvings
        ("showlab/magvitv2", 256, {}),
        ("showlab/magvitv2", 1024, {"size": 512}),
        ("showlab/show-o", 258, {}),  # <|soi|> before and <|eoi|> behind
        ("showlab/show-o-512x512", 1026, {}),
    ],
)
@pytest.mark.parametrize("size", [(256, 256), (1920, 1080), (17, 4000)])
def test_a_picture_of_any_size_is_cropped_to_as_many_codes_as_are_published(
    model, codes, options, size
):
    found = multitok.count(ImageInfo(*size), model=model, options=options)
    assert (found.tokens, found.kind) == (codes, "documented")


@pytest.mark.parametrize(
    ("model", "codes"), [("cosmos-di8x8", 46 * 80), ("cosmos-di16x16", 23 * 40)]
)
def test_a_picture_is_filled_up_to_16_px_by_hand(model, codes):
    """640 x 360: 640 is 40 x 16, 360 becomes 368 = 23 x 16."""
    assert multitok.count(ImageInfo(640, 360), model=model).tokens == codes


@pytest.mark.parametrize(("size", "filled"), GOLDEN["pictures"])
@pytest.mark.parametrize("patch", [8, 16])
def test_a_picture_has_the_codes_of_what_the_reference_fills_it_up_to(size, filled, patch):
    counter = CodeGridCounter(patch=patch, align=16)
    info = ImageInfo(size[1], size[0])
    assert counter.geometry(info)["resized"] == filled
    assert counter.count(info) == (filled[0] // patch) * (filled[1] // patch)


@pytest.mark.parametrize(("size", "filled"), GOLDEN["clips"])
@pytest.mark.parametrize(("depth", "patch"), [(4, 8), (8, 8), (8, 16)])
def test_a_window_has_the_codes_of_what_the_reference_fills_it_up_to(size, filled, depth, patch):
    """The first frame alone, the others `depth` together."""
    counter = CausalCodesCounter(patch=patch, depth=depth, align=16, align_frames=8)
    frames, height, width = filled
    grids = 1 + (frames - 1) // depth
    assert counter.count(VideoInfo(size[2], size[1], frames=size[0], fps=24)) == (
        grids * (height // patch) * (width // patch)
    )


def test_the_example_of_the_published_page():
    """9 frames of 512 x 512 by DV4x8x8: "the indices will have the shape (1, 3, 64, 64)"."""
    clip = VideoInfo(512, 512, frames=9, fps=24)
    assert multitok.count(clip, model="cosmos-dv4x8x8").tokens == 3 * 64 * 64


def test_each_window_of_17_frames_has_a_first_frame_of_its_own():
    """40 frames are 17 + 17 + 6: by DV8x8x8 3 + 3 + 2 grids (6 is filled up to 9); 64 x 64 px are
    8 x 8 codes."""
    clip = VideoInfo(64, 64, frames=40, fps=24)
    assert multitok.count(clip, model="cosmos-dv8x8x8").tokens == 8 * 64


def test_a_code_that_does_not_divide_what_is_filled_up_is_refused():
    with pytest.raises(MediaError, match="align must be a multiple of patch=12, got 16"):
        CodeGridCounter(patch=12, align=16)
    with pytest.raises(MediaError, match="align_frames must be a multiple of depth=3, got 8"):
        CausalCodesCounter(patch=8, depth=3, align=16, align_frames=8)
