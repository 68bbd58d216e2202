"""What the product itself costs: `make bench-overhead`.

Starts the product as a user does, with a model server beside it that answers at once; what that server knows of a
passage it remembers, for it runs on the processors that the product is measured on. Sixteen businesses register, each
sends the demo's six documents and makes a key; 64 customers then ask through REST, one question after the other each,
no two questions alike. Retrieval is on: every question is embedded, searched and checked against its passages. Prints a
table; the last line is one JSON object.

- messages_per_s: with 64 customers at once, from the 1,000th message to the last.
- p50_ms, p95_ms: of whole requests with 8 customers at once. The model costs nothing, so all of it is ours.
- rss_growth_mb: memory of all processes after the last message less that after the 1,000th.

`--messages N` asks N in all (20,000), `--customers` and `--tenants` choose other numbers.
"""

import argparse
import asyncio
import itertools
import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import aiohttp
import psutil
from aiohttp import web

from core.demo import DEMO_DOCUMENTS
from core.demo.questions import DEMO_QUESTIONS
from core.sentences import split_sentences
from core.words import stem_set
from tests.journeys.product import Client, Product, product
from tests.subprocesses import ROOT

WARM, FEW, FEW_MESSAGES = 1000, 8, 1000
SETTLE_S = 3.0
"""Background work of the last answers ends before memory is read."""
_BEFORE = """
Hello!|Good morning!|Sorry to bother you.|Just a thought:|Quick one.|Hi there,|Dear team,|My mother asks:
"""
_AFTER = "|Thanks!|Thank you very much.|Please tell me.|Would be good to know.|I am in a hurry.|Many thanks in advance!"


