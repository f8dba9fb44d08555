"""Series and movement: files of columns, and arrays."""

from __future__ import annotations

import io
import json
import zipfile
from random import Random

import h5py
from c3d_files import DEC, INTEL, MIPS, c3d as written_c3d
from material import COLUMNS, DESCRIPTIONS, ORDERS, SHAPES, npy
from mcap.writer import Writer
from mutators import first_kept, words_of
from targets import SAMPLES, target

import multitok
from multitok.core.errors import MultitokError, UnexpectedError
from multitok.core.info import Info
from multitok.loaders.source import Source

FORMS = [
    "csv",
    "tsv",
    "json",
    "jsonl",
    "ts",
    "tsf",
    "bvh",
    "npy",
    "npz",
    "arff",
    "gpx",
    "mot",
    "amc",
    "trc",
]
WORDS = [
    "\n", ",", ";", "\t", '"', "nan", "inf", "-", "1e400", "2024-01-01", "2023-02-29", "24:00", "@",
    "2024-01-01 10:00:00 UTC", "10:00 AM", ":", "{", "}", "[", "]", "null", "target", "²", "\0",
    "9" * 50, "9" * 5000, "time", "start", "@data", "@timestamps true", "Frames: nan", "0.1",
    "CHANNELS", "End Site", "JOINT", "?", "#", "%", "'", "true", "é", "\ufeff", "\r", "\x85",
]  # fmt: skip
OTHERS = [
    ("arff", b"@relation r\n@attribute a numeric\n@attribute t date\n@data\n1,2024-01-01\n?,?\n"),
    ("gpx", b"<gpx><trk><trkseg><trkpt lat='1' lon='2'><time>2024-01-01T00:00:00Z</time></trkpt>"
     b"<trkpt lat='1' lon='3'><time>2024-01-01T00:00:01Z</time></trkpt></trkseg></trk></gpx>"),
    ("mot", b"m\nversion=1\nnRows=2\nnColumns=2\ninDegrees=yes\nendheader\ntime\ta\n0\t1\n1\t2\n"),
    ("trc", b"PathFileType\t4\t(X/Y/Z)\ta.trc\nDataRate\tUnits\n100\tmm\nFrame#\tTime\tHEAD\t\t\n"
     b"\t\tX1\tY1\tZ1\n\n1\t0\t1\t2\t3\n2\t0.01\t4\t5\t6\n"),
    ("amc", b":FULLY-SPECIFIED\n:DEGREES\n1\nroot 1 2 3 4 5 6\nhead 1\n2\nroot 1 2 3 4 5 6\n"),
]  # fmt: skip


def _seeds() -> list[bytes]:
    cut = [("csv", (SAMPLES / name).read_bytes()[:600]) for name in ("arm.csv", "sunspots.csv")]
    return [bytes([FORMS.index(form)]) + data for form, data in [*COLUMNS, *OTHERS, *cut]]


def alike(source: Source, modality: multitok.core.info.Modality) -> None:
    """A count and a load read the same shape, or one of them refuses."""
    told = _told(source, modality)
    loaded = multitok.load(source, modality=modality)
    assert told is None or told == loaded.info, f"{told} by the header, {loaded.info} by content"


def _told(source: Source, modality: multitok.core.info.Modality) -> Info | None:
    try:
        return multitok.examine(source, modality=modality).info
    except UnexpectedError:
        raise
    except MultitokError:
        return None


@target(seeds=_seeds, mutate=first_kept(words_of(WORDS)))
def series(data: bytes) -> None:
    """A file of columns, as a series, or as movement where the first byte says so."""
    if len(data) < 2:
        return
    form = FORMS[(data[0] & 127) % len(FORMS)]
    source = Source(f"x.{form}", data=data[1:], size=len(data) - 1)
    alike(source, "actions" if data[0] > 127 or form in ("bvh", "amc") else "series")


HEADERS = [b"(" * 2000, b"{'a':" * 500, b"1" * 5000, b"-" * 3000 + b"1", b"{}", b"{'descr':1}"]
NAMES = ["a.npy", "b.npy", "header.npy", "special.npy", "../x.npy", ".npy", "a", "b.NPY"]
METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


def _arrays(data: bytes, chance: Random) -> bytes:
    """An array with a header of one's own, bare or in an archive that is damaged."""
    array = npy(*map(chance.choice, (DESCRIPTIONS, SHAPES, ORDERS)), numbers=chance.randbytes(48))
    if chance.random() < 0.2:
        header = chance.choice(HEADERS)
        array = array[:8] + len(header).to_bytes(2, "little") + header
    if chance.random() < 0.2:
        array = array[:6] + bytes([chance.choice([1, 2, 3, 255]), 0]) + array[8:]
    if chance.random() < 0.5:
        return b"\0" + array
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", chance.choice(METHODS)) as archive:
        for name in chance.sample(NAMES, chance.randint(0, 3)):
            archive.writestr(name, array)
    packed = bytearray(file.getvalue())
    for _ in range(chance.randint(0, 6)):
        packed[chance.randrange(len(packed))] = chance.choice([0, 1, 255, 8, 99, 14])
    return b"\1" + bytes(packed)


@target(
    seeds=lambda: [
        bytes([form == "npz"]) + data for form, data in COLUMNS if form in ("npy", "npz")
    ],
    mutate=_arrays,
    longest=8192,
)
def arrays(data: bytes) -> None:
    """An .npy, or an .npz where the first byte is odd."""
    if len(data) < 2:
        return
    name = f"x.{('npy', 'npz')[data[0] % 2]}"
    alike(Source(name, data=data[1:], size=len(data) - 1), "series")


FRAMES = [[1, 2, 3, 0, 4, 5, 6, 0, 0.5, 0.25], [7, 8, 9, 0, 10, 11, 12, -1, 1.5, 1.25]]


@target(
    seeds=lambda: [
        written_c3d(FRAMES, processor, scale=scale, analog=("EMG",))
        for processor in (INTEL, DEC, MIPS)
        for scale in (-1.0, 0.25)
    ]
)
def c3d(data: bytes) -> None:
    """A recording of points, and of channels beside them."""
    for modality in ("series", "actions"):
        alike(Source("x.c3d", data=data, size=len(data)), modality)


def _recording() -> bytes:
    file = io.BytesIO()
    writer = Writer(file)
    writer.start()
    channel = writer.register_channel("/imu", "json", 0)
    for at in range(3):
        message = json.dumps({"v": {"x": at, "y": [1, 2]}, "on": True}).encode()
        writer.add_message(channel, at * 10**8, message, at * 10**8)
    writer.finish()
    return file.getvalue()


@target(seeds=lambda: [_recording()])
def mcap(data: bytes) -> None:
    """A recording of topics."""
    alike(Source("x.mcap", data=data, size=len(data)), "series")


def _hdf5() -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w", libver="latest") as held:
        held.attrs["fps"] = 50
        held["action"] = [[0.0, 1.0], [2.0, 3.0]]
        held["observations/qpos"] = [[1.0], [2.0]]
    return file.getvalue()


@target(seeds=lambda: [_hdf5()])
def hdf5(data: bytes) -> None:
    """Data sets of a file; HDF5 itself refuses most damage."""
    alike(Source("x.h5", data=data, size=len(data)), "actions")
