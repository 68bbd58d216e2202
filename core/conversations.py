"""What was said, kept: contacts, their conversations, and every turn."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from core.errors import NotFound
from core.messages import Citation, Incoming, Reply, Said, Tier
from core.models import Assistant, Author, Contact, Conversation, Message

RECENT_TURNS = 6


async def conversation_of(incoming: Incoming) -> Conversation:
    """The conversation this message belongs to: the named one, the contact's latest, or a new one.

    Raises `NotFound` for a conversation of another assistant or another contact.
    """
    contact, _ = await Contact.get_or_create(
        assistant_id=incoming.assistant_id,
        channel=incoming.channel,
        key=incoming.contact_key,
        defaults={"name": incoming.contact_name[:200]},
    )
    if incoming.conversation_id:
        named = await Conversation.get_or_none(id=incoming.conversation_id, contact_id=contact.id)
        if named is None:
            raise NotFound(what="conversation")
        return named
    latest = await Conversation.filter(contact_id=contact.id).order_by("-last_message_at").first()
    return latest or await Conversation.create(assistant_id=incoming.assistant_id, contact_id=contact.id)


async def remember_question(conversation: Conversation, incoming: Incoming) -> Message:
    """Store the question; one that was stored already (same `question_id`) is only found again."""
    await Conversation.filter(id=conversation.id).update(last_message_at=datetime.now(UTC))
    asked, _ = await Message.get_or_create(
        id=incoming.question_id or uuid4(),
        conversation_id=conversation.id,
        defaults={"author": Author.CUSTOMER, "text": incoming.text},
    )
    return asked


def answer_id(asked: Message) -> UUID:
    """A question has one answer, so the answer's id follows from the question's."""
    return uuid5(asked.id, "answer")


async def given_answer(asked: Message) -> Reply | None:
    """The answer that this question already got."""
    row = await Message.get_or_none(id=answer_id(asked))
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


async def remember_answer(reply: Reply) -> None:
    """Store the answer with how it came about."""
    await Message.create(
        id=reply.message_id,
        conversation_id=reply.conversation_id,
        author=Author.ASSISTANT,
        text=reply.text,
        tier=reply.tier,
        reason=reply.reason[:200],
        citations=[citation_record(citation) for citation in reply.citations],
        timings=reply.timings,
        model=reply.model,
        adapter_id=reply.adapter_id,
    )


def citation_record(citation: Citation) -> dict[str, str | int | None]:
    """A citation as JSON, ids as text."""
    record = asdict(citation)
    return {**record, "passage_id": str(citation.passage_id), "document_id": str(citation.document_id)}


def _citation(record: dict[str, Any]) -> Citation:
    ids = {name: UUID(record[name]) for name in ("passage_id", "document_id")}
    return Citation(**{**record, **ids})


async def conversations_of(assistant: Assistant, limit: int, offset: int) -> list[Conversation]:
    """Newest first, contacts fetched."""
    rows = Conversation.filter(assistant_id=assistant.id).select_related("contact")
    return await rows.order_by("-last_message_at").offset(offset).limit(limit)


async def turns_of(conversation: Conversation) -> list[Message]:
    """All turns, oldest first."""
    return await Message.filter(conversation_id=conversation.id).order_by("created_at")


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
    await Message.filter(id=message.id).update(feedback_score=score, feedback_comment=comment)


async def recent_turns(
    conversation: Conversation, before: Message, history: tuple[Said, ...] | None = None
) -> Sequence[Message | Said]:
    """The last turns before a message, oldest first: of the `history` that came with it, or of what is stored."""
    if history is not None:
        return history[-RECENT_TURNS:]
    turns = (
        await Message.filter(conversation_id=conversation.id, created_at__lt=before.created_at)
        .order_by("-created_at")
        .limit(RECENT_TURNS)
    )
    return turns[::-1]


def was_answered(turn: Message) -> bool:
    return turn.author == Author.ASSISTANT and turn.tier != Tier.REFUSED
