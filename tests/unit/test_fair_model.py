"""One tenant's flood does not slow another (core/llm/fair.py): who gets the model's next free place."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import ClassVar

import pytest

from core.background import Background
from core.errors import ModelUnavailable
from core.llm.base import Adapter, Sampling, Turn
from core.llm.fair import FairLanguageModel, QueueLimits, expected_wait_s
from tests.language_models import ask


class Scripted:
    """A model that says when a request begins, and ends it when told."""

    name, languages, context_tokens = "scripted", None, 1000

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self.began: list[str] = []
        self.has_begun: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.running: Counter[str] = Counter()
        self._ends: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def stream(
        self, turns: Sequence[Turn], _: Sampling, *, scope: str, adapter: Adapter | None = None
    ) -> AsyncGenerator[str]:
        said = turns[-1].content
        self.began.append(said)
        self.has_begun[said].set()
        self.running[scope] += 1
        try:
            await self._ends[said].wait()
            if said == "broken":
                raise ModelUnavailable(reason="broken")
            yield said
        finally:
            self.running[scope] -= 1

    def end(self, said: str) -> None:
        self._ends[said].set()

    def count_tokens(self, text: str) -> int:
        return len(text)

    async def forget_adapter(self, adapter_id: str) -> None: ...

    async def close(self) -> None: ...


class Crowd:
    """Customers of several tenants before one model."""

    gathered: ClassVar[list["Crowd"]] = []

    def __init__(self, at_once: int, limits: QueueLimits | None = None) -> None:
        self.scripted = Scripted(at_once)
        self.model = FairLanguageModel(self.scripted, limits or QueueLimits(waiting_each=200, waiting=400))
        self.asking: dict[str, asyncio.Task[str]] = {}
        self.background = Background()
        self.gathered.append(self)

    async def come(self, *questions: str) -> None:
        """A question is the tenant's name and a number."""
        for question in questions:
            asking = ask(self.model, question, scope=f"{question.split()[0]}:an assistant:base")
            self.asking[question] = self.background.start(asking, question)
        await settle()

    async def end(self, question: str) -> str:
        """Its answer is whole; returns who has begun since."""
        before = len(self.scripted.began)
        self.scripted.end(question)
        assert await self.asking[question] == question
        await settle()
        return ", ".join(self.scripted.began[before:])


@pytest.fixture(autouse=True)
async def everybody_goes_home() -> AsyncIterator[None]:
    yield
    while Crowd.gathered:
        await Crowd.gathered.pop().background.close()


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_behind_a_hundred_waiting_of_one_tenant_the_first_of_another_is_the_next_that_runs() -> None:
    crowd = Crowd(at_once=2)
    await crowd.come(*(f"A {n}" for n in range(102)))
    await crowd.come("B 0")

    assert await crowd.end("A 0") == "B 0"
    assert await crowd.end("A 1") == "A 2", "then the oldest of the others"


async def test_nobody_holds_more_than_half_of_the_places_while_another_waits() -> None:
    crowd = Crowd(at_once=4)
    await crowd.come(*(f"A {n}" for n in range(20)))
    await crowd.come(*(f"B {n}" for n in range(20)))
    for number in range(2):
        await crowd.end(f"A {number}")
    assert crowd.scripted.running == {"A:an assistant:base": 2, "B:an assistant:base": 2}
    assert await crowd.end("B 0") == "B 2"
    assert await crowd.end("A 2") == "A 4"


async def test_alone_a_tenant_has_the_whole_model() -> None:
    crowd = Crowd(at_once=4)
    await crowd.come(*(f"A {n}" for n in range(9)))
    assert crowd.scripted.began == ["A 0", "A 1", "A 2", "A 3"]


async def test_tenants_take_turns_and_within_one_the_oldest_is_first() -> None:
    crowd = Crowd(at_once=1)
    await crowd.come("A 0", "A 1", "A 2", "B 0", "B 1", "C 0")
    order = ["A 0"]
    while len(order) < 6:
        order.append(await crowd.end(order[-1]))
    assert order == ["A 0", "B 0", "C 0", "A 1", "B 1", "A 2"]


async def test_one_who_comes_back_at_once_does_not_push_in_before_one_who_waits() -> None:
    crowd = Crowd(at_once=1)
    await crowd.come("A 0", "B 0", "B 1")
    assert await crowd.end("A 0") == "B 0"
    await crowd.come("A 1")
    assert await crowd.end("B 0") == "A 1"
    await crowd.come("A 2")
    assert await crowd.end("A 1") == "B 1"


async def test_who_leaves_while_he_waits_is_out_of_the_line() -> None:
    crowd = Crowd(at_once=1)
    await crowd.come("A 0", "A 1", "A 2")
    crowd.asking["A 1"].cancel()
    await settle()
    assert await crowd.end("A 0") == "A 2"
    assert await crowd.end("A 2") == ""


async def test_a_place_given_to_one_who_leaves_in_that_moment_goes_to_the_next() -> None:
    crowd = Crowd(at_once=1)
    await crowd.come("A 0", "A 1", "A 2")
    crowd.asking["A 0"].cancel()
    await asyncio.sleep(0)  # the place is given; the one who gets it has not heard of it
    crowd.asking["A 1"].cancel()
    await settle()
    assert crowd.scripted.began[-1] == "A 2"
    assert sum(crowd.scripted.running.values()) == 1


