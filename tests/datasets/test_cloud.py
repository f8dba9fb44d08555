"""Object stores: what is asked of them, what they hold, and what they refuse."""

import io
import json
import os
import random
import tarfile
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from stores import serving

import multitok
from multitok.datasets import cloud
from multitok.datasets.places import Entry, contents, entries, opened, stamp_of
from multitok.datasets.sources import files
from multitok.datasets.units import Reading

EXIF = [0, 2_000, 6_000, 9_000]
"""Bytes of a camera's own notes, as they stand before the size of a picture."""


def picture(number):
    """A photo with notes and a color profile; of 100, two have more than 16 KiB in front of their
    size, and ten have them behind the pixels, where WebP puts them."""
    noise = np.random.default_rng(number).integers(0, 255, (200 + number, 300, 3), np.uint8)
    notes = Image.Exif()
    notes[0x927C] = bytes(20_000 if number % 50 == 7 else EXIF[number % 4])
    out = io.BytesIO()
    kind = {4: "PNG", 9: "WEBP"}.get(number % 10, "JPEG")
    Image.fromarray(noise).save(out, kind, exif=notes, icc_profile=bytes(3_000), quality=90)
    return out.getvalue()


@pytest.fixture(scope="module")
def pictures():
    return {f"/b/{number:03d}.jpg": picture(number) for number in range(100)}


def unit_of(urls):
    cutter = files.Cutter("")
    for url in urls:
        assert list(cutter.add(Entry(url, "1"))) == []
    [unit] = cutter.rest()
    return unit


def test_a_picture_costs_a_request_and_its_head(pictures):
    rule = multitok.counter(model="gpt-4o", modality="image")
    with serving(pictures, wait=0.02) as (address, store):
        unit = unit_of([address + path for path in pictures])
        counted = [rule.count(item.content) for item in files.items(unit, Reading())]
    assert counted == [rule.count(data) for data in pictures.values()]
    assert len(store.asked) <= 1.2 * len(pictures)
    assert store.sent <= 20_000 * len(pictures)
    assert {command for command, _, _ in store.asked} == {"GET"}


def test_heads_are_asked_for_at_once_and_come_in_order(pictures):
    """While the first is taken, others are asked for: which one after the other would never be."""
    with serving(pictures, wait=0.02) as (address, store):
        urls = [address + path for path in pictures]
        came = cloud.ahead(urls, threads=4)
        first = next(came)
        assert first.name == urls[0]
        until = time.monotonic() + 20
        while len(store.asked) < 4 and time.monotonic() < until:
            time.sleep(0.01)
        assert 4 <= len(store.asked) <= 9  # bounded: two requests a thread
        assert [file.name for file in came] == urls[1:]


def test_one_that_is_not_there_is_an_error_in_its_place(pictures):
    with serving(pictures) as (address, _):
        urls = [f"{address}/b/000.jpg", f"{address}/b/none.jpg", f"{address}/b/002.jpg"]
        found = list(contents(urls))
    assert str(found[1]) == f"{urls[1]}: no such object"
    assert [type(file).__name__ for file in found] == ["Ranged", "SourceError", "Ranged"]


def test_paths_of_this_machine_are_themselves():
    assert list(contents(["a.jpg", "b.jpg"])) == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize("size", [0, 1, cloud.HEAD - 1, cloud.HEAD, cloud.HEAD + 1, 3_000_000])
@pytest.mark.parametrize("plain", ["", "/plain"])
def test_any_walk_through_a_file_reads_its_bytes(size, plain):
    """By ranges, and where the server has none."""
    data, walk = random.Random(1).randbytes(size), random.Random(2)
    with serving({"/b/x": data}) as (address, _):
        url = f"{address}{plain}/b/x"
        for file in (cloud.ranged(url), opened(url)):
            assert file.read() == data
            assert file.read(1) == b""
            for _ in range(50):
                at, length = walk.randint(0, size + 9), walk.choice([0, 1, 5_000, 70_000, size])
                file.seek(at)
                assert file.read(length) == data[at : at + length]
                assert file.tell() == at + len(data[at : at + length])
            assert file.seek(0, os.SEEK_END) == size
            file.close()


