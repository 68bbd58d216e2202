"""What an owner does with the questions of the morning: answers, by a button or by a reply, or sets them aside.

The message brings together the questions of all businesses in which he decides, so who he is there is looked up for
each. A reply says which question it is about by its number.
"""

import re
from uuid import UUID

from aiogram import F, Router
from aiogram.types import Message

from admin_bot.gaps import show_gaps
from admin_bot.keyboards import Press, shortened
from admin_bot.morning_card import gaps_shown_in, refresh_cards, want_mornings
from admin_bot.routes import on_button, on_message, on_press
from admin_bot.talk import Talk
from admin_bot.verified import LONGEST_ANSWER, ask_answer, await_answer, save_answer_to_gap
from admin_bot.voice import take_voice
from core.gaps import dismiss_gap
from core.models import Gap, GapStatus, Role
from core.mornings import gaps_in_order
from core.team import must_be_in_team

_ONLY_NUMBER = re.compile(r"\s*(\d{1,2})[.)]?\s*")
_NUMBERED = re.compile(r"^[ \t]*(\d{1,2})[.)][ \t]+", re.MULTILINE)


async def answer(talk: Talk, press: Press) -> None:
    gap = await talk.gap(press.id)
    await ask_answer(talk, gap.question, gap)


async def dismiss(talk: Talk, press: Press) -> None:
    gap = await talk.gap(press.id)
    if gap.status == GapStatus.OPEN:
        await dismiss_gap(gap, talk.actor)
        said = talk.words("admin-gap-dismissed", question=shortened(" ".join(gap.question.split()), 100))
        await talk.say(said, await talk.undo_row(gap.id))
    await refresh_cards(talk, gap.id)


async def show_all(talk: Talk, press: Press) -> None:
    """Under the morning message, which stays."""
    assistant = await talk.choose(press.id or UUID(int=0))
    await must_be_in_team(talk.actor, Role.MANAGER)
    talk.shown = None
    await show_gaps(talk, said=talk.words("admin-chosen", name=assistant.name))


async def switch_off(talk: Talk) -> None:
    await want_mornings(talk, wanted=False)
    on_again = [talk.button("button-morning-on", "morning.on")]
    await talk.say(talk.words("admin-morning-off"), on_again, [talk.button("button-menu", "menu")])


async def switch_on(talk: Talk) -> None:
    await want_mornings(talk, wanted=True)
    await talk.say(talk.words("admin-morning-on"), [talk.button("button-menu", "menu")])


async def take_reply(talk: Talk, message: Message) -> None:
    """A number alone asks for the answer; "2. Yes, on Saturdays" is one, and so is any text where only one question is
    left."""
    text = message.text or ""
    shown = await _shown(talk, message)
    numbers = {str(number): gap_id for number, gap_id in enumerate(shown, 1)}
    alone = _ONLY_NUMBER.fullmatch(text)
    if alone and alone[1] in numbers:
        await answer(talk, Press(do="morning.answer", id=numbers[alone[1]]))
        return
    answers = _answers_in(text, list(numbers))
    if not answers and (only := await _only_open(shown)):
        answers = {str(shown.index(only.id) + 1): text.strip()}
    if not answers:
        await talk.say(talk.words("admin-morning-which"))
        return
    for number, words in answers.items():
        if len(words) > LONGEST_ANSWER:
            await talk.say(talk.words("admin-too-long", limit=LONGEST_ANSWER, length=len(words)))
            return
        await save_answer_to_gap(talk, await talk.gap(numbers[number]), words)


async def take_spoken_reply(talk: Talk, message: Message) -> None:
    """It cannot be numbered, so there must be one question left."""
    only = await _only_open(await _shown(talk, message))
    if only is None:
        await talk.say(talk.words("admin-morning-which-spoken"))
        return
    await await_answer(talk, only.question, await talk.gap(only.id))
    await take_voice(talk, message)


def _answers_in(text: str, numbers: list[str]) -> dict[str, str]:
    """Number -> answer, of a text that begins with one. Lines that begin with further numbers are further answers, if
    they could be: each number once, of those that were shown, in their order. Else they belong to the first."""
    begins = list(_NUMBERED.finditer(text))
    if not begins or text[: begins[0].start()].strip() or begins[0][1] not in numbers:
        return {}
    said = [one[1] for one in begins]
    if not set(said) <= set(numbers) or sorted(set(said), key=int) != said:
        begins = begins[:1]
    ends = [*(one.start() for one in begins[1:]), len(text)]
    answers = {one[1]: text[one.end() : end].strip() for one, end in zip(begins, ends, strict=True)}
    return {number: words for number, words in answers.items() if words}


async def is_reply(message: Message, talk: Talk) -> bool:
    """A filter: he replies to a morning message."""
    return bool(await _shown(talk, message))


async def _shown(talk: Talk, message: Message) -> list[UUID]:
    replied = message.reply_to_message
    return await gaps_shown_in(talk, replied.message_id) if replied else []


async def _only_open(gap_ids: list[UUID]) -> Gap | None:
    left = [gap for gap in await gaps_in_order(gap_ids) if gap.status == GapStatus.OPEN]
    return left[0] if len(left) == 1 else None


def setup() -> Router:
    router = Router(name="mornings")
    on_message(router, Role.OPERATOR, take_reply, F.text, is_reply)
    on_message(router, Role.OPERATOR, take_spoken_reply, F.voice | F.audio, is_reply)
    on_press(router, Role.OPERATOR, "morning.answer", answer)
    on_press(router, Role.OPERATOR, "morning.dismiss", dismiss)
    on_press(router, Role.OPERATOR, "morning.all", show_all)
    on_button(router, Role.OPERATOR, "morning.off", switch_off)
    on_button(router, Role.OPERATOR, "morning.on", switch_on)
    return router
