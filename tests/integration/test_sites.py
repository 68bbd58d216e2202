"""A web site becomes knowledge: a real site on 127.0.0.1, read by a real job, with every trap that sites have."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.app import Core
from core.models import Assistant, Document, PageOutcome, SiteStatus
from core.retrieval import find_passages
from tests.integration.site_readings import Visit, visited
from tests.web_site import WebSite, drip, web_site

TEXTS = {
    "/": "The Copper Kettle sells kettles, teapots and loose tea in the old town since 1990.",
    "/delivery": "Delivery within the city costs 5 euros and takes two working days after the order.",
    "/hours": "We are open from Tuesday to Saturday between ten and eighteen, closed on Sunday.",
    "/gifts": "A gift card is valid for three years and can be used in the shop and online.",
    "/orphan": "The tea school holds a tasting every first Friday, nine euros a person.",
    "/secret": "Wholesale prices are thirty per cent lower, please keep this between us.",
    "/members": "Members may borrow a samovar for a weekend free of charge, with a deposit.",
}


async def _new_assistant(core: Core, number: int) -> Assistant:
    from core.accounts import user_of_telegram
    from core.assistants import create_assistant
    from core.tenancy import actor_of

    user = await user_of_telegram(number, f"Site {number}", "en")
    return await create_assistant(core, await actor_of(user.id), "Rosa")


def _lay_out(there: WebSite, documents: list[Path]) -> None:
    """A small shop's site with every kind of page and trap."""
    there.sends(
        "/robots.txt", f"User-agent: *\nDisallow: /secret\nSitemap: {there.url}/maps.xml".encode(), "text/plain"
    )
    pdf, docx = (next(file for file in documents if file.suffix == suffix) for suffix in (".pdf", ".docx"))
    there.sends("/terms.pdf", pdf.read_bytes(), "application/pdf")
    there.sends("/download?id=7", docx.read_bytes(), "application/octet-stream")
    names = "/delivery /hours?utm_source=x /secret /missing /broken /shell /trap /away /drip /picture.jpg /terms.pdf"
    more = "/download?id=7 /twin /gifts?utm_medium=mail /gifts?sort=price /unlisted /moved /feed"
    there.says("/", TEXTS["/"], *names.split(), *more.split(), "https://elsewhere.example/", title="Copper Kettle")
    for path in ("/delivery", "/hours", "/gifts", "/orphan", "/secret"):
        there.says(path, TEXTS[path], "/", "/delivery", "/hours", etag=f'"{path}-1"')
    there.says("/gifts?sort=price", TEXTS["/gifts"] + " Cheapest first.", head="<link rel=canonical href='/gifts'>")
    there.says("/twin", TEXTS["/delivery"], "/", "/delivery", "/hours", title=TEXTS["/delivery"][:40])
    there.says("/unlisted", TEXTS["/members"], "/deep", head="<meta name=robots content=noindex>")
    there.says("/deep", "Deep down there is a cellar where we age our pressed teas for seven years.")
    there.sends("/broken", b"oops", "text/html", status=500)
    there.sends("/feed", b"<rss></rss>", "application/rss+xml")
    there.sends(
        "/shell", b"<html><head><script src=/a.js></script></head><body><div id=root></div></body></html>", "text/html"
    )
    there.redirects("/trap", "http://127.0.0.1:1/admin")
    there.redirects("/away", "https://93.184.216.34:22/")
    there.redirects("/moved", "/hours")
    there.pages["/drip"] = drip
    index = f"<sitemapindex><sitemap><loc>{there.url}/map.xml.gz</loc></sitemap></sitemapindex>"
    listed = (
        f"<urlset><url><loc>{there.url}/orphan</loc></url><url><loc>https://elsewhere.example/x</loc></url></urlset>"
    )
    there.sends("/maps.xml", index.encode(), "application/xml")
    there.sends("/map.xml.gz", gzip.compress(listed.encode()), "application/gzip")


