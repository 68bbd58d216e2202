"""The best passage's own sentences, for when no model speaks. Useful with a weak model, or with none."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.app import Core
from core.evidence import without_strays
from core.messages import Citation, Passage
from core.policy import Length
from core.search.meanings import meaning_of_question, meanings_of
from core.search.sufficiency import Asked
from core.sentences import sentences_by_line
from core.support import cite, is_row


@dataclass(frozen=True, slots=True)
class _Size:
    """A passage of at most `whole` characters is quoted whole, a longer one by `least` to `most` sentences."""

    whole: int
    least: int
    most: int


SIZES = {Length.SHORT: _Size(0, 1, 2), Length.MEDIUM: _Size(320, 2, 3), Length.LONG: _Size(480, 4, 6)}
WORDS_SHARE = 0.3
EXTRA_SENTENCE = 0.03
"""What a further sentence must add to be worth its place."""
MOST_ROWS = 8
NEAR = 0.02
"""Passages that search found this close to the best one compete with it."""


async def quote_best(
    core: Core, question: str, passages: Sequence[Passage], length: Length = Length.MEDIUM
) -> Citation:
    """The sentences in a row that are nearest to the question, out of the best passage and those close to it.

    A short passage is quoted whole, prose by as many sentences as `SIZES` says, a table by the rows that the question
    names, or whole when it names none of them.
    """
    close = [passage for passage in passages[:3] if abs(passage.score - passages[0].score) <= NEAR]
    vector = await meaning_of_question(core.embedder, question)
    asked = Asked.of(question)
    best: tuple[float, Citation] | None = None
    for passage in await without_strays(core.embedder, question, close):
        lines = sentences_by_line(passage.text)
        sentences = [sentence for line in lines for sentence in line]
        if not sentences:  # neither a letter nor a digit in it
            continue
        meanings = [float(meaning @ vector) for meaning in await meanings_of(core.embedder, sentences)]
        for window in _windows(passage, lines, meanings, SIZES[length]):
            overlap = asked.share_in(" ".join(sentences[at] for at in window))
            score = max(meanings[at] for at in window) + WORDS_SHARE * overlap - EXTRA_SENTENCE * (len(window) - 1)
            if best is None or score > best[0]:
                quoted = _completed(asked, sentences, window)
                best = score, cite(passage, _joined(quoted), quoted[0])
    if best is None:
        return cite(passages[0], passages[0].text.strip())
    return best[1]


def _completed(asked: Asked, sentences: list[str], window: range) -> list[str]:
    """What is quoted for a window: of a table every row that the question fits as well, after a colon the list."""
    if is_row(sentences[window[0]]):
        fit = asked.share_in(sentences[window[0]])
        return [row for row in sentences if is_row(row) and asked.share_in(row) >= fit][:MOST_ROWS]
    after = sentences[window[-1] + 1 :][:MOST_ROWS] if sentences[window[-1]].endswith(":") else []
    return [sentences[at] for at in window] + after


def _windows(passage: Passage, lines: Sequence[Sequence[str]], meanings: Sequence[float], size: _Size) -> list[range]:
    """What may be quoted of a passage, as ranges of its sentences, whose nearness to the question is `meanings`."""
    sentences = [sentence for line in lines for sentence in line]
    if any(map(is_row, sentences)):
        return [range(at, at + 1) for at in range(len(sentences))]
    if len(passage.text) <= size.whole or len(sentences) < size.least:
        return [range(len(sentences))]
    line_of = [number for number, line in enumerate(lines) for _ in line]

    def begins_elsewhere(window: range) -> bool:
        """In the paragraph before the nearest sentence's: that is mostly about something else."""
        nearest = max(window, key=meanings.__getitem__)
        return line_of[window[0]] != line_of[nearest] and not sentences[window[0]].endswith(":")

    windows = [
        range(start, start + length)
        for start in range(len(sentences))
        for length in range(size.least, size.most + 1)
        if start + length <= len(sentences)
    ]
    last = range(len(sentences) - 1, len(sentences))
    return [window for window in [*windows, last] if not begins_elsewhere(window)]


def _joined(sentences: list[str]) -> str:
    """Rows of a table and items of a list under one another, sentences in a row."""
    lines = any(is_row(sentence) or sentence.endswith(":") for sentence in sentences)
    return ("\n" if lines else " ").join(sentences)
