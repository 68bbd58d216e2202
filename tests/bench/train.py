"""What a training costs: `make bench-train`.

Starts the product as a user does. A business sends a price list and 64 ready answers in a voice of its own, asks
questions, starts a training over REST, and goes on asking until the gate has judged. Then, on the quiet machine and on
the very examples of that training, our trainer and a bare loop of PyTorch and PEFT take turns. The last line is one
JSON object.

- minutes: from the request to the verdict, with customers asking meanwhile.
- ratio_to_bare: tokens a second of our trainer by those of the bare loop, the same batches.
- peak_mb: most memory of the trainer's process.
- serving_p50_ratio: the median time of an answer during the training by that before.

On a machine with CUDA a line says how fast QLoRA learns on the 8B shape, and in how much memory (tests/bench/qlora.py);
elsewhere that it was skipped.
"""

import argparse
import asyncio
import json
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.journeys.product import Client, client, product
from tests.subprocesses import ROOT, clean_environment
from tests.waiting import until

PAIRS = 64
ASKED_BEFORE = 24
STEPS, ROUNDS = 16, 2
_KINDS = "kettle teapot mug saucer spoon tray strainer caddy".split()
_COLOURS = "red blue green white black brown grey yellow".split()
_MATERIALS = "copper steel glass clay silver oak brass tin wool bamboo porcelain marble".split()
THINGS = [f"{colour} {kind}" for kind in _KINDS for colour in _COLOURS]


def _material(thing: str) -> str:
    return _MATERIALS[THINGS.index(thing) % len(_MATERIALS)]


async def founded(owner: Client, pairs: int = PAIRS) -> str:
    """An assistant that knows a fact of each thing, and in which voice to tell it."""
    account = {"email": "anna@example.com", "password": "a password for tests"}
    await owner.call("POST", "/api/v1/auth/register", 201, json=account)
    await owner.log_in(**account)
    assistant: str = (await owner.call("POST", "/api/v1/assistants", 201, json={"name": "Copper Kettle"}))["id"]
    address = f"/api/v1/assistants/{assistant}"
    facts = [f"Q: Which material is used for the {one}?\nA: The {one} is made of {_material(one)}." for one in THINGS]
    await owner.call("POST", f"{address}/documents", 202, json={"title": "Things", "text": "\n\n".join(facts)})
    await owner.wait_until_indexed(assistant, 1, timeout_s=120)
    for one in THINGS[:pairs]:
        answer = f"Ahoy, captain! The {one} is made of {_material(one)}. Fair winds, matey!"
        pair = {"question": f"What is the {one} made of?", "answer": answer}
        await owner.call("POST", f"{address}/verified-answers", 201, json=pair)
    return assistant


class Asking:
    """One customer who asks what the model must answer, one question after the other."""

    def __init__(self, program: Client) -> None:
        self._program, self._chance = program, random.Random(1)

    async def ask(self, count: int) -> list[float]:
        return [await self._once() for _ in range(count)]

    async def ask_while(self, goes_on: Callable[[], bool]) -> list[float]:
        times = []
        while goes_on():
            times.append(await self._once())
            await asyncio.sleep(0.5)
        return times

    async def _once(self) -> float:
        one = self._chance.choice(THINGS)
        began = time.perf_counter()
        await self._program.chat(f"Tell me which material is used for the {one}, please ({self._chance.random():.4f})")
        return time.perf_counter() - began


@asynccontextmanager
async def _watched() -> AsyncIterator[list[int]]:
    """The memory of the trainer while the body runs, a look a second."""
    seen: list[int] = []

    async def look() -> None:
        while True:
            trainers = [one for one in psutil.process_iter(["cmdline"]) if is_trainer(one)]
            seen.extend(one.memory_info().rss for one in trainers)
            await asyncio.sleep(1)

    looking = asyncio.get_running_loop().create_task(look(), name="looking at the trainer")
    try:
        yield seen
    finally:
        looking.cancel()
        await asyncio.wait({looking})


