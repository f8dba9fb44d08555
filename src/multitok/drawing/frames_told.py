"""What a contact sheet tells of each frame: its number, its time and the tokens of its group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from multitok.core.info import VideoInfo
from multitok.core.layout import Box
from multitok.core.registry import AnyCounter
from multitok.core.tokenizer import Tokenizer
from multitok.drawing.patches import Grid, Patches
from multitok.modalities.video.motion import MotionTokenizer
from multitok.modalities.video.per_second import VideoRateCounter
from multitok.modalities.video.plan import SampledVideo


class Shown(NamedTuple):
    """A frame of the sheet: its place there, its number among those of the clip that the model is
    shown, from 0, and its time."""

    box: Box
    number: int
    seconds: float


class Groups(NamedTuple):
    """The tokens of a clip, by groups of frames.

    together   frames of a group
    grid       rows and columns of its tokens; none where nobody tells
    firsts     where the sequence is published, the place in it of the first token of each
    """

    many: int
    together: int
    grid: tuple[int, int]
    firsts: tuple[int, ...] = ()


def groups_of(counter: AnyCounter, info: VideoInfo) -> Groups:
    """By the plan of the rule; a step of `motion` is a group of the frames up to the next."""
    if isinstance(counter, SampledVideo):
        plan = counter.plan(info)
        firsts = plan.firsts() if isinstance(counter, Tokenizer) else ()
        return Groups(plan.groups, plan.together, plan.grid, firsts)
    if isinstance(counter, MotionTokenizer):
        rows, columns, steps = counter.rows, counter.columns, counter.steps(info)
        firsts = tuple(rows * columns * step for step in range(steps))
        return Groups(steps, counter.stride, (rows, columns), firsts)
    total = counter.frames_seen(info) or info.frames
    return Groups(total, 1, (0, 0))


def frames_told(
    frames: Sequence[Shown], counter: AnyCounter, info: VideoInfo, canvas: tuple[int, int]
) -> Patches:
    """A grid for each frame of a sheet; frames of one group tell the same tokens."""
    groups = groups_of(counter, info)
    total = counter.frames_seen(info) or info.frames
    return Patches(
        canvas,
        tuple(_grid(frame.box, frame.number // groups.together, groups) for frame in frames),
        tokens=counter.count(info) if groups.firsts else 0,
        words=tuple(_words(frame, total, counter, groups) for frame in frames),
    )


def _grid(box: Box, group: int, groups: Groups) -> Grid:
    """One cell where there are no tokens, or nobody tells them apart."""
    rows, columns = groups.grid
    if group >= groups.many or not rows * columns:
        return Grid(box, 1, 1)
    if not groups.firsts:
        return Grid(box, rows, columns)
    return Grid(box, rows, columns, groups.firsts[group], columns)


def _words(frame: Shown, total: int, counter: AnyCounter, groups: Groups) -> str:
    words = f"frame {frame.number + 1:,} of {total:,}, {frame.seconds:.2f} s"
    group = frame.number // groups.together
    if group >= groups.many:
        return f"{words} · no token stands for it"
    if groups.together > 1:
        words += f" · group {group + 1:,} of {groups.many:,}"
    if isinstance(counter, VideoRateCounter):
        return f"{counter.per_frame + counter.markers:,} tokens, {words}"
    return words
