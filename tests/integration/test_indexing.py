"""From a stored file to passages that are found; and what a crash in the middle leaves: nothing that shows."""

import asyncio
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from core.app import Core
from core.document_state import describe_failure
from core.documents import passages_of
from core.indexing import index_document
from core.models import Document, DocumentStatus, Job, JobStatus
from core.retrieval import find_passages
from tests.conftest import MakeAssistant, Teach, send_copy
from tests.empty_database import lay_down_database
from tests.subprocesses import run_python, start_python
from tests.waiting import until


async def test_the_shops_documents_become_passages_that_are_found(
    core: Core, assistant: MakeAssistant, teach: Teach, shop_documents: list[Path]
) -> None:
    rosa = await assistant()
    documents = await teach(rosa, *shop_documents)

    assert {document.filename: document.status for document in documents} == {
        file.name: DocumentStatus.INDEXED for file in shop_documents
    }
    for document in documents:
        rows = await passages_of(document)
        assert [row.chunk_index for row in rows] == list(range(len(rows)))
        assert len(rows) == document.passage_count == document.passages_done > 0
        assert max(core.embedder.count_tokens([row.text for row in rows])) <= core.embedder.max_tokens
    pdf = next(document for document in documents if document.filename.endswith(".pdf"))
    assert pdf.page_count >= 1
    assert all(row.page for row in await passages_of(pdf))
    found = await find_passages(core, rosa.id, "How long is the warranty on an electric kettle?")
    assert "24 months" in found[0].text


async def test_an_owner_sees_a_document_move_from_uploaded_to_indexed(
    core: Core, assistant: MakeAssistant, shop_documents: list[Path]
) -> None:
    from workers.role import do_job

    rosa = await assistant()
    document = await send_copy(core, rosa, shop_documents[0])
    assert document.status == DocumentStatus.UPLOADED
    job = await Job.get(subject_id=document.id)
    seen: set[str] = set()

    async def watch() -> None:
        while True:
            seen.add((await Document.get(id=document.id)).status)
            await asyncio.sleep(0)

    watching = core.background.start(watch(), "watch")
    await do_job(core, job.id)
    watching.cancel()
    await document.refresh_from_db()
    await job.refresh_from_db()

    assert DocumentStatus.PROCESSING in seen
    assert document.status == DocumentStatus.INDEXED
    assert (job.status, job.lease_owner) == (JobStatus.DONE, None)


@pytest.mark.parametrize("locale", ["en", "ru"])
async def test_a_file_that_cannot_be_read_fails_with_a_sentence_for_its_owner(
    core: Core, assistant: MakeAssistant, teach: Teach, tmp_path: Path, locale: str
) -> None:
    from pypdf import PdfReader, PdfWriter
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(tmp_path / "open.pdf"))
    canvas.drawString(72, 720, "A secret price list that nobody may read.")
    canvas.save()
    writer = PdfWriter(clone_from=PdfReader(tmp_path / "open.pdf"))
    writer.encrypt("secret", algorithm="AES-256")
    writer.write(tmp_path / "locked.pdf")
    rosa = await assistant()
    (document,) = await teach(rosa, tmp_path / "locked.pdf")

    assert document.status == DocumentStatus.FAILED
    assert document.error_code == "error-document-locked"
    assert describe_failure(core, document, locale)
    assert (await Job.get(subject_id=document.id)).status == JobStatus.DONE


async def test_an_assistant_never_finds_what_another_one_knows(
    core: Core, assistant: MakeAssistant, teach: Teach, shop_documents: list[Path]
) -> None:
    rosa, stranger = await assistant(), await assistant()
    await teach(rosa, shop_documents[0])

    assert await find_passages(core, stranger.id, "How much does delivery cost?") == []


async def test_indexing_again_replaces_instead_of_doubling(
    core: Core, assistant: MakeAssistant, teach: Teach, shop_documents: list[Path]
) -> None:
    rosa = await assistant()
    (document,) = await teach(rosa, shop_documents[0])
    before = [row.id for row in await passages_of(document)]
    await index_document(core, document.id)

    assert [row.id for row in await passages_of(document)] == before
    vector = await core.embedder.embed_query("delivery")
    hits = await core.vectors.search(rosa.id, vector, "deliveri", 200)
    assert sorted(hit.id for hit in hits) == sorted(before)


async def test_a_version_that_says_what_another_document_says_leaves_that_ones_file(
    core: Core, assistant: MakeAssistant, teach: Teach, tmp_path: Path
) -> None:
    """Both files arrived at the same moment, so neither document was seen to have the other's content."""
    rosa = await assistant()
    (tmp_path / "a.txt").write_text("Breakfast is served from seven to ten.")
    (tmp_path / "b.txt").write_text("Dinner is served from six to nine.")
    one, other = await teach(rosa, tmp_path / "a.txt", tmp_path / "b.txt")
    await Document.filter(id=one.id).update(
        next_hash=other.content_hash, next_path=other.file_path, status=DocumentStatus.UPLOADED
    )
    await index_document(core, one.id)

    await one.refresh_from_db()
    assert (one.status, one.error_code) == (DocumentStatus.INDEXED, "error-document-twice")
    assert (core.settings.uploads_folder / other.file_path).exists()


