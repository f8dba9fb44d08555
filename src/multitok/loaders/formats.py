"""Every format of file that is known here: one row each, which sniffing, demuxing and docs share.

A row says how a file is known (`magic`, then `suffixes`), who reads its header and who decodes it.
A format that only its name tells has no magic. Where one container holds several modalities, a row
each; `sniff` looks inside and says which it is.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

Sign = bytes | tuple[tuple[int, bytes], ...]
"""The first bytes, or (offset, bytes) pairs that must all be there."""

MULTITOK, PILLOW, FFMPEG = "multitok", "Pillow", "FFmpeg"
_JXL = "pillow-jxl-plugin"


class Format(NamedTuple):
    """A kind of file.

    name       what it is called here, and in catalog/accepts.toml
    modality   what it holds
    suffixes   the extensions that name it, without their dot
    magic      its signs: one of them is enough
    header     who reads its shape; "" where nothing here does
    decoder    who reads its content; "" where nothing here does
    demuxer    FFmpeg's name of its container, where FFmpeg may open it
    written    it is text as well, which `--as text` counts
    inside     what else tells it, which `sniff` looks for: its brands, its streams, its first words
    """

    name: str
    modality: str
    suffixes: tuple[str, ...] = ()
    magic: tuple[Sign, ...] = ()
    header: str = ""
    decoder: str = ""
    demuxer: str = ""
    written: bool = False
    inside: str = ""


def _row(
    modality: str,
    name: str,
    suffixes: str,
    *magic: Sign,
    decoder: str,
    header: str | None = None,
    demuxer: str = "",
    written: bool = False,
    inside: str = "",
) -> Format:
    """A row whose header is read by its decoder, unless another is named."""
    read = decoder if header is None else header
    known = ((*suffixes.split(),), magic)
    return Format(name, modality, *known, read, decoder, demuxer, written, inside)


def _played(
    modality: str,
    name: str,
    suffixes: str,
    demuxer: str,
    *magic: Sign,
    header: str = FFMPEG,
    inside: str = "",
) -> Format:
    """A row of what FFmpeg plays."""
    return _row(
        modality, name, suffixes, *magic,
        decoder=FFMPEG, header=header, demuxer=demuxer, inside=inside,
    )  # fmt: skip


_picture = partial(_row, "image", decoder=PILLOW)
_clip, _sound = partial(_played, "video"), partial(_played, "audio")
_silent = partial(_row, "audio", decoder="")
_table = partial(_row, "series", decoder=MULTITOK)
_motion = partial(_row, "actions", decoder=MULTITOK)


def _chunk(form: bytes, kind: bytes) -> Sign:
    """A file of chunks (EA IFF 85, RIFF): its form, four bytes of length, its kind."""
    return ((0, form), (8, kind))


_NETPBM = tuple(b"P%d" % kind + gap for kind in (4, 5, 6) for gap in (b"\n", b" ", b"\r", b"\t"))
_INFORMATION = [(size, 8 if size == 12 else 12) for size in (12, 40, 52, 56, 64, 108, 124)]
"""Bytes of a bitmap's information header, and where it says that there is one plane."""
_BARE_BITMAPS: tuple[Sign, ...] = tuple(
    ((0, bytes((size, 0, 0, 0))), (at, b"\1\0")) for size, at in _INFORMATION
)
_BITMAPS: tuple[Sign, ...] = tuple(
    ((0, b"BM"), (14, bytes((size, 0, 0, 0)))) for size, _ in _INFORMATION
)
_BOXES: tuple[Sign, ...] = tuple(
    ((4, box),) for box in (b"moov", b"mdat", b"wide", b"free", b"skip")
)
_WAVES = tuple(_chunk(form, b"WAVE") for form in (b"RIFF", b"RIFX", b"RF64", b"BW64"))
_PACKETS: tuple[Sign, ...] = tuple(  # of 188 bytes, or of 192 with a clock before each
    tuple((start + n * size, b"G") for n in range(3)) for start, size in ((0, 188), (4, 192))
)
_ID3 = (b"ID3\2", b"ID3\3", b"ID3\4")
_MOV = "mov,mp4,m4a,3gp,3g2,mj2"
_TEXTS = (
    "txt md rst log json jsonl xml html css js py yaml yml toml ini sh c h cpp rs go java tex srt"
    " vtt"
)

