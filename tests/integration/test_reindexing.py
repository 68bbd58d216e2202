"""Another embedding model: the old index answers until the new one is complete, whatever happens in between."""

import os
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.accounts import user_of_telegram
from core.app import Core, open_core
from core.assistant_index import answering_index
from core.assistants import create_assistant
from core.embeddings.openvino import NAME as BUNDLED
from core.models import Assistant, Document, Job, JobStatus, PassageRow
from core.receiving import receive_text
from core.reindexing import queue_stale_indexes
from core.retrieval import find_passages
from core.settings import Settings
from core.tenancy import actor_of
from core.verified import add_verified_answer, find_verified
from core.words import terms_of
from tests.contracts.embeddings_server import EmbeddingsServer, embeddings_server
from tests.empty_database import lay_down_database
from tests.subprocesses import start_python
from tests.waiting import until
from workers.role import do_job

QUESTION = "How long is the warranty on a kettle?"
PRICES = "\n\n".join(f"The kettle of model K{n} costs {n} euros and weighs {n + 5} grams. " * 3 for n in range(150))


@pytest.fixture
async def server() -> AsyncIterator[EmbeddingsServer]:
    async with embeddings_server() as running:
        yield running


@pytest.fixture
def bundled(tmp_path: Path, models_dir: Path) -> Settings:
    """The bundled embedding model; the language model is of no interest here."""
    return Settings(
        _env_file=None,
        data_dir=lay_down_database(tmp_path / "var"),
        models_dir=models_dir,
        llm_url="http://127.0.0.1:9/v1",
        llm_model="none",
    )


@pytest.fixture
def changed(bundled: Settings, server: EmbeddingsServer) -> Settings:
    return bundled.model_copy(update={"embeddings_url": server.url, "embeddings_model": server.model})


async def make_rosa(core: Core) -> Assistant:
    rosa = await create_assistant(core, await actor_of((await user_of_telegram(1, "Shop", "en")).id), "Rosa")
    await learn(core, rosa, "Warranty", "The warranty on every electric kettle is 24 months from the day of purchase.")
    await add_verified_answer(core, rosa, "Do you repair kettles?", "Yes, every Tuesday.")
    return await Assistant.get(id=rosa.id)


async def learn(core: Core, assistant: Assistant, title: str, text: str) -> Document:
    document = await receive_text(core, assistant, title, text)
    await do_job(core, (await Job.get(subject_id=document.id)).id)
    return await Document.get(id=document.id)


async def _anew(core: Core) -> Job:
    await queue_stale_indexes(core)
    return await Job.get(kind="index_anew")


async def _answers(core: Core, assistant: Assistant) -> tuple[str, str, str]:
    """The model whose index answers, the best passage's text, the owner's own answer."""
    index = await answering_index(core, assistant.id)
    passages = await find_passages(core, assistant.id, QUESTION)
    verified = await find_verified(core, assistant, "Do you repair kettles?")
    return index.model.rpartition(":")[0], passages[0].text if passages else "", verified.answer if verified else ""


async def test_the_old_index_answers_until_the_new_one_is_complete(
    bundled: Settings, changed: Settings, server: EmbeddingsServer
) -> None:
    async with open_core(bundled) as core:
        rosa = await make_rosa(core)
        before = await _answers(core, rosa)
        assert rosa.index_model == f"{BUNDLED}:384"
        assert await queue_stale_indexes(core) == 0
    assert (before[0], before[2]) == (BUNDLED, "Yes, every Tuesday.")
    assert "24 months" in before[1]

    async with open_core(changed) as core:
        assert await _answers(core, rosa) == before
        job = await _anew(core)
        await queue_stale_indexes(core)
        assert await Job.filter(kind="index_anew").count() == 1, "a second start must not do it twice"
        await learn(core, rosa, "Parking", "The car park behind the shop closes at nine.")
        parking = await find_passages(core, rosa.id, "When does the car park close?")
        assert "closes at nine" in parking[0].text, "what is learnt meanwhile is found at once"

        await do_job(core, job.id)
        rosa = await Assistant.get(id=rosa.id)
        assert await _answers(core, rosa) == (server.model, before[1], before[2])
        assert rosa.index_model == f"{server.model}:64 {server.url}"
        assert "closes at nine" in (await find_passages(core, rosa.id, "When does the car park close?"))[0].text
        assert await queue_stale_indexes(core) == 0
        assert not await core.vectors.has(rosa.id, model=f"{BUNDLED}:384"), "the old index must go"


