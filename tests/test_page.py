"""The page of HTML: every number of the JSON report, nothing loaded, nothing injected."""

import json
import re
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings, strategies as st

from multitok import Actions, Image, Series, Text, VideoInfo
from multitok.cli import multitok
from multitok.core.info import info_to_dict
from multitok.counting.inspection import Inspection, Tokenized
from multitok.counting.subject import subject_of
from multitok.drawing.charts.axes import Track
from multitok.drawing.figures import Figures, Picture, figures_of
from multitok.drawing.patches import Grid, Patches
from multitok.modalities.text.pieces import Piece
from multitok.report import page, shell
from multitok.report.inspection import inspection_to_dict
from multitok.report.markup import SIGN, clean
from multitok.report.safe import shown
from multitok.report.shell import POLICY

SAMPLES = Path(__file__).parent.parent / "samples"
VOID = {"meta", "img", "wbr", "br", "link"}
MODELS = ("gpt-4o", "claude-opus-5", "gemini-2.5-flash")


class Checker(HTMLParser):
    """Nesting, the text a reader sees, and every attribute."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.attributes, self.text = [], [], [], []
        self.feed(source)
        self.close()
        assert self.open == [], f"left open: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)

    def of(self, *names):
        return [(tag, value) for tag, name, value in self.attributes if name in names]


def inspected(given, *models, tokenizer=None):
    return Inspection(subject=subject_of(given), models=models, tokenizer=tokenizer)


def drawn(found):
    """The input on a page: its document, and what can be drawn of it."""
    names = [row.model for row in found.rows]
    return page.Section(document=inspection_to_dict(found), names=names, figures=figures_of(found))


def made(*given, models=MODELS):
    return page.html([drawn(inspected(item, *models)) for item in given])


def row(**changes):
    base = {
        "model": "m", "tokens": 7, "kind": "exact", "tokenizer": "rule", "parts": {"image": 7},
        "geometry": {}, "source": "https://example.org/rule", "checked": "2026-11-23", "notes": [],
        "explain": [], "sees": None, "context_share": None, "cost_usd": None,
    }  # fmt: skip
    return {**base, **changes}


def section(name="a.png", rows=(), **figures):
    document = {
        "input": name, "format": "PNG", "info": {"modality": "image", "width": 3, "height": 2},
        "facts": {}, "notes": [], "rows": list(rows),
    }  # fmt: skip
    names = [r["model"] for r in rows]
    return page.Section(document=document, names=names, figures=Figures(**figures))


def numbers(value):
    """Every number in a JSON document."""
    if isinstance(value, bool) or value is None:
        return set()
    if isinstance(value, int | float):
        return {value}
    if isinstance(value, dict):
        return set().union(*map(numbers, value.values()))
    if isinstance(value, list | tuple):
        return set().union(*map(numbers, value))
    return set()


def numbers_shown(checker):
    """What stands in <data value="...">: the exact numbers behind the readable ones."""
    return {float(value) for _, value in checker.of("value")}


@pytest.mark.parametrize("name", ["photo.jpg", "screenshot.png", "english.txt", "multilingual.txt"])
def test_every_number_of_the_json_report_stands_on_the_page(name):
    path = str(SAMPLES / name)
    document = inspection_to_dict(inspected(path, *MODELS))
    wanted = {float(n) for n in numbers(json.loads(json.dumps(document)))}
    assert len(wanted) > 8
    assert wanted - numbers_shown(Checker(made(path))) == set()


def test_the_words_of_the_json_report_stand_on_the_page():
    path = str(SAMPLES / "screenshot.png")
    text = "".join(Checker(made(path)).text)
    for line in inspection_to_dict(inspected(path, *MODELS))["rows"]:
        said = [line["model"], line["kind"], line["tokenizer"], line["checked"], line["source"]]
        for words in (*said, *line["notes"], *line["explain"]):
            assert words in text


def test_one_section_a_file():
    checker = Checker(made(str(SAMPLES / "photo.jpg"), str(SAMPLES / "english.txt")))
    assert checker.tags.count("section") == 2
    ids = {value for _, value in checker.of("id")}
    links = {value for tag, value in checker.of("href") if value.startswith("#")}
    assert links == {f"#{name}" for name in ids} == {"#input-1", "#input-2"}


def test_more_inputs_than_a_glance_takes_are_listed_at_the_side():
    """Three stand at the head of the page; the list of four stays in sight."""
    few, many = page.html([section()] * 3), page.html([section()] * 4)
    assert ("nav", "side") not in Checker(few).of("class")
    assert ("nav", "side") in Checker(many).of("class")


def test_a_model_without_a_number_has_its_panel_and_no_ratio():
    rows = [row(), row(model="org/other", tokens=None, kind="unknown", why="no published rule")]
    checker = Checker(page.html([section(rows=rows)]))
    assert [value for _, value in checker.of("data-name")] == ["m", "org/other"]
    assert [value for _, value in checker.of("data-tokens")] == ["7", ""]


def test_a_card_tells_its_cost_with_the_digits_that_matter():
    rows = [row(cost_usd="0.0007425"), row(cost_usd="0.003"), row(kind="rejected"), row()]
    checker = Checker(page.html([section(rows=rows)]))
    text = "".join(checker.text)
    assert "7 tokens · $0.0007425 = exact" in text
    assert "7 tokens · $0.0030000 = exact" in text  # as in the table, so that points align
    assert "7 tokens × rejected" in text
    assert "7 tokens = exact" in text


def test_frames_of_a_clip_take_the_width_of_the_page():
    one = section(rows=[row()])
    assert ("div", "switch cards") in Checker(page.html([one])).of("class")
    one.document["info"] = {**info_to_dict(VideoInfo(width=4, height=2, frames=9, fps=3.0))}
    assert ("div", "switch cards wide") in Checker(page.html([one])).of("class")


def test_of_many_channels_the_worst_is_told_and_the_others_are_folded():
    said = page._by_channel({"a": 0.1, "b": 0.3, "c": 0.2})
    assert "".join(Checker(f"<td>{said}</td>").text) == "0.3 band 2 more0.2 c, 0.1 a"
    assert page._by_channel({}) == ""


def test_the_folder_of_a_long_path_stands_apart_from_the_name():
    source = page.html([section("very/long/path/a.png")])
    assert '<span class="folder">very/<wbr>long/<wbr>path/<wbr></span>a.png' in source


def test_a_page_of_one_input_has_no_contents():
    assert "nav" not in Checker(page.html([section()])).tags


def test_nothing_is_loaded_and_one_script_of_ours_runs():
    """Only links name a site; pictures are data URLs; the policy forbids the rest."""
    source = made(*(str(SAMPLES / name) for name in ("photo.jpg", "english.txt")))
    checker = Checker(source)
    assert {value.split(",")[0] for tag, value in checker.of("src")} == {"data:image/webp;base64"}
    assert {tag for tag, value in checker.of("href")} == {"a"}
    assert not {"link", "iframe", "object", "form", "base"} & set(checker.tags)
    assert checker.tags.count("script") == 1
    assert not [name for _, name, _ in checker.attributes if name.startswith("on")]
    style = re.search(r"<style>(.*)</style>", source, re.DOTALL)[1]
    assert "url(" not in style
    assert "@import" not in style


def test_the_policy_allows_the_script_on_the_page_and_no_other():
    """A browser takes the bytes between the tags, and runs them if their hash is in the policy."""
    source = made(str(SAMPLES / "english.txt"))
    code = re.search(r"<script>(.*)</script>", source, re.DOTALL)[1]
    digest = b64encode(sha256(code.encode()).digest()).decode()
    assert ("meta", f"{POLICY}; script-src 'sha256-{digest}'") in Checker(source).of("content")
    assert POLICY.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")
    assert "script" not in POLICY


def test_a_page_without_a_script_allows_none():
    source = shell.page(title="", brand="", head="", main="")
    assert ("meta", POLICY) in Checker(source).of("content")
    assert "<script" not in source


SCRIPTS = sorted(Path(shell.__file__).parent.glob("*.js"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_the_script_writes_text_and_never_markup(path):
    """Whatever it reads was escaped once; as markup it would act after all."""
    script = path.read_text("utf-8")
    markup = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "</script", "<!--")
    acting = ("eval(", "Function(", "setTimeout(", "fetch(", "import(", "localStorage", "cookie")
    for way in (*markup, *acting):
        assert way not in script


def test_several_files_are_one_script_and_one_of_them_makes_the_tip():
    names = [path.name for path in SCRIPTS]
    assert names == ["chart.js", "frame.js", "page.js", "tip.js"]
    source = shell.page(title="", brand="", head="", main="", scripts=("tip.js", "chart.js"))
    assert Checker(source).tags.count("script") == 1
    code = re.search(r"<script>(.*)</script>", source, re.DOTALL)[1]
    assert code.index("function explored(") < code.index("function charted(")
    makers = [path.name for path in SCRIPTS if 'class: "tip"' in path.read_text("utf-8")]
    assert makers == ["tip.js"]


HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'&amp;"


def test_a_hostile_name_or_word_injects_nothing():
    """The same text in every place a file or a catalogue can reach."""
    bad = row(
        model=HOSTILE, tokenizer=HOSTILE, parts={HOSTILE: 3, "b": 4}, geometry={HOSTILE: HOSTILE},
        source=HOSTILE, checked=HOSTILE, notes=[HOSTILE], explain=[HOSTILE],
    )  # fmt: skip
    unknown = row(model=HOSTILE, tokens=None, kind="unknown", why=HOSTILE)
    picture = Picture(b"", "webp", (1, 1), HOSTILE)
    one = section(
        HOSTILE, [bad, unknown], seen=[[picture], HOSTILE], charts=[picture],
        texts=[Tokenized(HOSTILE, 1, [Piece(HOSTILE, (1,))])], why=HOSTILE,
    )  # fmt: skip
    one.document["format"] = HOSTILE
    one.document["facts"] = {HOSTILE: HOSTILE}
    one.document["notes"] = [HOSTILE]
    numbers = dict.fromkeys(("tokens", "steps", "seconds", "rmse", "worst", "bound", "bits"), 1)
    one.document["distortion"] = [{"label": HOSTILE, **numbers}]
    lost = dict.fromkeys(("tokens", "pixels", "bits", "psnr", "worst", "bound"), 1)
    one.document["picture_distortion"] = [{"label": HOSTILE, **lost}]
    lost = dict.fromkeys(("tokens", "seconds", "bits", "snr", "worst", "bound"), 1)
    one.document["sound_distortion"] = [{"label": HOSTILE, **lost}]
    checker = Checker(page.html([one, one]))
    assert checker.tags.count("script") == 1  # ours
    assert not checker.of("onerror")
    assert checker.tags.count("img") == 4
    assert "".join(checker.text).count(HOSTILE) >= 30


def test_what_a_picture_loses_as_tokens_stands_on_the_page():
    one = section()
    kept = {"label": "patch", "tokens": 6, "pixels": 60, "bits": None, "psnr": None, "worst": 0}
    lost = {"label": "dct-bpe", "tokens": 3, "pixels": 60, "bits": 42.0, "psnr": 30.04, "worst": 9}
    one.document["picture_distortion"] = [{**kept, "bound": None}, {**lost, "bound": 9.25}]
    text = " ".join("".join(Checker(page.html([one])).text).split())
    assert "What each way to write 60 pixels of this picture" in text
    for said in ("100,000", "lossless", "50,000", "0.700", "30.04 dB", "9.25"):
        assert said in text


def test_what_a_sound_loses_as_tokens_stands_on_the_page():
    one = section()
    lost = {"label": "mdct-bpe", "tokens": 300, "seconds": 2.5, "bits": 4200.0, "snr": 16.04}
    kept = {**lost, "bits": None, "snr": None, "worst": 0.0, "bound": 0.0}
    one.document["sound_distortion"] = [{**lost, "worst": 0.25, "bound": 0.3125}, kept]
    text = " ".join("".join(Checker(page.html([one])).text).split())
    assert "What each way to write 2.5 seconds of this sound" in text
    for said in ("120", "1.7", "16.04 dB", "0.25", "0.3125", "lossless"):
        assert said in text


def test_a_wide_table_says_of_how_many_channels():
    numbers = dict.fromkeys(("tokens", "steps", "seconds", "rmse", "worst", "bound", "bits"), 1)
    one = section()
    one.document["distortion"] = [{"label": "sax", **numbers, "channels": 1000}]
    text = " ".join("".join(Checker(page.html([one])).text).split())
    assert "these 1 steps, 1 seconds, of 1,000 channels, costs" in text


@pytest.mark.parametrize("name", [HOSTILE, "a\nb\t\u202e", "::error::x", "</title></svg><img>"])
def test_a_hostile_name_of_a_channel_injects_nothing(name):
    series = Series(np.sin(np.arange(40.0))[:, None], names=(name,))
    one = drawn(inspected(series, tokenizer="sax"))
    source = page.html([one])
    checker = Checker(source)
    assert checker.tags.count("script") == 1
    assert "img" not in checker.tags
    assert not re.search("^::", source, re.MULTILINE)
    titles = [text for text in checker.text if text.endswith(" at step 0") or ": 40 steps" in text]
    assert len(titles) == 4
    assert all(text.startswith(shown(name)) for text in titles)


@given(st.text(st.characters(codec="utf-8"), max_size=40))
@settings(max_examples=60, deadline=None)
def test_any_text_stands_on_the_page_as_it_is(text):
    pieces = [Piece(text, (1,))] if text else []
    checker = Checker(page.html([section(text, texts=[Tokenized(text, 1, pieces)])]))
    seen = "".join(checker.text)
    assert shown(text) in seen
    assert "⏎\n".join("\t".join(map(shown, line.split("\t"))) for line in text.split("\n")) in seen


def test_only_addresses_of_the_web_become_links():
    rows = [row(source="javascript:alert(1)"), row(source="see https://example.org/a (page 2)")]
    links = Checker(page.html([section(rows=rows)])).of("href")
    assert set(links) == {("a", "https://example.org/a")}


def test_a_file_name_that_is_no_utf_8_can_be_written():
    assert clean("caf\udce9") == "caf\\xe9"


def test_a_kind_is_told_without_color():
    rows = [row(kind=kind) for kind in SIGN if kind != "unknown"]
    text = "".join(Checker(page.html([section(rows=rows)])).text)
    for kind, sign in SIGN.items():
        assert (f"{sign} {kind}" in text) == (kind != "unknown")


def test_an_unknown_count_is_a_question_mark_with_its_reason():
    rows = [row(tokens=None, kind="unknown", why="no published rule")]
    text = "".join(Checker(page.html([section(rows=rows)])).text)
    assert "no published rule" in text
    assert "?" in text
    assert "0 tokens" not in text


def test_tokens_carry_their_ids_and_line_breaks_are_shown():
    pieces = [Piece("Hi", (1,)), Piece("\n", (2,)), Piece("👍", (3, 4)), Piece(" ", ())]
    source = page.html([section(texts=[Tokenized("m", 4, pieces, left=1200)])])
    checker = Checker(source)
    assert [value for _, value in checker.of("data-id")] == ["1", "2", "3 4", "no token"]
    assert "Hi⏎\n👍 " in "".join(checker.text)
    assert "... and 1,200 more" in "".join(checker.text)


def test_bytes_of_a_token_are_told_apart_only_where_its_text_is_spelled():
    """A browser reads "Hi", a line end and a tab as they are; a control character is spelled."""
    pieces = [Piece("Hi\n\t", (1,)), Piece("\x1b[", (2,)), Piece("", (3,)), Piece("\r", (4,))]
    source = page.html([section(texts=[Tokenized("m", 4, pieces)])])
    assert [value for _, value in Checker(source).of("data-bytes")] == ["1b5b", "0d"]


def test_where_patches_lie_is_told_in_a_few_numbers():
    """Two rows of three cells behind a first token, and an id for each token."""
    grids = (Grid((0, 0, 30, 20), 2, 3, 1, 3), Grid((30, 0, 40, 20), 1, 1))
    where = Patches((40, 20), grids, (0, 0, 40, 20), (5, 5, 25, 15), 8, (9, 8, 7, 6, 5, 4, 3, 2))
    drawn = Picture(b"", "webp", (40, 20), "seen", where)
    checker = Checker(page.html([section(rows=[row()], seen=[[drawn]])]))
    told = {name: value for tag, name, value in checker.attributes if name.startswith("data-")}
    assert told["data-grids"] == "0 0 30 20 2 3 1 3,30 0 40 20 1 1"
    assert told["data-source"] == "5 5 25 15"
    assert told["data-tokens"] == "8"
    assert told["data-ids"] == "9 8 7 6 5 4 3 2"


def test_what_frames_and_sounds_tell_besides_is_words_and_steps():
    """Tokens of 10 samples, and one of 5; a drawing of no picture has no pixels to tell."""
    sound = Grid((0, 0, 40, 20), 1, 4, 0, 0, (0, 10, 20, 30, 35))
    where = Patches((40, 20), (sound,), words=('frame 1, 0.00 s "<',), each=2, rate=16_000)
    drawn = Picture(b"", "webp", (40, 20), "seen", where)
    checker = Checker(page.html([section(rows=[row()], seen=[[drawn]])]))
    told = {name: value for tag, name, value in checker.attributes if name.startswith("data-")}
    assert told["data-edges"] == "0 10*3 5"
    assert told["data-words"] == 'frame 1, 0.00 s "<'
    assert (told["data-each"], told["data-rate"]) == ("2", "16000")
    assert "data-picture" not in told


def test_ten_thousand_patches_take_no_more_of_the_page_than_ten():
    many, few = (
        len(drawn_as(Grid((0, 0, side, side), side // 10, side // 10, 0, side // 10)))
        for side in (1000, 100)
    )
    assert many - few < 60


def drawn_as(grid):
    where = Patches(grid.box[2:], (grid,), grid.box, grid.box, grid.rows * grid.columns)
    drawn = Picture(b"", "webp", (1, 1), "seen", where)
    return page.html([section(rows=[row()], seen=[[drawn]])])


lines = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
likely = st.sampled_from(["token 1 of 9", "token 12 of 9", "token 1", "11", "1", "id 7"])


def unpacked(line):
    """As the script reads it: an empty cell is that of the stop before."""
    head, tail, *cells = line.split("\t")
    texts, last = [], ""
    for cell in cells:
        last = cell or last
        texts.append(head + last + tail)
    return texts


@given(
    stops=st.integers(1, 4).flatmap(
        lambda wide: st.lists(st.tuples(*[lines | likely] * wide), min_size=1, max_size=8)
    )
)
@settings(max_examples=150, deadline=None)
def test_what_stands_along_a_plot_comes_out_of_the_page_as_it_was(stops):
    track = Track(edges=[0.0] * (len(stops) + 1), stops=stops)
    figure = Picture(b"<svg></svg>", "svg", (1, 1), "", tracks=[track, track])
    checker = Checker(page.html([section(charts=[figure])]))
    found = [value for _, value in checker.of("data-lines")]
    assert len(found) == 2
    columns = [unpacked(line) for line in found[0].split("\n")]
    assert list(zip(*columns, strict=True)) == [tuple(map(shown, stop)) for stop in stops]


def test_a_chart_tells_its_stops_once_for_all_its_drawings():
    """One channel: two plots in each of two drawings, and one set of stops beside them."""
    one = drawn(inspected(str(SAMPLES / "sunspots.csv"), tokenizer="sax"))
    checker = Checker(page.html([one]))
    assert [value for _, value in checker.of("data-track")] == ["0"] * 4
    assert len(checker.of("data-edges")) == 1


def test_a_page_of_a_long_series_is_no_larger_than_charts_are():
    """Of 200 times the steps, stops are told together: 60 KB more at most."""
    short, long = (
        len(made(Series(np.sin(np.arange(steps) / 30.0)), models=())) for steps in (500, 100_000)
    )
    assert long - short < 60_000


def test_a_long_text_is_shown_as_far_as_people_read():
    (text,) = inspected(Text("a b c " * 2000), "gpt-4o").tokenized
    assert len(text.pieces) == 2000
    assert text.left == text.tokens - 2000 == 4001


def test_models_that_share_a_vocabulary_are_shown_once():
    found = inspected(Text("Hello"), "gpt-4o", "gpt-5.4", "gpt-4", "claude-opus-5")
    assert [text.name for text in found.tokenized] == ["gpt-4o", "gpt-4"]


def test_a_picture_is_drawn_as_each_model_sees_it():
    image = Image(np.full((600, 900, 3), 200, np.uint8))
    (seen, *_), why = figures_of(inspected(image, "gpt-4o", "gemini-2.5-flash")).seen
    assert seen.size == (900, 600)
    assert seen.caption == "sent 900 × 600 · seen 900 × 600 · 4 tiles"
    assert why == "Its rule counts a picture as a whole: there are no patches to draw."


def test_a_shape_has_numbers_and_no_picture():
    from multitok import ImageInfo

    checker = Checker(made(ImageInfo(4000, 3000)))
    assert "img" not in checker.tags
    assert "4000 x 3000 px" in "".join(checker.text)


def test_what_cannot_be_read_says_so_and_the_numbers_stand(tmp_path):
    """A PNG whose header is whole and whose pixels are missing."""
    whole = (SAMPLES / "screenshot.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[:200])
    text = "".join(Checker(made(str(tmp_path / "cut.png"))).text)
    assert "not drawn: " in text
    assert "1,105" in text


def test_a_tokenizer_row_is_called_as_it_was_asked_for():
    found = inspected(Text("hi"), tokenizer="o200k_base")
    text = "".join(Checker(page.html([drawn(found)])).text)
    assert "1 token as o200k_base reads" in text


@pytest.mark.parametrize("name", ["sunspots.csv", "arm.csv"])
def test_a_series_is_drawn_and_has_its_table_of_errors(name):
    one = drawn(inspected(str(SAMPLES / name)))
    assert [chart.caption for chart in one.figures.charts] == [
        "the tokens of chronos, and what comes back of them",
        "bits against error: lower left is better",
    ]
    checker = Checker(page.html([one]))
    assert {float(n) for n in numbers(one.document)} - numbers_shown(checker) == set()
    told = "".join(checker.text).count("chronos, 512 ids")
    assert told == 5  # in the table, and in the charts for a wide page and for a phone, where the
    # name and the tip of its point tell it


def test_movement_is_drawn_by_the_tokenizer_that_was_named():
    motion = Actions(np.sin(np.arange(100.0))[:, None], hz=50.0)
    one = drawn(inspected(motion, tokenizer="fast"))
    assert [chart.caption for chart in one.figures.charts] == [
        "the tokens of fast, and what comes back of them"
    ]
    assert "2 seconds" in "".join(Checker(page.html([one])).text)


def test_a_video_shows_the_frames_of_each_model():
    one = drawn(inspected(str(SAMPLES / "clip.mp4"), "gemini-2.5-flash"))
    ((sheet,),) = one.figures.seen
    assert sheet.caption == "a frame at each beat of its rate"
    Checker(page.html([one]))


def test_the_command_writes_the_page_and_says_where(tmp_path):
    path = tmp_path / "report.html"
    command = ["inspect", str(SAMPLES / "english.txt"), "-m", "gpt-4o", "--html", str(path)]
    result = CliRunner().invoke(multitok, command)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr == f"wrote {path}: 1 input\n"
    assert "594" in "".join(Checker(path.read_text("utf-8")).text)


def test_a_file_that_cannot_be_read_is_left_out_and_the_exit_is_2(tmp_path):
    path = tmp_path / "report.html"
    command = ["inspect", "gone.png", str(SAMPLES / "photo.jpg"), "-m", "gpt-4o"]
    result = CliRunner().invoke(multitok, [*command, "--html", str(path)])
    assert result.exit_code == 2
    assert "gone.png" in result.stderr
    assert Checker(path.read_text("utf-8")).tags.count("section") == 1


def test_nothing_but_errors_writes_no_page(tmp_path):
    path = tmp_path / "report.html"
    result = CliRunner().invoke(multitok, ["inspect", "gone.png", "--html", str(path)])
    assert result.exit_code == 2
    assert "gone.png" in result.stderr
    assert "wrote" not in result.stderr
    assert not path.exists()


def test_a_dash_is_stdout_and_json_can_be_had_with_a_file(tmp_path):
    command = ["inspect", str(SAMPLES / "photo.jpg"), "-m", "gpt-4o", "--html"]
    shown = CliRunner().invoke(multitok, [*command, "-"])
    Checker(shown.stdout)
    both = CliRunner().invoke(multitok, [*command, str(tmp_path / "r.html"), "--json"])
    assert json.loads(both.stdout)["inputs"][0]["rows"][0]["tokens"] == 425


def test_the_plain_command_does_not_import_the_page():
    script = (
        "import sys; from multitok.cli import multitok;"
        "multitok(['inspect', 'samples/photo.jpg', '-m', 'gpt-4o'], standalone_mode=False);"
        "assert not {'multitok.report.page', 'multitok.report.shell', 'html'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=SAMPLES.parent)


def test_a_fact_that_holds_nothing_is_not_told():
    """A clip without sound has no tracks: a name with nothing behind it reads like a fault."""
    told = page._lead({"format": "MP4", "facts": {"codec": "h264", "tracks": []}})
    assert "codec" in told
    assert "tracks" not in told
