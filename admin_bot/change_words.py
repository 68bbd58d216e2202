"""What was done, in plain words: an action for the list of what was done, and what it changed, before and after."""

from collections.abc import Mapping
from typing import Any

from admin_bot.hours_words import hours_words
from admin_bot.keyboards import shortened
from admin_bot.moments import moment_words, role_words
from core import (
    answer_changes,
    api_keys,
    channel_care,
    channel_modes,
    channels,
    document_changes,
    gaps,
    passage_edits,
    quarantine,
    site_pausing,
    sites,
)
from core.app import Core
from core.archive.archives import BROUGHT, EXPORTED
from core.assistants import ASSISTANT, CHANGED, DELETED, flat
from core.contradictions import settling
from core.customers.by_himself import BY_CUSTOMER
from core.customers.erasing import ERASED
from core.farewell import RESTORED, WHOLE
from core.first_start import MADE
from core.models import AuditEvent, Change, Role
from core.news import BOT_STOPPED, ITSELF, TAKEN_BACK, WEBHOOK_STOPPED, WENT_LIVE
from core.operators import CLOSED_IT, TOOK
from core.people_group import GROUP_LOST, LINKED, UNLINKED
from core.slack.connecting import SLACK
from core.team import CHANGED_ROLE, INVITED, JOINED, LEFT, REMOVED, TAKEN_IN, WITHDREW
from core.undoing import KINDS
from core.webhooks import endpoints as webhooks

_DONE = {
    "create assistant": "audit-create-assistant",
    CHANGED: "audit-change-assistant",
    DELETED: "audit-delete-assistant",
    RESTORED: "audit-bring-back-assistant",
    EXPORTED: "audit-export-assistant",
    BROUGHT: "audit-restore-assistant",
    ERASED: "audit-erase-customer",
    MADE: "audit-make-demo",
    channels.CONNECTED: "audit-connect-channel",
    channels.DISCONNECTED: "audit-disconnect-channel",
    document_changes.ADDED: "audit-add-document",
    document_changes.REPLACED: "audit-replace-document",
    document_changes.DELETED: "audit-delete-document",
    document_changes.RESTORED: "audit-restore-document",
    document_changes.PAUSED: "audit-pause-document",
    document_changes.RESUMED: "audit-use-document",
    answer_changes.ADDED: "audit-add-answer",
    answer_changes.CHANGED: "audit-change-answer",
    answer_changes.REWORDED: "audit-reword-answer",
    answer_changes.DELETED: "audit-delete-answer",
    answer_changes.RESTORED: "audit-restore-answer",
    passage_edits.HID: "audit-hide-passage",
    passage_edits.CORRECTED: "audit-correct-passage",
    passage_edits.TAKEN_BACK: "audit-passage-back",
    settling.BOTH_RIGHT: "audit-both-right",
    settling.ASKED_AGAIN: "audit-contradiction-again",
    api_keys.ISSUED: "audit-issue-key",
    api_keys.REVOKED: "audit-revoke-key",
    gaps.DISMISSED: "audit-dismiss-gap",
    gaps.REOPENED: "audit-reopen-gap",
    quarantine.DECIDED: "audit-decide-text",
    sites.ADDED: "audit-add-site",
    sites.CHANGED: "audit-change-site",
    sites.DELETED: "audit-delete-site",
    sites.RESTORED: "audit-restore-site",
    site_pausing.PAUSED: "audit-pause-site",
    site_pausing.RESUMED: "audit-resume-site",
    BOT_STOPPED: "audit-bot-stopped",
    channel_care.PAUSED: "audit-pause-channel",
    channel_care.RESUMED: "audit-resume-channel",
    channel_modes.CHANGED: "audit-change-channel-mode",
    channel_care.REGROUPED: "audit-change-channel",
    webhooks.ADDED: "audit-add-webhook",
    webhooks.CHANGED: "audit-change-webhook",
    webhooks.DELETED: "audit-delete-webhook",
    webhooks.RESTORED: "audit-restore-webhook",
    webhooks.ROTATED: "audit-rotate-webhook",
    WEBHOOK_STOPPED: "audit-webhook-stopped",
    WENT_LIVE: "audit-adapter-live",
    TAKEN_BACK: "audit-adapter-back",
    LINKED: "audit-link-group",
    UNLINKED: "audit-unlink-group",
    GROUP_LOST: "audit-group-lost",
    TOOK: "audit-take-conversation",
    CLOSED_IT: "audit-close-conversation",
    JOINED: "audit-join",
    REMOVED: "audit-remove-member",
    LEFT: "audit-leave",
}
_DONE_WITH_ROLE = {
    INVITED: "audit-invite",
    WITHDREW: "audit-withdraw",
    CHANGED_ROLE: "audit-change-role",
    TAKEN_IN: "audit-take-in",
}
_SETTINGS = {
    "name": "setting-name",
    "description": "setting-description",
    "locale": "setting-locale",
    "persona": "setting-tone",
    "greeting": "setting-greeting",
    "public_page": "setting-page",
    "contact": "setting-contact",
    "sample_questions": "setting-samples",
    "length": "setting-length",
    "small_talk": "setting-small-talk",
    "feedback_buttons": "setting-feedback-buttons",
    "nightly_check": "setting-nightly-check",
    "allowed_topics": "setting-allowed",
    "forbidden_topics": "setting-forbidden",
    "forbidden_calls_person": "setting-forbidden-calls",
    "tone_examples": "setting-tone-examples",
    "quiet_hours": "setting-quiet",
    "working_hours": "setting-hours",
    "threshold": "setting-threshold",
    "verified_threshold": "setting-verified-threshold",
    "temperature": "setting-temperature",
    "top_p": "setting-top-p",
    "max_tokens": "setting-max-tokens",
}
_LONGEST_VALUE = 300


