"""tests/golden/cosmos_padding.json: what the reference fills pictures and windows of frames up to.

    python oracle/make_cosmos_padding.py CLONE    # of github.com/NVIDIA/Cosmos-Tokenizer

Its two functions are run as they stand, without the rest of the file, which needs torch.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

OUT = Path(__file__).parent.parent / "tests/golden/cosmos_padding.json"
PICTURES = [(1, 1), (15, 16), (17, 31), (100, 20), (512, 512), (360, 640)]
CLIPS = [(1, 16, 16), (2, 15, 17), (8, 33, 64), (9, 512, 512), (10, 100, 20), (17, 16, 48)]
"""(height, width), and (frames, height, width)."""


def main() -> None:
    clone = sys.argv[1]
    words = ["git", "-C", clone, "show", "HEAD:cosmos_tokenizer/utils.py"]
    source = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    tree = ast.parse(source)
    wanted = {"pad_image_batch", "pad_video_batch"}
    tree.body = [
        node
        for node in tree.body
        if (isinstance(node, ast.FunctionDef) and node.name in wanted)
        or (isinstance(node, ast.Assign) and "_ALIGN" in ast.unparse(node.targets[0]))
    ]
    found: dict = {"np": np}
    exec(compile(tree, "utils.py", "exec"), found)
    head = ["git", "-C", clone, "rev-parse", "HEAD"]
    commit = subprocess.run(head, check=True, capture_output=True, text=True).stdout.strip()
    pictures = [
        [size, found["pad_image_batch"](np.zeros((1, *size, 3), np.uint8))[0].shape[1:3]]
        for size in PICTURES
    ]
    clips = [
        [size, found["pad_video_batch"](np.zeros((1, *size, 3), np.uint8))[0].shape[1:4]]
        for size in CLIPS
    ]
    told = {"source": f"NVIDIA/Cosmos-Tokenizer at {commit[:7]}, cosmos_tokenizer/utils.py"}
    OUT.write_text(json.dumps({**told, "pictures": pictures, "clips": clips}) + "\n")


if __name__ == "__main__":
    main()
