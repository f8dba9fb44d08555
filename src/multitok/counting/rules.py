"""Which rule counts: a model's or a tokenizer's, built and ready."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast, overload

from multitok.catalog.accepts import Accepts, accepts
from multitok.catalog.lifecycle import silence
from multitok.catalog.load import Model, catalog, user_stamps
from multitok.core.counts import Kind, weakest
from multitok.core.errors import MediaError, MultitokError, UnknownNameError
from multitok.core.making import tupled
from multitok.core.registry import AnyCounter, build, class_for
from multitok.core.stamps import Stamp, stamp
from multitok.core.tokenizer import Ranged, TokenCounter, Tokenizer

if TYPE_CHECKING:
    from datetime import date

    from multitok.core.info import (
        ActionsInfo,
        AudioInfo,
        ImageInfo,
        Modality,
        PdfInfo,
        SeriesInfo,
        TextInfo,
        VideoInfo,
    )
    from multitok.core.media import Actions, Audio, Image, Pdf, Series, Text, Video


def modalities_of(
    models: Iterable[str | None],
    tokenizer: str | AnyCounter | None,
    files: Sequence[str] = (),
    sources: Iterable[Any] = (),
) -> set[str]:
    """What these models, or this tokenizer, count. UnknownNameError says what helps with the first
    of the `sources`."""
    if isinstance(tokenizer, str):
        return {class_for(tokenizer).modality}
    if tokenizer is not None:
        return {tokenizer.modality}
    known = catalog(*files)
    try:
        return {m for name in models if name for m in known.model(_one(name)).rules}
    except UnknownNameError as error:
        from multitok.counting.subject import told_modality

        known.model(error.name, next(map(told_modality, sources), None))  # in the words for it
        raise


def own_options(
    options: Mapping[str, Any], modality: str, model: str | None, files: Sequence[str] = ()
) -> Mapping[str, Any]:
    """Of one among many sources: the options without those that only another modality's rule of
    this model takes. What no rule of it takes stays, and is refused."""
    if not options or not isinstance(options, Mapping) or model is None:
        return options
    rules = catalog(*files).model(_one(model)).rules
    if modality not in rules:
        return options
    others = {name for rule in rules.values() for name in rule.options}
    others -= set(rules[modality].options)
    return {name: value for name, value in options.items() if name not in others}


def _one(model: Any) -> str:
    """The name of a model; MediaError for several."""
    if not isinstance(model, str):
        raise MediaError(
            f"model must be the name of one, got {model!r}: multitok.compare(source, models=...)"
            " counts for several"
        )
    return model


def files_of(catalog: str | Sequence[str]) -> tuple[str, ...]:
    """The catalogue files that were given: one by its path, or several."""
    return several(catalog, "catalog", "mine.toml") if catalog != () else ()


def several(given: Any, word: str, example: str) -> tuple[str, ...]:
    """One name or several, as a tuple; MediaError for what is neither."""
    if isinstance(given, str | os.PathLike):
        return (os.fspath(given),)
    if not isinstance(given, Iterable):
        raise MediaError(f"{word} must be a list of names, got {given!r}: {word}=[{example!r}]")
    return tuple(given)


class Elsewhere(NamedTuple):
    """The same model under other runtimes (`words`): how they count, whether they see pictures as
    they are stored, and whether that is all that differs."""

    words: str
    count: Callable[[Any], int]
    stored: bool
    same: bool


LASTING = ("image", "video", "audio")
"""Modalities in which a rule that is named gives a shape the same count each time: of a text, and
of a PDF, it hangs on which vocabularies are at hand."""


@dataclass(frozen=True, slots=True, eq=False)
class Resolved:
    """A model's or a tokenizer's rule for one modality, built and ready to count; and what the
    model's API takes, where it is stated. One that is looked up again is the same object.

    `stored` pictures are seen without their EXIF rotation. `elsewhere` is empty where the runtime
    was chosen. `unranged` is a tokenizer that was named without its range. `silent` is a rule that
    says nothing of an input in memory beside its parts. What a `lasting` one says of a shape may be
    kept.
    """

    counter: AnyCounter
    stated: Kind
    source: str
    checked: date | None
    notes: tuple[str, ...]
    model: Model | None
    accepts: Accepts | None = None
    stored: bool = False
    elsewhere: tuple[Elsewhere, ...] = ()
    measured: tuple[float, float] | None = None
    unranged: bool = False
    silent: bool = False
    lasting: bool = False

    @property
    def kind(self) -> Kind:
        """What is stated of the rule, or less where what it needs is not at hand."""
        here = self.counter.kind_at_hand()  # asked with every count, and mostly no less
        return self.stated if here in ("exact", self.stated) else weakest([self.stated, here])

    @property
    def published(self) -> bool:
        """Whether the model's own pipeline is known, as that of open weights is."""
        return self.model is not None and self.model.provider == "open"

    @property
    def error(self) -> tuple[float, float] | None:
        """What a number may be off: as measured for this rule, or as its counter states it."""
        return self.measured or self.counter.error()

    def error_of(self, x: Any) -> tuple[float, float] | None:
        """The same for the count of one input."""
        return self.measured or self.counter.error_of(x)


