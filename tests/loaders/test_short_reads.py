"""A source that gives fewer bytes than it was asked for is read like any other.

A raw file may do so anywhere: base64 inside a request does at the end of each block.
"""

import io
import struct
import wave
from base64 import b64encode, encodebytes
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from clips import clip, tone
from heifs import box, ftyp, meta
from hypothesis import given, settings, strategies as st
from pictures import exif, frames, quadrants, saved

import multitok
from multitok.loaders.base64_file import BLOCK, Base64File
from multitok.loaders.door import examine, load
from multitok.loaders.source import HEAD, source_of


class Dripping(io.RawIOBase):
    """Seven bytes at most, whatever is asked for."""

    def __init__(self, data, seekable=True):
        self.inner = io.BytesIO(data)
        self.seekable = lambda: seekable

    def readable(self):
        return True

    def readinto(self, buffer):
        return self.inner.readinto(memoryview(buffer)[:7])

    def seek(self, offset, whence=0):
        return self.inner.seek(offset, whence)


def chunk(kind, data):
    return struct.pack(">I4s", len(data), kind) + data + bytes(4)


def png(pad):
    """Metadata before the turn: eXIf stands after a text chunk of `pad` bytes."""
    data = saved("PNG")
    return data[:33] + chunk(b"tEXt", bytes(pad)) + chunk(b"eXIf", exif(6)[6:]) + data[33:]


def jpeg(pad):
    """A color profile of `pad` bytes, in segments, before the frame header."""
    data, block = saved("JPEG", exif=exif(6)), b""
    while pad > 0:
        size = min(pad, 60_000)
        block += b"\xff\xe2" + struct.pack(">H", size + 2) + bytes(size)
        pad -= size
    return data[:2] + block + data[2:]


def webp(pad):
    """The turn stands after the pixels, and they after a chunk of `pad` bytes."""
    data = saved("WEBP", exif=exif(6)[6:])
    padded = data[:30] + struct.pack("<4sI", b"JUNK", pad) + bytes(pad + (pad & 1)) + data[30:]
    return padded[:4] + struct.pack("<I", len(padded) - 8) + padded[8:]


def gif(pad):
    """A comment of `pad` bytes, in blocks, before the loop that makes it move."""
    data = saved("GIF", frames()[0], save_all=True, append_images=frames()[1:], loop=0)
    at = data.index(b"\x21\xff")
    blocks = b"".join(
        bytes([min(255, pad - n)]) + bytes(min(255, pad - n)) for n in range(0, pad, 255)
    )
    return data[:at] + b"\x21\xfe" + blocks + b"\0" + data[at:]


def tiff(pad):
    """The directory of tags stands `pad` bytes further back."""
    data = saved("TIFF")
    (at,) = struct.unpack("<I", data[4:8])
    moved = data + bytes(pad)
    return moved[:4] + struct.pack("<I", len(moved)) + moved[8:] + data[at:]


def ico(pad):
    """The largest picture is a PNG that stands `pad` bytes further back."""
    data = saved("PNG")
    head = struct.pack("<HHHBBBBHHII", 0, 1, 1, 0, 0, 0, 0, 1, 32, len(data), 22 + pad)
    return head + bytes(pad) + data


def avif(pad):
    """A free box of `pad` bytes before the one that tells."""
    data = saved("AVIF")
    (size,) = struct.unpack(">I", data[:4])
    return data[:size] + struct.pack(">I4s", pad + 8, b"free") + bytes(pad) + data[size:]


def heic(pad):
    return ftyp(b"heic", b"mif1") + box(b"free", bytes(pad)) + meta(640, 480)


