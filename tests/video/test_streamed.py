"""The command encodes a clip frame by frame, and the tokens are those of the clip held whole."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from multitok.cli import multitok
from multitok.core import registry
from multitok.core.sequence import TokenSequence
from multitok.loaders import door as loaders

CLIP = Path(__file__).parent.parent.parent / "samples" / "clip.mp4"


@pytest.mark.parametrize("section", [{}, {"start": 1.0, "end": 3.0}])
def test_the_command_streams_the_frames_it_needs(tmp_path, section, monkeypatch):
    whole = registry.build("qwen-video", {"fps": 1.0}).encode(loaders.load(CLIP, **section))
    monkeypatch.setattr("multitok.loaders.clips.video.load", None)  # the whole clip is never held
    words = [word for name, value in section.items() for word in (f"--{name}", str(value))]
    out = tmp_path / "tokens.npz"
    command = ["encode", str(CLIP), "-t", "qwen-video", "--fps", "1", *words, "-o", str(out)]
    result = CliRunner().invoke(multitok, command)
    assert result.exit_code == 0, result.output
    made = TokenSequence.load(out)
    assert (made.inputs["pixel_values_videos"] == whole.inputs["pixel_values_videos"]).all()
    assert made.positions.tolist() == whole.positions.tolist()
