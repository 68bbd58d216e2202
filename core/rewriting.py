"""Follow-up questions made whole before search: "And on Sundays?" after "When do you close on Saturday?".

A first question is never touched, nor one with a subject of its own. The customer's earlier questions are read in
order, each made whole by the one before it, so that a chain of follow-ups keeps the subject of its first. Rules only;
where a model is able, core/following_up.py asks it, and falls back to these. Refuses to know search.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.leaning import Leaning, read_leaning
from core.messages import Said, Tier
from core.subjects import PREPOSITIONS, is_measure, names_something, put_into, read_words, subject_of, without_rivals
from core.words import content_stems, language_of

_EMPTY_TIERS = frozenset({Tier.REFUSED, Tier.HANDED_OVER, Tier.PERSON})
_ANSWER_WORDS = 3
MOST_SUBJECT = 10
LONGEST = 500
"""Characters of a turn that are read; who writes more leans on nothing."""
_ITEM = re.compile(r"^\s*(?:\d{1,2}[.)]|[-•*–])\s+(.+)$", re.MULTILINE)
_BETWEEN_ITEMS = re.compile(r"\s*[,;]\s*(?:and|or|и|или)?\s+|\s+(?:and|or|и|или)\s+")
_LONGEST_ITEM = 6


@dataclass(frozen=True, slots=True)
class _Known:
    """What the conversation is about: the last question, whole, its subject, and what was answered to it."""

    question: str = ""
    subject: str = ""
    answer: str = ""


def standalone_question(text: str, earlier: Sequence[Said]) -> str:
    """The question as it would be asked without the turns before it; unchanged when it leans on none of them."""
    if len(text) > LONGEST:
        return text
    leaning = read_leaning(text)
    if leaning.kind is Leaning.Kind.NOTHING:
        return text
    if leaning.kind is Leaning.Kind.WHOLE and leaning.said == text:
        return text  # most questions: whatever was said before, nothing is added
    known = _Known()
    for turn in earlier:
        if turn.author == "customer":
            known = _whole(turn.text[:LONGEST], known)
        elif turn.author == "assistant" and _says_something(turn):
            known = _Known(known.question, known.subject, turn.text[:LONGEST])
    return _whole(text, known).question if known.question else text


def _says_something(turn: Said) -> bool:
    return bool(turn.text) and turn.tier not in _EMPTY_TIERS and turn.reason != "courtesy"


def _whole(text: str, known: _Known) -> _Known:
    """What is known after this question of the customer's."""
    leaning = read_leaning(text)
    if leaning.kind is Leaning.Kind.NOTHING:
        return known
    if leaning.kind is Leaning.Kind.WHOLE or not known.question:
        return _Known(leaning.said, subject_of(leaning.said))
    if leaning.kind is Leaning.Kind.FRAGMENT:
        return _with_fragment(leaning, known)
    return _with_subject(leaning, known)


def _with_fragment(leaning: Leaning, known: _Known) -> _Known:
    """ "And on Sundays?": the last question with it."""
    if language_of(leaning.rest) != language_of(known.question):
        return _with_subject(leaning, known)
    if len(known.question) + len(leaning.said) > LONGEST:
        return _with_subject(leaning, known)
    if put := put_into(known.question, leaning.rest, leaning.contrasts):
        return _Known(put, _short(subject_of(put)))
    if leaning.contrasts and names_something(known.question):  # rather what it has than another one
        return _with_subject(leaning, known)
    return _Known(f"{known.question} {leaning.said}", _short(f"{known.subject} {leaning.rest.strip(' ?!.…')}"))


def _with_subject(leaning: Leaning, known: _Known) -> _Known:
    """ "How long does it take?": with what it speaks of."""
    subject = without_rivals(known.subject, leaning.said)
    if leaning.ordinal is not None and (item := _item_of(known.answer, leaning.ordinal)):
        subject = f"{subject} {item}".strip()
    news = _news_in(known.answer, known.question) if leaning.means_answer else []
    subject = _in_language(" ".join([*subject.split(), *news]), leaning.said)
    if not subject:
        return _Known(leaning.said, known.subject, known.answer)
    place = None if news else leaning.pronoun
    if place and language_of(subject) == "en":
        question = leaning.said[: place[0]] + subject + leaning.said[place[1] :]
    else:
        question = f"{subject}: {leaning.said}"
    return _Known(question, _short(f"{subject} {subject_of(leaning.said)}"), known.answer)


def _short(subject: str) -> str:
    """Every word once, the first ones."""
    words = dict.fromkeys(subject.split())
    return " ".join(list(words)[:MOST_SUBJECT])


def _in_language(subject: str, said: str) -> str:
    """As much of it as leaves the question in its own language, whatever the subject is written in."""
    words = subject.split()
    while words and (
        words[-1].lower() in PREPOSITIONS or language_of(f"{' '.join(words)}: {said}") != language_of(said)
    ):
        words.pop()
    return " ".join(words)


def _news_in(answer: str, question: str) -> list[str]:
    """The first words with which an answer goes beyond its question: "that" may mean them."""
    asked = set(content_stems(question))
    words = read_words(answer)
    carrying = [word for word in words if word.carries and not word.text[0].isdigit() and not is_measure(word.low)]
    return [word.text for word in carrying if not asked & set(content_stems(word.text))][:_ANSWER_WORDS]


def _item_of(answer: str, number: int) -> str:
    """What an answer names in this place (-1: last): of a list, or of "A, B and C". Empty when it names none."""
    items = _ITEM.findall(answer)
    if len(items) < 2:
        sentences = [sentence for sentence in re.split(r"(?<=[.!?])\s+", answer) if _BETWEEN_ITEMS.search(sentence)]
        items = _BETWEEN_ITEMS.split(sentences[0].rpartition(":")[2]) if sentences else []
    if len(items) < 2 or number >= len(items):
        return ""
    words = items[number].strip(" .!").split()
    return " ".join(words[-_LONGEST_ITEM:] if number == 0 else words[:_LONGEST_ITEM])
