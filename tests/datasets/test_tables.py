"""Tables: every row once, whatever their pieces are; which columns are counted, and as what."""

import base64
import io
import json
import os
import random
import subprocess
import sys
from contextlib import suppress
from struct import pack

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image

import multitok
from multitok import MultitokError, SourceError, Text, scan
from multitok.datasets.sources import arrow_cells, table_files, tables
from multitok.datasets.units import Reading

PLAIN = Reading()


def picture(width, height, form="PNG"):
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, form)
    return file.getvalue()


SMALL, LARGE = picture(40, 30), picture(64, 32, "JPEG")


def parquet(path, table, rows=1000):
    pq.write_table(table, path, row_group_size=rows)


def arrow_file(path, table, rows=1000, *, new=pa.ipc.new_file, **words):
    with new(str(path), table.schema, options=pa.ipc.IpcWriteOptions(**words)) as out:
        for batch in table.to_batches(max_chunksize=rows):
            out.write_batch(batch)


def stream(path, table, rows=1000, **words):
    arrow_file(path, table, rows, new=pa.ipc.new_stream, **words)


def old_stream(path, table, rows=1000):
    stream(path, table, rows, use_legacy_format=True)


def packed_file(path, table, rows=1000):
    arrow_file(path, table, rows, compression="zstd")


def packed_stream(path, table, rows=1000):
    stream(path, table, rows, compression="lz4")


def feather(path, table, rows=1000):
    pyarrow.feather.write_feather(table, str(path), chunksize=rows)


FORMS = (parquet, arrow_file, stream, old_stream, packed_file, packed_stream, feather)
EACH_FORM = pytest.mark.parametrize("write", FORMS, ids=lambda one: one.__name__)


def read(path, reading=PLAIN):
    """(row of the table, id, modality, content) of each item."""
    return [
        (unit.first + item.row, item.id, item.modality, item.content)
        for unit in tables.units(str(path), reading)
        for item in tables.items(unit, reading)
    ]


def cells(tmp_path, columns, reading=PLAIN, **types):
    """(id, modality, content) of each item of a table."""
    table = columns if isinstance(columns, pa.Table) else pa.table(columns, **types)
    parquet(tmp_path / "a.parquet", table)
    return [found[1:] for found in read(tmp_path / "a.parquet", reading)]


def small_units(patch):
    patch.setattr(tables, "LEAST", 5)
    patch.setattr(tables, "MANY", 10)
    patch.setattr(tables, "MOST", 16)
    patch.setattr(table_files, "MOST", 3)


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 50), max_size=8),
    write=st.sampled_from((parquet, arrow_file, stream)),
    coded=st.booleans(),
)
def test_every_row_is_read_once(sizes, write, coded, tmp_path_factory):
    """Whatever row groups and batches there are, very large and empty ones among them."""
    path = tmp_path_factory.mktemp("tables") / "a.table"
    total = sum(sizes)
    texts = pa.array([f"text {number}" for number in range(total)], pa.string())
    if coded:
        texts = texts.dictionary_encode()
    table = pa.table({"text": texts, "n": list(range(total))})
    writer = {
        parquet: lambda: pq.ParquetWriter(path, table.schema),
        arrow_file: lambda: pa.ipc.new_file(str(path), table.schema),
        stream: lambda: pa.ipc.new_stream(str(path), table.schema),
    }[write]
    at = 0
    with writer() as out:
        for size in sizes:
            out.write_table(table.slice(at, size))
            at += size
    with pytest.MonkeyPatch.context() as patch:
        small_units(patch)
        found = read(path)
        units = list(tables.units(str(path), PLAIN))
    assert found == [(number, None, "text", f"text {number}") for number in range(total)]
    assert all(unit.stop - unit.start <= 16 for unit in units)
    assert len({unit.stamp for unit in units}) == len(units)


