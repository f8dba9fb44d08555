"""Good files and requests with one thing changed in them are read, or refused: nothing else.

What a stranger's file may hold cannot be listed. Here a value of a good one is replaced, or lacks,
and whatever comes of it must be an answer or an error that was foreseen.
"""

import copy
import json
import tomllib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from material import (
    CHECKPOINTS,
    COLUMNS,
    DESCRIPTIONS,
    ORDERS,
    OWN,
    REQUESTS,
    SHAPES,
    TOKENIZERS,
    VALUES,
    npy,
    toml,
)

import multitok
from multitok.catalog.load import Catalog
from multitok.core.boundary import boundary
from multitok.core.errors import MultitokError, UnexpectedError
from multitok.core.info import Medium
from multitok.core.registry import build, class_for, tokenizers
from multitok.core.tokenizer import Tokenizer
from multitok.loaders.source import Source
from multitok.requests import payloads

MANY = settings(max_examples=150, suppress_health_check=list(HealthCheck))

LACKING = object()


def places(document, place=()):
    """The way to each value of a document."""
    yield place
    if isinstance(document, dict | list):
        keys = document if isinstance(document, dict) else range(len(document))
        for key in keys:
            yield from places(document[key], (*place, key))


@st.composite
def changed(draw, documents):
    """One of the documents with one or two values replaced, or taken away."""
    document = copy.deepcopy(draw(st.sampled_from(documents)))
    for _ in range(draw(st.integers(1, 2))):
        ways = [place for place in places(document) if place]
        if not ways:
            break
        *way, last = draw(st.sampled_from(ways))
        holder = document
        for key in way:
            holder = holder[key]
        value = draw(st.one_of(st.just(LACKING), *[st.sampled_from(VALUES)] * 3))
        if value is LACKING:
            holder.pop(last, None) if isinstance(holder, dict) else holder.pop(last)
        else:
            holder[last] = copy.deepcopy(value)
    return document


def foreseen(run):
    """Run it; an error must be one that was foreseen."""
    try:
        with boundary("working on", "it"):
            return run()
    except UnexpectedError:
        raise
    except MultitokError:
        return None


# --- token files -------------------------------------------------------------------------------

ARRAYS = [
    np.array(5), np.array([]), np.zeros(3, np.int64), np.full(11, 10**12), np.full(2, -1),
    np.zeros((2, 2)), np.array(["a", "b"]), np.array([True] * 2), np.array([np.nan] * 2),
    np.zeros(2, np.complex64), np.array("{}"), np.array("[" * 5000), np.zeros(2, [("a", "i4")]),
    np.zeros((2, 3, 4), np.float32), np.array(["2024"], dtype="M8[D]"),
]  # fmt: skip


@pytest.fixture(scope="module")
def token_files(tmp_path_factory):
    """The arrays of a token file of each tokenizer that makes small ones."""
    rng = np.random.default_rng(0)
    media = {
        "text": multitok.Text("hello world é"),
        "image": multitok.Image(rng.integers(0, 255, (64, 96, 3), dtype=np.uint8)),
        "series": multitok.Series(rng.normal(size=(64, 2))),
        "actions": multitok.Actions(rng.uniform(-0.3, 0.3, (24, 1)), hz=10.0),
        "audio": multitok.Audio(rng.uniform(-1, 1, (2000, 1)).astype(np.float32), 16000),
        "video": multitok.Video(
            rng.integers(0, 255, (8, 56, 56, 3), dtype=np.uint8), np.arange(8) / 8, 8.0, 1.0
        ),
    }
    path = tmp_path_factory.mktemp("tokens") / "t.npz"
    made = []
    for entry in tokenizers():
        cls = class_for(entry.name)
        if entry.origin != "built in" or not issubclass(cls, Tokenizer) or not cls.examples:
            continue  # without examples are rules of files of one's own
        tokens = build(entry.name, cls.examples[0]).encode(media[cls.modality])
        if sum(array.size for array in tokens.inputs.values()) < 100_000:
            tokens.save(path)
            with np.load(path) as stored:
                made.append({name: stored[name] for name in stored.files})
    assert len(made) > 25
    return path, made


@given(data=st.data())
@MANY
def test_a_token_file_with_another_header(token_files, data):
    path, made = token_files
    arrays = data.draw(st.sampled_from(made))
    header = data.draw(changed([json.loads(str(arrays["header"]))]))
    np.savez(path, **{**arrays, "header": np.array(json.dumps(header))})
    medium = foreseen(lambda: multitok.decode(multitok.TokenSequence.load(path)))
    assert medium is None or isinstance(medium, Medium)


