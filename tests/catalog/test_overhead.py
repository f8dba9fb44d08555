"""What a request adds: typed when the row is read, wrong rows refused with their line."""

import pytest

from multitok import CatalogError, count_request
from multitok.catalog.load import catalog
from multitok.catalog.overhead import laid_over, overhead_of
from multitok.catalog.rows import read_rows
from multitok.counting.rules import resolve

ROW = """provider = "acme"
[[model]]
id = "acme-chat"
{overhead}
[model.text]
tokenizer = "bpe"
kind = "exact"
source = "own"
params = {{ vocabulary = "o200k_base" }}
"""


def written(tmp_path, overhead):
    path = tmp_path / "own.toml"
    path.write_text(ROW.format(overhead=overhead))
    return path


@pytest.mark.parametrize(
    ("overhead", "message"),
    [
        (
            "overhead = { chat = { per_mesage = 3 } }",
            "overhead.chat: unknown key 'per_mesage'. Did you mean 'per_message'?"
            " There are: per_message, per_name, reply, per_assistant, responses_beyond, forgets,"
            " kind, source, checked, notes, bills, error, beyond",
        ),
        (
            "overhead = { chatt = {} }",
            "overhead: unknown key 'chatt'. Did you mean 'chat'? There are: chat, turns, control,"
            " beside, documents, signatures, tools, tools_auto, tools_any, mistral_common, kind,"
            " source, checked, notes, bills, error, beyond",
        ),
        (
            "overhead = { chat = { per_message = 3, per_name = 1 } }",
            "overhead.chat needs reply: whole numbers",
        ),
        (
            "overhead = { tools_auto = 'many', tools_any = 3 }",
            "overhead.tools_auto must be a whole number, got 'many'",
        ),
        ("overhead = { tools = 5 }", "overhead.tools must be a table, got 5"),
        ("overhead = inf", "overhead must be a table, got inf"),
        (
            "overhead = { tools_auto = 2, tools_any = 3, kind = 'sure' }",
            "overhead.kind must be one of exact, documented, observed, upper-bound, estimate,"
            " got 'sure'",
        ),
        (
            "overhead = { chat = { per_message = 3, per_name = 1, reply = 3, kind = 'observed' } }",
            "overhead.chat is observed by bills = [met, of]: without them, an estimate",
        ),
        ("overhead = { source = 3 }", "overhead.source must be a string, got 3"),
        (
            "overhead = { chat = { per_message = 3, per_name = 1, reply = 3, checked = 'soon' } }",
            "overhead.chat.checked must be a day, YYYY-MM-DD, got 'soon'",
        ),
        (
            "overhead = { mistral_common = 3 }",
            "overhead.mistral_common must be a string, got 3",
        ),
    ],
)
def test_a_wrong_overhead_is_refused_when_the_row_is_read(tmp_path, overhead, message):
    with pytest.raises(CatalogError) as error:
        read_rows(written(tmp_path, overhead))
    assert str(error.value) == f"own.toml:3: model 'acme-chat': {message}"


@pytest.mark.parametrize("given", ["inf", "[]", "'none'"])
def test_an_overhead_of_the_file_is_a_table(tmp_path, given):
    path = tmp_path / "own.toml"
    path.write_text(f"overhead = {given}\n")
    with pytest.raises(CatalogError) as error:
        read_rows(path)
    assert str(error.value) == f"{path}: overhead must be a table, got {given}"


@pytest.mark.parametrize("number", ["per_message", "per_name", "reply"])
@pytest.mark.parametrize("value", ["3.5", "inf", "nan", "true", "'3'", "[3]", "{}", "2026-01-02"])
def test_a_number_of_a_frame_is_a_whole_number(tmp_path, number, value):
    frame = {"per_message": "3", "per_name": "1", "reply": "3", number: value}
    table = ", ".join(f"{key} = {given}" for key, given in frame.items())
    with pytest.raises(CatalogError) as error:
        read_rows(written(tmp_path, f"overhead = {{ chat = {{ {table} }} }}"))
    assert f"overhead.chat.{number} must be a whole number, got " in str(error.value)


def test_a_frame_of_your_own_is_counted(tmp_path):
    """3 a message and its role (1 token), 2 before the answer; 'hi' is 1: 3 + 1 + 2 + 1 = 7."""
    frame = "overhead = { chat = { per_message = 3, per_name = 1, reply = 2 } }"
    path = written(tmp_path, frame)
    request = count_request(
        [{"role": "user", "content": "hi"}], model="acme-chat", catalog=str(path)
    )
    assert request.tokens == 7


def test_every_shipped_overhead_is_typed_and_written_back():
    for model in catalog().models():
        assert overhead_of(model.overhead.to_dict()) == model.overhead


FILE = {"chat": {"reply": 3, "kind": "observed", "bills": [9, 9], "error": [0.9, 1.1]}}


@pytest.mark.parametrize(
    ("own", "laid"),
    [
        ({"reply": 3}, {"reply": 3, "kind": "observed", "bills": [9, 9], "error": [0.9, 1.1]}),
        ({"reply": 2}, {"reply": 2, "kind": "estimate", "error": [0.9, 1.1]}),
        ({"kind": "documented"}, {"reply": 3, "kind": "documented", "error": [0.9, 1.1]}),
        (
            {"reply": 2, "bills": [1, 1], "error": [0.8, 1]},
            {"reply": 2, "kind": "observed", "bills": [1, 1], "error": [0.8, 1]},
        ),
    ],
)
def test_bills_that_met_other_numbers_are_no_evidence_and_their_range_stays(own, laid):
    assert laid_over(FILE, {"chat": own}) == {"chat": laid}


def test_a_row_uses_an_overhead_of_its_file_by_name(tmp_path):
    """3 a message, its role and its word are 5, and the answer's 2 of the row's own."""
    chat = "overheads = { mine = { chat = { per_message = 3, per_name = 1, reply = 9 } } }\n"
    row = ROW.format(overhead='overhead = { use = "mine", chat = { reply = 2 } }')
    path = tmp_path / "own.toml"
    path.write_text(chat + row, "utf-8")
    counted = count_request([{"role": "user", "content": "hi"}], "acme-chat", catalog=str(path))
    assert counted.tokens == 7


def test_an_overhead_that_the_file_does_not_have_is_refused(tmp_path):
    path = written(tmp_path, 'overhead = { use = "yours" }')
    with pytest.raises(CatalogError, match=r"no \[overheads.yours\] in this file. There are: none"):
        catalog(str(path))


def test_most_of_a_frame_has_what_a_bill_may_have_beyond_it_each_time(tmp_path):
    """Two messages, 2 more each."""
    frame = "overhead = { turns = { first = 3, further = 1, beyond = 2 } }"
    hi = {"role": "user", "content": "hi"}
    counted = count_request([hi, hi], "acme-chat", catalog=str(written(tmp_path, frame)))
    assert (counted.parts[-1].tokens, counted.parts[-1].most) == (4, 8)


@pytest.mark.parametrize("model", catalog().models(), ids=lambda model: model.id)
def test_what_is_observed_says_how_many_bills_met_it(model):
    for modality in model.rules:
        rule = resolve(modality, model=model.id)
        assert rule.stated != "observed" or any(
            note.startswith("confirmed by ") for note in rule.notes
        )


def test_what_a_request_adds_is_read_once_a_row():
    """Checking it for each request took two thirds of the time of a small one."""
    row = catalog().model("gpt-4o")
    assert row.overhead is row.overhead
