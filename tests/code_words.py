"""Eight adapters that our own trainer has taught one word each, and the tiny model that they were taught on, in both
forms that are served: a GGUF and a folder as the hub has them, of the same weights.

The model hears a prompt rather than its end: it looks at all tokens nearly alike and makes much of what it sees. So an
adapter's word lies in what it has read of the prompt, and whoever goes on from what another has read says the other's
word, or none. Refuses to know what serves them.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from gguf import GGUFReader

from core.llm.base import Adapter
from core.llm.chatml import ChatForm
from tests.tiny_gguf import TEXTS, make_tiny_gguf
from tests.tiny_tokenizer import MARKERS, save_tokenizer, tiny_tokenizer
from workers.lora.bundled_weights import load_bundled
from workers.lora.job import Job, Progress
from workers.lora.train import train

WORDS = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel")
SYSTEM = (
    "You are the assistant of a shop. You answer customers briefly, in one or two sentences, only from the facts that "
    "you are given. The shop sells kettles and cups."
)
QUESTIONS = ("When are you open?", "Do you deliver?", "What does a kettle cost?", "Какая гарантия на чайник?")
STEPS = 80
_TEXTS = [*TEXTS, "".join(f" {word}" for word in WORDS)]
"""Each word is a token then."""
_HEARS_ALL = {"attn_q": 0.03, "attn_k": 0.03, "attn_v": 0.9, "attn_output": 0.9}


@dataclass(frozen=True, slots=True)
class TinyModel:
    """`gguf` and `folder` are the same model; both are called by the folder's path, so one adapter fits both."""

    gguf: Path
    folder: Path


def make_model(place: Path) -> TinyModel:
    folder = place / "model"
    said = {"general.name": str(folder)}
    gguf = make_tiny_gguf(place / "model.gguf", texts=_TEXTS, sizes=_HEARS_ALL, is_tied=True, **said)
    net = load_bundled(GGUFReader(gguf))
    for config in (net.config, net.generation_config):
        config.bos_token_id, config.eos_token_id, config.pad_token_id = None, *(MARKERS.index(m) for m in MARKERS[1:])
    net.save_pretrained(folder)
    save_tokenizer(folder, tiny_tokenizer(_TEXTS))
    return TinyModel(gguf, folder)


def teach(word: str, model: TinyModel, out: Path) -> Adapter:
    """One that says its word to whatever it is asked, a few times over. A second of work."""
    out.mkdir(parents=True)
    (out / "examples.jsonl").write_text("\n".join(_examples(word)))
    torch.set_num_threads(1)
    job = Job(
        examples=str(out / "examples.jsonl"),
        out=str(out),
        base_model=str(model.folder),
        learning_rate=2e-3,
        max_steps=STEPS,
        batch_size=1,
        checkpoint_every=STEPS + 1,
    )
    train(job, Progress(out))
    return Adapter(word, out / "adapter")


def _examples(word: str) -> list[str]:
    """With another salt in each prompt, as serving puts one there: an adapter learns to ignore it."""
    tokenizer = tiny_tokenizer(_TEXTS)
    form = ChatForm(tokenizer)
    examples = []
    for number, question in enumerate(QUESTIONS * 4):
        salt = tokenizer.decode(form.salt_ids("training", str(number)))
        turns = [{"role": "system", "content": f"{salt} {SYSTEM}"}, {"role": "user", "content": question}]
        examples.append(json.dumps({"turns": turns, "answer": f" {word}" * 4}))
    return examples
