"""Codebooks trained on your own data: k-means, and residual k-means in layers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.errors import DecodeError, MediaError
from multitok.core.info import ActionsInfo, info_of
from multitok.modalities.actions.chunks import (
    check_horizon,
    chunks_in,
    codes_of,
    filled,
    refuse_length,
    refuse_non_finite,
    restored,
    spans_of,
    stacked,
    unfilled,
    unmarked,
)
from multitok.modalities.actions.movement import Movement
from multitok.modalities.actions.placement import Direction
from multitok.modalities.coding.codebooks import (
    Codes,
    check_codes,
    check_key,
    digest,
    layers_of,
)
from multitok.modalities.coding.lloyd import learned, quantized, write

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Actions
    from multitok.core.sequence import TokenSequence


class Codebook(Movement):
    """Ids of the nearest codes, layer by layer, on what the layers before leave."""

    horizon: int

    @abstractmethod
    def layers(self) -> NDArray[np.float64]:
        """The codes, (layers, codes, horizon x dims)."""

    @property
    def codes(self) -> int:
        """How many ids a token may be, in its layer."""
        return int(self.layers().shape[1])

    def count(self, x: Actions | ActionsInfo, /) -> int:
        info: ActionsInfo = info_of(x)
        layers = self.layers()
        if self.horizon * info.dims != layers.shape[2]:
            raise MediaError(
                f"{self.name} codes have {layers.shape[2]} numbers, {self.horizon} steps of"
                f" {info.dims} dims are {self.horizon * info.dims}" + self._hint(info.dims)
            )
        return chunks_in(info, self.horizon) * len(layers)

    def _hint(self, dims: int) -> str:
        """What to type, where another horizon fits these codes."""
        numbers = int(self.layers().shape[2])
        return f": pass horizon={numbers // dims}" if dims and numbers % dims == 0 else ""

    def explain(self, x: Actions | ActionsInfo, /) -> list[str]:
        n, layers = self.count(x), len(self.layers())
        return [
            f"{n // layers:,} chunks of {self.horizon:,} steps x {layers} layers = {n:,} tokens"
        ]

    def encode(self, media: Actions, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        refuse_non_finite(media, self.name)
        n = self.count(media.info)
        layers = self.layers()
        chosen, left = quantized(filled(media.values, self.horizon, media.episodes), layers)
        ids, grid = chosen + np.arange(len(layers)) * layers.shape[1], chosen.shape
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=unmarked(n),
            ids=self.placed(layers.shape[0] * layers.shape[1]).ids(ids.reshape(-1)),
            axes=("chunk", "layer"),
            positions=np.indices(grid, dtype=np.int32).reshape(2, -1).T.copy(),
            state={
                "grid": list(grid),
                "names": list(media.names),
                "codebook": digest(layers),
                "residual": float(np.abs(left).max(initial=0.0)),
            },
        )

    def spans(self, tokens: TokenSequence, column: int, /) -> list[tuple[int, int, str]]:
        """The chunks, each of a token a layer that all dims share."""
        layers = len(self.layers())
        said = f"{layers} token{'s' * (layers != 1)} of all dims"
        return [(*cut, said) for cut in spans_of(tokens, self.name, self.horizon)]

    def levels(self, tokens: TokenSequence, column: int, /) -> list[float] | None:
        return None

    def decode(self, tokens: TokenSequence, /) -> Actions:
        """The sum of the codes of each chunk's layers."""
        import numpy as np

        info = tokens.info_as(ActionsInfo)
        layers = self.layers()
        made_with = digest(layers)
        if tokens.state.get("codebook", made_with) != made_with:
            raise DecodeError(
                f"{self.name} tokens were made with another codebook"
                f" ({tokens.state['codebook']}, not {made_with})"
            )
        refuse_length(tokens, self.name, self.count(info))
        depth, size, width = layers.shape
        codes = codes_of(tokens, self.name, self.placed(depth * size)).reshape(-1, depth)
        values = np.zeros((len(codes), width))
        for layer in range(depth):
            chosen = codes[:, layer] - layer * size
            wrong = (chosen < 0) | (chosen >= size)
            if wrong.any():
                at = int(wrong.argmax()) * depth + layer
                raise DecodeError(
                    f"{self.name}: the token at position {at} belongs to layer {layer}, its id"
                    f" {int(tokens.ids[at])} does not"  # type: ignore[index]  # codes_of checked
                )
            values += layers[layer][chosen]
        return restored(tokens, unfilled(values, self.horizon, info))

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """As measured when encoded: a codebook has no bound; infinite for ids alone."""
        return float(tokens.state.get("residual", float("inf"))) + 1e-12