@EACH_FORM
def test_each_form_is_read(write, tmp_path):
    texts = [f"text {number}" for number in range(50)]
    pictures = [SMALL if number % 2 else LARGE for number in range(50)]
    table = pa.table({"n": range(50), "id": [f"r{number}" for number in range(50)],
                      "text": texts, "image": pictures})  # fmt: skip
    write(tmp_path / "a.arrow", table, rows=20)
    found = read(tmp_path / "a.arrow")
    assert found[::2] == [(n, f"r{n}", "text", text) for n, text in enumerate(texts)]
    assert found[1::2] == [(n, f"r{n}", "image", data) for n, data in enumerate(pictures)]


def test_only_columns_that_are_counted_are_read(tmp_path, monkeypatch):
    parquet(tmp_path / "a.parquet", pa.table({"text": ["a"], "heavy": [b"x" * 1000]}))
    asked = []
    iter_batches = pq.ParquetFile.iter_batches

    def spy(self, *words, columns, **more):
        asked.append(columns)
        return iter_batches(self, *words, columns=columns, **more)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", spy)
    assert len(read(tmp_path / "a.parquet")) == 1
    assert asked == [["text"]]


def test_memory_does_not_grow_with_a_row_group(tmp_path):
    """80 MB in one row group, in pages of 10 MB."""
    schema = pa.schema([("image", pa.binary())])
    with pq.ParquetWriter(tmp_path / "a.parquet", schema, compression="none") as out:
        rows = [SMALL + os.urandom(40_000) for _ in range(250)]
        batch = pa.record_batch([pa.array(rows, pa.binary())], schema=schema)
        out.write_table(pa.Table.from_batches([batch] * 8), row_group_size=2000)
    del rows, batch
    [unit] = tables.units(str(tmp_path / "a.parquet"), PLAIN)
    before, peak, number = pa.total_allocated_bytes(), 0, 0
    for item in tables.items(unit, PLAIN):
        assert len(item.content) > 40_000
        number, peak = number + 1, max(peak, pa.total_allocated_bytes() - before)
    assert number == 2000
    assert peak < 32 << 20


STRINGS = {
    "string": pa.string(),
    "large": pa.large_string(),
    "view": pa.string_view(),
    "dictionary": pa.dictionary(pa.int8(), pa.string()),
    "dictionary of views": pa.dictionary(pa.uint32(), pa.string_view()),
}


@pytest.mark.parametrize("kind", STRINGS)
def test_texts_are_texts_in_any_type(kind, tmp_path):
    told = STRINGS[kind]
    if pa.types.is_dictionary(told):
        words = pa.array(["hello", "unused", ""], told.value_type)
        array = pa.DictionaryArray.from_arrays(pa.array([0, None, 2], told.index_type), words)
    else:
        array = pa.array(["hello", None, ""], told)
    arrow_file(tmp_path / "a.arrow", pa.table({"text": array}))
    first, null, empty = (found[3] for found in read(tmp_path / "a.arrow"))
    assert first == "hello"
    assert "there is no text (null)" in str(null)
    assert "the text is empty" in str(empty)


@EACH_FORM
def test_bytes_that_are_no_text_are_an_error_of_their_cell(write, tmp_path):
    array = pa.array([b"good", b"\xff\xfe", b"fine"], pa.binary()).view(pa.string())
    write(tmp_path / "a.arrow", pa.table({"text": array}))
    contents = [found[3] for found in read(tmp_path / "a.arrow")]
    assert contents[::2] == ["good", "fine"]
    assert "its bytes are no UTF-8 text" in str(contents[1])


def test_words_that_a_dictionary_lacks_are_an_error():
    numbers = pa.array([0, 5, 1], pa.int8())
    broken = pa.DictionaryArray.from_arrays(numbers, pa.array(["a", "b"]), safe=False)
    with pytest.raises(pa.ArrowInvalid, match="number 5 of 2 words"):
        arrow_cells.values(broken)


