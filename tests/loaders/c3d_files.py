"""C3D files, made by hand."""

import struct

INTEL, DEC, MIPS = 84, 85, 86


def real(number, processor):
    """A float of 32 bits; a VAX has its halves the other way round, at four times the value."""
    if processor == DEC:
        data = struct.pack("<f", number * 4)
        return data[2:] + data[:2]
    return struct.pack((">" if processor == MIPS else "<") + "f", number)


def parameter(group, name, kind, sides, data, order):
    body = struct.pack("bB", kind, len(sides)) + bytes(sides) + data + b"\0"
    ahead = struct.pack(order + "h", len(body) + 2)
    return struct.pack("bb", len(name), group) + name.encode() + ahead + body


def texts(group, name, words, order):
    width = max(map(len, words))
    data = b"".join(word.ljust(width).encode() for word in words)
    return parameter(group, name, -1, [width, len(words)], data, order)


def c3d(frames, processor=INTEL, *, scale=-1.0, labels=("HEAD", "FOOT"), analog=(), rate=50.0):
    """Frames of (x, y, z, seen) for each label, then the samples of each analog channel."""
    order = ">" if processor == MIPS else "<"
    words = len(frames[0])
    samples = (words - 4 * len(labels)) // len(analog) if analog else 0
    section = bytes((1, 80, 1, processor))
    for number, name in ((1, "POINT"), (2, "ANALOG")):
        section += struct.pack("bb", len(name), -number) + name.encode()
        section += struct.pack(order + "hB", 3, 0)
    if labels:
        section += texts(1, "LABELS", labels, order)
    if analog:
        section += texts(2, "LABELS", analog, order)
        halves = b"".join(real(0.5, processor) for _ in analog)
        section += parameter(2, "SCALE", 4, [len(analog)], halves, order)
    head = struct.pack("BB", 2, 80) + struct.pack(
        order + "5H", len(labels), samples * len(analog), 1, len(frames), 10
    )
    head += real(scale, processor) + struct.pack(order + "HH", 3, samples) + real(rate, processor)
    data = b""
    for frame in frames:
        for number in frame:
            data += (
                real(number, processor)
                if scale < 0
                else struct.pack(order + "h", round(number / scale))
            )
    return head.ljust(512, b"\0") + section.ljust(512, b"\0") + data
