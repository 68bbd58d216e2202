"""What is counted of conversations, to the last one, on whichever database. `python figures.py DSN`.

A program of its own, because one process of Tortoise should know one kind of database.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.database import open_database
from core.gaps import count_question
from core.messages import Tier
from core.models import Assistant, Author, Contact, Conversation, Message, Tenant
from core.numbers import numbers_of
from core.periods import Span, period_until, week_before

ZONE = "Europe/Moscow"
NOW = datetime(2026, 12, 3, 15, 30, tzinfo=ZoneInfo(ZONE))
"""A Thursday."""


async def count(dsn: str) -> None:
    async with open_database(dsn):
        tenant = await Tenant.create(name="Roses")
        rosa, lily, stranger = [await Assistant.create(tenant=tenant, name=name) for name in ("Rosa", "Lily", "Other")]
        await _nothing_yet(rosa)
        await _story_of(rosa)
        await _talk(lily, "web", "vera", _at(1, 9), ("Price?", "", "verified", {"total_s": 9.0}))
        await _talk(stranger, "web", "vera", _at(0, 9), ("Price?", "", "verified", {"total_s": 99.0}))
        await _week(rosa)
        await _today(rosa)
        await _letter(rosa)
        await _together([rosa, lily])


def _at(days_ago: int, hour: int, minute: int = 0) -> datetime:
    """By the clocks of the business."""
    return NOW.replace(hour=hour, minute=minute) - timedelta(days=days_ago)


async def _talk(
    assistant: Assistant, channel: str, key: str, begun: datetime, *turns: tuple[str, str, str, Any], score: int = 0
) -> None:
    """A conversation: (question, reason, tier, timings) a minute each."""
    contact, _ = await Contact.get_or_create(assistant=assistant, channel=channel, key=key)
    conversation = await Conversation.create(assistant=assistant, contact=contact)
    for number, (question, reason, tier, timings) in enumerate(turns):
        said = {"conversation": conversation, "created_at": (begun + timedelta(minutes=number)).astimezone(UTC)}
        await Message.create(**said, author=Author.CUSTOMER, text=question)
        answer = {"tier": tier, "reason": reason, "timings": timings, "feedback_score": score or None}
        await Message.create(**said, author=Author.ASSISTANT, text="x", **answer)
    last = (begun + timedelta(minutes=len(turns))).astimezone(UTC)
    await Conversation.filter(id=conversation.id).update(last_message_at=last)


async def _story_of(rosa: Assistant) -> None:
    fast, slow = {"total_s": 0.5, "ttft_s": 0.2}, {"total_s": 2.25}
    await _talk(
        rosa, "web", "vera", _at(0, 0, 5),
        ("Hello!", "courtesy", "verified", {"total_s": 0.1}),
        ("How much are the roses?", "verified answer 1", "verified", fast),
        ("Сколько стоят пионы?", "best passage", "quoted", slow),
        score=1,
    )  # fmt: skip
    await _talk(
        rosa, "api", "ivan", _at(0, 15),
        ("A person, please", "a person was called: asked", "handed_over", {"total_s": 0.1}),
        ("It is me", "a person talks", "person", {"total_s": 0.1}),
        ("Politics?", "off limits: politics", "refused", {"total_s": 0.3}),
        ("Do you deliver roses?", "error-unavailable", "refused", {}),
        score=-1,
    )  # fmt: skip
    await _talk(
        rosa, "web", "vera", _at(6, 0),
        ("Доставка есть?", "supported", "grounded", {"total_s": 4.0}),
        ("Can I buy a moon?", "best passage has confidence 0.10", "refused", {"total_s": 0.4}),
    )  # fmt: skip
    await _talk(rosa, "web", "vera", _at(7, 23, 58), ("Yesterday's price?", "supported", "grounded", fast))
    await _talk(rosa, "web", "oleg", _at(7, 15, 0), ("What is the price?", "supported", "grounded", fast))
    await _talk(rosa, "web", "oleg", _at(13, 0), ("Too long ago?", "", "refused", fast))
    await _talk(rosa, "preview", "owner", _at(0, 12), ("How much are the roses?", "", "verified", fast))
    for question in ("Can I buy a moon?", "can i buy a moon", "Is it yours?"):
        await count_question(rosa.id, question)


async def _nothing_yet(rosa: Assistant) -> None:
    numbers = await numbers_of([rosa], period_until(NOW, Span.MONTH, ZONE), "en")
    assert not numbers.has_any
    assert (numbers.now.share, numbers.median_s, numbers.p95_s, numbers.subjects) == (None, None, None, ())
    assert (numbers.open_gaps, numbers.worst, len(numbers.parts)) == (0, (), 30)
    sys.stdout.write("nothing is counted where nothing is\n")


async def _week(rosa: Assistant) -> None:
    numbers = await numbers_of([rosa], period_until(NOW, Span.WEEK, ZONE), "ru")
    now, before = numbers.now, numbers.before
    assert (now.conversations, now.customers, now.questions) == (3, 2, 7), now
    assert now.answered_by == {Tier.VERIFIED: 1, Tier.GROUNDED: 1, Tier.QUOTED: 1}
    assert now.refused == {"declined": 1, "failed": 1, "unknown": 1}
    assert now.handed_over == {"asked": 1}
    assert (now.share, now.liked, now.disliked) == (3 / 7, 2, 3)
    assert (before.conversations, before.customers, before.questions, before.answered) == (2, 1, 2, 1), before
    assert [part.questions for part in numbers.parts] == [2, 0, 0, 0, 0, 0, 5]
    assert [part.answered for part in numbers.parts] == [1, 0, 0, 0, 0, 0, 2]
    assert (numbers.median_s, numbers.p95_s) == (2.25, 4.0)
    assert numbers.open_gaps == 2
    assert [(gap.question, gap.asked) for gap in numbers.worst] == [("Can I buy a moon?", 2), ("Is it yours?", 1)]
    assert [(one.name, one.asked) for one in numbers.subjects] == [("roses", 2), ("доставка", 2), ("цена", 2)]
    sys.stdout.write("a week is counted\n")


async def _today(rosa: Assistant) -> None:
    numbers = await numbers_of([rosa], period_until(NOW, Span.DAY, ZONE), "en")
    assert (numbers.now.questions, numbers.before.questions) == (5, 0)
    assert [part.questions for part in numbers.parts] == [2, *[0] * 14, 3]
    sys.stdout.write("today is counted by hour\n")


async def _letter(rosa: Assistant) -> None:
    """From Monday to Monday, whatever the clock says now."""
    numbers = await numbers_of([rosa], week_before(_at(3, 9).date(), ZONE), "en")
    assert numbers.period.begins == _at(10, 0).astimezone(UTC)
    assert [part.questions for part in numbers.parts] == [0, 0, 0, 2, 2, 0, 0]
    assert numbers.before.questions == 1
    sys.stdout.write("the last week is counted\n")


async def _together(assistants: list[Assistant]) -> None:
    numbers = await numbers_of(assistants, period_until(NOW, Span.WEEK, ZONE), "en")
    assert (numbers.now.customers, numbers.now.questions, numbers.now.answered) == (3, 8, 4)
    assert numbers.p95_s == 9.0
    sys.stdout.write("assistants are counted together\n")


if __name__ == "__main__":
    asyncio.run(count(sys.argv[1]))
