"""Train the vocabulary of mdct-bpe that ships: speech that a free program makes.

python tools/make_sound_vocabulary.py

flite 2.2 (Debian's package `flite`; Carnegie Mellon University: free to use, modify and distribute
without restriction) reads samples/english.txt with its four voices. No sound ships, only which runs
of symbols recur in it. samples/melody.flac is left out: figures on it are of a sound unseen.
"""

from __future__ import annotations

import gzip
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import multitok
from multitok.modalities.audio.coded.mdct_bpe import BUNDLED, MdctBpeTokenizer

TEXT = Path(__file__).parent.parent / "samples" / "english.txt"
VOICES = ("slt", "rms", "awb", "kal16")


def sounds(folder: Path) -> Iterator[multitok.Audio]:
    """The text in each voice, 16 kHz."""
    for voice in VOICES:
        spoken = folder / f"{voice}.wav"
        subprocess.run(["flite", "-voice", voice, "-f", TEXT, "-o", spoken], check=True)
        yield multitok.load(spoken)


def main() -> None:
    """Write the vocabulary into the package."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "sounds.json")
        MdctBpeTokenizer.train(sounds(Path(folder)), path)
        BUNDLED.write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    print(MdctBpeTokenizer().codes, "ids,", BUNDLED.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