_LEARN_THEN_CHANGE = """
import asyncio
from core.app import open_core
from core.settings import Settings
from tests.integration.test_reindexing import PRICES, learn, make_rosa
from workers.role import run

async def main():
    async with open_core(Settings(_env_file=None, embeddings_url="", embeddings_model="")) as core:
        await learn(core, await make_rosa(core), "Prices", PRICES)
    async with open_core(Settings(_env_file=None)) as core:
        await run(core)

asyncio.run(main())
"""


async def test_killed_in_the_middle_it_finishes_later_and_nothing_is_doubled(
    changed: Settings, server: EmbeddingsServer, tmp_path: Path
) -> None:
    environment = {name: getattr(changed, name) for name in changed.model_fields_set if not name.startswith("_")}
    server.answers = 2  # "ready" and one batch
    worker = await start_python(["-c", _LEARN_THEN_CHANGE], tmp_path, tmp_path / "worker.log", **environment)

    async def in_the_middle() -> bool:
        assert worker.returncode is None, (tmp_path / "worker.log").read_text()[-3000:]
        return len(server.requests) > 2

    await until(in_the_middle, 60)
    os.kill(worker.pid, signal.SIGKILL)
    await worker.wait()
    server.answers = 1_000_000

    async with open_core(changed) as core:
        rosa = await Assistant.get(name="Rosa")
        assert await PassageRow.filter(assistant_id=rosa.id).count() > 40
        assert (await _answers(core, rosa))[0] == BUNDLED
        await Job.filter(kind="index_anew").update(lease_until=datetime.now(UTC) - timedelta(minutes=1))
        job = await _anew(core)
        assert job.status == JobStatus.RUNNING
        await do_job(core, job.id)
        assert (await Job.get(id=job.id)).status == JobStatus.DONE
        name, passage, own = await _answers(core, rosa)
        assert (name, own) == (server.model, "Yes, every Tuesday.")
        assert "24 months" in passage
        rows = {row.id for row in await PassageRow.filter(assistant_id=rosa.id)}
        hits = await core.vectors.search(rosa.id, await core.embedder.embed_query("kettle"), terms_of("kettle"), 2000)
        assert sorted(hit.id for hit in hits) == sorted(rows)


async def test_while_the_earlier_model_is_away_words_answer(
    bundled: Settings, changed: Settings, server: EmbeddingsServer
) -> None:
    async with open_core(changed) as core:
        rosa = await make_rosa(core)
    server.refusals = [(500, {})] * 1000

    async with open_core(bundled) as core:
        index = await answering_index(core, rosa.id)
        assert (index.model.rpartition(":")[0], index.embedder) == (server.model, None)
        assert "24 months" in (await _answers(core, rosa))[1]
        await learn(core, rosa, "Parking", "The car park behind the shop closes at nine.")
        assert "closes at nine" in (await find_passages(core, rosa.id, "When does the car park close?"))[0].text
        await do_job(core, (await _anew(core)).id)
        assert (await _answers(core, rosa))[0] == BUNDLED


async def test_an_index_whose_file_was_lost_is_made_anew(bundled: Settings) -> None:
    async with open_core(bundled) as core:
        rosa = await make_rosa(core)
        before = await _answers(core, rosa)
        await core.vectors.drop(rosa.id)
        await do_job(core, (await _anew(core)).id)
        assert await _answers(core, rosa) == before
