"""accepts.toml read and checked, for `make catalog`: catalog/accepts.py says what it is for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NotRequired, TypedDict, get_type_hints

from multitok.catalog.overhead import check_stated
from multitok.core.errors import CatalogError
from multitok.core.schema import Within, misfit

ACCEPTS = "accepts.toml"
MODALITIES = ("image", "video", "audio", "pdf")

_Many = Annotated[int, Within("a whole number from 1 on", 1)]


class _Limits(TypedDict, total=False):
    """What is taken of one modality."""

    source: str
    checked: str
    formats: list[str]
    still: list[str]
    max_side: _Many
    min_side: _Many
    max_ratio: _Many
    max_bytes: _Many
    max_seconds: _Many
    max_pages: _Many
    per_request: _Many
    crowd: tuple[_Many, _Many]


class _Exception(TypedDict):
    """What differs for some models."""

    models: list[str]
    image: NotRequired[_Limits]
    video: NotRequired[_Limits]
    audio: NotRequired[_Limits]
    pdf: NotRequired[_Limits]


_Stated = TypedDict(
    "_Stated",
    {
        "source": str, "checked": str, "except": NotRequired[list[_Exception]],
        "image": NotRequired[_Limits], "video": NotRequired[_Limits],
        "audio": NotRequired[_Limits], "pdf": NotRequired[_Limits],
    },
)  # fmt: skip


def read_accepts(folder: Path, ids: Mapping[str, Collection[str]]) -> dict[str, Any]:
    """accepts.toml, checked; `ids` are the models of each provider. CatalogError for a table of no
    provider, an unknown key, a limit that is none, or a model that is no row."""
    import tomllib

    tables = tomllib.loads((folder / ACCEPTS).read_text("utf-8"))
    for name, stated in tables.items():
        if name not in ids:
            raise _wrong(name, f"no model of such a provider. There are: {', '.join(ids)}")
        _check_keys(stated, _Stated, name)
        exceptions = stated.get("except", ())
        for limits in (stated, *exceptions):
            for modality in MODALITIES:
                _check_keys(limits.get(modality, {}), _Limits, f"{name}.{modality}")
                limits.get(modality, {}).update(_days(limits.get(modality, {})))
                _check_stated(limits.get(modality, {}), f"{name}.{modality}")
        stated.update(_days(stated))
        _check_stated(stated, name)
        if why := misfit(stated, _Stated, name):
            raise _wrong(name, why)
        for exception in exceptions:
            _check_keys(exception, _Exception, f"{name}.except")
            for model in exception["models"]:
                if model not in ids[name]:
                    raise _wrong(name, f"except: {model!r} is the id of no row")
    return tables


def _days(table: Mapping[str, Any]) -> dict[str, Any]:
    """The dates of a table as JSON has them."""
    return {key: day.isoformat() for key, day in table.items() if isinstance(day, date)}


def _check_stated(table: Mapping[str, Any], where: str) -> None:
    try:
        check_stated(table, where)
    except ValueError as error:
        raise CatalogError(f"{ACCEPTS}: {error}", file=ACCEPTS) from None


def _check_keys(table: Mapping[str, Any], hint: Any, where: str) -> None:
    known = get_type_hints(hint)
    for key in table:
        if key not in known:
            raise _wrong(where, f"unknown key {key!r}. There are: {', '.join(known)}")


def _wrong(where: str, what: str) -> CatalogError:
    return CatalogError(f"{ACCEPTS}: {where}: {what}", file=ACCEPTS)
