"""What a command does, the library does: one call, typed values, errors that say what to write."""

import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import multitok
from multitok import ImageInfo, MediaError, SourceError, Text, UnknownNameError, VideoInfo

SAMPLES = Path(__file__).parent.parent / "samples"
QWEN = "Qwen/Qwen2.5-VL-7B-Instruct"


def refusal(kind, call, *given, **words):
    with pytest.raises(kind) as error:
        call(*given, **words)
    return str(error.value)


# a picture, a clip, a text within a budget


def test_a_picture_is_fitted_to_a_size():
    found = multitok.fit(ImageInfo(4000, 3000), model="gpt-4o", max_tokens=500)
    assert isinstance(found, multitok.Fit)
    assert (found.fits, found.best.tokens) == (True, 425)


def test_a_clip_is_fitted_by_its_knobs():
    found = multitok.fit(SAMPLES / "clip.mp4", model=QWEN, max_tokens=600)
    assert isinstance(found, multitok.VideoFit)
    assert found.fits
    assert found.size.tokens <= 600


def test_what_has_no_size_is_not_fitted():
    assert refusal(MediaError, multitok.fit, Text("word"), model="gpt-4o", max_tokens=5) == (
        "fit works on pictures, clips and sounds, got text. To shorten a text: multitok truncate"
    )


def test_a_text_is_cut_by_a_tokenizer_with_parameters():
    """Of the bytes of "naïve", 6 in all, four are "naï": n, a, and two of ï."""
    cut = multitok.truncate("naïve", 4, tokenizer="bytes")
    assert (cut.text, cut.tokens, cut.total) == ("naï", 4, 6)
    with pytest.raises(UnknownNameError, match="has no parameter 'sise'"):
        multitok.truncate("naïve", 4, tokenizer="bytes", options={"sise": 1})


