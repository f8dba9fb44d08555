"""Pictures in boxes: what a file shows decides what it is, whatever its brand."""

import io
import struct
from contextlib import suppress

import av
import numpy as np
import pytest
from clips import clip, picture
from heifs import box, ftyp, meta, mini, moov
from hypothesis import given, settings, strategies as st
from pictures import frames, quadrants, saved

from multitok.core.errors import MediaError, MissingDependencyError, SourceError
from multitok.loaders.door import examine, load
from multitok.loaders.heif import STILL_BRANDS
from multitok.loaders.sniff import sniff
from multitok.loaders.source import source_of

MDAT = box(b"mdat", bytes(100))


def whole(*parts: bytes) -> bytes:
    return b"".join((*parts, MDAT))


@pytest.mark.parametrize("brand", sorted(STILL_BRANDS))
def test_every_brand_of_pictures_is_one(brand):
    probed = examine(whole(ftyp(brand), meta(640, 480)))
    assert (probed.modality, str(probed.info), probed.notes) == ("image", "640 x 480", ())


@pytest.mark.parametrize("major", [b"isom", b"mp42", b"abcd", b"qt  "])
def test_a_brand_among_the_others_is_enough_where_there_is_no_track(major):
    found = sniff(source_of(whole(ftyp(major, b"mif1", b"heic"), meta(640, 480))))
    assert found == ("image", "HEIC", ())


@pytest.mark.parametrize("major", [b"isom", b"mp42", b"abcd"])
def test_a_clip_with_a_cover_stays_a_clip(major):
    data = whole(ftyp(major, b"mif1", b"heic"), meta(64, 48), moov(b"vide", 640, 480))
    assert sniff(source_of(data))[:2] == ("video", "MP4")


def test_a_picture_whose_boxes_stand_behind_its_pixels():
    data = ftyp(b"mif1", b"avif") + box(b"mdat", bytes(9000)) + meta(640, 480)
    probed = examine(data)
    assert (probed.format, str(probed.info)) == ("AVIF", "640 x 480")


def test_a_sequence_without_a_primary_picture_is_read_from_its_track():
    probed = examine(whole(ftyp(b"msf1", b"hevc"), moov(b"pict", 640, 480, samples=8)))
    assert (probed.format, str(probed.info)) == ("HEIC", "640 x 480")
    assert probed.facts == {"frames": 8}
    assert probed.notes == (
        "animated, 8 frames: the first frame is counted; to count a video, pass --as video",
    )


def test_the_matrix_of_a_track_turns_it():
    probed = examine(whole(ftyp(b"msf1", b"hevc"), moov(b"pict", 640, 480, turned=True)))
    assert (str(probed.info), probed.facts) == (
        "480 x 640",
        {"orientation": 6, "stored": (640, 480)},
    )


def test_the_first_track_that_is_enabled_is_shown():
    off, on = moov(b"pict", 64, 48, flags=0), moov(b"pict", 640, 480)
    both = box(b"moov", off[8:], on[8:])
    assert str(examine(whole(ftyp(b"msf1", b"hevc"), both)).info) == "640 x 480"


@given(width=st.integers(1, 32768), height=st.integers(1, 32768), turn=st.integers(1, 8))
def test_a_picture_in_a_mini_box(width, height, turn):
    probed = examine(ftyp(b"mif3", version=b"heic") + mini(width, height, turn))
    shown = (height, width) if turn > 4 else (width, height)
    assert (probed.format, probed.info.width, probed.info.height) == ("HEIC", *shown)
    assert probed.facts.get("orientation", 1) == turn


@pytest.mark.parametrize(
    ("codec", "form"), [(b"avif", "AVIF"), (b"heic", "HEIC"), (b"j2ki", "HEIF")]
)
def test_a_mini_box_is_named_by_the_version_of_its_brand(codec, form):
    assert examine(ftyp(b"mif3", version=codec) + mini(20, 10)).format == form


def test_a_file_is_believed_only_as_far_as_its_bytes_reach():
    """The picture is said to lie in bytes 500 to 9500; the file ends at 409."""
    data = whole(ftyp(b"heic", b"mif1"), meta(640, 480, at=500, size=9000))
    note = f"cut short: the header says 9500 bytes, the file has {len(data)}"
    assert (str(examine(data).info), examine(data).notes) == ("640 x 480", (note,))
    with pytest.raises(SourceError) as error:
        examine(data, strict=True)
    assert str(error.value) == f"<bytes>: {note}"


