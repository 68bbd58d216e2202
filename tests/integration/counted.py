"""What customers asked and got, on the day that a test is about."""

from datetime import UTC, datetime, timedelta

from core.models import Assistant, Author, Contact, Conversation, Message


async def said_to(
    assistant: Assistant,
    who: str,
    *turns: tuple[str, str, str],
    days_ago: int = 0,
    at: datetime | None = None,
    seconds: float | None = None,
    score: int | None = None,
    channel: str = "web",
) -> None:
    """A conversation: (question, tier, reason) each. It was `at`, or else this many days ago, by UTC."""
    moment = at or datetime.now(UTC) - timedelta(days=days_ago)
    contact, _ = await Contact.get_or_create(assistant=assistant, channel=channel, key=who)
    conversation = await Conversation.create(assistant=assistant, contact=contact)
    said = {"conversation": conversation, "created_at": moment}
    for question, tier, reason in turns:
        await Message.create(**said, author=Author.CUSTOMER, text=question)
        await Message.create(
            **said,
            author=Author.ASSISTANT,
            text="x",
            tier=tier,
            reason=reason,
            timings={"total_s": seconds} if seconds else {},
            feedback_score=score,
        )
    await Conversation.filter(id=conversation.id).update(last_message_at=moment)
