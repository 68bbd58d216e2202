"""What was said, kept: contacts, their conversations, and every turn."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from tortoise.queryset import QuerySet

from core.errors import NotFound
from core.hidden import is_hidden
from core.messages import Citation, Incoming, Piece, Reply, Tier
from core.models import Assistant, Author, Contact, Conversation, ConversationState, Message
from core.policy import policy_of
from core.statements import Row, Statement, read_model
from core.webhooks.outbox import outbox

_HELD = (
    "SELECT c.*, a.* FROM contacts k JOIN conversations c ON c.contact_id = k.id JOIN assistants a "
    "ON a.id = c.assistant_id WHERE k.assistant_id = :assistant AND k.channel = :channel AND k.key = :key "
)
_NAMED = Statement(_HELD + "AND c.id = :id", c=Conversation, a=Assistant)
_LATEST = Statement(_HELD + "ORDER BY c.last_message_at DESC LIMIT 1", c=Conversation, a=Assistant)


async def conversation_of(incoming: Incoming) -> Conversation:
    """The conversation this message belongs to, its `assistant` fetched: the named one, the contact's latest, or a new
    one.

    Raises `NotFound` for an unknown assistant, and for a conversation of another assistant or another contact.
    """
    who = {"assistant": incoming.assistant_id, "channel": incoming.channel, "key": incoming.contact_key}
    if incoming.conversation_id:
        if named := _held(await _NAMED.first(**who, id=incoming.conversation_id)):
            return named
        raise NotFound(what="conversation" if await Assistant.exists(id=incoming.assistant_id) else "assistant")
    latest = _held(await _LATEST.first(**who))
    if latest and not _is_over(latest):
        return latest
    if latest and (home := await _where_it_stands(incoming)):
        return home
    return await _begun(incoming, latest)


def _held(found: Row | None) -> Conversation | None:
    if found is None:
        return None
    conversation = read_model(Conversation, "c", found)
    conversation.assistant = read_model(Assistant, "a", found)
    if is_hidden(conversation.assistant):
        raise NotFound(what="assistant")
    return conversation


async def _begun(incoming: Incoming, latest: Conversation | None) -> Conversation:
    """A new one after the contact's latest. Its id follows from what was there, so of two questions that come at once
    both begin the same one."""
    assistant = latest.assistant if latest else await Assistant.get_or_none(id=incoming.assistant_id)
    if assistant is None or is_hidden(assistant):
        raise NotFound(what="assistant")
    contact, _ = await Contact.get_or_create(
        assistant_id=incoming.assistant_id,
        channel=incoming.channel,
        key=incoming.contact_key,
        defaults={"name": incoming.contact_name[:200]},
    )
    async with outbox(incoming.assistant_id) as out:
        begun, is_new = await Conversation.get_or_create(
            id=uuid5(latest.id, latest.last_message_at.isoformat()) if latest else uuid5(contact.id, "first"),
            defaults={"assistant_id": incoming.assistant_id, "contact_id": contact.id},
        )
        if is_new:
            await out.conversation_started(begun)
    begun.assistant = assistant
    return begun


async def _where_it_stands(incoming: Incoming) -> Conversation | None:
    """The conversation that this question was stored in before a crash."""
    ids = {incoming.question_id, *(piece.id for piece in incoming.pieces)} - {None}
    stored = await Message.filter(id__in=ids).select_related("conversation__assistant").first() if ids else None
    return stored.conversation if stored else None


def _is_over(conversation: Conversation) -> bool:
    """Nobody has asked for as long as the owner has set, and no person is in it."""
    if conversation.state != ConversationState.ASSISTANT:
        return False
    return datetime.now(UTC) - conversation.last_message_at > timedelta(
        hours=policy_of(conversation.assistant).quiet_hours
    )


async def remember_question(conversation: Conversation, incoming: Incoming, question_id: UUID) -> Message:
    """Store the question, each message of a burst as it was; what was stored already is only found again."""
    async with outbox(conversation.assistant_id) as out:
        for piece in incoming.pieces or (Piece(question_id, incoming.text),):
            place: dict[str, Any] = {"id": piece.id, "conversation_id": conversation.id}
            said: dict[str, Any] = {"author": Author.CUSTOMER, "text": piece.text}
            if incoming.question_id is None:  # its id is new: nothing to look for
                asked, is_new = await Message.create(**place, **said), True
            else:
                asked, is_new = await Message.get_or_create(**place, defaults=said)
            if is_new:
                await out.message_created(conversation, asked)
    return asked


def answer_id(question_id: UUID) -> UUID:
    """A question has one answer, so the answer's id follows from the question's."""
    return uuid5(question_id, "answer")


async def is_answered(question_id: UUID) -> bool:
    """Whether the answer to this question is stored."""
    return await Message.filter(id=answer_id(question_id)).exists()


async def given_answer(asked: Message) -> Reply | None:
    """The answer that this question already got."""
    row = await Message.get_or_none(id=answer_id(asked.id))
    if row is None:
        return None
    return Reply(
        text=row.text,
        tier=Tier(row.tier),
        conversation_id=row.conversation_id,
        message_id=row.id,
        reason=row.reason,
        citations=tuple(_citation(record) for record in row.citations),
        timings=row.timings,
        model=row.model,
        adapter_id=row.adapter_id,
    )


async def remember_answer(conversation: Conversation, reply: Reply) -> None:
    """Store the answer with how it came about."""
    async with outbox(conversation.assistant_id) as out:
        given = await Message.create(
            id=reply.message_id,
            conversation_id=conversation.id,
            author=Author.ASSISTANT,
            text=reply.text,
            tier=reply.tier,
            reason=reply.reason[:200],
            citations=[citation_record(citation) for citation in reply.citations],
            timings=reply.timings,
            model=reply.model,
            adapter_id=reply.adapter_id,
        )
        if reply.tier is not Tier.PERSON:  # silence
            await out.message_created(conversation, given)


def citation_record(citation: Citation) -> dict[str, str | int | None]:
    """A citation as JSON, ids as text."""
    record = asdict(citation)
    return {**record, "passage_id": str(citation.passage_id), "document_id": str(citation.document_id)}


def _citation(record: dict[str, Any]) -> Citation:
    ids = {name: UUID(record[name]) for name in ("passage_id", "document_id")}
    return Citation(**{**record, **ids})


async def conversations_of(
    assistant: Assistant, limit: int, offset: int, state: ConversationState | None = None
) -> list[Conversation]:
    """Newest first, contacts fetched; of one state, or all."""
    rows = Conversation.filter(assistant_id=assistant.id).select_related("contact")
    if state:
        rows = rows.filter(state=state)
    return await rows.order_by("-last_message_at").offset(offset).limit(limit)


async def turns_of(conversation: Conversation) -> list[Message]:
    """All turns, oldest first; the assistant's silences while a person talked are none."""
    return await _said_in(conversation).order_by("created_at")


