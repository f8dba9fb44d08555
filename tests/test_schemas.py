"""What `--json` prints is what docs/schemas says; a command, its schema and a document of it."""

import json
from pathlib import Path

import click
import jsonschema
import pytest
from click.testing import CliRunner

from multitok.cli import COMMANDS, multitok

ROOT = Path(__file__).parent.parent
SCHEMAS = ROOT / "docs" / "schemas"
BILL = {
    "request": {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]},
    "response": {"usage": {"prompt_tokens": 8, "completion_tokens": 1}},
}
SHOWN = [
    "inspect {samples}/photo.jpg {samples}/english.txt missing.png",
    "inspect {samples}/clip.mp4 -m gemini-3-flash-preview -m gpt-4o",
    "inspect {samples}/sunspots.csv",
    "inspect {samples}/arm.csv --as actions",
    "count {samples}/photo.jpg {samples}/clip.mp4 {samples}/melody.flac -m gemini-3-flash-preview",
    "count {samples}/photo.jpg {samples}/clip.mp4 -m gpt-4o",
    "count --size 640x480 -m claude-opus-5",
    "count --text hi -m claude-opus-5 -m grok-4",
    "count {samples} -r -m gpt-4o",
    "count {samples} -r -m gpt-4o --cost",
    "count {samples}/photo.jpg -m gpt-4o -m grok-4 --cost",
    "compare {samples}/photo.jpg -m gpt-4o -m claude-2 -m gpt-5.4",
    "compare {samples}/english.txt",
    "fit {samples}/photo.jpg -m gpt-4o --max-tokens 300",
    "fit {samples}/photo.jpg -m gpt-4o --max-tokens 1",
    "fit {samples}/clip.mp4 -m gemini-3-flash-preview --max-tokens 300",
    "fit {samples}/melody.flac -m gemini-3-flash-preview --max-tokens 100",
    "request {samples}/request.json",
    "request {samples}/request.json -m claude-opus-5 --output-tokens 50-400",
    "request {samples}/request.json --fit 1200",
    "request {samples}/batch.jsonl",
    "request {samples}/tools.json -m gpt-5.4",
    "scan {samples} -m gpt-4o -m claude-opus-5 -j 0 --hist --top 3 --by source --by kind",
    "scan {samples}/batch.jsonl missing.png -j 0",
    "tokenize {samples}/english.txt {samples}/request.json -t o200k_base -j 0 --out shards",
    "tokenize missing.txt -t bytes --eos 0 -j 0 --out shards",
    "pack counts --size 500 --max-images 1",
    "check {samples}/english.txt {samples}/photo.jpg missing -m gpt-4o --max-tokens 500",
    "check {samples}/english.txt {samples}/photo.jpg -m gpt-4o -m claude-opus-5 -o counts.json",
    "check {samples}/english.txt missing --baseline counts.json",
    "truncate {samples}/english.txt -m gpt-5 --max-tokens 9",
    "split {samples}/english.txt -m gpt-5 --max-tokens 200",
    "efficiency {samples}/english.txt {samples}/photo.jpg -m gpt-4o -m gpt-5.4",
    "efficiency {samples}/multilingual.txt missing.txt",
    "efficiency --languages -m gpt-4o -t cl100k_base",
    "reconcile -",
    "economics 1.4T --parameters 70B",
    "economics 1.4T --parameters 70B --accelerator tpu-v5e --batch 1",
    "prices",
    "prices gpt-4o",
    "prices gpt-5.4",
    "encode {samples}/english.txt -t o200k_base",
    "train bpe {samples}/english.txt -o tokenizer.json --vocab-size 300",
    "models",
    "models gpt-4o",
    "tokenizers",
    "tokenizers patch",
    "tokenizers hf",
    "doctor",
]

BEFORE = {
    "pack": "scan {samples} -m gpt-4o -j 0 --out counts",
    "--baseline": "check {samples}/english.txt -m gpt-4o -o counts.json",
}
"""What a command, or an option, reads, another makes."""


def schema_of(command):
    return json.loads((SCHEMAS / f"{command}.json").read_text("utf-8"))


def closed(schema):
    """The schema with every field listed: readers are told to expect more, the tests are not."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: closed(value) for key, value in schema.items()}
    if isinstance(made.get("properties"), dict) and made.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return made


def documents(words, folder, monkeypatch):
    monkeypatch.chdir(folder)
    for first in (BEFORE[word] for word in words.split() if word in BEFORE):
        documents(first, folder, monkeypatch)
    typed = [*words.format(samples=ROOT / "samples").split(), "--json"]
    return json.loads(CliRunner().invoke(multitok, typed, input=json.dumps(BILL)).stdout)


@pytest.mark.parametrize("words", SHOWN)
def test_a_document_is_what_its_schema_says_and_nothing_more(words, tmp_path, monkeypatch):
    found = documents(words, tmp_path, monkeypatch)
    checker = jsonschema.Draft202012Validator(closed(schema_of(words.split()[0])))
    wrong = jsonschema.exceptions.best_match(checker.iter_errors(found))
    assert wrong is None, f"{wrong.json_path}: {wrong.message[:300]}"


def test_every_command_with_json_has_a_schema_and_is_tried():
    context = click.Context(multitok)
    printed = {
        name
        for name in COMMANDS
        if any("--json" in param.opts for param in multitok.get_command(context, name).params)
    }
    assert {path.stem for path in SCHEMAS.glob("*.json")} == printed
    assert {words.split()[0] for words in SHOWN} == printed


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.stem)
def test_a_schema_is_one(path):
    jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text("utf-8")))


def test_a_field_that_no_schema_names_is_seen():
    checker = jsonschema.Draft202012Validator(closed(schema_of("split")))
    assert checker.is_valid({"schema": 1, "pieces": ["a"]})
    assert not checker.is_valid({"schema": 1, "pieces": ["a"], "more": 1})
    assert not checker.is_valid({"schema": 1})
