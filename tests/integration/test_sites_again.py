"""A site is read again: what changed is learnt, what did not is left alone, what disappeared is forgotten; and a site
that is down, a crash or an owner's "stop" costs nothing that is known."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from aiohttp import web as http

from core.app import Core
from core.crawling import reading as crawling
from core.crawling import start as site_start
from core.documents import documents_of, forget_document, passages_of
from core.models import Assistant, Document, Job, PassageRow, Site, SitePage
from core.retrieval import find_passages
from core.sites import add_site, cancel_site, change_site, forget_site, request_reading, sites_of, start_due_readings
from tests.conftest import MakeAssistant
from tests.integration.site_readings import QUICK, Visit, added, reaching, visited
from tests.waiting import until
from tests.web_site import Page, WebSite, article, web_site
from workers.role import do_job

PRICE = "A copper kettle of one litre costs 89 euros, with a wooden handle 95 euros."
NEW_PRICE = "A copper kettle of one litre costs 99 euros, with a wooden handle 105 euros."
REPAIR = "We repair kettles of every make within a week, tin lining included."
CLUB = "The tea club meets every second Thursday at seven in the back room."


@pytest.fixture
async def web() -> AsyncIterator[WebSite]:
    async with web_site() as there:
        there.says("/", "The Copper Kettle is a small shop in the old town.", "/prices", "/repair", etag='"home"')
        there.says("/prices", PRICE, etag='"prices-1"')
        there.says("/repair", REPAIR, "/club")
        there.says("/club", CLUB)
        yield there


@pytest.fixture
async def rosa(assistant: MakeAssistant) -> Assistant:
    return await assistant()


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A site that is down is asked thrice all the same, only without the seconds between."""
    monkeypatch.setattr(site_start, "PATIENCE_S", (0.0, 0.0))


async def knows(visit: Visit, text: str) -> bool:
    found = await find_passages(visit.core, visit.rosa.id, text)
    return any(text[:40] in passage.text for passage in found)


async def test_what_did_not_change_is_neither_sent_nor_embedded_again(
    core: Core, web: WebSite, rosa: Assistant
) -> None:
    visit = await visited(core, web, rosa)
    before = await PassageRow.filter(assistant_id=rosa.id).order_by("id").values("id", "created_at")
    await visit.again()

    assert set(visit.outcomes().values()) == {"unchanged"}
    assert web.unchanged == ["/", "/prices"], "pages with a validator are not even sent"
    assert "/club" in web.asked, "links of a page that was not sent are remembered"
    assert await PassageRow.filter(assistant_id=rosa.id).order_by("id").values("id", "created_at") == before
    assert (visit.site.pages_unchanged, visit.document.status) == (4, "indexed")


async def test_a_changed_page_says_the_new_and_no_longer_the_old(core: Core, web: WebSite, rosa: Assistant) -> None:
    visit = await visited(core, web, rosa, max_depth=1)
    web.says("/prices", NEW_PRICE, etag='"prices-2"')
    await visit.again()

    assert visit.outcomes() == {"/": "unchanged", "/prices": "read", "/repair": "unchanged"}
    assert await knows(visit, NEW_PRICE)
    assert not await knows(visit, PRICE)
    assert await Document.filter(assistant_id=rosa.id).count() == 3


async def test_a_page_that_nothing_leads_to_any_more_stops_answering(core: Core, web: WebSite, rosa: Assistant) -> None:
    visit = await visited(core, web, rosa)
    web.says("/repair", REPAIR)
    del web.pages["/prices"]
    await visit.again()

    assert visit.outcome("/club") == ("gone", "page-vanished")
    assert visit.outcome("/prices") == ("gone", "page-gone")
    assert not await knows(visit, CLUB)
    assert not await knows(visit, PRICE)
    assert await knows(visit, REPAIR)


async def test_a_site_that_is_down_costs_nothing_that_is_known(core: Core, web: WebSite, rosa: Assistant) -> None:
    async def hang_up(request: http.Request) -> http.StreamResponse:
        assert request.transport
        request.transport.close()
        return http.Response()

    visit = await visited(core, web, rosa, max_depth=1)
    await change_site(visit.site, every_hours=24)
    for path, trouble, code in (
        ("/", hang_up, "error-site-unreachable"),
        ("/", Page(b"maintenance", 500), "error-site-trouble"),
        ("/", Page(b"", 404), "error-site-page-gone"),
        ("/robots.txt", Page(b"", 503, headers={"Retry-After": "3600"}), "error-robots-unavailable"),
    ):
        web.pages[path] = trouble
        await visit.again()

        assert (visit.site.status, visit.site.error_code) == ("failed", code)
        assert (visit.document.status, visit.document.error_code) == ("indexed", code)
        assert visit.site.next_reading_at
        assert visit.site.next_reading_at < datetime.now(UTC) + timedelta(hours=7)
    assert await knows(visit, PRICE)
    assert await knows(visit, REPAIR)


