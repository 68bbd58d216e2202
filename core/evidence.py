"""Which sentences of the found passages may speak to a customer: not those that stand there for somebody else.

Reading sets orders to a model aside and asks the owner (`core/screening/`). What slips through, or came with an older
document, is met here, where nobody needs to be asked: a sentence that sets its reader a task, is coded, or is in
another language than all around it, and that has to do neither with the question nor with its neighbours, is neither
quoted nor shown to the model. Refuses to know tiers and channels.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from core.embeddings.base import Embedder, Vectors
from core.messages import Passage
from core.screening.instructions import DOUBT, score, signs_of_an_order
from core.screening.strangers import parted, quoted_after, sets_a_task
from core.screening.tongues import tongue_of
from core.search.meanings import meaning_of_question, meanings_of
from core.search.sufficiency import Asked
from core.sentences import sentences_by_line
from core.words import language_of

# Of multilingual-e5-small: the cosines to the question and to the neighbour that is most like it, together.
FAR = 1.61
FAR_ACROSS = 1.55
"""The same where question and sentence are in two languages."""
TASK = 0.04
"""A task that speaks neither of its reader nor of the business must be so much nearer: few texts for customers hold
such tasks, and those answer a question."""
BESIDE = 3
"""So many sentences before and after are neighbours."""
_FEWEST_OTHERS = 2
_KIN = {"uk": "ru", "pt": "es", "it": "es", "nl": "de"}
_CODE = re.compile(
    r"(?<!\S)(?!\S*(?:://|www\.)|[\w.+-]+@[\w.-]+(?!\S))[!-~]{48,}|(?<!\w)[01]{7,8}(?:[ ,][01]{7,8}){7}"
    r"|(?<!\w)(?:0x|\\x)?[0-9A-Fa-f]{2}(?:[ :,]{1,2}(?:0x|\\x)?[0-9A-Fa-f]{2}){15}"
)
_FOR_MACHINES = re.compile(r"^-{3}|(?:^|\s)[a-z]+_[a-z_]+:\s")
_BETWEEN_US = re.compile(r"\b(?:you|yours?|us|ours?|we|вы|вас|вам|ваш\w*|мы|нас|нам|наш\w*)\b", re.IGNORECASE)
_GOES_ON = re.compile(
    r"^\W{0,3}(?:yes|no|not|it|they|this|that|these|only|but|да|нет|не|он|она|оно|они|это|только|но)\b", re.IGNORECASE
)


async def without_strays(embedder: Embedder | None, question: str, passages: Sequence[Passage]) -> list[Passage]:
    """The passages without what stands there for somebody else; one that has nothing else is left as it is.

    Most have nothing of the kind and cost no reading. Raises what the embedder raises.
    """
    return [await _cleaned(embedder, question, passage) for passage in passages]


async def _cleaned(embedder: Embedder | None, question: str, passage: Passage) -> Passage:
    text = _looked_through(passage.text)
    sentences = text.sentences
    strays = set(_coded_or_foreign(question, text))
    if text.may_be_for_others and embedder and "e5" in embedder.name.lower():
        meanings, vector = await meanings_of(embedder, sentences), await meaning_of_question(embedder, question)
        strays |= strays_among(question, sentences, meanings, vector)
    if not strays or len(strays) == len(set(sentences)):
        return passage
    parts = tuple(replace(part, text=_without(part.text, strays)) for part in passage.parts)
    return replace(passage, text=_without(passage.text, strays), parts=parts)


@dataclass(frozen=True, slots=True)
class _Text:
    """What of a passage's text is the same whoever asks: its sentences, each with its language, and those in code."""

    sentences: tuple[str, ...]
    tongues: tuple[str, ...]
    coded: tuple[str, ...]
    may_be_for_others: bool


@lru_cache(maxsize=1024)
def _looked_through(text: str) -> _Text:
    sentences = tuple(part for line in sentences_by_line(text) for one in line for part in parted(one))
    return _Text(
        sentences,
        tuple(map(_family, sentences)),
        tuple(filter(_CODE.search, sentences)),
        any(map(may_be_for_others, sentences)),
    )


@lru_cache(maxsize=8192)
def may_be_for_others(sentence: str) -> bool:
    """Sets its reader a task, asks him something, is a record ("doc_id: 7"), or has the least sign of an order."""
    if sentence.endswith("?") or sets_a_task(sentence) or _FOR_MACHINES.search(sentence):
        return True
    return score(signs_of_an_order(sentence, closely=True)) >= DOUBT


def strays_among(question: str, sentences: Sequence[str], meanings: Vectors, vector: Vectors) -> set[str]:
    """Those for others that have to do neither with the question, whose vector is `vector`, nor with their neighbours.

    `meanings` are the vectors of the sentences. Plain statements stay, however far off: they may be true and wanted.
    """
    asked = Asked.of(question)
    to_question = meanings @ vector
    places = np.arange(len(sentences))
    apart = np.abs(places[:, None] - places[None, :])
    to_nearest = np.where((apart > 0) & (apart <= BESIDE), meanings @ meanings.T, -1.0).max(axis=1)
    found = set()
    for at, sentence in enumerate(sentences):
        if sentence.endswith("?") and _GOES_ON.match("".join(sentences[at + 1 : at + 2])):
            continue  # "Are dogs allowed? No.": without it, the "no" would answer another question
        far = FAR if language_of(sentence) == asked.language else FAR_ACROSS
        far += TASK if sets_a_task(sentence) and not _BETWEEN_US.search(sentence) else 0.0
        near = float(to_question[at] + to_nearest[at])
        if near < far and not asked.share_in(sentence) and may_be_for_others(sentence):
            found |= {sentence, *quoted_after(sentence, sentences[at + 1 :])}
    return found


def _coded_or_foreign(question: str, text: _Text) -> list[str]:
    told = [tongue for tongue in text.tongues if tongue]
    if len(told) - 1 < _FEWEST_OTHERS:
        return [*text.coded]
    common = {tongue for tongue in told if told.count(tongue) > 1} | {_family(question)}
    foreign = zip(text.sentences, text.tongues, strict=True)
    return [*text.coded, *(sentence for sentence, tongue in foreign if tongue and tongue not in common)]


@lru_cache(maxsize=256)
def _family(text: str) -> str:
    """Its language; of two that a short sentence does not tell apart, always the same one."""
    tongue = tongue_of(text)
    return _KIN.get(tongue, tongue)


def _without(text: str, strays: set[str]) -> str:
    for stray in sorted(strays, key=len, reverse=True):
        text = text.replace(f" {stray}", "").replace(f"{stray} ", "").replace(stray, "")
    return text.strip()
