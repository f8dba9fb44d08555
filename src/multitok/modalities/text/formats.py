"""Tokenizer files of other shapes than tokenizer.json: what each is, told by what it holds.

| file | what | read as |
|---|---|---|
| tokenizer.json | Hugging Face's own | itself |
| tokenizer.model | SentencePiece, or ranks (Llama 3) | tokenizer.json; ranks |
| .tiktoken, tiktoken.model, tekken.json | ranks | ranks |
| vocab.json and merges.txt | byte-level BPE, as GPT-2's | tokenizer.json |
| vocab.txt | WordPiece, as BERT's | tokenizer.json |
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from multitok.core.errors import SourceError
from multitok.core.schema import misfit, parsed
from multitok.modalities.text.ranks import Ranks, patterns, rank_file, tekken
from multitok.modalities.text.sentencepiece_file import is_sentencepiece, tokenizer_json

FILES = (
    "tokenizer.json", "tekken.json", "tokenizer.model", "tiktoken.model", "vocab.json", "vocab.txt",
)  # fmt: skip
"""What is looked for in a folder, in this order."""

TAKEN = (
    "tokenizer.json, tokenizer.model (SentencePiece), .tiktoken, tekken.json, vocab.txt"
    " (WordPiece), vocab.json with merges.txt, or a folder with one of them"
)


def found(path: Path) -> Path:
    """The file that a path means: a folder is looked through; SourceError where there is none."""
    if path.is_dir():
        inside = [path / name for name in FILES if (path / name).is_file()]
        inside += sorted(path.glob("*.tiktoken"))
        if not inside:
            raise SourceError(f"{path}: no tokenizer file. It takes {TAKEN}", source=str(path))
        return inside[0]
    if not path.is_file():
        raise SourceError(f"{path}: no such file", source=str(path))
    return path


def converted(path: Path, pattern: str | None) -> str | Ranks | None:
    """What a file becomes: the text of a tokenizer.json, or ranks; None for a tokenizer.json."""
    if path.name == FILES[0]:
        return None
    data = path.read_bytes()
    if is_sentencepiece(data):
        return tokenizer_json(data, str(path))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise _not_taken(path) from None
    if text.lstrip().startswith("{"):
        return _json(path, text, pattern)
    if path.name == "merges.txt" or text.startswith("#version"):
        return _merges(path.with_name("vocab.json"), path, pattern)
    first = text.partition("\n")[0].split()
    if len(first) == 2 and first[1].isdigit():
        return rank_file(data, str(path), pattern)
    lines = _lines(text)
    if "[UNK]" in lines:
        return _word_piece(path, lines)
    raise _not_taken(path)


def _json(path: Path, text: str, pattern: str | None) -> str | Ranks | None:
    try:
        data = parsed(text)
    except ValueError as error:
        raise SourceError(f"{path}: not a tokenizer.json ({error})", source=str(path)) from None
    if "model" in data:
        return None
    if "config" in data and "vocab" in data:
        return tekken(data, str(path))
    if data and all(type(i) is int for i in data.values()):
        return _merges(path, path.with_name("merges.txt"), pattern)
    raise _not_taken(path)


def _merges(vocabulary: Path, merges: Path, pattern: str | None) -> str:
    """vocab.json and merges.txt: each is nothing without the other."""
    for file in (vocabulary, merges):
        if not file.is_file():
            other = vocabulary if file == merges else merges
            raise SourceError(f"{other}: needs {file.name} beside it", source=str(other))
    try:
        ids = parsed(vocabulary.read_text("utf-8"))
        lines = _lines(merges.read_text("utf-8"))
        if why := misfit(ids, dict[str, int], ""):
            raise ValueError(why)
    except ValueError as error:
        raise SourceError(
            f"{vocabulary}: not a vocab.json ({error})", source=str(vocabulary)
        ) from None
    if any(token.endswith("</w>") for token in ids):
        raise SourceError(
            f"{vocabulary}: its tokens end in </w>, as CLIP's: pass its tokenizer.json",
            source=str(vocabulary),
        )
    named = pattern or _by_config(vocabulary.parent)
    expression, form = patterns().get(named, (named, None))
    split = {
        "type": "Split", "pattern": {"Regex": expression}, "behavior": "Isolated", "invert": False,
    }  # fmt: skip
    pieces = {
        "type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False,
    }  # fmt: skip
    return json.dumps(
        {
            "version": "1.0",
            "added_tokens": [],
            "normalizer": {"type": form} if form else None,
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, pieces]},
            "decoder": {**pieces, "use_regex": True},
            "model": {
                "type": "BPE",
                "vocab": ids,
                "merges": [line.split(" ") for line in lines if line and line[:8] != "#version"],
            },
        }
    )


def _by_config(folder: Path) -> str:
    """The pattern that tokenizer_config.json implies; that of GPT-2 where nothing else is said."""
    return "qwen-2" if str(_config(folder).get("tokenizer_class")).startswith("Qwen2") else "gpt-2"


def _word_piece(path: Path, lines: list[str]) -> str:
    """vocab.txt, a token a line: an uncased vocabulary has no capital but in [UNK] and its like."""
    tokens = {token: i for i, token in enumerate(lines)}
    plain = (token for token in tokens if not token.startswith("["))
    uncased = not any(character.isupper() for token in plain for character in token)
    lower = _config(path.parent).get("do_lower_case", uncased)
    frame = [name for name in ("[CLS]", "[SEP]") if name in tokens]
    special = {name: {"id": name, "ids": [tokens[name]], "tokens": [name]} for name in frame}
    around: list[dict[str, Any]] = [{"Sequence": {"id": "A", "type_id": 0}}]
    second: list[dict[str, Any]] = [{"Sequence": {"id": "B", "type_id": 1}}]
    if len(frame) == 2:
        begin, end = ({"SpecialToken": {"id": name, "type_id": 0}} for name in frame)
        around, second = [begin, *around, end], [*second, end]
    return json.dumps(
        {
            "version": "1.0",
            "added_tokens": [
                {
                    "id": tokens[name], "content": name, "special": True, "single_word": False,
                    "lstrip": False, "rstrip": False, "normalized": False,
                }
                for name in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
                if name in tokens
            ],
            "normalizer": {
                "type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                "strip_accents": None, "lowercase": bool(lower),
            },
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": {
                "type": "TemplateProcessing", "single": around, "pair": [*around, *second],
                "special_tokens": special,
            },
            "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
            "model": {
                "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100, "vocab": tokens,
            },
        }
    )  # fmt: skip


def _lines(text: str) -> list[str]:
    """Lines by their feeds alone: a vocabulary may hold other characters that end a line."""
    return text.replace("\r\n", "\n").rstrip("\n").split("\n")


def _config(folder: Path) -> Mapping[str, Any]:
    """tokenizer_config.json beside the file, where there is one that can be read."""
    try:
        data = parsed((folder / "tokenizer_config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, Mapping) else {}


def _not_taken(path: Path) -> SourceError:
    return SourceError(f"{path}: not a tokenizer file. It takes {TAKEN}", source=str(path))
