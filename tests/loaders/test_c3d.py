"""C3D: points and analog channels, in the numbers of three processors, made by hand."""

import numpy as np
import pytest
from c3d_files import DEC, INTEL, MIPS, c3d
from series_files import both, check_damage_is_refused_alike, refused, written

from multitok.core.info import ActionsInfo, SeriesInfo
from multitok.loaders import door

FRAMES = [[1, 2, 3, 0, 4, 5, 6, 0], [7, 8, 9, 0, 10, 11, 12, -1]]


@pytest.mark.parametrize("processor", [INTEL, DEC, MIPS])
@pytest.mark.parametrize("scale", [-1.0, 0.25])
def test_points_are_dims_and_one_not_seen_is_missing(tmp_path, processor, scale):
    """Floats, and whole numbers with a scale; the foot is hidden in the second frame."""
    path = written(tmp_path, "a.c3d", c3d(FRAMES, processor, scale=scale))
    motion = both(path)
    assert motion.info == ActionsInfo(2, 6, 50.0)
    assert motion.names == ("HEAD.x", "HEAD.y", "HEAD.z", "FOOT.x", "FOOT.y", "FOOT.z")
    nan = np.nan
    np.testing.assert_array_equal(motion.values, [[1, 2, 3, 4, 5, 6], [7, 8, 9, nan, nan, nan]])


def test_a_point_is_named_as_a_whole(tmp_path):
    path = written(tmp_path, "a.c3d", c3d(FRAMES))
    assert both(path, columns=("HEAD",), modality="series").values.tolist() == [
        [1, 2, 3],
        [7, 8, 9],
    ]


def test_analog_channels_have_steps_of_their_own(tmp_path):
    """Two samples a frame of 50 Hz, each times its scale of 0.5."""
    frames = [[1, 2, 3, 0, 10, 20], [4, 5, 6, 0, 30, 40]]
    path = written(tmp_path, "a.c3d", c3d(frames, labels=("HEAD",), analog=("EMG",)))
    assert both(path).names == ("HEAD.x", "HEAD.y", "HEAD.z")
    assert door.examine(path).facts["analog"] == "EMG"
    muscle = both(path, columns=("EMG",))
    assert muscle.info == ActionsInfo(4, 1, 100.0)
    assert muscle.values.tolist() == [[5], [10], [15], [20]]
    assert refused(path, columns=("EMG", "HEAD")) == (
        "points and analog channels have other steps: name one kind"
    )


def test_analog_channels_alone_are_read(tmp_path):
    path = written(tmp_path, "a.c3d", c3d([[8], [6]], labels=(), analog=("EMG",)))
    assert both(path, modality="series").info == SeriesInfo(2, 1)


def test_names_that_stand_twice_are_told_apart(tmp_path):
    path = written(tmp_path, "a.c3d", c3d(FRAMES, labels=("P", "P")))
    assert both(path).names[::3] == ("P.x", "P.1.x")


def test_a_file_that_is_cut_is_not_counted(tmp_path):
    path = written(tmp_path, "a.c3d", c3d(FRAMES)[:-4])
    assert refused(path) == "2 frames are announced, 1 are there: the file is cut"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({1: 0}, "not a C3D file: its second byte is not 0x50"),
        ({515: 7}, "damaged C3D file: no processor (84, 85 or 86) in its parameters"),
        ({16: 0}, "damaged C3D file (2 frames at 50 Hz from block 0)"),
        ({6: 9}, "damaged C3D file (-6 frames at 50 Hz from block 3)"),
        ({2: 0}, "neither points nor analog channels in it"),
    ],
)
def test_a_damaged_header_is_named(tmp_path, change, message):
    data = bytearray(c3d(FRAMES))
    for place, byte in change.items():
        data[place] = byte
    assert refused(written(tmp_path, "a.c3d", bytes(data)), modality="actions") == message


def test_damage_is_refused_alike_by_a_count_and_a_load():
    check_damage_is_refused_alike("a.c3d", c3d(FRAMES))