def test_a_whole_file_is_read_in_few_requests():
    data = b"a line of twenty-one\n" * 1_000_000
    with serving({"/b/x.jsonl": data}) as (address, store):
        with opened(f"{address}/b/x.jsonl") as file:
            assert sum(map(len, file)) == len(data)
        assert len(store.asked) <= 8
        assert store.sent == len(data)


def test_the_end_of_a_long_file_is_one_request_beside_its_length():
    """As a Parquet footer is read: its last bytes, then what they name."""
    data = bytes(2_000_000)
    with serving({"/b/x": data}) as (address, store), opened(f"{address}/b/x") as file:
        file.seek(-8, os.SEEK_END)
        file.read(8)
        file.seek(-9_000, os.SEEK_END)
        assert len(file.read(9_000)) == 9_000
        assert [command for command, _, _ in store.asked] == ["HEAD", "GET"]
        assert store.sent == cloud.LEAST


def test_a_file_that_changes_between_two_reads_is_no_mixture():
    with serving({"/b/x": bytes(100_000)}) as (address, store):
        file = cloud.ranged(f"{address}/b/x")
        file.read(10)
        store.changed["/b/x"] = 1
        file.seek(50_000)
        with pytest.raises(multitok.SourceError, match="changed while it was read"):
            file.read(10)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/404/b/x", "no such object"),
        ("/403/b/x", r"access denied \(403 Forbidden\): use a URL that is signed"),
        ("/503/b/x", "the store answers 503 Service Unavailable"),
        ("/cut/b/x", "the connection broke off: count it again"),
    ],
)
def test_what_a_store_refuses_is_an_error_that_says_so(path, says):
    with serving({"/b/x": bytes(1_000)}) as (address, _):
        file = cloud.ranged(f"{address}{path}?sig=SECRET")
        with pytest.raises(multitok.SourceError, match=f"^{address}{path}: {says}$"):
            file.read()


def test_no_server_is_no_connection():
    with serving({}) as (address, _):
        gone = f"{address}/x"
    with pytest.raises(multitok.SourceError, match=r"no connection: is the address right"):
        stamp_of(gone)


def test_other_urls_are_refused():
    with pytest.raises(multitok.SourceError, match=r"There are: s3://, gs://, az://, http\(s\)://"):
        stamp_of("ftp://host/x")


def test_a_signature_is_sent_and_not_told():
    place = cloud.place_of("https://host/a%20b.jpg?sig=SECRET#x")
    assert place == ("https://host/?sig=SECRET", "a b.jpg", "https://host/a%20b.jpg")


def test_signed_urls_are_one_unit_and_their_names_say_what_they_are(pictures):
    lines = b'{"text": "hello world"}\n' * 3
    with serving({**pictures, "/b/t.jsonl": lines}) as (address, _):
        urls = [f"{address}/b/00{number}.jpg?sig=a/b" for number in range(3)]
        found = multitok.scan([*urls, f"{address}/b/t.jsonl?sig=a/b"], models="gpt-4o", workers=0)
    assert (found.items, found.failed) == (6, 0)
    assert len({row["unit"] for row in found.table().to_pylist()}) == 2


# S3


@pytest.fixture
def bucket(monkeypatch):
    """s3://b: two folders, a mark of one, a name with a space, an empty file."""
    objects = {
        "/b/t/1.jpg": b"1", "/b/t/2.txt": b"22", "/b/t/sub/": b"", "/b/t/sub/a b.jpg": b"333",
        "/b/t/empty": b"", "/b/tt/4.jpg": b"4444", "/b/t/.git/config": b"5",
    }  # fmt: skip
    with serving(objects) as (address, store):
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        cloud._store.cache_clear()
        yield store
        cloud._store.cache_clear()


def named(url):
    told = []
    found = [entry.path for entry in entries(url, lambda *words: told.append(words))]
    return found if not told else [f"{path}: {error}" for path, error in told]


