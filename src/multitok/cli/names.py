"""Names on the command line that the shell can complete: models, tokenizers, providers, files.

What stands earlier on the line is known by then: `--catalog mine.toml` adds its models, `-m gpt-4o`
says which options `-s` takes. A type imports what it lists only when it is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class _Name(click.ParamType):  # type: ignore[type-arg]
    """A name, taken as it is written: whoever looks it up says what is near."""

    name = "text"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        return value

    def known(self, context: click.Context, begun: str) -> Iterator[tuple[str, str]]:
        """The names, each with a word on it."""
        raise NotImplementedError

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return items(self.known(ctx, incomplete), incomplete)


class ModelName(_Name):
    """A model of the catalogue: those that answer no more are told when no other begins so."""

    def known(self, context: click.Context, begun: str) -> Iterator[tuple[str, str]]:
        from multitok.catalog.lifecycle import gone
        from multitok.catalog.load import catalog

        models = catalog(*(context.params.get("catalog") or ())).models()
        named = [(name, m) for m in models for name in (m.id, *m.aliases) if _begins(name, begun)]
        answer = [(name, m) for name, m in named if not gone(m)]
        for name, model in answer or named:
            yield name, model.provider


class TokenizerName(_Name):
    """A tokenizer: built in, or of an installed plugin."""

    def known(self, context: click.Context, begun: str) -> Iterator[tuple[str, str]]:
        from multitok.core import registry

        of = {entry.name: entry.modality or entry.origin for entry in registry.tokenizers()}
        for name in registry.names():
            yield name, of.get(name, "text")


class ProviderName(_Name):
    """Whoever makes or sells a model of the catalogue."""

    def known(self, context: click.Context, begun: str) -> Iterator[tuple[str, str]]:
        from multitok.catalog.load import catalog

        for name in sorted({model.provider for model in catalog().models()}):
            yield name, ""


class AcceleratorName(_Name):
    """Hardware whose peaks are known."""

    def known(self, context: click.Context, begun: str) -> Iterator[tuple[str, str]]:
        from multitok.compute.accelerators import accelerators

        for name, one in accelerators().items():
            yield name, one.name


def settings_of(context: click.Context) -> Iterator[tuple[str, str]]:
    """The KEY=VALUE words that the models or the tokenizer of a line take."""
    given = context.params
    tokenizers = given.get("tokenizers") or filter(None, [given.get("tokenizer")])
    for name in tokenizers:
        yield from _parameters(name)
    if any(given.get(word) for word in ("tokenizer", "tokenizers")):
        return
    for name in given.get("models") or ():
        yield from _options(name, given.get("catalog") or ())


def _options(model: str, files: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    from multitok.catalog.load import catalog

    known = catalog(*files)
    rules = known.model(model).rules if known.has(model) else {}
    for modality, rule in rules.items():
        for key, option in rule.options.items():
            words = [word for word in option if word != "default"]
            if "param" in option:  # a number: its default, where it has one
                words = [option.get("default", "")]
            for word in words:
                yield f"{key}={word}", modality


def _parameters(tokenizer: str) -> Iterator[tuple[str, str]]:
    from multitok.core.registry import class_for
    from multitok.report.catalogue import tokenizer_to_dict

    for one in tokenizer_to_dict(class_for(tokenizer))["parameters"]:
        default = one.get("default")
        plain = isinstance(default, str | int | float)
        yield f"{one['name']}={default if plain else ''}", one["takes"]


def items(known: Iterable[tuple[str, str]], begun: str) -> list[CompletionItem]:
    """What the shell shows of these names: those that begin so, each once."""
    from click.shell_completion import CompletionItem

    from multitok.core.errors import MultitokError

    try:
        words = {name: word for name, word in known if _begins(name, begun)}
    except MultitokError:  # a catalogue or a plugin that cannot be read: the command will say why
        return []
    return [CompletionItem(name, help=word or None) for name, word in words.items()]


def file_items(begun: str) -> list[CompletionItem]:
    """The shell's own list of files."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(begun, type="file")]


def _begins(name: str, begun: str) -> bool:
    return name.casefold().startswith(begun.casefold())
