"""Loads a causal language model and its tokenizer with transformers, on the GPU when there is one.

Refuses to know requests.
"""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from huggingface_hub.utils.tqdm import disable_progress_bars

from core.llm.transformers_prompt import TemplatedPrompt


class ModelUnfit(ValueError):
    """It cannot be served. The text says why."""


@dataclass(frozen=True)
class Settings:
    """`tokenizer_file` is where the tokenizer is laid for the parent, who counts and spells with it; `cache_mb` is for
    what all requests have read, 0 for as much as there is."""

    model: str
    tokenizer_file: str
    context_tokens: int
    threads: int
    at_once: int
    adapters_mb: int
    cache_mb: int = 0
    in_4_bits: bool = False
    precision: str = ""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """`stops` are the tokens that end an answer."""

    net: Any
    prompt: TemplatedPrompt
    device: Any
    dtype: Any
    context_tokens: int
    stops: frozenset[int]


def load_model(settings: Settings) -> LoadedModel:
    """Raises `ModelUnfit`; OSError, ValueError, RuntimeError or ImportError where transformers does."""
    warnings.simplefilter("ignore", FutureWarning)  # what PEFT and transformers have to settle between them
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    disable_progress_bars()
    torch.set_num_threads(settings.threads)
    device = torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")
    dtype = getattr(torch, settings.precision) if settings.precision else precision_of(device)
    tokenizer = transformers.AutoTokenizer.from_pretrained(settings.model)
    _lay_out(tokenizer, Path(settings.tokenizer_file))
    held = quantization(dtype) if settings.in_4_bits else None
    net = transformers.AutoModelForCausalLM.from_pretrained(
        settings.model, dtype=dtype, device_map={"": device}, quantization_config=held
    ).eval()
    if net._is_stateful:
        raise ModelUnfit("it keeps a state instead of a cache of tokens, and such models cannot answer in a batch here")
    window = getattr(net.config.get_text_config(), "max_position_embeddings", None) or settings.context_tokens
    return LoadedModel(
        net,
        TemplatedPrompt(tokenizer),
        device,
        dtype,
        min(window, settings.context_tokens),
        _stops_of(net, tokenizer),
    )


def precision_of(device: Any) -> Any:
    """bfloat16 where the hardware multiplies it."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    able = torch.cpu.get_capabilities()
    return torch.bfloat16 if able.get("amx_bf16") or able.get("avx512_bf16") else torch.float32


def quantization(dtype: Any) -> Any:
    """How weights are held in 4 bits (QLoRA, https://arxiv.org/abs/2305.14314): on a GPU, or slowly on a CPU. Raises
    `ModelUnfit` where bitsandbytes is not installed."""
    if not transformers.utils.is_bitsandbytes_available():
        raise ModelUnfit("LLM_4BIT needs bitsandbytes, which `make gpu` installs")
    return transformers.BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=dtype
    )


def _lay_out(tokenizer: Any, file: Path) -> None:
    fast = getattr(tokenizer, "backend_tokenizer", None)
    if fast is None:
        raise ModelUnfit("its tokenizer is of a kind that the `tokenizers` library does not know")
    fast.save(str(file))


def _stops_of(net: Any, tokenizer: Any) -> frozenset[int]:
    named = net.generation_config.eos_token_id
    ends = named if isinstance(named, list) else [named]
    return frozenset(end for end in [*ends, tokenizer.eos_token_id] if end is not None)
