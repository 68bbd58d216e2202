"""Several short messages are one question: what is waited for, what joins, and what a restart makes of it."""

import asyncio
from datetime import timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest

from core.background import Background
from core.bursts import MOST_PIECES, PAUSE, Burst
from core.conversations import answer_id, remember_answer
from core.inbox import accept_event
from core.lanes import Following, Lanes
from core.messages import Piece, Reply, Tier
from core.models import Assistant, Contact, Conversation, ProcessedEvent, Tenant
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("database")
_numbers = count()


async def _event(text: str, after: ProcessedEvent | None = None, seconds: float = 0.0) -> ProcessedEvent:
    """Accepted now, or so long after another."""
    event = await accept_event("chat", str(next(_numbers)), {"text": text})
    assert event
    if after:
        event.created_at = after.created_at + timedelta(seconds=seconds)
    return event


def _joins(_before: ProcessedEvent, event: ProcessedEvent) -> str:
    return str(event.payload["text"])


class Chat:
    """A chat in which one message has come; what was composed, and what was cancelled."""

    def __init__(self, first: ProcessedEvent) -> None:
        self.following: Following[ProcessedEvent] = Following()
        self.burst = Burst(first, _joins(first, first), self.following, _joins)
        self.composing: list[str] = []
        self.may_end = asyncio.Event()

    async def compose(self, pieces: tuple[Piece, ...]) -> str:
        self.composing.append(" ".join(piece.text for piece in pieces))
        await self.may_end.wait()
        return self.composing[-1]

    async def begins(self, text: str) -> None:
        async def begun() -> bool:
            return self.composing[-1:] == [text]

        await until(begun, 5, 0.01)


async def test_a_whole_question_is_composed_at_once() -> None:
    chat = Chat(await _event("Where is the shop?"))
    chat.may_end.set()

    async with asyncio.timeout(PAUSE.total_seconds() / 2):
        assert await chat.burst.answer(chat.compose) == "Where is the shop?"
    assert chat.burst.joined == []


async def test_an_unfinished_message_waits_for_the_next_and_is_composed_once() -> None:
    chat = Chat(await _event("Hello"))
    chat.may_end.set()
    chat.following.put(await _event("Where is the shop?"))

    assert await chat.burst.answer(chat.compose) == "Hello Where is the shop?"
    assert chat.composing == ["Hello Where is the shop?"]
    assert len(chat.burst.joined) == 1


async def test_an_unfinished_message_is_answered_when_nothing_follows() -> None:
    first = await _event("Hello")
    first.created_at -= PAUSE - timedelta(seconds=0.2)
    chat = Chat(first)
    chat.may_end.set()

    assert await chat.burst.answer(chat.compose) == "Hello"


async def test_a_message_that_comes_while_the_answer_is_made_begins_it_anew() -> None:
    chat = Chat(first := await _event("Where is the shop?"))
    answering = Background().start(chat.burst.answer(chat.compose), "answering")
    await chat.begins("Where is the shop?")
    chat.following.put(await _event("Is it far?", first, 1.4))
    await chat.begins("Where is the shop? Is it far?")
    chat.may_end.set()

    assert await answering == "Where is the shop? Is it far?"


@pytest.mark.parametrize("text", ["Where is the shop?", "Hello"])
async def test_what_comes_later_is_a_question_of_its_own(text: str) -> None:
    first = await _event(text)
    first.created_at -= PAUSE
    chat = Chat(first)
    chat.may_end.set()
    chat.following.put(await _event("Is it far?", first, 1.6))

    assert await chat.burst.answer(chat.compose) == text


async def test_a_burst_has_an_end() -> None:
    chat = Chat(first := await _event("and"))
    chat.may_end.set()
    for _ in range(MOST_PIECES + 5):
        chat.following.put(await _event("and", first))

    assert (await chat.burst.answer(chat.compose)).split() == ["and"] * MOST_PIECES


async def test_a_question_whose_answer_is_stored_already_is_not_begun_anew(database: Path) -> None:
    """The process was killed between storing the answer and sending it, and another message had come by then."""
    first = await _event("Where is the shop?")
    await _store_answer(first.id)
    chat = Chat(first)
    chat.following.put(await _event("Is it far?", first, 0.5))
    answering = Background().start(chat.burst.answer(chat.compose), "answering")
    await chat.begins("Where is the shop?")
    await asyncio.sleep(0.1)
    chat.may_end.set()

    assert await answering == "Where is the shop?"
    assert len(chat.composing) == 1


async def test_an_answer_that_was_stored_while_it_was_stopped_is_the_answer(database: Path) -> None:
    first = await _event("Where is the shop?")
    chat = Chat(first)

    async def compose(pieces: tuple[Piece, ...]) -> str:
        try:
            return await chat.compose(pieces)
        except asyncio.CancelledError:
            await _store_answer(pieces[-1].id)
            chat.may_end.set()
            raise

    answering = Background().start(chat.burst.answer(compose), "answering")
    await chat.begins("Where is the shop?")
    chat.following.put(await _event("Is it far?", first, 0.5))

    assert await answering == "Where is the shop?"


async def _store_answer(question_id: UUID) -> None:
    assistant = await Assistant.create(tenant=await Tenant.create(name="Copper Kettle"), name="Rosa")
    contact = await Contact.create(assistant=assistant, channel="chat", key="ann")
    home = await Conversation.create(assistant=assistant, contact=contact)
    await remember_answer(home, Reply("At 12 Mill Lane.", Tier.VERIFIED, home.id, answer_id(question_id)))


async def test_what_was_done_together_leaves_the_lane_together_and_makes_room() -> None:
    done: list[list[int]] = []

    async def work(item: int, following: Following[int]) -> None:
        together = [item]
        if item < 10:
            await asyncio.Event().wait()
        while item % 10 == 0 and await following.at(len(together) - 1, 0.2):
            together.append(item + len(together))
        following.drop_while(lambda other: other in together)
        done.append(together)

    background = Background()
    lanes = Lanes(background, work, held=3)
    for item in (10, 11, 12, 21, 22, 23):
        async with asyncio.timeout(5):
            await lanes.put("lane", item)
    await until(lambda: _is_done(done, 4), 5)

    assert done == [[10, 11, 12], [21], [22], [23]]
    for item in (1, 2, 3):
        async with asyncio.timeout(5):
            await lanes.put(f"lane {item}", item)
    await background.close()


async def _is_done(done: list[list[int]], number: int) -> bool:
    return len(done) == number
