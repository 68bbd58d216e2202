"""People who talk to customers instead of the assistant: take a conversation, write in it, close it.

Of two who take a conversation at once, one has it. What they write is stored here and sent by whoever serves the
customer's channel (`undelivered`, `note_delivered`). Refuses to know channels.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from core.app import Core
from core.audit import record_change
from core.errors import ConversationTaken, CustomerUnreachable, Invalid
from core.handoff import call_person
from core.messages import Tier
from core.models import (
    Author,
    Contact,
    Conversation,
    ConversationState,
    HandoffReason,
    Message,
    Role,
    Undelivered,
    User,
)
from core.profiles import names_of
from core.statements import Statement
from core.storable import storable
from core.tenancy import Actor
from core.webhooks.outbox import outbox
from core.words import is_blank, language_of

LONGEST_REPLY = 4000
UNREACHABLE = "unreachable"
"""The reason of a message that its channel does not take: the customer has blocked the bot."""
CLOSED = "closed"
"""The reason of the sentence with which the assistant comes back."""
AT_ONCE = 100
TOOK, CLOSED_IT = "take conversation", "close conversation"
"""Among the changes; whose conversation it was is not written there."""
NOT_TAKEN = "not taken"
"""The reason of a turn with a file that its channel refuses; the customer can still be written to."""
LOST = (UNREACHABLE, NOT_TAKEN)
_WAITS = Statement("SELECT 1 AS waits FROM undelivered WHERE channel = :channel LIMIT 1")
"""Every channel asks this each second, and hardly ever is there something."""


async def take_conversation(actor: Actor, conversation: Conversation) -> None:
    """Talk instead of the assistant from now on; again is harmless. Raises `ConversationTaken`."""
    now = datetime.now(UTC)
    rows = Conversation.filter(id=conversation.id)
    values = {"state": ConversationState.PERSON, "taken_by": actor.user_id, "taken_at": now, "closed_at": None}
    # Whoever writes past the product (core/own_words.py) holds nothing in it.
    nobodys = Q(state=ConversationState.WAITING) | Q(state=ConversationState.PERSON, taken_by=None)
    taken = await rows.filter(nobodys).update(**values)
    if not taken:
        values |= {"handoff_reason": HandoffReason.OWNER, "handed_over_at": now}
        taken = await rows.filter(state=ConversationState.ASSISTANT).update(**values)
    if taken:
        await record_change(actor.tenant_id, actor.user_id, TOOK, conversation.id)
    elif not await rows.filter(state=ConversationState.PERSON, taken_by=actor.user_id).exists():
        await _must_be_free(conversation)
    await conversation.refresh_from_db()


async def take_over(actor: Actor, conversation: Conversation) -> None:
    """From a colleague who talks there, without asking him. Raises `Refused` for an operator."""
    actor.must_be(Role.MANAGER)
    values = {"taken_by": actor.user_id, "taken_at": datetime.now(UTC)}
    others = Conversation.filter(id=conversation.id, state=ConversationState.PERSON)
    if await others.exclude(taken_by=actor.user_id).update(**values):
        await record_change(actor.tenant_id, actor.user_id, TOOK, conversation.id)
        await conversation.refresh_from_db()
    else:
        await take_conversation(actor, conversation)


async def leave_conversation(actor: Actor, conversation: Conversation) -> bool:
    """Somebody else may take it: its customer waits again, from now on. False when it was not his."""
    mine = Conversation.filter(id=conversation.id, state=ConversationState.PERSON, taken_by=actor.user_id)
    values = {"state": ConversationState.WAITING, "taken_by": None, "taken_at": None}
    left = await mine.update(handed_over_at=datetime.now(UTC), **values)
    await conversation.refresh_from_db()
    return bool(left)


async def leave_to_others(user_id: UUID, tenant_id: UUID) -> None:
    """He works there no more: the customers whom he talked to wait for somebody else, from now on."""
    rows = Conversation.filter(state=ConversationState.PERSON, taken_by=user_id, assistant__tenant_id=tenant_id)
    values = {"state": ConversationState.WAITING, "taken_by": None, "taken_at": None}
    for row in await rows:
        same = Conversation.filter(id=row.id, state=ConversationState.PERSON, taken_by=user_id)
        async with outbox(row.assistant_id) as out:
            if await same.update(handed_over_at=datetime.now(UTC), **values):
                await out.handoff_requested(row, row.handoff_reason)


async def reply_to_customer(
    actor: Actor, conversation: Conversation, text: str, turn_id: UUID | None = None
) -> Message:
    """Write to the customer; the conversation is taken if it was not. Raises `ConversationTaken`, `Invalid`,
    `CustomerUnreachable` when what was written last did not reach him and he has not written since.

    A `turn_id` that is stored already is found again: whoever repeats himself after a restart writes once.
    """
    if turn_id and (written := await Message.get_or_none(id=turn_id)):
        return written
    text = storable(text).strip()
    if is_blank(text):
        raise Invalid(field="text", reason="invalid-blank")
    if len(text) > LONGEST_REPLY:
        raise Invalid(field="text", reason="invalid-too-long", most=LONGEST_REPLY)
    await may_write(actor, conversation)
    async with in_transaction():
        return await store_reply(conversation, text, turn_id)


async def may_write(actor: Actor, conversation: Conversation) -> None:
    """The conversation is his from now on. Raises as `reply_to_customer`."""
    await take_conversation(actor, conversation)
    said = Message.filter(conversation_id=conversation.id).exclude(author=Author.ASSISTANT)
    last = await said.order_by("-created_at").first()
    if last and last.reason == UNREACHABLE:
        raise CustomerUnreachable


async def store_reply(conversation: Conversation, text: str, turn_id: UUID | None = None) -> Message:
    """Within a transaction."""
    named = {"id": turn_id} if turn_id else {}
    written = await store_turn(conversation, Author.OPERATOR, text, **named)
    await Conversation.filter(id=conversation.id).update(last_message_at=written.created_at)
    return written


async def touch(conversation: Conversation) -> None:
    """Something was said there now."""
    await Conversation.filter(id=conversation.id).update(last_message_at=datetime.now(UTC))


async def hand_over_to_people(conversation: Conversation) -> None:
    """As if the customer had asked for a person; one who waits goes on waiting. Raises `ConversationTaken`."""
    if not await call_person(conversation, HandoffReason.OWNER):
        await conversation.refresh_from_db()
        if conversation.state == ConversationState.PERSON:
            await _must_be_free(conversation)


async def close_conversation(core: Core, actor: Actor, conversation: Conversation) -> None:
    """Give it back to the assistant, who tells the customer. Whom another has taken, a manager may close. Raises
    `ConversationTaken`."""
    mine = Q(taken_by=actor.user_id) | Q(taken_by=None)
    rows = Conversation.filter(id=conversation.id).exclude(state=ConversationState.ASSISTANT)
    if actor.role == Role.OPERATOR:
        rows = rows.filter(mine)
    was = ConversationState(conversation.state)
    async with in_transaction(), outbox(conversation.assistant_id) as out:
        values = {"state": ConversationState.ASSISTANT, "taken_by": None, "closed_at": datetime.now(UTC)}
        closed = await rows.filter(state=was).update(**values)
        if closed:
            await _say_goodbye(core, conversation, was)
            await out.handoff_closed(conversation, "person")
            await record_change(actor.tenant_id, actor.user_id, CLOSED_IT, conversation.id)
    await conversation.refresh_from_db()
    if not closed and conversation.state == ConversationState.PERSON:
        await _must_be_free(conversation)


async def _say_goodbye(core: Core, conversation: Conversation, was: ConversationState) -> None:
    language = await language_of_customer(conversation.id)
    key = "customer-person-closed" if was == ConversationState.PERSON else "customer-wait-closed"
    text = core.texts.say(language, key)
    await store_turn(conversation, Author.ASSISTANT, text, tier=Tier.HANDED_OVER, reason=CLOSED)


async def _must_be_free(conversation: Conversation) -> None:
    """Raises `ConversationTaken`, with who has it."""
    await conversation.refresh_from_db()
    raise ConversationTaken(who=await name_of_holder(conversation))


async def name_of_holder(conversation: Conversation) -> str:
    """Who talks there."""
    holder = conversation.taken_by
    return (await names_of([holder])).get(holder, "—") if holder else "—"


async def waiting_for_people(tenant_id: UUID | None = None) -> list[Conversation]:
    """Where a person is waited for, longest first, with contact and assistant: of one business, or of all."""
    rows = Conversation.filter(state=ConversationState.WAITING).select_related("contact", "assistant")
    if tenant_id:
        rows = rows.filter(assistant__tenant_id=tenant_id)
    return await rows.order_by("handed_over_at").limit(AT_ONCE)


async def with_people(assistant_id: UUID, channel: str, contact_key: str) -> ConversationState:
    """Whether somebody talks to this contact instead of the assistant, or is waited for."""
    rows = Conversation.filter(assistant_id=assistant_id, contact__channel=channel, contact__key=contact_key)
    latest = await rows.order_by("-last_message_at").first()
    return ConversationState(latest.state) if latest else ConversationState.ASSISTANT


async def begins_talk(message: Message) -> bool:
    """Whether this is the first that a person writes since he took the conversation, which must be fetched."""
    own = Message.filter(conversation_id=message.conversation_id, author=Author.OPERATOR)
    since = message.conversation.taken_at or message.created_at
    return not await own.filter(created_at__gte=since, created_at__lt=message.created_at).exists()


async def language_of_customer(conversation_id: UUID) -> str:
    """In which he wrote last."""
    said = Message.filter(conversation_id=conversation_id, author=Author.CUSTOMER)
    last = await said.order_by("-created_at").first()
    return language_of(last.text) if last else "en"


async def taken_by(actor: Actor) -> list[Conversation]:
    """Where this person talks to a customer of his business, longest first, with contact and assistant."""
    rows = Conversation.filter(state=ConversationState.PERSON, taken_by=actor.user_id)
    own = rows.filter(assistant__tenant_id=actor.tenant_id).select_related("contact", "assistant")
    return await own.order_by("taken_at").limit(AT_ONCE)


async def count_lapsed(tenant_id: UUID, days: int = 7) -> int:
    """Where somebody was called in the last days, and nobody came."""
    since = datetime.now(UTC) - timedelta(days=days)
    came_back = Conversation.filter(state=ConversationState.ASSISTANT, taken_at=None, closed_at=None)
    return await came_back.filter(assistant__tenant_id=tenant_id, handed_over_at__gt=since).count()


async def members_in_telegram(tenant_id: UUID) -> list[User]:
    """Who of a business can be told there."""
    return await User.filter(memberships__tenant_id=tenant_id, telegram_id__not_isnull=True).distinct()


async def works_there(tenant_id: UUID, **person: int | UUID | str) -> bool:
    """Whether the person with this `id` or `telegram_id` still does."""
    return await User.filter(memberships__tenant_id=tenant_id, **person).exists()


async def undelivered(assistant_id: UUID, channel: str) -> list[Message]:
    """What is still to be sent in a channel, oldest first, with conversation and contact; at most `AT_ONCE`."""
    if not await _WAITS.first(channel=channel):
        return []
    rows = Undelivered.filter(channel=channel, message__conversation__assistant_id=assistant_id)
    waiting = await rows.order_by("created_at").limit(AT_ONCE).select_related("message__conversation__contact")
    return [row.message for row in waiting]


async def note_delivered(messages: Collection[UUID]) -> None:
    """They are with the customer; what never had to be sent is passed over."""
    sent = Undelivered.filter(message_id__in=list(messages))
    own = await sent.values_list("message_id", flat=True)
    async with in_transaction():
        await Message.filter(id__in=own).update(delivered_at=datetime.now(UTC))
        await sent.delete()


async def note_lost(message: Message, reason: str = UNREACHABLE) -> None:
    """The channel does not take it, for good: whoever wrote it sees that."""
    async with in_transaction():
        await Message.filter(id=message.id).update(reason=reason)
        await Undelivered.filter(message_id=message.id).delete()


async def is_undelivered(message: Message) -> bool:
    """Whether it is still to be sent: what is taken back in time is not."""
    return await Undelivered.filter(message_id=message.id).exists()


async def store_turn(conversation: Conversation, author: Author, text: str, **values: Any) -> Message:
    """A turn that is to be sent to the customer. Within a transaction."""
    contact = await Contact.get(id=conversation.contact_id)
    message = await Message.create(conversation_id=conversation.id, author=author, text=text, **values)
    await Undelivered.create(message=message, channel=contact.channel)
    async with outbox(conversation.assistant_id) as out:
        await out.message_created(conversation, message)
    return message
