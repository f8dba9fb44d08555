"""Inputs that once ended in a traceback are refused, each with what is wrong in it."""

import io
import json
import struct
import zipfile

import numpy as np
import pytest

import multitok
from multitok.core.errors import MultitokError, UnexpectedError
from multitok.core.registry import build
from multitok.loaders.source import Source
from multitok.train import train_fast

MOTION = (
    "HIERARCHY\nROOT Hips\n{{\nCHANNELS 1 Xposition\nEnd Site\n{{\n}}\n}}\nMOTION\n"
    "Frames: {}\nFrame Time: {}\n1\n"
)


def npy(descr="'<f8'", shape="(3,)", body=24, header=None):
    text = header or f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + bytes(body)


def npz(content, method=zipfile.ZIP_STORED, damage=None):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("a.npy", content)
    data = bytearray(file.getvalue())
    for at, value in (damage or {}).items():
        data[at] = value
    return bytes(data)


def array():
    file = io.BytesIO()
    np.save(file, np.arange(100.0))
    return file.getvalue()


def flagged(field, value):
    """An archive whose two headers of the member have another 16-bit number in this field."""
    data = bytearray(npz(array()))
    center = data.index(b"PK\1\2")
    for at in ({"flags": 6, "method": 8}[field], center + {"flags": 8, "method": 10}[field]):
        data[at : at + 2] = struct.pack("<H", value)
    return bytes(data)


def wav(bits):
    """One second of silence at so many bits."""
    size = bits // 8
    form = struct.pack("<HHIIHH", 1, 1, 100, 100 * size, size, bits)
    return (
        b"RIFF" + struct.pack("<I", 36 + 100 * size) + b"WAVEfmt " + struct.pack("<I", 16) + form
        + b"data" + struct.pack("<I", 100 * size) + bytes(100 * size)
    )  # fmt: skip


NUMBERS = "the array must hold numbers, got dtype"
TIME = "column 'time' tells no time in line 2:"
LEFT_OUT = "--time none leaves it out (time=)"
SERIES = {
    "a day of no month.csv": (b"time,a\n2024-13-01,1\n", f"{TIME} '2024-13-01': {LEFT_OUT}"),
    "a zone of no hour.csv": (b"time,a\n2024-01-01 00:00+99:99,1\n",
                              f"{TIME} '2024-01-01 00:00+99:99': {LEFT_OUT}"),
    "a cell of 200,000.csv": (b'a,b\n1,"' + b"9" * 200_000 + b'"\n',
                              "line 2: field larger than field limit (131072)"),
    "f0.npy": (npy("'<f0'"), f"{NUMBERS} <f0"),
    "fx.npy": (npy("'<fx'"), f"{NUMBERS} <fx"),
    "f.npy": (npy("'f'"), f"{NUMBERS} f"),
    "f88.npy": (npy("'<f88'"), f"{NUMBERS} <f88"),
    "a shape of nothing.npy": (npy(shape="(None,)"),
                               "damaged .npy header (shape[0] must be a length, got None)"),
    "a shape of text.npy": (npy(shape="'ab'"), "damaged .npy header (shape must be a list (a length"
                            " each), got 'ab')"),
    "a negative shape.npy": (npy(shape="(-3,)"),
                             "damaged .npy header (shape[0] must be a length, got -3)"),
    "a header of no object.npy": (npy(header=b"5   "),
                                  "damaged .npy header (it must be an object, got 5)"),
    "a header of minuses.npy": (npy(header=b"-" * 60_000 + b"1"), None),
    "a header of brackets.npy": (npy(header=b"[" * 60_000), None),
    "a password.npz": (flagged("flags", 1), "damaged .npz archive (File 'a.npy' is encrypted,"
                       " password required for extraction)"),
    "aes.npz": (flagged("method", 99),
                "damaged .npz archive (That compression method is not supported)"),
    "deflate.npz": (npz(array(), zipfile.ZIP_DEFLATED, {60: 255, 61: 255, 62: 255}), None),
    "lzma.npz": (npz(array(), zipfile.ZIP_LZMA, {50: 255, 55: 9, 60: 255}), None),
    "cut.npz": (npz(array())[:-30], "damaged .npz archive (File is not a zip file)"),
    "a member too short.npz": (npz(npy(shape="(99,)")), "a: damaged .npy array (99 values are"
                               " announced, 3 are there)"),
    "deep.json": (b"[" * 100_000, "not JSON: nested too deep"),
    "deep.jsonl": (b"[1]\n" + b"[" * 100_000, "line 2: not JSON: nested too deep"),
    "digits.json": (b"[" + b"9" * 10_000 + b"]", None),
    "a target of 5.json": (b'{"target": 5}', "target must be a list, got 5"),
    "a ragged target.json": (b'{"target": [[1], 2]}', "target[1] must be a list, got 2"),
    "a target of an object.json": (b'{"target": {"a": 1}}',
                                   "target must be a list, got {'a': 1}"),
    "a feature of 5.json": (b'{"target": [1], "feat_dynamic_real": 5}',
                            "feat_dynamic_real must be a list, got 5"),
    "an at.ts": (b"@\n@data\n1,2\n", "line 1: expected '@data' before the series, got '@'"),
    "nan frames.bvh": (MOTION.format("nan", 1).encode(),
                       "line 10: expected 'Frames:' and a number, got 'Frames: nan'"),
    "endless frames.bvh": (MOTION.format("inf", 1).encode(),
                           "line 10: expected 'Frames:' and a number, got 'Frames: inf'"),
    "no time.bvh": (MOTION.format(1, "nan").encode(), "line 11: expected 'Frame Time:' and a"
                    " number, got 'Frame Time: nan'"),
    "hardly any time.bvh": (MOTION.format(1, "1e-320").encode(),
                            "line 11: Frame Time must be above 0, got 1e-320"),
    "40 bits.wav": (wav(40), "not a WAV of whole numbers (40 bits): read it as audio"),
}  # fmt: skip


