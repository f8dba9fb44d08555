"""Rows of the user's own: a new model from any rule, and errors that name the file and the line."""

import re
from pathlib import Path

import pytest

import multitok
from multitok.catalog.load import _config_file, catalog
from multitok.core.errors import CatalogError, MediaError, UnknownNameError
from multitok.core.info import ImageInfo

OWN = """\
provider = "acme"

[rules.tiles]
tokenizer = "openai-tile"
kind = "documented"
source = "https://acme.example/docs/vision"
checked = 2026-11-23
params = { base = 10, tile = 20, box = 1024, short = 512, size = 256 }

[rules.tiles.options.detail]
default = "high"
high = {}
low = { tokenizer = "image-flat", params = { tokens = 10 } }

[[model]]
id = "acme-vision"
aliases = ["acme-v"]
dated = true
context_window = 65_536
image = "tiles"

[[model]]
id = "acme-vision-mini"
[model.image]
use = "tiles"
params = { tile = 5 }
[model.image.options.tile_size]
default = 256
param = "size"
type = "int"
min = 64
max = 512
"""


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    return str(path)


# 1000 x 600: the short side is over 512, so 853 x 512: 4 x 2 tiles of 256 px.
@pytest.mark.parametrize(
    ("name", "options", "tokens"),
    [
        ("acme-vision", {}, 170),  # 10 + 8 x 20
        ("acme-v", {"detail": "low"}, 10),
        ("acme/acme-vision-2026-01-31", {}, 170),
        ("acme-vision-mini", {}, 50),  # 10 + 8 x 5
        ("acme-vision-mini", {"tile_size": 512}, 20),  # 2 x 1 tiles
        ("acme-vision-mini", {"tile_size": "512"}, 20),  # as a command line gives it
    ],
)
def test_a_file_given_by_name_defines_a_model(own, name, options, tokens):
    counter = catalog(own).model(name).rule("image", options).counter()
    assert counter.count(ImageInfo(1000, 600)) == tokens


def test_the_environment_names_files_too(own, monkeypatch):
    monkeypatch.setenv("MULTITOK_CATALOG", own)
    assert multitok.count(ImageInfo(1000, 600), model="acme-vision").tokens == 170


