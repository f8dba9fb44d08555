"""What each provider's API takes, as data; and what it makes of the file that is counted."""

import json
from pathlib import Path

import numpy as np
import pytest
from pictures import frames, quadrants, saved
from PIL import Image as Pillow

import multitok
from multitok import AudioInfo, ImageInfo, PdfInfo, TextInfo, VideoInfo
from multitok.catalog import accepts_file, load
from multitok.catalog.accepts import Accepts, accepts
from multitok.catalog.accepts_file import read_accepts
from multitok.core.errors import CatalogError
from multitok.loaders.formats import NAMES

FOLDER = Path(load.__file__).parent
IDS = {}
for row in load.catalog().models():
    IDS.setdefault(row.provider, []).append(row.id)
TABLES = read_accepts(FOLDER, IDS)
PICTURES = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "PPM", "JPEG2000", "ICO", "TGA")
MODELS = {
    "anthropic": "claude-opus-5", "openai": "gpt-4o", "google": "gemini-3-flash-preview",
    "mistral": "mistral-small-2506", "xai": "grok-4.5", "amazon": "amazon.nova-pro-v1:0",
    "cohere": "command-a-vision-07-2025", "deepseek": "deepseek-flash", "moonshot": "kimi-k2.5",
    "zhipu": "glm-4.6v", "qwen": "qwen3-vl-plus", "open": "Qwen/Qwen3-VL-8B-Instruct",
}  # fmt: skip


def rejected(source, model, **read):
    return multitok.count(source, model=model, **read).rejected


# --- the data -------------------------------------------------------------------------------------


def test_the_compiled_file_is_what_the_toml_file_says():
    assert json.loads((FOLDER / "accepts.json").read_text("utf-8")) == TABLES


def test_a_format_is_named_as_the_headers_are():
    for stated in TABLES.values():
        for limits in (stated, *stated.get("except", ())):
            for modality in accepts_file.MODALITIES:
                taken = limits.get(modality, {})
                assert {*taken.get("formats", ())} <= NAMES
                assert taken.get("still", ["GIF"]) == ["GIF"]  # the one whose frames are looked for


def test_every_limit_has_a_page_and_a_day():
    for provider, stated in TABLES.items():
        for modality in accepts_file.MODALITIES:
            if modality in stated:
                found = accepts(provider, "any", modality)
                assert found.source.startswith("https://")
                assert found.checked >= "2026-11-01"


def test_a_small_context_takes_fewer_pictures_and_pages_of_anthropic():
    """100 of each below a window of a million tokens, 600 of each in it."""
    for model in load.catalog().models():
        if model.provider == "anthropic":
            most = 600 if model.context_window >= 1_000_000 else 100
            assert accepts("anthropic", model.id, "image").per_request == most
            assert accepts("anthropic", model.id, "pdf").max_pages == most


