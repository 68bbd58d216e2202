"""Llamas of random weights, built where they run, and random LoRA adapters for them: what they say is nonsense, and
takes as long as sense would. Refuses to know what is measured."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM

from core.llm.transformers_loading import quantization
from workers.lora.base_model import PROJECTIONS

RANK = 16


@dataclass(frozen=True, slots=True)
class Shape:
    """What is built, and what is asked of it. `rows` are pairs of requests and adapters, those that say most first."""

    config: dict[str, int]
    prompt: int
    answer: int
    rows: tuple[tuple[int, int], ...]


ROWS = ((1, 0), (64, 32), (1, 1), (16, 8), (64, 0), (16, 0), (4, 4), (64, 8), (16, 16), (4, 0), (64, 1), (16, 1))
SHAPES = {
    "8b": Shape(
        {"vocab_size": 128_256, "hidden_size": 4096, "intermediate_size": 14_336, "num_hidden_layers": 32,
         "num_attention_heads": 32, "num_key_value_heads": 8}, 900, 64, ROWS),
    "1b": Shape(
        {"vocab_size": 128_256, "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16,
         "num_attention_heads": 32, "num_key_value_heads": 8}, 900, 64, ROWS),
    "tiny": Shape(
        {"vocab_size": 400, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
         "num_attention_heads": 4, "num_key_value_heads": 2}, 30, 6, ((1, 0), (4, 0), (4, 2), (4, 4))),
}  # fmt: skip


def random_llama(shape: Shape, device: Any, dtype: Any, in_4_bits: bool) -> Any:
    """Built on the device, with no file; in 4 bits as the product loads them. Raises `ModelUnfit`."""
    held = quantization(dtype) if in_4_bits else None
    config = LlamaConfig(**shape.config, max_position_embeddings=8192, bos_token_id=None, eos_token_id=None,
                         pad_token_id=0, tie_word_embeddings=False)  # fmt: skip
    with torch.device("meta"):
        shapes = {name: weight.shape for name, weight in LlamaForCausalLM(config).state_dict().items()}
    weights = {name: torch.ones(size, dtype=dtype, device=device) for name, size in shapes.items()}
    for name, weight in weights.items():
        if "norm" not in name:
            weight.normal_(0, 0.02)
    return LlamaForCausalLM.from_pretrained(
        None, config=config, state_dict=weights, dtype=dtype, device_map={"": device}, quantization_config=held
    ).eval()


def random_adapter(shape: Shape, folder: Path, seed: int) -> Path:
    """As PEFT saves one, on every projection."""
    config = LlamaConfig(**shape.config)
    heads = config.hidden_size // config.num_attention_heads
    narrow = heads * config.num_key_value_heads
    outputs = {"k_proj": narrow, "v_proj": narrow, "gate_proj": config.intermediate_size,
               "up_proj": config.intermediate_size}  # fmt: skip
    random = torch.Generator().manual_seed(seed)
    weights = {}
    for layer in range(config.num_hidden_layers):
        for part in PROJECTIONS:
            block = "mlp" if part in ("gate_proj", "up_proj", "down_proj") else "self_attn"
            reads = config.intermediate_size if part == "down_proj" else config.hidden_size
            name = f"base_model.model.model.layers.{layer}.{block}.{part}"
            for side, size in (("A", (RANK, reads)), ("B", (outputs.get(part, config.hidden_size), RANK))):
                weights[f"{name}.lora_{side}.weight"] = torch.empty(size, dtype=torch.bfloat16).normal_(
                    0, 0.02, generator=random
                )
    LoraConfig(
        r=RANK, lora_alpha=RANK, target_modules=PROJECTIONS, task_type="CAUSAL_LM", base_model_name_or_path="random"
    ).save_pretrained(str(folder))
    save_file(weights, str(folder / "adapter_model.safetensors"), metadata={"format": "pt"})
    return folder
