"""A customer gets a person when he needs one: once, at a time that is true, and the assistant is silent meanwhile."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from core.app import Core
from core.assistants import change_assistant
from core.dialog import answer_message
from core.errors import ConversationTaken, Unavailable
from core.handoff import LONGEST_WAIT, call_person, end_long_waits
from core.messages import Incoming, Reply, Tier
from core.models import Assistant, Author, Conversation, ConversationState, HandoffReason, Message, Role, User
from core.operators import close_conversation, hand_over_to_people, reply_to_customer, take_conversation
from core.tenancy import Actor
from tests.conftest import Owner

pytestmark = pytest.mark.usefixtures("nobody_is_left_waiting")
_customers = count()
UNKNOWN = "Do you repair motorcycle engines?"
UNKNOWN_TOO = "Who won the football championship in 1998?"
WISH = "Can I talk to a human?"


class Visitor:
    """Somebody who writes to one assistant, in a channel of his choice."""

    def __init__(self, core: Core, assistant: Assistant, channel: str = "web") -> None:
        self.core, self.assistant, self.channel = core, assistant, channel
        self.key = f"visitor-of-people-{next(_customers)}"

    async def asks(self, text: str) -> Reply:
        return await answer_message(self.core, Incoming(self.assistant.id, self.channel, self.key, text))

    async def conversation(self) -> Conversation:
        return await Conversation.get(contact__key=self.key).select_related("contact")


@pytest.fixture
def vera(core: Core, rosa: Assistant) -> Visitor:
    return Visitor(core, rosa)


async def _colleague(anna: Owner, role: Role = Role.OPERATOR) -> Actor:
    user = await User.create(email=f"colleague-{next(_customers)}@example.com")
    return Actor(user.id, anna.actor.tenant_id, role)


async def _back_in_time(conversation: Conversation, **ago: timedelta) -> None:
    values = {name: datetime.now(UTC) - passed for name, passed in ago.items()}
    await Conversation.filter(id=conversation.id).update(**values)


async def test_who_asks_for_a_person_waits_for_one_and_asks_on_meanwhile(vera: Visitor) -> None:
    reply = await vera.asks(WISH)
    conversation = await vera.conversation()

    assert reply.tier == Tier.HANDED_OVER
    assert "a person will answer you here" in reply.text
    assert (conversation.state, conversation.handoff_reason) == (ConversationState.WAITING, HandoffReason.ASKED)
    assert conversation.handed_over_at
    assert (await vera.asks("Where is the shop?")).text == "At 12 Mill Lane."
    again = await vera.asks("позовите менеджера")
    assert again.tier == Tier.HANDED_OVER
    assert "уже передан" in again.text
    assert (await vera.conversation()).handed_over_at == conversation.handed_over_at


async def test_an_angry_customer_gets_a_person_and_an_apology(vera: Visitor) -> None:
    reply = await vera.asks("Верните мои деньги!!!")

    assert reply.text.startswith("Мне очень жаль")
    assert (await vera.conversation()).handoff_reason == HandoffReason.ANGRY


async def test_of_two_calls_at_once_one_counts(vera: Visitor) -> None:
    await vera.asks("hello")
    rows = [await vera.conversation() for _ in range(5)]
    called = await asyncio.gather(*(call_person(row, HandoffReason.ASKED) for row in rows))

    assert sorted(called) == [False] * 4 + [True]


async def test_a_second_failure_in_a_row_calls_a_person_once(vera: Visitor) -> None:
    assert (await vera.asks(UNKNOWN)).tier == Tier.REFUSED
    assert (await vera.asks("ok thanks")).tier == Tier.VERIFIED
    second = await vera.asks(UNKNOWN_TOO)
    assert second.tier == Tier.HANDED_OVER
    assert second.text.startswith("I cannot find this out")
    assert (await vera.conversation()).handoff_reason == HandoffReason.REPEATED_FAILURE
    assert (await vera.asks(UNKNOWN)).tier == Tier.REFUSED
    assert (await vera.asks(UNKNOWN_TOO)).tier == Tier.REFUSED


async def test_an_answer_between_two_failures_calls_nobody(vera: Visitor) -> None:
    tiers = [(await vera.asks(text)).tier for text in (UNKNOWN, "Where is the shop?", UNKNOWN_TOO)]

    assert tiers == [Tier.REFUSED, Tier.VERIFIED, Tier.REFUSED]


async def test_what_the_owner_wants_declined_is_no_failure(anna: Owner, rosa: Assistant, vera: Visitor) -> None:
    await change_assistant(anna.actor, rosa, answer_policy={"forbidden_topics": ["politics"]})
    replies = [await vera.asks(text) for text in ("Who should win the election, in politics?", UNKNOWN)]

    assert [reply.tier for reply in replies] == [Tier.REFUSED] * 2
    assert replies[0].reason.startswith("off limits")


async def test_a_failure_of_search_is_no_failure_of_knowledge(
    core: Core, vera: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_args: object, **_kwargs: object) -> None:
        raise Unavailable(part="Milvus", reason="stopped by the test")

    with monkeypatch.context() as outage:
        outage.setattr(type(core.vectors), "search", away)
        assert (await vera.asks(UNKNOWN)).reason == "error-unavailable"
    assert (await vera.asks(UNKNOWN_TOO)).tier == Tier.REFUSED
    assert (await vera.conversation()).state == ConversationState.ASSISTANT


async def test_outside_working_hours_the_customer_reads_when_somebody_is_back(
    anna: Owner, rosa: Assistant, vera: Visitor
) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    hours = {"time_zone": "UTC", "exceptions": {tomorrow.date().isoformat(): ["9:30-18:00"]}}
    await change_assistant(anna.actor, rosa, answer_policy={"working_hours": hours})

    assert "We are back tomorrow at 9:30" in (await vera.asks(WISH)).text
    assert "Мы вернёмся завтра в 9:30" in (await Visitor(vera.core, rosa).asks("позовите человека")).text


async def test_who_asks_again_while_nobody_works_reads_again_when_somebody_is_back(
    anna: Owner, rosa: Assistant, vera: Visitor
) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    hours = {"time_zone": "UTC", "exceptions": {tomorrow.date().isoformat(): ["9:30-18:00"]}}
    await change_assistant(anna.actor, rosa, answer_policy={"working_hours": hours})
    await vera.asks(WISH)

    assert "We are back tomorrow at 9:30" in (await vera.asks("Call a manager, please")).text
    assert "Мы вернёмся завтра в 9:30" in (await vera.asks("позовите человека")).text


@pytest.mark.parametrize(("contact", "said"), [("", "as soon as somebody is back"), ("+1 555 0100", "+1 555 0100")])
async def test_a_business_that_opens_no_more_promises_no_time(
    anna: Owner, rosa: Assistant, vera: Visitor, contact: str, said: str
) -> None:
    policy = {"working_hours": {"time_zone": "UTC", "week": {}}, "contact": contact}
    await change_assistant(anna.actor, rosa, answer_policy=policy)

    assert said in (await vera.asks(WISH)).text


async def test_a_wait_does_not_end_before_somebody_is_back(anna: Owner, rosa: Assistant, vera: Visitor) -> None:
    now = datetime.now(UTC)
    opens = {(now + timedelta(days=days)).date().isoformat(): ["0:00-24:00"] for days in (-3, 1)}
    await change_assistant(anna.actor, rosa, answer_policy={"working_hours": {"time_zone": "UTC", "exceptions": opens}})
    await vera.asks(WISH)
    conversation = await vera.conversation()
    for days, state in ((1.5, ConversationState.WAITING), (3, ConversationState.ASSISTANT)):
        await _back_in_time(conversation, handed_over_at=timedelta(days=days))
        await end_long_waits()
        assert (await vera.conversation()).state == state


async def test_who_gets_angry_while_he_waits_reads_a_word_of_it_and_so_does_the_owner(vera: Visitor) -> None:
    await vera.asks("позовите человека")
    reply = await vera.asks("вы тупые уроды")

    assert reply.text.startswith("Мне очень жаль")
    assert "уже передан" in reply.text
    assert (await vera.conversation()).handoff_reason == HandoffReason.ANGRY


async def test_what_is_unknown_while_a_person_is_awaited_is_left_to_the_person(vera: Visitor) -> None:
    await vera.asks(WISH)

    assert (await vera.asks(UNKNOWN)).text.endswith("Your question is with a person, who will answer you here.")


async def test_a_program_that_may_not_show_what_people_write_gets_the_owners_contact(
    core: Core, anna: Owner, rosa: Assistant
) -> None:
    await change_assistant(anna.actor, rosa, answer_policy={"contact": "+1 555 0100"})

    program = Visitor(core, rosa, "api")
    for _ in range(2):
        assert "+1 555 0100" in (await program.asks(WISH)).text
    assert "+1 555 0100" not in (await Visitor(core, rosa, "web").asks(WISH)).text


async def test_an_owner_who_tries_his_assistant_calls_nobody(core: Core, rosa: Assistant) -> None:
    owner = Visitor(core, rosa, "preview")

    assert (await owner.asks(WISH)).tier == Tier.HANDED_OVER
    assert (await owner.conversation()).state == ConversationState.ASSISTANT


async def test_a_wait_ends_by_itself_after_a_day(vera: Visitor) -> None:
    await vera.asks(WISH)
    conversation = await vera.conversation()
    await end_long_waits()
    assert (await vera.conversation()).state == ConversationState.WAITING
    await _back_in_time(conversation, handed_over_at=LONGEST_WAIT + timedelta(minutes=1))
    await end_long_waits()
    row = await vera.conversation()
    assert (row.state, row.handoff_reason, row.closed_at) == (ConversationState.ASSISTANT, HandoffReason.ASKED, None)
    assert "passed your question on" in (await vera.asks(WISH)).text


async def test_a_person_talks_and_the_assistant_is_silent_until_he_closes(
    core: Core, anna: Owner, vera: Visitor
) -> None:
    await vera.asks(WISH)
    conversation = await vera.conversation()
    await take_conversation(anna.actor, conversation)
    silent = await vera.asks("Where is the shop?")
    assert (silent.tier, silent.text) == (Tier.PERSON, "")
    written = await reply_to_customer(anna.actor, conversation, "  Hello, this is Anna.  ")
    assert (written.author, written.text, written.delivered_at) == (Author.OPERATOR, "Hello, this is Anna.", None)
    await close_conversation(core, anna.actor, conversation)
    await close_conversation(core, anna.actor, conversation)
    goodbyes = await Message.filter(conversation_id=conversation.id, reason="closed")
    assert ["I am back" in goodbye.text for goodbye in goodbyes] == [True]
    assert (await vera.asks("Where is the shop?")).text == "At 12 Mill Lane."


async def test_of_two_operators_the_second_learns_who_was_first(anna: Owner, vera: Visitor) -> None:
    await vera.asks(WISH)
    first, second = await _colleague(anna), await _colleague(anna)
    rows = [await vera.conversation() for _ in range(2)]
    taking = (take_conversation(actor, row) for actor, row in zip((first, second), rows, strict=True))
    results = await asyncio.gather(*taking, return_exceptions=True)
    lost = [result for result in results if isinstance(result, ConversationTaken)]
    taken_by = (await vera.conversation()).taken_by

    assert len(lost) == 1
    winner = first if taken_by == first.user_id else second
    assert lost[0].facts["who"] == (await User.get(id=winner.user_id)).email
    loser = second if winner is first else first
    with pytest.raises(ConversationTaken):
        await reply_to_customer(loser, await vera.conversation(), "Me too!")
    with pytest.raises(ConversationTaken):
        await hand_over_to_people(await vera.conversation())


async def test_what_another_has_taken_a_manager_may_close_and_an_operator_may_not(
    core: Core, anna: Owner, vera: Visitor
) -> None:
    await vera.asks(WISH)
    await take_conversation(await _colleague(anna), await vera.conversation())
    with pytest.raises(ConversationTaken):
        await close_conversation(core, await _colleague(anna), await vera.conversation())
    await close_conversation(core, await _colleague(anna, Role.MANAGER), await vera.conversation())

    assert (await vera.conversation()).state == ConversationState.ASSISTANT


async def test_a_person_who_has_gone_quiet_is_no_longer_waited_for(anna: Owner, vera: Visitor) -> None:
    await vera.asks(WISH)
    conversation = await vera.conversation()
    await take_conversation(anna.actor, conversation)
    long_ago = datetime.now(UTC) - timedelta(hours=13)
    await Message.filter(conversation_id=conversation.id).update(created_at=long_ago)
    await _back_in_time(conversation, taken_at=timedelta(hours=13), last_message_at=timedelta(hours=13))

    assert (await vera.asks("Where is the shop?")).text == "At 12 Mill Lane."
    assert (await vera.conversation()).state == ConversationState.ASSISTANT


async def test_the_hourly_tidying_brings_back_what_was_left_alone(anna: Owner, vera: Visitor) -> None:
    await vera.asks(WISH)
    conversation = await vera.conversation()
    await take_conversation(anna.actor, conversation)
    await end_long_waits()
    assert (await vera.conversation()).state == ConversationState.PERSON
    await _back_in_time(conversation, taken_at=timedelta(hours=13), last_message_at=timedelta(hours=13))
    await end_long_waits()

    assert (await vera.conversation()).state == ConversationState.ASSISTANT


async def test_a_request_that_is_closed_unanswered_is_said_to_be(core: Core, anna: Owner, vera: Visitor) -> None:
    await vera.asks(WISH)
    await close_conversation(core, anna.actor, await vera.conversation())
    goodbye = await Message.get(conversation__contact__key=vera.key, reason="closed")

    assert goodbye.text.startswith("Your request for a person has been closed")
