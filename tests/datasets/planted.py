"""A corpus with everything in it that readers of others were seen to lose without a word, and what
it counts to, by the plainest loop there is."""

import io
import json
import random
import tarfile
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

import multitok
from multitok import MultitokError, Text

MODEL = "gpt-5.4"
FORMS = ("JPEG", "PNG", "WEBP")
WORDS = [
    "the", "of", "counting", "tokens", "pictures", "data", "naïve", "東京", "emoji", "🙂", "rows",
]  # fmt: skip


def make(folder):
    """2,000 pictures (40 of them broken), 5,000 texts, 1,000 lines of a batch, 3 x 30 pictures in a
    tar."""
    choice = random.Random(0)
    _pictures(folder / "pictures", choice)
    _texts(folder / "texts.parquet", choice)
    _lines(folder / "batch.jsonl", choice)
    _tar(folder / "samples.tar")
    return folder


def _picture(number, form):
    file = io.BytesIO()
    Image.new("L", (8 + number % 97 * 3, 8 + number % 89 * 3)).save(file, form)
    return file.getvalue()


def _pictures(folder, choice):
    made = [_picture(number, FORMS[number % 3]) for number in range(60)]
    for number in range(2000):
        data = made[number % 60]
        if number % 50 == 7:
            data = data[: choice.randrange(12)]
        place = folder / f"{number % 10}"
        place.mkdir(parents=True, exist_ok=True)
        name = f"{number:04}.{FORMS[number % 3].lower()}"
        (place / name).write_bytes(data)


def _texts(path, choice):
    texts = [" ".join(choice.choices(WORDS, k=choice.randrange(1, 40))) for _ in range(5000)]
    texts[17], texts[1234], texts[4999] = None, "", None
    pq.write_table(pa.table({"id": range(5000), "text": texts}), path, row_group_size=700)


def _lines(path, choice):
    lines = []
    for number in range(1000):
        text = " ".join(choice.choices(WORDS, k=10))
        content = text if number % 2 else [{"type": "text", "text": text}]
        messages = [{"role": "user", "content": content}]
        line = json.dumps(
            {"custom_id": f"c{number}", "body": {"model": MODEL, "messages": messages}}
        )
        lines.append(line[: choice.randrange(5, 60)] if number % 100 == 50 else line)
    path.write_text("\n".join(lines) + "\n")


def _tar(path):
    with tarfile.open(path, "w") as file:
        for number in range(90):
            form = FORMS[number * 3 // 90]  # those of the first samples are all of one kind
            for suffix, data in ((form.lower(), _picture(number, form)), ("cls", b"1")):
                about = tarfile.TarInfo(f"{number:03}.{suffix}")
                about.size = len(data)
                file.addfile(about, io.BytesIO(data))


def totals(folder):
    """(items, errors, tokens) of each source, by `count` and `count_request` of each item."""
    found = {}
    for name, (items, counted) in _sources(Path(folder)).items():
        told = Counter()
        for item in items:
            told["items"] += 1
            try:
                told["tokens"] += counted(item)
            except (MultitokError, ValueError):
                told["errors"] += 1
        found[name] = (told["items"], told["errors"], told["tokens"])
    return found


def _sources(folder):
    texts = pq.read_table(folder / "texts.parquet").column("text").to_pylist()
    lines = (folder / "batch.jsonl").read_text().splitlines()
    with tarfile.open(folder / "samples.tar") as file:
        members = [
            file.extractfile(member).read() for member in file if not member.name.endswith(".cls")
        ]
    return {
        "pictures": (sorted((folder / "pictures").rglob("*.*")), _media),
        "texts.parquet": (texts, _text),
        "batch.jsonl": (lines, _request),
        "samples.tar": (members, _media),
    }


def _media(source):
    return multitok.count(source, model=MODEL).tokens


def _text(cell):
    if not cell:
        raise ValueError("nothing to count")
    return multitok.count(Text(cell), model=MODEL).tokens


def _request(line):
    return multitok.count_request(json.loads(line), MODEL).tokens


def sources(folder):
    """The sources, as they are named to a scan."""
    names = ("pictures", "texts.parquet", "batch.jsonl", "samples.tar")
    return [str(folder / name) for name in names]


def scanned(found, folder):
    """The same of a scan, or of several that are its shards."""
    told = {}
    for row in (row for one in found for row in one.table().to_pylist()):
        name = Path(row["source"]).relative_to(folder).parts[0]
        items, errors, tokens = told.get(name, (0, 0, 0))
        told[name] = (items + 1, errors + (row["error"] is not None), tokens + (row["tokens"] or 0))
    return told
