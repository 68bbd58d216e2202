"""Which intent a text is like: least squares over examples, by meaning and by what can be seen of the words. Pure.

Kernel ridge regression on one-against-all targets (Rifkin, Yeo & Poggio 2003): the kernel is a share of nearness in
meaning (a Gaussian of the centred vectors) and a share of common signs. Solved exactly, once; a text then costs two
products with small matrices.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from core.embeddings.base import Vectors
from core.intents.signs import Matrix, Weights

BY_SIGNS = 0.3
"""The share of signs in the nearness of two texts."""
NARROW = 1.0
"""Of the Gaussian: exp(-NARROW * (1 - cosine))."""
SMOOTH = 0.3
"""Ridge. All three chosen by cross-validation over the examples alone."""


class Likeness(NamedTuple):
    """`score` is about 1 for what a text is and about 0 for all else; `nearest` the cosine of the likest example, which
    no word alone can raise."""

    score: float
    nearest: float


@dataclass(frozen=True, slots=True)
class IntentModel:
    """`examples` has shape (texts, dimension), `of_examples` (texts, names), `of_signs` (signs, names); `places` says
    where in `names` each example's own stands."""

    names: tuple[str, ...]
    places: NDArray[np.int64]
    weights: Weights
    middle: Vectors
    examples: Vectors
    of_examples: Matrix
    of_signs: Matrix

    @classmethod
    def fit(cls, texts: Sequence[str], wanted: Sequence[str], vectors: Vectors) -> Self:
        """`wanted` names what each text is an example of; `vectors` has shape (texts, dimension). About a second."""
        names = tuple(dict.fromkeys(wanted))
        middle = vectors.mean(axis=0)
        examples = _centred(vectors, middle)
        weights = Weights.of(texts)
        signs = weights.rows(texts)
        near = (1 - BY_SIGNS) * _near(examples, examples) + BY_SIGNS * signs @ signs.T
        target = np.array([[name == one for name in names] for one in wanted], np.float32)
        solved = np.linalg.solve(near + SMOOTH * np.eye(len(texts), dtype=np.float32), target).astype(np.float32)
        places = np.array([names.index(one) for one in wanted])
        return cls(names, places, weights, middle, examples, solved, signs.T @ solved)

    def likeness(self, text: str, vector: Vectors) -> dict[str, Likeness]:
        """Of the text to each name; `vector` is its meaning."""
        asked = _centred(vector[None], self.middle)
        near = _near(asked, self.examples)
        scores = (1 - BY_SIGNS) * near @ self.of_examples + BY_SIGNS * self.weights.rows([text]) @ self.of_signs
        nearest = np.full(len(self.names), -1.0)
        np.maximum.at(nearest, self.places, (self.examples @ asked[0]).astype(float))
        return {name: Likeness(*one) for name, *one in zip(self.names, scores[0].tolist(), nearest, strict=True)}

    def save(self, file: Path) -> None:
        """Whole or not at all."""
        draft = file.with_suffix(f".{os.getpid()}.npz")
        np.savez(
            draft, names=self.names, places=self.places, signs=self.weights.signs, rarity=self.weights.rarity,
            middle=self.middle, examples=self.examples, of_examples=self.of_examples, of_signs=self.of_signs,
        )  # fmt: skip
        draft.replace(file)

    @classmethod
    def load(cls, file: Path) -> Self:
        """Raises `OSError`, `EOFError`, `ValueError`, `KeyError`, `BadZipFile` when it is not there or not whole."""
        with file.open("rb") as source, np.load(source, allow_pickle=False) as kept:
            weights = Weights([str(sign) for sign in kept["signs"]], kept["rarity"])
            return cls(
                tuple(str(name) for name in kept["names"]), kept["places"], weights, kept["middle"], kept["examples"],
                kept["of_examples"], kept["of_signs"],
            )  # fmt: skip


def _centred(vectors: Vectors, middle: Vectors) -> Vectors:
    """Without what all sentences share, unit rows: cosines of this model lie close together otherwise."""
    moved = vectors - middle
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    rows: Vectors = np.divide(moved, lengths, out=moved, where=lengths > 0)
    return rows


def _near(asked: Vectors, known: Vectors) -> Matrix:
    near: Matrix = np.exp(NARROW * (asked @ known.T - 1)).astype(np.float32)
    return near
