"""What a site says about itself to robots: its rules, and the list of its pages; believed within bounds."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

import pytest

from core.crawling.addresses import Home
from core.crawling.pace import PacedFetcher
from core.crawling.robots import LONGEST_DELAY_S, Rules, read_rules, said_to_robots
from core.crawling.sitemaps import SiteMap, read_sitemaps
from core.errors import RobotsUnavailable
from core.fetching import Fetcher, open_fetcher
from core.settings import Settings
from tests.web_site import WebSite, web_site


@pytest.fixture
async def web() -> AsyncIterator[WebSite]:
    async with web_site() as there:
        yield there


@pytest.fixture
async def fetcher(web: WebSite) -> AsyncIterator[Fetcher]:
    async with open_fetcher(Settings(_env_file=None, allowed_private_hosts=web.host)) as opened:
        yield opened


async def _always() -> None:
    """The reading is wanted."""


async def mapped(web: WebSite, fetcher: Fetcher, *announced: str) -> SiteMap:
    return await read_sitemaps(
        PacedFetcher(fetcher, 0.0, _always), Home.of(web.url), [web.url + one for one in announced]
    )


def index_of(web: WebSite, *paths: str) -> bytes:
    entries = "".join(f"<sitemap><loc>{web.url}{path}</loc></sitemap>" for path in paths)
    return f"<sitemapindex>{entries}</sitemapindex>".encode()


def urlset(web: WebSite, *paths: str) -> bytes:
    entries = "".join(f"<url><loc>\n {web.url}{path} </loc><lastmod>2026-01-01</lastmod></url>" for path in paths)
    return (
        f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'.encode()
    )


async def test_an_index_of_packed_lists_is_followed_and_only_this_sites_pages_are_taken(
    web: WebSite, fetcher: Fetcher
) -> None:
    web.sends("/sitemap.xml", index_of(web, "/a.xml.gz", "/b.txt"), "application/xml")
    web.sends("/a.xml.gz", gzip.compress(urlset(web, "/deep/er/page", "/short", "/photo.png")), "application/gzip")
    web.sends("/b.txt", f"{web.url}/line\nhttps://elsewhere.example/\n".encode(), "text/plain")
    found = await mapped(web, fetcher)

    assert found.urls == [web.url + path for path in ("/short", "/line", "/deep/er/page")]
    assert found.whole


async def test_a_site_without_a_sitemap_is_whole_and_one_whose_sitemap_fails_is_not(
    web: WebSite, fetcher: Fetcher
) -> None:
    assert (await mapped(web, fetcher)) == SiteMap([], whole=True)
    web.sends("/sitemap.xml", b"", "text/plain", status=500)
    assert not (await mapped(web, fetcher)).whole
    assert not (await mapped(web, fetcher, "/announced.xml")).whole


@pytest.mark.parametrize(
    "hostile",
    [
        b"<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><urlset><url><loc>&b;</loc></url></urlset>",
        b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><urlset/>",
        b"<urlset><url><loc>http://cut",
        b"<?xml version='1.0' encoding='unicode'?><urlset></urlset>",
        b"<?xml version='1.0' encoding='klingon'?><urlset></urlset>",
        b"\x1f\x8b\x08broken",
        b"\x00\x01\x02\xff" * 100,
    ],
)
async def test_a_hostile_or_broken_sitemap_is_left_alone(web: WebSite, fetcher: Fetcher, hostile: bytes) -> None:
    web.sends("/sitemap.xml", hostile, "application/xml")

    assert (await mapped(web, fetcher)).urls == []


async def test_a_list_that_unpacks_without_end_and_lists_in_a_circle_are_bounded(
    web: WebSite, fetcher: Fetcher
) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(b"<urlset>" + b" " * 60_000_000) + packer.flush()
    web.sends("/sitemap.xml", index_of(web, "/sitemap.xml", "/bomb.gz"), "application/xml")
    web.sends("/bomb.gz", bomb, "application/gzip")
    found = await mapped(web, fetcher)

    assert (found.urls, found.whole) == ([], False)
    assert web.asked == ["/sitemap.xml", "/bomb.gz"]


@pytest.mark.parametrize(
    ("robots", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /private", "/private/x", False),
        ("User-agent: *\nDisallow: /private", "/public", True),
        ("User-agent: *\nDisallow: /\nAllow: /$", "/", True),
        ("User-agent: LLMChatBot\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/a", False),
        ("User-agent: LLMChatBot\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/b", True),
        ("User-agent: llmchatbot/1.0\nDisallow: /", "/a", False),
        ("User-agent: OtherBot\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/terms.pdf", False),
        ("User-agent: *\nDisallow: /%D1%86%D0%B5%D0%BD%D1%8B", "/%D1%86%D0%B5%D0%BD%D1%8B", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("\ufeffUser-agent: *\r\nDisallow: /a\r\n", "/a", False),
    ],
)
async def test_rules_for_robots_are_kept(web: WebSite, fetcher: Fetcher, robots: str, path: str, allowed: bool) -> None:
    web.sends("/robots.txt", robots.encode(), "text/plain")

    assert (await read_rules(fetcher, web.url)).allow(web.url + path) is allowed


@pytest.mark.parametrize(("status", "allowed"), [(404, True), (403, True), (401, True)])
async def test_without_rules_everything_is_allowed(web: WebSite, fetcher: Fetcher, status: int, allowed: bool) -> None:
    web.sends("/robots.txt", b"User-agent: *\nDisallow: /", "text/plain", status=status)

    assert (await read_rules(fetcher, web.url)).allow(f"{web.url}/a") is allowed


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_while_the_rules_cannot_be_had_nothing_is_read(web: WebSite, fetcher: Fetcher, status: int) -> None:
    web.sends("/robots.txt", b"", "text/plain", status=status)

    with pytest.raises(RobotsUnavailable):
        await read_rules(fetcher, web.url)


async def test_a_page_in_the_place_of_the_rules_is_no_rule(web: WebSite, fetcher: Fetcher) -> None:
    web.sends("/robots.txt", b"<html>User-agent: *\nDisallow: /\n</html>", "text/html")

    assert (await read_rules(fetcher, web.url)).allow(f"{web.url}/a")


@pytest.mark.parametrize(
    ("asked", "pause"),
    [("Crawl-delay: 2", 2.0), ("Crawl-delay: 0.5", 0.5), ("Crawl-delay: 3600", LONGEST_DELAY_S),
     ("Request-rate: 1/3", 3.0), ("Crawl-delay: soon", 0.0), ("", 0.0)],
)  # fmt: skip
def test_the_pause_that_a_site_asks_for_is_kept_within_bounds(asked: str, pause: float) -> None:
    assert Rules.of(f"User-agent: *\n{asked}\nDisallow: /x").delay_s == pause


async def test_between_two_requests_there_is_the_pause_and_a_stop_ends_it(web: WebSite, fetcher: Fetcher) -> None:
    loop = asyncio.get_running_loop()
    paced = PacedFetcher(fetcher, 0.2, _always)
    began = loop.time()
    await paced.get(f"{web.url}/a")
    await paced.get(f"{web.url}/b")
    assert loop.time() - began >= 0.2

    class Stopped(Exception):
        pass

    async def never() -> None:
        raise Stopped

    paced = PacedFetcher(fetcher, 60.0, never)

    async def two_pages() -> None:
        await paced.get(f"{web.url}/a")
        await paced.get(f"{web.url}/b")

    with pytest.raises(Stopped):
        async with asyncio.timeout(5):
            await two_pages()


async def test_two_readings_of_one_host_keep_one_pace(web: WebSite, fetcher: Fetcher) -> None:
    """As two owners who add the same site, at the same time."""

    class Waits(Exception):
        pass

    async def not_yet() -> None:
        raise Waits

    await PacedFetcher(fetcher, 60.0, _always).get(f"{web.url}/a")
    with pytest.raises(Waits):
        async with asyncio.timeout(5):
            await PacedFetcher(fetcher, 60.0, not_yet).get(f"{web.url}/b")

    assert web.asked == ["/a"]


async def test_a_date_beyond_all_calendars_is_no_reason_to_give_a_page_up(web: WebSite, fetcher: Fetcher) -> None:
    web.sends("/busy", b"", "text/html", 503, Retry_After="Mon, 1 Jan 99999999999999 00:00:00 GMT")
    waited: list[float] = []

    class Impatient(PacedFetcher):
        async def wait(self, seconds: float) -> None:
            waited.append(seconds)

    answer = await Impatient(fetcher, 0.0, _always).get(f"{web.url}/busy")

    assert (answer.status, waited) == (503, [5.0, 5.0])


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["noindex, nofollow"], {"noindex", "nofollow"}),
        (["otherbot: noindex, nofollow"], set()),
        (["otherbot: noindex", "nofollow"], {"nofollow"}),
        (["otherbot: noindex, LLMChatBot: nofollow, none"], {"nofollow", "none"}),
        (["llmchatbot: noindex, otherbot: nofollow"], {"noindex"}),
        (["*: noindex"], {"noindex"}),
        (["max-snippet: 20, noindex"], {"max-snippet", "noindex"}),
        (["unavailable_after: Sunday, 01-Sep-24 12:34:56 PST, noindex"], {"noindex"}),
    ],
)
def test_what_a_page_says_to_other_robots_is_not_for_us(lines: list[str], said: set[str]) -> None:
    assert said <= said_to_robots(lines)
    assert said_to_robots(lines) & {"noindex", "nofollow", "none"} == said & {"noindex", "nofollow", "none"}
