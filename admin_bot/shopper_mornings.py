"""After a night in which something got worse, those who decide hear of it in the morning: one message a run.

What is told is in the database, so no restart and no second process tells it again; what Telegram did not take is
tried again. A night in which nothing got worse is not told. Refuses to know how answers are compared.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aiogram import Router

from admin_bot.keyboards import Press, Row, button, keyboard
from admin_bot.routes import on_press
from admin_bot.shopper import show_result, undo_cause_of
from admin_bot.shopper_words import LONGEST_IN_MESSAGE, joined, result_words, undoable_of
from admin_bot.talk import Talk
from admin_bot.verified import ask_answer
from core.app import Core
from core.errors import Unavailable
from core.models import BotState, Membership, Role, RunKind, RunState, ShopperResult, ShopperRun
from core.mornings import BEGINS, morning_of
from core.periods import zone_of
from core.shopper.judging import Verdict
from core.shopper.runs import accept, results_of
from core.shopper.whose import actor_with_result, actor_with_run
from core.team import must_be_in_team
from core.telegram.formatting import Rich
from core.telegram.outbound import ChatClosed, Outbound, Place

log = logging.getLogger(__name__)
LOOK_S = 60.0
FRESH = timedelta(days=1)
KEPT = timedelta(days=30)
MOST = 3
"""Answers in one message; the others are a tap away."""
_DUE, _SENDING, _DONE = "due", "sending", "done"


class ShopperMornings:
    """The messages of one admin bot about nights. `clock` tells the time."""

    def __init__(
        self, core: Core, outbound: Outbound, bot_id: int, clock: Callable[[], datetime], every_s: float = LOOK_S
    ) -> None:
        self._core, self._outbound, self._bot_id, self._clock, self._every_s = core, outbound, bot_id, clock, every_s

    async def run(self) -> None:
        """Look and tell until cancelled."""
        while True:
            try:
                await self.look(self._clock())
            except Exception:  # the next look may find the database again
                log.exception("what the mystery shopper found could not be told; looking again")
            await asyncio.sleep(self._every_s)

    async def look(self, now: datetime) -> None:
        """Tell of every night that is over and was not told."""
        mine = BotState.filter(key__startswith=self._key(""))
        await mine.filter(created_at__lt=now - KEPT).delete()
        nights = ShopperRun.filter(kind=RunKind.NIGHT, state=RunState.DONE, finished_at__gt=now - FRESH)
        for run in await nights.order_by("finished_at").select_related("assistant"):
            if morning_of(now, zone_of([run.assistant])) and (worse := await _news_of(run)):
                deciding = Membership.filter(tenant_id=run.assistant.tenant_id, role__in=(Role.OWNER, Role.MANAGER))
                for reader in await deciding.filter(user__telegram_id__not_isnull=True).select_related("user"):
                    await self._tell(run, worse, reader)

    async def _tell(self, run: ShopperRun, worse: Sequence[ShopperResult], reader: Membership) -> None:
        """Once: whoever turns its row from due to sending sends it."""
        chat = reader.user.telegram_id or 0
        row, _ = await BotState.get_or_create(key=self._key(f"{run.id}:{chat}"), defaults={"state": _DUE})
        if row.state != _DUE or not await BotState.filter(id=row.id, state=_DUE).update(state=_SENDING):
            return
        try:
            text, rows = await night_words(self._core, reader.user.locale, run, worse)
            await self._outbound.send(Place(chat), text, keyboard(rows))
        except ChatClosed:
            log.info("%s: the chat is closed", row.key)
        except Unavailable as error:
            log.warning("%s could not be told; trying again: %s", row.key, error)
            await BotState.filter(id=row.id).update(state=_DUE)
            return
        except Exception:  # one message must not end the others
            log.exception("%s could not be told", row.key)
        await BotState.filter(id=row.id).update(state=_DONE)

    def _key(self, what: str) -> str:
        return f"shopper:{self._bot_id}:{what}"


async def _news_of(run: ShopperRun) -> list[ShopperResult]:
    """What got worse in this night, and nobody has decided about."""
    return [row for row in await results_of(run) if row.verdict == Verdict.WORSE and not row.known and not row.accepted]


async def night_words(
    core: Core, locale: str, run: ShopperRun, worse: Sequence[ShopperResult]
) -> tuple[Rich, list[Row]]:
    """The message, with three buttons for each answer in it."""
    say = core.texts.say
    name = run.assistant.name
    begun = (run.started_at or run.created_at).astimezone(ZoneInfo(zone_of([run.assistant])))
    when = "night" if begun.hour < BEGINS else "day"  # the computer was off at night
    head = say(locale, "shopper-night", name=name, asked=run.questions, when=when) + " "
    parts, rows = [Rich(head + say(locale, "shopper-night-worse", count=len(worse)))], list[Row]()
    for number, one in enumerate(worse[:MOST], 1):
        words = await result_words(core, locale, one, LONGEST_IN_MESSAGE)
        parts.append(Rich(f"{number}. ") + words)
        undo = [button(say(locale, "button-undo-numbered", number=number), "night.undo", one.id)]
        rows.append(undo if await undoable_of(one) else [])
        rows.append(
            [
                button(say(locale, "button-gap-answer", number=number), "night.answer", one.id),
                button(say(locale, "button-shopper-fine-numbered", number=number), "night.fine", one.id),
            ]
        )
    rows.append([button(say(locale, "button-shopper-results"), "night.results", run.id)])
    return joined(parts, "\n\n"), rows


async def _decided_about(talk: Talk, press: Press) -> ShopperResult:
    """A result of whichever of his businesses; he works there from now on, and the message stays. Raises `NotFound`,
    `RoleNeeded`."""
    talk.actor, result = await actor_with_result(talk.user.id, press.id)
    await must_be_in_team(talk.actor, Role.MANAGER)
    await talk.choose(result.run.assistant_id)
    talk.shown = None
    return result


async def undo_cause(talk: Talk, press: Press) -> None:
    await undo_cause_of(talk, await _decided_about(talk, press))


async def answer_himself(talk: Talk, press: Press) -> None:
    await ask_answer(talk, (await _decided_about(talk, press)).question.question)


async def find_fine(talk: Talk, press: Press) -> None:
    await accept(await _decided_about(talk, press))
    await talk.say(talk.words("admin-shopper-fine"), [talk.button("button-shopper", "shopper")])


async def open_results(talk: Talk, press: Press) -> None:
    talk.actor, run = await actor_with_run(talk.user.id, press.id)
    await must_be_in_team(talk.actor, Role.MANAGER)
    await talk.choose(run.assistant_id)
    talk.shown = None
    await show_result(talk, run)


def setup() -> Router:
    router = Router(name="shopper_mornings")
    # Whether he decides in the business that it is about is checked there.
    on_press(router, Role.OPERATOR, "night.undo", undo_cause)
    on_press(router, Role.OPERATOR, "night.answer", answer_himself)
    on_press(router, Role.OPERATOR, "night.fine", find_fine)
    on_press(router, Role.OPERATOR, "night.results", open_results)
    return router