def test_the_user_s_row_wins_over_the_one_that_ships(tmp_path):
    path = tmp_path / "fix.toml"
    path.write_text(
        '[[model]]\nid = "gpt-4o"\ndated = true\n[model.image]\ntokenizer = "image-flat"\n'
        'kind = "estimate"\nsource = "our own bills"\nparams = { tokens = 7 }\n'
    )
    rule = catalog(str(path)).model("gpt-4o-2024-11-20").rule("image")
    assert (rule.counter().count(ImageInfo(9, 9)), rule.kind) == (7, "estimate")
    assert catalog().model("gpt-4o").rule("image").counter().count(ImageInfo(9, 9)) == 255


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("base = 10", "bsae = 10"),
            "own.toml:16: model 'acme-vision': image.params: tokenizer 'openai-tile' has no"
            " parameter 'bsae'. Did you mean 'base'?"
            " It takes: base, tile, box, short, size, fidelity=None",
        ),
        (
            ("base = 10, ", ""),
            "own.toml:16: model 'acme-vision': image.params: tokenizer 'openai-tile' needs the"
            " parameter 'base'. It takes: base, tile, box, short, size, fidelity=None",
        ),
        (
            ('"openai-tile"', '"openai-tiles"'),
            "own.toml:16: model 'acme-vision': image.params: unknown tokenizer 'openai-tiles'."
            " Did you mean 'openai-tile'? See: multitok tokenizers",
        ),
        (
            ("short = 512", "short = 0"),
            "own.toml:16: model 'acme-vision': image.params: short must be at least 1, got 0",
        ),
        (
            ('image = "tiles"', 'image = "tile"'),
            "own.toml:16: model 'acme-vision': image.use: no rule 'tile'. There are: tiles",
        ),
        (
            ('image = "tiles"', 'audio = "tiles"'),
            "own.toml:16: model 'acme-vision': audio.tokenizer: 'openai-tile' counts image",
        ),
        (
            ('kind = "documented"', 'kind = "sure"'),
            "own.toml:16: model 'acme-vision': image.kind: 'sure' is none of"
            " exact, documented, observed, upper-bound, estimate",
        ),
        (
            ("checked = 2026-11-23", 'checked = "soon"'),
            "own.toml:16: model 'acme-vision': image.checked must be a day, YYYY-MM-DD, got 'soon'",
        ),
        (
            ("checked = 2026-11-23", 'notes = "as printed"'),
            "own.toml:16: model 'acme-vision': image.notes must be a list of strings,"
            " got 'as printed'",
        ),
        (
            ("low = {", 'low = { kind = "sure",'),
            "own.toml:16: model 'acme-vision': image.options.detail.low.kind must be one of"
            " exact, documented, observed, upper-bound, estimate, got 'sure'",
        ),
        (
            ("tokens = 10", "token = 10"),
            "own.toml:16: model 'acme-vision': image.params: tokenizer 'image-flat' has no"
            " parameter 'token'. Did you mean 'tokens'? It takes: tokens, part='image'",
        ),
        (
            ('default = "high"', 'default = "hihg"'),
            "own.toml:16: model 'acme-vision': image.options.detail.default: 'hihg' is none of"
            " high, low",
        ),
        (
            ("low = { tokenizer", "low = { tokeniser"),
            "own.toml:16: model 'acme-vision': image.options.detail.low has no 'tokeniser'."
            " There are: bills, checked, error, kind, notes, params, source, stored, tokenizer",
        ),
        (
            ('param = "size"', 'param = "sise"'),
            "own.toml:23: model 'acme-vision-mini': image.params: tokenizer 'openai-tile' has no"
            " parameter 'sise'. Did you mean 'size'?"
            " It takes: base, tile, box, short, size, fidelity=None",
        ),
        (
            ("context_window = 65_536", 'context_window = "64k"'),
            "own.toml:16: model 'acme-vision': context_window must be a whole number, got '64k'",
        ),
        (
            ("dated = true", "date = true"),
            "own.toml:16: model 'acme-vision': unknown key 'date'. There are: actions, aliases,"
            " audio, context_window, dated, family, id, image, max_output, note, overhead, pdf,"
            " retired, series, task, text, video",
        ),
        (
            ('"acme-v"', '"acme-vision-mini"'),
            "own.toml:23: model 'acme-vision-mini': 'acme-vision-mini' is also a name of"
            " 'acme-vision'",
        ),
    ],
)
def test_a_row_that_makes_no_sense_is_named_with_its_line(tmp_path, change, message):
    assert change[0] in OWN
    path = tmp_path / "own.toml"
    path.write_text(OWN.replace(*change))
    with pytest.raises(CatalogError) as caught:
        catalog(str(path))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[[model]\n", "Expected ']]' at the end of an array declaration (at line 1, column 8)"),
        (
            b"[models]\n",
            "unknown table 'models'. There are: provider, name, rules, model, overhead,"
            " overheads, endpoints",
        ),
        (b'[model]\nid = "x"\n', "models must be tables, [[model]]"),
        (b"rules = 3\n", "rules must be tables, [rules.NAME]"),
        (b"\xff", "not UTF-8 text (byte 0)"),
    ],
)
def test_a_file_that_is_no_catalogue(tmp_path, content, message):
    path = tmp_path / "own.toml"
    path.write_bytes(content)
    with pytest.raises(CatalogError) as caught:
        catalog(str(path))
    assert str(caught.value) == f"{path}: {message}"


