"""Pictures: counts and patches against the published processors, in one process and one thread."""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # on both sides

import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import islice
from typing import Any

import numpy as np

import multitok
from measure import Row, best, duration, row, skipped
from multitok.core.info import ImageInfo
from multitok.core.media import Image
from multitok.core.registry import get_tokenizer

CLIP = {
    "mean": (0.48145466, 0.4578275, 0.40821073),
    "std": (0.26862954, 0.26130258, 0.27577711),
}
COUNTS: tuple[tuple[str, dict[str, Any], str, str, dict[str, Any]], ...] = (
    ("fit-merge", {}, "qwen2_vl", "Qwen2VLImageProcessor", {}),
    (
        "fit-merge",
        {"small": "enlarge", "frames": 2, "min_pixels": 12544, "max_pixels": 11760000},
        "glm4v",
        "Glm4vImageProcessor",
        {},
    ),
    (
        "fit-grid",
        {"min_pixels": 147456, "max_pixels": 2359296, "small": "enlarge-rounded"},
        "paddleocr_vl",
        "PaddleOCRVLImageProcessor",
        {},
    ),
    (
        "ratio-tiles",
        {"size": 448, "tokens": 256},
        "got_ocr2",
        "GotOcr2ImageProcessor",
        {"size": {"height": 448, "width": 448}, "crop_to_patches": True},
    ),
    (
        "named-tiles",
        {"longest": 1456, "size": 364, "tokens": 169},
        "idefics3",
        "Idefics3ImageProcessor",
        {},
    ),
)


def processor(module: str, name: str, **params: Any) -> Any:
    """A published image processor with its Pillow back end."""
    found = import_module(f"transformers.models.{module}.image_processing_pil_{module}")
    return getattr(found, f"{name}Pil")(**params)


def sizes(n: int) -> list[tuple[int, int]]:
    rng = np.random.default_rng(0)
    return [(int(w), int(h)) for w, h in rng.integers(64, 5000, (n, 2))]


def over(function: Callable[[Any], object], items: list[Any]) -> Callable[[], None]:
    def work() -> None:
        for item in items:
            function(item)

    return work


def counts() -> Iterator[Row]:
    """A thousand sizes, infos already built; times are of one count."""
    pairs = sizes(1000)
    infos = [ImageInfo(w, h) for w, h in pairs]
    for name, params, module, cls, settings in COUNTS:
        peer = processor(module, cls, **settings).get_number_of_image_patches
        flipped = [(h, w, {}) for w, h in pairs]
        ours, theirs = best(
            over(get_tokenizer(name, **params).count, infos),
            over(lambda size, peer=peer: peer(*size), flipped),
        )
        yield row(
            f"{name}: count a size, {cls}",
            ours=ours / 1000,
            peer=theirs / 1000,
            against="get_number_of_image_patches",
            faster=3 if name == "ratio-tiles" else 1,
        )


def counted_by_model() -> Iterator[Row]:
    """The whole door, model name included, against the processors' own counting method: a thousand
    sizes that were met before, and a thousand new ones."""
    from transformers.models.internvl.processing_internvl import InternVLProcessor
    from transformers.models.qwen2_vl.processing_qwen2_vl import Qwen2VLProcessor

    settings = {"size": {"height": 448, "width": 448}, "crop_to_patches": True}
    against = "_get_num_multimodal_tokens"
    flipped = [[(h, w)] for w, h in sizes(1000)]
    for words, model, cls, inner, faster in (
        ("Qwen2-VL", "Qwen/Qwen2-VL-7B-Instruct", Qwen2VLProcessor,
         processor("qwen2_vl", "Qwen2VLImageProcessor"), 5),
        ("InternVL 3", "OpenGVLab/InternVL3-8B-hf", InternVLProcessor,
         processor("got_ocr2", "GotOcr2ImageProcessor", **settings), 3),
    ):  # fmt: skip
        peer = cls.__new__(cls)
        peer.image_processor, peer.image_seq_length = inner, 256
        ask = over(
            lambda size, peer=peer: peer._get_num_multimodal_tokens(image_sizes=size), flipped
        )
        door = lambda info, model=model: multitok.count(info, model=model)  # noqa: E731
        work = f"multitok.count(size, model=...), {words}"
        ours, theirs = best(over(door, [ImageInfo(w, h) for w, h in sizes(1000)]), ask)
        note = "sizes that were counted before; the next row has new ones"
        yield row(work, ours=ours / 1000, peer=theirs / 1000, against=against, faster=faster,
                  note=note)  # fmt: skip
        ours, theirs = best(new_sizes(door), ask)
        yield row(f"{work}, a new size", ours=ours / 1000, peer=theirs / 1000, against=against)


