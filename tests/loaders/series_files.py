"""What the tests of series and movement share: files that are written, read and refused."""

from __future__ import annotations

import pytest

from multitok.core.errors import SourceError
from multitok.loaders import door


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
