"""LoRA adapters beside the base model: read when first asked for; the longest unused one makes room.

Reads what PEFT's `save_pretrained` writes. Refuses to know requests and prompts, and how rows are multiplied.
"""

import json
from collections import OrderedDict
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file

from core.llm.transformers_lora import LoraRows, LoraUnfit

_BEFORE = "base_model.model."
_SIDES = (".lora_A.weight", ".lora_B.weight")
_BY_LAYER = ("layers_to_transform", "exclude_modules", "target_parameters", "rank_pattern", "alpha_pattern")


class AdapterUnfit(ValueError):
    """The folder holds no adapter for this model."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """`name` is what rows call it: an id that comes back after it made room is another name. `size` in bytes."""

    name: str
    size: int


class AdapterShelf:
    """The adapters in `loras`, within a number of bytes."""

    def __init__(self, net: Any, loras: LoraRows, most_bytes: int) -> None:
        self._names = frozenset(name for name, _ in net.named_modules())
        self._loras, self._most_bytes = loras, most_bytes
        self._loaded: OrderedDict[str, Loaded] = OrderedDict()
        self._unwanted: set[str] = set()
        self._number = 0

    def take(self, adapter_id: str, folder: Path, in_use: Set[str]) -> str | None:
        """The name for rows, loaded if need be; None while those `in_use` leave no room for it.

        One that is larger than all the room there is gets it when nothing else is in use. Raises `AdapterUnfit`,
        `torch.OutOfMemoryError`.
        """
        if adapter_id in self._loaded:
            self._loaded.move_to_end(adapter_id)
            return self._loaded[adapter_id].name
        size = _size_of(folder)
        for other, there in list(self._loaded.items()):
            if self._held + size > self._most_bytes and there.name not in in_use:
                self._drop(other)
        if self._held + size > self._most_bytes and self._loaded:
            return None
        self._number += 1
        name = f"adapter {self._number}"
        self._load(folder, name)
        self._loaded[adapter_id] = Loaded(name, size)
        return name

    def forget(self, adapter_id: str) -> None:
        """Free it as soon as nobody uses it; unknown ids are fine."""
        if adapter_id in self._loaded:
            self._unwanted.add(adapter_id)

    def sweep(self, in_use: Set[str]) -> None:
        """Free the forgotten ones that no row uses."""
        for adapter_id in list(self._unwanted):
            if adapter_id not in self._loaded or self._loaded[adapter_id].name not in in_use:
                self._unwanted.discard(adapter_id)
                self._drop(adapter_id)

    def make_room(self, in_use: Set[str]) -> bool:
        """The memory has ended: let go of what no row uses. False when there was nothing."""
        unused = [adapter_id for adapter_id, there in self._loaded.items() if there.name not in in_use]
        for adapter_id in unused:
            self._drop(adapter_id)
        return bool(unused)

    @property
    def _held(self) -> int:
        return sum(there.size for there in self._loaded.values())

    def _drop(self, adapter_id: str) -> None:
        if there := self._loaded.pop(adapter_id, None):
            self._loras.remove(there.name)

    def _load(self, folder: Path, name: str) -> None:
        try:
            config = _config_of(folder)
            weights = _pairs_in(load_file(folder / "adapter_model.safetensors"))
            if absent := self._expected(config) - weights.keys():
                raise LoraUnfit(f"{len(absent)} layers are missing, such as {min(absent)}")
            rank, alpha = int(config["r"]), float(config["lora_alpha"])
            self._loras.add(name, weights, alpha / (rank**0.5 if config.get("use_rslora") else rank))
        except (LoraUnfit, ValueError, KeyError, TypeError, OSError, ZeroDivisionError, SafetensorError) as wrong:
            raise AdapterUnfit(f"the adapter does not fit the model: {wrong}"[:500]) from wrong

    def _expected(self, config: dict[str, Any]) -> set[str]:
        """The layers that the adapter was trained on, as far as its config names them."""
        targets = config.get("target_modules")
        if not isinstance(targets, list) or any(config.get(key) for key in _BY_LAYER):
            return set()
        endings = tuple(f".{target}" for target in targets)
        return {name for name in self._names if f".{name}".endswith(endings)}


def _config_of(folder: Path) -> dict[str, Any]:
    """Raises `LoraUnfit` for what changes more than the products of weights."""
    config: dict[str, Any] = json.loads((folder / "adapter_config.json").read_text())
    if config.get("peft_type") != "LORA" or config.get("modules_to_save") or config.get("bias", "none") != "none":
        raise LoraUnfit("only LoRA without biases and without whole layers of its own can be served")
    return config


def _pairs_in(found: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """A and B by layer. Raises `LoraUnfit` for other weights, or one without the other."""
    layers = {name.removeprefix(_BEFORE).removesuffix(side) for name in found for side in _SIDES if name.endswith(side)}
    if len(found) != 2 * len(layers) or not layers:
        strange = [name for name in found if not name.endswith(_SIDES)]
        raise LoraUnfit(f"weights are unknown or missing{', such as ' + strange[0] if strange else ''}")
    down, up = _SIDES
    return {layer: (found[f"{_BEFORE}{layer}{down}"], found[f"{_BEFORE}{layer}{up}"]) for layer in layers}


def _size_of(folder: Path) -> int:
    try:
        return (folder / "adapter_model.safetensors").stat().st_size
    except OSError as gone:
        raise AdapterUnfit(f"the adapter cannot be read: {gone}") from gone
