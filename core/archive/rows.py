"""The rows of an archive's lines, for one assistant: new ids, and every reference to something that is there.

Pure but for the reader. Refuses to know how rows are written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from core.app import Core
from core.archive.errors import ArchiveRejected
from core.archive.reading import ArchiveReader
from core.archive.records import (
    AdapterRecord,
    AnswerRecord,
    AssistantRecord,
    ContradictionRecord,
    DocumentRecord,
    DraftRecord,
    GapRecord,
    Made,
    NearMissRecord,
    OwnPairRecord,
    PassageEditRecord,
    QuarantineRecord,
    Record,
    SampleRecord,
    SitePageRecord,
    SiteRecord,
    StruckRecord,
)
from core.crawling.addresses import hash_of, hash_of_site
from core.errors import DocumentBroken
from core.models import (
    AdapterStatus,
    Assistant,
    Contradiction,
    Document,
    DocumentStatus,
    Draft,
    Gap,
    LoraAdapter,
    NearMiss,
    OwnPair,
    PageOutcome,
    PassageEdit,
    QuarantinedText,
    SampleAnswer,
    SamplesState,
    Site,
    SitePage,
    SiteStatus,
    StruckExample,
    VerifiedAnswer,
)
from core.passage_edits import corrected_row, own_words
from core.sites import MOST_SITES, start_of

_STATUS = {
    "used": DocumentStatus.UPLOADED,
    "paused": DocumentStatus.PAUSED,
    "stopped": DocumentStatus.CANCELLED,
    "failed": DocumentStatus.FAILED,
}


def fresh(assistant_id: UUID, old: UUID) -> UUID:
    """The id that something gets in this assistant: the same, however often restoring begins anew."""
    return uuid5(assistant_id, f"archive {old}")


@dataclass(slots=True)
class Rows:
    """`made` is in an order in which every row refers only to earlier ones. `to_read` waits for a job each."""

    assistant: AssistantRecord
    live_adapter_id: UUID | None
    made: list[list[Any]] = field(default_factory=list)
    to_read: list[Document] = field(default_factory=list)
    unread_sites: list[Site] = field(default_factory=list)
    adapters: list[LoraAdapter] = field(default_factory=list)

    def in_order(self) -> Iterator[Sequence[Any]]:
        return (part for part in self.made if part)


def rows_of(core: Core, assistant: Assistant, reader: ArchiveReader) -> Rows:
    """Raises `ArchiveRejected` for a reference to nothing, `AddressRefused` for a site that may not be read here."""
    return _Maker(core, assistant, reader).rows()


class _Maker:
    def __init__(self, core: Core, assistant: Assistant, reader: ArchiveReader) -> None:
        self._core, self._reader = core, reader
        self._assistant = assistant
        self._id = assistant.id
        self._known: dict[type[Record], set[UUID]] = {}

    def rows(self) -> Rows:
        record = self._reader.assistant()
        live = record.live_adapter_id and fresh(self._id, record.live_adapter_id)
        rows = Rows(record, live)
        self._assistant.locale = record.locale
        documents = self._documents(rows)
        sites = self._sites(rows)
        rows.adapters = [self._adapter(one) for one in self._lines(AdapterRecord)]
        rows.made += [documents, *self._edits(), [self._quarantined(one) for one in self._lines(QuarantineRecord)]]
        rows.made += [sites, self._pages(sites)]
        rows.made += [[self._plain(VerifiedAnswer, one) for one in self._lines(AnswerRecord)]]
        rows.made += [[self._plain(Gap, one) for one in self._lines(GapRecord)]]
        rows.made += [[self._near_miss(one) for one in self._lines(NearMissRecord)]]
        rows.made += [[self._contradiction(one) for one in self._lines(ContradictionRecord)]]
        rows.made += [[self._draft(one) for one in self._lines(DraftRecord)]]
        rows.made += [[self._sample(one) for one in self._lines(SampleRecord)]]
        rows.made += [[self._plain(OwnPair, one) for one in self._lines(OwnPairRecord)]]
        rows.made += [[self._plain(StruckExample, one) for one in self._lines(StruckRecord)], rows.adapters]
        return rows

    def _lines(self, kind: type[Record]) -> Iterator[Any]:
        """And what has an id is known from then on."""
        known = self._known.setdefault(kind, set())
        for record in self._reader.records(kind):
            if isinstance(record, Made):
                known.add(record.id)
            yield record

    def _ref(self, kind: type[Record], old: UUID) -> UUID:
        if old not in self._known.get(kind, ()):
            raise ArchiveRejected(reason=f"{kind.file} has no {old}")
        return fresh(self._id, old)

    def _plain(self, model: type[Any], record: Any, **others: Any) -> Any:
        """A row whose columns are the record's fields."""
        values = record.model_dump(mode="python")
        if isinstance(record, Made):
            values["id"] = fresh(self._id, record.id)
        return model(**{**values, **others, "assistant_id": self._id})

    def _documents(self, rows: Rows) -> list[Document]:
        documents = []
        for record in self._lines(DocumentRecord):
            document = self._document(record)
            documents.append(document)
            if document.status == DocumentStatus.UPLOADED and record.stored:
                rows.to_read.append(document)
        return documents

    def _document(self, record: DocumentRecord) -> Document:
        values = record.model_dump(exclude={"id", "state", "stored"})
        status = _STATUS[record.state]
        if status == DocumentStatus.UPLOADED and not record.stored and record.kind != "page":
            status, values["error_code"], values["error_facts"] = (
                DocumentStatus.FAILED,
                DocumentBroken.code,
                {"name": record.filename},
            )
        path = f"{self._id}/{record.content_hash}"
        own = {"id": fresh(self._id, record.id), "assistant_id": self._id, "file_path": path, "status": status}
        return Document(**{**values, **own})

    def _sites(self, rows: Rows) -> list[Site]:
        sites = []
        for record in self._lines(SiteRecord):
            start = start_of(self._core, record.url)
            due = datetime.now(UTC) + timedelta(hours=record.every_hours) if record.every_hours else None
            values = record.model_dump(exclude={"id", "was_read"})
            own = {"id": fresh(self._id, record.id), "assistant_id": self._id, "url_hash": hash_of_site(start)}
            site = Site(**values, **own, status=SiteStatus.DONE, next_reading_at=due)
            sites.append(site)
            if not record.was_read:
                rows.unread_sites.append(site)
        if len(sites) > MOST_SITES:
            raise ArchiveRejected(reason="too many sites")
        return sites

    def _pages(self, sites: list[Site]) -> list[SitePage]:
        """Every site needs the one page that a reading begins with."""
        pages = [self._page(one) for one in self._lines(SitePageRecord)]
        if sorted(page.site_id for page in pages if page.depth == 0) != sorted(site.id for site in sites):
            raise ArchiveRejected(reason="a site without its first page")
        return pages

    def _page(self, record: SitePageRecord) -> SitePage:
        document = record.document_id and self._ref(DocumentRecord, record.document_id)
        return SitePage(
            id=fresh(self._id, record.id),
            created_at=record.created_at,
            site_id=self._ref(SiteRecord, record.site_id),
            document_id=document,
            url=record.url,
            url_hash=hash_of(record.url),
            depth=record.depth,
            outcome=record.outcome if document or record.outcome == PageOutcome.EXCLUDED else PageOutcome.WAITING,
        )

    def _quarantined(self, record: QuarantineRecord) -> QuarantinedText:
        document = self._ref(DocumentRecord, record.document_id)
        row: QuarantinedText = self._plain(QuarantinedText, record, document_id=document, decided_at=datetime.now(UTC))
        return row

    def _edits(self) -> list[list[Any]]:
        """Corrections with the documents that hold them, each a passage of its own."""
        documents, passages, edits = list[Any](), list[Any](), list[Any]()
        for record in self._lines(PassageEditRecord):
            values = record.model_dump(exclude={"id", "said", "question", "document_id"})
            seen = record.document_id and self._ref(DocumentRecord, record.document_id)
            own = {"id": fresh(self._id, record.id), "assistant_id": self._id, "document_id": seen}
            edit = PassageEdit(**values, **own)
            if edit.wording:
                document = own_words(self._core, self._assistant, edit)
                edit.correction_id = document.id
                documents.append(document)
                passages.append(corrected_row(document, edit, record.said or record.wording, record.question))
            edits.append(edit)
        return [documents, passages, edits]

    def _near_miss(self, record: NearMissRecord) -> NearMiss:
        row: NearMiss = self._plain(NearMiss, record, answer_id=self._ref(AnswerRecord, record.answer_id))
        return row

    def _contradiction(self, record: ContradictionRecord) -> Contradiction:
        def passage(document_id: UUID, content_hash: str) -> UUID:
            return uuid5(self._ref(DocumentRecord, document_id), f"{content_hash}:1")

        return Contradiction(
            id=fresh(self._id, record.id),
            created_at=record.created_at,
            assistant_id=self._id,
            pair_key=record.pair_key,
            told=record.told,
            first_quote=record.first_quote,
            first_passage_id=passage(record.first_document_id, record.first_hash),
            second_quote=record.second_quote,
            second_passage_id=passage(record.second_document_id, record.second_hash),
            dismissed=record.dismissed,
        )

    def _draft(self, record: DraftRecord) -> Draft:
        """Samples that were being made when the archive was are not made here."""
        samples = SamplesState.MADE if record.samples == SamplesState.MAKING else record.samples
        row: Draft = self._plain(Draft, record, samples=samples)
        return row

    def _sample(self, record: SampleRecord) -> SampleAnswer:
        document = self._ref(DocumentRecord, record.document_id)
        values = record.model_dump(exclude={"id", "passage_hash", "document_id"})
        own = {"id": fresh(self._id, record.id), "assistant_id": self._id, "document_id": document}
        return SampleAnswer(**values, **own, passage_id=uuid5(document, f"{record.passage_hash}:1"))

    def _adapter(self, record: AdapterRecord) -> LoraAdapter:
        key = fresh(self._id, record.id)
        row: LoraAdapter = self._plain(
            LoraAdapter, record, status=AdapterStatus.COMPLETED, adapter_path=f"{self._id}/{key}"
        )
        return row
