"""A scan of everything at once gives the numbers of the plainest loop, however it is run; and a
reader that lost something would be seen."""

import planted
import pytest

from multitok import scan
from multitok.datasets.sources import arrow_cells, files, lines, tables, tars


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    return planted.make(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def truth(corpus):
    return planted.totals(corpus)


def scans(corpus, **words):
    found = [scan(planted.sources(corpus), models=planted.MODEL, **words)]
    return planted.scanned(found, corpus)


def test_the_corpus_is_what_it_says(truth):
    told = {name: (items, errors) for name, (items, errors, _) in truth.items()}
    assert told == {
        "pictures": (2000, 40),
        "texts.parquet": (5000, 3),
        "batch.jsonl": (1000, 10),
        "samples.tar": (90, 0),
    }
    assert all(tokens > 0 for _, _, tokens in truth.values())


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_a_scan_gives_the_numbers_of_a_loop(workers, corpus, truth):
    assert scans(corpus, workers=workers) == truth


def test_shards_give_the_numbers_of_a_loop(corpus, truth, tmp_path, monkeypatch):
    for module, names in ((files, ("LEAST", "MEAN")), (tables, ("MANY",)), (lines, ("LEAST",))):
        for name in names:  # so that there are units enough for all
            monkeypatch.setattr(module, name, 100 if module is files else 1000)
    words = {"models": planted.MODEL, "out": tmp_path / "counts", "workers": 0}
    found = [scan(planted.sources(corpus), shard=(number, 3), **words) for number in range(3)]
    assert sum(one.items > 0 for one in found) > 1
    assert planted.scanned(found, corpus) == truth


def test_content_that_is_lost_would_be_seen(corpus, truth, monkeypatch):
    """As where one type is inferred for all lines, and a list is read as null."""

    items_of = lines.items_of

    def lossy(row, value, *words):
        message = value["body"]["messages"][0]
        if isinstance(message["content"], list):
            message["content"] = None
        return items_of(row, value, *words)

    monkeypatch.setattr(lines, "items_of", lossy)
    assert scans(corpus, workers=0)["batch.jsonl"] != truth["batch.jsonl"]


def test_a_member_that_is_missed_would_be_seen(corpus, truth, monkeypatch):
    """As where the columns of an archive are those of its first sample."""
    of_member = tars._of_member

    def lossy(row, member, *words):
        return of_member(row, member, *words) if member.name.endswith((".jpeg", ".cls")) else ()

    monkeypatch.setattr(tars, "_of_member", lossy)
    assert scans(corpus, workers=0)["samples.tar"] != truth["samples.tar"]


def test_an_empty_cell_that_is_no_tokens_would_be_seen(corpus, truth, monkeypatch):
    monkeypatch.setattr(arrow_cells, "text_in", lambda value, column: value or "")
    assert scans(corpus, workers=0)["texts.parquet"] != truth["texts.parquet"]