def refusals(name, data, **options):
    """What the two doors say of an input, if they refuse it."""
    said = []
    for door in (multitok.examine, multitok.load):
        try:
            door(Source(name, data=data, size=len(data)), **options)
        except UnexpectedError:
            raise
        except MultitokError as error:
            said.append(str(error))
    return said


@pytest.mark.parametrize("name", SERIES)
def test_a_bad_series_is_refused_by_name(name):
    data, message = SERIES[name]
    said = refusals(name, data, modality="actions" if name.endswith(".bvh") else "series")
    assert said
    assert all(one.startswith(f"{name}: ") for one in said)
    assert message is None or said[-1] == f"{name}: {message}"


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "ts"])
def test_an_encoding_that_is_none_is_refused_by_every_format(form):
    said = refusals(f"a.{form}", b"[1, 2]", modality="series", encoding="nonsense")
    assert said[-1] == (
        f"a.{form}: not NONSENSE text (unknown encoding: nonsense): pass encoding=NAME, as in"
        " 'latin-1'"
    )


@pytest.mark.parametrize(("encoding", "data"), [("punycode", b"a-]"), ("idna", b"xn--\xff")])
def test_a_codec_that_tells_no_place_is_refused(encoding, data):
    assert refusals("a.txt", data, modality="text", encoding=encoding)[-1].endswith(
        "Name the encoding: --encoding cp1252, latin-1, shift_jis, ..."
    )


