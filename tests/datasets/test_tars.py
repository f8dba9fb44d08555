"""Tar archives: their members are tarfile's, and what is damaged or cut off is said."""

import io
import json
import os
import tarfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image

import multitok
from multitok import MultitokError, SourceError, scan
from multitok.datasets.sources import tar_headers, tars
from multitok.datasets.units import Reading
from multitok.loaders.source import Source

PLAIN = Reading()
FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


def picture(width, height, form="PNG"):
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, form)
    return file.getvalue()


def tar_of(path, members, form=tarfile.PAX_FORMAT):
    with tarfile.open(path, "w", format=form) as file:
        for name, data in members:
            about = tarfile.TarInfo(name)
            about.size = len(data)
            file.addfile(about, io.BytesIO(data))
    return str(path)


def read(path, reading=PLAIN):
    """(id, modality, content) of each item; a file is read whole."""
    found = []
    for unit in tars.units(path, reading):
        for item in tars.items(unit, reading):
            content = item.content
            if isinstance(content, tars.MemberFile | Source):
                content = content.read()
            found.append((item.id, item.modality, content))
    return found


SAMPLE = [
    ("0.jpg", picture(64, 32, "JPEG")),
    ("0.cls", b"5"),
    ("0.txt", b"a dog"),
    ("0.json", b'{"caption": "a dog", "url": "x"}'),
    ("1.png", picture(40, 30)),
    ("1.WEBP", picture(50, 30, "WEBP")),
    ("1.json", b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}'),
]


def test_items_are_the_media_texts_and_requests(tmp_path):
    found = read(tar_of(tmp_path / "a.tar", SAMPLE))
    assert [(name, modality) for name, modality, _ in found] == [
        ("0.jpg", "image"), ("0.txt", "text"), ("1.png", "image"), ("1.WEBP", "image"),
        ("1.json", "request"),
    ]  # fmt: skip
    assert [content for _, _, content in found[:4]] == [
        dict(SAMPLE)[name] if modality == "image" else dict(SAMPLE)[name].decode()
        for name, modality, _ in found[:4]
    ]


@pytest.mark.parametrize(
    ("read_as", "names"),
    [
        ("image", ["0.jpg", "1.png", "1.WEBP"]),
        ("text", ["0.txt", "0.json", "1.json"]),
        ("request", ["0.json", "1.json"]),
    ],
)
def test_one_kind_of_members_alone_may_be_asked_for(read_as, names, tmp_path):
    found = read(tar_of(tmp_path / "a.tar", SAMPLE), Reading(read_as=read_as))
    assert [name for name, _, _ in found] == names


def test_a_scan_counts_members_as_count_does_files(tmp_path):
    path = tar_of(tmp_path / "a.tar", SAMPLE[:3])
    rows = scan(path, models="gpt-5.4", workers=1).table().to_pylist()
    assert [(row["id"], row["row"], row["group"], row["tokens"]) for row in rows] == [
        ("0.jpg", 0, None, multitok.count(SAMPLE[0][1], model="gpt-5.4").tokens),
        ("0.txt", 2, None, multitok.count(multitok.Text("a dog"), model="gpt-5.4").tokens),
    ]


NAMES = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\0/\n"), min_size=1, max_size=60),
    min_size=1,
    max_size=6,
).map("/".join)


@settings(max_examples=150, deadline=None)
@given(
    named=st.lists(st.tuples(NAMES, st.binary(max_size=1500)), max_size=12),
    form=st.sampled_from(sorted(FORMATS)),
)
def test_no_member_is_missing(named, form, tmp_path_factory):
    path = tmp_path_factory.mktemp("tars") / "a.tar"
    with tarfile.open(path, "w", format=FORMATS[form]) as file:
        for name, data in named:
            about = tarfile.TarInfo(name)
            about.size = len(data)
            try:
                file.addfile(about, io.BytesIO(data))
            except ValueError:  # too long a name for ustar
                continue
    with tarfile.open(path) as file:
        expected = [(m.name, m.offset_data, m.size) for m in file if m.isreg()]
    with open(path, "rb") as file:
        found = [(m.name, m.start, m.size) for m in tar_headers.members(file)]
    assert found == expected


def test_folders_and_links_are_no_members(tmp_path):
    path = tmp_path / "a.tar"
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.txt").write_text("hello")
    (tmp_path / "folder" / "b.txt").symlink_to("a.txt")
    with tarfile.open(path, "w") as file:
        file.add(tmp_path / "folder", "folder")
    assert read(str(path)) == [("folder/a.txt", "text", "hello")]


