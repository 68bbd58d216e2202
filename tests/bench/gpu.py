"""How fast a model on a GPU answers many at once, each with an adapter of his own: `make bench-gpu`.

A Llama of random weights and random rank-16 adapters, served by the loop that serves customers
(core/llm/transformers_engine.py), against plain `generate`, one request after the other. All requests of a row come in
the same moment: their first tokens tell how long the last one waits. Prints a table; the last line is one JSON object.

`--shape tiny` runs anywhere in seconds, `--shape 1b` on a small GPU. After `--minutes` no further row begins, and the
one that runs is cut off. Without CUDA nothing is measured, and a line says so.
"""

import argparse
import gc
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import torch
import transformers
from peft import PeftModel

from core.llm.transformers_engine import Engine
from core.llm.transformers_loading import LoadedModel, ModelUnfit, Settings, precision_of
from tests.bench.random_llama import SHAPES, Shape, random_adapter, random_llama

COLUMNS = {
    "requests": "requests",
    "adapters": "adapters",
    "tokens/s": "tokens_per_s",
    "x generate": "ratio",
    "first p50 s": "first_p50_s",
    "first p95 s": "first_p95_s",
    "one by one p95 s": "one_by_one_p95_s",
    "peak GB": "peak_gb",
    "failed": "failed",
    "cut off": "cut_off",
}
"""The table's titles and its names in the JSON. "One by one": when `generate` would come to nearly the last of them."""
ADAPTERS_MB = 8000
MIXED = 8
"""So many adapters are compared with PEFT's own way."""


class Customers:
    """They ask all at once and note when their tokens come. Stands where core/llm/engine_commands.py does."""

    def __init__(self) -> None:
        self._asks: list[dict[str, Any]] = []
        self._until = self._began = 0.0
        self.open: set[int] = set()
        self.first_s: dict[int, float] = {}
        self.tokens = self.failed = 0
        self.took_s = 0.0

    def come(self, asks: list[dict[str, Any]], until: float) -> None:
        self._asks, self._until, self._began = asks, until, time.monotonic()
        self.open = {ask["ask"] for ask in asks}
        self.first_s.clear()
        self.tokens = self.failed = 0

    @property
    def are_open(self) -> bool:
        return bool(self.open) and time.monotonic() < self._until

    def read(self, *, wait: bool) -> Iterator[dict[str, Any]]:
        asks, self._asks = self._asks, []
        return iter(asks)

    def leave(self) -> list[dict[str, Any]]:
        """Those who are still waiting go."""
        return [{"cancel": number} for number in self.open]

    def say(self, **event: Any) -> None:
        self.took_s = time.monotonic() - self._began
        for number, tokens in event.get("tokens", ()):
            self.first_s.setdefault(number, self.took_s)
            self.tokens += len(tokens)
        self.failed += "failed" in event
        self.open.discard(event.get("end", event.get("failed")))


class Bench:
    """One model in one precision."""

    def __init__(self, shape: Shape, adapters: list[Path], in_4_bits: bool) -> None:
        self._shape, self._adapters = shape, adapters
        self._device = torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")
        self._dtype = precision_of(self._device)
        self.net = random_llama(shape, self._device, self._dtype, in_4_bits)
        self._numbers = iter(range(10**9))
        self._customers = Customers()

    def generate(self) -> dict[str, float]:
        """Tokens per second and seconds to the first one, of transformers' own loop: the base, with an adapter, and
        with several adapters in one batch by PEFT's `adapter_names`."""
        plain = self._generate(self.net)
        peft = PeftModel.from_pretrained(self.net, str(self._adapters[0]), "adapter0").eval()
        adapted = self._generate(peft)
        for folder in self._adapters[1:MIXED]:
            peft.load_adapter(str(folder), folder.name)
        mixed = self._generate_mixed(peft)
        self.net = peft.unload()
        return {**plain, "adapter_tokens_per_s": adapted["tokens_per_s"], "mixed_tokens_per_s": mixed}

    def _generate_mixed(self, net: Any, tokens: int = 4) -> float:
        """Two rows for each adapter; only steps after the first count."""
        rows, adapters = 2 * len(self._adapters[:MIXED]), self._adapters[:MIXED]
        prompts = torch.tensor([self._prompt(0)[:8]] * rows, device=self._device)
        names = [adapters[row % len(adapters)].name for row in range(rows)]
        asked = {"attention_mask": torch.ones_like(prompts), "do_sample": False, "adapter_names": names}
        took = []
        for most in (1, 1, 1 + tokens):
            started = time.monotonic()
            net.generate(input_ids=prompts, max_new_tokens=most, **asked)
            took.append(time.monotonic() - started)
        return rows * tokens / max(1e-6, took[2] - took[1])

    def _generate(self, net: Any, times: int = 3) -> dict[str, float]:
        prompt = torch.tensor([self._prompt(0)], device=self._device)
        asked = {"attention_mask": torch.ones_like(prompt), "do_sample": False}
        net.generate(input_ids=prompt, max_new_tokens=2, **asked)
        started = time.monotonic()
        net.generate(input_ids=prompt, max_new_tokens=1, **asked)
        first_s = time.monotonic() - started
        started = time.monotonic()
        for _ in range(times):
            said = net.generate(input_ids=prompt, max_new_tokens=self._shape.answer, **asked)
            assert said.shape[1] == prompt.shape[1] + self._shape.answer, "it ended early"
        total_s = (time.monotonic() - started) / times
        return {"tokens_per_s": self._shape.answer / total_s, "first_s": first_s, "total_s": total_s}

    def open_engine(self) -> None:
        most = max(requests for requests, _ in self._shape.rows)
        holds = self._shape.prompt + self._shape.answer
        settings = Settings("random", "", holds, torch.get_num_threads(), most, ADAPTERS_MB)
        prompt: Any = None  # requests come as tokens
        model = LoadedModel(self.net, prompt, self._device, self._dtype, holds, frozenset())
        commands: Any = self._customers
        self._engine = Engine(model, settings, commands)

    def measure(self, requests: int, adapters: int, until: float) -> dict[str, float]:
        """One row of the table, after a short round of the same kind to warm up."""
        self._serve(requests, adapters, 2, until)
        if self._device.type == "cuda":
            torch.cuda.reset_peak_memory_stats()
        customers = self._serve(requests, adapters, self._shape.answer, until)
        first = sorted(customers.first_s.values()) or [0.0]
        return {
            "requests": requests,
            "adapters": adapters,
            "tokens_per_s": round(customers.tokens / customers.took_s, 1) if customers.took_s else 0.0,
            "first_p50_s": round(statistics.median(first), 3),
            "first_p95_s": round(first[int(0.95 * (len(first) - 1))], 3),
            "peak_gb": round(_memory(self._device) / 1e9, 2),
            "failed": customers.failed,
            "cut_off": len(customers.open),
        }

    def _serve(self, requests: int, adapters: int, tokens: int, until: float) -> Customers:
        asks = [self._ask(n, adapters, tokens) for n in range(requests)]
        self._customers.come(asks, until)
        self._engine.run()
        for gone in self._customers.leave():
            self._engine.obey(gone)
        return self._customers

    def _ask(self, place: int, adapters: int, tokens: int) -> dict[str, Any]:
        folder = self._adapters[place % adapters] if adapters else None
        return {
            "ask": next(self._numbers),
            "ids": self._prompt(place),
            "adapter": {"id": folder.name, "folder": str(folder)} if folder else None,
            "most": tokens,
            "temperature": 0.0,
            "top_p": 1.0,
        }

    def _prompt(self, seed: int) -> list[int]:
        random = torch.Generator().manual_seed(seed)
        words = torch.randint(self._shape.config["vocab_size"], (self._shape.prompt,), generator=random)
        return [int(word) for word in words]


