"""How soon the admin bot answers where no language model is needed: `make bench-replies`.

Starts the product as a user does, beside a Bot API server. Owners make an assistant each, give it a document, and then
tap through its screens and type wishes, all of them at once, each with a pause between two acts as a person has it.
A reply's time runs from the moment that Telegram has the tap until the bot's first message or edit arrives there.
Prints a table; the last line is one JSON object, in milliseconds.

`--owners N` and `--rounds N` choose other numbers.
"""

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path

from admin_bot.keyboards import Press
from core.demo import DEMO_DOCUMENTS
from tests.integration.owners import started
from tests.journeys.product import product
from tests.subprocesses import ROOT
from tests.telegram_server import Person, TelegramServer, telegram_server
from tests.waiting import until

REPLIES = ("sendMessage", "editMessageText", "sendPhoto")
TAPS = (
    *("docs", "menu", "answers", "menu", "persona", "menu", "bots", "menu", "team", "menu", "keys", "menu"),
    *("numbers", "menu", "changes", "menu", "assistants", "menu", "help", "menu", "page", "menu", "language"),
)
WISHES = (
    *("/menu", "show my documents", "which questions had no answer?", "покажи цифры за неделю", "измени приветствие"),
    *("our hours are Mon-Fri 9-18", "don't talk about politics", "shorter answers please", "подключить бота", "help"),
)
PAUSE_S = (1.2, 1.8)
Timed = tuple[str, float]


async def owner_at_work(server: TelegramServer, token: str, rounds: int) -> list[Timed]:
    """What he did and how long each reply took, in seconds."""
    owner = await started(Person(server, token))
    await owner.sends_file(ROOT / "core" / "demo" / DEMO_DOCUMENTS[0])
    await owner.reads("✅", 60)
    await owner.says("/menu")
    await owner.reads("Copper Kettle")
    timed = []
    for _ in range(rounds):
        timed += [(f"tap {do}", await _after(owner, _tap(owner, do))) for do in TAPS]
        timed += [(f"say {wish}", await _after(owner, owner.says(wish))) for wish in WISHES]
        await owner.says("/menu")
        await asyncio.sleep(PAUSE_S[1])
    return timed


async def _tap(owner: Person, do: str) -> None:
    for shown in reversed(owner.chat):
        for button in shown.buttons:
            if "callback_data" in button and Press.unpack(button["callback_data"]).do == do:
                await owner.presses_data(shown.message_id, button["callback_data"])
                return
    raise AssertionError(f"nothing to tap for {do!r}")


async def _after(owner: Person, act: Awaitable[object]) -> float:
    """Seconds from the act to the first reply, and then his pause."""
    seen, began = len(owner.server.calls), time.monotonic()
    await act

    async def reply() -> float:
        return next(
            (
                call.at - began
                for call in owner.server.calls[seen:]
                if call.method in REPLIES and not call.refused and int(call.fields.get("chat_id", 0)) == owner.id
            ),
            0.0,
        )

    took = await until(reply, 30, every_s=0.02)
    await asyncio.sleep(random.uniform(*PAUSE_S))
    return took


def figures(timed: list[Timed]) -> dict[str, float | int | str]:
    ms = sorted(1000 * seconds for _, seconds in timed)
    slowest = max(timed, key=lambda one: one[1])
    cut = statistics.quantiles(ms, n=100)
    return {"replies": len(ms), "p50_ms": round(cut[49], 1), "p95_ms": round(cut[94], 1), "slowest": slowest[0]}


async def main(owners: int, rounds: int) -> None:
    folder = Path(tempfile.mkdtemp())
    async with telegram_server() as server:
        token = server.new_bot()
        settings = {"telegram_api_url": server.url, "admin_bot_token": token}
        async with product(folder, ROOT / ".cache" / "models", **settings):
            works = (owner_at_work(server, token, rounds) for _ in range(owners))
            timed = [one for work in await asyncio.gather(*works) for one in work]
    for name in sorted({name for name, _ in timed}):
        mine = [1000 * seconds for one, seconds in timed if one == name]
        print(f"{name:<40} {statistics.median(mine):8.0f} ms  at most {max(mine):8.0f} ms")
    taps = [one for one in timed if one[0].startswith("tap")]
    print(json.dumps(figures(timed) | {"taps_p95_ms": figures(taps)["p95_ms"], "owners": owners}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--owners", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    asyncio.run(main(chosen.owners, chosen.rounds))