def test_each_of_a_list_is_an_item(tmp_path):
    texts = {"texts": [["a", "b"], [], None, ["c"]], "id": ["x", "y", "z", None]}
    found = cells(tmp_path, texts)
    assert [(name, content) for name, _, content in found if isinstance(content, str)] == [
        ("x[0]", "a"), ("x[1]", "b"), (0, "c"),
    ]  # fmt: skip
    assert [(n, str(e)) for n, _, e in found if isinstance(e, MultitokError)] == [
        ("y", "texts: the list is empty"),
        ("z", "texts: there is no list (null)"),
    ]


def test_those_of_a_list_without_an_id_are_named_by_their_place(tmp_path):
    path = tmp_path / "a.parquet"
    parquet(path, pa.table({"texts": [["a"], ["b", "c"]]}))
    rows = scan(path, tokenizer="words", workers=0).table().to_pylist()
    assert [row["id"] for row in rows] == [f"{path}#0[0]", f"{path}#1[0]", f"{path}#1[1]"]


MEDIUM = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def test_pictures_are_bytes_or_structs_of_them(tmp_path):
    (tmp_path / "there.png").write_bytes(LARGE)
    structs = [
        {"bytes": SMALL, "path": "a.png"},
        {"bytes": None, "path": "there.png"},
        {"bytes": b"", "path": "there.png"},  # empty bytes are no reason to look elsewhere
        {"bytes": None, "path": None},
        None,
    ]
    found = [one[2] for one in cells(tmp_path, {"photo": pa.array(structs, MEDIUM)})]
    assert found[:2] == [SMALL, str(tmp_path / "there.png")]
    assert [str(error) for error in found[2:]] == [
        "photo: the cell is empty (0 bytes)",
        "photo: the cell is empty (null)",
        "photo: the cell is empty (null)",
    ]


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary_view(), MEDIUM])
def test_pictures_of_a_list_are_items(kind, tmp_path):
    one = {"bytes": SMALL, "path": None} if kind == MEDIUM else SMALL
    table = pa.table({"images": pa.array([[one, one], [one]], pa.list_(kind)), "id": [7, 8]})
    stream(tmp_path / "a.arrow", table)
    found = read(tmp_path / "a.arrow")
    assert found == [
        (0, "7[0]", "image", SMALL), (0, "7[1]", "image", SMALL), (1, "8[0]", "image", SMALL),
    ]  # fmt: skip


def with_features(table, features):
    told = json.dumps({"info": {"features": features}}).encode()
    return table.replace_schema_metadata({b"huggingface": told})


@pytest.mark.parametrize(
    ("feature", "modality"),
    [
        ({"_type": "Image"}, "image"),
        ({"_type": "Audio", "sampling_rate": 16000}, "audio"),
        ({"_type": "Video"}, "video"),
    ],
)
@pytest.mark.parametrize("many", ["", "Sequence", "List", "list"])
def test_features_of_hugging_face_tell_media(feature, modality, many, tmp_path):
    value = {"bytes": b"data", "path": None}
    kind = pa.list_(MEDIUM) if many else MEDIUM
    table = pa.table({"what": pa.array([[value] if many else value], kind), "x": ["text"]})
    if many:
        feature = [feature] if many == "list" else {"_type": many, "feature": feature}
    found = cells(tmp_path, with_features(table, {"what": feature, "x": {"_type": "Value"}}))
    assert found == [(0 if many else None, modality, b"data")]


def test_metadata_that_is_no_features_tells_nothing(tmp_path):
    table = pa.table({"text": ["a"]})
    for told in (b"[", b"[]", b'{"info": 5}', b'{"info": {"features": ["a"]}}'):
        marked = table.replace_schema_metadata({b"huggingface": told})
        assert cells(tmp_path, marked) == [(None, "text", "a")]


TURNS = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "hi"}]


@pytest.mark.parametrize(
    ("name", "turns"),
    [
        ("messages", TURNS),
        ("chat", TURNS),
        ("conversations", [{"from": "human", "value": "hello"}, {"from": "gpt", "value": "hi"}]),
    ],
)
def test_a_list_of_turns_is_a_request(name, turns, tmp_path):
    found = cells(tmp_path, {"prompt": ["hello"], name: [turns], "id": ["a"]})
    assert found == [("a", "request", {"messages": TURNS})]


