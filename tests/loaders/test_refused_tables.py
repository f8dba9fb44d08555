"""Files of numbers that are not read here: each is refused with what to do, none is text."""

import pytest
from series_files import refused, written

from multitok.core.errors import MultitokError
from multitok.counting.door import count
from multitok.loaders.columns.series import _INSTEAD, _READERS
from multitok.loaders.formats import TABLE


@pytest.mark.parametrize("row", [r for r in TABLE if r.name in _INSTEAD], ids=lambda r: r.name)
def test_each_is_refused_with_what_to_do(tmp_path, row):
    assert row.suffixes or row.magic
    for suffix in row.suffixes:
        assert refused(written(tmp_path, f"a.{suffix}", b"\xff\0\1")) == _INSTEAD[row.name]
    for sign in row.magic:
        head = bytearray(600)
        for offset, part in [(0, sign)] if isinstance(sign, bytes) else sign:
            head[offset : offset + len(part)] = part
        assert refused(written(tmp_path, "a", bytes(head))) == _INSTEAD[row.name]


def test_a_table_in_the_list_of_formats_is_read_or_refused():
    tables = {row.name for row in TABLE if row.modality in ("series", "actions")}
    assert tables <= _READERS.keys() | _INSTEAD.keys()


@pytest.mark.parametrize("suffix", ["arff", "gpx", "tcx", "pkl", "xls", "amc", "trc", "mot"])
@pytest.mark.parametrize("rule", [{"model": "gpt-4o"}, {"tokenizer": "o200k_base"}])
def test_none_is_counted_as_text_in_silence(tmp_path, suffix, rule):
    path = written(tmp_path, f"a.{suffix}", "hello, world\n")
    with pytest.raises(MultitokError):
        count(path, **rule)
    assert count(path, modality="text", tokenizer="o200k_base").tokens == 4


def test_a_track_for_a_model_that_reads_text_says_how_to_count_it(tmp_path):
    path = written(tmp_path, "a.gpx", '<gpx><rte><rtept lat="1" lon="2"/></rte></gpx>')
    with pytest.raises(MultitokError) as raised:
        count(path, model="gpt-4o")
    assert str(raised.value) == (
        "no rule for series with model 'gpt-4o': gpt-4o takes text and image and pdf. To"
        " count a file of text as text, pass --as text"
    )
    with pytest.raises(MultitokError) as raised:
        count(path, tokenizer="o200k_base")
    assert str(raised.value) == (
        "tokenizer 'bpe' counts text, not series. To count a file of text as text, pass"
        " --as text (modality='text')"
    )
