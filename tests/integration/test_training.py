"""A training's beginning and end, around the trainer: what is refused, and what a crash must not lose."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.app import Core
from core.errors import CannotTrain
from core.learning.trials import ENOUGH_ANSWERS, LONGEST, end_trials, trial_of
from core.llm.openai import OpenAiLanguageModel
from core.models import AdapterStatus, AdapterTrial, Assistant, Author, Contact, Conversation, LoraAdapter, Message
from core.training import finish_training, folder_of, request_training, tidy_training, tidy_trainings
from tests.conftest import MakeAssistant
from tests.language_models import ChatServer
from workers.training import train_adapter


async def test_a_model_of_another_server_is_not_trained_here(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    async with ChatServer().running() as server:
        model = await OpenAiLanguageModel.open(server.url, "")
        try:
            with pytest.raises(CannotTrain) as refusal:
                await request_training(replace(core, llm=model), rosa)
        finally:
            await model.close()
    assert refusal.value.facts == {"base": "tiny"}


async def test_an_adapter_whose_trainer_was_killed_before_it_could_say_done_is_judged_and_unjudged_none_goes_live(
    core: Core, assistant: MakeAssistant
) -> None:
    rosa = await assistant()
    adapter = await LoraAdapter.create(
        assistant=rosa, base_model_name=core.llm.name, adapter_path=f"{rosa.id}/one", status=AdapterStatus.TRAINING
    )
    folder = folder_of(core, adapter)
    (folder / "adapter").mkdir(parents=True)
    (folder / "progress.jsonl").write_text('{"event": "step", "step": 40, "percent": 100}\n')

    await train_adapter(core, adapter.id)

    await adapter.refresh_from_db()
    assert adapter.status == AdapterStatus.REJECTED, "there is nothing by which it could have won"
    assert adapter.metrics["report"]["figures"] == {}
    assert (await Assistant.get(id=rosa.id)).live_adapter_id is None
    assert await trial_of(rosa) is None


@pytest.mark.parametrize(("status", "serves"), [(AdapterStatus.COMPLETED, True), (AdapterStatus.REJECTED, False)])
async def test_what_a_killed_process_left_of_an_ended_training_is_tidied_up(
    core: Core, assistant: MakeAssistant, status: AdapterStatus, serves: bool
) -> None:
    rosa = await assistant()
    ended, other = [
        await LoraAdapter.create(assistant=rosa, base_model_name=core.llm.name, status=one)
        for one in (status, AdapterStatus.TRAINING)
    ]
    for row in (ended, other):
        folder = folder_of(core, row)
        for part in ("adapter", "checkpoint"):
            (folder / part).mkdir(parents=True)
        for name in ("examples.jsonl", "judged.jsonl", "progress.jsonl", "adapter/adapter_model.safetensors"):
            (folder / name).touch()
    await train_adapter(core, ended.id)  # the job that nobody has ended

    left = {"progress.jsonl", "adapter"} if serves else {"progress.jsonl"}
    assert {file.name for file in folder_of(core, ended).iterdir()} == left
    await tidy_trainings(core)
    assert len(list(folder_of(core, other).iterdir())) == 5, "that one is under way"
    await LoraAdapter.filter(id=other.id).delete()
    await tidy_training(core, other)
    assert not folder_of(core, other).exists()


async def _tried(core: Core, rosa: Assistant, answers: int, disliked: int) -> LoraAdapter:
    """An accepted adapter that has answered, beside the base model, which nobody disliked."""
    adapter = await LoraAdapter.create(
        assistant=rosa, base_model_name=core.llm.name, adapter_path=f"{rosa.id}/one", status=AdapterStatus.EVALUATING
    )
    await finish_training(core, adapter, accepted=True)
    contact = await Contact.create(assistant=rosa, channel="web", key="vera")
    said = {"conversation": await Conversation.create(assistant=rosa, contact=contact), "author": Author.ASSISTANT}
    for number in range(answers):
        await Message.create(**said, text="x", adapter=adapter, feedback_score=-1 if number < disliked else None)
        await Message.create(**said, text="of the base model")
    return adapter


@pytest.mark.parametrize(
    ("answers", "disliked", "status", "ends"),
    [
        (ENOUGH_ANSWERS - 1, 0, AdapterStatus.COMPLETED, False),
        (ENOUGH_ANSWERS, 1, AdapterStatus.COMPLETED, True),
        (8, 4, AdapterStatus.REJECTED, True),
    ],
)
async def test_a_trial_ends_by_itself_live_or_taken_back(
    core: Core, assistant: MakeAssistant, answers: int, disliked: int, status: AdapterStatus, ends: bool
) -> None:
    rosa = await assistant()
    adapter = await _tried(core, rosa, answers, disliked)
    await end_trials()

    await adapter.refresh_from_db()
    assert adapter.status == status
    assert (await trial_of(rosa) is None) == ends
    live = (await Assistant.get(id=rosa.id)).live_adapter_id
    assert live == (adapter.id if ends and status == AdapterStatus.COMPLETED else None)


async def test_a_trial_that_few_take_part_in_ends_all_the_same(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    adapter = await _tried(core, rosa, 2, 0)
    await AdapterTrial.filter(assistant_id=rosa.id).update(created_at=datetime.now(UTC) - LONGEST)
    await end_trials()

    assert (await Assistant.get(id=rosa.id)).live_adapter_id == adapter.id
