"""Pictures: headers, the command, a count by path, and patches of pixels in memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image as Pillow

import multitok
from measure import Row, best, duration, row, skipped
from multitok.loaders.door import probe

PHOTO = Path(__file__).parent.parent / "samples" / "photo.jpg"
SIZE = (1920, 1080)


def rows() -> Iterator[Row]:
    with TemporaryDirectory() as folder:
        picture = smooth(*SIZE)
        yield from headers(Path(folder), picture)
        yield count_against_transformers(Path(folder), picture)
        yield patches()
        yield command(Path(folder))
        yield from many(Path(folder))


def smooth(width: int, height: int) -> Pillow.Image:
    """A picture that compresses as a photograph does."""
    noise = np.random.default_rng(0).integers(0, 256, (height // 16, width // 16, 3), np.uint8)
    return Pillow.fromarray(noise).resize((width, height), Pillow.Resampling.BICUBIC)


def headers(folder: Path, picture: Pillow.Image) -> Iterator[Row]:
    """Width and height of a 1920 x 1080 picture, from a path."""
    turned = Pillow.Exif()
    turned[0x112] = 6
    files: list[tuple[str, str, dict[str, Any], float]] = [
        ("PNG", "png", {"compress_level": 1}, 1),
        ("PNG with EXIF", "png", {"compress_level": 1, "exif": turned}, 1),
        ("JPEG", "jpg", {}, 1),
        ("JPEG with EXIF", "jpg", {"exif": turned}, 1),
        ("JPEG with 500 kB of ICC", "jpg", {"icc_profile": bytes(500_000)}, 1),
        ("GIF", "gif", {}, 1),
        ("WebP", "webp", {}, 20),
        ("BMP", "bmp", {}, 1),
        ("TIFF", "tif", {}, 1),
        ("AVIF", "avif", {"speed": 10}, 1),
    ]
    for name, suffix, options, faster in files:
        path = str(folder / f"{name}.{suffix}")
        picture.save(path, **options)
        yield header(f"header of a {name} file", path, faster)
    try:
        import pillow_heif
    except ImportError:
        yield skipped("header of a HEIC file", "not slower", "pillow-heif is not installed")
        return
    pillow_heif.register_heif_opener()
    path = str(folder / "picture.heic")
    picture.save(path)
    yield header("header of a HEIC file", path, 1)


def header(work: str, path: str, faster: float) -> Row:
    ours, peer = best(lambda: probe(path), lambda: Pillow.open(path).size, 0.4)
    return row(work, ours=ours, peer=peer, against="Pillow open().size", faster=faster)


def start() -> list[str]:
    """How the command is started, installed or not."""
    script = Path(sys.executable).with_name("multitok")
    return [str(script)] if script.exists() else [sys.executable, "-m", "multitok"]


def processes(
    folder: Path, ours: list[str], peer: list[str], seconds: float = 4.0
) -> tuple[float, float]:
    """Whole processes, from the interpreter's start; both find their modules compiled."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def process(arguments: list[str]) -> None:
        subprocess.run(arguments, env=environment, stdout=subprocess.DEVNULL, check=True)

    return best(lambda: process(ours), lambda: process(peer), seconds)


def command(folder: Path) -> Row:
    code = f"import click, PIL.Image; PIL.Image.open({str(PHOTO)!r}).size"
    ours, peer = processes(folder, [*start(), "inspect", str(PHOTO)], [sys.executable, "-c", code])
    against = "python, import click and PIL, open().size"
    return row("multitok inspect photo.jpg", ours=ours, peer=peer, against=against, within=1.3)


READ_WITH_PILLOW = """
import json, sys
from PIL import Image
for path in sys.argv[1:]:
    with Image.open(path) as picture:
        width, height = picture.size
    print(json.dumps({"input": path, "width": width, "height": height}))
"""


def many(folder: Path) -> Iterator[Row]:
    """A thousand small pictures as a stream of counts; a thousand small texts held to a limit."""
    pictures, texts = [], []
    for i in range(1000):
        pictures.append(str(folder / f"{i}.jpg"))
        Pillow.new("RGB", (320 + i % 50, 240 + i % 40)).save(pictures[-1])
        texts.append(folder / "texts" / f"{i}.md")
        texts[-1].parent.mkdir(exist_ok=True)
        texts[-1].write_text(f"# Note {i}\n\nA few words that are far under any limit.\n")
    ours, peer = processes(
        folder,
        [*start(), "count", "--jsonl", "-m", "gpt-4o", *pictures],
        [sys.executable, "-c", READ_WITH_PILLOW, *pictures],
    )
    against = "a script that reads the headers with Pillow"
    yield row("count --jsonl of 1,000 JPEGs", ours=ours, peer=peer, against=against, within=1.3)
    check = [*start(), "check", str(texts[0].parent), "--max-tokens", "500", "-m", "gpt-4o"]
    ours, peer = processes(folder, check, [sys.executable, "-c", "pass"])
    yield {
        "work": "check of 1,000 small files, all within their limit",
        "ours": duration(ours),
        "peer": "",
        "ratio": "",
        "target": "under 1 s",
        "ok": ours < 1,
    }


def count_against_transformers(folder: Path, picture: Pillow.Image) -> Row:
    """Tokens of a 1920 x 1080 JPEG by Qwen2-VL's rule."""
    work, against = "count a 1920x1080 JPEG by path", "transformers' Qwen2-VL image processor"
    try:
        from transformers.models.qwen2_vl import image_processing_pil_qwen2_vl as peer_module
    except ImportError:
        return skipped(work, "1000 times faster", "transformers is not installed")
    path = str(folder / "JPEG.jpg")
    processor = peer_module.Qwen2VLImageProcessorPil()

    def theirs() -> int:
        made = processor(Pillow.open(path), return_tensors="np")
        return int(made["image_grid_thw"][0].prod()) // 4

    def ours() -> int:
        return multitok.count(path, tokenizer="fit-merge").tokens

    if ours() != theirs():
        raise SystemExit(f"the counts differ: {ours()} and {theirs()}")
    fast, slow = best(ours, theirs, 2.0)
    return row(work, ours=fast, peer=slow, against=against, faster=1000)


def patches() -> Row:
    """float32 patches of 16 x 16 of a decoded 12 MP picture, against a copy of the result."""
    noise = np.random.default_rng(0).integers(0, 256, (3000, 4000, 3), np.uint8)
    picture = multitok.Image(noise)
    tokenizer = multitok.get_tokenizer("patch", size=16)
    values = tokenizer.encode(picture).values
    ours, peer = best(lambda: tokenizer.encode(picture), values.copy, 1.5)
    return row(
        "patch encode of a 12 MP picture", ours=ours, peer=peer, against="numpy copy of the output",
        within=10,
    )  # fmt: skip
