"""oracle/compare_files.py, on the samples: what anybody may run on files of their own."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool():
    path = ROOT / "oracle" / "compare_files.py"
    spec = importlib.util.spec_from_file_location("compare_files", path)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_the_samples_are_read_as_pillow_and_ffmpeg_read_them(tool, capsys):
    tool.main([str(ROOT / "samples"), "--load", "--only", "image,video,audio"])
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["files", "same"],
        ["audio", "1", "1"],
        ["image", "2", "2"],
        ["video", "1", "1"],
    ]


def test_what_the_peer_reads_and_multitok_refuses_is_shown(tool, tmp_path, capsys, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"?" * 40)
    monkeypatch.setitem(tool.PEERS, "image", lambda path: (3, 2))
    tool.main([str(tmp_path)])
    shown = capsys.readouterr().out
    head, row, *_ = shown.splitlines()
    assert head.split("  ")[-1].strip() == "only the peer reads it"
    assert row.split() == ["image", "1", "1"]
    assert f"{path}\n    multitok {path}: damaged PNG header" in shown
