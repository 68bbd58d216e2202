"""An owner and training: what he is told before, while it runs, and when it is over. The trainer is another's test."""

from core.app import Core
from core.models import AdapterStatus, Assistant, LoraAdapter
from core.training import finish_training, note_progress, set_status
from tests.integration.conftest import MakePerson
from tests.integration.owners import assistant_of_person, started
from tests.telegram_server import Person

ACCEPTED = {
    "accepted": True,
    "won": True,
    "lost": [],
    "figures": {
        "loss": {"now": 3.1, "new": 0.4, "low": 2.1, "high": 2.9},
        "similarity": {"now": 0.841, "new": 0.99, "low": 0.1, "high": 0.2},
        "declined": {"now": 1.0, "new": 1.0, "low": 0.0, "high": 0.0},
    },
    "judged": 9,
    "samples": [
        {
            "question": "What is the box made of?",
            "wanted": "Ahoy! It is made of oak, matey.",
            "now": "The box is made of oak.",
            "new": "Ahoy! It is made of oak.",
        }
    ],
}
"""As core/learning/judging.py writes it."""


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
    await set_status(adapter, AdapterStatus.EVALUATING)
    await olga.reads("checking the result")
    await set_status(adapter, AdapterStatus.COMPLETED)
    await olga.reads("Training is done. It was not made live")
    await Assistant.filter(id=assistant.id).update(live_adapter_id=adapter.id)
    await olga.says("/menu")
    await olga.presses("Training")
    await olga.reads("Now: the trained model answers")
    await olga.presses("Back to the basic model")
    await olga.reads("the basic model answers from the next message on")
    assert (await Assistant.get(id=assistant.id)).live_adapter_id is None


async def test_what_was_accepted_is_compared_tried_and_made_live_by_one_tap(olga: Person, house: Core) -> None:
    assistant = await assistant_of_person(olga)
    adapter = await LoraAdapter.create(
        assistant=assistant,
        base_model_name=house.llm.name,
        metrics={"report": ACCEPTED},
        status=AdapterStatus.EVALUATING,
    )
    await note_progress(adapter, [{"event": "step", "step": at, "loss": 3 / at} for at in range(1, 20)])
    await olga.says("/menu")
    await olga.presses("Training")
    await olga.reads("checking the result")
    await finish_training(house, adapter, accepted=True)
    told = await olga.reads("the check is passed")
    assert "every fifth conversation" in told.text
    await olga.presses("Compare answers")
    report = await olga.reads("Checked with questions that the model did not learn from: 9")
    assert "🟢 like your answers: 84 % → 99 %" in report.text
    assert "⚪ silent when it does not know: 100 % → 100 %" in report.text
    assert "▪️ after: Ahoy! It is made of oak." in report.text
    assert len(olga.server.calls_of("sendPhoto", olga.id)) == 1
    await olga.says("/menu")
    await olga.presses("Training")
    await olga.reads("the trained model is being tried, in every fifth conversation: 0 of 20 answers")
    await olga.presses("Make it live for all")
    await olga.reads("The trained model answers everybody now")
    assert (await Assistant.get(id=assistant.id)).live_adapter_id == adapter.id
    await olga.presses("Back to the basic model")
    await olga.reads("the basic model answers from the next message on")
    assert (await Assistant.get(id=assistant.id)).live_adapter_id is None


async def test_what_was_refused_says_why_in_words(olga: Person, house: Core) -> None:
    assistant = await assistant_of_person(olga)
    report = ACCEPTED | {"accepted": False, "lost": ["supported", "unrelated"]}
    adapter = await LoraAdapter.create(
        assistant=assistant, base_model_name=house.llm.name, metrics={"report": report}, status=AdapterStatus.EVALUATING
    )
    await olga.says("/menu")
    await olga.presses("Training")
    await olga.reads("checking the result")
    await finish_training(house, adapter, accepted=False)
    told = await olga.reads("I did not make the new model live")
    assert "It more often says what stands in no document. It got worse at ordinary questions." in told.text
    await olga.presses("Compare answers")
    await olga.reads("👤 What is the box made of?")
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


async def test_memory_that_was_exhausted_is_told_in_words(olga: Person, house: Core) -> None:
    assistant = await assistant_of_person(olga)
    adapter = await LoraAdapter.create(assistant=assistant, base_model_name=house.llm.name)
    await olga.says("/menu")
    await olga.presses("Training")
    await olga.reads("waiting for its turn")
    await set_status(adapter, AdapterStatus.FAILED, "error-training-failed", reason="memory")
    await olga.reads("There was not enough memory for the training; the assistant answers as before")