def bmp(pad):
    return saved("BMP", quadrants(64, pad // 200 + 1))


def wav(pad):
    """A chunk of `pad` bytes between the format and the samples."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(3000))
    data, even = file.getvalue(), pad + (pad & 1)
    padded = data[:36] + struct.pack("<4sI", b"JUNK", even) + bytes(even) + data[36:]
    return padded[:4] + struct.pack("<I", len(padded) - 8) + padded[8:]


@cache
def written(suffix, **how):
    """A clip, or with a codec of sound alone a sound, of that suffix."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"made.{suffix}"
        return (tone(path, "flac") if suffix == "flac" else clip(path, **how)).read_bytes()


def flac(pad):
    """A block of padding behind the one that tells."""
    data = written("flac")
    return data[:42] + b"\1" + pad.to_bytes(3, "big") + bytes(pad) + data[42:]


def mp4(pad):
    """The index, which stands last, is `pad` bytes further back, and all that it points to too."""
    data = written("mp4", frames=3)
    at = data.index(b"moov") - 4
    return data[:at] + box(b"free", bytes(pad)) + data[at:]


def webm(pad):
    """A void element of `pad` bytes between the file's header and its one segment."""
    data = written("webm", frames=3, codec="libvpx")
    at = data.index(b"\x18\x53\x80\x67")
    return data[:at] + b"\xec\x01" + pad.to_bytes(7, "big") + bytes(pad) + data[at:]


def pdf(pad):
    """A comment of `pad` characters before the pointer to the index."""
    data = saved("PDF")
    at = data.index(b"startxref")
    return data[:at] + b"%" + b" " * pad + b"\n" + data[at:]


MADE = [png, jpeg, webp, gif, tiff, ico, avif, heic, bmp, wav, flac, mp4, webm, pdf]
EDGES = st.sampled_from([HEAD, BLOCK, 2 * BLOCK, BLOCK + HEAD])

SOURCES = {
    "base64": lambda data: Base64File(b64encode(data).decode()),
    "base64 in lines": lambda data: Base64File(encodebytes(data).decode()),
    "data: URL": lambda data: "data:;base64," + b64encode(data).decode(),
    "data: URL in lines": lambda data: "data:;base64," + encodebytes(data).decode(),
    "a file": io.BytesIO,
    "a remote file": Dripping,
    "a pipe": lambda data: Dripping(data, seekable=False),
}


@pytest.mark.parametrize("made", MADE, ids=lambda made: made.__name__)
@settings(max_examples=12)
@given(edge=EDGES, before=st.integers(0, 200))
def test_a_header_says_the_same_wherever_it_is_cut(tmp_path_factory, made, edge, before):
    data = made(edge - before)
    path = tmp_path_factory.getbasetemp() / "padded"
    path.write_bytes(data)
    of_path = examine(path)
    for name, source in {"bytes": bytes, **SOURCES}.items():
        found = examine(source(data))
        assert (name, found._replace(name="")) == (name, of_path._replace(name=""))


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("made", [jpeg, webp, wav, flac, mp4, webm, pdf], ids=lambda m: m.__name__)
def test_the_content_is_the_same_too(made, source):
    data = made(BLOCK - 50)
    assert load(SOURCES[source](data)).info == load(data).info


@pytest.mark.parametrize("made", [png, jpeg, webp], ids=lambda made: made.__name__)
@pytest.mark.parametrize("encode", [b64encode, encodebytes])
def test_a_picture_in_a_request_costs_what_its_file_costs(made, encode):
    """Around a block's end, upright: 20 x 48."""
    for before in range(0, 120, 7):
        data = made(BLOCK - before)
        url = f"data:image/{made.__name__};base64,{encode(data).decode()}"
        part = {"type": "image_url", "image_url": {"url": url}}
        content = {"model": "gpt-4o", "messages": [{"role": "user", "content": [part]}]}
        [found] = [p for p in multitok.count_request(content).parts if p.modality == "image"]
        assert found.tokens == multitok.count(data, model="gpt-4o").tokens
        assert str(found.info) == "20 x 48"


@pytest.mark.parametrize("made", [png, jpeg, webp], ids=lambda made: made.__name__)
def test_the_turn_is_found_at_every_place_of_a_block_s_end(made):
    """48 x 20, shown upright: 20 x 48."""
    shown = {
        str(examine(Base64File(b64encode(made(BLOCK - before)).decode())).info)
        for before in range(120)
    }
    assert shown == {"20 x 48"}


def test_pixels_and_text_too():
    assert load(Dripping(saved("PNG"))) == load(saved("PNG"))
    assert load(Dripping(b"hello world" * 9, seekable=False)).text == "hello world" * 9


def test_a_pipe_that_drips_is_kept_whole():
    data = bytes(range(256)) * 40
    assert source_of(Dripping(data, seekable=False)).read() == data
