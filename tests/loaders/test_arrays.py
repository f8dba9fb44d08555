"""NPY and NPZ: one side to three, arrays beside others, and what no table is."""

import io
import zipfile

import numpy as np
import pytest
from series_files import both, check_damage_is_refused_alike, refused, written

from multitok.core.errors import SourceError
from multitok.core.info import ActionsInfo, SeriesInfo
from multitok.loaders import door
from multitok.loaders.source import Source


@pytest.fixture
def saved(tmp_path):
    def save(*array, **arrays):
        path = tmp_path / ("a.npz" if arrays else "a.npy")
        np.savez(path, **arrays) if arrays else np.save(path, *array)
        return path

    return save


def test_three_sides_are_series_of_channels(saved):
    """2 series of 3 steps and 2 channels; numbers count through the file."""
    path = saved(np.arange(12.0).reshape(2, 3, 2))
    series = both(path)
    assert series.names == ("case0[0]", "case0[1]", "case1[0]", "case1[1]")
    assert series.values.tolist() == [[0, 1, 6, 7], [2, 3, 8, 9], [4, 5, 10, 11]]
    found = door.examine(path)
    assert found.facts["layout"] == "2 series x 3 steps x 2 channels"
    assert found.notes == ("read as 2 series of 3 steps: joints of 2 steps are read --as actions",)


def test_one_series_of_an_array_is_named(saved):
    path = saved(np.arange(12.0).reshape(2, 3, 2))
    assert both(path, columns=("case1",)).values.tolist() == [[6, 7], [8, 9], [10, 11]]
    assert both(path, columns=("case1[0]",)).values.tolist() == [[6], [8], [10]]


def test_points_of_joints_are_dims_of_movement(saved):
    """2 steps of 2 joints: each step is one row of the file."""
    path = saved(np.arange(12.0).reshape(2, 2, 3))
    motion = both(path, modality="actions", hz=20)
    assert motion.info == ActionsInfo(2, 6, 20)
    assert motion.names == ("j0.x", "j0.y", "j0.z", "j1.x", "j1.y", "j1.z")
    assert motion.values.tolist() == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]
    assert door.examine(path, modality="actions").facts["layout"] == "2 steps x 2 joints x xyz"
    assert both(path, modality="actions", columns=("j1",)).info.dims == 3


def test_movements_never_run_beside_each_other(saved):
    path = saved(np.zeros((5, 4, 7)))
    assert refused(path, modality="actions") == (
        "5 movements of 4 steps: name one, as in --columns case0 (columns=)"
    )
    assert both(path, modality="actions", columns=("case2",)).info == ActionsInfo(4, 7)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.float64(3),
         "the array must be (steps,), (steps, channels), (series, steps, channels) or of movement"
         " (steps, joints, 3), got shape (): numpy.reshape makes it one"),
        (np.zeros((2, 2, 3, 3)),
         "the array must be (steps,), (steps, channels), (series, steps, channels) or of movement"
         " (steps, joints, 3), got shape (2, 2, 3, 3): numpy.reshape makes it one"),
        (np.zeros((2, 0)), "the array has no channels: shape (2, 0)"),
        (np.zeros((0, 2, 2)), "the array has no channels: shape (0, 2, 2)"),
        (np.zeros((1, 1_000_001), "u1"),
         "the array has 1,000,001 channels, 1,000,000 at most: shape (1, 1000001) (turn it: .T)"),
        (np.array(["a"]), "the array must hold numbers, it holds text"),
        (np.array([1j]), "the array must hold numbers, it holds complex numbers: save its real and"
         " imaginary parts as two channels"),
        (np.array(["2024-01-01"], "datetime64[s]"), "the array must hold numbers, it holds dates:"
         " save its seconds, array.astype('datetime64[s]').astype(float)"),
        (np.zeros(2, [("a", "f8")]), "the array must hold numbers, it holds records: save each"
         " field under its name, by numpy.savez"),
        (np.array([[1], [2, 3]], object), "the array must hold numbers, it holds Python objects,"
         " which only a pickle reads: save it as float64, or arrays of several lengths by"
         " numpy.savez, each under its name"),
    ],
    ids=lambda value: getattr(value, "dtype", None) and f"{value.dtype}{value.shape}",
)  # fmt: skip
def test_what_is_no_table(saved, array, message):
    assert refused(saved(array)) == message


