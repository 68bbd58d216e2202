"""The Monday letter: once a week, at nine where the business is, with a button for each of the worst gaps."""

from datetime import UTC, datetime, timedelta

import pytest

from admin_bot.letters import Letters
from admin_bot.role import run
from core.app import Core
from core.gaps import count_question
from core.letters import is_due_somewhere, week_due
from core.models import Assistant, BotState, Gap, GapStatus, Membership, Role, User, VerifiedAnswer
from core.telegram.connection import open_bot
from core.telegram.outbound import Outbound
from tests.integration.conftest import QUICK, MakePerson, running
from tests.integration.counted import said_to
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Fault, Person
from tests.waiting import until

pytestmark = pytest.mark.timeout(240)
MONDAY = datetime(2031, 1, 6, 9, 5, tzinfo=UTC)
"""Far from whatever other tests have said."""
WORDS = {
    "English": (
        "Good morning! This is how the week went.", "Last week 1 customer asked 2 questions in 1 conversation. 1 got",
        "The most frequent questions have no answer", "1. Do you buy old kettles? (4 times)",
        "1: answer", "Question: Do you buy old kettles?", "Remembered",
        "No more Monday letters", "no more letters on Mondays", "Write to me on Mondays",
        "On Mondays at 9 in the morning", "This question has an answer by now",
    ),
    "Русский": (
        "Доброе утро! Вот как прошла неделя.", "За прошлую неделю 1 клиент задал 2 вопроса в 1 разговоре. Ответ",
        "Самые частые вопросы остались без ответа", "1. Do you buy old kettles? (4 раза)",
        "1: ответить", "Вопрос: Do you buy old kettles?", "Запомнил",
        "Без писем по понедельникам", "писем по понедельникам больше не будет", "Присылать по понедельникам",
        "По понедельникам в 9 утра", "На этот вопрос ответ уже есть",
    ),
}  # fmt: skip


def _letters_of(person: Person, greeting: str = "Good morning! This is how the week went.") -> list[str]:
    return [one.text for one in person.chat if greeting in one.text]


async def _week_of(assistant: Assistant, monday: datetime = MONDAY) -> None:
    thursday = monday - timedelta(days=4)
    turns = ("Do you deliver?", "quoted", ""), ("Do you buy old kettles?", "refused", "no")
    await said_to(assistant, "vera", *turns, at=thursday, seconds=0.4)
    for question, times in (("Do you buy old kettles?", 4), ("Is it art?", 3), ("Why?", 2), ("Not among them?", 1)):
        for _ in range(times):
            await count_question(assistant.id, question)


async def _look(house: Core, now: datetime) -> None:
    token = house.settings.admin_bot_token
    assert token
    async with open_bot(house.settings.telegram_api_url, token.get_secret_value()) as bot:
        await Letters(house, Outbound(bot, house.background, QUICK, give_up_s=0.1), bot.id).look(now)


@pytest.mark.parametrize("language", WORDS)
async def test_a_letter_comes_on_monday_and_its_buttons_answer_the_worst_gaps(
    house: Core, writes_to_admin_bot: MakePerson, language: str
) -> None:
    (
        greeting, told, gaps, worst, answer, question, remembered, off, told_off, on, told_on, already,
    ) = WORDS[language]  # fmt: skip
    async with running(house, run(house, 0.1, QUICK, clock=lambda: MONDAY - timedelta(days=3))):
        olga = await started(writes_to_admin_bot(), language)
        kettle = await assistant_of_person(olga)
        await _week_of(kettle)
        assert _letters_of(olga, greeting) == []
    async with running(house, run(house, 0.1, QUICK, clock=lambda: MONDAY)):
        letter = await olga.reads(greeting)
        for part in (told, gaps, worst, "2. Is it art?", "3. Why?"):
            assert part in letter.text
        assert "Not among them?" not in letter.text
        assert len([one for one in letter.buttons if ": " in one["text"]]) == 3
        assert len(olga.server.calls_of("sendPhoto", olga.id)) == 1
        await olga.presses(answer)
        await olga.reads(question)
        await olga.says("Yes, on Fridays.")
        await olga.reads(remembered)
    assert (await VerifiedAnswer.get(assistant_id=kettle.id)).answer == "Yes, on Fridays."
    assert (await Gap.get(assistant_id=kettle.id, asked=4)).status == GapStatus.ANSWERED

    async with running(house, run(house, 0.1, QUICK, clock=lambda: MONDAY + timedelta(hours=1))):
        await olga.presses_data(letter.message_id, letter.buttons[0]["callback_data"])
        await olga.reads(already)
        await olga.presses(off)
        await olga.reads(told_off)
        assert len(_letters_of(olga, greeting)) == 1, "a restart sends none again"
    next_monday = MONDAY + timedelta(days=7)
    await _week_of(kettle, next_monday)
    await _look(house, next_monday)
    assert len(_letters_of(olga, greeting)) == 1, "he wants none"
    async with running(house, run(house, 0.1, QUICK, clock=lambda: MONDAY)):
        await olga.presses(on)
        await olga.reads(told_on)
    await _look(house, next_monday)
    assert len(_letters_of(olga, greeting)) == 2


