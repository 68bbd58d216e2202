"""What a PEFT folder says of its adapter, checked before any backend loads it. Refuses to know backends."""

import json
from dataclasses import dataclass
from pathlib import Path

from core.errors import AdapterMismatch, ModelUnavailable
from core.llm.base import Adapter


@dataclass(frozen=True, slots=True)
class AdapterFile:
    """The weights and the factor they are multiplied with (LoRA paper, section 4.1: alpha / r)."""

    path: Path
    alpha: float


def read_adapter(adapter: Adapter, base: str) -> AdapterFile:
    """Raises `AdapterMismatch` for another base model or a kind of LoRA that changes more than weights' products,
    `ModelUnavailable` for a folder that is not there or not whole."""
    weights = adapter.folder / "adapter_model.safetensors"
    try:
        config = json.loads((adapter.folder / "adapter_config.json").read_text())
        rank, alpha = int(config["r"]), float(config["lora_alpha"])
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise ModelUnavailable(reason=f"adapter {adapter.id} cannot be read: {wrong}") from wrong
    named = str(config.get("base_model_name_or_path"))
    if named != base:
        raise AdapterMismatch(adapter_base=named, base=base)
    if config.get("use_dora") or config.get("rank_pattern") or config.get("alpha_pattern"):
        raise AdapterMismatch(adapter_base=f"{named} (DoRA or ranks by layer)", base=base)
    if not weights.is_file() or rank < 1:
        raise ModelUnavailable(reason=f"adapter {adapter.id} has no weights")
    return AdapterFile(weights, alpha / (rank**0.5 if config.get("use_rslora") else rank))
