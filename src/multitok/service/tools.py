"""What an agent may ask, each a call of the library with a short answer. Their docstrings are what
the agent reads: when to call, and what comes back. Nothing is written, fetched or opened outside
of the roots."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from multitok.core.errors import MultitokError
from multitok.service.answers import checked_name, counted, most_of
from multitok.service.given import MODELS
from multitok.service.refusals import Refused
from multitok.service.roots import Roots

if TYPE_CHECKING:
    from multitok.budgets.clips import VideoFit
    from multitok.budgets.pictures import Fit
    from multitok.budgets.sounds import SoundFit
    from multitok.counting.comparison import Row
    from multitok.counting.counts import Count
    from multitok.requests.batches import BatchCount
    from multitok.requests.whole import RequestCount
    from multitok.service.settings import Settings

NOTES = 5
"""Of a count, the first: what matters stands first."""
DEAREST = 10
"""Parts, files and folders that are listed, the dearest first."""
CUT = 20_000
"""Tokens that `truncate` gives at once."""
WINDOW = 64
"""Characters a token that are looked at to cut a text: even long words have fewer."""
FILES = 20_000
"""Files of one folder: a count cannot be stopped."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One count: `most` is what an estimate may be, `cost_usd` null where no price is known."""

    model: str
    tokens: int
    most: int
    kind: str
    cost_usd: str | None
    context_window: int | None
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Counts:
    rows: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A whole request: what is `unknown` is in no number."""

    model: str
    tokens: int
    most: int
    kind: str
    complete: bool
    cost_usd: str | None
    context_window: int | None
    dearest: list[dict[str, Any]]
    unknown: list[str]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Fitted:
    """What fits; `choices` are alternatives, each to be turned by itself."""

    tokens_now: int
    fits: bool
    choices: list[dict[str, Any]]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    tokens: int
    next_start: int | None


@dataclass(frozen=True, slots=True)
class Tree:
    """The files of a folder added up: the largest folders and files are listed."""

    model: str
    files: int
    tokens: int
    kind: str
    cost_usd: str | None
    folders: list[dict[str, Any]]
    largest: list[dict[str, Any]]
    errors: list[str]


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
        return _counted(count(source, model=named, modality=modality, catalog=self._catalog))

    def compare(self, path: str, models: list[str] | None = None) -> Counts:
        """One file for several models (default: the usual ones), to choose the cheapest."""
        from multitok.counting.comparison import compare

        asked = tuple(map(self._model, models or ()))
        if len(asked) > MODELS:
            raise Refused(400, f"at most {MODELS} models are compared at once")
        rows = compare(self._roots.file(path), models=asked, catalog=self._catalog)
        return Counts(rows=list(map(_row, rows)))

    def request(self, path: str, model: str | None = None) -> Asked:
        """Tokens and cost of an API request in a JSON file, a batch, or MCP tools/list answers:
        the total, its dearest parts, what nobody can count."""
        from multitok.requests.batches import count_batch, payload_in

        settings = self._settings
        payload, many = payload_in(self._roots.file(path))
        named = self._model(model) if model is not None else None
        if not many:
            return _asked(counted(payload, settings, model=named))
        batch = count_batch(
            payload, named, catalog=self._catalog, assume_image=settings.assume_image,
            calibration=settings.calibration, template=settings.template,
            bound=settings.limits.text,
        )  # fmt: skip
        return _batch(batch)

    def fit(self, path: str, model: str, max_tokens: int) -> Fitted:
        """The largest picture size, or rate, size or length of a clip or sound, within
        max_tokens."""
        from multitok.budgets.fitting import fit

        found = fit(
            self._roots.file(path), max_tokens=max_tokens, model=self._model(model),
            catalog=self._catalog,
        )  # fmt: skip
        return _fitted(found)

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
        return _tree(told, named, len(files), failed)

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


def _counted(count: Count) -> Counted:
    from multitok.report.documents import usd

    return Counted(
        model=count.model or count.tokenizer,
        tokens=count.tokens,
        most=most_of(count),
        kind="rejected" if count.rejected else count.kind,
        cost_usd=None if count.rejected else usd(count.cost().high),
        context_window=count.context_window,
        notes=list(count.notes[:NOTES]),
    )


def _row(row: Row) -> dict[str, Any]:
    """A model's count, or why there is none."""
    if row.count is None:
        return {"model": row.model, "tokens": None, "kind": row.kind, "why": row.why}
    found = {**asdict(_counted(row.count)), "model": row.model}
    del found["notes"]  # the same for many: `count` tells them
    return found | ({"why": row.why} if row.why else {})


