"""From a source to its tokens, and from tokens back to what they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import index
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack, cast

from multitok.core.boundary import boundary
from multitok.core.errors import DecodeError, MultitokError, NotInvertibleError
from multitok.core.info import Modality, TextInfo, VideoInfo
from multitok.core.registry import AnyCounter, from_config
from multitok.core.sequence import TokenSequence
from multitok.core.token_files import AGAIN
from multitok.core.tokenizer import Sampled, Tokenizer
from multitok.counting.door import subject_for
from multitok.counting.ranges import clipping_of, ranged
from multitok.counting.rules import Resolved, files_of, resolve
from multitok.counting.subject import Subject
from multitok.loaders.probed import ReadWords

if TYPE_CHECKING:
    from multitok.core.media import Media


def encode(
    source: Any,
    *,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    modality: Modality | None = None,
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
    **read: Unpack[ReadWords],
) -> TokenSequence:
    """The tokens of a source, as the encoder of a model or a tokenizer makes them.

    The arguments are those of `count`, and `len(encode(x)) == count(x).tokens` but for plain text
    around a picture that the model's text tokenizer counts. A clip is decoded frame by frame where
    the rule takes it so, however long it is. NotInvertibleError where a provider publishes the
    count only.

    >>> encode("one two", tokenizer="o200k_base", modality="text").ids.tolist()
    [690, 1920]
    """
    files = files_of(catalog)
    subject = subject_for(source, modality, model, tokenizer, files, read)
    return encode_subject(subject, model=model, tokenizer=tokenizer, options=options, files=files)


def encode_subject(
    subject: Subject,
    *,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    options: Mapping[str, Any] | None = None,
    files: tuple[str, ...] = (),
) -> TokenSequence:
    """`encode` for a source that is probed already."""
    return encoded(subject, model=model, tokenizer=tokenizer, options=options, files=files).tokens


class Encoded(NamedTuple):
    """The tokens of a source, and what its reader should know: the notes of its count."""

    tokens: TokenSequence
    notes: tuple[str, ...]


def encoded(
    subject: Subject,
    *,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    options: Mapping[str, Any] | None = None,
    files: tuple[str, ...] = (),
) -> Encoded:
    """`encode_subject`, and its notes."""
    rule = resolve(subject.modality, model=model, tokenizer=tokenizer, options=options, files=files)
    if not isinstance(rule.counter, Tokenizer):
        raise NotInvertibleError(
            f"{rule.counter.name} only counts: the provider does not publish the tokens."
            " See: multitok tokenizers"
        )
    with boundary("encoding", subject):
        return _encoded(rule, subject.as_stored() if rule.stored else subject)


def _encoded(rule: Resolved, subject: Subject) -> Encoded:
    counter, info, notes = rule.counter, subject.info, [*subject.notes, *rule.notes]
    # a protocol is dear: the cheap question comes first
    if isinstance(info, VideoInfo) and isinstance(counter, Sampled) and subject.source:
        stream = subject.frames(counter.frame_indices(info))
        tokens = counter.encode_frames(info, ((f.time, f.pixels) for f in stream))
    else:
        content = subject.content()
        found, said = ranged(rule, content)
        counter, notes = found.counter, [*notes, *said]
        tokens = cast("Tokenizer[Any, Any]", counter).encode(content)
        notes += clipping_of(cast("Tokenizer[Any, Any]", counter), tokens)
    return Encoded(tokens, (*notes, *counter.notes(info)))


def decode(
    tokens: TokenSequence | Sequence[int],
    *,
    tokenizer: str | AnyCounter | None = None,
    model: str | None = None,
    options: Mapping[str, Any] | None = None,
    catalog: str | Sequence[str] = (),
) -> Media:
    """What the tokens stand for, by the tokenizer that made them: they carry its parameters. Bare
    ids are of a text, and name theirs, or its model.

    A picture, text, sound, series or motion, as close to the input as the tokenizer states
    (`error_bound`). NotInvertibleError where tokens cannot be turned back; DecodeError for tokens
    that are damaged. `TokenSequence.load(path)` reads the tokens that `save` wrote.

    >>> decode(encode("one two", tokenizer="o200k_base", modality="text"))
    Text(text='one two')
    >>> decode([690, 1920], tokenizer="o200k_base").text
    'one two'
    """
    if tokenizer is not None or model is not None:
        rule = resolve(
            "text", model=model, tokenizer=tokenizer, options=options, files=files_of(catalog)
        )
        with boundary("decoding", "the ids"):
            return cast("Media", _decoded(rule.counter, _of_text(rule.counter, tokens)))
    if not isinstance(tokens, TokenSequence):
        raise DecodeError(
            f"decode takes a TokenSequence, got {type(tokens).__name__}: encode makes one,"
            " multitok.TokenSequence.load reads one. Ids of a text name their tokenizer,"
            " decode([690, 1920], tokenizer='o200k_base')"
        )
    with boundary("decoding", "the tokens"):
        return cast("Media", _decoded(from_config(tokens.tokenizer), tokens))


def _of_text(counter: AnyCounter, ids: Any) -> TokenSequence:
    """Ids as the tokens that a tokenizer of text would have made."""
    import numpy as np

    if isinstance(ids, TokenSequence):
        return ids
    if counter.modality != "text" or not isinstance(counter, Tokenizer):
        raise DecodeError(
            f"{counter.name} does not make a text of bare ids: pass the tokens that encode made"
        )
    try:
        whole = np.array([index(i) for i in ids], np.int64)
    except (TypeError, OverflowError):
        raise DecodeError(f"ids are whole numbers, got {ids!r:.80}") from None
    return TokenSequence(
        tokenizer=counter.config(),
        info=TextInfo(0),
        special=np.zeros(len(whole), np.bool_),
        ids=whole,
    )


def _decoded(tokenizer: AnyCounter, tokens: TokenSequence) -> Any:
    """Each part of a file was checked by itself when it was read; whether its arrays go together,
    only their arithmetic shows."""
    if not isinstance(tokenizer, Tokenizer):
        raise NotInvertibleError(f"{tokenizer.name} only counts: there is nothing to decode")
    import numpy as np

    try:
        with np.errstate(over="raise", divide="raise", invalid="raise"):
            return tokenizer.decode(tokens)
    except MultitokError:
        raise
    except (TypeError, ValueError, IndexError, ArithmeticError, MemoryError) as error:
        what = f"the tokens do not fit the {tokenizer.name} tokenizer that they name ({error})"
        raise DecodeError(f"{what}. Make them again: {AGAIN}") from error