def test_a_size_beyond_octal_is_read(tmp_path):
    """12 GB, of which nothing but the header is there."""
    about = tarfile.TarInfo("a.mp4")
    about.size = 12 << 30
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        file = io.BytesIO(about.tobuf(form))
        [member] = tar_headers.members(file)
        assert (member.name, member.size) == ("a.mp4", 12 << 30)


def test_a_large_archive_is_several_units_cut_between_members(tmp_path, monkeypatch):
    monkeypatch.setattr(tars, "LARGE", 5000)
    long = "x" * 150  # so that names have headers of their own
    data = [(f"{long}{number:03}.txt", b"word " * (number + 1)) for number in range(60)]
    path = tar_of(tmp_path / "a.tar", data, tarfile.GNU_FORMAT)
    units = list(tars.units(path, PLAIN))
    assert len(units) > 5
    assert [unit.start for unit in units[1:]] == [unit.stop for unit in units[:-1]]
    assert [name for name, _, _ in read(path)] == [name for name, _ in data]
    rows = [unit.first + item.row for unit in units for item in tars.items(unit, PLAIN)]
    assert rows == list(range(60))


def test_a_large_member_is_not_read_whole(tmp_path):
    data = picture(64, 32) + bytes(30 << 20)
    path = tar_of(tmp_path / "a.tar", [("a.png", data)])
    del data
    words = {"models": "gpt-5.4", "workers": 0}
    scan(path, **words)
    tracemalloc.start()
    [row] = scan(path, **words).table().to_pylist()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (row["width"], row["error"]) == (64, None)
    assert peak < 5 << 20


def test_a_member_is_a_bounded_file(tmp_path, monkeypatch):
    monkeypatch.setattr(tars, "WHOLE", 0)
    path = tar_of(tmp_path / "a.tar", [("a.jpg", b"first"), ("b.jpg", b"second"), ("c.txt", b"x")])
    [unit] = tars.units(path, PLAIN)
    found = tars.items(unit, PLAIN)
    assert next(found).content.read() == b"first"
    file = next(found).content
    assert file.read() == b"second"
    assert (file.read(), file.seek(2), file.read(2), file.tell()) == (b"", 2, b"co", 4)
    assert (file.seek(-1, os.SEEK_END), file.read(9)) == (5, b"d")
    assert file.name == "b.jpg"


def test_what_is_cut_off_is_one_error(tmp_path):
    path = tar_of(tmp_path / "a.tar", SAMPLE)
    data = (tmp_path / "a.tar").read_bytes()
    with tarfile.open(path) as file:
        ends = [member.offset_data + member.size for member in file]
    for size in range(700, ends[-1], 77):
        (tmp_path / "a.tar").write_bytes(data[:size])
        whole = sum(end <= size for end in ends)
        *_, (_, _, last) = read(path)
        within = size > -(-ends[whole - 1] // 512) * 512  # in a header, or a member that is an item
        if within and SAMPLE[whole][0] not in ("0.cls", "0.json"):
            assert "cut off" in str(last)
            assert isinstance(last, MultitokError)


def test_a_member_that_is_cut_off_is_named(tmp_path):
    path = tar_of(tmp_path / "a.tar", SAMPLE[:1])
    os.truncate(path, 600)
    [(name, modality, error)] = read(path)
    assert (name, modality) == ("0.jpg", "image")
    assert f"the archive is cut off here: 88 of {len(SAMPLE[0][1])} bytes" in str(error)


PAX = st.lists(st.sampled_from([b"0", b"9", b"12", b" ", b"=", b"a", b"\n", b"path", b"-", b"\0"]))


@given(PAX.map(b"".join))
def test_words_of_pax_end_whatever_their_lengths_say(content):
    """A length of 0, or none at all, once kept a reader at its record for ever."""
    try:
        said = tar_headers._pax(content, 0)
    except SourceError:
        return
    assert sum(map(len, (*said, *said.values()))) <= len(content)


def test_a_size_of_thousands_of_digits_is_a_member_cut_off(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as file:
        about = tarfile.TarInfo("a.txt")
        about.pax_headers = {"size": "9" * 5000}
        file.addfile(about)
    ((name, _, content),) = read(str(path))
    assert name == "a.txt"
    assert "cut off" in str(content)


@pytest.mark.parametrize("large", [False, True])
def test_a_damaged_header_ends_the_archive(large, tmp_path, monkeypatch):
    if large:
        monkeypatch.setattr(tars, "LARGE", 2000)
    data = [(f"{number}.txt", b"word") for number in range(9)]
    path = tar_of(tmp_path / "a.tar", data)
    with open(path, "r+b") as file:
        file.seek(5 * 1024 + 20)
        file.write(b"\xff")
    *found, (name, _, error) = read(path)
    assert [one[0] for one in found] == [f"{number}.txt" for number in range(5)]
    assert name is None
    assert "at byte 5,120: no tar header is there, or a damaged one" in str(error)


def test_sparse_files_are_refused(tmp_path):
    path = tar_of(tmp_path / "a.tar", [("a.jpg", b"x" * 600)], tarfile.GNU_FORMAT)
    header = bytearray((tmp_path / "a.tar").read_bytes()[:512])
    header[156:157] = b"S"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    with open(path, "r+b") as file:
        file.write(header)
    [(name, _, error)] = read(path)
    assert name == "a.jpg"
    assert "pack it without tar --sparse" in str(error)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.tar", b"hello" * 300, "a.tar: no tar archive: at byte 0"),
        ("a.tar", b"hello", "a.tar: no tar archive: at byte 0: it is cut off"),
        ("a.tar", b"", "the file is empty"),
        ("a.tar.gz", b"\x1f\x8b", r"gunzip -k .*a\.tar\.gz, then scan the \.tar"),
        ("a.tgz", b"\x1f\x8b", r"gunzip -k .*a\.tgz"),
        ("a.tar.zst", b"", "unzstd "),
    ],
)
def test_what_is_no_archive_is_said(name, data, message, tmp_path):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(SourceError, match=message):
        list(tars.units(str(path), PLAIN))
    [row] = scan(path, models="gpt-4o", workers=0).table().to_pylist()
    assert row["error"].startswith("SourceError: ")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([("a.jpg", b"")], "the member is empty (0 bytes)"),
        ([("a.txt", b"\xff\xfe\xfd")], "its bytes are no UTF-8 text"),
        ([("a.jpg", b"hello there")], "a.jpg: "),
        ([("a.mp4", b"hello there")], "a.mp4: "),
        ([("a.ogg", b"hello there")], "a.ogg: "),
        ([("a.cls", b"1"), ("b.cls", b"2")], "none of its 2 members is image or"),
    ],
)
def test_what_is_wrong_with_members_is_said(data, message, tmp_path):
    path = tar_of(tmp_path / "a.tar", data)
    [row] = scan(path, models="gemini-3-flash-preview", workers=0).table().to_pylist()
    assert message in row["error"]


