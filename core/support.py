"""Does a sentence stand in a passage? Deterministic: no model is asked, so no model can talk it round.

A sentence is supported when one sentence of a passage, under its headings, carries its facts, names, limits, polarity
and most of its content words; and when it is an answer at all: a statement, about the question, that says more than
the question. Refuses to know where the sentence came from.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.facts import facts_of
from core.messages import Citation, Passage
from core.search.synonyms import evidence_in, subjects_of
from core.sentences import split_sentences
from core.words import STOP_STEMS, content_stems, language_of, stem, words_of

OVERLAP = 0.75
_NAME = re.compile(r"(?<![\w-])[A-ZА-ЯЁ][\w’'-]*")
_ROW = re.compile(r"^[^.:;]{1,60}: [^;]+; ")
_MARKUP = re.compile(r"[<>{}]|\*\*|```")
_CLAUSE = re.compile(r"[,;]\s")
_VERDICT = re.compile(r"^(?:yes|no|да|нет)\b", re.IGNORECASE)
_ASKS_NUMBER = re.compile(
    r"\bhow (?:much|many|long|old|far|hot|often|soon|big|late|early)\b|\bwhat time\b|^when\b|\bсколько\b|^когда\b|"
    r"\bдо скольки\b|\bза какое время\b|\bкакой срок\b|\bпо какой цене\b",
    re.IGNORECASE,
)
_LEANING = re.compile(r"^(?:it|they|this|that|these|both|он|она|оно|они|это|его|её|их)\b", re.IGNORECASE)
_DENYING_PREFIX = re.compile(r"^(?:не|un|im|in|dis|non)(?=\w{4})")


def _stems(listed: str) -> frozenset[str]:
    return frozenset(stem(word) for word in listed.split())


_NEGATION = _stems(
    "not no never nothing none neither nor cannot without unable except don doesn isn aren won can't "
    "don't doesn't isn't aren't won't didn't не нет нельзя никогда без ни кроме"
)
# Words that turn a true sentence false when they are added: they must stand in the passage.
_LIMITS = _stems(
    "only above below over under more less least most before after until since except always any every all free "
    "minimum maximum first last only exactly up than half double "
    "только выше ниже больше меньше более менее до после кроме всегда любой каждый все бесплатно минимум максимум"
)
TURNING = _NEGATION | _LIMITS
"""Stems of words that can turn the sense of a text."""
# What an answer may add of its own: it changes nothing of what is said.
_FILLERS = _stems("yes no sure да нет конечно customer customers клиент")
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
    stems = set(content_stems(sentence)) - _FILLERS
    reason = _no_answer(sentence, stems, question)
    if reason:
        return Support(None, reason)
    best: tuple[float, Citation] | None = None
    reason = "no overlap"
    for passage in passages:
        for place in _places(passage):
            share = len(stems & set(content_stems(place.context))) / len(stems)
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
        for word in _NAME.findall(sentence.partition(" ")[2])
    }
    return frozenset(named - STOP_STEMS)


def stems_in(passages: Sequence[Passage]) -> frozenset[str]:
    """All content stems of some passages, for `may_become_supported`."""
    return frozenset(s for passage in passages for s in content_stems(f"{passage.own_heading} {passage.text}"))


def may_become_supported(beginning: str, there: frozenset[str]) -> bool:
    """False as soon as a sentence in the making has left the passages' stems: there is no need to hear its end."""
    stems = [s for s in content_stems(beginning)[:-1] if s not in _FILLERS]
    if len(stems) < _ABOUT:
        return True
    return sum(s in there for s in stems) >= len(stems) * OVERLAP / 2 + 0.5


def cite(passage: Passage, quote: str) -> Citation:
    home = passage.home_of(quote)
    return Citation(home.id, home.document_id, home.document, quote, home.page)


def is_row(sentence: str) -> bool:
    """A table's row reads "Column: value; Column: value"."""
    return bool(_ROW.match(sentence))


def _no_answer(sentence: str, stems: set[str], question: str) -> str:
    """Why a sentence is no answer, whatever the passages say; empty for one that may be."""
    if not stems or sentence.rstrip().endswith(("?", ":")) or _MARKUP.search(sentence):
        return "not a statement"
    if language_of(sentence) != language_of(question):
        return "another language"
    if _ASKS_NUMBER.search(question) and not facts_of(sentence):
        return "no number where one was asked for"
    asked = set(content_stems(question))
    if not (stems - asked or _VERDICT.match(sentence) or _negates(sentence)):
        return "nothing that the question does not say"
    return ""


def _places(passage: Passage) -> list[_Place]:
    sentences = split_sentences(passage.text)
    headings = passage.own_heading.replace(" > ", ". ")
    places = []
    for at, sentence in enumerate(sentences):
        before = sentences[at - 1] if at and _LEANING.match(sentence) else ""
        places.append(_Place(sentence, f"{headings}. {before} {sentence}"))
    return places


def _missing(sentence: str, stems: set[str], place: _Place, question: str) -> str:
    """What the place does not carry, or what else is wrong with the pair; empty when it carries all."""
    there = {stem(word) for word in words_of(place.context)}
    said, known = facts_of(sentence), facts_of(place.context)
    quoted = facts_of(place.quote)
    bare_row = is_row(place.quote) and quoted and not said
    if not said.within(known) or bare_row or _leaves_a_number_out(stems, said.units, quoted.units):
        return "a number or a link that the passage does not have"
    if not _pairs_hold(sentence, place):
        return "a number that belongs to something else there"
    if not {stem(name.lower()) for name in _NAME.findall(sentence)} - STOP_STEMS - _FILLERS <= there:
        return "a name that the passage does not have"
    if not {stem(word) for word in words_of(sentence)} & _LIMITS <= there:
        return "a limit that the passage does not have"
    if _negates(sentence) != _negates(place.quote) or _denies(stems - there, there):
        return "the passage says yes where the sentence says no, or the reverse"
    if subjects_of(question).words & subjects_of(sentence).words - evidence_in(place.context):
        return "a word of the question's that the passage does not have"
    asked = set(content_stems(question))
    if len(asked) >= _ABOUT and not asked & (stems | set(content_stems(place.quote))):
        return "about something else"
    return ""


def _pairs_hold(sentence: str, place: _Place) -> bool:
    """ "Monday until 19:00, Saturday until 17:00": a number stays with the words of its own clause."""
    homes = [(facts_of(clause), set(content_stems(clause))) for clause in _CLAUSE.split(place.quote)]
    homes = [(facts, stems) for facts, stems in homes if facts]
    if len(homes) < 2:
        return True
    above = set(content_stems(place.context.removesuffix(place.quote)))
    everywhere = set().union(*(stems for _, stems in homes)) - above
    for clause in _CLAUSE.split(sentence):
        said, stems = facts_of(clause), set(content_stems(clause)) & everywhere
        if said and not any(said.within(facts) and stems <= words for facts, words in homes):
            return False
    return True


def _leaves_a_number_out(stems: set[str], said: frozenset[str], quoted: frozenset[str]) -> bool:
    """ "It takes working days": the unit of a number in the passage, without the number."""
    return bool((quoted - said) & stems)


def _denies(missing: set[str], there: set[str]) -> bool:
    """A word that is not there, made from one that is: "impossible", "невозможен"."""
    return any((bare := _DENYING_PREFIX.sub("", word)) != word and bare in there for word in missing)


def _negates(text: str) -> bool:
    return any(stem(word) in _NEGATION for word in words_of(text))
