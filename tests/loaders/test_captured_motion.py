"""Motion as text: the tables of OpenSim, and AMC."""

import numpy as np
import pytest
from series_files import both, check_damage_is_refused_alike, refused, written

from multitok.core.info import ActionsInfo, SeriesInfo
from multitok.loaders import door

TRC = (
    "PathFileType\t4\t(X/Y/Z)\ta.trc\n"
    "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\n"
    "100.00\t100.00\t2\t2\tmm\n"
    "Frame#\tTime\tHEAD\t\t\tTOE\t\t\n"
    "\t\tX1\tY1\tZ1\tX2\tY2\tZ2\n\n"
    "1\t0.00\t1\t2\t3\t4\t5\t6\n"
    "2\t0.01\t7\t8\t9\t\t\t\n"
)
MOT = (
    "Coordinates\nversion=1\nnRows=2\nnColumns=3\ninDegrees=yes\n\nendheader\n"
    "time\tknee\thip\n 0.0\t1\t2\n 0.5\t3\t4\n"
)
AMC = (
    "#!OML:ASF a\n:FULLY-SPECIFIED\n:DEGREES\n"
    "1\nroot 1 2 3 4 5 6\nknee 7\n2\nroot 8 9 10 11 12 13\nknee 14\n"
)


def test_markers_of_a_trc_file(tmp_path):
    """The toe is hidden in the second frame."""
    path = written(tmp_path, "a.trc", TRC)
    motion = both(path)
    assert motion.info == ActionsInfo(2, 6, 100.0)
    assert motion.names == ("HEAD.x", "HEAD.y", "HEAD.z", "TOE.x", "TOE.y", "TOE.z")
    nan = np.nan
    np.testing.assert_array_equal(motion.values, [[1, 2, 3, 4, 5, 6], [7, 8, 9, nan, nan, nan]])
    series = both(path, modality="series", columns=("TOE",))
    assert (series.info, series.timestamps.tolist()) == (SeriesInfo(2, 3), [0, 0.01])
    assert door.examine(path).facts["units"] == "mm"


def test_commas_of_a_spreadsheet_divide_like_tabs(tmp_path):
    path = written(tmp_path, "a.trc", TRC.replace("\t", ",") + ",,,,,,,\n")
    assert both(path).info == ActionsInfo(2, 6, 100.0)
    text = MOT.replace("\t", ",").replace("endheader", "endheader,,")
    assert both(written(tmp_path, "a.sto", text)).values.tolist() == [[1, 2], [3, 4]]
    assert door.examine(tmp_path / "a.sto").facts["units"] == "degrees"


@pytest.mark.parametrize("gap", ["\t", "  "])
def test_columns_of_a_storage_file(tmp_path, gap):
    path = written(tmp_path, "a.mot", MOT.replace("\t", gap))
    motion = both(path)
    assert motion.info == ActionsInfo(2, 2, 2.0)
    assert motion.names == ("knee", "hip")
    assert motion.values.tolist() == [[1, 2], [3, 4]]


def test_the_joints_of_an_amc_file(tmp_path):
    path = written(tmp_path, "a.amc", AMC)
    motion = both(path, hz=120)
    assert motion.info == ActionsInfo(2, 7, 120.0)
    assert motion.names[-2:] == ("root[5]", "knee")
    assert motion.values.tolist() == [[1, 2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 12, 13, 14]]


def test_a_skeleton_alone_says_what_to_name(tmp_path):
    path = written(tmp_path, "a.asf", "# AST/ASF file using VICON data\n:version 1.10\n")
    assert refused(path) == "a skeleton without its motion: name the .amc file beside it"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.trc", "1\t2\n",
         "not a .trc file: it does not begin with PathFileType and four lines"),
        ("a.trc", "\n" * 8, "not a .trc file: it does not begin with PathFileType and four lines"),
        ("a.mot", "endheader\n\n\n", "line 2: the first column must be time, got ''"),
        ("a.trc", TRC.replace("Frame#", "Rahmen"),
         "line 4: expected 'Frame#' and 'Time', got 'Rahmen\\tTime\\tHEAD\\t\\t\\tTOE\\t\\t'"),
        ("a.trc", TRC.replace("\tZ2", ""), "line 5: 2 markers need 3 axes each, got 5"),
        ("a.trc", TRC + "3\t0.02" + "\t1" * 9 + "\n", "line 9 has 11 cells, 8 are named"),
        ("a.trc", TRC + "3\t\t1\n", "line 9 has no time"),
        ("a.mot", MOT.partition("endheader")[0],
         "not a .sto or .mot file: no endheader and names under it"),
        ("a.mot", MOT.replace("time", "frame"),
         "line 8: the first column must be time, got 'frame'"),
        ("a.mot", MOT.replace("4\n", "x\n"), "line 10 is not numeric: it holds 'x'"),
        ("a.mot", MOT.partition(" 0.0")[0], "no rows under the header"),
        ("a.amc", "root 1 2\n", "line 1: expected the number of a frame, got 'root 1 2'"),
        ("a.amc", AMC.removesuffix("knee 14\n"), "frame 2 (up to line 8) lacks knee"),
        ("a.amc", AMC + "toe 1\n", "line 10: toe is not in the first frame, or stands twice"),
        ("a.amc", AMC.replace("14", "x"), "line 9 is not numeric: it holds 'x'"),
        ("a.amc", ":DEGREES\n", "no frames in it"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path, name, text, message):
    assert refused(written(tmp_path, name, text)) == message


def test_damage_is_refused_alike_by_a_count_and_a_load():
    check_damage_is_refused_alike("a.trc", TRC.encode())
