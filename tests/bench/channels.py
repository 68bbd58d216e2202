"""Many bots in one process: `make bench-channels`.

Two hundred businesses with a bot each on a Bot API server beside the product, ten customers each, and a model server
that answers at once. First the product runs with all bots switched off; then they are switched on. Customers ask at a
steady rate, then all at once. Nothing may be lost or come twice. The last line is one JSON object.

- start_s: from switching on to the last bot being asked for its updates. mb_per_bot: memory that this took, by bot.
- p95_added_ms: from a message's arrival at Telegram to its answer there, less the answer's own time as the product
  wrote it down; at the steady rate. messages_per_s: all customers at once, until the last is answered.

`--bots N` (200), `--customers N` (2000), `--rate N` a second (20), `--seconds N` of the steady rate (60).
"""

import argparse
import asyncio
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.bench.overhead import model_at_once
from tests.integration.several import SHOPS
from tests.journeys.product import Product, product
from tests.subprocesses import ROOT, run_python
from tests.telegram_server import Person, TelegramServer, telegram_server
from tests.waiting import until

SETTLE_S = 10.0
QUESTION = "Where is the shop?"
_OWN_TIME = """
SELECT contacts.key, messages.timings FROM messages
JOIN conversations ON conversations.id = messages.conversation_id
JOIN contacts ON contacts.id = conversations.contact_id
WHERE messages.author = 'assistant' ORDER BY messages.created_at
"""


def _ask_database(folder: Path, statement: str) -> list[Any]:
    with sqlite3.connect(folder / "var" / "llmchatbot.sqlite3", timeout=30) as connection:
        return connection.execute(statement).fetchall()


class Crowd:
    """Customers, what each is owed, and when he asked."""

    def __init__(self, telegram: TelegramServer, tokens: list[str], customers: int) -> None:
        self.telegram = telegram
        self.people = [Person(telegram, tokens[number % len(tokens)]) for number in range(customers)]
        self.answers = {person.id: f"At {tokens.index(person.token)} Mill Lane." for person in self.people}
        self.asked: dict[int, list[float]] = {person.id: [] for person in self.people}

    async def ask(self, person: Person) -> None:
        self.asked[person.id].append(time.monotonic())
        await person.says(QUESTION)

    async def steadily(self, rate: float, seconds: float) -> None:
        began = time.monotonic()
        asking = min(int(rate * seconds), len(self.people))  # nobody twice: that may be one question in two messages
        for number, person in enumerate(random.Random(7).sample(self.people, asking)):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            await self.ask(person)

    async def all_answered(self, timeout_s: float) -> None:
        owed = sum(map(len, self.asked.values()))

        async def there() -> bool:
            return len(self.telegram.shown) >= owed

        try:
            await until(there, timeout_s)
        except AssertionError:
            print(f"{owed - len(self.telegram.shown)} of {owed} are not answered", flush=True)

    def times(self) -> dict[int, list[float]]:
        """Seconds from a question to its answer, by customer, in their order."""
        said: dict[int, list[float]] = {person.id: [] for person in self.people}
        for call in self.telegram.calls_of("sendMessage"):
            if not call.refused:
                said[int(call.fields["chat_id"])].append(call.at)
        return {who: [end - begin for begin, end in zip(self.asked[who], said[who], strict=False)] for who in said}

    def wrong(self) -> tuple[int, int]:
        """Lost and doubled."""
        got = Counter((one.chat_id, one.text) for one in self.telegram.shown)
        owed = Counter({(who, self.answers[who]): len(times) for who, times in self.asked.items()})
        return (owed - got).total(), (got - owed).total()


async def _switched_on(running: Product, telegram: TelegramServer, tokens: list[str]) -> float:
    began = time.monotonic()
    await asyncio.to_thread(_ask_database, running.folder, "UPDATE channels SET enabled = 1")

    async def polled() -> bool:
        return all(telegram.is_polled(token) for token in tokens)

    await until(polled, 120)
    return time.monotonic() - began


async def _added_ms(folder: Path, crowd: Crowd) -> list[float]:
    """Of every answer, what came in addition to its own time."""
    own: dict[int, list[float]] = {}
    for key, timings in await asyncio.to_thread(_ask_database, folder, _OWN_TIME):
        own.setdefault(int(key), []).append(json.loads(timings)["total_s"])
    pairs = [
        (whole, alone)
        for who, times in crowd.times().items()
        for whole, alone in zip(times, own.get(who, []), strict=False)
    ]
    return [(whole - alone) * 1000 for whole, alone in pairs]


async def measure(folder: Path, bots: int, customers: int, rate: float, seconds: float) -> dict[str, Any]:
    models = ROOT / ".cache" / "models"
    code = f"import runpy; runpy.run_path({str(SHOPS)!r}, run_name='__main__')"
    async with telegram_server() as telegram, model_at_once() as url:
        tokens = [telegram.new_bot() for _ in range(bots)]
        settings: dict[str, Any] = {"llm_url": url, "llm_model": "at-once", "telegram_api_url": telegram.url}
        await run_python(code, *tokens, timeout_s=600, data_dir=folder / "var", models_dir=models, **settings)
        await asyncio.to_thread(_ask_database, folder, "UPDATE channels SET enabled = 0")
        async with product(folder, models, log_level="WARNING", **settings) as running:
            await asyncio.sleep(SETTLE_S)
            before = running.resident_bytes()
            start_s = await _switched_on(running, telegram, tokens)
            await asyncio.sleep(SETTLE_S)
            memory = running.resident_bytes() - before
            print(f"{bots} bots after {start_s:.1f} s", flush=True)
            crowd = Crowd(telegram, tokens, customers)
            await crowd.steadily(rate, seconds)
            await crowd.all_answered(60)
            added = await _added_ms(folder, crowd)
            began = time.monotonic()
            await asyncio.gather(*(crowd.ask(person) for person in crowd.people))
            await crowd.all_answered(600)
            flood_s = time.monotonic() - began
            await asyncio.sleep(3)
            lost, doubled = crowd.wrong()
    cuts = statistics.quantiles(added, n=20, method="inclusive")
    print(
        f"{len(added)} answers at {rate:g}/s: added p50 {cuts[9]:.0f} ms, p95 {cuts[18]:.0f} ms; load of this machine:",
        end=" ",
    )
    print(Path("/proc/loadavg").read_text().strip())
    return {
        "start_s": round(start_s, 1),
        "mb_per_bot": round(memory / 1e6 / bots, 2),
        "messages_per_s": round(customers / flood_s, 1),
        "p95_added_ms": round(cuts[18], 1),
        "lost": lost,
        "doubled": doubled,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bots", type=int, default=200)
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        how = (chosen.bots, chosen.customers, chosen.rate, chosen.seconds)
        figures = asyncio.run(measure(Path(temporary), *how))
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
