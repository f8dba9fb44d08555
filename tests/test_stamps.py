"""A file that is changed is read again, by every cache that keeps what a file holds."""

import json
import os
from datetime import date, timedelta

import numpy as np
import pytest

import multitok
from multitok import ImageInfo, Series, Text
from multitok.catalog.load import _config_file, catalog
from multitok.core.stamps import ABSENT, FOLDER, stamp
from multitok.modalities.actions.codebook import KmeansTokenizer
from multitok.modalities.series.series_bpe import SeriesBpeTokenizer

ROW = """provider = "own"
[[model]]
id = "own-vision"
[model.image]
tokenizer = "image-flat"
kind = "documented"
source = "own"
params = {{ tokens = {} }}
"""


def later(path):
    """The file's clock a second on: what a slow clock would not show within one test."""
    seen = os.stat(path)
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns + 1_000_000_000))


def test_a_file_that_is_not_there_has_a_stamp(tmp_path):
    assert stamp(tmp_path / "none") == (str(tmp_path / "none"), 0, ABSENT)


def test_a_folder_has_the_size_of_none(tmp_path):
    assert stamp(tmp_path)[2] == FOLDER


def test_an_edited_catalogue_counts_anew(tmp_path):
    path = tmp_path / "own.toml"
    for tokens in (10, 77):
        path.write_text(ROW.format(tokens))
        counted = multitok.count(ImageInfo(9, 9), model="own-vision", catalog=str(path))
        assert counted.tokens == tokens


@pytest.mark.parametrize("where", ["MULTITOK_CATALOG", "XDG_CONFIG_HOME"])
def test_the_users_own_file_too(tmp_path, monkeypatch, where):
    path = tmp_path / "multitok" / "models.toml"
    path.parent.mkdir()
    monkeypatch.setenv(where, str(path if where == "MULTITOK_CATALOG" else tmp_path))
    path.write_text(ROW.format(1))
    _config_file.cache_clear()  # where the user's own file is, is asked once in a process
    for tokens in (5, 1234):
        path.write_text(ROW.format(tokens))
        assert multitok.count(ImageInfo(9, 9), model="own-vision").tokens == tokens
    path.unlink()
    if where == "MULTITOK_CATALOG":
        monkeypatch.delenv(where)
    with pytest.raises(multitok.UnknownNameError):
        multitok.count(ImageInfo(9, 9), model="own-vision")
    _config_file.cache_clear()


def test_a_series_vocabulary_that_is_trained_anew_encodes(tmp_path):
    path = tmp_path / "series.json"
    wave, noise = np.sin(np.arange(600) / 9), np.random.default_rng(0).normal(size=600)
    made = []
    for data in (wave, noise):
        tokenizer = SeriesBpeTokenizer.train([data], path, bins=16, vocab_size=64)
        later(path)
        made.append(tokenizer.count(Series(wave)))
    fresh = SeriesBpeTokenizer.train([noise], tmp_path / "other.json", bins=16, vocab_size=64)
    assert made[1] == fresh.count(Series(wave)) != made[0]


def test_a_codebook_that_is_made_anew_encodes(tmp_path):
    path = tmp_path / "codes.npz"
    for codes in ([[0.0], [1.0]], [[5.0], [6.0], [7.0]]):
        np.savez(path, codebooks=np.array([codes]))
        later(path)
        assert KmeansTokenizer(codebook=str(path)).codes == len(codes)


def test_a_tokenizer_json_that_is_replaced_encodes(tmp_path):
    path = tmp_path / "tokenizer.json"
    for words in ({"a": 0}, {"a": 7, "b": 8}):
        model = {"type": "WordLevel", "vocab": {"[UNK]": 99, **words}, "unk_token": "[UNK]"}
        path.write_text(json.dumps({"version": "1.0", "added_tokens": [], "model": model}))
        later(path)
        ids = multitok.get_tokenizer("hf", path=str(path)).encode(Text("a")).ids
        assert ids.tolist() == [words["a"]]


def test_dated_names_do_not_fill_the_memory():
    """A service that passes on what users type asks for any number of them."""
    rows = catalog()
    before = len(rows._models)
    for number in range(700):
        rows.model(f"gpt-4o-{date(2024, 12, 1) + timedelta(number):%Y%m%d}")
    assert len(rows._models) <= before + 1
