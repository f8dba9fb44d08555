"""The door for counting: many kinds of source, one number, and a reason on every error."""

import pickle
from base64 import b64encode
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

import multitok
from multitok import ImageInfo, Text
from multitok.catalog import lifecycle
from multitok.core.errors import MediaError, NeedsContentError, UnknownNameError, UnknownRuleError
from multitok.counting import door as counting
from multitok.counting.door import _counted
from multitok.counting.rules import resolve
from multitok.counting.subject import subject_of

PHOTO = Path(__file__).parent.parent / "samples" / "photo.jpg"


def test_one_picture_is_the_same_count_however_it_comes():
    data = PHOTO.read_bytes()
    url = "data:image/jpeg;base64," + b64encode(data).decode()
    pixels = multitok.load(PHOTO).pixels
    sources = [PHOTO, str(PHOTO), data, BytesIO(data), url, pixels, multitok.probe(PHOTO)]
    assert len({multitok.count(source, model="gpt-4o").tokens for source in sources}) == 1


def test_a_pil_image_counts_as_displayed():
    from PIL import Image

    with Image.open(PHOTO) as opened:
        assert multitok.count(opened, model="gpt-4o").info == multitok.probe(PHOTO)


def test_a_count_says_how_it_knows():
    counted = multitok.count(ImageInfo(1024, 1024), model="gpt-4o")
    assert (counted.tokens, counted.kind, counted.model) == (765, "documented", "gpt-4o")
    assert counted.source.startswith("https://")
    assert counted.checked is not None
    assert sum(counted.parts.values()) == counted.tokens


def test_request_options_change_the_count():
    low = multitok.count(ImageInfo(1024, 1024), model="gpt-4o", options={"detail": "low"})
    assert low.tokens == 85


def test_a_str_is_a_path_unless_the_modality_says_text():
    with pytest.raises(multitok.SourceError) as caught:
        multitok.count("hello world", model="gpt-5")
    assert str(caught.value) == (
        "hello world: no such file. To count it as text, pass --text or multitok.Text"
    )
    assert multitok.count("hello world", model="gpt-5", modality="text").tokens == 2
    assert multitok.count(Text("hello world"), model="gpt-5").tokens == 2


def test_a_tokenizer_can_be_named_instead_of_a_model():
    assert multitok.count(Text("hello"), tokenizer="bytes").tokens == 5
    assert multitok.count(ImageInfo(32, 32), tokenizer="patch", options={"size": 8}).tokens == 16


def test_without_a_model_the_error_says_what_to_name():
    with pytest.raises(UnknownNameError) as caught:
        multitok.count(ImageInfo(4, 4))
    assert str(caught.value) == (
        "name a model (model='gpt-4o', -m gpt-4o) or a tokenizer (tokenizer='o200k_base',"
        " -t o200k_base). See: multitok models"
    )


def test_a_shape_of_text_is_not_enough_for_bpe():
    with pytest.raises(NeedsContentError) as caught:
        multitok.count(multitok.TextInfo(1), model="gpt-4o")
    assert str(caught.value) == (
        "BPE token counts depend on the text itself: pass Text(...), not TextInfo(bytes=1)"
    )


def test_a_tokenizer_of_another_modality_says_what_it_counts():
    with pytest.raises(UnknownRuleError) as caught:
        multitok.count(ImageInfo(4, 4), tokenizer="words")
    assert str(caught.value) == (
        "tokenizer 'words' counts text, not image. See: multitok tokenizers"
    )


def test_a_table_that_is_read_as_the_other_kind_says_how_to_read_it():
    with pytest.raises(UnknownRuleError) as caught:
        multitok.count(multitok.SeriesInfo(steps=3, channels=1), tokenizer="fast")
    assert str(caught.value) == (
        "tokenizer 'fast' counts actions, not series. To read it so: --as actions"
        " (modality='actions')"
    )


