"""What an adapter was made of: data by a hash and by source, the base model by its name and hash. Kept with it."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from hashlib import file_digest
from pathlib import Path
from typing import Any

from core.learning.examples import Example, hash_of
from core.learning.phrases import house_phrases
from core.llm import bundled


def lineage_of(base: str, learnt: Sequence[Example], judged: Sequence[Example]) -> dict[str, Any]:
    """`base_hash` is the SHA-256 of the base model's file, empty for a model of another place. Reads that file once."""
    return {
        "data_hash": hash_of([*learnt, *judged]),
        "sources": dict(Counter(example.source.value for example in [*learnt, *judged])),
        "learnt": len(learnt),
        "judged": len(judged),
        "phrases": house_phrases(learnt),
        "base": base,
        "base_hash": _hash_of(bundled.bundled_gguf()) if base == bundled.NAME else "",
    }


@cache
def _hash_of(file: Path) -> str:
    with file.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()
