"""Byte spans, and sequences whose tokens are parts of the text with a vocabulary of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from multitok.core.errors import DecodeError, MediaError
from multitok.core.media import Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.sequence import TokenSequence

LONGEST = 2**31 - 1
"""Positions are int32: a text of more bytes has no spans."""


def spans(lengths: NDArray[np.int64]) -> NDArray[np.int32]:
    """(start, stop) of parts of these lengths, one after another: int32 (n, 2)."""
    import numpy as np

    stops = np.cumsum(lengths)
    if len(stops) and stops[-1] > LONGEST:
        raise MediaError(
            f"text of {stops[-1]} bytes is too long to encode: spans are int32, at most {LONGEST}"
            " bytes. count_stream counts it"
        )
    return np.stack([stops - lengths, stops], axis=1).astype(np.int32)


def utf8_lengths(code_points: NDArray[np.int64]) -> NDArray[np.int64]:
    """Bytes of each code point in UTF-8, 1 to 4."""
    import numpy as np

    return np.searchsorted([0x80, 0x800, 0x10000], code_points, side="right").astype(np.int64) + 1


def encode_parts(
    config: dict[str, Any], media: Text, parts: list[str], gaps: list[str]
) -> TokenSequence:
    """One token a part; gaps[i] stands before part i, gaps[-1] after the last."""
    import numpy as np

    from multitok.core.sequence import TokenSequence

    vocabulary: dict[str, int] = {}
    ids = [vocabulary.setdefault(part, len(vocabulary)) for part in parts]
    # gap, part, gap, part, ..., gap -> the spans of the parts
    lengths = np.zeros(2 * len(parts) + 1, dtype=np.int64)
    lengths[0::2] = [len(gap.encode("utf-8")) for gap in gaps]
    lengths[1::2] = [len(part.encode("utf-8")) for part in parts]
    state: dict[str, Any] = {"vocabulary": list(vocabulary)}
    if any(gaps):
        state["gaps"] = gaps
    return TokenSequence(
        tokenizer=config,
        info=media.info,
        special=np.zeros(len(parts), dtype=np.bool_),
        ids=np.array(ids, dtype=np.int64),
        axes=("start", "stop"),
        positions=spans(lengths)[1::2].copy(),
        state=state,
    )


def decode_parts(tokens: TokenSequence) -> Text:
    """The text `encode_parts` took apart."""
    if tokens.ids is None or "vocabulary" not in tokens.state:
        raise DecodeError(
            f"{tokens.tokenizer.get('tokenizer')} tokens hold ids and their vocabulary in"
            ' state["vocabulary"], got a sequence without them'
        )
    vocabulary = tokens.state["vocabulary"]
    gaps = tokens.state.get("gaps") or [""] * (len(tokens) + 1)
    if len(gaps) != len(tokens) + 1:
        raise DecodeError(
            f"{len(tokens)} tokens need {len(tokens) + 1} gaps of white space, got {len(gaps)}:"
            " decode the whole sequence"
        )
    text = [gaps[0]]
    for place, (i, gap) in enumerate(zip(tokens.ids.tolist(), gaps[1:], strict=True)):
        if not 0 <= i < len(vocabulary):
            raise DecodeError(
                f"id {i} (token {place}) is not in the vocabulary of this text: 0 to"
                f" {len(vocabulary) - 1}",
                id=i,
            )
        text += [vocabulary[i], gap]
    return Text("".join(text))
