"""The table that all engines count, and what a plain loop makes of it."""

import io
from pathlib import Path

from PIL import Image

import multitok

ROOT = Path(__file__).parent.parent
MODEL = "gpt-4o"


def picture(number):
    out = io.BytesIO()
    shape = 64 + 97 * number, 500
    Image.new("RGB", shape, (number, 40, 90)).save(out, ("PNG", "JPEG", "WEBP")[number % 3])
    return out.getvalue()


TEXTS = [*(ROOT / "samples" / "english.txt").read_text("utf-8").split(", ")[:20], None]
GOOD = [picture(number) for number in range(len(TEXTS) - 2)]
IMAGES = [*GOOD[:3], b"\xff\xd8\xff broken", b"", *GOOD[3:]]


def counted(cells, modality):
    """(tokens, errors) of a plain loop."""
    rule = multitok.counter(model=MODEL, modality=modality)
    tokens, errors = 0, 0
    for cell in cells:
        try:
            tokens += rule.count(cell)
        except multitok.MultitokError:
            errors += 1
    return tokens, errors


WANTED = {"text": counted(TEXTS, "text"), "image": counted(IMAGES, "image")}
assert WANTED["text"][1] == 1
assert WANTED["image"][1] == 2
