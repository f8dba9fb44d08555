"""A source that gives fewer bytes than it was asked for is read like any other.

A raw file may do so anywhere: base64 inside a request does at the end of each block.
"""

import io
import struct
from base64 import b64encode

import pytest
from hypothesis import given, strategies as st
from pictures import exif, frames, saved

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


MADE = [png, jpeg, webp, gif, tiff, ico, avif]
EDGES = st.sampled_from([HEAD, BLOCK, 2 * BLOCK, BLOCK + HEAD])


@pytest.mark.parametrize("made", MADE, ids=lambda made: made.__name__)
@given(edge=EDGES, before=st.integers(0, 200))
def test_a_header_says_the_same_wherever_it_is_cut(tmp_path_factory, made, edge, before):
    data = made(edge - before)
    path = tmp_path_factory.getbasetemp() / f"padded.{made.__name__}"
    path.write_bytes(data)
    of_bytes = examine(data)
    others = [
        examine(path),
        examine(Base64File(b64encode(data).decode())),
        examine(Dripping(data)),
        examine(Dripping(data, seekable=False)),
    ]
    for other in others:
        assert (other.info, other.format, other.facts) == (*of_bytes[:2], of_bytes.facts)


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
