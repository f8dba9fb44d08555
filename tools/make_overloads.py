"""Write src/multitok/built_in.pyi from the registry: `make overloads`.

The registry holds names as strings, so that listing imports nothing; a type checker needs to know
which class a name stands for, and which parameters it takes. The stub says so and is never run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from multitok.core.registry import BUILT_IN, VOCABULARIES, AnyCounter, class_for

OUT = Path(__file__).parent.parent / "src" / "multitok" / "built_in.pyi"
HEAD = '''\
"""The classes and parameters behind the built-in names, for type checkers alone.

Written by tools/make_overloads.py from the registry; tests/test_typing.py holds it to that.
"""

# ruff: noqa: E501, I001, N803
# mypy: disable-error-code="overload-overlap"
# fmt: off
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, overload

from multitok.core.registry import AnyCounter
from multitok.core.tokenizer import Tokenizer
'''
REST = '''
class NoSuchParameter:
    """A built-in tokenizer was given a parameter that it does not take, or a value of another type:
    nothing can be done with what comes back, so a type checker flags the first use."""

'''


def main() -> None:
    OUT.write_text(stub(), "utf-8")


def stub() -> str:
    """The whole file."""
    classes = {name: class_for(name) for name in BUILT_IN}
    imports = sorted({f"from {c.__module__} import {c.__name__}" for c in classes.values()})
    names = ", ".join(map(repr_of, (*BUILT_IN, *VOCABULARIES)))
    lines = [HEAD + "\n".join(imports), f"\nBuiltIn: TypeAlias = Literal[{names}]\n{REST}"]
    lines += _overloads(
        "get_tokenizer",
        ((one, f", {', '.join(_parameters(cls, left_out))}", cls.__name__)
         for one, left_out, cls in _named(classes)),
    )  # fmt: skip
    lines += [
        "@overload  # a parameter that it does not take",
        "def get_tokenizer(name: BuiltIn, /, **params: Any) -> NoSuchParameter: ...",
        "@overload  # what a plugin registered",
        "def get_tokenizer(name: str, /, **params: Any) -> Tokenizer[Any, Any]: ...\n",
    ]
    lines += _overloads(
        "tokenizer_class", ((one, "", f"type[{cls.__name__}]") for one, _, cls in _named(classes))
    )
    lines += ["@overload", "def tokenizer_class(name: str, /) -> type[AnyCounter]: ..."]
    return "\n".join(lines) + "\n"


def _named(
    classes: dict[str, type[AnyCounter]],
) -> Iterator[tuple[str, frozenset[str], type[AnyCounter]]]:
    """Each name as a literal, the parameter that the name itself says, and the class."""
    for name, cls in classes.items():
        yield repr_of(name), frozenset(), cls
    shipped = ", ".join(map(repr_of, VOCABULARIES))
    yield shipped, frozenset({"vocabulary"}), classes["bpe"]


def _overloads(function: str, of: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    for names, parameters, gives in of:
        yield "@overload"
        takes = parameters if parameters != ", " else ""
        yield f"def {function}(name: Literal[{names}], /{takes}) -> {gives}: ..."


def _parameters(cls: type[AnyCounter], left_out: frozenset[str]) -> Iterator[str]:
    hints = get_type_hints(cls)
    taken = [f for f in fields(cls) if f.init and f.name not in left_out]  # type: ignore[arg-type]
    if taken:
        yield "*"
    for one in taken:
        default = " = ..." if _has_default(one) else ""
        yield f"{one.name}: {spelled(hints[one.name])}{default}"


def _has_default(one: Field[Any]) -> bool:
    return one.default is not MISSING or one.default_factory is not MISSING


def spelled(hint: Any) -> str:
    """A type as it is written. A list will do for a tuple: `get_tokenizer` makes one of it.

    >>> spelled(tuple[int, ...] | None)
    'Sequence[int] | None'
    """
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return " | ".join(spelled(arg) for arg in args)
    if origin is Literal:
        return f"Literal[{', '.join(map(repr_of, args))}]"
    if origin is tuple:
        kinds = dict.fromkeys(spelled(arg) for arg in args if arg is not ...)
        return f"Sequence[{' | '.join(kinds)}]"
    return "None" if hint is NoneType else str(hint.__name__)


def repr_of(value: object) -> str:
    """A literal in double quotes."""
    return f'"{value}"' if isinstance(value, str) else repr(value)


if __name__ == "__main__":
    main()
