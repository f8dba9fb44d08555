"""Text, documents, and whatever bytes they may be taken for."""

from __future__ import annotations

import base64
from random import Random

from mutators import words_of
from targets import target

import multitok
from multitok.core.errors import MultitokError
from multitok.loaders.base64_file import Base64File
from multitok.loaders.formats import TABLE
from multitok.loaders.placed import filled
from multitok.loaders.source import Source

ENCODINGS = [
    None, "latin-1", "utf-16", "utf-8", "shift_jis", "utf-7", "idna", "punycode", "unicode_escape",
    "raw_unicode_escape", "cp1252", "gb18030", "hz", "iso2022_jp", "utf-32", "undefined", "rot13",
    "mbcs", "utf-8-sig", "charmap", "zlib", "bz2", "\0", "../x", "utf_16_le",
]  # fmt: skip
SUFFIXES = sorted({"", "txt", "bin", *(suffix for row in TABLE for suffix in row.suffixes)})
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R"
    b"/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj\n"
    b"4 0 obj<</Length 44>>stream\nBT /F1 24 Tf 100 700 Td (Hello World) Tj ET\nendstream endobj\n"
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
)
PDF_WORDS = [
    "0 0 R", "3 0 R", "9 0 R", "2 0 R", "/Kids", "/Count", "/Type", "/Page", "/Pages", "/MediaBox",
    "[", "]", "<<", ">>", "99999999", "-5", "1e30", "0", "nan", "/Rotate 90", "/UserUnit 1e9",
    "/Encrypt 9 0 R", "stream\n", "endstream", "endobj\n", "6 0 obj", "/Length", "(", ")", "Tj",
    "/CropBox[0 0 0 0]", "/ObjStm", "xref\n", "trailer", "/Prev 0", "/Font", "/Contents",
]  # fmt: skip
BASE64_SEEDS = [
    b"\0aGVsbG8gd29ybGQ=",
    b"\0aGVs\nbG8g",
    b"\0-_-_",
    b"\0%61GVs",
    b"\0" + b"QUJD" * 5000,
]


@target(seeds=lambda: [bytes([i]) + "héllo wörld\n日本".encode() for i in range(len(ENCODINGS))])
def text(data: bytes) -> None:
    """A text in an encoding that somebody named: told, read and counted alike."""
    if not data:
        return
    encoding = ENCODINGS[data[0] % len(ENCODINGS)]
    source = Source("x.txt", data=data[1:], size=len(data) - 1)
    multitok.examine(source, modality="text", encoding=encoding)
    loaded = multitok.load(source, modality="text", encoding=encoding)
    count = multitok.count(source, model="gpt-4o", modality="text", encoding=encoding)
    assert count.tokens == multitok.count(loaded, model="gpt-4o").tokens, "a stream, and the whole"


def _signed() -> list[bytes]:
    """A text, and the first bytes of each format, under suffixes of others."""
    made = [b"\0hello, world"]
    for number, row in enumerate(TABLE):
        for sign in row.magic[:2]:
            head = bytearray(60)
            for at, bits in sign if isinstance(sign, tuple) else ((0, sign),):
                head[at : at + len(bits)] = bits
            made.append(bytes([number % 256, *head]))
    return made


@target(seeds=_signed)
def kind(data: bytes) -> None:
    """Bytes under a suffix: what they are, or that they are nothing."""
    if data:
        suffix = SUFFIXES[data[0] % len(SUFFIXES)]
        name = f"x.{suffix}" if suffix else "x"
        multitok.examine(Source(name, data=data[1:], size=len(data) - 1))


@target(
    seeds=lambda: [PDF, PDF.replace(b"/Count 1", b"/Count 9999"), PDF.replace(b"612", b"1e30")],
    mutate=words_of(PDF_WORDS),
)
def pdf(data: bytes) -> None:
    """A document: its pages, their text, and what two providers charge for them."""
    data = data if data.startswith(b"%PDF-") else b"%PDF-" + data
    if multitok.examine(data).info.pages < 200:
        multitok.load(data)
    for model in ("gpt-4o", "gemini-2.5-flash"):
        multitok.count(data, model=model)


@target(seeds=lambda: BASE64_SEEDS, longest=41_000)
def base64_file(data: bytes) -> None:
    """What is read in pieces is what the standard library decodes at once."""
    text = data[1:].decode("latin-1")
    file = Base64File(text)
    whole = file.read()
    chance = Random(len(data))
    for _ in range(3):
        start, size = chance.randrange(len(whole) + 3), chance.randrange(40)
        file.seek(start)
        assert filled(file, size) == whole[start : start + size], "read in pieces, and at once"
    try:
        standard = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
    except ValueError:
        return
    if "=" not in text.rstrip("="):
        assert standard == whole, "read here, and by the standard library"


@target(
    seeds=lambda: [b"gpt-4o", b"anthropic/claude-opus-5:beta", b"Qwen/Qwen2.5-VL-7B-Instruct@x"]
)
def model_name(data: bytes) -> None:
    """A name is a model's, or an error; no two look-ups differ."""
    name = data.decode("utf-8", "replace")
    for ask in (multitok.tokenizer_for_model, multitok.prices.price_for):
        try:
            ask(name)
        except MultitokError:
            if ask is multitok.prices.price_for:
                raise
