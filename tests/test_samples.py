"""The samples are what their README says, and cost what it says."""

import re
from pathlib import Path

import pytest

import multitok
from multitok.loaders.door import examine

SAMPLES = Path(__file__).parent.parent / "samples"


def table(heading: str) -> list[list[str]]:
    """The rows of the README's table whose first line starts with `heading`."""
    text = (SAMPLES / "README.md").read_text("utf-8")
    block = text[text.index(heading) :].split("\n\n")[0]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in block.splitlines()[2:]]


COUNTS = table("| file | model")


def test_every_sample_is_listed_with_origin_and_license():
    rows = table("| file | what")
    files = {path.name for path in SAMPLES.iterdir() if path.name != "README.md"}
    assert {row[0] for row in rows} == files
    assert all(len(row) == 4 and all(row) for row in rows)


def test_samples_are_small():
    assert {
        path.name: path.stat().st_size
        for path in SAMPLES.iterdir()
        if path.stat().st_size > 200_000
    } == {}


def test_the_photo_is_turned_by_its_header():
    probed = examine(SAMPLES / "photo.jpg")
    assert str(probed.info) == "600 x 400"
    assert probed.facts == {"orientation": 6, "stored": (400, 600)}


def test_the_photo_is_upright_once_loaded():
    """The dark corner of the room is at the top left; the cup's pale rim is above the middle."""
    pixels = multitok.load(SAMPLES / "photo.jpg").pixels
    assert pixels[:80, :100].mean() < 50 < pixels[300:, 500:].mean()
    assert pixels[100, 190].min() > 180


@pytest.mark.parametrize(("file", "model", "tokens"), COUNTS, ids=["-".join(c[:2]) for c in COUNTS])
def test_a_sample_costs_what_the_table_says(file, model, tokens):
    assert multitok.count(SAMPLES / file, model=model).tokens == int(re.sub(r"\D", "", tokens))