def line_words(core: Core, locale: str, event: AuditEvent, names: Mapping[str, str]) -> str:
    """When, who and what. What is not known by name is shown as it was written down."""
    if event.actor == ITSELF:
        who = core.texts.say(locale, "audit-itself")
    elif event.actor == BY_CUSTOMER:
        who = core.texts.say(locale, "audit-customer")
    else:
        who = names.get(event.actor) or core.texts.say(locale, "audit-somebody")
    when = moment_words(core, locale, event.created_at)
    return core.texts.say(locale, "audit-line", when=when, who=who, what=action_words(core, locale, event))


def action_words(core: Core, locale: str, event: AuditEvent) -> str:
    """What was done, and to what."""
    say, details = core.texts.say, event.details
    about = str(details.get("name") or details.get("who") or _bot(core, locale, details) or "—")
    if event.action in _DONE:
        fields = [one for one in str(details.get("fields", "")).split(", ") if one]
        named = ", ".join(say(locale, _SETTINGS[one]) if one in _SETTINGS else one for one in fields)
        return say(locale, _DONE[event.action], about=about, fields=named or "—")
    if event.action in _DONE_WITH_ROLE and details.get("role") in {role.value for role in Role}:
        role = role_words(core, locale, str(details["role"]))
        return say(locale, _DONE_WITH_ROLE[event.action], about=about, role=role)
    return str(event.action)


def _bot(core: Core, locale: str, details: Mapping[str, Any]) -> str:
    """A bot, or a workspace of Slack, as its owner knows it."""
    name = str(details.get("bot", ""))
    if details.get("platform") == SLACK:
        return core.texts.say(locale, "slack-name", team=name)
    return core.texts.say(locale, "audit-bot-name", username=name) if name else ""


def change_words(core: Core, locale: str, change: Change) -> str:
    """What a change did, and of settings and answers how they were and how they are."""
    said = [core.texts.say(locale, "change-done", what=action_words(core, locale, change.event))]
    if change.kind == ASSISTANT:
        before, after = flat(change.before or {}), flat(change.after or {})
        for name in after:
            label = core.texts.say(locale, _SETTINGS[name]) if name in _SETTINGS else name
            was, now = (_value(core, locale, name, held.get(name)) for held in (before, after))
            said.append(core.texts.say(locale, "change-setting", setting=label, before=was, after=now))
    elif change.kind == answer_changes.ANSWER:
        of = change.after or change.before or {}
        said.append(core.texts.say(locale, "change-answer", question=str(of["question"]), answer=_short(of["answer"])))
    return "\n\n".join(said)


def screen_of(change: Change) -> tuple[str, str]:
    """The label and the name of the button that leads to where such things are."""
    return {
        ASSISTANT: ("button-persona", "persona"),
        WHOLE: ("button-assistants", "assistants"),
        document_changes.DOCUMENT: ("button-documents", "docs"),
        answer_changes.ANSWER: ("button-verified", "answers"),
        gaps.GAP: ("button-gaps-left", "gaps"),
        quarantine.TEXT: ("button-documents", "docs"),
        passage_edits.EDIT: ("button-documents", "docs"),
        settling.CONTRADICTION: ("button-documents", "docs"),
        sites.SITE: ("button-documents", "docs"),
        channels.CHANNEL: ("button-channels", "bots"),
        webhooks.WEBHOOK: ("button-hooks", "hooks"),
    }.get(change.kind, ("button-team", "team"))


def can_be_undone(change: Change) -> bool:
    return change.kind in KINDS and change.undone_at is None


def _value(core: Core, locale: str, name: str, value: Any) -> str:
    """A setting as people read it."""
    if name == "working_hours" and value:
        return f"\n{hours_words(core, locale, value)}"
    if name == "sample_questions" and value:
        return _short(", ".join(question for questions in value.values() for question in questions))
    if value is None or value in ("", [], {}):
        return core.texts.say(locale, "change-nothing")
    if isinstance(value, bool):
        return core.texts.say(locale, "change-yes" if value else "change-no")
    if value in ("short", "medium", "long"):
        return core.texts.say(locale, "change-length", length=value)
    if isinstance(value, list):
        return _short(", ".join(map(str, value)))
    return _short(str(value))


def _short(text: str) -> str:
    return shortened(" ".join(text.split()), _LONGEST_VALUE)
