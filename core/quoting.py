"""The best passage's own sentences, for when no model speaks. Useful with a weak model, or with none."""

from collections.abc import Sequence

from core.app import Core
from core.messages import Citation, Passage
from core.sentences import split_sentences
from core.support import cite, is_row
from core.words import content_stems

SHORT = 320
SHORTEST_PROSE, LONGEST = 2, 3
WORDS_SHARE = 0.3
EXTRA_SENTENCE = 0.03
"""What a further sentence must add to be worth its place."""
MOST_ROWS = 8
NEAR = 0.02
"""Passages that search found this close to the best one compete with it."""


async def quote_best(core: Core, question: str, passages: Sequence[Passage]) -> Citation:
    """The sentences in a row that are nearest to the question, out of the best passage and those close to it.

    A short passage is quoted whole, prose by two sentences or three, a table by the rows that the question names, or
    whole when it names none of them.
    """
    close = [passage for passage in passages[:3] if passage.score >= passages[0].score - NEAR]
    vector = await core.embedder.embed_query(question)
    asked = set(content_stems(question))
    best: tuple[float, Citation] | None = None
    for passage in close:
        sentences = split_sentences(passage.text)
        meanings = [float(meaning @ vector) for meaning in await core.embedder.embed_passages(sentences)]
        for window in _windows(passage, sentences):
            overlap = _overlap(asked, [sentences[at] for at in window])
            score = max(meanings[at] for at in window) + WORDS_SHARE * overlap - EXTRA_SENTENCE * (len(window) - 1)
            if best is None or score > best[0]:
                best = score, cite(passage, _joined(_completed(asked, sentences, window)))
    if best is None:
        return cite(passages[0], passages[0].text.strip())
    return best[1]


def _overlap(asked: set[str], sentences: Sequence[str]) -> float:
    return len(asked & set(content_stems(" ".join(sentences)))) / max(1, len(asked))


def _completed(asked: set[str], sentences: list[str], window: range) -> list[str]:
    """What is quoted for a window: of a table every row that the question fits as well, after a colon the list."""
    if is_row(sentences[window[0]]):
        fit = _overlap(asked, [sentences[at] for at in window])
        return [row for row in sentences if is_row(row) and _overlap(asked, [row]) >= fit][:MOST_ROWS]
    after = sentences[window[-1] + 1 :][:MOST_ROWS] if sentences[window[-1]].endswith(":") else []
    return [sentences[at] for at in window] + after


def _windows(passage: Passage, sentences: list[str]) -> list[range]:
    """What may be quoted of a passage, as ranges of its sentences."""
    if any(map(is_row, sentences)):
        return [range(at, at + 1) for at in range(len(sentences))]
    if len(passage.text) <= SHORT:
        return [range(len(sentences))]
    shortest, longest = min(SHORTEST_PROSE, len(sentences)), min(LONGEST, len(sentences))
    return [
        range(start, start + length)
        for length in range(shortest, longest + 1)
        for start in range(len(sentences) - length + 1)
    ]


def _joined(sentences: list[str]) -> str:
    """Rows of a table and items of a list under one another, sentences in a row."""
    lines = any(is_row(sentence) or sentence.endswith(":") for sentence in sentences)
    return ("\n" if lines else " ").join(sentences)
