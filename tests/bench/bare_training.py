"""The plainest training that PyTorch and PEFT allow, for comparison: `python -m tests.bench.bare_training JOB.json`.

The same model, examples, batches and threads as the job says, and nothing else: no checkpoints, no progress, no looks.
The last line is its tokens a second.
"""

import sys
import time
from pathlib import Path

import torch

from workers.lora.base_model import load_base_model
from workers.lora.dataset import IGNORED, all_batches, read_rows
from workers.lora.job import Job
from workers.lora.memory import portions


def main() -> None:
    job = Job.read(Path(sys.argv[1]))
    torch.set_num_threads(job.threads)
    base = load_base_model(job)
    rows = read_rows(Path(job.examples), base.form.prompt_ids, base.form.answer_ids, job.max_length)
    at_once = portions(base.net, max(len(row.ids) for row in rows), len(rows), job.batch_size, job.accumulate).at_once
    weights = [one for one in base.net.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=job.pace_for(base.net.num_parameters()))
    base.net.train()
    tokens, began = 0, time.perf_counter()
    for step, batch in enumerate(all_batches(rows, at_once, job.seed), 1):
        width = max(len(row.ids) for row in batch)
        ids = torch.tensor([row.ids + [0] * (width - len(row.ids)) for row in batch])
        labels = torch.tensor([row.labels + [IGNORED] * (width - len(row.ids)) for row in batch])
        mask = torch.tensor([[1] * len(row.ids) + [0] * (width - len(row.ids)) for row in batch])
        base.net(input_ids=ids, attention_mask=mask, labels=labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        tokens += sum(len(row.ids) for row in batch)
        if step == job.max_steps:
            break
    sys.stdout.write(f"{tokens / (time.perf_counter() - began):.1f}\n")


if __name__ == "__main__":
    main()
