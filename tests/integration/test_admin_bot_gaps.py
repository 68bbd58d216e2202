"""Questions that nobody could answer reach the owner, who answers or dismisses them by talking."""

from core.app import Core
from core.dialog import answer_message
from core.gaps import count_question, record_gap
from core.messages import Incoming
from core.models import Gap, GapStatus, NearMiss, VerifiedAnswer
from core.texts import Texts
from core.verified import add_verified_answer, find_verified
from tests.integration.conftest import MakePerson
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Person


async def _gap(question: str) -> GapStatus:
    return (await Gap.get(question=question)).status


async def test_an_owner_finds_unanswered_questions_and_answers_or_dismisses_them(olga: Person, house: Core) -> None:
    assistant = await assistant_of_person(olga)
    long = "Do you sell " + "very " * 200 + "old samovars of the gap test?"
    for _ in range(3):
        await record_gap(house, assistant.id, long)
    await record_gap(house, assistant.id, "Is the moon of the gap test made of cheese?")
    await olga.says("/menu")
    await olga.presses("Unanswered questions: 2")
    listed = await olga.reads("Questions to which “Copper Kettle” has no answer")
    assert "1. Do you sell very" in listed.text
    assert "(3 times)" in listed.text
    assert "2. Is the moon of the gap test made of cheese?" in listed.text

    await olga.presses("2: dismiss")
    await olga.reads("Dismissed: “Is the moon")
    await olga.presses("1: answer")
    await olga.reads("Question: Do you sell very")
    await olga.says("Two of them are left.")
    await olga.reads("Remembered")
    await olga.presses("Unanswered questions")
    await olga.reads("There are no unanswered questions")

    assert (await VerifiedAnswer.get(assistant_id=assistant.id)).answer == "Two of them are left."
    assert await _gap(long) == GapStatus.ANSWERED
    assert await _gap("Is the moon of the gap test made of cheese?") == GapStatus.DISMISSED


async def test_a_dismissed_question_stays_away_and_one_that_lost_its_answer_comes_back(
    olga: Person, house: Core
) -> None:
    assistant = await assistant_of_person(olga)
    for question, status in (("Lost answer?", GapStatus.ANSWERED), ("Who cares?", GapStatus.DISMISSED)):
        await record_gap(house, assistant.id, question)
        await Gap.filter(assistant_id=assistant.id, question=question).update(status=status)
        await record_gap(house, assistant.id, question)
    left = await Gap.filter(assistant_id=assistant.id, status=GapStatus.OPEN)

    assert [gap.question for gap in left] == ["Lost answer?"]


async def test_an_answer_belongs_to_the_assistant_that_was_asked(olga: Person, house: Core) -> None:
    kettle = await assistant_of_person(olga)
    await record_gap(house, kettle.id, "Whose question is this?")
    await olga.says("/menu")
    await olga.presses("Unanswered questions")
    shown = await olga.reads("1. Whose question is this?")
    answer = next(one["callback_data"] for one in shown.buttons if "answer" in one["text"])
    await olga.says("/menu")
    await olga.presses("Assistants")
    await olga.presses("New assistant")
    await olga.reads("What shall the new assistant be called?")
    await olga.says("Tea School")
    await olga.reads("“Tea School” is ready to learn")
    await olga.presses_data(shown.message_id, answer)
    await olga.reads("Question: Whose question is this?")
    await olga.says("The kettle's.")
    await olga.reads("Remembered")

    assert (await VerifiedAnswer.get(answer="The kettle's.")).assistant_id == kettle.id


async def test_a_button_about_another_owners_question_does_nothing(
    olga: Person, house: Core, writes_to_admin_bot: MakePerson
) -> None:
    assistant = await assistant_of_person(olga)
    await record_gap(house, assistant.id, "A question of Olga's customer?")
    gap = await Gap.get(assistant_id=assistant.id)
    ivan = await started(writes_to_admin_bot(), name="Tea School")
    menu = await ivan.reads("Tea School")
    for do in ("gap.answer", "gap.dismiss"):
        await ivan.presses_data(menu.message_id, f"p:{do}:{gap.id.hex}:0")
        await ivan.reads("This button is out of date")
    assert (await Gap.get(id=gap.id)).status == GapStatus.OPEN


