"""LeRobot data sets: a folder is all its episodes, and no chunk runs from one into the next."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

import multitok
from multitok import Actions, ActionsInfo
from multitok.cli import multitok as program
from multitok.core.errors import SourceError, UnknownNameError
from multitok.train import train_fast

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

LENGTHS = (4, 7, 3)
ACTION = [np.arange(2 * n, dtype=float).reshape(n, 2) + 100 * i for i, n in enumerate(LENGTHS)]
"""Episode i holds 100 i, 100 i + 1, ...: each value says where it is of."""
FILES = {"v2.1": (0, 1, 2), "v3.0": (0, 0, 1)}
PATHS = {
    "v2.1": "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
    "v3.0": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
}


def rows(episodes):
    """A file of data: the columns that every LeRobot file has."""
    action = np.concatenate([ACTION[i] for i in episodes])
    return pa.table(
        {
            "action": pa.array(action.tolist(), pa.list_(pa.float32(), 2)),
            "observation.state": pa.array((-action).tolist(), pa.list_(pa.float32())),
            "timestamp": np.concatenate([np.arange(LENGTHS[i]) / 30 for i in episodes]),
            "episode_index": np.concatenate([np.full(LENGTHS[i], i) for i in episodes]),
        }
    )


def write(folder, version="v3.0", *, stats=None, names=("shoulder", "elbow")):
    """A data set of three episodes of two dims, as that version of LeRobot lays it out."""
    joints = {"dtype": "float32", "shape": [2], "names": names}
    info = {
        "codebase_version": version,
        "fps": 30,
        "chunks_size": 1000,
        "data_path": PATHS[version],
        "features": {
            "action": joints,
            "observation.state": joints,
            "observation.images.top": {"dtype": "video", "shape": [480, 640, 3], "names": None},
            "timestamp": {"dtype": "float32", "shape": [1], "names": None},
        },
    }
    (folder / "meta" / "episodes").mkdir(parents=True)
    (folder / "data" / "chunk-000").mkdir(parents=True)
    (folder / "meta" / "info.json").write_text(json.dumps(info))
    if stats is not None:
        (folder / "meta" / "stats.json").write_text(json.dumps(stats))
    lengths = [{"episode_index": i, "length": n} for i, n in enumerate(LENGTHS)]
    if version == "v2.1":
        lines = "".join(json.dumps(row) + "\n" for row in lengths)
        (folder / "meta" / "episodes.jsonl").write_text(lines)
    else:
        for row, file in zip(lengths, FILES[version], strict=True):
            row |= {"data/chunk_index": 0, "data/file_index": file}
        pq.write_table(pa.Table.from_pylist(lengths), folder / "meta/episodes/file-000.parquet")
    for file in set(FILES[version]):
        held = [i for i in range(3) if FILES[version][i] == file]
        path = PATHS[version].format(
            episode_chunk=0, episode_index=file, chunk_index=0, file_index=file
        )
        pq.write_table(rows(held), folder / path)
    return folder


@pytest.fixture(params=FILES)
def dataset(request, tmp_path):
    return write(tmp_path / "set", request.param)


def refused(source, error=SourceError, **read):
    with pytest.raises(error) as caught:
        multitok.load(source, **read)
    return str(caught.value).removeprefix(f"{source}: ").removeprefix(f"{source}/")


def test_a_folder_is_all_its_episodes(dataset):
    motion = multitok.load(dataset)
    np.testing.assert_array_equal(motion.values, np.concatenate(ACTION))
    assert (motion.names, motion.hz, motion.episodes) == (("shoulder", "elbow"), 30.0, LENGTHS)


def test_the_shape_in_the_metadata_is_that_of_the_content(dataset):
    for read in ({}, {"episode": 1}, {"columns": ("observation.state", "action")}, {"hz": 5.0}):
        assert multitok.probe(dataset, **read) == multitok.load(dataset, **read).info
    assert multitok.probe(dataset) == ActionsInfo(14, 2, 30.0, episodes=LENGTHS)
    assert multitok.probe(dataset).words() == "14 steps · 2 dims · 30 Hz · 3 episodes"


def test_one_episode_by_its_number(dataset):
    motion = multitok.load(dataset, episode=1)
    np.testing.assert_array_equal(motion.values, ACTION[1])
    assert motion.episodes == ()
    assert refused(dataset, episode=3) == "no episode 3: there are 0 to 2"


def test_another_column_by_its_name(dataset):
    state = multitok.load(dataset, columns=("observation.state",), episode=2)
    np.testing.assert_array_equal(state.values, -ACTION[2])
    both = multitok.load(dataset, columns=("action", "observation.state"))
    assert both.names[1:3] == ("action.elbow", "observation.state.shoulder")
    assert refused(dataset, UnknownNameError, columns=("observation.images.top",)) == (
        "no column 'observation.images.top'. Did you mean 'observation.state'? There are: action,"
        " observation.state"
    )


@pytest.mark.parametrize("names", [None, ["one"], ["same", "same"], 5])
def test_dims_without_names_of_their_own_are_numbered(tmp_path, names):
    folder = write(tmp_path / "set", names=names)
    assert multitok.load(folder).names == ("action[0]", "action[1]")


def test_names_under_their_axis(tmp_path):
    folder = write(tmp_path / "set", names={"motors": ["a", "b"]})
    assert multitok.load(folder).names == ("a", "b")


def test_chunks_are_cut_at_episodes(dataset):
    """Chunks of 5 steps: of 4, 7 and 3 steps 1 + 2 + 1, of 14 in one run 3; 2 dims x 6 a chunk."""
    options = {"horizon": 5, "basis": 6}
    counted = multitok.count(dataset, tokenizer="beast", options=options)
    assert counted.parts == {"episode 0": 12, "episode 1": 24, "episode 2": 12}
    assert counted.tokens == len(multitok.encode(dataset, tokenizer="beast", options=options)) == 48


def test_a_data_set_costs_what_its_episodes_cost():
    motion = Actions(np.concatenate(ACTION) / 300, episodes=LENGTHS)
    codes = tuple((float(i),) * 10 for i in range(4))
    for name, options in (
        ("action-bins", {}),
        ("beast", {"horizon": 5}),
        ("fast", {"horizon": 5}),
        ("fsq", {"levels": (8, 5)}),
        ("kmeans", {"codebook": codes, "horizon": 5}),
    ):
        tokenizer = multitok.get_tokenizer(name, **options)
        whole = tokenizer.encode(motion)
        apart = [tokenizer.encode(episode) for episode in motion.apart()]
        assert whole.ids.tolist() == [i for one in apart for i in one.ids.tolist()]
        assert list(tokenizer.breakdown(motion).values()) == [len(one) for one in apart]
        decoded = tokenizer.decode(whole)
        np.testing.assert_array_equal(
            decoded.values, np.concatenate([tokenizer.decode(one).values for one in apart])
        )
        assert decoded.episodes == LENGTHS


def test_saved_tokens_keep_the_episodes(dataset, tmp_path):
    tokens = multitok.encode(dataset, tokenizer="action-bins", options={"low": 0.0, "high": 300.0})
    tokens.save(tmp_path / "t.npz")
    again = multitok.decode(multitok.TokenSequence.load(tmp_path / "t.npz"))
    assert (again.episodes, again.names) == (LENGTHS, ("shoulder", "elbow"))


def test_a_count_of_steps_reads_no_data(tmp_path):
    folder = write(tmp_path / "set", "v2.1")
    for file in folder.glob("data/*/*.parquet"):
        file.unlink()
    assert multitok.count(folder, tokenizer="action-bins").tokens == 28


def test_training_takes_each_episode(dataset, tmp_path):
    motion = multitok.load(dataset)
    small = multitok.Actions(motion.values / 300, episodes=motion.episodes)
    made = [
        train_fast(data, tmp_path / "t.json", horizon=3, vocab_size=23)
        for data in ([small], small.apart())
    ]
    assert made[0] == made[1]
    assert made[0].items == 3


def test_a_series_is_one_episode(dataset):
    assert (
        multitok.load(dataset, modality="series", episode=0).values.tolist() == ACTION[0].tolist()
    )
    assert refused(dataset, modality="series") == (
        "3 episodes, no one series: name one (episode=, --episode), or read them as movement"
        " (--as actions)"
    )


def test_a_data_set_is_no_picture(dataset):
    assert refused(dataset, modality="image") == (
        "a LeRobot data set, no image: name a file in it, or leave out --as image"
    )


def test_a_file_of_several_episodes_is_all_of_them_where_that_is_said(tmp_path):
    file = write(tmp_path / "set") / "data/chunk-000/file-000.parquet"
    motion = multitok.load(file, modality="actions", episode="all")
    assert motion.episodes == LENGTHS[:2]
    assert multitok.probe(file, modality="actions", episode="all") == motion.info


def test_an_episode_in_two_pieces_is_no_run(tmp_path):
    pq.write_table(rows((0, 1, 0)), tmp_path / "a.parquet")
    assert refused(tmp_path / "a.parquet", modality="actions", episode="all") == (
        "2 episodes in 3 pieces: each must be in one"
    )


def test_data_that_are_not_there_are_named(tmp_path):
    folder = write(tmp_path / "set", "v2.1")
    (folder / "data/chunk-000/episode_000002.parquet").unlink()
    assert refused(folder) == (
        "data/chunk-000/episode_000002.parquet: no such file: fetch it, or name an episode that is"
        " there (episode=N)"
    )
    assert len(multitok.load(folder, episode=1).values) == 7


def test_data_that_differ_from_the_metadata_are_refused(tmp_path):
    folder = write(tmp_path / "set", "v2.1")
    lines = (folder / "meta/episodes.jsonl").read_text().replace('"length": 7', '"length": 8')
    (folder / "meta/episodes.jsonl").write_text(lines)
    assert refused(folder) == (
        "data/chunk-000/episode_000001.parquet: 7 steps of episode 1, the metadata say 8:"
        " the data set is not whole, or was changed"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fps": 0}, "meta/info.json: fps must be a number above 0, got 0: no data set of LeRobot"),
        ({"features": {}}, "no action in it: name a column. There are: "),
        ({"data_path": "../{episode_index}"}, "data_path '../{episode_index}' leads out of the da"),
        ({"data_path": "{x}"}, "data_path '{x}' names no file ('x')"),
        (
            {"data_path": "{episode_index:999999999}"},
            "data_path '{episode_index:999999999}' names no file (a place is {NAME} or {NAME:03d})",
        ),
        (
            {"chunks_size": None},
            "meta/info.json: chunks_size must be a whole number from 1 on, got None",
        ),
        (
            {"features": {"action": {"shape": [10**9]}}},
            "'action' has 1,000,000,000 dims, 1,000,000 at most",
        ),
        (
            {"features": {"action": {"shape": [-1]}}},
            "meta/info.json: features.action.shape[0] must be a whole number from 0 on, got -1",
        ),
    ],
)
def test_metadata_that_say_nothing_useful(tmp_path, change, message):
    folder = write(tmp_path / "set", "v2.1")
    info = json.loads((folder / "meta/info.json").read_text())
    (folder / "meta/info.json").write_text(json.dumps(info | change))
    assert refused(folder).startswith(message)


@pytest.mark.parametrize("number", [10**30, -1])
def test_an_episode_whose_number_is_none_is_refused(tmp_path, number):
    folder = write(tmp_path / "set", "v2.1")
    row = json.dumps({"episode_index": number, "length": 3})
    (folder / "meta/episodes.jsonl").write_text(row)
    assert "episode_index must be a whole number from 0 on" in refused(folder)


def deep(value, depth=700):
    for _ in range(depth):
        value = [value]
    return value


def test_statistics_and_names_may_be_nested_deep(tmp_path):
    """As deep as Python parses, which is deeper than a function can call itself for each."""
    folder = write(tmp_path / "set", stats={"action": {"q01": deep(1.0), "q99": deep(2.0)}})
    info = json.loads((folder / "meta/info.json").read_text())
    info["features"]["action"] |= {"names": {"motors": deep("a")}}
    (folder / "meta/info.json").write_text(json.dumps(info))
    loaded = multitok.load(folder)
    assert (loaded.quantiles, loaded.names) == (None, ("action[0]", "action[1]"))


def test_steps_that_are_not_those_of_the_episodes():
    with pytest.raises(multitok.MediaError) as error:
        ActionsInfo(5, 2, episodes=(2, 2))
    assert str(error.value) == "2 episodes of 4 steps in all, of 5 steps"


def test_the_quantiles_of_the_data_set_go_with_each_episode(tmp_path):
    stats = {"action": {"q01": [1.0, 2.0], "q99": [100.0, 2.0], "min": [0.0, 0.0], "max": [9, 205]}}
    folder = write(tmp_path / "set", stats=stats)
    for read in ({}, {"episode": 1}):  # a dim with q01 == q99 has its smallest and largest
        assert multitok.load(folder, **read).quantiles == ((1.0, 0.0), (100.0, 205.0))
    assert multitok.load(folder, columns=("observation.state",)).quantiles is None


def test_fast_is_trained_on_what_the_data_set_states(tmp_path):
    row = {"q01": [0.0, 0.0], "q99": [250.0, 250.0]}
    motion = multitok.load(write(tmp_path / "set", stats={"action": row}))
    train_fast([motion], tmp_path / "t.json", horizon=3, vocab_size=45)
    kept = json.loads((tmp_path / "t.processor_config.json").read_text())
    assert {key: kept[key] for key in row} == row


@pytest.mark.parametrize("row", [{}, {"q01": [1.0], "q99": [2.0]}, {"q01": "x", "q99": [1, 2]}, 5])
def test_statistics_without_quantiles_state_none(tmp_path, row):
    assert multitok.load(write(tmp_path / "set", stats={"action": row})).quantiles is None


def test_a_check_and_a_folder_of_files_take_a_data_set_as_one(dataset):
    [verdict] = multitok.check(dataset, max_tokens=30, tokenizer="action-bins")
    assert (verdict.status, verdict.tokens) == ("ok", 28)
    words = ["count", "-r", str(dataset), "-t", "action-bins", "-q"]
    assert CliRunner().invoke(program, words).output == "28\n"
