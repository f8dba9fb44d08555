"""Pack .tiktoken rank files into the package's dense form.

    python tools/pack_vocabularies.py o200k_base.tiktoken.xz cl100k_base.tiktoken ...

Each file becomes `vocabularies/NAME.xz`: for every rank from 0 up one length byte and the token's
bytes (length 0 where the file has no such rank), xz-compressed. The sha256 of the input must be the
one that `vocabularies/index.json` gives, which is the hash tiktoken publishes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import lzma
import sys
from pathlib import Path

TARGET = Path(__file__).parent.parent / "src/multitok/modalities/text/vocabularies"
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 4, "pb": 0}]


def pack(ranks: bytes) -> bytes:
    """Length-prefixed tokens in rank order."""
    tokens: dict[int, bytes] = {}
    for line in ranks.splitlines():
        token, rank = line.split()
        tokens[int(rank)] = base64.b64decode(token)
    rows = (tokens.get(rank, b"") for rank in range(max(tokens) + 1))
    return b"".join(bytes([len(token)]) + token for token in rows)


def main(paths: list[str]) -> None:
    index = json.loads((TARGET / "index.json").read_text("utf-8"))
    published = {row["ranks"]: row["sha256"] for row in index["vocabularies"].values()}
    for path in map(Path, paths):
        data = path.read_bytes()
        raw = lzma.decompress(data) if path.suffix == ".xz" else data
        name = path.name.split(".")[0]
        digest = hashlib.sha256(raw).hexdigest()
        if published.get(name) != digest:
            sys.exit(f"{path}: sha256 {digest} is not the published {published.get(name)}")
        packed = lzma.compress(pack(raw), format=lzma.FORMAT_XZ, filters=FILTERS)
        (TARGET / f"{name}.xz").write_bytes(packed)
        print(f"{name}: {len(raw):,} bytes -> {len(packed):,}")


if __name__ == "__main__":
    main(sys.argv[1:])
