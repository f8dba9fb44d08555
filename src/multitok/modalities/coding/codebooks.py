"""Codebooks: layers of codes in a file, of whatever program wrote it, or as numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from multitok.core.archives import BROKEN
from multitok.core.errors import MediaError, SourceError
from multitok.core.stamps import Stamp, stamp
from multitok.core.widening import widened
from multitok.modalities.coding.stored import Stored, arrays_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Codes: TypeAlias = tuple[tuple[float, ...], ...]
NEEDED = "codebooks, (layers, codes, width), or as codebook, (codes, width)"
NAMES = ("codebooks", "codebook")
_NO_CODEBOOK: tuple[type[Exception], ...] = (*BROKEN, KeyError, TypeError)
"""What numpy and zipfile raise for a file that is another's, or damaged."""
_SHOWN = 8
"""Arrays of a file that an error names."""


def layers_of(source: str | tuple[Codes, ...], key: str | None = None) -> NDArray[np.float64]:
    """(layers, codes, width) of a file, read once and again when it changes, or of the numbers.

    key   which array of the file; with a * for a number, a layer each: `layers.*.codebook.embed`
    """
    return _read(stamp(source), key) if isinstance(source, str) else _given(source)


@lru_cache(maxsize=16)
def _given(layers: tuple[Codes, ...]) -> NDArray[np.float64]:
    import numpy as np

    return np.array(layers, np.float64)


@lru_cache(maxsize=16)
def _read(file: Stamp, key: str | None) -> NDArray[np.float64]:
    import numpy as np

    path = file.path
    try:
        with arrays_of(path) as held:
            read = [one.read() for one in _chosen(held, key)]
        layers = widened(read if len(read) > 1 else read[0])
    except OSError as error:
        raise SourceError(
            f"{path}: no codebook there ({error.strerror}). Make one: multitok train kmeans",
            source=path,
        ) from error
    except _NO_CODEBOOK as error:
        raise SourceError(f"{path}: not a codebook ({error})", source=path) from error
    if layers.ndim == 2:
        layers = layers[None]
    if layers.ndim != 3 or not layers.size or not np.isfinite(layers).all():
        raise SourceError(
            f"{path}: codebooks must be finite (layers, codes, width), or one (codes, width), got"
            f" shape {layers.shape}",
            source=path,
        )
    layers.setflags(write=False)
    return layers


def _chosen(held: dict[str, Stored], key: str | None) -> list[Stored]:
    """The layers of codebooks: what `key` names, or else `codebooks` or `codebook`, or the only
    array that could be one. ValueError says what there is."""
    if key is not None:
        number = re.compile(r"(\d+)".join(map(re.escape, key.split("*"))))
        found = [(match.groups(), one) for name, one in held.items()
                 if (match := number.fullmatch(name))]  # fmt: skip
        if found:
            return [one for _, one in sorted(found, key=lambda item: [int(n) for n in item[0]])]
        raise ValueError(f"it has no {key!r}. {_holds(held)}")
    for name in NAMES:
        if name in held:
            return [held[name]]
    if len(held) == 1 and len((one := next(iter(held.values()))).shape) in (2, 3):
        return [one]
    raise ValueError(f"{_holds(held)}. Save the codes as {NEEDED}, or name them: key=...")


def _holds(held: dict[str, Stored]) -> str:
    shown = [f"{name} {one.shape}" for name, one in list(held.items())[:_SHOWN]]
    more = f" and {len(held) - _SHOWN} more" if len(held) > _SHOWN else ""
    return f"it holds {', '.join(shown) or 'nothing'}{more}"


def digest(layers: NDArray[np.float64]) -> str:
    """What tokens keep of the codebook that made them."""
    import hashlib

    return hashlib.sha256(repr(layers.shape).encode() + layers.tobytes()).hexdigest()[:16]


def check_codes(layers: Sequence[Codes]) -> None:
    """Every code has as many numbers, and every layer as many codes."""
    shapes = {(len(layer), len(code)) for layer in layers for code in layer}
    if len(shapes) != 1 or 0 in next(iter(shapes)):
        raise MediaError(
            f"a codebook needs codes of one length, in layers of one size, got {sorted(shapes)}"
        )


def check_key(key: str | None, source: object) -> None:
    """MediaError for the name of an array where there is no file."""
    if key is not None and not isinstance(source, str):
        raise MediaError(
            f"key names an array of a file, these codes are none: leave key={key!r} out"
        )
