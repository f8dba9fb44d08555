"""TokenSequence: the tokens of one input, with all that decoding them needs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from itertools import repeat
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from multitok.core import token_files
from multitok.core.boundary import boundary
from multitok.core.errors import DecodeError, MediaError
from multitok.core.info import Info, Shape, info_to_dict
from multitok.core.media import same
from multitok.core.notebook import Displayed
from multitok.core.writing import writing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

InfoT = TypeVar("InfoT", bound=Shape)


@dataclass(frozen=True, slots=True, eq=False, init=False)
class TokenSequence(Displayed):
    """What a tokenizer's `encode` gives. `len()` is the number of tokens.

    tokenizer    the maker's config: enough to decode in another process
    info         the input's shape, before any fitting
    special      bool (n,); True for tokens that carry no content
    ids          int64 (n,), for discrete tokens
    values       float32 (n, d), set only where one patch is one token
    inputs       what the model's encoder is fed, under the reference's names and layout, where
                 patches and tokens differ in number
    axes         the columns of `positions`
    positions    int32 (n, len(axes)); -1 where a token has no place; None where tokens have none
    state        what decode needs: scale, offset, padding, clipped
    expansion    the placeholders in order, as (published name, how often in a row); plain text that
                 is counted stands under its own words, once a token
    """

    tokenizer: Mapping[str, Any]
    info: Info
    special: NDArray[np.bool_]
    ids: NDArray[np.int64] | None = None
    values: NDArray[np.float32] | None = None
    inputs: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    axes: tuple[str, ...] = ()
    positions: NDArray[np.int32] | None = None
    state: Mapping[str, Any] = field(default_factory=dict)
    expansion: tuple[tuple[str, int], ...] = ()

    def __init__(
        self,
        *,
        tokenizer: Mapping[str, Any],
        info: Info,
        special: NDArray[np.bool_],
        ids: NDArray[np.int64] | None = None,
        values: NDArray[np.float32] | None = None,
        inputs: Mapping[str, NDArray[Any]] | None = None,
        axes: tuple[str, ...] = (),
        positions: NDArray[np.int32] | None = None,
        state: Mapping[str, Any] | None = None,
        expansion: tuple[tuple[str, int], ...] = (),
    ) -> None:
        """Written into the slots themselves, in half the time of a frozen dataclass: a sequence of
        seven ids takes longer to make than to number."""
        write = _WRITE
        write.tokenizer(self, tokenizer)
        write.info(self, info)
        write.special(self, special)
        write.ids(self, ids)
        write.values(self, values)
        write.inputs(self, {} if inputs is None else inputs)
        write.axes(self, axes)
        write.positions(self, positions)
        write.state(self, {} if state is None else state)
        write.expansion(self, expansion)
        n = len(special)
        if ids is not None and len(ids) != n:
            raise _rows("ids", ids, n)
        if values is not None and len(values) != n:
            raise _rows("values", values, n)
        if positions is not None and positions.shape != (n, len(axes)):
            if len(positions) != n:
                raise _rows("positions", positions, n)
            raise MediaError(
                f"positions must have a column for each of {axes}, got {positions.shape}"
            )

    @classmethod
    def of_rows(
        cls,
        ids: NDArray[np.int64],
        *,
        inputs: Iterable[Mapping[str, NDArray[Any]]],
        states: Iterable[Mapping[str, Any]],
        tokenizer: Mapping[str, Any],
        info: Info,
        special: NDArray[np.bool_],
        axes: tuple[str, ...],
        positions: NDArray[np.int32],
    ) -> list[TokenSequence]:
        """A sequence for each row of ids (rows, n), which share all but ids, inputs and state.

        Their shape is checked once: of thousands of short sequences the making costs more than the
        arithmetic, and this is a third of calling the class for each."""
        shared: dict[str, Any] = {
            "tokenizer": tokenizer,
            "info": info,
            "special": special,
            "axes": axes,
        }
        shared |= {"positions": positions, "values": None, "expansion": ()}
        if len(ids) == 1:
            own = zip(inputs, states, strict=True)
            return [cls(ids=ids[0], inputs=i, state=state, **shared) for i, state in own]
        if len(ids):
            cls(ids=ids[0], **shared)
        made = [object.__new__(cls) for _ in ids]
        columns: dict[str, Iterable[Any]] = {key: repeat(value) for key, value in shared.items()}
        for name, column in {**columns, "ids": ids, "inputs": inputs, "state": states}.items():
            deque(map(getattr(_WRITE, name), made, column), maxlen=0)
        return made

    def __len__(self) -> int:
        return len(self.special)

    def __repr__(self) -> str:
        made = self.tokenizer.get("tokenizer")
        return f"<TokenSequence: {len(self)} tokens by {made} of {self.info!r}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TokenSequence):
            return NotImplemented
        return all(
            same(_plain(getattr(self, f.name)), _plain(getattr(other, f.name)))
            for f in fields(self)
        )

    __hash__ = None  # type: ignore[assignment]

    def info_as(self, kind: type[InfoT]) -> InfoT:
        """`info`, which must be of this kind: DecodeError for tokens of another modality.

        >>> import numpy as np
        >>> from multitok.core.info import TextInfo
        >>> tokens = TokenSequence(
        ...     tokenizer={"tokenizer": "bytes"}, info=TextInfo(2), special=np.zeros(2, bool)
        ... )
        >>> tokens.info_as(TextInfo).bytes
        2
        """
        if not isinstance(self.info, kind):
            raise DecodeError(
                f"these tokens are of {self.info.modality}, not of {kind.modality}: their info is"
                f" {self.info!r}"
            )
        return self.info

    def placeholders(self) -> list[str]:
        """The published name of each token in order; empty where the model has no placeholders."""
        return [name for name, times in self.expansion for _ in range(times)]

    def save(self, path: str | Path) -> None:
        """Write an .npz that `TokenSequence.load` reads back; arrays and JSON, never pickle."""
        import json

        import numpy as np

        given = {name: getattr(self, name) for name in token_files.ARRAYS}
        arrays = {name: array for name, array in given.items() if array is not None}
        arrays |= {f"inputs/{key}": np.asarray(value) for key, value in self.inputs.items()}
        plain: dict[str, Any] = {}
        for key, value in self.state.items():
            if hasattr(value, "dtype"):
                arrays[f"state/{key}"] = np.asarray(value)
            else:
                plain[key] = value
        header = {
            "schema": token_files.SCHEMA,
            "tokenizer": dict(self.tokenizer),
            "info": info_to_dict(self.info),
            "axes": self.axes,
            "state": plain,
            "expansion": self.expansion,
        }
        with writing(path) as file:
            token_files.write(file, {"header": np.array(json.dumps(header)), **arrays})

    @classmethod
    def load(cls, path: str | Path | BinaryIO) -> TokenSequence:
        """Read what `save` wrote, from a path or an open binary file that can seek.

        SourceError where it is none of ours, or damaged.
        """
        with boundary("reading", path, naming=True):
            return cls(**token_files.read(path))


def _rows(name: str, array: NDArray[Any], n: int) -> MediaError:
    return MediaError(f"{name} must have {n} rows, one a token, got {len(array)}")


_WRITE = SimpleNamespace(
    **{one.name: getattr(TokenSequence, one.name).__set__ for one in fields(TokenSequence)}
)
"""What writes each field into its slot, behind the frozen class."""


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