async def test_pages_that_fail_keep_what_they_said_and_lead_where_they_led(
    core: Core, web: WebSite, rosa: Assistant
) -> None:
    visit = await visited(core, web, rosa)
    web.pages["/repair"] = Page(b"oops", 500)
    await visit.again()

    assert visit.outcome("/repair") == ("failed", "page-trouble")
    assert visit.outcome("/club") == ("unchanged", "")
    assert await knows(visit, REPAIR)


async def test_a_first_page_that_cannot_be_read_fails_with_its_reason(
    core: Core, web: WebSite, rosa: Assistant
) -> None:
    web.sends("/robots.txt", b"User-agent: LLMChatBot\nDisallow: /", "text/plain")
    visit = await visited(core, web, rosa)

    assert (visit.site.status, visit.site.error_code) == ("failed", "error-site-robots")
    assert (visit.document.status, visit.document.error_code) == ("failed", "error-site-robots")
    assert web.asked.count("/") == 0


async def test_after_a_crash_the_reading_goes_on_with_what_was_left(core: Core, web: WebSite, rosa: Assistant) -> None:
    reached = asyncio.Event()

    async def stall(_request: http.Request) -> http.StreamResponse:
        reached.set()
        await asyncio.sleep(30)
        raise AssertionError

    web.pages["/repair"] = stall
    visit = await added(core, web, rosa, max_depth=1)
    job = await Job.get(subject_id=visit.site.id)
    working = core.background.start(do_job(visit.core, job.id), "a worker that dies")
    async with asyncio.timeout(60):
        await reached.wait()
    early = await Document.get(id=visit.document.id)
    assert early.status == "processing"
    assert await knows(visit, PRICE), "what is read answers before the whole site is"
    working.cancel()
    await until(lambda: _is_queued(job))

    web.says("/repair", REPAIR, "/club")
    web.forgets()
    await do_job(visit.core, job.id)
    await visit.refresh()

    assert (visit.site.status, visit.document.status) == ("done", "indexed")
    assert set(visit.outcomes().values()) == {"read"}
    assert not {"/", "/prices"} & set(web.asked), "pages that are done are not asked for again"


async def _is_queued(job: Job) -> bool:
    return (await Job.get(id=job.id)).status == "queued"


async def test_a_reading_that_its_owner_stops_keeps_what_was_read_and_ends_soon(
    core: Core, web: WebSite, rosa: Assistant
) -> None:
    reached = asyncio.Event()

    async def stall(_request: http.Request) -> http.StreamResponse:
        reached.set()
        await asyncio.sleep(30)
        raise AssertionError

    web.pages["/repair"] = stall
    visit = await added(core, web, rosa, max_depth=1)
    job = await Job.get(subject_id=visit.site.id)
    working = core.background.start(do_job(visit.core, job.id), "worker")
    async with asyncio.timeout(60):
        await reached.wait()
    assert await cancel_site(visit.core, visit.site)
    assert not await cancel_site(visit.core, visit.site)
    async with asyncio.timeout(10):
        await working
    await visit.refresh()

    assert (visit.site.status, visit.document.status) == ("cancelled", "indexed")
    assert await knows(visit, PRICE)
    assert {document.status for document in await documents_of(rosa)} == {"indexed"}


async def test_a_deleted_site_is_not_known_any_more(core: Core, web: WebSite, rosa: Assistant) -> None:
    visit = await visited(core, web, rosa, max_depth=1)
    await forget_site(visit.core, visit.site)

    assert await documents_of(rosa) == []
    assert await find_passages(visit.core, rosa.id, PRICE) == []
    assert not await SitePage.filter(site_id=visit.site.id).exists()


async def test_a_page_that_the_owner_deleted_does_not_come_back(core: Core, web: WebSite, rosa: Assistant) -> None:
    visit = await visited(core, web, rosa)
    repair = await Document.get(id=visit.pages["/repair"].document_id)
    await forget_document(visit.core, repair)
    await visit.again()

    assert visit.outcome("/repair")[0] == "excluded"
    assert visit.outcome("/club")[0] == "unchanged", "it still leads on"
    assert not await knows(visit, REPAIR)


async def test_the_same_address_again_is_the_same_site_read_again(core: Core, web: WebSite, rosa: Assistant) -> None:
    visit = await visited(core, web, rosa, max_depth=0)
    site, document = await add_site(visit.core, rosa, f"{web.url}/?utm_source=mail", max_pages=3)

    assert (site.id, document.id, site.status, site.max_pages) == (visit.site.id, visit.document.id, "queued", 3)
    assert document.status == "uploaded"
    assert await passages_of(document), "it goes on answering"
    assert len(await sites_of(rosa)) == 1
    await cancel_site(visit.core, site)


