"""Data sets: lines, archives, tables; and the same tables as series."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from material import PIXEL, REQUESTS, VALUES
from mutators import fields_of, first_kept, json_lines
from of_columns import alike
from targets import target, written

from multitok.datasets.asked import Asked
from multitok.datasets.planning import units
from multitok.datasets.rows import Counting
from multitok.datasets.sources import reader
from multitok.datasets.units import Reading
from multitok.loaders.source import Source

LINES = [
    REQUESTS["openai"], {"text": "a b"}, {"image": f"data:image/png;base64,{PIXEL}", "id": 1}, "x",
    {"custom_id": "a", "body": REQUESTS["openai"]}, [{"role": "user", "content": "hi"}],
    {"text": None, "key": [1]},
]  # fmt: skip
READINGS = [
    Reading(), Reading(text=("text",)), Reading(image=("image",)), Reading(text=("a",), by="b"),
    Reading(id="id"), Reading(read_as="text"), Reading(read_as="request"), Reading(read_as="image"),
]  # fmt: skip


def scanned(path: Path, reading: Reading) -> None:
    """Every item of a source, counted; an error of one is in its row."""
    counting = Counting(Asked(("gpt-4o",), None, {}, (), reading))
    for unit in units([str(path)], reading, lambda path, error: None):
        for item in reader(unit.form).items(unit, reading):
            list(counting.rows(item))


@target(
    seeds=lambda: [
        bytes([i]) + b"\n".join(json.dumps(line).encode() for line in LINES)
        for i in range(len(READINGS))
    ],
    mutate=first_kept(json_lines(VALUES, LINES)),
    longest=9000,
)
def scan_lines(data: bytes) -> None:
    """JSON lines; the first byte says what is asked of them."""
    if data:
        scanned(written("x.jsonl", data[1:]), READINGS[data[0] % len(READINGS)])


@target(
    seeds=lambda: [
        json.dumps(one).encode() for one in [*LINES, {"requests": [LINES[4]]}, REQUESTS["gemini"]]
    ],
    mutate=json_lines(VALUES, LINES),
    longest=9000,
)
def scan_file(data: bytes) -> None:
    """A loose file of JSON: requests, or a text."""
    scanned(written("x.json", data), READINGS[len(data) % len(READINGS)])


def _tar() -> bytes:
    """Members of each kind, with a long name and a link among them."""
    file = io.BytesIO()
    members = {
        "a.txt": b"hello", "a.png": base64.b64decode(PIXEL), "c.cls": b"1",
        "b.json": json.dumps(LINES[0]).encode(), "d" * 120 + ".txt": b"long", "é.txt": b"x",
    }  # fmt: skip
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("l.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return file.getvalue()


def _hurt_tar(data: bytes, chance: Random) -> bytes:
    """A header changed, and its sum made right again; a block gone, doubled, or cut off."""
    hurt = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 3])):
        start = 512 * chance.randrange(max(len(hurt) // 512, 1))
        if (turn := chance.randrange(6)) == 0:
            del hurt[start : start + 512]
        elif turn == 1:
            hurt[start:start] = hurt[start : start + 512]
        elif turn == 2:
            del hurt[start + chance.randrange(512) :]
        else:
            field, size = chance.choice(
                [(0, 100), (124, 12), (156, 1), (257, 8), (345, 155), (0, 512)]
            )
            at = start + field + chance.randrange(size)
            hurt[at : at + 1] = chance.choice(
                [b"\0", b"7", b"9", b"x", b"L", b"g", b"S", b"\x80", b"/"]
            )
            head = hurt[start : start + 148] + b" " * 8 + hurt[start + 156 : start + 512]
            hurt[start + 148 : start + 156] = b"%06o\0 " % sum(head)
    return bytes(hurt)


@target(seeds=lambda: [_tar(), _tar()[:2048]], mutate=_hurt_tar, longest=24_000)
def scan_tar(data: bytes) -> None:
    """An archive."""
    scanned(written("x.tar", data), READINGS[len(data) % 2 * 5])


def _table() -> Any:
    return pa.table({
        "text": ["hello", None, "x"], "a": [1.0, 2.0, None], "b": ["g", "h", None],
        "image": [{"bytes": base64.b64decode(PIXEL), "path": "p.png"}] * 3,
        "messages": [[{"role": "user", "content": "hi"}]] * 3,
        "time": pa.array([1, 2, 3], pa.timestamp("ms")),
        "kind": pa.array(["a", "b", "a"]).dictionary_encode(),
    })  # fmt: skip


def _numbers() -> Any:
    clock = pa.array([0, 1000, 2000], pa.timestamp("ms"))
    return pa.table({"time": clock, "a": [1.0, 2.0, None], "b": pa.array([[1, 2]] * 3)})


TABLES = ["parquet", "arrow", "arrows"]


def _tables(table: Any) -> list[bytes]:
    """The table in each form, plain and packed; before each the number of its form."""
    made = []
    for packed in (False, True):
        file = io.BytesIO()
        pq.write_table(table, file, compression="zstd" if packed else "none", row_group_size=2)
        made.append(b"\0" + file.getvalue())
        how = pa.ipc.IpcWriteOptions(compression="lz4" if packed else None)
        for number, new in ((1, pa.ipc.new_file), (2, pa.ipc.new_stream)):
            file = io.BytesIO()
            with new(file, table.schema, options=how) as out:
                out.write_table(table, max_chunksize=2)
            made.append(bytes([number]) + file.getvalue())
    return made


MARKS = [b"PAR1", b"ARROW1", b"\xff\xff\xff\xff", b"text", b"image", b"messages", b"\x15", b"\x19"]


@target(seeds=lambda: _tables(_table()), mutate=first_kept(fields_of(MARKS, "<")), longest=20_000)
def scan_table(data: bytes) -> None:
    """Parquet and Arrow, as items."""
    if len(data) > 1:
        form = TABLES[data[0] % len(TABLES)]
        scanned(written(f"x.{form}", data[1:]), READINGS[len(data) % 4])


@target(seeds=lambda: _tables(_numbers()), mutate=first_kept(fields_of(MARKS, "<")), longest=20_000)
def series_table(data: bytes) -> None:
    """Parquet and Arrow, as a series."""
    if len(data) > 1:
        name = f"x.{TABLES[data[0] % len(TABLES)]}"
        alike(Source(name, data=data[1:], size=len(data) - 1), "series")
