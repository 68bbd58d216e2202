"""All that is kept of one customer, for him to read: a zip of JSON and a plain text in his language or the owner's."""

import asyncio
import json
import re
import zipfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from core.app import Core
from core.attachments import attachments_of, file_of
from core.contact_notes import notes_of
from core.customers.words import words_of
from core.errors import NotFound
from core.gaps import wordings_of_gap
from core.models import Assistant, Author, BotState, Contact, Conversation, Gap, Message, NearMiss
from core.receiving import new_upload
from core.tenancy import Actor, actor_of

_MARKS = {
    Author.CUSTOMER: "customer-data-customer",
    Author.ASSISTANT: "customer-data-assistant",
    Author.OPERATOR: "customer-data-person",
}


async def contact_of(assistant: Assistant, contact_id: UUID) -> Contact:
    """Raises `NotFound`."""
    found = await Contact.get_or_none(id=contact_id, assistant_id=assistant.id)
    if found is None:
        raise NotFound(what="customer")
    return found


async def customer_for(user_id: UUID, contact_id: UUID | None) -> tuple[Actor, Contact]:
    """A customer of whichever of his businesses, with his assistant, and the person there. Raises `NotFound`."""
    mine = Contact.filter(id=contact_id, assistant__tenant__memberships__user_id=user_id)
    found = await mine.first().select_related("assistant")
    if found is None:
        raise NotFound(what="customer")
    return await actor_of(user_id, found.assistant.tenant_id), found


async def contacts_of(assistant: Assistant, named: str = "", limit: int = 50, offset: int = 0) -> list[Contact]:
    """Those whose name or id in their channel holds `named`, newest first."""
    rows = Contact.filter(assistant_id=assistant.id)
    if named.strip():
        # SQLite knows the case of Latin letters only.
        ways = {named.strip(), named.strip().lower(), named.strip().title(), named.strip().upper()}
        rows = rows.filter(Q(*(Q(name__icontains=way) for way in ways), join_type="OR") | Q(key=named.strip()))
    return await rows.order_by("-created_at", "id").limit(limit).offset(offset)


async def everything_about(contact: Contact) -> dict[str, Any]:
    """As JSON: who he is here, what was said and how he liked it, what he waits for, what is still unanswered."""
    words = await words_of(contact)
    talks = []
    for conversation in await Conversation.filter(contact_id=contact.id).order_by("created_at"):
        turns = await Message.filter(conversation_id=conversation.id).order_by("created_at")
        talks.append(
            {
                "began_at": _moment(conversation.created_at),
                "last_message_at": _moment(conversation.last_message_at),
                "state": conversation.state,
                "person_called": conversation.handoff_reason,
                "summary": conversation.summary or "",
                "messages": [_said(turn) for turn in turns if turn.text],
            }
        )
    gaps = [
        wording
        for gap in await Gap.filter(assistant_id=contact.assistant_id)
        for wording in wordings_of_gap(gap)
        if words.times(wording)
    ]
    near = [row.question for row in await NearMiss.filter(assistant_id=contact.assistant_id)]
    waits = [row for row in await BotState.filter(key__startswith="asker:") if row.data["contact"] == str(contact.id)]
    notes = (await notes_of([contact]))[contact.id]
    return {
        "customer": {
            "name": contact.name,
            "channel": contact.channel.partition(":")[0],
            "id_in_channel": contact.key,
            "known_since": _moment(contact.created_at),
            "came_from": notes.source,
            "wants_silence": notes.silent,
        },
        "conversations": talks,
        "unanswered_questions": gaps,
        "nearly_answered_questions": [question for question in near if words.times(question)],
        "waits_for_answers_to": [row.data["asked"] for row in waits if (row.state or "").startswith("waits:")],
    }


def _said(turn: Message) -> dict[str, Any]:
    said: dict[str, Any] = {"at": _moment(turn.created_at), "by": turn.author.value, "text": turn.text}
    if turn.author == Author.ASSISTANT:
        said["sources"] = [{"document": one["document"], "quote": one["quote"]} for one in turn.citations]
    if turn.feedback_score is not None:
        said |= {"rating": turn.feedback_score, "rating_comment": turn.feedback_comment}
    return said


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""


async def write_everything(core: Core, contact: Contact, locale: str) -> Path:
    """A zip file where files arrive; whoever takes it removes it."""
    found = await everything_about(contact)
    text = as_text(core, found, locale)
    files = await _files_of(core, contact)
    place = new_upload(core)

    def write() -> None:
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("customer.json", json.dumps(found, ensure_ascii=False, indent=1))
            made.writestr("customer.txt", text)
            for name, file in files:
                with suppress(FileNotFoundError):  # tidied away at this moment
                    made.write(file, f"files/{name}")

    await asyncio.to_thread(write)
    return place


async def _files_of(core: Core, contact: Contact) -> list[tuple[str, Path]]:
    """Files from and to him that are still here, oldest first, each with a name of its own."""
    turns = await Message.filter(conversation__contact_id=contact.id).order_by("created_at").only("id", "created_at")
    there = await attachments_of([turn.id for turn in turns])
    found = list[tuple[str, Path]]()
    for turn in turns:
        attachment = there.get(turn.id)
        file = await file_of(core.settings, attachment) if attachment else None
        if attachment and file:
            plain = re.sub(r"[^\w.-]+", "_", attachment.name).strip("._") or attachment.kind
            found.append((f"{len(found) + 1:03}-{plain[-80:]}", file))
    return found


def as_text(core: Core, found: dict[str, Any], locale: str) -> str:
    """The same for reading."""
    who = found["customer"]
    lines = [core.texts.say(locale, "customer-data-title", name=who["name"] or who["id_in_channel"]), ""]
    lines += [core.texts.say(locale, "customer-data-where", channel=who["channel"], since=who["known_since"][:10]), ""]
    for number, talk in enumerate(found["conversations"], 1):
        lines.append(core.texts.say(locale, "customer-data-talk", number=number, date=talk["began_at"][:10]))
        for turn in talk["messages"]:
            by = core.texts.say(locale, _MARKS[Author(turn["by"])])
            lines.append(f"[{turn['at'][:16].replace('T', ' ')}] {by}: {turn['text']}")
            if "rating" in turn:
                lines.append(f"    {'👍' if turn['rating'] > 0 else '👎'} {turn['rating_comment']}".rstrip())
        lines.append("")
    parts = {
        "customer-data-unanswered": "unanswered_questions",
        "customer-data-near": "nearly_answered_questions",
        "customer-data-waits": "waits_for_answers_to",
    }
    for key, part in parts.items():
        if found[part]:
            lines += [core.texts.say(locale, key), *(f"- {one}" for one in found[part]), ""]
    return "\n".join(lines)
