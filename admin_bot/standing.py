"""How far an assistant is: what it knows, what is being read, what could not be read. Refuses to change anything."""

from dataclasses import dataclass

from core.documents import documents_of
from core.models import Assistant, DocumentStatus, PassageRow, VerifiedAnswer
from core.sites import sites_of

_BUSY = (DocumentStatus.UPLOADED, DocumentStatus.PROCESSING)


@dataclass(frozen=True, slots=True)
class Standing:
    """Numbers of documents, pages of sites left out: there may be hundreds. `answers`: something can be answered from.

    A document is ready when it has passages, though it may be read anew (then it is busy, too) or have been stopped.
    """

    documents: int
    ready: int
    busy: int
    failed: int
    sites: int
    answers: bool
    reading: bool


async def standing_of(assistant: Assistant) -> Standing:
    documents = await documents_of(assistant)
    own = [document for document in documents if document.kind != "page"]
    passages = PassageRow.filter(assistant_id=assistant.id).distinct()
    known = set(await passages.values_list("document_id", flat=True))
    return Standing(
        documents=len(own),
        ready=sum(document.id in known or document.status == DocumentStatus.INDEXED for document in own),
        busy=sum(document.status in _BUSY for document in own),
        failed=sum(document.status == DocumentStatus.FAILED for document in own),
        sites=len(await sites_of(assistant)),
        answers=bool(known) or await VerifiedAnswer.filter(assistant_id=assistant.id).exists(),
        reading=any(document.status in _BUSY for document in documents),
    )