async def test_an_owner_decides_about_a_near_miss_on_the_gap_itself(olga: Person, house: Core) -> None:
    assistant = await assistant_of_person(olga)
    await add_verified_answer(house, assistant, "Do you offer gift cards?", "Yes, at the till.")
    asked = "Can I buy a gift card from you?"
    await answer_message(house, Incoming(assistant.id, "test", "1", asked))
    await olga.says("/menu")
    await olga.presses("Unanswered questions: 1")
    shown = (await olga.reads(f"1. {asked}")).text
    assert "Looks like your ready answer to “Do you offer gift cards?” (Yes, at the till.)" in shown
    await olga.presses("1: yes")
    await olga.reads("gets that ready answer, too")

    reply = await answer_message(house, Incoming(assistant.id, "test", "2", asked))
    assert reply.text == "Yes, at the till."
    assert await _gap(asked) == GapStatus.ANSWERED


async def test_an_owner_decides_about_near_misses_beside_his_ready_answers(olga: Person, house: Core) -> None:
    assistant = await assistant_of_person(olga)
    await add_verified_answer(house, assistant, "What is the price of tea?", "Three euros.")
    await find_verified(house, assistant, "What is the price of coffee?")
    await find_verified(house, assistant, "What is the price of a cup of tea?")
    await olga.says("/menu")
    await olga.presses("Ready answers")
    await olga.presses("Similar questions: 2")
    shown = (await olga.reads("Customers of “Copper Kettle” asked these")).text
    numbers = {line.partition(". ")[2]: line.partition(".")[0] for line in shown.splitlines() if line[:1].isdigit()}
    await olga.presses(f"{numbers['What is the price of coffee?']}: no")
    await olga.reads("is another question. I will not ask again")
    await olga.presses("1: yes")
    await olga.reads("There is nothing to decide")

    assert await find_verified(house, assistant, "What is the price of coffee?") is None
    assert await find_verified(house, assistant, "What is the price of a cup of tea?")
    await olga.presses("Ready answers")
    await olga.reads("What is the price of tea? (and one other wording)")


async def test_an_owner_who_answers_a_group_sees_in_which_words_it_was_asked(olga: Person, house: Core) -> None:
    assistant = await assistant_of_person(olga)
    await record_gap(house, assistant.id, "Do you have parking?")
    gap = await Gap.get(assistant_id=assistant.id)
    await count_question(assistant.id, "Есть ли у вас парковка?", gap)
    await olga.says("/menu")
    await olga.presses("Unanswered questions: 1")
    await olga.presses("1: answer")
    assert "• Есть ли у вас парковка?" in (await olga.reads("Question: Do you have parking?")).text
    await olga.says("Behind the house.")
    await olga.reads("Remembered")

    assert (await VerifiedAnswer.get(answer="Behind the house.")).wordings == ["Есть ли у вас парковка?"]


async def test_a_button_about_another_owners_near_miss_does_nothing(
    olga: Person, house: Core, writes_to_admin_bot: MakePerson
) -> None:
    assistant = await assistant_of_person(olga)
    await add_verified_answer(house, assistant, "What is the price of tea?", "Three euros.")
    await find_verified(house, assistant, "What is the price of coffee?")
    near = await NearMiss.get(assistant_id=assistant.id)
    ivan = await started(writes_to_admin_bot(), name="Tea School")
    menu = await ivan.reads("Tea School")
    for do in ("near.yes", "near.no", "gap.near.yes", "gap.near.no"):
        await ivan.presses_data(menu.message_id, f"p:{do}:{near.id.hex}:0")
        await ivan.reads("This button is out of date")

    assert not (await NearMiss.get(id=near.id)).dismissed
    assert await find_verified(house, assistant, "What is the price of coffee?") is None


def test_russian_counts_how_often_a_question_was_asked_as_russians_do() -> None:
    said = [Texts().say("ru", "admin-gap-line", number=1, question="Где вы?", asked=n) for n in (1, 3, 5, 21)]

    assert said == ["1. Где вы?", "1. Где вы? (3 раза)", "1. Где вы? (5 раз)", "1. Где вы? (21 раз)"]
