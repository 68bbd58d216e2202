"""An owner and training: what he is told before, while it runs, and when it is over. The trainer is another's test."""

from core.app import Core
from core.models import AdapterStatus, Assistant, LoraAdapter
from core.training import note_progress, set_status
from tests.integration.conftest import MakePerson
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Person


async def test_too_little_to_learn_from_is_told_before_a_training_starts(olga: Person) -> None:
    await olga.says("/menu")
    await olga.presses("Training")
    await olga.reads("Facts always come from the documents")
    await olga.presses("Start training")
    await olga.reads("There is too little to learn from")


async def test_a_training_is_followed_in_one_message_and_its_end_is_told(olga: Person, house: Core) -> None:
    """The trainer itself is another test's; here its rows change as it changes them."""
    assistant = await assistant_of_person(olga)
    adapter = await LoraAdapter.create(assistant=assistant, base_model_name=house.llm.name)
    await olga.says("/menu")
    await olga.presses("Training")
    told = await olga.reads("waiting for its turn")
    await set_status(adapter, AdapterStatus.TRAINING)
    await note_progress(adapter, [{"event": "step", "percent": 40, "eta_s": 130}])
    await olga.reads("Training: 40%, about 2 minutes left")
    assert told.edits >= 1
    await set_status(adapter, AdapterStatus.COMPLETED)
    await olga.reads("Training is done. It was not made live")
    await Assistant.filter(id=assistant.id).update(live_adapter_id=adapter.id)
    await olga.says("/menu")
    await olga.presses("Training")
    await olga.reads("Now: the trained model answers")
    await olga.presses("Back to the basic model")
    await olga.reads("the basic model answers from the next message on")
    assert (await Assistant.get(id=assistant.id)).live_adapter_id is None


async def test_a_training_is_stopped_by_a_button(olga: Person, house: Core) -> None:
    assistant = await assistant_of_person(olga)
    adapter = await LoraAdapter.create(assistant=assistant, base_model_name=house.llm.name)
    await olga.says("/menu")
    await olga.presses("Training")
    await olga.presses("Stop the training")
    await olga.reads("The training was stopped")
    assert (await LoraAdapter.get(id=adapter.id)).status == AdapterStatus.CANCELLED


async def test_where_the_model_does_not_write_the_owners_language_more_documents_are_not_asked_for(
    admin_bot: None, house: Core, writes_to_admin_bot: MakePerson
) -> None:
    assert house.llm.languages == {"en"}
    ivan = await started(writes_to_admin_bot("ru"), "Русский", "Чайная")
    await ivan.says("/menu")
    await ivan.presses("Обучение")
    await ivan.presses("Начать обучение")
    await ivan.reads("Модель этой установки пока не пишет по-русски")
