"""The documents of a site's pages: kept, handed over, let go, put aside. Refuses to know how pages are found."""

import logging
from dataclasses import replace

from tortoise.expressions import Q
from tortoise.transactions import in_transaction

from core.app import Core
from core.crawling.addresses import hash_of
from core.crawling.content import Content
from core.crawling.erasing import erase, hand_over_or_erase
from core.crawling.frontier import KNOWN
from core.documents import LARGE, Remains, clear_away, reading_job, remove_files
from core.indexing import index_document
from core.models import (
    Assistant,
    Document,
    DocumentStatus,
    Job,
    JobStatus,
    PageOutcome,
    PassageRow,
    Site,
    SitePage,
    SiteStatus,
)
from core.receiving import receive_page

log = logging.getLogger(__name__)


class SiteForgotten(Exception):
    """The owner has deleted the site while it was being read."""


async def document_of_page(page: SitePage) -> Document | None:
    return await Document.get_or_none(id=page.document_id) if page.document_id else None


async def answers(document: Document) -> bool:
    """Whether its newest version is the one that answers."""
    return not document.next_hash and await PassageRow.filter(document_id=document.id).exists()


async def document_at(assistant: Assistant, page: SitePage) -> Document | None:
    """The page's document; without one, that of its address, which another site, or a try cut short, has made.

    Raises `SiteForgotten`.
    """
    if page.document_id:
        return await document_of_page(page)
    document = await Document.filter(assistant_id=assistant.id, kind="page", source_url=page.url).first()
    if document:
        await _link(page, document)
    return document


async def other_with(assistant: Assistant, page: SitePage, text_hash: str) -> Document | None:
    """Another document of this assistant that says the same."""
    same = Document.filter(Q(content_hash=text_hash) | Q(next_hash=text_hash), assistant_id=assistant.id)
    return await (same.exclude(id=page.document_id) if page.document_id else same).first()


async def keep_page(core: Core, assistant: Assistant, page: SitePage, content: Content) -> Document | None:
    """Index what the page says now, as its document's next version if it has one; the document afterwards.

    None when the owner has deleted it meanwhile. Raises `SiteForgotten`.
    """
    earlier = await document_of_page(page)
    url = earlier.source_url if earlier else page.url
    document: Document | None = None
    try:
        async with in_transaction():  # a document that no page has would be nobody's
            document = await receive_page(core, assistant, url, content.title, content.place, content.text_hash)
            await _link(page, document)
    except SiteForgotten:
        if document:
            await remove_files(core, document.file_path, document.next_path)
        raise
    after = DocumentStatus.PROCESSING if page.depth == 0 else DocumentStatus.INDEXED
    await index_document(core, document.id, after, content.parsed)
    return await Document.get_or_none(id=document.id)


async def _link(page: SitePage, document: Document) -> None:
    if not await SitePage.filter(id=page.id).update(document_id=document.id):
        raise SiteForgotten
    page.document_id = document.id


async def move_start(start: SitePage, url: str) -> None:
    """A site's first page turned out to live at `url`; its document says so, unless another has that address."""
    start.url, start.url_hash = url, hash_of(url)
    await start.save(update_fields=["url", "url_hash"])
    document = await document_of_page(start)
    if document:
        same = Document.filter(assistant_id=document.assistant_id, kind="page", source_url=url)
        if not await same.exclude(id=document.id).exists():
            await Document.filter(id=document.id).update(source_url=url)


async def let_go(core: Core, page: SitePage, reading: int) -> None:
    """The page no longer says this: its document stops answering, unless another page of the assistant says the same.

    A site's first page keeps its document: whoever added the site knows it by that.
    """
    document = await document_of_page(page)
    if document is None or page.depth == 0:
        return
    here = Q(site_id=page.site_id, reading=reading) & ~Q(id=page.id)
    async with in_transaction():
        await SitePage.filter(id=page.id).update(document_id=None)
        remains = await hand_over_or_erase(document.assistant_id, [document.id], here | ~Q(site_id=page.site_id))
    page.document_id = None
    log.info("%s is no longer known", page.url)
    await clear_away(core, remains)


async def drop_half_read(site: Site) -> Remains:
    """Pages whose reading was cut short: an earlier version goes on answering, or they were never there.

    In the caller's transaction. A site's first page is left: it ends with its site.
    """
    busy = (DocumentStatus.UPLOADED, DocumentStatus.PROCESSING)
    pages = await SitePage.filter(site_id=site.id, depth__gt=0, document_id__isnull=False).only("id", "document_id")
    unwanted, unread = [], []
    for document in await Document.filter(id__in={page.document_id for page in pages}, status__in=busy):
        if await PassageRow.filter(document_id=document.id).exists():
            unwanted.append(document.next_path)
            await Document.filter(id=document.id).update(
                status=DocumentStatus.INDEXED, next_path="", next_hash="", error_code="", error_facts={}
            )
            continue
        await SitePage.filter(document_id=document.id, site_id=site.id, depth__gt=0).update(document_id=None)
        if not await SitePage.filter(document_id=document.id).exists():  # otherwise another site is reading it
            unread.append(document.id)
    remains = await erase(site.assistant_id, unread)
    return replace(remains, paths=(*remains.paths, *unwanted))


async def put_aside(site: Site) -> Remains:
    """Nothing of the site answers any more, except what another site says, too; what was read stays in its files.

    In the caller's transaction.
    """
    own = {page.document_id for page in await _pages_with_documents(site)}
    documents = await Document.filter(id__in=own)
    elsewhere = SitePage.filter(site__assistant_id=site.assistant_id).exclude(
        Q(site_id=site.id) | Q(site__status=SiteStatus.PAUSED)
    )
    linked = {page.document_id for page in await elsewhere.filter(document_id__in=own).only("id", "document_id")}
    copies = elsewhere.filter(outcome=PageOutcome.DUPLICATE, body_hash__in=[one.content_hash for one in documents])
    said = {page.body_hash for page in await copies.only("id", "body_hash")}
    ids = [one.id for one in documents if one.id not in linked and one.content_hash not in said]
    passages = [row.id for row in await PassageRow.filter(document_id__in=ids).only("id")]
    await PassageRow.filter(document_id__in=ids).delete()
    await Job.filter(subject_id__in=ids).exclude(status=JobStatus.DONE).delete()
    await Document.filter(id__in=ids).update(
        status=DocumentStatus.PAUSED,
        error_code="",
        error_facts={},
        passage_count=0,
        passages_done=0,
        reading_since=None,
        embedding_since=None,
    )
    return Remains(site.assistant_id, (), tuple(passages))


async def take_up_again(site: Site) -> list[Job]:
    """What was put aside is read from its files, without the site; the jobs that do it. In the caller's transaction.

    A first page that never said anything has no file: it ends with its site, as ever.
    """
    pages = await _pages_with_documents(site)
    read = {page.document_id for page in pages if page.outcome in KNOWN}
    aside = await Document.filter(id__in={page.document_id for page in pages}, status=DocumentStatus.PAUSED)
    kept = [document for document in aside if document.id in read]
    jobs = [reading_job(document, large=document.size_bytes >= LARGE) for document in kept]
    await Document.filter(id__in=[one.id for one in aside]).update(status=DocumentStatus.INDEXED)
    await Document.filter(id__in=[one.id for one in kept]).update(status=DocumentStatus.UPLOADED, pages_done=0)
    await Job.bulk_create(jobs)
    return jobs


async def _pages_with_documents(site: Site) -> list[SitePage]:
    return await SitePage.filter(site_id=site.id, document_id__isnull=False).order_by("depth", "id")
