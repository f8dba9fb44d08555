"""The text of open models by name: the published vocabulary, or an estimate that says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from multitok.core.counts import Kind, StreamCount
from multitok.core.errors import DecodeError, MediaError, MissingDependencyError, SourceError
from multitok.core.extras import install
from multitok.core.info import TextInfo, info_of
from multitok.core.tokenizer import Tokenizer
from multitok.modalities.text import carried, hub, stream
from multitok.modalities.text.carried import Carried
from multitok.modalities.text.content import from_utf8, text_of
from multitok.modalities.text.flat import each, flattened
from multitok.modalities.text.hf import HfTokenizer
from multitok.modalities.text.linear import LinearTextCounter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from multitok.core.media import Text
    from multitok.core.sequence import TokenSequence


@dataclass(frozen=True, kw_only=True)
class PublishedTokenizer(Tokenizer["Text", TextInfo]):
    """The tokens of a published vocabulary, from what is at hand; nothing is ever downloaded.

    In this order: `vocabulary` as the engine of the `fast` extra carries it; the tokenizer file of
    `repo` in the Hugging Face cache; the estimate of `estimate` (as `text-linear`); else an error
    that names the ways to be exact. `kind_at_hand` and `error` tell which it is; only an estimate
    cannot `encode`.

    Special tokens spelled out in a text ("<|im_start|>") are plain text; other added tokens of the
    published file ("<think>", "<table>") are one token, as in every runtime. What a chat or a
    template puts around a text is not counted here. Positions are byte spans of the text. Decoding
    is exact, of the text as the vocabulary knows it: in NFC (Qwen), with U+2581 as a space (Gemma,
    Llama 2, Mistral's first ones).
    Source: the published files, which oracle/test_vocabularies.py holds the engine to.

    >>> from multitok import Text
    >>> PublishedTokenizer(vocabulary="llama-3").count(Text("hello world"))
    2
    """

    vocabulary: str | None = None
    repo: str | None = None
    estimate: str | None = None

    name: ClassVar[str] = "published"
    modality: ClassVar[str] = "text"
    lenient: ClassVar[tuple[str, ...]] = ("repo", "estimate")
    examples: ClassVar[tuple[Mapping[str, Any], ...]] = (
        {"vocabulary": "llama-3"},
        {"vocabulary": "gemma-3", "estimate": "gemma-3"},
        {"vocabulary": "qwen-3", "repo": "Qwen/Qwen3-8B"},
        {"vocabulary": "mistral-v1"},
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.vocabulary is not None:
            carried.carried(self.vocabulary)
        if {self.vocabulary, self.repo, self.estimate} == {None}:
            raise MediaError(
                "published takes a vocabulary, a repo or an estimate, got none of them: vocabulary"
                f" is one of {', '.join(carried.index())}"
            )
        self._estimate()

    def kind_at_hand(self) -> Kind:
        vocabulary = self._carried()
        if vocabulary is not None:
            return vocabulary.kind
        file = self._file()
        return file.kind_at_hand() if file is not None else "estimate"

    def fingerprint(self) -> str | None:
        file = self._file() if self._carried() is None else None
        return None if file is None else file.fingerprint()

    def error(self) -> tuple[float, float] | None:
        if self.kind_at_hand() != "estimate":
            return None
        estimate = self._estimate()
        return estimate.error() if estimate else None

    def error_of(self, x: Text | TextInfo, /) -> tuple[float, float] | None:
        estimate = self._estimate() if self.kind_at_hand() == "estimate" else None
        return estimate.error_of(x) if estimate else None

    def count(self, x: Text | TextInfo, /) -> int:
        text = text_of(x, "token")
        vocabulary = self._carried()
        if vocabulary is None:
            return self._instead().count(x)
        return sum(len(ids) for ids, _ in _encoded(vocabulary, [text]))

    def count_stream(self, chunks: Iterable[str], /) -> StreamCount | None:
        """Tokens of a text that arrives in chunks, which may be cut anywhere."""
        vocabulary = self._carried()
        if vocabulary is None:
            return self._instead().count_stream(chunks)
        tokens, exact, begins = 0, True, True
        for window, safe in stream.windows(chunks, vocabulary.cut, cap=stream.CAP):
            tokens += sum(len(ids) for ids, _ in vocabulary.parts(window, begins=begins))
            exact, begins = exact and safe, False
        return StreamCount({"text": tokens}, exact)

    def upper_bound(self, x: Text | TextInfo, /) -> int | None:
        """Each token holds a byte at least; NFC makes at most three of one."""
        vocabulary = self._carried()
        if vocabulary is None:
            return None
        return int(info_of(x).bytes) * (3 if vocabulary.form else 1) + vocabulary.prefix

    def explain(self, x: Text | TextInfo, /) -> list[str]:
        vocabulary = self._carried()
        if vocabulary is None:
            return self._instead().explain(x)
        cut = f"{info_of(x).bytes:,} UTF-8 bytes cut by the vocabulary of {vocabulary.models}"
        return [cut] if x is info_of(x) else [f"{cut} = {self.count(x):,} tokens"]

    def notes(self, x: Text | TextInfo, /) -> list[str]:
        vocabulary = self._carried()
        if vocabulary is not None:
            carrier = "as splintr-rs carries it: no published file was at hand to hold it to"
            return [] if vocabulary.held else [f"the vocabulary of {vocabulary.models} {carrier}"]
        file = self._file()
        return file.notes(x) if file is not None else [f"an estimate. {self._ways()}"]

    def prepare(self, media: Text, /) -> Text:
        """The text in the Unicode form of the vocabulary."""
        from multitok.core.media import Text

        vocabulary = self._carried()
        if vocabulary is None:
            return self._readable().prepare(media)
        return Text("".join(seen for _, seen in _encoded(vocabulary, [media.text])))

    def encode(self, media: Text, /) -> TokenSequence:
        from multitok.modalities.text.published_spans import sequence

        vocabulary = self._carried()
        if vocabulary is None:
            return replace(self._readable().encode(media), tokenizer=self.config())
        parts = list(_encoded(vocabulary, [media.text]))
        return sequence(self.config(), media, vocabulary, parts)

    @property
    def ids_below(self) -> int | None:
        vocabulary = self._carried()
        return self._readable().ids_below if vocabulary is None else vocabulary.ids_below

    def special_id(self, token: str, /) -> int | None:
        vocabulary = self._carried()
        if vocabulary is None:
            return self._readable().special_id(token)
        return vocabulary.special_id(token)

    def encode_ids(self, media: Text, /) -> NDArray[np.int64]:
        return self.encode_ids_batch([media])[0]

    def encode_ids_batch(self, items: Iterable[Text], /) -> list[NDArray[np.int64]]:
        vocabulary = self._carried()
        if vocabulary is None:
            return self._readable().encode_ids_batch(items)
        texts = (_encoded(vocabulary, [item.text]) for item in items)
        return each(b"".join(flattened(ids) for ids, _ in parts) for parts in texts)

    def decode(self, tokens: TokenSequence, /) -> Text:
        """The text, in the Unicode form of the vocabulary."""
        vocabulary = self._carried()
        if vocabulary is None:
            file = self._readable()
            return file.decode(replace(tokens, tokenizer=file.config()))
        if tokens.ids is None:
            raise DecodeError("published tokens hold ids, got a sequence without them")
        data = b"".join(_bytes(vocabulary, i, at) for at, i in enumerate(tokens.ids.tolist()))
        return from_utf8(data[1:] if vocabulary.prefix else data, vocabulary.name)

    def error_bound(self, tokens: TokenSequence, /) -> float:
        file = self._file() if self._carried() is None else None
        return 0.0 if file is None else file.error_bound(tokens)

    def _carried(self) -> Carried | None:
        """The vocabulary, where the engine is installed."""
        found = carried.index()[self.vocabulary] if self.vocabulary is not None else None
        return found if found is not None and found.at_hand else None

    def _file(self) -> HfTokenizer | None:
        """The file of the repository, where the Hugging Face cache has it."""
        if self.repo is None or hub.cached(self.repo) is None:
            return None
        return HfTokenizer(repo=self.repo, add_special_tokens=False, split_special_tokens=True)

    def _estimate(self) -> LinearTextCounter | None:
        return None if self.estimate is None else LinearTextCounter(estimate=self.estimate)

    def _instead(self) -> HfTokenizer | LinearTextCounter:
        """What counts without the engine; MissingDependencyError where nothing does."""
        found = self._file() or self._estimate()
        return found if found is not None else self._readable()

    def _readable(self) -> HfTokenizer:
        """What encodes without the engine; else an error that names every way to get there."""
        found = self._file()
        if found is not None:
            return found
        if self.vocabulary is None:
            raise SourceError(f"this vocabulary is not at hand. {self._ways()}", source=self.repo)
        what = f"the vocabulary {self.vocabulary!r}"
        raise MissingDependencyError(
            f"{what} is not at hand. {self._ways()}",
            package="splintr-rs",
            extra="fast",
            purpose=what,
        )

    def _ways(self) -> str:
        engine = f"{install('fast')}; " if self.vocabulary else ""
        repo = f" of {self.repo}" if self.repo else ""
        cache = f"; or have {self.repo} in the Hugging Face cache" if self.repo else ""
        return f"Exact: {engine}-t hf -s path=tokenizer.json with the file{repo}{cache}"


def _encoded(vocabulary: Carried, chunks: list[str]) -> Iterator[carried.Part]:
    """Ids window by window, where the whole text is at hand."""
    begins = True
    for window, _ in stream.windows(chunks, vocabulary.cut):
        yield from vocabulary.parts(window, begins=begins)
        begins = False


def _bytes(vocabulary: Carried, i: int, place: int) -> bytes:
    found = vocabulary.token_bytes(i)
    if found is None:
        raise DecodeError(
            f"{vocabulary.name} has no id {i} (token {place}): ids run from 0 to"
            f" {vocabulary.size - 1}. Decode with the tokenizer that made them",
            id=i,
        )
    return found
