"""Every golden sound, through the rule that its family names."""

import json
import tomllib
from pathlib import Path

import pytest

from multitok.core import registry
from multitok.core.info import AudioInfo

GOLDEN = Path(__file__).parent.parent / "golden"
FAMILIES = tomllib.loads((GOLDEN / "families.toml").read_text("utf-8"))
ROWS: dict[str, list[dict]] = {}
for line in (GOLDEN / "audio.jsonl").read_text("utf-8").splitlines():
    row = json.loads(line)
    ROWS.setdefault(row["family"], []).append(row)


def rule(name):
    family = FAMILIES[name]
    family = family.get("audio", family)
    assert family["modality"] == "audio"
    return registry.build(family["tokenizer"], family["params"])


def problems(row):
    counter, expected = rule(row["family"]), dict(row["expected"])
    info = AudioInfo(row["num_samples"], row["sampling_rate"])
    tokens = expected.pop("encoder_tokens", None) or expected.pop("audio_tokens")
    geometry = counter.geometry(info)
    expected.pop("count_fn", None)
    pairs = [("audio", counter.breakdown(info)["audio"], tokens)]
    pairs += [(key, geometry.get(key), value) for key, value in expected.items()]
    return [f"{info}: {what}: {got}, not {want}" for what, got, want in pairs if got != want]


@pytest.mark.parametrize("family", ROWS)
def test_every_row_of_the_family(family):
    assert [problem for row in ROWS[family] for problem in problems(row)] == []
