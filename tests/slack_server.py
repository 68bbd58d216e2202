"""A Slack workspace for tests, and people who write in it.

The workspace is npm's `emulate`, with what it lacks of Slack in `tests/slack_peer/peer.mjs`; it is installed once, into
`.cache`. One process serves a whole run of tests: `reset` forgets what a test has ordered, people and channels are new
for each. Nothing of ours is faked.
"""

import asyncio
import hashlib
import itertools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.subprocesses import ROOT, free_port
from tests.waiting import until

PEER = ROOT / "tests" / "slack_peer"
FOLDER = Path(os.environ.get("TEST_CACHE", str(ROOT / ".cache")))  # noqa: TID251 - where tests keep what they install
NO_NODE = "Slack's conversations were not tried: they need Node.js (node and npm), and it was not found."
INSTALL_S, START_S = 300, 60

APP, TEAM, BOT_USER, BOT = "A0000001", "T000000001", "U0000BOT", "B0000001"
BOT_TOKEN, APP_TOKEN = "xoxb-the-bot", f"xapp-1-{APP}-1-test"
SIGNING_SECRET = hashlib.md5(b"tests").hexdigest()
SCOPES = (
    "app_mentions:read assistant:write channels:history channels:join channels:read chat:write commands files:read "
    "files:write groups:history groups:read im:history im:read im:write mpim:history users:read"
).split()
_PEOPLE = [
    {"name": f"{name}{number}", "real_name": name.title(), "locale": "ru-RU" if name == "vera" else "en-US"}
    for number in range(40)
    for name in ("ann", "bob", "vera")
]
_numbers = itertools.count(1)


def has_node() -> bool:
    return bool(shutil.which("node") and shutil.which("npm"))


def installed() -> Path:
    """Where the emulator stands, installed if it was not; of two who install at once, both find it whole."""
    lock = (PEER / "package-lock.json").read_bytes()
    folder = FOLDER / f"slack-peer-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not folder.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FOLDER) as draft:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(PEER / name, draft)
            command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            subprocess.run(command, cwd=draft, check=True, capture_output=True, timeout=INSTALL_S)
            try:
                Path(draft).rename(folder)
            except OSError:
                assert folder.exists()
            Path(draft).mkdir(exist_ok=True)
    return folder


