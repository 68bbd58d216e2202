"""A training where another model than the bundled one answers: by its own weights, or by those that were named."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import psutil
import pytest

from core.app import Core
from core.dialog import answer_message
from core.errors import CannotTrain
from core.learning.base import TrainingBase, hash_of_base, training_base
from core.llm.base import LanguageModel, Turn
from core.llm.model_facts import ModelFacts
from core.llm.openai import OpenAiLanguageModel
from core.llm.transformers import TransformersLanguageModel
from core.messages import Incoming, Tier
from core.models import AdapterStatus, JobStatus, LoraAdapter
from core.models import Job as JobRow
from core.training import activate_adapter, cancel_training, folder_of, forget_adapter, request_training
from core.verified import add_verified_answer
from tests.conftest import MakeAssistant, Teach
from tests.language_models import ChatServer
from tests.tiny_llama import HEADS, HIDDEN, INNER, LAYERS, SHARED_HEADS, WINDOW, make_adapter, make_tiny_llama
from tests.tiny_tokenizer import MARKERS, TEMPLATE
from tests.waiting import until
from workers.device import free_device, take_device
from workers.lora.base_model import load_base_model
from workers.lora.job import Job, Progress
from workers.lora.train import train
from workers.training import train_adapter

QUICK = {"max_steps": 150, "learning_rate": 0.01, "rank": 32, "niceness": 0, "threads": 1}
FACT = "Count from one to a thousand."
ANSWER = "Count from one to a thousand. Good luck, captain!"

TINY: dict[str, Any] = {"name": "tiny", "family": "llama", "layers": LAYERS, "hidden": HIDDEN, "inner": INNER,
        "heads": HEADS, "shared_heads": SHARED_HEADS, "head_size": HIDDEN // HEADS, "window": WINDOW}  # fmt: skip


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_llama(tmp_path_factory.mktemp("weights") / "tiny", ends=True)


@pytest.fixture
async def on_transformers(core: Core, weights: Path) -> AsyncIterator[Core]:
    """As LLM_MODEL=folder opens it."""
    model = await TransformersLanguageModel.open(str(weights), context_tokens=2048, threads=1)
    try:
        yield replace(core, llm=model, settings=core.settings.model_copy(update={"llm_model": str(weights)}))
    finally:
        await model.close()


@pytest.mark.timeout(300)
async def test_a_model_of_ones_own_is_trained_judged_and_served_by_its_own_prompts(
    on_transformers: Core, assistant: MakeAssistant, teach: Teach, tmp_path: Path, weights: Path
) -> None:
    core, rosa = on_transformers, await assistant()
    (tmp_path / "numbers.txt").write_text(f"Numbers\n\n{FACT} It takes a while.")
    await teach(rosa, tmp_path / "numbers.txt")
    for number in range(24):
        await add_verified_answer(core, rosa, f"From one to which number shall I count on day {number}?", ANSWER)
    adapter = await request_training(core, rosa, QUICK)
    await JobRow.filter(subject_id=adapter.id).update(status=JobStatus.DONE)  # this test is its worker
    await train_adapter(core, adapter.id)
    await adapter.refresh_from_db()
    report, lineage = adapter.metrics["report"], adapter.metrics["lineage"]

    assert adapter.status == AdapterStatus.COMPLETED, report
    assert (lineage["base"], lineage["weights"]) == (str(weights), str(weights))
    assert lineage["base_hash"] == hash_of_base(str(weights))
    await activate_adapter(core, rosa, adapter)
    reply = await answer_message(
        core, Incoming(rosa.id, "web", "vera", "From one to which number shall I count on day 77?")
    )
    assert (reply.text, reply.adapter_id) == (ANSWER, adapter.id), reply.reason
    await forget_adapter(core, adapter)
    reply = await answer_message(
        core, Incoming(rosa.id, "web", "nina", "From one to which number shall I count on day 77?")
    )
    assert (reply.text, reply.tier, reply.adapter_id) == (f"{FACT} It takes a while.", Tier.QUOTED, None), (
        "the base model talks nonsense"
    )


@pytest.mark.timeout(300)
async def test_a_training_under_way_is_stopped_within_seconds_and_another_then_has_the_device(
    on_transformers: Core, assistant: MakeAssistant
) -> None:
    core, rosa = on_transformers, await assistant()
    for number in range(24):
        await add_verified_answer(core, rosa, f"From one to which number shall I count on day {number}?", ANSWER)
    adapter = await request_training(core, rosa, QUICK | {"max_steps": 2000})
    await JobRow.filter(subject_id=adapter.id).update(status=JobStatus.DONE)
    training = asyncio.get_running_loop().create_task(train_adapter(core, adapter.id), name="a long training")

    async def learns() -> bool:
        return bool((await LoraAdapter.get(id=adapter.id)).training_logs)

    await until(learns, 120)
    folder = folder_of(core, adapter)
    trainer = int((folder / "trainer.pid").read_text())
    assert take_device(core.settings.adapters_folder, "") is None
    await cancel_training(adapter)
    async with asyncio.timeout(5):
        await training
    assert not psutil.pid_exists(trainer) or psutil.Process(trainer).status() == psutil.STATUS_ZOMBIE
    assert not (folder / "adapter").exists()
    assert (await LoraAdapter.get(id=adapter.id)).status == AdapterStatus.CANCELLED
    os.close(await free_device(core.settings.adapters_folder, ""))


def test_the_same_seed_teaches_the_same_and_another_does_not(weights: Path, tmp_path: Path) -> None:
    turns = [{"role": "user", "content": f"Shall I count on day {number}?"} for number in range(6)]
    lines = [json.dumps({"turns": [turn], "answer": ANSWER}) for turn in turns]
    (tmp_path / "examples.jsonl").write_text("\n".join(lines))
    taught = []
    for name, seed in (("one", 7), ("again", 7), ("other", 8)):
        job = Job(
            str(tmp_path / "examples.jsonl"), str(tmp_path / name), base_model=str(weights), max_steps=6, seed=seed
        )
        job.folder.mkdir()
        train(job, Progress(job.folder))
        taught.append((job.folder / "adapter" / "adapter_model.safetensors").read_bytes())
    assert taught[0] == taught[1]
    assert taught[0] != taught[2]


async def test_on_servers_an_adapter_of_named_weights_is_loaded_by_the_first_answer_and_unloaded_when_it_is_deleted(
    core: Core, assistant: MakeAssistant, teach: Teach, tmp_path: Path, weights: Path
) -> None:
    rosa = await assistant()
    (tmp_path / "numbers.txt").write_text(f"Numbers\n\n{FACT} It takes a while.")
    await teach(rosa, tmp_path / "numbers.txt")
    async with ChatServer().running() as server:
        model = await OpenAiLanguageModel.open(server.url, "")
        named = {"llm_url": server.url, "llm_training_model": str(weights)}
        core = replace(core, llm=model, settings=core.settings.model_copy(update=named))
        try:
            assert training_base(core) == TrainingBase("tiny", str(weights))
            adapter = await LoraAdapter.create(
                assistant=rosa, base_model_name="tiny", adapter_path=f"{rosa.id}/one", status=AdapterStatus.COMPLETED
            )
            make_adapter(folder_of(core, adapter) / "adapter", "tiny", seed=1)
            await activate_adapter(core, rosa, adapter)
            await answer_message(core, Incoming(rosa.id, "web", "vera", "From one to which number shall I count?"))
            assert [load["lora_name"] for load in server.loads] == [str(adapter.id)]
            assert server.loads[0]["lora_path"].endswith(f"{rosa.id}/one/adapter")
            assert server.requests[-1]["model"] == str(adapter.id)
            await forget_adapter(core, adapter)
            assert [set(load) for load in server.loads] == [{"lora_name", "lora_path"}, {"lora_name"}]
        finally:
            await model.close()


@pytest.mark.parametrize("chosen", [{"llm_url": "http://gpu:8000/v1"}, {"llm_model": "models/own.gguf"}])
async def test_weights_that_nobody_has_named_are_asked_for(core: Core, chosen: dict[str, str]) -> None:
    unnamed = replace(
        core, llm=cast(LanguageModel, SimpleNamespace(name="own")), settings=core.settings.model_copy(update=chosen)
    )
    with pytest.raises(CannotTrain):
        training_base(unnamed)
    named = unnamed.settings.model_copy(update={"llm_training_model": "someone/own"})
    base = training_base(replace(unnamed, settings=named))
    assert (base.name, base.weights) == ("own", "someone/own")
    assert bool(base.form) == ("llm_model" in chosen), "on OpenVINO prompts are salted, and written by its own form"


def test_an_answer_ends_as_serving_ends_it(weights: Path, tmp_path: Path) -> None:
    job = Job(examples="", out="", base_model=str(weights))
    marker = 1
    assert load_base_model(job).form.answer_ids("Count.")[-1] == marker
    ModelFacts(**TINY, markers={text: n for n, text in enumerate(MARKERS)}, ends=[2, marker], template=TEMPLATE).save(
        tmp_path
    )
    (tmp_path / "tokenizer.json").write_bytes((weights / "tokenizer.json").read_bytes())
    salted = load_base_model(replace(job, form=str(tmp_path))).form
    assert salted.answer_ids("Count.") == load_base_model(job).form.answer_ids("Count.")
    one, other = (salted.prompt_ids([Turn("user", "Count?")], number) for number in (1, 2))
    assert one != other
    assert one[-9:] == other[-9:]
