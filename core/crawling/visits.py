"""A visit to one page of a site: asked for, looked into, kept or let go, and what came of it written down.

Whatever is wrong with a page ends here, as an outcome with a code (core/locales, "page-…"); only what is wrong with
the product itself, or the owner's word to stop, goes further. Refuses to know the order in which pages are visited.
"""

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg
from tortoise.exceptions import IntegrityError, ValidationError

from core.app import Core
from core.crawling.addresses import Home, hash_of
from core.crawling.content import Content, NotText, read_content
from core.crawling.endings import SiteFailed
from core.crawling.frontier import KNOWN, Frontier
from core.crawling.kept import (
    SiteForgotten,
    answers,
    document_at,
    document_of_page,
    keep_page,
    let_go,
    move_start,
    other_with,
)
from core.crawling.pace import PacedFetcher, ReadingStopped
from core.crawling.robots import Rules, said_to_robots
from core.crawling.verdicts import Verdict, because, told_of, verdict_on_fetch, verdict_on_file, verdict_on_status
from core.database import DATABASE_AWAY
from core.errors import AddressRefused, DocumentRejected, FetchFailed, Unavailable
from core.fetching import Fetched
from core.models import Assistant, DocumentStatus, PageOutcome, Site, SitePage
from core.settings import MEGABYTE
from core.storable import storable

log = logging.getLogger(__name__)
_MOST_LINKS = 500
_LARGEST_PAGE = 10 * MEGABYTE
_LONGEST_CHAIN = 3
_FILE_S = 300.0
"""The whole of a large file; one that drips is given up long before."""

_FILE = re.compile(r"\.(?:pdf|docx|xlsx|csv|txt|md)(?:$|\?)", re.IGNORECASE)
_NOT_THE_PAGES_FAULT = (*DATABASE_AWAY, Unavailable, SiteFailed, SiteForgotten, ReadingStopped)
# A database that is there and refuses what this page wants written. asyncpg calls some of that ValueError.
_REFUSED_BY_THE_DATABASE = (IntegrityError, ValidationError, asyncpg.DataError, ValueError)


@dataclass(slots=True)
class Reading:
    """One reading of one site, as all its visits share it."""

    core: Core
    assistant: Assistant
    site: Site
    home: Home
    rules: Rules
    fetcher: PacedFetcher
    frontier: Frontier


async def visit_whatever_happens(reading: Reading, page: SitePage) -> Verdict:
    """One bad page never stops the rest, even if it is bad in a way that nobody foresaw. Raises as `visit`."""
    try:
        return await visit(reading, page)
    except Exception as error:  # a fault of ours on one page must not cost the owner all the others
        if isinstance(error, _NOT_THE_PAGES_FAULT) and not isinstance(error, _REFUSED_BY_THE_DATABASE):
            raise
        await reading.fetcher.still_wanted()  # what was deleted under our hands is no fault of the page
        log.exception("page %s could not be judged", page.url)
        verdict = Verdict(PageOutcome.FAILED, "page-unreadable", {"why": "error-unexpected"})
        await reading.frontier.settle(page, verdict.outcome, error_code=verdict.code, error_facts=verdict.facts)
        return verdict


async def visit(reading: Reading, page: SitePage, within: frozenset[str] = frozenset()) -> Verdict:
    """Visit a page and write down what came of it. `within`: pages whose visit led here, so as not to go in circles.

    Raises what the product itself suffers from, `SiteForgotten`, and whatever ends the reading.
    """
    verdict = await _judge(reading, page, within | {page.url_hash})
    await _write_down(reading, page, verdict)
    return verdict


async def _write_down(reading: Reading, page: SitePage, verdict: Verdict) -> None:
    if verdict.lets_go:
        await let_go(reading.core, page, reading.site.reading)
    links = page.links if verdict.links is None else verdict.links
    await reading.frontier.settle(
        page,
        verdict.outcome,
        error_code=verdict.code,
        error_facts=verdict.facts,
        links=links,
        **verdict.remember,
    )
    await reading.frontier.meet(links, page.depth + 1)


async def _judge(reading: Reading, page: SitePage, within: frozenset[str]) -> Verdict:
    if not reading.rules.allow(page.url):
        return Verdict(PageOutcome.FORBIDDEN, "page-robots", links=[], lets_go=True)
    asked = await _if_changed(page)
    try:
        answer = await _ask(reading, page.url, asked)
    except AddressRefused as error:
        return Verdict(PageOutcome.FORBIDDEN, "page-refused", because(error))
    except FetchFailed as error:
        return verdict_on_fetch(error)
    if answer.status == 304 and asked:
        return Verdict(PageOutcome.UNCHANGED)
    if answer.status != 200:
        return verdict_on_status(answer.status)
    own = reading.home.own(answer.url)
    if own is None:
        return Verdict(PageOutcome.FORBIDDEN, "page-elsewhere", {"url": answer.url}, links=[], lets_go=True)
    if own != page.url:
        return await _follow_redirect(reading, page, own, answer, within)
    return await _look_into(reading, page, answer, within)


async def _if_changed(page: SitePage) -> Mapping[str, str]:
    """Ask only for what is new, if the old is still here and answers."""
    document = await document_of_page(page)
    if document is None or not await answers(document):
        return {}
    asked = {"If-None-Match": page.etag, "If-Modified-Since": page.last_modified}
    return {name: value for name, value in asked.items() if value}


