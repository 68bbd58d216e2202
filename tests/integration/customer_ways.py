"""One customer on each of the ways by which he can write: what he says, reads and rates is the same, and so is what
becomes of it. He asks, asks further, follows a citation, rates, calls a person, is answered, comes back to the
assistant, and is erased.
"""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from tests.slack_server import TEAM, SlackPerson
from tests.telegram_server import Person
from tests.waiting import until
from tests.web_site import WebSite

if TYPE_CHECKING:
    from core.app import Core
    from core.models import Assistant
    from tests.conftest import Owner

WAIT_S = 30.0


class Way(Protocol):
    """`reads` waits for a text that was not there before he last wrote or pressed, and returns all of it."""

    name: str

    async def says(self, text: str) -> None: ...
    async def reads(self, part: str) -> str: ...
    async def rates(self, score: int) -> None:
        """The answer that he read last."""

    def links(self) -> list[str]:
        """Addresses that he can open, of all that he has read."""

    def texts(self) -> list[str]:
        """All that he has read, oldest first."""

    async def contact(self) -> str:
        """How the product knows him in this channel."""


@dataclass
class InTelegram:
    person: Person
    name: str = "telegram"
    _seen: int = 0

    async def says(self, text: str) -> None:
        self._seen = len(self.person.chat)
        await self.person.says(text)

    async def reads(self, part: str) -> str:
        async def there() -> str | None:
            return next((one.text for one in self.person.chat[self._seen :] if part in one.text), None)

        return str(await until(there, WAIT_S))

    async def rates(self, score: int) -> None:
        await self.person.presses("👍" if score > 0 else "👎")

    def links(self) -> list[str]:
        return [entity["url"] for one in self.person.chat for entity in one.entities if entity["type"] == "text_link"]

    def texts(self) -> list[str]:
        return [one.text for one in self.person.chat]

    async def contact(self) -> str:
        return str(self.person.id)


@dataclass
class OnThePage:
    """As the page of a public assistant does it: a visitor's token, an answer, and what people write afterwards."""

    api: Any
    assistant: "Assistant"
    name: str = "web"
    token: str = ""
    conversation: str = ""
    answers: list[dict[str, Any]] = field(default_factory=list)
    _read: list[str] = field(default_factory=list)
    _seen: int = 0
    _last: str = ""

    async def says(self, text: str) -> None:
        if not self.token:
            welcome = await self.api.post(f"/api/v1/assistants/{self.assistant.id}/visitors")
            self.token = (await welcome.get_json())["token"]
        self._seen = len(self._read)
        question = {"message": text} | ({"conversation_id": self.conversation} if self.conversation else {})
        response = await self.api.post("/api/v1/chat", json=question, headers=self._headers)
        answer = await response.get_json()
        assert response.status_code == 200, answer
        self.conversation, self._last = answer["conversation_id"], answer["message_id"]
        self.answers.append(answer)
        if answer["answer"]:
            self._read.append(answer["answer"])

    async def reads(self, part: str) -> str:
        async def there() -> str | None:
            await self._look()
            return next((text for text in self._read[self._seen :] if part in text), None)

        return str(await until(there, WAIT_S))

    async def _look(self) -> None:
        address = f"/api/v1/conversations/{self.conversation}/messages?after={self._last}"
        for message in (await (await self.api.get(address, headers=self._headers)).get_json())["messages"]:
            self._last = message["id"]
            if message["author"] != "customer":
                self._read.append(message["text"])

    async def rates(self, score: int) -> None:
        address = f"/api/v1/messages/{self.answers[-1]['message_id']}/feedback"
        assert (await self.api.post(address, json={"score": score}, headers=self._headers)).status_code == 204

    def links(self) -> list[str]:
        return [citation["url"] for answer in self.answers for citation in answer["citations"] if citation["url"]]

    def texts(self) -> list[str]:
        return list(self._read)

    async def contact(self) -> str:
        from core.models import Conversation

        conversation = await Conversation.get(id=self.conversation).select_related("contact")
        return str(conversation.contact.key)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass
class InSlack:
    person: SlackPerson
    name: str = "slack"
    _read: list[dict[str, Any]] = field(default_factory=list)
    _seen: int = 0

    async def says(self, text: str) -> None:
        self._seen = len(await self._look())
        await self.person.says(text)

    async def reads(self, part: str) -> str:
        async def there() -> str | None:
            new = (await self._look())[self._seen :]
            return next((str(one["text"]) for one in new if part in one["text"]), None)

        return str(await until(there, WAIT_S))

    async def _look(self) -> list[dict[str, Any]]:
        self._read = await self.person.answers()
        return self._read

    async def rates(self, score: int) -> None:
        assert await self.person.presses(self._read[-1], "helped" if score > 0 else "not_helped") == 200

    def links(self) -> list[str]:
        return re.findall(r"<(https?://[^|>]+)", " ".join(str(one["text"]) for one in self._read))

    def texts(self) -> list[str]:
        return [str(one["text"]) for one in self._read]

    async def contact(self) -> str:
        return f"{TEAM}:{self.person.id}"


def lay_out(site: WebSite) -> None:
    """What the business says of itself."""
    site.says("/", "The Copper Kettle is a small shop in the old town.", "/prices", "/repair")
    site.says("/prices", "A copper kettle of one litre costs 89 euros. A kettle with a wooden handle costs 95 euros.")
    site.says("/repair", "We repair kettles of every make within a week. Tin lining is included.")


async def go_the_whole_way(core: "Core", anna: "Owner", kettle: "Assistant", site: WebSite, ann: Way) -> None:
    """`kettle` is Anna's and has read the site; nothing was ever said to it."""
    from core.customers.erasing import erase_customer
    from core.models import Contact, Message
    from core.operators import close_conversation, reply_to_customer, waiting_for_people

    async def rated() -> bool:
        return await Message.filter(conversation__assistant_id=kettle.id, feedback_score=-1).count() == 1

    await ann.says("How much is a copper kettle of one litre?")
    await ann.reads("89")
    assert any(link.startswith(f"{site.url}/prices") for link in ann.links()), "he can open what it says"

    await ann.says("And with a wooden handle?")
    await ann.reads("95")

    await ann.rates(-1)
    await until(rated)

    await ann.says("Can I talk to a human?")
    await ann.reads("a person will answer you here")
    [conversation] = [one for one in await waiting_for_people(anna.actor.tenant_id) if one.assistant_id == kettle.id]
    await reply_to_customer(anna.actor, conversation, "Anna here: we have one left.")
    await ann.reads("Anna here: we have one left.")
    await ann.says("Keep it for me, please!")
    await until(lambda: Message.filter(conversation_id=conversation.id, text="Keep it for me, please!").exists())
    await close_conversation(core, anna.actor, conversation)
    await ann.reads("I am back")

    await ann.says("How long does a repair of a kettle take?")
    await ann.reads("week")
    assert len(ann.texts()) == 6, "nothing is said twice"

    contact = await Contact.get(assistant_id=kettle.id, key=await ann.contact())
    receipt = await erase_customer(core, anna.actor, kettle, contact)
    assert receipt.erased["messages"] >= 9
    assert not await Message.filter(conversation__assistant_id=kettle.id).exists()
    if ann.name != "web":  # a visitor's token names a conversation that is gone
        await ann.says("How much is a copper kettle of one litre?")
        await ann.reads("89")
