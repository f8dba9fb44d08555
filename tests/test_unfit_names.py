"""Names that no file can have, wherever a path is given: said in words, by the name."""

import numpy as np
import pytest

import multitok
from multitok import MultitokError, Series, Text, TokenSequence
from multitok.core.media import Actions, Audio, Image
from multitok.core.parameters import hints
from multitok.core.registry import BUILT_IN, class_for
from multitok.core.stamps import unfit
from multitok.core.writing import check_place, make_folder, put, write_text

HELLO = [{"role": "user", "content": "hello"}]
NAMES = {"a\0b": "a null byte", "a\ud800b": "half of a surrogate pair"}


def request(**words):
    return multitok.count_request(HELLO, model="gpt-4o", **words)


PLACES = {
    "count": lambda name: multitok.count(name, model="gpt-4o"),
    "load": lambda name: multitok.load(f"{name}/photo.png"),
    "check": lambda name: multitok.check(["."], model="gpt-4o", max_tokens=5, config=name),
    "catalog": lambda name: multitok.count(Text("x"), model="gpt-4o", catalog=name),
    "calibration": lambda name: request(calibration=name),
    "template": lambda name: request(template=name),
    "tokens": TokenSequence.load,
    "save": lambda name: multitok.get_tokenizer("bytes").encode(Text("x")).save(name),
    "write": lambda name: write_text(name, "x"),
    "folder": make_folder,
    "place": check_place,
    "put": lambda name: put(__file__, name),
    "scan": lambda name: multitok.scan(__file__, models="gpt-4o", workers=0, out=name),
    "Scan": multitok.Scan,
    "tokenize": lambda name: multitok.tokenize(__file__, tokenizer="bytes", workers=0, out=name),
}


@pytest.mark.parametrize("place", sorted(PLACES))
@pytest.mark.parametrize("name", sorted(NAMES), ids=["null", "half a pair"])
def test_a_name_that_no_file_has_is_refused_in_words(place, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MultitokError) as raised:
        PLACES[place](name)
    assert "unexpected" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


FILES = {
    "dct-bpe": (Image(np.zeros((16, 16, 3), np.uint8)), "path"),
    "fast": (Actions(np.zeros((8, 2))), "path"),
    "hf": (Text("x"), "path"),
    "kmeans": (Actions(np.zeros((8, 2))), "codebook"),
    "mdct-bpe": (Audio(np.zeros(1600, np.float32), 16_000), "path"),
    "onnx-codec": (Audio(np.zeros(1600, np.float32), 16_000), "encoder"),
    "onnx-image-codec": (Image(np.zeros((16, 16, 3), np.uint8)), "encoder"),
    "patch-kmeans": (Image(np.zeros((16, 16, 3), np.uint8)), "codebook"),
    "patch-rvq": (Image(np.zeros((16, 16, 3), np.uint8)), "codebooks"),
    "rvq": (Actions(np.zeros((8, 2))), "codebooks"),
    "series-bpe": (Series([1.0, 2.0]), "path"),
    "series-vq": (Series([1.0, 2.0]), "codebook"),
}


@pytest.mark.parametrize("tokenizer", sorted(FILES))
@pytest.mark.parametrize("name", sorted(NAMES), ids=["null", "half a pair"])
def test_so_it_is_as_the_file_of_a_tokenizer(tokenizer, name):
    medium, parameter = FILES[tokenizer]
    with pytest.raises(MultitokError) as raised:
        multitok.count(medium, tokenizer=tokenizer, options={parameter: name})
    assert "unexpected" not in str(raised.value)


def test_each_parameter_that_names_a_file_is_among_these():
    named = {"path", "codebook", "codebooks", "encoder"}
    takes = {
        name
        for name in BUILT_IN
        if any(one in named and "str" in str(of) for one, of in hints(class_for(name)).items())
    }
    assert takes == set(FILES)


@pytest.mark.parametrize("name", sorted(NAMES), ids=["null", "half a pair"])
def test_why_no_file_has_it(name):
    assert unfit(name) == f"no file has {NAMES[name]} in its name"