_RECEIVE = """
import asyncio, sys
from pathlib import Path
from core.accounts import user_of_telegram
from core.app import open_core
from core.assistants import create_assistant
from core.receiving import receive_text
from core.settings import Settings
from core.tenancy import actor_of

async def main():
    async with open_core(Settings(_env_file=None)) as core:
        actor = await actor_of((await user_of_telegram(1, "Shop", "en")).id)
        rosa = await create_assistant(core, actor, "Rosa")
        text = "\\n\\n".join(f"Item {n}: the kettle of model K{n} costs {n + 100} euros and weighs {n + 5} grams. " * 3
                           for n in range(400))
        document = await receive_text(core, rosa, "Price list", text)
        print(rosa.id, document.id)

asyncio.run(main())
"""
_LOOK = """
import asyncio, sys
from uuid import UUID
from core.app import open_core
from core.models import Document, Job, PassageRow
from core.settings import Settings

async def main():
    async with open_core(Settings(_env_file=None)) as core:
        assistant_id, document_id = UUID(sys.argv[1]), UUID(sys.argv[2])
        document = await Document.get(id=document_id)
        rows = await PassageRow.filter(document_id=document_id).order_by("chunk_index")
        vector = await core.embedder.embed_query("kettle")
        hits = await core.vectors.search(assistant_id, vector, "kettl", 5000)
        jobs = await Job.all().values_list("status", "attempts")
        print(document.status, document.passage_count, len(rows), len({row.chunk_index for row in rows}),
              len(hits), {row.id for row in rows} == {hit.id for hit in hits}, *jobs[0], len(jobs))

asyncio.run(main())
"""


async def test_after_kill_9_in_the_middle_the_next_start_finishes_the_job_and_nothing_is_doubled(
    tmp_path: Path, models_dir: Path
) -> None:
    data_dir = await asyncio.to_thread(lay_down_database, tmp_path / "var")
    settings = {"data_dir": data_dir, "models_dir": models_dir, "log_level": "INFO"}
    assistant_id, document_id = (await run_python(_RECEIVE, **settings)).split()
    log = tmp_path / "worker.log"

    worker = await start_python(["-m", "workers"], tmp_path, log, **settings)
    await _wait_for_progress(tmp_path / "var", UUID(document_id), worker)
    os.kill(worker.pid, signal.SIGKILL)
    await worker.wait()
    await _let_the_lease_run_out(tmp_path / "var")

    worker = await start_python(["-m", "workers"], tmp_path, log, **settings)
    try:
        await _wait_until_indexed(tmp_path / "var", UUID(document_id))
    finally:
        worker.terminate()
        async with asyncio.timeout(20):
            status = await worker.wait()
        assert status == 0, log.read_text()[-3000:]
    said = (await run_python(_LOOK, assistant_id, document_id, **settings)).split()

    status, count, rows, places, hits, same, job, attempts, jobs = said
    assert (status, job, jobs) == ("indexed", "done", "1")
    assert int(attempts) >= 2
    assert int(count) > 50
    assert {rows, places, hits} == {count}
    assert same == "True"


async def _wait_for_progress(data_dir: Path, document_id: UUID, worker: asyncio.subprocess.Process) -> None:
    async def halfway() -> bool:
        assert worker.returncode is None, "the worker ended by itself"
        status, done = await _progress(data_dir, document_id)
        assert status != "indexed", "too fast: the document must be longer"
        return done > 0

    await until(halfway, timeout_s=60, every_s=0.02)


async def _wait_until_indexed(data_dir: Path, document_id: UUID) -> None:
    async def indexed() -> bool:
        status, _ = await _progress(data_dir, document_id)
        assert status != "failed"
        return status == "indexed"

    await until(indexed, timeout_s=120, every_s=0.2)


async def _let_the_lease_run_out(data_dir: Path) -> None:
    """As if the dead worker's twenty seconds had passed."""

    def write() -> None:
        with closing(sqlite3.connect(data_dir / "llmchatbot.sqlite3", timeout=10)) as database, database:
            assert database.execute("SELECT count(*) FROM jobs WHERE lease_until IS NOT NULL").fetchone() == (1,)
            database.execute("UPDATE jobs SET lease_until = '2000-01-01 00:00:00+00:00'")

    await asyncio.to_thread(write)


async def _progress(data_dir: Path, document_id: UUID) -> tuple[str, int]:
    """Read with SQLite itself, as the database belongs to another process."""

    def read() -> tuple[str, int]:
        with closing(sqlite3.connect(data_dir / "llmchatbot.sqlite3", timeout=10)) as database:
            row = database.execute(
                "SELECT status, passages_done FROM documents WHERE id = ?", (str(document_id),)
            ).fetchone()
        return row[0], row[1]

    return await asyncio.to_thread(read)
