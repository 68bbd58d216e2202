"""Is a question about a topic that is named in a word or two, in whichever of the two languages each is written?

Cosines of questions and topics say little by themselves: with the bundled model they all lie between .75 and .9. So a
topic competes with what customers of any business ask about (`ordinary.txt`), and how far it wins is counted in
standard deviations of how far it wins on ordinary questions. Refuses to know owners, and what follows from it.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from core.embeddings.base import Embedder, Vectors
from core.search.meanings import meaning_of_question, meanings_of
from core.search.synonyms import is_meaning, subjects_of
from core.words import language_of, stem_set, words_of

FILE = Path(__file__).with_name("ordinary.txt")
RIVALS = 3
"""A topic competes with as many of the nearest ordinary topics, on average."""
NAMED = 10.0
"""The nearness of a question that says all the words of the topic."""
_ASKED = {"en": "a question about {}", "ru": "вопрос про {}"}
"""A topic as a text that can be near to a question; bare words are less so."""
OWN_LEAD = 0.005
"""By so much (of a cosine) a topic must be nearer than an ordinary word of its own alone."""


async def nearness_to_topics(embedder: Embedder, question: str, topics: Sequence[str]) -> list[float]:
    """How much nearer a question is to each topic than ordinary questions are, in standard deviations.

    The first call embeds the ordinary questions and topics of a language (about a second); they are remembered. Raises
    `Unavailable`.
    """
    asked = [question, *_ordinary("questions", language_of(question))]
    questions = np.stack([await meaning_of_question(embedder, one) for one in asked])
    near = {topic: NAMED for topic in topics if names_topic(question, topic)}
    for language in _ASKED:
        left = [topic for topic in topics if topic not in near and language_of(topic) == language]
        near |= await _leads(embedder, questions, left, language)
    return [near[topic] for topic in topics]


async def _leads(embedder: Embedder, questions: Vectors, topics: Sequence[str], language: str) -> dict[str, float]:
    """By how much each topic leads for the first question, against how it does for the others."""
    if not topics:
        return {}
    rivals, own = _ordinary("topics", language), {topic: _ordinary_words_of(topic) for topic in topics}
    listed = list(dict.fromkeys([*rivals, *topics, *(word for words in own.values() for word in words)]))
    meanings = await meanings_of(embedder, [_ASKED[language].format(one) for one in listed])
    # Not `@`: its threads wait for one another longer than this takes where cores are busy.
    cosines = np.einsum("qd,td->qt", questions, meanings)
    usual_rivals = np.sort(cosines[:, : len(rivals)], axis=1)[:, -RIVALS:].mean(axis=1)
    leads = {}
    for topic in topics:
        mine, words = cosines[:, listed.index(topic)], [listed.index(word) for word in own[topic]]
        lead = mine - usual_rivals
        beaten = bool(words) and mine[0] <= cosines[0, words].max() + OWN_LEAD
        leads[topic] = 0.0 if beaten else float((lead[0] - lead[1:].mean()) / max(float(lead[1:].std()), 1e-6))
    return leads


def names_topic(question: str, topic: str) -> bool:
    """Whether every word that carries the topic stands in the question, in some form."""
    words = stem_set(topic)
    return bool(words) and words <= stem_set(question)


def topics_elsewhere(language: str) -> tuple[str, ...]:
    """What people talk about outside of business."""
    return _ordinary("elsewhere", language)


def _ordinary_words_of(topic: str) -> list[str]:
    """Of "competitors' prices" it is "prices": who asks for a price does not ask for those of competitors."""
    words = [word for word in words_of(topic) if stem_set(word)]
    return [word for word in words if any(map(is_meaning, subjects_of(word).words))] if len(words) > 1 else []


@cache
def _ordinary(kind: str, language: str) -> tuple[str, ...]:
    """The lines of one section of `ordinary.txt`."""
    _, _, section = FILE.read_text(encoding="utf-8").partition(f"## {kind} {language}\n")
    return tuple(line for line in section.partition("\n##")[0].splitlines() if line)
