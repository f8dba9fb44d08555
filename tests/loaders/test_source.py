"""What a user may point at, and what is said of what cannot be read."""

import errno
import io
import os
import socket
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from pictures import saved

from multitok.core.errors import SourceError, UnknownNameError
from multitok.loaders.door import examine, load
from multitok.loaders.sniff import Kind, by_magic, looks_like_text, sniff
from multitok.loaders.source import HEAD, TAIL, Reader, Source, source_of

PNG = saved("PNG")


def refused(source, **options) -> str:
    """The message with which both doors refuse a source."""
    messages = []
    for door in (examine, load):
        with pytest.raises(SourceError) as error:
            door(source, **options)
        messages.append(str(error.value))
    assert messages[0] == messages[1]
    return messages[0]


def test_every_way_to_point_at_a_picture(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    url = "data:image/png;base64," + b64encode(PNG).decode()
    for source in (str(path), path, PNG, bytearray(PNG), url):
        assert str(examine(source).info) == "48 x 20"
    with path.open("rb") as file:
        assert str(examine(file).info) == "48 x 20"
        assert load(file) == load(path)  # a file is read again from its start
        assert not file.closed
    stdin = io.TextIOWrapper(io.BytesIO(PNG))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert examine("-").name == "<stdin>"


def test_a_pipe_is_read_once_and_kept():
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as out:
        out.write(PNG)
    with os.fdopen(reading, "rb") as pipe:
        source = source_of(pipe)
        assert source.size == len(PNG)
        assert source.read() == source.read() == PNG


def test_a_long_pipe_is_kept_on_disk(monkeypatch):
    monkeypatch.setattr("multitok.loaders.source._SPOOL", 100)
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as out:
        out.write(PNG)
    with os.fdopen(reading, "rb") as pipe:
        source = source_of(pipe)
    assert source.data is None
    assert source.size == len(PNG)
    assert source.read() == PNG
    assert load(source) == load(PNG)


def test_the_first_bytes_are_read_once(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(PNG + bytes(HEAD))
    opened, stated = [], []
    real_open, real_stat = os.open, os.stat
    monkeypatch.setattr(os, "open", lambda *a, **k: opened.append(a) or real_open(*a, **k))
    monkeypatch.setattr(os, "stat", lambda *a, **k: stated.append(a) or real_stat(*a, **k))
    examine(str(path))
    assert (len(opened), len(stated)) == (1, 1)


def test_no_such_file():
    assert refused("photo.jpg") == "photo.jpg: no such file"
    assert refused("") == "'': no such file"
    assert refused("hello world") == (
        "hello world: no such file. To count it as text, pass --text or multitok.Text"
    )
    assert refused("x" * 5000) == (
        "x" * 100 + "...: the name is too long for a file. To count it as text, pass --text or"
        " multitok.Text"
    )
    assert refused("a\0b.png") == (
        "a\0b.png: no file has a null byte in its name. To count it as text, pass --text or"
        " multitok.Text"
    )


def test_nothing_is_fetched():
    for url in ("https://example.org/a.png", "HTTP://example.org/a.png", "s3://bucket/a.png"):
        assert refused(url) == (
            f"{url}: multitok fetches nothing: download the file, or give its size"
        )


def test_a_directory(tmp_path):
    assert refused(tmp_path) == (
        f"{tmp_path}: a directory, not a file. Name the files in it, or: multitok count -r"
    )


def test_a_file_below_a_file(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    assert refused(tmp_path / "a" / "b.png") == f"{tmp_path}/a/b.png: not a directory"


def test_a_named_pipe_does_not_hang(tmp_path):
    path = tmp_path / "pipe.jpg"
    os.mkfifo(path)
    assert refused(path) == (
        f"{path}: a named pipe, not a file. Pipe it in instead, with - for stdin"
    )


def test_a_device_and_a_socket(tmp_path):
    assert refused("/dev/zero") == "/dev/zero: a device, not a file. Pass a regular file"
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        assert refused(path) == f"{path}: a socket, not a file. Pass a regular file"


def test_a_symbolic_link_that_leads_back_to_itself(tmp_path):
    path = tmp_path / "loop.png"
    path.symlink_to(path)
    assert refused(path) == f"{path}: a symbolic link that leads back to itself"


def test_permission_denied(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(PNG)

    def denied(*given, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", denied)
        assert refused(path) == f"{path}: permission denied"
    monkeypatch.setattr(os, "stat", denied)
    assert refused(str(path)) == f"{path}: permission denied"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permission_denied_by_the_system(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    path.chmod(0)
    assert refused(path) == f"{path}: permission denied"


def test_an_empty_picture(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"")
    assert refused(path) == f"{path}: the file is empty"


def test_a_header_cut_short(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(PNG[:20])
    assert refused(path) == f"{path}: damaged PNG header: cut short"


def test_a_text_named_png(tmp_path):
    path = tmp_path / "a.png"
    path.write_text("Dear diary")
    assert refused(path) == (
        f"{path}: not an image multitok can read (looks like text). To count it as text, pass"
        " --as text"
    )


def test_a_wrong_extension_is_a_note(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(PNG)
    probed = examine(path)
    assert (probed.format, probed.notes) == ("PNG", ("named .jpg, but holds PNG",))
    assert load(path) == load(PNG)


def test_a_wrong_media_type_is_a_note():
    """Some providers refuse a picture that is declared as another format."""
    url = "data:image/jpeg;base64," + b64encode(PNG).decode()
    assert examine(url).notes == ("declared as image/jpeg, but holds PNG",)


def test_a_byte_of_the_command_line_is_that_byte_in_a_data_url():
    """Python keeps a byte of the command line that is no UTF-8 as half of a surrogate pair."""
    url = os.fsdecode(b"data:text/plain;charset=latin-1,caf\xe9")
    assert source_of(url).read() == b"caf\xe9"


@pytest.mark.parametrize("form", ["data:text/plain,a{}", "data:image/png;base64,{}AAA", "{}.png"])
def test_half_of_a_pair_in_what_points_at_data_is_refused(form):
    assert "half of a surrogate pair" in refused(form.format("\ud800"))


def test_broken_data_urls():
    assert refused("data:image/png;base64") == (
        "data:image/png;base64: a data: URL needs a comma before its data"
    )
    assert refused("data:image/png;base64,????") == (
        "data:image/png;base64: the data is not base64: '????'..."
    )
    assert refused("data:image/png;base64,") == "data:image/png;base64: the file is empty"


def test_data_urls_are_forgiving_where_browsers_are():
    packed = b64encode(PNG).decode().rstrip("=")
    for payload in (packed[:40] + "\n " + packed[40:], packed.replace("+", "%2B"), packed):
        assert examine("data:image/png;base64," + payload).notes == ()
    assert source_of("data:text/plain,a%20b").read() == b"a b"
    assert source_of("data:,x").suffix == ""
    assert source_of("data:text/csv,1").suffix == "csv"


def test_a_file_opened_as_text():
    assert refused(io.StringIO("x")) == "<file>: open the file in binary mode ('rb'), got text"


def test_something_else():
    assert refused(3.5) == (
        "cannot read 'float': pass a path, '-', bytes, an open binary file, a data: URL, a PIL"
        " image, an array, a data frame, a medium (multitok.Text('...')) or a shape"
        " (multitok.ImageInfo(1920, 1080))"
    )


def test_bytes_of_no_known_format(tmp_path):
    assert refused(b"\x01\x02\x03\x04\x05") == (
        "<bytes>: not a file multitok can read (starts with 01 02 03 04 05). To read it as text,"
        " pass --as text --encoding NAME"
    )
    assert refused(b"\x01\x02", modality="image") == "<bytes>: not an image multitok can read"


def test_pictures_that_are_not_read(tmp_path):
    drawing, raw = (tmp_path / name for name in ("a.svg", "a.NEF"))
    drawing.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    raw.write_bytes(b"MM\0*" + bytes(100))
    assert refused(drawing) == (
        f"{drawing}: not an image multitok can read (SVG is a drawing, which has no pixels until"
        " it is rendered: render it to PNG, or count its source with --as text)"
    )
    assert refused(raw) == (
        f"{raw}: camera raw (.nef) holds a sensor's readings, not a picture: develop it to JPEG or"
        " PNG first"
    )


def test_unknown_words_to_read_with():
    with pytest.raises(UnknownNameError) as error:
        examine(PNG, max_pixel=3)
    assert str(error.value) == (
        "unknown read option 'max_pixel'. Did you mean 'max_pixels'? There are: encoding,"
        " max_pixels, background, columns, episode, time, id, rows_are_series, fps, start, end,"
        " strict, hz, stored"
    )
    with pytest.raises(UnknownNameError) as error:
        examine(PNG, modality="picture")
    assert str(error.value) == (
        "unknown modality 'picture'. There are: text, image, video, audio, series, actions, pdf"
    )


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"RIFF\0\0\0\0WAVEfmt ", ("audio", "WAV")),
        (b"RIFF\0\0\0\0AVI LIST", ("video", "AVI")),
        (b"\0\0\0\x20ftypisom\0\0\0\0isom", ("video", "MP4")),
        (b"\0\0\0\x20ftypM4A \0\0\0\0", ("audio", "MP4")),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heic", ("image", "HEIC")),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", ("image", "AVIF")),
        (b"\0\0\0\x08wide\0\0\0\0mdat", ("video", "QuickTime")),
        (b"FORM\0\0\0\0AIFFCOMM", ("audio", "AIFF")),
        (b"ID3\x04\0\0", ("audio", "MP3")),
        (b"%PDF-1.7", ("pdf", "PDF")),
        (b"P6\n2 2\n255\n", ("image", "PPM")),
        (b"HIERARCHY\nROOT Hips", ("actions", "BVH")),
        (b"\x93NUMPY\x01\0", ("series", "NPY")),
    ],
)
def test_magic(head, found):
    assert by_magic(head) == found


@pytest.mark.parametrize(
    "text",
    [b"FORMAT of a letter", b"ID3 tags explained", b"HIERARCHY of needs", b"BM is a name", b"P60"],
)
def test_a_text_that_starts_like_a_file_is_a_text(text):
    assert sniff(source_of(text)) == Kind("text", "text")


@given(
    size=st.sampled_from([0, 1, HEAD - 1, HEAD, HEAD + 1, HEAD + TAIL - 1, HEAD + TAIL, 3 * HEAD]),
    reads=st.lists(st.tuples(st.integers(0, 3 * HEAD + 9), st.integers(0, 2 * HEAD)), max_size=8),
)
def test_a_reader_gives_the_bytes_of_the_file_wherever_it_looks(size, reads, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / f"{size}.bin"
    data = bytes(i * 7 % 251 for i in range(size))
    path.write_bytes(data)
    for given_ in (path, data):
        with Reader(source_of(given_)) as reader:
            for offset, length in reads:
                assert reader.at(offset, length) == data[offset : offset + length]


@pytest.mark.parametrize("size", [2**31, 2**63, 2**70])
def test_a_reader_that_is_asked_for_more_than_a_file_has_gives_its_end(size, tmp_path):
    """A header names any size."""
    (tmp_path / "a").write_bytes(bytes(range(256)) * 40)
    with Reader(source_of(tmp_path / "a")) as reader:
        assert reader.at(5000, size) == (bytes(range(256)) * 40)[5000:]


def test_what_looks_like_text():
    assert looks_like_text("añ".encode()[:2])  # cut in the middle of a character
    assert looks_like_text(b"\xff\xfea\0")
    assert looks_like_text(b"\0\0\xfe\xff\0\0\0a")
    assert not looks_like_text(b"a\0b")
    assert not looks_like_text(b"caf\xe9 noir, and more of it")


def test_bytes_of_a_named_encoding_are_text():
    assert load("née".encode("latin-1"), encoding="latin-1").text == "née"
    assert examine(PNG, encoding="latin-1").modality == "image"


def test_typescript_is_not_a_time_series(tmp_path):
    code, series = tmp_path / "a.ts", tmp_path / "b.ts"
    code.write_text("export const x: number = 1;\n")
    series.write_text("#comment\n@problemName X\n@data\n1,2,3\n")
    assert sniff(source_of(code)) == Kind("text", "text")
    assert sniff(source_of(series)) == Kind("series", "TS")


def test_a_reader_reads_beyond_the_head(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(bytes(range(256)) * 64)
    for source in (source_of(path), source_of(path.read_bytes()), source_of(path.open("rb"))):
        with Reader(source) as reader:
            assert reader.at(2, 3) == b"\x02\x03\x04"
            assert reader.at(HEAD - 1, 2) == b"\xff\0"
            assert reader.at(10_000, 2) == reader.at(10_000 % 256, 2)
            assert reader.at(256 * 64 - 1, 9) == b"\xff"
        if source.file:
            source.file.close()


def test_a_picture_is_probed_without_numpy_and_without_pillow(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    code = (
        "import sys; from multitok import probe; print(probe(sys.argv[1]));"
        "print(sorted({'numpy', 'PIL', 'cv2', 'av'} & {m.split('.')[0] for m in sys.modules}))"
    )
    root = Path(__file__).parents[2] / "src"
    ran = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert ran.stdout == "48 x 20\n[]\n"


def test_a_source_says_what_it_is():
    assert repr(Source("<bytes>", data=b"abc", size=3)) == "Source('<bytes>', size=3)"
    assert Source("a/b.TAR", size=1).suffix == "tar"
    assert Source("a/b.TAR", size=1).path == Path("a/b.TAR")
    assert Source("<bytes>", data=b"").path is None


def test_two_readers_of_one_open_file_do_not_lead_each_other_astray():
    source = source_of(io.BytesIO(bytes(range(100))))
    with source.open() as one, source.open() as other:
        assert one.read(5) == bytes(range(5))
        assert other.seek(-2, 2) == 98
        assert other.read() == b"\x62\x63"
        assert (one.read(1), one.tell(), one.seek(2, 1)) == (b"\x05", 6, 8)
    assert source.head()[:2] == b"\0\1"