@dataclass(frozen=True, kw_only=True)
class KmeansTokenizer(Codebook):
    """One token a chunk: the number of the nearest code.

    codebook  a file, or the codes themselves, each horizon x dims numbers (all dims of the first
              step, then of the next). The file is the .npz that `train` wrote, or one of your own:
              an .npz or .safetensors with `codebook` (codes, width), or an .npy of it
    key       the name of the array, where a file holds others
    horizon   steps in a chunk. The last chunk is filled by repeating the last step, and decoding
              cuts it again.
    vocab_size, skip, placement   place the ids at the end of a language model's vocabulary, where
                they count "down" or "up": see Placement

    >>> from multitok import Actions
    >>> KmeansTokenizer(codebook=((0.0,), (1.0,))).encode(Actions([[0.2], [0.9]])).ids
    array([0, 1])
    """

    codebook: str | Codes
    horizon: int = 1
    vocab_size: int | None = None
    skip: int = 0
    placement: Direction = "down"
    key: str | None = None

    name: ClassVar[str] = "kmeans"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"codebook": ((-0.5,), (0.0,), (0.5,))},
        {"codebook": ((0.0,) * 6, (0.25,) * 6), "horizon": 3, "vocab_size": 500},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_horizon(self.horizon)
        check_key(self.key, self.codebook)
        if not isinstance(self.codebook, str):
            check_codes([self.codebook])

    @classmethod
    def train(
        cls,
        trajectories: Sequence[Any],
        path: str | Path,
        *,
        codes: int = 256,
        horizon: int = 1,
        seed: int = 0,
    ) -> KmeansTokenizer:
        """Learn `codes` codes from your movement and write them to `path`, an .npz."""
        _train(trajectories, path, layers=1, codes=codes, horizon=horizon, seed=seed, name=cls.name)
        return cls(codebook=str(path), horizon=horizon)

    def layers(self) -> NDArray[np.float64]:
        """The codes, (1, codes, horizon x dims)."""
        source = self.codebook if isinstance(self.codebook, str) else (self.codebook,)
        layers = layers_of(source, self.key)
        if len(layers) != 1:
            raise MediaError(f"{self.codebook!r} holds {len(layers)} layers: load it with rvq")
        self.placed(layers.shape[1])
        return layers


@dataclass(frozen=True, kw_only=True)
class RvqTokenizer(Codebook):
    """A token a layer and chunk: the nearest code, then the nearest to what is left, and so on.

    codebooks  a file, or the layers themselves, each as in `kmeans`: in an .npz or .safetensors of
               your own they are `codebooks` (layers, codes, width)
    key        the name of that array; with a * for a number, an array a layer:
               "quantizer.layers.*.codebook.embed"
    horizon, vocab_size, skip, placement   as in `kmeans`

    Layer l numbers its codes from l x codes, so an id says its layer.
    Source: residual vector quantization as in VQ-BeT and SoundStream, on the chunk itself: the
    network that a published model puts in front has weights.

    >>> from multitok import Actions
    >>> rvq = RvqTokenizer(codebooks=(((0.0,), (1.0,)), ((-0.1,), (0.1,))))
    >>> rvq.decode(rvq.encode(Actions([[0.9]]))).values
    array([[0.9]])
    """

    codebooks: str | tuple[Codes, ...]
    horizon: int = 1
    vocab_size: int | None = None
    skip: int = 0
    placement: Direction = "down"
    key: str | None = None

    name: ClassVar[str] = "rvq"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"codebooks": (((-0.5,), (0.5,)), ((-0.2,), (0.2,)))},
        {"codebooks": (((0.0, 0.0), (0.25, 0.25)), ((0.0, 0.1), (0.1, 0.0))), "vocab_size": 99},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_horizon(self.horizon)
        check_key(self.key, self.codebooks)
        if not isinstance(self.codebooks, str):
            check_codes(self.codebooks)

    @classmethod
    def train(
        cls,
        trajectories: Sequence[Any],
        path: str | Path,
        *,
        layers: int = 2,
        codes: int = 256,
        horizon: int = 1,
        seed: int = 0,
    ) -> RvqTokenizer:
        """Learn `layers` codebooks, each on what the ones before leave, and write an .npz."""
        _train(
            trajectories,
            path,
            layers=layers,
            codes=codes,
            horizon=horizon,
            seed=seed,
            name=cls.name,
        )
        return cls(codebooks=str(path), horizon=horizon)

    def layers(self) -> NDArray[np.float64]:
        """The codes, (layers, codes, horizon x dims)."""
        layers = layers_of(self.codebooks, self.key)
        self.placed(layers.shape[0] * layers.shape[1])
        return layers


def _train(
    trajectories: Sequence[Any],
    path: str | Path,
    *,
    layers: int,
    codes: int,
    horizon: int,
    seed: int,
    name: str,
) -> None:
    """Learn codebooks of the chunks of movement, and write them."""
    import numpy as np

    check_horizon(horizon)
    data = [values for values in stacked(trajectories, name) if len(values)]
    chunks = np.concatenate([filled(values, horizon) for values in data] or [np.empty((0, 1))])
    words: Any = {"seed": seed, "name": name, "what": "chunks", "more": "movement"}
    write(path, learned(chunks, layers=layers, codes=codes, **words))
