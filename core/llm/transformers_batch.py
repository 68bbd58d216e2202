"""The running batch: every step gives each of its rows one token, whatever adapter it speaks with.

Rows join and leave between steps. What they have read lies in one cache, filled up on the left to the longest row and
masked there, so that a row's tokens are the same in any company (up to rounding). Refuses to know text, processes and
who asked.
"""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import DynamicCache

from core.llm.transformers_lora import BASE, LoraRows

OUT_OF_MEMORY = (torch.OutOfMemoryError, MemoryError)


class NoMemory(Exception):
    """There is no room for this row. The others are as they were."""

    def __init__(self, row: "Row") -> None:
        super().__init__(f"request {row.number} has no memory")
        self.row = row


@dataclass(eq=False, slots=True)
class Row:
    """One request. `cached` counts its tokens in the cache; `latest` is the token that is not there yet."""

    number: int
    ids: list[int]
    most: int
    temperature: float = 0.0
    top_p: float = 1.0
    adapter: str = BASE
    cached: int = 0
    latest: int = -1
    made: int = 0


class Batch:
    """`net` is a causal language model, `loras` are the adapters in it. What all rows have read takes at most
    `most_bytes`, 0 for as much as there is."""

    def __init__(self, net: Any, device: Any, loras: LoraRows, most_bytes: int = 0) -> None:
        self.rows: list[Row] = []
        self._net, self._device, self._loras, self._most_bytes = net, device, loras, most_bytes
        self._keeps_logits = "logits_to_keep" in inspect.signature(net.forward).parameters
        self._token_bytes = 0
        self._cache = DynamicCache()
        self._width = 0

    @property
    def adapters(self) -> frozenset[str]:
        """Names in use."""
        return frozenset(row.adapter for row in self.rows) - {BASE}

    def join(self, row: Row) -> None:
        """Read the prompt and make its first token. Raises `NoMemory`; the row is not in then."""
        cache = DynamicCache()
        try:
            self._must_hold(len(self.rows) + 1, max(self._width, len(row.ids)))
            row.latest = self._forward([row.ids], [0], cache, [row])[0]
            row.cached, row.made = len(row.ids), 1
            self._token_bytes = _token_bytes(cache)
            self._must_hold(len(self.rows) + 1, max(self._width, row.cached))
            self._merge(cache, row.cached)
        except OUT_OF_MEMORY as full:
            self._back_to(len(self.rows))
            raise NoMemory(row) from full.with_traceback(None)
        self.rows.append(row)

    def step(self) -> None:
        """A further token for every row. Raises `NoMemory` for the newest row, which should leave."""
        try:
            self._must_hold(len(self.rows), self._width + 1)
            tokens = self._forward([[row.latest] for row in self.rows], [row.cached for row in self.rows], self._cache)
        except OUT_OF_MEMORY as full:
            for layer in self._cache.layers:  # some may have grown before the memory ended
                layer.keys, layer.values = layer.keys[:, :, : self._width], layer.values[:, :, : self._width]
            raise NoMemory(max(self.rows, key=lambda row: row.number)) from full.with_traceback(None)
        self._width += 1
        for row, token in zip(self.rows, tokens, strict=True):
            row.latest = token
            row.cached += 1
            row.made += 1

    def leave(self, row: Row) -> None:
        """Without allocating anything: the last row takes its place."""
        place = self.rows.index(row)
        self.rows[place] = self.rows[-1]
        self.rows.pop()
        if not self.rows:
            self._cache, self._width = DynamicCache(), 0
            return
        width = max(row.cached for row in self.rows)
        with torch.inference_mode():
            for layer in self._cache.layers:
                layer.keys, layer.values = (_without(kept, place)[:, :, -width:] for kept in (layer.keys, layer.values))
        self._width = width

    def _forward(
        self, ids: Sequence[list[int]], cached: list[int], cache: Any, rows: Sequence[Row] | None = None
    ) -> list[int]:
        """The next token of each row, after `ids` came to what is `cached` (all rows' `ids` are of one length)."""
        rows = rows or self.rows
        held, new = max(cached), len(ids[0])
        lengths = torch.tensor(cached)[:, None]
        columns = torch.arange(held + new)[None, :]
        # Without it the logits of a whole prompt come, gigabytes for a large vocabulary.
        more = {"logits_to_keep": 1} if self._keeps_logits else {}
        self._loras.speak([row.adapter for row in rows])
        with torch.inference_mode():
            out = self._net(
                input_ids=torch.tensor(ids, device=self._device),
                attention_mask=(columns >= held - lengths).long().to(self._device),
                position_ids=(lengths + torch.arange(new)[None, :]).to(self._device),
                past_key_values=cache,
                use_cache=True,
                **more,
            )
            return _chosen(out.logits[:, -1].float(), rows)

    def _must_hold(self, rows: int, width: int) -> None:
        if self._most_bytes and rows * width * self._token_bytes > self._most_bytes:
            raise torch.OutOfMemoryError(f"{rows} rows of {width} tokens")

    def _merge(self, new: Any, length: int) -> None:
        """Put a row's own cache under the others'."""
        if not self.rows:
            self._cache, self._width = new, length
            return
        width = max(self._width, length)
        with torch.inference_mode():
            for ours, its in zip(self._cache.layers, new.layers, strict=True):
                keys = torch.cat([_widened(ours.keys, width), _widened(its.keys, width)])
                ours.values = torch.cat([_widened(ours.values, width), _widened(its.values, width)])
                ours.keys = keys
        self._width = width

    def _back_to(self, count: int) -> None:
        """Undo half a merge: the first rows, their own columns."""
        if count:
            for layer in self._cache.layers:
                layer.keys = layer.keys[:count, :, -self._width :]
                layer.values = layer.values[:count, :, -self._width :]


def _token_bytes(cache: Any) -> int:
    """What one token of one row takes."""
    kept = [tensor for layer in cache.layers for tensor in (layer.keys, layer.values)]
    return sum(int(tensor[0, :, 0].numel() * tensor.element_size()) for tensor in kept)


def _widened(kept: Any, width: int) -> Any:
    return torch.nn.functional.pad(kept, (0, 0, width - kept.shape[-2], 0))


def _without(kept: Any, place: int) -> Any:
    kept[place] = kept[-1]
    return kept[:-1]


def _chosen(logits: Any, rows: Sequence[Row]) -> list[int]:
    """The likeliest token, or one drawn by the row's temperature among those that make up `top_p`."""
    best = logits.argmax(-1)
    if any(row.temperature > 0 for row in rows):
        warm = torch.tensor([row.temperature for row in rows], device=logits.device)[:, None]
        share = torch.tensor([max(row.top_p, 1e-6) for row in rows], device=logits.device)[:, None]
        likely, tokens = (logits / warm.clamp(min=1e-4)).softmax(-1).sort(-1, descending=True)
        likely[likely.cumsum(-1) - likely >= share] = 0  # the likeliest always stays
        drawn = tokens.gather(-1, likely.multinomial(1))
        best = torch.where(warm > 0, drawn, best[:, None])[:, 0]
    return [int(token) for token in best.tolist()]
