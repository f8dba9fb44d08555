"""MDCT-BPE: a sound as the byte-pair merges of its cosine coefficients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from multitok.core.counts import Kind
from multitok.core.errors import DecodeError, MediaError, NeedsContentError
from multitok.core.info import AudioInfo, info_of
from multitok.core.parameters import Above, AtLeast, AtMost, Positive
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.audio.coded import frames, targets
from multitok.modalities.audio.coded.frames import Shape, hop_of
from multitok.modalities.audio.coded.targets import COARSEST, FINEST, Off, Target
from multitok.modalities.audio.rate import mono_at, samples_at
from multitok.modalities.coding import merges, symbols

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Audio
    from multitok.core.sequence import TokenSequence
    from multitok.modalities.audio.coded.frames import Wave

USUAL = Target(snr=16.0)
"""Where nothing else is said: speech of 16 kHz is some 300 tokens a second then."""
SNRS = 10.0, 15.0, 20.0, 25.0
"""Qualities that a vocabulary is trained at, each sound at all of them."""
BUNDLED = Path(__file__).with_name("mdct_bpe.json.gz")
FRAMES = merges.Words("mdct-bpe", "sounds", 4, 65_536, BUNDLED)
"""Four blocks are a word: no token spans more than 80 ms of one channel, and silence has few."""


@dataclass(frozen=True, kw_only=True)
class MdctBpeTokenizer(Tokenizer["Audio", AudioInfo]):
    """Overlapping cosine transform of frames, divided by a step and rounded, then BPE.

    path     a tokenizer.json that `train` wrote; without it a vocabulary of speech that ships
    snr, max_error   choose the step of each sound: the coarsest that keeps at least so many dB
             above the noise, and no sample further off. It is tried and measured. 16 dB where
             nothing is said
    step     what a coefficient is rounded to instead, of sound between -1 and 1
    hop_ms   a frame begins every so many milliseconds and is twice as long
    sample_rate   resamples to one channel first; without it the sound is taken as it is, clipped
             to -1..1

    The sound decides how many tokens it becomes, so a length has an `upper_bound` and no count. Of
    two channels the sum and the difference are written.
    Source: FAST (Pertsch et al. 2025) does this to movement; Princen and Bradley (1987) the
    transform, as in MP3 and AAC.

    >>> import numpy as np
    >>> from multitok import Audio
    >>> tokens = MdctBpeTokenizer().encode(Audio(np.zeros(16_000), 16_000))
    >>> len(tokens), bool(MdctBpeTokenizer().decode(tokens).samples.any())
    (13, False)
    """

    path: str | None = None
    snr: Annotated[float, Above(0), AtMost(100)] | None = None
    max_error: Annotated[float, Above(0), AtMost(1)] | None = None
    step: Annotated[float, AtLeast(FINEST), AtMost(COARSEST)] | None = None
    hop_ms: Annotated[float, AtLeast(1), AtMost(100)] = 20.0
    sample_rate: Positive | None = None

    lenient: ClassVar[tuple[str, ...]] = ("path",)
    kind: ClassVar[Kind] = "exact"
    name: ClassVar[str] = "mdct-bpe"
    modality: ClassVar[str] = "audio"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {},
        {"step": 0.02, "hop_ms": 10.0},
        {"max_error": 0.05, "sample_rate": 12_000},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.step is not None and (asked := Target(self.snr, self.max_error)):
            raise MediaError(f"{asked} chooses the step: leave step={self.step:g} out")

    @classmethod
    def train(
        cls,
        sounds: Iterable[Any],
        path: str | Path,
        *,
        vocab_size: int = 16384,
        snrs: Iterable[float] = SNRS,
        hop_ms: float = 20.0,
        sample_rate: int | None = None,
    ) -> MdctBpeTokenizer:
        """Learn the merges of your own sounds and write them to `path`, a tokenizer.json.

        Each sound (an Audio) is read at all qualities of `snrs`, so that one vocabulary serves
        coarse and fine ones; they come one at a time, and of many not every frame is learned from.
        The same sounds give the same file."""
        at = [cls(snr=snr, hop_ms=hop_ms, sample_rate=sample_rate) for snr in snrs]
        made = (one._made(sound, must=False).written() for sound in sounds for one in at)
        merges.train(made, path, vocab_size, FRAMES)
        return cls(path=str(path), hop_ms=hop_ms, sample_rate=sample_rate)

    @property
    def target(self) -> Target:
        """What chooses the step; false where it is given."""
        if self.step is not None:
            return Target()
        return Target(self.snr, self.max_error) or USUAL

    def vocabulary(self) -> merges.Merges:
        """The file behind `path`, read once a process."""
        return merges.load(self.path, FRAMES)

    @property
    def codes(self) -> int:
        """How many ids a token may be."""
        return len(self.vocabulary())

    @property
    def ids_below(self) -> int:
        return self.codes

    def shape(self, info: AudioInfo) -> Shape:
        """The frames of a sound, as it is prepared."""
        if self.sample_rate is None:
            hop = hop_of(info.sample_rate, self.hop_ms)
            return Shape(info.samples, info.channels, hop)
        hop = hop_of(self.sample_rate, self.hop_ms)
        return Shape(samples_at(info, self.sample_rate), 1, hop)

    def count(self, x: Audio | AudioInfo, /) -> int:
        if isinstance(x, AudioInfo):
            raise NeedsContentError(
                f"mdct-bpe token counts depend on the sound itself: pass Audio(...), not {x!r}"
            )
        return len(self.encode_ids(x))

    def upper_bound(self, x: Audio | AudioInfo, /) -> int:
        """A token a symbol, for coefficients as large as they can be at this step.

        A frame of samples up to 1, under a window whose squares sum to a hop, has the length
        sqrt(hop); its coefficients sum to sqrt(hop) times that at most, of two channels to sqrt(2)
        times more."""
        shape = self.shape(info_of(x))
        largest = shape.hop * (2**0.5 if shape.channels == 2 else 1) / (self.step or FINEST)
        return shape.blocks * symbols.most(shape.hop, largest + shape.hop)

    def geometry(self, x: Audio | AudioInfo, /) -> Mapping[str, Any]:
        shape = self.shape(info_of(x))
        return {"frames": shape.frames, "hop": shape.hop, "channels": shape.channels}

    def explain(self, x: Audio | AudioInfo, /) -> list[str]:
        if isinstance(x, AudioInfo):
            self.count(x)
        made = self._made(x)  # type: ignore[arg-type]  # a bare length was refused
        shape, n = made.shape, len(self.vocabulary().encode(made.written()))
        seconds = info_of(x).duration or 1.0
        channels = f" x {shape.channels} channels" if shape.channels > 1 else ""
        return [
            f"{shape.frames:,} frames of {shape.hop:,} samples{channels}",
            f"coefficients in steps of {made.step:.4g}",
            f"merged into {n:,} tokens, {n / seconds:,.1f} a second",
        ]

    def prepare(self, media: Audio, /) -> Audio:
        """Clipped to -1..1; one channel at `sample_rate`, where one is asked for."""
        import numpy as np

        from multitok.core.media import Audio

        if self.sample_rate is None:
            return Audio(np.clip(media.samples, -1, 1), media.sample_rate)
        return Audio(np.clip(mono_at(media, self.sample_rate), -1, 1), self.sample_rate)

    def encode(self, media: Audio, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence

        vocabulary, made = self.vocabulary(), self._made(media)
        ids = vocabulary.encode(made.written())
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(len(ids), np.bool_),
            ids=ids,
            axes=("frame", "channel", "token"),
            positions=_positions(made.shape, ids, vocabulary),
            state={
                "step": made.step,
                "residual": made.residual(),
                "vocabulary": vocabulary.digest,
            },
        )

    def encode_ids(self, media: Audio, /) -> NDArray[np.int64]:
        return self.vocabulary().encode(self._made(media).written())

    def _made(self, media: Audio, *, must: bool | None = None) -> Quantized:
        """The sound in whole numbers, at its step."""
        shape = self.shape(media.info)
        if why := shape.too_long():
            raise MediaError(f"mdct-bpe {why}")
        wave = self.prepare(media).samples
        exact = frames.transformed(shape, wave)
        if self.step is not None:
            step, off = self.step, None
        else:
            asked = self.target is not USUAL if must is None else must
            step, off = targets.coarsest(wave, shape, exact, self.target, must=asked)
        return Quantized(shape, exact, targets.levels(exact, step), step, off)

    def decode(self, tokens: TokenSequence, /) -> Audio:
        """The sound. DecodeError for ids that do not spell each of its frames."""
        from multitok.core.media import Audio

        info, vocabulary = tokens.info_as(AudioInfo), self.vocabulary()
        if tokens.ids is None:
            raise DecodeError("mdct-bpe tokens are ids, got a sequence without them")
        if tokens.state.get("vocabulary", vocabulary.digest) != vocabulary.digest:
            raise DecodeError(
                f"mdct-bpe tokens were made with another vocabulary than {self.path!r}"
                f" ({tokens.state['vocabulary']}, not {vocabulary.digest})"
            )
        step = tokens.state.get("step", self.step)
        if step is None:
            raise DecodeError(
                f"mdct-bpe tokens of {self.target} need the step that was chosen: state['step'],"
                " or step= of the tokenizer"
            )
        if not FINEST <= step <= COARSEST:
            raise DecodeError(
                f"mdct-bpe steps are {FINEST:.4g} to {COARSEST:g} of full scale, got {step!r}"
            )
        shape = self.shape(info)
        spelled = vocabulary.decode(tokens.ids)
        symbols.refuse_blocks(spelled, shape.blocks, self.name, "sound")
        if why := shape.too_long():
            raise DecodeError(f"mdct-bpe {why}")
        numbers = symbols.read(spelled, shape.all_sizes(), self.name).reshape(-1, shape.hop)
        return Audio(targets.played(shape, numbers, step), self.sample_rate or info.sample_rate)

    def ends(self, tokens: TokenSequence) -> NDArray[np.int64]:
        """The sample of the sound, at its own rate, with which each token ends.

        A frame lies around the samples in the middle of its two hops; tokens last until the next
        frame in which some begin."""
        import numpy as np

        info = tokens.info_as(AudioInfo)
        shape, places = self.shape(info), tokens.positions
        if places is None or not len(places):
            return np.empty(0, np.int64)
        frame = places[:, 0].astype(np.int64)
        later = np.searchsorted(frame, frame, side="right")
        begins = np.append(((2 * frame - 1) * shape.hop) // 2, shape.samples)
        rate = info.samples / max(shape.samples, 1)
        return np.rint(begins[later].clip(0, shape.samples) * rate).astype(np.int64)

    def error_bound(self, tokens: TokenSequence, /) -> float:
        """What a sample is off by at most, of sound between -1 and 1.

        The transform keeps lengths, so a sample is off by no more than the two frames that it lies
        in, in all (Parseval); where a target chose the step it was measured. Of ids alone nothing
        is known: 2."""
        return min(2.0, float(tokens.state.get("residual", 2.0)))


class Quantized(NamedTuple):
    """A sound in whole numbers, with what they were made from; `off` where it was measured."""

    shape: Shape
    exact: Wave
    levels: NDArray[np.int32]
    step: float
    off: Off | None

    def written(self) -> NDArray[np.uint8]:
        """Its symbols."""
        return symbols.write(self.levels.reshape(-1), self.shape.all_sizes())

    def residual(self) -> float:
        """What a sample is off by at most."""
        import numpy as np

        if self.off is not None:
            return self.off.worst
        apart = np.square(self.levels * self.step - self.exact).sum(axis=1)
        of_frames = apart.reshape(self.shape.frames, self.shape.channels)
        if self.shape.channels == 2:  # each is made of both
            of_frames = of_frames.sum(axis=1, keepdims=True)
        pairs = of_frames[:-1] + of_frames[1:]
        return float(pairs.max(initial=0.0) ** 0.5) + 1e-6


def _positions(
    shape: Shape, ids: NDArray[np.int64], vocabulary: merges.Merges
) -> NDArray[np.int32]:
    """Frame and channel in which each token begins, and which of their tokens it is."""
    import numpy as np

    ends = vocabulary.ends[ids]
    block = np.cumsum(ends) - ends
    token = np.arange(len(ids)) - np.searchsorted(block, block)
    frame, channel = np.divmod(block, shape.channels)
    return np.stack([frame, channel, token], axis=1).astype(np.int32)
