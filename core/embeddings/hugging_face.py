"""Writes the bundled model as an ordinary Hugging Face folder, for programs that want one.

`transformers` and `sentence-transformers` load it (mean pooling, length 1, the prompts "query" and "passage").
Needs neither to write it. Refuses to know OpenVINO and where the folder belongs.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from core.embeddings.bundled_e5 import BundledE5
from core.embeddings.charsmap import compiled_charsmap

MATRICES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def write_hugging_face_folder(model: BundledE5, folder: Path, query_prefix: str, passage_prefix: str) -> None:
    weights = folder / "model.safetensors"
    save_file(_weights(model), weights, metadata={"format": "pt"})
    weights.chmod(0o644)  # it is written for its owner alone, but other roles read this folder
    _write(folder / "config.json", _bert_config(model))
    _tokenizer(model).save(str(folder / "tokenizer.json"))
    _write(folder / "tokenizer_config.json", _tokenizer_config(model))
    modules = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
    _write(
        folder / "modules.json",
        [
            {"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for number, (path, kind) in enumerate(modules)
        ],
    )
    _write(
        folder / "1_Pooling" / "config.json",
        {"word_embedding_dimension": model.shape.hidden, "pooling_mode_mean_tokens": True},
    )
    _write(folder / "2_Normalize" / "config.json", {})
    _write(folder / "sentence_bert_config.json", {"max_seq_length": model.shape.positions, "do_lower_case": False})
    _write(
        folder / "config_sentence_transformers.json",
        {
            "prompts": {"query": query_prefix, "document": passage_prefix, "passage": passage_prefix},
            "similarity_fn_name": "cosine",
        },
    )


def _weights(model: BundledE5) -> dict[str, NDArray[np.float32]]:
    shape = model.shape
    weights = {
        "embeddings.word_embeddings.weight": model.matrix("emb.word", shape.vocabulary, shape.hidden).dequantised(),
        "embeddings.position_embeddings.weight": model.vector("emb.pos").reshape(shape.positions, -1),
        "embeddings.token_type_embeddings.weight": model.vector("emb.type").reshape(shape.types, -1),
        "embeddings.LayerNorm.weight": model.vector("emb.ln.w"),
        "embeddings.LayerNorm.bias": model.vector("emb.ln.b"),
        # The wheel leaves the pooler out and nothing uses it; zeros spare a reader the warning that it is missing.
        "pooler.dense.weight": np.zeros((shape.hidden, shape.hidden), np.float32),
        "pooler.dense.bias": np.zeros(shape.hidden, np.float32),
    }
    for number in range(shape.layers):
        for short, long in MATRICES.items():
            rows = shape.inner if short == "fi" else shape.hidden
            columns = shape.inner if short == "fo" else shape.hidden
            name, to = f"l{number}.{short}", f"encoder.layer.{number}.{long}"
            weights[to + ".weight"] = model.matrix(name + ".w", rows, columns).dequantised()
            weights[to + ".bias"] = model.vector(name + ".b")
        for short, long in NORMS.items():
            weights[f"encoder.layer.{number}.{long}.weight"] = model.vector(f"l{number}.{short}.w")
            weights[f"encoder.layer.{number}.{long}.bias"] = model.vector(f"l{number}.{short}.b")
    return weights


def _bert_config(model: BundledE5) -> dict[str, Any]:
    shape, markers = model.shape, model.markers
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.inner,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.types,
        "layer_norm_eps": model.epsilon,
        "hidden_act": "gelu",
        "pad_token_id": markers.padding,
        "bos_token_id": markers.begin,
        "eos_token_id": markers.end,
        "dtype": "float32",
    }


def _tokenizer(model: BundledE5) -> Tokenizer:
    markers, pieces = model.markers, model.pieces
    begin, end = pieces[markers.begin], pieces[markers.end]
    scored = [(piece, float(score)) for piece, score in zip(pieces, model.scores, strict=True)]
    tokenizer = Tokenizer(models.Unigram(scored, unk_id=markers.unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(compiled_charsmap(model.characters)), normalizers.NFC()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}", special_tokens=[(begin, markers.begin), (end, markers.end)]
    )
    return tokenizer


def _tokenizer_config(model: BundledE5) -> dict[str, Any]:
    markers, pieces = model.markers, model.pieces
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": model.shape.positions,
        "bos_token": pieces[markers.begin],
        "cls_token": pieces[markers.begin],
        "eos_token": pieces[markers.end],
        "sep_token": pieces[markers.end],
        "pad_token": pieces[markers.padding],
        "unk_token": pieces[markers.unknown],
        "mask_token": "<mask>",
        "model_input_names": ["input_ids", "attention_mask"],
    }


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")
