"""A module imports only from lower layers, and the parts of one layer do not import each other."""

import ast
import re
from pathlib import Path

SRC = Path(__file__).parent.parent / "src" / "multitok"

LAYERS: tuple[tuple[str, ...], ...] = (
    ("columns", "errors", "geometry", "paper"),
    ("extras", "info", "layout", "media", "parameters"),
    ("sequence",),
    ("tokenizer",),
    ("registry",),
    ("modalities", "loaders", "catalog", "providers", "price_feed"),
    ("price_list",),
    ("pricing", "price_history", "pdf_range"),
    ("counting",),
    ("comparison",),
    (
        "fit_video",
        "fitting",
        "save",
        "tools",
        "calibration",
        "usage",
        "efficiency",
        "chat_template",
    ),
    ("request_parts",),
    ("requests",),
    ("report", "contact_sheet", "draw", "charts"),
    ("request_report", "price_charts", "distortion", "page"),
    ("figures",),
    ("budget", "guarding", "reconcile", "truncate", "train", "testing"),
    ("cli",),
    ("__main__",),
)
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
# Inside L1, media builds on info and every part may raise errors; inside modalities, a video is
# made of pictures and sound.
ALLOWED_SIBLINGS = {("media", "info"), ("media", "layout")}
ALLOWED_MODALITIES = {("video", "image"), ("video", "audio")}


def _imports(tree: ast.AST) -> list[tuple[int, str]]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.append((node.lineno, node.module))
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return [(line, name) for line, name in found if name.split(".")[0] == "multitok"]


def violations(root: Path) -> list[str]:
    wrong = []
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if parts == ("__init__",):
            continue  # the front door names everything, lazily
        here, level = parts[0], LEVEL[parts[0]]
        for line, name in sorted(set(_imports(ast.parse(path.read_text("utf-8"))))):
            target = name.split(".")[1:]
            there = target[0] if target else ""
            if there not in LEVEL:
                continue
            up = LEVEL[there] > level
            sibling = there != here and LEVEL[there] == level
            if up or (sibling and (here, there) not in ALLOWED_SIBLINGS):
                wrong.append(
                    f"{path.relative_to(root)}:{line}: {here} (layer {level}) imports {there}"
                    f" (layer {LEVEL[there]})"
                )
            if here == there == "modalities" and len(parts) > 2 and len(target) > 1:
                pair = (parts[1], target[1])
                if pair[0] != pair[1] and pair not in ALLOWED_MODALITIES:
                    wrong.append(f"{path.relative_to(root)}:{line}: {pair[0]} imports {pair[1]}")
    return list(dict.fromkeys(wrong))


def test_imports_point_down():
    assert violations(SRC) == []


def test_the_table_of_the_design_is_the_layers():
    """Each row of docs/design.md names the modules of one layer."""
    table = (SRC.parent.parent / "docs" / "design.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+?) \|", table, re.MULTILINE)
    assert [int(layer) for layer, _ in rows] == list(range(len(LAYERS)))
    assert [tuple(re.findall(r"`(\w+)`", names)) for _, names in rows] == list(LAYERS)


def test_every_module_has_a_layer():
    found = {path.stem for path in SRC.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert found - {"__init__", "__pycache__", "data"} == set(LEVEL)


def test_the_walk_sees_a_wrong_import(tmp_path):
    """A layer test that finds nothing must be able to find something."""
    (tmp_path / "errors.py").write_text("from multitok.registry import names\n")
    assert violations(tmp_path) == ["errors.py:1: errors (layer 0) imports registry (layer 4)"]
