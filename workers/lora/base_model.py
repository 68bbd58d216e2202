"""Which model an adapter is trained on, ready for LoRA, with the prompt form its serving uses.

Two kinds: the bundled one (GGUF, on the CPU) and any other by its name on the hub or its folder; on a GPU its weights
are held in 4 bits (QLoRA). Refuses to know data sets.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psutil
import torch
import transformers
from gguf import GGUFReader
from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training

from core.llm.adapter_weights import LEARNT
from core.llm.base import Turn
from core.llm.bundled import NAME, WEIGHTS, bundled_gguf
from core.llm.chatml import ChatForm
from core.llm.gguf_tokenizer import tokenizer_of_gguf
from core.llm.model_facts import ModelFacts
from core.llm.templated import prompt_form
from core.llm.transformers_loading import precision_of, quantization
from core.llm.transformers_prompt import TemplatedPrompt
from workers.lora.bundled_weights import load_bundled
from workers.lora.job import Job

PROJECTIONS = [name.rpartition(".")[2] for name in LEARNT]
ROOM_TO_LEARN = 1.5
"""Times the memory of the weights: with less than that a model is held in half precision."""


class PromptForm(Protocol):
    """What all models answer: ids of a prompt, ids of an answer with its end."""

    def prompt_ids(self, turns: Sequence[Turn], number: int) -> list[int]: ...

    def answer_ids(self, answer: str) -> list[int]: ...


@dataclass(frozen=True, slots=True)
class BaseModel:
    """`net` is the model with fresh LoRA weights."""

    net: Any
    form: PromptForm


class SaltedForm:
    """Every example begins with another salt, as every assistant's prompts do on OpenVINO: the adapter learns to ignore
    it."""

    def __init__(self, form: ChatForm, seed: int) -> None:
        self._form, self._seed = form, seed

    def prompt_ids(self, turns: Sequence[Turn], number: int) -> list[int]:
        return self._form.prompt_ids(turns, salt=self._form.salt_ids(f"training {self._seed}", str(number)))

    def answer_ids(self, answer: str) -> list[int]:
        return self._form.answer_ids(answer)


class OwnTemplate:
    """The chat template that the model's own tokenizer brings, as transformers and other servers use it."""

    def __init__(self, tokenizer: Any) -> None:
        self._prompt = TemplatedPrompt(tokenizer)

    def prompt_ids(self, turns: Sequence[Turn], number: int) -> list[int]:
        return self._prompt.ids([{"role": turn.role, "content": turn.content} for turn in turns])

    def answer_ids(self, answer: str) -> list[int]:
        return self._prompt.answer_ids(answer)


def load_base_model(job: Job) -> BaseModel:
    """Loads the weights and adds LoRA to what is learnt. Deterministic by the job's seed."""
    torch.manual_seed(job.seed)
    form: PromptForm
    if job.base_model == WEIGHTS:
        file = GGUFReader(bundled_gguf())
        net, form, name = load_bundled(file), SaltedForm(ChatForm(tokenizer_of_gguf(file)), job.seed), NAME
    else:
        warnings.simplefilter("ignore", FutureWarning)  # what PEFT and transformers have to settle between them
        net, form, name = _of_hub(job.base_model), _form(job), job.base_model
    return BaseModel(with_lora(net, job, job.base_name or name), form)


def with_lora(net: Any, job: Job, name: str) -> Any:
    """The model with fresh LoRA weights, which say that they belong to a base of this name."""
    lora = LoraConfig(r=job.rank, lora_alpha=job.alpha, target_modules=PROJECTIONS, task_type="CAUSAL_LM")
    peft = get_peft_model(net, lora)
    peft.peft_config["default"].base_model_name_or_path = name
    return peft


def ready_to_learn(net: Any, *, in_4_bits: bool) -> Any:
    """A model on a GPU, its layers' values made anew on the way back, which saves most of their memory."""
    anew = {"use_reentrant": False}
    net.config.use_cache = False
    if in_4_bits:
        return prepare_model_for_kbit_training(net, gradient_checkpointing_kwargs=anew)
    net.activation_checkpointing_enable(anew)
    net.enable_input_require_grads()
    return net


def _form(job: Job) -> PromptForm:
    if job.form:
        folder = Path(job.form)
        return SaltedForm(prompt_form(folder, ModelFacts.of_folder(folder)), job.seed)
    return OwnTemplate(transformers.AutoTokenizer.from_pretrained(job.base_model))


def _of_hub(name: str) -> Any:
    """On a GPU: NF4 weights, half precision in products (QLoRA, arXiv 2305.14314), half precision alone where
    bitsandbytes is not installed. On a CPU: float32, or bfloat16 where the memory is short."""
    if torch.cuda.is_available():
        device = torch.device("cuda", 0)
        dtype = precision_of(device)
        held = quantization(dtype) if transformers.utils.is_bitsandbytes_available() else None
        net = transformers.AutoModelForCausalLM.from_pretrained(
            name, dtype=dtype, quantization_config=held, device_map={"": device}
        )
        return ready_to_learn(net, in_4_bits=held is not None)
    net = transformers.AutoModelForCausalLM.from_pretrained(name, dtype="auto")
    values = sum(weight.numel() for weight in net.parameters())
    return net.float() if psutil.virtual_memory().available > ROOM_TO_LEARN * 4 * values else net