def _asked(count: RequestCount) -> Asked:
    """A request's sum, and the parts that it is mostly made of."""
    from multitok.report.documents import usd
    from multitok.report.requests import render_overflow

    parts = [
        (name, "MCP server", sum(part.tokens or 0 for part in of))
        for name, of in count.servers().items()
    ] or [(part.path, part.what, part.tokens or 0) for part in count.parts]
    cost = count.cost()
    notes = [*render_overflow(count), *count.notes, *count.left_out]
    return Asked(
        model=count.model,
        tokens=count.tokens,
        most=count.most,
        kind=count.kind,
        complete=count.complete,
        cost_usd=usd(cost.high),
        context_window=count.context_window,
        dearest=_dearest(parts),
        unknown=[f"{part.path}: {'; '.join(part.notes)}" for part in count.unknown[:DEAREST]],
        notes=[*notes, *([cost.why] if cost.why else [])][:NOTES],
    )


def _batch(batch: BatchCount) -> Asked:
    """A batch's sum, and the requests that it is mostly made of."""
    from multitok.report.documents import usd

    whole = batch.counted
    cost = batch.cost()
    open_ = [f"{line.id}: {line.error}" for line in batch.errors]
    open_ += [f"{line.id}: {p.path}" for line in batch.lines if line.counted
              for p in line.counted.unknown]  # fmt: skip
    models = sorted({one.model for one in whole})
    parts = [(line.id, "request", line.counted.tokens) for line in batch.lines if line.counted]
    return Asked(
        model=", ".join(models),
        tokens=batch.tokens,
        most=batch.most,
        kind=batch.kind,
        complete=batch.complete,
        cost_usd=usd(cost.high),
        context_window=None,
        dearest=_dearest(parts),
        unknown=open_[:DEAREST],
        notes=[f"{len(batch.lines)} requests", *([cost.why] if cost.why else [])],
    )


def _dearest(parts: Sequence[tuple[str, str, int]]) -> list[dict[str, Any]]:
    listed = sorted(parts, key=lambda part: -part[2])[:DEAREST]
    return [{"path": path, "what": what, "tokens": tokens} for path, what, tokens in listed]


def _fitted(found: Fit | VideoFit | SoundFit) -> Fitted:
    """Each knob by itself, as far as it must be turned."""
    from multitok.report.fits import fit_to_dict

    told = fit_to_dict(found)
    knobs = [("size", told.get("best")), *((k, told.get(k)) for k in ("rate", "size", "length"))]
    knobs += [("rate and size", one) for one in told.get("both", ())[:1]]
    return Fitted(
        tokens_now=told["now"]["tokens"] if "now" in told else told["tokens"],
        fits=found.fits,
        choices=[
            {"turn": knob, **{key: value for key, value in choice.items() if value is not None}}
            for knob, choice in knobs
            if choice is not None
        ],
        notes=list(told["notes"])[:NOTES],
    )


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


def _tree(told: Mapping[str, Any], model: str, files: int, failed: list[str]) -> Tree:
    folders = sorted(told["folders"], key=lambda one: -one["tokens"])
    more = len(failed) - DEAREST
    return Tree(
        model=model,
        files=files,
        tokens=told["total"],
        kind=told["kind"],
        cost_usd=told["total_usd"],
        folders=[
            {"path": one["input"], "files": one["files"], "tokens": one["tokens"]}
            for one in folders[:DEAREST]
        ],
        largest=[{"path": one["input"], "tokens": one["tokens"]} for one in told["counts"]],
        errors=[*failed[:DEAREST], *([f"{more} more"] if more > 0 else [])],
    )