VAST = "9" * 5000


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", f"0,1,2\n1,2,{VAST}\n"), ("a.csv", f"a,1,{VAST}\nx,2,3\ny,3,4\n"),
        ("a.json", f'{{"a": {{"{VAST}": 1, "2": 3}}}}'), ("a.csv", f"a,b\n1,{VAST}\n"),
        ("a.amc", f":DEGREES\n{VAST}\nroot {VAST}\n"), ("a.arff", f"@data\n{{{VAST} 1}}\n"),
        ("a.tsf", f"@frequency {VAST}_daily\n@data\nT:1,2\n"), ("a.bvh", f"Frames: {VAST}\n"),
        ("a.json", f'[{{"a": 1, "index": "{VAST}"}}]'), ("a.gpx", f"<gpx><ele>{VAST}</ele></gpx>"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("modality", ["series", "actions"])
def test_thousands_of_digits_are_no_fault(name, data, modality):
    """Python reads no text of 4,300 digits as a whole number, and says so by a ValueError."""
    source = Source(name, data=data.encode(), size=len(data))
    for read in (multitok.examine, multitok.load):
        try:
            read(source, modality=modality)
        except UnexpectedError:
            raise
        except MultitokError as error:
            assert "4300 digits" not in str(error)  # noqa: PT017


DEEP = '{"a":' * 100_000 + "1" + "}" * 100_000
"""JSON that Python parses no deeper than its own calls go."""


def calibration(folder):
    (folder / "c.json").write_text(DEEP)
    return multitok.count_request(image(), calibration=folder / "c.json")


def saved_set(folder):
    (folder / "state.json").write_text(DEEP)
    (folder / "dataset_info.json").write_text("{}")
    return multitok.scan(str(folder), models="gpt-4o", workers=0)


def words_of_a_table(folder):
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"text": ["a"]}).replace_schema_metadata({"huggingface": DEEP})
    pytest.importorskip("pyarrow.parquet").write_table(table, folder / "a.parquet")
    return multitok.scan(str(folder / "a.parquet"), models="gpt-4o", workers=0)


def settings_of_another(folder):
    (folder / "processor_config.json").write_text(DEEP)
    return train_fast([multitok.Actions([[0.1], [0.2]])], folder / "tokenizer.json", horizon=2)


@pytest.mark.parametrize(
    "use", [calibration, saved_set, words_of_a_table, settings_of_another], ids=lambda f: f.__name__
)
def test_json_without_end_is_no_fault(tmp_path, use):
    try:
        use(tmp_path)
    except UnexpectedError:
        raise
    except MultitokError as error:
        assert "recursion" not in str(error)  # noqa: PT017


def test_a_schema_without_end_is_a_part_of_text():
    structure = {"jsonSchema": {"name": "a", "schema": "[" * 100_000}}
    asked = {
        "modelId": "amazon.nova-pro-v1:0",
        "messages": [{"role": "user", "content": [{"text": "x"}]}],
        "outputConfig": {"textFormat": {"type": "json_schema", "structure": structure}},
    }
    assert multitok.count_request(asked).unexpected == ()


def test_a_codec_that_warns_is_read_without_a_word():
    """A warning is an error in these tests: \\ and a blank is no escape of Python's."""
    source = Source("a.txt", data=b"a\\ b", size=4)
    assert multitok.load(source, modality="text", encoding="unicode_escape").text == "a\\ b"


def test_a_pdf_whose_page_lacks_is_refused():
    pytest.importorskip("pypdfium2")
    data = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[9 0 R]/Count 1>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    )
    assert refusals("a.pdf", data)[0] == (
        "a.pdf: a page of it cannot be read (Failed to get page size by index.)"
    )


PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
    "gg=="
)


def image(**inner):
    url = {"url": f"data:image/png;base64,{PIXEL}", **inner}
    content = [{"type": "image_url", "image_url": url}]
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": content}]}


WHERE = "messages[0].content[0].image_url"
REQUESTS = [
    (image(detail={"a": 1}), None, f"{WHERE}.detail: expected a string, got dict"),
    (image(fps="x"), None, f"{WHERE}.fps: expected a number, got str 'x'"),
    ({"x": 1}, "plain", "messages: expected a list, got nothing"),
    (5, "plain", "messages: expected a list, got int 5"),
    ({"messages": 5}, "plain", "messages: expected a list, got int 5"),
    ({"contents": [{"parts": [{"text": "a"}, {"inlineData": {"mimeType": "image/png",
      "data": PIXEL}, "videoMetadata": {"fps": []}}]}]}, "gemini",
     "videoMetadata.fps: expected a number, got list"),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "provider", "message"), REQUESTS)