@pytest.mark.parametrize("cut", [30, 60, 150])
def test_a_picture_that_ends_in_its_header_is_cut_short_and_no_clip(cut):
    with pytest.raises(SourceError) as error:
        examine(whole(ftyp(b"heic", b"mif1"), meta(640, 480))[:cut])
    assert str(error.value) == "<bytes>: damaged HEIC header: cut short"


@pytest.mark.parametrize(
    ("brand", "item", "codec"),
    [
        (b"avci", b"avc1", "H.264"),
        (b"j2ki", b"j2k1", "JPEG 2000"),
        (b"jpeg", b"jpeg", "JPEG"),
        (b"vvic", b"vvc1", "H.266"),
        (b"mif1", b"unci", "uncompressed samples"),
    ],
)
def test_a_codec_that_is_not_decoded_here_is_no_damage(brand, item, codec):
    pytest.importorskip("pillow_heif")
    with pytest.raises(SourceError) as error:
        load(whole(ftyp(brand, b"mif1"), meta(64, 48, item, 100, 50)))
    assert str(error.value) == (
        "<bytes>: a valid HEIF picture, but not of a kind that can be decoded here"
        f" ({codec}): convert it to PNG or JPEG"
    )


def with_two_associations(data: bytes, version: int) -> bytes:
    """The AVIF of a picture and its alpha with an `ipma` box for each, the second of this version.
    What lies behind is moved: sizes and places are of four bytes in what libavif writes."""
    at = data.index(b"ipma") - 4
    size, entries = struct.unpack_from(">I8xI", data, at)
    assert entries == 2
    middle = at + 19 + data[at + 18]  # an entry: its item, how many properties, their numbers
    first, second = data[at + 16 : middle], data[middle : at + size]
    wide = b"\0\0" + second if version else second
    added = b"".join(
        box(b"ipma", struct.pack(">B3xI", number, 1), entry)
        for number, entry in ((0, first), (version, wide))
    )
    made = bytearray(data[:at] + added + data[at + size :])
    for around in (b"iprp", b"meta"):
        start = data.index(around) - 4
        (length,) = struct.unpack_from(">I", data, start)
        struct.pack_into(">I", made, start, length + len(added) - size)
    for item in range(2):  # number, file, how many extents; its one extent
        start = data.index(b"iloc") + 12 + 14 * item + 6
        (offset,) = struct.unpack_from(">I", data, start)
        struct.pack_into(">I", made, start, offset + len(added) - size)
    return bytes(made)


def test_properties_in_two_boxes_of_one_version_are_no_damage():
    clear = quadrants().convert("RGBA")
    clear.putalpha(128)
    plain = saved("AVIF", clear)
    shown = load(plain).pixels
    assert (load(with_two_associations(plain, 1)).pixels == shown).all()
    refused = with_two_associations(plain, 0)
    assert examine(refused).info == examine(plain).info
    with pytest.raises(SourceError) as error:
        load(refused)
    assert str(error.value) == (
        "<bytes>: an AVIF picture that libavif does not read, as the properties of its items stand"
        " in two ipma boxes of one version: convert it to PNG with libheif (heif-dec)"
    )


def heic(mode: str = "RGB", **how) -> bytes:
    heif = pytest.importorskip("pillow_heif")
    file = io.BytesIO()
    heif.from_pillow(quadrants(64, 40).convert(mode)).save(file, **how)
    return file.getvalue()


def primary(data: bytes, item: int) -> bytes:
    """The file with another item as its primary one."""
    number = data.index(b"pitm") + 8
    return data[:number] + struct.pack(">H", item) + data[number + 2 :]


def test_a_primary_picture_that_is_the_thumbnail_of_another_is_the_one_that_is_loaded():
    """Item 2, 16 x 10, made the primary one: libheif lists it below item 1 alone, from where
    pillow-heif gives it since 1.3."""
    pytest.importorskip("pillow_heif", minversion="1.3")
    data = primary(heic(thumbnails=[16]), 2)
    assert str(examine(data).info) == str(load(data).info) == "16 x 10"


def test_a_primary_picture_that_libheif_does_not_list_is_refused():
    """Item 2, which holds how clear item 1 is, made the primary one."""
    data = primary(heic("RGBA"), 2)
    assert str(examine(data).info) == "64 x 40"
    with pytest.raises(SourceError) as error:
        load(data)
    assert str(error.value) == (
        "<bytes>: its primary picture of 64 x 40 is none that libheif decodes: convert it to PNG"
        " or JPEG"
    )


