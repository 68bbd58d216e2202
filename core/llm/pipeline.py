"""The graph in OpenVINO GenAI: many requests in one batch, all with one adapter, or all without.

What the library does and its documentation does not say, read in its source and seen in tests: `add_request` ignores
a request's adapter; only `generate` applies one, to everything that runs. So this class has one adapter at a time,
and whoever uses it (core/llm/engine.py) keeps requests of different adapters apart.
"""

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import openvino_genai as genai

from core.llm.adapter_weights import Tensors, as_safetensors, neutral_weights, read_weights
from core.llm.bundled import MARKERS, TURN_END

BLOCK_TOKENS = 32
BLOCK_BYTES = 30 * BLOCK_TOKENS * 2 * 3 * (64 + 8)
"""Layers x tokens x (keys and values) x heads x (u8 values, scale and zero point). OpenVINO's own choice on a CPU."""


@dataclass(frozen=True)
class Settings:
    folder: str
    threads: int
    cache_mb: int
    most_at_once: int = 8
    most_adapters: int = 8
    takes_adapters: bool = False


class Pipeline:
    """Either takes an adapter with every round or never one: places for adapters halve the speed."""

    def __init__(self, settings: Settings) -> None:
        self._most_adapters = settings.most_adapters
        self._loaded: OrderedDict[str, Any] = OrderedDict()
        scheduler = genai.SchedulerConfig()
        scheduler.enable_prefix_caching = True
        scheduler.num_kv_blocks = settings.cache_mb * 2**20 // BLOCK_BYTES
        scheduler.max_num_seqs = settings.most_at_once
        properties: dict[str, Any] = {"INFERENCE_NUM_THREADS": settings.threads, "sampler_num_threads": 1}
        if settings.takes_adapters:
            properties["adapters"] = genai.AdapterConfig(_adapter(neutral_weights()), 1.0)
        self._pipe = genai.ContinuousBatchingPipeline(settings.folder, scheduler, "CPU", properties)

    def apply(self, adapter: dict[str, Any]) -> None:
        """All that is added from here on is generated with this adapter. Nothing may be running.

        Only `generate` applies an adapter, so it is asked for one token after a marker that begins no prompt: what
        that leaves in the cache matches nothing. Raises `WeightsUnfit`, RuntimeError.
        """
        config = _config(1)
        config.adapters = self._load(adapter)
        self._pipe.generate([_tensor([MARKERS - 1])], [config])

    def _load(self, adapter: dict[str, Any]) -> Any:
        key = adapter["id"]
        if key not in self._loaded:
            weights = read_weights(Path(adapter["file"]))
            self._loaded[key] = genai.AdapterConfig(_adapter(weights), adapter["alpha"])
        self._loaded.move_to_end(key)
        while len(self._loaded) > self._most_adapters:
            self._loaded.popitem(last=False)
        return self._loaded[key]

    def forget(self, adapter_id: str) -> None:
        self._loaded.pop(adapter_id, None)

    def add(self, number: int, ask: dict[str, Any]) -> Any:
        """Start a request; its handle gives the tokens."""
        config = _config(ask["most"])
        if ask["temperature"] > 0:
            config.do_sample, config.temperature, config.top_p = True, ask["temperature"], ask["top_p"]
            config.rng_seed = number
        return self._pipe.add_request(number, _tensor(ask["ids"]), config)

    def step(self) -> None:
        """One token for every running request, or a piece of a prompt. Holds Python's lock all the while."""
        self._pipe.step()

    def warm_up(self) -> None:
        """Half a second now instead of at the first customer's question: kernels are compiled at their first use."""
        self._pipe.generate([_tensor([MARKERS - 1] * 300)], [_config(2)])

    def run_out(self) -> None:
        """Let cancelled requests leave."""
        while self._pipe.has_non_finished_requests():
            self._pipe.step()


def _adapter(weights: Tensors) -> Any:
    return genai.Adapter(ov.Tensor(as_safetensors(weights)))


def _config(most: int) -> Any:
    config = genai.GenerationConfig(max_new_tokens=most, apply_chat_template=False)
    config.set_eos_token_id(TURN_END)
    return config


def _tensor(ids: list[int]) -> Any:
    return ov.Tensor(np.array([ids], dtype=np.int64))
