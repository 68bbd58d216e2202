"""A paused site does not answer and is not read; used again, it answers from what was kept, also when it is down."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.app import Core
from core.changes import last_change_of
from core.crawling import start as site_start
from core.crawling.reading import read_site
from core.models import Assistant, Document, DocumentStatus, Job, JobStatus, PassageRow, Site, SiteStatus
from core.retrieval import find_passages
from core.site_pausing import pause_site, resume_site
from core.sites import add_site, change_site, forget_site, request_reading, start_due_readings
from core.undoing import undo
from tests.conftest import Owner
from tests.integration.site_readings import QUICK, Visit, visited
from tests.web_site import WebSite, web_site
from workers.role import do_job

PRICE = "A copper kettle of one litre costs 89 euros, with a wooden handle 95 euros."
REPAIR = "We repair kettles of every make within a week, tin lining included."
HOME = "The Copper Kettle is a small shop in the old town."


@pytest.fixture
async def web() -> AsyncIterator[WebSite]:
    async with web_site() as there:
        there.says("/", HOME, "/prices", "/repair", etag='"home"')
        there.says("/prices", PRICE, etag='"prices"')
        there.says("/repair", REPAIR)
        yield there


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site_start, "PATIENCE_S", (0.0, 0.0))


async def _knows(visit: Visit, text: str) -> bool:
    found = await find_passages(visit.core, visit.rosa.id, text)
    return any(text[:40] in passage.text for passage in found)


async def _work(core: Core, assistant: Assistant) -> None:
    """What waits to be indexed is."""
    for job in await Job.filter(assistant_id=assistant.id, status=JobStatus.QUEUED, kind__startswith="index"):
        await do_job(core, job.id)


async def test_a_paused_site_is_silent_and_answers_again_without_being_reached(
    core: Core, web: WebSite, rosa: Assistant, anna: Owner
) -> None:
    visit = await visited(core, web, rosa)
    before = {row.text for row in await PassageRow.filter(assistant_id=rosa.id)}
    await pause_site(core, visit.site, anna.actor)
    assert visit.site.status == SiteStatus.PAUSED
    assert not await PassageRow.filter(assistant_id=rosa.id).exists()
    assert not await _knows(visit, PRICE)
    assert {one.status for one in await Document.filter(assistant_id=rosa.id)} == {DocumentStatus.PAUSED}

    web.forgets()
    assert await resume_site(core, visit.site, anna.actor)
    assert visit.site.status == SiteStatus.DONE
    await _work(core, rosa)
    assert {row.text for row in await PassageRow.filter(assistant_id=rosa.id)} == before
    assert await _knows(visit, PRICE)
    assert {one.status for one in await Document.filter(assistant_id=rosa.id)} == {DocumentStatus.INDEXED}
    assert web.asked == [], "so it may as well be down"
    assert not await resume_site(core, visit.site, anna.actor), "it is used already"


async def test_pausing_and_using_again_are_taken_back(core: Core, web: WebSite, rosa: Assistant, anna: Owner) -> None:
    visit = await visited(core, web, rosa)
    await pause_site(core, visit.site, anna.actor)
    change = await last_change_of(visit.site.id)
    assert change
    await undo(core, anna.actor, change)
    await _work(core, rosa)
    assert await _knows(visit, REPAIR)

    change = await last_change_of(visit.site.id)
    assert change, "taking back is a change, too"
    await undo(core, anna.actor, change)
    assert (await Site.get(id=visit.site.id)).status == SiteStatus.PAUSED
    assert not await _knows(visit, REPAIR)


async def test_while_it_is_paused_no_schedule_reads_it(core: Core, web: WebSite, rosa: Assistant, anna: Owner) -> None:
    visit = await visited(core, web, rosa)
    await change_site(visit.site, every_hours=24, by=anna.actor)
    await pause_site(core, visit.site, anna.actor)
    await change_site(visit.site, every_hours=6, by=anna.actor)
    assert (await Site.get(id=visit.site.id)).next_reading_at is None
    assert await start_due_readings(core.queue) == 0
    await resume_site(core, visit.site, anna.actor)
    due = (await Site.get(id=visit.site.id)).next_reading_at
    assert due
    assert due > datetime.now(UTC) + timedelta(hours=5)


async def test_a_reading_under_way_ends_and_leaves_nothing_that_answers(
    core: Core, web: WebSite, rosa: Assistant, anna: Owner
) -> None:
    visit = await visited(core, web, rosa)
    await request_reading(core.queue, visit.site)
    await pause_site(core, visit.site, anna.actor)
    assert not await Job.filter(subject_id=visit.site.id, status=JobStatus.QUEUED).exists()
    await read_site(visit.core, visit.site.id, QUICK)
    assert not await PassageRow.filter(assistant_id=rosa.id).exists()


async def test_the_address_sent_again_is_used_and_read_again(
    core: Core, web: WebSite, rosa: Assistant, anna: Owner
) -> None:
    visit = await visited(core, web, rosa)
    await pause_site(core, visit.site, anna.actor)
    await add_site(visit.core, rosa, web.url + "/", by=anna.actor)
    await read_site(visit.core, visit.site.id, QUICK)
    await _work(core, rosa)
    await visit.refresh()
    assert visit.site.status == SiteStatus.DONE
    assert all([await _knows(visit, text) for text in (HOME, PRICE, REPAIR)])


async def test_what_another_site_says_too_goes_on_answering(
    core: Core, web: WebSite, rosa: Assistant, anna: Owner
) -> None:
    visit = await visited(core, web, rosa)
    other = await visited(core, web, rosa, "/prices", max_depth=0)
    await pause_site(core, visit.site, anna.actor)
    assert await _knows(other, PRICE)
    assert not await _knows(other, REPAIR)
    await pause_site(core, other.site, anna.actor)
    assert not await _knows(other, PRICE), "now nobody says it"


async def test_a_paused_site_that_was_deleted_comes_back_paused_and_is_read_when_used(
    core: Core, web: WebSite, rosa: Assistant, anna: Owner
) -> None:
    visit = await visited(core, web, rosa)
    await pause_site(core, visit.site, anna.actor)
    await forget_site(core, visit.site, anna.actor)
    change = await last_change_of(visit.site.id)
    assert change
    await undo(visit.core, anna.actor, change)
    site = await Site.get(id=visit.site.id)
    assert site.status == SiteStatus.PAUSED
    await resume_site(visit.core, site, anna.actor)
    await read_site(visit.core, site.id, QUICK)
    assert (await Site.get(id=site.id)).status == SiteStatus.DONE
    assert await _knows(visit, PRICE)


async def test_over_rest(core: Core, web: WebSite, rosa: Assistant, anna: Owner, api: Any) -> None:
    visit = await visited(core, web, rosa)
    place = f"/api/v1/assistants/{rosa.id}/sites/{visit.site.id}"
    paused = await api.post(f"{place}/pause", headers=anna.headers)
    assert (paused.status_code, (await paused.get_json())["status"]) == (200, "paused")
    used = await api.post(f"{place}/resume", headers=anna.headers)
    assert (used.status_code, (await used.get_json())["status"]) == (202, "done")
    again = await api.post(f"{place}/resume", headers=anna.headers)
    assert again.status_code == 409
