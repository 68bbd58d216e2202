"""The documents of a site's pages: kept, handed over, let go. Refuses to know how pages are found or fetched."""

import logging

from tortoise.expressions import Q

from core.app import Core
from core.crawling.addresses import hash_of
from core.crawling.content import Content
from core.documents import forget_document
from core.indexing import index_document
from core.models import Assistant, Document, DocumentStatus, PageOutcome, PassageRow, SitePage
from core.receiving import receive_page

log = logging.getLogger(__name__)


class SiteForgotten(Exception):
    """The owner has deleted the site while it was being read."""


async def document_of_page(page: SitePage) -> Document | None:
    return await Document.get_or_none(id=page.document_id) if page.document_id else None


async def answers(document: Document) -> bool:
    """Whether its newest version is the one that answers."""
    return not document.next_hash and await PassageRow.filter(document_id=document.id).exists()


async def other_with(assistant: Assistant, page: SitePage, text_hash: str) -> Document | None:
    """Another document of this assistant that says the same."""
    same = Document.filter(Q(content_hash=text_hash) | Q(next_hash=text_hash), assistant_id=assistant.id)
    return await (same.exclude(id=page.document_id) if page.document_id else same).first()


async def keep_page(core: Core, assistant: Assistant, page: SitePage, content: Content) -> Document | None:
    """Index what the page says now, as its document's next version if it has one; the document afterwards.

    None when the owner has deleted it meanwhile. Raises `SiteForgotten`.
    """
    is_start = page.depth == 0
    earlier = await document_of_page(page)
    url = earlier.source_url if earlier else page.url
    document = await receive_page(core, assistant, url, content.title, content.place, content.text_hash)
    if not await SitePage.filter(id=page.id).update(document_id=document.id):
        await forget_document(core, document)
        raise SiteForgotten
    page.document_id = document.id
    after = DocumentStatus.PROCESSING if is_start else DocumentStatus.INDEXED
    await index_document(core, document.id, after, content.parsed)
    return await Document.get_or_none(id=document.id)


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
    """The page no longer says this: its document stops answering, unless another page of its site says the same.

    A site's first page keeps its document: whoever added the site knows it by that.
    """
    document = await document_of_page(page)
    if document is None or page.depth == 0:
        return
    await SitePage.filter(id=page.id).update(document_id=None)
    page.document_id = None
    if await SitePage.filter(document_id=document.id).exists():
        return  # another site has read it, too
    copies = SitePage.filter(site_id=page.site_id, reading=reading, outcome=PageOutcome.DUPLICATE)
    heir = await copies.filter(body_hash=document.content_hash).exclude(id=page.id).first()
    if heir:
        await SitePage.filter(id=heir.id).update(
            document_id=document.id, outcome=PageOutcome.UNCHANGED, error_code="", error_facts={}
        )
        await Document.filter(id=document.id).update(source_url=heir.url, filename=heir.url[:255])
        return
    log.info("%s is no longer known", page.url)
    await forget_document(core, document)