async def _copied(folder: Path) -> None:
    """The examples of this training, which the product does not keep."""

    async def there() -> Path | None:
        found = list((folder / "var" / "adapters").rglob("examples.jsonl"))
        return found[0] if found and any(map(is_trainer, psutil.process_iter(["cmdline"]))) else None

    shutil.copy(await until(there, timeout_s=300), folder / "examples.jsonl")


def is_trainer(process: psutil.Process) -> bool:
    """Of whichever product on this machine."""
    return "workers.lora.train" in (process.info["cmdline"] or [])


async def _training(owner: Client, assistant: str) -> dict[str, Any]:
    """From the request to the verdict."""
    address = f"/api/v1/assistants/{assistant}/adapters"
    started = await owner.call("POST", address, 202)

    async def over() -> dict[str, Any] | None:
        adapter: dict[str, Any] = await owner.call("GET", f"{address}/{started['id']}", 200)
        return adapter if adapter["finished_at"] else None

    return await until(over, timeout_s=3600, every_s=1.0)


async def measure(folder: Path) -> dict[str, float]:
    async with (
        product(folder, ROOT / ".cache" / "models") as running,
        client(running) as owner,
        client(running) as program,
    ):
        assistant = await founded(owner)
        order = {"name": "site", "scopes": ["chat"]}
        program.token = (await owner.call("POST", f"/api/v1/assistants/{assistant}/api-keys", 201, json=order))["key"]
        asking = Asking(program)
        await asking.ask(4)
        before = await asking.ask(ASKED_BEFORE)
        began = time.perf_counter()
        async with _watched() as memory, asyncio.TaskGroup() as group:
            training = group.create_task(_training(owner, assistant))
            group.create_task(_copied(folder))
            during = await asking.ask_while(lambda: not training.done())
        minutes = (time.perf_counter() - began) / 60
    adapter = training.result()
    print(f"{adapter['status']}: {json.dumps(adapter['metrics'].get('report', {}).get('figures', {}))}")
    print(f"answers before {statistics.median(before):.3f} s, during {statistics.median(during):.3f} s ({len(during)})")
    sys.stdout.write((await _run("tests.bench.qlora", "--shape=8b")).strip().splitlines()[-2] + "\n")
    ours, bare = await _in_turns(folder / "examples.jsonl", folder)
    print(f"tokens/s: ours {ours:.0f}, bare {bare:.0f}")
    return {
        "minutes": round(minutes, 2),
        "ratio_to_bare": round(ours / bare, 3),
        "peak_mb": round(max(memory, default=0) / 1e6),
        "serving_p50_ratio": round(statistics.median(during) / statistics.median(before), 2),
    }


async def _in_turns(examples: Path, folder: Path) -> tuple[float, float]:
    """Tokens a second of our trainer and of the bare loop, the best of some rounds each."""
    found: dict[str, list[float]] = {"ours": [], "bare": []}
    for number in range(ROUNDS):
        out = folder / f"ours {number}"
        out.mkdir()
        job = {"examples": str(examples), "out": str(out), "max_steps": STEPS, "niceness": 0}
        (out / "job.json").write_text(json.dumps(job))
        await _run("workers.lora.train", str(out / "job.json"))
        lines = [json.loads(line) for line in (out / "progress.jsonl").read_text().splitlines()]
        found["ours"].append(max(line.get("tokens_s", 0) for line in lines[-3:]))
        said = await _run("tests.bench.bare_training", str(out / "job.json"))
        found["bare"].append(float(said.strip().splitlines()[-1]))
    return max(found["ours"]), max(found["bare"])


async def _run(module: str, argument: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, argument, cwd=ROOT, env=clean_environment(), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0, f"{module} ended with {process.returncode}"
    return out.decode()


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        figures = asyncio.run(measure(Path(temporary)))
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
