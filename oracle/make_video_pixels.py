"""Write tests/golden/video_pixels.json: what the published video processors feed their encoders.

    python oracle/make_video_pixels.py > tests/golden/video_pixels.json

transformers 5.23.0 with torchvision. Of every input some 60 values are kept, spread over all of it.
"""

import json
import sys
from typing import Any

import numpy as np
import torch
import torchvision
import transformers
from video_processors import FPS, REFERENCES, clip

RESIZED = (4, 180, 320)
KEPT = 60


def sampled(array: np.ndarray) -> dict[str, Any]:
    index = np.unique(np.linspace(0, array.size - 1, min(KEPT, array.size)).round().astype(int))
    values = array.ravel()[index]
    rounded = (
        values.tolist() if values.dtype.kind == "i" else values.astype(float).round(6).tolist()
    )
    return {"shape": list(array.shape), "index": index.tolist(), "values": rounded}


def cases() -> list[dict[str, Any]]:
    made = []
    for name, reference in REFERENCES.items():
        processor = reference.processor()
        for pattern, shape in (("stripes", reference.fitting), ("smooth", RESIZED)):
            found = reference.made(processor, clip(pattern, *shape))
            made.append(
                {
                    "name": name,
                    "tokenizer": reference.tokenizer,
                    "params": reference.params,
                    "pattern": pattern,
                    "clip": dict(zip(("frames", "height", "width"), shape, strict=True)),
                    "inputs": {key: sampled(array) for key, array in found.items()},
                }
            )
    return made


if __name__ == "__main__":
    versions = f"torch {torch.__version__}, torchvision {torchvision.__version__}"
    golden = {
        "reference": f"transformers {transformers.__version__}, {versions}: the video processor",
        "patterns": "oracle/video_processors.py; stripes are not resized, smooth is",
        "fps": FPS,
        "cases": cases(),
    }
    json.dump(golden, sys.stdout, separators=(",", ":"))
