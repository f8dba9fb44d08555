"""What the tests of series and movement share: files that are written, read and refused."""

from __future__ import annotations

import random

import pytest

from multitok.core.errors import MultitokError, SourceError, UnexpectedError
from multitok.loaders import door
from multitok.loaders.source import Source


def written(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def both(path, **options):
    """The medium and its shape by the header, which must agree."""
    medium = door.load(path, **options)
    assert door.probe(path, **options) == medium.info
    return medium


def refused(path, **options):
    """What a load says without the path, and a count with the same words."""
    with pytest.raises(SourceError) as loaded:
        door.load(path, **options)
    with pytest.raises(SourceError) as counted:
        door.examine(path, **options)
    assert str(counted.value) == str(loaded.value)
    assert str(loaded.value).startswith(f"{path}: ")
    return str(loaded.value).removeprefix(f"{path}: ")


def check_damage_is_refused_alike(name, data, *, times=80):
    """Cut, or with a few bytes changed, a file is read by a count and a load, or by neither;
    nothing but an error of multitok comes out, and some of the damage is met."""
    chance = random.Random(0)
    met = 0
    for turn in range(times):
        hurt = bytearray(data[: chance.randrange(len(data))] if turn % 5 == 0 else data)
        for _ in range(chance.choice((1, 2, 5)) if hurt and turn % 5 else 0):
            hurt[chance.randrange(len(hurt))] = chance.choice((0, 255, chance.randrange(256)))
        source = Source(name, data=bytes(hurt), size=len(hurt))
        for modality in ("series", "actions"):
            counted = _outcome(lambda: door.examine(source, modality=modality).info)  # noqa: B023
            loaded = _outcome(lambda: door.load(source, modality=modality).info)  # noqa: B023
            assert counted == loaded, bytes(hurt)
            met += loaded == "refused"
    assert met


def _outcome(read):
    try:
        return read()
    except UnexpectedError:
        raise
    except MultitokError:
        return "refused"
