"""The facts and the tokenizer of a model in an OpenVINO folder, as optimum-intel exports one, or as we prepare one.

Refuses to know the graph: it is read as it is.
"""

import json
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders

from core.llm.model_facts import FILE, ModelFacts, ModelUnfit


def facts_of_openvino(folder: Path) -> ModelFacts:
    """Raises `ModelUnfit`."""
    try:
        if (folder / FILE).is_file():
            return ModelFacts.of_folder(folder)
        return _facts_of_export(folder, _read(folder, "config.json"), _read(folder, "tokenizer.json"))
    except KeyError as missing:
        raise ModelUnfit(f"the config.json of {folder.name} does not say its {missing}") from missing
    except (OSError, ValueError, TypeError) as wrong:
        raise ModelUnfit(f"{folder.name} is no whole OpenVINO folder ({wrong})"[:200]) from wrong


def _facts_of_export(folder: Path, config: dict[str, Any], tokenizer: dict[str, Any]) -> ModelFacts:
    said = _read(folder, "tokenizer_config.json")
    generation = _read(folder, "generation_config.json") if (folder / "generation_config.json").is_file() else {}
    template_file = folder / "chat_template.jinja"
    template = template_file.read_text(encoding="utf-8") if template_file.is_file() else said.get("chat_template")
    if not isinstance(template, str):
        raise ModelUnfit(f"{folder.name} has no chat template: it is no model for conversations")
    heads = config["num_attention_heads"]
    ends = generation.get("eos_token_id", config["eos_token_id"])
    begin = said.get("bos_token") if said.get("add_bos_token") else ""
    return ModelFacts(
        name=str(config.get("_name_or_path") or folder.name),
        family=str(config["model_type"]),
        layers=config["num_hidden_layers"],
        hidden=config["hidden_size"],
        inner=config["intermediate_size"],
        heads=heads,
        shared_heads=config.get("num_key_value_heads") or heads,
        head_size=config.get("head_dim") or config["hidden_size"] // heads,
        window=config["max_position_embeddings"],
        markers={added["content"]: added["id"] for added in tokenizer["added_tokens"] if added["special"]},
        ends=sorted(ends) if isinstance(ends, list) else [ends],
        begin=begin if isinstance(begin, str) else "",
        template=template,
    )


def tokenizer_of_openvino(folder: Path) -> Tokenizer:
    """Without its markers, so that no text can become one. Raises `ModelUnfit` for one that is not byte-level."""
    tokenizer = Tokenizer.from_str(json.dumps(_read(folder, "tokenizer.json") | {"added_tokens": []}))
    if not isinstance(tokenizer.decoder, decoders.ByteLevel):
        raise ModelUnfit("its tokenizer is not of the byte-level kind, the only one that can be read here")
    return tokenizer


def _read(folder: Path, name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
    return read
