"""The topics of a business's group: one for each customer, whatever channel he writes in.

A topic is opened when its customer waits for a person, follows his conversation until the assistant has it again, and
serves him the next time, too. What stands in it is written down after it was sent: a killed process may tell something
twice, it loses nothing. Refuses to know how Telegram is asked.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from core.messages import Tier
from core.models import (
    Conversation,
    ConversationState,
    Message,
    PeopleGroup,
    PeopleTopic,
    TopicTurn,
)
from core.policy import policy_of

REMIND_AFTER = (timedelta(minutes=10), timedelta(minutes=60))
"""Since its people were told that a customer waits: each once, and no more."""
OF_NO_INTEREST = (Tier.PERSON, Tier.HANDED_OVER)
"""The sentences about somebody being called."""
LAST_TURNS = 20
"""Shown when a topic begins."""
WINDOW = 100
"""Turns looked through for what does not stand in the topic yet."""
_MOST_TOLD = 200


async def open_topics(groups: Iterable[PeopleGroup], waiting: Iterable[Conversation]) -> None:
    """A topic for everybody who waits: his own of before, or a new one. Of two who open it at once, both do."""
    by_tenant = {group.tenant_id: group for group in groups}
    for conversation in waiting:
        if group := by_tenant.get(conversation.assistant.tenant_id):
            await _open(group, conversation)


async def _open(group: PeopleGroup, conversation: Conversation) -> None:
    own = PeopleTopic.filter(group_id=group.id, contact_id=conversation.contact_id)
    topic = await own.first()
    if topic and topic.is_open and topic.conversation_id == conversation.id:
        return
    if topic:
        await own.update(is_open=True, conversation_id=conversation.id, told=[])
        return
    try:
        await PeopleTopic.create(group_id=group.id, contact_id=conversation.contact_id, conversation_id=conversation.id)
    except IntegrityError:  # somebody else was quicker
        await own.update(is_open=True)


async def followed_topics(groups: Collection[PeopleGroup]) -> list[PeopleTopic]:
    """Whose conversations are followed, longest first, with group, contact, conversation and assistant."""
    if not groups:
        return []
    rows = PeopleTopic.filter(group_id__in=[group.id for group in groups], is_open=True)
    return await rows.order_by("created_at").select_related("group", "contact", "conversation__assistant")


async def topic_in(group: PeopleGroup, thread_id: int) -> PeopleTopic | None:
    """With group, contact, conversation and assistant. One that was over goes on with its customer's latest
    conversation."""
    row = await PeopleTopic.get_or_none(group_id=group.id, thread_id=thread_id)
    if row is None:
        return None
    if not row.is_open:
        latest = await Conversation.filter(contact_id=row.contact_id).order_by("-last_message_at").first()
        if latest and latest.id != row.conversation_id:
            await note(row, conversation_id=latest.id)
    return await fresh(row)


async def fresh(topic: PeopleTopic) -> PeopleTopic | None:
    """As it is now; the same rows with it."""
    row = PeopleTopic.get_or_none(id=topic.id)
    return await row.select_related("group", "contact", "conversation__assistant")


async def note(topic: PeopleTopic, **values: object) -> None:
    await PeopleTopic.filter(id=topic.id).update(**values)
    topic.update_from_dict(values)


async def follow_again(topic: PeopleTopic) -> None:
    """Somebody has written in a topic that was over."""
    if not topic.is_open:
        await note(topic, is_open=True)


async def forget_thread(topic: PeopleTopic) -> None:
    """Somebody has deleted it: another one is made, and all is told there again."""
    async with in_transaction():
        await TopicTurn.filter(topic_id=topic.id).delete()
        await note(topic, thread_id=None, status="", buttons_id=None, title="")


def status_of(conversation: Conversation) -> str:
    """What a topic says of its conversation: who has it, and since which call."""
    called = int(conversation.handed_over_at.timestamp() * 1000) if conversation.handed_over_at else 0
    taken = int(conversation.taken_at.timestamp() * 1000) if conversation.taken_at else 0
    if conversation.state == ConversationState.WAITING:
        return f"waiting:{called}"
    if conversation.state == ConversationState.PERSON:
        return f"person:{conversation.taken_by}:{taken}"
    return f"assistant:{called}"


async def untold_turns(topic: PeopleTopic) -> list[Message]:
    """What stands in the conversation and not in its topic, oldest first."""
    said = Message.filter(conversation_id=topic.conversation_id).exclude(tier__in=OF_NO_INTEREST)
    rows = await said.order_by("-created_at").limit(WINDOW)
    told = TopicTurn.filter(topic_id=topic.id, turn_id__in=[row.id for row in rows])
    known = set(await told.values_list("turn_id", flat=True))
    return [row for row in reversed(rows) if row.id not in known]


async def note_turns(topic: PeopleTopic, turns: Iterable[UUID]) -> None:
    """They stand there; again is harmless."""
    rows = [TopicTurn(topic_id=topic.id, turn_id=turn) for turn in turns]
    if rows:
        await TopicTurn.bulk_create(rows, ignore_conflicts=True)


def turn_written_in(topic: PeopleTopic, message_id: int) -> UUID:
    """The turn that a message in a topic becomes: the same however often it is read."""
    return uuid5(topic.id, f"{topic.thread_id}:{message_id}")


async def tell_once(topic: PeopleTopic, what: str) -> bool:
    """Whether this was not said yet in the topic; from now on it was."""
    async with in_transaction():
        row = await PeopleTopic.filter(id=topic.id).select_for_update().first()
        if row is None or what in row.told:
            return False
        await PeopleTopic.filter(id=topic.id).update(told=[*row.told, what][-_MOST_TOLD:])
    return True


def reminder_due(topic: PeopleTopic) -> int:
    """Which reminder it is time for: 1, 2, or 0 for none. Somebody must be there at this hour."""
    now, sent = datetime.now(UTC), topic.reminders
    if topic.told_at is None or sent >= len(REMIND_AFTER) or now - topic.told_at <= REMIND_AFTER[sent]:
        return 0
    hours = policy_of(topic.conversation.assistant).working_hours
    return sent + 1 if hours is None or hours.is_open(now) else 0


async def claim_reminder(topic: PeopleTopic, number: int) -> bool:
    """Written down before it is sent: it comes once."""
    same = PeopleTopic.filter(id=topic.id, reminders=number - 1)
    return bool(await same.update(reminders=number))


async def give_reminder_back(topic: PeopleTopic, number: int) -> None:
    """Telegram did not take it."""
    await PeopleTopic.filter(id=topic.id, reminders=number).update(reminders=number - 1)
