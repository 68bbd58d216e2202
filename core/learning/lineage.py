"""What an adapter was made of: data by a hash and by source, the base model by its name and hash. Kept with it."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from core.learning.base import TrainingBase, hash_of_base
from core.learning.examples import Example, hash_of
from core.learning.phrases import house_phrases


def lineage_of(base: TrainingBase, learnt: Sequence[Example], judged: Sequence[Example]) -> dict[str, Any]:
    """`base` is the model that serves, `weights` what was learnt on, with a hash or revision. Reads the weights once:
    not for the event loop."""
    return {
        "data_hash": hash_of([*learnt, *judged]),
        "sources": dict(Counter(example.source.value for example in [*learnt, *judged])),
        "learnt": len(learnt),
        "judged": len(judged),
        "phrases": house_phrases(learnt),
        "base": base.name,
        "weights": base.weights,
        "base_hash": hash_of_base(base.weights),
    }
