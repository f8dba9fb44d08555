"""What a token file holds: read without pickle, and checked before a decoder trusts it.

An .npz of arrays (special, ids, values, positions, inputs/NAME, state/NAME) and a text of JSON, the
header. The state is of the shapes that our own tokenizers write; a plugin's is its own business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from tokenize import TokenError
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, TypedDict

from multitok.core.archives import BROKEN, expands_too_far
from multitok.core.boundary import called
from multitok.core.errors import DecodeError, MultitokError, SourceError
from multitok.core.info import ActionsInfo, AudioInfo, SeriesInfo, Shape, info_from_dict
from multitok.core.schema import Array, Within, misfit, parsed

if TYPE_CHECKING:
    from zipfile import ZipInfo

SCHEMA = 1
_FAST = 1
"""zlib's level: time goes up sixfold to the next that saves anything to speak of."""
AGAIN = "multitok encode FILE -o TOKENS.npz"

Many = Annotated[int, Within("a whole number from 0 on", 0)]


def _array(kinds: str, *sides: int | None) -> Any:
    return Annotated[Any, Array(kinds, sides)]


ARRAYS: Mapping[str, Any] = {
    "special": _array("b", None),
    "ids": _array("iu", None),
    "values": _array("f", None, None),
    "positions": _array("iu", None, None),
}
"""A row a token; only the first is always there."""


_NONE_OF_OURS: tuple[type[Exception], ...] = (
    *BROKEN, TypeError, KeyError, MemoryError, SyntaxError, TokenError,
)  # fmt: skip
"""What numpy raises for an archive: it parses the header of an array as Python."""


class _Tokenizer(TypedDict):
    tokenizer: str


class _Header(TypedDict):
    schema: Many
    tokenizer: _Tokenizer
    info: dict[str, Any]
    axes: list[str]
    state: dict[str, Any]
    expansion: list[tuple[str, Many]]


_GRIDS: Mapping[str, Any] = {
    "image": tuple[Many, Many], "audio": tuple[Many, Many], "series": tuple[Many, Many],
    "video": tuple[Many, Many, Many],
}  # fmt: skip
"""What a grid holds: rows and columns, steps and channels; of a clip, frames before them."""


class State(dict[str, Any]):
    """The state of a file: what lacks in it is an error that says so."""

    def __missing__(self, name: str) -> Any:
        raise DecodeError(
            f"the tokens lack {name!r}, which decoding needs. Make them again: {AGAIN}"
        )


def write(file: BinaryIO, arrays: Mapping[str, Any]) -> None:
    """Write the arrays as numpy's `savez_compressed` does, faster: the patches of a clip take a
    sixth of the time that they take at zlib's own level, and 8 % more bytes."""
    from zipfile import ZIP_DEFLATED, ZipFile

    import numpy as np

    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_FAST) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.save(member, array, allow_pickle=False)


def read(given: str | Path | BinaryIO) -> dict[str, Any]:
    """The fields of a TokenSequence, from a path or an open file. SourceError where it holds none,
    or is damaged."""
    path = called(given) or "<file>"
    with open(given, "rb") if isinstance(given, str | Path) else nullcontext(given) as file:
        header, arrays = _opened(file, path)
    why = misfit(header, _Header, "header")
    for name, hint in ARRAYS.items():
        if not why and (name in arrays or name == "special"):
            why = misfit(arrays.get(name), hint, name)
    for name, array in arrays.items():
        if not why and array.dtype.kind not in "biuf":
            why = f"{name} must be an array of numbers, got {array.dtype}"
    if why:
        raise _damaged(path, why)
    if header["schema"] != SCHEMA:
        raise SourceError(
            f"{path}: token file of schema {header['schema']}, this version reads {SCHEMA}",
            source=str(path),
        )
    info = info_from_dict(header["info"])
    state = State(header["state"] | _under("state/", arrays))
    if why := _misfit_of_ours(header["tokenizer"]["tokenizer"], info, state):
        raise _damaged(path, why)
    return {
        "tokenizer": header["tokenizer"],
        "info": info,
        "axes": tuple(header["axes"]),
        "inputs": _under("inputs/", arrays),
        "state": state,
        "expansion": tuple((name, times) for name, times in header["expansion"]),
        **{name: arrays.get(name) for name in ARRAYS},
    }