def test_an_archive_of_nothing_has_no_items(tmp_path):
    assert read(tar_of(tmp_path / "a.tar", [])) == []


def test_json_that_is_no_request_is_an_error_where_requests_are_asked_for(tmp_path):
    data = [("a.json", b"{"), ("b.json", json.dumps({"messages": []}).encode())]
    path = tar_of(tmp_path / "a.tar", data)
    assert [name for name, _, _ in read(path)] == ["b.json"]
    [(_, _, error), _] = read(path, Reading(read_as="request"))
    assert "not JSON" in str(error)


def test_an_archive_behind_another_is_read(tmp_path, monkeypatch):
    """`cat a.tar b.tar`: most readers end with the first, and say nothing."""
    one = tar_of(tmp_path / "a.tar", [("0.txt", b"a"), ("1.txt", b"b")])
    two = tar_of(tmp_path / "b.tar", [("2.txt", b"c")])
    both = tmp_path / "c.tar"
    both.write_bytes(b"".join(Path(path).read_bytes() for path in (one, two)))
    for large in (tars.LARGE, 600):
        monkeypatch.setattr(tars, "LARGE", large)
        assert [content for *_, content in read(str(both))] == ["a", "b", "c"]


def test_what_is_behind_the_end_and_no_archive_is_nothing(tmp_path):
    path = Path(tar_of(tmp_path / "a.tar", [("0.txt", b"a")]))
    path.write_bytes(path.read_bytes() + b"left by a writer" * 100)
    assert [content for *_, content in read(str(path))] == ["a"]


def test_what_a_name_does_not_tell_its_first_bytes_do(tmp_path):
    members = [
        ("0", picture(40, 30)),
        ("1.img", picture(50, 30, "JPEG")),
        ("2.cls", b"5"),
        ("3", b""),
    ]
    found = read(tar_of(tmp_path / "a.tar", members))
    assert [(name, modality) for name, modality, _ in found] == [("0", "image"), ("1.img", "image")]


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet", "a.tar", "a.tar.gz"])
def test_what_holds_items_itself_is_not_passed_over(name, tmp_path):
    [(called, _, error)] = read(tar_of(tmp_path / "a.tar", [(name, b"x")]))
    assert (called, str(error)) == (name, "it holds items itself: unpack it, and scan that")
