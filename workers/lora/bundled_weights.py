"""The bundled GGUF as a PyTorch model in float32, in a few seconds: the file is read once.

transformers reads a GGUF too, but parses its fifty thousand token strings twice and builds its table of names for
each of 272 tensors: four times as long, before every training. Checked to give the same weights to the last bit.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from gguf import GGUFReader
from gguf.quants import dequantize
from numpy.typing import NDArray
from transformers import LlamaConfig, LlamaForCausalLM

_PLAIN = {
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def load_bundled(file: GGUFReader) -> Any:
    """The model; its head is its embedding, as in the original."""
    config = _config(file)
    state = dict(_weights(file, config))
    return LlamaForCausalLM.from_pretrained(None, config=config, state_dict=state, dtype=torch.float32)


def _config(file: GGUFReader) -> LlamaConfig:
    def field(name: str) -> Any:
        return file.fields[f"llama.{name}"].contents()

    return LlamaConfig(
        vocab_size=field("vocab_size"),
        hidden_size=field("embedding_length"),
        intermediate_size=field("feed_forward_length"),
        num_hidden_layers=field("block_count"),
        num_attention_heads=field("attention.head_count"),
        num_key_value_heads=field("attention.head_count_kv"),
        max_position_embeddings=field("context_length"),
        rms_norm_eps=field("attention.layer_norm_rms_epsilon"),
        rope_parameters={"rope_type": "default", "rope_theta": field("rope.freq_base")},
        tie_word_embeddings=True,
    )


def _weights(file: GGUFReader, config: LlamaConfig) -> Iterator[tuple[str, torch.Tensor]]:
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    for tensor in file.tensors:
        *layer, kind = tensor.name.removesuffix(".weight").split(".")
        values = dequantize(tensor.data, tensor.tensor_type)
        if kind in heads:
            values = _unpermuted(values, heads[kind])
        name = f"model.layers.{layer[1]}.{_PLAIN[kind]}" if layer else _PLAIN[kind]
        yield f"{name}.weight", torch.from_numpy(np.array(values, dtype=np.float32))


def _unpermuted(values: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """llama.cpp stores the rows of a head's two halves in turn; PyTorch wants one half after the other."""
    rows, columns = values.shape
    return values.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)
