"""A training's beginning and end, around the trainer: what is refused, and what a crash must not lose."""

from dataclasses import replace

import pytest

from core.app import Core
from core.errors import CannotTrain
from core.llm.openai import OpenAiLanguageModel
from core.models import AdapterStatus, Assistant, LoraAdapter
from core.training import folder_of, request_training
from core.training_set import gather_examples
from core.verified import add_verified_answer
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
    assert refusal.value.facts == {"base": "tiny", "trainable": "SmolLM2-135M-Instruct"}


async def test_an_adapter_whose_trainer_was_killed_before_it_could_say_done_goes_live(
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
    assert adapter.status == AdapterStatus.COMPLETED
    assert (await Assistant.get(id=rosa.id)).live_adapter_id == adapter.id


async def test_many_answers_in_a_language_that_the_model_does_not_write_hide_none_that_it_does(
    core: Core, assistant: MakeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.training_set.MOST", 3)
    monkeypatch.setattr("core.training_set._PART", 2)
    rosa = await assistant()
    for number in range(4):
        await add_verified_answer(core, rosa, f"Сколько стоит чай номер {number}?", f"Он стоит {number} рублей.")
    for number in range(4):
        await add_verified_answer(core, rosa, f"What does cup {number} cost?", f"Cup {number} costs {number} euros.")

    answers = [example.answer for example in await gather_examples(core, rosa)]

    assert answers == [f"Cup {number} costs {number} euros." for number in range(3)]
