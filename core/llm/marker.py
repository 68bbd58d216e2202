"""How a prepared model folder says by which versions, and from which file, it was made."""

import json
from importlib.metadata import version
from pathlib import Path

from core.llm.bundled import NAME, bundled_gguf

MARKER = "prepared.json"
FORMAT = 1
"""Raise it when this program writes something else than before: folders of another format are made anew."""


def wanted_marker() -> dict[str, str | int]:
    """What a folder made by this installation says of itself."""
    gguf = bundled_gguf()
    return {
        "format": FORMAT,
        "model": NAME,
        "source": f"{gguf.name}, {gguf.stat().st_size} bytes",
        "openvino": version("openvino"),
        "openvino_genai": version("openvino-genai"),
    }


def is_prepared(folder: Path) -> bool:
    """Whether `folder` was made by this version from this file."""
    try:
        marker = json.loads((folder / MARKER).read_text())
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return False
    return bool(marker == wanted_marker())
