"""The tables of recorded bills, numbers only, and the groups in which counts stand to bills."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from multitok.catalog.load import catalog
from multitok.requests.bills import reconcile
from multitok.requests.groups import HOLDS, Bill, holds, served_by, standing, standings
from multitok.requests.payloads import parse

ROOT = Path(__file__).parents[1]
NUMBERS = runpy.run_path(str(ROOT / "tools" / "bills_numbers.py"))
WHOLE = Bill("OpenAI chat", "text", "whole", 95, 95, 100)


@pytest.fixture(scope="module", params=[False, True], ids=["all vocabularies", "plain"])
def rows(request):
    return NUMBERS["read"](plain=request.param)


def test_the_parts_of_every_bill_add_up_to_its_tokens(rows):
    parts = [sum(row[name] or 0 for name in NUMBERS["PARTS"]) for row in rows]
    assert parts == [row["tokens"] or 0 for row in rows]


def test_no_more_of_a_bill_is_estimated_than_counted(rows):
    names = [f"estimated_{name}" for name in NUMBERS["MODALITIES"]]
    assert all(sum(row[name] or 0 for name in names) <= (row["tokens"] or 0) for row in rows)


def test_every_bill_has_a_number_of_its_own_and_a_model_of_the_catalogue(rows):
    assert len({(row["provider"], row["number"]) for row in rows}) == len(rows)
    named = {row["model"] for row in rows if row["state"] != "refused"}
    assert {name for name in named if catalog().model(name).id != name} == set()


def test_the_tables_hold_the_same_bills():
    told = ("provider", "number", "endpoint", "month", "holds", "billed")
    both = [[[row[name] for name in told] for row in NUMBERS["read"](p)] for p in (False, True)]
    assert both[0] == both[1]
    assert {row["holds"] for row in NUMBERS["read"]()} <= set(HOLDS)


IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
FUNCTION = {"type": "function", "function": {"name": "f", "parameters": {}}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "object"}}}


def chat(*content, **more):
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": list(content)}], **more}


@pytest.mark.parametrize(
    ("payload", "held"),
    [
        (chat(), "text"),
        (chat(response_format={"type": "text"}), "text"),
        (chat(response_format=SCHEMA), "schema"),
        ({"model": "gpt-4o", "input": "hi", "text": {"format": SCHEMA}}, "schema"),
        ({"contents": [], "generationConfig": {"responseSchema": {"type": "STRING"}}}, "schema"),
        (chat(tools=[FUNCTION], response_format=SCHEMA), "tools"),
        (chat(IMAGE, tools=[FUNCTION]), "image"),
        (chat(IMAGE, tools=[{"type": "web_search"}]), "server tools"),
        ({"messages": [{"role": "user", "content": []}], "mcp_servers": [{"name": "m"}],
          "system": ""}, "server tools"),
    ],
)  # fmt: skip
def test_a_request_is_of_the_group_of_what_changes_its_bill_most(payload, held):
    assert holds(payload, parse(payload).parts) == held


def test_openais_endpoints_are_groups_of_their_own():
    assert served_by(parse(chat())) == "OpenAI chat"
    assert served_by(parse({"model": "gpt-4o", "input": "hi"})) == "OpenAI Responses"
    assert served_by(parse({"contents": []})) == "Google"


def test_a_count_within_two_tokens_or_a_twentieth_of_the_bill_is_close():
    """5 of 100 are 5 %, 6 are more; 2 of 10 are more than 5 %, and two tokens."""
    bills = [
        WHOLE,
        WHOLE._replace(tokens=94),
        WHOLE._replace(tokens=8, billed=10),
        WHOLE._replace(tokens=7, billed=10),
    ]
    assert standing("", bills).close == 2


def line(usage, request=None, **more):
    hi = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}
    return json.dumps({"request": request or hi, "usage": usage, **more})


def details(cached):
    return {"prompt_tokens": 200, "prompt_tokens_details": {"cached_tokens": cached}}


@pytest.mark.parametrize(
    ("usage", "why"),
    [
        (details(63), "no bill: a cache of 63 tokens, where the smallest has 64"),
        (details(64), None),
        (details(0), None),
        ({"prompt_tokens": 1002}, None),
        ({"prompt_tokens": 1003}, "no bill: 1,003 tokens for 2 bytes of text"),
    ],
)
def test_usage_that_was_made_up_is_no_bill(usage, why):
    """No provider keeps a cache of fewer than 64 tokens, and a text has no more tokens than bytes,
    with 1,000 for what a provider may write around it."""
    (found,) = reconcile([line(usage)])
    assert (found.why, found.bill() is None) == (why, why is not None)
    assert (found.points() == {}) is (why is not None or found.counted.kind != "estimate")


def test_a_compaction_has_a_prompt_that_nobody_knows():
    """124 were billed for 31: the endpoint alone tells, so a line that names it is open."""
    request = {"model": "gpt-4o", "input": "hi"}
    paths = ("/v1/responses", "/v1/responses/compact")
    found = list(reconcile(line({"input_tokens": 101}, request, endpoint=path) for path in paths))
    assert [one.bill().state for one in found] == ["whole", "open"]
    assert found[1].why == "/responses/compact: what its prompt adds is not known"


def test_only_whole_counts_are_held_against_their_bills():
    found = standing("g", [
        WHOLE,
        WHOLE._replace(tokens=100, most=100),
        WHOLE._replace(state="open", tokens=1),
        WHOLE._replace(state="refused", tokens=None, most=None),
    ])  # fmt: skip
    assert (found.bills, found.whole, found.open, found.refused) == (4, 2, 1, 1)
    assert (found.equal, found.over_most, found.median_off) == (1, 1, 0.025)


def test_several_groups_end_in_a_row_of_all():
    rows = standings([WHOLE, WHOLE._replace(holds="image")])
    assert [row.group for row in rows] == ["OpenAI chat, image", "OpenAI chat, text", "all"]
    assert [row.group for row in standings([WHOLE])] == ["OpenAI chat, text"]


def test_the_page_shows_the_table_of_these_bills():
    made = subprocess.run(
        [sys.executable, ROOT / "tools" / "bills_table.py"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    page = (ROOT / "docs" / "requests.md").read_text("utf-8")
    assert made in page, "run: python tools/bills_table.py --write"