def test_a_model_has_one_row_in_a_file(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN + '\n[[model]]\nid = "acme-vision"\nimage = "tiles"\n')
    with pytest.raises(CatalogError, match="'acme-vision' has a row already"):
        multitok.count(ImageInfo(8, 8), model="acme-vision", catalog=str(path))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CatalogError) as caught:
        catalog(str(tmp_path / "none.toml"))
    assert str(caught.value) == f"{tmp_path / 'none.toml'}: No such file or directory"


@pytest.mark.parametrize("value", [63, 513, "x", "nan", 100.5, True])
def test_a_number_out_of_an_option_s_range(own, value):
    wrong = {63: "at least 64 and at most 512", 513: "at least 64 and at most 512"}
    what = wrong.get(value if value is not True else None, "a whole number")
    with pytest.raises(MediaError) as caught:
        catalog(own).model("acme-vision-mini").rule("image", {"tile_size": value})
    assert str(caught.value) == f"option tile_size must be {what}, got {value!r}"


def test_a_misspelt_name_of_a_user_s_model_is_not_guessed(own):
    with pytest.raises(UnknownNameError) as caught:
        catalog(own).model("acme-visoin")
    assert caught.value.suggestion == "acme-vision"


def test_the_page_shows_the_file_it_speaks_of():
    docs = Path(__file__).parent.parent.parent / "docs"
    shown = re.search(r"```toml\n(.*?)```", (docs / "catalogue.md").read_text("utf-8"), re.DOTALL)
    assert shown is not None
    assert shown[1] == (docs / "acme.toml").read_text("utf-8")
    assert len(catalog(str(docs / "acme.toml"))) == len(catalog()) + 1


def test_the_config_folder_holds_rows_of_the_user(tmp_path, monkeypatch):
    (tmp_path / "multitok").mkdir()
    (tmp_path / "multitok" / "models.toml").write_text(OWN)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    _config_file.cache_clear()  # asked once in a process
    assert multitok.count(ImageInfo(1000, 600), model="acme-vision").tokens == 170
    _config_file.cache_clear()


def test_evidence_stands_beside_the_number(tmp_path):
    """bills: those that met the rule, of so many; error: what a number may be off. Neither holds
    under an option that changes the numbers."""
    path = tmp_path / "own.toml"
    path.write_text(
        """
        [rules.flat]
        tokenizer = "image-flat"
        kind = "observed"
        source = "bills"
        bills = [47, 48]
        error = [0.9, 1.5]
        params = { tokens = 100 }
        options = { detail = { default = "high", high = {}, low = { params = { tokens = 10 } } } }
        [[model]]
        id = "acme"
        image = "flat"
        """
    )
    counted = multitok.count(ImageInfo(8, 8), model="acme", catalog=str(path))
    assert (counted.kind, counted.error) == ("observed", (0.9, 1.5))
    assert counted.notes == ("confirmed by 47 of 48 bills",)
    low = multitok.count(
        ImageInfo(8, 8), model="acme", catalog=str(path), options={"detail": "low"}
    )
    assert (low.tokens, low.error, low.notes) == (10, None, ())


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "bills = [48, 47]",
            "image.bills must be two whole numbers: bills that met it, of so many",
        ),
        ("bills = [1]", "image.bills must be two whole numbers: bills that met it, of so many"),
        ("error = [1.1, 1.2]", "image.error must be two factors around the number, such as"),
        ("error = [0.5, true]", "image.error must be two factors around the number, such as"),
    ],
)
def test_evidence_that_is_none_is_refused(tmp_path, line, message):
    path = tmp_path / "own.toml"
    path.write_text(
        f"""
        [[model]]
        id = "acme"
        [model.image]
        tokenizer = "image-flat"
        kind = "observed"
        source = "bills"
        params = {{ tokens = 100 }}
        {line}
        """
    )
    with pytest.raises(CatalogError) as caught:
        catalog(str(path))
    assert message in str(caught.value)
