"""What happened by itself is told to those who may decide about it: once, in their language, with what they can do."""

from datetime import UTC, datetime

import pytest

from core.app import Core
from core.learning.trials import LONGEST, end_trials
from core.models import (
    AdapterStatus,
    AdapterTrial,
    Assistant,
    Author,
    BotState,
    Contact,
    Conversation,
    LoraAdapter,
    Membership,
    Message,
    Role,
    User,
)
from core.training import finish_training
from tests.integration.conftest import MakePerson
from tests.integration.owners import assistant_of_person, started
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("admin_bot")


async def _on_trial(house: Core, assistant: Assistant, answers: int, disliked: int) -> LoraAdapter:
    adapter = await LoraAdapter.create(
        assistant=assistant, base_model_name=house.llm.name, status=AdapterStatus.EVALUATING
    )
    await finish_training(house, adapter, accepted=True)
    contact = await Contact.create(assistant=assistant, channel="web", key="vera")
    said = {"conversation": await Conversation.create(assistant=assistant, contact=contact), "author": Author.ASSISTANT}
    for number in range(answers):
        await Message.create(**said, text="x", adapter=adapter, feedback_score=-1 if number < disliked else None)
    return adapter


@pytest.mark.parametrize(
    ("language", "told", "back", "done"),
    [
        ("English", "Copper Kettle: the try-out of the trained model is over, after 3 answers. Customers did not mind",
         "Back to the basic model", "the basic model answers from the next message on"),
        ("Русский", "Copper Kettle: проба обученной модели закончена, она дала 3 ответа. Клиенты не против",
         "Вернуть базовую модель", "со следующего сообщения отвечает базовая модель"),
    ],
)  # fmt: skip
async def test_a_trial_that_ends_by_itself_is_told_with_a_way_back(
    house: Core, writes_to_admin_bot: MakePerson, language: str, told: str, back: str, done: str
) -> None:
    olga = await started(writes_to_admin_bot(), language)
    assistant = await assistant_of_person(olga)
    await _on_trial(house, assistant, 3, 0)
    await AdapterTrial.filter(assistant_id=assistant.id).update(created_at=datetime.now(UTC) - LONGEST)
    await end_trials()

    await olga.reads(told)
    await olga.presses(back)
    await olga.reads(done)
    assert (await Assistant.get(id=assistant.id)).live_adapter_id is None


async def test_a_trained_model_that_customers_dislike_is_taken_back_and_its_owner_told_once_and_no_operator(
    house: Core, writes_to_admin_bot: MakePerson
) -> None:
    olga, oleg = await started(writes_to_admin_bot()), await started(writes_to_admin_bot())
    assistant = await assistant_of_person(olga)
    colleague = await User.get(telegram_id=oleg.id)
    await Membership.create(user=colleague, tenant_id=assistant.tenant_id, role=Role.OPERATOR)
    adapter = await _on_trial(house, assistant, 8, 4)
    await end_trials()

    told = await olga.reads("customers disliked 4 of the 8 answers of the trained model. I took it back")
    assert [one.text for one in olga.chat if "took it back" in one.text] == [told.text]
    assert not [one for one in oleg.chat if "took it back" in one.text]
    await adapter.refresh_from_db()
    assert adapter.status == AdapterStatus.REJECTED

    async def written_down() -> bool:
        return await BotState.filter(key__startswith="news:", key__endswith=f":{olga.id}").count() == 1

    await until(written_down)
    await olga.presses("Compare answers")
    await olga.reads("This training has no comparison")
