"""FAST: a chunk of movement as the byte-pair merges of its cosine coefficients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from multitok.core.errors import DecodeError, MediaError, NeedsContentError
from multitok.core.guards import sequences
from multitok.core.info import ActionsInfo, info_of
from multitok.core.parameters import AtLeast, AtMost
from multitok.core.tokenizer import FEW
from multitok.modalities.actions import fast_training, fast_vocabulary
from multitok.modalities.actions.chunks import (
    all_finite,
    check_horizon,
    chunks_in,
    codes_of,
    refuse_non_finite,
    restored,
    spans,
    spans_of,
    unmarked,
)
from multitok.modalities.actions.dct import inverse, rounded
from multitok.modalities.actions.movement import Movement
from multitok.modalities.actions.placement import Direction, Placement
from multitok.modalities.actions.quantiles import QuantileNorm, norm_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Actions
    from multitok.core.sequence import TokenSequence

PUBLISHED_SCALE = 10.0
PUBLISHED_VOCAB_SIZE = 1024


@dataclass(frozen=True, kw_only=True)
class FastTokenizer(Movement):
    """Cosine transform of each chunk, times scale, rounded, low frequencies first, then BPE.

    path        a tokenizer.json that `train` wrote, or a published one, or the directory of one;
                without it a small vocabulary of synthetic arm motion in radians
    mode        "native": an unseen coefficient is an error; "reference": ids byte for byte as the
                published processor makes them, which clips below min_token and drops what its
                vocabulary lacks. Either way a sequence that does not fill its chunks is an error,
                where the published decoder answers with zeros.
    horizon     steps in a chunk; "stored" is what the file was trained with, None makes the
                trajectory one chunk. The last chunk may be shorter: it is transformed at its own
                length, and nothing is padded.
    scale       how fine: a coefficient is off by 0.5 / scale at most; None is the file's own
    q01, q99, mask, normalization   normalize each dim first and undo it after, as FAST is defined:
                see QuantileNorm. None is what the file was trained with.
    min_token   of a published file whose processor_config.json is not beside it
    vocab_size, skip, placement   place the ids at the end of a language model's vocabulary, where
                they count "down" or "up": see Placement (openpi: skip 128)

    Source: FAST (Pertsch et al. 2025), physical-intelligence/fast processing_action_tokenizer.py.

    >>> from multitok import Actions
    >>> still = Actions([[0.5, -0.5]] * 50)
    >>> len(FastTokenizer().encode(still)) < still.values.size
    True
    """

    path: str | None = None
    mode: Literal["native", "reference"] = "native"
    horizon: int | Literal["stored"] | None = "stored"
    scale: float | None = None
    min_token: Annotated[int, AtLeast(-(2**31)), AtMost(2**31 - 1)] | None = None
    vocab_size: int | None = None
    skip: int = 0
    q01: tuple[float, ...] | None = None
    q99: tuple[float, ...] | None = None
    mask: tuple[bool, ...] | None = None
    normalization: Literal["lerobot", "openpi"] = "lerobot"
    placement: Direction = "down"

    ranges: ClassVar[tuple[str, ...]] = ("path", "q01", "q99")
    lenient: ClassVar[tuple[str, ...]] = ("path",)
    name: ClassVar[str] = "fast"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"horizon": 16, "scale": 20.0},
        {"horizon": None, "vocab_size": 257152, "skip": 128},
        {"q01": (-0.5,), "q99": (0.75,)},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.mode == "reference" and self.path is None:
            raise MediaError("mode='reference' needs the path of a published tokenizer.json")
        if self.scale is not None and not 0 < self.scale < float("inf"):
            raise MediaError(f"scale must be above 0, got {self.scale!r}")
        if isinstance(self.horizon, str) and self.horizon != "stored":
            raise MediaError(f"horizon must be a number of steps or 'stored', got {self.horizon!r}")
        check_horizon(None if self.horizon == "stored" else self.horizon)
        self.placed(0)
        if (self.q01 is None) != (self.q99 is None):
            raise MediaError("q01 and q99 go together, got one of them")
        if self.q01 is None and self.mask is not None:
            raise MediaError("mask says which dims q01 and q99 normalize: give those too")
        self._own_norm()

    @classmethod
    def train(
        cls,
        trajectories: Sequence[Any],
        path: str | Path,
        *,
        horizon: int | None = 50,
        scale: float = PUBLISHED_SCALE,
        vocab_size: int = PUBLISHED_VOCAB_SIZE,
        coefficients: tuple[int, int] | None = None,
        margin: float = 0.25,
        normalize: bool | None = False,
    ) -> FastTokenizer:
        """Learn the merges of your own movement and write them to `path`, a tokenizer.json.

        Each trajectory (Actions, or an array of steps x dims) is cut into chunks as encode cuts
        it. Coefficients beyond those seen, by `margin` of their range, get a symbol too, or name
        them all: `coefficients=(-250, 250)`. The scale goes into the processor_config.json beside.

        With `normalize` the actions are first normalized by their quantiles, which go there too:
        those of their data set where it states them. None normalizes by stated quantiles, and what
        lies outside -1 to 1.
        """
        fast_training.train(
            trajectories, path, horizon=horizon, scale=scale, vocab_size=vocab_size,
            coefficients=coefficients, margin=margin, normalize=normalize,
        )  # fmt: skip
        return cls(path=str(path), horizon=horizon)

    def trained(self, trajectories: Sequence[Any]) -> FastTokenizer:
        """The same vocabulary on actions normalized by the quantiles of your own data; `train`
        learns a vocabulary too."""
        norm = QuantileNorm.train(trajectories, mask=self.mask, variant=self.normalization)
        return replace(self, q01=norm.q01, q99=norm.q99)

    def vocabulary(self) -> fast_vocabulary.Vocabulary:
        """The file behind `path`, read once a process."""
        published = self.mode == "reference"
        found = fast_vocabulary.load(self.path, published=published, min_token=self.min_token)
        self.placed(len(found))
        return found

    @property
    def codes(self) -> int:
        """How many ids a token may be."""
        return len(self.vocabulary())

    def resolved_horizon(self) -> int | None:
        """`horizon`, or what the file was trained with; None for the whole trajectory."""
        return self._horizon(self.vocabulary())

    def _horizon(self, vocabulary: fast_vocabulary.Vocabulary) -> int | None:
        if self.horizon != "stored":
            return self.horizon
        stored = vocabulary.settings.get("time_horizon")
        return int(stored) if stored is not None else None

    def resolved_scale(self) -> float:
        """`scale`, or what the file was trained with."""
        return self._scale(self.vocabulary())

    def _scale(self, vocabulary: fast_vocabulary.Vocabulary) -> float:
        if self.scale is not None:
            return self.scale
        stored = vocabulary.settings.get("scale")
        if stored is None:
            raise MediaError(
                f"{self.path}: no processor_config.json beside it says its scale: pass scale"
            )
        return float(stored)

    def norm(self) -> QuantileNorm | None:
        """The normalization: by `q01` and `q99`, or what the file was trained with."""
        return self._norm(self.vocabulary())

    def _norm(self, vocabulary: fast_vocabulary.Vocabulary) -> QuantileNorm | None:
        if self.q01 is not None:
            return self._own_norm()
        stored = vocabulary.settings
        if "q01" not in stored:
            return None
        return norm_of(tuple(stored["q01"]), tuple(stored["q99"]), None, "lerobot")

    def _own_norm(self) -> QuantileNorm | None:
        if self.q01 is None or self.q99 is None:
            return None
        return norm_of(self.q01, self.q99, self.mask, self.normalization)

    def outside(self, media: Actions, /) -> float:
        """The share of coefficients that the vocabulary lacks."""
        vocabulary, scale, norm = self.vocabulary(), self.resolved_scale(), self.norm()
        values, lacking = media.values if norm is None else norm.apply(media.values), 0
        for start, end in spans(len(values), self.resolved_horizon(), media.episodes):
            unknown = vocabulary.unknown(rounded(values[None, start:end], scale).reshape(1, -1))
            lacking += 0 if unknown is None else int(unknown.sum())
        return lacking / max(values.size, 1)

    def holds(self, media: Actions, /) -> bool:
        """Whether the vocabulary has every coefficient: native mode refuses others."""
        return self.outside(media) <= (0 if self.mode == "native" else FEW)

    def count(self, x: Actions | ActionsInfo, /) -> int:
        if isinstance(x, ActionsInfo):
            raise NeedsContentError(
                f"FAST token counts depend on the motion itself: pass Actions(...), not {x!r}"
            )
        return len(self.encode(x))

    def explain(self, x: Actions | ActionsInfo, /) -> list[str]:
        n = self.count(x)
        info: ActionsInfo = info_of(x)
        steps, dims, horizon = info.steps, info.dims, self.resolved_horizon()
        return [
            f"{chunks_in(info, horizon):,} chunks of up to {horizon or steps:,} steps x {dims} dims"
            f" = {steps * dims:,} coefficients",
            f"merged into {n:,} tokens, {steps * dims / max(n, 1):.1f} values a token",
        ]

    def encode(self, media: Actions, /) -> TokenSequence:
        return self.encode_batch([media])[0]

    def encode_batch(self, items: Iterable[Actions], /) -> list[TokenSequence]:
        """All chunks of one shape go through the transform and the merges together."""
        import numpy as np

        media = list(items)
        vocabulary = self.vocabulary()
        scale, norm = self._scale(vocabulary), self._norm(vocabulary)
        horizon = self._horizon(vocabulary)
        shapes: dict[tuple[int, int], list[tuple[int, NDArray[np.float64]]]] = {}
        owners: list[int] = []
        for owner, one in enumerate(media):
            values = one.values if norm is None else norm.apply(one.values)
            for start, end in spans(len(one.values), horizon, one.episodes):
                shape = end - start, one.values.shape[1]
                shapes.setdefault(shape, []).append((len(owners), values[start:end]))
                owners.append(owner)
        made: list[Any] = [None] * len(owners)
        for members in shapes.values():
            chunks = [chunk for _, chunk in members]
            block = np.stack(chunks) if len(chunks) > 1 else chunks[0][None]
            if not all_finite(block):
                for one in media:
                    refuse_non_finite(one, self.name)
            encoded = self._encode_chunks(block, vocabulary, scale)
            for (number, _), part in zip(members, encoded, strict=True):
                made[number] = part
        parts: list[list[Any]] = [[] for _ in media]
        for owner, found in zip(owners, made, strict=True):
            parts[owner].append(found)
        config, placement = self.config(), self.placed(len(vocabulary))
        kept = {"vocabulary": vocabulary.digest, "scale": scale}
        if norm is not None:
            kept["normalization"] = norm.said()
        return [
            self._sequence(one, own, config, kept, placement)
            for one, own in zip(media, parts, strict=True)
        ]

    def _encode_chunks(
        self, block: NDArray[np.float64], vocabulary: Any, scale: float
    ) -> Iterable[tuple[NDArray[Any], float, int]]:
        """The ids of chunks of one shape; what was clipped of each: its norm, and how many."""
        import numpy as np

        rows = rounded(block, scale).reshape(len(block), -1)
        unknown = vocabulary.unknown(rows)
        lost, clipped = [0.0] * len(block), [0] * len(block)
        if unknown is not None:
            if self.mode == "native" or (rows > vocabulary.high).any():
                chunk, at = (int(i) for i in np.argwhere(unknown)[0])
                frequency, dim = divmod(at, block.shape[2])
                raise MediaError(
                    f"fast cannot encode the coefficient {rows[chunk, at]:.0f} (frequency"
                    f" {frequency}, dim {dim}, chunk {chunk}): the vocabulary has {vocabulary.low}"
                    f" to {vocabulary.high}. {self._way_on()}"
                )
            kept = np.maximum(rows, vocabulary.low)
            lost = (np.sqrt(((kept - rows) ** 2).sum(axis=1)) / scale).tolist()
            clipped = (kept != rows).sum(axis=1).tolist()
            rows = kept
        return zip(vocabulary.encode(rows.astype(np.int64)), lost, clipped, strict=True)

    def _way_on(self) -> str:
        if self.norm() is not None:
            return "Train on your own chunks: multitok train fast"
        return "Normalize the actions, or train on your own chunks: multitok train fast"

    def _sequence(
        self,
        media: Actions,
        parts: list[Any],
        config: Mapping[str, Any],
        kept: Mapping[str, Any],
        placement: Placement,
    ) -> TokenSequence:
        if len(parts) == 1:  # mostly: a batch of chunks
            ids, overshoot, clipped = parts[0]
        else:
            import numpy as np

            ids = np.concatenate([np.empty(0, np.int64), *(part[0] for part in parts)])
            overshoot = max((part[1] for part in parts), default=0.0)
            clipped = sum(part[2] for part in parts)
        return sequences()(
            tokenizer=config,
            info=media.info,
            special=unmarked(len(ids)),
            ids=placement.ids(ids),
            state={
                "names": list(media.names),
                "chunks": [len(part[0]) for part in parts],
                **kept,
                "clipped": clipped,
                "overshoot": overshoot,
            },
        )

    def decode(self, tokens: TokenSequence, /) -> Actions:
        """The movement. DecodeError for ids that do not spell every coefficient of every chunk."""
        import numpy as np

        vocabulary = self.vocabulary()
        scale, norm = self._scale(vocabulary), self._norm(vocabulary)
        if tokens.state.get("vocabulary", vocabulary.digest) != vocabulary.digest:
            raise DecodeError(
                f"fast tokens were made with another vocabulary than {self.path!r}"
                f" ({tokens.state['vocabulary']}, not {vocabulary.digest})"
            )
        if tokens.state.get("scale", scale) != scale:
            raise DecodeError(
                f"fast tokens were made with scale {tokens.state['scale']!r}, not {scale!r}"
            )
        said = None if norm is None else norm.said()
        if "vocabulary" in tokens.state and tokens.state.get("normalization") != said:
            raise DecodeError(
                "fast tokens were made with other quantiles than those that"
                f" {self.path or 'the tokenizer'!r} has: decode them with those"
            )
        info = tokens.info_as(ActionsInfo)
        ids = codes_of(tokens, self.name, self.placed(len(vocabulary)))
        cuts = spans_of(tokens, self.name, self._horizon(vocabulary))
        lengths = tokens.state.get("chunks", [len(ids)])
        if (made := sum(lengths)) != len(ids):
            raise DecodeError(f"fast made {made} tokens, got {len(ids)}: the sequence is cut")
        if len(lengths) == len(cuts):  # known tokens a chunk: each must fill its own
            groups = [([cut], n) for cut, n in zip(cuts, lengths, strict=True)]
        else:
            groups = [(cuts, len(ids))]
        values, at = np.empty((info.steps, info.dims)), 0
        for spanned, n in groups:
            self._fill(values, spanned, vocabulary.coefficients(ids[at : at + n]), n, scale)
            at += n
        return restored(tokens, values if norm is None else norm.invert(values))

    def spans(self, tokens: TokenSequence, column: int, /) -> list[tuple[int, int, str]]:
        """The chunks, and how many tokens each became: all dims share them."""
        info = tokens.info_as(ActionsInfo)
        cuts, lengths = spans_of(tokens, self.name, self.resolved_horizon()), tokens.state["chunks"]
        if len(lengths) != len(cuts):
            return []
        said = "tokens" + " of all dims" * (info.dims > 1)
        return [(*cut, f"{n:,} {said}") for cut, n in zip(cuts, lengths, strict=True)]

    def levels(self, tokens: TokenSequence, column: int, /) -> list[float] | None:
        return None

    def _fill(
        self,
        values: NDArray[np.float64],
        spanned: list[tuple[int, int]],
        coefficients: NDArray[np.int64],
        tokens: int,
        scale: float,
    ) -> None:
        """Write the chunks that these coefficients are, or say that they are not as many."""
        dims = values.shape[1]
        need = sum(end - start for start, end in spanned) * dims
        if len(coefficients) != need:
            shape = " and ".join(f"{end - start} x {dims}" for start, end in spanned[:3])
            raise DecodeError(
                f"fast: {tokens} tokens spell {len(coefficients)} coefficients, a chunk of {shape}"
                f" has {need}: the sequence is cut, or of another shape"
            )
        at = 0
        for start, end in spanned:
            size = (end - start) * dims
            part = coefficients[at : at + size].reshape(end - start, dims)
            values[start:end] = inverse(part / scale)
            at += size

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """Each of a chunk's H coefficients is off by 0.5 / scale at most: sqrt(H) of that in all.

        The transform keeps lengths, so the worst step is off by no more; what reference mode
        clipped comes on top. Normalized actions are off by that in the widest dim.
        """
        info = tokens.info_as(ActionsInfo)
        longest = min(info.steps, self.resolved_horizon() or info.steps)
        bound: float = 0.5 / self.resolved_scale() * longest**0.5
        bound = bound * (1 + 1e-9) + 1e-9 + float(tokens.state.get("overshoot", 0.0))
        norm = self.norm()
        return bound if norm is None else bound * norm.widest(info.dims) + 1e-9
