"""SentencePiece's unigram tokenisation in plain Python: text to piece ids, exactly as the model was trained.

Why not the `tokenizers` package: its trie of 250,000 pieces takes 300 MB and over half a second; this table takes a
tenth of both, and with the cache of words it is as fast as the model needs. Pieces never reach over a word's end
(▁ stands only at a piece's start), so each word is cut by itself and remembered. Refuses to know models and markers.
"""

import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WORD_START = "▁"
UNKNOWN_PENALTY = 10.0  # SentencePiece's kUnkPenalty, below the worst piece
CACHED_WORDS = 32_768
LONGEST_CACHED_WORD = 48
PIECES, SCORES, CHARACTERS = "pieces.txt", "piece_scores.f32", "characters.json"


class UnigramTokenizer:
    """Made of the pieces in the order of their ids; `control` ids are never produced, whatever the text says."""

    def __init__(
        self,
        pieces: list[str],
        scores: NDArray[np.float32],
        characters: Mapping[int, str],
        unknown: int,
        control: Iterable[int],
    ) -> None:
        self._ids = {piece: number for number, piece in enumerate(pieces)}
        for number in control:
            del self._ids[pieces[number]]
        self._scores = scores
        self._characters = characters
        self._unknown = unknown
        self._unknown_score = float(scores.min()) - UNKNOWN_PENALTY
        self._longest = max(map(len, self._ids))
        self._remembered: Callable[[str], tuple[int, ...]] = lru_cache(CACHED_WORDS)(self._cut)

    def encode(self, text: str, limit: int | None = None) -> list[int]:
        """Piece ids, at most `limit` of them."""
        ids: list[int] = []
        for word in unicodedata.normalize("NFC", text.translate(self._characters)).split():
            ids += (self._remembered if len(word) <= LONGEST_CACHED_WORD else self._cut)(word)
            if limit is not None and len(ids) >= limit:
                return ids[:limit]
        return ids

    def _cut(self, word: str) -> tuple[int, ...]:
        """The most probable pieces of one word (Viterbi); neighbouring unknown characters are one unknown piece."""
        text = WORD_START + word
        size = len(text)
        best = [0.0] + [float("-inf")] * size
        came: list[tuple[int, int]] = [(0, 0)] * (size + 1)
        for start in range(size):
            here = best[start]
            if here + self._unknown_score > best[start + 1]:
                best[start + 1], came[start + 1] = here + self._unknown_score, (start, self._unknown)
            for end in range(start + 1, min(start + self._longest, size) + 1):
                number = self._ids.get(text[start:end])
                if number is not None and (total := here + float(self._scores[number])) > best[end]:
                    best[end], came[end] = total, (start, number)
        return self._path(came)

    def _path(self, came: list[tuple[int, int]]) -> tuple[int, ...]:
        ids: list[int] = []
        at = len(came) - 1
        while at > 0:
            at, number = came[at]
            if not (number == self._unknown and ids and ids[-1] == number):
                ids.append(number)
        return tuple(reversed(ids))


def save_unigram(folder: Path, pieces: list[str], scores: NDArray[np.float32], characters: Mapping[int, str]) -> None:
    (folder / PIECES).write_text("\n".join(pieces), encoding="utf-8", newline="\n")
    scores.astype("<f4").tofile(folder / SCORES)
    (folder / CHARACTERS).write_text(json.dumps({str(point): text for point, text in characters.items()}))


def load_unigram(folder: Path, unknown: int, control: Iterable[int]) -> UnigramTokenizer:
    pieces = (folder / PIECES).read_bytes().decode().split("\n")
    characters = {int(point): text for point, text in json.loads((folder / CHARACTERS).read_text()).items()}
    return UnigramTokenizer(pieces, np.fromfile(folder / SCORES, "<f4"), characters, unknown, control)
