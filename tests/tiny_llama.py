"""A Llama of 2 layers that says nonsense, and random LoRA adapters for it, written on the spot without PyTorch."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from core.llm.base import Adapter
from tests.tiny_tokenizer import TEMPLATE, save_tokenizer, tiny_tokenizer

WINDOW = 4096
LAYERS, HIDDEN, INNER, HEADS, SHARED_HEADS = 2, 64, 128, 4, 2
TEXTS = [
    "The warranty on every kettle is 24 months from the day of purchase.",
    "Гарантия на каждый чайник - 24 месяца со дня покупки.",
    "Count from one to a thousand, in words: one, two, three, four.",
]
NARROW = HIDDEN // HEADS * SHARED_HEADS
SHAPES = {
    "self_attn.q_proj": (HIDDEN, HIDDEN),
    "self_attn.k_proj": (NARROW, HIDDEN),
    "self_attn.v_proj": (NARROW, HIDDEN),
    "self_attn.o_proj": (HIDDEN, HIDDEN),
    "mlp.gate_proj": (INNER, HIDDEN),
    "mlp.up_proj": (INNER, HIDDEN),
    "mlp.down_proj": (HIDDEN, INNER),
}
ADAPTED = ("self_attn.q_proj", "self_attn.v_proj", "mlp.down_proj")


def make_tiny_llama(folder: Path, template: str = TEMPLATE, *, ends: bool = False) -> Path:
    """A folder as the hub has them: weights, config, tokenizer, chat template. Talks for ever, unless it `ends`."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = tiny_tokenizer(TEXTS)
    save_tokenizer(folder, tokenizer, template)
    words = tokenizer.get_vocab_size()
    _write(folder / "config.json", architectures=["LlamaForCausalLM"], model_type="llama", vocab_size=words,
           hidden_size=HIDDEN, intermediate_size=INNER, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
           num_key_value_heads=SHARED_HEADS, max_position_embeddings=WINDOW, bos_token_id=None, eos_token_id=1,
           pad_token_id=2, tie_word_embeddings=False, dtype="float32")  # fmt: skip
    random = np.random.default_rng(3)
    # Larger than usual: what comes first must come clearly first.
    weights = {name: random.normal(0, 0.3, (words, HIDDEN)) for name in ("model.embed_tokens.weight", "lm_head.weight")}
    weights["lm_head.weight"][1] *= ends
    weights["model.norm.weight"] = np.ones(HIDDEN)
    for layer in range(LAYERS):
        for part, shape in SHAPES.items():
            weights[f"model.layers.{layer}.{part}.weight"] = random.normal(0, 0.3, shape)
        for norm in ("input_layernorm", "post_attention_layernorm"):
            weights[f"model.layers.{layer}.{norm}.weight"] = np.ones(HIDDEN)
    _save(weights, folder / "model.safetensors")
    return folder


def make_adapter(
    folder: Path, base: str, seed: int, *, rank: int = 4, wide: int = HIDDEN, layers: int = LAYERS
) -> Adapter:
    """As PEFT saves one, loud enough to be heard in every answer. Another width, or fewer layers, than the model's
    do not fit it."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [part.rpartition(".")[2] for part in ADAPTED]
    _write(folder / "adapter_config.json", peft_type="LORA", task_type="CAUSAL_LM", base_model_name_or_path=base,
           r=rank, lora_alpha=rank, target_modules=parts)  # fmt: skip
    random = np.random.default_rng(seed)
    weights = {}
    for layer in range(layers):
        for part in ADAPTED:
            outputs, inputs = SHAPES[part]
            name = f"base_model.model.model.layers.{layer}.{part}"
            weights[f"{name}.lora_A.weight"] = random.normal(0, 0.3, (rank, inputs if wide == HIDDEN else wide))
            weights[f"{name}.lora_B.weight"] = random.normal(0, 0.3, (outputs, rank))
    _save(weights, folder / "adapter_model.safetensors")
    return Adapter(folder.name, folder)


def _write(file: Path, **values: object) -> None:
    file.write_text(json.dumps(values), encoding="utf-8")


def _save(weights: dict[str, np.ndarray], file: Path) -> None:
    save_file({name: np.ascontiguousarray(weight, np.float32) for name, weight in weights.items()}, file)
