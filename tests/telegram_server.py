"""A Bot API server for tests, and people who talk through it.

The server is `lo-bot-api-emulator`; here it gains bots with names of their own, bots that make bots, a memory of what
each chat shows now, faults on order, and a check of every request against the Bot API's table (`tests/bot_api`).
Nothing of ours is faked.
"""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from lo_bot_api_emulator import CONTRACT, ApiRefusal, LoBotApiEmulator
from lo_bot_api_emulator.updates import ALLOWED_UPDATE_TYPES, KINDS

from tests.bot_api.rules import violations_of
from tests.telegram_groups import (
    FILES,
    OURS,
    TOPICS,
    Group,
    Sent,
    buttons_in,
    file_in,
    must_be_there,
    must_take,
    sent_message,
    topic_method,
)
from tests.telegram_webhooks import PublicQueues
from tests.waiting import until

# Parameters that Telegram knows and the emulator does not model yet.
for _method in ("sendMessage", "editMessageText"):
    CONTRACT["methods"][_method]["parameters"] += ["link_preview_options", "message_thread_id"]
for _method in ("sendMessage", "sendChatAction"):
    CONTRACT["methods"][_method]["parameters"] += ["business_connection_id"]
CONTRACT["methods"]["sendMessage"].pop("parameterVariants", None)
CONTRACT["methods"]["sendChatAction"]["parameters"] += ["message_thread_id"]
# Bot API 9.6: bots that a bot makes for people.
CONTRACT["methods"]["getBusinessConnection"] = {"implemented": True, "parameters": ["business_connection_id"]}
CONTRACT["methods"]["getManagedBotToken"] = {"implemented": True, "parameters": ["user_id"]}
ALLOWED_UPDATE_TYPES.add("managed_bot")
KINDS.update({"managed_bot", "edited_message", "my_chat_member", "business_connection", "business_message"})

_token: ContextVar[str] = ContextVar("token")
_numbers = itertools.count(1)


@dataclass
class Shown:
    """A bot's message as the chat shows it now."""

    token: str
    chat_id: int
    message_id: int
    text: str
    entities: list[dict[str, Any]]
    buttons: list[dict[str, Any]]
    thread_id: int | None = None
    keyboard: list[dict[str, Any]] | None = None
    """Buttons below the input field that came with it; none: it took them away."""
    edits: int = 0
    history: list[str] = field(default_factory=list)


@dataclass
class Call:
    """A request that a bot made, and when."""

    method: str
    token: str
    fields: dict[str, Any]
    at: float
    refused: int = 0


@dataclass
class Fault:
    """The next `times` calls of a method (of one chat) are refused so."""

    method: str
    status: int
    description: str
    parameters: dict[str, Any] | None = None
    chat_id: int | None = None
    times: int = 1


