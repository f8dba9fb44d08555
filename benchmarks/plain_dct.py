"""dct-bpe as one writes it first: a block at a time, symbols in a loop, merges by `tokenizers`.

It gives the ids of `dct-bpe`, and the picture, and is what its speed is held against.
"""

from __future__ import annotations

import gzip
from typing import Any

import cv2
import numpy as np
from PIL import Image as Pillow
from tokenizers import Tokenizer

from multitok.modalities.coding import merges, symbols as sy
from multitok.modalities.coding.rounding import DEAD_ZONE, TIE
from multitok.modalities.image.coded import blocks, quantization as qz
from multitok.modalities.image.coded.dct_bpe import BUNDLED

BPE = Tokenizer.from_str(gzip.decompress(BUNDLED.read_bytes()).decode())
SIDES = (16, 8, 8)


def planes(pixels: np.ndarray) -> list[np.ndarray]:
    """Of a picture whose sides are multiples of 32."""
    red, green, blue = np.moveaxis(pixels.astype(float), 2, 0)
    y = blocks.GREEN * green + blocks.RED * red + blocks.BLUE * blue
    color = [(blue - y) / blocks.TO_BLUE, (red - y) / blocks.TO_RED]
    half = [(c[::2, ::2] + c[1::2, ::2] + c[::2, 1::2] + c[1::2, 1::2]) / 4 for c in color]
    return [y - blocks.GRAY, *half]


def levels(plane: np.ndarray, side: int, row: int, column: int, step: float) -> list[int]:
    """The whole numbers of one block along its zigzag."""
    block = plane[row * side : (row + 1) * side, column * side : (column + 1) * side]
    found = (cv2.dct(np.ascontiguousarray(block)) / step).ravel()[blocks.zigzag(side)]
    rest = found[1:] + np.copysign(0.5 - DEAD_ZONE + TIE, found[1:])
    return [int(np.floor(found[0] + 0.5 + TIE)), *rest.astype(int).tolist()]


def spelled(values: list[int]) -> str:
    """The characters of the symbols of one block."""
    made, zeros = [], 0
    for value in values:
        if not value:
            zeros += 1
            continue
        while zeros:
            run = min(zeros, sy.RUN)
            made.append(sy.FIRST_RUN + run - 1)
            zeros -= run
        while abs(value) > sy.FAR:
            made.append(sy.UP if value > 0 else sy.DOWN)
            value -= sy.FAR if value > 0 else -sy.FAR
        made.append(sy.FIRST_VALUE + sy.FAR + value - (value > 0))
    return "".join(chr(merges.CHARACTER + symbol) for symbol in [*made, sy.END])


def encode(pixels: np.ndarray, step: float) -> list[int]:
    """The ids, patch by patch, square by square."""
    height, width, _ = pixels.shape
    of, means = planes(pixels), {}
    words = []
    for top in range(0, height // 16, 2):
        for left in range(0, width // 16, 2):
            word = ""
            for row, column in ((top, left), (top, left + 1), (top + 1, left), (top + 1, left + 1)):
                for number, (plane, side) in enumerate(zip(of, SIDES, strict=True)):
                    one = levels(plane, side, row, column, qz.steps_of(step)[number])
                    means[number, row, column] = one[0]
                    before = (number, row, column - 1) if column else (number, row - 1, column)
                    one[0] -= means.get(before, 0)
                    word += spelled(one)
            words.append(word)
    return [i for one in BPE.encode_batch(words) for i in one.ids]


def decode(ids: list[int], width: int, height: int, step: float) -> np.ndarray:
    """The picture of ids."""
    text = "".join(BPE.id_to_token(i) for i in ids)
    parts = iter(text.split(chr(merges.CHARACTER + sy.END)))
    of = [np.zeros((height // 16 * side, width // 16 * side)) for side in SIDES]
    means: dict[Any, int] = {}
    for top in range(0, height // 16, 2):
        for left in range(0, width // 16, 2):
            for row, column in ((top, left), (top, left + 1), (top + 1, left), (top + 1, left + 1)):
                for number, (plane, side) in enumerate(zip(of, SIDES, strict=True)):
                    one = _numbers(next(parts), side)
                    before = (number, row, column - 1) if column else (number, row - 1, column)
                    one[0] += means.get(before, 0)
                    means[number, row, column] = one[0]
                    block = np.zeros(side * side)
                    block[blocks.zigzag(side)] = one
                    block = block.reshape(side, side) * qz.steps_of(step)[number]
                    place = np.s_[
                        row * side : (row + 1) * side, column * side : (column + 1) * side
                    ]
                    plane[place] = cv2.idct(block)
    return _picture(of)


def _numbers(part: str, side: int) -> list[int]:
    made, held = [0] * (side * side), 0
    at = 0
    for character in part:
        symbol = ord(character) - merges.CHARACTER
        if symbol in (sy.UP, sy.DOWN):
            held += sy.FAR if symbol == sy.UP else -sy.FAR
        elif symbol < sy.FIRST_VALUE:
            at += symbol - sy.FIRST_RUN + 1
        else:
            value = symbol - sy.FIRST_VALUE - sy.FAR
            made[at] = held + value + (value >= 0)
            at, held = at + 1, 0
    return made


def _picture(of: list[np.ndarray]) -> np.ndarray:
    y = of[0] + blocks.GRAY
    size = y.shape[1], y.shape[0]
    cb, cr = (
        np.asarray(Pillow.fromarray(c.astype(np.float32)).resize(size, Pillow.Resampling.BILINEAR))
        for c in of[1:]
    )
    colors = (
        y + blocks.TO_RED * cr,
        y - blocks.GREEN_CB * cb - blocks.GREEN_CR * cr,
        y + blocks.TO_BLUE * cb,
    )
    return np.clip(np.rint(np.stack(colors, axis=-1)), 0, 255).astype(np.uint8)
