"""The facts of a model out of a GGUF file's metadata. Refuses what OpenVINO GenAI's reader cannot turn into a graph."""

from pathlib import Path
from typing import Any

from gguf import GGUFReader, TokenType

from core.llm import bundled
from core.llm.model_facts import ModelFacts, ModelUnfit

FAMILIES = ("llama", "qwen2", "qwen3")
"""What GenAI's reader builds (its src/cpp/src/gguf_utils/gguf_modeling.cpp)."""
ENDS = ("<|im_end|>", "<|eot_id|>", "<|endoftext|>", "<|end_of_text|>", "</s>")
"""Markers that end a turn or a text; a file names only one of those its model uses."""


def open_gguf(file: Path) -> GGUFReader:
    """Raises `ModelUnfit`."""
    try:
        return GGUFReader(file)
    except FileNotFoundError as missing:
        raise ModelUnfit(f"there is no file {file}") from missing
    except (OSError, ValueError, IndexError, KeyError, TypeError, OverflowError, MemoryError) as wrong:
        raise ModelUnfit(f"{file.name} is no whole GGUF file ({wrong})"[:200]) from wrong


def facts_of_gguf(file: Path, reader: GGUFReader) -> ModelFacts:
    """Raises `ModelUnfit`."""
    family = str(_field(reader, "general.architecture", file))
    if family not in FAMILIES or f"{family}.expert_count" in reader.fields:
        raise ModelUnfit(f"{file.name} is of the family {family}; of GGUF files {', '.join(FAMILIES)} can be run")
    heads = int(_field(reader, f"{family}.attention.head_count", file))
    hidden = int(_field(reader, f"{family}.embedding_length", file))
    markers = _markers(reader, file)
    facts = ModelFacts(
        name=str(_field(reader, "general.name", file, file.stem)),
        family=family,
        layers=int(_field(reader, f"{family}.block_count", file)),
        hidden=hidden,
        inner=int(_field(reader, f"{family}.feed_forward_length", file)),
        heads=heads,
        shared_heads=int(_field(reader, f"{family}.attention.head_count_kv", file, heads)),
        head_size=int(_field(reader, f"{family}.attention.key_length", file, hidden // max(heads, 1))),
        window=int(_field(reader, f"{family}.context_length", file)),
        markers=markers,
        ends=_ends(reader, markers, file),
        begin=_begin(reader, markers, file),
        template=str(_field(reader, "tokenizer.chat_template", file, "")),
    )
    if file == bundled.bundled_gguf():
        return _as_bundled(facts)
    if not facts.template:
        raise ModelUnfit(f"{file.name} has no chat template: it is no model for conversations")
    return facts


def _as_bundled(facts: ModelFacts) -> ModelFacts:
    known = {"name": bundled.NAME, "window": bundled.CONTEXT_TOKENS, "ends": [bundled.TURN_END], "template": ""}
    return ModelFacts(**(facts.__dict__ | known | {"languages": sorted(bundled.LANGUAGES)}))


def _field(reader: GGUFReader, name: str, file: Path, otherwise: Any = None) -> Any:
    field = reader.fields.get(name)
    if field is not None:
        return field.contents()
    if otherwise is None:
        raise ModelUnfit(f"{file.name} does not say its {name}")
    return otherwise


def _markers(reader: GGUFReader, file: Path) -> dict[str, int]:
    tokens, kinds = _field(reader, "tokenizer.ggml.tokens", file), _field(reader, "tokenizer.ggml.token_type", file)
    marking = (TokenType.CONTROL, TokenType.USER_DEFINED, TokenType.UNKNOWN)
    return {token: n for n, (token, kind) in enumerate(zip(tokens, kinds, strict=True)) if kind in marking}


def _ends(reader: GGUFReader, markers: dict[str, int], file: Path) -> list[int]:
    named = int(_field(reader, "tokenizer.ggml.eos_token_id", file))
    return sorted({named, *(markers[end] for end in ENDS if end in markers)})


def _begin(reader: GGUFReader, markers: dict[str, int], file: Path) -> str:
    wanted = _field(reader, "tokenizer.ggml.add_bos_token", file, otherwise=False)
    number = _field(reader, "tokenizer.ggml.bos_token_id", file, otherwise=-1)
    return next((text for text, token in markers.items() if wanted and token == number), "")
