"""A packing plan as text for people and as a dictionary for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from multitok.core.info import plural
from multitok.datasets.packed import LONGER, MORE_IMAGES, Packed
from multitok.report.columns import wrapped
from multitok.report.documents import document
from multitok.report.requests import HANG
from multitok.report.safe import shown
from multitok.report.scans import bare
from multitok.report.text import percent, style

LISTED = 10
"""Items that are left out and listed; --json has them all."""


def pack_to_dict(packed: Packed, files: Sequence[str]) -> dict[str, Any]:
    """A plan as JSON: how full its rows are, and what has none. Where each item lies stands in the
    files."""
    plan = packed.plan
    return document(
        {
            "size": plan.size,
            "rows": plan.count,
            "items": len(packed.table),
            "tokens": plan.tokens,
            "fill": round(plan.fill, 6),
            "longest": plan.longest,
            "left_out": packed.left_out,
            "files": list(files),
        }
    )


def render_pack(packed: Packed, *, color: bool, width: int | None = None) -> str:
    """Rows, how full they are, and what has none."""
    plan = packed.plan
    rows = style(f"{plan.count:,}", "bold", color=color)
    lines = [
        f"rows     {rows} of {plural(plan.size, 'token')}, {percent(plan.fill)} full",
        f"items    {len(packed.table):,}, the longest of all has {plural(plan.longest, 'token')}",
    ]
    if packed.left_out:
        lines.append(f"left out {_reasons(packed)}")
        lines += [f"         {_item(item)}" for item in packed.left_out[:LISTED]]
        if len(packed.left_out) > LISTED:
            lines.append("         ...: --json has them all")
    return "\n".join(wrapped(line, width, hang=HANG) for line in lines)


def _reasons(packed: Packed) -> str:
    """How many for which reason."""
    said = {LONGER: LONGER, MORE_IMAGES: f"with {MORE_IMAGES}"}
    found = Counter(said.get(item["why"], "that could not be counted") for item in packed.left_out)
    return ", ".join(f"{plural(many, 'item')} {why}" for why, many in found.items())


def _item(item: dict[str, Any]) -> str:
    counted = item["tokens"] is not None
    tokens = plural(item["tokens"], "token") if counted else bare(item["why"], item["id"])
    images = f", {plural(item['images'], 'image')}" if item["why"] == MORE_IMAGES else ""
    return shown(f"{item['id']}: {tokens}{images}")