def test_open_weights_take_what_their_runtime_decodes():
    assert "open" not in TABLES
    assert accepts("open", "Qwen/Qwen3-VL-8B-Instruct", "image") is None


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("[nobody]", "nobody: no model of such a provider. There are: acme"),
        ("[acme]\nimages = {}", "acme: unknown key 'images'. There are: source, checked, except,"
         " image, video, audio, pdf"),
        ("[acme]\nsource = 's'", "acme: acme lacks 'checked'"),
        ("[acme]\nsource = 's'\nchecked = 2026-11-28\nimage = { max_side = 0 }",
         "acme: acme.image.max_side must be a whole number from 1 on, got 0"),
        ("[acme]\nsource = 's'\nchecked = 2026-11-28\nimage = { formats = 'PNG' }",
         "acme: acme.image.formats must be a list (a text each), got 'PNG': write [\"PNG\"]"),
        ("[acme]\nsource = 's'\nchecked = 2026-11-28\n[[acme.except]]\nmodels = ['acme-2']",
         "acme: except: 'acme-2' is the id of no row"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_refused_with_what_is_allowed(tmp_path, table, message):
    (tmp_path / "accepts.toml").write_text(table)
    with pytest.raises(CatalogError) as caught:
        read_accepts(tmp_path, {"acme": ["acme-1"]})
    assert str(caught.value) == f"accepts.toml: {message}"


# --- formats --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", PICTURES)
@pytest.mark.parametrize("provider", sorted(MODELS))
def test_a_format_is_rejected_where_the_provider_does_not_name_it(provider, form, tmp_path):
    """The header tells the format: the file of each has the same wrong name."""
    path = tmp_path / ("picture.tga" if form == "TGA" else "picture.jpg")  # TGA has no first bytes
    path.write_bytes(saved(form))
    found = multitok.count(str(path), model=MODELS[provider])
    named = multitok.examine(str(path)).format
    takes = TABLES.get(provider, {}).get("image", {}).get("formats", [named])
    assert bool(found.rejected) == (named not in takes)
    assert found.tokens > 0  # the number is told all the same


def test_a_rejected_format_is_noted_with_what_to_do(tmp_path):
    path = tmp_path / "photo.avif"
    path.write_bytes(saved("AVIF"))
    found = multitok.count(str(path), model="claude-opus-5")
    assert found.rejected == (
        "Anthropic takes JPEG, PNG, GIF or WebP, and rejects AVIF: convert it",
    )
    assert found.notes[0] == found.rejected[0]


def test_an_iphone_s_picture_is_taken_by_gemini_alone():
    heif = pytest.importorskip("pillow_heif")
    import io

    file = io.BytesIO()
    heif.from_pillow(quadrants()).save(file)
    assert rejected(file.getvalue(), "gemini-3-flash-preview") == ()
    for model in ("claude-opus-5", "gpt-4o", "grok-4.5", "mistral-small-2506"):
        assert "rejects HEIC: convert it" in rejected(file.getvalue(), model)[0]


@pytest.mark.parametrize(
    ("model", "why"),
    [
        ("gpt-4o", ("OpenAI rejects an animated GIF: send one frame, or several as pictures",)),
        ("claude-opus-5", ()),
        ("gemini-3-flash-preview",
         ("Google takes PNG, JPEG, WebP, HEIC or HEIF, and rejects GIF: convert it",)),
    ],
)  # fmt: skip
def test_an_animated_gif_is_rejected_where_only_a_still_one_is_taken(model, why):
    first, *others = frames(3)
    moving = saved("GIF", first, save_all=True, append_images=others)
    assert rejected(moving, model) == why


@pytest.mark.parametrize("options", [{}, {"loop": 0}, {"duration": 100}])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_gif_is_animated_by_its_second_frame_alone(count, options):
    """A loop or a delay may stand before a single frame, and may be absent before several."""
    first, *others = frames(count)
    file = saved("GIF", first, save_all=True, append_images=others, **options)
    assert bool(rejected(file, "gpt-4o")) == (count > 1)


def test_a_gif_that_is_cut_off_is_not_called_animated():
    first, *others = frames(3)
    file = saved("GIF", first, save_all=True, append_images=others)
    assert rejected(file[: len(saved("GIF", first)) // 2], "gpt-4o") == ()


@pytest.mark.parametrize(
    "source",
    [
        ImageInfo(48, 20),
        quadrants(),
        np.zeros((20, 48, 3), np.uint8),
        multitok.Image(np.zeros((20, 48, 3), np.uint8)),
        Pillow.new("CMYK", (48, 20)),
    ],
    ids=["a size", "a PIL image", "an array", "a medium", "CMYK"],
)
def test_what_is_no_file_has_no_format_to_reject(source):
    for model in MODELS.values():
        assert rejected(source, model) == ()


def test_sound_of_another_format_is_rejected():
    assert rejected("samples/melody.flac", "gpt-audio") == (
        "OpenAI takes WAV or MP3, and rejects FLAC: convert it",
    )
    assert rejected("samples/melody.flac", "gemini-3-flash-preview") == ()
    assert rejected("samples/melody.flac", "gpt-4o-transcribe") == ()


# --- sizes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "model", "why"),
    [
        ((8000, 8000), "claude-opus-5", ()),
        ((8001, 10), "claude-opus-5",
         ("Anthropic rejects a side over 8000 px, and this is 8001 x 10: shrink it",)),
        ((10, 10_001), "mistral-small-2506",
         ("Mistral rejects a side over 10000 px, and this is 10 x 10001: shrink it",)),
        ((11, 100), "qwen3-vl-plus", ()),
        ((10, 100), "qwen3-vl-plus",
         ("Qwen rejects a side under 11 px, and this is 10 x 100: enlarge it",)),
        ((9000, 9000), "gpt-4o", ()),
    ],
)  # fmt: skip
def test_a_side_beyond_the_api_s_limits_is_rejected(size, model, why):
    assert rejected(ImageInfo(*size), model) == why


def test_a_picture_too_long_for_its_width_is_cut_into_pieces():
    """2,200 px are 200 times 11 px, one more is over."""
    limits = accepts("qwen", "qwen3-vl-plus", "image")
    assert limits.refuses_shape(ImageInfo(2200, 11)) == []
    assert limits.refuses_shape(ImageInfo(11, 2201)) == [
        "Qwen rejects a side over 200 times the other, and this is 11 x 2201: cut it into pieces"
    ]


def test_a_file_over_the_limit_of_bytes_is_rejected(tmp_path):
    """xAI's 20 MiB, to the byte: what follows a picture in its file is sent with it."""
    path = tmp_path / "large.png"
    picture = saved("PNG")
    path.write_bytes(picture + bytes(20 * 2**20 - len(picture)))
    assert rejected(str(path), "grok-4.5") == ()
    path.write_bytes(picture + bytes(21 * 2**20 - len(picture)))
    assert rejected(str(path), "grok-4.5") == (
        "xAI rejects more than 20 MiB, and this is 21 MiB: compress or shrink it",
    )


def test_a_document_is_limited_by_its_pages():
    limits = accepts("anthropic", "claude-opus-5", "pdf")
    assert limits.refuses_shape(PdfInfo(600)) == []
    assert limits.refuses_shape(PdfInfo(601)) == ["Anthropic rejects more than 600 pages: split it"]


def test_sound_and_clips_are_limited_by_their_seconds():
    hours = AudioInfo(samples=10 * 3600 * 8000, sample_rate=8000)
    assert rejected(hours, "gemini-3-flash-preview") == (
        "Google rejects more than 34,200 s, and this is 36,000.0 s: cut it shorter",
    )
    clip = VideoInfo(640, 360, frames=3601, fps=1)
    assert accepts("qwen", "qwen3-vl-plus", "video").refuses_shape(clip) == [
        "Qwen rejects more than 3,600 s, and this is 3,601.0 s: cut it shorter"
    ]


def test_limits_of_one_kind_leave_another_alone():
    limits = Accepts("acme", "", "", max_side=10, max_seconds=1, max_pages=1)
    assert limits.refuses_shape(TextInfo(10_000)) == []
    assert limits.refuses_shape(VideoInfo(100, 100, frames=1, fps=1)) == []


def test_a_side_that_a_crowded_request_rejects_is_noted():
    said = "rejected in a request of more than 20 images: a side is over 2000 px"
    assert said in multitok.count(ImageInfo(1000, 2001), model="claude-opus-5").notes
    assert said not in multitok.count(ImageInfo(1000, 2000), model="claude-opus-5").notes
    assert rejected(ImageInfo(1000, 2001), "claude-opus-5") == ()
