"""Good files and requests with one thing changed in them are read, or refused: nothing else.

What a stranger's file may hold cannot be listed. Here a value of a good one is replaced, or lacks,
and whatever comes of it must be an answer or an error that was foreseen.
"""

import copy
import io
import json
import tomllib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import multitok
from multitok.catalog.load import Catalog
from multitok.core.boundary import boundary
from multitok.core.errors import MultitokError, UnexpectedError
from multitok.core.info import Medium
from multitok.core.registry import build, class_for, tokenizers
from multitok.core.tokenizer import Tokenizer
from multitok.loaders.source import Source

MANY = settings(max_examples=150, suppress_health_check=list(HealthCheck))

VALUES = st.sampled_from([
    None, True, False, 0, 1, -1, 2, 7, 3.5, 1e308, float("inf"), float("nan"), 10**12, 2**63, "",
    "a", "0", "²", "data:,x", "x" * 50, [], [1], [[1]], ["a"], [1, 2], [[1, 2], [3]], {}, {"a": 1},
    {"type": "text"}, {"tokenizer": "patch"}, {"modality": "series", "steps": 3},
])  # fmt: skip
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
        value = draw(st.one_of(st.just(LACKING), VALUES, VALUES, VALUES))
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
        if entry.name == "hf" or entry.origin != "built in" or not issubclass(cls, Tokenizer):
            continue
        tokens = build(entry.name, cls.examples[0] if cls.examples else {}).encode(
            media[cls.modality]
        )
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


def array_file(save, *arrays, **named):
    file = io.BytesIO()
    save(file, *arrays, **named)
    return file.getvalue()


COLUMNS = [
    ("csv", b"time,a,b\n2024-01-01,1,2\n2024-01-02,3,4\n"), ("csv", b"a;b\n1,5;2,5\n3,5;4\n"),
    ("csv", b'"a","b"\n"1","2"\n'), ("csv", b'"a;b\n3,5;4\n'),
    ("csv", b'"a\nb",c\n1,2\n'), ("csv", b"1 2 3\n4 5 6\n"), ("csv", b",a\n0,1\n1,3\n"),
    ("tsv", b"t\tx\n0\t1\n1\t2\n"), ("json", b"[[1,2],[3,4]]"), ("json", b'{"a":[1],"b":[3]}'),
    ("json", b'[{"a":1},{"a":2}]'), ("jsonl", b'{"start":"2024","target":[1,2]}\n' * 2),
    ("jsonl", b'{"target":[[1,2],[3,4]],"feat_dynamic_real":[[1,2]]}\n'),
    ("ts", b"@problemname x\n@timestamps false\n@classlabel true a b\n@data\n1,2,3:a\n4,5,6:b\n"),
    ("tsf", b"@attribute series_name string\n@frequency daily\n@data\nT1:1,2,?\n"),
    ("bvh", b"HIERARCHY\nROOT Hips\n{\nCHANNELS 1 Xposition\nEnd Site\n{\n}\n}\nMOTION\nFrames: 2\n"
     b"Frame Time: 0.1\n1\n4\n"),
    ("npy", array_file(np.save, np.arange(6.0).reshape(3, 2))),
    ("npz", array_file(np.savez, a=np.arange(3.0), b=np.ones((3, 2)))),
    ("npz", array_file(np.savez_compressed, a=np.arange(3.0))),
]  # fmt: skip
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


DESCRIBED = st.sampled_from([
    "'<f8'", "'<f0'", "'|O'", "'<f'", "'f8'", "'>i4'", "'|b1'", "'<U4'", "[('a','<f8')]", "'<f88'",
    "'i-1'", "8", "None", "'<m8'", "'<c8'", "'f1e3'", "''", "b'<f8'",
])  # fmt: skip
SHAPES = st.sampled_from([
    "(3, 2)", "(3,)", "()", "(-1,2)", "(1<<62,2)", "('a',2)", "(3,0)", "[3,2]", "{}", "'ab'",
    "(3.0,2)", "(True,2)", "(None,)", "(0,)", "3",
])  # fmt: skip
ORDERS = st.sampled_from(["True", "False", "1", "None", "'a'"])