def _bounded(path: str, members: Sequence[ZipInfo]) -> None:
    """SourceError for arrays that say to be far larger than what is packed."""
    packed = sum(member.compress_size for member in members)
    whole = sum(member.file_size for member in members)
    if expands_too_far(packed, whole):
        raise SourceError(
            f"{path}: {packed:,} bytes expand to {whole:,}: a decompression bomb, or tokens that"
            " are all one value: encode a shorter piece",
            source=path,
        )


def _opened(file: BinaryIO, path: str) -> tuple[Any, dict[str, Any]]:
    """The header and the arrays, as they stand."""
    import numpy as np

    try:
        if file.read(2) != b"PK":
            raise ValueError("no archive")
        file.seek(0)
        with np.load(file, allow_pickle=False) as stored:
            _bounded(path, stored.zip.infolist())
            arrays = {name: stored[name] for name in stored.files}
        return parsed(str(arrays.pop("header"))), arrays
    except MultitokError:
        raise
    except _NONE_OF_OURS as error:
        # what numpy says would name pickle, which is never read here
        message = f"{path}: not a token file that multitok wrote. Make one: {AGAIN}"
        raise SourceError(message, source=path) from error


def _misfit_of_ours(name: str, info: Shape, state: Mapping[str, Any]) -> str | None:
    """What does not fit a tokenizer that ships, of what it was made from and what it keeps."""
    from multitok.core.registry import BUILT_IN

    if name not in BUILT_IN:
        return None
    modality = BUILT_IN[name].split(".")[2]
    if info.modality != modality:
        return f"{name} makes tokens of {modality}, and these are of {info.modality}"
    hints = _state(info)
    found = (misfit(state[key], hints[key], f"state.{key}") for key in hints if key in state)
    return next(filter(None, found), None)


def _state(info: Shape) -> dict[str, Any]:
    """What stands under each name of the state that our tokenizers write, for such an input."""
    steps, n = None, None
    if isinstance(info, SeriesInfo):
        steps, n = info.steps, info.channels
    elif isinstance(info, ActionsInfo):
        steps, n = info.steps, info.dims
    elif isinstance(info, AudioInfo):
        n = info.channels
    each = _array("f", n)
    return {
        "grid": _GRIDS.get(info.modality, list[Many]), "tiles": tuple[Many, Many],
        "left": Many, "steps": Many, "step": float, "residual": float,
        "chunks": list[Many], "tokens": list[Many], "symbols": list[Many], "bands": list[Many],
        "bytes": Many, "sample_rate": Many, "fps": float, "duration": float,
        "names": list[str], "gaps": list[str], "vocabulary": str | list[str],
        "mean": each, "std": each, "peak": each, "shift": each, "start": each,
        "loc": _array("f", n, 1), "scale": float | each | _array("f", n, 1),
        "edges": _array("f", n, None), "centers": _array("f", None, 2),
        "observed": _array("b", n, None, None),
        "missing": None | int | _array("b", steps, n),
        "timestamps": _array("f", None), "left_over": _array("u", None, None, None, 3),
    }  # fmt: skip


def _damaged(path: str | Path, why: str) -> SourceError:
    return SourceError(
        f"{path}: damaged token file ({why}). Make it again: {AGAIN}", source=str(path)
    )


def _under(prefix: str, arrays: Mapping[str, Any]) -> dict[str, Any]:
    return {key[len(prefix) :]: value for key, value in arrays.items() if key.startswith(prefix)}
