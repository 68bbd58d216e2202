"""What people of a workspace are called, and which language their Slack speaks. Nothing waits long for it."""

from collections import OrderedDict
from dataclasses import dataclass

from core.models import Assistant
from core.slack.outbound import Outbound
from core.texts import LOCALES

_REMEMBERED = 2_000


@dataclass(frozen=True, slots=True)
class Person:
    name: str = ""
    locale: str = ""

    def language(self, assistant: Assistant | None) -> str:
        """For sentences that answer no words: the language of his Slack, or else of the assistant."""
        chosen = self.locale.partition("-")[0]
        if chosen in LOCALES:
            return chosen
        return assistant.locale if assistant else LOCALES[0]


class Names:
    """Of one workspace."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._known: OrderedDict[str, Person] = OrderedDict()

    async def of(self, user: str) -> Person:
        """Nameless where Slack does not say."""
        if known := self._known.get(user):
            return known
        answer = await self._outbound.glance("users.info", {"user": user, "include_locale": True})
        told = answer.get("user") or {}
        profile = told.get("profile") or {}
        name = profile.get("display_name") or profile.get("real_name") or told.get("real_name") or told.get("name")
        if not told:
            return Person()
        person = self._known[user] = Person(str(name or ""), str(told.get("locale") or ""))
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return person
