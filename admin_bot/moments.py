"""Moments and roles in plain words."""

from datetime import UTC, datetime

from core.app import Core
from core.models import Role


def role_words(core: Core, locale: str, role: Role | str) -> str:
    return core.texts.say(locale, f"team-role-{Role(role).value}")


def moment_words(core: Core, locale: str, moment: datetime) -> str:
    """ "7 December, 14:05 UTC"."""
    at = moment.astimezone(UTC)
    return core.texts.say(locale, "moment", day=at.day, month=at.month, time=f"{at.hour}:{at.minute:02}")