TOOL = {"name": "now", "description": "The time.", "parameters": {"type": "object"}}
WRAPPED = {"type": "function", "function": TOOL}


@pytest.mark.parametrize("tools", [json.dumps([TOOL]), [TOOL], [json.dumps(WRAPPED)], [WRAPPED]])
def test_what_stands_beside_a_conversation_is_in_its_request(tools, tmp_path):
    table = {"messages": [TURNS], "system": ["Be short."], "tools": [tools], "note": ["x"]}
    [(_, modality, content)] = cells(tmp_path, table)
    system = {"role": "system", "content": "Be short."}
    assert modality == "request"
    assert content == {"messages": [system, *TURNS], "tools": [WRAPPED]}


def test_what_is_empty_beside_a_conversation_is_not_there(tmp_path):
    table = {"messages": [TURNS, TURNS], "system": ["", None], "tools": ["", "[]"]}
    found = cells(tmp_path, table)
    assert [content for _, _, content in found] == [{"messages": TURNS}] * 2


def test_tools_that_are_no_json_are_an_error_of_their_row(tmp_path):
    [(_, _, error)] = cells(tmp_path, {"messages": [TURNS], "tools": ["now()"]})
    assert "tools: not JSON" in str(error)


def test_what_is_null_in_turns_is_not_there(tmp_path):
    """A struct has the fields of all rows: a block of text is no picture that is missing."""
    blocks = [{"type": "text", "text": "hello"}, {"type": "image"}]
    turns = [{"role": "user", "content": blocks}, {"role": "user", "content": None, "name": "x"}]
    [(_, _, content)] = cells(tmp_path, {"messages": [turns]})
    assert content == {
        "messages": [{"role": "user", "content": blocks}, {"role": "user", "name": "x"}]
    }


def test_no_turns_are_an_error(tmp_path):
    kind = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
    found = cells(tmp_path, {"messages": pa.array([[], None], kind)})
    assert [str(error) for _, _, error in found] == [
        "messages: the list of messages is empty",
        "messages: there are no messages (null)",
    ]


def test_requests_may_be_written_as_json(tmp_path):
    body = {"model": "gpt-4o", "messages": TURNS}
    table = {"request": [json.dumps(body), "{", None], "note": ["a", "b", "c"]}
    whole, broken, null = cells(tmp_path, table, Reading(read_as="request"))
    assert whole == (None, "request", body)
    assert "request: not JSON" in str(broken[2])
    assert "there is no text (null)" in str(null[2])


def test_a_request_may_be_a_struct(tmp_path):
    body = {"model": "gpt-4o", "messages": TURNS}
    found = cells(tmp_path, {"request": [body]}, Reading(read_as="request"))
    assert found == [(None, "request", body)]


@pytest.mark.parametrize(
    ("columns", "reading", "expected"),
    [
        ({"title": ["t"], "text": ["x"], "n": [1]}, PLAIN, [("text", "x")]),
        ({"title": ["t"], "Body": ["x"]}, PLAIN, [("text", "x")]),
        ({"text": ["x"], "img_1": [b"1"], "hash": [b"h"]}, PLAIN,
         [("text", "x"), ("image", b"1")]),
        ({"a": ["x"], "b": ["y"]}, Reading(text=("b", "a")), [("text", "y"), ("text", "x")]),
        ({"a": [b"x"], "text": ["y"]}, Reading(image=("a",)), [("image", b"x")]),
        ({"a": [b"x"], "text": ["y"]}, Reading(read_as="image"), [("image", b"x")]),
        ({"a": [b"x"], "text": ["y"]}, Reading(read_as="text"), [("text", "y")]),
        ({"wav": [b"x"]}, PLAIN, [("audio", b"x")]),
        ({"a": [b"x"]}, Reading(text=("a",), read_as="pdf"), [("pdf", b"x")]),
        ({"a": [b"x"]}, Reading(text=("a",)), [("text", "x")]),
        ({"image": [b"x"], "audio": [b"y"]}, Reading(read_as="audio"), [("audio", b"y")]),
    ],
)  # fmt: skip
def test_which_columns_are_counted(columns, reading, expected, tmp_path):
    assert [found[1:] for found in cells(tmp_path, columns, reading)] == expected


