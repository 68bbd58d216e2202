import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from core.inbox import MAX_ATTEMPTS, accept_event, begin_event, finish_event, forget_old_events, unfinished_events
from core.models import ProcessedEvent

pytestmark = pytest.mark.usefixtures("database")


async def test_an_event_that_comes_again_is_ignored() -> None:
    first = await accept_event("telegram:1", "42", {"text": "hi"})
    again = await accept_event("telegram:1", "42", {"text": "hi"})

    assert first is not None
    assert again is None


async def test_two_bots_may_use_the_same_numbers() -> None:
    assert await accept_event("telegram:1", "42", {})
    assert await accept_event("telegram:2", "42", {})


async def test_of_many_copies_at_once_one_is_accepted() -> None:
    accepted = await asyncio.gather(*(accept_event("telegram:1", "42", {}) for _ in range(8)))

    assert sum(event is not None for event in accepted) == 1


async def test_what_was_accepted_and_not_done_is_found_after_a_restart_in_order() -> None:
    events = [await accept_event("telegram:1", str(number), {"n": number}) for number in range(3)]
    assert events[1] is not None
    await finish_event(events[1], {"message_id": 5})

    assert [event.payload["n"] for event in await unfinished_events("telegram:1")] == [0, 2]
    assert await unfinished_events("telegram:2") == []


async def test_a_done_event_forgets_what_the_customer_said() -> None:
    event = await accept_event("telegram:1", "42", {"text": "my address is…"})
    assert event is not None
    await finish_event(event, {"message_id": 5})

    await event.refresh_from_db()
    assert event.payload == {}
    assert event.result == {"message_id": 5}


async def test_an_event_that_keeps_crashing_the_process_is_left_alone() -> None:
    event = await accept_event("telegram:1", "42", {})
    assert event is not None
    begun = []
    for _ in range(MAX_ATTEMPTS + 1):
        begun.append(await begin_event(event))
        await event.refresh_from_db()

    assert begun == [True] * MAX_ATTEMPTS + [False]
    assert await unfinished_events("telegram:1") == []


async def test_old_ids_are_forgotten_and_unfinished_work_never_is() -> None:
    done = await accept_event("telegram:1", "1", {})
    assert done is not None
    await finish_event(done)
    await accept_event("telegram:1", "2", {})
    await ProcessedEvent.all().update(created_at=datetime.now(UTC) - timedelta(days=30))
    await ProcessedEvent.filter(event_id="1").update(done_at=datetime.now(UTC) - timedelta(days=3))

    assert await forget_old_events() == 1
    assert [event.event_id for event in await unfinished_events("telegram:1")] == ["2"]
