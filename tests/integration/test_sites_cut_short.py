"""A reading of a site is cut short: by its owner's word, by a crash, by a deletion; in the middle of any step."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from core.app import Core
from core.crawling import endings, kept
from core.crawling import reading as crawling
from core.documents import documents_of, passages_of
from core.models import Assistant, Document, DocumentStatus, Job, PassageRow, Site, SitePage
from core.retrieval import find_passages
from core.sites import cancel_site, change_site, forget_site, request_reading
from tests.conftest import MakeAssistant
from tests.integration.site_readings import QUICK, added, visited
from tests.web_site import WebSite, web_site

PRICE = "A copper kettle of one litre costs 89 euros, with a wooden handle 95 euros."
REPAIR = "We repair kettles of every make within a week, tin lining included."
HOME = "The Copper Kettle is a small shop in the old town."


def _lay_out(there: WebSite) -> None:
    there.says("/", HOME, "/prices", "/repair")
    there.says("/prices", PRICE)
    there.says("/repair", REPAIR)


@pytest.fixture
async def web() -> AsyncIterator[WebSite]:
    async with web_site() as there:
        _lay_out(there)
        yield there


@pytest.fixture
async def rosa(assistant: MakeAssistant) -> Assistant:
    return await assistant()


async def knows(core: Core, rosa: Assistant, text: str) -> bool:
    return any(text[:40] in passage.text for passage in await find_passages(core, rosa.id, text))


def _before(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, happens: Callable[..., Awaitable[None]]) -> None:
    """Something happens in the very moment before a step of the product."""
    step = getattr(module, name)

    async def at_that_moment(*args: Any, **values: Any) -> Any:
        await happens(*args)
        return await step(*args, **values)

    monkeypatch.setattr(module, name, at_that_moment)


def _after(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, happens: Callable[..., Awaitable[None]]) -> None:
    step = getattr(module, name)

    async def at_that_moment(*args: Any) -> Any:
        result = await step(*args)
        await happens(*args)
        return result

    monkeypatch.setattr(module, name, at_that_moment)


async def test_a_page_that_was_being_read_when_its_owner_said_stop_is_read_next_time(
    core: Core, web: WebSite, rosa: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = await added(core, web, rosa)

    async def stop(_core: Core, document_id: Any, *_: object) -> None:
        if (await Document.get(id=document_id)).source_url.endswith("/repair"):
            assert await cancel_site(visit.core, visit.site)

    with monkeypatch.context() as moment:
        _before(moment, kept, "index_document", stop)
        await crawling.read_site(visit.core, visit.site.id, QUICK)
    await visit.refresh()
    assert visit.site.status == "cancelled"
    await visit.again()

    assert visit.outcome("/repair") == ("read", "")
    assert await knows(visit.core, rosa, REPAIR)


@pytest.mark.parametrize("path", ["/", "/repair"])
async def test_a_page_that_is_begun_after_the_word_to_stop_is_not_left_half_read(
    core: Core, web: WebSite, rosa: Assistant, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """The worker notices some time later that its job is gone, and is cancelled wherever it is then."""
    visit = await added(core, web, rosa)

    async def stop(_core: Core, _rosa: Assistant, url: str, *_: object) -> None:
        if url == web.url + path:
            assert await cancel_site(visit.core, visit.site)

    async def be_cancelled(_core: Core, document_id: Any, *_: object) -> None:
        document = await Document.get(id=document_id)
        if document.source_url == web.url + path:
            await Document.filter(id=document.id).update(status=DocumentStatus.PROCESSING)
            raise asyncio.CancelledError

    _before(monkeypatch, kept, "receive_page", stop)
    _before(monkeypatch, kept, "index_document", be_cancelled)
    with pytest.raises(asyncio.CancelledError):
        await crawling.read_site(visit.core, visit.site.id, QUICK)

    assert not {document.status for document in await documents_of(rosa)} & {"uploaded", "processing"}
    assert await Document.filter(id=visit.document.id).exists(), "the site's own document stays"


async def test_a_worker_that_ends_leaves_a_reading_to_the_next_one(
    core: Core, web: WebSite, rosa: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = await added(core, web, rosa)

    async def end(_core: Core, document_id: Any, *_: object) -> None:
        if (await Document.get(id=document_id)).source_url.endswith("/repair"):
            raise asyncio.CancelledError

    with monkeypatch.context() as moment:
        _before(moment, kept, "index_document", end)
        with pytest.raises(asyncio.CancelledError):
            await crawling.read_site(visit.core, visit.site.id, QUICK)
    assert await Document.filter(assistant_id=rosa.id, source_url=f"{web.url}/repair").exists()
    await crawling.read_site(visit.core, visit.site.id, QUICK)
    await visit.refresh()

    assert (visit.site.status, visit.outcome("/repair")) == ("done", ("read", ""))


@pytest.mark.parametrize(("every_hours", "stops"), [(24, False), (0, False), (6, True)])
async def test_a_schedule_that_is_set_during_a_reading_holds(
    core: Core, web: WebSite, rosa: Assistant, monkeypatch: pytest.MonkeyPatch, every_hours: int, stops: bool
) -> None:
    visit = await added(core, web, rosa, max_depth=0)
    await change_site(await Site.get(id=visit.site.id), every_hours=168)

    async def change(as_it_began: Site) -> None:
        await change_site(await Site.get(id=visit.site.id), every_hours=every_hours)
        if stops:
            assert await cancel_site(visit.core, as_it_began)

    _before(monkeypatch, crawling, "end_reading", change)
    await crawling.read_site(visit.core, visit.site.id, QUICK)
    await visit.refresh()

    assert visit.site.status == ("cancelled" if stops else "done")
    assert visit.site.finished_at
    planned = visit.site.next_reading_at and visit.site.next_reading_at - visit.site.finished_at
    assert planned == (timedelta(hours=every_hours) if every_hours else None)


async def test_a_page_cut_short_leaves_no_document_that_is_nobodys(
    core: Core, web: WebSite, rosa: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = await added(core, web, rosa)

    async def die(_core: Core, _rosa: Assistant, url: str, *_: object) -> None:
        if url.endswith("/repair"):
            raise asyncio.CancelledError

    with monkeypatch.context() as moment:
        _after(moment, kept, "receive_page", die)
        with pytest.raises(asyncio.CancelledError):
            await crawling.read_site(visit.core, visit.site.id, QUICK)
    assert not await Document.filter(assistant_id=rosa.id, source_url=f"{web.url}/repair").exists()
    await crawling.read_site(visit.core, visit.site.id, QUICK)

    assert await knows(visit.core, rosa, REPAIR)


async def test_a_document_of_a_crash_is_its_pages_again_and_no_copy_of_itself(
    core: Core, web: WebSite, rosa: Assistant
) -> None:
    visit = await visited(core, web, rosa)
    orphan = visit.pages["/repair"].document_id
    await SitePage.filter(site_id=visit.site.id, document_id=orphan).update(document_id=None, body_hash="")
    await PassageRow.filter(document_id=orphan).delete()
    await Document.filter(id=orphan).update(status=DocumentStatus.UPLOADED)
    await visit.again()

    assert visit.outcome("/repair") == ("read", "")
    assert visit.pages["/repair"].document_id == orphan
    assert await knows(visit.core, rosa, REPAIR)


async def test_a_page_that_vanished_stops_answering_whatever_is_cut_short(
    core: Core, web: WebSite, rosa: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = await visited(core, web, rosa)
    del web.pages["/repair"]

    async def die(*_: object) -> None:
        raise ConnectionError("the database went away")

    with monkeypatch.context() as moment:
        _before(moment, kept, "hand_over_or_erase", die)
        with pytest.raises(ConnectionError):
            await visit.again()
    await crawling.read_site(visit.core, visit.site.id, QUICK)
    await visit.refresh()

    assert (visit.site.status, visit.outcome("/repair")) == ("done", ("gone", "page-gone"))
    assert not await knows(visit.core, rosa, REPAIR)
    assert await Document.filter(assistant_id=rosa.id).count() == 2


async def test_an_end_cut_short_is_ended_by_the_next_try(
    core: Core, web: WebSite, rosa: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = await added(core, web, rosa)

    async def die(*_: object) -> None:
        raise ConnectionError("the database went away")

    with monkeypatch.context() as moment:
        _before(moment, endings, "end_start", die)
        with pytest.raises(ConnectionError):
            await crawling.read_site(visit.core, visit.site.id, QUICK)
    await crawling.read_site(visit.core, visit.site.id, QUICK)
    await visit.refresh()

    assert (visit.site.status, visit.document.status) == ("done", "indexed")


async def test_a_stop_cut_short_can_be_said_again(
    core: Core, web: WebSite, rosa: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = await added(core, web, rosa)

    async def die(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as moment:
        moment.setattr(endings, "end_start", lambda *_, **__: die())
        with pytest.raises(asyncio.CancelledError):
            await cancel_site(visit.core, visit.site)

    assert await cancel_site(visit.core, visit.site)
    assert (await Document.get(id=visit.document.id)).status == "cancelled"


async def test_a_site_is_deleted_altogether_or_not_at_all(
    core: Core, web: WebSite, rosa: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser that hangs up cancels what it asked for."""
    from core import sites

    visit = await visited(core, web, rosa)

    async def hang_up(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as moment:
        _after(moment, sites, "hand_over_or_erase", hang_up)
        with pytest.raises(asyncio.CancelledError):
            await forget_site(visit.core, visit.site)
    assert len(await documents_of(rosa)) == 3
    assert await knows(visit.core, rosa, PRICE)
    await forget_site(visit.core, await Site.get(id=visit.site.id))

    assert await documents_of(rosa) == []
    assert not list((core.settings.uploads_folder / str(rosa.id)).iterdir())
    assert not await Job.filter(subject_id=visit.site.id).exclude(status="done").exists()


async def test_what_two_sites_have_read_outlives_either_of_them(core: Core, web: WebSite, rosa: Assistant) -> None:
    """Two beginnings on one host, and a mirror of it elsewhere."""
    async with web_site() as mirror:
        _lay_out(mirror)
        first = await visited(core, web, rosa)
        second = await visited(core, web, rosa, "/repair")
        third = await visited(core, mirror, rosa, "/repair")
        await forget_site(first.core, first.site)
        assert await knows(core, rosa, PRICE)
        await forget_site(second.core, second.site)
        assert await knows(core, rosa, PRICE)
        await third.refresh()
        assert third.outcome("/prices") == ("unchanged", "")
        assert [passage.text for passage in await passages_of(third.document)] == [REPAIR], "the same document as ever"
        await forget_site(third.core, third.site)

    assert await documents_of(rosa) == []


async def test_a_stop_leaves_alone_what_another_site_is_reading(core: Core, web: WebSite, rosa: Assistant) -> None:
    first = await visited(core, web, rosa)
    second = await visited(core, web, rosa, "/repair")
    assert second.document.id == first.pages["/repair"].document_id
    assert await request_reading(core.queue, second.site)
    assert await request_reading(core.queue, first.site)
    await PassageRow.filter(document_id=second.document.id).delete()
    await cancel_site(first.core, first.site)

    assert await Document.filter(id=second.document.id).exists()
    await cancel_site(second.core, second.site)
