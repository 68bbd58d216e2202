"""The team in plain words: roles, moments, and what was done. Changes nothing."""

from datetime import UTC, datetime

from core.app import Core
from core.models import AuditEvent, Role
from core.news import ITSELF

_DONE = {
    "create assistant": "audit-create-assistant",
    "change assistant": "audit-change-assistant",
    "delete assistant": "audit-delete-assistant",
    "make demo": "audit-make-demo",
    "connect channel": "audit-connect-channel",
    "disconnect channel": "audit-disconnect-channel",
    "adapter went live": "audit-adapter-live",
    "adapter was taken back": "audit-adapter-back",
    "take conversation": "audit-take-conversation",
    "close conversation": "audit-close-conversation",
    "join team": "audit-join",
    "remove member": "audit-remove-member",
    "leave team": "audit-leave",
}
_DONE_WITH_ROLE = {
    "invite member": "audit-invite",
    "withdraw invitation": "audit-withdraw",
    "change role": "audit-change-role",
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
