"""Two buttons below an answer: a customer says whether it helped, once or anew, and takes it back."""

import pytest

from core.app import Core
from core.assistants import change_assistant
from core.models import Assistant, Message
from core.verified import add_verified_answer
from tests.conftest import MakeAssistant, MakeOwner
from tests.integration.conftest import Connect, MakeCustomer
from tests.telegram_server import Fault, Person, Shown, TelegramServer
from tests.waiting import until


@pytest.fixture
async def rosa(house: Core, assistant: MakeAssistant) -> Assistant:
    made = await assistant()
    await add_verified_answer(house, made, "Where is the shop?", "At 12 Mill Lane.")
    return made


@pytest.fixture
async def ann(bots: None, rosa: Assistant, connect: Connect, customer: MakeCustomer) -> Person:
    return customer(await connect(rosa))


async def answered(person: Person) -> Shown:
    await person.says("Where is the shop?")
    return await person.reads("At 12 Mill Lane.")


def labels(person: Person) -> list[str]:
    return [button["text"] for one in person.chat for button in one.buttons]


async def scored(rosa: Assistant, score: int) -> None:
    async def there() -> bool:
        answer = await Message.get(conversation__assistant_id=rosa.id, author="assistant")
        return answer.feedback_score == score

    await until(there)


async def test_what_he_presses_is_written_down_and_marked(rosa: Assistant, ann: Person) -> None:
    await answered(ann)
    assert labels(ann) == ["👍", "👎"]
    await ann.presses("👎")
    await scored(rosa, -1)
    await until(lambda: shows(ann, ["👍", "👎 ✓"]))
    await ann.presses("👍")
    await scored(rosa, 1)
    await until(lambda: shows(ann, ["👍 ✓", "👎"]))
    await ann.presses("👍 ✓")
    await scored(rosa, 0)
    await until(lambda: shows(ann, ["👍", "👎"]))
    said = [call.fields.get("text", "") for call in ann.server.calls if call.method == "answerCallbackQuery"]
    assert [text.partition("!")[0].partition(",")[0] for text in said] == ["Thank you", "Thank you", "All right"]


async def shows(person: Person, buttons: list[str]) -> bool:
    return labels(person) == buttons


async def test_nothing_is_asked_below_a_greeting_and_where_nothing_was_answered(ann: Person) -> None:
    await ann.says("/start")
    await ann.reads("Hello")
    await ann.says("Thank you!")
    await ann.reads_new()
    await ann.says("How far is it to the moon and back by bicycle?")
    await ann.reads("Our documents")
    assert not [one for one in labels(ann) if one[0] in "👍👎"]


async def test_an_owner_may_not_want_it(
    owner: MakeOwner, house: Core, bots: None, assistant: MakeAssistant, connect: Connect, customer: MakeCustomer
) -> None:
    anna = await owner()
    rosa = await assistant(anna)
    await add_verified_answer(house, rosa, "Where is the shop?", "At 12 Mill Lane.")
    await change_assistant(anna.actor, rosa, answer_policy={"feedback_buttons": False})
    ann = customer(await connect(rosa))
    await answered(ann)
    assert labels(ann) == []


async def test_a_stranger_cannot_rate_it_and_rubbish_changes_nothing(
    rosa: Assistant, ann: Person, telegram: TelegramServer
) -> None:
    shown = await answered(ann)
    data = shown.buttons[0]["callback_data"]
    eve = Person(telegram, ann.token)
    await eve.presses_data(shown.message_id, data)
    for rubbish in ("rate:", "rate:9:" + data[-32:], "rate:1:x", "rate:1:" + "0" * 32, "x"):
        await ann.presses_data(shown.message_id, rubbish)
    await ann.says("Where is the shop?")
    await until(lambda: answers(ann, 2))
    assert not await Message.filter(conversation__assistant_id=rosa.id, feedback_score__not_isnull=True).exists()


async def answers(person: Person, number: int) -> bool:
    return len([one for one in person.chat if "12 Mill Lane" in one.text]) == number


async def test_a_mark_that_telegram_refuses_loses_no_rating(
    rosa: Assistant, ann: Person, telegram: TelegramServer
) -> None:
    await answered(ann)
    telegram.faults.append(Fault("editMessageReplyMarkup", 400, "Bad Request: message can't be edited"))
    await ann.presses("👍")
    await scored(rosa, 1)
    await ann.says("Where is the shop?")
    await until(lambda: answers(ann, 2))
