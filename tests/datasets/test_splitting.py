"""A batch file in parts: whole lines, in order, none over a limit."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings, strategies as st

from multitok import MediaError, OutputError, scan
from multitok.cli import multitok as cli
from multitok.datasets.splitting import split_batch


def batch(folder, words, name="batch.jsonl"):
    """A request of so many words a line; 0 is a line that is no JSON."""
    lines = []
    for number, count in enumerate(words):
        body = {"model": "gpt-4o", "prompt": "word " * count}
        line = json.dumps({"custom_id": f"r{number}", "body": body}) if count else "{"
        lines.append(line + "\n")
    path = folder / name
    path.write_text("".join(lines))
    return path


def test_parts_are_the_lines_in_their_order(tmp_path):
    path = batch(tmp_path, [3, 3, 3, 3, 3])
    found = split_batch(scan(path, workers=0), str(tmp_path / "part-{}.jsonl"), max_items=2)
    assert [(part.items, part.path[-10:]) for part in found.parts] == [
        (2, "0001.jsonl"),
        (2, "0002.jsonl"),
        (1, "0003.jsonl"),
    ]
    whole = b"".join((tmp_path / f"part-000{n}.jsonl").read_bytes() for n in (1, 2, 3))
    assert whole == path.read_bytes()


@settings(max_examples=25, deadline=None)
@given(
    words=st.lists(st.integers(0, 60), max_size=30),
    tokens=st.integers(1, 120),
    items=st.integers(1, 9),
    size=st.integers(100, 900),
)
def test_no_part_is_over_a_limit_and_no_line_is_lost(words, tokens, items, size, tmp_path_factory):
    folder = tmp_path_factory.mktemp("split")
    path = batch(folder, [1, *words])
    limits = {"max_tokens": tokens, "max_items": items, "max_bytes": size}
    counted = scan(path, workers=0)
    found = split_batch(counted, str(folder / "p-{}.jsonl"), **limits)
    most = {row["id"]: row["most"] for row in counted.table().to_pylist()}
    names = []
    for part in found.parts:
        lines = Path(part.path).read_bytes().splitlines(keepends=True)
        ids = [json.loads(line)["custom_id"] for line in lines]
        assert (len(lines), sum(map(len, lines))) == (part.items, part.bytes)
        assert sum(most[name] for name in ids) == part.tokens <= tokens
        assert part.items <= items
        assert part.bytes <= size
        names += ids
    assert sorted([*names, *found.left_out]) == sorted(most)
    assert names == [name for name in most if name in names]


def test_what_cannot_be_counted_is_in_no_part_and_told(tmp_path):
    path = batch(tmp_path, [2, 0, 2])
    words = ["scan", str(path), "-j", "0", "-q", "--split", str(tmp_path / "p-{}.jsonl")]
    found = CliRunner().invoke(cli, [*words, "--max-tokens", "2M", "--max-bytes", "200MB"])
    assert found.exit_code == 0
    part = tmp_path / "p-0001.jsonl"
    assert found.stderr.splitlines() == [
        f"wrote {part}: 2 requests, 6 tokens, {part.stat().st_size} bytes",
        f"multitok: in no part: {path}#2: not counted whole, or more than a part may hold",
    ]


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ({}, MediaError, "name what a part may hold"),
        ({"pattern": "part.jsonl", "max_items": 1}, MediaError, "parts are named by one {}"),
        ({"pattern": "batch.jsonl{}", "max_items": 1}, None, ""),
    ],
)
def test_wrong_words_are_told(words, error, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = scan(batch(tmp_path, [1]), workers=0)
    given = {"pattern": "p-{}.jsonl", **words}
    pattern = given.pop("pattern")
    if error is None:
        assert split_batch(found, pattern, **given).parts[0].items == 1
        return
    with pytest.raises(error) as raised:
        split_batch(found, pattern, **given)
    assert message in str(raised.value)


def test_no_file_is_replaced(tmp_path):
    found = scan(batch(tmp_path, [1]), workers=0)
    (tmp_path / "p-0001.jsonl").write_text("mine")
    with pytest.raises(OutputError, match=r"p-0001.jsonl: is there already"):
        split_batch(found, str(tmp_path / "p-{}.jsonl"), max_items=1)
    assert (tmp_path / "p-0001.jsonl").read_text() == "mine"


def test_tables_are_not_split(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    found = scan(tmp_path / "a.txt", models="gpt-4o", workers=0)
    with pytest.raises(MediaError, match="only JSON lines are split, got files"):
        split_batch(found, str(tmp_path / "p-{}.jsonl"), max_items=1)


@pytest.mark.parametrize("value", ["0", "2T", "x", "1.5.2M", "-3"])
def test_an_amount_that_is_none_is_told(value):
    found = CliRunner().invoke(cli, ["scan", "x", "--split", "p{}", f"--max-tokens={value}"])
    assert f"'{value}' is no amount: write 50000, 2M or 200MB" in found.stderr


def test_a_request_of_unknown_size_is_in_no_part(tmp_path):
    """A picture behind a URL may be fourteen thousand tokens: no limit could be held."""
    picture = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": [picture]}]}
    path = tmp_path / "batch.jsonl"
    path.write_text(json.dumps({"custom_id": "far", "body": body}) + "\n")
    found = split_batch(scan(path, workers=0), str(tmp_path / "p-{}.jsonl"), max_tokens=99)
    assert (found.parts, found.left_out) == ((), ("far",))
