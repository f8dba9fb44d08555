"""An ASF is a clip or a sound by its streams, whatever its name says."""

import struct

import pytest
from clips import clip
from sounds import sound

from multitok.loaders.door import examine, load
from multitok.loaders.sniff import sniff
from multitok.loaders.source import source_of

OBJECT = bytes(range(16))
"""The GUID of an object that nobody knows."""


FILE = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
"""That of the file properties, which tell the size of the file."""


def with_object(asf, content):
    """The file with an object before all others in its header."""
    length, number = struct.unpack_from("<QI", asf, 16)
    added = OBJECT + struct.pack("<Q", 24 + len(content)) + content
    head = asf[:16] + struct.pack("<QI", length + len(added), number + 1)
    made = bytearray(head + asf[28:30] + added + asf[30:])
    struct.pack_into("<Q", made, made.index(FILE) + 40, len(made))
    return bytes(made)


@pytest.fixture(scope="module")
def contents(tmp_path_factory):
    path = clip(tmp_path_factory.mktemp("asf") / "a.wmv", frames=12, codec="wmv2")
    return {"video": path.read_bytes(), "audio": sound("wmav2", "asf", rate=44_100)}


@pytest.mark.parametrize("modality", ["video", "audio"])
@pytest.mark.parametrize("name", ["a.wmv", "a.wma", "a.asf", "nameless"])
def test_the_streams_tell_whatever_the_name(name, modality, contents, tmp_path):
    path = tmp_path / name
    path.write_bytes(contents[modality])
    probed = examine(path)
    assert (probed.modality, probed.format, probed.notes) == (modality, "ASF", ())
    assert load(path).info == probed.info


@pytest.mark.parametrize("modality", ["video", "audio"])
def test_the_streams_tell_where_there_is_no_name(modality, contents):
    assert examine(contents[modality]).modality == modality


@pytest.mark.parametrize("modality", ["video", "audio"])
def test_streams_are_found_behind_a_cover_of_any_size(modality, contents):
    probed = examine(with_object(contents[modality], bytes(100_000)))
    assert (probed.modality, probed.notes) == (modality, ())
    assert probed.info == examine(contents[modality]).info


def test_a_clip_in_the_extension_of_the_header_is_found(contents):
    """The properties of a rendition may stand inside an extended object alone."""
    asf = contents["audio"]
    properties = bytes.fromhex("9107dcb7b7a9cf118ee600c00c205365")
    video = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")
    inner = properties + struct.pack("<Q", 78) + video + bytes(38)
    extended = bytes.fromhex("cba5e61472c632438399a96952065b5a")
    extended += struct.pack("<Q", 24 + 64 + len(inner)) + bytes(64) + inner
    extension = bytes.fromhex("b503bf5f2ea9cf118ee300c00c205365")
    extension += struct.pack("<Q", 46 + len(extended)) + bytes(22) + extended
    length, number = struct.unpack_from("<QI", asf, 16)
    head = asf[:16] + struct.pack("<QI", length + len(extension), number + 1) + asf[28:30]
    made = head + extension + asf[30:]
    assert sniff(source_of(made)).modality == "video"


def test_a_header_that_is_cut_off_tells_what_is_left(contents):
    whole = contents["audio"]
    at = whole.index(bytes.fromhex("9107dcb7b7a9cf118ee600c00c205365"))
    assert sniff(source_of(whole[: at + 60])).modality == "audio"
    assert sniff(source_of(whole[:at])).modality == "video"
