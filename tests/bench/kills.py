"""What a training survives: `make bench-kills`.

Starts the product as a user does. A business starts one short training after the other; in each, at a random moment,
kill -9 hits the trainer, or the product itself, which is then started again. Afterwards the training must have ended,
one way or the other, the service must answer, and nothing may be live that was not accepted, or half there. The last
line is one JSON object.

- kills: what was hit, and how often. ended: trainings by their status. silent_s: the longest that the service did not
  answer, restarts included.

`--rounds N` trainings (20), `--seed N` for the moments.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from safetensors.numpy import load_file

from tests.bench.train import founded, is_trainer
from tests.journeys.product import Client, Product, client, product
from tests.subprocesses import ROOT
from tests.waiting import until

LATEST_S = 30.0
"""After the request; later, such a training is mostly over."""
SHORT = {"max_steps": 8}
ENDS = {"completed", "rejected", "failed"}


async def _kill_trainer() -> bool:
    trainers = [one for one in psutil.process_iter(["cmdline"]) if is_trainer(one)]
    for one in trainers:
        one.kill()
    return bool(trainers)


async def _kill(running: Product, number: int) -> str:
    """Every other time the trainer, if there is one, else the product."""
    if number % 2 and await _kill_trainer():
        return "trainer"
    await running.kill()
    await running.start()
    return "product"


async def _round(running: Product, owner: Client, assistant: str, number: int, after_s: float) -> tuple[str, str]:
    """Whom the kill hit, and how the training ended."""
    address = f"/api/v1/assistants/{assistant}/adapters"
    started = await owner.call("POST", address, 202, json=SHORT)
    await asyncio.sleep(after_s)
    hit = await _kill(running, number)

    async def over() -> dict[str, Any] | None:
        adapter: dict[str, Any] = await owner.call("GET", f"{address}/{started['id']}", 200)
        return adapter if adapter["finished_at"] else None

    ended = await until(over, timeout_s=600, every_s=0.5)
    await _is_sound(running, owner, assistant, ended)
    await owner.call("DELETE", f"/api/v1/assistants/{assistant}/adapter", 204)
    return hit, ended["status"]


async def _is_sound(running: Product, owner: Client, assistant: str, ended: dict[str, Any]) -> None:
    """Nothing half there, and nothing live that was not accepted."""
    assert ended["status"] in ENDS, ended
    seen = await owner.call("GET", f"/api/v1/assistants/{assistant}", 200)
    assert seen["live_adapter_id"] in (None, ended["id"] if ended["status"] == "completed" else None), seen
    if ended["status"] != "failed":
        assert ended["metrics"]["report"]["figures"], "it was judged"
    for folder in (running.folder / "var" / "adapters").rglob("adapter"):
        assert load_file(folder / "adapter_model.safetensors"), folder
        json.loads((folder / "adapter_config.json").read_text())


async def _listen(running: Product, silences: list[float]) -> None:
    """How long the service does not answer, look by look."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        last = time.monotonic()
        while True:
            try:
                async with session.get(f"{running.address}/healthz") as response:
                    if response.status == 200:
                        silences.append(time.monotonic() - last)
                        last = time.monotonic()
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.2)


async def measure(folder: Path, rounds: int, seed: int) -> dict[str, Any]:
    chance, ends, hits = random.Random(seed), Counter[str](), Counter[str]()
    silences: list[float] = []
    async with product(folder, ROOT / ".cache" / "models") as running, client(running) as owner:
        assistant = await founded(owner, pairs=20)
        listening = asyncio.get_running_loop().create_task(_listen(running, silences), name="listening")
        try:
            for number in range(rounds):
                after_s = chance.uniform(0, LATEST_S)
                hit, end = await _round(running, owner, assistant, number, after_s)
                hits[hit] += 1
                ends[end] += 1
                print(f"training {number + 1}: the {hit} was killed after {after_s:.1f} s; it ended {end}", flush=True)
        finally:
            listening.cancel()
            await asyncio.wait({listening})
    return {"kills": dict(hits), "ended": dict(ends), "silent_s": round(max(silences, default=0), 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        figures = asyncio.run(measure(Path(temporary), chosen.rounds, chosen.seed))
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
