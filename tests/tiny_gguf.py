"""GGUF files of a few layers that say nonsense, written on the spot: the families that the CPU engine reads."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, TokenType, quants
from tokenizers import Tokenizer

from tests.tiny_tokenizer import MARKERS, TEMPLATE, tiny_tokenizer

LAYERS, HIDDEN, INNER, HEADS, SHARED_HEADS, HEAD = 2, 128, 192, 4, 2, 32
TEXTS = [
    "The warranty on every kettle is two years.",
    "Гарантия на чайник два года.",
    "Count to 12345, 123456, 12345678.",
    "It's 12345 and isn't 12345678: IT'S what you've said.",
]


def make_tiny_gguf(
    file: Path,
    family: str = "llama",
    *,
    texts: Sequence[str] = TEXTS,
    sizes: Mapping[str, float] = MappingProxyType({}),
    is_tied: bool = False,
    **said: Any,
) -> Path:
    """`said` replaces or adds fields of the metadata; None leaves one out. `sizes` are how large the weights of a part
    usually are, where they are not as large as all. The head of one that `is_tied` is its embedding."""
    tokenizer = tiny_tokenizer(texts)
    vocabulary = tokenizer.get_vocab()
    tokens = sorted(vocabulary, key=lambda token: vocabulary[token])
    writer = GGUFWriter(file, family)
    fields: dict[str, Any] = {
        "general.name": f"Tiny {family}", "general.file_type": 7,
        f"{family}.block_count": LAYERS, f"{family}.context_length": 1024, f"{family}.embedding_length": HIDDEN,
        f"{family}.feed_forward_length": INNER, f"{family}.attention.head_count": HEADS,
        f"{family}.attention.head_count_kv": SHARED_HEADS, f"{family}.rope.dimension_count": HEAD,
        f"{family}.vocab_size": len(tokens), f"{family}.rope.freq_base": 10000.0,
        f"{family}.attention.layer_norm_rms_epsilon": 1e-5,
        "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "qwen2" if family == "qwen2" else "llama-bpe",
        "tokenizer.ggml.eos_token_id": 1, "tokenizer.ggml.bos_token_id": 0, "tokenizer.ggml.padding_token_id": 2,
        "tokenizer.chat_template": TEMPLATE,
    }  # fmt: skip
    for name, value in (fields | said).items():
        _say(writer, name, value)
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL if token in MARKERS else TokenType.NORMAL for token in tokens])
    writer.add_token_merges(_merges(tokenizer))
    _add_weights(writer, family, len(tokens), sizes, is_tied)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _say(writer: GGUFWriter, name: str, value: Any) -> None:
    if isinstance(value, str):
        writer.add_string(name, value)
    elif isinstance(value, float):
        writer.add_float32(name, value)
    elif value is not None:
        writer.add_uint32(name, value)


def _add_weights(writer: GGUFWriter, family: str, words: int, sizes: Mapping[str, float], is_tied: bool) -> None:
    random = np.random.default_rng(3)
    queries, keys = HEADS * HEAD, SHARED_HEADS * HEAD
    shapes = {"attn_q": (queries, HIDDEN), "attn_k": (keys, HIDDEN), "attn_v": (keys, HIDDEN),
              "attn_output": (HIDDEN, queries), "ffn_gate": (INNER, HIDDEN), "ffn_up": (INNER, HIDDEN),
              "ffn_down": (HIDDEN, INNER)}  # fmt: skip

    def add(name: str, *shape: int) -> None:
        size = sizes.get(name.split(".")[-2], 0.3)
        values = random.normal(0, size, shape).astype(np.float32)
        kind = GGMLQuantizationType.Q8_0 if len(shape) > 1 else GGMLQuantizationType.F32
        writer.add_tensor(name, quants.quantize(values, kind), raw_dtype=kind)

    add("token_embd.weight", words, HIDDEN)
    if not is_tied:
        add("output.weight", words, HIDDEN)
    writer.add_tensor("output_norm.weight", np.ones(HIDDEN, np.float32))
    for layer in range(LAYERS):
        for part, shape in shapes.items():
            add(f"blk.{layer}.{part}.weight", *shape)
        if family == "qwen2":
            for part in ("attn_q", "attn_k", "attn_v"):
                add(f"blk.{layer}.{part}.bias", shapes[part][0])
        for norm in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{norm}.weight", np.ones(HIDDEN, np.float32))


def _merges(tokenizer: Tokenizer) -> list[str]:
    return [" ".join(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]
