"""Learn a tokenizer from your own data; the same input gives the same file in any process.

    train_bpe(texts, "tokenizer.json", vocab_size=8000)
    train_fast(trajectories, "tokenizer.json", horizon=50)

Text tokenizers are written as a tokenizer.json that `tokenizers`, transformers and multitok load.
Each returns Trained: the file, and what it holds.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from multitok.core.errors import MediaError
from multitok.core.registry import class_for, get_tokenizer
from multitok.core.tokenizer import Tokenizer
from multitok.core.writing import write_text
from multitok.train.unigram import train as train_unigram_pieces

__all__ = [
    "Trained", "train_bpe", "train_dct_bpe", "train_fast", "train_kmeans", "train_mdct_bpe",
    "train_patch_kmeans", "train_patch_rvq", "train_rvq", "train_series_bpe", "train_unigram",
    "train_wordpiece",
]  # fmt: skip

CONTINUES = "##"
"""What WordPiece writes before a piece that continues a word."""
BERT_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


_CODES = {
    "kmeans": "codebook", "rvq": "codebooks", "patch-kmeans": "codebook", "patch-rvq": "codebooks",
}  # fmt: skip
"""What the parameter of a codebook's file is called."""


@dataclass(frozen=True)
class Trained:
    """A trained tokenizer on disk: its kind, the ids it has, and how much it was trained on.
    `asked` is the number of ids that was asked for, where the data gave fewer; `horizon` the steps
    in a chunk of a codebook, whose file does not say them."""

    kind: str
    path: Path
    vocab_size: int
    items: int
    asked: int | None = None
    horizon: int | None = None

    def tokenizer(self) -> Tokenizer[Any, Any]:
        """What was learned, ready to encode: text tokenizers as `hf`, the others by their kind."""
        name = "hf" if self.kind in ("bpe", "wordpiece", "unigram") else self.kind
        if name in _CODES:
            codes: dict[str, Any] = {_CODES[name]: str(self.path)}
            steps = {} if self.horizon is None else {"horizon": self.horizon}
            return get_tokenizer(name, **codes, **steps)
        return get_tokenizer(name, path=str(self.path))


def train_fast(
    trajectories: Sequence[Any],
    path: str | Path,
    *,
    horizon: int | None = 50,
    scale: float = 10.0,
    vocab_size: int = 1024,
    normalize: bool | None = None,
) -> Trained:
    """Train FAST on movement: see FastTokenizer.train, which also takes a range of coefficients.

    normalize   by the 1st and 99th percentile of each dim, which the file keeps; None where their
                data set states them, or where more than 1 % of the values lie outside -1 to 1"""
    fast = class_for("fast")
    made = fast.train(  # type: ignore[attr-defined]
        trajectories, path, horizon=horizon, scale=scale, vocab_size=vocab_size,
        normalize=normalize,
    )  # fmt: skip
    return Trained("fast", Path(path), len(made.vocabulary()), _episodes(trajectories))


def train_kmeans(
    trajectories: Sequence[Any], path: str | Path, *, codes: int = 256, horizon: int = 1
) -> Trained:
    """Train one codebook on movement: see KmeansTokenizer.train."""
    kmeans = class_for("kmeans")
    kmeans.train(trajectories, path, codes=codes, horizon=horizon)  # type: ignore[attr-defined]
    return Trained("kmeans", Path(path), codes, _episodes(trajectories), horizon=horizon)


def train_rvq(
    trajectories: Sequence[Any],
    path: str | Path,
    *,
    layers: int = 2,
    codes: int = 256,
    horizon: int = 1,
) -> Trained:
    """Train residual codebooks on movement: see RvqTokenizer.train."""
    rvq = class_for("rvq")
    rvq.train(  # type: ignore[attr-defined]
        trajectories, path, layers=layers, codes=codes, horizon=horizon
    )
    return Trained("rvq", Path(path), layers * codes, _episodes(trajectories), horizon=horizon)


def _episodes(trajectories: Sequence[Any]) -> int:
    """How many trajectories these are: a data set is as many as it has episodes."""
    return sum(len(getattr(one, "episodes", ())) or 1 for one in trajectories)


def train_series_bpe(
    series: Sequence[Any], path: str | Path, *, bins: int = 64, vocab_size: int = 1024
) -> Trained:
    """Train byte-pair merges over the bins of time series: see `train` of `series-bpe`."""
    cls = class_for("series-bpe")
    made = cls.train(series, path, bins=bins, vocab_size=vocab_size)  # type: ignore[attr-defined]
    ids: int = made.codes
    return Trained(
        "series-bpe", Path(path), ids, len(series), vocab_size if ids < vocab_size else None
    )


def train_patch_kmeans(
    pictures: Iterable[Any], path: str | Path, *, codes: int = 256, patch: int = 8
) -> Trained:
    """Train one codebook on patches of pictures: see PatchKmeansTokenizer.train. They are read one
    at a time."""
    cls, counted = class_for("patch-kmeans"), _Counted(pictures)
    cls.train(counted, path, codes=codes, patch=patch)  # type: ignore[attr-defined]
    return Trained("patch-kmeans", Path(path), codes, counted.items)


def train_patch_rvq(
    pictures: Iterable[Any],
    path: str | Path,
    *,
    layers: int = 2,
    codes: int = 256,
    patch: int = 8,
) -> Trained:
    """Train residual codebooks on patches of pictures: see PatchRvqTokenizer.train."""
    cls, counted = class_for("patch-rvq"), _Counted(pictures)
    cls.train(counted, path, layers=layers, codes=codes, patch=patch)  # type: ignore[attr-defined]
    return Trained("patch-rvq", Path(path), layers * codes, counted.items)