@dataclass
class SlackWorkspace:
    """`url` is its Web API, as SLACK_API_URL has it."""

    address: str
    session: aiohttp.ClientSession
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"{self.address}/api/"

    async def order(self, **order: Any) -> None:
        """What Slack is to do from now on: see peer.mjs."""
        async with self.session.post(f"{self.address}/__order", json=order) as answer:
            assert answer.status == 200

    async def fault(self, method: str, error: str = "", **more: Any) -> None:
        await self.order(fault={"method": method, "error": error, **more})

    async def seen(self) -> dict[str, Any]:
        async with self.session.get(f"{self.address}/__seen") as answer:
            seen: dict[str, Any] = await answer.json()
            return seen

    async def calls_of(self, method: str, channel: str = "") -> list[dict[str, Any]]:
        calls = (await self.seen())["calls"]
        return [one for one in calls if one["method"] == method and channel in ("", one["body"].get("channel"))]

    async def known(self) -> dict[str, Any]:
        async with self.session.get(f"{self.address}/__ids") as answer:
            known: dict[str, Any] = await answer.json()
            return known

    async def send(self, kind: str, payload: dict[str, Any]) -> int:
        """As Slack sends it; the status with which it was acknowledged, 0 for none."""
        async with self.session.post(f"{self.address}/__send/{kind}", json=payload) as answer:
            return int((await answer.json())["status"])

    async def call(self, method: str, token: str, **body: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        async with self.session.post(f"{self.url}{method}", json=body, headers=headers) as answer:
            told: dict[str, Any] = await answer.json()
            assert told.get("ok"), f"{method}: {told}"
            return told

    async def person(self, name: str = "ann") -> "SlackPerson":
        """Somebody new. "vera" has Slack in Russian."""
        login = next(one["name"] for one in _PEOPLE if one["name"].startswith(name) and one["name"] not in _used)
        _used.add(login)
        if not self.ids:
            self.ids = {one["name"]: one["id"] for one in (await self.known())["people"]}
        return SlackPerson(self, self.ids[login], f"xoxp-{login}")

    async def channel(self, *people: "SlackPerson", with_bot: bool = True) -> str:
        """A new public channel."""
        made = await self.call("conversations.create", people[0].token, name=f"place-{next(_numbers)}")
        channel = str(made["channel"]["id"])
        for person in people[1:]:
            await self.call("conversations.join", person.token, channel=channel)
        if with_bot:
            await self.call("conversations.join", BOT_TOKEN, channel=channel)
        return channel


_used: set[str] = set()


@dataclass
class SlackPerson:
    """A customer in the workspace."""

    slack: SlackWorkspace
    id: str
    token: str
    direct: str = ""

    async def opens(self) -> str:
        """His conversation with the app."""
        if not self.direct:
            opened = await self.slack.call("conversations.open", self.token, users=BOT_USER)
            self.direct = str(opened["channel"]["id"])
        return self.direct

    async def says(self, text: str, channel: str = "", thread: str = "") -> str:
        """In a channel, or to the app alone; the message's `ts`."""
        more = {"thread_ts": thread} if thread else {}
        where = channel or await self.opens()
        said = await self.slack.call("chat.postMessage", self.token, channel=where, text=text, **more)
        return str(said["ts"])

    async def calls_bot(self, text: str, channel: str, thread: str = "") -> str:
        return await self.says(f"<@{BOT_USER}> {text}", channel, thread)

    async def sends_file(self, name: str, data: bytes, text: str = "", channel: str = "", thread: str = "") -> None:
        given = await self.slack.call("files.getUploadURLExternal", self.token, filename=name, length=len(data))
        async with self.slack.session.post(given["upload_url"], data=data) as answer:
            assert answer.status == 200
        done: dict[str, Any] = {"files": [{"id": given["file_id"], "title": name}]}
        done |= {"channel_id": channel or await self.opens(), "initial_comment": text}
        await self.slack.call(
            "files.completeUploadExternal", self.token, **done, **({"thread_ts": thread} if thread else {})
        )

    async def answers(self, channel: str = "", thread: str = "") -> list[dict[str, Any]]:
        """What the app has written there, oldest first."""
        where = channel or await self.opens()
        if thread:
            found = await self.slack.call("conversations.replies", self.token, channel=where, ts=thread)
        else:
            found = await self.slack.call("conversations.history", self.token, channel=where, limit=200)
        own = [one for one in found["messages"] if one["user"] == BOT_USER]
        return sorted(own, key=lambda one: str(one["ts"]))

    async def texts(self, channel: str = "", thread: str = "") -> list[str]:
        return [one["text"] for one in await self.answers(channel, thread)]

    async def reads(self, part: str, channel: str = "", thread: str = "", timeout_s: float = 30.0) -> dict[str, Any]:
        """The newest message of the app's that holds this text, as soon as there is one."""

        async def there() -> dict[str, Any] | None:
            found = [one for one in await self.answers(channel, thread) if part in one["text"]]
            return found[-1] if found else None

        try:
            return await until(there, timeout_s, 0.1)
        except AssertionError:
            raise AssertionError(f"“{part}” is not in {await self.texts(channel, thread)}") from None

    async def presses(self, message: dict[str, Any], action: str, channel: str = "", trigger: str = "") -> int:
        """A button below a message, as it is there now; how it was acknowledged."""
        where = channel or await self.opens()
        elements = [one for block in message["blocks"] if block["type"] == "actions" for one in block["elements"]]
        button = next(one for one in elements if one["action_id"] == action)
        payload = {
            "type": "block_actions",
            "api_app_id": APP,
            "team": {"id": TEAM, "domain": "otters"},
            "user": {"id": self.id, "team_id": TEAM},
            "channel": {"id": where, "name": "x"},
            "trigger_id": trigger or f"trigger.{next(_numbers)}",
            "response_url": f"{self.slack.address}/__respond/{next(_numbers)}",
            "container": {"type": "message", "message_ts": message["ts"], "channel_id": where},
            "message": message,
            "actions": [{**button, "action_ts": f"{message['ts'].split('.')[0]}.999999"}],
        }
        return await self.slack.send("interactive", payload)


def buttons_of(message: dict[str, Any]) -> list[str]:
    """Their actions."""
    blocks = message.get("blocks") or []
    return [one["action_id"] for block in blocks if block["type"] == "actions" for one in block["elements"]]


@asynccontextmanager
async def slack_workspace() -> AsyncIterator[SlackWorkspace]:
    """The emulator in a process of its own."""
    folder, port = await asyncio.to_thread(installed), free_port()
    settings = {"app": APP, "botUser": BOT_USER, "bot": BOT, "secret": SIGNING_SECRET, "appToken": APP_TOKEN}
    arguments = [str(port), json.dumps({**settings, "scopes": SCOPES, "people": _PEOPLE})]
    process = await asyncio.create_subprocess_exec(
        "node", str(PEER / "peer.mjs"), *arguments, cwd=folder, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        async with asyncio.timeout(START_S):
            while (line := await process.stdout.readline()).strip() != b"UP":
                assert line, "the emulator of Slack has not started"
        one_by_one = aiohttp.TCPConnector(force_close=True)  # Node ends idle connections just when one is used again
        async with aiohttp.ClientSession(connector=one_by_one, timeout=aiohttp.ClientTimeout(total=30)) as session:
            yield SlackWorkspace(f"http://127.0.0.1:{port}", session)
    finally:
        process.terminate()
        await process.wait()
