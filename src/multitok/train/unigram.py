"""The unigram language model of SentencePiece, trained with sums in a fixed order.

The trainer in `tokenizers` walks a randomly seeded hash map, so the same input gives another file
in every process. This one gives the same file, and `tokenizers` loads it. All words advance
together, one character a step, in numpy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LONGEST_PIECE = 16
LONGEST_WORD = 64
"""Longer words are cut for training: their probability must not vanish in float64."""
SEEDS = 10
"""Candidates to start from, as a multiple of the vocabulary."""
ROUNDS = 2
"""Rounds of expectation and maximization before each pruning."""
KEEP = 0.75
"""The share of candidates a pruning keeps, as in SentencePiece."""


def train(words: Mapping[str, int], size: int) -> list[tuple[str, float]]:
    """Up to `size` pieces with their log probability, likeliest first; every character is one.

    Kudo (2018): start from frequent substrings, fit their probabilities, drop those that the rest
    can spell almost as well, repeat.
    """
    import numpy as np

    counted: Counter[str] = Counter()
    for word, n in sorted(words.items()):
        for start in range(0, len(word), LONGEST_WORD):
            counted[word[start : start + LONGEST_WORD]] += n
    letters = sorted({letter for word in counted for letter in word})
    seeds = _seeds(counted, max(size * SEEDS, 4096))
    pieces = [*letters, *sorted(seeds.keys() - set(letters))]
    weight = np.array([max(seeds.get(piece, 1), 1) for piece in pieces], np.float64)
    p: NDArray[np.float64] = weight / weight.sum()
    corpus = sorted(counted)
    times = np.array([counted[word] for word in corpus], np.float64)
    while True:
        lattice = _Lattice(corpus, pieces)
        for _ in range(ROUNDS):
            expected = lattice.expected(p, times)
            p = np.maximum(expected, 1e-6)
            p /= p.sum()
        if len(pieces) <= size:
            break
        # what the corpus would lose: the piece spelled by the others instead
        without = _Lattice(pieces, pieces, skip_whole=True).total(p)
        loss = expected * (np.log(p) - np.log(np.maximum(without, 1e-300)))
        loss[: len(letters)] = np.inf
        room = max(size, int(len(pieces) * KEEP), len(letters))
        kept = np.sort(np.argsort(-loss, kind="stable")[:room])
        pieces, p = [pieces[i] for i in kept.tolist()], p[kept]
        if len(pieces) <= len(letters):
            break
    scored = zip(pieces, np.log(p / p.sum()).tolist(), strict=True)
    return sorted(
        ((piece, round(score, 6)) for piece, score in scored), key=lambda x: (-x[1], x[0])
    )


def _seeds(words: Mapping[str, int], most: int) -> dict[str, int]:
    """The substrings that cover most text, with their counts; each occurs at least twice."""
    found: Counter[str] = Counter()
    for word, times in words.items():
        for start in range(len(word)):
            for end in range(start + 1, min(len(word), start + LONGEST_PIECE) + 1):
                found[word[start:end]] += times
    ranked = [(piece, n) for piece, n in found.items() if n > 1]
    ranked.sort(key=lambda item: (-item[1] * len(item[0]), item[0]))
    return dict(ranked[:most])


class _Lattice:
    """Every way to spell each word: an edge from place to place for every piece that fits."""

    def __init__(self, words: list[str], pieces: list[str], skip_whole: bool = False) -> None:
        import numpy as np

        number = {piece: i for i, piece in enumerate(pieces)}
        rows: list[tuple[int, int, int, int]] = []
        for w, word in enumerate(words):
            for end in range(1, len(word) + 1):
                for start in range(max(0, end - LONGEST_PIECE), end):
                    piece = number.get(word[start:end])
                    if piece is not None and not (skip_whole and start == 0 and end == len(word)):
                        rows.append((end, w, start, piece))
        edges = np.array(rows, np.int64).reshape(-1, 4)
        edges = edges[np.argsort(edges[:, 0], kind="stable")]
        self.words, self.pieces = len(words), len(pieces)
        self.width = max(map(len, words), default=0) + 1
        self.end, self.word, self.start, self.piece = edges.T
        self.length = np.array([len(word) for word in words], np.int64)
        self.cuts = np.searchsorted(self.end, np.arange(self.width + 1))

    def _forward(self, p: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        alpha = np.zeros((self.width, self.words))
        alpha[0] = 1
        for end in range(1, self.width):
            part = slice(self.cuts[end], self.cuts[end + 1])
            word = self.word[part]
            flow = alpha[self.start[part], word] * p[self.piece[part]]
            alpha[end] = np.bincount(word, flow, minlength=self.words)
        return alpha

    def total(self, p: NDArray[np.float64]) -> NDArray[np.float64]:
        """The probability of each word, over all its spellings."""
        import numpy as np

        made: NDArray[np.float64] = self._forward(p)[self.length, np.arange(self.words)]
        return made

    def expected(self, p: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
        """How often each piece is expected to be used."""
        import numpy as np

        alpha = self._forward(p)
        columns = np.arange(self.words)
        beta = np.zeros_like(alpha)
        beta[self.length, columns] = times / alpha[self.length, columns]
        used = np.zeros(len(self.end))
        for end in range(self.width - 1, 0, -1):
            part = slice(self.cuts[end], self.cuts[end + 1])
            start, word = self.start[part], self.word[part]
            flow = beta[end, word] * p[self.piece[part]]
            used[part] = alpha[start, word] * flow
            np.add.at(beta, (start, word), flow)
        made = np.bincount(self.piece, used, minlength=self.pieces)
        return made.astype(np.float64)
