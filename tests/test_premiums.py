"""What the same text costs in 204 languages: the numbers that ship, held against the published."""

import json

import pytest
from click.testing import CliRunner

from multitok import premiums
from multitok.cli import multitok as cli
from multitok.core.errors import UnknownNameError, UnknownRuleError
from multitok.core.registry import VOCABULARIES
from multitok.counting.rules import resolve
from multitok.modalities.text.carried import index

PUBLISHED = {
    # assets/tokenization_lengths_validated.csv of AleksandarPetrov/tokenization-fairness at 365c3f8
    "Acehnese (Arabic script)": {
        "characters": 219474, "bytes": 391515, "r50k_base": 251497, "p50k_base": 251497,
        "cl100k_base": 199956, "llama-2": 242496, "qwen-2": 143141,
    },
    "Mesopotamian Arabic": {
        "characters": 223981, "bytes": 405062, "r50k_base": 224237, "p50k_base": 224234,
        "cl100k_base": 158035, "llama-2": 202345, "qwen-2": 87444,
    },
}  # fmt: skip


def run(*words):
    return CliRunner().invoke(cli, ["efficiency", "--languages", *words])


@pytest.mark.parametrize("language", PUBLISHED)
def test_the_numbers_are_those_of_the_published_table(language):
    found = premiums(tokenizers=list(PUBLISHED[language]))
    (row,) = (row for row in found.rows if row.language == language)
    assert row.tokens == PUBLISHED[language]


def test_every_language_of_the_table_is_there_once():
    found = premiums()
    assert len({row.code for row in found.rows}) == len(found.rows) == 204


def test_eleven_columns_of_the_table_are_held_and_every_cell_is_equal():
    """Of 27 columns the vocabularies of 11 are at hand: 11 x 204 = 2,244."""
    assert premiums().held == (2244, 2244)


def test_a_premium_is_the_tokens_over_those_of_english():
    found = premiums(tokenizers="o200k_base")
    tokens = {row.code: row.tokens["o200k_base"] for row in found.rows}
    (german,) = (row for row in found.rows if row.code == "deu_Latn")
    assert german.premium["o200k_base"] == tokens["deu_Latn"] / tokens["eng_Latn"]


def test_the_median_premium_fell_from_cl100k_to_o200k():
    found = premiums(tokenizers=["cl100k_base", "o200k_base"])
    assert {name: round(one, 2) for name, one in found.medians.items()} == {
        "cl100k_base": 2.26, "o200k_base": 1.75,
    }  # fmt: skip


def test_santali_is_dearer_by_o200k_than_by_cl100k_and_burmese_far_cheaper():
    rows = {row.code: row.premium for row in premiums(tokenizers=VOCABULARIES).rows}
    assert rows["sat_Olck"]["o200k_base"] > rows["sat_Olck"]["cl100k_base"]
    assert rows["mya_Mymr"]["o200k_base"] < rows["mya_Mymr"]["cl100k_base"] / 3


def test_the_dearest_language_by_the_first_name_comes_first():
    shares = [row.premium["bytes"] for row in premiums(tokenizers=["bytes", "o200k_base"]).rows]
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize("name", [*VOCABULARIES, *index()])
def test_every_vocabulary_that_is_at_hand_has_a_column(name):
    """One that counts every language as another does is shown under its own name, too."""
    assert list(premiums(tokenizers=name).columns) == [name]


def test_a_model_is_shown_by_the_vocabulary_of_its_text():
    found = premiums(models="gpt-4o", tokenizers="o200k_base")
    assert found.columns == {"gpt-4o": "o200k_base", "o200k_base": "o200k_base"}
    assert found.medians["gpt-4o"] == found.medians["o200k_base"]


def test_a_model_is_no_surer_than_its_row_and_its_vocabulary():
    """Bills met Gemini by Gemma's vocabulary; of Gemma 4 no file was at hand."""
    found = premiums(models="gemini-2.5-flash", tokenizers=["gemma-3", "gemma-4"])
    stated = resolve("text", model="gemini-2.5-flash").stated
    assert found.kinds == {
        "gemini-2.5-flash": stated, "gemma-3": "exact", "gemma-4": "documented",
    }  # fmt: skip
    assert stated != "exact"


def test_a_model_whose_vocabulary_is_not_published_is_refused():
    with pytest.raises(UnknownRuleError, match="no counts of languages for claude-opus-5"):
        premiums(models="claude-opus-5")


def test_a_vocabulary_that_was_not_counted_is_refused():
    with pytest.raises(UnknownNameError, match="unknown vocabulary 'o200kbase'"):
        premiums(tokenizers="o200kbase")


def test_the_table_ends_with_the_median_and_its_source():
    done = run("-t", "cl100k_base", "-t", "o200k_base")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["times", "English", "cl100k_base", "o200k_base", "code"]
    (median,) = (line.split() for line in lines if line.startswith("median"))
    assert median == ["median", "of", "204", "2.26", "1.75"]
    assert "2,244 of 2,244 published counts of it are equal" in lines[-1]


def test_lines_are_the_list_of_the_document():
    lines = [json.loads(line) for line in run("-t", "bytes", "--jsonl").stdout.splitlines()]
    assert lines == json.loads(run("-t", "bytes", "--json").stdout)["premiums"]


def test_a_file_beside_it_is_refused():
    done = run("book.txt")
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1] == (
        "Error: --languages shows counts that ship: name no file with it"
    )
