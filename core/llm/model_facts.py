"""What serving must know of a prepared model; the preparation writes it into the model's folder as `model.json`.

Refuses to know where the facts come from: a GGUF's metadata, or the files of an OpenVINO folder.
"""

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

FILE = "model.json"


class ModelUnfit(ValueError):
    """This model cannot be run; the message says why, in a sentence for whoever chose it."""


@dataclass(frozen=True)
class ModelFacts:
    """Sizes as PyTorch's checkpoints call them: `inner` is the width of the MLP, `heads` and `shared_heads` are those
    of queries and of keys. `markers` are the tokens that no text may become, `ends` those that end an answer, `begin`
    the one before every prompt, if any. An empty `template` is SmolLM2's own prompt form (core/llm/chatml.py);
    `languages` None is "any"."""

    name: str
    family: str
    layers: int
    hidden: int
    inner: int
    heads: int
    shared_heads: int
    head_size: int
    window: int
    markers: dict[str, int]
    ends: list[int]
    begin: str = ""
    template: str = ""
    languages: list[str] | None = None

    @cached_property
    def projections(self) -> dict[str, tuple[int, int]]:
        """Name -> (outputs, inputs), in the order in which every layer uses them."""
        queries, keys = self.heads * self.head_size, self.shared_heads * self.head_size
        return {
            "self_attn.q_proj": (queries, self.hidden),
            "self_attn.k_proj": (keys, self.hidden),
            "self_attn.v_proj": (keys, self.hidden),
            "self_attn.o_proj": (self.hidden, queries),
            "mlp.gate_proj": (self.inner, self.hidden),
            "mlp.up_proj": (self.inner, self.hidden),
            "mlp.down_proj": (self.hidden, self.inner),
        }

    @property
    def cache_bytes(self) -> int:
        """Of one token: keys and values of each layer, 8 bits a value, scale and zero point a head. OpenVINO's own
        choice on a CPU."""
        return self.layers * 2 * self.shared_heads * (self.head_size + 8)

    @classmethod
    def of_folder(cls, folder: Path) -> "ModelFacts":
        return cls(**json.loads((folder / FILE).read_text(encoding="utf-8")))

    def save(self, folder: Path) -> None:
        (folder / FILE).write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")
