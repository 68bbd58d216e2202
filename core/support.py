"""Does a sentence stand in a passage? Deterministic: no model is asked, so no model can talk it round.

A sentence is supported when one sentence of a passage, under its headings, carries what it says (`core/claims.py`); and
when it is an answer at all: a statement, in the question's language, about the question, that says more than the
question. Refuses to know where the sentence came from.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.claims import FILLERS, NAME, disagreement, negates
from core.facts import facts_of
from core.messages import Citation, Passage
from core.promises import is_promise
from core.search.synonyms import evidence_in, subjects_of
from core.sentences import split_sentences
from core.words import STOP_STEMS, content_stems, language_of, stem, stem_set

OVERLAP = 0.75
_ROW = re.compile(r"^[^.:;]{1,60}: [^;]+; ")
_MARKUP = re.compile(r"[<>{}‹›]|\*\*|```")
_VERDICT = re.compile(r"^(?:yes|no|да|нет)\b", re.IGNORECASE)
_AGREES = re.compile(r"^(?:yes|да)\b", re.IGNORECASE)
_ASKS_WHETHER = re.compile(
    r"^\W*(?:should|can|could|may|must|do|does|did|is|are|was|were|will|would|have|has|am|shall|можно|есть|нужно|надо|"
    r"разве|а)\b[^.]*\?|\bли\b",
    re.IGNORECASE,
)
_ASKS_NUMBER = re.compile(
    r"\bhow (?:much|many|long|old|far|hot|often|soon|big|late|early)\b|\bwhat time\b|^when\b|\bсколько\b|^когда\b|"
    r"\bдо скольки\b|\bза какое время\b|\bкакой срок\b|\bпо какой цене\b",
    re.IGNORECASE,
)
_LEANING = re.compile(r"^(?:it|they|this|that|these|both|он|она|оно|они|это|его|её|их)\b", re.IGNORECASE)


_SUBJECT_WORDS = 6
_ABOUT = 3
"""A question with that many content words must share one with its answer."""


@dataclass(frozen=True, slots=True)
class Support:
    """`citation` is the place that carries the sentence; without one, `reason` says what is missing."""

    citation: Citation | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """A sentence of a passage, and the words that its headings and, after a pronoun, its predecessor add."""

    quote: str
    context: str


def support_of(sentence: str, passages: Sequence[Passage], question: str) -> Support:
    """The best place for `sentence` among the passages, or why there is none."""
    stems = stem_set(sentence) - FILLERS
    reason = _no_answer(sentence, stems, question)
    if reason:
        return Support(None, reason)
    best: tuple[float, Citation] | None = None
    reason = "no overlap"
    for passage in passages:
        for place in _places(passage.own_heading, passage.text):
            share = len(stems & stem_set(place.context)) / len(stems)
            if share < OVERLAP or (best and share <= best[0]):
                continue
            reason = _missing(sentence, stems, place, question)
            if not reason:
                best = share, cite(passage, place.quote)
    return Support(best[1]) if best else Support(None, reason)


def names_in(question: str) -> frozenset[str]:
    """Stems of what a question names by a capital letter: "the United Kingdom", but not the word that begins it."""
    named = {
        stem(word.lower())
        for sentence in split_sentences(question)
        for word in NAME.findall(sentence.partition(" ")[2])
    }
    return frozenset(named - STOP_STEMS)


def stems_in(passages: Sequence[Passage]) -> frozenset[str]:
    """All content stems of some passages, for `may_become_supported`."""
    return frozenset[str]().union(*(stem_set(passage.headed_text) for passage in passages))


def may_become_supported(beginning: str, there: frozenset[str]) -> bool:
    """False as soon as a sentence in the making has left the passages' stems: there is no need to hear its end."""
    stems = [s for s in content_stems(beginning)[:-1] if s not in FILLERS]
    if len(stems) < _ABOUT:
        return True
    return sum(s in there for s in stems) >= len(stems) * OVERLAP / 2 + 0.5


def cite(passage: Passage, quote: str, first: str = "") -> Citation:
    """`first` is the first sentence of a quotation that leaves some out."""
    home = passage.home_of(first or quote)
    return Citation(home.id, home.document_id, home.document, quote, home.page, home.url)


def is_row(sentence: str) -> bool:
    """A table's row reads "Column: value; Column: value"."""
    return bool(_ROW.match(sentence))


def _no_answer(sentence: str, stems: frozenset[str], question: str) -> str:
    """Why a sentence is no answer, whatever the passages say; empty for one that may be."""
    if not stems or sentence.rstrip().endswith(("?", ":")) or _MARKUP.search(sentence):
        return "not a statement"
    if language_of(sentence) != language_of(question):
        return "another language"
    if _ASKS_NUMBER.search(question) and not facts_of(sentence):
        return "no number where one was asked for"
    if not (stems - stem_set(question) or _VERDICT.match(sentence) or negates(sentence)):
        return "nothing that the question does not say"
    return ""


@lru_cache(maxsize=1024)
def _places(heading: str, text: str) -> Sequence[_Place]:
    """The statements of a passage. A question says nothing; one that can be answered by yes or no, in a heading or in
    the text, says what it asks only before an answer that begins with yes."""
    sentences = split_sentences(text)
    places = []
    for at, sentence in enumerate(sentences):
        if sentence.endswith("?"):
            continue
        before = sentences[at - 1] if at else ""
        headings = [one for one in heading.split(" > ") if _says(one, sentence)]
        if before.endswith("?"):
            headings.append(before if _says(before, sentence) and _VERDICT.match(sentence) else "")
        if _LEANING.match(sentence) and _says(before, sentence):
            headings.append(_subject(before))
        places.append(_Place(sentence, f"{'. '.join(headings)}. {sentence}"))
    return places


def _says(question: str, answer: str) -> bool:
    """Whether the words of what stands above belong to what stands below."""
    return not _ASKS_WHETHER.search(question) or bool(_AGREES.match(answer))


def _subject(sentence: str) -> str:
    """Its first words: what "it" in the next one means. Numbers are no part of it."""
    return " ".join(word for word in sentence.split()[:_SUBJECT_WORDS] if not any(map(str.isdigit, word)))


def _missing(sentence: str, stems: frozenset[str], place: _Place, question: str) -> str:
    """What the place does not carry, or what else is wrong with the pair; empty when it carries all."""
    said, quoted = facts_of(sentence), facts_of(place.quote)
    if (is_row(place.quote) and quoted and not said) or (quoted.units - said.units) & stems:
        return "a number that the passage has is left out"
    if reason := disagreement(sentence, place.quote, place.context):
        return reason
    if is_promise(sentence) and not is_promise(place.quote):
        return "a promise that the passage does not make"
    if subjects_of(question).words & subjects_of(sentence).words - evidence_in(place.context):
        return "a word of the question's that the passage does not have"
    asked = stem_set(question)
    if len(asked) >= _ABOUT and not asked & (stems | stem_set(place.quote)):
        return "about something else"
    return ""