@pytest.mark.parametrize(
    ("columns", "reading", "message"),
    [
        ({"txt": ["a"], "n": [1]}, PLAIN,
         r"which of its columns is counted\? Its columns are 'txt' \(string\), 'n' \(int64\): name"
         " one, --column or --image-column"),
        ({"question": ["a"], "answer": ["b"]}, PLAIN, "which is the text: 'question' or 'answer'"),
        ({"question": ["a"], "answer": ["b"], "image": [b"c"]}, PLAIN, "the pictures alone: --im"),
        ({"chosen": [TURNS], "rejected": [TURNS]}, PLAIN, "which is the conversation: 'chosen' or"),
        ({"text": ["a"]}, Reading(text=("txt",)), r"no column 'txt'\. Did you mean 'text'\? Its c"),
        ({"text": ["a"]}, Reading(image=("pic",)), "no column 'pic'"),
        ({"text": ["a"]}, Reading(id="key"), "no column 'key'"),
        ({"text": ["a"]}, Reading(by="kind"), "no column 'kind'"),
        ({"n": [1]}, Reading(text=("n",)), "column 'n' holds int64, which is no text"),
        ({"n": [1]}, Reading(image=("n",)), "a column of media has bytes"),
        ({"text": ["a"]}, Reading(read_as="image"), "which of its columns"),
    ],
)  # fmt: skip
def test_what_is_not_plain_is_asked_for(columns, reading, message, tmp_path):
    with pytest.raises(SourceError, match=message):
        cells(tmp_path, columns, reading)


@EACH_FORM
@pytest.mark.parametrize("names", [["text", "text"], ["text", "", ""]])
def test_two_columns_of_one_name_are_refused(names, write, tmp_path):
    write(tmp_path / "a", pa.table([["a"]] * len(names), names=names))
    with pytest.raises(SourceError, match=f"a: two columns are named {names[-1]!r}"):
        read(tmp_path / "a")


def test_a_struct_named_as_text_is_said(tmp_path):
    table = {"photo": pa.array([None], MEDIUM)}
    with pytest.raises(SourceError, match="is it --image-column photo"):
        cells(tmp_path, table, Reading(text=("photo",)))


def test_rows_are_named_and_grouped_by_columns(tmp_path):
    table = pa.table({"text": ["a", "b"], "key": [5, None], "kind": ["x", None]})
    parquet(tmp_path / "a.parquet", table)
    reading = Reading(id="key", by="kind")
    [unit] = tables.units(str(tmp_path / "a.parquet"), reading)
    assert [(item.id, item.group) for item in tables.items(unit, reading)] == [
        ("5", "x"),
        (None, None),
    ]


def test_a_row_group_that_is_damaged_is_one_error(tmp_path):
    """The others, of its unit and of those behind it, are read."""
    path = tmp_path / "a.parquet"
    texts = [f"a text {number} of its own" for number in range(6000)]
    pq.write_table(
        pa.table({"text": texts}), path, row_group_size=1000, compression="zstd",
        use_dictionary=False,
    )  # fmt: skip
    place = pq.read_metadata(path).row_group(1).column(0).data_page_offset
    with open(path, "r+b") as file:
        file.seek(place)
        file.write(b"\xff" * 200)
    errors = [found for found in read(path) if isinstance(found[3], MultitokError)]
    assert [row for row, *_ in errors] == [1000]
    assert "cannot be read" in str(errors[0][3])
    good = [found[3] for found in read(path) if isinstance(found[3], str)]
    assert good == texts[:1000] + texts[2000:]