def new_sizes(function: Callable[[Any], object]) -> Callable[[], None]:
    """A thousand sizes a call, none of which was met before."""
    fresh = iter(range(1 << 40))

    def work() -> None:
        for n in islice(fresh, 1000):
            function(ImageInfo(64 + n % 4937, 64 + n // 4937))

    return work


def smallest() -> Iterator[Row]:
    """Against a compiled peer that gives tokens and tiles of a size, for two models of its own."""
    works = "multitok.count(ImageInfo, model=...), gpt-4o", "multitok.counter(...).count(ImageInfo)"
    try:
        from vision_squeezer import estimate_tokens
    except ImportError:
        yield from (skipped(work, "", "vision-squeezer is not installed") for work in works)
        return
    infos = [ImageInfo(w, h) for w, h in sizes(1000)]
    pairs = sizes(1000)
    counter = multitok.counter(model="gpt-4o", modality="image")
    peer = over(lambda size: estimate_tokens(*size, "gpt-4o"), pairs)
    apart = sum(
        counter.count(i) != estimate_tokens(i.width, i.height, "gpt-4o")["tokens"] for i in infos
    )
    note = f"of 1,000 sizes, each met before, the two give {1000 - apart:,} the same number"
    ours, theirs = best(over(lambda info: multitok.count(info, model="gpt-4o"), infos), peer)
    yield {
        **row(works[0], ours=ours / 1000, peer=theirs / 1000, against="estimate_tokens", note=note),
        "target": "under 3 µs", "ok": ours / 1000 < 3e-6,
    }  # fmt: skip
    ours, theirs = best(over(counter.count, infos), peer)
    yield row(works[1], ours=ours / 1000, peer=theirs / 1000, against="estimate_tokens", faster=1)
    ours, theirs = best(new_sizes(counter.count), peer)
    yield row(f"{works[1]}, a new size", ours=ours / 1000, peer=theirs / 1000,
              against="estimate_tokens")  # fmt: skip


def tiled() -> Iterator[Row]:
    """One count by the rule of a picture that is cut: against what the processor's method asks, and
    the look for a canvas that Llama 4's processor makes, which has no such method."""
    pairs = sizes(1000)
    infos = [ImageInfo(w, h) for w, h in pairs]
    rule = multitok.tokenizer_for_model("meta-llama/Llama-4-Scout-17B-16E-Instruct", "image")
    peer = best_fit()
    assert all(rule.layout(i).canvas == peer((i.height, i.width))[::-1] for i in infos[:50])
    ours, theirs = best(over(rule.count, infos), over(peer, [(h, w) for w, h in pairs]))
    yield row("separated-tiles: count a size, Llama 4", ours=ours / 1000, peer=theirs / 1000,
              against="get_best_fit", faster=3)  # fmt: skip


def best_fit() -> Callable[[tuple[int, int]], tuple[int, int]]:
    """`get_best_fit` of transformers' image_processing_llama4.py, restated: the module needs
    torchvision. (height, width) of the canvas."""
    import torch

    sides = [(r * 336, c * 336) for r in range(1, 17) for c in range(1, 17) if r * c <= 16]
    canvases = torch.tensor(sides)

    def fit(size: tuple[int, int]) -> tuple[int, int]:
        tall, wide = canvases[:, 0] / size[0], canvases[:, 1] / size[1]
        scales = torch.where(tall > wide, wide, tall)
        larger = scales[scales >= 1]
        chosen = torch.min(larger) if len(larger) else torch.max(scales[scales < 1])
        kept = canvases[scales == chosen]
        least = torch.argmin(kept[:, 0] * kept[:, 1]) if len(kept) > 1 else 0
        height, width = kept[least].tolist()
        return height, width

    return fit


def picture(width: int, height: int) -> np.ndarray:
    """Smooth waves and a little noise: what a photo is to a resize."""
    y, x = np.mgrid[:height, :width]
    waves = [np.sin(x / 97), np.cos(y / 61), np.sin((x + 2 * y) / 151)]
    noise = np.random.default_rng(0).integers(-8, 8, (height, width, 3))
    return (127.5 + 110 * np.stack(waves, axis=-1) + noise).clip(0, 255).astype(np.uint8)


def encodes() -> Iterator[Row]:
    """The same pixels in, the reference's arrays out; each differs by less than 1e-4."""
    for work, name, params, peer, pixels, faster in (
        (
            "encode 12 MP, Qwen2-VL at 1,280 tokens",
            "fit-merge",
            {},
            processor("qwen2_vl", "Qwen2VLImageProcessor"),
            picture(4032, 3024),
            1.3,
        ),
        (
            "encode 1920x1080, CLIP",
            "fixed-grid",
            {"size": 224, "patch": 16, "fill": "crop", "extra": 1, **CLIP},
            processor("clip", "CLIPImageProcessor"),
            picture(1920, 1080),
            1,
        ),
    ):
        tokenizer, media = get_tokenizer(name, **params), Image(pixels)
        made = tokenizer.encode(media).inputs["pixel_values"]
        given = peer(pixels, return_tensors="np")["pixel_values"]
        assert np.abs(made - given).max() < 1e-4, work
        ours, theirs = best(
            lambda tokenizer=tokenizer, media=media: tokenizer.encode(media),
            lambda peer=peer, pixels=pixels: peer(pixels, return_tensors="np"),
            seconds=8,  # a resize is 20 to 100 ms: enough rounds for a quiet one
        )
        yield row(
            work, ours=ours, peer=theirs, against="transformers, Pillow back end", faster=faster
        )


def coded() -> Iterator[Row]:
    """Pictures as discrete tokens: the same ids and the same picture as from plain loops."""
    import plain_dct

    pixels = picture(768, 512)
    tokenizer, media = get_tokenizer("dct-bpe"), Image(pixels)
    tokens = tokenizer.encode(media)
    ids = plain_dct.encode(pixels, 20.0)
    assert ids == tokens.ids.tolist()
    off = plain_dct.decode(ids, 768, 512, 20.0).astype(int) - tokenizer.decode(tokens).pixels
    assert np.abs(off).max() <= 1
    for work, ours, theirs in (
        ("encode", lambda: tokenizer.encode(media), lambda: plain_dct.encode(pixels, 20.0)),
        (
            "decode",
            lambda: tokenizer.decode(tokens),
            lambda: plain_dct.decode(ids, 768, 512, 20.0),
        ),
    ):
        took, peer = best(ours, theirs, seconds=8)
        against = "a block at a time, OpenCV's DCT, tokenizers"
        yield row(f"dct-bpe {work}, 768x512", ours=took, peer=peer, against=against, faster=5)


def fits() -> Iterator[Row]:
    """Every size of a 12 MP picture under a budget; the target follows the cost of one count."""
    size = ImageInfo(4032, 3024)
    for model in ("gpt-5.4", "Qwen/Qwen2.5-VL-7B-Instruct", "OpenGVLab/InternVL3-8B-hf"):
        counter = multitok.tokenizer_for_model(model, "image")
        ours, one = best(
            lambda model=model: multitok.fit(size, model=model, max_tokens=800),
            lambda counter=counter: counter.count(size),
        )
        limit = 0.05 if one < 10e-6 else 0.3
        yield {
            "work": f"fit of 4032 x 3024, {model}",
            "ours": duration(ours),
            "peer": f"one count: {duration(one)}",
            "ratio": "",
            "target": f"under {limit * 1000:g} ms",
            "ok": ours < limit,
        }


def rows() -> Iterator[Row]:
    warnings.simplefilter("ignore")
    yield from coded()
    try:
        import transformers  # noqa: F401
    except ImportError:
        yield skipped("pictures", "", "transformers is not installed")
        return
    yield from counts()
    yield from counted_by_model()
    yield from smallest()
    yield from tiled()
    yield from fits()
    yield from encodes()
