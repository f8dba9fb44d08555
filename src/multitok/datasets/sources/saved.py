"""Data sets as `save_to_disk` of Hugging Face leaves them: a folder of Arrow files and JSON about
them, or one of such folders, a split each. Told without pyarrow, for every folder is asked.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from multitok.core.errors import SourceError
from multitok.core.schema import parsed
from multitok.datasets.places import folder_of, is_remote


class Saved:
    """The saved data sets that lie among the files of what was named."""

    def __init__(self, named: str) -> None:
        self._home = folder_of(named)
        self._known: dict[str, bool] = {}
        self._met: set[str] = set()

    def folder_of(self, path: str) -> str | None:
        """The folder of a file that is one of a saved data set; None for a file that was named
        itself, and for any other."""
        folder = folder_of(path)
        known = self._known.get(folder)
        if known is None:
            known = self._known[folder] = folder != self._home and is_saved_dataset(folder)
        return folder if known else None

    def is_new(self, folder: str) -> bool:
        """Whether its rows are to be read: once, and those of splits where the splits are."""
        if folder in self._met or not _has(folder, "state.json"):
            return False
        self._met.add(folder)
        return True


def is_saved_dataset(folder: str) -> bool:
    """Whether a folder is one that `save_to_disk` of Hugging Face wrote."""
    if is_remote(folder):
        return False
    single = all(_has(folder, name) for name in ("state.json", "dataset_info.json"))
    return single or _has(folder, "dataset_dict.json")


def _has(folder: str, name: str) -> bool:
    return os.path.isfile(os.path.join(folder, name))


def saved_files(folder: str) -> Iterator[str]:
    """The files of a saved data set in their order, of all splits."""
    if not _has(folder, "state.json"):
        for split in _list(folder, "dataset_dict.json", "splits"):
            yield from saved_files(os.path.join(folder, _inside(split, folder)))
        return
    if _list(folder, "state.json", "_indices_data_files", ()):
        raise SourceError(
            f"{folder}: its rows are a choice of those in its files, as data sets before 2.0 saved"
            " it: load it and save it again",
            source=folder,
        )
    for file in _list(folder, "state.json", "_data_files"):
        name = file["filename"] if isinstance(file, dict) and "filename" in file else file
        yield os.path.join(folder, _inside(name, folder))


def _list(folder: str, name: str, key: str, default: Any = None) -> Sequence[Any]:
    """A list in a file of JSON of a saved data set."""
    path = os.path.join(folder, name)
    try:
        with open(path, encoding="utf-8") as file:
            found = parsed(file.read()).get(key, default)
    except (OSError, ValueError, AttributeError) as error:
        raise SourceError(f"{path}: not what Hugging Face saves: {error}", source=path) from None
    if found is None and default is not None:
        return ()
    if not isinstance(found, list | tuple):
        raise SourceError(f"{path}: not what Hugging Face saves: no list {key!r}", source=path)
    return found


def _inside(name: Any, folder: str) -> str:
    """A name of a file in a folder, and not outside of it."""
    if not isinstance(name, str) or os.path.basename(name) != name or name in ("", ".", ".."):
        raise SourceError(f"{folder}: names {name!r}, which is no file in it", source=folder)
    return name
