"""A training's beginning and end, around the trainer: what is refused, and what a crash must not lose."""

from dataclasses import replace

import pytest

from core.app import Core
from core.errors import CannotTrain
from core.llm.openai import OpenAiLanguageModel
from core.models import AdapterStatus, Assistant, LoraAdapter
from core.training import folder_of, request_training
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