class TelegramServer(LoBotApiEmulator):
    """One server, any number of bots. `url` is its address once it serves."""

    def __init__(self) -> None:
        super().__init__(max_bots=1000, max_history=10_000, allow_insecure_loopback_webhooks=True)
        self._update_queues = self.queues = PublicQueues(self._record)
        self.url = ""
        self.names: dict[str, str] = {}
        self.shown: list[Shown] = []
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self.faults: list[Fault] = []
        self.all_undeletable = False
        self.managers: set[str] = set()
        self.managed: dict[int, str] = {}
        self.albums: list[tuple[int, list[bytes]]] = []
        self.groups: dict[int, Group] = {}
        self.files: list[Sent] = []
        self.held: set[str] = set()
        """Bots whose messages wait on their way, until whoever sends them is gone, or they are held no more."""
        self.waiting: list[str] = []
        self.pollers: dict[str, int] = {}
        """By bot, from which port its updates were last asked for."""
        self.connections: dict[str, dict[str, Any]] = {}

    def new_bot(self) -> str:
        """A token, as BotFather gives it."""
        number = next(_numbers)
        token = f"{700_000 + number}:{'A' * 30}{number:05}"
        self.names[token] = f"fixture{number}_bot"
        return token

    def made_by(self, manager: str) -> tuple[dict[str, Any], str]:
        """A bot that somebody has made through another bot: as updates describe it, and its token."""
        token = self.new_bot()
        number = int(token.partition(":")[0])
        self.managed[number] = token
        self.managers.add(manager)
        return {"id": number, "is_bot": True, "first_name": "Fixture", "username": self.names[token]}, token

    def renew_token(self, number: int) -> str:
        """Its owner takes a new token; the old one is dead."""
        old = self.managed[number]
        self.managed[number] = f"{number}:{'B' * 30}{next(_numbers):05}"
        self.names[self.managed[number]] = self.names.pop(old)
        return self.managed[number]

    def app(self) -> web.Application:
        app = super().app()
        app.router.add_get("/bot{token}/{method}", self.handle)
        return app

    async def handle(self, request: web.Request) -> web.Response:
        token, method = request.match_info["token"], request.match_info["method"]
        _token.set(token)
        if method == "getUpdates" and request.transport:
            self.pollers[token] = request.transport.get_extra_info("peername")[1]
        if method == "sendMessage" and token in self.held:
            await self._wait_on_the_way(request, token)
        response: web.Response = await super().handle(request)
        return response

    async def _wait_on_the_way(self, request: web.Request, token: str) -> None:
        """What a dead process was sending never comes to be said."""
        self.waiting.append(token)

        async def gone() -> bool:
            return request.transport is None or request.transport.is_closing()

        async def over() -> bool:
            return token not in self.held or await gone()

        await until(over, 60, 0.02)
        await asyncio.sleep(0.1)
        if await gone():
            raise web.HTTPGone

    def validate(self, method: str, fields: dict[str, Any], uploads: dict[str, Any]) -> Any:
        token = _token.get()
        call = Call(method, token, dict(fields), time.monotonic())
        self.calls.append(call)
        self.violations += violations_of(method, fields, uploads)
        try:
            return self._validate(token, method, fields, uploads)
        except ApiRefusal as refusal:
            call.refused = refusal.status
            raise

    def _validate(self, token: str, method: str, fields: dict[str, Any], uploads: dict[str, Any]) -> Any:
        if token not in self.names:
            raise ApiRefusal("Unauthorized", 401)
        self._break_if_ordered(method, fields)
        given = dict(fields)
        key = (token, str(fields.get("chat_id")), str(fields.get("message_id")))
        known = next((one for one in self.shown if _key(one) == key), None)
        self._refuse_what_cannot_be(method, known)
        if method in OURS or method in FILES:
            return self._ours(token, method, fields, uploads)
        self._refuse_in_group(method, fields)
        if method == "getFile":
            self._refuse_strange_file(token, fields)
        if method in {"getManagedBotToken", "getBusinessConnection"}:
            return self._managed_token(token, fields) if "Token" in method else self._connection(fields)
        result = super().validate(method, _without_making(fields), uploads)
        if method == "getMe":
            result |= {"id": int(token.partition(":")[0]), "username": self.names[token], "first_name": "Fixture"}
            result |= {"can_manage_bots": True} if token in self.managers else {}
        if method == "sendMediaGroup":
            self.albums.append((int(fields["chat_id"]), [upload["data"] for upload in uploads.values()]))
        if method == "sendMessage":
            result |= {"date": int(time.time()), "from": {"id": 7, "is_bot": True, "first_name": "Fixture"}}
            self.shown.append(_shown(token, result["message_id"], given, self.decoded))
        if method == "editMessageText" and known:
            self._edit(known, given)
            result["date"] = int(time.time())
        if method == "deleteMessage" and known:
            self.shown.remove(known)
        return result

    def _refuse_what_cannot_be(self, method: str, known: Shown | None) -> None:
        if method == "editMessageText" and known is None:
            raise ApiRefusal("Bad Request: message to edit not found")
        if method == "editMessageText" and known and known.keyboard is not None:
            raise ApiRefusal("Bad Request: message can't be edited")
        if method == "deleteMessage" and self.all_undeletable:
            raise ApiRefusal("Bad Request: message can't be deleted")

    def _ours(self, token: str, method: str, fields: dict[str, Any], uploads: dict[str, Any]) -> Any:
        """What the emulator does not model: topics of groups, files of every kind, buttons taken away."""
        chat_id = int(fields["chat_id"])
        group = self.groups.get(chat_id)
        if method in TOPICS:
            return topic_method(group, method, fields)
        if method in {"getChat", "getChatMember"}:
            if group is None:
                raise ApiRefusal("Bad Request: chat not found")
            must_be_there(group)
            bot = {"id": int(token.partition(":")[0]), "is_bot": True, "first_name": "Fixture"}
            return group.full() if method == "getChat" else group.member(bot)
        if method == "editMessageReplyMarkup":
            for one in self.shown:
                if (one.token, one.chat_id, one.message_id) == (token, chat_id, int(fields["message_id"])):
                    one.buttons = buttons_in(fields)
            return True
        if group:
            must_take(group, fields)
        if method == "sendLocation":
            place = {name: float(fields[name]) for name in ("latitude", "longitude")}
            thread = int(fields["message_thread_id"]) if fields.get("message_thread_id") else None
            self.files.append(Sent(token, chat_id, thread, "location", "", b"", "", place))
        else:
            self.files.append(file_in(token, method, fields, uploads))
        self.next_id += 1
        thread = self.files[-1].thread_id
        caption, buttons = self.files[-1].caption, buttons_in(fields)
        self.shown.append(Shown(token, chat_id, self.next_id - 1, caption, [], buttons, thread))
        return sent_message(chat_id, self.next_id - 1)

    def _refuse_in_group(self, method: str, fields: dict[str, Any]) -> None:
        group = self.groups.get(int(fields.get("chat_id") or 0))
        if group and method == "sendMessage":
            must_take(group, fields)

    def _refuse_strange_file(self, token: str, fields: dict[str, Any]) -> None:
        """A file's id is worth something to the bot that got it alone."""
        asset = self.assets.get(str(fields.get("file_id"))) or {}
        if asset.get("token", token) != token:
            raise ApiRefusal("Bad Request: wrong file_id or the file is temporarily unavailable")
        if asset.get("size", 0) > 20_000_000:
            raise ApiRefusal("Bad Request: file is too big")

    def _connection(self, fields: dict[str, Any]) -> dict[str, Any]:
        if fields["business_connection_id"] not in self.connections:
            raise ApiRefusal("Bad Request: business connection not found")
        return self.connections[fields["business_connection_id"]]

    def _managed_token(self, token: str, fields: dict[str, Any]) -> str:
        number = int(fields["user_id"])
        if token not in self.managers or number not in self.managed:
            raise ApiRefusal("Bad Request: USER_BOT_INVALID")
        return self.managed[number]

    def _break_if_ordered(self, method: str, fields: dict[str, Any]) -> None:
        for fault in self.faults:
            if fault.method == method and fault.chat_id in {None, int(fields.get("chat_id", 0))}:
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                raise ApiRefusal(fault.description, fault.status, fault.parameters)

    def _edit(self, known: Shown, given: dict[str, Any]) -> None:
        new = _shown(known.token, known.message_id, given, self.decoded)
        if (new.text, new.buttons) == (known.text, known.buttons):
            raise ApiRefusal("Bad Request: message is not modified")
        known.history.append(known.text)
        known.text, known.entities, known.buttons = new.text, new.entities, new.buttons
        known.edits += 1

    def deliver_again(self, token: str, update: dict[str, Any]) -> None:
        """As Telegram does with what was never acknowledged."""
        self._update_queues._state(token).updates.insert(0, update)

    def is_polled(self, token: str) -> bool:
        """Whether a getUpdates of this bot is open right now."""
        return bool(self._update_queues._state(token).polling)

    def calls_of(self, method: str, chat_id: int | None = None) -> list[Call]:
        return [
            call
            for call in self.calls
            if call.method == method and (chat_id is None or int(call.fields.get("chat_id", 0)) == chat_id)
        ]


