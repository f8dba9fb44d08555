"""Write samples/arm.csv: eight seconds of a seven-joint arm, 50 Hz, joint angles in radians.

Point-to-point motions with the minimum-jerk profile of Flash and Hogan (1985), which human and
robot reaching follows: x(s) = x0 + (x1 - x0) (10 s^3 - 15 s^4 + 6 s^5). Targets are drawn inside
the published joint limits of the Franka Emika Panda, and each motion takes as long as its slowest
joint needs at half its published speed limit. Seeded: the same file every time.

    python tools/make_arm_sample.py
"""

from __future__ import annotations

from pathlib import Path
from random import Random

LIMITS = (  # Franka Emika Panda, joint position limits in radians, speed limits in radians/s
    (-2.8973, 2.8973, 2.175),
    (-1.7628, 1.7628, 2.175),
    (-2.8973, 2.8973, 2.175),
    (-3.0718, -0.0698, 2.175),
    (-2.8973, 2.8973, 2.61),
    (-0.0175, 3.7525, 2.61),
    (-2.8973, 2.8973, 2.61),
)
PEAK = 1.875
"""A minimum-jerk motion peaks at 15/8 of its mean speed, half way."""


def motion(seed: int, seconds: float, hz: float, reach: float = 0.5) -> list[list[float]]:
    """Joint angles (steps, 7) of consecutive minimum-jerk motions to random targets.

    `reach` is the share of each joint's range that a motion may cross.
    """
    random = Random(seed)
    here = [random.uniform(low, high) for low, high, _ in LIMITS]
    rows: list[list[float]] = []
    while len(rows) < seconds * hz:
        there = [
            min(high, max(low, at + reach * (high - low) * random.uniform(-0.5, 0.5)))
            for at, (low, high, _) in zip(here, LIMITS, strict=True)
        ]
        needed = max(
            PEAK * abs(b - a) / (speed / 2)
            for a, b, (_, _, speed) in zip(here, there, LIMITS, strict=True)
        )
        steps = max(1, round(needed * hz))
        for step in range(steps):
            s = step / steps
            share = s**3 * (10 - 15 * s + 6 * s * s)
            rows.append([a + (b - a) * share for a, b in zip(here, there, strict=True)])
        here = there
    return rows[: round(seconds * hz)]


def main() -> None:
    """Write the sample beside the other samples."""
    hz = 50
    lines = ["time," + ",".join(f"joint{joint}" for joint in range(1, 8))]
    for step, row in enumerate(motion(seed=7, seconds=8, hz=hz)):
        lines.append(f"{step / hz:.2f}," + ",".join(f"{angle:.4f}" for angle in row))
    path = Path(__file__).parent.parent / "samples" / "arm.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