async def test_when_many_leave_at_once_the_place_goes_to_one_who_stays() -> None:
    crowd = Crowd(at_once=1)
    await crowd.come("A 0", "A 1", "A 2", "B 0", "B 1")
    for question in ("A 0", "A 1", "B 0"):
        crowd.asking[question].cancel()
    await settle()
    assert crowd.scripted.began == ["A 0", "B 1"]
    assert await crowd.end("B 1") == "A 2"


async def test_a_customer_who_stops_listening_and_a_model_that_fails_leave_their_places() -> None:
    crowd = Crowd(at_once=1)
    crowd.scripted.end("first")
    stream = crowd.model.stream([Turn("user", "first")], Sampling(), scope="A:x:base")
    async with aclosing(stream):
        assert await anext(stream) == "first"
    crowd.scripted.end("broken")
    with pytest.raises(ModelUnavailable):
        await ask(crowd.model, "broken", scope="A:x:base")
    crowd.scripted.end("A 1")
    assert await ask(crowd.model, "A 1", scope="A:x:base") == "A 1"


async def test_too_many_waiting_of_one_tenant_are_told_at_once_and_another_tenant_is_not() -> None:
    crowd = Crowd(1, QueueLimits(waiting_each=2, waiting=10))
    await crowd.come("A 0", "A 1", "A 2")
    with pytest.raises(ModelUnavailable) as refusal:
        await ask(crowd.model, "A 3", scope="A:x:base")
    assert refusal.value.facts == {"reason": "too many requests wait", "waiting": 2}
    await crowd.come("B 0")
    assert await crowd.end("A 0") == "B 0"


async def test_when_too_many_wait_in_all_the_newest_of_the_longest_line_makes_room() -> None:
    crowd = Crowd(1, QueueLimits(waiting_each=10, waiting=3))
    await crowd.come("A 0", "A 1", "A 2", "A 3")
    with pytest.raises(ModelUnavailable):
        await ask(crowd.model, "A 4", scope="A:x:base")
    await crowd.come("B 0")
    with pytest.raises(ModelUnavailable):
        await crowd.asking["A 3"]
    with pytest.raises(ModelUnavailable):
        await ask(crowd.model, "B 1", scope="B:x:base")
    assert await crowd.end("A 0") == "B 0"


async def test_a_place_whose_holder_does_not_listen_is_given_to_the_next_once() -> None:
    crowd = Crowd(1, QueueLimits(longest_s=0.05))
    crowd.scripted.end("A 0")
    stream = crowd.model.stream([Turn("user", "A 0")], Sampling(), scope="A:x:base")
    assert await anext(stream) == "A 0"
    await crowd.come("B 0", "B 1")
    async with asyncio.timeout(10):
        await crowd.scripted.has_begun["B 0"].wait()
    await stream.aclose()
    await settle()
    assert "B 1" not in crowd.scripted.began


async def test_the_wait_before_a_place_is_known_and_a_flood_of_others_does_not_lengthen_it() -> None:
    crowd = Crowd(at_once=2)
    await crowd.come("A 0")
    assert expected_wait_s(crowd.model, "A:x:base") == 0, "a place is free"
    await asyncio.sleep(0.02)
    await crowd.end("A 0")
    await crowd.come(*(f"A {n}" for n in range(1, 41)))

    flooding, other = (expected_wait_s(crowd.model, f"{tenant}:x:base") for tenant in "AB")
    assert 0 < other * 30 < flooding
    assert expected_wait_s(crowd.scripted, "A:x:base") == 0, "a model without lines keeps nobody waiting"


async def test_a_flood_of_two_hundred_costs_another_tenant_one_running_request_and_most_of_it_is_told_at_once() -> None:
    """As the product is set."""
    limits = QueueLimits()
    crowd = Crowd(at_once=16, limits=limits)
    await crowd.come(*(f"A {n}" for n in range(200)))
    refused = [task for task in crowd.asking.values() if task.done()]
    assert len(refused) == 200 - 16 - limits.waiting_each
    for task in refused:
        failure = task.exception()
        assert isinstance(failure, ModelUnavailable)
        assert failure.facts["reason"] == "too many requests wait"

    await crowd.come("B 0")
    assert "B 0" not in crowd.scripted.began
    assert await crowd.end("A 7") == "B 0", "whichever of them ends first"
    assert await crowd.end("B 0") == "A 16"


async def test_a_flood_of_many_tenants_is_bounded_and_everybody_who_was_let_in_gets_his_turn() -> None:
    crowd = Crowd(at_once=2, limits=QueueLimits())
    await crowd.come(*(f"T{n} 0" for n in range(300)))
    waiting = crowd.model.places.waiting
    assert waiting == QueueLimits().waiting
    order = crowd.scripted.began
    while len(order) < 2 + waiting:
        assert await crowd.end(order[-1])
    assert order[2:] == [f"T{n} 0" for n in range(2, 2 + waiting)]
