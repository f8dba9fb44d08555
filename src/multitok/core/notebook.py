"""What a notebook shows of a result: drawn by `report`, which stands above and is asked by name."""

from __future__ import annotations

from importlib import import_module


class Displayed:
    """A result with a form in HTML; `report/notebook.py` has one for each class."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        html: str = import_module("multitok.report.notebook").html_of(self)
        return html
