"""The page that `multitok inspect` shows for one input, by modality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from multitok import counting, report
from multitok.counting import Row, Subject
from multitok.errors import MediaError
from multitok.tokenizer import Tokenizer


@dataclass(frozen=True)
class Showing:
    """What the user asked to see: for which models, with which options, in color or not."""

    models: tuple[str, ...]
    tokenizer: str | None
    options: Mapping[str, Any]
    files: tuple[str, ...]
    color: bool
    width: int

    def rows(self, subject: Subject) -> list[Row]:
        if self.tokenizer is not None:
            counted = counting.count_subject(
                subject, tokenizer=self.tokenizer, options=self.options, files=self.files
            )
            return [Row(self.tokenizer, counted)]
        names = self.models or counting.DEFAULT_MODELS.get(subject.modality, ())
        options = self.options if self.models else {}
        return [counting.row_for(subject, name, options, self.files) for name in names]

    def steps(self, row: Row) -> list[str]:
        if row.count is None:
            return []
        options = self.options if (self.models or self.tokenizer) else {}
        return counting.explain(row.count, options, self.files, self.tokenizer)

    def document(self, subject: Subject) -> dict[str, Any]:
        rows = self.rows(subject)
        probed = report.probed_to_dict(subject.probed) if subject.probed is not None else {}
        body = report.rows_to_dict(rows, "")["rows"]
        for line, row in zip(body, rows, strict=True):
            line["explain"] = self.steps(row)
        return {**probed, "rows": body}

    def page(self, subject: Subject) -> str:
        parts = [self._head(subject)]
        if subject.modality == "text" and (self.tokenizer or len(self.models) == 1):
            parts.append(self._pieces(subject))
        if subject.modality == "actions":
            parts.append(self._distortion(subject))
        rows = self.rows(subject)
        if rows:
            parts.append(report.render_rows(rows, color=self.color))
            parts += [report.render_steps(row, self.steps(row), color=self.color) for row in rows]
            kinds = {row.count.kind if row.count else "unknown" for row in rows}
            parts.append(report.legend(sorted(kinds), color=self.color))
        return "\n\n".join(part for part in parts if part) + "\n"

    def _head(self, subject: Subject) -> str:
        probed = subject.probed
        if probed is None:
            return report.style(str(subject.info), "bold", color=self.color)
        lines = [
            report.style(probed.name, "bold", color=self.color),
            f"  {report.describe(probed)}",
            *(f"  note: {note}" for note in probed.notes),
        ]
        return "\n".join(lines)

    def _distortion(self, subject: Subject) -> str:
        """What each way to tokenize this motion costs, and how far off it comes back."""
        from multitok import distortion

        media = subject.content()
        if self.tokenizer is None:
            found = distortion.compare(media)
        else:
            label = self.tokenizer
            found = [distortion.reconstruction_error(self.counter(subject), media, label)]
        return str(distortion.render(found)) if found else ""

    def _pieces(self, subject: Subject) -> str:
        """The tokens themselves, alternately coloured, a character never cut."""
        from multitok.modalities.text.pieces import pieces

        text, counter = subject.content(), self.counter(subject)
        if not isinstance(counter, Tokenizer):
            return ""  # a closed vocabulary is estimated: there are no tokens to show
        return report.render_pieces(pieces(text, counter.encode(text)), color=self.color)

    def counter(self, subject: Subject) -> Any:
        names = self.models or counting.DEFAULT_MODELS.get(subject.modality, ())
        return counting.resolve(
            subject.modality,
            model=None if self.tokenizer else (names[0] if names else None),
            tokenizer=self.tokenizer,
            options=self.options,
            files=self.files,
        ).counter

    def draw(self, subject: Subject, path: str) -> None:
        from multitok import draw

        counter = self.counter(subject)
        title = self.tokenizer or (self.models or counting.DEFAULT_MODELS[subject.modality])[0]
        if subject.modality == "video":
            from multitok.contact_sheet import sheet_of

            sheet_of(subject, counter, title=title).save(path)
            return
        draw.overlay(subject.content(), counter, title=title).save(path)

    def save_prepared(self, subject: Subject, path: str) -> None:
        counter = self.counter(subject)
        if not hasattr(counter, "prepare"):
            raise MediaError(
                f"{counter.name} only counts: what the model sees cannot be made."
                " An open model can: -m Qwen/Qwen2.5-VL-7B-Instruct"
            )
        from multitok import draw

        draw.picture(counter.prepare(subject.content())).save(path)
