"""What becomes of a job when things go wrong: an outage is waited out, a poisoned one given up, its owner told."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from core.app import Core, open_core
from core.document_state import describe_failure
from core.errors import Unavailable
from core.farewell import erase_assistant
from core.jobs import MAX_ATTEMPTS, claim_job
from core.models import Assistant, Document, DocumentStatus, Job, JobStatus, Site, SiteStatus
from core.receiving import receive_text
from core.settings import Settings
from core.tidying import tidy_indexes
from core.vectors import VectorStore
from core.verified import add_verified_answer, forget_verified_answer, verified_answers_of
from core.waiting import tell_going_on, tell_waiting
from tests.conftest import MakeAssistant, MakeOwner
from tests.contracts.embeddings_server import EmbeddingsServer, embeddings_server
from tests.integration.test_reindexing import make_rosa
from workers.role import _give_up, do_job


@pytest.fixture
async def server() -> AsyncIterator[EmbeddingsServer]:
    async with embeddings_server() as running:
        yield running


@pytest.fixture
async def served(settings: Settings, server: EmbeddingsServer) -> AsyncIterator[Core]:
    """A Core whose embeddings come from a server."""
    values = {"embeddings_url": server.url, "embeddings_model": server.model, "llm_url": "http://127.0.0.1:9/v1"}
    async with open_core(settings.model_copy(update={**values, "llm_model": "none"})) as opened:
        yield opened


async def _sent(core: Core, assistant: Assistant) -> tuple[Document, Job]:
    document = await receive_text(core, assistant, "Parking", "The car park behind the shop closes at nine.")
    return document, await Job.get(subject_id=document.id)


async def test_an_embeddings_server_that_restarts_costs_a_document_no_try(
    served: Core, server: EmbeddingsServer
) -> None:
    document, job = await _sent(served, await make_rosa(served))
    server.refusals = [(400, {})] * MAX_ATTEMPTS * 2  # refused at once, where a 500 would be tried again after a pause
    for _ in range(MAX_ATTEMPTS + 1):
        await do_job(served, job.id)
        await document.refresh_from_db()
        assert (document.status, document.error_code) == (DocumentStatus.UPLOADED, "document-waits")
        assert "every minute" in describe_failure(served, document, "en")
        await Job.filter(id=job.id).update(run_after=datetime.now(UTC) - timedelta(seconds=1))
    await job.refresh_from_db()
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 0)
    server.refusals = []
    await do_job(served, job.id)
    await document.refresh_from_db()
    await job.refresh_from_db()

    assert (document.status, document.error_code) == (DocumentStatus.INDEXED, "")
    assert job.status == JobStatus.DONE


async def test_an_outage_of_half_a_day_is_told_as_a_failure(served: Core, server: EmbeddingsServer) -> None:
    document, job = await _sent(served, await make_rosa(served))
    server.refusals = [(400, {})] * 4
    await Job.filter(id=job.id).update(waiting_since=datetime.now(UTC) - timedelta(hours=13))
    await do_job(served, job.id)
    await document.refresh_from_db()
    await job.refresh_from_db()

    assert (document.status, document.error_code) == (DocumentStatus.FAILED, "error-unexpected")
    assert job.status == JobStatus.FAILED


async def test_a_document_that_kills_every_worker_is_given_up_and_its_owner_told(
    core: Core, assistant: MakeAssistant
) -> None:
    document, job = await _sent(core, await assistant())
    await Document.filter(id=document.id).update(status=DocumentStatus.PROCESSING)
    for _ in range(MAX_ATTEMPTS):
        assert await claim_job(job.id)  # and then the worker dies
        await Job.filter(id=job.id).update(lease_until=datetime.now(UTC) - timedelta(seconds=1))
    await do_job(core, job.id)
    await document.refresh_from_db()
    await job.refresh_from_db()

    assert (document.status, document.error_code) == (DocumentStatus.FAILED, "error-unexpected")
    assert job.status == JobStatus.FAILED


async def test_the_owner_is_told_before_his_job_is_over(
    core: Core, assistant: MakeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker killed between the two leaves a job that the next worker ends once more, never a silent document."""
    document, job = await _sent(core, await assistant())
    await Job.filter(id=job.id).update(attempts=MAX_ATTEMPTS)

    async def killed(*_: object) -> None:
        raise SystemError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("workers.role.end_job", killed)
        await do_job(core, job.id)
    await document.refresh_from_db()
    assert document.status == DocumentStatus.FAILED
    await job.refresh_from_db()
    assert job.status == JobStatus.RUNNING
    await Job.filter(id=job.id).update(lease_until=datetime.now(UTC) - timedelta(seconds=1))
    await do_job(core, job.id)
    await job.refresh_from_db()
    assert job.status == JobStatus.FAILED


async def test_a_worker_whose_job_was_replaced_says_nothing_about_the_newer_one(
    core: Core, assistant: MakeAssistant
) -> None:
    document, job = await _sent(core, await assistant())
    await Job.filter(id=job.id).update(attempts=MAX_ATTEMPTS)
    claimed = await claim_job(job.id)
    assert claimed is not None
    await Job.filter(id=job.id).delete()
    await _give_up(claimed, "too late")
    await document.refresh_from_db()
    assert document.status == DocumentStatus.UPLOADED


async def test_a_site_that_waits_says_so_until_it_goes_on(core: Core, assistant: MakeAssistant) -> None:
    rosa = await assistant()
    site = await Site.create(assistant=rosa, url="https://a.example/", url_hash=uuid4().hex, status=SiteStatus.READING)
    await tell_waiting(site.id)
    await site.refresh_from_db()
    assert site.error_code == "document-waits"
    await tell_going_on(site.id)
    await site.refresh_from_db()
    assert site.error_code == ""


async def test_an_answer_that_cannot_be_made_findable_is_not_kept(served: Core, server: EmbeddingsServer) -> None:
    rosa = await make_rosa(served)
    server.refusals = [(400, {})]
    with pytest.raises(Unavailable):
        await add_verified_answer(served, rosa, "Are dogs welcome?", "Yes.")

    assert [row.question for row in await verified_answers_of(rosa)] == ["Do you repair kettles?"]


@pytest.fixture
async def without_milvus(core: Core, tmp_path: Path) -> Core:
    """A Core whose Milvus has gone away."""
    store = await VectorStore.open(str(tmp_path / "gone.db"), "", core.embedder.name, core.embedder.dimension)
    await store.close()
    store = VectorStore(store._client, core.embedder.name, core.embedder.dimension)
    with pytest.raises(Unavailable):
        await store.check()
    return replace(core, vectors=store)


async def test_deleting_is_done_at_once_though_milvus_is_away(
    core: Core, without_milvus: Core, owner: MakeOwner, assistant: MakeAssistant
) -> None:
    anna = await owner()
    rosa = await assistant(anna)
    answer = await add_verified_answer(core, rosa, "Are dogs welcome?", "Yes.")
    document, _ = await _sent(core, rosa)
    await forget_verified_answer(without_milvus, answer)
    assert await verified_answers_of(rosa) == []

    await erase_assistant(without_milvus, rosa.id)
    assert not await Assistant.filter(id=rosa.id).exists()
    assert not (core.settings.uploads_folder / document.file_path).exists()
    await tidy_indexes(core)
    assert not await core.vectors.has(rosa.id)
