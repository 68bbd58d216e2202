"""Text as every database, file name and hash takes it. Refuses to know where a text comes from.

Two things are legal in JSON and in Python's strings, and nowhere else: half of a surrogate pair (a browser cuts an
emoji in two) and the character NUL. Each becomes U+FFFD, the mark for what could not be read: a customer's question
is worth more than half of its last emoji.
"""

import re
from typing import Any

_UNFIT = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The same text without what cannot be stored."""
    return _UNFIT.sub("\ufffd", text)


def storable_json(value: Any) -> Any:
    """The same JSON, with every text in it storable."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(name)): storable_json(part) for name, part in value.items()}
    return [storable_json(part) for part in value] if isinstance(value, list) else value