async def turns_after(conversation: Conversation, after: UUID | None, limit: int) -> list[Message]:
    """As the customer reads them: what was said after a message that he knows, oldest first. Raises `NotFound` for a
    message of another conversation."""
    rows = _said_in(conversation)
    if after:
        known = await Message.get_or_none(id=after, conversation_id=conversation.id)
        if known is None:
            raise NotFound(what="message")
        rows = rows.filter(created_at__gt=known.created_at)
    return await rows.order_by("created_at").limit(limit)


def _said_in(conversation: Conversation) -> QuerySet[Message]:
    return Message.filter(conversation_id=conversation.id).exclude(tier=Tier.PERSON)


async def answer_given_to(assistant_id: UUID, channel: str, contact_key: str | None, message_id: UUID) -> Message:
    """An assistant's answer in this channel, to this contact (None: to any). Raises `NotFound`."""
    rows = Message.filter(
        id=message_id,
        author=Author.ASSISTANT,
        conversation__assistant_id=assistant_id,
        conversation__contact__channel=channel,
    )
    if contact_key is not None:
        rows = rows.filter(conversation__contact__key=contact_key)
    row = await rows.first()
    if row is None:
        raise NotFound(what="message")
    return row


async def conversation_held_in(
    assistant_id: UUID, channel: str, contact_key: str | None, conversation_id: UUID
) -> Conversation:
    """A conversation of this channel, with this contact (None: with any). Raises `NotFound`."""
    rows = Conversation.filter(id=conversation_id, assistant_id=assistant_id, contact__channel=channel)
    if contact_key is not None:
        rows = rows.filter(contact__key=contact_key)
    row = await rows.first()
    if row is None:
        raise NotFound(what="conversation")
    return row


async def contact_in(assistant_id: UUID, channel: str, conversation_id: UUID) -> Contact:
    """Who a conversation of this channel is held with. Raises `NotFound`."""
    row = await Conversation.get_or_none(
        id=conversation_id, assistant_id=assistant_id, contact__channel=channel
    ).select_related("contact")
    if row is None:
        raise NotFound(what="conversation")
    contact: Contact = row.contact
    return contact


async def rate_answer(message: Message, score: int, comment: str) -> None:
    """What the customer thought of an answer; the last word counts."""
    if (message.feedback_score, message.feedback_comment) == (score, comment):
        return
    conversation = await Conversation.get(id=message.conversation_id)
    async with outbox(conversation.assistant_id) as out:
        await Message.filter(id=message.id).update(feedback_score=score, feedback_comment=comment)
        await out.feedback_given(conversation, message, score, comment)
