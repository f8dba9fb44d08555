"""Networks of the user's own, as ONNX: the one place where they are loaded and run.

A network is run by onnxruntime on the processor, on arrays, with operators of the format alone. It
is not a stranger's: whoever names it says that it may be run.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from multitok.core.boundary import foreign
from multitok.core.errors import MediaError, SourceError
from multitok.core.extras import require
from multitok.core.stamps import ABSENT, FOLDER, Stamp, stamp
from multitok.modalities.coding.stored import MOST_NUMBERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

LARGEST_NETWORK = 2**31 - 1
"""Bytes of a file: as many as its format may have."""


def run(path: str, array: NDArray[Any]) -> NDArray[Any]:
    """The one output of a network of one input. SourceError where the file is no such network,
    MediaError where it refuses the input."""
    session = _session(stamp(path))
    given = session.get_inputs()[0]
    kinds = {"tensor(float)": "float32", "tensor(int64)": "int64", "tensor(int32)": "int32"}
    if given.type not in kinds:
        raise SourceError(
            f"{path}: its input {given.name!r} is a {given.type}, {', '.join(kinds)} are given",
            source=path,
        )

    def refused(error: BaseException) -> MediaError:
        shape = " x ".join(map(str, array.shape))
        return MediaError(f"{path}: the network refuses {shape} {array.dtype} ({_said(error)})")

    with foreign(refused):
        made: NDArray[Any] = session.run(None, {given.name: array.astype(kinds[given.type])})[0]
    if made.size > MOST_NUMBERS:
        raise MediaError(f"{path}: it makes {made.size:,} numbers, {MOST_NUMBERS:,} are read")
    return made


@lru_cache(maxsize=4)
def _session(file: Stamp) -> Any:
    """A network, loaded once and again when the file changes."""
    path = file.path
    if file.size in (ABSENT, FOLDER) or file.size > LARGEST_NETWORK:
        why = {ABSENT: "no such file", FOLDER: "it is a folder"}.get(file.size, "too large")
        raise SourceError(f"{path}: not an ONNX network ({why})", source=path)
    onnx = require("onnxruntime", extra="onnx", purpose="running a network")
    options = onnx.SessionOptions()
    options.use_deterministic_compute = True
    options.log_severity_level = 4  # what is wrong is raised; warnings of others are no output

    def wrong(error: BaseException) -> SourceError:
        return SourceError(f"{path}: not an ONNX network ({_said(error)})", source=path)

    with foreign(wrong):
        session = onnx.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    inputs, outputs = len(session.get_inputs()), len(session.get_outputs())
    if (inputs, outputs) != (1, 1):
        raise SourceError(
            f"{path}: a network of one input and one output is run, this has {inputs} and"
            f" {outputs}: export it so",
            source=path,
        )
    return session


def _said(error: BaseException) -> str:
    """The first line of what onnxruntime says."""
    return str(error).strip().split("\n")[0][:200] or type(error).__name__
