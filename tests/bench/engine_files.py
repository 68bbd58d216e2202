"""What the comparison of engines needs on disk: a random adapter in both engines' formats, and a requantised model.

Random weights are as slow as learnt ones. Refuses to know how anything is measured.
"""

from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter, quants
from numpy.typing import NDArray

from core.llm.adapter_weights import LEARNT
from core.llm.base import Adapter
from tests.adapter_files import bundled_facts, random_weights, save_adapter

RANK = 16
"""What the product's own training makes, of the projections that it adapts."""

GGUF_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def random_adapter(folder: Path) -> tuple[Adapter, Path]:
    """The same weights as a PEFT folder and as a GGUF for llama.cpp. So small that answers keep their length."""
    weights = random_weights(4, rank=RANK)
    writer = GGUFWriter(folder / "adapter.gguf", "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", RANK)
    for layer in range(bundled_facts().layers):
        for projection in LEARNT:
            name = f"base_model.model.model.layers.{layer}.{projection}"
            theirs = f"blk.{layer}.{GGUF_NAMES[projection]}.weight"
            up = weights[f"{name}.lora_B.weight"]
            writer.add_tensor(f"{theirs}.lora_a", weights[f"{name}.lora_A.weight"])
            writer.add_tensor(f"{theirs}.lora_b", _permuted(up) if projection[-6:] in ("q_proj", "k_proj") else up)
    _write(writer)
    return save_adapter(folder / "random", weights), folder / "adapter.gguf"


def _permuted(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """llama.cpp turns pairs of neighbours where PyTorch turns halves of a head: its files order the rows for it."""
    return np.ascontiguousarray(
        rows.reshape(-1, 2, bundled_facts().head_size // 2, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape)
    )


def requantised(gguf: Path, out: Path) -> Path:
    """The same model in Q4_0, for which llama.cpp has its fastest code on CPUs; other tensors stay as they are."""
    reader = GGUFReader(gguf)
    writer = GGUFWriter(out, reader.fields["general.architecture"].contents())
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name in ("general.architecture", "general.file_type"):
            continue
        inner = field.types[-1] if field.types[0] == GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), field.types[0], sub_type=inner)
    for tensor in reader.tensors:
        kind, data = tensor.tensor_type, tensor.data
        if kind == GGMLQuantizationType.Q4_1:
            kind, data = GGMLQuantizationType.Q4_0, quants.quantize(quants.dequantize(data, kind), kind.Q4_0)
        writer.add_tensor(tensor.name, data, raw_dtype=kind)
    _write(writer)
    return out


def _write(writer: GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
