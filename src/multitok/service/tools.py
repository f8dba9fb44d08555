"""What an agent may ask, each a call of the library with a short answer. Their docstrings are what
the agent reads: when to call, and what comes back. Nothing is written, fetched or opened outside
of the roots."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING, Any

from multitok.core.errors import MultitokError
from multitok.service.answers import checked_name, counted
from multitok.service.brief import (
    DEAREST,
    Asked,
    Counted,
    Counts,
    Fitted,
    Piece,
    Tree,
    asked_of,
    batch_of,
    counted_of,
    fitted_of,
    row_of,
    tree_of,
)
from multitok.service.given import MODELS
from multitok.service.refusals import Refused
from multitok.service.roots import Roots

if TYPE_CHECKING:
    from multitok.counting.counts import Count
    from multitok.service.settings import Settings

CUT = 20_000
"""Tokens that `truncate` gives at once."""
WINDOW = 64
"""Characters a token that are looked at to cut a text: even long words have fewer."""
FILES = 20_000
"""Files of one folder: a count cannot be stopped."""


class Tools:
    """The tools, for files below these roots."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._roots = Roots(settings.roots)

    def count(
        self,
        model: str,
        path: str | None = None,
        text: str | None = None,
        width: int | None = None,
        height: int | None = None,
    ) -> Counted:
        """Tokens and cost of one input before you send or read it: a file (text, picture, PDF,
        video, sound, CSV), a text, or a picture by its size. kind says how sure, most how many it
        may be."""
        from multitok.counting.door import count

        source, modality = self._source(path, text, width, height)
        named = self._model(model)
        return counted_of(count(source, model=named, modality=modality, catalog=self._catalog))

    def compare(self, path: str, models: list[str] | None = None) -> Counts:
        """One file for several models (default: the usual ones), to choose the cheapest."""
        from multitok.counting.comparison import compare

        asked = tuple(map(self._model, models or ()))
        if len(asked) > MODELS:
            raise Refused(400, f"at most {MODELS} models are compared at once")
        rows = compare(self._roots.file(path), models=asked, catalog=self._catalog)
        return Counts(rows=list(map(row_of, rows)))

    def request(self, path: str, model: str | None = None) -> Asked:
        """Tokens and cost of an API request in a JSON file, a batch, or MCP tools/list answers:
        the total, its dearest parts, what nobody can count."""
        from multitok.requests.batches import count_batch, payload_in

        settings = self._settings
        payload, many = payload_in(self._roots.file(path))
        named = self._model(model) if model is not None else None
        if not many:
            return asked_of(counted(payload, settings, model=named))
        batch = count_batch(
            payload, named, catalog=self._catalog, assume_image=settings.assume_image,
            calibration=settings.calibration, template=settings.template,
            bound=settings.limits.text,
        )  # fmt: skip
        return batch_of(batch)

    def fit(self, path: str, model: str, max_tokens: int) -> Fitted:
        """The largest picture size, or rate, size or length of a clip or sound, within
        max_tokens."""
        from multitok.budgets.fitting import fit

        found = fit(
            self._roots.file(path), max_tokens=max_tokens, model=self._model(model),
            catalog=self._catalog,
        )  # fmt: skip
        return fitted_of(found)

    def truncate(self, path: str, model: str, max_tokens: int, start: int = 0) -> Piece:
        """Read a text file up to max_tokens (at most 20000) from character start on; go on at
        next_start. Needs a model whose vocabulary is public, such as gpt-5.4."""
        from multitok.budgets.texts import truncate

        if not 1 <= max_tokens <= CUT or start < 0:
            raise Refused(400, f"max_tokens must be from 1 to {CUT}, and start 0 or more")
        text, more = _window(self._roots.file(path), start, max_tokens * WINDOW)
        cut = truncate(text, max_tokens, model=self._model(model), catalog=self._catalog)
        if text and not cut.text:
            raise Refused(400, f"one character takes more than {max_tokens} tokens: allow more")
        more = more or len(cut.text) < len(text)
        follows = start + len(cut.text) if more else None
        return Piece(text=cut.text, tokens=cut.tokens, next_start=follows)

    def folder(self, path: str, model: str) -> Tree:
        """Tokens of all files below a folder (.gitignore holds): total, and its largest folders and
        files. Call before reading a repository."""
        from multitok.counting.many import count_many
        from multitok.loaders.folders import files_in
        from multitok.report.tree import tree_to_dict

        folder, root = self._roots.folder(path)
        named = self._model(model)
        failed: list[str] = []
        listed = files_in(folder, lambda _, error: failed.append(str(error)), top=root)
        files = list(islice(listed, FILES + 1))
        if len(files) > FILES:
            raise Refused(400, f"more than {FILES} files: name a folder in it")
        found: list[tuple[str, Count]] = []
        results = count_many(files, model=named, catalog=self._catalog)
        for name, result in zip(files, results, strict=True):
            if isinstance(result, MultitokError):
                failed.append(str(result))
            else:
                found.append((os.path.relpath(name, folder), result))
        names = {name for name, _ in found}
        told = tree_to_dict(found, names, top=DEAREST, cost=True)
        return tree_of(told, named, len(files), failed)

    # --- what they share --------------------------------------------------------------------------

    @property
    def _catalog(self) -> tuple[str, ...]:
        return self._settings.catalog

    def _model(self, name: str) -> str:
        return self._settings.model(checked_name(name))

    def _source(
        self, path: str | None, text: str | None, width: int | None, height: int | None
    ) -> tuple[Any, Any]:
        """What is counted, and how it is read."""
        from multitok.core.info import ImageInfo

        sized = width is not None or height is not None
        if [path is not None, text is not None, sized].count(True) != 1:
            raise Refused(400, "give one of path, text, or width and height")
        if text is not None:
            return text, "text"
        if path is not None:
            return self._roots.file(path), None
        if width is None or height is None:
            raise Refused(400, "a picture's size is width and height")
        return ImageInfo(width, height), None


def _window(path: str, start: int, size: int) -> tuple[str, bool]:
    """So many characters of a text file from `start` on, and whether more follow."""
    from multitok.loaders.source import source_of
    from multitok.loaders.text import chunks

    kept, at = "", 0
    with source_of(path).open() as file:
        for piece in chunks(file, name=path):
            kept += piece[max(start - at, 0) :]
            at += len(piece)
            if len(kept) > size:
                break
    return kept[:size], len(kept) > size
