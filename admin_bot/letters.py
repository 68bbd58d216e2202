"""The Monday letter: how the week went, a picture, and a button for each of the worst questions without an answer.

A letter is written down before it is sent and taken once, so that no restart and no second process sends it again; what
Telegram did not take is tried again for two days. Refuses to know what is counted, and who wants letters.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import UUID

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest

from admin_bot.keyboards import Press, Row, button, keyboard, shortened
from admin_bot.number_words import LETTER, numbers_words
from admin_bot.routes import on_button, on_press
from admin_bot.talk import Talk
from admin_bot.verified import ask_answer
from core.app import Core
from core.errors import Unavailable
from core.letters import is_due_somewhere, readers, set_letters, wants_letters, week_due
from core.models import Assistant, BotState, GapStatus, Membership, Role
from core.numbers import Numbers, numbers_of
from core.numbers_chart import draw_numbers
from core.periods import week_before, zone_of
from core.shopper.runs import nights_between
from core.team import must_be_in_team
from core.telegram.formatting import Rich
from core.telegram.outbound import ChatClosed, Outbound, Place
from core.tenancy import actor_with_gap

log = logging.getLogger(__name__)
LOOK_S = 60.0
AT_ONCE = 20
KEPT = timedelta(days=30)
_DUE, _SENDING, _DONE, _NOTHING = "due", "sending", "done", "nothing"
_LONGEST_QUESTION = 150


def now_in_utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Letter:
    """As all readers of one language in one business get it."""

    words: str
    png: bytes
    rows: Sequence[Row]


class Letters:
    """All letters of one admin bot. `clock` tells the time."""

    def __init__(
        self,
        core: Core,
        outbound: Outbound,
        bot_id: int,
        every_s: float = LOOK_S,
        clock: Callable[[], datetime] = now_in_utc,
    ) -> None:
        self._core, self._outbound, self._bot_id, self._every_s, self._clock = core, outbound, bot_id, every_s, clock
        self._over: set[str] = set()
        """Letters that were sent, or had nothing to say: they are not looked for again."""

    async def run(self) -> None:
        """Look and write until cancelled."""
        while True:
            try:
                await self.look(self._clock())
            except Exception:  # the next look may find the database again
                log.exception("the weekly letters could not be written; looking again")
            await asyncio.sleep(self._every_s)

    async def look(self, now: datetime) -> None:
        """Send every letter that is due and was not sent."""
        if not is_due_somewhere(now):
            self._over.clear()
            return
        mine = BotState.filter(key__startswith=f"letter:{self._bot_id}:")
        await mine.filter(created_at__lt=datetime.now(UTC) - KEPT).delete()
        self._over |= {row.key for row in await mine.exclude(state=_DUE).only("key")}
        written: dict[tuple[UUID, str], Letter | None] = {}
        due = await self._due(now)
        for start in range(0, len(due), AT_ONCE):
            async with asyncio.TaskGroup() as group:
                for key, reader, monday, assistants in due[start : start + AT_ONCE]:
                    about = (reader.tenant_id, reader.user.locale)
                    if about not in written:
                        written[about] = await self._written(assistants, monday, reader)
                    group.create_task(self._send(key, reader, written[about]))

    async def _due(self, now: datetime) -> list[tuple[str, Membership, date, list[Assistant]]]:
        """The names of letters, whom they are for, of which week, about what."""
        found = await readers()
        known = await Assistant.filter(tenant_id__in={one.tenant_id for one in found}).order_by("created_at")
        due = []
        for one in found:
            assistants = [assistant for assistant in known if assistant.tenant_id == one.tenant_id]
            monday = week_due(now, zone_of(assistants)) if assistants else None
            key = f"letter:{self._bot_id}:{one.tenant_id}:{monday}:{one.user.telegram_id}"
            if monday and key not in self._over:
                due.append((key, one, monday, assistants))
        return due

    async def _written(self, assistants: list[Assistant], monday: date, reader: Membership) -> Letter | None:
        """None when nobody has asked anything in that week."""
        locale, say = reader.user.locale, partial(self._core.texts.say, reader.user.locale)
        week = week_before(monday, zone_of(assistants))
        numbers = await numbers_of(assistants, week, locale)
        if not numbers.has_any:
            return None
        name = say("admin-menu-title", name=assistants[0].name if len(assistants) == 1 else reader.tenant.name)
        words = numbers_words(self._core, locale, numbers, name, LETTER)
        nights, worse = await nights_between(assistants, week.begins, week.ends)
        checked = [say("letter-shopper", nights=nights, worse=worse)] if nights else []
        text = "\n\n".join([say("letter-greeting"), words, *checked, _left_to_do(say, numbers)])
        rows = [
            [button(say("button-gap-answer", number=number), "letter.gap", gap.id)]
            for number, gap in enumerate(numbers.worst, 1)
        ]
        rows.append([button(say("button-numbers"), "numbers.business", assistants[0].id)])
        rows.append([button(say("button-letters-off"), "letters.off")])
        return Letter(text, await asyncio.to_thread(draw_numbers, numbers, say), rows)

    async def _send(self, key: str, reader: Membership, letter: Letter | None) -> None:
        """Once: whoever turns its row from due to sending sends it."""
        row, _ = await BotState.get_or_create(key=key, defaults={"state": _DUE if letter else _NOTHING})
        if letter is None or not await BotState.filter(id=row.id, state=_DUE).update(state=_SENDING):
            return
        place = Place(reader.user.telegram_id or 0)
        try:
            if not row.data.get("pictured"):
                await self._send_chart(place, letter.png)
                await BotState.filter(id=row.id).update(data={"pictured": True})
            await self._outbound.send(place, Rich(letter.words), keyboard(letter.rows))
        except ChatClosed:
            log.info("%s: the chat is closed", key)
        except Unavailable as error:
            log.warning("%s could not be sent; trying again: %s", key, error)
            await BotState.filter(id=row.id).update(state=_DUE)
            return
        except Exception:  # one letter must not end the others
            log.exception("%s could not be sent", key)
        await BotState.filter(id=row.id).update(state=_DONE)

    async def _send_chart(self, place: Place, png: bytes) -> None:
        try:
            await self._outbound.send_picture(place, png, "week.png")
        except TelegramBadRequest as refusal:  # the words are enough
            log.warning("the chart of a letter was not taken: %s", refusal)


def _left_to_do(say: Callable[..., str], numbers: Numbers) -> str:
    if not numbers.worst:
        return say("letter-no-gaps")
    lines = [
        say(
            "admin-gap-line",
            number=number,
            question=shortened(" ".join(gap.question.split()), _LONGEST_QUESTION),
            asked=gap.asked,
        )
        for number, gap in enumerate(numbers.worst, 1)
    ]
    return "\n".join([say("letter-gaps", count=len(lines)), *lines])


async def letters_row(talk: Talk) -> Row:
    """The switch, for those who get letters."""
    if not talk.actor.may(Role.MANAGER):
        return []
    if await wants_letters(talk.user.id):
        return [talk.button("button-letters-off", "letters.off")]
    return [talk.button("button-letters-on", "letters.on")]


async def no_more(talk: Talk) -> None:
    await set_letters(talk.user.id, wanted=False)
    await talk.say(talk.words("letters-off"), [talk.button("button-letters-on", "letters.on")], _menu(talk))


async def again(talk: Talk) -> None:
    await set_letters(talk.user.id, wanted=True)
    await talk.say(talk.words("letters-on"), [talk.button("button-letters-off", "letters.off")], _menu(talk))


def _menu(talk: Talk) -> Row:
    return [talk.button("button-numbers", "numbers"), talk.button("button-menu", "menu")]


async def answer_worst(talk: Talk, press: Press) -> None:
    """A question of whichever of his businesses the letter is about. Raises `NotFound`, `RoleNeeded`."""
    actor, gap = await actor_with_gap(talk.user.id, press.id)
    await must_be_in_team(actor, Role.MANAGER)
    await talk.choose(gap.assistant_id)
    if gap.status == GapStatus.OPEN:
        await ask_answer(talk, gap.question, gap)
    else:
        await talk.say(talk.words("letter-already"), [talk.button("button-gaps-left", "gaps")], _menu(talk))


def setup() -> Router:
    router = Router(name="letters")
    # Whoever gets one may look at it; whether he decides in the business that it is about is checked there.
    on_press(router, Role.OPERATOR, "letter.gap", answer_worst)
    on_button(router, Role.OPERATOR, "letters.off", no_more)
    on_button(router, Role.OPERATOR, "letters.on", again)
    return router