def test_arrays_of_one_length_are_channels(saved):
    assert both(saved(a=np.arange(3.0), b=np.zeros((3, 2)))).names == ("a", "b[0]", "b[1]")


def test_arrays_of_different_lengths_are_named(saved):
    path = saved(a=np.arange(3.0), b=np.zeros(2))
    assert refused(path) == (
        "arrays of different lengths: a (3), b (2): name one, as in --columns a (columns=)"
    )
    assert both(path, columns=("b",)).values.shape == (2, 1)


def test_columns_come_in_the_order_that_is_asked_for(saved):
    path = saved(a=[1.0, 2], b=[[3.0, 4], [5, 6]])
    assert both(path, columns=("b[1]", "a")).values.tolist() == [[4, 1], [6, 2]]


def test_what_is_no_table_is_left_out_of_an_archive_and_told(saved):
    path = saved(a=np.arange(3.0), label=np.array("walk"), one=np.array(7))
    assert both(path).names == ("a",)
    assert door.examine(path).facts["left out"] == "label, one"
    assert refused(path, columns=("label",)) == "label holds text: name another of its arrays"
    assert refused(saved(label=np.array("walk"))) == (
        "no arrays of numbers in it: label holds text"
    )


def test_an_array_named_time_is_the_clock(saved):
    path = saved(timestamps=np.arange(4) / 50, qpos=np.zeros((4, 2)))
    assert both(path).timestamps.tolist() == [0, 0.02, 0.04, 0.06]
    assert both(path, modality="actions").info == ActionsInfo(4, 2, 50.0)
    assert both(path, columns=("timestamps",)).info == SeriesInfo(4, 1)


@pytest.mark.parametrize("rate", [np.array(120.0), np.array(120), np.array([120.0], ">f4")])
def test_amass(saved, rate):
    """What moves is read: 6 of the body, 3 of its place; shape and sex are not steps."""
    path = saved(
        poses=np.ones((5, 6)), trans=np.zeros((5, 3)), betas=np.zeros(16), dmpls=np.zeros((5, 8)),
        gender=np.array("male"), mocap_framerate=rate,
    )  # fmt: skip
    assert both(path, modality="actions").info == ActionsInfo(5, 9, 120.0)
    assert door.examine(path).facts["left out"] == "betas, dmpls, gender"
    assert both(path, columns=("poses",)).info == SeriesInfo(5, 6)


def _source(data):
    return Source("a.npz", data=data, size=len(data))


@pytest.mark.parametrize("door_of", [door.examine, door.load])
def test_an_archive_that_expands_without_measure_is_refused(door_of):
    """300 MB of zeros in 300 kB; nothing of it is unpacked."""
    packed = io.BytesIO()
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "|u1", "fortran_order": False, "shape": (300 << 20,)}
    )
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("a.npy", "w") as member:
            member.write(head.getvalue())
            for _ in range(300):
                member.write(bytes(1 << 20))
        whole = archive.getinfo("a.npy")
    with pytest.raises(SourceError) as raised:
        door_of(_source(packed.getvalue()))
    assert str(raised.value) == (
        f"a.npz: a: {whole.compress_size:,} bytes expand to {whole.file_size:,}: a decompression"
        " bomb, or all one value; save it without compression"
    )


def test_an_array_of_an_archive_that_is_cut_is_not_counted(tmp_path, saved):
    data = saved(np.arange(100.0)).read_bytes()[:300]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.npy", data)
    path = written(tmp_path, "cut.npz", packed.getvalue())
    assert refused(path) == ("a: damaged .npy array (100 values are announced, 21 are there)")


def test_damage_is_refused_alike_by_a_count_and_a_load(saved):
    check_damage_is_refused_alike("a.npy", saved(np.arange(24.0).reshape(2, 3, 4)).read_bytes())
    whole = saved(poses=np.ones((5, 6)), trans=np.zeros((5, 3)), fps=np.array(30.0)).read_bytes()
    check_damage_is_refused_alike("a.npz", whole)


def test_a_version_that_numpy_does_not_read_is_named(tmp_path, saved):
    data = bytearray(saved(np.zeros(3)).read_bytes())
    data[6] = 9
    path = written(tmp_path, "b.npy", bytes(data))
    assert refused(path) == "an .npy array of version 9.0: 1.0, 2.0, 3.0 are read"
