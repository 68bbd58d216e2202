"""One contact is answered one question at a time, wherever it is answered; other contacts do not wait for him."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from core.background import Background
from core.conversations import answer_id, conversation_of, remember_answer
from core.database import open_database
from core.errors import TooManyWaiting
from core.messages import Incoming, Reply, Tier
from core.models import Assistant, Conversation, ConversationState, Message, Tenant
from core.turn_taking import MOST_WAITING, own_turn
from tests.waiting import until

HOUR = timedelta(hours=1)


@pytest.fixture
async def rosa(database: Path) -> Assistant:
    return await Assistant.create(tenant=await Tenant.create(name="Copper Kettle"), name="Rosa")


class Desk:
    """Answers questions, slowly, and notes when it begins and ends."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.notes: list[str] = []
        self.answering = 0
        self.most_at_once = 0

    def incoming(self, text: str, key: str = "ann") -> Incoming:
        return Incoming(self.assistant.id, "test", key, text)

    async def ask(self, text: str, key: str = "ann", work: Callable[[], Awaitable[object]] | None = None) -> UUID:
        """The conversation that it was answered in."""
        async with own_turn(self.incoming(text, key)) as (conversation, asked):
            self.answering += 1
            self.most_at_once = max(self.most_at_once, self.answering)
            self.notes.append(text)
            await (work() if work else asyncio.sleep(0.01))
            self.answering -= 1
            await remember_answer(conversation, Reply("answer", Tier.QUOTED, conversation.id, answer_id(asked.id)))
            self.notes.append(f"answer to {text}")
        return conversation.id


async def test_questions_of_one_contact_are_answered_one_after_the_other_in_order(rosa: Assistant) -> None:
    desk = Desk(rosa)
    homes = await asyncio.gather(*(desk.ask(str(number)) for number in range(6)))

    assert desk.notes == [note for number in range(6) for note in (str(number), f"answer to {number}")]
    assert len(set(homes)) == 1
    turns = await Message.filter(conversation_id=homes[0]).order_by("created_at")
    assert [turn.text for turn in turns] == [text for number in range(6) for text in (str(number), "answer")]


async def test_contacts_do_not_wait_for_one_another(rosa: Assistant) -> None:
    desk = Desk(rosa)
    bob_is_answered = asyncio.Event()

    async def bob() -> None:
        await desk.ask("bob's", "bob")
        bob_is_answered.set()

    async with asyncio.timeout(10):
        await asyncio.gather(desk.ask("ann's", work=bob_is_answered.wait), bob())


async def test_who_asks_far_faster_than_he_can_be_answered_is_told_so(rosa: Assistant) -> None:
    desk = Desk(rosa)
    may_end = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for number in range(1 + MOST_WAITING):
            group.create_task(desk.ask(str(number), work=may_end.wait))
        await until(lambda: _is(len(desk.notes) == 1))
        with pytest.raises(TooManyWaiting):
            await desk.ask("one more")
        may_end.set()
    await desk.ask("afterwards")
    assert desk.notes[-1] == "answer to afterwards"


async def _is(true: bool) -> bool:
    return true


async def test_a_question_that_fails_lets_the_next_one_in_at_once(rosa: Assistant) -> None:
    desk = Desk(rosa)

    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await desk.ask("bad", work=fail)
    assert (await Conversation.get()).turn_of is None
    async with asyncio.timeout(2):
        await desk.ask("good")


async def test_a_cancelled_question_lets_the_next_one_in_at_once(rosa: Assistant) -> None:
    desk = Desk(rosa)
    left = Background().start(desk.ask("left", work=asyncio.Event().wait), "left")
    await until(lambda: _is(desk.notes == ["left"]))
    left.cancel()
    await asyncio.wait({left})
    async with asyncio.timeout(2):
        await desk.ask("next")


async def test_two_processes_never_answer_one_contact_at_once(rosa: Assistant, database: Path) -> None:
    """Another thread with a loop and a connection of its own stands for another process: nothing is shared but rows."""
    desk = Desk(rosa)
    homes: set[UUID] = set()

    async def five(name: str) -> None:
        homes.update([await desk.ask(f"{name} {number}") for number in range(5)])

    async def elsewhere() -> None:
        async with open_database(f"sqlite://{database}?busy_timeout=10000"):
            await five("there")

    other = threading.Thread(target=lambda: asyncio.run(elsewhere()))
    other.start()
    await five("here")
    await asyncio.to_thread(other.join, 30)

    assert desk.most_at_once == 1
    assert len(homes) == await Conversation.all().count() == 1
    assert len(desk.notes) == 20


