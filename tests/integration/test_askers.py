"""A customer who asked to be told gets the owner's answer as soon as there is one: once, and nothing is lost."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bots.registry import Registry
from core.app import Core
from core.askers import LONGEST_WAIT, Tellings, count_askers, forget_askers, tellings_of
from core.changes import last_change_of
from core.gaps import AlreadyAnswered, dismiss_gap
from core.messages import Tier
from core.models import (
    Assistant,
    Author,
    BotState,
    Channel,
    Contact,
    Conversation,
    ConversationState,
    Gap,
    GapStatus,
    Message,
    Undelivered,
    VerifiedAnswer,
)
from core.operators import UNREACHABLE, take_conversation
from core.tenancy import gap_of
from core.undoing import undo
from core.verified import add_verified_answer, answer_gap
from tests.conftest import Owner
from tests.integration.conftest import Connect, MakeCustomer, running
from tests.telegram_server import Fault, Person, TelegramServer
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("nobody_is_left_waiting")
PARKING, BEHIND = "Do you have a parking lot?", "Yes, behind the house.\nIt is *free*."
TOLD = f"🔔 You asked: “{PARKING}”. Now I know the answer:\n\n{BEHIND}"
TELL, LATER = "Tell me when you know", "as soon as I know the answer, I will write to you here"


async def _wants_to_know(person: Person, question: str = PARKING, tell: str = TELL, later: str = LATER) -> None:
    await person.says(question)
    await person.presses(tell)
    await person.reads(later)


async def _gap(assistant: Assistant) -> Gap:
    gap = await Gap.filter(assistant_id=assistant.id).first()
    assert gap
    return await gap_of(assistant, gap.id)


async def _tellings(answer: VerifiedAnswer, wanted: Tellings) -> None:
    async def so() -> bool:
        return await tellings_of(answer.id) == wanted

    await until(so)


def _told(person: Person, words: str = "Now I know the answer") -> list[str]:
    return [shown.text for shown in person.chat if words in shown.text]


@pytest.fixture
async def channel(rosa: Assistant, connect: Connect) -> Channel:
    return await connect(rosa)


@pytest.mark.usefixtures("bots")
async def test_who_asked_to_be_told_gets_the_owners_words_once_and_the_conversation_keeps_them(
    core: Core, anna: Owner, rosa: Assistant, channel: Channel, customer: MakeCustomer
) -> None:
    ann, ben = customer(channel), customer(channel)
    await _wants_to_know(ann)
    refusal = await ann.reads("Our documents do not say")
    assert LATER in refusal.text
    assert refusal.buttons == [], "he has pressed it"
    await ben.says(PARKING)
    await ben.reads("Our documents do not say")
    gap = await _gap(rosa)
    assert gap.asked == 2
    assert await count_askers([gap.id]) == {gap.id: 1}

    answer = await answer_gap(core, gap, BEHIND, anna.actor)
    assert (await ann.reads("Now I know the answer")).text == TOLD
    await _tellings(answer, Tellings(told=1))
    said = await Message.get(text=TOLD)
    assert (said.author, said.tier, said.reason) == (Author.ASSISTANT, Tier.VERIFIED, f"verified answer {answer.id}")
    assert said.delivered_at
    assert _told(ben) == [], "he did not ask for it"
    with pytest.raises(AlreadyAnswered):
        await answer_gap(core, gap, "No.", anna.actor)
    await ann.says("Where is the shop?")
    await ann.reads("At 12 Mill Lane.")
    assert _told(ann) == [TOLD]


@pytest.mark.usefixtures("bots")
async def test_a_russian_customer_is_offered_it_and_told_in_russian(
    core: Core, anna: Owner, rosa: Assistant, channel: Channel, customer: MakeCustomer
) -> None:
    vera = customer(channel, "ru")
    await _wants_to_know(vera, "Есть ли у вас парковка?", "Сообщите, когда узнаете", "напишу вам сюда")
    await answer_gap(core, await _gap(rosa), "Да, за домом.", anna.actor)
    told = await vera.reads("Теперь я знаю ответ")
    assert told.text == "🔔 Вы спрашивали: «Есть ли у вас парковка?». Теперь я знаю ответ:\n\nДа, за домом."


@pytest.mark.usefixtures("bots")
async def test_who_asked_twice_is_told_once(
    core: Core, anna: Owner, rosa: Assistant, channel: Channel, customer: MakeCustomer
) -> None:
    ann = customer(channel)
    await ann.says(PARKING)
    first = await ann.reads("Our documents do not say")
    await ann.says("Where is the shop?")
    await ann.reads("At 12 Mill Lane.")
    await ann.says(PARKING)
    for shown in (await ann.reads_new(), first):
        await ann.presses_data(shown.message_id, shown.buttons[0]["callback_data"])

    async def both() -> bool:
        return await BotState.filter(state=f"waits:{(await _gap(rosa)).id}").count() == 2

    await until(both)
    answer = await answer_gap(core, await _gap(rosa), BEHIND, anna.actor)
    await _tellings(answer, Tellings(told=1))
    assert _told(ann) == [TOLD]


async def test_answers_survive_a_restart_and_whoever_blocked_the_bot_holds_up_nobody(
    house: Core,
    anna: Owner,
    rosa: Assistant,
    channel: Channel,
    customer: MakeCustomer,
    telegram: TelegramServer,
) -> None:
    ann, ben = customer(channel), customer(channel)
    async with running(house, Registry(house, every_s=0.1).run()):
        await _wants_to_know(ann)
        await _wants_to_know(ben)
    answer = await answer_gap(house, await _gap(rosa), BEHIND, anna.actor)
    assert await tellings_of(answer.id) == Tellings(waiting=2)
    telegram.faults.append(Fault("sendMessage", 403, "Forbidden: bot was blocked by the user", chat_id=ben.id))
    async with running(house, Registry(house, every_s=0.1).run()):
        await ann.reads("Now I know the answer")
        await _tellings(answer, Tellings(told=1, lost=1))
    async with running(house, Registry(house, every_s=0.1).run()):
        await ann.says("Where is the shop?")
        await ann.reads("At 12 Mill Lane.")
    assert _told(ann) == [TOLD]
    assert await Message.filter(reason=UNREACHABLE, conversation__contact__key=str(ben.id)).count() == 1


async def test_an_answer_taken_back_in_time_reaches_nobody_and_the_next_one_does(
    house: Core, anna: Owner, rosa: Assistant, channel: Channel, customer: MakeCustomer, telegram: TelegramServer
) -> None:
    ann = customer(channel)
    async with running(house, Registry(house, every_s=0.1).run()):
        await _wants_to_know(ann)
        telegram.faults.append(Fault("sendMessage", 502, "Bad Gateway", chat_id=ann.id, times=3))
        wrong = await answer_gap(house, await _gap(rosa), "No.", anna.actor)
        change = await last_change_of(wrong.id)
        assert change
        await undo(house, anna.actor, change)
        assert await Undelivered.filter(channel=f"telegram:{channel.identity}").count() == 0
    assert (await _gap(rosa)).status == GapStatus.OPEN
    telegram.faults.clear()
    async with running(house, Registry(house, every_s=0.1).run()):
        await answer_gap(house, await _gap(rosa), BEHIND, anna.actor)
        await ann.reads("Now I know the answer")
    assert _told(ann) == [TOLD]


@pytest.mark.usefixtures("bots")
async def test_of_two_who_answer_at_once_one_does(
    core: Core, anna: Owner, rosa: Assistant, channel: Channel, customer: MakeCustomer
) -> None:
    ann = customer(channel)
    await _wants_to_know(ann)
    both = [await _gap(rosa), await _gap(rosa)]
    done = await asyncio.gather(
        *(answer_gap(core, gap, f"Answer {n}.", anna.actor) for n, gap in enumerate(both)), return_exceptions=True
    )
    (given,) = [one for one in done if isinstance(one, VerifiedAnswer)]
    assert [type(one) for one in done if one is not given] == [AlreadyAnswered]
    await _tellings(given, Tellings(told=1))
    assert len(_told(ann)) == 1
    assert await VerifiedAnswer.filter(assistant_id=rosa.id, answer__startswith="Answer").count() == 1


@pytest.mark.usefixtures("bots")
async def test_while_a_person_talks_the_answer_that_was_asked_for_comes_as_the_assistants(
    core: Core, anna: Owner, rosa: Assistant, channel: Channel, customer: MakeCustomer
) -> None:
    ann = customer(channel)
    await _wants_to_know(ann)
    await take_conversation(anna.actor, await Conversation.get(assistant_id=rosa.id))
    await answer_gap(core, await _gap(rosa), BEHIND, anna.actor)
    assert (await ann.reads("Now I know the answer")).text == TOLD, "not as a person's words"
    assert (await Conversation.get(assistant_id=rosa.id)).state == ConversationState.PERSON


@pytest.mark.usefixtures("bots")
async def test_a_question_that_was_only_worded_alike_is_told_what_differs_in_nothing(
    core: Core, anna: Owner, rosa: Assistant, channel: Channel, customer: MakeCustomer
) -> None:
    ann, ben = customer(channel), customer(channel)
    await _wants_to_know(ann)
    await _wants_to_know(ben, "Do you have a parking lot for trucks?")
    gap = await _gap(rosa)
    await BotState.filter(state__startswith="waits:").update(state=f"waits:{gap.id}")
    for row in await BotState.filter(state=f"waits:{gap.id}"):
        await BotState.filter(id=row.id).update(data={**row.data, "gap": str(gap.id)})
    answer = await add_verified_answer(core, rosa, PARKING, BEHIND, by=anna.actor)
    await _tellings(answer, Tellings(told=1))
    assert await count_askers([gap.id]) == {gap.id: 1}, "the one with the truck"
    assert _told(ben) == []


@pytest.mark.usefixtures("bots")
async def test_an_old_button_and_a_strangers_promise_nothing(
    core: Core, anna: Owner, rosa: Assistant, channel: Channel, customer: MakeCustomer
) -> None:
    ann, eve = customer(channel), customer(channel)
    await ann.says(PARKING)
    refusal = await ann.reads("Our documents do not say")
    data = refusal.buttons[0]["callback_data"]
    await eve.presses_data(refusal.message_id, data)
    await eve.reads("Please ask me that once more")
    for nonsense in ("tell:", "tell:xyz", "p:menu::0"):
        await ann.presses_data(refusal.message_id, nonsense)
    await dismiss_gap(await _gap(rosa), anna.actor)
    await ann.presses_data(refusal.message_id, data)
    await ann.reads("Please ask me that once more")
    assert await count_askers([(await _gap(rosa)).id]) == {}
    await ann.says(PARKING)
    again = await ann.reads_new()
    assert again.buttons == [], "nobody will answer what was set aside"


@pytest.mark.usefixtures("bots")
async def test_what_is_kept_of_an_erased_customer_goes_and_so_does_a_wait_that_was_too_long(
    core: Core, rosa: Assistant, channel: Channel, customer: MakeCustomer
) -> None:
    ann, ben, vera = customer(channel), customer(channel), customer(channel)
    for person in (ann, ben, vera):
        await _wants_to_know(person)
    gap = await _gap(rosa)
    contacts = {person: await Contact.get(key=str(person.id)) for person in (ann, ben)}
    await contacts[ann].delete()
    (old,) = [
        row for row in await BotState.filter(state=f"waits:{gap.id}") if row.data["contact"] == str(contacts[ben].id)
    ]
    await BotState.filter(id=old.id).update(created_at=datetime.now(UTC) - LONGEST_WAIT - timedelta(hours=1))
    await forget_askers()
    assert await count_askers([gap.id]) == {gap.id: 1}
