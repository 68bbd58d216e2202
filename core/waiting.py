"""What an owner sees of work that waits because something which it needs is away. Refuses to know what that is."""

from uuid import UUID

from tortoise.queryset import QuerySet

from core.models import Document, DocumentStatus, Site, SitePage, SiteStatus

WAITS = "document-waits"
"""Stands as `error_code` of a document, or of a site and its first page's document, until the work goes on."""


async def tell_waiting(subject_id: UUID) -> None:
    """`subject_id` is a job's. Nothing is told of what answers meanwhile: nobody waits for that."""
    waiting = {"error_code": WAITS, "error_facts": {}}
    if await Site.filter(id=subject_id, status=SiteStatus.READING).update(**waiting):
        await _unfinished(await _shown_as(subject_id)).update(**waiting)
    await _unfinished(subject_id).update(status=DocumentStatus.UPLOADED, **waiting)


async def tell_going_on(subject_id: UUID) -> None:
    """The work begins again."""
    if await Site.filter(id=subject_id, error_code=WAITS).update(error_code=""):
        subject_id = await _shown_as(subject_id)
    await Document.filter(id=subject_id, error_code=WAITS).update(error_code="")


async def _shown_as(site_id: UUID) -> UUID:
    """The document that stands for the site; the site's own id, which is no document's, while there is none."""
    start = await SitePage.get_or_none(site_id=site_id, depth=0)
    return start.document_id if start and start.document_id else site_id


def _unfinished(document_id: UUID) -> QuerySet[Document]:
    return Document.filter(id=document_id, status__in=(DocumentStatus.UPLOADED, DocumentStatus.PROCESSING))
