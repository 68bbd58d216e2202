"""Does an answer give away what was told to the model alone? Deterministic, the last look before words are sent."""

from collections.abc import Sequence

from core.words import words_of

RUN = 6
"""So many words in a row are no chance."""


def gives_away(answer: str, told: str, cited: str) -> bool:
    """Whether `answer` repeats a run of `told` (the system prompt) that stands in no text that it cites."""
    return bool(_runs(words_of(answer)) & _runs(words_of(told)) - _runs(words_of(cited)))


def _runs(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}
