"""What runs a model decides what a picture costs: its limits, and whether it reads EXIF."""

import csv
from pathlib import Path

import numpy as np
import pytest

import multitok
from multitok.catalog.load import catalog
from multitok.catalog.names import runtimes_of
from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo
from multitok.counting.inspection import Inspection
from multitok.counting.subject import subject_of
from multitok.modalities.image.limits import limit_single
from multitok.modalities.image.tiles.adaptive_slices import slice_grid
from multitok.modalities.image.tiles.best_canvas import BestCanvasCounter

PHOTO = str(Path(__file__).parent.parent / "samples" / "photo.jpg")
"""600 x 400 as displayed, EXIF orientation 6: stored as 400 x 600."""
MISTRAL = "mistralai/Mistral-Small-3.1-24B-Instruct-2503"
QWEN = "Qwen/Qwen3-VL-8B-Instruct"
RUNTIMES = [
    pytest.param(model.id, word, id=f"{model.id}-{word}")
    for model in catalog().models()
    if "image" in model.rules
    for word in model.rules["image"].options.get("runtime", ())
    if word != "default"
]


def test_a_default_answer_names_the_runtimes_that_count_differently_in_one_note():
    """Displayed 22 x 15 cells of 28 px: 15 rows of 22 + 1. Stored 15 x 22: 22 rows of 15 + 1."""
    found = multitok.count(PHOTO, model=MISTRAL)
    assert found.tokens == 345
    assert [note for note in found.notes if "runtime=" in note] == [
        "352 where EXIF is ignored: runtime=mistral-common or sglang;"
        " 315 under its limits: runtime=llama.cpp"
    ]


@pytest.mark.parametrize("runtime", ["mistral-common", "sglang"])
def test_a_runtime_that_ignores_exif_counts_the_stored_picture(runtime):
    found = multitok.count(PHOTO, model=MISTRAL, options={"runtime": runtime})
    assert (found.tokens, found.info) == (352, ImageInfo(400, 600))
    assert "seen as it is stored: this runtime ignores its EXIF orientation" in found.notes
    assert not any("runtime=" in note for note in found.notes)


def test_mistral_common_itself_counts_the_stored_picture():
    image = pytest.importorskip("mistral_common.tokens.tokenizers.image")
    chunk = pytest.importorskip("mistral_common.protocol.instruct.chunk")
    from PIL import Image

    ids = image.SpecialImageIDs(img=0, img_break=1, img_end=2)
    encoder = image.ImageEncoder(image.ImageConfig(14, 1540, 2), ids)
    with Image.open(PHOTO) as picture:
        made = encoder(chunk.ImageChunk(image=picture))
    counted = multitok.count(PHOTO, model=MISTRAL, options={"runtime": "mistral-common"})
    assert counted.tokens == len(made.tokens)


def test_what_is_encoded_and_drawn_is_the_stored_picture_too():
    options = {"runtime": "mistral-common"}
    tokens = multitok.encode(PHOTO, model=MISTRAL, options=options)
    assert len(tokens) == 352
    assert tokens.inputs["image_sizes"].tolist() == [[616, 420]]
    seen = Inspection(subject=subject_of(PHOTO), models=(MISTRAL,), options=options)
    assert seen.content().info == ImageInfo(400, 600)
    assert seen.steps(seen.rows[0])[-1] == "+ [IMG_BREAK] x 21, [IMG_END] x 1 = 352 tokens"


def test_limits_of_a_runtime_are_its_own():
    """llama.cpp: 4,096 cells of 32 px at most; 4000 x 3000 becomes 2336 x 1760, 73 x 55 cells."""
    size = ImageInfo(4000, 3000)
    found = multitok.count(size, model=QWEN)
    assert found.tokens == 11_750
    assert found.notes[-1] == "4,015 under its limits: runtime=llama.cpp or ollama"
    assert multitok.count(size, model=QWEN, options={"runtime": "llama.cpp"}).tokens == 73 * 55


