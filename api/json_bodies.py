"""JSON as it comes from outside: read once, for all routes. Knows no route and no field.

What Python's own reader lets through is refused or mended here: nesting that would exhaust the stack, numbers that are
none (NaN), bytes that are no UTF-8, and characters that nothing can store (core/storable.py).
"""

import json
from typing import Any

from core.storable import storable

DEEPEST = 32


def load_json(body: bytes) -> Any:
    """The value, every text in it storable. Raises `ValueError` for what is no JSON, or no sane one."""
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return _cleaned(value, DEEPEST)


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _cleaned(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return storable(value)
    if not isinstance(value, dict | list):
        return value
    if not depth:
        raise ValueError("nested too deeply")
    if isinstance(value, dict):
        return {storable(name): _cleaned(part, depth - 1) for name, part in value.items()}
    return [_cleaned(part, depth - 1) for part in value]
