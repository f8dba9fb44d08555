"""Train the small FAST vocabulary that ships: synthetic arm motion, in radians and normalized.

PYTHONPATH=src python tools/make_fast_vocabulary.py
"""

from __future__ import annotations

import numpy as np

from make_arm_sample import LIMITS, motion
from multitok.modalities.actions.fast import FastTokenizer
from multitok.modalities.actions.fast_vocabulary import BUNDLED


def trajectories() -> list[np.ndarray]:
    """Half in radians, half mapped to [-1, 1] with a gripper that opens and shuts."""
    low, high = np.array([limit[:2] for limit in LIMITS]).T
    made = []
    for seed in range(240):
        hz = (10, 20, 50)[seed % 3]
        angles = np.array(motion(1000 + seed, seconds=500 / hz, hz=hz, reach=(0.2, 0.5)[seed % 2]))
        if seed % 4 < 2:
            made.append(angles)
            continue
        scaled = 2 * (angles - low) / (high - low) - 1
        scaled[:, 6] = np.where(np.arange(len(angles)) // (30 + seed) % 2, 1.0, -1.0)
        made.append(scaled)
    return made


def main() -> None:
    """Write the vocabulary into the package."""
    tokenizer = FastTokenizer.train(trajectories(), BUNDLED, coefficients=(-280, 280))
    print(len(tokenizer.vocabulary()), "ids,", BUNDLED.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