def test_ollama_enlarges_a_small_picture_for_qwen_vl():
    """It starts llama.cpp with --image-min-tokens 1024: 1182 x 887 px, up to 37 x 28 cells."""
    small = ImageInfo(640, 480)
    tokens = {
        word: multitok.count(small, model=QWEN, options={"runtime": word}).tokens
        for word in ("transformers", "llama.cpp", "ollama")
    }
    assert tokens == {"transformers": 300, "llama.cpp": 300, "ollama": 37 * 28}


def test_a_number_of_the_user_holds_under_every_runtime():
    options = {"runtime": "llama.cpp", "max_pixels": 1_048_576}
    assert multitok.count(ImageInfo(4000, 3000), model=QWEN, options=options).tokens <= 1024


def test_runtimes_that_agree_are_not_named():
    notes = multitok.count(ImageInfo(1920, 1080), model="Qwen/Qwen2-VL-7B-Instruct").notes
    assert not any("runtime=" in note for note in notes)


@pytest.mark.parametrize(("model", "runtime"), RUNTIMES)
def test_every_runtime_of_every_row_counts_or_refuses(model, runtime):
    options = {"runtime": runtime}
    for size in (ImageInfo(1, 1), ImageInfo(640, 480), ImageInfo(4000, 200)):
        try:
            assert multitok.count(size, model=model, options=options).tokens > 0
        except MediaError:
            continue


def test_fit_under_a_runtime_tells_what_the_written_picture_costs(tmp_path):
    """The picture there is lies on its side, 352; what is written is upright."""
    options = {"runtime": "mistral-common"}
    found = multitok.fit(PHOTO, model=MISTRAL, options=options, max_tokens=200)
    assert found.tokens == 352
    assert found.best is not None
    from multitok.loaders.saving import write_resized

    out = tmp_path / "small.jpg"
    write_resized(PHOTO, (found.best.width, found.best.height), out, quality=90)
    counted = multitok.count(str(out), model=MISTRAL, options=options)
    assert counted.tokens == found.best.tokens


def test_a_stored_picture_is_the_displayed_one_turned_back():
    """Orientation 6 is shown after a quarter turn clockwise."""
    upright = multitok.load(PHOTO, modality="image").pixels
    stored = multitok.load(PHOTO, modality="image", stored=True).pixels
    assert np.array_equal(np.rot90(stored, -1), upright)
    assert multitok.examine(PHOTO, stored=True).info == ImageInfo(400, 600)


def test_sizes_are_those_of_llama_cpp():
    """calc_size_preserved_ratio of tools/mtmd/mtmd-image.cpp, compiled and run."""
    path = Path(__file__).parent / "golden" / "llama_cpp_sizes.csv"
    with path.open(encoding="utf-8") as file:
        rows = [tuple(map(int, row)) for row in list(csv.reader(file))[1:]]
    assert len(rows) == 239
    for width, height, cell, low, high, wide, tall in rows:
        assert limit_single(width, height, cell, low, high, 1, 200) == (wide, tall)


def test_canvases_are_those_of_llama_cpp():
    """select_best_resolution of tools/mtmd/mtmd-image.cpp, compiled and run."""
    families = {
        "internvl": BestCanvasCounter(size=448, tokens=256),
        "llava-1.6": BestCanvasCounter(
            size=336,
            tokens=576,
            canvases=((336, 672), (672, 336), (672, 672), (1008, 336), (336, 1008)),
        ),
    }
    path = Path(__file__).parent / "golden" / "llama_cpp_canvases.csv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    assert len(rows) == 120
    for family, *sizes in rows:
        width, height, wide, tall = map(int, sizes)
        rule = families[family]
        if max(width, height) > rule.size:
            assert rule.see(ImageInfo(width, height)).canvas == (wide, tall), sizes


def test_slices_are_those_of_llama_cpp():
    """get_slice_instructions and get_best_grid for MiniCPM-V, compiled and run."""
    path = Path(__file__).parent / "golden" / "llama_cpp_slices.csv"
    with path.open(encoding="utf-8") as file:
        rows = [tuple(map(int, row)) for row in list(csv.reader(file))[1:]]
    assert len(rows) == 60
    for width, height, down, across in rows:
        assert slice_grid(width, height, 448, 9, by_side=True) == (down, across), (width, height)


