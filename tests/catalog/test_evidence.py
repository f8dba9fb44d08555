"""How many recorded bills a model's requests were held against (catalog/evidence.toml)."""

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from multitok import count_request
from multitok.catalog.compiled import build_catalog
from multitok.catalog.load import Evidence, catalog
from multitok.cli import multitok as main
from multitok.core.errors import CatalogError

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import make_evidence  # noqa: E402

HI = [{"role": "user", "content": "hi"}]


def test_the_evidence_is_that_of_the_table_of_bills():
    """What `make bills` writes: the file is stale where this fails."""
    assert make_evidence.FILE.read_text("utf-8") == make_evidence.evidence()


def test_no_more_bills_are_met_than_there_are():
    found = [model.evidence for model in catalog().models() if model.evidence]
    assert len(found) > 80
    assert all(0 <= one.equal <= one.close <= one.bills for one in found)


def test_a_request_says_how_many_bills_confirm_its_model():
    assert count_request(HI, "gpt-4o").evidence == catalog().model("gpt-4o").evidence
    assert count_request(HI, "gpt-5-chat-latest").evidence is None


def test_a_dated_name_has_the_evidence_of_its_row():
    assert catalog().model("gpt-4o-2024-08-06").evidence == catalog().model("gpt-4o").evidence


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (
            Evidence(71, 80, 1082),
            "confirmed by 80 of 1,082 recorded bills (within 5 % or 2 tokens; 71 to the token),"
            " counted with its vocabulary at hand",
        ),
        (
            Evidence(1, 1, 1),
            "confirmed by 1 of 1 recorded bill (within 5 % or 2 tokens; 1 to the token),"
            " counted with its vocabulary at hand",
        ),
        (
            Evidence(0, 1, 2),
            "confirmed by 1 of 2 recorded bills (within 5 % or 2 tokens),"
            " counted with its vocabulary at hand",
        ),
    ],
)
def test_evidence_says_how_near_the_counts_came(evidence, said):
    assert str(evidence) == said


@pytest.mark.parametrize("args", [["models", "gpt-4o"], ["request", "-", "-m", "gpt-4o"]])
def test_the_commands_tell_the_evidence(args):
    found = CliRunner().invoke(main, args, input='[{"role": "user", "content": "hi"}]')
    told = " ".join(found.output.split())
    assert str(catalog().model("gpt-4o").evidence) in told


def test_evidence_of_no_row_is_refused(tmp_path):
    (tmp_path / "acme.toml").write_text('[[model]]\nid = "acme-1"\n', "utf-8")
    (tmp_path / "evidence.toml").write_text('"acme-2" = [1, 1, 1]\n', "utf-8")
    with pytest.raises(CatalogError) as caught:
        build_catalog(tmp_path)
    said = "evidence.toml: no model is 'acme-2': make bills writes the file anew"
    assert str(caught.value) == said


def test_where_a_model_answers_has_bills_of_its_own():
    own, vertex = (
        catalog().model(name).evidence
        for name in ("gemini-3-flash-preview", "vertex_ai/gemini-3-flash-preview")
    )
    assert own.bills + vertex.bills == 75
    assert own.equal < vertex.equal
