"""QLoRA of a model of random weights, by our trainer's own loop: `python -m tests.bench.qlora [--shape 8b]`.

Needs a GPU for all but the shape `tiny`, and says so where there is none. The last line is one JSON object:
tokens_s, prompts included, and peak_mb, the most memory of the GPU, or of this process without one.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psutil
import torch

from core.llm.transformers_loading import precision_of
from tests.bench.random_llama import SHAPES, Shape, random_llama
from workers.lora.base_model import ready_to_learn, with_lora
from workers.lora.dataset import IGNORED, Row
from workers.lora.job import Job, Progress
from workers.lora.train import learn

STEPS, ROWS = 12, 32


def rows_of(shape: Shape) -> list[Row]:
    """Of random tokens, as long as an example of a business is."""
    chance = random.Random(1)
    length = shape.prompt + shape.answer
    texts = [[chance.randrange(shape.config["vocab_size"]) for _ in range(length)] for _ in range(ROWS)]
    return [Row(ids, [IGNORED] * shape.prompt + ids[shape.prompt :]) for ids in texts]


def measure(shape: Shape, folder: Path) -> dict[str, float]:
    device = torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")
    job = Job("", str(folder), max_steps=STEPS, checkpoint_every=STEPS + 1)
    net = ready_to_learn(random_llama(shape, device, precision_of(device), in_4_bits=True), in_4_bits=True)
    learn(job, Progress(folder), with_lora(net, job, "random"), rows_of(shape))
    lines = [json.loads(line) for line in (folder / "progress.jsonl").read_text().splitlines()]
    used = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else psutil.Process().memory_info().rss
    return {"tokens_s": lines[-1]["tokens_s"], "peak_mb": round(used / 1e6)}


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=SHAPES, default="8b")
    chosen = parser.parse_args(arguments)
    if chosen.shape != "tiny" and not torch.cuda.is_available():
        print(f"QLoRA of the shape {chosen.shape}: skipped, PyTorch sees no GPU here")
        sys.stdout.write(json.dumps({"skipped": "no CUDA device"}) + "\n")
        return
    with tempfile.TemporaryDirectory() as temporary:
        figures = measure(SHAPES[chosen.shape], Path(temporary))
    print(f"QLoRA of the shape {chosen.shape}: {figures['tokens_s']} tokens/s, {figures['peak_mb']} MB")
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