def check_names(
    model: str | None,
    tokenizer: str | AnyCounter | None,
    files: Sequence[str] = (),
    sources: Iterable[Any] = (),
) -> None:
    """UnknownNameError unless a model or a tokenizer is named, one of them only, and known."""
    _check_one(model, tokenizer)
    modalities_of([model], tokenizer, files, sources)


def _check_one(model: str | None, tokenizer: str | AnyCounter | None) -> None:
    if model is not None and tokenizer is not None:
        name = tokenizer if isinstance(tokenizer, str) else tokenizer.name
        raise UnknownNameError(
            f"model {model!r} and tokenizer {name!r} are both named: name one",
            name=name,
            choices=(),
            suggestion=None,
        )
    if model is None and tokenizer is None:
        raise UnknownNameError(
            "name a model (model='gpt-4o', -m gpt-4o) or a tokenizer (tokenizer='o200k_base',"
            " -t o200k_base). See: multitok models",
            name=None,
            choices=(),
            suggestion=None,
        )


def _plain(key: str, value: Any) -> Any:
    """A value as rules are cached by; MediaError for what no option and no parameter takes."""
    found = tupled(value)
    try:
        hash(found)
    except TypeError:
        from multitok.core.schema import shown

        what = f"{key} must be a word, a number or a list of them"
        raise MediaError(f"{what}, got {shown(value)}") from None
    return found


def resolve(
    modality: str,
    *,
    model: str | None = None,
    tokenizer: str | AnyCounter | None = None,
    options: Mapping[str, Any] | None = None,
    files: Sequence[str] = (),
) -> Resolved:
    """The rule that a model (or a tokenizer by name) counts this modality with."""
    if model is None or tokenizer is not None:
        _check_one(model, tokenizer)
    if tokenizer is not None and not isinstance(tokenizer, str):
        if not isinstance(tokenizer, TokenCounter):
            raise MediaError(
                f"tokenizer must be a name such as 'o200k_base', or a tokenizer, got {tokenizer!r}"
            )
        return Resolved(tokenizer, tokenizer.kind, "the tokenizer itself", None, (), None)
    given: tuple[tuple[str, Any], ...] = ()
    if options:
        if not isinstance(options, Mapping):
            raise MediaError(f"options must be a mapping, got {options!r}: {{'detail': 'low'}}")
        given = tuple(sorted((key, _plain(key, value)) for key, value in options.items()))
    if tokenizer is not None:
        return _resolve_tokenizer(tokenizer, given)
    stamps = user_stamps()
    if files:
        stamps = (*stamps, *map(stamp, files))
    return _resolve_model(_one(model), modality, given, stamps, tuple(files))


@lru_cache(maxsize=4096)
def _resolve_model(
    name: str,
    modality: str,
    options: tuple[tuple[str, Any], ...],
    stamps: tuple[Stamp, ...],
    files: tuple[str, ...],
) -> Resolved:
    """`stamps` tell the files, the user's own too, from what they were."""
    model = catalog(*files).model(name, modality)
    rule = model.rule(modality, dict(options))
    checked = None
    if rule.checked:
        from datetime import date

        checked = date.fromisoformat(rule.checked)
    counter = rule.counter()
    elsewhere = _elsewhere(model, modality, dict(options), (counter, rule.stored))
    taken = accepts(model.provider, model.id, modality)
    notes = rule.notes if rule.bills is None else (met(rule.bills), *rule.notes)
    about = rule.source, checked, notes, model, taken, rule.stored, elsewhere
    found = Resolved(counter, rule.kind, *about, rule.error, lasting=modality in LASTING)
    return replace(found, silent=_is_silent(found))


WORDS = (
    "needs_content", "literal_text", "geometry", "size_seen", "frames_seen", "notes", "left_out",
    "error", "error_of",
)  # fmt: skip
"""What a count asks of a rule beside its parts."""


def is_default(counter: AnyCounter, method: str) -> bool:
    """Whether a rule leaves a method of the interface as it is."""
    return getattr(type(counter), method) is getattr(TokenCounter, method)


def _is_silent(rule: Resolved) -> bool:
    """Asked once a rule, since asking for all these words costs as much as half a count of 1 kB."""
    if rule.elsewhere or rule.accepts is not None or isinstance(rule.counter, Ranged):
        return False
    return all(is_default(rule.counter, word) for word in WORDS)


def met(bills: tuple[int, int]) -> str:
    """`confirmed by 47 of 47 bills`"""
    return f"confirmed by {bills[0]:,} of {bills[1]:,} bills"


