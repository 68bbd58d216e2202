"""Where a customer's words may stand beside his conversations: dialog states, the inbox, the list of changes.

Refuses to know his conversations and questions themselves (core/customers/erasing.py).
"""

import json
from collections.abc import Collection
from typing import Any
from uuid import UUID

from core.customers.words import Words
from core.models import ApiKey, Assistant, AuditEvent, BotState, Channel, ProcessedEvent
from core.operators import members_in_telegram

_AT_ONCE = 500
_IN_CHANNELS = ("telegram", "slack")
"""Kinds of channels whose events stand in the inbox."""
_SHORTEST = 12
"""Characters from which a text is looked for inside of others."""


async def erase_elsewhere(
    assistant: Assistant, words: Words, gaps: Collection[UUID], spared: UUID | None = None
) -> list[UUID]:
    """Ids of rows that are gone; of events, all but the `spared`. Within a transaction."""
    gone = [*await _erase_states(assistant, words), *await _erase_events(assistant, words, spared)]
    await _erase_names(assistant, words, gaps)
    return gone


async def _erase_states(assistant: Assistant, words: Words) -> list[UUID]:
    """What he waits for, and notices about him; of what people of this business were doing just now, only what repeats
    his words. In another business the same words are somebody else's."""
    mine = {str(words.contact.id), *map(str, words.conversations)}
    people = {str(one.telegram_id) for one in await members_in_telegram(assistant.tenant_id)}
    gone = list[UUID]()
    for row in await BotState.all():
        named = {row.data.get("contact"), row.data.get("conversation")}
        if named & mine and not row.key.startswith("talk:"):
            gone.append(row.id)
            continue
        if not people & {*row.key.split(":"), str(row.data.get("chat"))}:
            continue
        left = {name: value for name, value in row.data.items() if not _repeats(value, words)}
        if left != row.data:
            await BotState.filter(id=row.id).update(data=left)
    await BotState.filter(id__in=gone).delete()
    return gone


def _repeats(value: Any, words: Words) -> bool:
    said = json.dumps(value, ensure_ascii=False)
    return any(json.dumps(text, ensure_ascii=False)[1:-1] in said for text in words.texts if len(text) >= _SHORTEST)


async def _erase_events(assistant: Assistant, words: Words, spared: UUID | None) -> list[UUID]:
    """Of his messages what was accepted and is not done, and answers that are kept for a repetition."""
    contact = words.contact
    sources = [f"web:{contact.key}"]
    kind, _, identity = contact.channel.partition(":")
    if kind in _IN_CHANNELS:
        channels = Channel.filter(assistant_id=assistant.id, kind=kind, identity=identity)
        sources += [f"{kind}:{one.id}" for one in await channels.only("id")]
    sources += [f"api:{one.id}" for one in await ApiKey.filter(assistant_id=assistant.id).only("id")]
    gone = list[UUID]()
    start = 0
    rows = ProcessedEvent.filter(source__in=sources).order_by("created_at", "id")
    while found := await rows.offset(start).limit(_AT_ONCE):
        gone += [row.id for row in found if row.id != spared and _is_his(row, words)]
        start += len(found)
    await ProcessedEvent.filter(id__in=gone).delete()
    return gone


def _is_his(row: ProcessedEvent, words: Words) -> bool:
    said = json.dumps([row.payload, row.result])
    if row.source == f"web:{words.contact.key}" or any(str(one) in said for one in words.conversations):
        return True
    if row.source.startswith("slack:"):
        return _slack_writer(row.payload) in words.contact.key.split(":")
    return row.source.startswith("telegram:") and words.contact.key in _keys_of_writer(row.payload)


def _keys_of_writer(update: dict[str, Any]) -> set[str]:
    """Of contacts that whoever sent an update of Telegram's may be: himself, himself in a group, in a business's chat
    (bots/telegram/reading.py)."""
    for body in update.values():
        if isinstance(body, dict) and isinstance(body.get("from"), dict):
            message = body["message"] if isinstance(body.get("message"), dict) else body
            writer, chat = body["from"].get("id", ""), (message.get("chat") or {}).get("id", "")
            link = message.get("business_connection_id", "")
            return {str(writer), f"{chat}:{writer}", f"business:{link}:{writer}"}
    return set()


def _slack_writer(payload: dict[str, Any]) -> str:
    """Who has written a message in Slack, pressed a button or given a command there."""
    body = payload.get("body") or {}
    told = body.get("event") or body
    user = told.get("user_id") or told.get("user")
    return str(user.get("id", "") if isinstance(user, dict) else user or "")


async def _erase_names(assistant: Assistant, words: Words, gaps: Collection[UUID]) -> None:
    """The list of changes names questions by their first words."""
    about = {str(gap) for gap in gaps} | {str(one) for one in words.conversations}
    for event in await AuditEvent.filter(tenant_id=assistant.tenant_id):
        if event.subject in about or words.holds(str(event.details.get("name", ""))):
            await AuditEvent.filter(id=event.id).update(details={})
