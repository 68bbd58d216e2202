"""Sites that are out of order, hostile or larger than they look: what is known stays known, and limits hold."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web as http
from tortoise.exceptions import IntegrityError

from core.app import Core
from core.crawling import pace, visits
from core.crawling import reading as crawling
from core.crawling.content import Content, read_content
from core.fetching import Fetched
from core.models import Assistant, Document
from core.retrieval import find_passages
from tests.conftest import MakeAssistant
from tests.integration.site_readings import visited
from tests.web_site import Page, WebSite, web_site

PRICE = "A copper kettle of one litre costs 89 euros, with a wooden handle 95 euros."
REPAIR = "We repair kettles of every make within a week, tin lining included."
HOME = "The Copper Kettle is a small shop in the old town."


@pytest.fixture
async def web() -> AsyncIterator[WebSite]:
    async with web_site() as there:
        there.says("/", HOME, "/prices", "/repair")
        there.says("/prices", PRICE)
        there.says("/repair", REPAIR)
        yield there


@pytest.fixture
async def rosa(assistant: MakeAssistant) -> Assistant:
    return await assistant()


async def knows(core: Core, rosa: Assistant, text: str) -> bool:
    return any(text[:40] in passage.text for passage in await find_passages(core, rosa.id, text))


async def test_a_first_page_that_is_out_of_order_does_not_take_the_site_with_it(
    core: Core, web: WebSite, rosa: Assistant
) -> None:
    """It answers, but leads nowhere; most of what is known has not disappeared because of that."""
    web.says("/", HOME, "/prices", "/repair", "/club")
    web.says("/club", "The tea club meets every second Thursday at seven in the back room.")
    visit = await visited(core, web, rosa)
    web.says("/", "We are rebuilding our shop and are back very soon, please come again.")
    del web.pages["/club"]
    await visit.again()

    assert visit.outcome("/prices") == ("unchanged", "")
    assert visit.outcome("/club") == ("gone", "page-gone"), "asked itself, it says so"
    assert await knows(visit.core, rosa, PRICE)
    assert await knows(visit.core, rosa, REPAIR)


async def test_a_site_that_has_grown_is_not_read_beyond_its_limit_for_the_sake_of_old_pages(
    core: Core, web: WebSite, rosa: Assistant
) -> None:
    async def endless(request: http.Request) -> http.StreamResponse:
        path = request.path.rstrip("/")
        links = "".join(f'<a href="{path}/{letter}">{letter}</a>' for letter in "abc")
        return http.Response(
            text=f"<title>{path}</title><p>The room {path} of our house has a window and a door.</p>{links}",
            content_type="text/html",
        )

    web.says("/", HOME, "/one", "/two", "/three")
    web.otherwise = endless
    visit = await visited(core, web, rosa, max_pages=4)
    web.says("/", HOME, "/x", "/y", "/z")
    web.says("/x", "A new page that leads to all the old ones, one step further away.", "/one", "/two", "/three")
    await visit.again()

    known = {"/", "/x", "/y", "/z", "/one", "/two", "/three"}
    assert set(visit.outcomes()) == known, "old pages are asked themselves; where they lead is left"
    assert not {path for path in web.asked if path.startswith("/one/")}


async def test_a_reading_that_has_taken_too_long_ends_and_keeps_what_is_known(
    core: Core, web: WebSite, rosa: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = await visited(core, web, rosa)
    monkeypatch.setattr(crawling, "LONGEST_READING", timedelta(0))
    await visit.again()

    assert [path for path in web.asked if path in ("/", "/prices", "/repair")] == ["/"]
    assert visit.site.status == "done"
    assert await knows(visit.core, rosa, PRICE)


@pytest.mark.parametrize("path", ["/", "/prices"])
async def test_a_page_that_the_database_refuses_costs_no_other_page(
    core: Core, web: WebSite, rosa: Assistant, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    async def refused(the_core: Core, answer: Fetched) -> Content:
        if answer.url == web.url + path:
            raise IntegrityError("invalid byte sequence")
        return await read_content(the_core, answer)

    monkeypatch.setattr(visits, "read_content", refused)
    visit = await visited(core, web, rosa)

    assert visit.outcome(path) == ("failed", "page-unreadable")
    if path == "/":
        assert (visit.site.status, visit.site.error_code) == ("failed", "error-unexpected")
    else:
        assert visit.site.status == "done"
        assert visit.outcome("/repair") == ("read", "")


async def test_a_file_with_a_strange_name_is_read(core: Core, web: WebSite, rosa: Assistant) -> None:
    web.says("/", HOME, "/%00%FFprices.txt")
    web.sends("/%00%FFprices.txt", PRICE.encode(), "text/plain")
    visit = await visited(core, web, rosa)
    document = await Document.get(id=visit.pages["/%00%FFprices.txt"].document_id)

    assert visit.outcome("/%00%FFprices.txt") == ("read", "")
    assert "\x00" not in document.title + document.filename
    assert await knows(visit.core, rosa, PRICE)


async def test_an_encoding_of_the_servers_choice_runs_no_code_without_end(core: Core) -> None:
    """Punycode takes time with the square of its length: these three megabytes would take minutes."""
    body = f"<!doctype html><title>Prices</title><p>{PRICE}</p><script>//-".encode() + b"a" * 3_000_000
    answer = Fetched("http://shop.example/", 200, {}, "text/html", "punycode", body)
    content = await read_content(core, answer)
    await asyncio.to_thread(content.place.unlink)

    assert content.title == "Prices"


@pytest.mark.parametrize(("charset", "says"), [("windows-1251", "cp1251"), ("koi8-r", "koi8-r"), ("shift_jis", "sjis")])
async def test_an_encoding_of_the_web_is_believed(core: Core, charset: str, says: str) -> None:
    words = "Медный чайник на один литр стоит сто евро."
    answer = Fetched("http://shop.example/", 200, {}, "text/html", charset, f"<p>{words}</p>".encode(says))
    content = await read_content(core, answer)
    await asyncio.to_thread(content.place.unlink)

    assert content.parsed
    assert words in content.parsed.blocks[0].text


async def test_a_large_file_may_take_its_time_and_a_page_may_not(
    core: Core, web: WebSite, rosa: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(request: http.Request) -> http.StreamResponse:
        response = http.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        for _ in range(4):
            await asyncio.sleep(0.2)
            await response.write(f"{PRICE}\n".encode() * 30)
        return response

    web.says("/", HOME, "/list.txt", "/slow")
    web.pages |= {"/list.txt": slow, "/slow": slow}
    monkeypatch.setattr(pace, "PAGE_S", 0.5)
    visit = await visited(core, web, rosa)

    assert visit.outcome("/list.txt") == ("read", "")
    assert visit.outcome("/slow") == ("failed", "page-silent")


async def test_only_what_is_said_to_us_keeps_a_page_from_being_used(core: Core, web: WebSite, rosa: Assistant) -> None:
    page = web.pages["/prices"]
    assert isinstance(page, Page)
    web.pages["/prices"] = Page(page.body, headers={"X-Robots-Tag": "otherbot: noindex, nofollow"})
    visit = await visited(core, web, rosa)

    assert visit.outcome("/prices") == ("read", "")
