"""What a token buys: units counted by hand, languages compared, one table a modality."""

import json

import pytest
from click.testing import CliRunner

from multitok.cli import multitok as cli
from multitok.core.info import AudioInfo, ImageInfo
from multitok.core.media import Text
from multitok.counting.efficiency import bought, by_language, language_of
from multitok.counting.subject import subject_of


def run(*arguments):
    return CliRunner().invoke(cli, ["efficiency", *arguments])


def test_text_is_measured_in_words_characters_and_bytes():
    """ "hello world": 2 tokens, 2 words, 11 characters, 11 bytes."""
    (row,) = bought("a.txt", subject_of(Text("hello world")), tokenizers=["o200k_base"])
    assert row.tokens == 2
    assert row.per == {
        "word": 1.0,
        "character": pytest.approx(2 / 11),
        "byte": pytest.approx(2 / 11),
    }


def test_every_vocabulary_that_ships_is_a_row():
    rows = bought("a.txt", subject_of(Text("hello world")))
    assert {"o200k_base", "cl100k_base", "p50k_base", "r50k_base"} <= {row.by for row in rows}


def test_a_picture_is_measured_in_megapixels():
    """gpt-4o: 765 tokens for 1.048576 megapixels."""
    (row,) = bought("a.png", subject_of(ImageInfo(1024, 1024)), models=["gpt-4o"])
    assert row.per == {"megapixel": pytest.approx(765 / 1.048576)}


def test_sound_is_measured_in_seconds():
    (row,) = bought("a.wav", subject_of(AudioInfo(160_000, 16_000)), models=["gpt-audio"])
    assert row.per == {"second": pytest.approx(10.0)}


def test_a_language_is_what_the_name_says():
    assert language_of("guide.zh-Hans.txt") == "zh-Hans"
    assert language_of("archive.tar.gz") == "tar"  # a name alone can mislead: it is only grouped
    assert language_of("guide.txt") is None


def test_languages_are_compared_with_the_cheapest():
    rows = [
        *bought("a.en.txt", subject_of(Text("hello world")), tokenizers=["o200k_base"]),
        *bought("a.am.txt", subject_of(Text("ሰላም ዓለም")), tokenizers=["o200k_base"]),
    ]
    found = by_language(rows)
    assert found["en", "o200k_base"][1] == 1.0
    assert found["am", "o200k_base"][1] > 3


def test_the_command_has_a_table_a_modality(tmp_path):
    (tmp_path / "a.en.txt").write_text("hello world")
    (tmp_path / "a.fr.txt").write_text("bonjour le monde")
    result = run(str(tmp_path / "a.en.txt"), str(tmp_path / "a.fr.txt"), "-t", "o200k_base")
    assert result.exit_code == 0
    assert result.output.splitlines()[0].split() == [
        "by", "tokens", "kind", "per", "word", "per", "character", "per", "byte", "input"
    ]  # fmt: skip
    assert "times the least" in result.output
    document = json.loads(run(str(tmp_path / "a.en.txt"), "-t", "o200k_base", "--json").stdout)
    assert document["rows"][0]["tokens"] == 2


def test_a_bad_file_is_reported_and_the_rest_goes_on(tmp_path):
    (tmp_path / "a.txt").write_text("hello world")
    result = run(str(tmp_path / "gone.txt"), str(tmp_path / "a.txt"), "-t", "o200k_base")
    assert result.exit_code == 2
    assert "no such file" in result.stderr
    assert "o200k_base" in result.stdout


@pytest.mark.parametrize("named", [["-m", "nosuch"], ["-t", "nosuch"], ["-m", "gpt-3.5-turbo"]])
def test_what_measures_nothing_says_why(named):
    result = run("samples/photo.jpg", *named)
    assert result.exit_code == 2
    assert named[1] in result.stderr
