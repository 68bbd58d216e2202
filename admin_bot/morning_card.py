"""The morning message: what it says, which questions stand in which message, and whether somebody wants it.

It is made of the questions as they are now, so a message of days ago shows what was answered since when it is touched.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.transactions import in_transaction

from admin_bot.keyboards import Row, button, keyboard, shortened
from admin_bot.talk import Talk
from core.app import Core
from core.askers import count_askers
from core.gaps import count_gaps
from core.models import BotState, Gap, GapStatus
from core.mornings import gaps_in_order
from core.telegram.formatting import Rich

REMEMBERED = 14
"""Messages that can be replied to."""
_LONGEST_QUESTION = 200
_OFF = "off"


async def card_of(core: Core, locale: str, gap_ids: Sequence[UUID], new: int) -> tuple[str, list[Row]]:
    """Questions, numbered, under the names of their assistants, with what can be done about each; `new` is how many
    there were."""
    say, gaps = core.texts.say, await gaps_in_order(list(gap_ids))
    askers = await count_askers([gap.id for gap in gaps])
    numbers = {gap_id: number for number, gap_id in enumerate(gap_ids, 1)}
    lines, rows, last = [say(locale, "admin-morning", count=new)], list[Row](), list[Row]()
    assistants = list({gap.assistant.id: gap.assistant for gap in gaps}.values())
    for assistant in assistants:
        lines += ["", say(locale, "admin-morning-assistant", name=assistant.name)]
        for gap in (one for one in gaps if one.assistant_id == assistant.id):
            lines.append(_line(core, locale, numbers[gap.id], gap, askers.get(gap.id, 0)))
            rows.append(_choices(core, locale, numbers[gap.id], gap))
        count = await count_gaps(assistant)
        named = say(locale, "button-morning-all-of", name=assistant.name, count=count)
        label = named if len(assistants) > 1 else say(locale, "button-morning-all", count=count)
        last.append([button(label, "morning.all", assistant.id)] if count else [])
    if any(gap.status == GapStatus.OPEN for gap in gaps):
        lines += ["", say(locale, "admin-morning-hint")]
    return "\n".join(lines), [*rows, *last, [button(say(locale, "button-morning-off"), "morning.off")]]


def _line(core: Core, locale: str, number: int, gap: Gap, askers: int) -> str:
    question = shortened(" ".join(gap.question.split()), _LONGEST_QUESTION)
    line = core.texts.say(locale, "admin-gap-line", number=number, question=question, asked=gap.asked)
    if gap.status != GapStatus.OPEN:
        return f"{'✅' if gap.status == GapStatus.ANSWERED else '✖️'} {line}"
    return line + (core.texts.say(locale, "admin-gap-askers", count=askers) if askers else "")


def _choices(core: Core, locale: str, number: int, gap: Gap) -> Row:
    if gap.status != GapStatus.OPEN:
        return []
    say = core.texts.say
    return [
        button(say(locale, "button-gap-answer", number=number), "morning.answer", gap.id),
        button(say(locale, "button-gap-dismiss", number=number), "morning.dismiss", gap.id),
    ]


def row_key(bot_id: int, chat: int) -> str:
    """Of the row that says when this person was told last, and what stands in his messages."""
    return f"morning:{bot_id}:{chat}"


async def note_card(key: str, message_id: int, gap_ids: Sequence[UUID], new: int, at: datetime) -> None:
    """This message was sent: it can be replied to, and what was asked before is no longer new."""
    async with in_transaction():
        row = await BotState.filter(key=key).select_for_update().get()
        card = {"message": message_id, "gaps": [str(gap_id) for gap_id in gap_ids], "new": new}
        cards = [*row.data.get("cards", []), card][-REMEMBERED:]
        await BotState.filter(id=row.id).update(data={**row.data, "cards": cards, "since": at.isoformat()})


async def gaps_shown_in(talk: Talk, message_id: int) -> list[UUID]:
    """The questions of a morning message, in the order of their numbers; none: it is another message."""
    cards = await _cards(talk)
    return next(([UUID(one) for one in card["gaps"]] for card in cards if card["message"] == message_id), [])


async def refresh_cards(talk: Talk, gap_id: UUID) -> None:
    """His morning messages that show this question say how it is now."""
    for card in await _cards(talk):
        if str(gap_id) in card["gaps"]:
            shown = [UUID(one) for one in card["gaps"]]
            text, rows = await card_of(talk.core, talk.locale, shown, card["new"])
            await talk.outbound.edit(talk.chat_id, card["message"], Rich(text), keyboard(rows))


async def _cards(talk: Talk) -> list[dict[str, Any]]:
    row = await BotState.get_or_none(key=row_key(talk.state.key.bot_id, talk.chat_id))
    return list(row.data.get("cards", [])) if row else []


async def wants_mornings(talk: Talk) -> bool:
    return not await BotState.exists(key=row_key(talk.state.key.bot_id, talk.chat_id), state=_OFF)


async def want_mornings(talk: Talk, wanted: bool) -> None:
    """From now on he is told each morning, or is not."""
    key, state = row_key(talk.state.key.bot_id, talk.chat_id), None if wanted else _OFF
    _, created = await BotState.get_or_create(key=key, defaults={"state": state})
    if not created:
        await BotState.filter(key=key).update(state=state)


def is_unwanted(row: BotState) -> bool:
    return row.state == _OFF