def test_a_batch_that_is_damaged_is_one_error(tmp_path):
    """Its offsets lead out of its texts: what would read there is not asked."""
    texts = [f"text {number}" for number in range(3000)]
    for write in (arrow_file, stream):
        path = tmp_path / "a.arrow"
        write(path, pa.table({"text": texts}))
        data = bytearray(path.read_bytes())
        at = data.rindex(b"text 1000text 1001") - 2000  # among the offsets
        data[at : at + 4] = b"\xff\xff\xff\x7f"
        path.write_bytes(data)
        found = read(path)
        assert [row for row, *_, one in found if isinstance(one, MultitokError)] == [1000]
        good = [one for *_, one in found if isinstance(one, str)]
        assert good == texts[:1000] + texts[2000:]


def test_a_stream_that_is_cut_off_ends_with_an_error(tmp_path):
    texts = [f"text {number}" for number in range(3000)]
    path = tmp_path / "a.arrow"
    stream(path, pa.table({"text": texts}))
    data = path.read_bytes()
    for size in range(2000, len(data) - 100, 997):
        path.write_bytes(data[:size])
        *good, last = [one for *_, one in read(path)]
        assert good == texts[: len(good) // 1000 * 1000]
        assert isinstance(last, MultitokError) or size > len(data) - 600


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"hello there", "no Parquet, Arrow or Feather file"),
        (b"PAR1 and no more", "no Parquet, Arrow or Feather file"),
        (b"ARROW1\0\0 and no more", "no Parquet, Arrow or Feather file"),
        (b"FEA1" + bytes(20), "Feather of version 1"),
    ],
)
def test_what_is_no_table_is_said(data, message, tmp_path):
    path = tmp_path / "a.parquet"
    path.write_bytes(data)
    with pytest.raises(SourceError, match=message):
        list(tables.units(str(path), PLAIN))


@EACH_FORM
@pytest.mark.parametrize("more", [b"", b"\xff\xff\xff\xff\x08\0\0\0"], ids=["", "and begun"])
def test_categories_that_are_cut_anywhere_are_read_so_far(more, write, tmp_path):
    """Words of a stream are said on the way, so its batches are asked for one by one."""
    words = pa.array(["a cat", "a dog", "a cat"] * 2).dictionary_encode()
    write(tmp_path / "a.arrow", pa.table({"text": words}), rows=2)
    whole = (tmp_path / "a.arrow").read_bytes()
    for end in range(0, len(whole) + 1, 3):
        (tmp_path / "a.arrow").write_bytes(whole[:end] + more)
        try:
            found = read(tmp_path / "a.arrow")
        except SourceError:
            continue
        said = [content for *_, content in found if not isinstance(content, SourceError)]
        assert said == (["a cat", "a dog", "a cat"] * 2)[: len(said)]


@EACH_FORM
def test_damaged_bytes_are_errors_and_nothing_else(write, tmp_path):
    """What pyarrow would read there without asking ends the process."""
    choice = random.Random(0)
    one = {"bytes": SMALL, "path": None}
    table = pa.table({"text": ["text"] * 200, "image": pa.array([one] * 200, MEDIUM),
                      "messages": [TURNS] * 200})  # fmt: skip
    path = tmp_path / "a.arrow"
    write(path, table, rows=100)
    whole = path.read_bytes()
    reading = Reading(text=("text", "messages"), image=("image",))
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(choice.choice((1, 3, 40))):
            near = choice.choice((len(data), min(3000, len(data))))
            at = choice.choice((0, len(data) - near)) + choice.randrange(near)
            data[at] = choice.choice((0, 127, 255, choice.randrange(256)))
        path.write_bytes(data)
        with suppress(MultitokError):
            read(path, reading)


def saved(folder, texts, files=2):
    """A data set as `save_to_disk` writes it."""
    folder.mkdir(parents=True)
    names = [f"data-{number:05}-of-{files:05}.arrow" for number in range(files)]
    for number, name in enumerate(names):
        stream(folder / name, pa.table({"text": texts[number::files]}))
    state = {"_data_files": [{"filename": name} for name in names], "_split": None}
    (folder / "state.json").write_text(json.dumps(state))
    (folder / "dataset_info.json").write_text('{"features": {}}')
    return folder