def test_a_table_is_sent_to_a_language_model_as_text(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,ragged,x\n")
    counted = multitok.count(path, model="gpt-4o")
    assert counted.tokens == multitok.count(Text("a,b\n1,ragged,x\n"), model="gpt-4o").tokens
    assert counted.notes[-1] == "CSV counted as text: no rule here counts series"


def test_long_text_is_counted_in_pieces_and_gives_the_same(tmp_path, monkeypatch):
    text = "A line of plain words, and some more.\n" * 4000
    path = tmp_path / "long.txt"
    path.write_text(text)
    whole = multitok.count(Text(text), model="gpt-4o").tokens
    monkeypatch.setattr(counting, "STREAM_FROM", 1000)
    counted = multitok.count(path, model="gpt-4o")
    assert (counted.tokens, counted.kind) == (whole, "exact")


def test_a_nonsense_array_is_refused():
    with pytest.raises(MediaError):
        multitok.count(np.zeros((4, 4, 7), np.uint8), model="gpt-4o")


def test_a_model_and_a_tokenizer_are_one_too_many():
    with pytest.raises(UnknownNameError) as caught:
        multitok.count(ImageInfo(9, 9), model="gpt-4o", tokenizer="patch")
    assert str(caught.value) == "model 'gpt-4o' and tokenizer 'patch' are both named: name one"


def test_a_list_is_an_option_as_good_as_a_tuple():
    counted = multitok.count(ImageInfo(640, 480), tokenizer="patch", options={"resize": [32, 64]})
    assert counted.tokens == 2 * 4


def test_one_catalogue_file_needs_no_list():
    file = str(Path(__file__).parent.parent / "docs" / "acme.toml")
    assert multitok.count(ImageInfo(1000, 600), model="acme-vision", catalog=file).tokens == 170


@pytest.mark.parametrize("name", ["gpt-oss-120b", "gpt-4.5-preview"])
def test_a_rule_without_words_is_counted_as_if_it_were_asked_for_them(name):
    """gpt-4.5-preview is retired since July 2025, which is told either way."""
    subject, rule = subject_of(Text("two words")), resolve("text", model=name)
    assert rule.silent
    spoken = _counted(subject, replace(rule, silent=False), (), name)
    assert _counted(subject, rule, (), name) == spoken
    assert spoken.tokens == 2
    assert bool(spoken.notes) == (name == "gpt-4.5-preview")


@pytest.mark.parametrize("tokenizer", ["o200k_base", "bytes", "words", "characters"])
def test_the_same_of_a_tokenizer(tokenizer):
    subject, rule = subject_of(Text("two words")), resolve("text", tokenizer=tokenizer)
    spoken = _counted(subject, replace(rule, silent=False), (), None)
    assert _counted(subject, rule, (), None) == spoken


def test_a_rule_with_something_to_say_is_asked():
    """An estimate has a range, and a hosted picture a size that it is seen at."""
    assert not resolve("text", model="claude-opus-5").silent
    assert not resolve("image", model="gpt-4o").silent


# --- what is kept ---------------------------------------------------------------------------------


def test_a_size_that_was_counted_is_worked_out_once(monkeypatch):
    first = multitok.count(ImageInfo(641, 483), model="gpt-5.4")
    monkeypatch.setattr(counting, "_counted", None)
    assert multitok.count(ImageInfo(641, 483), model="gpt-5.4") is first


@pytest.mark.parametrize("name", ["parts", "geometry"])
def test_nobody_writes_into_a_count_that_others_may_get(name):
    counted = multitok.count(ImageInfo(640, 480), model="gpt-4o")
    with pytest.raises(TypeError, match="change a copy"):
        getattr(counted, name)["image"] = 1
    with pytest.raises(TypeError, match="change a copy"):
        getattr(counted, name).clear()


def test_a_count_that_is_kept_travels_and_its_copy_may_be_changed():
    counted = multitok.count(ImageInfo(1024, 1024), model="gpt-4o")
    sent = pickle.loads(pickle.dumps(counted))
    assert sent == counted
    assert type(sent.parts) is dict
    assert {**counted.parts, "text": 2} == {"base": 85, "tiles": 680, "text": 2}


def test_options_are_counts_of_their_own():
    given = ({"detail": "low"}, {"detail": "high"}, None)
    size = ImageInfo(1024, 1024)
    counted = [multitok.count(size, model="gpt-4o", options=one).tokens for one in (*given, *given)]
    assert counted == [85, 765, 765, 85, 765, 765]


def test_what_was_kept_before_a_model_is_gone_does_not_hide_it(monkeypatch):
    """Seconds of 2026-01-04, midnight, and of the day after, on which claude-3-opus is gone."""
    notes = []
    for seconds in (1_767_484_800, 1_767_571_200):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(seconds))
        lifecycle._today.cache_clear()
        notes.append(" ".join(multitok.count(ImageInfo(640, 480), model="claude-3-opus").notes))
    lifecycle._today.cache_clear()
    assert "retired on 2026-01-05" not in notes[0]
    assert "retired on 2026-01-05" in notes[1]


def test_no_more_counts_are_kept_than_are_said(monkeypatch):
    monkeypatch.setattr(counting, "KEPT", 3)
    monkeypatch.setattr(counting, "_kept", {})
    for side in range(1, 9):
        multitok.count(ImageInfo(side, side), model="gpt-4o")
        assert 1 <= len(counting._kept) <= 3


def test_a_file_with_nothing_to_note_is_the_count_of_its_size():
    plain = BytesIO()
    Pillow.new("RGB", (640, 480)).save(plain, "JPEG")
    size = multitok.count(ImageInfo(640, 480), model="gpt-5.4")
    assert multitok.count(plain.getvalue(), model="gpt-5.4") == size


@pytest.mark.parametrize(
    ("form", "words", "told"),
    [
        ("BMP", {}, "rejects BMP"),
        ("GIF", {"save_all": True, "append_images": [Pillow.new("RGB", (640, 480), "red")]}, "GIF"),
        ("JPEG", {"exif": b"Exif\0\0II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0"}, None),
    ],
)
def test_what_a_file_says_beside_its_size_is_in_its_count(form, words, told):
    """Also where the size was counted before."""
    multitok.count(ImageInfo(640, 480), model="gpt-5.4")
    made = BytesIO()
    Pillow.new("RGB", (640, 480)).save(made, form, **words)
    counted = multitok.count(made.getvalue(), model="gpt-5.4")
    if told is None:
        assert counted.info == ImageInfo(480, 640)  # turned by its EXIF orientation
    else:
        assert told in counted.rejected[0]
