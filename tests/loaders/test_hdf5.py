"""HDF5: the layouts of robomimic and ALOHA, and data sets chosen by their paths."""

import sys

import numpy as np
import pytest
from series_files import both, check_damage_is_refused_alike, refused, written

from multitok.core.errors import MissingDependencyError
from multitok.core.info import ActionsInfo, SeriesInfo
from multitok.loaders import door

h5py = pytest.importorskip("h5py")


@pytest.fixture
def stored(tmp_path):
    def store(attributes=None, /, **sets):
        path = tmp_path / "a.hdf5"
        with h5py.File(path, "w") as file:
            file.attrs.update(attributes or {})
            for name, data in sets.items():
                file[name] = data
        return path

    return store


def test_the_actions_of_an_aloha_episode_are_read(stored):
    """Beside them lie joints, and pictures of four sides that are no table."""
    sets = {
        "action": np.arange(8.0).reshape(4, 2),
        "observations/qpos": np.ones((4, 3), "f4"),
        "observations/images/top": np.zeros((4, 8, 8, 3), "u1"),
    }
    path = stored({"fps": 50, "sim": True}, **sets)
    motion = both(path, modality="actions")
    assert motion.info == ActionsInfo(4, 2, 50.0)
    assert motion.names == ("action[0]", "action[1]")
    assert motion.values.tolist() == [[0, 1], [2, 3], [4, 5], [6, 7]]
    assert both(path, columns=("observations/qpos",)).info == SeriesInfo(4, 3)
    assert both(path, columns=("qpos", "action[1]")).names == (
        "observations/qpos[0]", "observations/qpos[1]", "observations/qpos[2]", "action[1]",
    )  # fmt: skip


def test_a_demonstration_of_robomimic_is_named(stored):
    demos = {f"data/demo_{i}/actions": np.full((i + 1, 7), i) for i in (0, 2, 10)}
    path = stored(**demos)
    assert refused(path, modality="actions") == (
        "3 data sets: data/demo_0/actions, data/demo_2/actions, data/demo_10/actions: name one, as"
        " in --columns data/demo_0/actions (columns=)"
    )
    assert both(path, columns=("demo_10",), modality="actions").info == ActionsInfo(11, 7)
    assert refused(path, columns=("actions",)) == (
        "data sets of different lengths: data/demo_0/actions (1), data/demo_2/actions (3),"
        " data/demo_10/actions (11): name one (columns=)"
    )
    assert refused(path, columns=("demo_3",)) == (
        "no data set 'demo_3'. There are: data/demo_0/actions, data/demo_2/actions,"
        " data/demo_10/actions (columns=)"
    )


def test_a_data_set_named_time_is_the_clock_of_those_beside_it(stored):
    path = stored(time=np.arange(3) / 10, wind=np.zeros(3))
    series = both(path)
    assert series.names == ("wind",)
    assert series.timestamps.tolist() == [0, 0.1, 0.2]
    assert door.examine(path).facts["time column"] == "time"
    assert both(path, modality="actions").hz == 10.0


def test_data_sets_of_one_length_are_channels_and_others_are_named(stored):
    assert both(stored(a=np.zeros(3), b=np.ones((3, 2)))).names == ("a", "b[0]", "b[1]")
    assert refused(stored(a=np.zeros(3), b=np.ones(2))) == (
        "2 data sets: a, b: name one, as in --columns a (columns=)"
    )


def test_what_is_no_table_is_named(stored):
    assert refused(stored(names=np.array([b"a"]), picture=np.zeros((1, 2, 3, 4)))) == (
        "no data set of numbers in it: names, picture hold pictures, text or records"
    )
    assert refused(stored()) == "no data set of numbers in it"


def test_a_link_to_another_file_is_not_followed(tmp_path, stored):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["x"] = [1.0]
    path = stored(a=[1.0, 2.0])
    with h5py.File(path, "a") as file:
        file["link"] = h5py.ExternalLink(str(secret), "/x")
        layout = h5py.VirtualLayout((1,), "f8")
        layout[:] = h5py.VirtualSource(str(secret), "x", (1,))
        file.create_virtual_dataset("virtual", layout)
    assert both(path).names == ("a",)


def test_a_data_set_that_expands_without_measure_is_refused(tmp_path):
    """A billion numbers are declared, none is stored."""
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (1_000_000_000,), "f8", chunks=(1000,))
    assert refused(path) == (
        "x: 0 bytes expand to 8,000,000,000: a decompression bomb, or all one value; save it"
        " without compression"
    )


def test_a_damaged_file_is_named(tmp_path):
    data = b"\x89HDF\r\n\x1a\n" + bytes(100)
    assert refused(written(tmp_path, "a.h5", data)).startswith("damaged HDF5 file (")


def test_without_its_package_it_says_what_to_install(stored, monkeypatch):
    path = stored(a=[1.0])
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingDependencyError) as raised:
        door.examine(path)
    assert str(raised.value) == "reading HDF5 needs h5py: pip install '.[hdf5]'"


def test_damage_is_refused_alike_by_a_count_and_a_load(stored):
    check_damage_is_refused_alike(
        "a.h5", stored(action=np.ones((4, 2)), time=np.arange(4.0)).read_bytes()
    )
