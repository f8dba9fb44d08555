"""MCAP: topics of JSON and ROS 2, made in memory."""

import io
import json
import sys

import pytest
from series_files import both, check_damage_is_refused_alike, refused, written

from multitok.core.errors import MissingDependencyError
from multitok.core.info import ActionsInfo, SeriesInfo
from multitok.loaders import door

pytest.importorskip("mcap")
ros2 = pytest.importorskip("mcap_ros2.writer")

TENTH = 100_000_000
"""Nanoseconds."""


def recording(**topics):
    """A file of JSON messages, a tenth of a second apart; an underscore in a name is a slash."""
    from mcap.writer import Writer

    out = io.BytesIO()
    writer = Writer(out)
    writer.start()
    for name, messages in topics.items():
        encoding, *messages = messages if isinstance(messages[0], str) else ("json", *messages)
        channel = writer.register_channel(name.replace("_", "/"), encoding, 0)
        for i, message in enumerate(messages):
            data = json.dumps(message).encode()
            writer.add_message(channel, i * TENTH, data, i * TENTH)
    writer.finish()
    return out.getvalue()


def test_the_numbers_of_a_topic_are_channels_by_the_time_they_were_logged(tmp_path):
    messages = [{"v": {"x": i, "y": [1, 2]}, "frame": "base", "on": True} for i in range(3)]
    path = written(tmp_path, "a.mcap", recording(_imu=messages))
    series = both(path)
    assert series.names == ("/imu.v.x", "/imu.v.y[0]", "/imu.v.y[1]", "/imu.on")
    assert series.values.tolist() == [[0, 1, 2, 1], [1, 1, 2, 1], [2, 1, 2, 1]]
    assert series.timestamps.tolist() == [0, 0.1, 0.2]
    assert both(path, modality="actions").info == ActionsInfo(3, 4, 10.0)
    assert both(path, columns=("/imu.v.y",)).info == SeriesInfo(3, 2)


def test_one_of_several_topics_is_named(tmp_path):
    path = written(tmp_path, "a.mcap", recording(_a=[{"x": 1}], _b=[{"x": 2}, {"x": 3}]))
    assert refused(path) == (
        "2 topics, each with a clock of its own: /a (json, 1 messages), /b (json, 2 messages): name"
        " one, as in --columns /a (columns=)"
    )
    assert both(path, columns=("/b",)).values.tolist() == [[2], [3]]
    assert refused(path, columns=("/c",)) == (
        "no topic '/c'. There are: /a (json, 1 messages), /b (json, 2 messages) (columns=)"
    )


def test_messages_of_ros_2_are_read_without_their_header(tmp_path):
    out = io.BytesIO()
    writer = ros2.Writer(out)
    stamp = "=" * 80 + "\nMSG: builtin_interfaces/Time\nint32 sec\nuint32 nanosec\n"
    header = "=" * 80 + "\nMSG: std_msgs/Header\nbuiltin_interfaces/Time stamp\nstring frame_id\n"
    kind = writer.register_msgdef(
        "sensor_msgs/JointState",
        f"std_msgs/Header header\nstring[] name\nfloat64[] position\n{header}{stamp}",
    )
    for i in range(2):
        told = {"stamp": {"sec": 1, "nanosec": 2}, "frame_id": "a"}
        message = {"header": told, "name": ["p", "q"], "position": [1.0, 2.0 + i]}
        writer.write_message("/joints", kind, message, i * TENTH, i * TENTH, i)
    writer.finish()
    motion = both(written(tmp_path, "a.mcap", out.getvalue()), modality="actions")
    assert motion.names == ("/joints.position[0]", "/joints.position[1]")
    assert motion.values.tolist() == [[1, 2], [1, 3]]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (recording(), "no messages in it"),
        (recording(_a=[{"x": "y"}]), "no numbers in the messages of /a"),
        (recording(_a=[{"x": 1}, {"y": 1, "x": 2}]),
         "message 1 of /a and the first differ in /a.y"),
        (recording(_a=("protobuf", {"x": 1})), "topic /a is written as protobuf, and only json and"
         " cdr (ROS 2) are read: save its numbers as CSV"),
    ],
    ids=["empty", "text", "uneven", "protobuf"],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path, data, message):
    assert refused(written(tmp_path, "a.mcap", data)) == message


@pytest.mark.parametrize("size", [8, 60, 200, -1])
def test_a_file_that_is_cut_is_named(tmp_path, size):
    data = recording(_a=[{"x": 1}, {"x": 2}])[:size]
    assert refused(written(tmp_path, "a.mcap", data)).startswith("damaged MCAP file (")


def test_without_its_package_it_says_what_to_install(tmp_path, monkeypatch):
    path = written(tmp_path, "a.mcap", recording(_a=[{"x": 1}]))
    monkeypatch.setitem(sys.modules, "mcap.reader", None)
    with pytest.raises(MissingDependencyError) as raised:
        door.examine(path)
    assert str(raised.value) == "reading MCAP needs mcap: pip install '.[mcap]'"


def test_damage_is_refused_alike_by_a_count_and_a_load():
    check_damage_is_refused_alike("a.mcap", recording(_a=[{"x": i, "y": [1, 2]} for i in range(5)]))
