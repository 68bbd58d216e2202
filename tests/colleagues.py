"""People and their bot in a Telegram group: what they write in its topics, press there, and do with the bot."""

import itertools
import time
from typing import Any

from tests.telegram_groups import Group, Topic
from tests.telegram_server import Person, Shown, TelegramServer
from tests.waiting import until

_numbers = itertools.count(500_000)


class Colleague:
    """Somebody in a group, known to the bot by the same number as in private."""

    def __init__(self, person: Person, group: Group) -> None:
        self.person, self.group, self.server, self.token = person, group, person.server, person.token

    async def says(self, text: str, topic: Topic | None = None, **more: Any) -> int:
        """The message's id."""
        return await self.sends(topic, text=text, **more)

    async def sends(self, topic: Topic | None = None, **content: Any) -> int:
        message = self._message(topic, content)
        await self.server.enqueue_update({"message": message}, token=self.token)
        return int(message["message_id"])

    async def sends_thing(self, topic: Topic, kind: str, data: bytes, **more: Any) -> None:
        """A file, as `Person.sends_thing`."""
        sends = self.person.sends
        caught: dict[str, Any] = {}

        async def catch(**content: Any) -> int:
            caught.update(content)
            return 0

        self.person.sends = catch  # type: ignore[method-assign]
        try:
            await self.person.sends_thing(kind, data, **more)
        finally:
            self.person.sends = sends  # type: ignore[method-assign]
        await self.sends(topic, **caught)

    async def edits(self, message_id: int, text: str, topic: Topic) -> None:
        message = self._message(topic, {"text": text, "edit_date": int(time.time())}) | {"message_id": message_id}
        await self.server.enqueue_update({"edited_message": message}, token=self.token)

    async def presses(self, label: str, topic: Topic | None = None) -> None:
        """The newest button with this in its label, as soon as there is one."""

        async def there() -> tuple[int, str] | None:
            for shown in reversed(read_in(self.server, self.token, self.group, topic)):
                for button in shown.buttons:
                    if label in button["text"] and "callback_data" in button:
                        return shown.message_id, button["callback_data"]
            return None

        await self.presses_data(*await until(there, 20), topic)

    async def presses_data(self, message_id: int, data: str, topic: Topic | None = None) -> None:
        message = self._message(topic, {"text": "…"}) | {"message_id": message_id}
        message["from"] = {"id": 7, "is_bot": True, "first_name": "Fixture"}
        query = {
            "id": str(next(_numbers)),
            "from": self.person._user,
            "chat_instance": "1",
            "data": data,
            "message": message,
        }
        await self.server.enqueue_update({"callback_query": query}, token=self.token)

    async def changes_bot(self, status: str, *, may_manage: bool = True) -> None:
        """He adds the bot, gives it rights or takes them, or puts it out; Telegram tells the bot."""
        group = self.group
        bot = {"id": int(self.token.partition(":")[0]), "is_bot": True, "first_name": "Fixture"}
        before = group.member(bot)
        group.status, group.may_manage = status, may_manage
        update = {
            "chat": group.chat,
            "from": self.person._user,
            "date": int(time.time()),
            "old_chat_member": before,
            "new_chat_member": group.member(bot),
        }
        await self.server.enqueue_update({"my_chat_member": update}, token=self.token)

    async def turns_into_supergroup(self, *, tells: bool = True) -> None:
        """Telegram gives the group another number, and says so in the old one; the message may be lost."""
        old = dict(self.group.chat)
        new = Group(self.group.title, self.group.has_topics, self.group.status, self.group.may_manage)
        self.server.groups[new.chat_id] = new
        self.group.moved_to = new.chat_id
        message = self._message(None, {"migrate_to_chat_id": new.chat_id}) | {"chat": old}
        self.group = new
        if tells:
            await self.server.enqueue_update({"message": message}, token=self.token)

    def _message(self, topic: Topic | None, content: dict[str, Any]) -> dict[str, Any]:
        return {
            "message_id": next(_numbers),
            "date": int(time.time()),
            "chat": self.group.chat,
            "from": self.person._user,
            **({"message_thread_id": topic.thread_id, "is_topic_message": True} if topic else {}),
            **content,
        }


def read_in(server: TelegramServer, token: str, group: Group, topic: Topic | None) -> list[Shown]:
    """What the bot shows in a topic, or outside of all, oldest first."""
    thread = topic.thread_id if topic else None
    return [
        one for one in server.shown if one.token == token and one.chat_id == group.chat_id and one.thread_id == thread
    ]


async def topic_called(group: Group, part: str) -> Topic:
    """As soon as there is one."""

    async def there() -> Topic | None:
        return next((topic for topic in group.topics.values() if part in topic.name), None)

    return await until(there, 20)


async def reads_in(person: Person, group: Group, topic: Topic | None, part: str) -> Shown:
    """The newest message with this in it, as soon as it is there."""

    async def there() -> Shown | None:
        shown = read_in(person.server, person.token, group, topic)
        return next((one for one in reversed(shown) if part in one.text), None)

    try:
        return await until(there, 20)
    except AssertionError:
        texts = [one.text for one in read_in(person.server, person.token, group, topic)]
        raise AssertionError(f"{part!r} is not among {texts}") from None
