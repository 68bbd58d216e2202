"""What the mystery shopper found, in an owner's words: counts, an answer before and after as one text in which what is
gone is struck through and what is new is bold, and why it is so.
"""

from collections.abc import Sequence
from functools import partial, reduce

from admin_bot.change_words import action_words
from admin_bot.keyboards import shortened
from admin_bot.moments import moment_words
from core.app import Core
from core.messages import Tier
from core.models import Change, ShopperResult
from core.shopper.causes import Cause
from core.shopper.judging import Verdict
from core.shopper.runs import Counts
from core.shopper.told import Told, told_before
from core.shopper.word_diff import Mark, word_diff
from core.telegram.formatting import Rich, added, bold, struck

_LONGEST_QUESTION, LONGEST_ANSWER, LONGEST_IN_MESSAGE = 200, 900, 300
_MARKS = {Mark.KEPT: Rich, Mark.GONE: struck, Mark.NEW: added}
_COUNTED = (Verdict.WORSE, Verdict.CHANGED, Verdict.BETTER, Verdict.NEW, Verdict.SAME)


def counts_words(core: Core, locale: str, counts: Counts) -> str:
    """One line for each kind that there is, the worst first."""
    say = partial(core.texts.say, locale)
    lines = [say(f"shopper-count-{kind.value}", count=counts[kind]) for kind in _COUNTED if counts[kind]]
    return "\n".join([*lines, *([say("shopper-count-slower", count=counts.slower)] if counts.slower else [])])


async def result_words(core: Core, locale: str, result: ShopperResult, longest: int = LONGEST_ANSWER) -> Rich:
    """The question, the verdict with its reasons, the difference, the causes. `result` has its `question`."""
    say = partial(core.texts.say, locale)
    before, after = told_before(result.before), Told.from_record(result.after)
    question = shortened(" ".join(result.question.question.split()), _LONGEST_QUESTION)
    parts = [bold(f"❓ {question}"), Rich(verdict_words(core, locale, result))]
    if before is None or _text(before) == _text(after):
        parts.append(Rich(_shown(core, locale, after, longest)))
    else:
        parts.append(_difference(_shown(core, locale, before, longest), _shown(core, locale, after, longest)))
    parts += [Rich(text) for text in await _causes(core, locale, result)]
    parts += [Rich(say("shopper-by-chance"))] if after.by_chance else []
    return joined(parts, "\n\n")


def verdict_words(core: Core, locale: str, result: ShopperResult) -> str:
    """ "🔻 Worse: a number or price is not there any more." """
    say = partial(core.texts.say, locale)
    if result.accepted:
        return say("shopper-accepted")
    verdict = say(f"shopper-verdict-{result.verdict}")
    reasons = ", ".join(say(f"shopper-reason-{reason}") for reason in result.reasons)
    said = f"{verdict}: {reasons}." if reasons else f"{verdict}."
    slower = say("shopper-slower", seconds=str(result.after["seconds"])) if result.slower else ""
    return "\n".join(filter(None, (said, slower)))


def joined(parts: Sequence[Rich], between: str) -> Rich:
    return reduce(lambda one, other: one + Rich(between) + other, parts)


def _difference(before: str, after: str) -> Rich:
    return reduce(lambda one, other: one + other, (_MARKS[mark](text) for mark, text in word_diff(before, after)))


def _shown(core: Core, locale: str, told: Told, longest: int) -> str:
    return shortened(_text(told), longest) or core.texts.say(locale, "admin-persona-none")


def _text(told: Told) -> str:
    """When people are back changes with the clock, and is not what was asked."""
    return told.text if told.tier is not Tier.HANDED_OVER else told.text.partition(". ")[0]


async def _causes(core: Core, locale: str, result: ShopperResult) -> list[str]:
    """Each in a line of its own; of changes that are forgotten since nothing is told."""
    say, lines = partial(core.texts.say, locale), []
    for cause in map(Cause.from_record, result.causes):
        what = say(f"shopper-cause-{cause.itself}", name=cause.name) if cause.itself else ""
        if change := await change_behind(cause):
            when = moment_words(core, locale, change.created_at)
            what = say("shopper-cause-change", what=action_words(core, locale, change.event), when=when)
        if what:
            lines.append(say("shopper-because" if cause.sure else "shopper-perhaps", what=what))
    return ["\n".join(lines)] if lines else []


async def change_behind(cause: Cause) -> Change | None:
    """With its `event`."""
    return await Change.get_or_none(id=cause.change).select_related("event") if cause.change else None


async def undoable_of(result: ShopperResult) -> Change | None:
    """The first of its causes that can still be taken back."""
    for record in result.causes:
        change = await change_behind(Cause.from_record(record))
        if change and change.undone_at is None:
            return change
    return None