def test_files_are_checked_by_patterns(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.md").write_text("word " * 100)
    Path("b.txt").write_text("word " * 100)
    found = multitok.check(["a.md", "b.txt"], max_tokens=500, limits={"*.md": 50}, model="gpt-4o")
    assert [(one.path, one.status) for one in found] == [("a.md", "over"), ("b.txt", "ok")]


def test_a_check_says_at_once_what_is_missing():
    assert refusal(MediaError, multitok.check, ".", model="gpt-4o") == (
        "no limit: pass --max-tokens 8000 (max_tokens=8000), or write [tool.multitok] limits in"
        " pyproject.toml"
    )
    with pytest.raises(UnknownNameError, match=r"^name a model"):
        multitok.check(".", max_tokens=5)


# cost, many sources, tokens


def test_a_cost_is_the_count_at_the_price():
    """765 tokens at $2.50 a million, 100 of output at $10, three times."""
    found = multitok.cost(ImageInfo(1024, 1024), model="gpt-4o", output=100, requests=3)
    assert found.high == 3 * (765 * Decimal("2.5") + 100 * Decimal(10)) / 1_000_000


def test_an_unknown_price_is_no_price():
    found = multitok.cost(ImageInfo(64, 64), model="HuggingFaceTB/SmolVLM-Instruct")
    assert (found.high, found.why) == (None, "no price is known for this model")


def test_of_many_sources_a_bad_one_is_a_value():
    sizes = (size for size in (ImageInfo(512, 512), "no.png", ImageInfo(1024, 1024)))
    found = list(multitok.count_many(sizes, model="gpt-4o"))
    assert [int(one) for one in found if isinstance(one, multitok.Count)] == [255, 765]
    assert isinstance(found[1], SourceError)


def test_what_is_wrong_with_all_of_many_is_raised_at_once():
    assert "Did you mean 'gpt-4o'" in refusal(
        UnknownNameError, multitok.count_many, [], model="gpt-4oo"
    )
    with pytest.raises(UnknownNameError, match=r"^name a model"):
        multitok.count_many([])


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (SAMPLES / "photo.jpg", {"model": QWEN}),
        (SAMPLES / "clip.mp4", {"tokenizer": "qwen-video", "options": {"fps": 1.0}}),
        (SAMPLES / "sunspots.csv", {"tokenizer": "chronos"}),
        (SAMPLES / "english.txt", {"tokenizer": "o200k_base"}),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_encode_makes_as_many_tokens_as_count_says(source, words):
    tokens = multitok.encode(source, **words)
    assert len(tokens) == multitok.count(source, **words).tokens
    assert multitok.decode(tokens).info.modality == tokens.info.modality


def test_a_closed_rule_has_no_tokens():
    with pytest.raises(multitok.NotInvertibleError, match=r"^openai-tile only counts"):
        multitok.encode(SAMPLES / "photo.jpg", model="gpt-4o")


def test_only_tokens_are_decoded():
    assert refusal(multitok.DecodeError, multitok.decode, [1, 2]) == (
        "decode takes a TokenSequence, got list: encode makes one, multitok.TokenSequence.load"
        " reads one. Ids of a text name their tokenizer,"
        " decode([690, 1920], tokenizer='o200k_base')"
    )


def test_what_was_decoded_is_saved(tmp_path):
    tokens = multitok.encode(SAMPLES / "photo.jpg", tokenizer="patch")
    seen = multitok.decode(tokens)
    multitok.save(seen, tmp_path / "seen.png")
    assert multitok.load(tmp_path / "seen.png") == seen


def test_frames_come_one_by_one():
    first = next(iter(multitok.frames(SAMPLES / "clip.mp4")))
    assert first.pixels.dtype == np.uint8


def test_the_rooms_are_reached_from_the_package():
    rows = multitok.prices.history()
    assert rows[0].day < rows[-1].day
    assert multitok.prices.price_for("gpt-4o").input == Decimal("2.5")
    assert callable(multitok.testing.check)
    assert callable(multitok.train.train_bpe)


# words in the wrong place


def test_a_request_option_given_as_a_keyword():
    assert refusal(
        UnknownNameError, multitok.count, SAMPLES / "photo.jpg", model="gpt-4o", detail="low"
    ) == (
        "unknown read option 'detail'. There are: encoding, max_pixels, background, columns,"
        " episode, time, id, rows_are_series, fps, start, end, strict, hz, stored. A word of the"
        " request goes into options={'detail': 'low'}"
    )


@pytest.mark.parametrize("source", [[{"role": "user", "content": "hi"}], {"messages": []}])
def test_a_request_is_not_a_source(source):
    assert refusal(SourceError, multitok.count, source, model="gpt-4o") == (
        f"cannot read {type(source).__name__!r}: a request, or its messages, is counted by"
        " multitok.count_request(payload)"
    )


def test_a_size_is_not_a_source():
    assert refusal(SourceError, multitok.count, (1920, 1080), model="gpt-4o") == (
        "cannot read 'tuple': a picture of this size is multitok.ImageInfo(1920, 1080)"
    )
    assert refusal(SourceError, multitok.count, "1920x1080", model="gpt-4o") == (
        "1920x1080: no such file. A picture of this size is multitok.ImageInfo(1920, 1080), or"
        " --size 1920x1080"
    )


def test_several_sources_are_not_one():
    assert refusal(SourceError, multitok.count, ["a.png", "b.png"], model="gpt-4o") == (
        "cannot read 'list': several sources are counted by multitok.count_many(sources)"
    )


def test_several_models_are_compared():
    assert refusal(MediaError, multitok.count, ImageInfo(8, 8), model=["gpt-4o", "gpt-5"]) == (
        "model must be the name of one, got ['gpt-4o', 'gpt-5']:"
        " multitok.compare(source, models=...) counts for several"
    )


def test_one_model_is_compared_by_its_name():
    assert [row.model for row in multitok.compare(ImageInfo(8, 8), models="gpt-4o")] == ["gpt-4o"]


# arrays and data frames


@pytest.mark.parametrize("values", [np.arange(6.0), np.arange(6.0)[:, None], np.arange(6)])
def test_an_array_is_read_as_a_series_when_it_is_said_to_be_one(values):
    counted = multitok.count(values, tokenizer="gato", modality="series")
    assert (counted.info, counted.tokens) == (multitok.SeriesInfo(steps=6), 6)


def test_an_array_is_read_as_movement():
    motion = multitok.load(np.zeros((5, 7)), modality="actions", hz=50)
    assert motion.info == multitok.ActionsInfo(steps=5, dims=7, hz=50)


def test_an_array_of_three_sides_is_read_as_its_file_is():
    points = np.arange(12.0).reshape(2, 2, 3)
    assert multitok.load(points, modality="actions").names[3:] == ("j1.x", "j1.y", "j1.z")
    assert multitok.load(points, modality="series", columns=["case1"]).values.tolist() == [
        [6, 7, 8], [9, 10, 11],
    ]  # fmt: skip


def test_an_array_of_sound_needs_its_rate():
    sound = np.zeros(1600, np.float32)
    assert multitok.probe(sound, modality="audio", hz=16000) == multitok.AudioInfo(1600, 16000)
    assert refusal(MediaError, multitok.probe, sound, modality="audio") == (
        "an array of sound needs its sample rate: pass hz=16000"
    )


def test_an_array_of_frames_needs_their_rate():
    frames = np.zeros((4, 8, 6, 3), np.uint8)
    assert multitok.probe(frames, modality="video", fps=2) == VideoInfo(6, 8, frames=4, fps=2)
    assert refusal(MediaError, multitok.probe, frames, modality="video") == (
        "an array of frames needs its frames a second: pass fps=25"
    )


def test_an_array_is_no_text():
    assert refusal(SourceError, multitok.load, np.zeros(3), modality="text") == (
        "an array cannot be read as text: leave out modality='text'"
    )


@pytest.fixture
def frames_of_data(monkeypatch):
    """A package with the face of pandas and polars, and no more of it than is asked."""
    package = ModuleType("pandas")

    class Column:
        __module__ = "pandas"
        info = print  # a method there, and no shape

        def __init__(self, values, name):
            self.values, self.name = values, name

        def __len__(self):
            return len(self.values)

        def to_numpy(self):
            return np.array(self.values)

    class DataFrame(Column):
        __module__ = "pandas"

        def __init__(self, **columns):
            self.columns = list(columns)
            self.values = list(zip(*columns.values(), strict=True))

    package.Series, package.DataFrame = Column, DataFrame
    monkeypatch.setitem(sys.modules, "pandas", package)
    return package


def test_a_data_frame_is_a_series_with_the_names_of_its_columns(frames_of_data):
    frame = frames_of_data.DataFrame(a=[1.0, 2.0], b=[3.0, float("nan")])
    series = multitok.load(frame)
    assert (series.names, series.values.shape) == (("a", "b"), (2, 2))
    assert multitok.load(frame, columns=["b"]).names == ("b",)
    assert multitok.count(frame, tokenizer="gato").tokens == 4


def test_moments_in_a_data_frame_are_its_clock(frames_of_data):
    days = [datetime(2024, 1, 1), datetime(2024, 1, 2, tzinfo=UTC)]
    frame = frames_of_data.DataFrame(day=days, a=[1.0, 2.0])
    series = multitok.load(frame)
    assert (series.names, series.timestamps.tolist()) == (("a",), [1704067200, 1704153600])
    assert multitok.probe(frame, modality="actions").hz == pytest.approx(1 / 86400)
    frame = frames_of_data.DataFrame(a=[1.0, 2.0])
    frame.index = np.array(["2024-01-01", "2024-01-02"], "datetime64[D]")
    assert multitok.load(frame).timestamps.tolist() == [1704067200, 1704153600]


def test_one_column_of_a_data_frame_is_a_series(frames_of_data):
    column = frames_of_data.Series([1, 2, 3], "level")
    assert multitok.load(column).names == ("level",)


def test_the_columns_of_polars_keep_their_types(frames_of_data):
    """Its to_numpy makes floats of moments: columns are asked one by one."""
    frame = frames_of_data.DataFrame(day=[1.7e18, 1.7e18], a=[1.0, 2.0])
    days = frames_of_data.Series(np.array(["2024-01-01", "2024-01-02"], "datetime64[us]"), "day")
    frame.get_columns = lambda: [days, frames_of_data.Series([1.0, 2.0], "a")]
    series = multitok.load(frame)
    assert (series.names, series.timestamps.tolist()) == (("a",), [1704067200, 1704153600])


def test_a_frame_that_is_not_worked_out_is_told_to_collect():
    class LazyFrame:
        def collect(self):
            raise AssertionError("it is not for us to work it out")

    assert refusal(SourceError, multitok.load, LazyFrame()) == (
        "cannot read 'LazyFrame': a frame that is not worked out yet: pass frame.collect()"
    )


def test_a_data_frame_of_words_is_told_what_to_do(frames_of_data):
    frame = frames_of_data.DataFrame(city=["Bern", "Oslo"])
    assert refusal(MediaError, multitok.load, frame) == (
        "a DataFrame with columns that hold no numbers: name those that do, columns=['a',"
        " 'b'], and fill what is missing with NaN"
    )


# what count takes, check takes


def check_one(name, max_tokens=2500, **words):
    (found,) = multitok.check([name], max_tokens=max_tokens, model="gpt-4o", **words)
    return found


def test_a_table_is_checked_as_the_text_it_is_counted_as(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = (SAMPLES / "sunspots.csv").read_bytes()
    Path("big.csv").write_bytes(table)
    Path("small.csv").write_bytes(table[:400])
    found = check_one("big.csv")
    assert (found.status, found.tokens) == ("ok", multitok.count("big.csv", model="gpt-4o").tokens)
    assert check_one("small.csv").proven


@pytest.mark.parametrize("name", ["clip.mp4", "melody.flac", "blob.bin"])
def test_what_the_model_does_not_take_is_skipped_unless_a_limit_names_it(
    name, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    known = (SAMPLES / name).exists()
    Path(name).write_bytes((SAMPLES / name).read_bytes() if known else b"\0\1\2\3")
    assert check_one(name).status == "skipped"
    assert check_one(".").status == "skipped"
    assert check_one(name, limits={name: 9}).status == "failed"


def test_a_missing_or_damaged_file_fails(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("cut.png").write_bytes((SAMPLES / "screenshot.png").read_bytes()[:20])
    assert check_one("cut.png").status == "failed"
    assert check_one("gone.txt").status == "failed"


# what models make of it


def test_an_inspection_is_what_the_command_shows():
    found = multitok.inspect(SAMPLES / "photo.jpg", models="gpt-4o")
    (row,) = found.rows
    assert (row.count.tokens, row.cost) == (425, Decimal("0.0010625"))
    assert found.steps(row)[-1] == "85 + 2 x 170 = 425 tokens"
    assert found.subject.probed.format == "JPEG"


def test_what_was_trained_is_a_tokenizer(tmp_path):
    lines = ["one two three four"] * 40
    trained = multitok.train.train_bpe(lines, tmp_path / "tokenizer.json", vocab_size=260)
    assert (
        trained.tokenizer().decode(trained.tokenizer().encode(Text("one four"))).text == "one four"
    )


def test_the_repr_of_a_long_text_is_short():
    assert repr(Text("short")) == "Text(text='short')"
    assert repr(Text("x" * 100_000)) == f"<Text {'x' * 80!r}... of 100,000 characters>"
