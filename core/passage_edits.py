"""What an owner says about single passages: not to be used, or that something else is so. All of it can be taken back.

A document is never made to say what it does not say: a correction is a document of its own, cited as one, in the place
of the text that it corrects. Both are kept by the hash of that text under its headings, so the same text stays hidden
or corrected when it is read again, in whatever document of the assistant; and when it has changed, the owner's word on
the earlier one changes nothing (core/passages.py asks for that with every search). Refuses to know who may do it.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from tortoise.exceptions import IntegrityError
from tortoise.queryset import QuerySet
from tortoise.transactions import in_transaction

from core.app import Core
from core.assistant_index import Searchable, index_texts
from core.changes import CannotUndo, State, record_undoable
from core.documents import forget_document
from core.errors import Conflict, NotFound, Unavailable
from core.indexing import searchable_text
from core.models import Assistant, Document, DocumentStatus, PassageEdit, PassageRow
from core.passages import CORRECTION, hashes_there
from core.storable import storable
from core.tenancy import Actor

log = logging.getLogger(__name__)
EDIT = "passage"
"""What these changes are called."""
HID, CORRECTED, TAKEN_BACK = "hide passage", "correct passage", "use passage again"
LONGEST_WORDING = 2000
_LONGEST_NAME = 250


class Kind(StrEnum):
    HIDDEN = "hidden"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class ListedEdit:
    """`applies`: the text that it is about stands in a document of the assistant now."""

    edit: PassageEdit
    applies: bool


async def hide_passage(passage: PassageRow, by: Actor | None) -> PassageEdit:
    """From the next answer on nobody is told what this passage says. Hiding twice is hiding once.

    `passage` has its `document`. Raises `Conflict` for one that is corrected: it is not used as it is.
    """
    async with in_transaction():
        edit, made = await PassageEdit.get_or_create(
            assistant_id=passage.assistant_id,
            content_hash=passage.content_hash,
            defaults=_seen(passage) | {"decided_by": by.user_id if by else None},
        )
        if edit.wording:
            raise Conflict(reason="it is corrected")
        if made:
            await _record(by, HID, edit, before=None, after=snapshot_of(edit))
    return edit


async def correct_passage(core: Core, passage: PassageRow, wording: str, by: Actor | None) -> PassageEdit:
    """The owner's words answer in the place of this passage's, from the next answer on, and are cited as his.

    `passage` has its `document`; one that is corrected gets other words. Raises `Conflict` for a hidden one and for the
    same words, and `Unavailable`; after each of them everything is as before.
    """
    if await hidden_by(passage):
        raise Conflict(reason="it is hidden")
    if whole_text(passage, wording.strip()) == passage.text:
        raise Conflict(reason="it says so already")
    known = await correction_of(passage)
    before = snapshot_of(known) if known else None
    edit = known or PassageEdit(**_seen(passage), assistant_id=passage.assistant_id, content_hash=passage.content_hash)
    edit.wording, edit.decided_by = storable(wording).strip(), by.user_id if by else None
    assistant = await Assistant.get(id=passage.assistant_id)
    document = own_words(core, assistant, edit)
    row = corrected_row(document, edit, whole_text(passage, edit.wording), passage.question)
    await index_texts(core, assistant.id, [Searchable(row.id, searchable_text(row.heading, row.text), row.question)])
    try:
        earlier = await _publish(document, row, edit)
    except IntegrityError:
        raise Conflict(reason="somebody else has just decided about it") from None
    await _forget_vectors(core, assistant.id, sorted(earlier - {row.id}))
    now = await PassageEdit.get(assistant_id=assistant.id, content_hash=edit.content_hash)
    await _record(by, CORRECTED, now, before=before, after=snapshot_of(now))
    return now


async def take_back(core: Core, edit: PassageEdit, by: Actor | None = None) -> None:
    """The document's own words count again. Doing it twice changes nothing."""
    correction = await Document.get_or_none(id=edit.correction_id) if edit.correction_id else None
    if correction is None:
        there = await PassageEdit.filter(id=edit.id).delete()
    else:
        there = 1
        await PassageEdit.filter(document_id=correction.id).delete()  # what was said about his own words goes with them
        await forget_document(core, correction)
    if there:
        await _record(by, TAKEN_BACK, edit, before=snapshot_of(edit), after=None)


async def say_again(core: Core, assistant_id: UUID, was: dict[str, Any], by: Actor) -> None:
    """What was said of a text counts again. Raises `Unavailable`, and `CannotUndo` when that text stands nowhere."""
    there = PassageRow.filter(assistant_id=assistant_id, content_hash=was["content_hash"])
    passage = await there.select_related("document").first()
    if passage is None:
        raise CannotUndo
    if was["wording"]:
        await correct_passage(core, passage, was["wording"], by)
    else:
        await hide_passage(passage, by)


def snapshot_of(edit: PassageEdit) -> dict[str, Any]:
    return {"content_hash": edit.content_hash, "wording": edit.wording}


def subject_of(assistant_id: UUID, content_hash: str) -> UUID:
    """What such a change is about: the text, for what is said of it comes and goes."""
    return uuid5(assistant_id, f"passage {content_hash}")


async def _record(by: Actor | None, action: str, edit: PassageEdit, *, before: State, after: State) -> None:
    await record_undoable(
        by,
        action,
        EDIT,
        subject_of(edit.assistant_id, edit.content_hash),
        assistant_id=edit.assistant_id,
        before=before,
        after=after,
        name=" ".join(edit.text.split())[:80],
    )


