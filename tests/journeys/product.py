"""The product as its users start it: `serve.py` in a process of its own, reached only through its doors."""

import asyncio
import json
import os
import re
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psutil

from tests.subprocesses import ROOT, free_port, start_python
from tests.waiting import until

OWNER = "owner@example.com"
PASSWORD = "a password for tests"
START_S = 90.0


@dataclass
class Heard:
    """A streamed answer: its events in order, and when the first words came."""

    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    first_token_s: float = 0.0
    total_s: float = 0.0

    @property
    def text(self) -> str:
        return "".join(data["text"] for name, data in self.events if name == "token")

    @property
    def done(self) -> dict[str, Any]:
        found = [data for name, data in self.events if name == "done"]
        assert len(found) == 1, self.events
        return found[0]


@dataclass
class Product:
    """One installation: its data folder outlives its processes."""

    folder: Path
    settings: dict[str, str | int | Path]
    process: asyncio.subprocess.Process | None = None
    started_s: float = 0.0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.settings['port']}"

    @property
    def log(self) -> str:
        return (self.folder / "serve.log").read_text(errors="replace")

    async def start(self) -> None:
        """Start and wait for /readyz."""
        began = time.monotonic()
        self.process = await start_python(
            [str(ROOT / "serve.py")], self.folder, self.folder / "serve.log", **self.settings
        )
        async with aiohttp.ClientSession() as session:

            async def ready() -> bool:
                assert self.process
                assert self.process.returncode is None, self.log[-4000:]
                try:
                    async with session.get(f"{self.address}/readyz") as response:
                        return response.status == 200
                except aiohttp.ClientConnectionError:
                    return False

            await until(ready, START_S)
        self.started_s = time.monotonic() - began

    async def kill(self) -> None:
        """kill -9: no goodbye."""
        assert self.process
        self.process.kill()
        await self.process.wait()

    async def interrupt(self, sign: signal.Signals = signal.SIGINT, within_s: float = 10.0) -> int:
        """Ctrl-C; the exit status."""
        assert self.process
        self.process.send_signal(sign)
        async with asyncio.timeout(within_s):
            return await self.process.wait()

    async def stop(self) -> None:
        """Whatever the test left running ends here."""
        if self.process and self.process.returncode is None:
            try:
                await self.interrupt(signal.SIGTERM)
            except TimeoutError:
                await self.kill()

    def resident_bytes(self) -> int:
        """Of the process and all that it started."""
        assert self.process
        parent = psutil.Process(self.process.pid)
        return sum(int(one.memory_info().rss) for one in [parent, *parent.children(recursive=True)])

    def loaded_libraries(self) -> str:
        """Files that the processes have mapped, as the kernel knows them."""
        assert self.process
        parent = psutil.Process(self.process.pid)
        pids = [parent.pid, *(child.pid for child in parent.children(recursive=True))]
        return "\n".join(Path(f"/proc/{pid}/maps").read_text() for pid in pids)


@asynccontextmanager
async def product(folder: Path, models_dir: Path, **settings: str | int | Path) -> AsyncIterator[Product]:
    """A new installation, started; ended with the block."""
    chosen: dict[str, str | int | Path] = {
        "data_dir": folder / "var",
        "models_dir": models_dir,
        "port": free_port(),
        "owner_email": OWNER,
        "owner_password": PASSWORD,
        "telegram_api_url": "http://127.0.0.1:9",
        "demo": "false",
    }
    one = Product(folder, chosen | settings)
    try:
        await one.start()
        yield one
    finally:
        await one.stop()


class Client:
    """A program that speaks REST, with whatever credentials it has."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session = session
        self._address = address
        self.token = ""

    async def call(self, method: str, path: str, status: int, **what: Any) -> Any:
        """The JSON of the answer, which must have this status."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= what.pop("headers", {})
        async with self._session.request(method, f"{self._address}{path}", headers=headers, **what) as response:
            text = await response.text()
            assert response.status == status, f"{method} {path}: {response.status} {text[:500]}"
            return json.loads(text) if text else None

    async def log_in(self, email: str = OWNER, password: str = PASSWORD) -> None:
        tokens = await self.call("POST", "/api/v1/auth/login", 200, json={"email": email, "password": password})
        self.token = tokens["access_token"]

    async def upload(self, assistant: str, file: Path) -> dict[str, Any]:
        form = aiohttp.FormData()
        form.add_field("file", await asyncio.to_thread(file.read_bytes), filename=file.name)
        document: dict[str, Any] = await self.call("POST", f"/api/v1/assistants/{assistant}/documents", 202, data=form)
        return document

    async def wait_until_indexed(self, assistant: str, count: int, timeout_s: float = 90.0) -> list[dict[str, Any]]:
        """All documents of the assistant, once `count` of them are indexed."""

        async def indexed() -> list[dict[str, Any]]:
            listed = await self.call("GET", f"/api/v1/assistants/{assistant}/documents", 200)
            documents: list[dict[str, Any]] = listed["documents"]
            assert not [one for one in documents if one["status"] == "failed"], documents
            return documents if [one["status"] for one in documents].count("indexed") >= count else []

        return await until(indexed, timeout_s, every_s=0.2)

    async def chat(self, message: str, **more: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.call("POST", "/api/v1/chat", 200, json={"message": message, **more})
        return answer

    async def listen(self, message: str, **more: Any) -> Heard:
        """The same as a stream."""
        heard, began = Heard(), time.monotonic()
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "text/event-stream"}
        async with self._session.post(
            f"{self._address}/api/v1/chat", headers=headers, json={"message": message, **more}
        ) as response:
            assert response.status == 200, await response.text()
            block: list[str] = []
            async for raw in response.content:
                line = raw.decode().rstrip("\n")
                if line:
                    block.append(line)
                    continue
                event = _event(block)
                block = []
                if event is None:
                    continue
                if event[0] == "token" and not heard.first_token_s:
                    heard.first_token_s = time.monotonic() - began
                heard.events.append(event)
        heard.total_s = time.monotonic() - began
        return heard


def _event(lines: list[str]) -> tuple[str, dict[str, Any]] | None:
    """(name, data) of one server-sent event; None for a comment."""
    fields = dict(re.split(r": ?", line, maxsplit=1) for line in lines if not line.startswith(":"))
    return (fields["event"], json.loads(fields["data"])) if fields else None


@asynccontextmanager
async def client(of: Product) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        yield Client(session, of.address)


def alive(pid: int) -> bool:
    """Whether a process of this id is still there, zombies left out."""
    try:
        os.kill(pid, 0)
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False
