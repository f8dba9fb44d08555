"""The page that `multitok inspect` shows for one input, by modality."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from multitok.core.errors import MediaError, UnexpectedError
from multitok.core.info import info_to_dict
from multitok.core.tokenizer import Tokenizer
from multitok.counting import comparison
from multitok.counting.comparison import Row
from multitok.counting.door import count_subject, explain
from multitok.counting.rules import resolve
from multitok.counting.subject import Subject
from multitok.drawing.overlay import picture
from multitok.loaders.saving import save_picture
from multitok.report.columns import wrapped
from multitok.report.counts import (
    describe,
    probed_to_dict,
    render_pieces,
    render_rows,
    render_steps,
    rows_to_dict,
)
from multitok.report.text import legend, percent, style

CURVES = {"series": "chronos", "actions": "action-bins"}
"""Modalities drawn as curves, and the tokenizer that an overlay shows when none is named."""


class Showing(NamedTuple):
    """What the user asked to see: for which models, with which options, in color or not.

    width   columns of the terminal, None for a pipe
    tell    is given what went wrong in a row that nobody foresaw
    """

    models: tuple[str, ...]
    tokenizer: str | None
    options: Mapping[str, Any]
    files: tuple[str, ...]
    color: bool
    width: int | None
    tell: Callable[[UnexpectedError], None] = lambda error: None

    def rows(self, subject: Subject) -> list[Row]:
        if self.tokenizer is not None:
            counted = count_subject(
                subject, tokenizer=self.tokenizer, options=self.options, files=self.files
            )
            return [Row(self.tokenizer, counted)]
        names = self.models or comparison.DEFAULT_MODELS.get(subject.modality, ())
        options = self.options if self.models else {}
        rows = [comparison.row_for(subject, name, options, self.files) for name in names]
        for row in rows:
            if row.error is not None:
                self.tell(row.error)
        return rows

    def steps(self, row: Row, subject: Subject) -> list[str]:
        if row.count is None:
            return []
        options = self.options if (self.models or self.tokenizer) else {}
        return explain(row.count, options, self.files, self.tokenizer, subject)

    def document(self, subject: Subject) -> dict[str, Any]:
        return self._document(subject, self.rows(subject))

    def _document(self, subject: Subject, rows: Sequence[Row]) -> dict[str, Any]:
        probed = probed_to_dict(subject.probed) if subject.probed is not None else {}
        body = rows_to_dict(rows, "")["rows"]
        for line, row in zip(body, rows, strict=True):
            line["explain"] = self.steps(row, subject)
        document = {"info": info_to_dict(subject.info), **probed, "rows": body}
        if subject.modality in CURVES:
            document["distortion"] = [row._asdict() for row in self._measured(subject)]
        return document

    def section(self, subject: Subject) -> Any:
        """This input on the page of HTML."""
        from multitok.report import figures

        rows = [comparison.priced(row) for row in self.rows(subject)]
        counters = [
            (row.model, self._counter(subject, row.model) if row.count else None) for row in rows
        ]
        curve = self._curve(subject) if subject.modality in CURVES else None
        return figures.section(subject, self._document(subject, rows), counters, curve)

    def page(self, subject: Subject) -> str:
        parts = [self._head(subject)]
        if subject.modality == "text" and (self.tokenizer or len(self.models) == 1):
            parts.append(self._pieces(subject))
        if subject.modality in CURVES:
            parts += [self._curves(subject), self._distortion(subject)]
        rows = self.rows(subject)
        if rows:
            parts.append(render_rows(rows, color=self.color, width=self.width))
            parts += [
                wrapped(render_steps(row, self.steps(row, subject), color=self.color), self.width)
                for row in rows
                if row.count is not None  # the reason stands under the table
            ]
            kinds = {row.count.kind if row.count else "unknown" for row in rows}
            parts.append(legend(sorted(kinds), color=self.color))
        return "\n\n".join(part for part in parts if part) + "\n"

    def _head(self, subject: Subject) -> str:
        probed = subject.probed
        if probed is None:
            return style(str(subject.info), "bold", color=self.color)
        lines = [
            style(probed.name, "bold", color=self.color),
            f"  {describe(probed)}",
            *(f"  note: {note}" for note in probed.notes),
        ]
        return wrapped("\n".join(lines), self.width)

    def _curves(self, subject: Subject) -> str:
        """A row of braille a channel, and what is missing."""
        import numpy as np

        from multitok.drawing import charts

        media = subject.content()
        if not media.values.size:
            return ""
        plot = charts.rows(media.values, media.names, width=min(self.width or 100, 100))
        missing = int(np.isnan(media.values).sum())
        share = percent(missing / media.values.size)
        return plot + (
            f"\n{missing:,} {'value' if missing == 1 else 'values'} missing ({share})"
            if missing
            else ""
        )

    def _distortion(self, subject: Subject) -> str:
        """What each way to tokenize this series or motion costs, and how far off it comes back."""
        from multitok.counting import distortion
        from multitok.report.distortion import render

        found = self._measured(subject)
        if not found:
            return ""
        media = subject.content()
        steps, whole = len(distortion.excerpt(media).values), len(media.values)
        part = f"of the first {steps:,} of {whole:,} steps:\n" if steps < whole else ""
        return part + render(found)

    def _measured(self, subject: Subject) -> list[Any]:
        from multitok.counting import distortion

        media = distortion.excerpt(subject.content())
        if self.tokenizer is None:
            return list(distortion.compare(media))
        return [distortion.reconstruction_error(self.counter(subject), media, self.tokenizer)]

    def plot(self, subject: Subject, path: str) -> None:
        """The rate-distortion picture of a series or a motion."""
        if subject.modality not in CURVES:
            raise MediaError(
                "--plot draws rate and distortion of series and movement, not of"
                f" {subject.modality}"
            )
        from multitok.counting import distortion
        from multitok.drawing.charts import curves

        media = subject.content()
        seen = distortion.excerpt(media)
        rows = distortion.compare(seen)
        name = subject.probed.name if subject.probed is not None else ""
        if seen is not media:
            name += f" (first {len(seen.values):,} of {len(media.values):,} steps)"
        save_picture(curves.rate(rows, title=name), path)

    def _pieces(self, subject: Subject) -> str:
        """The tokens themselves, alternately colored, a character never cut."""
        from multitok.modalities.text.pieces import pieces

        text, counter = subject.content(), self.counter(subject)
        if not isinstance(counter, Tokenizer):
            return ""  # a closed vocabulary is estimated: there are no tokens to show
        return render_pieces(pieces(text, counter.encode(text)), color=self.color)

    def counter(self, subject: Subject) -> Any:
        names = self.models or comparison.DEFAULT_MODELS.get(subject.modality, ())
        return self._counter(subject, names[0] if names else None)

    def _counter(self, subject: Subject, model: str | None) -> Any:
        return resolve(
            subject.modality,
            model=None if self.tokenizer else model,
            tokenizer=self.tokenizer,
            options=self.options if (self.models or self.tokenizer) else {},
            files=self.files,
        ).counter

    def draw(self, subject: Subject, path: str) -> None:
        from multitok.drawing.overlay import overlay

        if subject.modality in CURVES:
            self._draw_curves(subject, path)
            return
        counter = self.counter(subject)
        title = self.tokenizer or (self.models or comparison.DEFAULT_MODELS[subject.modality])[0]
        if subject.modality == "video":
            from multitok.drawing.contact_sheet import sheet_of

            save_picture(sheet_of(subject, counter, title=title), path)
            return
        save_picture(overlay(subject.content(), counter, title=title), path)

    def _draw_curves(self, subject: Subject, path: str) -> None:
        from multitok.drawing.charts import curves

        name, counter = self._curve(subject)
        save_picture(curves.overlay(subject.content(), counter, title=name), path)

    def _curve(self, subject: Subject) -> tuple[str, Any]:
        """What an overlay shows of a series or a motion: what was named, else the usual one."""
        if self.models:
            return self.models[0], self.counter(subject)
        name = self.tokenizer or CURVES[subject.modality]
        options = self.options if self.tokenizer else {}
        resolved = resolve(subject.modality, tokenizer=name, options=options)
        return name, resolved.counter

    def save_prepared(self, subject: Subject, path: str) -> None:
        counter = self.counter(subject)
        if not isinstance(counter, Tokenizer):
            raise MediaError(
                f"{counter.name} only counts: what the model sees cannot be made."
                " An open model can: -m Qwen/Qwen2.5-VL-7B-Instruct"
            )

        save_picture(picture(counter.prepare(subject.content())), path)
