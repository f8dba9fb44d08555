"""MCAP recordings: the numbers in the messages of one topic, by the time they were logged.

Messages of JSON and of ROS 2 are read; those of ROS 1, Protobuf and FlatBuffers are named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from multitok.core.errors import MultitokError
from multitok.core.extras import require
from multitok.core.schema import parsed
from multitok.loaders.columns.bounds import bounded
from multitok.loaders.columns.stacking import stacked
from multitok.loaders.columns.tables import Table, rate, wrong
from multitok.loaders.probed import ReadOptions
from multitok.loaders.source import Source

MOST = 20
"""Topics that an error lists."""
LONGEST = 10_000
"""Numbers of a list that are channels: a longer one is a picture or a scan."""
ENCODINGS = ("json", "cdr")


class _Topic(NamedTuple):
    """How its messages are written, and how many there are."""

    encoding: str
    messages: int


def read(source: Source, options: ReadOptions, *, values: bool) -> Table:
    """The one topic of the file, or that which `columns` names: "/imu", "/imu.linear.x".

    A row a message; text is left out, and the `header` of ROS, whose stamp is no measure."""
    reading = "reading MCAP"
    reader: Any = require("mcap.reader", extra="mcap", purpose=reading, package="mcap")
    ros: Any = require(
        "mcap_ros2.decoder", extra="mcap", purpose=reading, package="mcap-ros2-support"
    )
    try:
        with source.open() as file:
            opened = reader.make_reader(file, decoder_factories=[ros.DecoderFactory()])
            topics = _topics(source.name, opened)
            topic = _asked(source.name, topics, options.columns)
            rows, times = [], []
            for at, message in _messages(opened, topic, topics[topic].encoding):
                rows.append(dict(_numbers(topic, message)))
                times.append(at / 1e9)
    except MultitokError:
        raise
    except Exception as error:  # those of mcap, lz4 and zstandard have no base in common
        raise wrong(source.name, f"damaged MCAP file ({error or type(error).__name__})") from None
    columns = _columns(source.name, topic, rows)
    facts = {"topic": topic, "topics": len(topics)}
    table = stacked(source.name, columns, options.columns, values=values, facts=facts)
    return _clocked(table, times, values)


def _topics(source: str, opened: Any) -> dict[str, _Topic]:
    """By the summary at the end, else by the messages themselves."""
    summary = opened.get_summary()
    found: dict[str, _Topic] = {}
    if summary is not None and summary.statistics is not None:
        for chunk in summary.chunk_indexes:
            bounded(source, chunk.compressed_size, chunk.uncompressed_size)
        counts = summary.statistics.channel_message_counts
        for key, channel in summary.channels.items():
            before = found.get(channel.topic, _Topic("", 0)).messages
            messages = before + counts.get(key, 0)
            found[channel.topic] = _Topic(channel.message_encoding, messages)
    else:
        for _, channel, _ in opened.iter_messages():
            before = found.get(channel.topic, _Topic("", 0)).messages
            found[channel.topic] = _Topic(channel.message_encoding, before + 1)
    if not any(topic.messages for topic in found.values()):
        raise wrong(source, "no messages in it")
    return {name: topic for name, topic in sorted(found.items()) if topic.messages}


def _asked(source: str, topics: dict[str, _Topic], columns: tuple[str, ...]) -> str:
    """The one topic to read."""
    told = [f"{name} ({t.encoding}, {t.messages:,} messages)" for name, t in topics.items()]
    more = f" and {len(told) - MOST} more" if len(told) > MOST else ""
    listed = ", ".join(told[:MOST]) + more
    wanted = [next((t for t in topics if f"{one}.".startswith(f"{t}.")), "") for one in columns]
    if "" in wanted and not all(one.isdecimal() for one in columns):
        asked = columns[wanted.index("")]
        raise wrong(source, f"no topic {asked!r}. There are: {listed} (columns=)")
    named = {topic for topic in wanted if topic} or set(topics)
    if len(named) > 1:
        raise wrong(
            source,
            f"{len(topics)} topics, each with a clock of its own: {listed}: name one, as in"
            f" --columns {next(iter(topics))} (columns=)",
        )
    (topic,) = named
    if topics[topic].encoding not in ENCODINGS:
        raise wrong(
            source,
            f"topic {topic} is written as {topics[topic].encoding}, and only json and cdr (ROS 2)"
            " are read: save its numbers as CSV",
        )
    return topic


def _messages(opened: Any, topic: str, encoding: str) -> Iterator[tuple[int, Any]]:
    """Nanoseconds and content of each message."""
    if encoding == "json":
        for _, _, message in opened.iter_messages(topics=[topic]):
            yield message.log_time, parsed(message.data.decode("utf-8"))
    else:
        for _, _, message, content in opened.iter_decoded_messages(topics=[topic]):
            yield message.log_time, content


def _numbers(name: str, content: Any) -> Iterator[tuple[str, float]]:
    """The numbers in a message by their place in it."""
    if isinstance(content, bool | int | float):
        yield name, float(content)
    elif isinstance(content, dict):
        for key, inner in content.items():
            yield from _numbers(f"{name}.{key}", inner)
    elif isinstance(content, list | tuple) and len(content) <= LONGEST:
        for i, inner in enumerate(content):
            yield from _numbers(f"{name}[{i}]", inner)
    elif hasattr(content, "__slots__") and not isinstance(content, str | bytes | memoryview):
        for key in content.__slots__:
            if key != "header":
                yield from _numbers(f"{name}.{key}", getattr(content, key))


def _columns(source: str, topic: str, rows: list[dict[str, float]]) -> dict[str, list[float]]:
    names = list(rows[0]) if rows else []
    if not names:
        raise wrong(source, f"no numbers in the messages of {topic}")
    for at, row in enumerate(rows):
        if row.keys() != rows[0].keys():
            odd = next(iter(row.keys() ^ rows[0].keys()))
            raise wrong(source, f"message {at} of {topic} and the first differ in {odd}")
    return {name: [row[name] for row in rows] for name in names}


def _clocked(table: Table, times: list[float], values: bool) -> Table:
    table = replace(table, time="log_time")
    if not values:
        return table
    import numpy as np

    stamps = np.array(times)
    return replace(table, timestamps=stamps, hz=rate(stamps))
