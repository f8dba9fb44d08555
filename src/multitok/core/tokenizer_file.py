"""A tokenizer.json and its reader, Hugging Face's `tokenizers`, which is written in Rust.

It raises bare Exceptions for a file that it cannot read, panics for what it did not expect, and
where a panic shows half of a letter it ends the whole process. What leads there is foreseen here.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from multitok.core.boundary import foreign
from multitok.core.errors import SourceError
from multitok.core.schema import parsed, shown


def reference_of(text: str, path: str) -> Any:
    """The tokenizer of a file's text. SourceError where it is none."""
    from tokenizers import Tokenizer

    with foreign(lambda error: SourceError(f"{path}: not a tokenizer.json ({error})", source=path)):
        if why := wrong_merge(parsed(text)):
            raise ValueError(why)
        return Tokenizer.from_str(text)


def encodes(path: str) -> AbstractContextManager[None]:
    """What the library raises for a text where its file is to blame (a model without a token for
    what is unknown), as a SourceError."""
    return foreign(lambda error: SourceError(f"{path}: it cannot encode ({error})", source=path))


def wrong_merge(document: Any) -> str | None:
    """Which merge the library would cut in the middle of a letter: it takes as many bytes from the
    second part as `continuing_subword_prefix` has letters, whatever they are.

    >>> model = {"continuing_subword_prefix": "##", "merges": [["a", "##b"], ["a", "b"]]}
    >>> wrong_merge({"model": model})
    "the merge ['a', 'b'] lacks continuing_subword_prefix '##'"
    """
    model = document.get("model") if isinstance(document, Mapping) else None
    if not isinstance(model, Mapping):
        return None
    prefix = model.get("continuing_subword_prefix")
    if not prefix or not isinstance(prefix, str):
        return None
    if not prefix.isascii():
        return f"continuing_subword_prefix {shown(prefix)} must be ASCII"
    for merge in model["merges"] if isinstance(model.get("merges"), list) else ():
        parts = merge.split(" ") if isinstance(merge, str) else merge
        if not isinstance(parts, list) or not parts or not str(parts[-1]).startswith(prefix):
            return f"the merge {shown(merge)} lacks continuing_subword_prefix {shown(prefix)}"
    return None
