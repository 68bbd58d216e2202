"""LoRA adapters in PEFT beside the base model: loaded when first asked for, the longest unused one makes room.

PEFT itself wants one adapter to be "active" all the time and picks another when that one is deleted. So a resting
adapter of rank 1 is active for ever, and no row of a batch ever names it. Refuses to know requests and prompts.
"""

import json
from collections import OrderedDict
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from safetensors import SafetensorError

RESTING = "resting"


class AdapterUnfit(ValueError):
    """The folder holds no adapter for this model."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """`name` is PEFT's, which may not hold a full stop; `size` in bytes."""

    name: str
    size: int


class AdapterShelf:
    """`net` is what answers: the base model, from the first adapter on wrapped by PEFT."""

    def __init__(self, net: Any, dtype: Any, most_bytes: int) -> None:
        self.net = net
        self._dtype, self._most_bytes = dtype, most_bytes
        self._loaded: OrderedDict[str, Loaded] = OrderedDict()
        self._unwanted: set[str] = set()
        self._number = 0

    def take(self, adapter_id: str, folder: Path, in_use: Set[str]) -> str | None:
        """PEFT's name for an adapter, loaded if need be; None while those `in_use` leave no room for it.

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
        name = f"adapter_{self._number}"
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

    @property
    def _held(self) -> int:
        return sum(there.size for there in self._loaded.values())

    def _drop(self, adapter_id: str) -> None:
        if there := self._loaded.pop(adapter_id, None):
            self.net.delete_adapter(there.name)

    def _load(self, folder: Path, name: str) -> None:
        try:
            config = _config_of(folder)
            if not hasattr(self.net, "peft_config"):
                resting = LoraConfig(r=1, target_modules=config["target_modules"], task_type="CAUSAL_LM")
                self.net = get_peft_model(self.net, resting, RESTING, autocast_adapter_dtype=False).eval()
            said = self.net.load_adapter(str(folder), name, autocast_adapter_dtype=False, low_cpu_mem_usage=True)
            missing = [key for key in said.missing_keys if f".{name}." in key]
            if wrong_ones := [*said.unexpected_keys, *missing]:
                raise AdapterUnfit(f"{len(wrong_ones)} weights are unknown or missing, such as {wrong_ones[0]}")
        except torch.OutOfMemoryError:
            self._undo(name)
            raise
        except (RuntimeError, ValueError, KeyError, TypeError, OSError, SafetensorError) as wrong:
            self._undo(name)
            raise AdapterUnfit(f"the adapter does not fit the model: {wrong}"[:500]) from wrong
        for part, weight in self.net.named_parameters():
            if f".{name}." in part:
                weight.data = weight.data.to(self._dtype)

    def _undo(self, name: str) -> None:
        """PEFT leaves half an adapter behind when it fails."""
        if name in getattr(self.net, "peft_config", {}):
            self.net.delete_adapter(name)


def _config_of(folder: Path) -> dict[str, Any]:
    """Raises `AdapterUnfit` for what cannot stand beside others in one batch."""
    config: dict[str, Any] = json.loads((folder / "adapter_config.json").read_text())
    if config.get("peft_type") != "LORA" or config.get("modules_to_save") or config.get("bias", "none") != "none":
        raise AdapterUnfit("only LoRA without biases and without whole layers of its own can be served")
    return config


def _size_of(folder: Path) -> int:
    try:
        return (folder / "adapter_model.safetensors").stat().st_size
    except OSError as gone:
        raise AdapterUnfit(f"the adapter cannot be read: {gone}") from gone
