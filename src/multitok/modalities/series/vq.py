"""Windows of a series by the codes of a codebook of your own, in one layer or several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from multitok.core.errors import DecodeError
from multitok.core.info import SeriesInfo, info_of
from multitok.core.integers import ceil_div
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.coding.codebooks import Codes, check_codes, check_key, digest, layers_of
from multitok.modalities.coding.lloyd import quantized
from multitok.modalities.series.layout import ids_of, refuse_infinite, restored
from multitok.modalities.series.patch_norm import without_gaps

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Series
    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class SeriesVqTokenizer(Tokenizer["Series", SeriesInfo]):
    """A token a window and layer: the nearest code, then the nearest to what is left, and so on.

    codebook  an .npy, .npz or .safetensors with `codebooks` (layers, codes, steps of a window) or
              `codebook` (codes, steps), or the layers themselves
    key       the name of the array, where a file holds others; with a * for a number, an array a
              layer
    norm      "z": codes are of channels less their mean, over their standard deviation; "none": of
              the values as they are

    Channels follow each other. The last window is filled by repeating the last value, and decoding
    cuts it again. Layer l numbers its codes from l x codes. Missing values are put on the straight
    line between their neighbors.
    Source: vector quantization as in TOTEM (Talukder et al. 2024), on the window itself: the
    network that a published model puts in front has weights.

    >>> from multitok import Series
    >>> vq = SeriesVqTokenizer(codebook=(((0.0, 0.0), (0.0, 1.0)),), norm="none")
    >>> vq.encode(Series([0.1, 0.2, 0.1, 0.9])).ids
    array([0, 1])
    """

    codebook: str | tuple[Codes, ...]
    key: str | None = None
    norm: Literal["z", "none"] = "z"

    name: ClassVar[str] = "series-vq"
    modality: ClassVar[str] = "series"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"codebook": (((-1.0, -0.5), (0.0, 0.0), (0.5, 1.0)),)},
        {"codebook": (((-1.0,), (1.0,)), ((-0.5,), (0.5,))), "norm": "none"},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_key(self.key, self.codebook)
        if not isinstance(self.codebook, str):
            check_codes(self.codebook)

    def layers(self) -> NDArray[np.float64]:
        """The codes, (layers, codes, steps of a window)."""
        return layers_of(self.codebook, self.key)

    @property
    def codes(self) -> int:
        """How many ids a token may be, in its layer."""
        return int(self.layers().shape[1])

    @property
    def ids_below(self) -> int:
        depth, codes, _ = self.layers().shape
        return int(depth * codes)

    def windows(self, info: SeriesInfo) -> int:
        """Windows of a channel."""
        return ceil_div(info.steps, int(self.layers().shape[2]))

    def count(self, x: Series | SeriesInfo, /) -> int:
        info: SeriesInfo = info_of(x)
        return self.windows(info) * info.channels * len(self.layers())

    def explain(self, x: Series | SeriesInfo, /) -> list[str]:
        info: SeriesInfo = info_of(x)
        depth, _, width = self.layers().shape
        channels = f" x {info.channels:,} channels" if info.channels > 1 else ""
        return [
            f"{self.windows(info):,} windows of {width:,} steps{channels} x {depth} layers ="
            f" {self.count(info):,} tokens"
        ]

    def prepare(self, media: Series, /) -> Series:
        """Missing values on straight lines between their neighbors; nothing at all is zeros."""
        return without_gaps(media)

    def encode(self, media: Series, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        refuse_infinite(media, self.name)
        values = self.prepare(media).values
        layers, (steps, channels) = self.layers(), values.shape
        depth, codes, width = layers.shape
        mean, std = self._scale(values)
        scaled = ((values - mean) / std).T
        many = self.windows(media.info)
        full = np.pad(scaled, ((0, 0), (0, many * width - steps)), mode="edge") if steps else scaled
        chosen, left = quantized(full.reshape(channels * many, width), layers)
        off = np.abs(left).reshape(channels, -1).max(axis=1, initial=0.0) * std
        channel, window, layer = np.indices((channels, many, depth), dtype=np.int32)
        places = np.stack([window.ravel() * width, channel.ravel(), layer.ravel()], axis=1)
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(len(places), np.bool_),
            ids=(chosen + np.arange(depth) * codes).reshape(-1),
            axes=("step", "channel", "layer"),
            positions=places.astype(np.int32),
            state={
                "names": list(media.names),
                "vocabulary": digest(layers),
                "mean": mean,
                "std": std,
                "residual": float(off.max(initial=0.0)),
            },
        )

    def _scale(self, values: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Mean and standard deviation of each channel; 0 and 1 where nothing is normalized, and a
        deviation of 1 where a channel rests."""
        import numpy as np

        if self.norm == "none" or not len(values):
            return np.zeros(values.shape[1]), np.ones(values.shape[1])
        std = values.std(axis=0)
        return values.mean(axis=0), np.where(std > 0, std, 1.0)

    def decode(self, tokens: TokenSequence, /) -> Series:
        """The sum of the codes of each window's layers, in the unit of its channel."""
        import numpy as np

        info, layers = tokens.info_as(SeriesInfo), self.layers()
        if tokens.state.get("vocabulary", digest(layers)) != digest(layers):
            raise DecodeError(f"{self.name} tokens were made with another codebook")
        depth, codes, width = layers.shape
        ids = ids_of(tokens, self.name, self.count(info)).reshape(-1, depth)
        chosen = ids - np.arange(depth) * codes
        wrong = (chosen < 0) | (chosen >= codes)
        if wrong.any():
            at = int(wrong.argmax())
            raise DecodeError(
                f"{self.name}: the token at position {at} belongs to layer {at % depth}, its id"
                f" {int(ids.flat[at])} does not"
            )
        sums = np.zeros((len(chosen), width))
        for layer in range(depth):
            sums += layers[layer][chosen[:, layer]]
        values = sums.reshape(info.channels, -1)[:, : info.steps].T
        mean, std = (np.asarray(tokens.state[name]) for name in ("mean", "std"))
        return restored(tokens, values * std + mean)

    def spans(self, tokens: TokenSequence, column: int, /) -> list[tuple[int, int, str]]:
        """The windows of a channel, each with the codes of its layers."""
        info, (depth, codes, width) = tokens.info_as(SeriesInfo), self.layers().shape
        if tokens.ids is None:
            return []
        chosen = tokens.ids.reshape(info.channels, -1, depth)[column] % codes
        said = [" + ".join(map(str, row)) for row in chosen.tolist()]
        return [
            (at * width, min((at + 1) * width, info.steps), label) for at, label in enumerate(said)
        ]

    def levels(self, tokens: TokenSequence, column: int, /) -> list[float] | None:
        return None

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """As measured when encoded: a codebook has no bound; infinite for ids alone."""
        measured = float(tokens.state.get("residual", float("inf")))
        return measured * (1 + 1e-9) + 1e-12 + 1e-12 * _largest(tokens.state.get("mean"))


def _largest(mean: Any) -> float:
    """The magnitude that the last bits of a sum hang on."""
    import numpy as np

    return float(np.abs(np.asarray(0.0 if mean is None else mean)).max(initial=0.0))
