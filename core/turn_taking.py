"""One contact's questions are answered one after the other, in the order in which they came.

In one process they stand in a line by contact. Between processes the conversation itself says which question is being
answered. That turn ends with the stored answer, so nothing is written that would not be written anyway, or when its
holder has not renewed it in time, because he died. Refuses to know what is asked, and how it is answered.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

from tortoise.exceptions import DoesNotExist

from core.conversations import conversation_of, is_answered, remember_question
from core.database import DATABASE_AWAY
from core.errors import NotFound, TooManyWaiting
from core.messages import Incoming
from core.models import Conversation, Message
from core.statements import Statement

MOST_WAITING = 10
"""Questions of one contact that wait in one process, beside the one that is being answered."""
LEASE = timedelta(seconds=8)
"""How long a turn is waited for that nobody renews: the time of an answer (core/grounding.py), and some seconds."""
RENEW_S = 4.0
LOOK_S = 0.1
PATIENCE_S = 120.0
"""Longer than this nobody waits for another process."""

REMEMBERED = 1024
_answered_here: dict[UUID, None] = {}
"""The last questions that this process has answered: the database need not be asked about them."""

_MOST_TURNS = 50
_TAKE = Statement(
    "UPDATE conversations SET last_message_at = :now, turn_of = :mine, turn_until = :until WHERE id = :id "
    "AND turn_of IS NOT DISTINCT FROM :turn_of AND turn_until IS NOT DISTINCT FROM :turn_until"
)
_Who = tuple[UUID, str, str]


@dataclass(slots=True)
class _Line:
    """`there` counts who waits and who is being answered."""

    there: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


_lines: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[_Who, _Line]] = WeakKeyDictionary()
"""By event loop, because locks belong to one."""


@asynccontextmanager
async def own_turn(incoming: Incoming) -> AsyncIterator[tuple[Conversation, Message]]:
    """Wait until this contact's earlier questions are answered; his conversation, its assistant fetched, and the
    question, stored.

    The body ends with `remember_answer`, or fails. Raises `TooManyWaiting`, and `NotFound` as `conversation_of` does.
    """
    question_id = incoming.question_id or uuid4()
    own = {question_id, *(piece.id for piece in incoming.pieces)}
    async with _in_line((incoming.assistant_id, incoming.channel, incoming.contact_key)):
        conversation = await conversation_of(incoming)
        async with _kept(conversation.id, question_id):
            await _wait_for_turn(conversation, question_id, own)
            yield conversation, await remember_question(conversation, incoming, question_id)
        _note_answered(question_id)


def _note_answered(question_id: UUID) -> None:
    _answered_here[question_id] = None
    while len(_answered_here) > REMEMBERED:
        del _answered_here[next(iter(_answered_here))]


@asynccontextmanager
async def _in_line(who: _Who) -> AsyncIterator[None]:
    """A line is there while somebody stands in it."""
    lines = _lines.setdefault(asyncio.get_running_loop(), {})
    line = lines.setdefault(who, _Line())
    if line.there > MOST_WAITING:
        raise TooManyWaiting(limit=MOST_WAITING)
    line.there += 1
    try:
        async with line.turn:
            yield
    finally:
        line.there -= 1
        if not line.there:
            del lines[who]


def somebody_is_answered_here() -> bool:
    """Whether this process answers a customer, or one waits in a line of it."""
    return bool(_lines.get(asyncio.get_running_loop()))


async def somebody_is_answered() -> bool:
    """Whether any process does."""
    if somebody_is_answered_here():
        return True
    turns = Conversation.filter(turn_until__gt=datetime.now(UTC)).limit(_MOST_TURNS)
    for question_id in await turns.values_list("turn_of", flat=True):
        if isinstance(question_id, UUID) and question_id not in _answered_here and not await is_answered(question_id):
            return True
    return False


async def _wait_for_turn(conversation: Conversation, question_id: UUID, own: set[UUID]) -> None:
    """Until no other process answers in this conversation. A question that a crash interrupted goes on at once."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not (await _is_free(conversation, own) and await _take_turn(conversation, question_id)):
                await asyncio.sleep(LOOK_S)
                await conversation.refresh_from_db()
    except TimeoutError:
        raise TooManyWaiting(limit=MOST_WAITING) from None
    except DoesNotExist:
        raise NotFound(what="conversation") from None


async def _is_free(conversation: Conversation, own: set[UUID]) -> bool:
    if conversation.turn_of is None or conversation.turn_of in own or conversation.turn_of in _answered_here:
        return True
    lasts = conversation.turn_until is not None and conversation.turn_until > datetime.now(UTC)
    return not lasts or await is_answered(conversation.turn_of)


async def _take_turn(conversation: Conversation, question_id: UUID) -> bool:
    """Of many who see that a conversation is free, one gets it: the turn that they saw is what they compare."""
    now, seen = datetime.now(UTC), {"turn_of": conversation.turn_of, "turn_until": conversation.turn_until}
    return bool(await _TAKE.changed(id=conversation.id, mine=question_id, now=now, until=now + LEASE, **seen))


@asynccontextmanager
async def _kept(conversation_id: UUID, question_id: UUID) -> AsyncIterator[None]:
    """Renew the turn while the body runs, and give it back at once when the body fails."""

    async def change(**turn: Any) -> None:
        await Conversation.filter(id=conversation_id, turn_of=question_id).update(**turn)

    async def renew() -> None:
        while True:
            with suppress(*DATABASE_AWAY):  # the turn may still hold until it is back
                await change(turn_until=datetime.now(UTC) + LEASE)
            await asyncio.sleep(RENEW_S)

    loop = asyncio.get_running_loop()
    renewing: list[asyncio.Task[None]] = []
    # Most answers are there before: a task for each of them would cost more than the timer.
    later = loop.call_later(RENEW_S, lambda: renewing.append(loop.create_task(renew(), name=f"turn of {question_id}")))
    try:
        yield
    except BaseException:  # being cancelled is the usual way to fail here
        await asyncio.shield(change(turn_of=None, turn_until=None))
        raise
    finally:
        later.cancel()
        for task in renewing:
            task.cancel()
            await asyncio.wait({task})