def _elsewhere(
    model: Model, modality: str, options: dict[str, Any], here: tuple[AnyCounter, bool]
) -> tuple[Elsewhere, ...]:
    """The other runtimes of a rule that names some, where none was chosen; alike ones once."""
    runtimes = model.rules[modality].options.get("runtime", {})
    found: dict[tuple[AnyCounter, bool], list[str]] = {}
    for word in runtimes if "runtime" not in options else ():
        if word in ("default", runtimes["default"]):
            continue
        try:
            rule = model.rule(modality, {**options, "runtime": word})
            other = rule.counter(), rule.stored
        except MultitokError:
            continue  # the other options do not go with it
        if other != here:
            found.setdefault(other, []).append(word)
    return tuple(
        Elsewhere(" or ".join(words), counter.count, stored, counter == here[0])
        for (counter, stored), words in found.items()
    )


@lru_cache(maxsize=256)
def _resolve_tokenizer(name: str, params: tuple[tuple[str, Any], ...]) -> Resolved:
    try:
        counter = build(name, dict(params))
    except UnknownNameError as error:
        if error.name == name and catalog().has(name):
            raise UnknownNameError(
                f"unknown tokenizer {name!r}: it is a model."
                f" Name it so: -m {name} (model={name!r})",
                name=name,
            ) from None
        raise
    found = Resolved(
        counter, counter.kind, "the tokenizer itself", None, (), None,
        lasting=counter.modality in LASTING,
    )  # fmt: skip
    if isinstance(counter, Ranged) and not {key for key, _ in params} & set(counter.ranges):
        return replace(found, unranged=True)
    return replace(found, silent=_is_silent(found))


def models(*files: str, query: str | None = None) -> list[Model]:
    """Every model of the catalogue, the user's own rows and those of these files included, or those
    with all words of the query in a name of theirs.

    >>> {model.id: model.context_window for model in models()}["gpt-4o"]
    128000
    >>> [model.id for model in models(query="kimi k3")]
    ['kimi-k3.1-pro', 'kimi-k3', 'moonshotai/Kimi-K3']
    """
    known = catalog(*files)
    return known.models() if query is None else known.search(query)


@overload
def tokenizer_for_model(
    model: str, modality: Literal["text"] = "text", *, options: Mapping[str, Any] | None = None
) -> Tokenizer[Text, TextInfo]: ...
@overload
def tokenizer_for_model(
    model: str, modality: Literal["image"], *, options: Mapping[str, Any] | None = None
) -> Tokenizer[Image, ImageInfo]: ...
@overload
def tokenizer_for_model(
    model: str, modality: Literal["video"], *, options: Mapping[str, Any] | None = None
) -> Tokenizer[Video, VideoInfo]: ...
@overload
def tokenizer_for_model(
    model: str, modality: Literal["audio"], *, options: Mapping[str, Any] | None = None
) -> Tokenizer[Audio, AudioInfo]: ...
@overload
def tokenizer_for_model(
    model: str, modality: Literal["series"], *, options: Mapping[str, Any] | None = None
) -> Tokenizer[Series, SeriesInfo]: ...
@overload
def tokenizer_for_model(
    model: str, modality: Literal["actions"], *, options: Mapping[str, Any] | None = None
) -> Tokenizer[Actions, ActionsInfo]: ...
@overload
def tokenizer_for_model(
    model: str, modality: Literal["pdf"], *, options: Mapping[str, Any] | None = None
) -> Tokenizer[Pdf, PdfInfo]: ...
def tokenizer_for_model(
    model: str, modality: Modality = "text", *, options: Mapping[str, Any] | None = None
) -> Tokenizer[Any, Any]:
    """The tokenizer behind a model's modality, with the model's parameters.

    Where the provider publishes the count only, it counts, and OnlyCountsError says so when tokens
    are asked of it. UnknownRuleError where not even the count is published.

    >>> from multitok import ImageInfo
    >>> tokenizer_for_model("Qwen/Qwen2.5-VL-7B-Instruct", "image").count(ImageInfo(600, 400))
    294
    """
    counter = resolve(modality, model=model, options=options).counter
    return cast("Tokenizer[Any, Any]", counter)


def default_models(modality: str, files: Sequence[str] = ()) -> tuple[str, ...]:
    """The models to show when none is named (catalog/defaults.toml says why these)."""
    return catalog(*files).defaults(modality)


def models_for(modality: str, files: Sequence[str] = ()) -> tuple[str, ...]:
    """The ids of the models that count a modality."""
    return tuple(model.id for model in models(*files) if modality in model.rules)


def answering_models(
    modality: str, files: Sequence[str] = (), on: date | None = None
) -> tuple[str, ...]:
    """Those of them that answer a prompt with it on a day, today when none is given."""
    listed = (model for model in models(*files) if modality in model.rules)
    return tuple(model.id for model in listed if not silence(model, modality, on))
