"""BVH: joints, channels and frames as they stand, and a clear error for a file that is cut."""

import numpy as np
import pytest

from multitok.core.errors import SourceError
from multitok.loaders import door as loaders
from multitok.loaders.columns.bvh import header, parse

WALK = """HIERARCHY
ROOT Hips
{
\tOFFSET 0.00 0.00 0.00
\tCHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
\tJOINT Left Leg
\t{
\t\tOFFSET 3.5 0 0
\t\tCHANNELS 3 Zrotation Xrotation Yrotation
\t\tEnd Site
\t\t{
\t\t\tOFFSET 0 -8 0
\t\t}
\t}
}
MOTION
Frames: 2
Frame Time: 0.025
0 90 0 1.5 2 3 4 5 6
0 91 0 179 2 3 4 5 -1e1
"""


def test_columns_are_joint_and_channel():
    head, values = parse(WALK)
    assert (head.frames, head.frame_time, head.hz) == (2, 0.025, 40.0)
    assert head.names[:2] == ("Hips.Xposition", "Hips.Yposition")
    assert head.names[6:] == ("Left Leg.Zrotation", "Left Leg.Xrotation", "Left Leg.Yrotation")
    np.testing.assert_array_equal(values[1], [0, 91, 0, 179, 2, 3, 4, 5, -10])


def test_the_header_does_not_look_at_the_numbers():
    assert header(WALK.replace("1.5", "x").splitlines()) == parse(WALK)[0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0 90 0", "0 90", "line 19: 9 channels need as many numbers, got 8"),
        ("1.5", "fast", "line 19: could not convert string to float: 'fast'"),
        ("1.5", "nan", "line 19: every number must be finite"),
        ("Frames: 2", "Frames: 3", "3 frames are announced, 2 are there: the file is cut"),
        ("Frames: 2", "Frames: 2.5", "line 17: Frames must be a whole number, got 2.5"),
        ("Frames: 2", "Takes: 2", "line 17: expected 'Frames:' and a number, got 'Takes: 2'"),
        ("0.025", "0", "line 18: Frame Time must be above 0, got 0.0"),
        ("MOTION", "", "a BVH file needs a MOTION section, got none"),
        ("\t}\n}", "\t}\n", "line 16: joint 'Hips' is not closed with a }"),
        (
            "CHANNELS 3",
            "CHANNELS 4",
            "line 9: CHANNELS must stand in a joint and count its names,"
            " got ['4', 'Zrotation', 'Xrotation', 'Yrotation']",
        ),
        (
            "Yposition",
            "Height",
            "line 5: a channel is one of Xposition, Yposition, Zposition, Xrotation, Yrotation,"
            " Zrotation, got 'Height'",
        ),
    ],
)
def test_a_broken_file(old, new, message):
    with pytest.raises(SourceError) as error:
        parse(WALK.replace(old, new), "walk.bvh")
    assert str(error.value) == f"walk.bvh: {message}"


def test_no_channels():
    with pytest.raises(SourceError) as error:
        parse("HIERARCHY\nROOT a\n{\n}\nMOTION\nFrames: 0\nFrame Time: 1\n")
    assert str(error.value) == "<data>: a BVH file needs CHANNELS, got none"


def test_a_motion_that_is_cut_is_not_counted(tmp_path):
    path = tmp_path / "walk.bvh"
    path.write_text(WALK.replace("Frames: 2", "Frames: 3"))
    with pytest.raises(SourceError, match="3 frames are announced, 2 are there"):
        loaders.examine(path)
