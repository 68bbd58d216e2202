"""Numbers in an owner's words: one sentence first, then a short line for each thing that there was."""

from functools import partial
from typing import Any

from admin_bot.keyboards import shortened
from core.app import Core
from core.models import HandoffReason
from core.numbers import Figures, Numbers

LETTER = "letter"
"""What the span of a weekly letter is called in the locales: the week that is over, not the last seven days."""
_REASONS = {reason.value for reason in HandoffReason} - {HandoffReason.OWNER.value}
_LONGEST_QUESTION = 120


def numbers_words(core: Core, locale: str, numbers: Numbers, name: str, span: str) -> str:
    """`name` is whose numbers they are, `span` which time they are about."""
    say = partial(core.texts.say, locale)
    if not numbers.has_any:
        return say("numbers-none", name=name, span=span)
    now = numbers.now
    lines = [
        say("numbers-title", name=name),
        "",
        say(
            "numbers-asked",
            span=span,
            customers=now.customers,
            conversations=now.conversations,
            questions=now.questions,
            answered=now.answered,
            percent=_percent(now),
        ),
        *_against(say, now, numbers.before, span),
        "",
        *_how(say, now),
        *_more(say, numbers),
    ]
    return "\n".join(lines)


def left_to_do(core: Core, locale: str, numbers: Numbers) -> str:
    """The one next step, or that there is none."""
    if not numbers.worst:
        return core.texts.say(locale, "numbers-no-gaps")
    question = shortened(" ".join(numbers.worst[0].question.split()), _LONGEST_QUESTION)
    return core.texts.say(locale, "numbers-gaps", count=numbers.open_gaps, question=question)


def _against(say: Any, now: Figures, before: Figures, span: str) -> list[str]:
    """What is more and what is less than in the time before, when anything was asked then."""
    lines = []
    if before.questions and now.questions != before.questions:
        key = "numbers-more" if now.questions > before.questions else "numbers-fewer"
        lines.append(say(key, span=span, before=before.questions))
    if before.questions and _percent(now) != _percent(before):
        key = "numbers-share-up" if _percent(now) > _percent(before) else "numbers-share-down"
        lines.append(say(key, percent=_percent(before)))
    return lines


def _how(say: Any, now: Figures) -> list[str]:
    """Who answered what was answered, and what became of the rest."""
    answered = [say(f"numbers-answered-{tier.value}", count=count) for tier, count in now.answered_by.items() if count]
    refused = [say(f"numbers-refused-{why}", count=count) for why, count in sorted(now.refused.items())]
    called = [
        say(f"numbers-reason-{reason if reason in _REASONS else 'other'}", count=count)
        for reason, count in sorted(now.handed_over.items())
    ]
    return [
        *([say("numbers-answered", parts=", ".join(answered))] if answered else []),
        *([say("numbers-refused", parts=", ".join(refused))] if refused else []),
        *([say("numbers-handed-over", parts=", ".join(called))] if called else []),
    ]


def _more(say: Any, numbers: Numbers) -> list[str]:
    lines = []
    if numbers.now.liked or numbers.now.disliked:
        lines.append(say("numbers-ratings", liked=numbers.now.liked, disliked=numbers.now.disliked))
    if numbers.median_s is not None and numbers.p95_s is not None:
        lines.append(say("numbers-speed", median=_seconds(numbers.median_s), most=_seconds(numbers.p95_s)))
    subjects = [say("numbers-subject", name=one.name, count=one.asked) for one in numbers.subjects]
    return [*lines, *([say("numbers-subjects", parts=", ".join(subjects))] if subjects else [])]


def _percent(figures: Figures) -> int:
    return round(100 * (figures.share or 0))


def _seconds(exactly: float) -> float:
    """Nobody waits for less than a tenth."""
    return max(0.1, round(exactly, 1))
