"""LoRA on a batch in which every row has its own adapter, or none: y = Wx + s * B(Ax), A and B by row
(https://arxiv.org/abs/2106.09685, section 4.1; batched by adapter as in https://arxiv.org/abs/2311.03285).

PEFT can do that too (`adapter_names`), one adapter after the other at every layer, each time with a list of rows that
must first reach the GPU. Here all adapters of a batch are multiplied at once, and the lists are made once a batch.
Refuses to know folders, budgets and requests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

BASE = ""
"""The name of a row without an adapter."""


class LoraUnfit(ValueError):
    """These weights do not belong to this model."""


@dataclass(frozen=True, slots=True)
class Pair:
    """`down` is A, rank x inputs, `up` is B, outputs x rank; `scale` multiplies their product."""

    down: Any
    up: Any
    scale: float


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows whose adapters have one rank. `take` are rows, as many of each adapter; `place` tells for each row of the
    batch where its result stands there, `share` is its scale, 0 for a row of another group."""

    names: tuple[str, ...]
    take: Any
    place: Any
    share: Any


class LoraLayer(torch.nn.Module):  # type: ignore[misc]  # PyTorch is not looked into
    """Stands in the place of a layer that multiplies, in 4 bits or not."""

    def __init__(self, base: Any, groups: list[_Group]) -> None:
        super().__init__()
        self.base = base
        self.pairs: dict[str, Pair] = {}
        self._groups = groups

    @property
    def weight(self) -> Any:
        """Some models look at it."""
        return self.base.weight

    def forward(self, x: Any) -> Any:
        """x: rows x tokens x inputs."""
        y = self.base(x)
        for group in self._groups:
            pairs = [self.pairs.get(name) for name in group.names]
            if None not in pairs:
                y = y + _product(x, [pair for pair in pairs if pair], group)
        return y


def _product(x: Any, pairs: Sequence[Pair], group: _Group) -> Any:
    _, tokens, inputs = x.shape
    down, up = torch.stack([pair.down for pair in pairs]), torch.stack([pair.up for pair in pairs])
    parted = x[group.take].reshape(len(pairs), -1, inputs)
    product = torch.bmm(torch.bmm(parted, down.transpose(1, 2)), up.transpose(1, 2))
    return product.reshape(-1, tokens, up.shape[1])[group.place] * group.share


class LoraRows:
    """The adapters in a model. All rows speak without one until `speak` says otherwise."""

    def __init__(self, net: Any, device: Any, dtype: Any) -> None:
        self._net, self._device, self._dtype = net, device, dtype
        self._layers: dict[str, LoraLayer] = {}
        self._adapters: dict[str, tuple[tuple[Any, ...], float]] = {}
        self._spoken: tuple[str, ...] = ()
        self._groups: list[_Group] = []

    def add(self, name: str, weights: Mapping[str, tuple[Any, Any]], scale: float) -> None:
        """`weights` are A and B by their layer's name. Raises `LoraUnfit`, `torch.OutOfMemoryError`; nothing is left
        of it then."""
        pairs = {}
        for layer, (down, up) in weights.items():
            base = self._base_of(layer)
            rank = down.shape[0] if down.ndim == 2 else 0
            if rank < 1 or down.shape != (rank, base.in_features) or up.shape != (base.out_features, rank):
                raise LoraUnfit(f"{layer} takes no {tuple(up.shape)} x {tuple(down.shape)}")
            pairs[layer] = Pair(down.to(self._device, self._dtype), up.to(self._device, self._dtype), scale)
        for layer, pair in pairs.items():
            self._layer(layer).pairs[name] = pair
        ranks = tuple(sorted((layer, pair.down.shape[0]) for layer, pair in pairs.items()))
        self._adapters[name] = ranks, scale

    def remove(self, name: str) -> None:
        """Its memory is free. No row may speak with it any more."""
        self._adapters.pop(name, None)
        for layer in self._layers.values():
            layer.pairs.pop(name, None)

    def speak(self, names: Sequence[str]) -> None:
        """The next batches have these adapters, row by row."""
        if tuple(names) == self._spoken:
            return
        alike: dict[Any, list[str]] = {}
        for name in sorted({*names} - {BASE}):
            alike.setdefault(self._adapters[name][0], []).append(name)
        self._groups[:] = [self._group(names, ones) for ones in alike.values()]
        self._spoken = tuple(names)

    def _group(self, names: Sequence[str], ones: list[str]) -> _Group:
        """Each adapter gets as many places as the one with the most rows has; in the empty ones the first row stands
        in, and nobody reads its result."""
        rows = [[row for row, name in enumerate(names) if name == one] for one in ones]
        most = max(len(mine) for mine in rows)
        take = [row for mine in rows for row in (mine + [0] * most)[:most]]
        place, share = [0] * len(names), [0.0] * len(names)
        for number, (one, mine) in enumerate(zip(ones, rows, strict=True)):
            for position, row in enumerate(mine):
                place[row], share[row] = number * most + position, self._adapters[one][1]
        return _Group(
            tuple(ones),
            torch.tensor(take, device=self._device),
            torch.tensor(place, device=self._device),
            torch.tensor(share, device=self._device, dtype=self._dtype)[:, None, None],
        )

    def _base_of(self, layer: str) -> Any:
        if layer in self._layers:
            return self._layers[layer].base
        try:
            base = self._net.get_submodule(layer)
        except AttributeError as wrong:
            raise LoraUnfit(f"the model has no {layer}") from wrong
        if isinstance(base, LoraLayer):  # of another `LoraRows` that has had this model
            base = base.base
        if not isinstance(base, torch.nn.Linear):
            raise LoraUnfit(f"{layer} is no layer that can be adapted here")
        return base

    def _layer(self, name: str) -> LoraLayer:
        if name not in self._layers:
            self._layers[name] = LoraLayer(self._base_of(name), self._groups)
            self._net.set_submodule(name, self._layers[name])
        return self._layers[name]
