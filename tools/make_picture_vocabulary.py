"""Train the vocabulary of dct-bpe that ships: photographs that are free, and lie in packages.

python tools/make_picture_vocabulary.py FOLDER...

The folders are `skimage/data` of scikit-image 0.26 and `sample_data` of matplotlib 3.11, of which
these pictures are taken; their licenses are told by the docstrings of `skimage.data` and, for the
last one, by the United States Navy. No picture ships, only which runs of symbols recur in them.
samples/photo.jpg (coffee.png of scikit-image) is left out: figures on it are of a picture unseen.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image as Pillow

from multitok.modalities.image.coded.dct_bpe import BUNDLED, DctBpeTokenizer

PICTURES = {
    "astronaut.png": "Eileen Collins, NASA: public domain",
    "rocket.jpg": "the launch of DSCOVR, SpaceX: public domain",
    "hubble_deep_field.jpg": "NASA: public domain",
    "retina.jpg": "Mikael Häggström: CC0",
    "camera.png": "Lav Varshney: CC0",
    "brick.png": "CC0Textures: CC0",
    "grass.png": "linolafett: CC0",
    "gravel.png": "CC0Textures: CC0",
    "chelsea.png": "Stefan van der Walt: CC0",
    "grace_hopper.jpg": "James S. Davis, United States Navy: public domain",
}
LONGEST = 1000
"""Pixels of the longer side; the retina alone is larger, and mostly black."""


def pictures(folders: list[Path]) -> Iterator[np.ndarray]:
    """The pixels of each, from the first folder that has it."""
    for name in PICTURES:
        path = next(folder / name for folder in folders if (folder / name).exists())
        picture = Pillow.open(path).convert("RGB")
        if max(picture.size) > LONGEST:
            half = picture.width // 2, picture.height // 2
            picture = picture.resize(half, Pillow.Resampling.BICUBIC)
        yield np.asarray(picture)


def main() -> None:
    """Write the vocabulary into the package."""
    folders = [Path(folder) for folder in sys.argv[1:]]
    with TemporaryDirectory() as folder:
        path = Path(folder, "pictures.json")
        DctBpeTokenizer.train(pictures(folders), path)
        BUNDLED.write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    print(DctBpeTokenizer().codes, "ids,", BUNDLED.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