def _key(shown: Shown) -> tuple[str, str, str]:
    return (shown.token, str(shown.chat_id), str(shown.message_id))


def _shown(token: str, message_id: int, given: dict[str, Any], decoded: Callable[[Any], Any]) -> Shown:
    markup = decoded(given.get("reply_markup")) or {}
    buttons = [one for row in markup.get("inline_keyboard", []) for one in row]
    entities = decoded(given.get("entities")) or []
    keyboard = [one for row in markup.get("keyboard", []) for one in row]
    below = keyboard if {"keyboard", "remove_keyboard"} & set(markup) else None
    thread = int(given["message_thread_id"]) if given.get("message_thread_id") else None
    return Shown(token, int(given["chat_id"]), message_id, given["text"], entities, buttons, thread, below)


def _without_making(fields: dict[str, Any]) -> dict[str, Any]:
    """For the emulator, which knows no buttons that make bots. It takes fields away, so it gets a copy."""
    markup = fields.get("reply_markup")
    if not isinstance(markup, str) or "request_managed_bot" not in markup:
        return fields
    known = json.loads(markup)
    for row in known["keyboard"]:
        for one in row:
            one.pop("request_managed_bot", None)
    return {**fields, "reply_markup": json.dumps(known)}


@asynccontextmanager
async def telegram_server() -> AsyncIterator[TelegramServer]:
    """Serve on a free port of this machine. Whoever sent what the Bot API does not take fails his test at the end."""
    server = TelegramServer()
    runner = web.AppRunner(server.app(), shutdown_timeout=0.05)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()
    assert not server.violations, f"calls that Telegram would refuse: {server.violations}"


