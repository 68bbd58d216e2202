"""Each morning an owner finds the new questions in his chat, answers them there, and who waited is told."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from admin_bot.role import run
from bots.registry import Registry
from core.accounts import user_of_telegram
from core.app import Core
from core.gaps import count_question, record_gap
from core.models import Assistant, BotState, Gap, GapStatus, Membership, Role, User, VerifiedAnswer
from tests.integration.conftest import QUICK, Connect, MakeCustomer, MakePerson, running
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Fault, Person, TelegramServer
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("nobody_is_left_waiting")
GOOD_MORNING = {"en": "Good morning!", "ru": "Доброе утро!"}


def _zone() -> str:
    """One where it is early afternoon now."""
    ahead = 13 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def _admin_bot(house: Core) -> running:
    return running(house, run(house, progress_every_s=0.02, pace=QUICK))


async def _has_been_here_for_days(person: Person) -> Assistant:
    user = await user_of_telegram(person.id, "", "en")
    await User.filter(id=user.id).update(created_at=datetime.now(UTC) - timedelta(days=3))
    assistant = await assistant_of_person(person)
    await Assistant.filter(id=assistant.id).update(answer_policy={"working_hours": {"time_zone": _zone()}})
    return await Assistant.get(id=assistant.id)


async def _a_day_passes(person: Person) -> None:
    """Whatever is told in the mornings may be told once more."""
    row = await BotState.get(key__startswith="morning:", key__endswith=f":{person.id}")
    await BotState.filter(id=row.id).update(data={**row.data, "day": "2020-01-01"})


async def _seen_to(person: Person) -> None:
    """This day's morning is over for him."""

    async def so() -> bool:
        row = await BotState.get_or_none(key__startswith="morning:", key__endswith=f":{person.id}")
        return row is not None and row.data.get("day", "") > "2020-01-01"

    await until(so)


def _mornings(person: Person, locale: str = "en") -> int:
    return len([shown for shown in person.chat if GOOD_MORNING[locale] in shown.text])


async def test_new_questions_come_once_a_morning_whatever_is_restarted(
    house: Core, writes_to_admin_bot: MakePerson
) -> None:
    async with _admin_bot(house):
        olga = await started(writes_to_admin_bot())
        assistant = await _has_been_here_for_days(olga)
        await _seen_to(olga)
        assert _mornings(olga) == 0, "nothing was asked"
        for number in range(6):
            for _ in range(number + 1):
                await count_question(assistant.id, f"Is it {number} o'clock?")
        await _a_day_passes(olga)
        card = await olga.reads("Good morning! There are 6 new questions that I could not answer")
        assert "“Copper Kettle”\n1. Is it 5 o'clock? (6 times)\n2. Is it 4 o'clock? (5 times)" in card.text
        assert [one["text"] for one in card.buttons if "1:" in one["text"]] == ["✍️ 1: answer", "✖️ 1: dismiss"]
        assert [one["text"] for one in card.buttons][-2:] == ["❓ All questions: 6", "🔕 Not every morning"]
        assert "0 o'clock" not in card.text, "five at most"
    async with _admin_bot(house):
        await asyncio.sleep(1.5)
        await _a_day_passes(olga)
        await _seen_to(olga)
        await asyncio.sleep(0.3)
        assert _mornings(olga) == 1, "nothing new since"
        await count_question(assistant.id, "Is it 5 o'clock?")
        await _a_day_passes(olga)
        await olga.reads("There is a new question that I could not answer:\n\n“Copper Kettle”\n1. Is it 5 o'clock? (7")
    assert _mornings(olga) == 2