@given(descr=DESCRIBED, shape=SHAPES, order=ORDERS)
@MANY
def test_an_array_with_another_header(descr, shape, order):
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}}}".encode()
    data = b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text + bytes(48)
    source = Source("x.npy", data=data, size=len(data))
    told = foreseen(lambda: multitok.examine(source, modality="series"))
    medium = foreseen(lambda: multitok.load(source, modality="series"))
    assert told is None or medium is None or told.info == medium.info


# --- requests ----------------------------------------------------------------------------------

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)
REQUESTS = [
    {"model": "gpt-4o", "messages": [
        {"role": "user", "name": "n", "content": [
            {"type": "text", "text": "hi"},
            {"type": "image_url",
             "image_url": {"url": f"data:image/png;base64,{PIXEL}", "detail": "low"}},
            {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0="}}]},
        {"role": "assistant", "tool_calls": [
            {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}],
     "tools": [{"type": "function", "function": {"name": "f", "parameters": {
         "type": "object", "properties": {"a": {"type": "string", "enum": ["x"]}}}}}],
     "max_tokens": 5, "n": 2},
    {"model": "gpt-5.4", "instructions": "x", "input": [{"role": "user", "content": [
        {"type": "input_text", "text": "a"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}"}]}]},
    {"model": "claude-opus-5", "system": [{"type": "text", "text": "s"}], "messages": [
        {"role": "user", "content": [
            {"type": "image",
             "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}},
            {"type": "tool_result", "tool_use_id": "1",
             "content": [{"type": "text", "text": "t"}]}]},
        {"role": "assistant", "content": [
            {"type": "tool_use", "id": "1", "name": "f", "input": {"a": 1}}]}],
     "tools": [{"name": "f", "input_schema": {"type": "object"}}], "max_tokens": 9},
    {"model": "gemini-2.5-flash", "contents": [{"role": "user", "parts": [
        {"inlineData": {"mimeType": "image/png", "data": PIXEL},
         "mediaResolution": {"level": "MEDIA_RESOLUTION_LOW"}},
        {"fileData": {"fileUri": "gs://x/y.mp4", "mimeType": "video/mp4"},
         "videoMetadata": {"fps": 2, "startOffset": "1s", "endOffset": "2s"}}]}],
     "tools": [{"functionDeclarations": [{"name": "f", "parameters": {"type": "OBJECT"}}]}]},
    [{"role": "user", "content": "hi"}],
]  # fmt: skip
FORMATS = st.sampled_from([None, None, "openai", "anthropic", "gemini", "mistral", "plain"])


@given(payload=changed(REQUESTS), provider=FORMATS, model=st.sampled_from([None, "gpt-4o"]))
@MANY
def test_a_request_with_another_value(payload, provider, model):
    counted = foreseen(lambda: multitok.count_request(payload, model, provider))
    assert counted is None or counted.unexpected == ()


# --- files beside the input ----------------------------------------------------------------------

VOCABULARY = {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "hello": 3, "world": 4, "h": 5, "##e": 6}
TEMPLATE = {
    "type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
               {"Sequence": {"id": "A", "type_id": 0}}],
    "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
    "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]}},
}  # fmt: skip
ADDED = {"id": 0, "content": "[UNK]", "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False, "special": True}  # fmt: skip
TOKENIZERS = [
    {"version": "1.0", "added_tokens": [ADDED], "normalizer": {"type": "Lowercase"},
     "pre_tokenizer": {"type": "Whitespace"}, "post_processor": TEMPLATE,
     "model": {"type": "WordLevel", "vocab": VOCABULARY, "unk_token": "[UNK]"}},
    {"version": "1.0", "added_tokens": [], "pre_tokenizer": {
        "type": "Sequence", "pretokenizers": [
            {"type": "Digits", "individual_digits": True},
            {"type": "Split", "pattern": {"String": " "}, "behavior": "Isolated",
             "invert": False}]},
     "model": {"type": "BPE", "vocab": {"h": 0, "e": 1, "he": 2, " ": 3}, "merges": [["h", "e"]]}},
]  # fmt: skip


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


CHECKPOINTS = [
    {"preprocessor_config.json": {
        "image_processor_type": "Qwen2VLImageProcessor", "patch_size": 14, "merge_size": 2,
        "temporal_patch_size": 2, "min_pixels": 3136, "max_pixels": 12845056,
        "image_mean": [0.5, 0.5, 0.5], "resample": 3},
     "video_preprocessor_config.json": {
        "video_processor_type": "Qwen2VLVideoProcessor", "patch_size": 14, "merge_size": 2,
        "temporal_patch_size": 2, "min_pixels": 100352, "max_pixels": 602112, "fps": 2}},
    {"preprocessor_config.json": {
        "image_processor_type": "LlavaNextImageProcessor", "size": {"shortest_edge": 336},
        "crop_size": {"height": 336, "width": 336},
        "image_grid_pinpoints": [[336, 672], [672, 336]]},
     "processor_config.json": {"patch_size": 14, "vision_feature_select_strategy": "default",
                               "num_additional_image_tokens": 1}},
    {"preprocessor_config.json": {
        "image_processor_type": "Llama4ImageProcessor", "size": {"height": 336, "width": 336},
        "max_patches": 16},
     "processor_config.json": {"patch_size": 14, "pixel_shuffle_ratio": 0.5}},
    {"preprocessor_config.json": {
        "image_processor_type": "GotOcr2ImageProcessor", "size": {"height": 448, "width": 448},
        "min_patches": 1, "max_patches": 12},
     "processor_config.json": {"image_seq_length": 256}, "config.json": {"model_type": "internvl"}},
    {"video_preprocessor_config.json": {
        "video_processor_type": "SmolVLMVideoProcessor", "max_image_size": {"longest_edge": 384},
        "video_sampling": {"fps": 1, "max_frames": 64, "video_size": {"longest_edge": 384}}},
     "processor_config.json": {"image_seq_len": 64}},
    {"preprocessor_config.json": {
        "image_processor_type": "VivitImageProcessor", "size": {"shortest_edge": 256},
        "crop_size": {"height": 224, "width": 224}, "rescale_factor": 0.0078},
     "config.json": {"model_type": "vivit", "tubelet_size": [2, 16, 16], "num_frames": 32}},
]  # fmt: skip


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


OWN = {
    "provider": "acme",
    "rules": {"tiles": {"tokenizer": "openai-tile", "kind": "documented", "source": "a page",
                        "params": {"base": 10, "tile": 20}, "options": {
                            "detail": {"default": "high", "high": {}, "low": {
                                "tokenizer": "image-flat", "params": {"tokens": 10}}},
                            "size": {"default": 512, "param": "tile", "type": "int", "min": 1}}}},
    "model": [{"id": "acme-1", "aliases": ["a"], "context_window": 1000, "image": "tiles",
               "text": {"tokenizer": "o200k_base", "kind": "exact", "source": "a page"}}],
}  # fmt: skip


@given(rows=changed([OWN]))
@MANY
def test_a_catalogue_with_another_value(tmp_path_factory, rows):
    from multitok.catalog.rows import read_rows

    path = tmp_path_factory.mktemp("r") / "own.toml"
    path.write_text(toml(rows))
    found = foreseen(lambda: read_rows(path))
    assert found is None or len(Catalog(found).models()) == len(found)


def toml(value):
    """A document as inline TOML: null, which TOML has not, is left out."""
    if isinstance(value, dict):
        return "\n".join(
            f"{json.dumps(k)} = {inline(v)}" for k, v in value.items() if v is not None
        )
    return ""


def inline(value):
    if isinstance(value, dict):
        inner = (f"{json.dumps(k)} = {inline(v)}" for k, v in value.items() if v is not None)
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(inline(item) for item in value if item is not None) + "]"
    if isinstance(value, float):
        return repr(value)
    return json.dumps(value)