@pytest.fixture(scope="module")
async def shop(core: Core, shop_documents: list[Path]) -> AsyncIterator[Visit]:
    async with web_site() as there:
        _lay_out(there, shop_documents)
        rosa = await _new_assistant(core, 90_001)
        yield await visited(core, there, rosa)


async def test_every_page_of_a_site_answers(shop: Visit) -> None:
    for path in ("/", "/delivery", "/hours", "/gifts"):
        assert shop.outcome(path) == ("read", ""), path
        found = await find_passages(shop.core, shop.rosa.id, TEXTS[path])
        assert TEXTS[path][:30] in found[0].text
        assert found[0].url == f"{shop.web.url}{path}"

    assert (shop.site.status, shop.site.error_code) == (SiteStatus.DONE, "")
    assert shop.document.status == "indexed"
    assert shop.document.title == "Copper Kettle"


async def test_no_page_is_asked_for_twice_in_a_reading_however_it_is_linked(shop: Visit) -> None:
    twice = {path for path in shop.web.asked if shop.web.asked.count(path) > 1}

    assert twice == {"/hours"}, "only through the redirect from /moved"
    assert shop.outcome("/moved") == ("duplicate", "page-moved")


async def test_what_robots_txt_forbids_is_not_even_asked_for(shop: Visit) -> None:
    assert shop.outcome("/secret") == ("forbidden", "page-robots")
    assert "/secret" not in shop.web.asked


async def test_pictures_and_other_sites_are_not_asked_for(shop: Visit) -> None:
    assert "/picture.jpg" not in shop.web.asked
    assert not any("elsewhere" in page.url for page in shop.pages.values())


async def test_a_page_that_only_the_sitemap_knows_is_read(shop: Visit) -> None:
    """An index in robots.txt, and a packed list in the index."""
    assert shop.outcome("/orphan") == ("read", "")


async def test_a_linked_pdf_and_word_file_are_read_whatever_their_address(shop: Visit) -> None:
    for path in ("/terms.pdf", "/download?id=7"):
        assert shop.outcome(path) == ("read", "")
        document = await Document.get(id=shop.pages[path].document_id)
        assert (document.kind, document.source_url) == ("page", shop.web.url + path)
        assert document.passage_count > 2


async def test_one_bad_page_never_stops_the_rest_and_each_has_its_reason(shop: Visit) -> None:
    bad = ("/missing", "/broken", "/shell", "/trap", "/away", "/drip", "/feed")
    assert {path: shop.outcome(path) for path in bad} == {
        "/missing": ("gone", "page-gone"),
        "/broken": ("failed", "page-trouble"),
        "/shell": ("scripted", "page-scripted"),
        "/trap": ("forbidden", "page-refused"),
        "/away": ("forbidden", "page-refused"),
        "/drip": ("failed", "page-silent"),
        "/feed": ("empty", "page-not-text"),
    }  # fmt: skip


async def test_the_same_page_at_another_address_is_one_document(shop: Visit) -> None:
    assert shop.outcome("/twin") == ("duplicate", "page-copy")
    assert shop.outcome("/gifts?sort=price") == ("duplicate", "page-copy")
    assert "/gifts?utm_medium=mail" not in shop.pages


async def test_a_page_that_asks_not_to_be_used_is_not_but_its_links_are_followed(shop: Visit) -> None:
    assert shop.outcome("/unlisted") == ("forbidden", "page-noindex")
    assert shop.outcome("/deep") == ("read", "")


async def test_the_counts_are_what_became_of_the_pages(shop: Visit) -> None:
    outcomes = [page.outcome for page in shop.pages.values()]

    assert shop.site.pages_found == len(outcomes)
    assert shop.site.pages_read == outcomes.count(PageOutcome.READ)
    assert shop.site.pages_failed == outcomes.count(PageOutcome.FAILED) == 2
