"""Notes, modules of trackers and playlists have sound made and hold none: they are refused."""

import pytest

from multitok.core.errors import SourceError
from multitok.loaders.door import examine, load
from multitok.loaders.sniff import Kind, sniff
from multitok.loaders.source import source_of

MIDI = b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0"
RMID = b"RIFF\x2a\0\0\0RMIDdata\x1e\0\0\0" + MIDI
MOD = b"a song".ljust(20, b"\0") + bytes(31 * 30) + b"\x01\x7f" + bytes(128) + b"M.K." + bytes(1024)
XM = b"Extended Module: a song              \x1aa tracker           \x04\x01" + bytes(276)
S3M = b"a song".ljust(28, b"\0") + b"\x1a\x10" + bytes(14) + b"SCRM" + bytes(48)
IT = b"IMPMa song" + bytes(182)
M3U = b"#EXTM3U\n#EXTINF:123,A song\nsong.mp3\n"
PLS = b"[playlist]\nFile1=song.mp3\nNumberOfEntries=1\nVersion=2\n"
ASX = b'<asx version="3.0"><entry><ref href="song.wma"/></entry></asx>'
CUE = b'REM DATE 1999\nFILE "song.wav" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n'

NOTES = (
    "MIDI holds notes, and no sound that is heard: render it to WAV (with FluidSynth, say) first"
)
MODULE = (
    "a tracker's module holds notes for a player, and no sound that is heard: render it to WAV"
    " (openmpt123 --render) first"
)
PLAYLIST = (
    "a playlist names sounds or clips and holds none: name the files in it, or count its own words"
    " with --as text"
)
ALL = {
    "mid": (MIDI, NOTES), "rmi": (RMID, NOTES), "mod": (MOD, MODULE), "xm": (XM, MODULE),
    "s3m": (S3M, MODULE), "it": (IT, MODULE), "m3u": (M3U, PLAYLIST), "m3u8": (M3U, PLAYLIST),
    "pls": (PLS, PLAYLIST), "asx": (ASX, PLAYLIST), "cue": (CUE, PLAYLIST),
}  # fmt: skip
SUBTITLES = {
    "srt": b"1\n00:00:01,000 --> 00:00:02,000\nHello\n",
    "vtt": b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n",
    "ass": b"[Script Info]\nTitle: a film\n\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,,Hello",
}


@pytest.mark.parametrize("suffix", ALL)
@pytest.mark.parametrize("modality", [None, "audio", "video"])
@pytest.mark.parametrize("read", [examine, load])
def test_what_holds_no_sound_is_refused_with_what_to_do(read, modality, suffix, tmp_path):
    content, why = ALL[suffix]
    for path in (tmp_path / f"a.{suffix}", tmp_path / "nameless", tmp_path / "a.wav"):
        path.write_bytes(content)
        with pytest.raises(SourceError) as refused:
            read(path, modality=modality)
        assert str(refused.value) == f"{path}: {why}"
    with pytest.raises(SourceError) as refused:
        read(content, modality=modality)
    assert str(refused.value) == f"<bytes>: {why}"


def test_a_playlist_without_a_first_word_is_known_by_its_name(tmp_path):
    path = tmp_path / "a.m3u"
    path.write_text("song.mp3\nother.mp3\n", "utf-8")
    for modality in (None, "audio"):
        with pytest.raises(SourceError) as refused:
            examine(path, modality=modality)
        assert str(refused.value) == f"{path}: {PLAYLIST}"


@pytest.mark.parametrize("suffix", ["m3u", "pls", "asx", "cue"])
def test_a_playlist_is_counted_as_text_where_that_is_asked_for(suffix):
    content, _ = ALL[suffix]
    assert examine(content, modality="text").info.bytes == len(content)


@pytest.mark.parametrize(
    "text",
    [
        b"module example.com/a\n\ngo 1.22\n",  # a go.mod
        b"IMPM is a mark", b"Extended Module: a heading", b"MThd is a mark",
        b"#EXTM3 is cut off", b"[playlists]\n", b"<asxes/>",
        b"title of a book\nfile a report wave\n", b'package a\nfile: "song.wav"\n',
    ],
)  # fmt: skip
def test_a_text_that_reads_like_one_is_a_text(text):
    assert sniff(source_of(text)) == Kind("text", "text")


@pytest.mark.parametrize("suffix", SUBTITLES)
def test_subtitles_are_text_without_a_word(suffix, tmp_path):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(SUBTITLES[suffix])
    assert (examine(path).modality, examine(path).notes) == ("text", ())


@pytest.mark.parametrize("modality", ["audio", "video"])
@pytest.mark.parametrize("content", [*SUBTITLES.values(), b"a,b\n1,2\n"])
def test_text_is_no_sound_and_no_clip(content, modality):
    with pytest.raises(SourceError) as refused:
        examine(content, modality=modality)
    assert str(refused.value) == (
        f"<bytes>: text, and no {modality} that multitok can read: leave out --as {modality}, or"
        " pass --as text"
    )


def test_a_text_by_the_name_of_a_sound_is_refused_alike_with_the_word_and_without(tmp_path):
    path = tmp_path / "a.mp3"
    path.write_text("not found", "utf-8")
    for modality in (None, "audio"):
        with pytest.raises(SourceError) as refused:
            examine(path, modality=modality)
        assert str(refused.value) == (
            f"{path}: not an audio multitok can read (looks like text). To count it as text, pass"
            " --as text"
        )
