"""The table of formats: each row is found by its sign, each demuxer stands in it once."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import av
import pytest

from multitok.loaders.formats import BY_SUFFIX, DEMUXERS, TABLE, by_magic


def test_a_name_and_a_modality_make_one_row():
    assert len({(row.name, row.modality) for row in TABLE}) == len(TABLE)


def test_a_suffix_names_one_row():
    assert len(BY_SUFFIX) == sum(len(row.suffixes) for row in TABLE)


@pytest.mark.parametrize("row", [r for r in TABLE if r.magic], ids=lambda r: r.name)
def test_each_sign_leads_to_its_row(row):
    for sign in row.magic:
        head = bytearray(512)
        for offset, part in [(0, sign)] if isinstance(sign, bytes) else sign:
            head[offset : offset + len(part)] = part
        assert by_magic(bytes(head)) == row


def test_every_demuxer_has_a_format_that_is_known_by_its_first_bytes():
    known = {row.demuxer for row in TABLE if row.magic or row.inside}
    assert {row.demuxer for row in TABLE} - {""} <= known


def test_ffmpeg_has_each_demuxer():
    there = {name for form in av.formats_available for name in form.split(",")}
    assert {*DEMUXERS.split(",")} <= there


def test_the_page_has_the_table_of_today():
    path = Path(__file__).parents[2] / "tools" / "make_formats_table.py"
    spec = importlib.util.spec_from_file_location("make_formats_table", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    page = tool.PAGE.read_text("utf-8")
    assert tool.written(page) == page, "run make formats"