async def test_only_who_decides_gets_a_letter_and_only_when_something_was_asked(
    olga: Person, house: Core, writes_to_admin_bot: MakePerson
) -> None:
    monday = MONDAY + timedelta(days=70)
    clara, boris = await started(writes_to_admin_bot(), name="Clara’s Cakes"), await started(writes_to_admin_bot())
    kettle = await assistant_of_person(olga)
    await _week_of(kettle, monday)
    for person, role in ((boris, Role.OPERATOR), (clara, Role.MANAGER)):
        await Membership.create(user=await User.get(telegram_id=person.id), tenant_id=kettle.tenant_id, role=role)
    await _look(house, monday)

    assert [len(_letters_of(one)) for one in (olga, boris, clara)] == [1, 0, 1]
    [letter] = [one for one in clara.chat if "Good morning" in one.text]
    await clara.presses_data(letter.message_id, letter.buttons[0]["callback_data"])
    await clara.reads("Question: Do you buy old kettles?")
    await clara.says("Yes, of another business of mine.")
    await clara.reads("Remembered")
    assert await VerifiedAnswer.filter(assistant_id=kettle.id).count() == 1
    await boris.presses_data(boris.chat[-1].message_id, letter.buttons[1]["callback_data"])
    await boris.reads("Only a manager or an owner can do this")
    stranger = await started(writes_to_admin_bot(), name="Tea School")
    for number in (0, 3):
        await stranger.presses_data(stranger.chat[-1].message_id, letter.buttons[number]["callback_data"])
        await stranger.reads("This button is out of date")
    await clara.presses_data(letter.message_id, letter.buttons[3]["callback_data"])
    await clara.reads("“Copper Kettle”")
    assert _letters_of(clara), "the letter stays"


async def test_what_telegram_did_not_take_is_sent_once_it_does(olga: Person, house: Core) -> None:
    monday = MONDAY + timedelta(days=140)
    await _week_of(await assistant_of_person(olga), monday)
    olga.server.faults.append(Fault("sendMessage", 500, "Internal Server Error", chat_id=olga.id, times=50))
    await _look(house, monday)
    assert _letters_of(olga) == []
    olga.server.faults.clear()
    await _look(house, monday + timedelta(minutes=1))
    await _look(house, monday + timedelta(minutes=2))
    assert len(_letters_of(olga)) == 1
    taken = [one for one in olga.server.calls_of("sendPhoto", olga.id) if not one.refused]
    assert len(taken) == 1, "the picture came the first time"


async def test_it_is_nine_where_the_business_is(olga: Person, house: Core) -> None:
    monday = MONDAY + timedelta(days=210)
    kettle = await assistant_of_person(olga)
    kettle.answer_policy = {"working_hours": {"time_zone": "Asia/Vladivostok"}}
    await kettle.save()
    await _week_of(kettle, monday)
    await _look(house, datetime(monday.year, monday.month, monday.day, tzinfo=UTC) - timedelta(hours=1, minutes=1))
    assert _letters_of(olga) == []
    await _look(house, datetime(monday.year, monday.month, monday.day, tzinfo=UTC) - timedelta(minutes=59))
    assert len(_letters_of(olga)) == 1


async def test_a_letter_that_another_process_sends_is_not_sent_again(olga: Person, house: Core) -> None:
    monday = MONDAY + timedelta(days=280)
    kettle = await assistant_of_person(olga)
    await _week_of(kettle, monday)
    token = house.settings.admin_bot_token
    assert token
    bot_id = token.get_secret_value().partition(":")[0]
    key = f"letter:{bot_id}:{kettle.tenant_id}:{monday.date()}:{olga.id}"
    await BotState.create(key=key, state="sending")
    await _look(house, monday)
    assert _letters_of(olga) == []


def test_letters_are_due_for_two_days_from_monday_morning() -> None:
    monday = MONDAY.replace(hour=0, minute=0)
    assert week_due(monday + timedelta(hours=8, minutes=59), "UTC") is None
    assert week_due(monday + timedelta(hours=9), "UTC") == monday.date()
    assert week_due(monday + timedelta(days=2, hours=8), "UTC") == monday.date()
    assert week_due(monday + timedelta(days=2, hours=9), "UTC") is None
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12", "Europe/Moscow"):
        for hour in range(7 * 24):
            moment = monday + timedelta(hours=hour)
            assert is_due_somewhere(moment) or week_due(moment, zone) is None


async def test_a_closed_chat_holds_up_nobody(olga: Person, house: Core) -> None:
    monday = MONDAY + timedelta(days=350)
    kettle = await assistant_of_person(olga)
    await _week_of(kettle, monday)
    fault = Fault("sendPhoto", 403, "Forbidden: bot was blocked by the user", chat_id=olga.id, times=1)
    olga.server.faults.append(fault)
    await _look(house, monday)
    await _look(house, monday + timedelta(minutes=1))

    async def done() -> bool:
        return await BotState.filter(key__endswith=f":{monday.date()}:{olga.id}", state="done").exists()

    await until(done)
    assert _letters_of(olga) == []
