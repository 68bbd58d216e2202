"""One customer on each of the ways by which he can write: what he says, reads, rates and presses is the same."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from core.models import Assistant, Conversation
from tests.telegram_server import Person
from tests.waiting import until

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
    assistant: Assistant
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
        conversation = await Conversation.get(id=self.conversation).select_related("contact")
        return str(conversation.contact.key)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}