async def hidden_by(passage: PassageRow) -> PassageEdit | None:
    """What hides this passage, if anything does."""
    return await _about(passage).filter(wording="").first()


async def correction_of(passage: PassageRow) -> PassageEdit | None:
    """What corrects this passage, or is said in it. `passage` has its `document`."""
    if passage.document.kind == CORRECTION:
        return await PassageEdit.filter(correction_id=passage.document_id).first()
    return await _about(passage).exclude(wording="").first()


async def edits_of(
    assistant: Assistant, kind: Kind | None = None, limit: int = 50, offset: int = 0
) -> list[ListedEdit]:
    """The last one first; of one kind, or of both."""
    rows = await _edits(assistant, kind).order_by("-created_at", "id").offset(offset).limit(limit)
    there = await hashes_there(assistant.id, [row.content_hash for row in rows])
    return [ListedEdit(row, row.content_hash in there) for row in rows]


async def count_edits(assistant: Assistant) -> int:
    return await _edits(assistant, None).count()


async def edit_said(edit: PassageEdit) -> ListedEdit:
    """One of them, as it stands now."""
    return ListedEdit(edit, bool(await hashes_there(edit.assistant_id, [edit.content_hash])))


async def count_idle_in(document: Document) -> int:
    """How many of the owner's words on passages of a document are about texts that it does not hold any more."""
    rows = await PassageEdit.filter(document_id=document.id).only("id", "content_hash")
    there = await hashes_there(document.assistant_id, [row.content_hash for row in rows])
    return sum(row.content_hash not in there for row in rows)


def own_text(passage: PassageRow) -> str:
    """What a passage says, without the question that opens a pair."""
    return passage.text.removeprefix(f"{passage.question}\n") if passage.question else passage.text


def whole_text(passage: PassageRow, wording: str) -> str:
    """Other words for `own_text`, under the question again that they belong to."""
    opened = own_text(passage) != passage.text and not wording.startswith(passage.question)
    return f"{passage.question}\n{wording}" if opened else wording


def _edits(assistant: Assistant, kind: Kind | None) -> QuerySet[PassageEdit]:
    rows = PassageEdit.filter(assistant_id=assistant.id)
    if kind is Kind.HIDDEN:
        return rows.filter(wording="")
    return rows.exclude(wording="") if kind else rows


def _about(passage: PassageRow) -> QuerySet[PassageEdit]:
    return PassageEdit.filter(assistant_id=passage.assistant_id, content_hash=passage.content_hash)


def _seen(passage: PassageRow) -> dict[str, Any]:
    """Where the text was seen, for lists."""
    return {
        "document_id": passage.document_id,
        "document_name": passage.document.title or passage.document.filename,
        "heading": passage.heading,
        "page": passage.page,
        "text": passage.text,
    }


def own_words(core: Core, assistant: Assistant, edit: PassageEdit) -> Document:
    """The document of a correction; its id follows from what is corrected, so of two at once both make the same."""
    title = core.texts.say(assistant.locale, "correction-title", name=edit.document_name[:_LONGEST_NAME])
    return Document(
        id=uuid5(assistant.id, f"correction of {edit.content_hash}"),
        assistant_id=assistant.id,
        kind=CORRECTION,
        filename=title[:255],
        title=title[:300],
        content_hash=_hash(f"correction of {edit.content_hash}"),
        size_bytes=len(edit.wording.encode()),
        status=DocumentStatus.INDEXED,
        passage_count=1,
        passages_done=1,
    )


def corrected_row(document: Document, edit: PassageEdit, text: str, question: str) -> PassageRow:
    return PassageRow(
        id=uuid5(document.id, text),
        document_id=document.id,
        assistant_id=document.assistant_id,
        chunk_index=0,
        heading=edit.heading,
        text=text,
        question=question,
        content_hash=_hash(searchable_text(edit.heading, text)),
    )


async def _publish(document: Document, row: PassageRow, edit: PassageEdit) -> set[UUID]:
    """The correction instead of what it corrects, in one step; the ids of its earlier words."""
    made = {name: getattr(document, name) for name in document._meta.db_fields if name not in ("id", "created_at")}
    await Document.get_or_create(id=document.id, defaults=made)
    async with in_transaction():
        # This also makes two corrections of one passage wait for each other.
        if not await Document.filter(id=document.id).update(size_bytes=document.size_bytes):
            raise NotFound(what="correction")  # taken back in this very moment
        earlier = {one.id for one in await PassageRow.filter(document_id=document.id).only("id")}
        await PassageRow.filter(document_id=document.id).delete()
        await row.save(force_create=True)
        said = {"wording": edit.wording, "correction_id": document.id, "decided_by": edit.decided_by}
        about = PassageEdit.filter(assistant_id=edit.assistant_id, content_hash=edit.content_hash)
        if not await about.update(**said):
            edit.correction_id = document.id
            await edit.save(force_create=True)
    return earlier


async def _forget_vectors(core: Core, assistant_id: UUID, ids: Sequence[UUID]) -> None:
    try:
        await core.vectors.forget(assistant_id, ids)
    except Unavailable as error:  # whoever searches asks SQL, which no longer knows them
        log.warning("vectors of earlier words of a correction stay behind: %s", error)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