@pytest.fixture
def sequence(tmp_path):
    """A HEIF sequence: an mp4 whose track is one of pictures."""
    made = clip(tmp_path / "made.mp4", frames=5).read_bytes()
    named = ftyp(b"msf1", b"avcs", b"iso8", b"msf1", b"miaf")
    assert len(named) == int.from_bytes(made[:4], "big")
    path = tmp_path / "sequence.heif"
    path.write_bytes(named + made[len(named) :].replace(b"\0\0\0\0vide", b"\0\0\0\0pict"))
    return path


def test_the_first_picture_of_a_sequence_is_loaded(sequence):
    assert str(examine(sequence).info) == str(load(sequence).info) == "64 x 48"
    with av.open(str(sequence)) as container:
        first = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert np.array_equal(load(sequence).pixels, first)
    assert np.abs(first.astype(int) - picture(0)).mean() < 12


def with_cover(cover: bytes, moving: bytes) -> bytes:
    """The boxes of a still and those of a sequence in one file; chunks lie as much further back."""
    own = int.from_bytes(moving[:4], "big")
    at = moving.index(b"stco") + 8
    (count,) = struct.unpack(">I", moving[at : at + 4])
    chunks = struct.unpack(f">{count}I", moving[at + 4 : at + 4 + 4 * count])
    further = struct.pack(f">{count}I", *(chunk + len(cover) - own for chunk in chunks))
    moved = moving[: at + 4] + further + moving[at + 4 + 4 * count :]
    return cover.replace(b"miaf", b"msf1", 1) + moved[own:]


def test_as_a_video_a_sequence_is_its_track_and_not_its_primary_picture(sequence):
    sequence.write_bytes(with_cover(heic(), sequence.read_bytes()))
    assert (str(examine(sequence).info), examine(sequence).facts) == ("64 x 40", {"frames": 5})
    assert str(load(sequence).info) == "64 x 40"
    clip = examine(sequence, modality="video").info
    assert (clip.width, clip.height, clip.frames) == (64, 48, 5)
    assert load(sequence, modality="video").info == clip


def test_a_turned_sequence_is_loaded_upright(sequence):
    """A quarter clockwise, by the matrix of its track: 64 x 48 stands as 48 x 64."""
    stored = load(sequence).pixels
    data = sequence.read_bytes()
    upright, turned = (
        struct.pack(">9i", *rows)
        for rows in (
            (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30),
            (0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30),
        )
    )
    at = data.index(upright, data.index(b"tkhd"))
    sequence.write_bytes(data[:at] + turned + data[at + len(turned) :])
    assert str(examine(sequence).info) == "48 x 64"
    assert np.array_equal(load(sequence).pixels, np.rot90(stored, -1))


def test_pixels_of_another_size_than_the_header_s_are_refused():
    """The primary picture of a sequence says 40 x 20; libavif shows the track, 48 x 20."""
    data = saved("AVIF", frames()[0], save_all=True, append_images=frames()[1:])
    at = data.index(b"ispe") + 8
    data = data[:at] + struct.pack(">I", 40) + data[at + 4 :]
    assert str(examine(data).info) == "40 x 20"
    with pytest.raises(SourceError) as error:
        load(data)
    assert str(error.value) == (
        "<bytes>: damaged AVIF: its header says 40 x 20, its pixels are 48 x 20"
    )


FILES = {
    "item": whole(ftyp(b"heic", b"mif1"), meta(640, 480, at=500, size=90)),
    "mini": whole(ftyp(b"mif3", version=b"heic"), mini(640, 480)),
    "track": whole(ftyp(b"msf1", b"hevc"), moov(b"pict", 640, 480, samples=8)),
}


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=150)
@given(draw=st.data())
def test_a_damaged_file_is_an_error_or_a_picture_and_never_hangs(name, draw):
    data = bytearray(FILES[name])
    for _ in range(draw.draw(st.integers(1, 6))):
        place = draw.draw(st.integers(8, len(data) - 110))
        data[place] = draw.draw(st.sampled_from([0, 1, 2, 7, 127, 128, 255]))
    for door in (examine, load):
        with suppress(SourceError, MediaError, MissingDependencyError):
            assert door(bytes(data), modality="image").info.width > 0


@pytest.mark.parametrize("data", [
    saved("AVIF"),
    saved("AVIF", frames()[0], save_all=True, append_images=frames()[1:]),
], ids=["still", "sequence"])  # fmt: skip
def test_what_is_examined_is_what_is_loaded(data):
    assert examine(data).info == load(data).info


@pytest.mark.parametrize("modality", ["video", "audio"])
def test_a_still_picture_is_nothing_to_play(modality):
    with pytest.raises(SourceError) as error:
        examine(heic(), modality=modality)
    assert str(error.value) == "<bytes>: no video and no audio track in it"