async def test_a_killed_process_swallows_nothing_for_good_and_an_outage_is_waited_out(
    house: Core, writes_to_admin_bot: MakePerson, telegram: TelegramServer
) -> None:
    async with _admin_bot(house):
        olga = await started(writes_to_admin_bot())
        assistant = await _has_been_here_for_days(olga)
        await count_question(assistant.id, "Is it late?")
        telegram.faults.append(Fault("sendMessage", 502, "Bad Gateway", chat_id=olga.id, times=50))
        await _seen_to(olga)
    telegram.faults.clear()  # it was killed while it was sending
    async with _admin_bot(house):
        await asyncio.sleep(1.5)
        assert _mornings(olga) == 0, "it may have been sent"
        await _a_day_passes(olga)
        await olga.reads("1. Is it late?")


@pytest.mark.parametrize(
    ("language", "locale", "press", "ask", "answer", "saved", "soon", "told"),
    [
        ("English", "en", "1: answer", "Do you have a parking lot?", "In our own yard.", "Remembered",
         "1 customer asked to be told", "1 customer who asked for this was told."),
        ("Русский", "ru", "1: ответить", "Есть ли у вас парковка?", "Да, за домом.", "Запомнил",
         "1 клиент попросил сообщить", "Ответ получил 1 клиент, который его ждал."),
    ],
)  # fmt: skip
async def test_an_answer_of_the_morning_reaches_who_waited_for_it(
    house: Core,
    writes_to_admin_bot: MakePerson,
    connect: Connect,
    customer: MakeCustomer,
    language: str,
    locale: str,
    press: str,
    ask: str,
    answer: str,
    saved: str,
    soon: str,
    told: str,
) -> None:
    async with _admin_bot(house), running(house, Registry(house, every_s=0.1).run()):
        olga = await started(writes_to_admin_bot(locale), language)
        assistant = await _has_been_here_for_days(olga)
        vera = customer(await connect(assistant), locale)
        await vera.says(ask)
        await vera.presses("🔔")
        await vera.reads("🔔")
        await _seen_to(olga)
        await _a_day_passes(olga)
        card = await olga.reads(GOOD_MORNING[locale])
        assert f"1. {ask} 🔔" in card.text
        await olga.presses(press)
        await olga.reads(soon)
        await olga.says(answer)
        assert answer in (await vera.reads(answer)).text
        assert saved in (await olga.reads(told)).text
        await olga.reads(f"✅ 1. {ask}")
        await olga.presses("↩️")
        await olga.reads("↩️")
    assert (await Gap.get(assistant_id=assistant.id)).status == GapStatus.OPEN
    assert not await VerifiedAnswer.filter(assistant_id=assistant.id).exists()


async def _card(olga: Person, house: Core, *questions: str) -> int:
    """The morning message with these, the first asked most; its id."""
    assistant = await _has_been_here_for_days(olga)
    for place, question in enumerate(reversed(questions), 1):
        for _ in range(place):
            await record_gap(house, assistant.id, question)
    await _seen_to(olga)
    await _a_day_passes(olga)
    return (await olga.reads("Good morning!")).message_id


async def _replies(olga: Person, card: int, text: str) -> None:
    chat = {"id": olga.id, "type": "private"}
    await olga.sends(text=text, reply_to_message={"message_id": card, "date": 1, "chat": chat, "text": "…"})


async def test_a_reply_with_a_number_answers_and_dismissed_questions_are_shown_as_that(
    house: Core, writes_to_admin_bot: MakePerson
) -> None:
    async with _admin_bot(house):
        olga = await started(writes_to_admin_bot())
        card = await _card(olga, house, "Do you sell cups?", "Is the moon cheese?", "Where do I park?")
        await _replies(olga, card, "Perhaps.")
        await olga.reads("Which question is that for?")
        await _replies(olga, card, "1")
        await olga.reads("Question: Do you sell cups?")
        await olga.says("Yes, six kinds.")
        await olga.reads("Remembered")
        await olga.presses("2: dismiss")
        await olga.reads("Dismissed: “Is the moon cheese?”")
        await olga.reads("✖️ 2. Is the moon cheese?")
        await _replies(olga, card, "In our own yard.")

        parking = VerifiedAnswer.filter(assistant_id=(await assistant_of_person(olga)).id, question="Where do I park?")

        async def all_done() -> bool:
            return [one.answer for one in await parking.all()] == ["In our own yard."]

        await until(all_done)
        shown = await olga.reads("✅ 3. Where do I park?")
        assert "✅ 1. Do you sell cups?" in shown.text
        assert not [one for one in shown.buttons if "answer" in one["text"]]
        await _replies(olga, card, "3. In the yard.")
        await olga.reads("This question has been answered already")
    assert await parking.count() == 1


