"""What is at hand: extras, vocabularies of open models, tokenizer files in the cache."""

import json

import pytest
from click.testing import CliRunner

from multitok.cli import multitok as commands
from multitok.modalities.text import carried


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """A cache with a tokenizer.json, a SentencePiece model, and weights alone."""
    files = {"org/one": "tokenizer.json", "org/two": "tokenizer.model", "org/three": "config.json"}
    for repo, file in files.items():
        folder = tmp_path / f"models--{repo.replace('/', '--')}" / "snapshots" / "main"
        folder.mkdir(parents=True)
        (folder / file).write_text("{}")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    return tmp_path


def doctor(*options):
    done = CliRunner().invoke(commands, ["doctor", *options])
    assert done.exit_code == 0, done.output
    return done.output


def test_each_vocabulary_says_how_good_a_count_by_it_is(cache):
    told = {row["name"]: row["kind"] for row in json.loads(doctor("--json"))["vocabularies"]}
    assert told == {name: found.kind for name, found in carried.index().items()}
    assert (told["llama-3"], told["phi-4"]) == ("exact", "documented")


def test_without_the_engine_none_is_at_hand(cache, monkeypatch):
    monkeypatch.setattr(carried, "installed", lambda name: False)
    assert {row["kind"] for row in json.loads(doctor("--json"))["vocabularies"]} == {None}
    assert doctor().count("not at hand: pip install '.[fast]'") == len(carried.index())


def test_tokenizer_files_of_the_cache_are_listed(cache):
    assert json.loads(doctor("--json"))["cached_tokenizers"] == [
        {"repo": "org/one", "file": "tokenizer.json"},
        {"repo": "org/two", "file": "tokenizer.model"},
    ]
    assert "org/two" in doctor()


def test_an_empty_cache_is_said_to_be(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "none"))
    assert "no tokenizer file in the Hugging Face cache" in doctor()
