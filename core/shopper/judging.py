"""Two answers to one question: the same, changed, better or worse, and why. Deterministic; no model judges.

Worse is what a customer would notice: no answer any more, a weaker way of answering, a number, price, date, phone or
link that is gone or different, another language than his, a source that no longer exists. Words alone are no harm: who
says the same in other words has said the same. Refuses to know who asks, and what was changed in between.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from core.differences import Difference, difference_between
from core.facts import facts_of
from core.messages import Tier
from core.shopper.told import Told
from core.words import language_of

NEAR = 0.94
"""Cosine of two answers that say the same in other words, measured with the bundled model on the pairs of
tests/integration/test_shopper.py: 8 of 8 are the same, 7 of 9 others are not."""
SLOW_S = 3.0
_RANK = {Tier.VERIFIED: 3, Tier.GROUNDED: 2, Tier.QUOTED: 1}
_ROUND = (Difference.NEGATION, Difference.DIRECTION)


class Verdict(StrEnum):
    """`NEW` was not asked before."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    BETTER = "better"
    WORSE = "worse"


class Reason(StrEnum):
    """Why, each with a sentence for owners."""

    REFUSED = "refused"
    HANDED_OVER = "handed-over"
    WEAKER = "weaker"
    FACTS = "facts"
    LANGUAGE = "language"
    SOURCE = "source"
    TURNED = "turned"
    WORDS = "words"
    ANSWERED = "answered"
    OWN_WORDS = "own-words"
    STRONGER = "stronger"


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    slower: bool = False
    """Told apart: how long it took says more of the machine than of the answer."""


def judge(question: str, before: Told | None, after: Told, nearness: float, gone: Collection[UUID] = ()) -> Judgement:
    """`nearness` is the cosine of the two texts, `gone` are documents that the assistant has no more."""
    if before is None:
        return Judgement(Verdict.NEW)
    verdict, reasons = _compared(question, before, after, nearness, gone)
    answered = after.tier in _RANK and before.tier in _RANK
    return Judgement(verdict, reasons, slower=answered and before.seconds <= SLOW_S < after.seconds)


def _compared(
    question: str, before: Told, after: Told, nearness: float, gone: Collection[UUID]
) -> tuple[Verdict, tuple[Reason, ...]]:
    if before.tier in _RANK and after.tier in _RANK:
        return _both_answer(question, before, after, nearness, gone)
    if before.tier in _RANK:
        return Verdict.WORSE, (_missing(after),)
    if after.tier in _RANK:
        return Verdict.BETTER, (Reason.ANSWERED,)
    if before.tier is not after.tier:
        return Verdict.CHANGED, (_missing(after),)
    # When people are back stands in what is said of a person, and changes with the clock.
    same = before.reason == after.reason if after.tier is Tier.HANDED_OVER else before.text == after.text
    return (Verdict.SAME, ()) if same else (Verdict.CHANGED, (Reason.WORDS,))


def _both_answer(
    question: str, before: Told, after: Told, nearness: float, gone: Collection[UUID]
) -> tuple[Verdict, tuple[Reason, ...]]:
    if _words(before) == _words(after):
        return Verdict.SAME, ()
    if after.tier is Tier.VERIFIED and before.tier is not Tier.VERIFIED:
        return Verdict.BETTER, (Reason.OWN_WORDS,)
    told, tells = facts_of(before.text), facts_of(after.text)
    asked = language_of(question)
    ok_before, ok_now = language_of(before.text) == asked, language_of(after.text) == asked
    worse = (
        (Reason.WEAKER, _RANK[after.tier] < _RANK[before.tier]),
        (Reason.FACTS, not told.within(tells)),
        (Reason.LANGUAGE, ok_before and not ok_now),
        (Reason.SOURCE, any(source.id in gone for source in before.sources)),
    )
    if reasons := tuple(reason for reason, so in worse if so):
        return Verdict.WORSE, reasons
    better = ((Reason.STRONGER, _RANK[after.tier] > _RANK[before.tier]), (Reason.LANGUAGE, ok_now and not ok_before))
    if reasons := tuple(reason for reason, so in better if so):
        return Verdict.BETTER, reasons
    changed = (
        (Reason.TURNED, difference_between(before.text, after.text, loosely=True) in _ROUND),
        (Reason.FACTS, not tells.within(told)),
        (Reason.WORDS, nearness < NEAR),
    )
    reasons = tuple(reason for reason, so in changed if so)
    return (Verdict.CHANGED, reasons) if reasons else (Verdict.SAME, ())


def _words(told: Told) -> list[str]:
    return told.text.split()


def _missing(after: Told) -> Reason:
    return Reason.HANDED_OVER if after.tier is Tier.HANDED_OVER else Reason.REFUSED