@pytest.mark.parametrize(
    ("url", "holds"),
    [
        ("s3://b/t", ["1.jpg", "2.txt", "empty", "sub/a b.jpg"]),
        ("s3://b/t/", ["1.jpg", "2.txt", "empty", "sub/a b.jpg"]),
        ("s3://b/t/1.jpg", ["1.jpg"]),
        ("s3://b/t/*.jpg", ["1.jpg"]),
        ("s3://b/t/**/*.jpg", ["1.jpg", "sub/a b.jpg"]),
        ("s3://b/t/[!1].t?t", ["2.txt"]),
    ],
)
def test_a_prefix_a_pattern_and_a_name_list_what_they_mean(bucket, url, holds):
    assert named(url) == [f"s3://b/t/{name}" for name in holds]


def test_a_prefix_without_objects_is_told(bucket):
    assert named("s3://b/none") == ["s3://b/none: s3://b/none: no object is called so"]


def test_a_listing_and_an_object_have_one_stamp(bucket):
    """So a scan that is run again counts nothing anew."""
    found = entries("s3://b/t", print)
    assert {entry.path: entry.stamp for entry in found} == {
        path: stamp_of(path) for path in named("s3://b/t")
    }


def test_an_object_of_a_bucket_is_read(bucket):
    with opened("s3://b/t/sub/a b.jpg") as file:
        assert file.read() == b"333"


@pytest.mark.parametrize("workers", [0, 1])
def test_a_scan_of_a_bucket_is_that_of_a_folder(bucket, tmp_path, workers):
    """And a second one counts what was changed, and asks for nothing else."""
    for number in range(20):
        (tmp_path / "t").mkdir(exist_ok=True)
        (tmp_path / "t" / f"{number:02d}.jpg").write_bytes(picture(number))
        bucket.objects[f"/p/{number:02d}.jpg"] = picture(number)
    here = multitok.scan(str(tmp_path / "t"), models="gpt-4o", workers=0)
    out = tmp_path / "counts"
    there = multitok.scan("s3://p", models="gpt-4o", workers=workers, out=out)
    assert (there.tokens, there.items, there.failed) == (here.tokens, 20, 0)
    bucket.asked.clear()
    assert multitok.scan("s3://p", models="gpt-4o", workers=0, out=out).tokens == here.tokens
    assert {path for _, path, _ in bucket.asked} == {"/p"}
    bucket.objects["/p/00.jpg"] = picture(99)
    changed = multitok.scan("s3://p", models="gpt-4o", workers=0, out=out).tokens
    one = [multitok.count(picture(number), model="gpt-4o").tokens for number in (0, 99)]
    assert changed == here.tokens - one[0] + one[1]


def held(form):
    """A file that holds 300 items: texts as lines or a table, pictures as members."""
    texts = [f"word {'and more ' * (number % 9)}" for number in range(300)]
    out = io.BytesIO()
    if form == "jsonl":
        return "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
    if form == "parquet":
        pq.write_table(pa.table({"text": texts}), out, row_group_size=50)
        return out.getvalue()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for number in range(20):
            member = tarfile.TarInfo(f"{number:03d}.jpg")
            member.size = len(picture(number))
            archive.addfile(member, io.BytesIO(picture(number)))
    return out.getvalue()


@pytest.mark.parametrize("form", ["jsonl", "parquet", "tar"])
def test_a_file_of_many_items_is_counted_there_as_here(bucket, tmp_path, form):
    bucket.objects[f"/p/data.{form}"] = held(form)
    (tmp_path / f"data.{form}").write_bytes(held(form))
    here = multitok.scan(str(tmp_path), models="gpt-4o", workers=0)
    there = multitok.scan("s3://p", models="gpt-4o", workers=0)
    wanted = here.table(["row", "tokens", "kind", "error"]).to_pylist()
    assert there.table(["row", "tokens", "kind", "error"]).to_pylist() == wanted
    assert here.items >= 20


def test_a_bucket_for_anybody_needs_no_credentials(bucket, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SKIP_SIGNATURE", "true")
    assert named("s3://b/tt") == ["s3://b/tt/4.jpg"]


def test_without_credentials_it_says_which(bucket, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", os.environ["AWS_ENDPOINT_URL"])
    with pytest.raises(multitok.SourceError, match="no credentials: set AWS_ACCESS_KEY_ID"):
        stamp_of("s3://b/t/1.jpg")
