"""The team in plain words: roles, moments, and what was done. Changes nothing."""

from datetime import UTC, datetime

from core.app import Core
from core.assistants import DELETED
from core.channel_care import PAUSED, RESUMED
from core.first_start import MADE
from core.models import AuditEvent, Role
from core.news import BOT_STOPPED, ITSELF, TAKEN_BACK, WENT_LIVE
from core.operators import CLOSED_IT, TOOK
from core.team import CHANGED_ROLE, INVITED, JOINED, LEFT, REMOVED, WITHDREW

_DONE = {
    "create assistant": "audit-create-assistant",
    "change assistant": "audit-change-assistant",
    DELETED: "audit-delete-assistant",
    MADE: "audit-make-demo",
    "connect channel": "audit-connect-channel",
    "disconnect channel": "audit-disconnect-channel",
    BOT_STOPPED: "audit-bot-stopped",
    PAUSED: "audit-pause-channel",
    RESUMED: "audit-resume-channel",
    WENT_LIVE: "audit-adapter-live",
    TAKEN_BACK: "audit-adapter-back",
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
}


def role_words(core: Core, locale: str, role: Role | str) -> str:
    return core.texts.say(locale, f"team-role-{Role(role).value}")


def moment_words(core: Core, locale: str, moment: datetime) -> str:
    """ "7 December, 14:05 UTC"."""
    at = moment.astimezone(UTC)
    return core.texts.say(locale, "moment", day=at.day, month=at.month, time=f"{at.hour}:{at.minute:02}")


def change_words(core: Core, locale: str, event: AuditEvent, names: dict[str, str]) -> str:
    """Who did what and when; what is not known by name is shown as it was written down."""
    say, details = core.texts.say, event.details
    if event.actor == ITSELF:
        who = say(locale, "audit-itself")
    else:
        who = names.get(event.actor) or say(locale, "audit-somebody")
    about = str(details.get("name") or details.get("who") or details.get("bot") or "—")
    if event.action in _DONE:
        what = say(locale, _DONE[event.action], about=about)
    elif event.action in _DONE_WITH_ROLE and details.get("role") in {role.value for role in Role}:
        role = role_words(core, locale, str(details["role"]))
        what = say(locale, _DONE_WITH_ROLE[event.action], about=about, role=role)
    else:
        what = event.action
    return say(locale, "audit-line", when=moment_words(core, locale, event.created_at), who=who, what=what)
