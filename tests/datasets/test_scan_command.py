"""multitok scan: what is printed, what is kept, and how it ends."""

import json

import pytest
from click.testing import CliRunner
from PIL import Image

from multitok.cli import multitok as cli

MODEL = "gpt-5.4"


def run(*words, text=None):
    return CliRunner().invoke(cli, [str(word) for word in words], input=text)


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    for number in range(6):
        place = folder / "ab"[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (32 * (number + 1), 32)).save(place / f"{number}.png")
    (folder / "a" / "4.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return folder


def test_totals_cost_and_errors_are_shown(photos):
    found = run("scan", photos, "-m", MODEL, "-j", 0, "--output-tokens", "100")
    assert found.exit_code == 0
    lines = found.stdout.splitlines()
    assert lines[0].split() == ["tokens", "share", "items", "modality", "model", "kind"]
    assert lines[1].split()[2:] == ["%", "5", "image", MODEL, "documented"]
    assert "errors   1 row of 6 could not be counted" in lines
    assert any(line.startswith("cost     $") for line in lines)


def test_strict_is_exit_1_for_an_error(photos):
    assert run("scan", photos, "-m", MODEL, "-j", 0, "--strict").exit_code == 1
    (photos / "a" / "4.png").unlink()
    assert run("scan", photos, "-m", MODEL, "-j", 0, "--strict").exit_code == 0


def test_without_sources_it_reports_again_from_its_folder(photos, tmp_path):
    out = tmp_path / "counts"
    first = run("scan", photos, "-m", MODEL, "-j", 0, "--out", out, "--json")
    again = run("scan", "--out", out, "--json")
    assert json.loads(first.stdout) == json.loads(again.stdout)
    assert json.loads(again.stdout)["failed"] == 1


def test_it_adds_up_by_what_is_named(photos):
    found = json.loads(run("scan", photos, "-m", MODEL, "-j", 0, "--by", "group", "--json").stdout)
    assert {total["group"]: total["rows"] for total in found["totals"]} == {
        str(photos / "a"): 3,
        str(photos / "b"): 3,
    }


def test_sources_may_be_listed_in_a_file(photos, tmp_path):
    names = "\n".join(str(path) for path in sorted(photos.rglob("*.png")))
    listed = run("scan", "--files-from", "-", "-m", MODEL, "-j", 0, "-q", text=names)
    assert listed.stdout == run("scan", photos, "-m", MODEL, "-j", 0, "-q").stdout


def test_progress_is_a_line_of_json_a_unit(photos):
    found = run("scan", photos, "-m", MODEL, "-j", 0, "-q", "--progress", "json")
    [line] = found.stderr.splitlines()
    assert json.loads(line)["done"] == 1
    assert json.loads(line)["items"] == 6


def test_the_largest_and_how_sizes_are_spread_are_shown(photos):
    shown = run("scan", photos, "-m", MODEL, "-j", 0, "--hist", "--top", 1).stdout
    assert "tokens an item  items  gpt-5.4" in shown
    assert shown.rstrip().splitlines()[-1].split()[2] == str(photos / "b" / "5.png")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("x", "--shard", "3/3"), "a shard is K/N with K from 0 to N-1, got '3/3': write 0/16"),
        (("x", "--by", "a", "--by", "b"), "--by takes one column of the data, got a and b"),
    ],
)
def test_wrong_words_are_told(words, message):
    found = run("scan", *words)
    assert found.exit_code == 2
    assert message in found.stderr


def test_what_is_named_and_not_there_is_exit_2(photos, tmp_path):
    found = run("scan", photos, tmp_path / "no.png", "-m", MODEL, "-j", 0)
    assert found.exit_code == 2
    assert f"{tmp_path / 'no.png'}: no such file or directory" in found.stdout
    assert "image     gpt-5.4" in found.stdout


def test_without_any_count_there_is_no_table(tmp_path):
    found = run("scan", tmp_path / "no.png", "-m", MODEL, "-j", 0)
    assert found.stdout.startswith("total    0 tokens of 1 item\n")
    assert found.exit_code == 2


def test_an_option_that_no_rule_of_a_model_has_is_told_at_once(photos):
    found = run("scan", photos, "-m", MODEL, "-j", 0, "-s", "detial=high")
    assert (type(found.exception).__name__, found.stdout) == ("UnknownNameError", "")
    assert "Did you mean 'detail'?" in str(found.exception)


def test_what_is_said_of_many_is_said_once(photos):
    for path in (photos / "a").iterdir():
        path.write_bytes(b"\x89PNG\r\n\x1a\n")
    lines = run("scan", photos, "-m", MODEL, "-j", 0).stdout.splitlines()
    assert [line for line in lines if "(and 2 more): " in line] == [lines[-1]]


def test_a_request_that_is_known_in_part_is_named_with_why(tmp_path):
    picture = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": [picture]}]}
    path = tmp_path / "batch.jsonl"
    path.write_text(json.dumps({"custom_id": "far", "body": body}) + "\n{\n")
    found = run("scan", path, "-j", 0).stdout
    assert "open     known in part only, or to be rejected:\n         far: messages[0]" in found
    assert "at least: parts of 1 request are known to nobody outside" in found
    assert "not in it: 1 item that could not be counted" in found


def test_parts_of_other_sources_are_told_when_they_go(photos, tmp_path):
    out = tmp_path / "counts"
    run("scan", photos / "a", "-m", MODEL, "-j", 0, "--out", out)
    found = run("scan", photos / "b", "-m", MODEL, "-j", 0, "--out", out)
    assert found.stderr == (
        f"multitok: {photos / 'a'} is not in this scan: its counts were taken away\n"
    )


@pytest.mark.parametrize("kept", [True, False])
def test_ctrl_c_says_how_to_go_on(kept, photos, tmp_path, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("multitok.datasets.scanning.run", stopped)
    out = tmp_path / "counts"
    found = run("scan", photos, "-m", MODEL, *(("--out", out) if kept else ()))
    said = f"stopped: what is done is in {out}, and the same command goes on\n"
    assert (found.exit_code, found.stdout) == (130, "")
    assert found.stderr == (f"multitok: {said}" if kept else "")
