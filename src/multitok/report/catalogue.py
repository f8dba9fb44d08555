"""A model and a tokenizer, as text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from multitok.core.registry import AnyCounter
from multitok.core.tokenizer import Tokenizer
from multitok.report.text import KIND_COLOR, style

if TYPE_CHECKING:
    pass


def model_to_dict(model: Any) -> dict[str, Any]:
    """One model whole, as JSON."""
    rules = {name: rule._asdict() for name, rule in model.rules.items()}
    return {**model._asdict(), "rules": rules, "overhead": dict(model.overhead)}


def render_model(model: Any, *, color: bool) -> str:
    """One model whole: each modality's rule, numbers, options and source."""
    facts = [f"provider {model.provider}"]
    if model.context_window:
        facts.append(f"context {model.context_window:,}")
    if model.max_output:
        facts.append(f"output up to {model.max_output:,}")
    if model.aliases:
        facts.append(f"also {', '.join(model.aliases)}")
    parts = [f"{style(model.id, 'bold', color=color)}\n  {' · '.join(facts)}"]
    if model.note:
        parts[0] += f"\n  note: {model.note}"
    for modality, rule in model.rules.items():
        params = ", ".join(f"{key}={value!r}" for key, value in rule.params.items())
        lines = [
            f"{modality}: {rule.tokenizer}({params})"
            f" {style(rule.kind, KIND_COLOR[rule.kind], color=color)}"
        ]
        for name, option in rule.options.items():
            values = [key for key in option if key not in ("default", "param", "type")]
            shown = " ".join(f"{v}={option[v]}" if "param" in option else v for v in values)
            lines.append(f"  -o {name}=... {shown} (default {option['default']})")
        lines += [f"  note: {note}" for note in rule.notes]
        checked = f", checked {rule.checked}" if rule.checked else ""
        lines.append(style(f"  {rule.source}{checked}", "dim", color=color))
        parts.append("\n".join(lines))
    parts += [f"{modality}: unknown. {why}" for modality, why in model.unknown.items()]
    return "\n\n".join(parts)


def tokenizer_to_dict(cls: type[AnyCounter]) -> dict[str, Any]:
    """A tokenizer class: what it does and which parameters it takes."""
    import inspect as python_inspect
    from dataclasses import MISSING, fields

    params = {f.name: None if f.default is MISSING else f.default for f in fields(cls) if f.init}  # type: ignore[arg-type]
    encodes = issubclass(cls, Tokenizer)
    decodes = issubclass(cls, Tokenizer) and cls.decode is not Tokenizer.decode
    return {
        "name": cls.name,
        "modality": cls.modality,
        "can": ["count", *["encode"] * encodes, *["decode"] * decodes],
        "params": params,
        "doc": python_inspect.getdoc(cls) or "",
    }


def render_tokenizer(document: Mapping[str, Any], *, color: bool) -> str:
    """`tokenizer_to_dict` for people."""
    params = ", ".join(f"{key}={value!r}" for key, value in document["params"].items())
    head = style(document["name"], "bold", color=color)
    can = ", ".join(document["can"])
    return f"{head}({params})  {document['modality']}: {can}\n\n{document['doc']}"
