"""JSON lines: what a line is, and which blocks change when lines do."""

import json
import random

import pytest
from hypothesis import given, settings, strategies as st

from multitok import MultitokError, count_request, scan
from multitok.datasets.sources import lines
from multitok.datasets.units import Reading

PLAIN = Reading()


def file_of(folder, rows, name="data.jsonl"):
    path = folder / name
    path.write_bytes(b"".join(row if isinstance(row, bytes) else row.encode() for row in rows))
    return str(path)


def items(path, reading=PLAIN):
    return [item for unit in lines.units(path, reading) for item in lines.items(unit, reading)]


def one(tmp_path, value, reading=PLAIN):
    line = value if isinstance(value, bytes) else json.dumps(value).encode()
    [item] = items(file_of(tmp_path, [line]), reading)
    return item


REQUEST = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({"custom_id": "a", "body": REQUEST}, "a"),
        ({"custom_id": "b", "params": {**REQUEST, "max_tokens": 5}}, "b"),
        ({"key": "c", "request": {"contents": []}}, "c"),
        ({"recordId": "d", "modelInput": REQUEST}, "d"),
        (REQUEST, None),
        ({"messages": REQUEST["messages"]}, None),
        ({"model": "text-embedding-3-small", "input": "hello"}, None),
    ],
)
def test_a_request_is_one_under_its_id(value, name, tmp_path):
    item = one(tmp_path, value)
    assert (item.modality, item.id, item.content) == ("request", name, value)


@pytest.mark.parametrize(
    ("value", "reading", "content"),
    [
        ({"text": "hello", "n": 1}, PLAIN, "hello"),
        ({"body": "hello", "text": 5}, Reading(text=("body",)), "hello"),
        ("hello", PLAIN, "hello"),
    ],
)
def test_a_text_is_one(value, reading, content, tmp_path):
    item = one(tmp_path, value, reading)
    assert (item.modality, item.content) == ("text", content)


@pytest.mark.parametrize(
    ("value", "reading", "message"),
    [
        ({"text": ""}, PLAIN, "text: the text is empty"),
        ({"text": None}, PLAIN, "text: there is no text (null)"),
        ({"text": ["a"]}, PLAIN, "text: expected a text, got list"),
        ({"words": "a", "n": 1}, PLAIN, "Its keys are 'words', 'n': name one, --column or"),
        ({"text": "a"}, Reading(text=("body",)), "body: there is no text (null)"),
        ({"pic": ""}, Reading(image=("pic",)), "pic: the path is empty"),
        ({"pic": "http://x/a.png"}, Reading(image=("pic",)), "is a URL, and nothing is fetched"),
        ({"pic": "/etc/passwd"}, Reading(image=("pic",)), "is outside of the folder of"),
        ({"pic": "../../a.png"}, Reading(image=("pic",)), "is outside of the folder of"),
        (b'{"text": "a', PLAIN, "not JSON: "),
        (b"[" * 100_000, PLAIN, "not JSON: "),
        (b"\xff\xfe\xfd", PLAIN, "not JSON: its bytes are no text"),
        (b"5", PLAIN, "expected an object or a text in a line, got int"),
    ],
)
def test_what_is_wrong_with_a_line_is_its_item(value, reading, message, tmp_path):
    item = one(tmp_path, value, reading)
    assert isinstance(item.content, MultitokError)
    assert message in str(item.content)


TURNS = [{"role": "system", "content": "Be short."}, *REQUEST["messages"]]


@pytest.mark.parametrize(
    "row",
    [
        {"conversations": [{"from": "human", "value": "hello"}], "system": "Be short."},
        {"conversations": [{"from": "system", "value": "Be short."},
                           {"from": "human", "value": "hello"}]},
        {"chat": REQUEST["messages"], "system": "Be short.", "tools": "[]"},
        {"messages": REQUEST["messages"], "system": "Be short.", "tools": ""},
    ],
)  # fmt: skip
def test_a_conversation_of_a_data_set_is_a_request(row, tmp_path):
    assert one(tmp_path, row).content == {"messages": TURNS}


def test_a_request_with_messages_stays_as_it_stands(tmp_path):
    row = {**REQUEST, "system": "Be short.", "tools": []}
    assert one(tmp_path, row).content == row


def test_a_picture_is_read_from_the_folder_of_its_file(tmp_path):
    from PIL import Image

    Image.new("RGB", (64, 32)).save(tmp_path / "a.png")
    path = file_of(tmp_path, ['{"pic": "a.png", "id": "x"}'])
    found = scan(path, models="gpt-5.4", image="pic", id="id", workers=0).table().to_pylist()
    assert [(row["id"], row["width"], row["error"]) for row in found] == [("x", 64, None)]


def test_lines_are_numbered_as_editors_do_and_blank_ones_are_none(tmp_path):
    path = file_of(tmp_path, ['{"text": "a"}\n', "\n", '{"text": "b"}\r\n', "  \n", '"c"'])
    found = scan(path, tokenizer="words", workers=0).table().to_pylist()
    assert [row["id"] for row in found] == [f"{path}#1", f"{path}#3", f"{path}#5"]
    assert [row["error"] for row in found] == [None] * 3


def test_a_mark_of_utf8_is_no_part_of_the_first_line(tmp_path):
    path = file_of(tmp_path, [b"\xef\xbb\xbf", '{"text": "a"}\n'])
    assert [item.content for item in items(path)] == ["a"]


