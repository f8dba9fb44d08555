"""What Python callers pass by mistake: each says what to type, as the command line does."""

import numpy as np
import pytest

import multitok
from multitok.core.errors import MultitokError

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
