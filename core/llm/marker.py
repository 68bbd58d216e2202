"""How a prepared model folder says by which versions, and from which file, it was made."""

import json
from importlib.metadata import version
from pathlib import Path

MARKER = "prepared.json"
FORMAT = 3
"""Raise it when this program writes something else than before: folders of another format are made anew."""

WITH_ADAPTERS = "with_adapters"
"""The folder in it with the graph that takes adapters; the other one is faster and takes none."""


def wanted_marker(source: Path) -> dict[str, str | int]:
    """What a folder that this installation made of `source` says of itself."""
    file = source / "openvino_model.bin" if source.is_dir() else source
    known = file.stat()
    return {
        "format": FORMAT,
        "source": f"{source.name}, {known.st_size} bytes of {int(known.st_mtime)}",
        "openvino": version("openvino"),
        "openvino_genai": version("openvino-genai"),
    }


def is_prepared(folder: Path, source: Path) -> bool:
    """Whether `folder` was made by this version from this file."""
    try:
        marker = json.loads((folder / MARKER).read_text())
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return False
    return bool(marker == wanted_marker(source))
