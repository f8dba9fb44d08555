"""Shards: what is written comes back, byte for byte as others write it, and whole or not at all."""

import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from multitok.core.errors import MediaError, SourceError
from multitok.datasets.shards import FORMATS, datatrove, module, npy
from multitok.datasets.shards.documents import read
from multitok.datasets.shards.writing import Framing, shard

DOCUMENTS = st.lists(st.lists(st.integers(0, 60_000), max_size=7), max_size=9)
SMALL, LARGE = 60_001, 200_019


def written(stem, form, documents, **words):
    with shard(str(stem), form, **words) as made:
        for ids in documents:
            made.write(np.array(ids, np.int64))
    return made


def files(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("shards")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("below", [SMALL, LARGE, None])
@settings(max_examples=25, deadline=None)
@given(documents=DOCUMENTS)
def test_documents_come_back(form, below, documents, folder):
    stem = folder / "back"
    made = written(stem, form, documents, ids_below=below)
    found = read(str(stem), form)
    assert [ids.tolist() for ids in found] == documents
    assert [found[i].tolist() for i in range(len(found))] == documents
    assert (len(found), found.tokens) == (made.documents, made.tokens)


@pytest.mark.parametrize("form", FORMATS)
def test_blocks_join_where_they_were_cut(form, tmp_path, monkeypatch):
    """A block of four ids: documents before, across and after its end."""
    monkeypatch.setattr("multitok.datasets.shards.writing.BLOCK", 4)
    documents = [[1, 2], [3, 4, 5], [], [6, 7, 8, 9, 10], [11]]
    written(tmp_path / "a", form, documents)
    found = read(str(tmp_path / "a"), form)
    assert [ids.tolist() for ids in found] == documents
    assert [ids.tolist() for ids in found[1:3]] == documents[1:3]
    assert found[-1].tolist() == [11]


@pytest.mark.parametrize("form", FORMATS)
def test_documents_are_framed_and_it_is_told(form, tmp_path):
    made = written(tmp_path / "a", form, [[5], []], ids_below=100, framing=Framing(1, 2))
    assert [ids.tolist() for ids in read(str(tmp_path / "a"), form)] == [[1, 5, 2], [1, 2]]
    told = made.told()
    assert told == {"documents": 2, "tokens": 5, "width": told["width"], "bos": 1, "eos": 2}


@pytest.mark.parametrize(
    ("form", "below", "width"),
    [
        ("megatron", 65_499, "uint16"),
        ("megatron", 65_500, "int32"),
        ("datatrove", 65_536, "uint16"),
        ("datatrove", 65_537, "uint32"),
        ("npy", 65_536, "uint16"),
        ("npy", None, "uint32"),
        ("arrow", 10, "int32"),
    ],
)
def test_the_width_follows_the_vocabulary(form, below, width):
    assert module(form).width(below) == width


def test_an_end_beyond_the_vocabulary_widens_the_ids(tmp_path):
    made = written(tmp_path / "a", "npy", [[1]], ids_below=256, framing=Framing(eos=70_000))
    assert made.width == "uint32"
    assert read(str(tmp_path / "a"), "npy")[0].tolist() == [1, 70_000]


@pytest.mark.parametrize("wrong", [-1, 65_536])
def test_an_id_that_does_not_fit_is_no_other_id(wrong, tmp_path):
    with pytest.raises(MediaError) as error:
        written(tmp_path / "a", "npy", [[1], [wrong]], ids_below=256)
    assert str(error.value) == f"id {wrong} does not fit into uint16: it holds 0 to 65535"
    assert files(tmp_path) == {}


@pytest.mark.parametrize("form", FORMATS)
def test_a_shard_that_fails_leaves_the_old_one(form, tmp_path):
    written(tmp_path / "a", form, [[1, 2, 3]])
    before = files(tmp_path)
    with pytest.raises(MediaError):
        written(tmp_path / "a", form, [range(300_000), [-1]])
    assert files(tmp_path) == before


@pytest.mark.parametrize("form", ["megatron", "datatrove", "npy"])
def test_the_index_takes_its_place_last(form, tmp_path, monkeypatch):
    """A reader that finds an index finds the data it tells of."""
    from multitok.core import writing

    placed = []
    replace = writing.os.replace

    def watched(source, target):
        placed.append(Path(target).name)
        replace(source, target)

    monkeypatch.setattr(writing.os, "replace", watched)
    written(tmp_path / "a", form, [[1]])
    assert placed == [f"a{suffix}" for suffix in module(form).SUFFIXES]


def test_megatrons_bytes_by_hand(tmp_path):
    """Two documents of two ids and one, in two bytes each."""
    written(tmp_path / "a", "megatron", [[1, 2], [3]], ids_below=100)
    assert files(tmp_path) == {
        "a.bin": struct.pack("<3H", 1, 2, 3),
        "a.idx": b"MMIDIDX\0\0" + struct.pack("<QBQQ", 1, 8, 2, 3)
        + struct.pack("<2i", 2, 1) + struct.pack("<2q", 0, 4) + struct.pack("<3q", 0, 1, 2),
    }  # fmt: skip


def test_datatroves_bytes_by_hand(tmp_path):
    written(tmp_path / "a", "datatrove", [[1, 2], [3]], tokenizer="gpt2")
    assert files(tmp_path) == {
        "a.ds": struct.pack("<3I", 1, 2, 3),
        "a.ds.index": struct.pack("<2Q", 2, 3),
        "a.ds.metadata": b"gpt2|4\n3\n3.00 T",
    }


@pytest.mark.parametrize(("below", "size"), [(SMALL, 2), (LARGE, 4)])
@settings(max_examples=25, deadline=None)
@given(documents=DOCUMENTS)
def test_datatrove_writes_the_same_bytes(below, size, documents, tmp_path_factory):
    theirs = pytest.importorskip("datatrove.pipeline.tokens.tokenizer")
    ours, peer = tmp_path_factory.mktemp("ours"), tmp_path_factory.mktemp("theirs")
    file = theirs.TokenizedFile(
        str(peer), "a.ds", token_size=size, tokenizer_name_or_path="gpt2", save_final_metadata=True
    )
    for ids in documents:
        file.write(ids, None)
    file.close()
    written(ours / "a", "datatrove", documents, ids_below=below, tokenizer="gpt2")
    assert files(ours) == files(peer)


@pytest.mark.parametrize(("below", "size"), [(SMALL, 2), (LARGE, 4)])
@settings(max_examples=25, deadline=None)
@given(documents=DOCUMENTS)
def test_datatrove_writes_the_same_bytes_for_megatron(below, size, documents, tmp_path_factory):
    theirs = pytest.importorskip("datatrove.pipeline.tokens.megatron_tokenizer")
    ours, peer = tmp_path_factory.mktemp("ours"), tmp_path_factory.mktemp("theirs")
    file = theirs.MegatronTokenizedFile(str(peer), "a", token_size=size)
    for ids in documents:
        file.write(ids)
    file.close()
    written(ours / "a", "megatron", documents, ids_below=below)
    assert files(ours) == files(peer)


@given(st.integers(0, 10**17))
def test_counts_are_written_as_humanize_writes_them(n):
    humanize = pytest.importorskip("humanize")
    assert datatrove.in_words(n) == humanize.metric(n, unit="T")


@pytest.mark.parametrize(
    ("n", "words"),
    [(0, "0.00 T"), (999, "999 T"), (1000, "1.00 kT"), (999_999, "1.00 MT"), (12_345, "12.3 kT")],
)
def test_counts_in_words(n, words):
    assert datatrove.in_words(n) == words


@given(st.integers(0, 2**62))
def test_a_header_is_of_one_length_and_numpy_reads_it(n):
    from io import BytesIO

    header = npy.header("uint16", n)
    assert len(header) == 128
    file = BytesIO(header)
    assert np.lib.format.read_magic(file) == (1, 0)
    assert np.lib.format.read_array_header_1_0(file) == ((n,), False, np.dtype("<u2"))


def test_numpy_maps_what_is_written(tmp_path):
    written(tmp_path / "a", "npy", [[7, 8], [9]], ids_below=10)
    ids = np.load(tmp_path / "a.npy", mmap_mode="r")
    assert (ids.dtype, ids.tolist()) == (np.uint16, [7, 8, 9])
    assert np.load(tmp_path / "a.ends.npy").tolist() == [2, 3]


def test_what_is_read_lies_in_the_file(tmp_path):
    """A view of the map, so that a shard of any size takes no memory."""
    written(tmp_path / "a", "megatron", [[7, 8], [9]])
    document = read(str(tmp_path / "a"), "megatron")[0]
    assert isinstance(document.base, np.memmap)
    assert not document.flags.writeable


@pytest.mark.parametrize("form", FORMATS)
def test_a_shard_that_is_not_there_is_named(form, tmp_path):
    with pytest.raises(SourceError, match="none"):
        read(str(tmp_path / "none"), form)


@pytest.mark.parametrize("form", ["megatron", "datatrove", "npy"])
def test_data_that_was_cut_off_is_no_shard(form, tmp_path):
    written(tmp_path / "a", form, [[1, 2, 3]] * 100)
    data = tmp_path / f"a{module(form).SUFFIXES[0]}"
    whole = data.read_bytes()
    data.write_bytes(whole[:-4])
    with pytest.raises(SourceError):
        read(str(tmp_path / "a"), form)


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 200), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_shard_is_read_or_refused_by_name(form, at, byte, cut, tmp_path_factory):
    folder = tmp_path_factory.mktemp("damaged")
    written(folder / "a", form, [[1, 2, 3], [4]], ids_below=100)
    index = folder / f"a{module(form).SUFFIXES[-1]}"
    data = bytearray(index.read_bytes())
    at %= len(data)
    if cut:
        del data[at:]
    else:
        data[at] = byte
    index.write_bytes(data)
    with suppress(SourceError):
        [ids.tolist() for ids in read(str(folder / "a"), form)]
