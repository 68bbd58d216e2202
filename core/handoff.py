"""Handing a conversation to a person, and back when nobody comes. Refuses to know channels and how people are reached.

A conversation waits once: of two messages that call at the same moment, one does. While it waits, the assistant goes on
answering what it knows. What people do in it is core/operators.py's.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tortoise.expressions import Q

from core.app import Core
from core.channel_names import PREVIEW, PROGRAM
from core.errors import Unavailable
from core.messages import COURTESY, Tier
from core.models import Assistant, Conversation, ConversationState, HandoffReason, Message
from core.policy import Policy, policy_of
from core.statements import Statement
from core.texts import Texts
from core.topics import OFF_LIMITS
from core.webhooks.outbox import outbox
from core.wish_nearness import sounds_like_a_wish
from core.wishes import mentions_person, wish_in

LONGEST_WAIT = timedelta(days=1)
LONGEST_WISH = 300
"""Characters. Longer texts are looked through for phrases, and their meaning as a whole says nothing."""
STILL_READING = "documents are still being read"
_NO_FAILURE = ("error-", OFF_LIMITS, STILL_READING)
"""How the reasons of refusals begin that are none: search is away, the owner wants no answer, or it may come soon."""
_LAST_ANSWER = Statement(
    "SELECT tier, reason FROM messages WHERE conversation_id = :conversation AND author = 'assistant' "
    "AND created_at < :before AND created_at > :since AND reason <> :courtesy ORDER BY created_at DESC LIMIT 1"
)
_EVER = datetime.fromtimestamp(0, UTC)


async def wish_for_person(core: Core, assistant: Assistant, text: str) -> HandoffReason | None:
    """Whether a customer wants a person, or needs one: he asks for one in any words, or he is angry."""
    found = wish_in(text)
    if found or len(text) > LONGEST_WISH or not mentions_person(text):
        return found
    try:
        near = await sounds_like_a_wish(core.background, core.embedder, text)
    except Unavailable:
        near = False
    return HandoffReason.ASKED if near else None


async def failed_before(conversation: Conversation, asked: Message, reason: str) -> bool:
    """Whether this refusal is the second in a row, and nobody has been called since the first.

    What search could not look up and what the owner does not want answered is no failure. Courtesy in between changes
    nothing. `reason` is why it is refused now.
    """
    if conversation.state != ConversationState.ASSISTANT or reason.startswith(_NO_FAILURE):
        return False
    since = conversation.handed_over_at or _EVER
    last = await _LAST_ANSWER.first(
        conversation=conversation.id, before=asked.created_at, since=since, courtesy=COURTESY
    )
    return last is not None and last["tier"] == Tier.REFUSED and not last["reason"].startswith(_NO_FAILURE)


async def person_talks(assistant: Assistant, conversation: Conversation, asked: Message) -> bool:
    """Whether a person is in this conversation; one who has left it alone for the quiet time is no more."""
    if conversation.state != ConversationState.PERSON:
        return False
    earlier = Message.filter(conversation_id=conversation.id, created_at__lt=asked.created_at)
    last = await earlier.order_by("-created_at").first()
    signs_of_life = [last.created_at if last else asked.created_at, conversation.taken_at or asked.created_at]
    if asked.created_at - max(signs_of_life) <= timedelta(hours=policy_of(assistant).quiet_hours):
        return True
    await _give_back(conversation)
    return False


def awaits_person_here(conversation: Conversation, channel: str, contact: str) -> bool:
    """Whether a person was called and will write into this conversation, as far as is known."""
    return conversation.state == ConversationState.WAITING and not (contact and channel == PROGRAM)


async def hand_over(
    core: Core, assistant: Assistant, conversation: Conversation, reason: HandoffReason, language: str, channel: str
) -> str:
    """Call a person, once; what the customer reads, in his language. Anger is answered also where one was called.

    `channel` is the conversation's.
    """
    policy = policy_of(assistant)
    why = core.texts.say(language, f"customer-handoff-{reason.value}")
    if channel == PREVIEW or await call_person(conversation, reason):
        return f"{why} {_who_answers(core.texts, policy, channel, language)}"
    said = _who_answers(core.texts, policy, channel, language, already=True)
    if reason is not HandoffReason.ANGRY:
        return said
    waiting = Conversation.filter(id=conversation.id, state=ConversationState.WAITING)
    await waiting.update(handoff_reason=reason)
    return f"{why} {said}"


def _who_answers(texts: Texts, policy: Policy, channel: str, language: str, *, already: bool = False) -> str:
    """A person here, now or when they are back; or in another place. `already`: one was called before."""
    now, hours = datetime.now(UTC), policy.working_hours
    closed = hours is not None and not hours.is_open(now)
    opening = hours.next_opening(now) if hours else None
    if policy.contact and (channel == PROGRAM or (closed and not opening)):
        return texts.say(language, "customer-handed-over-contact", contact=policy.contact)
    if opening:
        key = "customer-handed-over-already-closed" if already else "customer-handed-over-closed"
        return texts.say(language, key, when=opening_words(texts, language, opening, now))
    if closed:
        return texts.say(language, "customer-handed-over-away")
    return texts.say(language, "customer-handed-over-already" if already else "customer-handed-over")


def opening_words(texts: Texts, language: str, opening: datetime, now: datetime) -> str:
    """ "today at 14:00", "tomorrow at 9:00", "on Monday at 9:00", "on 9 January at 9:00". Both times are aware; it is
    said in the zone of `opening`."""
    clock = f"{opening.hour}:{opening.minute:02}"
    zone = opening.tzinfo if isinstance(opening.tzinfo, ZoneInfo) else UTC
    days = (opening.date() - now.astimezone(zone).date()).days
    if days < 2:
        return texts.say(language, "opening-tomorrow" if days else "opening-today", time=clock)
    if days < 7:
        return texts.say(language, "opening-weekday", weekday=opening.isoweekday(), time=clock)
    return texts.say(language, "opening-date", day=opening.day, month=opening.month, time=clock)


def _has_lapsed(assistant: Assistant, handed_over_at: datetime, now: datetime) -> bool:
    """Whether who was called then has been waited for long enough: while nobody works, the time does not run."""
    if now - handed_over_at <= LONGEST_WAIT:
        return False
    hours = policy_of(assistant).working_hours
    return now - ((hours.next_opening(handed_over_at) if hours else None) or handed_over_at) > LONGEST_WAIT


async def call_person(conversation: Conversation, reason: HandoffReason) -> bool:
    """Let it wait for a person; False when somebody was called already, or is there."""
    now, before = datetime.now(UTC), conversation.handed_over_at
    free = Q(state=ConversationState.ASSISTANT)
    if (
        conversation.state == ConversationState.WAITING
        and before
        and _has_lapsed(await Assistant.get(id=conversation.assistant_id), before, now)
    ):
        free |= Q(state=ConversationState.WAITING, handed_over_at=before)
    values = {
        "state": ConversationState.WAITING,
        "handoff_reason": reason,
        "handed_over_at": now,
        "taken_by": None,
        "taken_at": None,
        "closed_at": None,
    }
    async with outbox(conversation.assistant_id) as out:
        called = await Conversation.filter(free, id=conversation.id).update(**values)
        if called:
            await out.handoff_requested(conversation, reason.value)
    if called:
        conversation.update_from_dict(values)
    return bool(called)


async def end_long_waits() -> int:
    """Back to the assistant: what nobody took in a day of being there, and where nobody has written for the quiet time.
    How many."""
    now, ended = datetime.now(UTC), 0
    away = Conversation.filter(state__in=(ConversationState.WAITING, ConversationState.PERSON))
    for row in await away.select_related("assistant"):
        if row.state == ConversationState.WAITING:
            over = _has_lapsed(row.assistant, row.handed_over_at or now, now)
        else:
            quiet = timedelta(hours=policy_of(row.assistant).quiet_hours)
            over = now - max(row.last_message_at, row.taken_at or row.last_message_at) > quiet
        ended += await _give_back(row) if over else 0
    return ended


async def _give_back(conversation: Conversation) -> int:
    """To the assistant, unless something has changed meanwhile. Who was called and when stays to be seen."""
    same = Conversation.filter(id=conversation.id, state=conversation.state, taken_at=conversation.taken_at)
    async with outbox(conversation.assistant_id) as out:
        given_back = await same.update(state=ConversationState.ASSISTANT, taken_by=None)
        if given_back:
            await out.handoff_closed(conversation, "time")
    return given_back
