"""Of many sources each takes the options of its modality, whoever counts them."""

import shutil

import pytest
from click.testing import CliRunner

import multitok
from multitok import Count, UnknownNameError
from multitok.cli import multitok as cli

LOW = {"detail": "low"}


@pytest.fixture
def mixed(tmp_path):
    """A picture, of 85 tokens at low detail, and a text of three."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    shutil.copy("samples/photo.jpg", folder)
    (folder / "words.txt").write_text("three short words")
    return folder


def told(folder, *words):
    return CliRunner().invoke(cli, ["count", "-r", str(folder), "-m", "gpt-4o", *words])


def one_command(folder):
    return int(told(folder, "-s", "detail=low", "-q").stdout)


def one_by_one(folder):
    found = multitok.count_many(folder.iterdir(), model="gpt-4o", options=LOW)
    return sum(one.tokens for one in found)


def a_scan(folder):
    return multitok.scan(folder, models="gpt-4o", options=LOW, workers=0).tokens


def a_check(folder):
    found = multitok.check(folder, max_tokens=3, model="gpt-4o", options=LOW)
    return sum(one.tokens or 3 for one in found)  # a text may be proven by its size


def a_baseline(folder):
    found = multitok.baseline_of(folder, models=["gpt-4o"], options=LOW)
    return sum(one.tokens for one in found.rows)


@pytest.mark.parametrize(
    "total", [one_command, one_by_one, a_scan, a_check, a_baseline], ids=lambda one: one.__name__
)
def test_an_option_of_pictures_is_passed_over_by_texts(total, mixed):
    assert total(mixed) == 85 + 3


def test_an_option_that_no_modality_has_is_refused(mixed):
    found = multitok.count_many(mixed.iterdir(), model="gpt-4o", options={"detal": "low"})
    assert all(isinstance(one, UnknownNameError) for one in found)
    assert "Did you mean 'detail'" in told(mixed, "-s", "detal=low").stderr


def test_a_folder_of_one_file_is_a_folder(mixed):
    (mixed / "photo.jpg").unlink()
    assert one_command(mixed) == 3


def test_of_one_source_an_option_that_it_does_not_take_is_refused(mixed):
    with pytest.raises(UnknownNameError, match="no option 'detail'"):
        multitok.count(mixed / "words.txt", model="gpt-4o", options=LOW)


def test_options_of_a_tokenizer_are_all_its_own(mixed):
    found = list(
        multitok.count_many([mixed / "photo.jpg"], tokenizer="patch", options={"size": 32})
    )
    assert all(isinstance(one, Count) for one in found)
