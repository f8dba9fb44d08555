"""Options of open pictures, by the names that the families' own processors have for them."""

import pytest

import multitok
from multitok.catalog.load import catalog
from multitok.core.errors import MediaError
from multitok.core.info import ImageInfo

HD = ImageInfo(1920, 1080)
SIZES = (ImageInfo(64, 64), ImageInfo(200, 600), HD, ImageInfo(4000, 3000), ImageInfo(3000, 200))
NUMBERS = {
    (rule.tokenizer, name): (model.id, option)
    for model in catalog().models()
    if model.provider == "open" and (rule := model.rules.get("image")) is not None
    for name, option in rule.options.items()
    if "param" in option
}


def tokens(model, **options):
    """Of the picture itself: the text around it is the language model's."""
    try:
        counted = multitok.count(HD, model=model, options=options)
        return counted.tokens - counted.parts.get("text", 0)
    except MediaError as error:
        return str(error)


@pytest.mark.parametrize(
    ("model", "options", "expected"),
    [
        # 6 tiles at most: 2 x 1, closest to 16:9, and the thumbnail; each 256, and 2 around them
        ("OpenGVLab/InternVL3-8B-hf", {"max_dynamic_patch": 6}, 3 * 256 + 2),
        ("OpenGVLab/InternVL3-8B-hf", {"max_num": 1}, 256 + 2),
        # no slices: the overview alone
        ("openbmb/MiniCPM-V-2_6", {"max_slice_nums": 1}, 64 + 2),
        ("google/gemma-3-4b-it", {"do_pan_and_scan": True}, 3 * 256 + 6),
        ("google/gemma-3-4b-it", {"pan_and_scan_max_num_crops": 2}, 256 + 2),
        # 1024 x 576 in 2 x 2 tiles of 512 px, and the overview, behind two names each; one ends it
        ("HuggingFaceTB/SmolVLM-256M-Instruct", {"longest_edge": 1024}, (64 + 2) * 5 + 1),
        ("HuggingFaceTB/SmolVLM-256M-Instruct", {"do_image_splitting": False}, 64 + 3),
        # 512 x 288 px are 18 rows of 32 patches of 16 px, and a break or an end after each
        ("mistralai/Pixtral-12B-2409", {"longest_edge": 512}, 33 * 18),
        # one view of 21 x 12 cells of 32 px, at most 256, and 2 around them
        ("LiquidAI/LFM2-VL-450M", {"do_image_splitting": False}, 21 * 12 + 2),
        ("microsoft/Phi-3.5-vision-instruct", {"num_crops": 4}, 757),
        ("meta-llama/Llama-4-Scout-17B-16E-Instruct", {"max_patches": 1}, 144 + 3),
    ],
)
def test_a_processors_own_word_changes_the_count(model, options, expected):
    assert tokens(model, **options) == expected


@pytest.mark.parametrize(("rule", "name"), NUMBERS)
def test_every_number_changes_what_some_picture_costs_or_how_it_is_seen(rule, name):
    """An option that changes nothing is none. Below and above the default, on five sizes."""
    model, option = NUMBERS[rule, name]
    switched = {"do_pan_and_scan": True} if name.startswith("pan_and_scan") else {}
    default, low, high = option["default"], option["min"], option["max"]
    whole = option.get("type") == "int"
    values = {low, high, default * 2, default * 4, default // 2 if whole else default / 2}
    changed = False
    for value in sorted(v for v in values if low <= v <= high):
        for size in SIZES:
            try:
                base = multitok.count(size, model=model, options=switched)
                other = multitok.count(size, model=model, options={**switched, name: value})
            except MediaError:
                continue
            changed |= (base.tokens, base.size_seen) != (other.tokens, other.size_seen)
    assert changed


def test_an_option_out_of_its_range_says_what_is_allowed():
    assert tokens("OpenGVLab/InternVL3-8B-hf", max_num=0) == (
        "option max_num must be at least 1 and at most 256, got 0"
    )


def test_words_for_the_processor_in_a_request_are_heard():
    """vLLM's mm_processor_kwargs: max_pixels as it stands, a size by its names."""
    picture = {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}
    payload = {
        "model": "Qwen/Qwen2.5-VL-7B-Instruct",
        "messages": [{"role": "user", "content": [picture]}],
        "mm_processor_kwargs": {"max_pixels": 1_003_520, "images_kwargs": {"fast": True}},
    }
    found = multitok.count_request(payload, assume_image=ImageInfo(4000, 3000))
    (image,) = (part for part in found.parts if part.modality == "image")
    assert image.tokens == 1230
    assert (
        "mm_processor_kwargs.fast: no option of Qwen/Qwen2.5-VL-7B-Instruct that is known here"
    ) in found.left_out
    payload["model"] = "mistralai/Mistral-Small-3.1-24B-Instruct-2503"
    payload["mm_processor_kwargs"] = {"size": {"longest_edge": 280}}
    found = multitok.count_request(payload, assume_image=ImageInfo(4000, 3000))
    (image,) = (part for part in found.parts if part.modality == "image")
    assert image.tokens == 11 * 8  # 280 x 210: 10 x 8 cells of 28 px, and a break or an end a row
