"""Counting from a header stays light: what a start may not import, watched in a child process."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = {
    "numpy", "cv2", "av", "tokenizers", "tiktoken", "tomllib", "rich", "importlib.metadata",
    "splintr", "fastokens", "huggingface_hub", "genai_prices", "pyarrow", "jinja2", "PIL.ImageOps",
    "starlette", "uvicorn", "mcp", "anyio", "httptools",
    "multitok.counting.picture_distortion", "multitok.counting.sound_distortion",
}  # fmt: skip


def imported(*command):
    child = subprocess.run(
        [sys.executable, "-X", "importtime", *command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    lines = [line for line in child.stderr.splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[1].strip() for line in lines}


@pytest.mark.parametrize(
    "command",
    [
        ("-c", "import multitok"),
        ("-m", "multitok", "--help"),
        ("-m", "multitok", "count", "--size", "1920x1080", "-m", "gpt-4o"),
        ("-m", "multitok", "count", "samples/photo.jpg", "-m", "claude-opus-5", "-q"),
        ("-m", "multitok", "inspect", "samples/photo.jpg"),
        ("-m", "multitok", "inspect", "samples/screenshot.png", "--json"),
        ("-m", "multitok", "count", "samples/clip.mp4", "-m", "gemini-3-flash-preview"),
        ("-m", "multitok", "inspect", "samples/clip.mp4"),
        ("-m", "multitok", "count", "samples/melody.flac", "-m", "gemini-3-flash-preview"),
        ("-m", "multitok", "models"),
    ],
    ids=lambda command: " ".join(command[1:]),
)
def test_a_header_path_imports_nothing_heavy(command):
    names = imported(*command)
    assert "multitok" in names
    assert names & HEAVY == set()


def test_a_service_without_tools_for_agents_loads_no_mcp():
    start = "from multitok.cli import serve; from multitok.service.app import application as a; "
    settings = "from multitok.service.settings import Settings; a(Settings({}))"
    assert "mcp" not in imported("-c", start + settings.format(""))
    assert "mcp" in imported("-c", start + settings.format("roots=('.',)"))


def test_tools_for_agents_need_nothing_of_the_service():
    """They come by an extra of their own."""
    names = imported("-c", "import multitok.service.agents, multitok.service.ready")
    assert names & {"httptools", "msgspec", "multitok.service.app"} == set()


def test_the_watch_sees_a_heavy_import():
    assert "numpy" in imported("-c", "import multitok.testing, numpy")


def test_version_is_the_project_s():
    import tomllib

    import multitok

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert multitok.__version__ == project["version"]


def test_every_public_name_can_be_reached():
    import multitok

    for name in multitok.__all__:
        assert getattr(multitok, name) is not None