def test_a_request_of_the_wrong_shape_is_refused_with_its_path(payload, provider, message):
    with pytest.raises(multitok.PayloadError) as refused:
        multitok.count_request(payload, "gpt-4o", provider)
    assert str(refused.value) == message


def test_base64_that_hides_another_character_is_an_unknown_part():
    counted = multitok.count_request(image(url="data:image/png;base64,%80AAA"))
    [part] = counted.unknown
    assert part.notes == ("messages[0].content[0]: base64 holds a character that is not ASCII",)
    assert part.error is None


def test_an_option_that_is_no_word_is_refused_by_its_name():
    with pytest.raises(multitok.MediaError) as refused:
        multitok.count(multitok.ImageInfo(9, 9), model="gpt-4o", options={"detail": {"a": 1}})
    assert str(refused.value) == ("detail must be a word, a number or a list of them, got {'a': 1}")


# --- files beside the input: tokens, tokenizers, templates, checkpoints, catalogues ------------


@pytest.fixture
def saved(tmp_path):
    """Write the tokens of a picture with something changed in them, and give the refusal."""
    path = tmp_path / "t.npz"
    tokens = multitok.get_tokenizer("patch", size=8).encode(
        multitok.Image(np.zeros((16, 24, 3), np.uint8))
    )
    tokens.save(path)
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    header = json.loads(str(arrays["header"]))

    def saved(change=None, **others):
        if change:
            change(header)
        changed = {**arrays, "header": np.array(json.dumps(header)), **others}
        np.savez(path, **{name: one for name, one in changed.items() if one is not None})
        with pytest.raises(MultitokError) as refused:
            multitok.decode(multitok.TokenSequence.load(path))
        assert not isinstance(refused.value, UnexpectedError)
        return str(refused.value).removeprefix(f"{path}: ")

    return saved


AGAIN = "Make it again: multitok encode FILE -o TOKENS.npz"
HEADERS = [
    (lambda h: h.pop("tokenizer"), f"damaged token file (header lacks 'tokenizer'). {AGAIN}"),
    (lambda h: h.update(tokenizer={}), "damaged token file (header.tokenizer lacks 'tokenizer')."
     f" {AGAIN}"),
    (lambda h: h.update(tokenizer={"tokenizer": {}}), "damaged token file"
     f" (header.tokenizer.tokenizer must be a text, got {{}}). {AGAIN}"),
    (lambda h: h.update(axes=5), "damaged token file (header.axes must be a list (a text each), got"
     f" 5). {AGAIN}"),
    (lambda h: h.update(expansion=[["a", -1]]), "damaged token file (header.expansion[0][1] must be"
     f" a whole number from 0 on, got -1). {AGAIN}"),
    (lambda h: h.pop("state"), f"damaged token file (header lacks 'state'). {AGAIN}"),
    (lambda h: h["state"].pop("grid"), "the tokens lack 'grid', which decoding needs. Make them"
     " again: multitok encode FILE -o TOKENS.npz"),
    (lambda h: h["state"].update(grid=[2]), "damaged token file (state.grid must be a list of 2 (a"
     f" whole number from 0 on each), got [2]). {AGAIN}"),
    (lambda h: h["info"].pop("modality"), "modality must be one of text, image, video, audio,"
     " series, actions, pdf, got None"),
    (lambda h: h["info"].pop("width"), "image lacks 'width'"),
    (lambda h: h["info"].update(depth=3), "image has no 'depth'. It has: width, height"),
    (lambda h: h["info"].update(width="x"), "image width must be a whole number, got 'x'"),
    (lambda h: h.update(info={"modality": "series", "steps": 3}), "damaged token file (patch makes"
     f" tokens of image, and these are of series). {AGAIN}"),
    (lambda h: h.update(schema=7), "token file of schema 7, this version reads 1"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), HEADERS, ids=[message for _, message in HEADERS])
def test_a_header_of_tokens_that_is_shaped_wrong_is_named(saved, change, message):
    assert saved(change) == message