class Person:
    """Somebody who writes to one bot in private, and reads what it shows him."""

    def __init__(
        self,
        server: TelegramServer,
        token: str,
        language: str = "en",
        chat_id: int | None = None,
        name: str = "Ann",
    ) -> None:
        self.server = server
        self.token = token
        self.id = chat_id or 5_000_000 + next(_numbers)
        self._user = {"id": self.id, "is_bot": False, "first_name": name, "language_code": language}
        self._seen = 0
        self.acts = 0
        """Messages that he has sent and buttons that he has pressed."""

    async def sends(self, **content: Any) -> int:
        """A message with this content; its update id."""
        self.acts += 1
        message = {
            "message_id": 100_000 + next(_numbers),
            "date": int(time.time()),
            "chat": {"id": self.id, "type": "private", "first_name": "Ann"},
            "from": self._user,
            **content,
        }
        self._seen = len(self.server.shown)
        update_id: int = await self.server.enqueue_update({"message": message}, token=self.token)
        return update_id

    async def edits(self, text: str, message_id: int | None = None, **more: Any) -> None:
        """The message that he sent last, or this one, says this now."""
        message = {
            "message_id": message_id or 100_000 + next(_numbers),
            "date": int(time.time()),
            "edit_date": int(time.time()),
            "chat": {"id": self.id, "type": "private", "first_name": "Ann"},
            "from": self._user,
            "text": text,
            **more,
        }
        self._seen = len(self.server.shown)
        await self.server.enqueue_update({"edited_message": message}, token=self.token)

    async def hears_of_bot(self, bot: dict[str, Any]) -> None:
        """The update with which Telegram tells of a bot of his: made, or with a new token or owner."""
        await self.server.enqueue_update({"managed_bot": {"user": self._user, "bot": bot}}, token=self.token)

    @property
    def below(self) -> list[dict[str, Any]]:
        """The buttons below his input field."""
        return next((one.keyboard for one in reversed(self.chat) if one.keyboard is not None), [])

    async def says(self, text: str) -> int:
        return await self.sends(text=text)

    async def sends_file(self, file: Path, name: str | None = None, size: int | None = None) -> int:
        """As Telegram delivers a file: an id to download it by."""
        reference = f"file-{next(_numbers)}"
        data = await asyncio.to_thread(file.read_bytes)
        self.server.assets[reference] = {"filename": file.name, "data": data, "size": len(data)}
        return await self.sends(
            document={
                "file_id": reference,
                "file_unique_id": reference,
                "file_name": name or file.name,
                "file_size": len(data) if size is None else size,
            }
        )

    async def sends_thing(self, kind: str, data: bytes, size: int | None = None, **more: Any) -> int:
        """A file as Telegram delivers it: an id to download it by, worth something to this bot alone."""
        reference = f"file-{next(_numbers)}"
        self.server.assets[reference] = {"filename": kind, "data": data, "size": len(data), "token": self.token}
        known = {"file_id": reference, "file_unique_id": reference, "file_size": len(data) if size is None else size}
        described = {
            "photo": [{**known, "width": 2, "height": 2}],
            "voice": {**known, "duration": 2, "mime_type": "audio/ogg"},
            "video": {**known, "duration": 2, "width": 2, "height": 2},
            "video_note": {**known, "duration": 2, "length": 2},
            "audio": {**known, "duration": 2},
            "document": known,
            "sticker": {
                **known,
                **{"type": "regular", "width": 2, "height": 2, "is_animated": False, "is_video": False},
            },
        }[kind]
        if isinstance(described, dict):
            described |= {name: more.pop(name) for name in ("file_name", "mime_type") if name in more}
        return await self.sends(**{kind: described}, **more)

    async def presses(self, label: str) -> None:
        """The newest button with this in its label, as soon as there is one."""

        async def there() -> tuple[int, str] | None:
            for shown in reversed(self.chat):
                for button in shown.buttons:
                    if label in button["text"] and "callback_data" in button:
                        return shown.message_id, button["callback_data"]
            return None

        await self.presses_data(*await until(there, 20))

    async def presses_data(self, message_id: int, data: str) -> None:
        self.acts += 1
        self._seen = len(self.server.shown)
        message = {"message_id": message_id, "date": int(time.time()), "chat": {"id": self.id, "type": "private"}}
        query = {
            "id": str(next(_numbers)),
            "from": self._user,
            "chat_instance": "1",
            "data": data,
            "message": {**message, "from": {"id": 7, "is_bot": True, "first_name": "Fixture"}, "text": "…"},
        }
        await self.server.enqueue_update({"callback_query": query}, token=self.token)

    @property
    def chat(self) -> list[Shown]:
        """What the bot shows him now, oldest first."""
        return [one for one in self.server.shown if one.chat_id == self.id and one.token == self.token]

    async def reads(self, part: str, timeout_s: float = 20.0) -> Shown:
        """The newest message with this in its text, as soon as the chat shows it."""

        async def there() -> Shown | None:
            return next((one for one in reversed(self.chat) if part in one.text), None)

        try:
            return await until(there, timeout_s)
        except AssertionError:
            raise AssertionError(f"{part!r} is not among {[one.text for one in self.chat]}") from None

    async def reads_new(self, timeout_s: float = 20.0) -> Shown:
        """The first message since he last wrote."""

        async def there() -> Shown | None:
            new = self.server.shown[self._seen :]
            return next((one for one in new if one.chat_id == self.id and one.token == self.token), None)

        return await until(there, timeout_s)
