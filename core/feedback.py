"""Whether an answer helped, as its customer says by a button below it. Refuses to know how a channel shows buttons."""

from uuid import UUID

from core.conversations import answer_given_to, answer_id, rate_answer
from core.messages import COURTESY, Reply, Tier
from core.models import Assistant, Message
from core.policy import policy_of

_ANSWERED = (Tier.VERIFIED, Tier.GROUNDED, Tier.QUOTED)


def is_answer(reply: Reply) -> bool:
    """Something that can help or not; small talk and "I don't know" cannot."""
    return reply.tier in _ANSWERED and reply.reason != COURTESY


async def is_asked_for(assistant_id: UUID) -> bool:
    """Whether the owner wants customers to be asked."""
    return policy_of(await Assistant.get(id=assistant_id)).feedback_buttons


async def is_rateable(assistant_id: UUID, question_id: UUID) -> bool:
    """Whether there is something to ask about, and the owner wants it to be asked."""
    answered = Message.filter(id=answer_id(question_id), tier__in=_ANSWERED).exclude(reason=COURTESY)
    own = answered.filter(conversation__assistant_id=assistant_id)
    answer = await own.select_related("conversation__assistant").first()
    return answer is not None and policy_of(answer.conversation.assistant).feedback_buttons


async def rate(assistant_id: UUID, channel: str, contact_key: str, question_id: UUID, score: int) -> int:
    """What its customer thinks of it now: `score` is 1 or -1, and 0 when he had said the same before and takes it
    back. Raises `NotFound` for what is not his."""
    answer = await answer_given_to(assistant_id, channel, contact_key, answer_id(question_id))
    score = 0 if answer.feedback_score == score else score
    await rate_answer(answer, score, "")
    return score