@asynccontextmanager
async def model_at_once() -> AsyncIterator[str]:
    """An OpenAI-compatible server whose model picks the sentence of its prompt that is nearest to the question."""

    async def models(_: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "at-once", "object": "model"}]})

    async def chat(request: web.Request) -> web.StreamResponse:
        prompt = (await request.json())["messages"][-1]["content"]
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        piece = json.dumps({"choices": [{"delta": {"content": nearest_sentence(prompt)}}]})
        await stream.write(f"data: {piece}\n\n".encode())
        await stream.write(b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n')
        return stream

    app = web.Application()
    app.router.add_get("/v1/models", models)
    app.router.add_post("/v1/chat/completions", chat)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


def nearest_sentence(prompt: str) -> str:
    """The one that shares most words with the last question in the prompt."""
    asked = stem_set(re.findall(r"[^.!?\n]*\?", prompt)[-1]) if "?" in prompt else frozenset()
    known = [one for paragraph in prompt.split("\n\n") for one in _statements(paragraph)]
    return max(known, key=lambda one: len(asked & one[1]), default=("", asked))[0]


@lru_cache(maxsize=4096)
def _statements(paragraph: str) -> list[tuple[str, frozenset[str]]]:
    """Its sentences with their words."""
    return [(one, stem_set(one)) for one in split_sentences(paragraph) if "?" not in one]


def questions(seed: int) -> Iterator[str]:
    """Without end, in no order, each worded differently from the last."""
    asked = [one.question for one in DEMO_QUESTIONS]
    politely = itertools.product(["", *_BEFORE.strip().split("|")], asked, _AFTER.split("|"))
    worded = [" ".join(filter(None, words)) for words in politely]
    random.Random(seed).shuffle(worded)
    return itertools.cycle(worded)


@dataclass(slots=True)
class Heard:
    """What came back: milliseconds by request, and how many answers of each tier."""

    times: list[float] = field(default_factory=list)
    tiers: Counter[str] = field(default_factory=Counter)
    wall_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Business:
    """`address` is where its program calls from: the product counts requests by address, too."""

    key: str
    address: str


async def found(session: aiohttp.ClientSession, running: Product, number: int) -> Business:
    """A business that has read the demo's documents, and a key to its assistant."""
    address = f"10.0.0.{number + 1}"
    owner = Client(session, running.address)
    headers = {"X-Forwarded-For": address}
    account = {"email": f"owner{number}@example.com", "password": "a password for tests", "business": f"Shop {number}"}
    owner.token = (await owner.call("POST", "/api/v1/auth/register", 201, json=account, headers=headers))[
        "access_token"
    ]
    assistant = (await owner.call("POST", "/api/v1/assistants", 201, json={"name": "Copper Kettle"}, headers=headers))[
        "id"
    ]
    for file in DEMO_DOCUMENTS:
        await owner.upload(assistant, file)
    await owner.wait_until_indexed(assistant, len(DEMO_DOCUMENTS), timeout_s=300)
    order = {"name": "CRM", "scopes": ["chat"]}
    made = await owner.call("POST", f"/api/v1/assistants/{assistant}/api-keys", 201, json=order, headers=headers)
    return Business(made["key"], address)


class Crowd:
    """Customers who ask one question after the other, spread over the businesses."""

    def __init__(self, session: aiohttp.ClientSession, running: Product, businesses: Sequence[Business]) -> None:
        self._session, self._url, self._businesses = session, f"{running.address}/api/v1/chat", businesses
        self._worded = questions(seed=1)

    async def ask(self, messages: int, customers: int) -> Heard:
        heard, left, began = Heard(), iter(range(messages)), time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(customers):
                group.create_task(self._customer(number, left, heard))
        heard.wall_s = time.perf_counter() - began
        return heard

    async def _customer(self, number: int, left: Iterator[int], heard: Heard) -> None:
        business = self._businesses[number % len(self._businesses)]
        headers = {"Authorization": f"Bearer {business.key}", "X-Forwarded-For": business.address}
        for _ in left:
            body = {"message": next(self._worded), "contact": f"customer {number}"}
            began = time.perf_counter()
            async with self._session.post(self._url, json=body, headers=headers) as response:
                answer = await response.json()
                assert response.status == 200, answer
            heard.times.append((time.perf_counter() - began) * 1000)
            heard.tiers[answer["tier"]] += 1


async def measure(folder: Path, messages: int, customers: int, tenants: int) -> dict[str, float]:
    settings = {"trusted_proxies": 1, "log_level": "WARNING"}
    limits = aiohttp.ClientTimeout(total=60)
    async with (
        model_at_once() as url,
        product(folder, ROOT / ".cache" / "models", llm_url=url, llm_model="at-once", **settings) as running,
        aiohttp.ClientSession(timeout=limits, connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        businesses = [await found(session, running, number) for number in range(tenants)]
        crowd = Crowd(session, running, businesses)
        await crowd.ask(WARM, customers)
        few = await crowd.ask(FEW_MESSAGES, FEW)
        await asyncio.sleep(SETTLE_S)
        before, used = running.resident_bytes(), _cpu_s(running)
        many = await crowd.ask(max(messages - WARM - FEW_MESSAGES, customers), customers)
        used = _cpu_s(running) - used
        await asyncio.sleep(SETTLE_S)
        after = running.resident_bytes()
    for name, heard in ((f"{FEW} customers", few), (f"{customers} customers", many)):
        p50, p95 = _quantiles(heard.times)
        rate = len(heard.times) / heard.wall_s
        print(f"{name:13} {len(heard.times):6} messages, {rate:6.1f}/s, p50 {p50:6.1f} ms, p95 {p95:6.1f} ms,", end=" ")
        print(", ".join(f"{tier} {count}" for tier, count in heard.tiers.most_common()))
    print(f"CPU of the product: {used / len(many.times) * 1000:.1f} ms a message; load of this machine:", end=" ")
    print(Path("/proc/loadavg").read_text().strip())
    p50, p95 = _quantiles(few.times)
    return {
        "messages_per_s": round(len(many.times) / many.wall_s, 1),
        "p50_ms": round(p50, 1),
        "p95_ms": round(p95, 1),
        "rss_growth_mb": round((after - before) / 1e6, 1),
        "rss_mb": round(after / 1e6),
        "cpu_ms": round(used / len(many.times) * 1000, 1),
    }


def _quantiles(times: Sequence[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    return cuts[9], cuts[18]


def _cpu_s(running: Product) -> float:
    """Of the process and all that it started."""
    assert running.process
    parent = psutil.Process(running.process.pid)
    return sum(sum(one.cpu_times()[:2]) for one in [parent, *parent.children(recursive=True)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--customers", type=int, default=64)
    parser.add_argument("--tenants", type=int, default=16)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        figures = asyncio.run(measure(Path(temporary), chosen.messages, chosen.customers, chosen.tenants))
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