async def test_a_site_without_end_is_read_up_to_its_limit_and_says_so(
    core: Core, web: WebSite, rosa: Assistant
) -> None:
    async def calendar(request: http.Request) -> http.StreamResponse:
        day = int(request.query.get("day", "0"))
        links = [f"/calendar?day={day + step}&view={view}" for step in range(1, 4) for view in "abcdefgh"]
        return http.Response(
            text=article(f"Nothing happens on day {day} of our long calendar.", *links), content_type="text/html"
        )

    web.otherwise = calendar
    web.says("/", "The Copper Kettle is a small shop in the old town.", "/calendar?day=1", "/prices")
    visit = await visited(core, web, rosa, max_pages=3)

    assert (visit.site.status, visit.site.pages_read) == ("done", 3)
    assert visit.site.error_code == "site-more-pages"
    assert visit.site.error_facts["left"] >= 10
    assert len(web.asked) < 12


async def test_depth_is_counted_in_links_from_the_first_page(core: Core, web: WebSite, rosa: Assistant) -> None:
    visit = await visited(core, web, rosa, max_depth=1)

    assert visit.outcomes() == {"/": "read", "/prices": "read", "/repair": "read"}
    assert visit.site.error_code == ""


async def test_a_site_that_is_busy_is_asked_again_when_it_said(core: Core, web: WebSite, rosa: Assistant) -> None:
    answers = iter([http.Response(status=429, headers={"Retry-After": "1"})])

    async def busy(_request: http.Request) -> http.StreamResponse:
        return next(answers, None) or http.Response(text=article(PRICE), content_type="text/html")

    web.pages["/prices"] = busy
    del web.pages["/repair"]
    visit = await visited(core, web, rosa, max_depth=1)

    assert visit.outcome("/prices") == ("read", "")
    assert web.asked.count("/prices") == 2


async def test_a_site_is_read_on_the_schedule_that_its_owner_sets(core: Core, web: WebSite, rosa: Assistant) -> None:
    visit = await visited(core, web, rosa, max_depth=0)
    site = await change_site(visit.site, every_hours=24)
    assert site.next_reading_at
    assert timedelta(hours=23) < site.next_reading_at - datetime.now(UTC)
    await start_due_readings(core.queue)
    assert (await Site.get(id=site.id)).status == "done", "not before its time"

    await Site.filter(id=site.id).update(next_reading_at=datetime.now(UTC) - timedelta(seconds=1))
    await start_due_readings(core.queue)
    await start_due_readings(core.queue)
    assert await Job.filter(subject_id=site.id, status="queued").count() == 1
    await crawling.read_site(visit.core, site.id, QUICK)
    await visit.refresh()

    assert (visit.site.status, visit.site.reading) == ("done", 2)
    assert visit.site.next_reading_at
    assert visit.site.next_reading_at > datetime.now(UTC) + timedelta(hours=23)


async def test_a_site_that_cannot_be_begun_holds_up_no_other(core: Core, web: WebSite, rosa: Assistant) -> None:
    visit = await visited(core, web, rosa, max_depth=0)
    earlier = datetime.now(UTC) - timedelta(hours=2)
    broken = await Site.create(
        assistant=rosa,
        url="https://broken.example/",
        url_hash=uuid4().hex,
        every_hours=24,
        status="done",
        next_reading_at=earlier,
    )
    await Site.filter(id=visit.site.id).update(every_hours=24, next_reading_at=datetime.now(UTC))
    assert await start_due_readings(core.queue) >= 1
    assert (await Site.get(id=visit.site.id)).status == "queued"
    await broken.refresh_from_db()
    assert (broken.status, broken.next_reading_at > datetime.now(UTC) + timedelta(minutes=50)) == ("done", True)
    await broken.delete()


async def test_an_address_without_a_scheme_is_read_over_http_when_https_does_not_answer(
    core: Core, web: WebSite, rosa: Assistant
) -> None:
    opened = reaching(core, web)
    site, document = await add_site(opened, rosa, web.host, max_depth=0)
    await crawling.read_site(opened, site.id, QUICK)

    assert (await Site.get(id=site.id)).status == "done"
    assert (await Document.get(id=document.id)).source_url == f"{web.url}/"


async def test_two_readings_of_one_site_never_run_side_by_side(core: Core, web: WebSite, rosa: Assistant) -> None:
    visit = await added(core, web, rosa)

    assert not await request_reading(core.queue, visit.site)
    assert await Job.filter(subject_id=visit.site.id).count() == 1
    await cancel_site(visit.core, visit.site)
