"""One table for all engines, and the blocks of docs/datasets.md that count it.

    data.parquet    id, text (one is null), image {bytes, path} (one is broken, one is empty)

Every engine must give the numbers of a plain loop.
"""

import io
import os
import re
from contextlib import redirect_stdout

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from one_table import IMAGES, ROOT, TEXTS

os.environ |= {
    "HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1", "DO_NOT_TRACK": "true",
    "DAFT_PROGRESS_BAR": "0", "RAY_USAGE_STATS_ENABLED": "0", "PYTHONWARNINGS": "default",
}  # fmt: skip


def pytest_collection_modifyitems(items):
    """What the engines warn of is theirs."""
    for item in items:
        item.add_marker(pytest.mark.filterwarnings("default"))


@pytest.fixture(scope="session", autouse=True)
def data(tmp_path_factory):
    """The table, in the folder that all run in: a JVM stays where it began."""
    folder = tmp_path_factory.mktemp("engines")
    cells = [{"bytes": data, "path": f"{row}.jpg"} for row, data in enumerate(IMAGES)]
    image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    table = {
        "id": pa.array(map(str, range(len(TEXTS)))),
        "text": pa.array(TEXTS, pa.string()),
        "image": pa.array(cells, image),
    }
    pq.write_table(pa.table(table), folder / "data.parquet", row_group_size=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("HF_HOME", str(folder / "cache"))
        (folder / "site").mkdir()
        (folder / "site" / "sitecustomize.py").write_text("import ends_once\n")
        patch.setenv("PYTHONPATH", f"{folder / 'site'}:{ROOT / 'engines'}:{ROOT / 'src'}")
        yield folder / "data.parquet"


@pytest.fixture
def texts(tmp_path):
    """4,000 texts in units of about a thousand, each in a file of its own."""
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(4000):
        (folder / f"{number:05}.txt").write_text("word " * (number % 7 + 1))
    return folder


@pytest.fixture
def killer(texts, tmp_path):
    """The mark of one among them that ends its process once."""
    mark = tmp_path / "killed"
    (texts / "03900.txt").write_text(f"KILLER {mark}")
    return mark


@pytest.fixture
def run_block():
    """Runs the block of the page that begins with a line; what it printed, as numbers."""
    page = (ROOT / "docs" / "datasets.md").read_text("utf-8")
    blocks = re.findall(r"^```py\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)

    def run(first):
        [block] = [block for block in blocks if block.startswith(first)]
        out = io.StringIO()
        with redirect_stdout(out):
            exec(compile(block, f"datasets.md: {first}", "exec"), {"__name__": "page"})
        return tuple(int(number) for number in re.findall(r"\d+", out.getvalue().splitlines()[-1]))

    return run
