"""What Python callers pass by mistake: each says what to type, as the command line does."""

import re

import numpy as np
import pytest

import multitok
from multitok.core.errors import MultitokError
from multitok.loaders.probed import ReadWords

PHOTO = "samples/photo.jpg"
HI = {"role": "user", "content": "hi"}
ONE = "count, cost and fit take one model=, compare and inspect take models=[...]; compare takes no"
READING = (
    "There are: encoding, max_pixels, background, columns, episode, time, id, rows_are_series, fps,"
    " start, end, strict, hz, stored"
)


def no_picture(array):
    return (
        f"an array of {array.dtype} {array.shape} is no picture, which is uint8 (height, width, 3):"
        " say what it is by modality='series', 'actions', 'audio' (with hz=16000) or 'video' (with"
        " fps=25)"
    )


FLOATS, TABLE, CLIP = np.arange(5.0), np.zeros((20, 7)), np.zeros((2, 4, 4, 3), np.uint8)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: multitok.count(FLOATS, tokenizer="chronos"), no_picture(FLOATS)),
        (lambda: multitok.count(TABLE, tokenizer="fast"), no_picture(TABLE)),
        (lambda: multitok.encode(CLIP, tokenizer="patch"), no_picture(CLIP)),
        (
            lambda: multitok.count(PHOTO, model="gpt-4o", detail="low"),
            f"unknown read option 'detail'. {READING}. A word of the request goes into"
            " options={'detail': 'low'}",
        ),
        (
            lambda: multitok.count(PHOTO, model=["gpt-4o", "gpt-5"]),
            "model must be the name of one, got ['gpt-4o', 'gpt-5']:"
            " multitok.compare(source, models=...) counts for several",
        ),
        (
            lambda: multitok.count(PHOTO, models=["gpt-4o"]),
            f"unknown read option 'models'. {READING}. {ONE} tokenizer=",
        ),
        (
            lambda: multitok.compare(PHOTO, model="gpt-4o"),
            f"unknown read option 'model'. {READING}. {ONE} tokenizer=",
        ),
        (
            lambda: multitok.compare(PHOTO, models=5),
            "models must be a list of names, got 5: models=['gpt-4o']",
        ),
        (
            lambda: multitok.inspect(PHOTO, models=None),
            "models must be a list of names, got None: models=['gpt-4o']",
        ),
        (
            lambda: multitok.count(PHOTO, model="gpt-4o", catalog=5),
            "catalog must be a list of names, got 5: catalog=['mine.toml']",
        ),
        (
            lambda: multitok.check(5, max_tokens=5, model="gpt-4o"),
            "paths must be a list of names, got 5: paths=['docs']",
        ),
        (
            lambda: multitok.count_many(PHOTO, model="gpt-4o"),
            "sources must be a list of them, got 'samples/photo.jpg': [source]",
        ),
        (
            lambda: multitok.count_request([HI], model=["gpt-4o"]),
            "model must be the name of one, got ['gpt-4o']: count once for each",
        ),
        (
            lambda: multitok.count_request('{"messages": []}'),
            "expected a request (an object or a list of messages), got str: json.loads reads one"
            " from a text",
        ),
        (
            lambda: multitok.count([HI], model="gpt-4o"),
            "cannot read 'list': a request, or its messages, is counted by"
            " multitok.count_request(payload)",
        ),
        (
            lambda: multitok.count(HI, model="gpt-4o"),
            "cannot read 'dict': a request, or its messages, is counted by"
            " multitok.count_request(payload)",
        ),
        (
            lambda: multitok.count((1920, 1080), model="gpt-4o"),
            "cannot read 'tuple': a picture of this size is multitok.ImageInfo(1920, 1080)",
        ),
        (
            lambda: multitok.count("1920x1080", model="gpt-4o"),
            "1920x1080: no such file. A picture of this size is multitok.ImageInfo(1920, 1080), or"
            " --size 1920x1080",
        ),
        (
            lambda: multitok.get_tokenizer(["patch"]),
            "unknown tokenizer ['patch']. See: multitok tokenizers",
        ),
        (
            lambda: multitok.fit(PHOTO, model="gpt-4o", max_tokens="300"),
            "max_tokens must be a whole number, got '300'",
        ),
        (
            lambda: list(multitok.split("x", max_tokens=2.5, model="gpt-4o")),
            "max_tokens must be a whole number, got 2.5",
        ),
        (
            lambda: list(multitok.split("x", 5, overlap="1", model="gpt-4o")),
            "overlap must be a whole number, got '1'",
        ),
        (
            lambda: multitok.compare_tokenizers(FLOATS),
            "a series or a motion is compared, got ndarray: pass multitok.Series(values),"
            " multitok.Actions(values), or what multitok.load reads",
        ),
        (
            lambda: multitok.save("words", "a.txt"),
            "save writes a medium, got str: multitok.load(source) reads a file,"
            " multitok.Text('...') is a text, and a TokenSequence saves itself",
        ),
    ],
)
def test_a_mistake_in_python_says_what_to_type(call, told):
    with pytest.raises(MultitokError) as refused:
        call()
    assert str(refused.value) == told