def test_content_that_is_a_text_here_and_a_list_there_is_counted_in_both(tmp_path):
    """What a reader that infers a type for a column loses without a word."""
    blocks = [{"role": "user", "content": [{"type": "text", "text": "hello"}]}]
    asked = [REQUEST, {**REQUEST, "messages": blocks}]
    path = file_of(tmp_path, [json.dumps(one) + "\n" for one in asked])
    found = scan(path, workers=0)
    assert [row["tokens"] for row in found.table().to_pylist()] == [
        count_request(one).tokens for one in asked
    ]


def test_a_line_of_a_batch_says_its_id_model_and_output(tmp_path):
    body = {**REQUEST, "max_tokens": 77}
    path = file_of(tmp_path, [json.dumps({"custom_id": "a", "body": body})])
    [row] = scan(path, workers=0).table().to_pylist()
    assert (row["id"], row["model"], row["max_output"]) == ("a", "gpt-4o", 77)


def small_blocks(monkeypatch):
    monkeypatch.setattr(lines, "LEAST", 2000)
    monkeypatch.setattr(lines, "MEAN", 2000)
    monkeypatch.setattr(lines, "MOST", 20_000)
    monkeypatch.setattr(lines, "PIECE", 700)


TEXTS = st.lists(st.text("ab \n", max_size=300), max_size=150)


@settings(max_examples=60, deadline=None)
@given(texts=TEXTS, ends=st.booleans())
def test_the_blocks_are_the_file(texts, ends, tmp_path_factory):
    """All lines, each once, in whole lines, whatever their lengths are."""
    folder = tmp_path_factory.mktemp("lines")
    rows = [json.dumps({"text": text + "."}) for text in texts]
    path = file_of(folder, ["\n".join(rows) + "\n" * ends])
    with pytest.MonkeyPatch.context() as patch:
        small_blocks(patch)
        units = list(lines.units(path, PLAIN))
        found = [item.content for unit in units for item in lines.items(unit, PLAIN)]
    assert found == [text + "." for text in texts]
    assert [unit.start for unit in units[1:]] == [unit.stop for unit in units[:-1]]
    if units and texts:
        assert units[-1].first < len(texts)


@pytest.mark.parametrize("place", ["front", "middle", "end"])
def test_a_line_that_is_added_changes_two_blocks_at_most(place, tmp_path, monkeypatch):
    small_blocks(monkeypatch)
    choice = random.Random(0)
    changed = []
    for _ in range(20):
        rows = [json.dumps({"text": "x" * choice.randrange(400)}) + "\n" for _ in range(500)]
        path = file_of(tmp_path, rows)
        before = {unit.key("") for unit in lines.units(path, PLAIN)}
        rows.insert({"front": 0, "middle": 250, "end": 500}[place], '{"text": "new"}\n')
        path = file_of(tmp_path, rows)
        changed.append(len({unit.key("") for unit in lines.units(path, PLAIN)} - before))
    assert sorted(changed)[15] <= 2  # now and then a border falls into what was added
    assert max(changed) <= 4


def test_lines_that_moved_are_named_anew_and_not_counted_again(tmp_path, monkeypatch):
    small_blocks(monkeypatch)
    rows = [json.dumps({"text": "word " * (number % 50 + 1)}) + "\n" for number in range(500)]
    words = {"tokenizer": "words", "out": tmp_path / "counts", "workers": 0}
    scan(file_of(tmp_path, rows), **words)
    met = []
    path = file_of(tmp_path, ['{"text": "at the front"}\n', *rows])
    again = scan(path, progress=met.append, **words)
    assert met[-1].items < 200
    fresh = scan(path, tokenizer="words", workers=0)
    shown = ["id", "row", "tokens", "error"]
    assert again.table(shown).equals(fresh.table(shown))


def test_the_same_lines_twice_are_two_blocks(tmp_path, monkeypatch):
    small_blocks(monkeypatch)
    monkeypatch.setattr(lines, "MEAN", 1)  # a border behind every block
    rows = [json.dumps({"text": "word " * 300}) + "\n"] * 8
    path = file_of(tmp_path, rows)
    found = scan(path, tokenizer="words", workers=0)
    assert [row["id"] for row in found.table().to_pylist()] == [f"{path}#{n + 1}" for n in range(8)]


def test_a_line_without_end_takes_no_memory_and_is_one_item(tmp_path, monkeypatch):
    small_blocks(monkeypatch)
    monkeypatch.setattr(lines, "MAX_PAYLOAD", 5000)
    path = file_of(tmp_path, ['{"text": "a"}\n', '{"text": "', "x" * 50_000, '"}\n', '"b"\n'])
    first, long, last = items(path)
    assert (first.content, last.content, last.row + 0) == ("a", "b", last.row)
    assert "no provider takes a larger request" in str(long.content)


def test_what_is_piped_in_is_counted(tmp_path, monkeypatch):
    import io
    import sys
    from types import SimpleNamespace

    data = io.BytesIO(b'{"text": "hello world"}\n')
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=data))
    [row] = scan(["-"], models="gpt-4o", workers=1).table().to_pylist()
    assert (row["id"], row["source"], row["tokens"]) == ("stdin#1", "stdin", 2)
