"""Taking changes back: each kind of thing is put as it was by the functions that change it, which record that, too.

So what was taken back can be done again. Nothing later is lost: a thing that was changed once more stays as it is.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from core import passage_edits
from core.answer_changes import ANSWER, snapshot_of
from core.app import Core
from core.assistants import ASSISTANT, change_assistant, with_settings
from core.changes import AlreadyUndone, CannotUndo, ChangedSince, State, last_change_of
from core.channel_care import pause, resume, set_groups
from core.channel_modes import POLLING, change_mode
from core.channels import CHANNEL, GROUPS, disconnect, groups_of, reconnect
from core.contradictions.settling import CONTRADICTION, say_both_are_right
from core.document_changes import DOCUMENT
from core.documents import forget_document
from core.farewell import WHOLE, bring_back, is_there
from core.gaps import GAP, set_gap
from core.models import (
    Assistant,
    Change,
    Channel,
    Contradiction,
    Decision,
    Document,
    DocumentStatus,
    Gap,
    GapStatus,
    Membership,
    PassageEdit,
    QuarantinedText,
    Role,
    Site,
    SiteStatus,
    VerifiedAnswer,
    WebhookEndpoint,
)
from core.pausing import pause_document, resume_document
from core.quarantine import TEXT, take_back_decisions
from core.site_pausing import pause_site, resume_site
from core.sites import SITE, change_site, forget_site, restore_site, settings_of
from core.team import MEMBER, change_role, remove_member, take_in_again
from core.tenancy import Actor
from core.verified import change_verified_answer, forget_verified_answer, restore_verified_answer, set_wordings
from core.versions import content_hash_of, lay_again, restore_document
from core.webhooks import endpoints as webhooks


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of thing is now, how it is put as it was, and the least role that may do so."""

    now: Callable[[Change], Awaitable[State]]
    put: Callable[[Core, Actor, Change], Awaitable[None]]
    role: Role = Role.MANAGER


async def undo(core: Core, actor: Actor, change: Change) -> Change | None:
    """The thing is as it was before the change, from the next answer on; the change that takes this back, if one does.

    Raises `AlreadyUndone`, `ChangedSince`, `CannotUndo`, `Refused`, and what changing such a thing raises.
    """
    kind = KINDS[change.kind]
    actor.must_be(kind.role)
    now = await kind.now(change)
    if _is(now, change.before):
        await _mark(change)
        raise AlreadyUndone
    if not _is(now, change.after):
        raise ChangedSince
    await kind.put(core, actor, change)
    await _mark(change)
    return await last_change_of(change.subject_id)


def may_undo(actor: Actor, change: Change) -> bool:
    return change.kind in KINDS and actor.may(KINDS[change.kind].role)


async def _mark(change: Change) -> None:
    await Change.filter(id=change.id).update(undone_at=datetime.now(UTC))


def _is(now: State, recorded: State) -> bool:
    """Whether a thing is as was written down; that may hold more than can be seen of it."""
    if now is None or recorded is None:
        return now is recorded
    return all(recorded.get(name, value) == value for name, value in now.items())


async def _assistant_now(change: Change) -> State:
    assistant = await Assistant.get(id=change.subject_id)
    seen: dict[str, Any] = {}
    for field, was in (change.before or {}).items():
        value = getattr(assistant, field)
        seen[field] = {key: value.get(key) for key in was} if isinstance(was, dict) else value
    return seen


async def _put_assistant(_: Core, actor: Actor, change: Change) -> None:
    assistant = await Assistant.get(id=change.subject_id)
    await change_assistant(actor, assistant, **with_settings(assistant, change.before or {}))


async def _document_now(change: Change) -> State:
    document = await Document.get_or_none(id=change.subject_id)
    if document is None:
        return None
    return {"content_hash": content_hash_of(document), "paused": document.status == DocumentStatus.PAUSED}


async def _put_document(core: Core, actor: Actor, change: Change) -> None:
    document = await Document.get_or_none(id=change.subject_id)
    if change.before is None:
        await forget_document(core, _there(document), actor)
    elif document and "paused" in change.before:
        await (pause_document if change.before["paused"] else resume_document)(core, document, actor)
    elif document:
        await lay_again(core, document, change.before, actor)
    else:
        await restore_document(core, change.subject_id, _assistant_of(change), change.before, actor)


async def _answer_now(change: Change) -> State:
    row = await VerifiedAnswer.get_or_none(id=change.subject_id)
    return snapshot_of(row) if row else None


async def _put_answer(core: Core, actor: Actor, change: Change) -> None:
    row = await VerifiedAnswer.get_or_none(id=change.subject_id)
    if change.before is None:
        await forget_verified_answer(core, _there(row), actor, opens=(change.after or {}).get("gaps", ()))
    elif row:
        if row.answer != change.before["answer"]:
            await change_verified_answer(row, change.before["answer"], actor)
            return
        now = snapshot_of(row)["wordings"]
        status = GapStatus.OPEN if len(change.before["wordings"]) < len(now) else GapStatus.ANSWERED
        await set_wordings(core, row, change.before, status, actor)
    else:
        await restore_verified_answer(core, _assistant_of(change), change.subject_id, change.before, actor)


async def _gap_now(change: Change) -> State:
    gap = await Gap.get_or_none(id=change.subject_id)
    return {"status": GapStatus(gap.status).value} if gap else None


async def _put_gap(_: Core, actor: Actor, change: Change) -> None:
    gap = await Gap.get(id=change.subject_id)
    await set_gap(gap, GapStatus((change.before or {})["status"]), actor)


