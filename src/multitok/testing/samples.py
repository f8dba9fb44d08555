"""Awkward media of every modality: 1 x 1, prime sides, empty, constant, NaN, an outlier."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def samples(modality: str) -> list[Any]:
    """Awkward media of one modality; the same in every process."""
    return list(_SAMPLES[modality]())


def _texts() -> Iterator[Any]:
    from multitok.core.media import Text

    for text in (
        "",
        " ",
        "hello world",
        "a\n\n  b\t\r\n",
        "naïve café, Ünïcödé",
        "日本語のテキスト、混在 with English",
        "👩‍👩‍👧‍👦🇺🇳 é́",
        "<|endoftext|> is plain text",
        "\x00\ud83d",
        "x" * 300,
    ):
        yield Text(text)


def _images() -> Iterator[Any]:
    import numpy as np

    from multitok.core.media import Image

    rng = np.random.default_rng(0)
    for width, height in ((1, 1), (1, 7), (31, 17), (113, 41), (64, 64), (90, 211)):
        yield Image(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))


def _videos() -> Iterator[Any]:
    import numpy as np

    from multitok.core.media import Video

    rng = np.random.default_rng(0)
    for frames, width, height, fps in ((1, 17, 31, 1.0), (5, 33, 18, 10.0), (40, 40, 24, 10.0)):
        pixels = rng.integers(0, 256, (frames, height, width, 3), dtype=np.uint8)
        yield Video(pixels, np.arange(frames) / fps, fps, frames / fps)


def _audios() -> Iterator[Any]:
    import numpy as np

    from multitok.core.media import Audio

    rng = np.random.default_rng(0)
    for n, rate, channels in ((0, 16000, 1), (1, 16000, 1), (4001, 16000, 1), (9001, 8000, 2)):
        wave = rng.uniform(-1, 1, (n, channels)).astype(np.float32)
        yield Audio(wave, rate)
    yield Audio(np.zeros((1600, 1), np.float32), 16000)


def _series() -> Iterator[Any]:
    import numpy as np

    from multitok.core.media import Series

    rng = np.random.default_rng(0)
    walk = np.cumsum(rng.standard_normal((97, 2)), axis=0)
    holes = walk[:, :1].copy()
    holes[[0, 5, 6, 96]] = np.nan
    spike = np.zeros(50)
    spike[31] = 1e9
    yield Series(np.empty((0, 1)))
    yield Series(np.array([2.5]))
    yield Series(np.full(33, 3.0))
    yield Series(np.zeros(8))
    yield Series(walk)
    yield Series(holes)
    yield Series(np.full(5, np.nan))
    yield Series(spike)


def _actions() -> Iterator[Any]:
    import numpy as np

    from multitok.core.media import Actions

    rng = np.random.default_rng(0)
    t = np.linspace(0, 1, 50)[:, None]
    smooth = 0.6 * np.sin(2 * np.pi * t * rng.uniform(0.3, 1.5, 7) + rng.uniform(0, 6, 7))
    yield Actions(np.zeros((1, 1)))
    yield Actions(smooth, hz=10.0)
    yield Actions(rng.uniform(-1, 1, (7, 3)))
    yield Actions(np.full((5, 2), 0.25))
    yield Actions(rng.uniform(-1, 1, (9, 3)), hz=5.0, episodes=(4, 0, 5))


def _pdfs() -> Iterator[Any]:
    from multitok.core.media import Pdf, PdfPage

    yield Pdf(pages=())
    yield Pdf(pages=(PdfPage(text="", width_pt=1.0, height_pt=1.0),))
    letter = PdfPage(text="a page", width_pt=612.0, height_pt=792.0)
    yield Pdf(pages=(letter, letter, PdfPage(text="naïve 日本", width_pt=842.0, height_pt=595.0)))


_SAMPLES: dict[str, Callable[[], Iterator[Any]]] = {
    "text": _texts,
    "image": _images,
    "video": _videos,
    "audio": _audios,
    "series": _series,
    "actions": _actions,
    "pdf": _pdfs,
}