async def test_an_owner_and_his_manager_answer_the_same_question(house: Core, writes_to_admin_bot: MakePerson) -> None:
    async with _admin_bot(house):
        olga, oleg = await started(writes_to_admin_bot()), await started(writes_to_admin_bot(), name="Tea School")
        assistant = await assistant_of_person(olga)
        await Membership.create(
            user=await User.get(telegram_id=oleg.id), tenant_id=assistant.tenant_id, role=Role.MANAGER
        )
        await _has_been_here_for_days(oleg)
        await _card(olga, house, "Do you sell cups?")
        await _seen_to(oleg)
        await _a_day_passes(oleg)
        assert "“Copper Kettle”" in (await oleg.reads("1. Do you sell cups?")).text, "his other business"
        for person in (olga, oleg):
            await person.presses("1: answer")
            await person.reads("Question: Do you sell cups?")
        await asyncio.gather(olga.says("Yes."), oleg.says("No."))

        async def each_was_told() -> bool:
            said = [shown.text for person in (olga, oleg) for shown in person.chat]
            return [sum(part in text for text in said) for part in ("Remembered", "has been answered already")] == [
                1,
                1,
            ]

        await until(each_was_told)
    assert await VerifiedAnswer.filter(assistant_id=assistant.id).count() == 1


async def test_who_does_not_want_it_is_left_alone_until_he_does(house: Core, writes_to_admin_bot: MakePerson) -> None:
    async with _admin_bot(house):
        olga = await started(writes_to_admin_bot())
        await _card(olga, house, "Do you sell cups?")
        await olga.presses("All questions: 1")
        await olga.reads("Questions to which “Copper Kettle” has no answer")
        await olga.presses("Not every morning")
        await olga.reads("no more questions in the mornings")
        assistant = await assistant_of_person(olga)
        await count_question(assistant.id, "Do you sell cups?")
        await _a_day_passes(olga)
        await asyncio.sleep(1.5)
        assert _mornings(olga) == 1
        await olga.presses("Tell me every morning")
        await olga.reads("(2 times)")
    assert _mornings(olga) == 2


async def test_an_operator_hears_of_no_questions_and_a_strangers_buttons_do_nothing(
    house: Core, writes_to_admin_bot: MakePerson
) -> None:
    async with _admin_bot(house):
        olga, eve = await started(writes_to_admin_bot()), await started(writes_to_admin_bot(), name="Tea School")
        assistant = await _has_been_here_for_days(eve)
        card = await _card(olga, house, "Do you sell cups?")
        await Membership.create(
            user=await User.get(telegram_id=eve.id),
            tenant_id=(await assistant_of_person(olga)).tenant_id,
            role=Role.OPERATOR,
        )
        gap = await Gap.get(question="Do you sell cups?", assistant_id=(await assistant_of_person(olga)).id)
        await eve.presses_data(card, f"p:morning.answer:{gap.id.hex}:0")
        await eve.reads("Only a manager or an owner can do this")
        await _a_day_passes(eve)
        await _seen_to(eve)
        await asyncio.sleep(0.3)
        assert _mornings(eve) == 0
        assert assistant.name == "Tea School"
        await Membership.filter(user__telegram_id=eve.id, role=Role.OPERATOR).delete()
        await eve.presses_data(card, f"p:morning.dismiss:{gap.id.hex}:0")
        await eve.reads("This button is out of date")
    assert (await Gap.get(id=gap.id)).status == GapStatus.OPEN