TABLE: tuple[Format, ...] = (
    # pictures
    _picture("PNG", "png apng", b"\x89PNG\r\n\x1a\n", header=MULTITOK, demuxer="apng"),
    _picture("JPEG", "jpg jpeg jpe jfif", b"\xff\xd8\xff", header=MULTITOK),
    _picture("GIF", "gif", b"GIF87a", b"GIF89a", header=MULTITOK, demuxer="gif"),
    _picture("WebP", "webp", _chunk(b"RIFF", b"WEBP"), header=MULTITOK, demuxer="webp"),
    _picture("TIFF", "tif tiff", b"II*\0", b"MM\0*", header=MULTITOK),
    _picture("BigTIFF", "", b"II+\0", b"MM\0+", header=MULTITOK),
    _picture("BMP", "bmp", ((0, b"BM"), (6, b"\0\0\0\0")), *_BITMAPS, header=MULTITOK),
    _picture("DIB", "dib", *_BARE_BITMAPS, header=MULTITOK),
    _picture("ICO", "ico", b"\0\0\1\0", header=MULTITOK),
    _picture("AVIF", "avif", header=MULTITOK, inside="brands"),
    _picture("HEIC", "heic heif", header=MULTITOK, decoder="pillow-heif", inside="brands"),
    _picture("HEIF", "", header=MULTITOK, decoder="pillow-heif", inside="brands"),
    _picture("JPEG XL", "jxl", b"\0\0\0\x0cJXL ", b"\xff\x0a", header=MULTITOK, decoder=_JXL),
    _picture("JPEG 2000", "jp2 j2k jpf jpx", b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"),
    _picture("PSD", "psd", b"8BPS\0\1", header=MULTITOK),
    _picture("PSB", "psb", b"8BPS\0\2", header=MULTITOK, decoder=""),
    _picture("CUR", "cur", header=MULTITOK, inside="header"),
    _picture("ICNS", "icns", b"icns"),
    _picture("DDS", "dds", b"DDS \x7c\0"),
    _picture("QOI", "qoi", b"qoif"),
    _picture("PPM", "ppm pgm pbm pnm", *_NETPBM, written=True, inside="plain header"),
    _picture("PAM", "pam", b"P7\n", header=MULTITOK, decoder=""),
    _picture("PFM", "pfm", b"PF\n", b"Pf\n", header=MULTITOK, decoder=""),
    _picture("TGA", "tga icb vda vst", inside="header"),
    _picture("PCX", "pcx", inside="header"),
    _picture("DCX", "dcx", b"\xb1\x68\xde\x3a"),
    _picture("SGI", "sgi rgb rgba bw", b"\x01\xda\0", b"\x01\xda\1"),
    _picture("SUN", "ras", b"\x59\xa6\x6a\x95"),
    _picture("BLP", "blp", b"BLP1", b"BLP2"),
    _picture("FITS", "fits fts", b"SIMPLE  ="),
    _picture("EXR", "exr", b"\x76\x2f\x31\x01", header=MULTITOK, decoder=""),
    _picture("HDR", "hdr", b"#?RADIANCE\n", b"#?RGBE\n", header=MULTITOK, decoder=""),
    _picture("WBMP", "wbmp", header=MULTITOK, decoder="", inside="header"),
    _picture("SVG", "svg", header="", decoder="", written=True, inside="root element"),
    _picture("EPS", "", b"\xc5\xd0\xd3\xc6", header="", decoder=""),
    # clips
    _clip("MP4", "mp4 m4v mov 3gp", _MOV, header=MULTITOK, inside="brands"),
    _clip("QuickTime", "", _MOV, *_BOXES, header=MULTITOK),
    _clip("Matroska", "mkv webm", "matroska,webm", b"\x1aE\xdf\xa3"),
    _clip("AVI", "avi", "avi", _chunk(b"RIFF", b"AVI ")),
    _clip("MPEG-TS", "mts m2ts", "mpegts", *_PACKETS),
    _clip("MPEG-PS", "", "mpeg", b"\0\0\1\xba"),
    _clip("MPEG", "mpg mpeg", "mpegvideo", b"\0\0\1\xb3"),
    _clip("MPEG-4", "", "m4v", b"\0\0\1\xb0"),
    _clip("Motion JPEG", "mjpeg mjpg", "mjpeg", inside="name, and the sign of JPEG"),
    _clip("FLV", "flv", "flv", b"FLV\1"),
    _clip("H.264", "h264 264", "h264", b"\0\0\0\1\x67", b"\0\0\0\1\x09"),
    _clip("HEVC", "hevc h265 265", "hevc", b"\0\0\0\1\x40\1", b"\0\0\0\1\x46\1"),
    _clip("ASF", "wmv asf", "asf", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", inside="streams"),
    _clip("WTV", "wtv", "wtv", bytes.fromhex("b7d800203749da11a64e0007e95ead8d")),
    _clip("IVF", "ivf", "ivf", b"DKIF\0\0"),
    _clip("MXF", "mxf", "mxf", b"\x06\x0e\x2b\x34\x02\x05\1\1\x0d\1\2\1\1\2"),
    _clip("NUT", "nut", "nut", b"nut/multimedia container\0"),
    _clip("RealMedia", "rm rmvb", "rm", b".RMF"),
    _clip("DV", "dv", "dv", b"\x1f\x07\0"),
    _clip("AV1", "obu", "obu", b"\x12\0\x0a"),
    _clip("Y4M", "y4m", "yuv4mpegpipe", b"YUV4MPEG2 "),
    _clip("Ogg", "ogv ogm", "ogg", inside="streams"),
    # sounds
    _sound("WAV", "wav", "wav", *_WAVES, header=MULTITOK),
    _sound("FLAC", "flac", "flac", b"fLaC", header=MULTITOK),
    _sound("MP3", "mp3", "mp3", *_ID3, b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    _sound("MP2", "mp2", "mp3", b"\xff\xfd", b"\xff\xfc", b"\xff\xf5", b"\xff\xf4"),
    _sound("AAC", "aac", "aac", b"\xff\xf1", b"\xff\xf9"),
    _sound("MP4", "m4a", _MOV, inside="brands"),
    _sound("Ogg", "ogg oga opus", "ogg", b"OggS"),
    _sound("AIFF", "aiff", "aiff", _chunk(b"FORM", b"AIFF"), _chunk(b"FORM", b"AIFC")),
    _sound("ASF", "wma", "asf", inside="streams"),
    _sound("Wave64", "w64", "w64", b"riff\x2e\x91\xcf\x11"),
    _sound("CAF", "caf", "caf", b"caff\0\1"),
    _sound("AU", "au snd", "au", b".snd"),
    _sound("AMR", "amr awb", "amr", b"#!AMR"),
    _sound("AC-3", "ac3 eac3 ec3", "ac3,eac3", b"\x0b\x77"),
    _sound("WavPack", "wv", "wv", b"wvpk"),
    _sound("TTA", "tta", "tta", b"TTA1"),
    _sound("Monkey's Audio", "ape", "ape", ((0, b"MAC "), (5, b"\x0f"))),
    _sound("Musepack", "mpc", "mpc,mpc8", b"MP+\x07", b"MP+\x17", ((0, b"MPCK"), (4, b"SH"))),
    _sound("DSF", "dsf", "dsf", b"DSD \x1c\0\0\0"),
    _sound("VOC", "voc", "voc", b"Creative Voice File\x1a"),
    _sound("SoX", "sox", "sox", b".SoX", b"XoS."),
    _sound("DTS", "dts", "dts", b"\x7f\xfe\x80\1"),
    # what has sound made and holds none, which `unheard` refuses with what to do
    _silent("MIDI", "", b"MThd\0\0\0\6", _chunk(b"RIFF", b"RMID")),
    _silent("MOD", "", inside="mark at byte 1,080"),
    _silent("XM", "", ((0, b"Extended Module: "), (37, b"\x1a"))),
    _silent("S3M", "", ((28, b"\x1a\x10"), (44, b"SCRM"))),
    _silent("IT", "", ((0, b"IMPM"), (29, b"\0"))),
    _silent("M3U", "m3u m3u8", written=True, inside="first words"),
    _silent("PLS", "", written=True, inside="first words"),
    _silent("ASX", "", written=True, inside="first words"),
    _silent("CUE", "", written=True, inside="first words"),
    # tables, motion
    _table("CSV", "csv", decoder="numpy, pyarrow", written=True),
    _table("TSV", "tsv", decoder="numpy, pyarrow", written=True),
    _table("TS", "ts", written=True),
    _table("TSF", "tsf", written=True),
    _table("NPY", "npy", b"\x93NUMPY", decoder="numpy"),
    _table("NPZ", "npz", decoder="numpy"),
    _table("Parquet", "parquet", b"PAR1\x15", decoder="pyarrow"),
    _table("Arrow", "arrow feather ipc arrows", b"ARROW1\0\0", b"FEA1", decoder="pyarrow"),
    _table("HDF5", "h5 hdf5 hdf he5 nc", b"\x89HDF\r\n\x1a\n", decoder="h5py"),
    _table("MCAP", "mcap", b"\x89MCAP0\r\n", decoder="mcap"),
    _table("ARFF", "arff", written=True),
    _table("GPX", "gpx", written=True),
    _motion("BVH", "bvh", written=True, inside="first words"),
    _motion("C3D", "c3d", b"\2\x50"),
    _motion("AMC", "amc", b"#!OML:ASF", written=True),
    _motion("TRC", "trc", b"PathFileType\t", b"PathFileType,", written=True),
    _motion("STO", "sto mot", written=True),
    # tables that `series` refuses, with what to do
    _table("Excel", "xlsx xlsm xlsb xls ods", decoder=""),
    _table("pickle", "pkl pickle", b"\x80\4\x95", b"\x80\5\x95", decoder=""),
    _table("MATLAB", "mat", b"MATLAB 5.0 MAT-file", decoder=""),
    _table("SQLite", "db3 sqlite sqlite3", b"SQLite format 3\0", decoder=""),
    _table("ROS bag", "bag", b"#ROSBAG V", decoder=""),
    _table("TCX", "tcx", decoder="", written=True),
    _table("FIT", "fit", ((8, b".FIT"),), decoder=""),
    _motion("ASF skeleton", "", b"# AST/ASF", decoder="", written=True),
    _motion("FBX", "fbx", b"Kaydara FBX Binary  \0", decoder=""),
    # documents, text
    Format("PDF", "pdf", ("pdf",), (b"%PDF-",), "pypdfium2", "pypdfium2"),
    Format("text", "text", (*_TEXTS.split(),), (), MULTITOK, MULTITOK, "", True),
)  # fmt: skip

NAMES = frozenset(row.name for row in TABLE)
"""The formats of files, as they are named here; what is in memory has none of them."""

BY_SUFFIX = {suffix: row for row in TABLE for suffix in row.suffixes}

DEMUXERS = ",".join(dict.fromkeys(row.demuxer for row in TABLE if row.demuxer))
"""FFmpeg's demuxers that may open a file: each reads that one file, so no playlist is followed."""


def _by_first_byte() -> tuple[dict[int, list[tuple[Sign, Format]]], list[tuple[Sign, Format]]]:
    """The signs by the byte that a file of theirs starts with, and those that leave it open."""
    known: dict[int, list[tuple[Sign, Format]]] = {}
    others: list[tuple[Sign, Format]] = []
    for row in TABLE:
        for sign in row.magic:
            first = sign if isinstance(sign, bytes) else sign[0][1] if not sign[0][0] else b""
            if first:
                known.setdefault(first[0], []).append((sign, row))
            else:
                others.append((sign, row))
    return known, others


_STARTING, _INSIDE = _by_first_byte()
_NONE: list[tuple[Sign, Format]] = []


def by_magic(head: bytes) -> Format | None:
    """The row whose sign a file bears, which starts with `head`; None where none does."""
    if not head:
        return None
    for signs in (_STARTING.get(head[0], _NONE), _INSIDE):
        for sign, row in signs:
            if bears(head, sign):
                return row
    return None


def bears(head: bytes, sign: Sign) -> bool:
    """Whether a file that starts with `head` has the sign."""
    if isinstance(sign, bytes):
        return head.startswith(sign)
    return all(head[offset : offset + len(part)] == part for offset, part in sign)
