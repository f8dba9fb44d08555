"""Where a part of a request stands in its payload, and a payload with something else there.

A path is for people (`contents[0].parts[1]`): it has one spelling for camelCase and snake_case, and
counts a lone object as a list of one. A place is the keys that lead there in this payload.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from multitok.requests.payloads import enclosed

Place = tuple[str | int, ...]

_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def steps_of(path: str) -> list[str | int]:
    """`messages[0].content` is "messages", 0, "content"."""
    return [int(i) if i else name for i, name in _STEP.findall(path)]


def place_of(payload: Any, path: str) -> Place | None:
    """The place of a part; None where the payload has no such path."""
    steps = steps_of(path)
    if isinstance(payload, list) and steps and isinstance(steps[0], str):
        steps = steps[1:]  # a bare list of what a request has under this name
    for root in roots(payload):
        found = _walked(value_at(payload, root), steps)
        if found is not None:
            return (*root, *found)
    return None


def roots(payload: Any) -> Iterator[Place]:
    """Where a request begins: inside a line of a batch; what `extra_body` has goes first."""
    key = enclosed(payload)
    root: Place = () if key is None else (key,)
    inside = value_at(payload, root)
    if isinstance(inside, Mapping) and isinstance(inside.get("extra_body"), Mapping):
        yield (*root, "extra_body")
    yield root


def value_at(node: Any, place: Place) -> Any:
    for step in place:
        node = node[step]
    return node


def put(node: Any, place: Place, value: Any) -> Any:
    """A payload with `value` at a place; the one that was given stays, and shares the rest."""
    if not place:
        return value
    step, rest = place[0], place[1:]
    if isinstance(node, Mapping):
        return {**node, step: put(node.get(step, {}), rest, value)}
    i = int(step)
    return [*node[:i], put(node[i], rest, value), *node[i + 1 :]]


def texts_in(node: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Each text below a place, and where it stands."""
    if isinstance(node, str):
        yield place, node
    elif isinstance(node, Mapping):
        for key, one in node.items():
            yield from texts_in(one, (*place, key))
    elif isinstance(node, list):
        for i, one in enumerate(node):
            yield from texts_in(one, (*place, i))


def text_at(payload: Any, path: str, holds: Callable[[str], bool]) -> Place | None:
    """The longest text at a part's path that is what the part holds."""
    place = place_of(payload, path)
    if place is None:
        return None
    found = (one for one in texts_in(value_at(payload, place), place) if holds(one[1]))
    return max(found, key=lambda one: len(one[1]), default=(None, ""))[0]


def _walked(node: Any, steps: list[str | int]) -> Place | None:
    found: list[str | int] = []
    for step in steps:
        if isinstance(step, int) and isinstance(node, list):
            if step >= len(node):
                return None
        elif isinstance(step, str) and isinstance(node, Mapping):
            step = next((key for key in (step, _snake(step)) if key in node), "")
            if step not in node:
                return None
        elif step == 0:
            continue  # a lone object stands for a list of one
        else:
            return None
        found.append(step)
        node = node[step]
    return tuple(found)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
