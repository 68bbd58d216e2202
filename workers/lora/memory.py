"""How many examples are learnt at a time: as many as memory holds, and the rest of a step one after the other.

A token needs what the layers keep for the way back (34 bytes a value in half precision, Korthikanti et al. 2022,
arXiv 2205.05198, section 4.1; 48 with LoRA's own branches) and the scores of all words, four times over. Refuses to
know what is learnt.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import torch

from core.errors import TrainingFailed

USABLE = 0.8
"""The share of what is free: others live here, too."""
KEPT_OF_A_VALUE, SCORES = 48, 4 * 4
"""Bytes; the first in half precision. With them 1,024 tokens of the bundled model are 2.5 GB, as measured."""
STEP_SIZES = ((200, 2), (1000, 4), (10**9, 8))
"""Of so many examples at most, so many of them make a step."""
GROUP = Path("/sys/fs/cgroup")
"""Where a container reads what it may use (cgroup v2)."""


@dataclass(frozen=True, slots=True)
class Portions:
    """A step learns `at_once` examples, `times` times."""

    at_once: int
    times: int


def portions(net: Any, longest: int, examples: int, at_once: int = 0, times: int = 0) -> Portions:
    """For examples of so many tokens at most; `at_once` and `times` are somebody's own choice, 0 leaves it to us.

    Raises `TrainingFailed` where not even one example would fit.
    """
    device = next(net.parameters()).device
    fit = int(USABLE * free_bytes(device) // (longest * bytes_of_token(net)))
    if fit < 1:
        raise TrainingFailed(reason="memory")
    wanted = next(size for most, size in STEP_SIZES if examples <= most)
    alone = at_once or _largest_part(wanted, fit)
    return Portions(alone, times or max(1, wanted // alone))


def _largest_part(wanted: int, fit: int) -> int:
    """Into which a step of so many examples can be parted without a rest."""
    return max(part for part in range(1, wanted + 1) if wanted % part == 0 and part <= fit)


def halved(part: Portions) -> Portions | None:
    """The same step in smaller portions; None when it is one by one already."""
    return Portions(part.at_once // 2, part.times * 2) if part.at_once > 1 else None


def bytes_of_token(net: Any) -> int:
    """What one token of an example takes on the way there and back."""
    config = net.config.get_text_config()
    wide = torch.finfo(net.dtype).bits // 16
    layer = KEPT_OF_A_VALUE * wide * config.hidden_size
    kept = 2 * wide * config.hidden_size  # with checkpoints a layer keeps its input, and one is made anew at a time
    layers = config.num_hidden_layers
    middle = layers * kept + layer if net.is_activation_checkpointing else layers * layer
    return int(middle + SCORES * config.vocab_size)


def free_bytes(device: Any) -> int:
    """Of the device, or of this machine, as far as a container may use it."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    free = int(psutil.virtual_memory().available)
    left = _left_to(GROUP)
    return free if left is None else min(free, left)


def _left_to(group: Path) -> int | None:
    """What the container's limit leaves; None without one. Files that were read count as used there, and make room."""
    try:
        most, used, stat = ((group / f"memory.{name}").read_text("ascii") for name in ("max", "current", "stat"))
    except OSError:
        return None
    if most.strip() == "max":
        return None
    kinds = dict(line.split() for line in stat.splitlines())
    return int(most) - int(used) + int(kinds.get("inactive_file", 0))