def saved_splits(folder):
    saved(folder / "train", ["a", "b", "c"])
    saved(folder / "a-test", ["d"], files=1)
    (folder / "dataset_dict.json").write_text('{"splits": ["train", "a-test"]}')
    return folder


def texts_of(sources, **words):
    found = scan(sources, tokenizer="words", workers=0, **words).table().to_pylist()
    assert [row["error"] for row in found] == [None] * len(found)
    return [row["source"].rpartition("/")[0].rpartition("/")[2] for row in found]


def test_saved_data_sets_of_hugging_face_are_read(tmp_path):
    folder = saved(tmp_path / "one", ["a", "b", "c"])
    (folder / "cache-123.arrow").write_bytes(b"no part of it")
    assert tables.is_saved_dataset(str(folder))
    assert texts_of(folder) == ["one"] * 3
    splits = saved_splits(tmp_path / "two")
    assert tables.is_saved_dataset(str(splits))
    assert texts_of(splits) == ["train"] * 3 + ["a-test"]


def test_saved_data_sets_among_other_files_are_read_once(tmp_path):
    saved_splits(tmp_path / "data" / "sub" / "two")
    saved(tmp_path / "data" / "one", ["x"], files=1)
    (tmp_path / "data" / "a.txt").write_text("loose")
    found = texts_of(tmp_path / "data")
    assert sorted(found) == sorted(["a-test", tmp_path.name, "one", "train", "train", "train"])


def test_a_file_of_a_saved_data_set_may_be_named_itself(tmp_path):
    folder = saved(tmp_path / "one", ["a", "b", "c"])
    assert texts_of(sorted(folder.glob("*.arrow"))[0]) == ["one"] * 2
    assert texts_of(str(folder / "*.arrow")) == ["one"] * 3


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("{", "not what Hugging Face saves"),
        ("[]", "not what Hugging Face saves"),
        ('{"_data_files": 5}', "no list '_data_files'"),
        ('{"_data_files": [{"filename": "../x.arrow"}]}', "which is no file in it"),
        ('{"_data_files": [], "_indices_data_files": [{"filename": "i.arrow"}]}', "a choice of"),
    ],
)
def test_a_damaged_saved_data_set_is_said(state, message, tmp_path):
    folder = saved(tmp_path / "one", ["a"])
    (folder / "state.json").write_text(state)
    with pytest.raises(SourceError, match=message):
        list(tables.units(str(folder), PLAIN))


class Streamed:
    """A table of another library: nothing but its stream."""

    def __init__(self, table):
        self._table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self._table.__arrow_c_stream__(requested_schema)


TABLE = pa.table({"text": ["one", "two words"], "id": ["a", None]})


def test_a_table_in_memory_is_counted(tmp_path):
    rows = scan(Streamed(TABLE), tokenizer="words", workers=1).table().to_pylist()
    assert [(row["source"], row["id"], row["tokens"]) for row in rows] == [
        ("table", "a", 1),
        ("table", "table#1", 2),
    ]


def test_the_same_table_is_not_counted_again(tmp_path):
    met = []
    words = {"tokenizer": "words", "out": tmp_path / "counts", "workers": 0}
    for table in (TABLE, pa.table(TABLE.to_pydict()), TABLE.slice(1)):
        scan(Streamed(table), progress=met.append, **words)
    assert [progress.items for progress in met] == [2, 1]


def test_shards_of_a_table_in_memory_are_the_whole(tmp_path, monkeypatch):
    """Each writes it down in a folder of its own, which is in no name."""
    small_units(monkeypatch)
    table = pa.table({"text": ["word " * (number % 9 + 1) for number in range(200)]})
    monkeypatch.setattr(tables, "SPOOLED", 10)
    words = {"tokenizer": "words", "out": tmp_path / "counts", "workers": 0}
    shards = [scan(Streamed(table), shard=(number, 3), **words) for number in range(3)]
    assert sum(shard.items for shard in shards) == 200
    assert sum(shard.tokens for shard in shards) == sum(number % 9 + 1 for number in range(200))
    assert min(shard.items for shard in shards) > 0


