"""A tokenizer made of parameters that come as data, each of them checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from multitok.core.errors import MediaError, PluginError, UnknownNameError
from multitok.core.parameters import hints, matches, wanted
from multitok.core.tokenizer import TokenCounter


def made(cls: type[TokenCounter[Any, Any]], params: Mapping[str, Any]) -> TokenCounter[Any, Any]:
    """A tokenizer of this class, which need not be registered; each parameter is checked."""
    name = cls.name
    if not is_dataclass(cls):
        raise PluginError(
            f"tokenizer {name!r} ({target_of(cls)}) is no dataclass: its parameters are its fields."
            " Put @dataclass(frozen=True, kw_only=True) above it",
            name=name,
            target=target_of(cls),
            distribution=None,
        )
    known = {f.name: f for f in fields(cls) if f.init}
    takes = ", ".join(
        key if f.default is MISSING and f.default_factory is MISSING else f"{key}={f.default!r}"
        for key, f in known.items()
    )
    for key in params:
        if key not in known:
            raise UnknownNameError.because(
                f"tokenizer {name!r} has no parameter {key!r}",
                key,
                known,
                f"It takes: {takes}" if takes else "It takes none",
            )
    for key, f in known.items():
        if f.default is MISSING and f.default_factory is MISSING and key not in params:
            raise UnknownNameError(
                f"tokenizer {name!r} needs the parameter {key!r}. It takes: {takes}",
                name=key,
                choices=tuple(known),
                suggestion=None,
            )
    values = {key: tupled(value) for key, value in params.items()}
    types = hints(cls)
    for key, value in values.items():
        if key in types and not matches(value, types[key]):
            raise MediaError(
                f"{key} of tokenizer {name!r} must be {wanted(types[key])}, got {params[key]!r}"
                f"{_alone(key, params[key], types[key])}."
                f" It takes: {takes}"
            )
    return cls(**values)


def _alone(key: str, value: Any, hint: Any) -> str:
    """How one value is written for a parameter that takes a list of any length."""
    whole = not isinstance(value, list | tuple) and matches((value,), hint)
    return f": write [{value!r}], at the shell '{key}={value},'" if whole else ""


def target_of(cls: type[TokenCounter[Any, Any]]) -> str:
    """Where a class stands, as the registry has it: module:Class."""
    return f"{cls.__module__}:{cls.__qualname__}"


def tupled(value: Any) -> Any:
    """JSON and TOML have lists where a frozen dataclass needs tuples."""
    if isinstance(value, list | tuple):
        return tuple(tupled(item) for item in value)
    return value