def test_an_array_of_pixels_needs_no_word():
    for array in (np.zeros((4, 6), np.uint8), np.zeros((4, 6, 3), np.uint16)):
        assert multitok.probe(array) == multitok.ImageInfo(6, 4)


def refused(call):
    with pytest.raises(MultitokError) as caught:
        call()
    return str(caught.value)


WRONG = {
    "encoding": (5, "encoding must be a name such as 'latin-1', got 5"),
    "max_pixels": ("1e6", "max_pixels must be a whole number, got '1e6'"),
    "background": ("white", "background must be (red, green, blue), got 'white'"),
    "columns": (3, "columns must be names of columns, got 3"),
    "episode": ("first", "episode must be the number of one, or 'all', got 'first'"),
    "time": (0, "time must be the name of a column, or 'none', got 0"),
    "id": (0, "id must be the name of a column, got 0"),
    "rows_are_series": ("yes", "rows_are_series must be True or False, got 'yes'"),
    "fps": ("2", "fps must be frames a second, got '2'"),
    "start": ("2", "start must be a number of seconds, got '2'"),
    "end": ([3], "end must be a number of seconds, got [3]"),
    "strict": (1, "strict must be True or False, got 1"),
    "hz": (True, "hz must be steps a second, got True"),
    "stored": (None, "stored must be True or False, got None"),
}


def test_every_reading_word_has_a_wrong_value_here():
    assert WRONG.keys() == ReadWords.__annotations__.keys()


@pytest.mark.parametrize("word", WRONG)
@pytest.mark.parametrize("verb", [multitok.probe, multitok.load, multitok.examine])
def test_a_reading_word_of_another_type_is_named(verb, word):
    value, message = WRONG[word]
    said = refused(lambda: verb("samples/clip.mp4", **{word: value}))
    assert said.removeprefix("samples/clip.mp4: ") == message


@pytest.mark.parametrize(
    "name", ["patch", "openai-tile", "chronos", "beast", "bytes", "audio-rate"]
)
def test_a_rule_counts_its_own_modality_and_says_which(name):
    """Motion has steps as a series has, and a clip seconds as a sound has."""
    rule = multitok.tokenizer_class(name)
    counter = multitok.get_tokenizer(name, **rule.examples[0])
    shapes = [
        multitok.TextInfo(5), multitok.ImageInfo(6, 4), multitok.VideoInfo(6, 4, frames=4, fps=2),
        multitok.AudioInfo(16_000, 16_000), multitok.SeriesInfo(9, 2), multitok.ActionsInfo(9, 2),
    ]  # fmt: skip
    for shape in shapes:
        if shape.modality == counter.modality:
            continue
        wanted = counter.modality.capitalize()
        for verb in (counter.count, counter.breakdown):
            assert refused(lambda verb=verb, shape=shape: verb(shape)) == (
                f"{name} counts {counter.modality}: pass multitok.{wanted} or"
                f" multitok.{wanted}Info, got {type(shape).__name__}"
            )


def test_a_model_named_as_a_tokenizer_is_told_so_and_the_other_way_round():
    text = multitok.Text("hello")
    assert refused(lambda: multitok.count(text, tokenizer="gpt-4o")) == (
        "unknown tokenizer 'gpt-4o': it is a model. Name it so: -m gpt-4o (model='gpt-4o')"
    )
    assert refused(lambda: multitok.count(text, model="o200k_base")) == (
        "unknown model 'o200k_base': it is a tokenizer."
        " Name it so: -t o200k_base (tokenizer='o200k_base')"
    )


def test_a_word_that_many_models_have_in_their_names_asks_which():
    said = refused(lambda: multitok.count(multitok.Text("hello"), model="claude"))
    assert re.fullmatch(
        r"unknown model 'claude': \d\d+ names have it in them\. See: multitok models claude", said
    )