def train_dct_bpe(pictures: Iterable[Any], path: str | Path, *, vocab_size: int = 16384) -> Trained:
    """Train the vocabulary of pictures as tokens: see `train` of `dct-bpe`. They are read one at a
    time."""
    return _coded("dct-bpe", pictures, path, vocab_size)


def train_mdct_bpe(sounds: Iterable[Any], path: str | Path, *, vocab_size: int = 16384) -> Trained:
    """Train the vocabulary of sound as tokens: see `train` of `mdct-bpe`. They are read one at a
    time."""
    return _coded("mdct-bpe", sounds, path, vocab_size)


def _coded(name: str, media: Iterable[Any], path: str | Path, vocab_size: int) -> Trained:
    counted = _Counted(media)
    made = class_for(name).train(counted, path, vocab_size=vocab_size)  # type: ignore[attr-defined]
    ids: int = made.codes
    return Trained(name, Path(path), ids, counted.items, vocab_size if ids < vocab_size else None)


def train_bpe(
    texts: Iterable[str],
    path: str | Path,
    *,
    vocab_size: int = 8000,
    special: Sequence[str] = (),
    min_frequency: int = 2,
) -> Trained:
    """Byte-level BPE as GPT-2's: any text encodes, and decodes to itself."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=min_frequency,
        special_tokens=list(special),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    counted = _Counted(texts)
    made.train_from_iterator(counted, trainer)
    return _written("bpe", made.to_str(), path, made.get_vocab_size(), vocab_size, counted.items)


def train_wordpiece(
    texts: Iterable[str],
    path: str | Path,
    *,
    vocab_size: int = 8000,
    special: Sequence[str] = BERT_SPECIAL,
    min_frequency: int = 2,
) -> Trained:
    """WordPiece as BERT's, cased: words split at spaces and punctuation, ## where one continues.

    A character that the texts lack becomes [UNK]; spaces are not kept.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    if "[UNK]" not in special:
        raise MediaError(f"wordpiece needs [UNK] among its special tokens, got {list(special)!r}")
    splitter = pre_tokenizers.BertPreTokenizer()
    words, items = _words(texts, splitter)
    letters = sorted({letter for word in words for letter in word})
    inner = sorted({CONTINUES + letter for word in words for letter in word[1:]})
    made = Tokenizer(models.WordPiece(unk_token="[UNK]", continuing_subword_prefix=CONTINUES))
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece(prefix=CONTINUES)
    # `tokenizers` numbers the inner letters in the order of a randomly seeded hash map; named as
    # special tokens they have fixed numbers, and are made plain again below
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocab_size,
        min_frequency=min_frequency,
        special_tokens=[*special, *inner],
        initial_alphabet=letters,
        continuing_subword_prefix=CONTINUES,
        show_progress=False,
    )
    made.train_from_iterator(_repeated(words), trainer)
    stored = json.loads(made.to_str())
    stored["added_tokens"] = [t for t in stored["added_tokens"] if t["content"] in special]
    size = made.get_vocab_size()
    return _written("wordpiece", json.dumps(stored), path, size, vocab_size, items)


def train_unigram(
    texts: Iterable[str],
    path: str | Path,
    *,
    vocab_size: int = 8000,
    special: Sequence[str] = (),
) -> Trained:
    """The unigram model of SentencePiece, over bytes: any text encodes, and decodes to itself."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    splitter = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words, items = _words(texts, splitter)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    unused = len(set(alphabet) - {letter for word in words for letter in word})
    pieces = train_unigram_pieces(words, max(vocab_size - len(special) - unused, 1))
    known = {piece for piece, _ in pieces}
    least = min((score for _, score in pieces), default=0.0)
    rest = [(letter, least - 10) for letter in alphabet if letter not in known]
    made = Tokenizer(models.Unigram([(token, 0.0) for token in special] + pieces + rest))
    made.add_special_tokens([AddedToken(token, special=True) for token in special])
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    size = made.get_vocab_size()
    return _written("unigram", made.to_str(), path, size, vocab_size, items)


class _Counted:
    """The texts, pictures or sounds, counted as they pass."""

    def __init__(self, given: Iterable[Any]) -> None:
        self.given, self.items = given, 0

    def __iter__(self) -> Iterator[Any]:
        for one in self.given:
            self.items += 1
            yield one


def _words(texts: Iterable[str], splitter: Any) -> tuple[Counter[str], int]:
    """The words of the texts with their counts, and how many texts there were."""
    words: Counter[str] = Counter()
    items = 0
    for text in texts:
        items += 1
        words.update(word for word, _ in splitter.pre_tokenize_str(text))
    return words, items


def _repeated(words: Counter[str]) -> Iterator[str]:
    """Every word as often as it was counted, some thousands to a line."""
    for word, n in sorted(words.items()):
        for done in range(0, n, 4096):
            yield " ".join([word] * min(4096, n - done))


def _written(
    kind: str, stored: str, path: str | Path, size: int, asked: int, items: int
) -> Trained:
    """Write the file, unless the texts were too few for the vocabulary that was asked for."""
    if size < asked:
        raise MediaError(
            f"{items} texts give a {kind} vocabulary of {size}, {asked} were asked for:"
            " pass more text, or a smaller vocab_size"
        )
    if size > asked:
        raise MediaError(
            f"{kind} needs a vocabulary of at least {size} for the letters and special tokens of"
            f" these texts, got {asked}"
        )
    write_text(path, stored + "\n")
    return Trained(kind, Path(path), size, items)
