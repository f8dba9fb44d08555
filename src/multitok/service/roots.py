"""The folders whose files an agent may have counted: a path that leads out of them is refused
before anything is opened."""

from __future__ import annotations

import os
from collections.abc import Sequence

from multitok.core.errors import SourceError
from multitok.report.safe import shown
from multitok.service.refusals import Refused


class Roots:
    """Folders as they really lie: links in them, and `..`, are followed before a path is judged."""

    def __init__(self, folders: Sequence[str]) -> None:
        """SourceError where one of them is no folder."""
        for folder in folders:
            if not os.path.isdir(folder):
                raise SourceError(
                    f"{folder}: not a folder: --root FOLDER names one that may be read",
                    source=folder,
                )
        self.folders = tuple(map(os.path.realpath, folders))

    def file(self, path: str) -> str:
        """The file of this path: one that begins at no root is looked for in each of them."""
        found = self._within(path)
        if os.path.isdir(found):
            raise Refused(400, f"{path}: a folder: the tool `folder` counts what is in it")
        return found

    def folder(self, path: str) -> tuple[str, str]:
        """The folder of this path, and the root that it lies in."""
        found = self._within(path)
        if not os.path.isdir(found):
            why = (
                "a file: the tool `count` counts it" if os.path.exists(found) else "no such folder"
            )
            raise Refused(400, f"{path}: {why}")
        return found, next(root for root in self.folders if _is_below(found, root))

    def _within(self, path: str) -> str:
        try:
            places = [os.path.realpath(os.path.join(root, path)) for root in self.folders]
        except ValueError:  # a null byte
            raise Refused(400, f"{shown(path[:200])}: no path") from None
        allowed = [place for place in places if any(_is_below(place, r) for r in self.folders)]
        if not allowed:
            raise Refused(
                403,
                f"{shown(path[:200])}: outside of what may be read here:"
                f" {', '.join(map(shown, self.folders))}. Whoever starts the server can add"
                " --root FOLDER",
            )
        return next(filter(os.path.exists, allowed), allowed[0])


def _is_below(path: str, root: str) -> bool:
    return path == root or path.startswith(os.path.join(root, ""))
