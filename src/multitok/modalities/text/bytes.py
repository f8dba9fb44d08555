"""UTF-8 bytes, one token each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.counts import StreamCount
from multitok.core.errors import DecodeError
from multitok.core.info import TextInfo, info_of
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.text.content import from_utf8
from multitok.modalities.text.stream import count_windows, cut_anywhere

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Text
    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class BytesTokenizer(Tokenizer["Text", TextInfo]):
    """One token a UTF-8 byte, ids 0 to 255; counted from the length alone.

    Without the offset for special tokens that ByT5 and others add. Positions are byte spans.

    >>> BytesTokenizer().count(TextInfo(bytes=5))
    5
    """

    name: ClassVar[str] = "bytes"
    modality: ClassVar[str] = "text"
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)

    def count(self, x: Text | TextInfo, /) -> int:
        return int(info_of(x).bytes)

    def count_stream(self, chunks: Iterable[str], /) -> StreamCount:
        """Bytes of a text that arrives in chunks; always exact."""
        return count_windows(chunks, cut_anywhere, lambda text: len(text.encode("utf-8")))

    def upper_bound(self, x: Text | TextInfo, /) -> int:
        """The count itself."""
        return self.count(x)

    def explain(self, x: Text | TextInfo, /) -> list[str]:
        return [f"{self.count(x):,} UTF-8 bytes = {self.count(x):,} tokens"]

    @property
    def ids_below(self) -> int:
        return 256

    def encode_ids(self, media: Text, /) -> NDArray[np.int64]:
        return _bytes(media.text)

    def encode(self, media: Text, /) -> TokenSequence:
        import numpy as np

        from multitok.core.sequence import TokenSequence
        from multitok.modalities.text.spans import spans

        ids = _bytes(media.text)
        return TokenSequence(
            tokenizer=self.config(),
            info=media.info,
            special=np.zeros(len(ids), dtype=np.bool_),
            ids=ids,
            axes=("start", "stop"),
            positions=spans(np.ones(len(ids), dtype=np.int64)),
        )

    def decode(self, tokens: TokenSequence, /) -> Text:
        """The text, exactly."""
        if tokens.ids is None:
            raise DecodeError("bytes tokens hold ids, got a sequence without them")
        for place, i in enumerate(tokens.ids.tolist()):
            if not 0 <= i <= 255:
                raise DecodeError(f"a byte is 0 to 255, got id {i} (token {place})", id=i)
        return from_utf8(bytes(tokens.ids.tolist()), "bytes")


def _bytes(text: str) -> NDArray[np.int64]:
    import numpy as np

    return np.frombuffer(text.encode("utf-8"), dtype=np.uint8).astype(np.int64)