def test_llama_cpp_cuts_a_small_picture_with_a_long_side_for_minicpm_v():
    """600 x 100 is a third of 448 x 448 px, and longer: two slices and the overview, 66 each."""
    options = {"runtime": "llama.cpp"}
    model, size = "openbmb/MiniCPM-V-2_6", ImageInfo(600, 100)
    assert multitok.count(size, model=model).tokens == 66
    assert multitok.count(size, model=model, options=options).tokens == 3 * 66


def test_llama_cpp_chooses_other_tiles_than_internvl_does():
    """4 x 3 tiles keep most of 1920 x 1080, 4 x 2 are closest in aspect; and the overview."""
    options = {"runtime": "llama.cpp"}
    model, size = "OpenGVLab/InternVL3-8B-hf", ImageInfo(1920, 1080)
    assert multitok.count(size, model=model).tokens == (8 + 1) * 256 + 2
    assert multitok.count(size, model=model, options=options).tokens == (12 + 1) * 256 + 2


def test_a_picture_that_llama_cpp_cannot_resize_is_refused():
    """1 x 10182 at 1,024 cells of 28 px at least: 28 x 90412, and a side has 65,536 px at most."""
    with pytest.raises(MediaError) as error:
        limit_single(1, 10_182, 28, 1024 * 784, 4096 * 784, 1, 200)
    assert "llama.cpp resizes to at most 65536 px a side" in str(error.value)


@pytest.mark.parametrize("form", ["PNG", "TIFF", "JPEG2000"])
def test_sixteen_bits_of_gray_that_a_published_pipeline_clips_are_told(form):
    """Pillow's convert("RGB") makes 40000 of 65535 white; a closed API may do better."""
    from io import BytesIO

    from PIL import Image

    buffer = BytesIO()
    Image.fromarray(np.full((30, 40), 40_000, np.uint16)).save(buffer, form)
    data = buffer.getvalue()
    assert np.asarray(Image.open(BytesIO(data)).convert("RGB")).min() == 255
    told = "16 bits of gray: the published pipeline clips them to white"
    assert any(told in note for note in multitok.count(data, model=QWEN).notes)
    assert not any(told in note for note in multitok.count(data, model="gpt-4o").notes)
    eight = BytesIO()
    Image.fromarray(np.full((30, 40), 155, np.uint8)).save(eight, form)
    assert not any(told in note for note in multitok.count(eight.getvalue(), model=QWEN).notes)


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("qwen3-vl:8b", 37 * 28),  # Ollama's tag: 1,024 tokens at least
        ("ollama/qwen2.5vl:7b", 37 * 28),
        ("Qwen/Qwen3-VL-8B-Instruct-GGUF", 300),  # llama.cpp asks for no more than 8
        ("hosted_vllm/Qwen/Qwen3-VL-8B-Instruct", 300),
        ("Qwen/Qwen3-VL-8B-Instruct", 300),
    ],
)
def test_a_name_that_says_what_runs_the_model_is_counted_so(name, tokens):
    found = multitok.count(ImageInfo(640, 480), model=name)
    assert found.tokens == tokens


def test_what_a_name_says_of_the_runtime_is_a_default():
    small = ImageInfo(640, 480)
    options = {"runtime": "transformers"}
    assert multitok.count(small, model="qwen3-vl:8b", options=options).tokens == 300
    notes = multitok.count(small, model="qwen3-vl:8b").notes
    assert notes[-1] == (
        "300 under its limits: runtime=transformers or vllm or sglang or llama.cpp"
    )


def test_the_sum_in_words_is_that_of_the_runtime_of_the_name():
    found = multitok.inspect(ImageInfo(640, 480), models="qwen3-vl:8b")
    assert found.steps(found.rows[0])[-1] == "28 x 37 cells of 32 px = 1,036 tokens"


@pytest.mark.parametrize("name", ["gpt-4o", "ft:gpt-4o:org::id", "qwen/qwen3-vl-8b-instruct:free"])
def test_a_name_without_a_runtime_says_none(name):
    assert runtimes_of(name) == ()