def _memory(device: Any) -> int:
    """The most that was held on the GPU since the last reset; of a CPU what is held now."""
    return torch.cuda.max_memory_allocated() if device.type == "cuda" else int(psutil.Process().memory_info().rss)


def measure(shape: Shape, adapters: list[Path], in_4_bits: bool, until: float) -> dict[str, Any]:
    """Everything of one precision."""
    bench = Bench(shape, adapters, in_4_bits)
    alone = bench.generate()
    _say(f"generate, one by one: {alone['tokens_per_s']:.1f} tokens/s, first token after {alone['first_s']:.3f} s")
    mixed = len(adapters[:MIXED])
    _say(f"with an adapter {alone['adapter_tokens_per_s']:.1f} tokens/s; {2 * mixed} rows with {mixed} adapters in one "
         f"batch by PEFT's adapter_names {alone['mixed_tokens_per_s']:.1f} tokens/s")  # fmt: skip
    _say("  ".join(COLUMNS))
    bench.open_engine()
    rows = []
    for requests, voices in shape.rows:
        if time.monotonic() >= until:
            _say(f"{requests:8}  {voices:8}  no time left")
            continue
        row = bench.measure(requests, voices, until)
        usual = alone["adapter_tokens_per_s" if voices else "tokens_per_s"]
        row["ratio"] = round(row["tokens_per_s"] / usual, 2)
        row["one_by_one_p95_s"] = round(0.95 * (requests - 1) * alone["total_s"] + alone["first_s"], 3)
        rows.append(row)
        _say("  ".join(f"{row[name]:{len(title)}}" for title, name in COLUMNS.items()))
    return {"generate": {name: round(value, 4) for name, value in alone.items()}, "rows": rows}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=sorted(SHAPES), default="8b")
    parser.add_argument("--minutes", type=float, default=8.0)
    chosen = parser.parse_args(arguments)
    if chosen.shape != "tiny" and not torch.cuda.is_available():
        _say("bench-gpu is skipped: PyTorch sees no CUDA device here. `--shape tiny` runs the same code on the CPU.")
        _say(json.dumps({"skipped": "no CUDA device"}))
        return
    transformers.logging.disable_progress_bar()
    if chosen.shape == "tiny":
        torch.set_num_threads(1)  # several would wait for each other longer than they work
    shape, began = SHAPES[chosen.shape], time.monotonic()
    where = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    _say(f"{chosen.shape} on {where}, PyTorch {torch.__version__}; {shape.prompt} tokens in, {shape.answer} out")
    figures: dict[str, Any] = {"shape": chosen.shape, "device": where, "prompt": shape.prompt, "answer": shape.answer}
    with tempfile.TemporaryDirectory() as folder:
        most = max(adapters for _, adapters in shape.rows)
        adapters = [random_adapter(shape, Path(folder) / f"adapter{number}", number) for number in range(most)]
        for share, (name, in_4_bits) in enumerate((("bf16", False), ("4bit", True)), 1):
            _say(f"\n{name}")
            try:
                figures[name] = measure(shape, adapters, in_4_bits, began + share * chosen.minutes * 30)
            except (ModelUnfit, torch.OutOfMemoryError) as wrong:
                _say(f"skipped: {wrong}")
                figures[name] = {"skipped": str(wrong)[:200]}
            gc.collect()
            torch.cuda.empty_cache()
    figures["took_s"] = round(time.monotonic() - began, 1)
    _say(json.dumps(figures))


if __name__ == "__main__":
    main()
