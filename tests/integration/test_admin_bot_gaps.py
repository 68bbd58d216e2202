"""Questions that nobody could answer reach the owner, who answers or dismisses them by talking."""

from core.conversations import record_gap
from core.models import Gap, GapStatus, VerifiedAnswer
from core.texts import Texts
from tests.integration.conftest import MakePerson
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Person


async def _gap(question: str) -> GapStatus:
    return (await Gap.get(question=question)).status


async def test_an_owner_finds_unanswered_questions_and_answers_or_dismisses_them(olga: Person) -> None:
    assistant = await assistant_of_person(olga)
    long = "Do you sell " + "very " * 200 + "old samovars of the gap test?"
    for _ in range(3):
        await record_gap(assistant.id, long)
    await record_gap(assistant.id, "Is the moon of the gap test made of cheese?")
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


async def test_a_dismissed_question_stays_away_and_one_that_lost_its_answer_comes_back(olga: Person) -> None:
    assistant = await assistant_of_person(olga)
    for question, status in (("Lost answer?", GapStatus.ANSWERED), ("Who cares?", GapStatus.DISMISSED)):
        await record_gap(assistant.id, question)
        await Gap.filter(assistant_id=assistant.id, question=question).update(status=status)
        await record_gap(assistant.id, question)
    left = await Gap.filter(assistant_id=assistant.id, status=GapStatus.OPEN)

    assert [gap.question for gap in left] == ["Lost answer?"]


async def test_an_answer_belongs_to_the_assistant_that_was_asked(olga: Person) -> None:
    kettle = await assistant_of_person(olga)
    await record_gap(kettle.id, "Whose question is this?")
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
    olga: Person, writes_to_admin_bot: MakePerson
) -> None:
    assistant = await assistant_of_person(olga)
    await record_gap(assistant.id, "A question of Olga's customer?")
    gap = await Gap.get(assistant_id=assistant.id)
    ivan = await started(writes_to_admin_bot(), name="Tea School")
    menu = await ivan.reads("Tea School")
    for do in ("gap.answer", "gap.dismiss"):
        await ivan.presses_data(menu.message_id, f"p:{do}:{gap.id.hex}:0")
        await ivan.reads("This button is out of date")
    assert (await Gap.get(id=gap.id)).status == GapStatus.OPEN


def test_russian_counts_how_often_a_question_was_asked_as_russians_do() -> None:
    said = [Texts().say("ru", "admin-gap-line", number=1, question="Где вы?", asked=n) for n in (1, 3, 5, 21)]

    assert said == ["1. Где вы?", "1. Где вы? (3 раза)", "1. Где вы? (5 раз)", "1. Где вы? (21 раз)"]