async def _ask(reading: Reading, url: str, headers: Mapping[str, str]) -> Fetched:
    """A linked file may be as large as one that an owner sends, and take its time; a page of that size is none."""
    largest = reading.core.settings.max_upload_mb * MEGABYTE
    if _FILE.search(url):
        return await reading.fetcher.get(url, headers=headers, max_bytes=largest, limit_s=_FILE_S)
    return await reading.fetcher.get(url, headers=headers, max_bytes=min(largest, _LARGEST_PAGE))


async def _follow_redirect(
    reading: Reading, page: SitePage, own: str, answer: Fetched, within: frozenset[str]
) -> Verdict:
    """The page lives at another address of the site: it is read there, once."""
    if page.depth == 0:
        await _move_start(reading, page, own)
        return await _look_into(reading, page, answer, within)
    moved = Verdict(PageOutcome.DUPLICATE, "page-moved", {"url": own[:500]}, links=[], lets_go=True)
    if not reading.rules.allow(own):
        return Verdict(PageOutcome.FORBIDDEN, "page-robots", links=[], lets_go=True)
    target = await reading.frontier.meet_one(own, page.depth)
    if target and target.outcome == PageOutcome.WAITING and target.url_hash not in within:
        verdict = await _look_into(reading, target, answer, within | {target.url_hash})
        await _write_down(reading, target, verdict)
    return moved


async def _move_start(reading: Reading, start: SitePage, own: str) -> None:
    """The site's first page is where its address leads; a row that another reading had made there gives way."""
    earlier = await SitePage.get_or_none(site_id=reading.site.id, url_hash=hash_of(own))
    if earlier:
        await let_go(reading.core, earlier, reading.site.reading)
        await earlier.delete()
    await move_start(start, own)


async def _look_into(reading: Reading, page: SitePage, answer: Fetched, within: frozenset[str]) -> Verdict:
    """A page that answered: what it says, and whether that is new."""
    try:
        content = await read_content(reading.core, answer)
    except NotText:
        return Verdict(PageOutcome.EMPTY, "page-not-text", links=[], lets_go=True)
    except DocumentRejected as error:
        return verdict_on_file(error)
    try:
        if page.depth == 0 and content.page.site:
            await Site.filter(id=reading.site.id).update(name=storable(content.page.site))
        verdict = await _judge_content(reading, page, answer, content, within)
    finally:
        await asyncio.to_thread(content.place.unlink, missing_ok=True)
    verdict.links = _links_of(reading, content, answer)
    return verdict


async def _judge_content(
    reading: Reading, page: SitePage, answer: Fetched, content: Content, within: frozenset[str]
) -> Verdict:
    if content.page.noindex or said_to_robots(answer.robots) & {"noindex", "none"}:
        return Verdict(PageOutcome.FORBIDDEN, "page-noindex", lets_go=True)
    if page.outcome == PageOutcome.EXCLUDED:
        return Verdict(PageOutcome.EXCLUDED)
    if content.page.scripted:
        return Verdict(PageOutcome.SCRIPTED, "page-scripted")
    if content.is_empty:
        return Verdict(PageOutcome.EMPTY, "page-empty", lets_go=True)
    if original := await _original(reading, page, content, within):
        return Verdict(PageOutcome.DUPLICATE, "page-copy", {"url": original[:500]}, lets_go=True)
    verdict = await _keep(reading, page, content)
    if verdict.outcome != PageOutcome.FAILED:
        verdict.remember = {
            "body_hash": content.text_hash,
            "etag": answer.headers.get("etag", "")[:1_000],
            "last_modified": answer.headers.get("last-modified", "")[:64],
        }
    return verdict


async def _original(reading: Reading, page: SitePage, content: Content, within: frozenset[str]) -> str | None:
    """The address that the page itself calls its own, when that is another page of the site which was read.

    A front page named so by pages that live elsewhere is a common mistake of site builders, and not believed.
    """
    own = reading.home.own(content.page.canonical) if content.page.canonical else None
    if own is None or own in (page.url, f"{reading.home.origin}/") or page.depth == 0:
        return None
    if len(within) > _LONGEST_CHAIN or not reading.rules.allow(own):
        return None
    original = await reading.frontier.meet_one(own, page.depth)
    if original is None or original.depth == 0 or original.url_hash in within:
        return None
    if original.outcome == PageOutcome.WAITING:
        await visit(reading, original, within)
        await original.refresh_from_db()
    return original.url if original.outcome in KNOWN else None


async def _keep(reading: Reading, page: SitePage, content: Content) -> Verdict:
    document = await document_at(reading.assistant, page)
    if document and document.content_hash == content.text_hash and await answers(document):
        return Verdict(PageOutcome.UNCHANGED)
    other = await other_with(reading.assistant, page, content.text_hash)
    if other:
        return Verdict(
            PageOutcome.DUPLICATE, "page-copy", {"url": (other.source_url or other.filename)[:500]}, lets_go=True
        )
    kept = await keep_page(reading.core, reading.assistant, page, content)
    if kept is None:
        await reading.fetcher.still_wanted()  # a reading that is stopped drops the page under its hands, too
        return Verdict(PageOutcome.EXCLUDED)
    if not kept.error_code:
        return Verdict(PageOutcome.READ)
    facts = {**kept.error_facts, "why": kept.error_code}
    failed = kept.status == DocumentStatus.FAILED
    return Verdict(PageOutcome.FAILED, told_of(kept.error_code), facts, lets_go=failed)


def _links_of(reading: Reading, content: Content, answer: Fetched) -> list[str]:
    """Where the page leads inside the site, each address once. None where it asks not to be followed."""
    if content.page.nofollow or said_to_robots(answer.robots) & {"nofollow", "none"}:
        return []
    own = (reading.home.own(link) for link in content.page.links)
    return list(dict.fromkeys(link for link in own if link))[:_MOST_LINKS]
