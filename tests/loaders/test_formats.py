"""The table of formats: each row is found by its sign, each demuxer stands in it once."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import av
import pytest
from clips import clip, tone
from pictures import saved
from sounds import sound

from multitok.core.errors import SourceError
from multitok.loaders.door import examine
from multitok.loaders.formats import BY_SUFFIX, DEMUXERS, TABLE, by_magic


def test_a_name_and_a_modality_make_one_row():
    assert len({(row.name, row.modality) for row in TABLE}) == len(TABLE)


def test_a_suffix_names_one_row():
    assert len(BY_SUFFIX) == sum(len(row.suffixes) for row in TABLE)


@pytest.mark.parametrize("row", [r for r in TABLE if r.magic], ids=lambda r: r.name)
def test_each_sign_leads_to_its_row(row):
    for sign in row.magic:
        head = bytearray(512)
        for offset, part in [(0, sign)] if isinstance(sign, bytes) else sign:
            head[offset : offset + len(part)] = part
        assert by_magic(bytes(head)) == row


def test_every_demuxer_has_a_format_that_is_known_by_its_first_bytes():
    known = {row.demuxer for row in TABLE if row.magic or row.inside}
    assert {row.demuxer for row in TABLE} - {""} <= known


def test_ffmpeg_has_each_demuxer():
    there = {name for form in av.formats_available for name in form.split(",")}
    assert {*DEMUXERS.split(",")} <= there


def test_a_raw_film_is_known_without_its_name():
    frame = b"FRAME\n" + bytes(6 * 4)  # 4 x 4, and a quarter of that twice
    film = b"YUV4MPEG2 W4 H4 F25:1 Ip A1:1 C420jpeg\n" + 5 * frame
    assert str(examine(film).info) == "4 x 4, 5 frames, 0.20 s"


def test_a_stream_of_packets_of_192_bytes_is_known_without_its_name(tmp_path):
    plain = clip(tmp_path / "a.ts", frames=5).read_bytes()
    timed = b"".join(b"\0\0\0\0" + plain[i : i + 188] for i in range(0, len(plain), 188))
    assert examine(timed).info == examine(plain).info


def test_sound_of_mpeg_layer_2_is_known_without_its_name(tmp_path):
    made = tone(tmp_path / "a.mp2", "mp2").read_bytes()
    assert (examine(made).format, examine(made).modality) == ("MP2", "audio")


def test_a_container_by_the_name_of_its_sound_needs_no_word(tmp_path):
    path = tmp_path / "a.wma"
    path.write_bytes(sound("wmav2", "asf", rate=44_100))
    assert (examine(path).modality, examine(path).notes) == ("audio", ())


def test_a_row_of_jpegs_is_a_clip_by_its_name(tmp_path):
    """It starts as a single JPEG does, which it is where no name says more."""
    path = tmp_path / "a.mjpeg"
    path.write_bytes(5 * saved("JPEG"))
    assert str(examine(path).info) == "48 x 20, 5 frames, 0.20 s"
    assert examine(path).notes == ("no timestamps in a raw stream: 25 fps is assumed",)
    assert examine(path.read_bytes()).format == "JPEG"


def test_a_stream_of_mpeg_4_is_not_called_an_mp4_without_its_index(tmp_path):
    path = clip(tmp_path / "a.m4v", frames=5, fps=25, codec="mpeg4", format="m4v")
    for source in (path, path.read_bytes()):
        assert str(examine(source).info) == "64 x 48, 5 frames, 0.20 s"
        assert (examine(source).format, examine(source).notes) == ("MPEG-4", ())


@pytest.mark.parametrize(
    ("suffix", "what"), [("adx", "sound"), ("amv", "clip"), ("xcf", "picture")]
)
def test_what_nothing_here_reads_says_what_to_convert_it_to(suffix, what, tmp_path):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(b"\x80\0\0\x20")
    target = {"sound": "WAV", "clip": "MP4", "picture": "PNG"}[what]
    with pytest.raises(SourceError) as refused:
        examine(path)
    assert str(refused.value) == (
        f"{path}: a {what} (.{suffix}) that nothing here reads: convert it to {target}"
    )


def test_the_page_has_the_table_of_today():
    path = Path(__file__).parents[2] / "tools" / "make_formats_table.py"
    spec = importlib.util.spec_from_file_location("make_formats_table", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    page = tool.PAGE.read_text("utf-8")
    assert tool.written(page) == page, "run make formats"