async def test_a_turn_whose_holder_died_is_taken_over(rosa: Assistant) -> None:
    desk = Desk(rosa)
    home = await desk.ask("first")
    soon = datetime.now(UTC) + timedelta(seconds=0.4)
    await Conversation.filter(id=home).update(turn_of=uuid4(), turn_until=soon)
    await desk.ask("second")

    assert datetime.now(UTC) >= soon


async def test_a_turn_is_renewed_while_its_holder_lives(rosa: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.turn_taking.RENEW_S", 0.02)
    seen: list[datetime | None] = []

    async def look() -> bool:
        seen.append((await Conversation.get()).turn_until)
        return len(set(seen)) > 2

    await Desk(rosa).ask("slow", work=lambda: until(look, 10))


async def test_an_interrupted_question_goes_on_at_once_after_a_restart(rosa: Assistant) -> None:
    home = await Desk(rosa).ask("before")
    question_id = uuid4()
    await Conversation.filter(id=home).update(turn_of=question_id, turn_until=datetime.now(UTC) + HOUR)
    incoming = Incoming(rosa.id, "test", "ann", "again", question_id=question_id)

    async with asyncio.timeout(2), own_turn(incoming) as (_conversation, asked):
        assert asked.id == question_id


async def _is_quiet_since(home: UUID, hours: float) -> None:
    await Conversation.filter(id=home).update(last_message_at=datetime.now(UTC) - hours * HOUR)


@pytest.mark.parametrize(("policy", "hours", "goes_on"), [({}, 11, True), ({}, 13, False)])
@pytest.mark.parametrize("factor", [1, 3])
async def test_a_quiet_time_ends_a_conversation(
    rosa: Assistant, policy: dict[str, float], hours: float, goes_on: bool, factor: int
) -> None:
    """`factor` 3: the owner has set thrice the usual."""
    rosa.answer_policy = {"quiet_hours": 12.0 * factor} if factor > 1 else policy
    await rosa.save()
    desk = Desk(rosa)
    home = await desk.ask("before")
    await _is_quiet_since(home, hours * factor)

    assert (await desk.ask("after") == home) is goes_on


@pytest.mark.parametrize("state", [ConversationState.WAITING, ConversationState.PERSON])
async def test_while_a_person_is_in_it_or_awaited_a_conversation_does_not_end(
    rosa: Assistant, state: ConversationState
) -> None:
    desk = Desk(rosa)
    home = await desk.ask("before")
    await _is_quiet_since(home, 1000)
    await Conversation.filter(id=home).update(state=state)

    assert await desk.ask("after") == home


async def test_of_two_questions_after_a_quiet_time_both_begin_the_same_conversation(rosa: Assistant) -> None:
    desk = Desk(rosa)
    home = await desk.ask("before")
    await _is_quiet_since(home, 100)
    begun = await asyncio.gather(*(conversation_of(desk.incoming(str(n))) for n in range(4)))

    assert len({conversation.id for conversation in begun} - {home}) == 1


async def test_a_named_conversation_goes_on_after_any_time(rosa: Assistant) -> None:
    home = await Desk(rosa).ask("before")
    await _is_quiet_since(home, 1000)
    incoming = Incoming(rosa.id, "test", "ann", "after", conversation_id=home)

    assert (await conversation_of(incoming)).id == home


async def test_a_question_that_a_long_outage_interrupted_stays_where_it_was_asked(rosa: Assistant) -> None:
    question_id = uuid4()
    incoming = Incoming(rosa.id, "test", "ann", "before", question_id=question_id)
    with pytest.raises(ZeroDivisionError):
        async with own_turn(incoming) as (conversation, _asked):
            raise ZeroDivisionError
    await _is_quiet_since(conversation.id, 1000)

    async with own_turn(incoming) as (again, asked):
        assert (again.id, asked.id) == (conversation.id, question_id)
