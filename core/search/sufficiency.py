"""Is it enough? How sure we may be that the best passage answers a question, as a number the owner can move.

A logistic rule on three things: how near the question is to the passage or, where that decides, to one of its
sentences, and which share of its words stand in the passage and in one sentence. docs/adr/0003-retrieval.md says on
what it was fitted and how often it errs. Refuses to know how passages are found.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.embeddings.base import Embedder, Vectors
from core.messages import Passage
from core.models import Assistant
from core.policy import policy_of
from core.search.meanings import meanings_of
from core.search.synonyms import Subjects, evidence_in, is_meaning, subjects_of
from core.sentences import split_sentences
from core.words import language_of, sounds_of, without_greeting

MOST_SENTENCES = 16
READ_SENTENCES = 6
"""Of these, as many are read by the model where that decides: those that share most of the question's words."""
SENTENCE_NEARER = 0.04
"""How much nearer than its passage a sentence is at most, but for one question in a thousand. Sentences are read by
the model, which takes time, only where that may decide: for one question in ten that the documents answer."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`confidence` is between 0 and 1, `sufficient` says whether it reached `needed`, the assistant's threshold."""

    passages: tuple[Passage, ...]
    confidence: float
    needed: float

    @property
    def sufficient(self) -> bool:
        return bool(self.passages) and self.confidence >= self.needed


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as words: what the shares of a text are counted by."""

    language: str
    subjects: Subjects
    sounds: frozenset[str]

    @classmethod
    def of(cls, question: str) -> "Asked":
        subject = without_greeting(question)
        return cls(language_of(question), subjects_of(subject), sounds_of(subject))

    def share_in(self, text: str) -> float:
        """The share of the question's words that the text has or means; in another language also by their sound.

        Asides ("how much is", "находитесь") are not missed where they are not.
        """
        there = evidence_in(text)
        asides = len(self.subjects.asides & there)
        found = self.subjects.words & there
        if language_of(text) == self.language:
            words = len(found)
        else:
            words = sum(map(is_meaning, found)) + len(self.sounds & sounds_of(text))
        return min(1.0, (words + asides) / max(1, len(self.subjects.words) + asides))


@dataclass(frozen=True, slots=True)
class _Rule:
    """Weights: nearness (a cosine), share of words in the passage, share of words in its best sentence."""

    nearness: float
    words: float
    sentence: float
    bias: float

    def confidence(self, nearness: float, words: float, sentence: float) -> float:
        return 1 / (1 + math.exp(self.bias - self.nearness * nearness - self.words * words - self.sentence * sentence))


_E5 = _Rule(40.0, 2.0, 3.0, 35.6)
_E5_ACROSS = _Rule(70.0, 3.0, 0.0, 55.4)
"""Question and passage in two languages share few words: nearness decides (about 0.795 passes)."""
_OTHER_MODEL = _Rule(12.0, 3.0, 3.7, 7.5)
"""A cautious guess: other models spread their cosines wider. The owner's threshold corrects it."""
_WORDS_ALONE = _Rule(0.0, 6.0, 6.0, 8.5)
"""While no embedding model is at hand: three quarters of the question's words, in one sentence."""


def threshold_of(assistant: Assistant) -> float:
    """The confidence that the owner demands."""
    return policy_of(assistant).threshold


async def judge(
    embedder: Embedder | None, vector: Vectors | None, question: str, passages: Sequence[Passage], needed: float
) -> Finding:
    """How sure it is that the first passage answers the question, whose vector is `vector`.

    Without a vector the words decide. Raises `Unavailable` when an embedding server does not answer.
    """
    if not passages:
        return Finding((), 0.0, needed)
    best, asked = passages[0], Asked.of(question)
    sentences = split_sentences(best.text)[:MOST_SENTENCES] or [best.text]
    shares = {sentence: asked.share_in(f"{best.own_heading}. {sentence}") for sentence in sentences}
    share = max(shares.values())
    if embedder is None or vector is None:
        return Finding(tuple(passages), _WORDS_ALONE.confidence(0.0, best.words, share), needed)
    rule = _rule(embedder.name, language_of(best.text) == asked.language)

    def confidence_at(nearness: float) -> float:
        return rule.confidence(nearness, best.words, share)

    if confidence_at(best.cosine) < needed <= confidence_at(best.cosine + SENTENCE_NEARER):
        answers = [sentence for sentence in sentences if not sentence.endswith("?")] or sentences
        likely = sorted(answers, key=lambda sentence: shares[sentence], reverse=True)[:READ_SENTENCES]
        nearest = float((await meanings_of(embedder, likely) @ vector).max())
        return Finding(tuple(passages), confidence_at(max(best.cosine, nearest)), needed)
    return Finding(tuple(passages), confidence_at(best.cosine), needed)


def _rule(model: str, same_language: bool) -> _Rule:
    if "e5" not in model.lower():
        return _OTHER_MODEL
    return _E5 if same_language else _E5_ACROSS
