"""Is a new adapter better than what serves now, by more than chance, and worse in nothing that matters? Pure.

Figures are compared example by example: the mean of what was gained is drawn again and again from the same examples
(paired bootstrap, Efron 1979), and only what lies beyond nine tenths of those means counts as won or lost.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean
from typing import Any

DRAWS = 2000
NOISE = 0.05
"""The share of means beyond each end that is left to chance."""
LEAST_WIN = 0.02
"""The loss must fall by this share at least: less is no reason to change anything."""


class Figure(StrEnum):
    """What is compared. Of a loss less is better, of all else more.

    `LOSS` is of the wanted answers, in nats a token; `SIMILARITY` the cosine of an answer and the wanted one; `FORM`
    how far length, language, ending and turns of phrase are the wanted ones; `SUPPORTED` whether the passages carry
    what is said, so that it is sent; `DECLINED` whether nothing is said where nothing is known; `UNRELATED` how much of
    what matters another business's customers would read, from its passages.
    """

    LOSS = "loss"
    SIMILARITY = "similarity"
    FORM = "form"
    SUPPORTED = "supported"
    DECLINED = "declined"
    UNRELATED = "unrelated"


MAY_DROP = {
    Figure.SIMILARITY: 0.02,
    Figure.FORM: 0.05,
    Figure.SUPPORTED: 0.15,
    Figure.DECLINED: 0.1,
    Figure.UNRELATED: 0.15,
}
"""By how much the mean may be worse."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Means, and the bounds between which what was gained lies; what is gained is better than before above 0."""

    now: float
    new: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """`lost` are the figures for which it is refused; without a win there need be none."""

    won: bool
    lost: tuple[Figure, ...]
    figures: Mapping[Figure, Compared]

    @property
    def accepted(self) -> bool:
        return self.won and not self.lost

    def as_json(self) -> dict[str, Any]:
        return {
            "accepted": self.accepted,
            "won": self.won,
            "lost": [figure.value for figure in self.lost],
            "figures": {
                figure.value: {
                    "now": round(one.now, 4),
                    "new": round(one.new, 4),
                    "low": round(one.low, 4),
                    "high": round(one.high, 4),
                }
                for figure, one in self.figures.items()
            },
        }


def judge(now: Mapping[Figure, Sequence[float]], new: Mapping[Figure, Sequence[float]], seed: int = 7) -> Verdict:
    """Compare the same examples' figures. What was not measured decides nothing; without losses nothing is won."""
    measured = [figure for figure in Figure if now.get(figure) and new.get(figure)]
    figures = {figure: _compared(figure, now[figure], new[figure], seed) for figure in measured}
    return Verdict(
        _has_won(figures), tuple(figure for figure, one in figures.items() if _is_lost(figure, one)), figures
    )


def _has_won(figures: Mapping[Figure, Compared]) -> bool:
    """What was wanted is likelier, and what customers read is nearer to it, too: a loss alone nobody sees."""
    loss = figures.get(Figure.LOSS)
    if loss is None or loss.low <= 0 or loss.now - loss.new < LEAST_WIN * loss.now:
        return False
    return any(figure in figures and figures[figure].low > 0 for figure in (Figure.SIMILARITY, Figure.FORM))


def _is_lost(figure: Figure, one: Compared) -> bool:
    """Worse by more than may be, and not by chance."""
    return figure in MAY_DROP and one.now - one.new > MAY_DROP[figure] and one.high < 0


def _compared(figure: Figure, now: Sequence[float], new: Sequence[float], seed: int) -> Compared:
    sign = -1 if figure is Figure.LOSS else 1
    gained = [sign * (after - before) for before, after in zip(now, new, strict=True)]
    low, high = bounds(gained, seed)
    return Compared(fmean(now), fmean(new), low, high)


def bounds(gained: Sequence[float], seed: int = 7) -> tuple[float, float]:
    """Between which the mean of such differences lies, but for chance."""
    chance = random.Random(seed)  # noqa: S311 - draws, no secrets
    means = sorted(fmean(chance.choices(gained, k=len(gained))) for _ in range(DRAWS))
    return means[int(NOISE * DRAWS)], means[int((1 - NOISE) * DRAWS) - 1]
