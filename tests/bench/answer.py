"""Our engine against llama.cpp on the same model file: `make bench-answer`.

Prompts of about 900 tokens, answers of 64, greedy. Ours is asked through its port as the product asks it, llama.cpp
(xllamacpp) through its own server: with the very file that comes with the product (Q4_1), and with the same model
requantised to Q4_0, for which it has its fastest code. Every round asks all of them in turn, so that a busy machine is
busy for all; prints medians; the last line is one JSON object.

- ttft_s, total_s: ours, one customer, nothing cached. warm_ttft_s: another question about the same text.
- ratio_total_1, ratio_total_8: our time by llama.cpp's on the same file, for one and for eight at once (until the last
  of them has his answer). With `_q4_0`: by its time on its best quantisation. With `lora_`: both with an adapter.
- lora_ratio: our time with an adapter by our time without.

`--rounds N` for one customer (3), `--crowds N` for eight (1).
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import aiohttp

from core.llm.base import Turn
from core.llm.bundled import bundled_gguf
from core.llm.openvino import Limits, OpenVinoLanguageModel, prepare_language_model
from tests.bench.engine_files import random_adapter, requantised
from tests.bench.engines import ANSWER_TOKENS, Engine, LlamaCpp, Ours, Timing, asked_again, new_prompt
from tests.llama_cpp import Serving, llama_cpp
from tests.subprocesses import ROOT

CROWD = 8
OURS, SAME_FILE, BEST_FILE = "ours", "llama.cpp", "llama.cpp Q4_0"
PATIENT = Limits(first_token_s=600, total_s=600)
"""A machine that has other work must end in figures, not in a refusal."""
Rows = dict[tuple[str, str], list[Timing]]
"""(what was asked, of whom) -> its measurements."""


async def compare(folder: Path, rounds: int, crowds: int) -> Rows:
    prepared = ROOT / ".cache" / "models" / "smollm2-135m-instruct"
    await prepare_language_model(prepared, print)
    adapter, adapter_gguf = await asyncio.to_thread(random_adapter, folder)
    q4_0 = await asyncio.to_thread(requantised, bundled_gguf(), folder / "q4_0.gguf")
    serving = Serving(adapter=str(adapter_gguf), at_once=CROWD)
    model = await OpenVinoLanguageModel.open(prepared, expect_adapters=True, limits=PATIENT)
    try:
        async with (
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=600), connector=aiohttp.TCPConnector(limit=0, force_close=True)
            ) as session,
            llama_cpp(bundled_gguf(), serving) as same,
            llama_cpp(q4_0, serving) as best,
        ):
            engines: dict[str, Engine] = {
                OURS: Ours(model, adapter), SAME_FILE: LlamaCpp(same, session), BEST_FILE: LlamaCpp(best, session),
            }  # fmt: skip
            return await _measure(engines, rounds, crowds)
    finally:
        await model.close()


async def _measure(engines: dict[str, Engine], rounds: int, crowds: int) -> Rows:
    rows: Rows = defaultdict(list)

    def note(what: str, who: str, timing: Timing) -> None:
        rows[what, who].append(timing)
        sys.stdout.write(f"{what:22}{who:16}first {timing.first_s:6.2f} s, all {timing.total_s:6.2f} s\n")
        sys.stdout.flush()

    for engine in engines.values():
        for with_adapter in (False, True):
            await engine.ask(new_prompt(), with_adapter=with_adapter)
    for _ in range(rounds):
        turns = new_prompt()
        for name, engine in engines.items():
            note("one", name, await _whole_answer(engine, turns, with_adapter=False))
            note("one, same text again", name, await engine.ask(asked_again(turns)))
        for name, engine in engines.items():
            note("one, adapter", name, await _whole_answer(engine, new_prompt(), with_adapter=True))
    for _ in range(crowds):
        for with_adapter, what in ((False, "eight"), (True, "eight, adapter")):
            for name, engine in engines.items():
                note(what, name, await _crowd(engine, with_adapter=with_adapter))
    return rows


async def _whole_answer(engine: Engine, turns: list[Turn], *, with_adapter: bool) -> Timing:
    """An answer that ended early would flatter who gave it: he is asked something else."""
    for _ in range(4):
        timing = await engine.ask(turns, with_adapter=with_adapter)
        if timing.tokens >= ANSWER_TOKENS - 4:
            return timing
        turns = new_prompt()
    raise SystemExit("the model does not speak long enough to be measured")


async def _crowd(engine: Engine, *, with_adapter: bool) -> Timing:
    """Until the last has his answer; the median customer's first token. A crowd in which somebody's answer ended early
    is asked again."""
    for _ in range(3):
        started = time.monotonic()
        everyone = await asyncio.gather(*(engine.ask(new_prompt(), with_adapter=with_adapter) for _ in range(CROWD)))
        timing = Timing(
            statistics.median(one.first_s for one in everyone),
            time.monotonic() - started,
            sum(one.tokens for one in everyone),
        )
        if timing.tokens >= CROWD * (ANSWER_TOKENS - 4):
            return timing
    raise SystemExit("the model does not speak long enough to be measured")


def figures(rows: Rows) -> dict[str, float]:
    def median(what: str, who: str, of: Callable[[Timing], float] = lambda timing: timing.total_s) -> float:
        return statistics.median(of(timing) for timing in rows[what, who])

    def ratio(what: str, whom: str) -> float:
        return round(median(what, OURS) / median(what, whom), 3)

    return {
        "ttft_s": round(median("one", OURS, lambda timing: timing.first_s), 3),
        "total_s": round(median("one", OURS), 3),
        "ratio_total_1": ratio("one", SAME_FILE),
        "ratio_total_8": ratio("eight", SAME_FILE),
        "warm_ttft_s": round(median("one, same text again", OURS, lambda timing: timing.first_s), 3),
        "lora_ratio": round(median("one, adapter", OURS) / median("one", OURS), 3),
        "lora_ratio_total_1": ratio("one, adapter", SAME_FILE),
        "lora_ratio_total_8": ratio("eight, adapter", SAME_FILE),
        "ratio_total_1_q4_0": ratio("one", BEST_FILE),
        "ratio_total_8_q4_0": ratio("eight", BEST_FILE),
    }


def _print(rows: Rows) -> None:
    sys.stdout.write(f"\nmedians{'':15}{'':16}{'first s':>8}{'total s':>8}{'tokens':>8}   all totals\n")
    for (what, who), timings in sorted(rows.items()):
        first = statistics.median(timing.first_s for timing in timings)
        total = statistics.median(timing.total_s for timing in timings)
        totals = " ".join(f"{timing.total_s:.2f}" for timing in timings)
        sys.stdout.write(f"{what:22}{who:16}{first:8.2f}{total:8.2f}{timings[-1].tokens:8}   {totals}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--crowds", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(compare(Path(folder), chosen.rounds, chosen.crowds))
    _print(rows)
    sys.stdout.write(json.dumps(figures(rows)) + "\n")


if __name__ == "__main__":
    main()