async def _texts_now(change: Change) -> State:
    asked = list((change.before or {})["words"])
    rows = await QuarantinedText.filter(assistant_id=change.assistant_id, text_hash__in=asked)
    return {"words": {row.text_hash: Decision(row.decision).value for row in rows}}


async def _put_texts(core: Core, actor: Actor, change: Change) -> None:
    words = {text_hash: Decision(word) for text_hash, word in (change.before or {})["words"].items()}
    await take_back_decisions(core, _assistant_of(change), words, change.subject_id, actor)


async def _passage_now(change: Change) -> State:
    text_hash = (change.before or change.after or {})["content_hash"]
    edit = await PassageEdit.get_or_none(assistant_id=change.assistant_id, content_hash=text_hash)
    return passage_edits.snapshot_of(edit) if edit else None


async def _put_passage(core: Core, actor: Actor, change: Change) -> None:
    if change.before is None:
        text_hash = (change.after or {})["content_hash"]
        edit = await PassageEdit.get_or_none(assistant_id=change.assistant_id, content_hash=text_hash)
        await passage_edits.take_back(core, _there(edit), actor)
    else:
        await passage_edits.say_again(core, _assistant_of(change), change.before, actor)


async def _contradiction_now(change: Change) -> State:
    row = await Contradiction.get_or_none(id=change.subject_id)
    return {"dismissed": row.dismissed} if row else None


async def _put_contradiction(_: Core, actor: Actor, change: Change) -> None:
    row = await Contradiction.get(id=change.subject_id)
    await say_both_are_right(row, actor, dismissed=(change.before or {})["dismissed"])


async def _site_now(change: Change) -> State:
    site = await Site.get_or_none(id=change.subject_id)
    return settings_of(site) if site else None


async def _put_site(core: Core, actor: Actor, change: Change) -> None:
    site = await Site.get_or_none(id=change.subject_id)
    was = change.before
    if was is None:
        await forget_site(core, _there(site), actor)
    elif site and "paused" in was and was["paused"] != (site.status == SiteStatus.PAUSED):
        await (pause_site if was["paused"] else resume_site)(core, site, actor)
    elif site:
        await change_site(
            site, every_hours=was["every_hours"], max_depth=was["max_depth"], max_pages=was["max_pages"], by=actor
        )
    else:
        assistant = await Assistant.get(id=change.assistant_id)
        await restore_site(core, assistant, change.subject_id, was, actor)


async def _channel_now(change: Change) -> State:
    channel = await Channel.get_or_none(id=change.subject_id)
    if channel is None:
        return None
    settings = {GROUPS: groups_of(channel), "mode": channel.settings.get("mode", POLLING)}
    return {"identity": channel.identity, "enabled": channel.enabled, **settings}


async def _put_channel(core: Core, actor: Actor, change: Change) -> None:
    channel = await Channel.get_or_none(id=change.subject_id)
    if change.before is None:
        await disconnect(actor, _there(channel))
    elif channel and "mode" in change.before:
        await change_mode(core.settings, actor, channel, change.before["mode"])
    elif channel and GROUPS in change.before:
        await set_groups(actor, channel, change.before[GROUPS])
    elif channel:
        await (resume if change.before["enabled"] else pause)(actor, channel)
    else:
        await reconnect(actor, _assistant_of(change), change.subject_id, change.before)


async def _member_now(change: Change) -> State:
    member = await Membership.get_or_none(user_id=change.subject_id, tenant_id=change.tenant_id)
    return {"role": Role(member.role).value} if member else None


async def _put_member(_: Core, actor: Actor, change: Change) -> None:
    member = await Membership.get_or_none(user_id=change.subject_id, tenant_id=change.tenant_id)
    if change.before is None:
        await remove_member(actor, _there(member))
    elif member:
        await change_role(actor, member, Role(change.before["role"]))
    else:
        await take_in_again(actor, change.subject_id, Role(change.before["role"]))


async def _webhook_now(change: Change) -> State:
    endpoint = await WebhookEndpoint.get_or_none(id=change.subject_id)
    if endpoint is None:
        return None
    seen = change.before if change.after and change.before else {"url": "", "events": []}
    return {name: getattr(endpoint, name) for name in seen}


async def _put_webhook(core: Core, actor: Actor, change: Change) -> None:
    endpoint = await WebhookEndpoint.get_or_none(id=change.subject_id)
    if change.before is None:
        await webhooks.delete_endpoint(actor, _there(endpoint))
    elif endpoint:
        await webhooks.change_endpoint(core, actor, endpoint, **change.before)
    else:
        await webhooks.restore_endpoint(actor, _assistant_of(change), change.subject_id, change.before)


def _there(row: Any) -> Any:
    """What is still there. It was there a moment ago: somebody else was quicker."""
    if row is None:
        raise CannotUndo
    return row


def _assistant_of(change: Change) -> UUID:
    if change.assistant_id is None:
        raise CannotUndo
    return change.assistant_id


KINDS: dict[str, Kind] = {
    ASSISTANT: Kind(_assistant_now, _put_assistant),
    WHOLE: Kind(is_there, bring_back, Role.OWNER),
    DOCUMENT: Kind(_document_now, _put_document),
    ANSWER: Kind(_answer_now, _put_answer),
    GAP: Kind(_gap_now, _put_gap),
    TEXT: Kind(_texts_now, _put_texts),
    passage_edits.EDIT: Kind(_passage_now, _put_passage),
    CONTRADICTION: Kind(_contradiction_now, _put_contradiction),
    SITE: Kind(_site_now, _put_site),
    CHANNEL: Kind(_channel_now, _put_channel, Role.OWNER),
    MEMBER: Kind(_member_now, _put_member, Role.OWNER),
    webhooks.WEBHOOK: Kind(_webhook_now, _put_webhook, Role.OWNER),
}
