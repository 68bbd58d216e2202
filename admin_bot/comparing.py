"""Three answers before and after a change that is not saved yet, in the background: they take seconds, and nobody else
waits for them. Where the change makes no difference he is told so, and why."""

import logging
from collections.abc import Sequence

from admin_bot.keyboards import shortened
from admin_bot.proposing import Proposal, card_rows
from admin_bot.talk import Talk
from core.errors import ProductError
from core.messages import Tier
from core.telegram.outbound import ChatClosed
from core.what_if import Answer, Comparison, compare, questions_for

log = logging.getLogger(__name__)
_LONGEST_ANSWER = 500
_WORDING = {"persona", "tone_examples", "temperature", "top_p", "max_tokens"}
"""What changes only how the model words an answer."""
_asked: set[int] = set()
"""Chats for which questions are being asked right now: one at a time each."""


async def compare_answers(talk: Talk, proposal: Proposal) -> None:
    """Say at once that it takes a moment; the answers come in place of that. The card stays in sight."""
    talk.shown = None
    rows = card_rows(talk, proposal, compared=True)
    if talk.chat_id in _asked:
        await talk.say(talk.words("admin-compare-busy"))
        return
    questions = await questions_for(talk.core, proposal.assistant, proposal.settings, talk.locale)
    if not questions:
        await talk.say(talk.words("admin-compare-nothing"), *rows[:1])
        return
    _asked.add(talk.chat_id)
    talk.shown = await talk.say(talk.words("admin-compare-asking", count=len(questions)), *rows)
    talk.core.background.start(_ask_and_tell(talk, proposal, questions), f"answers before and after in {talk.chat_id}")


async def _ask_and_tell(talk: Talk, proposal: Proposal, questions: Sequence[str]) -> None:
    try:
        async with talk.outbound.typing(talk.place):
            asked = compare(talk.core, proposal.assistant, proposal.settings, questions)
            found = [comparison async for comparison in asked]
        await talk.show(_told(talk, proposal, found), *card_rows(talk, proposal, compared=True))
    except ProductError as error:
        log.info("no answers before and after for %s: %s", proposal.assistant.id, error.code)
        sentence = talk.core.texts.explain(talk.locale, error)
        await talk.show(sentence, *card_rows(talk, proposal, compared=True))
    except ChatClosed:
        log.info("%s has closed the chat", talk.chat_id)
    finally:
        _asked.discard(talk.chat_id)


def _told(talk: Talk, proposal: Proposal, found: Sequence[Comparison]) -> str:
    if not found:
        return talk.words("admin-compare-slow")
    lines = [talk.words("admin-compare", count=len(found)), *(_side_by_side(talk, one) for one in found)]
    if not any(one.differs for one in found):
        lines.append(_why_the_same(talk, proposal, found))
    elif any(one.before.by_chance or one.after.by_chance for one in found):
        lines.append(talk.words("admin-compare-chance"))
    return "\n\n".join(lines)


def _side_by_side(talk: Talk, one: Comparison) -> str:
    before, after = _answer(talk, one.before), _answer(talk, one.after)
    if one.differs:
        return talk.words("admin-compare-differs", question=one.question, before=before, after=after)
    return talk.words("admin-compare-same", question=one.question, answer=before)


def _answer(talk: Talk, answer: Answer) -> str:
    return shortened(answer.text, _LONGEST_ANSWER) or talk.words("admin-persona-none")


def _why_the_same(talk: Talk, proposal: Proposal, found: Sequence[Comparison]) -> str:
    names = {*proposal.settings, *proposal.settings.get("answer_policy", {}), *proposal.settings.get("generation", {})}
    only_wording = names - {"answer_policy", "generation"} <= _WORDING
    tiers = {one.after.tier for one in found}
    if only_wording and Tier.GROUNDED not in tiers:
        return talk.words("admin-compare-quotes")
    if tiers == {Tier.VERIFIED}:
        return talk.words("admin-compare-ready")
    return talk.words("admin-compare-no-difference")
