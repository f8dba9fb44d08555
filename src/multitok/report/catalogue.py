"""Models of the catalogue, and tokenizers: listed, or one of them whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from multitok.catalog.lifecycle import gone
from multitok.catalog.providers import provider
from multitok.core.parameters import hints, takes_in_words
from multitok.core.registry import AnyCounter
from multitok.core.tokenizer import Tokenizer
from multitok.report.columns import table, wrapped
from multitok.report.documents import document
from multitok.report.safe import shown
from multitok.report.text import KIND_COLOR, style

if TYPE_CHECKING:
    from multitok.catalog.load import Model
    from multitok.core.registry import Entry
    from multitok.train import Trained


def model_to_dict(model: Model) -> dict[str, Any]:
    """One model whole, as JSON."""
    rules = {
        name: {**rule._asdict(), "kind": rule.kind_at_hand} for name, rule in model.rules.items()
    }
    retired = model.retired.isoformat() if model.retired else None
    same = {"rules": rules, "overhead": model.overhead.to_dict(), "retired": retired}
    said = {key: value for key, value in model._asdict().items() if key != "adds"}
    evidence = model.evidence._asdict() if model.evidence else None
    return {**said, **same, "evidence": evidence, "endpoints": list(model.endpoints)}


def models_to_dict(models: Sequence[Model]) -> dict[str, Any]:
    """All of them, each whole."""
    return document({"models": [model_to_dict(model) for model in models]})


def render_models(models: Sequence[Model], *, color: bool, width: int | None = None) -> str:
    """A row a model: its provider, its context window, and what it counts with which certainty."""
    rows = [
        [
            model.id,
            model.provider,
            f"{model.context_window:,}" if model.context_window else "",
            " ".join(f"{modality}:{rule.kind_at_hand}" for modality, rule in model.rules.items()),
        ]
        for model in models
    ]
    headers = ["model", "provider", "context", "counts"]
    return table(headers, rows, right=(2,), color=color, width=width)


def render_model(model: Model, *, color: bool, width: int | None = None) -> str:
    """One model whole: each modality's rule, numbers, options and source."""
    facts = [f"provider {model.provider}"]
    if model.context_window:
        facts.append(f"context {model.context_window:,}")
    if model.max_output:
        facts.append(f"output up to {model.max_output:,}")
    if model.task != "chat":
        facts.append(f"task {model.task}")
    if model.aliases:
        facts.append(f"also {', '.join(model.aliases)}")
    name = style(shown(model.id), "bold", color=color)
    parts = [f"{name}\n  {shown(' · '.join(facts))}"]
    if model.family:
        parts[0] += f"\n  stands for: {shown(', '.join(model.family))}"
    if model.retired:
        page = provider(model.provider).retirements
        word = "retired" if gone(model) else "is retired"
        parts[0] += f"\n  {word} on {model.retired}" + (f" ({page})" if page else "")
    if model.evidence:
        parts[0] += f"\n  requests: {model.evidence}"
    for endpoint in model.endpoints:
        parts[0] += f"\n  elsewhere: {shown(f'{endpoint}/{model.id}')} is counted otherwise"
    if model.note:
        parts[0] += f"\n  note: {shown(model.note)}"
    parts += [_rule(modality, rule, color=color) for modality, rule in model.rules.items()]
    parts += [shown(f"{modality}: unknown. {why}") for modality, why in model.unknown.items()]
    return wrapped("\n\n".join(parts), width)


def _rule(modality: str, rule: Any, *, color: bool) -> str:
    params = ", ".join(f"{key}={value!r}" for key, value in rule.params.items())
    kind = style(rule.kind_at_hand, KIND_COLOR[rule.kind_at_hand], color=color)
    lines = [f"{modality}: {shown(f'{rule.tokenizer}({params})')} {kind}"]
    for name, option in rule.options.items():
        values = [key for key in option if key not in ("default", "param", "type", "kind")]
        words = " ".join(f"{v}={option[v]}" if "param" in option else v for v in values)
        default = f" (default {option['default']})" if "default" in option else ""
        lines.append(shown(f"  -s {name}=... {words}{default}"))
    lines += [f"  note: {shown(note)}" for note in rule.notes]
    if rule.license:
        lines.append(shown(f"  license of the vocabulary: {rule.license}; none of it ships here"))
    checked = f", checked {rule.checked}" if rule.checked else ""
    return "\n".join([*lines, style(f"  {shown(rule.source + checked)}", "dim", color=color)])


def tokenizer_to_dict(cls: type[AnyCounter]) -> dict[str, Any]:
    """A tokenizer class: what it does, and what each of its parameters may be."""
    import inspect as python_inspect
    from dataclasses import MISSING, fields

    types = hints(cls)
    parameters = []
    for f in fields(cls):  # type: ignore[arg-type]
        takes = takes_in_words(types.get(f.name, Any))
        needed = f.default is MISSING and f.default_factory is MISSING
        default = {} if needed else {"default": f.default}
        parameters.append({"name": f.name, "takes": takes, "needed": needed, **default})
    encodes = issubclass(cls, Tokenizer)
    decodes = issubclass(cls, Tokenizer) and cls.decode is not Tokenizer.decode
    return document(
        {
            "name": cls.name,
            "modality": cls.modality,
            "can": ["count", *["encode"] * encodes, *["decode"] * decodes],
            "parameters": parameters,
            "doc": python_inspect.getdoc(cls) or "",
        }
    )


def render_tokenizer(described: Mapping[str, Any], *, color: bool, width: int | None = None) -> str:
    """`tokenizer_to_dict` for people: the example of its docstring is for Python's."""
    head = style(shown(described["name"]), "bold", color=color)
    lines = described["doc"].partition("\n>>>")[0].rstrip("\n").split("\n")
    parts = [
        f"{head}  {shown(described['modality'])}: {', '.join(described['can'])}",
        "\n".join(map(shown, lines)),
    ]
    if described["parameters"]:
        rows = [
            [one["name"], "needed" if one["needed"] else repr(one["default"]), one["takes"]]
            for one in described["parameters"]
        ]
        parts.append(table(["parameter", "default", "takes"], rows, color=color, width=width))
    return "\n\n".join(parts)


def tokenizers_to_dict(entries: Sequence[Entry]) -> dict[str, Any]:
    """Every tokenizer that can be named, and where it comes from."""
    return document({"tokenizers": [entry._asdict() for entry in entries]})


def render_tokenizers(entries: Sequence[Entry], *, color: bool, width: int | None = None) -> str:
    """A row a tokenizer."""
    rows = [[e.name, e.modality or "?", e.origin, e.target] for e in entries]
    headers = ["name", "modality", "from", "class"]
    return table(headers, rows, color=color, width=width)


def trained_to_dict(made: Trained) -> dict[str, Any]:
    """A tokenizer that was learned, as JSON."""
    return document(
        {
            "kind": made.kind,
            "path": str(made.path),
            "vocab_size": made.vocab_size,
            "items": made.items,
        }
    )


def render_trained(made: Trained, items: str) -> str:
    """`tokenizer.json: bpe of 4,000 ids from 1,200 lines`."""
    told = f"{shown(made.path)}: {made.kind} of {made.vocab_size:,} ids from {made.items:,} {items}"
    if made.asked is None:
        return told
    return f"{told} ({made.asked:,} were asked for: no more runs recur)"