@given(data=st.data())
@MANY
def test_a_token_file_with_another_array(token_files, data):
    path, made = token_files
    arrays = dict(data.draw(st.sampled_from(made)))
    name = data.draw(st.sampled_from(sorted(arrays)))
    array = data.draw(st.sampled_from([None, *ARRAYS]))
    arrays = {**arrays, name: array} if array is not None else arrays
    np.savez(path, **{key: one for key, one in arrays.items() if array is not None or key != name})
    medium = foreseen(lambda: multitok.decode(multitok.TokenSequence.load(path)))
    assert medium is None or isinstance(medium, Medium)


# --- files of columns --------------------------------------------------------------------------


BITS = st.one_of(
    st.binary(max_size=3),
    st.sampled_from([
        b"\n", b",", b";", b'"', b"nan", b"inf", b"-", b"1e400", b"2024-01-01", b"2023-02-29",
        b"24:00", b"@", b":", b"{", b"}", b"[", b"]", b"null", b"target", b"\xc2\xb2", b"\x00",
        b"9" * 50,
    ]),
)  # fmt: skip


@given(
    file=st.sampled_from(COLUMNS),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 6), BITS), min_size=1, max_size=4),
    as_actions=st.booleans(),
)
@MANY
def test_a_file_of_columns_with_other_bytes(file, changes, as_actions):
    form, data = file
    for where, length, bits in changes:
        at = round(where * len(data))
        data = data[:at] + bits + data[at + length :]
    source = Source(f"x.{form}", data=data, size=len(data))
    modality = "actions" if as_actions or form == "bvh" else "series"
    told = foreseen(lambda: multitok.examine(source, modality=modality))
    medium = foreseen(lambda: multitok.load(source, modality=modality))
    assert told is None or medium is None or told.info == medium.info


@given(
    descr=st.sampled_from(DESCRIPTIONS),
    shape=st.sampled_from(SHAPES),
    order=st.sampled_from(ORDERS),
)
@MANY
def test_an_array_with_another_header(descr, shape, order):
    data = npy(descr, shape, order)
    source = Source("x.npy", data=data, size=len(data))
    told = foreseen(lambda: multitok.examine(source, modality="series"))
    medium = foreseen(lambda: multitok.load(source, modality="series"))
    assert told is None or medium is None or told.info == medium.info


# --- requests ----------------------------------------------------------------------------------

FORMATS = st.sampled_from([None, None, *payloads.FORMATS])


@given(
    payload=changed([*REQUESTS.values()]), provider=FORMATS, model=st.sampled_from([None, "gpt-4o"])
)
@MANY
def test_a_request_with_another_value(payload, provider, model):
    counted = foreseen(lambda: multitok.count_request(payload, model, provider))
    assert counted is None or counted.unexpected == ()


# --- files beside the input ----------------------------------------------------------------------


@given(content=changed(TOKENIZERS))
@settings(MANY, max_examples=100)
def test_a_tokenizer_file_with_another_value(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("t") / "tokenizer.json"
    path.write_text(json.dumps(content))

    def use():
        tokenizer = build("hf", {"path": str(path)})
        tokenizer.count(multitok.Text("hello world é"))
        return tokenizer.decode(tokenizer.encode(multitok.Text("hello")))

    text = foreseen(use)
    assert text is None or isinstance(text, multitok.Text)


@given(files=changed(CHECKPOINTS))
@MANY
def test_a_checkpoint_with_another_value(tmp_path_factory, files):
    from multitok.catalog.from_hf import row_from_folder, to_toml

    folder = tmp_path_factory.mktemp("c")
    for name, content in files.items():
        if name.endswith(".json"):
            (folder / name).write_text(json.dumps(content))
    row = foreseen(lambda: to_toml(row_from_folder(folder)))
    assert row is None or tomllib.loads(row)["model"]


@given(rows=changed([OWN]))
@MANY
def test_a_catalogue_with_another_value(tmp_path_factory, rows):
    from multitok.catalog.rows import read_rows

    path = tmp_path_factory.mktemp("r") / "own.toml"
    path.write_text(toml(rows))
    found = foreseen(lambda: read_rows(path))
    assert found is None or len(Catalog(found).models()) == len(found)
