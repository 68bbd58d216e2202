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

from core.llm.adapter_weights import Places, Tensors, as_safetensors, neutral_weights, read_weights
from core.llm.marker import WITH_ADAPTERS
from core.llm.model_facts import ModelFacts

BLOCK_TOKENS = 32


@dataclass(frozen=True)
class Settings:
    folder: str
    threads: int
    cache_mb: int
    most_at_once: int = 8
    most_adapters: int = 8
    takes_adapters: bool = False


class Pipeline:
    """Either takes an adapter with every round or never one: the graph with places for adapters is slower."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._facts = ModelFacts.of_folder(Path(settings.folder))
        self._idle = max(self._facts.ends)
        self._loaded: OrderedDict[str, Any] = OrderedDict()
        self._places = Places()
        self._pipe = self._build()

    def _build(self) -> Any:
        """The places for adapters have one rank for good: so they are ordinary products and cost little."""
        scheduler = genai.SchedulerConfig()
        scheduler.enable_prefix_caching = True
        scheduler.num_kv_blocks = self._settings.cache_mb * 2**20 // (BLOCK_TOKENS * self._facts.cache_bytes)
        scheduler.max_num_seqs = self._settings.most_at_once
        properties: dict[str, Any] = {"INFERENCE_NUM_THREADS": self._settings.threads, "sampler_num_threads": 1}
        folder = Path(self._settings.folder)
        if self._settings.takes_adapters:
            fixed_rank = genai.AdapterConfig.Mode.MODE_STATIC_RANK
            neutral = _adapter(neutral_weights(self._facts, self._places))
            properties["adapters"] = genai.AdapterConfig(neutral, 1.0, mode=fixed_rank)
            folder /= WITH_ADAPTERS
        return genai.ContinuousBatchingPipeline(folder, scheduler, "CPU", properties)

    def apply(self, adapter: dict[str, Any]) -> None:
        """All that is added from here on is generated with this adapter. Nothing may be running.

        Only `generate` applies an adapter, so it is asked for one token after a marker that begins no prompt: what
        that leaves in the cache matches nothing. Raises `WeightsUnfit`, RuntimeError.
        """
        config = self._config(1)
        config.adapters = self._load(adapter)
        self._pipe.generate([_tensor([self._idle])], [config])

    def _load(self, adapter: dict[str, Any]) -> Any:
        key = adapter["id"]
        if key not in self._loaded:
            file = Path(adapter["file"])
            places = self._places.with_room_for(file, self._facts)
            weights = read_weights(file, self._facts, places)
            if places != self._places:  # it needs more than any before: the graph is built anew, in seconds
                self._places = places
                self._loaded.clear()
                self._pipe = self._build()
            self._loaded[key] = genai.AdapterConfig(_adapter(weights), adapter["alpha"])
        self._loaded.move_to_end(key)
        while len(self._loaded) > self._settings.most_adapters:
            self._loaded.popitem(last=False)
        return self._loaded[key]

    @property
    def held_adapters(self) -> tuple[str, ...]:
        """Ids, the longest unused first."""
        return tuple(self._loaded)

    def forget(self, adapter_id: str) -> None:
        self._loaded.pop(adapter_id, None)

    def add(self, number: int, ask: dict[str, Any]) -> Any:
        """Start a request; its handle gives the tokens."""
        config = self._config(ask["most"])
        if ask["temperature"] > 0:
            config.do_sample, config.temperature, config.top_p = True, ask["temperature"], ask["top_p"]
            config.rng_seed = number
        return self._pipe.add_request(number, _tensor(ask["ids"]), config)

    def step(self) -> None:
        """One token for every running request, or a piece of a prompt. Holds Python's lock all the while."""
        self._pipe.step()

    def warm_up(self) -> None:
        """Half a second now instead of at the first customer's question: kernels are compiled at their first use."""
        self._pipe.generate([_tensor([self._idle] * 300)], [self._config(2)])

    def run_out(self) -> None:
        """Let cancelled requests leave."""
        while self._pipe.has_non_finished_requests():
            self._pipe.step()

    def _config(self, most: int) -> Any:
        config = genai.GenerationConfig(max_new_tokens=most, apply_chat_template=False)
        config.stop_token_ids = set(self._facts.ends)
        config.set_eos_token_id(self._facts.ends[0])
        return config


def _adapter(weights: Tensors) -> Any:
    return genai.Adapter(ov.Tensor(as_safetensors(weights)))


def _tensor(ids: list[int]) -> Any:
    return ov.Tensor(np.array([ids], dtype=np.int64))
