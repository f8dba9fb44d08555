"""Where the tokens of a published vocabulary lie: byte spans of the text as it was given."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from multitok.core.sequence import TokenSequence
from multitok.modalities.text.carried import Carried, Part, index
from multitok.modalities.text.spans import spans

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Text


def sequence(
    config: dict[str, Any], media: Text, vocabulary: Carried, parts: list[Part]
) -> TokenSequence:
    """The tokens of the parts of a text, in order."""
    import numpy as np

    ids = np.array([i for found, _ in parts for i in found], dtype=np.int64)
    lengths = np.array([_length(vocabulary.name, i) for i in ids.tolist()], dtype=np.int64)
    if vocabulary.prefix and len(lengths):
        lengths[0] -= 1  # the space that stands in no text
    found = spans(lengths)
    if "".join(seen for _, seen in parts) != media.text:
        found = _in_the_given_form(found, media.text, vocabulary.seen)
    return TokenSequence(
        tokenizer=config,
        info=media.info,
        special=np.zeros(len(ids), dtype=np.bool_),
        ids=ids,
        axes=("start", "stop"),
        positions=found,
    )


@lru_cache(maxsize=1 << 16)
def _length(vocabulary: str, i: int) -> int:
    """Bytes of a token."""
    return len(index()[vocabulary].token_bytes(i) or b"")


def _in_the_given_form(
    found: NDArray[np.int32], text: str, seen: Callable[[str], str]
) -> NDArray[np.int32]:
    """Spans of the text as it is seen, as spans of the text: a token with a part of a cluster that
    is written differently takes the whole of it."""
    import numpy as np
    import regex

    given, normal = [0], [0]  # bytes up to the same place in both
    for cluster in regex.findall(r"\X", text):
        other = seen(cluster)
        if other == cluster:
            for character in cluster:
                size = len(character.encode("utf-8"))
                given.append(given[-1] + size)
                normal.append(normal[-1] + size)
        else:
            given.append(given[-1] + len(cluster.encode("utf-8")))
            normal.append(normal[-1] + len(other.encode("utf-8")))
    if len(found) and normal[-1] != found[-1, 1]:  # a form that reaches across clusters
        given, normal = [0, given[-1]], [0, int(found[-1, 1])]
    at = np.array(normal)
    starts = np.searchsorted(at, found[:, 0], side="right") - 1
    stops = np.searchsorted(at, found[:, 1], side="left")
    return np.stack([np.array(given)[starts], np.array(given)[stops]], axis=1).astype(np.int32)
