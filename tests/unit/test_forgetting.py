"""An adapter that another process deleted leaves this one's servers, too (core/forgetting.py)."""

from pathlib import Path

import pytest

from core.forgetting import forget_gone
from core.llm.base import Adapter
from core.llm.fair import FairLanguageModel
from core.llm.openai import OpenAiLanguageModel
from core.models import AdapterStatus, Assistant, LoraAdapter, Tenant
from tests.language_models import ChatServer, ask, write_adapter_config


@pytest.mark.usefixtures("database")
async def test_what_is_deleted_or_taken_back_elsewhere_is_unloaded_here_and_what_serves_is_not(tmp_path: Path) -> None:
    rosa = await Assistant.create(tenant=await Tenant.create(name="Shop"), name="Rosa")
    states = (AdapterStatus.COMPLETED, AdapterStatus.EVALUATING, AdapterStatus.REJECTED, AdapterStatus.COMPLETED)
    rows = [await LoraAdapter.create(assistant=rosa, base_model_name="tiny", status=state) for state in states]
    serves, judged, refused, deleted = (str(row.id) for row in rows)
    async with ChatServer().running() as server:
        model = FairLanguageModel(await OpenAiLanguageModel.open(server.url, "tiny"))
        try:
            await forget_gone(model)
            for one in (serves, judged, refused, deleted):
                folder = write_adapter_config(tmp_path / one, base_model_name_or_path="tiny").folder
                await ask(model, "Hello?", adapter=Adapter(one, folder))
            await rows[-1].delete()
            for _ in range(2):
                await forget_gone(model)
            unloaded = [load["lora_name"] for load in server.loads if "lora_path" not in load]
        finally:
            await model.close()
    assert sorted(unloaded) == sorted([refused, deleted]), "and each once"
    assert model.adapters == {serves, judged}