def test_a_scan_of_a_table_counts_as_count_does(tmp_path):
    table = pa.table({"text": ["hello world", "good morning"], "image": [SMALL, LARGE]})
    parquet(tmp_path / "a.parquet", table)
    rows = scan(tmp_path / "a.parquet", models="gpt-5.4", workers=1).table().to_pylist()
    expected = []
    for text, data in zip(*table.to_pydict().values(), strict=True):
        expected.append(multitok.count(Text(text), model="gpt-5.4").tokens)
        expected.append(multitok.count(data, model="gpt-5.4").tokens)
    assert [row["tokens"] for row in rows] == expected
    assert [row["row"] for row in rows] == [0, 0, 1, 1]
    assert [row["id"] for row in rows[:2]] == [f"{tmp_path}/a.parquet#0"] * 2


def test_planning_loose_files_loads_no_pyarrow():
    code = (
        "import sys; from multitok.datasets import planning; from multitok.datasets.units import"
        " Reading; list(planning.units([sys.argv[1]], Reading(), print));"
        " assert not {'pyarrow', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, os.path.dirname(__file__)], check=True)


def test_categories_that_differ_from_batch_to_batch_are_written_down(tmp_path):
    """Frames that came together: a file of Arrow takes one list of words for a column."""
    batches = [pa.array(words).dictionary_encode() for words in (["a", "b"], ["c"])]
    table = pa.table({"text": pa.chunked_array(batches)})
    found = scan(table, tokenizer="words", workers=0)
    assert [row["tokens"] for row in found.table().to_pylist()] == [1, 1, 1]


def test_a_table_that_is_read_as_series_is_one_item(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"x": [float(n) for n in range(64)]}), path)
    found = scan(path, tokenizer="chronos", read_as="series", workers=0)
    one = multitok.count(str(path), tokenizer="chronos", modality="series").tokens
    assert (found.items, found.tokens) == (1, one)


def test_pictures_may_be_written_in_base64(tmp_path):
    data = io.BytesIO()
    Image.new("RGB", (64, 48)).save(data, "PNG")
    words = [base64.b64encode(data.getvalue()).decode(), "a/b.png"]
    pq.write_table(pa.table({"image": words}), tmp_path / "a.parquet")
    found = scan(tmp_path / "a.parquet", models="gpt-5.4", image="image", workers=0)
    first, second = found.table().to_pylist()
    assert (first["width"], first["error"]) == (64, None)
    assert "a/b.png: no such file" in second["error"]


@pytest.mark.parametrize("new", [pa.ipc.new_file, pa.ipc.new_stream])
def test_a_batch_of_more_rows_than_its_bytes_can_hold_is_one_error(new, tmp_path):
    """Two thousand million rows would be 15,000 units, each read to see that it is not there."""
    path, table = tmp_path / "x.arrow", pa.table({"text": ["hello"] * 77})
    with new(path, table.schema) as out:
        out.write_table(table)
    path.write_bytes(path.read_bytes().replace(pack("<q", 77), pack("<q", 2_000_000_000)))
    assert len(list(tables.units(str(path), Reading()))) == 1
    found = scan(path, models="gpt-5.4", workers=0)
    assert (found.items, found.failed) == (1, 1)


def test_a_batch_of_zeros_is_packed_and_whole(tmp_path):
    """Two million empty texts are 8 MB of offsets, all zero, in a few hundred bytes."""
    path, table = tmp_path / "x.arrow", pa.table({"text": [""] * 2_000_000})
    how = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_file(path, table.schema, options=how) as out:
        out.write_table(table)
    assert path.stat().st_size < 4000
    assert sum(unit.stop - unit.start for unit in tables.units(str(path), Reading())) == 2_000_000