ARRAYS = [
    ({"special": np.array(5)}, "special must be an array of booleans, (any), got int64 ()"),
    ({"special": None}, "special must be an array of booleans, (any), got None"),
    ({"values": np.zeros((6, 2, 2), np.float32)}, "values must be an array of floats, (any, any),"
     " got float32 (6, 2, 2)"),
    ({"positions": np.zeros((6, 2))}, "positions must be an array of whole numbers or unsigned"
     " numbers, (any, any), got float64 (6, 2)"),
    ({"inputs/x": np.array(["a"])}, "inputs/x must be an array of numbers, got <U1"),
]  # fmt: skip


@pytest.mark.parametrize(("arrays", "message"), ARRAYS, ids=[message for _, message in ARRAYS])
def test_an_array_of_tokens_that_is_shaped_wrong_is_named(saved, arrays, message):
    assert saved(**arrays) == f"damaged token file ({message}). {AGAIN}"


def test_parts_of_tokens_that_do_not_go_together_are_refused(saved):
    said = saved(lambda h: h["state"].update(grid=[9, 9]))
    assert said.startswith("the tokens do not fit the patch tokenizer that they name (")


TOKENIZERS = [
    (5, "it must be an object, got 5"),
    ({}, "it lacks 'model'"),
    ({"model": 2}, "model must be an object, got 2"),
    ({"model": {"type": "BPE", "merges": []}}, "model lacks 'vocab'"),
    ({"model": {"type": "BPE", "vocab": 5}}, "model.vocab must be an object or a list, got 5"),
    ({"model": {}, "added_tokens": ["a"]}, "added_tokens[0] must be an object, got 'a'"),
    ({"model": {}, "added_tokens": [{"id": 1}]}, "added_tokens[0] lacks 'content'"),
    ({"model": {}, "normalizer": 5}, "normalizer must be an object, got 5"),
    ({"model": {}, "pre_tokenizer": 5}, "pre_tokenizer must be an object, got 5"),
    ({"model": {}, "pre_tokenizer": {"type": "Sequence", "pretokenizers": 5}},
     "pretokenizers must be a list, got 5"),
    ({"model": {}, "post_processor": {
        "type": "TemplateProcessing", "pair": [], "special_tokens": {},
        "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}]}},
     "its template names '[CLS]', which is none of its special tokens"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), TOKENIZERS)
def test_a_tokenizer_file_that_is_shaped_wrong_is_named(tmp_path, content, message):
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(content))
    with pytest.raises(multitok.SourceError) as refused:
        build("hf", {"path": str(path)}).count(multitok.Text("hello"))
    assert str(refused.value) == f"{path}: not a tokenizer.json ({message})"


def test_a_word_without_a_token_is_refused(tmp_path):
    path = tmp_path / "tokenizer.json"
    model = {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "[UNK]"}
    path.write_text(json.dumps({"version": "1.0", "model": model, "added_tokens": []}))
    with pytest.raises(multitok.MediaError) as refused:
        build("hf", {"path": str(path)}).count(multitok.Text("hello"))
    assert str(refused.value) == (
        f"{path} cannot take this text: WordLevel error: Missing [UNK] token from the vocabulary"
    )


TEMPLATES = [
    ({"chat_template": [5]}, "chat_template[0] must be an object, got 5"),
    ({"chat_template": [{"name": "default"}]}, "chat_template[0] lacks 'template'"),
    ([], "it must be an object, got []"),
]


@pytest.mark.parametrize(("config", "message"), TEMPLATES)
def test_a_template_s_settings_that_are_shaped_wrong_are_named(tmp_path, config, message):
    from multitok.requests.template import open_template

    (tmp_path / "tokenizer.json").write_text("{}")
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    with pytest.raises(multitok.SourceError) as refused:
        open_template(tmp_path)
    assert str(refused.value) == f"{tmp_path / 'tokenizer_config.json'}: {message}"


def test_whatever_a_template_raises_is_its_own_error():
    pytest.importorskip("jinja2")
    from multitok.requests.template import JinjaTemplate

    with pytest.raises(multitok.PayloadError, match="its chat template failed: 'int' object has"):
        JinjaTemplate("{{ 1|dictsort }}", {}, "folder", len).render([])


LLAVA = {"image_processor_type": "LlavaNextImageProcessor", "size": {"shortest_edge": 336}}
QWEN = {"image_processor_type": "Qwen2VLImageProcessor", "patch_size": 14, "merge_size": 2,
        "temporal_patch_size": 2, "min_pixels": 3136, "max_pixels": 12845056}  # fmt: skip
CHECKPOINTS = [
    ({**LLAVA, "image_grid_pinpoints": [1]},
     "image_grid_pinpoints[0] must be a list of 2 (a whole number each), got 1"),
    ({**LLAVA, "image_grid_pinpoints": [["a", 2]]},
     "image_grid_pinpoints[0][0] must be a whole number, got 'a'"),
    ({**QWEN, "image_mean": ["file:///etc/passwd", 1, 1]},
     "image_mean[0] must be a number, got 'file:///etc/passwd'"),
    ({**QWEN, "resample": [3]}, "resample must be a whole number, got [3]"),
    ({**QWEN, "patch_size": 0}, "patch_size must be at least 1, got 0"),
]  # fmt: skip


@pytest.mark.parametrize(("preprocessor", "message"), CHECKPOINTS)
def test_a_checkpoint_that_is_shaped_wrong_is_named(tmp_path, preprocessor, message):
    from multitok.catalog.from_hf import row_from_folder

    path = tmp_path / "preprocessor_config.json"
    path.write_text(json.dumps(preprocessor))
    beside = {"patch_size": 14, "vision_feature_select_strategy": "default"}
    (tmp_path / "processor_config.json").write_text(json.dumps(beside))
    with pytest.raises(multitok.CatalogError) as refused:
        row_from_folder(tmp_path)
    assert str(refused.value) == f"{path}: {message}"


ROW = """
provider = "acme"
[[model]]
id = "a"
[model.image]
tokenizer = "image-flat"
kind = "exact"
source = "a page"
params = { tokens = 9 }
"""
OPTION = "[model.image.options.detail]\n"
ROWS = [
    ('overhead = inf\n[[model]]\nid = "a"', "overhead must be a table, got inf"),
    (ROW + OPTION + "default = ['a']\na = {}", "options.detail.default must be a text, got ['a']"),
    (ROW + OPTION + "default = 1\nparam = ['a']", "options.detail.param must be a text, got ['a']"),
    (ROW + OPTION + 'default = "a"\na = { tokenizer = ["b"] }',
     "options.detail.a.tokenizer must be a text, got ['b']"),
    (ROW + OPTION + 'default = "a"\na = 5', "options.detail.a is no table."),
    (ROW.replace('"acme"', "5"), "provider must be a string, got 5"),
    (ROW.replace('kind = "exact"', "use = ['a']"), "image.use: no rule ['a']. There are: none"),
    ("a = " + "[" * 100_000, "recursion"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), ROWS, ids=[message for _, message in ROWS])
def test_a_catalogue_row_that_is_shaped_wrong_is_named(tmp_path, text, message):
    from multitok.catalog.rows import read_rows

    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(multitok.CatalogError) as refused:
        read_rows(path)
    assert message in str(refused.value)


SIDECARS = [
    ("[", "not JSON (Expecting value: line 1 column 2 (char 1))"),
    ("5", "it must be an object, got 5"),
    ('{"scale": "a"}', "scale must be a number above 0 or None, got 'a'"),
    ('{"time_horizon": "data:image/png"}',
     "time_horizon must be a whole number from 1 on or None, got 'data:image/png'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), SIDECARS)
def test_what_stands_beside_a_fast_file_is_checked(tmp_path, text, message):
    from multitok.modalities.actions import fast_vocabulary

    path = tmp_path / "tokenizer.json"
    path.write_bytes(fast_vocabulary.BUNDLED.read_bytes())
    (tmp_path / "processor_config.json").write_text(text)
    with pytest.raises(multitok.SourceError) as refused:
        build("fast", {"path": str(path)}).resolved_scale()
    assert str(refused.value) == f"{tmp_path / 'processor_config.json'}: {message}"
